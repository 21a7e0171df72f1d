r"""The typed reading of an answer: its kind, its exact value, and how it is written.

An answer's text is cut into prefix + core + suffix. What is not core (`$...$`, `x = `, `\%`, ` cm`) is kept
when another value is written in the same style, so a near miss looks like the answer it misses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from cpmi.answers.numerals import Numeral, Ratio
from cpmi.answers.units import PERCENT, Unit


class Kind(StrEnum):
    """What an answer is."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    FRACTION = "fraction"
    MIXED = "mixed"
    PERCENT = "percent"
    MONEY = "money"
    BASED = "based"  # an integer in another base, 52_8
    TIME = "time"  # 5:30
    RATIO = "ratio"  # 2:3
    ROOT = "root"
    TUPLE = "tuple"
    LIST = "list"  # 1, -2
    SET = "set"
    INTERVAL = "interval"  # one or a union
    EXPRESSION = "expression"
    CHOICE = "choice"
    WORD = "word"  # one or several
    TEXT = "text"  # none of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A signed number with its unit.

    Attributes:
        numeral: the number without sign.
        negative: whether a minus is written.
        minus: the sign to write before a negative number.
        plus: "+" where one is written.
        currency: a currency sign with its blanks, or "".
        unit: what follows.
        base: the base of the digits, 10 but for Kind.BASED.
    """

    numeral: Numeral
    negative: bool = False
    minus: str = "-"
    plus: str = ""
    currency: str = ""
    unit: Unit
    base: int = 10

    @property
    def amount(self) -> Fraction:
        """The written number: 25 for `25\\%`."""
        return -self.numeral.value if self.negative else self.numeral.value

    @property
    def value(self) -> Fraction:
        """What it is worth: 1/4 for `25\\%`; the amount for money."""
        return self.amount * self.unit.scale

    def write(self, amount: Fraction) -> str | None:
        """The core text of another amount in the same style, or None if it does not fit."""
        if self.base != 10:
            return _write_based(amount, self.base, self.minus)
        if isinstance(self.numeral, Ratio):
            if amount.denominator == 1:
                return None
            return self.write_ratio(abs(amount.numerator), amount.denominator, negative=amount < 0)
        body = self.numeral.write(abs(amount))
        return None if body is None else (self.minus if amount < 0 else self.plus) + self.currency + body

    def write_ratio(self, above: int, below: int, *, negative: bool) -> str | None:
        """The core text of a ratio as it stands, not reduced; None if this quantity is no ratio."""
        if not isinstance(self.numeral, Ratio):
            return None
        minus = self.minus if negative else ""
        if self.numeral.minus_inside:
            return self.plus + self.currency + self.numeral.write_pair(above, below, minus=minus)
        return (minus or self.plus) + self.currency + self.numeral.write_pair(above, below)


def _write_based(amount: Fraction, base: int, minus: str) -> str | None:
    if amount.denominator != 1:
        return None
    rest, digits = abs(amount.numerator), ""
    while rest or not digits:
        rest, digit = divmod(rest, base)
        digits = "0123456789ABCDEF"[digit] + digits
    return (minus if amount < 0 else "") + digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    r"""`c\sqrt[n]{r}/d`: a rational multiple of a root of a whole number.

    Attributes:
        coefficient: c, > 0 and whole.
        divisor: d, > 0.
        radicand: r, > 0.
        degree: n, 2 for a square root.
        negative: whether a minus is written.
        pattern: the core with `{sign}`, `{coefficient}`, `{radicand}`, `{divisor}` to fill.
        unit: what follows.
    """

    coefficient: int
    divisor: int
    radicand: int
    degree: int
    negative: bool
    pattern: str
    unit: Unit = field(default_factory=Unit)

    @property
    def power(self) -> Fraction:
        """Its n-th power with the number's own sign: equal exactly where the numbers are equal."""
        size = Fraction(self.coefficient, self.divisor) ** self.degree * self.radicand
        return -size if self.negative else size

    def write(self) -> str:
        """The number in the form it was read from."""
        one_may_hide = r"\frac{{{sign}{coefficient}}}" not in self.pattern
        coefficient = "" if self.coefficient == 1 and one_may_hide else str(self.coefficient)
        return self.pattern.format(
            sign="-" if self.negative else "",
            coefficient=coefficient,
            radicand=self.radicand,
            divisor=self.divisor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, read.

    Attributes:
        text: as it was given; equals prefix + core + suffix.
        kind: what it is.
        prefix, core, suffix: see the module.
        name: the variable it is assigned to (`x` in `x = 5`), or "".
        option: the choice letter written before it (`B` in `(B) 12`), or "".
        quantity: for kinds with one rational value, else None.
        root: for Kind.ROOT.
        parts: entries of tuples, lists, sets, ratios and times; endpoints of intervals, flat.
        seams: texts around the parts, one more than there are parts: opening, separators, closing.
    """

    text: str
    kind: Kind
    prefix: str = ""
    core: str = ""
    suffix: str = ""
    name: str = ""
    option: str = ""
    quantity: Quantity | None = None
    root: Root | None = None
    parts: tuple[Answer, ...] = ()
    seams: tuple[str, ...] = ()

    @property
    def value(self) -> Fraction | None:
        """Exact value of the rational kinds: 1/4 for `25\\%`, the amount for money, else None."""
        return self.quantity.value if self.quantity else None

    @property
    def unit(self) -> str:
        number = self.quantity or self.root
        return number.unit.name if number else ""

    @property
    def is_percent(self) -> bool:
        return self.unit == PERCENT

    @property
    def num_entries(self) -> int:
        """Entries that have none themselves: 4 of `(1,2),(3,4)`."""
        return sum(part.num_entries for part in self.parts) if self.parts else 1

    @property
    def depth(self) -> int:
        """How deep entries lie within entries: 0 of `1`, 2 of `(1,2),(3,4)`."""
        return 1 + max(part.depth for part in self.parts) if self.parts else 0

    def with_core(self, core: str) -> str:
        """Another core in this answer's wrapping."""
        return self.prefix + core + self.suffix

    def with_parts(self, parts: tuple[str, ...], seams: tuple[str, ...] | None = None) -> str:
        """Other entries, and other brackets if given, in this answer's wrapping."""
        seams = seams or self.seams
        body = seams[0] + "".join(part + seam for part, seam in zip(parts, seams[1:], strict=True))
        return self.with_core(body)

    def wrapped(self, prefix: str, suffix: str) -> Answer:
        """The same answer with more text around it."""
        return replace(
            self,
            text=prefix + self.text + suffix,
            prefix=prefix + self.prefix,
            suffix=self.suffix + suffix,
        )
