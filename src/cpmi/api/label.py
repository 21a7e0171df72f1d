"""Label the steps of chains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpmi.api.budget import budget_share
from cpmi.api.common import (
    ProgressListener,
    count_records,
    engine_at_work,
    located,
    make_manifest,
    model_facts,
    read_join,
    ready_engine,
)

if TYPE_CHECKING:
    from cpmi.config import LabelConfig
    from cpmi.requests import Engine, Engines
    from cpmi.runs.manifest import Manifest
    from cpmi.runs.table import LabeledChain
    from cpmi.runs.totals import Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished run of `label`. Iterating reads its rows, in the order of the input.

    Attributes:
        out: its folder.
        totals: what it came to and what it cost.
    """

    out: Path
    totals: Totals

    def __iter__(self) -> Iterator[LabeledChain]:
        from cpmi.runs.table import read_labels

        return read_labels(self.out)


def label(
    input: str | Path,
    *,
    model: str | PathLike[str] | Engine,
    method: str,
    out: str | Path,
    gold: str | Path | None = None,
    prover: str | PathLike[str] | Engine | None = None,
    progress: ProgressListener | None = None,
    **options: Any,
) -> Run:
    """Label the steps of chains; resumes what stands in `out`.

    Args:
        input: a file, a folder, or the id of a dataset.
        model: a model's name or folder, or an engine that is ready (which the caller closes).
        method: one of `cpmi.labelers.METHODS`.
        out: the run folder.
        gold: a file of problems and answers, joined by the problem's text.
        prover: for "pav", the model that measures progress, for "evidence" the one that reads the gain;
            named or ready as `model`.
        progress: told after every chunk.
        options: the other options of `cpmi label`, with _ for -.

    Raises:
        ConfigError: the options do not exist or contradict each other.
        CpmiError: as `cpmi.runs.stages.run_stage`.
    """
    from cpmi.config import LabelConfig

    engine = ready_engine(model, options)
    ready_prover = None if prover is None or isinstance(prover, str | PathLike) else prover
    named_prover = None if prover is None else str(prover) if ready_prover is None else ready_prover.name
    config = LabelConfig.parse(
        {
            "input": str(input),
            "out": str(out),
            "model": str(model) if engine is None else engine.name,
            "method": method,
            "gold": None if gold is None else str(gold),
            "prover": named_prover,
            **options,
        }
    )
    return run_label(config, engine=engine, prover=ready_prover, progress=progress)


def run_label(
    config: LabelConfig,
    *,
    engine: Engine | None = None,
    prover: Engine | None = None,
    progress: ProgressListener | None = None,
) -> Run:
    """`label` for options that are checked already; engines stand in for the models they name."""
    from cpmi.answers import Equivalence
    from cpmi.data import read_chains
    from cpmi.labelers import make_labeler
    from cpmi.runs.label import Labeling
    from cpmi.runs.stages import run_stage

    config = located(config)
    # The files first: a wrong name should not cost the loading of a model.
    read = partial(read_chains, config.input, format=config.format)
    chains = read()
    join = None if config.gold is None else read_join(config.gold, config.on_error)
    with (
        engine_at_work(config, engine) as at_work,
        _prover_at_work(config, at_work, prover) as proving,
        Equivalence() as equivalence,
    ):
        share = budget_share(config, at_work, read, join)
        options = config.method_options() | ({} if share is None else {"budget": share})
        labeler = make_labeler(
            config.method,
            at_work.tokenizer,
            equivalence=equivalence,
            prover_tokenizer=None if proving is None else proving.tokenizer,
            **options,
        )
        engines: Engines = at_work if proving is None else {"policy": at_work, "prover": proving}
        totals = run_stage(
            Labeling(labeler, engines, join=join),
            chains,
            manifest=_label_manifest(config, at_work, proving, options),
            num_records=count_records(read, config, progress),
            progress=progress,
            **config.run_options(),
        )
    return Run(out=Path(config.out), totals=totals)


@contextmanager
def _prover_at_work(config: LabelConfig, policy: Engine, ready: Engine | None) -> Iterator[Engine | None]:
    """The prover's engine, if it is another model than the policy or said to be the same one."""
    if config.prover is None:
        yield None
    elif ready is None and config.prover == config.model:
        yield policy  # one model in two roles is loaded once
    else:
        with engine_at_work(config, ready, model=config.prover) as engine:
            yield engine


def _label_manifest(
    config: LabelConfig, engine: Engine, prover: Engine | None, options: Mapping[str, Any]
) -> Manifest:
    from cpmi.runs.checksum import checksum

    gold_sum = None if config.gold is None else checksum(config.gold)
    return make_manifest(
        config,
        engine,
        stage="label",
        options=options,
        determines={
            "method": config.method,
            "gold_sha256": None if gold_sum is None else gold_sum.sha256,
            "format": config.format,
            **({} if prover is None else {"prover": model_facts(prover)}),
        },
        circumstances={
            "gold": config.gold,
            "prover": config.prover,
            "price_per_hour": config.price_per_hour,
            **({} if config.budget is None else {"budget": str(config.budget)}),
            **_fitted_on(config),
        },
    )


def _fitted_on(config: LabelConfig) -> dict[str, list[str]]:
    """The problems that the weights of evidence were fitted on: labels are not measured there."""
    from cpmi.config import METHOD_OPTIONS
    from cpmi.evidence import fitted_on
    from cpmi.labelers.evidence import DEFAULT_WEIGHTS_FILE

    if "weights" not in METHOD_OPTIONS[config.method]:
        return {}
    return {"fitted_on": list(fitted_on(config.weights or DEFAULT_WEIGHTS_FILE))}
