"""Let a model solve problems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from cpmi.answers import Equivalence
from cpmi.api.ancestors import ancestors_of
from cpmi.api.common import (
    engine_at_work,
    expect_usable,
    located,
    make_manifest,
    notice_language,
    ready_engine,
)
from cpmi.api.progress import ProgressListener, Wanted, listening
from cpmi.api.request import request_of
from cpmi.config import SampleConfig
from cpmi.data import read_chains, read_problems
from cpmi.data.sources.memory import Records, named
from cpmi.data.sources.pipes import at_rest
from cpmi.errors import RecordError
from cpmi.prompts import Prompter
from cpmi.requests import Engine
from cpmi.runs.ancestors import ANCESTORS, expect_license
from cpmi.runs.chunk_store import expect_ready
from cpmi.runs.finished import finished_run
from cpmi.runs.grading import circumstance, determining
from cpmi.runs.manifest import Manifest
from cpmi.runs.sample import Sampling
from cpmi.runs.sessions import REQUEST
from cpmi.runs.stages import run_stage
from cpmi.runs.totals import Totals
from cpmi.sampling import Sampler
from cpmi.types import Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRun:
    """A finished run of `sample`. Iterating reads its chains, in the order of the input.

    Attributes:
        out: its folder.
        totals: what it came to and what it cost.
        from_before: whether an earlier session had finished it, so that no model was loaded.
    """

    out: Path
    totals: Totals
    from_before: bool = False

    def __iter__(self) -> Iterator[Chain]:
        if not self.totals.num_chains:
            return  # an empty file is no input
        for chain in read_chains(self.out):
            if isinstance(chain, RecordError):
                raise chain
            yield chain


def sample(
    problems: Records,
    *,
    model: str | PathLike[str] | Engine,
    out: str | Path,
    progress: Wanted = None,
    **options: Any,
) -> SampleRun:
    """Let a model solve problems, and keep the chains it writes; resumes what is in `out`.

    Args:
        problems: a file of problems, of gold answers or of chains, a folder, or the id of a dataset; or
            records in memory, as `cpmi.label`.
        model: a model's name or folder, or an engine that is ready (which the caller closes).
        out: the run folder.
        progress: None shows a bar on a terminal or in a notebook and nothing elsewhere; True always shows how
            far the run is, False never; a function is called after every chunk with a `Progress`.
        options: the other options of `cpmi sample`, with _ for -.

    Raises:
        ConfigError: the options do not exist or contradict each other.
        CpmiError: as `cpmi.runs.stages.run_stage`.
    """
    engine = ready_engine(model, options)
    with named(problems) as source:
        config = SampleConfig.parse(
            {
                "input": source,
                "out": str(out),
                "model": str(model) if engine is None else engine.name,
                **options,
            }
        )
        with listening(progress, noun="problems") as listener:
            return run_sample(config, engine=engine, progress=listener)


def run_sample(
    config: SampleConfig, *, engine: Engine | None = None, progress: ProgressListener | None = None
) -> SampleRun:
    """`sample` for options that are checked already; an engine replaces the model they name."""
    with at_rest(config.input):  # a pipe can be read once, and is read for several ends
        return _sample(located(config), engine=engine, progress=progress)


def _sample(config: SampleConfig, *, engine: Engine | None, progress: ProgressListener | None) -> SampleRun:
    out = Path(config.out)
    asked = None if engine is not None else _request(config)
    if (done := finished_run(out, asked)) is not None:
        return SampleRun(out=out, totals=done.totals, from_before=True)
    expect_ready(out, "sample", overwrite=config.overwrite)
    expect_license(config.license)
    read = partial(read_problems, config.input, **config.reading())
    num_records = expect_usable(read, config, counted=progress is not None)
    notice_language(read, config)
    with (
        engine_at_work(engine, config.model, config.engine_options()) as at_work,
        Equivalence(grading=config.grading) as equivalence,
    ):
        sampler = Sampler(
            prompter=Prompter(at_work.tokenizer, config.prompt, config.spoken),
            equivalence=equivalence,
            generator=at_work.name,
            **config.sampler_options(),
        )
        totals = run_stage(
            Sampling(sampler, at_work),
            read(),
            manifest=_sample_manifest(config, at_work, sampler.prompter, asked),
            num_records=num_records,
            progress=progress,
            **config.run_options(),
        )
    return SampleRun(out=out, totals=totals)


def _request(config: SampleConfig) -> str | None:
    """What is asked of the run, known without its model; errors as `request_of`."""
    return request_of(config, stage="sample", models=[config.model], more=determining(config.grading))


def _sample_manifest(config: SampleConfig, engine: Engine, prompter: Prompter, asked: str | None) -> Manifest:
    reading = {name: value for name, value in config.reading().items() if value is not None}
    options = {"prompt": config.prompt, "percent": config.percent, **reading, **config.sampler_options()}
    # Every chain says who made it, so the model's name is part of what is stored.
    return make_manifest(
        config,
        engine.describe(),
        prompter,
        stage="sample",
        options=options,
        determines={"generator": engine.name, **determining(config.grading)},
        circumstances={
            REQUEST: asked,
            ANCESTORS: [asdict(one) for one in ancestors_of(config)],
            **circumstance(config.grading),
        },
    )
