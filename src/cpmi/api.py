"""Label from Python. Importing this loads no engine and no table library; the calls do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpmi.config import LabelConfig
    from cpmi.errors import RecordError
    from cpmi.requests import Engine
    from cpmi.runs.manifest import Manifest
    from cpmi.runs.records import Join
    from cpmi.runs.stages import OnError, Progress
    from cpmi.runs.table import LabeledTrajectory
    from cpmi.runs.totals import Totals
    from cpmi.types import Trajectory

ProgressListener = Callable[["Progress"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished run. Iterating reads its rows, in the order of the input.

    Attributes:
        out: its folder.
        totals: what it came to and what it cost.
    """

    out: Path
    totals: Totals

    def __iter__(self) -> Iterator[LabeledTrajectory]:
        from cpmi.runs.table import read_labels

        return read_labels(self.out)


def label(
    input: str | Path,
    *,
    model: str | PathLike[str] | Engine,
    method: str,
    out: str | Path,
    gold: str | Path | None = None,
    progress: ProgressListener | None = None,
    **options: Any,
) -> Run:
    """Label the steps of chains; resumes what stands in `out`.

    Args:
        input: a file, a folder, or the id of a dataset.
        model: a model's name or folder, or an engine that is ready (which the caller closes).
        method: "cpmi" or "net_gain".
        out: the run folder.
        gold: a file of problems and answers, joined by the problem's text.
        progress: told after every unit of work.
        options: the other options of `cpmi label`, with _ for -.

    Raises:
        ConfigError: the options do not exist or contradict each other.
        CpmiError: as `cpmi.runs.stages.label_run`.
    """
    from cpmi.config import ENGINE_OPTIONS, LabelConfig
    from cpmi.errors import ConfigError

    engine = None if isinstance(model, str | PathLike) else model
    useless = [name for name in ENGINE_OPTIONS if engine is not None and name in options]
    if useless:
        raise ConfigError(
            "an engine that is ready takes no engine options",
            where=f"option {useless[0]}",
            hint="Give it to load_engine, or name the model instead.",
        )
    config = LabelConfig.parse(
        {
            "input": str(input),
            "out": str(out),
            "model": str(model) if engine is None else engine.name,
            "method": method,
            "gold": None if gold is None else str(gold),
            **options,
        }
    )
    return run_label(config, engine=engine, progress=progress)


def run_label(
    config: LabelConfig, *, engine: Engine | None = None, progress: ProgressListener | None = None
) -> Run:
    """`label` for options that are checked already; an engine stands in for the model they name."""
    from cpmi.data import read_trajectories

    # The files first: a wrong name should not cost the loading of a model.
    trajectories = read_trajectories(config.input, format=config.format)
    join = None if config.gold is None else _read_join(config.gold, config.on_error)
    if engine is not None:
        return _run(config, engine, trajectories, join, progress)
    from cpmi.engines.transformers import load_engine

    with closing(load_engine(config.model, **config.engine_options())) as loaded:
        return _run(config, loaded, trajectories, join, progress)


def _run(
    config: LabelConfig,
    engine: Engine,
    trajectories: Iterator[Trajectory | RecordError],
    join: Join | None,
    progress: ProgressListener | None,
) -> Run:
    from cpmi.answers import Equivalence
    from cpmi.labelers import make_labeler
    from cpmi.runs.stages import label_run
    from cpmi.runs.units import Shard

    with Equivalence() as equivalence:
        totals = label_run(
            trajectories=trajectories,
            labeler=make_labeler(
                config.method, engine.tokenizer, equivalence=equivalence, **config.method_options()
            ),
            engine=engine,
            out=Path(config.out),
            manifest=make_manifest(config, engine),
            join=join,
            limit=config.limit,
            unit_size=config.unit_size,
            shard=Shard.parse(config.shard),
            on_error=config.on_error,
            overwrite=config.overwrite,
            num_records=None if progress is None else _count_records(config),
            progress=progress,
        )
    return Run(out=Path(config.out), totals=totals)


def _read_join(path: str, on_error: OnError) -> Join:
    """How a trajectory gets its gold answer from a file; a bad record of the file counts as any other."""
    from cpmi.data import join_gold, normalize_problem, read_gold
    from cpmi.errors import RecordError

    table = read_gold(path)
    if table.errors and on_error == "stop":
        raise table.errors[0]

    def join(trajectory: Trajectory) -> Trajectory:
        if golds := table.conflicts.get(normalize_problem(trajectory.question)):
            raise RecordError(
                "the gold file answers the problem in two ways",
                where=f"{trajectory.source or 'trajectory'} [{trajectory.id}]",
                got=", ".join(map(repr, golds)),
                hint=f"Keep one of them in {path}, or use --on-error skip.",
            )
        return join_gold(trajectory, table)

    return join


def make_manifest(config: LabelConfig, engine: Engine) -> Manifest:
    """What the results of a run come from.

    Raises:
        InputError: the input or the gold file cannot be read.
    """
    from cpmi.machine import describe_machine, package_version, software_versions
    from cpmi.prompts import wording
    from cpmi.runs.checksum import checksum
    from cpmi.runs.manifest import Manifest

    input_sum = checksum(config.input)
    gold_sum = None if config.gold is None else checksum(config.gold)
    return Manifest(
        determines={
            "cpmi": package_version("cpmi"),
            "versions": software_versions(),
            "method": config.method,
            "options": config.method_options(),
            "prompts": wording(),
            "model": {name: fact for name, fact in engine.describe().items() if name != "model"},
            "input_sha256": None if input_sum is None else input_sum.sha256,
            "gold_sha256": None if gold_sum is None else gold_sum.sha256,
            "format": config.format,
            "limit": config.limit,
            "unit_size": config.unit_size,
        },
        circumstances={
            "input": config.input,
            "input_bytes": None if input_sum is None else input_sum.num_bytes,
            "gold": config.gold,
            "model": config.model,
            "out": config.out,
            "shard": config.shard,
            "on_error": config.on_error,
            "price_per_hour": config.price_per_hour,
            "machine": describe_machine(),
        },
    )


def _count_records(config: LabelConfig) -> int | None:
    """The length of the input as far as it is read, for the time left; None where reading twice is dear."""
    from cpmi.data import read_trajectories

    if not Path(config.input).is_file():
        return None
    return sum(1 for _ in islice(read_trajectories(config.input, format=config.format), config.limit))
