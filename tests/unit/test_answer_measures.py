r"""Amounts in other units and notations, remainders, derivatives, sets with an integer parameter."""

from __future__ import annotations

import pytest

from cpmi.answers import Equivalence
from cpmi.answers.measures import measure_of

_TABLE = r"""
9.8 m/s^2 @ 9.8 m s^{-2} @ same
9.8 \text{ m/s}^2 @ 9.8 m s^{-2} @ same
9.8\,\mathrm{m\,s^{-2}} @ 9.8 m/s² @ same
9.8 m·s⁻² @ 9.8\ \mathrm{m/s^2} @ same
9.9 m/s^2 @ 9.8 m s^{-2} @ different
9.8 @ 9.8 m s^{-2} @ undecided
1.2 kN @ 1200 N @ same
1.2 kN @ 1300 N @ different
1.2 kN @ 1201 N @ undecided
1.2 kN @ 1.2 kJ @ undecided
8\text{ cm} @ 6\pi @ different
9\text{ min} @ \tan 15^\circ @ different
\boxed{1.2 kN} @ $1200\text{ N}$ @ same
1 kWh @ 3600000 J @ same
1 kWh @ 3.6 \times 10^6 J @ same
1 kWh @ 3.7 MJ @ different
25 °C @ 298.15 K @ same
25^\circ C @ 298.15\text{ K} @ same
25 °C @ 298 K @ undecided
25 °C @ 25 K @ undecided
25 °C @ 300 K @ different
25°C @ 77°F @ same
2 hours @ 120 minutes @ same
\frac{1}{2}\text{ hour} @ 30\text{ minutes} @ same
2 hours @ 130 minutes @ different
5 km @ 5000 m @ same
5 miles @ 8 km @ undecided
36 km/h @ 10 m/s @ same
36 km/h @ 11 m/s @ different
60 mph @ 88 feet per second @ same
10^{-3} mol @ 1 mmol @ same
10^{-3} mol @ 0.002 mol @ different
2 m^2 @ 20000 cm^2 @ same
2 square meters @ 20000 cm^2 @ same
3\text{ N}\cdot\text{m} @ 3 J @ same
5 \Omega @ 5000 m\Omega @ same
4 J/(kg K) @ 4 J kg^{-1} K^{-1} @ same
4 J/kg K @ 4 J kg^{-1} K^{-1} @ notdifferent
5 m @ 5 s @ undecided
1 year @ 12 months @ undecided
3ab @ 3ba @ same
2ab @ 2bc @ different
-7 \mod 3 @ 2 @ same
-7 mod 3 @ 2 @ same
-7 mod 3 @ 1 @ different
-7 \mod 3 @ -1 @ undecided
2 \pmod 3 @ 5 \pmod 3 @ undecided
\frac{d}{dx} x^2 @ 2x @ undecided
\frac{d}{dx} x^2 @ x @ undecided
\frac{d^2y}{dx^2} @ \frac{y}{x} @ undecided
dy/dx @ y/x @ undecided
\frac{\partial f}{\partial x} @ \frac{f}{x} @ undecided
\frac{d}{2} @ d/2 @ same
\int \frac{dx}{x} @ \int \frac{1}{x} dx @ same
k\pi @ n\pi @ undecided
k\pi @ n\pi, n\in\mathbb{Z} @ undecided
k\pi, k\in\mathbb{Z} @ n\pi, n \in \mathbb{Z} @ same
x=k\pi, k\in\mathbb{Z} @ n\pi \text{ for any integer } n @ same
x=k\pi \ (k\in\mathbb{Z}) @ x = n\pi, n \in Z @ same
2k+1, k \in \mathbb{Z} @ 2n-1, n\in\mathbb{Z} @ same
2k\pi, k\in\mathbb{Z} @ n\pi, n \in \mathbb{Z} @ undecided
\frac{\pi}{2} + 2k\pi, \quad k \in \mathbb{Z} @ \frac{\pi}{2}(4n+1), n\in\mathbb{Z} @ same
k\pi, k\in\mathbb{Z} @ \pi @ different
"""
_PAIRS = [tuple(line.split(" @ ")) for line in _TABLE.strip().splitlines()]


@pytest.mark.parametrize(("first", "second", "right"), _PAIRS)
def test_verdict(first: str, second: str, right: str) -> None:
    with Equivalence(inline=True) as equivalence:
        found = {equivalence.compare(*pair).relation for pair in ((first, second), (second, first))}
    assert len(found) == 1
    assert found.isdisjoint({"different"}) if right == "notdifferent" else found == {right}


@pytest.mark.parametrize(
    "text",
    ["5", "m", "5 x", "5 m/", "5 (m", "5 m^9", "5 m^{-}", "5 m/s/", "5 m" * 60, "10^{999} Q", "x m",
     "5 J/K/", "5 / s)", "9" * 99 + " 10^{9} m"],
)  # fmt: skip
def test_what_is_no_amount(text: str) -> None:
    assert measure_of(text) is None
