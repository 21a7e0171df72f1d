"""Weights of evidence: the log-odds that a step is right, from three features of one forward pass.

Where no wrong answer is there to compare with, the third feature has no value: weights of their own read the
other two.

Axes: S steps; F features. Logarithms are natural; log-odds are in nat.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cpmi.digests import OWN, expect_sealed
from cpmi.errors import ConfigError
from cpmi.json_files import parse_json
from cpmi.shown import told

Floats = npt.NDArray[np.float64]

FEATURES = ("least_number", "mean", "gain")
"""Names of the features, in the order of axis F."""

WITHOUT_CONTRAST = FEATURES[:2]
"""The features that need no wrong answer."""

CAP = 10.0
"""Nat. Beyond it a feature tells no more: a number of probability e^-20 is not twice as wrong as e^-10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The model whose features are read, under which prompt: what weights are fitted on, or used for.

    Attributes:
        model: its name.
        digest: of its weights, as in manifests; models without one are never taken for the same.
        prompt: the style of all prompts, and their language if it is not English; as `prompt_of`.
        contrast: digest of the model that reads the gain, or "" where it is the same one.
    """

    model: str = ""
    digest: str = ""
    prompt: str = ""
    contrast: str = ""

    def __str__(self) -> str:
        said = f"{self.model or 'an unknown model'} ({self.prompt or 'unknown prompt'})"
        return f"{said} with a contrast model" if self.contrast else said


def prompt_of(options: Mapping[str, Any]) -> str:
    """The prompt of an `Origin`: "raw", or "raw, zh"; "" if the options of a run do not say it."""
    style, language = str(options.get("prompt", "")), options.get("language")
    return f"{style}, {language}" if language else style


@dataclass(frozen=True, slots=True, kw_only=True)
class SurpriseWeights:
    """Weights of the features `WITHOUT_CONTRAST`: log-odds = bias + least_number · x + mean · m.

    Raises:
        ConfigError: as `Weights`.
    """

    bias: float
    least_number: float
    mean: float

    def __post_init__(self) -> None:
        _expect_weights(self.to_json())

    def log_odds(self, features: Mapping[str, Sequence[float]]) -> Floats:
        """[S], finite for finite features."""
        weights_F = np.array([self.least_number, self.mean])
        return np.asarray(self.bias + capped(features, WITHOUT_CONTRAST) @ weights_F)

    def to_json(self) -> dict[str, float]:
        """The weights by name."""
        return {name: getattr(self, name) for name in ("bias", *WITHOUT_CONTRAST)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each feature counts.

    log-odds = bias + least_number · x + mean · m + gain · g, where x is the log-probability of the step's
    least probable number, m the mean log-probability of its tokens, and g what the step adds to the lead of
    the right answer over the best wrong one, all bounded at ±CAP. No weight but the bias is below 0: more of
    any is better.

    Attributes:
        without_contrast: for chains that have no wrong answer to compare with; None where none were fitted.
        file: that was named to give them, for people; "" for others.
        fitted_on: digests of the problems on which they were fitted (`cpmi.data.problem_digest`): labels are
            not evaluated there. Not part of their identity.
        origin: what they were fitted on. Not part of their identity either.

    Raises:
        ConfigError: a weight is negative or not finite.
    """

    bias: float
    least_number: float
    mean: float
    gain: float
    without_contrast: SurpriseWeights | None = None
    file: str = field(default="", compare=False, repr=False)
    fitted_on: tuple[str, ...] = field(default=(), compare=False, repr=False)
    origin: Origin = field(default=Origin(), compare=False, repr=False)

    def __post_init__(self) -> None:
        _expect_weights(self._named())

    def log_odds(self, features: Mapping[str, Sequence[float]]) -> Floats:
        """[S], finite for finite features; those named in `FEATURES` are used."""
        weights_F = np.array([getattr(self, name) for name in FEATURES])
        return np.asarray(self.bias + capped(features, FEATURES) @ weights_F)

    def notice(self, used: Origin) -> str:
        """What to know of these weights where they are used; "" if they were fitted on just that."""
        if self.origin.digest and self.origin == replace(used, model=self.origin.model):
            return ""
        elsewhere = f", used for {used}" if self.origin.digest and self.origin.digest == used.digest else ""
        return f"weights fitted on {self.origin}{elsewhere}: fit your own with cpmi fit"

    def to_json(self) -> dict[str, Any]:
        """The weights by name; those without a contrast, where there are some, by theirs."""
        apart = self.without_contrast
        return self._named() | ({} if apart is None else {"without_contrast": apart.to_json()})

    def _named(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in ("bias", *FEATURES)}

    @classmethod
    def of(cls, named: Mapping[str, Any], *, where: str) -> Weights:
        """From a mapping of names to numbers; of a fit's facts only `problems` and `origin` are read.

        Raises:
            ConfigError: a weight is missing or not a number, `problems` is not a list of texts, or `origin`
                no `Origin`.
        """
        found = _numbers(named, ("bias", *FEATURES), where=where)
        apart, inside = named.get("without_contrast"), f"{where}: without_contrast"
        if apart is not None and not isinstance(apart, Mapping):
            raise ConfigError("not weights", where=inside, got=told(apart), expected="weights by name")
        without = apart and SurpriseWeights(**_numbers(apart, ("bias", *WITHOUT_CONTRAST), where=inside))
        problems = named.get("problems", [])
        if not isinstance(problems, list) or not all(isinstance(item, str) for item in problems):
            raise ConfigError(
                "not a list of problems",
                where=f"{where}: problems",
                got=type(problems).__name__,
                expected="texts",
            )
        return cls(
            **found,
            without_contrast=without or None,
            fitted_on=tuple(problems),
            origin=_origin(named.get("origin", {}), where=where),
        )

    @classmethod
    def read(cls, path: str | Path) -> Weights:
        """From a file by `cpmi fit`.

        Raises:
            ConfigError: it cannot be read or holds no weights.
            RunError: it has changed since it was written.
        """
        try:
            content = parse_json(Path(path).read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigError("the weights cannot be read", where=str(path), got=str(error)) from error
        if not isinstance(content, dict):
            raise ConfigError("not a file of weights", where=str(path), got=type(content).__name__)
        if OWN in content or "made_by" in content:  # not one that was written by hand
            expect_sealed(content, Path(path))
        return cls.of(content, where=str(path))


def capped(features: Mapping[str, Sequence[float]], names: Sequence[str]) -> Floats:
    """The named features as they count, [S, F]; a KeyError if one is missing."""
    seen_SF = np.stack([np.asarray(features[name], float) for name in names], axis=-1)
    return np.asarray(np.clip(seen_SF, -CAP, CAP))


def _expect_weights(named: Mapping[str, float]) -> None:
    for name, value in named.items():
        if not math.isfinite(value) or (name != "bias" and value < 0):
            raise ConfigError(
                "no such weight of evidence",
                where=name,
                got=repr(value),
                expected="a number, and 0 or more for all but the bias",
            )


def _numbers(named: Mapping[str, Any], names: Sequence[str], *, where: str) -> dict[str, Any]:
    for name in names:
        value = named.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(
                "a weight of evidence is missing or not a number",
                where=f"{where}: {name}",
                got=told(value),
                hint="cpmi fit RUN --out FILE writes such a file from a rated run.",
            )
    try:
        return {name: float(named[name]) for name in names}
    except OverflowError as error:  # a whole number above all floats
        raise ConfigError("a weight of evidence is not a number", where=where, got=str(error)) from error


def _origin(named: Any, *, where: str) -> Origin:
    known = [item.name for item in fields(Origin)]
    if not isinstance(named, Mapping) or not all(
        name in known and isinstance(value, str) for name, value in named.items()
    ):
        raise ConfigError(
            "not the origin of weights",
            where=f"{where}: origin",
            got=told(named),
            expected=f"texts named {', '.join(known)}",
        )
    return Origin(**named)


_HERE = Path(__file__).parent
DEFAULT_WEIGHTS = Weights.read(_HERE / "default_weights.json")
"""For a model to which none were fitted: of a general model, on real chains (`docs/log.md`)."""
SHIPPED_WEIGHTS = (Weights.read(_HERE / "embedded" / "weights.json"), DEFAULT_WEIGHTS)


def shipped_for(used: Origin) -> Weights:
    """The shipped weights that were fitted on this very model, by its digest; else `DEFAULT_WEIGHTS`."""
    fitted = (w for w in SHIPPED_WEIGHTS if w.origin.digest and w.origin.digest == used.digest)
    return next(fitted, DEFAULT_WEIGHTS)
