"""The log-odds that a step is right, from three readings of one forward pass. No model, no text.

Axes: S steps; R readings. Logarithms are natural; log-odds are in nat.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cpmi.errors import ConfigError

Floats = npt.NDArray[np.float64]

READINGS = ("least_number", "mean", "gain")
"""Names of the readings, in the order of axis R."""

CAP = 10.0
"""Nat. Beyond it a reading says no more: a number of probability e^-20 is not twice as wrong as e^-10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each reading counts.

    log-odds = bias + least_number · x + mean · m + gain · g, where x is the log-probability of the step's
    least probable number, m the mean log-probability of its tokens, and g what the step adds to the lead of
    the right answer over the best wrong one, all bounded at ±CAP. No weight but the bias is below 0: more of
    any is better.

    Raises:
        ConfigError: a weight is negative or not finite.
    """

    bias: float
    least_number: float
    mean: float
    gain: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not math.isfinite(value) or (field.name != "bias" and value < 0):
                raise ConfigError(
                    "no such weight of evidence",
                    where=field.name,
                    got=repr(value),
                    expected="a number, and 0 or more for all but the bias",
                )

    def log_odds(self, readings: Mapping[str, Sequence[float]]) -> Floats:
        """[S], finite for finite readings; those named in `READINGS` are used."""
        return np.asarray(self.bias + capped(readings) @ np.array([getattr(self, r) for r in READINGS]))

    def to_json(self) -> dict[str, float]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, named: Mapping[str, Any], *, where: str) -> Weights:
        """From a mapping of names to numbers; other names are facts about the fit and are not read.

        Raises:
            ConfigError: a weight is missing or no number.
        """
        found = {field.name: named.get(field.name) for field in fields(cls)}
        for name, value in found.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ConfigError(
                    "a weight of evidence is missing or no number",
                    where=f"{where}: {name}",
                    got=repr(value),
                    hint="cpmi fit RUN --out FILE writes such a file from a rated run.",
                )
        return cls(**{name: float(value) for name, value in found.items() if value is not None})

    @classmethod
    def read(cls, path: str | Path) -> Weights:
        """From a file by `cpmi fit`.

        Raises:
            ConfigError: it cannot be read or holds no weights.
        """
        return cls.of(_content(path), where=str(path))


def fitted_on(path: str | Path) -> tuple[str, ...]:
    """The problems that a file of weights was fitted on, as digests; () where it does not say.

    Raises:
        ConfigError: it cannot be read, or holds something else there.
    """
    problems = _content(path).get("problems", [])
    if not isinstance(problems, list) or not all(isinstance(item, str) for item in problems):
        raise ConfigError(
            "no list of problems", where=f"{path}: problems", got=type(problems).__name__, expected="texts"
        )
    return tuple(problems)


def _content(path: str | Path) -> dict[str, Any]:
    try:
        content = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError("the weights cannot be read", where=str(path), got=str(error)) from error
    if not isinstance(content, dict):
        raise ConfigError("no weights there", where=str(path), got=type(content).__name__)
    return content


def capped(readings: Mapping[str, Sequence[float]]) -> Floats:
    """The readings as they count, [S, R]; a KeyError if one is missing."""
    seen_SR = np.stack([np.asarray(readings[name], float) for name in READINGS], axis=-1)
    return np.asarray(np.clip(seen_SR, -CAP, CAP))
