r"""Comparison of answers made of answers, entry by entry: tuples, lists, sets, intervals, ratios, `\pm`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from math import inf

from cpmi.answers.forms import Answer, Kind
from cpmi.answers.latex import MINUS_SIGNS
from cpmi.answers.reading import parse_answer
from cpmi.answers.structures import bracket_of, is_infinite
from cpmi.answers.verdicts import DIFFERENT, MAYBE_A_PAIR, SAME, undecided
from cpmi.types import Relation, Verdict

Compare = Callable[[Answer, Answer], Verdict | None]

_EITHER_SIGN = re.compile(r"\\pm(?![A-Za-z])|±|\\mp(?![A-Za-z])|∓")
_OR = re.compile(r"\bor\b")
_STRUCTURES = (Kind.TUPLE, Kind.LIST, Kind.SET, Kind.INTERVAL)
_MAX_PAIRS = 10_000


def compare_structures(a: Answer, b: Answer, compare: Compare) -> Verdict | None:
    """Compare two answers that have parts or a sign of either kind; None where an entry takes more."""
    if {a.kind, b.kind} == {Kind.TUPLE, Kind.INTERVAL}:
        return _compare_interval_and_tuple(a, b, compare)
    if a.kind is Kind.INTERVAL and b.kind is Kind.INTERVAL:
        return _compare_intervals(a, b, compare)
    if a.kind is Kind.RATIO and b.kind is Kind.RATIO:
        return _compare_ratios(a, b)
    if Kind.RATIO in (a.kind, b.kind) or Kind.INTERVAL in (a.kind, b.kind):
        return undecided(f"{a.kind} against {b.kind}")
    return _compare_entries(a, b, compare)


def has_either_sign(answer: Answer) -> bool:
    """Whether the answer stands for two, as `1 \\pm \\sqrt2` does."""
    return _EITHER_SIGN.search(answer.core) is not None


def entries_of(answer: Answer) -> tuple[Answer, ...]:
    r"""The entries of a list, those with `\pm` taken apart; the answer itself if it is no list."""
    parts = answer.parts if answer.kind in (Kind.TUPLE, Kind.LIST, Kind.SET) else (answer,)
    found: list[Answer] = []
    for part in parts:
        if has_either_sign(part) and part.kind not in _STRUCTURES:
            found.extend(parse_answer(_signed(part.text, upper)) for upper in (True, False))
        else:
            found.append(part)
    return tuple(found)


def _signed(text: str, upper: bool) -> str:
    def sign(match: re.Match[str]) -> str:
        plus = upper == (match.group() in (r"\pm", "±"))
        # A leading `+` is left out.
        return ("+" if text[: match.start()].strip(" ${(\\") else "") if plus else "-"

    return _EITHER_SIGN.sub(sign, text)


def _compare_entries(a: Answer, b: Answer, compare: Compare) -> Verdict | None:
    """Tuples, lists and sets. The order of a set is free, that of a list is doubtful."""
    first, second = entries_of(a), entries_of(b)
    both_tuples = a.kind is Kind.TUPLE and b.kind is Kind.TUPLE
    if len(first) * len(second) > _MAX_PAIRS:
        return undecided("too many entries")
    if both_tuples and len(first) != len(second):
        return DIFFERENT
    if (by_name := _paired_by_name(first, second)) is not None:
        return _all_of([compare(x, y) for x, y in by_name])
    if Kind.TUPLE in (a.kind, b.kind) and (_out_of_order(first) or _out_of_order(second)):
        return undecided("named entries against a tuple in an order of its own")
    in_order = None
    if len(first) == len(second):
        in_order = _all_of([compare(x, y) for x, y in zip(first, second, strict=True)])
        if in_order is SAME or (both_tuples and not has_either_sign(a) and not has_either_sign(b)):
            return in_order
    if _nested(first) != _nested(second):
        return undecided("lists of other shapes")
    permuted = _match_in_any_order(first, second, compare)
    if permuted is not SAME:
        doubtful = in_order is not None and in_order.relation is Relation.UNDECIDED
        return in_order if doubtful and permuted is not DIFFERENT else permuted
    if len(first) != len(second):
        return undecided("an entry is repeated")
    sets = a.kind is Kind.SET and b.kind is Kind.SET
    free = sets or _order_is_free(a) or _order_is_free(b)
    return SAME if free else undecided("the order of the entries differs")


def _paired_by_name(first: Sequence[Answer], second: Sequence[Answer]) -> list[tuple[Answer, Answer]] | None:
    """Entries with the same names, each of which occurs once; None if they are not all so."""
    names, others = [entry.name for entry in first], {entry.name: entry for entry in second}
    if (
        not all(names)
        or len(set(names)) < len(first)
        or len(others) < len(second)
        or set(names) != set(others)
    ):
        return None
    return [(entry, others[entry.name]) for entry in first]


def _out_of_order(entries: Sequence[Answer]) -> bool:
    """Whether all are named, but not by the alphabet: `y=2, x=3`."""
    names = [entry.name for entry in entries]
    return all(names) and names != sorted(names)


def _nested(entries: Sequence[Answer]) -> bool:
    return any(entry.kind in _STRUCTURES for entry in entries)


def _order_is_free(answer: Answer) -> bool:
    r"""Of solutions joined by "or" or `\pm`, values of a letter, points, and entries that are all named."""
    if has_either_sign(answer) or any(_OR.search(seam) for seam in answer.seams):
        return True
    if answer.kind is not Kind.LIST:
        return False
    return len(answer.name) == 1 or _nested(answer.parts) or all(part.name for part in answer.parts)


def _all_of(verdicts: list[Verdict | None]) -> Verdict | None:
    """DIFFERENT if one entry is; SAME if all are; None or UNDECIDED if one is."""
    if any(v is not None and v.relation is Relation.DIFFERENT for v in verdicts):
        return DIFFERENT
    if None in verdicts:
        return None
    return next((v for v in verdicts if v is not None and v.relation is Relation.UNDECIDED), SAME)


def _match_in_any_order(
    first: tuple[Answer, ...], second: tuple[Answer, ...], compare: Compare
) -> Verdict | None:
    """SAME if each entry has its like in the other, DIFFERENT if one differs from all of the other.

    A line of the table of all pairs is read up to its first SAME: most of the table is never computed.
    """

    @cache
    def at(row: int, column: int) -> Verdict | None:
        return compare(first[row], second[column])

    lines = [[(row, column) for column in range(len(second))] for row in range(len(first))]
    lines += [[(row, column) for row in range(len(first))] for column in range(len(second))]
    for line in lines:  # those that are written alike come first
        line.sort(key=lambda place: first[place[0]].text != second[place[1]].text)
    have_likes = True
    for line in lines:
        if any(at(*place) == SAME for place in line):
            continue
        have_likes = False
        if all(
            (verdict := at(*place)) is not None and verdict.relation is Relation.DIFFERENT for place in line
        ):
            return DIFFERENT
    if have_likes:
        return SAME
    if any(at(*place) is None for line in lines for place in line):
        return None
    return undecided("entries that cannot be paired")


def _compare_ratios(a: Answer, b: Answer) -> Verdict:
    if len(a.parts) != len(b.parts):
        return DIFFERENT
    first = [part.value or Fraction(0) for part in a.parts]
    second = [part.value or Fraction(0) for part in b.parts]
    equal = all(x * second[0] == y * first[0] for x, y in zip(first, second, strict=True))
    return SAME if equal else DIFFERENT


def _compare_intervals(a: Answer, b: Answer, compare: Compare) -> Verdict | None:
    if max(len(a.parts), len(b.parts)) > 2:
        return _compare_unions(a, b, compare)
    ends = _all_of([_compare_ends(x, y, compare) for x, y in zip(a.parts, b.parts, strict=True)])
    if ends is not SAME:
        return ends
    if _brackets(a) == _brackets(b):
        return SAME
    if {_brackets(a), _brackets(b)} == {"[]", "()"}:
        return undecided(MAYBE_A_PAIR)
    return DIFFERENT


def _compare_unions(a: Answer, b: Answer, compare: Compare) -> Verdict | None:
    """By the points they hold where all ends are rational; else interval by interval in any order."""
    held = _points_held(a), _points_held(b)
    if held[0] is not None and held[1] is not None:
        return SAME if held[0] == held[1] else DIFFERENT
    first, second = _intervals_of(a), _intervals_of(b)
    verdict = _match_in_any_order(first, second, compare)
    if len(first) == len(second) or verdict is None:
        return verdict
    return undecided("unions of other numbers of intervals")


def _intervals_of(union: Answer) -> tuple[Answer, ...]:
    brackets = _brackets(union)
    pairs = zip(union.parts[::2], union.parts[1::2], brackets[::2], brackets[1::2], strict=True)
    return tuple(parse_answer(f"{left}{low.text},{high.text}{right}") for low, high, left, right in pairs)


def _points_held(union: Answer) -> list[tuple[Fraction | float, int]] | None:
    """The borders of a union in order, touching intervals joined; None if one is not rational.

    A border is (end, 0 or 1): the points from the end on, or those after it.
    """
    borders: list[tuple[Fraction | float, int, int]] = []
    for place, (part, bracket) in enumerate(zip(union.parts, _brackets(union), strict=True)):
        end: Fraction | float | None = part.value
        if is_infinite(part.core):
            end = -inf if part.core.strip()[0] in MINUS_SIGNS else inf
        if end is None:
            return None
        borders.append((end, int(bracket in "(]"), 1 if place % 2 == 0 else -1))
    found: list[tuple[Fraction | float, int]] = []
    depth = 0
    for end, after, step in sorted(borders, key=lambda border: (border[0], border[1], -border[2])):
        if depth in (0, 1) and depth + step in (0, 1):
            found.append((end, after))
        depth += step
    return found


def _compare_ends(a: Answer, b: Answer, compare: Compare) -> Verdict | None:
    infinite = is_infinite(a.core), is_infinite(b.core)
    if all(infinite):
        minus = [answer.core.strip()[0] in MINUS_SIGNS for answer in (a, b)]
        return SAME if minus[0] == minus[1] else DIFFERENT
    return DIFFERENT if any(infinite) else compare(a, b)


def _brackets(answer: Answer) -> str:
    found = ""
    for seam in answer.seams:
        if "cup" in seam or "∪" in seam or "U" in seam:
            pieces = seam.replace("∪", r"\cup").replace("U", r"\cup").split(r"\cup")
            found += bracket_of(pieces[0]) + bracket_of(pieces[-1])
        else:
            found += bracket_of(seam)
    return found


def _compare_interval_and_tuple(a: Answer, b: Answer, compare: Compare) -> Verdict | None:
    if len(a.parts) != len(b.parts):
        pair = a if a.kind is Kind.TUPLE else b
        # A point of three coordinates is no interval.
        return _compare_unions(a, b, compare) if len(pair.parts) == 2 else DIFFERENT
    verdict = _all_of([_compare_ends(x, y, compare) for x, y in zip(a.parts, b.parts, strict=True)])
    if verdict is not SAME:
        return verdict
    if _brackets(a) == _brackets(b):
        return SAME
    if {_brackets(a), _brackets(b)} == {"[]", "()"}:
        return undecided(MAYBE_A_PAIR)
    # (0,1] against (0,1): if the pair is an open interval they differ, if it is a point they differ too.
    return DIFFERENT
