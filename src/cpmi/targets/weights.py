"""The weights of evidence, fitted on a rated run: `cpmi fit`.

A hazard, as in evaluation: the probability that a step is the first error given that none before it is one,
by logistic regression (L2, C = 1, standardized features) on steps 0..L of wrong chains and all steps of right
ones. Weights for chains without a contrast are fitted beside, on the same steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from cpmi.arguments import checked
from cpmi.data import problem_digest
from cpmi.errors import InputError
from cpmi.methods.evidence import CONTRAST_MODEL
from cpmi.runs.facts import facts_of
from cpmi.runs.manifest import read_manifest
from cpmi.runs.products import write_json_product
from cpmi.runs.table import LabeledChain, read_labels
from cpmi.targets.rated import Bools, expect_both, sklearn_module
from cpmi.weights import (
    FEATURES,
    WITHOUT_CONTRAST,
    Floats,
    Origin,
    SurpriseWeights,
    Weights,
    capped,
    prompt_of,
)

_C = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedWeights:
    """Weights and what they were fitted on.

    Attributes:
        weights: frozen from here on.
        num_chains, num_steps, num_errors: that were used.
        num_without_contrast: chains among them that say nothing of the gain.
        left_out: chains that were not, by reason.
        problems: the problems of these chains, by `problem_digest`, so that nobody measures on them.
    """

    weights: Weights
    num_chains: int
    num_steps: int
    num_errors: int
    num_without_contrast: int
    left_out: dict[str, int]
    problems: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As in the file of weights."""
        return {
            **self.weights.to_json(),
            "origin": asdict(self.weights.origin),
            "num_chains": self.num_chains,
            "num_steps": self.num_steps,
            "num_errors": self.num_errors,
            "num_without_contrast": self.num_without_contrast,
            "left_out": self.left_out,
            "problems": list(self.problems),
        }


@checked
def fit_weights(folder: str | Path, out: str | Path) -> FittedWeights:
    """Fit the weights of evidence on a rated run and write them as JSON.

    Args:
        folder: a finished run by `evidence`, rated; never the one that is to be measured. One by `probe` is
            refused: the contrast there has other cues and wrong answers, and its `gain` another scale.
        out: a file, for `cpmi label --method evidence --weights FILE`.

    Raises:
        InputError: the run has no such features, no ratings, or no errors among them.
        RunError: the folder is no finished run of labels.
        MissingDependencyError: scikit-learn is not installed.
        StorageError: the disk refused.
    """
    rows = read_labels(folder, candidates=False)
    first = next(rows, None)
    labels = None if first is None else first.labels
    fits = labels and facts_of(Path(folder), method=labels.method, unit=labels.unit).features
    if first is None or labels is None or fits != FEATURES:
        raise InputError(
            "weights are not fitted to this method",
            where=str(folder),
            got="no chain" if labels is None else f"method {labels.method}",
            expected=f"a run with the features {', '.join(FEATURES)}, by --method evidence",
        )
    fitted = fit_rows(chain([first], rows), where=str(folder))
    fitted = replace(fitted, weights=replace(fitted.weights, origin=_origin(Path(folder))))
    write_json_product(Path(out), fitted.to_json())
    return fitted


def fit_rows(rows: Iterable[LabeledChain], *, where: str) -> FittedWeights:
    """`fit_weights` of rows, without files."""
    steps: list[_Steps] = []
    left_out: Counter[str] = Counter()
    problems: set[str] = set()
    for row in rows:
        if reason := _why_not(row):
            left_out[reason] += 1
            continue
        steps.append(_Steps.of(row))
        problems.add(problem_digest(row.chain.question))
    right_N = np.concatenate([one.right_L for one in steps]) if steps else np.zeros(0, bool)
    expect_both(right_N, where=where, hint="Rate more chains, wrong ones among them.")
    contrasted = [one for one in steps if one.has_gain]
    apart = _fit(steps, WITHOUT_CONTRAST)
    weights = {**apart, "gain": 0.0}
    if contrasted:
        right_M = np.concatenate([one.right_L for one in contrasted])
        expect_both(
            right_M, where=where, hint="Rate more chains that have a contrast, wrong ones among them."
        )
        weights = _fit(contrasted, FEATURES)
    return FittedWeights(
        weights=Weights(**weights, without_contrast=SurpriseWeights(**apart)),
        num_chains=len(steps),
        num_steps=len(right_N),
        num_errors=int((~right_N).sum()),
        num_without_contrast=len(steps) - len(contrasted),
        left_out=dict(sorted(left_out.items())),
        problems=tuple(sorted(problems)),
    )


@dataclass(frozen=True, slots=True)
class _Steps:
    """The L steps of a chain up to its first error, or all: their features, and whether they are right.

    Of a chain without a contrast there are the features that need none.
    """

    features_LF: Floats
    right_L: Bools

    @classmethod
    def of(cls, row: LabeledChain) -> _Steps:
        first_error, parts = int(row.chain.first_error), row.labels.parts
        end = len(row.chain.steps) if first_error < 0 else first_error + 1
        names = FEATURES if parts["gain"] else WITHOUT_CONTRAST
        return cls(capped(parts, names)[:end], np.arange(end) != first_error)

    @property
    def has_gain(self) -> bool:
        return bool(self.features_LF.shape[1] == len(FEATURES))


def _origin(folder: Path) -> Origin:
    """The model and prompt of a run, as far as its manifest tells."""
    manifest = read_manifest(folder)
    if manifest is None:
        return Origin()
    determines = manifest.determines
    digest, contrast = (
        str((determines.get(role) or {}).get("model_digest", "")) for role in ("model", CONTRAST_MODEL)
    )
    return Origin(
        model=str(manifest.circumstances.get("model") or ""),
        digest=digest,
        prompt=prompt_of(determines.get("options") or {}),
        contrast="" if contrast == digest else contrast,
    )


def _why_not(row: LabeledChain) -> str:
    first_error = row.chain.first_error
    if isinstance(first_error, str):
        return first_error
    return "no label" if row.labels.abstained else ""


def _fit(steps: Sequence[_Steps], names: Sequence[str]) -> dict[str, Any]:
    """The bias and the weights of the named features.

    A feature whose weight would be negative is left out: more of any is better by definition.
    """
    features_NF = np.concatenate([one.features_LF[:, : len(names)] for one in steps])
    right_N = np.concatenate([one.right_L for one in steps])
    center, scale = features_NF.mean(axis=0), features_NF.std(axis=0)
    used = [at for at in range(len(names)) if scale[at] > 1e-9]
    while True:
        model = sklearn_module("linear_model").LogisticRegression(C=_C, max_iter=1000)
        standard_NF = (features_NF[:, used] - center[used]) / scale[used]
        # Without a feature left, the constant column says the share of right steps.
        model.fit(standard_NF if used else np.zeros((len(right_N), 1)), right_N)
        slopes = dict(zip(used, model.coef_[0].tolist(), strict=False))
        worst = min(slopes, key=slopes.__getitem__, default=None)
        if worst is None or slopes[worst] >= 0:
            break
        used.remove(worst)
    weight = [slopes.get(at, 0.0) / scale[at] if at in slopes else 0.0 for at in range(len(names))]
    bias = float(model.intercept_[0] - np.dot(weight, center))
    return {"bias": bias, **dict(zip(names, map(float, weight), strict=True))}
