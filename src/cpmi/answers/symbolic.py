r"""What takes algebra: formulas, equations, inequalities and matrices, as one function for a worker process.

The text is read by this package's own reader, and the verdict comes from values that were computed exactly or
to more digits than it needs. Nothing is decided about a text that was not read to its last character.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from cpmi.answers.evaluation import NoValueError, exact_value
from cpmi.answers.exact import compare_answers, unescaped
from cpmi.answers.expression_reader import read_expression
from cpmi.answers.expression_tokens import Habits
from cpmi.answers.expressions import Node, number, substitute
from cpmi.answers.forms import Answer, Kind
from cpmi.answers.matrices import compare_matrices, read_matrix
from cpmi.answers.measures import compare_measures, is_measure
from cpmi.answers.reading import parse_answer
from cpmi.answers.relations import as_interval, compare_relations, is_relation, read_relation, split_relation
from cpmi.answers.sides import Side, side_of, without_remark
from cpmi.answers.structures import split_sets
from cpmi.answers.values import compare_values
from cpmi.answers.verdicts import DIFFERENT, MAYBE_A_PAIR, PERCENT_MISSING, SAME, undecided
from cpmi.types import Relation, Verdict

_NO_NUMBERS = (Kind.WORD, Kind.CHOICE)
_SEVERAL = (Kind.TUPLE, Kind.INTERVAL, Kind.LIST)
_DEGREE = Node("/", (Node("constant", name="pi"), number(180)))
_TIED = re.compile(r"/|÷|\\div(?![A-Za-z])|\.\d*\(")
_RATE = re.compile(r"[\d}](?:\s|~|\\[,;: ])*[a-z]{1,2}\s*/\s*[smh]$")
_LOGARITHM = re.compile(r"log(?!_|\s*_)")

Finding = tuple[str, str]  # relation and reason; plain strings cross the process border


def compare_symbolically(first: str, second: str) -> Finding:
    """Compare two answers by exact values and algebra.

    Returns:
        ("same" | "different" | "undecided", reason).
    """
    try:
        verdict = compare_answers(
            parse_answer(unescaped(first)), parse_answer(unescaped(second)), compare_formulas
        )
    except MemoryError:
        return "undecided", "out of memory"
    # What mpmath and sympy raise on numbers that they cannot order, print or reduce.
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
        return "undecided", f"not computed ({type(error).__name__})"
    return ("undecided", "not compared") if verdict is None else (str(verdict.relation), verdict.reason)


def compare_formulas(a: Answer, b: Answer) -> Verdict:
    """Compare two answers that have no exact values of one kind."""
    left, right = read_matrix(a.core), read_matrix(b.core)
    if left and right:
        return compare_matrices(left, right, partial(compare_answers, formulas=compare_formulas))
    texts = without_remark(a.core), without_remark(b.core)
    related = [is_relation(text) for text in texts]
    if any(related):
        ends = _end_of_chain(a), _end_of_chain(b)
        if ends != (a, b):
            return compare_answers(*ends, compare_formulas) or undecided("not read as a formula")
        return _compare_related(a, b, texts, related)
    if ":" in texts[0] and ":" in texts[1]:
        return _compare_ratios(*texts)
    if a.parts or b.parts:
        several, other = (a, texts[1]) if a.parts else (b, texts[0])
        numbers = several.kind in _SEVERAL and all(part.kind not in _NO_NUMBERS for part in several.parts)
        return DIFFERENT if numbers and read_expression(other) else undecided(f"{a.kind} against {b.kind}")
    sets = split_sets(a.core), split_sets(b.core)
    return _compare_sets(*sets) if any(sets) else _compare_by_value(a, b)


def _compare_sets(first: list[str], second: list[str]) -> Verdict:
    """Operations on sets: SAME where the operators are, and each set."""
    if first[1::2] != second[1::2]:
        return undecided("sets that are not computed")
    for x, y in zip(first[::2], second[::2], strict=True):
        if compare_answers(parse_answer(x), parse_answer(y), compare_formulas) is not SAME:
            return undecided("sets that are not computed")
    return SAME


def _compare_by_value(a: Answer, b: Answer) -> Verdict:
    if (of_measures := compare_measures(a, b)) is not None:
        return of_measures
    first, second = side_of(a), side_of(b)
    if first.unit.name and second.unit.name and first.unit.name != second.unit.name:
        return undecided(f"units differ: {first.unit.name} and {second.unit.name}")
    verdict = _compare_sides(first, second)
    if verdict.relation is not Relation.DIFFERENT:
        return verdict
    if _are_congruent(first, second) or _are_congruent(second, first):
        return undecided("equal but for a multiple of the modulus")
    if any(is_measure(answer) and not side.unit.name for answer, side in ((a, first), (b, second))):
        return undecided("letters that may be a unit")
    if _may_be_units(a, first.unit.name, second) or _may_be_units(b, second.unit.name, first):
        return undecided("letters that may be a unit")
    if a.is_percent != b.is_percent:
        bare = _compare_sides(replace(first, value=first.amount), replace(second, value=second.amount))
        return undecided(PERCENT_MISSING) if bare.relation is not Relation.DIFFERENT else verdict
    if first.is_angle != second.is_angle:
        for factor in (_DEGREE, Node("/", (number(1), _DEGREE))):
            if _compare_sides(first, second, factor).relation is not Relation.DIFFERENT:
                return undecided("degrees against radians")
    return verdict


def _compare_sides(first: Side, second: Side, factor: Node | None = None) -> Verdict:
    """Compare by value, the angle times a factor, under every habit of writing that the texts leave open."""
    texts = f"{first.text} {second.text}"
    ties = (False, True) if _TIED.search(texts) else (False,)
    verdicts: list[Verdict] = []
    for decadic in (False, True) if _LOGARITHM.search(texts) else (False,):
        for tight in ties:
            sides = [_scaled(side, Habits(tight=tight, decadic=decadic), factor) for side in (first, second)]
            if sides[0] is None or sides[1] is None:
                return undecided("not read as a formula")
            verdicts.append(compare_values(sides[0], sides[1]))
    if all(verdict is SAME for verdict in verdicts[:: len(ties)]):
        return SAME
    if all(verdict is DIFFERENT for verdict in verdicts):
        return DIFFERENT
    doubts = [verdict for verdict in verdicts if verdict.relation is Relation.UNDECIDED]
    return doubts[0] if doubts else undecided("written so that it can be read in two ways")


def _may_be_units(measured: Answer, unit: str, other: Side) -> bool:
    """Whether letters are a unit on one side only: `3ml` and `3lm`, `10^8 m/s` and `10^8`."""
    if not unit and not _RATE.search(measured.core):
        return False
    product, node = read_expression(measured.core + measured.suffix), other.read(Habits())
    if product is None or node is None:
        return False
    if node.letters:
        return product.letters == node.letters
    ones = dict.fromkeys(product.letters, number(1))
    return not unit and compare_values(substitute(product, ones), node).relation is not Relation.DIFFERENT


def _are_congruent(remainder: Side, other: Side) -> bool:
    """Whether one side is written as a remainder and the other has its class: `-7 mod 3` and -1."""
    left, right = remainder.read(Habits()), other.read(Habits())
    if left is None or right is None or left.op != "mod":
        return False
    try:
        return (exact_value(left, {}) - exact_value(right, {})) % exact_value(left.args[1], {}) == 0
    except (KeyError, NoValueError, ZeroDivisionError):
        return False


def _scaled(side: Side, habits: Habits, factor: Node | None) -> Node | None:
    node = side.read(habits)
    return node if node is None or factor is None or not side.is_angle else Node("*", (factor, node))


def _compare_ratios(first: str, second: str) -> Verdict:
    """`1:\\sqrt3:2`, by the products across."""
    left, right = first.split(":"), second.split(":")
    ends = [pieces[-1].strip() in (r"\ldots", r"\dots", "...", r"\cdots") for pieces in (left, right)]
    if len(left) != len(right) or ends[0] != ends[1]:
        return undecided("ratios of other lengths")
    if ends[0]:
        left, right = left[:-1], right[:-1]
    one, other = [read_expression(piece) for piece in left], [read_expression(piece) for piece in right]
    if one[0] is None or other[0] is None:
        return undecided("not read as a formula")
    found = SAME if not ends[0] else undecided("ratios that go on")
    for x, y in zip(one[1:], other[1:], strict=True):
        if x is None or y is None:
            return undecided("not read as a formula")
        verdict = compare_values(Node("*", (x, other[0])), Node("*", (y, one[0])))
        if verdict.relation is not Relation.SAME:
            return verdict
    return found


def _end_of_chain(answer: Answer) -> Answer:
    """`x=11` of `x=5+6=11`, where all that is said to be equal is; else the answer itself."""
    sides, signs = split_relation(answer.core)
    if set(signs) != {"eq"} or not all(sides):
        return answer
    first, *values = [parse_answer(side) for side in sides]
    if any(compare_answers(value, values[-1], compare_formulas) is not SAME for value in values):
        return answer
    if compare_answers(first, values[-1], compare_formulas) is SAME:
        return values[-1]
    return parse_answer(f"{sides[0]}={sides[-1]}") if len(signs) > 1 else answer


def _compare_related(a: Answer, b: Answer, texts: tuple[str, str], related: list[bool]) -> Verdict:
    """A relation against a relation, an assignment or an interval."""
    sets = as_interval(texts[0]), as_interval(texts[1])
    if (sets[0] or a.kind in (Kind.INTERVAL, Kind.TUPLE)) and (
        sets[1] or b.kind in (Kind.INTERVAL, Kind.TUPLE)
    ):
        letters = [found[0] if found else answer.name for found, answer in zip(sets, (a, b), strict=True)]
        if letters[0] and letters[1] and letters[0] != letters[1]:
            return undecided(f"about {letters[0]} and about {letters[1]}")
        first, second = (
            parse_answer(found[1]) if found else answer for found, answer in zip(sets, (a, b), strict=True)
        )
        verdict = compare_answers(first, second, compare_formulas)
        # The brackets of an inequality mean what they say.
        if verdict is not None and verdict.reason == MAYBE_A_PAIR:
            return DIFFERENT
        return verdict or undecided("intervals that cannot be compared")
    whole = [
        text if is_related else f"{answer.name}={text}"
        for text, is_related, answer in zip(texts, related, (a, b), strict=True)
    ]
    if any(text.startswith("=") for text in whole) or a.parts or b.parts:
        return undecided("an equation against an expression")
    verdicts = []
    for habits in (Habits(), Habits(tight=True)) if "/" in whole[0] + whole[1] else (Habits(),):
        first_relation, second_relation = read_relation(whole[0], habits), read_relation(whole[1], habits)
        if first_relation is None or second_relation is None:
            return undecided("not read as a relation")
        verdicts.append(compare_relations(first_relation, second_relation))
    return (
        verdicts[0]
        if verdicts[0] == verdicts[-1] or verdicts[0] is SAME
        else undecided("written so that it can be read in two ways")
    )
