"""The weights of evidence, fitted on a rated run: `cpmi fit`.

A hazard, as in evaluation: the probability that a step is the first error given that none before it is one,
by logistic regression (L2, C = 1, standardized readings) on steps 0..L of wrong chains and all steps of right
ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cpmi.data import problem_digest
from cpmi.errors import InputError
from cpmi.evidence import READINGS, Floats, Weights, capped
from cpmi.runs.storage import write_json
from cpmi.runs.table import LabeledChain, read_labels
from cpmi.targets.rated import Bools, expect_both, sklearn_module

METHOD = "evidence"
_C = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedWeights:
    """Weights and what they were fitted on.

    Attributes:
        weights: frozen from here on.
        num_chains, num_steps, num_errors: that were used.
        left_out: chains that were not, by reason.
        method: of the run.
        problems: the problems of these chains, by `problem_digest`, so that nobody measures on them.
    """

    weights: Weights
    num_chains: int
    num_steps: int
    num_errors: int
    left_out: dict[str, int]
    method: str
    problems: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            **self.weights.to_json(),
            "method": self.method,
            "num_chains": self.num_chains,
            "num_steps": self.num_steps,
            "num_errors": self.num_errors,
            "left_out": self.left_out,
            "problems": list(self.problems),
        }


def fit_weights(folder: str | Path, out: str | Path) -> FittedWeights:
    """Fit the weights of evidence on a rated run and write them as JSON.

    Args:
        folder: a finished run by `evidence`, rated; never the one that is to be measured. One by `probe` is
            refused: the contrast there has other cues and wrong answers, and its `gain` another scale.
        out: a file, for `cpmi label --method evidence --weights FILE`.

    Raises:
        InputError: the run has no such readings, no ratings, or no errors among them.
        RunError: the folder is no finished run of labels.
        MissingDependencyError: scikit-learn is not installed.
        StorageError: the disk refused.
    """
    fitted = fit_rows(read_labels(folder), where=str(folder))
    write_json(Path(out), fitted.to_json())
    return fitted


def fit_rows(rows: Iterable[LabeledChain], *, where: str) -> FittedWeights:
    """`fit_weights` of rows, without files."""
    readings: list[Floats] = []
    right: list[Bools] = []
    left_out: Counter[str] = Counter()
    problems: set[str] = set()
    for row in rows:
        _expect_evidence(row, where)
        reason = _why_not(row)
        if reason:
            left_out[reason] += 1
            continue
        read_SR = capped(row.labels.parts)
        first_error = int(row.chain.first_error)
        end = len(read_SR) if first_error < 0 else first_error + 1
        readings.append(read_SR[:end])
        right.append(np.arange(end) != first_error)
        problems.add(problem_digest(row.chain.question))
    right_N = np.concatenate(right) if right else np.zeros(0, bool)
    expect_both(right_N, where=where, hint="Rate more chains, wrong ones among them.")
    return FittedWeights(
        weights=_fit(np.concatenate(readings), right_N),
        num_chains=len(right),
        num_steps=len(right_N),
        num_errors=int((~right_N).sum()),
        left_out=dict(sorted(left_out.items())),
        method=METHOD,
        problems=tuple(sorted(problems)),
    )


def _why_not(row: LabeledChain) -> str:
    first_error = row.chain.first_error
    if isinstance(first_error, str):
        return first_error
    return "no label" if row.labels.abstained else ""


def _expect_evidence(row: LabeledChain, where: str) -> None:
    if row.labels.method != METHOD or not set(READINGS) <= row.labels.parts.keys():
        raise InputError(
            "the run does not hold the readings of evidence",
            where=f"{where} [{row.chain.id}]",
            got=f"method {row.labels.method}",
            expected=f"a run by --method {METHOD}",
        )


def _fit(read_NR: Floats, right_N: Bools) -> Weights:
    """A reading whose weight would be negative is left out: more of any is better by definition."""
    center, scale = read_NR.mean(axis=0), read_NR.std(axis=0)
    used = [at for at in range(len(READINGS)) if scale[at] > 1e-9]
    while True:
        model = sklearn_module("linear_model").LogisticRegression(C=_C, max_iter=1000)
        standard_NF = (read_NR[:, used] - center[used]) / scale[used]
        # Without a reading left, the constant column says the share of right steps.
        model.fit(standard_NF if used else np.zeros((len(right_N), 1)), right_N)
        slopes = dict(zip(used, model.coef_[0].tolist(), strict=False))
        worst = min(slopes, key=slopes.__getitem__, default=None)
        if worst is None or slopes[worst] >= 0:
            break
        used.remove(worst)
    weight = [slopes.get(at, 0.0) / scale[at] if at in slopes else 0.0 for at in range(len(READINGS))]
    return Weights(
        bias=float(model.intercept_[0] - np.dot(weight, center)),
        **{name: float(value) for name, value in zip(READINGS, weight, strict=True)},
    )
