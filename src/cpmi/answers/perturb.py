"""Near misses: wrong answers of the gold's own kind, in the gold's own writing, most plausible first.

Rules, not samples: the same gold always gives the same list. Numbers keep their sign (no -7 people), counts
stay whole, decimals keep their number of decimals, percent and money keep their marks. Entries of tuples,
lists and intervals and later terms of sums may turn their sign, a common slip there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice, pairwise

from cpmi.answers.dates import is_date
from cpmi.answers.exact import compare_answers
from cpmi.answers.forms import Answer, Kind
from cpmi.answers.near_expressions import near_expressions
from cpmi.answers.near_numbers import (
    near_amounts,
    near_decimals,
    near_integers,
    near_ratios,
    near_roots,
)
from cpmi.answers.near_structures import near_structures, near_times
from cpmi.answers.numerals import Mixed, Plain, Ratio
from cpmi.answers.reading import parse_answer
from cpmi.answers.structures import is_infinite
from cpmi.answers.words import like, peers
from cpmi.types import Relation

MAX_NEAR_MISSES = 16
_MAX_ENTRIES = 10  # of all depths; the candidates of more are too many to compare with each other
_MAX_DEPTH = 3
_MAX_TRIED = 200


def near_misses(gold: str) -> list[str]:
    """All of `find_near_misses`."""
    return list(find_near_misses(gold))


def find_near_misses(gold: str) -> Iterator[str]:
    """Plausible wrong answers for `gold`, best first, at most MAX_NEAR_MISSES; none if nothing is plausible.

    None equals the gold or an earlier one where that can be decided exactly; of expressions, compare each
    before use. Each is made when it is asked for. Of a gold with very many entries, or entries within entries
    within entries, there are none.
    """
    answer = parse_answer(gold)
    kept: list[Answer] = []
    if answer.num_entries > _MAX_ENTRIES or answer.depth > _MAX_DEPTH:
        return
    for text in islice(_candidates(answer), _MAX_TRIED):
        candidate = parse_answer(text)
        if _is_near_miss(candidate, answer) and not any(_is_same(candidate, other) for other in kept):
            kept.append(candidate)
            yield text
        if len(kept) == MAX_NEAR_MISSES:
            return


def in_style_of(result: str, gold: str) -> str | None:
    """A result as the gold would be written: `25` as `\\$25.00` for a gold `\\$18.00`.

    Returns:
        the text, or None if the result is not of the gold's kind of number, has another unit or does not fit.
    """
    found, model = parse_answer(result), parse_answer(gold)
    if found.quantity is None or model.quantity is None:
        return result if found.kind is model.kind else None
    if found.unit not in ("", model.unit) or found.quantity.base != model.quantity.base:
        return None
    core = model.quantity.write(found.quantity.amount)
    return None if core is None else model.with_core(core)


def _is_near_miss(candidate: Answer, gold: Answer) -> bool:
    if candidate.kind is not gold.kind or candidate.text == gold.text:
        return False
    verdict = compare_answers(candidate, gold)
    return verdict is None or verdict.relation is Relation.DIFFERENT


def _is_same(first: Answer, second: Answer) -> bool:
    verdict = compare_answers(first, second)
    return first.text == second.text or (verdict is not None and verdict.relation is Relation.SAME)


def _candidates(answer: Answer) -> Iterator[str]:
    if is_date(answer.core.strip()):
        return
    if answer.quantity is not None:
        yield from _near_quantities(answer)
    elif answer.root is not None:
        yield from _near_roots(answer)
    elif answer.kind is Kind.TIME:
        yield from near_times(answer)
    elif answer.parts:
        yield from _in_order(answer, near_structures(answer, near_misses))
    elif answer.kind is Kind.CHOICE:
        yield from _near_choices(answer)
    elif answer.kind is Kind.WORD:
        yield from _near_words(answer)
    elif answer.kind is Kind.EXPRESSION and not is_infinite(answer.core):
        yield from (answer.with_core(core) for core in near_expressions(answer.core))


def _near_quantities(answer: Answer) -> Iterator[str]:
    quantity = answer.quantity
    if quantity is None:
        return
    numeral, sign = quantity.numeral, -1 if quantity.negative else 1
    cores: Iterable[str | None]
    if isinstance(numeral, Ratio):
        pairs = near_ratios(numeral.above, numeral.below)
        cores = (quantity.write_ratio(a, b, negative=quantity.negative) for a, b in pairs)
    else:
        cores = (quantity.write(sign * value) for value in _near_values(numeral, answer.kind))
    for core in cores:
        # A negative gold has no near miss of zero: "-0" is nothing anybody writes.
        if core is not None and not (quantity.negative and re.fullmatch(r"[^1-9]*", core)):
            yield answer.with_core(core)


def _near_values(numeral: Plain | Mixed | Ratio, kind: Kind) -> list[Fraction]:
    if isinstance(numeral, Mixed):
        part = [Fraction(*pair) for pair in near_ratios(numeral.part.above, numeral.part.below)]
        parts = [numeral.whole + fraction for fraction in part if fraction < 1]
        wholes = [numeral.value + shift for shift in (1, -1, 2, 10)]
        return [*wholes[:2], *parts[:4], *wholes[2:], *parts[4:]]
    if not isinstance(numeral, Plain):
        return []
    if numeral.decimals == 0:
        return [Fraction(n) for n in near_integers(int(numeral.value))]
    if kind is Kind.MONEY:
        return near_amounts(numeral.value, numeral.decimals)
    return near_decimals(numeral.value, numeral.decimals)


def _near_roots(answer: Answer) -> Iterator[str]:
    root = answer.root
    if root is None:
        return
    for coefficient, radicand, divisor in near_roots(root.coefficient, root.radicand, root.divisor):
        # A root without divisor has no place to write one; over 1 nobody divides.
        if "{divisor}" in root.pattern and divisor == 1:
            continue
        near = replace(root, coefficient=coefficient, radicand=radicand, divisor=divisor)
        if radicand > 9 and "{{" not in root.pattern and "(" not in root.pattern and "√" not in root.pattern:
            near = replace(near, pattern=root.pattern.replace("{radicand}", "{{{radicand}}}"))
        yield answer.with_core(near.write())


def _in_order(answer: Answer, candidates: Iterator[str]) -> Iterator[str]:
    """Intervals only with ends that still rise; everything else unchanged."""
    for text in candidates:
        if answer.kind is not Kind.INTERVAL or _rises(parse_answer(text)):
            yield text


def _rises(interval: Answer) -> bool:
    values = [part.value for part in interval.parts]
    known = [value for value in values if value is not None]
    # The ends of a union may touch, as in (0,9) and (9,36).
    pairs = pairwise(known)
    inner = len(interval.parts) > 2
    return all(low < high or (inner and low == high) for low, high in pairs)


def _near_choices(answer: Answer) -> Iterator[str]:
    first = "a" if answer.core.islower() else "A"
    place = ord(answer.core) - ord(first)
    order = sorted(range(max(5, place + 1)), key=lambda i: (abs(i - place), i < place))
    yield from (answer.with_core(chr(ord(first) + i)) for i in order if i != place)


def _near_words(answer: Answer) -> Iterator[str]:
    for match in re.finditer(r"(?<!\\)\b[^\W\d_]+\b", answer.core):
        for peer in peers(match.group()):
            text = like(peer, match.group())
            yield answer.with_core(answer.core[: match.start()] + text + answer.core[match.end() :])
