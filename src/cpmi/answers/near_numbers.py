"""Near misses of numbers: the slips people and models make, most plausible first, as bare values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import gcd, isqrt


def distinct(values: Iterable[int], *, but: int, least: int = 0) -> list[int]:
    """The values in order, each once, without `but` and those below `least`."""
    kept: dict[int, None] = {}
    for value in values:
        if value != but and value >= least:
            kept.setdefault(value)
    return list(kept)


def near_integers(number: int) -> list[int]:
    """Near misses of a number >= 0: none negative, none equal, at least eight."""
    return distinct(_integer_slips(number), but=number)


def _integer_slips(n: int) -> Iterator[int]:
    # A round number is missed in its last significant digit: 80,000 for 90,000 rather than 80,001.
    step = 1
    while n and n % (step * 100) == 0:
        step *= 10
    yield from (n + step, n - step)
    yield from _swapped_digits(n)
    if n > 2:
        yield 2 * n
    if n % 2 == 0 and n > 2:
        yield n // 2
    yield from (n + 10 * step, n - 10 * step, n + 2 * step, n - 2 * step)
    if n >= 10 and n % 10 == 0:
        yield n // 10
    if n % 3 == 0 and n > 3:
        yield n // 3
    yield from (n + 5 * step, n - 5 * step)
    if n:
        yield from (10 * n, n + 3 * step, n + 4 * step)
    yield from (n + 100 * step, n + 3, n + 4, n + 6, n + 7, n + 8)


def _swapped_digits(n: int) -> Iterator[int]:
    """Neighboring digits exchanged, from the right; not those that would lead with a zero."""
    digits = str(n)
    for index in range(len(digits) - 2, -1, -1):
        swapped = digits[:index] + digits[index + 1] + digits[index] + digits[index + 2 :]
        if swapped[0] != "0":
            yield int(swapped)


def near_decimals(value: Fraction, decimals: int) -> list[Fraction]:
    """Near misses of a decimal >= 0 with the same number of decimals."""
    scale = 10**decimals
    scaled = int(value * scale)
    whole = [scaled + scale, scaled - scale, scaled + scale // 10, scaled - scale // 10]
    shifted = [scaled * 10] + ([scaled // 10] if scaled % 10 == 0 else [])
    digits = list(_swapped_digits(scaled)) if scaled % 10 else []
    doubled = [scaled * 2] + ([scaled // 2] if scaled % 2 == 0 else [])
    ends = [scaled + 1, scaled - 1, scaled + 5, scaled - 5, scaled + 2, scaled + 10]
    far = [scaled + 2 * scale, scaled - 2 * scale, scaled + 3 * scale, scaled + 10 * scale]
    slips = [*whole[:2], *digits, *doubled, *whole[2:], *shifted, *ends, *far]
    values = distinct(slips, but=scaled, least=1)
    return [Fraction(slip, scale) for slip in values]


def near_amounts(value: Fraction, decimals: int) -> list[Fraction]:
    """Near misses of a money amount with cents; `.00` stays `.00` first."""
    scale = 10**decimals
    if value.denominator != 1:
        return near_decimals(value, decimals)
    near = [Fraction(n) for n in near_integers(value.numerator)]
    return [*near[:8], value + Fraction(scale // 2, scale)]


def near_ratios(above: int, below: int) -> list[tuple[int, int]]:
    """Near misses of above/below > 0 as (numerator, denominator), none whole, none equal in value.

    A reduced fraction is missed by reduced ones only.
    """
    a, b = above, below
    slips = [(a + 1, b), (a - 1, b), (a, b + 1), (a, b - 1)]
    slips += [(b - a, b)] if a < b else [(a - b, b)]
    slips += [(b, a), (a + 1, b + 1), (a - 1, b - 1), (2 * a, b), (a, 2 * b), (a + 2, b), (a - 2, b)]
    slips += [(a, b + 2), (a, b - 2), (a + 3, b), (a, b + 3), (a + 2, b + 1), (a + 1, b + 2)]
    slips += [(a + 4, b), (a, b + 4), (a + 4, b + 3), (a + 3, b + 2), (a + 2, b + 3), (a, b + 5)]
    reduced = gcd(a, b) == 1
    kept: dict[Fraction, tuple[int, int]] = {}
    for numerator, denominator in slips:
        if numerator <= 0 or denominator <= 1:
            continue
        value = Fraction(numerator, denominator)
        if value.denominator == 1 or value == Fraction(a, b):
            continue
        if reduced and gcd(numerator, denominator) != 1:
            continue
        kept.setdefault(value, (numerator, denominator))
    return list(kept.values())


def near_roots(coefficient: int, radicand: int, divisor: int) -> list[tuple[int, int, int]]:
    """Near misses of c·√r/d as (c, r, d); radicands stay above 1 and square-free neighbors come first."""
    c, r, d = coefficient, radicand, divisor
    slips = [(r, c, d)] if c > 1 else []
    slips += [(c + 1, r, d), (c - 1, r, d), (c, r + 1, d), (c, r - 1, d)]
    slips += [(2 * c, r, d)] + ([(c // 2, r, d)] if c % 2 == 0 else [])
    slips += [(1, r, d)] if c > 1 else []
    slips += [(c, r + 2, d), (c, r - 2, d), (c, 2 * r, d), (r, r, d), (c + 2, r, d), (c, r + 3, d)]
    if d > 1:
        slips[2:2] = [(c, r, d + 1), (c, r, d - 1), (c, r, 2 * d)]
    slips += [(c + 3, r, d), (c + 4, r, d), (c, r + 5, d), (c, r + 8, d)]
    reduced = gcd(c, d) == 1
    return [
        (near_c, near_r, near_d)
        for near_c, near_r, near_d in dict.fromkeys(slips)
        if min(near_c, near_d) >= 1
        and near_r >= 2
        and not _is_square(near_r)
        and (gcd(near_c, near_d) == 1 or not reduced)
    ]


def _is_square(number: int) -> bool:
    return isqrt(number) ** 2 == number
