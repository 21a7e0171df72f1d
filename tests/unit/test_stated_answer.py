"""The answer of a chain, and none where its length cut it off."""

from __future__ import annotations

from cpmi.answers import stated_answer
from cpmi.types import Chain

CUT = "So 12 + 30 = 4"


def chain(step: str, **known: object) -> Chain:
    return Chain(id="t", question="How many?", steps=("First.", step), **known)  # type: ignore[arg-type]


def test_it_is_read_from_the_last_step() -> None:
    assert stated_answer(chain("The answer is: 42")) == "42"
    assert stated_answer(chain("So it is done.")) is None


def test_half_a_number_is_no_answer() -> None:
    assert stated_answer(chain(CUT)) == "4"
    assert stated_answer(chain(CUT, meta={"finish": "length"})) is None


def test_what_the_input_says_stands() -> None:
    assert stated_answer(chain(CUT, answer="42", meta={"finish": "length"})) == "42"
