"""Label the steps of chains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from cpmi.answers import Equivalence, OtherGolds
from cpmi.api.ancestors import ancestors_of
from cpmi.api.budget import budget_share
from cpmi.api.common import (
    engine_at_work,
    expect_usable,
    located,
    make_manifest,
    model_facts,
    notice_language,
    path_facts,
    read_join,
    ready_engine,
)
from cpmi.api.golds import first_golds
from cpmi.api.progress import ProgressListener, Wanted, listening
from cpmi.api.request import request_of
from cpmi.config import LabelConfig
from cpmi.data import read_chains
from cpmi.data.sources.memory import Records, named
from cpmi.data.sources.pipes import at_rest
from cpmi.facts import Facts
from cpmi.methods import Method, Setup
from cpmi.methods.evidence import CONTRAST_MODEL
from cpmi.methods.options import MethodOptions
from cpmi.plugins import source_of
from cpmi.requests import Engine, Role
from cpmi.runs import frames
from cpmi.runs.ancestors import expect_license
from cpmi.runs.checksum import checksum
from cpmi.runs.chunk_store import expect_ready
from cpmi.runs.facts import PATHS
from cpmi.runs.finished import finished_run
from cpmi.runs.grading import circumstance, determining
from cpmi.runs.label import Labeling
from cpmi.runs.manifest import Manifest
from cpmi.runs.records import with_gold
from cpmi.runs.sessions import REQUEST
from cpmi.runs.stages import run_stage
from cpmi.runs.table import TABLE_NAME, LabeledChain, read_labels
from cpmi.runs.totals import Totals
from cpmi.weights import SHIPPED_WEIGHTS, Origin, prompt_of

Model = str | PathLike[str] | Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished run of `label`. Iterating reads its rows, in the order of the input.

    Attributes:
        out: its folder.
        totals: what it came to and what it cost.
        notices: what whoever uses the labels has to know.
        from_before: whether an earlier session had finished it, so that no model was loaded.
    """

    out: Path
    totals: Totals
    notices: tuple[str, ...] = ()
    from_before: bool = False

    def __iter__(self) -> Iterator[LabeledChain]:
        return read_labels(self.out)

    def to_pandas(self) -> Any:
        """The table of labels as a `pandas.DataFrame`, one row per chain; errors as `frames.to_pandas`."""
        return frames.to_pandas(self.out / TABLE_NAME)

    def to_dataset(self) -> Any:
        """The table of labels as a `datasets.Dataset`, one row per chain; errors as `frames.to_dataset`."""
        return frames.to_dataset(self.out / TABLE_NAME)


def label(
    input: Records,
    *,
    model: Model,
    method: str | type[Method] | MethodOptions,
    out: str | Path,
    gold: str | Path | None = None,
    progress: Wanted = None,
    **options: Any,
) -> Run:
    """Label the steps of chains; an interrupted run in `out` is resumed.

    Args:
        input: a file, a folder, or the id of a dataset; or records in memory: chains or dictionaries, a
            `datasets.Dataset`, a pandas or polars frame.
        model: a model's name or folder, or an engine that is ready (which the caller closes).
        method: a method's name as on the command line, its class, or its options (`Evidence.Options(...)`).
        out: the run folder.
        gold: a file of problems and answers, joined by the problem's text.
        progress: None shows a bar on a terminal or in a notebook and nothing elsewhere; True always shows how
            far the run is, False never; a function is called after every chunk with a `Progress`.
        options: the other options of `cpmi label`, with _ for -; an option that names a second model
            (`prover`, `contrast_model`) takes an engine that is ready as well.

    Raises:
        ConfigError: the options do not exist or contradict each other.
        CpmiError: as `cpmi.runs.stages.run_stage`.
    """
    engine = ready_engine(model, options)
    engines = {name: value for name, value in options.items() if _is_engine(value)}
    if engine is not None:
        engines["policy"] = engine
    with named(input) as source:
        config = LabelConfig.parse(
            {
                **{name: value.name if name in engines else value for name, value in options.items()},
                "input": source,
                "out": str(out),
                "model": str(model) if engine is None else engine.name,
                "method": method,
                "gold": None if gold is None else str(gold),
            }
        )
        with listening(progress, noun="chains") as listener:
            return run_label(config, engines=engines, progress=listener)


def run_label(
    config: LabelConfig,
    *,
    engines: Mapping[Role, Engine] | None = None,
    progress: ProgressListener | None = None,
) -> Run:
    """`label` for options that are checked already; engines replace the models they name, by role."""
    with at_rest(config.input, config.gold):  # a pipe can be read once, and is read for several ends
        return _label(located(config), engines=engines, progress=progress)


def _label(
    config: LabelConfig, *, engines: Mapping[Role, Engine] | None, progress: ProgressListener | None
) -> Run:
    out, asked = Path(config.out), None if engines else _request(config)
    if (done := finished_run(out, asked)) is not None:
        return Run(out=out, totals=done.totals, notices=done.notices, from_before=True)
    expect_ready(out, "label", overwrite=config.overwrite)
    expect_license(config.license)
    # The files first: a wrong name should not cost the loading of a model.
    read = partial(read_chains, config.input, **config.reading())
    join = None if config.gold is None else read_join(config.gold, config.on_error)
    with_needed_gold = partial(with_gold, join=join, required=config.method_class.needs_gold)
    num_records = expect_usable(read, config, prepare=with_needed_gold, counted=progress is not None)
    notice_language(read, config)
    with ExitStack() as stack:
        at_work = _engines_at_work(config, engines or {}, stack)
        # Once: an engine in memory hashes all its weights for it.
        described = {role: engine.describe() for role, engine in at_work.items()}
        used_for = _origin(config, at_work["policy"].name, described)
        config = config.model_copy(update={"options": config.options.used_for(used_for)})
        facts = replace(
            config.facts,
            notices=config.options.notices(used_for),
            ancestors=ancestors_of(config, config.options.second_models()),
            languages=(config.language,),
        )
        setup = Setup(
            tokenizers={role: engine.tokenizer for role, engine in at_work.items()},
            equivalence=stack.enter_context(Equivalence(grading=config.grading)),
            prompt=config.prompt,
            language=config.spoken,
            seed=config.seed,
            other_golds=OtherGolds(first_golds(read, join)),
            budget_share=budget_share(config, at_work["policy"], read, join),
        )
        totals = run_stage(
            Labeling(
                config.method_class(config.options, setup), at_work, join=join, equivalence=setup.equivalence
            ),
            read(),
            manifest=_label_manifest(config, described, setup, facts, asked),
            num_records=num_records,
            progress=progress,
            **config.run_options(),
        )
    return Run(out=out, totals=totals, notices=facts.notices)


def _request(config: LabelConfig) -> str | None:
    """What is asked of the run, known without its model; errors as `request_of`."""
    more = {
        "options": config.options.model_dump(mode="json"),
        "method_source": source_of(config.method_class),
        "shipped": [weights.to_json() for weights in SHIPPED_WEIGHTS],
        **determining(config.grading),
    }
    models = [config.model, *config.options.second_models().values()]
    return request_of(config, stage="label", models=models, more={"method": more})


def _is_engine(value: object) -> bool:
    return hasattr(value, "score") and hasattr(value, "tokenizer")


def _engines_at_work(
    config: LabelConfig, ready: Mapping[Role, Engine], stack: ExitStack
) -> dict[Role, Engine]:
    """The labeling model's engine and those of the second models; one model in two roles is loaded once."""
    options = config.engine_options()
    engines = {"policy": stack.enter_context(engine_at_work(ready.get("policy"), config.model, options))}
    for role, model in config.options.second_models().items():
        if role not in ready and model == config.model:
            engines[role] = engines["policy"]
        else:
            engines[role] = stack.enter_context(engine_at_work(ready.get(role), model, options))
    return engines


def _origin(config: LabelConfig, model: str, described: Mapping[Role, Mapping[str, object]]) -> Origin:
    """What weights are used for in this run."""
    digests = {role: str(facts.get("model_digest", "")) for role, facts in described.items()}
    own = digests["policy"]
    contrast = digests.get(CONTRAST_MODEL, own)
    return Origin(
        model=model,
        digest=own,
        prompt=prompt_of({"prompt": config.prompt, **config.spoken.fact}),
        contrast="" if contrast == own else contrast,
    )


def _label_manifest(
    config: LabelConfig,
    described: Mapping[Role, Mapping[str, object]],
    setup: Setup,
    facts: Facts,
    asked: str | None,
) -> Manifest:
    gold_sum = None if config.gold is None else checksum(config.gold)
    second = {
        role: {**model_facts(found), "frame": setup.prompter(role).facts()}
        for role, found in described.items()
        if role != "policy"
    }
    paths = {role: path_facts(found) for role, found in described.items() if role != "policy"}
    budget = {} if setup.budget_share is None else {"budget_share": setup.budget_share}
    source = source_of(config.method_class)
    return make_manifest(
        config,
        described["policy"],
        setup.prompter(),
        stage="label",
        options={
            **config.options.determining(),
            **budget,
            "prompt": config.prompt,
            "seed": config.seed,
            "percent": config.percent,
        },
        determines={
            "method": config.method_class.name,
            "gold_sha256": None if gold_sum is None else gold_sum.sha256,
            **config.reading(),
            **second,
            **({} if source is None else {"method_source": source}),
            **determining(config.grading),
        },
        circumstances={
            "method": config.method,
            "gold": config.gold,
            "price_per_hour": config.price_per_hour,
            **circumstance(config.grading),
            **config.options.second_models(),
            **({PATHS: paths} if paths else {}),
            **config.options.recorded(),
            **({} if config.budget is None else {"budget": config.budget.text}),
            "facts": facts.to_json(),
            REQUEST: asked,
        },
    )
