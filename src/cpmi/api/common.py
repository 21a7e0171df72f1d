"""What every call that makes a model work has in common: its engine, its input, its manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from cpmi.answers.equivalence import LIMIT_S
from cpmi.arguments import wrong_type
from cpmi.config import ENGINE_OPTIONS, RunConfig, StageConfig
from cpmi.data import GoldTable, join_gold, locate, problem_of, read_gold
from cpmi.data.sources.datasets_library import is_saved
from cpmi.data.sources.files import named_paths
from cpmi.data.sources.pipes import kept
from cpmi.errors import ConfigError, CpmiError, RecordError
from cpmi.extras import needed
from cpmi.languages.noticed import warn_of_language
from cpmi.machine import describe_machine, package_version, software_versions
from cpmi.places import real
from cpmi.prompts import Prompter, wording
from cpmi.requests import Engine
from cpmi.runs.checksum import checksum
from cpmi.runs.chunks import Shard
from cpmi.runs.manifest import Manifest
from cpmi.runs.records import Item, Join, Record, as_record
from cpmi.runs.results import RESULT_NAMES
from cpmi.runs.sessions import LIMIT, THREADS
from cpmi.runs.stages import OnError
from cpmi.types import Chain

Config = TypeVar("Config", bound=StageConfig)

_LOOKED_AT = 100  # records whose script says in which language they are


def ready_engine(model: str | PathLike[str] | Engine, options: Mapping[str, Any]) -> Engine | None:
    """The engine that was given, or None if a model was named."""
    if isinstance(model, str | PathLike):
        return None
    if not hasattr(model, "score"):
        raise wrong_type("model", model, "the name or folder of a model, or an engine")
    useless = [name for name in ENGINE_OPTIONS if name in options]
    if useless:
        raise ConfigError(
            "an engine that is ready takes no engine options",
            where=f"option {useless[0]}",
            hint="Give it to load_engine, or name the model instead.",
        )
    return model


@contextmanager
def engine_at_work(ready: Engine | None, model: str, options: Mapping[str, Any]) -> Iterator[Engine]:
    """The engine that is ready, or one that is loaded for the model and closed at the end.

    Raises:
        MissingDependencyError: an engine is to be loaded, and its packages are not installed.
        ModelError: the model cannot be loaded.
    """
    if ready is not None:
        yield ready
        return
    with needed():  # here alone: an engine that is ready needs none of these packages
        from cpmi.engines.transformers import load_engine
    with closing(load_engine(model, **options)) as loaded:
        yield loaded


def located(config: Config) -> Config:
    """The options with the file that the input stands for.

    Raises:
        ConfigError: beginning anew would remove this file.
    """
    input = locate(config.input)
    removed = {real(Path(config.out) / name) for name in RESULT_NAMES.values()}
    if config.overwrite and any(real(path) in removed for path in named_paths(input)):
        raise ConfigError(
            "--overwrite would remove the input",
            where="option out",
            got=config.out,
            hint="Use another --out.",
        )
    return config.model_copy(update={"input": input})


def notice_language(read: Callable[[], Iterable[Item | RecordError]], config: RunConfig) -> None:
    """Warn where most of the first questions are not in the language of the prompts."""
    first = islice(read(), min(_LOOKED_AT, config.limit or _LOOKED_AT))
    warn_of_language([item.question for item in first if not isinstance(item, RecordError)], config.spoken)


def expect_usable(
    read: Callable[[], Iterable[Item | RecordError]],
    config: StageConfig,
    *,
    prepare: Callable[[Record[Item]], Record[Item]] = lambda record: record,
    counted: bool = False,
) -> int | None:
    """Look at every record of the input before a model is loaded, in a fraction of the time of its work.

    An input that is dear to read twice is not: only its first record is looked at.

    Args:
        read: begins the input anew.
        config: of the run.
        prepare: finds what a record lacks, as a gold answer.
        counted: whether the length is to be known even if no record stops the run.

    Returns:
        The length of the input as far as it is read, for the time left; None if it is not known.

    Raises:
        InputError: the input cannot be read.
        CpmiError: with "stop", the first record of this shard that cannot be used.
    """
    records = read()  # at once: a form that is not known, a column that is not there
    is_quick = kept(config.input) or (named_paths(config.input) and not is_saved(Path(config.input)))
    stops = config.on_error == "stop"
    if not stops and not (is_quick and counted):
        return None
    shard, num_records = Shard.parse(config.shard), 0
    for index, content in enumerate(islice(records, config.limit if is_quick else 1)):
        num_records += 1
        if stops and shard.owns(index // config.chunk_size):
            found = prepare(as_record(content)).content
            if isinstance(found, CpmiError):
                raise found
    return num_records if is_quick else None


def read_join(path: str, on_error: OnError) -> Join:
    """How a chain gets its gold answer from a file; a bad record of the file counts as any other."""
    table = read_gold(path)
    if table.errors and on_error == "stop":
        raise table.errors[0]
    return join_of(table, path)


def join_of(table: GoldTable, path: str) -> Join:
    """How a chain gets its gold answer from a table that was read from `path`."""

    def join(joined: Chain) -> Chain:
        if golds := table.conflicts.get(problem_of(joined)):
            raise RecordError(
                "the gold file answers the problem in two ways",
                where=joined.where,
                got=", ".join(map(repr, golds)),
                hint=f"Keep one of them in {path}, or use --on-error skip.",
            )
        return join_gold(joined, table)

    return join


def make_manifest(
    config: RunConfig,
    described: Mapping[str, object],
    prompter: Prompter,
    *,
    stage: str,
    options: Mapping[str, Any],
    determines: Mapping[str, Any],
    circumstances: Mapping[str, Any] | None = None,
) -> Manifest:
    """What the results of a run come from: what every stage has, and what only this one has.

    Raises:
        InputError: the input or the gold file cannot be read.
    """
    prompts = {**wording(prompter.language), "frame": prompter.facts()}
    own = {
        "options": {**options, **config.spoken.fact},
        "prompts": prompts,
        "model": model_facts(described),
    }
    limit = {"answer_limit_s": LIMIT_S}  # of processor time, per pair of answers
    return stage_manifest(
        config,
        stage=stage,
        model=config.model,
        determines={**own, **determines},
        circumstances={
            **limit,
            **path_facts(described),
            **thread_facts(described),
            **(circumstances or {}),
        },
    )


def stage_manifest(
    config: StageConfig,
    *,
    stage: str,
    model: str,
    determines: Mapping[str, Any],
    circumstances: Mapping[str, Any] | None = None,
) -> Manifest:
    """What the results of any stage come from; errors as `make_manifest`.

    Args:
        config: of the stage.
        stage: its name.
        model: as it was named.
        determines, circumstances: what only this stage has.
    """
    input_sum = checksum(config.input)
    return Manifest(
        determines={
            "stage": stage,
            "cpmi": package_version("cpmi"),
            "versions": software_versions(),
            "input_sha256": None if input_sum is None else input_sum.sha256,
            "chunk_size": config.chunk_size,
            **determines,
        },
        circumstances={
            "input": config.input,
            "input_bytes": None if input_sum is None else input_sum.num_bytes,
            "model": model,
            "out": config.out,
            LIMIT: config.limit,
            "shard": config.shard,
            "on_error": config.on_error,
            "machine": describe_machine(),
            **(circumstances or {}),
        },
    )


_ASKED = ("path_asked", "path_reason", "sampling_reason")
_CIRCUMSTANCES = ("model", THREADS, *_ASKED)


def model_facts(described: Mapping[str, object]) -> dict[str, object]:
    """What of an engine or a reward model the results follow from.

    Not how it was named, nor why it took its path. The number of threads may change the last bits of a sum,
    as the order of its terms does; so it is noted, and another number does not refuse a run.
    """
    return {name: fact for name, fact in described.items() if name not in _CIRCUMSTANCES}


def thread_facts(described: Mapping[str, object]) -> dict[str, object]:
    """The number of threads of an engine or a reward model, the first that the run uses; {} without one."""
    number = described.get(THREADS)
    return {} if number is None else {THREADS: [number]}


def path_facts(described: Mapping[str, object]) -> dict[str, object]:
    """Which path was asked for, and why another was taken; nothing of an engine with one path."""
    return {name: fact for name, fact in described.items() if name in _ASKED}
