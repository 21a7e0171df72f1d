"""Every handwritten gold: its reading, near misses, equivalent forms, against values read independently."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest
import sympy

from cpmi.answers import Equivalence, equivalent_forms, near_misses, parse_answer
from cpmi.types import Relation

sys.path.insert(0, str(Path(__file__).parent))
from gold_forms import GOLD_FORMS, GoldForm, read_value, value_of

_TEXT_KINDS = ("word", "choice", "time")
_SIGNED_KINDS = ("integer", "decimal", "fraction", "mixed", "percent", "money", "root", "based", "ratio")
# Kinds in which fewer than eight near misses exist by nature, or where the gold is too short.
_FEW_KINDS = (*_TEXT_KINDS, "expression", "interval", "root", "ratio", "set")

each_gold = pytest.mark.parametrize("form", GOLD_FORMS, ids=lambda form: form.gold)


def _handwritten(form: GoldForm) -> object:
    if form.kind in _TEXT_KINDS:
        return form.value
    value = read_value(form.value)
    return sympy.FiniteSet(*value) if form.kind == "set" else value


def _equal(first: object, second: object) -> bool:
    if isinstance(first, sympy.Expr) and isinstance(second, sympy.Expr):
        if first == second:
            return True
        points = {s: sympy.Rational(37 + 11 * i, 29) for i, s in enumerate(_symbols(first, second))}
        return abs(complex(sympy.N((first - second).subs(points), 40))) < 1e-25
    return bool(first == second)


def _symbols(first: sympy.Expr, second: sympy.Expr) -> list[sympy.Symbol]:
    return sorted(first.free_symbols | second.free_symbols, key=str)


def test_there_are_enough_forms() -> None:
    assert len(GOLD_FORMS) >= 250
    assert len({form.gold for form in GOLD_FORMS}) == len(GOLD_FORMS)


@each_gold
def test_kind_value_and_text(form: GoldForm) -> None:
    answer = parse_answer(form.gold)
    assert answer.kind == form.kind
    assert answer.prefix + answer.core + answer.suffix == form.gold
    assert _equal(value_of(form.gold, form.kind), _handwritten(form))  # the independent reader is right
    if answer.value is not None:
        assert sympy.Rational(answer.value.numerator, answer.value.denominator) == _handwritten(form)


@each_gold
def test_near_misses_are_wrong_and_alike(form: GoldForm) -> None:
    near = near_misses(form.gold)
    value = _handwritten(form)
    assert len(set(near)) == len(near)
    for text in near:
        assert parse_answer(text).kind == form.kind, text
        other = value_of(text, form.kind)
        assert not _equal(other, value), text
        if form.kind in _SIGNED_KINDS:
            # A positive gold gives no negative number, a negative one neither zero nor a positive one.
            assert other < 0 if value < 0 else other >= 0, text  # type: ignore[operator]
    if form.kind not in _FEW_KINDS:
        assert len(near) >= 8


def test_every_kind_offers_something() -> None:
    silent = [form.gold for form in GOLD_FORMS if not near_misses(form.gold)]
    assert silent == [r"\text{Evelyn}"]


def test_equivalent_forms_are_never_different(capsys: pytest.CaptureFixture[str]) -> None:
    written = [(form.gold, other) for form in GOLD_FORMS for other in form.forms]
    made = [(form.gold, other) for form in GOLD_FORMS for other in equivalent_forms(form.gold)]
    with Equivalence() as equivalence:
        of_written, of_made = equivalence.compare_many(written), equivalence.compare_many(made)
    counts = Counter(verdict.relation for verdict in of_written)
    with capsys.disabled():
        print(f"\nhandwritten equivalents: {counts[Relation.SAME]} of {len(written)} SAME; ", end="")
        print(f"made: {Counter(v.relation for v in of_made)[Relation.SAME]} of {len(made)}")
    wrong = [
        p for p, v in zip(written + made, of_written + of_made, strict=True) if v.relation == "different"
    ]
    assert wrong == []
    assert counts[Relation.SAME] >= 0.98 * len(written)
    assert all(text != gold for gold, text in made)


def test_near_misses_are_different() -> None:
    """What is proposed is what may be used: a near miss is DIFFERENT, hardly ever UNDECIDED, never SAME."""
    pairs = [(form.gold, near) for form in GOLD_FORMS for near in near_misses(form.gold)[:3]]
    with Equivalence() as equivalence:
        verdicts = equivalence.compare_many(pairs)
    counts = Counter(verdict.relation for verdict in verdicts)
    undecided = [(p, v.reason) for p, v in zip(pairs, verdicts, strict=True) if v.relation == "undecided"]
    assert counts[Relation.SAME] == 0
    assert len(undecided) <= 0.02 * len(pairs), undecided
