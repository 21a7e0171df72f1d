"""The whole idea on one machine, offline; what `cpmi demo` does.

Stages write to the same folders as their commands, so an interrupted demo is resumed. The labeling model, the
world and torch are loaded once. With two cores, a second process samples the candidates and draws the
rollouts meanwhile; each process computes with the same number of threads, so times of methods compare.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from cpmi.api.demo_stages import FILES, METHODS, Listener, Settings, Stages
from cpmi.errors import CpmiError, RunError
from cpmi.machine import num_cores
from cpmi.runs.folder import claim
from cpmi.runs.manifest import Manifest

if TYPE_CHECKING:
    from cpmi.evaluate import BestOfN, Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the demo comes to.

    Attributes:
        evaluation: of the labels against exact ratings.
        best_of_n: of the reward model on fresh problems.
        report, prm: where the page and the reward model are.
        wall_s: seconds of this session.
    """

    evaluation: Evaluation
    best_of_n: BestOfN
    report: Path
    prm: Path
    wall_s: float


def run_demo(settings: Settings, tell: Listener) -> Shown:
    """Do every stage that is not finished yet.

    Raises:
        RunError: the folder holds a demo with other settings.
        CpmiError: as the stages.
    """
    began = time.perf_counter()
    stages = Stages(settings, tell)
    own = Manifest(
        determines={"stage": "demo", "num": settings.num, "num_fresh": settings.num_fresh}, circumstances={}
    )
    with (
        claim(settings.out, own, files=FILES, overwrite=settings.overwrite),
        _meanwhile(settings, tell, stages) as rest,
    ):
        stages.problems()
        stages.sampled()
        stages.rated()
        rest.go()
        for method in METHODS[:-1]:
            stages.label(method)
        stages.prm()
        rest.wait("candidates")
        stages.scores()
        best_of_n = stages.best_of_n()
        rest.wait(METHODS[-1])
        evaluation = stages.evaluation()
        report = stages.report(evaluation, best_of_n)
    wall_s = time.perf_counter() - began
    prm = settings.out / "prm"
    return Shown(evaluation=evaluation, best_of_n=best_of_n, report=report, prm=prm, wall_s=wall_s)


class _Here:
    """The rest of the stages in this process, when they are waited for."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages

    def go(self) -> None:
        """The chains are there."""

    def wait(self, stage: str) -> None:
        """Do it, and what it needs."""
        if stage == "candidates":
            self._stages.fresh()
            self._stages.candidates()
        else:
            self._stages.label(stage)


class _Process:
    """The same in a second process, while this one does the others."""

    def __init__(self, settings: Settings, tell: Listener) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        self._process = context.Process(target=_second_process, args=(settings, there), daemon=True)
        self._process.start()
        there.close()
        self._tell = tell
        self._ended: queue.SimpleQueue[str | CpmiError | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def go(self) -> None:
        """The chains are there."""
        with suppress(BrokenPipeError):  # `wait` says why it has ended
            self._pipe.send(None)

    def wait(self, stage: str) -> None:
        """Until a stage is done.

        Raises:
            CpmiError: it has failed.
        """
        while (ended := self._ended.get()) != stage:
            if isinstance(ended, CpmiError):
                raise ended
            if ended is None:
                self._process.join()
                raise RunError(
                    "the second process of the demo has died", got=f"exit code {self._process.exitcode}"
                )

    def stop(self) -> None:
        """End it at once; finished chunks are safe."""
        self._process.terminate()
        self._process.join()

    def _listen(self) -> None:
        """Pass on what the process says, until it ends."""
        while True:
            try:
                said = self._pipe.recv()
            except (EOFError, OSError):
                self._ended.put(None)
                return
            if isinstance(said, CpmiError):
                self._ended.put(said)
            else:
                self._tell(said)
                if said.wall_s is not None:
                    self._ended.put(said.stage)


@contextmanager
def _meanwhile(settings: Settings, tell: Listener, stages: Stages) -> Iterator[_Here | _Process]:
    if num_cores() < 2:
        yield _Here(stages)
        return
    process = _Process(settings, tell)
    try:
        yield process
    finally:
        process.stop()


def _end_with_the_first() -> None:
    """However it ends: a process that goes on alone would keep folders from whoever repeats the command."""
    if (first := multiprocessing.parent_process()) is not None:
        first.join()
    os._exit(1)


def _second_process(settings: Settings, pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends this one
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    stages = Stages(settings, pipe.send)
    try:
        stages.fresh()
        stages.candidates()
        pipe.recv()  # the chains are there
        stages.label(METHODS[-1])
    except EOFError:
        return  # the first process has ended
    except CpmiError as error:
        pipe.send(error)
