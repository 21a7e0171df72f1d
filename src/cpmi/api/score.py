"""Score the steps of chains by a trained reward model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpmi.api.common import (
    expect_usable,
    located,
    model_facts,
    stage_manifest,
    thread_facts,
)
from cpmi.api.progress import ProgressListener, Wanted, listening
from cpmi.api.request import request_of
from cpmi.arguments import wrong_type
from cpmi.config import ScoreConfig
from cpmi.data import read_chains
from cpmi.data.sources.memory import Records, named
from cpmi.data.sources.pipes import at_rest
from cpmi.errors import ConfigError
from cpmi.runs import frames
from cpmi.runs.chunk_store import expect_ready
from cpmi.runs.finished import finished_run
from cpmi.runs.score import Scoring
from cpmi.runs.score_table import SCORES_NAME, ScoreRow, read_scores
from cpmi.runs.sessions import REQUEST
from cpmi.runs.stages import run_stage
from cpmi.runs.totals import Totals

if TYPE_CHECKING:
    from cpmi.prm.scorer import PRM


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRun:
    """A finished run of `score`. Iterating reads its rows, in the order of the input.

    Attributes:
        out: its folder.
        totals: what it came to and what it cost; `abstained` counts steps without a score, by reason.
        from_before: whether an earlier session had finished it, so that no model was loaded.
    """

    out: Path
    totals: Totals
    from_before: bool = False

    def __iter__(self) -> Iterator[ScoreRow]:
        return read_scores(self.out)

    def to_pandas(self) -> Any:
        """The table of scores as a `pandas.DataFrame`, one row per chain; errors as `frames.to_pandas`."""
        return frames.to_pandas(self.out / SCORES_NAME)

    def to_dataset(self) -> Any:
        """The table of scores as a `datasets.Dataset`, one row per chain; errors as `frames.to_dataset`."""
        return frames.to_dataset(self.out / SCORES_NAME)


def score(
    input: Records,
    *,
    prm: str | Path | PRM,
    out: str | Path,
    progress: Wanted = None,
    **options: Any,
) -> ScoreRun:
    """Score every step of every chain, P(correct); an interrupted run in `out` is resumed.

    Args:
        input: a file or folder of chains, or records in memory, as `cpmi.label`.
        prm: a folder by `cpmi train`, or a reward model that is loaded.
        out: the run folder.
        progress: None shows a bar on a terminal or in a notebook and nothing elsewhere; True always shows how
            far the run is, False never; a function is called after every chunk with a `Progress`.
        options: the other options of `cpmi score`, with _ for -.

    Raises:
        ConfigError: an option does not exist or does not fit, or is one of the model, which is loaded.
        InputError: the folder holds no reward model, or the input cannot be read.
        CpmiError: as `cpmi.runs.stages.run_stage`.
    """
    ready = None if isinstance(prm, str | Path) else prm
    if ready is not None and not hasattr(ready, "score"):
        raise wrong_type("prm", prm, "the folder of a reward model, or one that is loaded")
    name = str(prm) if ready is None else str(ready.model.name_or_path)
    with named(input) as source:
        config = ScoreConfig.parse({"input": source, "prm": name, "out": str(out), **options})
        useless = [name for name in config.model_options() if options.get(name) is not None]
        if ready is not None and useless:
            raise ConfigError(
                "a reward model that is loaded takes no such option",
                where=f"option {useless[0]}",
                got=repr(options[useless[0]]),
                hint="Give it to PRM.from_pretrained, or name the folder instead.",
            )
        with listening(progress, noun="chains") as listener:
            return run_score(config, prm=ready, progress=listener)


def run_score(
    config: ScoreConfig, *, prm: PRM | None = None, progress: ProgressListener | None = None
) -> ScoreRun:
    """`score` for options that are checked already; a loaded reward model replaces the one they name."""
    with at_rest(config.input):  # a pipe can be read once, and is read for several ends
        return _score(located(config), prm=prm, progress=progress)


def _score(config: ScoreConfig, *, prm: PRM | None, progress: ProgressListener | None) -> ScoreRun:
    out = Path(config.out)
    asked = None if prm is not None else request_of(config, stage="score", models=[config.prm])
    if (done := finished_run(out, asked)) is not None:
        return ScoreRun(out=out, totals=done.totals, from_before=True)
    expect_ready(out, "score", overwrite=config.overwrite)
    read = partial(read_chains, config.input, **config.reading())
    num_records = expect_usable(read, config, counted=progress is not None)
    at_work = _at_work(config, prm)
    described = at_work.describe()
    totals = run_stage(
        Scoring(at_work.score_chains),
        read(),
        manifest=stage_manifest(
            config,
            stage="score",
            model=config.prm,
            determines={"prm": model_facts(described), **config.reading()},
            circumstances={**thread_facts(described), REQUEST: asked},
        ),
        num_records=num_records,
        progress=progress,
        **config.run_options(),
    )
    return ScoreRun(out=out, totals=totals)


def _at_work(config: ScoreConfig, ready: PRM | None) -> PRM:
    import torch  # not before it is known that there is something to do

    from cpmi.prm.scorer import PRM

    if config.threads:
        torch.set_num_threads(config.threads)
    return ready or PRM.from_pretrained(config.prm, **config.model_options())
