"""The threshold below which a step counts as wrong, made so that no forbidden one can exist.

A `Threshold` has no public constructor: it is the official 0.5, or one tuned on dev chains, whose problems it
remembers. It alone turns scores into predictions, and refuses to do so for chains on these problems.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from cpmi.data import normalize_problem
from cpmi.errors import InputError
from cpmi.evaluate.scored import GSM8K, ScoredSplit
from cpmi.metrics import first_error
from cpmi.metrics.layout import Ints

OFFICIAL_VALUE: Final = 0.5


@final
@dataclass(frozen=True, slots=True, init=False)
class Threshold:
    """Made by `Threshold.official()` or `Threshold.tuned_on(dev)` only; never changes.

    Attributes:
        value: a step with a score below it counts as wrong.
        source: where it comes from, in words.
    """

    value: float
    source: str
    _problems: frozenset[str]

    def __init__(self) -> None:
        raise TypeError(
            "a threshold is made by Threshold.official() or Threshold.tuned_on(dev): any other number may "
            "have been chosen on the chains that it is reported on"
        )

    @classmethod
    def official(cls) -> Threshold:
        """0.5, for models whose scores are probabilities."""
        return cls._make(OFFICIAL_VALUE, "official: 0.5", frozenset())

    @classmethod
    def tuned_on(cls, dev: ScoredSplit) -> Threshold:
        """The threshold with the best first-error F1 on the dev chains, the lowest on ties.

        The official rule allows the GSM8K split of ProcessBench for this and nothing else; other dev chains
        are accepted and named in `source`.

        Raises:
            InputError: they give no choice: two different scores, a wrong chain and a right one are needed.
        """
        everything_C = np.ones(dev.layout.num_chains, dtype=np.bool_)
        value = first_error.best_threshold(dev.scores_N, dev.layout, everything_C)
        if value is None:
            num_wrong = int(dev.layout.wrong_C.sum())
            raise InputError(
                "a threshold cannot be tuned on these chains",
                where=dev.source,
                got=f"{num_wrong} wrong and {dev.layout.num_chains - num_wrong} right chains",
                expected="some of both, with different scores",
            )
        rule = "the official split" if dev.name == GSM8K else "not the official split"
        return cls._make(value, f"tuned on {dev.name} ({rule}), not reported for it", dev.problems)

    @classmethod
    def _make(cls, value: float, source: str, problems: frozenset[str]) -> Threshold:
        made = object.__new__(cls)
        for name, content in (("value", value), ("source", source), ("_problems", problems)):
            object.__setattr__(made, name, content)
        return made

    @property
    def tuned(self) -> bool:
        return bool(self._problems)

    def knows(self, split: ScoredSplit) -> int:
        """How many of a split's chains are on problems that it was tuned on."""
        return sum(normalize_problem(t.question) in self._problems for t in split.chains)

    def predict(self, split: ScoredSplit) -> Ints:
        """Index of every chain's first step with score < threshold, else -1, [C]; unscored steps never fire.

        Raises:
            InputError: the threshold was tuned on some of these problems.
        """
        if shared := self.knows(split):
            raise InputError(
                "the threshold was tuned on problems that it would be reported on",
                where=split.source,
                got=f"{shared} of {len(split.chains)} chains of {split.name} are on such problems",
                expected="chains on other problems",
                hint="Leave out --tune-on: the official threshold is 0.5.",
            )
        threshold_C = np.full(split.layout.num_chains, self.value)
        return first_error.first_below(split.scores_N, split.layout, threshold_C)
