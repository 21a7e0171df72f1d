"""Numbers as people read them: few digits, a real minus sign, a dash where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NOTHING = "–"
_MINUS = "−"
_SIZES = (("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3))


def decimal(number: float | None, digits: int = 2) -> str:
    """0.813 as 0.81; None as a dash."""
    return NOTHING if number is None else f"{number:.{digits}f}".replace("-", _MINUS)


def signed(number: float | None, digits: int = 3) -> str:
    """With its sign: +0.018, −0.001."""
    return NOTHING if number is None else f"{number:+.{digits}f}".replace("-", _MINUS)


def interval(low: float | None, high: float | None, digits: int = 2, *, plus: bool = False) -> str:
    """Both ends in brackets, with their signs if `plus`; empty if one of them is unknown."""
    if low is None or high is None:
        return ""
    said = signed if plus else decimal
    return f"[{said(low, digits)}, {said(high, digits)}]"


def short(number: float | None) -> str:
    """Three digits and a power of ten by letter: 12.3 T."""
    if number is None:
        return NOTHING
    for letter, size in _SIZES:
        if number >= size:
            return f"{_three_digits(number / size)} {letter}"
    return _three_digits(number)


def two_digits(number: float) -> str:
    """0, 0.012, 3.4, 57."""
    if number == 0:
        return "0"
    if number >= 10:
        return f"{number:,.0f}"
    return f"{number:.2g}" if number >= 0.001 else f"{number:.0e}"


def ratio(number: float | None) -> str:
    """A multiple: 0.012×, 3.4×, 57×."""
    return NOTHING if number is None else f"{two_digits(number)}×"


def duration(seconds: float | None) -> str:
    """A time: 9.8 s, 3 min 05 s, 2 h 07 min."""
    if seconds is None:
        return NOTHING
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """3 chains, 1 chain."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {nouns or noun + 's'}"


def counts(counted: Mapping[str, int], noun: str, nouns: str | None = None) -> str:
    """The sum, and the parts by reason: "3 steps: no gold 2; cut off 1"; "none" without any."""
    if not counted:
        return "none"
    parts = "; ".join(f"{reason} {count:,}" for reason, count in counted.items())
    return f"{plural(sum(counted.values()), noun, nouns)}: {parts}"


def listed(names: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _three_digits(number: float) -> str:
    # Not the format's own %g, which turns 999.7 into 1e+03.
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def aligned(rows: Sequence[tuple[str, str]]) -> str:
    """Names and texts as lines, the texts below each other."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in rows)
