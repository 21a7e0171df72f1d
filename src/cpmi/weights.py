"""Weights of evidence: the log-odds that a step is right, from three features of one forward pass.

Axes: S steps; F features. Logarithms are natural; log-odds are in nat.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cpmi.errors import ConfigError

Floats = npt.NDArray[np.float64]

FEATURES = ("least_number", "mean", "gain")
"""Names of the features, in the order of axis F."""

CAP = 10.0
"""Nat. Beyond it a feature tells no more: a number of probability e^-20 is not twice as wrong as e^-10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each feature counts.

    log-odds = bias + least_number · x + mean · m + gain · g, where x is the log-probability of the step's
    least probable number, m the mean log-probability of its tokens, and g what the step adds to the lead of
    the right answer over the best wrong one, all bounded at ±CAP. No weight but the bias is below 0: more of
    any is better.

    Attributes:
        file: that was named to give them, for people; "" for others.
        fitted_on: digests of the problems on which they were fitted (`cpmi.data.problem_digest`): labels are
            not evaluated there. Not part of their identity.

    Raises:
        ConfigError: a weight is negative or not finite.
    """

    bias: float
    least_number: float
    mean: float
    gain: float
    file: str = field(default="", compare=False, repr=False)
    fitted_on: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in self.to_json().items():
            if not math.isfinite(value) or (name != "bias" and value < 0):
                raise ConfigError(
                    "no such weight of evidence",
                    where=name,
                    got=repr(value),
                    expected="a number, and 0 or more for all but the bias",
                )

    def log_odds(self, features: Mapping[str, Sequence[float]]) -> Floats:
        """[S], finite for finite features; those named in `FEATURES` are used."""
        return np.asarray(self.bias + capped(features) @ np.array([getattr(self, f) for f in FEATURES]))

    def to_json(self) -> dict[str, float]:
        """The weights by name."""
        return {name: getattr(self, name) for name in ("bias", *FEATURES)}

    @classmethod
    def of(cls, named: Mapping[str, Any], *, where: str) -> Weights:
        """From a mapping of names to numbers; of the facts about the fit only `problems` is read.

        Raises:
            ConfigError: a weight is missing or not a number, or `problems` is not a list of texts.
        """
        found: dict[str, Any] = {}
        for name in ("bias", *FEATURES):
            value = named.get(name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ConfigError(
                    "a weight of evidence is missing or not a number",
                    where=f"{where}: {name}",
                    got=repr(value),
                    hint="cpmi fit RUN --out FILE writes such a file from a rated run.",
                )
            found[name] = float(value)
        problems = named.get("problems", [])
        if not isinstance(problems, list) or not all(isinstance(item, str) for item in problems):
            raise ConfigError(
                "not a list of problems",
                where=f"{where}: problems",
                got=type(problems).__name__,
                expected="texts",
            )
        return cls(**found, fitted_on=tuple(problems))

    @classmethod
    def read(cls, path: str | Path) -> Weights:
        """From a file by `cpmi fit`.

        Raises:
            ConfigError: it cannot be read or holds no weights.
        """
        try:
            content = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError("the weights cannot be read", where=str(path), got=str(error)) from error
        if not isinstance(content, dict):
            raise ConfigError("not a file of weights", where=str(path), got=type(content).__name__)
        return cls.of(content, where=str(path))


def capped(features: Mapping[str, Sequence[float]]) -> Floats:
    """The features as they count, [S, F]; a KeyError if one is missing."""
    seen_SF = np.stack([np.asarray(features[name], float) for name in FEATURES], axis=-1)
    return np.asarray(np.clip(seen_SF, -CAP, CAP))


DEFAULT_WEIGHTS = Weights.read(Path(__file__).with_name("default_weights.json"))
"""For a labeling model to which none were fitted. `docs/log.md` describes their origin."""
