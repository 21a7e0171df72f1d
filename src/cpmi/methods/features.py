"""Columns of surprise: how improbable a step and its numbers are to the model that reads it."""

from __future__ import annotations

from collections.abc import Sequence

from cpmi.prompts import Prompter
from cpmi.surprise import Surprise
from cpmi.types import Chain

SURPRISES = ("mean", "least", "numbers", "least_number", "least_result")
"""The columns, all of them fields of `Surprise`."""


def surprises(
    prompter: Prompter, chain: Chain, own: Sequence[Sequence[float]]
) -> dict[str, tuple[float, ...]]:
    """The columns of `Surprise` [S], from the log-probabilities of every step's own tokens."""
    decode = prompter.tokenizer.decode
    found = [
        Surprise.of([decode([token]) for token in tokens], logprobs)
        for tokens, logprobs in zip(map(prompter.step, chain.steps), own, strict=True)
    ]
    return {name: tuple(getattr(surprise, name) for surprise in found) for name in SURPRISES}
