r"""Numerals: `1,234.50`, `\frac{3}{4}`, `1\frac45`. Each is read into its value and the way it is written.

A numeral has no sign of its own (the answer has), except that a ratio remembers a minus in its numerator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from cpmi.answers.latex import MINUS_SIGNS, read_argument

_THOUSANDS = r",\\!\s?|\\!,|\{,\}|\\,|,| "
GROUPED = rf"[1-9]\d{{0,2}}(?:(?:{_THOUSANDS})\d{{3}})+(?!\d)"
PLAIN = rf"(?:(?:{GROUPED}|\d+)(?:\.\d+)?|\.\d+)"
_PLAIN = re.compile(PLAIN)
_FIRST_MARK = re.compile(rf"\d(?P<mark>{_THOUSANDS})\d")
_FRACTION_COMMAND = re.compile(r"\\(?P<name>[dtc]?frac)(?![a-zA-Z])")
_SLASH = re.compile(rf"(?P<minus>[{MINUS_SIGNS}]?)(?P<above>\d+)(?P<slash>\s*/\s*)(?P<below>\d+)")
_WHOLE = re.compile(rf"(?P<minus>[{MINUS_SIGNS}]?)\s*(?P<digits>{GROUPED}|\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Digits with optional thousands marks and decimals.

    Attributes:
        value: what it says, >= 0.
        decimals: digits after the point.
        thousands: the mark between groups of three, or "".
        leading_zero: whether `0.5` (True) or `.5` is written; True where it cannot be seen.
    """

    value: Fraction
    decimals: int = 0
    thousands: str = ""
    leading_zero: bool = True

    def write(self, value: Fraction) -> str | None:
        """`value` in this style; None if it does not fit the decimals or is negative."""
        scaled = value * 10**self.decimals
        if scaled.denominator != 1 or scaled < 0:
            return None
        digits = str(scaled.numerator).rjust(self.decimals + 1, "0")
        whole, decimals = (digits, "")
        if self.decimals:
            whole, decimals = digits[: -self.decimals], "." + digits[-self.decimals :]
        if self.thousands:
            whole = f"{int(whole):,}".replace(",", self.thousands)
        if whole == "0" and not self.leading_zero:
            whole = ""
        return whole + decimals


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    r"""`\frac{3}{4}` or `3/4`.

    Attributes:
        above: numerator, >= 0.
        below: denominator, > 0.
        pattern: the text with `{above}` and `{below}` to fill, as `str.format` reads it.
        minus_inside: the minus stands in the numerator.
    """

    above: int
    below: int
    pattern: str
    minus_inside: bool = False

    @property
    def value(self) -> Fraction:
        return Fraction(self.above, self.below)

    def write_pair(self, above: int, below: int, *, minus: str = "") -> str:
        """The ratio of two numbers, not reduced."""
        # `\frac12` holds single digits only; wider numbers need the braces.
        pattern = self.pattern
        if "{{" not in pattern and pattern.startswith("\\") and (above > 9 or below > 9):
            pattern = pattern.split("{above}")[0].rstrip() + "{{{above}}}{{{below}}}"
        return pattern.format(above=minus + str(above) if self.minus_inside else above, below=below)

    def write(self, value: Fraction) -> str | None:
        """`value` as a reduced ratio; None if it is whole (a whole number is no fraction) or negative."""
        if value.denominator == 1 or value < 0:
            return None
        return self.write_pair(value.numerator, value.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    r"""`1\frac45` or `1 4/5`: a whole and a proper fraction, meaning their sum.

    Attributes:
        whole: > 0.
        seam: what stands between whole and fraction.
        part: the fraction, between 0 and 1.
    """

    whole: int
    seam: str
    part: Ratio

    @property
    def value(self) -> Fraction:
        return self.whole + self.part.value

    def write(self, value: Fraction) -> str | None:
        """`value` as a mixed number; None unless it is above 1 and not whole."""
        whole = int(value)
        if value <= 1 or value.denominator == 1:
            return None
        part = self.part.write(value - whole)
        return f"{whole}{self.seam}{part}"


Numeral = Plain | Ratio | Mixed


def read_plain(text: str, start: int = 0) -> tuple[Plain, int] | None:
    """The plain numeral at `start` and the index after it."""
    match = _PLAIN.match(text, start)
    if match is None:
        return None
    whole, _, decimals = match.group().partition(".")
    mark = _FIRST_MARK.search(whole)
    digits = re.sub(r"\D", "", whole)
    value = Fraction(int(digits + decimals or "0"), 10 ** len(decimals))
    plain = Plain(
        value=value,
        decimals=len(decimals),
        thousands=mark.group("mark") if mark else "",
        leading_zero=bool(whole),
    )
    return plain, match.end()


def read_ratio(text: str, start: int = 0) -> tuple[Ratio, int] | None:
    r"""The ratio of two whole numbers at `start` and the index after it; None for a zero denominator."""
    if command := _FRACTION_COMMAND.match(text, start):
        return _read_command(text, start, command.end())
    match = _SLASH.match(text, start)
    if match is None or int(match["below"]) == 0:
        return None
    ratio = Ratio(
        above=int(match["above"]),
        below=int(match["below"]),
        pattern="{above}" + match["slash"] + "{below}",
        minus_inside=bool(match["minus"]),
    )
    return ratio, match.end()


def _read_command(text: str, start: int, after: int) -> tuple[Ratio, int] | None:
    first = read_argument(text, after)
    second = read_argument(text, first[1]) if first else None
    if first is None or second is None:
        return None
    above, below = _WHOLE.fullmatch(first[0].strip()), _WHOLE.fullmatch(second[0].strip())
    if above is None or below is None or below["minus"]:
        return None
    numerator, denominator = (int(re.sub(r"\D", "", m["digits"])) for m in (above, below))
    if denominator == 0:
        return None
    head, middle = text[start:after], text[after : second[1]]
    pattern = head + ("{{{above}}}{{{below}}}" if middle.lstrip().startswith("{") else "{above}{below}")
    if middle.startswith(" ") and "{{" not in pattern:
        pattern = head + " {above}{below}"
    ratio = Ratio(above=numerator, below=denominator, pattern=pattern, minus_inside=bool(above["minus"]))
    return ratio, second[1]


_MIXED_SEAM = re.compile(r"(?P<whole>\d+)(?P<seam> and (?=\d+/\d)|\s*(?:\\[,; ])?\s*)")


def read_mixed(text: str, start: int = 0) -> tuple[Mixed, int] | None:
    r"""The mixed number at `start` and the index after it: a whole, then a proper fraction.

    `1 4/5` needs its blank; `14/5` is a ratio. An improper part (`2\frac{7}{3}`) is no mixed number.
    """
    match = _MIXED_SEAM.match(text, start)
    if match is None or int(match["whole"]) == 0:
        return None
    if not match["seam"] and text[match.end() : match.end() + 1] != "\\":
        return None
    found = read_ratio(text, match.end())
    if found is None or found[0].minus_inside or not 0 < found[0].value < 1:
        return None
    return Mixed(whole=int(match["whole"]), seam=match["seam"], part=found[0]), found[1]


def read_numeral(text: str, start: int = 0) -> tuple[Numeral, int] | None:
    """The numeral at `start` and the index after it; mixed before ratio before plain."""
    return read_mixed(text, start) or read_ratio(text, start) or read_plain(text, start)
