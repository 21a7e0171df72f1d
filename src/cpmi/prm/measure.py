"""What a trained reward model says of held-out problems: its threshold and its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from cpmi.prm.card import Card
from cpmi.prm.examples import MIDDLE, Example
from cpmi.prm.model import load_model
from cpmi.prm.options import TrainOptions
from cpmi.prm.prepare import Prepared
from cpmi.prm.scorer import PRM
from cpmi.prm.threshold import TunedThreshold, middle, tune_threshold
from cpmi.types import Chain, StepScores


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the model that was saved says of held-out chains.

    Attributes:
        threshold: tuned on them.
        figures: of their targets, beside those of a constant.
        chains, first_errors, predicted: of the rated ones: their first error, and the first step below 0.5,
            which was not tuned; -1 for none.
    """

    threshold: TunedThreshold
    figures: Mapping[str, Any] = field(default_factory=dict)
    chains: tuple[Chain, ...] = ()
    first_errors: tuple[int, ...] = ()
    predicted: tuple[int, ...] = ()


def measure(prepared: Prepared, out: Path, options: TrainOptions) -> Measured:
    """The threshold, and what the model that is in `out` says of held-out targets, beside a constant."""
    if not prepared.val_rows:
        return Measured(threshold=middle("no problem is held out"))
    card = Card(layout=prepared.encoder.layout, step_token_id=prepared.encoder.step_id, threshold={})
    device = "cuda" if torch.cuda.is_available() else "cpu"
    saved, _ = load_model(out, device=device)  # what was saved, not what is in memory, is what others get
    prm = PRM(saved.model, prepared.encoder, card)
    with_target = [one for one in prepared.val_examples if any(t is not None for t in one.targets)]
    found = zip(with_target, prm.score_chains([_chain(example) for example in with_target]), strict=True)
    whole = [(one, s.values) for one, s in found if isinstance(s, StepScores) and s.abstained is None]
    fitting = [example for example, _ in whole]
    scores = [tuple(score for score in values if score is not None) for _, values in whole]
    pairs = [
        (target, score)
        for example, found in zip(fitting, scores, strict=True)
        for target, score in zip(example.targets, found, strict=True)
        if target is not None
    ]
    targets = [target for row in prepared.rows for target in row.targets]
    constant = sum(targets) / len(targets)
    measured = {
        "problems": prepared.num_val_problems,
        "chains": len(fitting),
        "targets": len(pairs),
        "cross_entropy": _cross_entropy(pairs),
        "cross_entropy_of_a_constant": _cross_entropy([(target, constant) for target, _ in pairs]),
        "constant": constant,
    }
    if options.last_step_only:
        return Measured(threshold=middle("an outcome model: one score per chain"), figures=measured)
    rated = [
        (one, s) for one, s in zip(fitting, scores, strict=True) if one.rated and len(s) == len(one.steps)
    ]
    return Measured(
        threshold=tune_threshold(fitting, scores),
        figures=measured,
        chains=tuple(_chain(one) for one, _ in rated),
        first_errors=tuple(one.first_error for one, _ in rated if one.first_error is not None),
        predicted=tuple(next((i for i, p in enumerate(s) if p < MIDDLE), -1) for _, s in rated),
    )


def _chain(example: Example) -> Chain:
    return Chain(id=example.id, question=example.question, steps=example.steps)


def _cross_entropy(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Mean of −t·log p − (1−t)·log(1−p) over (t, p), nat; None without a pair."""
    if not pairs:
        return None
    target, score = torch.tensor(pairs, dtype=torch.float64).unbind(dim=1)
    return float(torch.nn.functional.binary_cross_entropy(score, target))
