r"""What takes algebra: formulas, equations, inequalities and matrices, as one function for a worker process.

The text is read by this package's own reader, and the verdict comes from values that were computed exactly or
to more digits than it needs. Nothing is decided about a text that was not read to its last character.
"""

from __future__ import annotations

import os
import re
from itertools import chain

from cpmi.answers.exact import compare_answers, unescaped
from cpmi.answers.expression_reader import Habits, read_expression
from cpmi.answers.expressions import Node, number
from cpmi.answers.forms import Answer, Kind
from cpmi.answers.numerals import Plain
from cpmi.answers.reading import parse_answer
from cpmi.answers.relations import as_interval, compare_relations, is_relation, read_relation, split_relation
from cpmi.answers.units import Unit, read_unit
from cpmi.answers.values import compare_values
from cpmi.answers.verdicts import DIFFERENT, PERCENT_MISSING, SAME, undecided
from cpmi.types import Relation, Verdict

# Kept small: a comparison that needs more memory would take too long as well.
_MEMORY_BYTES = 4 * 1024**3

_NO_NUMBERS = (Kind.WORD, Kind.CHOICE)
_SEVERAL = (Kind.TUPLE, Kind.INTERVAL, Kind.LIST)
_MATRIX = re.compile(
    r"(?:\\left|\\right|[\s(\[])*\\begin\{(?P<kind>[a-zA-Z]*matrix|array)\}(?:\{[lcr|]*\})?(?P<body>(?:(?!\\begin).)*)"
    r"\\end\{(?P=kind)\}(?:\\right|[\s)\]])*",
    re.S,
)
_ROW = re.compile(r"\\\\(?:\s*\[[^\]]*\])?|\\cr(?![A-Za-z])")
_REMARK = re.compile(
    r"\s*[,;]?\s*(?:\\quad|\\;|\\,)*\s*(?:\\text\s*\{\s*,?\s*)?(?:for|where|with)\b.*"
    r"\b(?:constant|any|arbitrary|integer)\b.*$"
)
_TAIL = re.compile(
    r"(?:\\[,;: ]|~|\s)*"
    r"(?:\\(?:text|mathrm|mbox|textrm|textnormal)\s*\{[^{}]*\}|(?<=\s)[A-Za-z]{2,}[A-Za-z/ ]*)"
    r"(?:\s*\^\s*\{?\s*[23]\s*\}?|[²³])?\s*$"
)
_NOT_UNITS = frozenset(["pi", "sin", "cos", "tan", "mod", "ln", "log"])
_PI = re.compile(r"\\pi(?![A-Za-z])|π|(?<![A-Za-z])pi(?![A-Za-z])")
_TIED = re.compile(r"/|÷|\\div(?![A-Za-z])|\.\d*\(")
_LOGARITHM = re.compile(r"log(?!_|\s*_)")

Finding = tuple[str, str]  # relation and reason; plain strings cross the process border


def prepare_worker() -> None:
    """Load the algebra once and bound the memory, so that the first deadline counts the comparison only."""
    if os.name == "posix":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, hard))
    compare_symbolically(r"\sin^2 x+\cos^2 x", "1")


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
    if verdict is None:
        raise TypeError("a comparison with algebra must end in a verdict")
    return str(verdict.relation), verdict.reason


def compare_formulas(a: Answer, b: Answer) -> Verdict:
    """Compare two answers that have no exact values of one kind."""
    matrices = _MATRIX.fullmatch(a.core), _MATRIX.fullmatch(b.core)
    if matrices[0] and matrices[1]:
        return _compare_matrices(matrices[0]["body"], matrices[1]["body"])
    texts = _REMARK.sub("", a.core), _REMARK.sub("", b.core)
    related = [is_relation(text) for text in texts]
    if any(related):
        ends = _end_of_chain(a), _end_of_chain(b)
        if ends != (a, b):
            return compare_answers(*ends, compare_formulas) or undecided("not read as a formula")
        return _compare_related(a, b, texts, related)
    if a.parts or b.parts:
        several, other = (a, texts[1]) if a.parts else (b, texts[0])
        numbers = several.kind in _SEVERAL and all(part.kind not in _NO_NUMBERS for part in several.parts)
        return DIFFERENT if numbers and read_expression(other) else undecided(f"{a.kind} against {b.kind}")
    if ":" in texts[0] and ":" in texts[1]:
        return _compare_ratios(*texts)
    return _compare_by_value(a, b, texts)


def _compare_by_value(a: Answer, b: Answer, texts: tuple[str, str]) -> Verdict:
    (first, unit_a), (second, unit_b) = _without_unit(a, texts[0]), _without_unit(b, texts[1])
    if unit_a.name and unit_b.name and unit_a.name != unit_b.name:
        return undecided(f"units differ: {unit_a.name} and {unit_b.name}")
    verdict = _compare_texts(_node(a), _node(b), first, second)
    if verdict.relation is not Relation.DIFFERENT:
        return verdict
    if a.is_percent != b.is_percent:
        bare = _compare_texts(_node(a, amount=True), _node(b, amount=True), first, second)
        return undecided(PERCENT_MISSING) if bare.relation is not Relation.DIFFERENT else verdict
    if _is_angle(a) != _is_angle(b) and _PI.search(a.text + b.text):
        return undecided("degrees against radians")
    return verdict


def _compare_texts(a: Node | None, b: Node | None, first: str, second: str) -> Verdict:
    """Compare by value under every habit of writing that the texts leave open."""
    verdicts: list[Verdict] = []
    bases = (False, True) if _LOGARITHM.search(first + second) else (False,)
    ties = (False, True) if _TIED.search(f"{first} {second}") else (False,)
    for decadic in bases:
        for tight in ties:
            habits = Habits(tight=tight, decadic=decadic)
            left, right = a or read_expression(first, habits), b or read_expression(second, habits)
            if left is None or right is None:
                return undecided("not read as a formula")
            verdicts.append(compare_values(left, right))
    usual = verdicts[:: len(ties)]
    if all(verdict is SAME for verdict in usual):
        return SAME
    if all(verdict is DIFFERENT for verdict in verdicts):
        return DIFFERENT
    doubts = [verdict for verdict in verdicts if verdict.relation is Relation.UNDECIDED]
    return doubts[0] if doubts else undecided("written so that it can be read in two ways")


def _node(answer: Answer, *, amount: bool = False) -> Node | None:
    """The formula of a plain number, whose unit counts."""
    if answer.quantity is None:
        return None
    numeral = answer.quantity.numeral
    decimals = numeral.decimals if isinstance(numeral, Plain) and numeral.decimals else None
    if answer.is_percent and not amount and isinstance(numeral, Plain):
        decimals = numeral.decimals + 2
    return number(answer.quantity.amount if amount else answer.quantity.value, decimals)


def _without_unit(answer: Answer, text: str) -> tuple[str, Unit]:
    """A formula's text and the unit at its end: `5\\cdot 10^6` and watt."""
    if answer.quantity is not None:
        return text, answer.quantity.unit
    match = _TAIL.search(text)
    if match is None or not match.group().strip() or not text[: match.start()].strip():
        return text, Unit()
    words = re.sub(r"\\[a-z]+|[^A-Za-z ]", " ", match.group()).split()
    unit = (
        None
        if set(words) & _NOT_UNITS
        else read_unit(" " + match.group().lstrip("\\,;:~ "))
        if words
        else None
    )
    bare_letters = not match.group().lstrip().startswith("\\") and len("".join(words)) < 3
    if unit is None or not unit.name or unit.is_letter or unit.scale != 1:
        return text, Unit()
    return (
        (text, Unit())
        if bare_letters and re.search(r"[A-Za-z]", text[: match.start()])
        else (text[: match.start()], unit)
    )


def _is_angle(answer: Answer) -> bool:
    """Whether degrees are written, and not only inside a function."""
    text = answer.text
    return ("°" in text or "circ" in text or "degree" in text) and not re.search(
        "sin|cos|tan|cot|sec|csc", text
    )


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


def _compare_matrices(first: str, second: str) -> Verdict:
    left, right = ([row.split("&") for row in _ROW.split(body) if row.strip()] for body in (first, second))
    if [len(row) for row in left] != [len(row) for row in right]:
        return (
            DIFFERENT
            if sum(map(len, left)) != sum(map(len, right))
            else undecided("matrices of other shapes")
        )
    doubt = SAME
    for x, y in zip(chain.from_iterable(left), chain.from_iterable(right), strict=True):
        verdict = compare_answers(parse_answer(x.strip()), parse_answer(y.strip()), compare_formulas)
        if verdict is not None and verdict.relation is Relation.DIFFERENT:
            return verdict
        if verdict is not SAME:
            doubt = verdict or undecided("entries that cannot be compared")
    return doubt


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
