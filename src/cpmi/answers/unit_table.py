"""Units of measure as exact factors of the SI's base units."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

Dimension = tuple[int, ...]
"""Exponents of metre, kilogram, second, ampere, kelvin and mole."""

_NO_DIMENSION: Dimension = (0,) * 6


@dataclass(frozen=True, slots=True)
class Scale:
    """What a unit is worth.

    Attributes:
        factor: in base units.
        dimension: of which.
        zero: the base units at its zero, for degrees of temperature; None for a unit whose zero is zero.
    """

    factor: Fraction = Fraction(1)
    dimension: Dimension = _NO_DIMENSION
    zero: Fraction | None = None

    def times(self, other: Scale, power: int) -> Scale:
        """This times a power of another; of degrees of temperature the size counts."""
        dimension = tuple(a + power * b for a, b in zip(self.dimension, other.dimension, strict=True))
        return Scale(self.factor * other.factor**power, dimension)


def scale_of(unit: str) -> Scale | None:
    """The scale of `m`, `kWh`, `°C`, `km` by its symbol; None for other letters. Case counts."""
    unit = _NAMES.get(unit, unit)
    if unit in _UNITS:
        return _UNITS[unit]
    rest = _UNITS.get(unit[1:]) if unit[1:] in _WITH_PREFIX else None
    prefix = _PREFIXES.get(unit[:1])
    if rest is None or prefix is None:
        return None
    return Scale(rest.factor * Fraction(10) ** prefix, rest.dimension)


_NAMES = {
    "newton": "N", "joule": "J", "watt": "W", "pascal": "Pa", "hertz": "Hz", "volt": "V", "ohm": "Ω",
    "kelvin": "K", "mole": "mol", "ampere": "A", "amp": "A", "kilonewton": "kN", "kilojoule": "kJ",
    "kilowatt": "kW", "kilopascal": "kPa", "kwh": "kWh", "hr": "h", "sec": "s",
}  # fmt: skip
_PREFIXES = {
    "p": -12, "n": -9, "µ": -6, "μ": -6, "u": -6, "m": -3, "c": -2, "d": -1, "h": 2, "k": 3, "M": 6,
    "G": 9, "T": 12,
}  # fmt: skip
_WITH_PREFIX = frozenset("m g s A K mol N J W Pa Hz V Ω L l Wh bar F".split())


def _unit(
    factor: str | int, m: int = 0, kg: int = 0, s: int = 0, a: int = 0, k: int = 0, mol: int = 0
) -> Scale:
    return Scale(Fraction(factor), (m, kg, s, a, k, mol))


_METRES = {"m": "1", "inch": "0.0254", "foot": "0.3048", "yard": "0.9144", "mile": "1609.344"}
_SECONDS = {"s": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86_400,
            "week": 604_800}  # fmt: skip
_UNITS: dict[str, Scale] = {
    **{name: _unit(factor, m=1) for name, factor in _METRES.items()},
    **{name: _unit(factor, s=1) for name, factor in _SECONDS.items()},
    "g": _unit("0.001", kg=1), "A": _unit(1, a=1), "K": _unit(1, k=1), "mol": _unit(1, mol=1),
    "N": _unit(1, 1, 1, -2), "J": _unit(1, 2, 1, -2), "W": _unit(1, 2, 1, -3), "Wh": _unit(3600, 2, 1, -2),
    "Pa": _unit(1, -1, 1, -2), "bar": _unit(100_000, -1, 1, -2), "Hz": _unit(1, s=-1),
    "V": _unit(1, 2, 1, -3, -1),
    "Ω": _unit(1, 2, 1, -3, -2), "C": _unit(1, s=1, a=1), "F": _unit(1, -2, -1, 4, 2), "l": _unit("0.001", 3),
    "L": _unit("0.001", 3), "mph": _unit("0.44704", 1, s=-1), "kph": _unit("5/18", 1, s=-1),
    "°C": Scale(Fraction(1), (0, 0, 0, 0, 1, 0), Fraction("273.15")),
    "°F": Scale(Fraction(5, 9), (0, 0, 0, 0, 1, 0), Fraction("459.67") * Fraction(5, 9)),
}  # fmt: skip
