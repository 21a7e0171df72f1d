"""The stages of `cpmi demo`: each calls the function of a command, and says the command."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from cpmi.api.label import label
from cpmi.api.progress import ProgressListener
from cpmi.api.sample import sample
from cpmi.api.score import score
from cpmi.api.train import train
from cpmi.api.world import rate, write_problems
from cpmi.engines.transformers import TransformersEngine, load_engine
from cpmi.evaluate import BestOfN, Evaluation, evaluate_best_of_n, evaluate_labels
from cpmi.evaluate.storing import store
from cpmi.prm.card import CARD_NAME
from cpmi.reports import make_report, write_report
from cpmi.runs.products import write_json_product
from cpmi.runs.score_table import SCORES_NAME
from cpmi.runs.stages import Progress

MODEL = "embedded"
METHODS = ("evidence", "cpmi", "net_gain", "monte_carlo")
DEFAULT_NUM = 150
FILES = ("problems.jsonl", "fresh.jsonl", "chains.jsonl")
"""Files of the demo itself; the others are in folders of their own, or say who wrote them."""

# Small models are fast in large batches; the rollouts of 45 chains fit into one.
_SAMPLE_CHUNK, _LABEL_CHUNK, _ROLLOUT_CHUNK = 500, 50, 45
_TRAINING = {"epochs": 5, "batch_size": 16, "lr": 1e-3, "head_lr": 3e-3}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A stage begins, advances or ends.

    Attributes:
        stage: its name.
        command: at its beginning, the words of the command that does the same.
        progress: while it works.
        wall_s: at its end, how long it took.
    """

    stage: str
    command: tuple[str, ...] = ()
    progress: Progress | None = None
    wall_s: float | None = None


Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may be chosen.

    Attributes:
        out: the folder of everything.
        num: problems, with one chain each.
        num_fresh: problems that the reward model chooses answers to, with eight candidates each.
        threads: of each process.
        overwrite: begin anew.
    """

    out: Path
    num: int = DEFAULT_NUM
    num_fresh: int = 100
    threads: int = 1
    overwrite: bool = False


class Stages:
    """The stages, each a method; what they write is named as they are.

    Args:
        settings: of the demo.
        tell: told what happens.
    """

    def __init__(self, settings: Settings, tell: Listener) -> None:
        self._settings, self._tell = settings, tell

    @cached_property
    def _engine(self) -> TransformersEngine:
        return load_engine(MODEL, threads=self._settings.threads)

    def problems(self) -> None:
        self._problems("problems", self._settings.num, seed=0)

    def fresh(self) -> None:
        self._problems("fresh", self._settings.num_fresh, seed=1)

    def sampled(self) -> None:
        self._sample("sampled", "problems.jsonl", num_samples=1)

    def candidates(self) -> None:
        self._sample("candidates", "fresh.jsonl", num_samples=8)

    def rated(self) -> None:
        chains = self._path("sampled/chains.jsonl")
        self._do("world rate", "chains", [chains], {}, lambda out, _: rate(chains, out=out), suffix=".jsonl")

    def label(self, method: str) -> None:
        """Label the chains by one method."""
        chains = self._path("chains.jsonl")
        own: dict[str, Any] = {"chunk_size": _LABEL_CHUNK}
        if method == "monte_carlo":
            own |= {"rollouts": 8, "chunk_size": _ROLLOUT_CHUNK}
        self._do(
            "label",
            method,
            [chains],
            {"model": MODEL, "method": method, **own, **self._engine_flags()},
            lambda out, progress: label(
                chains, model=self._engine, method=method, out=out, progress=progress, **own, **self._anew()
            ),
        )

    def evaluation(self) -> Evaluation:
        """Hold all labels against the ratings."""

        def work(out: Path, _: ProgressListener) -> Evaluation:
            done = evaluate_labels(self._labels())
            write_json_product(out, done.to_json())
            return done

        return self._do("evaluate labels", "evaluation", self._labels(), {}, work, suffix=".json")

    def prm(self) -> None:
        """Train a reward model on the labels by evidence."""
        labels, out = self._path("evidence"), self._path("prm")
        if (out / CARD_NAME).exists() and not self._settings.overwrite:
            return
        options: dict[str, Any] = {"base": MODEL, **_TRAINING, **self._engine_flags()}
        self._do(
            "train",
            "prm",
            [labels],
            options,
            lambda out, _: train(
                labels, out=out, **options, resume=not self._settings.overwrite, **self._anew()
            ),
        )

    def scores(self) -> None:
        """Score the candidates by the reward model."""
        chains, prm = self._path("candidates"), self._path("prm")
        if (self._path("scores") / SCORES_NAME).exists() and not self._settings.overwrite:
            return
        options: dict[str, Any] = {"prm": prm, **self._engine_flags()}
        self._do(
            "score",
            "scores",
            [chains],
            options,
            lambda out, _: score(chains, out=out, progress=False, **options, **self._anew()),
        )

    def best_of_n(self) -> BestOfN:
        """Let the scores choose among the candidates."""
        scores, gold = self._path("scores"), self._path("fresh.jsonl")

        def work(out: Path, _: ProgressListener) -> BestOfN:
            done = evaluate_best_of_n([scores], gold=gold)
            store(done, out)
            return done

        return self._do("evaluate best-of-n", "best-of-n", [scores], {"gold": gold}, work)

    def report(self, evaluation: Evaluation, best_of_n: BestOfN) -> Path:
        """Write the page."""
        options = {
            "evaluation": self._path("evaluation.json"),
            "best_of_n": self._path("best-of-n/best-of-n.json"),
        }

        def work(out: Path, _: ProgressListener) -> Path:
            page = make_report(self._labels(), evaluation=evaluation, best_of_n=best_of_n)
            write_report(page, out, options=_flags(options))
            return out

        return self._do("report", "report", self._labels(), options, work, suffix=".html")

    def _problems(self, name: str, num: int, *, seed: int) -> None:
        options: dict[str, Any] = {"num": num, "split": "test", "seed": seed}
        self._do(
            "world problems",
            name,
            [],
            options,
            lambda out, _: write_problems(out, **options),
            suffix=".jsonl",
        )

    def _sample(self, name: str, problems: str, *, num_samples: int) -> None:
        source = self._path(problems)
        own: dict[str, Any] = {"num_samples": num_samples, "temperature": 0.8, "chunk_size": _SAMPLE_CHUNK}
        self._do(
            "sample",
            name,
            [source],
            {"model": MODEL, **own, **self._engine_flags()},
            lambda out, progress: sample(
                source, model=self._engine, out=out, progress=progress, **own, **self._anew()
            ),
        )

    def _do(
        self,
        command: str,
        name: str,
        inputs: list[Path],
        options: Mapping[str, object],
        work: Callable[[Path, ProgressListener], T],
        *,
        suffix: str = "",
    ) -> T:
        """One stage: what it writes is `name` and `suffix`."""
        out = self._path(name + suffix)
        words = ("cpmi", *command.split(), *map(str, inputs), *_flags({**options, "out": out}))
        self._tell(Event(stage=name, command=words))
        began = time.perf_counter()
        done = work(out, lambda progress: self._tell(Event(stage=name, progress=progress)))
        self._tell(Event(stage=name, wall_s=time.perf_counter() - began))
        return done

    def _path(self, name: str) -> Path:
        return self._settings.out / name

    def _labels(self) -> list[Path]:
        return [self._path(method) for method in METHODS]

    def _engine_flags(self) -> dict[str, Any]:
        return {"threads": self._settings.threads}

    def _anew(self) -> dict[str, Any]:
        return {"overwrite": True} if self._settings.overwrite else {}


def _flags(options: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(
        word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))
    )
