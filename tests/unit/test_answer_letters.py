"""The letter of an option as texts state it: in a font, with an adverb, in other languages, before a note."""

from __future__ import annotations

from time import process_time

import pytest

from cpmi.answers import answer_in

NUMBERS = ("10", "11", "12", "13")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        (r"\boxed{\text{B}}", "B"),
        (r"So \boxed{\textbf{(B)}}.", "B"),
        (r"\boxed{\textbf{(B)}\ 11}", "B"),
        (r"$\mathrm{(C)}$", "C"),
        ("clearly B", "B"),
        ("It is clearly B.", "B"),
        ("The answer is clearly B.", "B"),
        ("It is clearly 11.", "B"),
        ("答案选 D", "D"),
        ("答案选D。", "D"),
        ("所以答案选择 (B)。", "B"),
        ("Richtig ist Antwort C", "C"),
        ("Richtig ist also Option B.", "B"),
        ("(ب)", "B"),
        ("ب", "B"),
        ("ج) 12", "C"),
        ("الجواب هو (ب)", "B"),
        ("الإجابة الصحيحة هي (ب).", "B"),
        ("(B) 11", "B"),
        ("(B) 11\nNote: (C) is wrong since 13 is odd.", "B"),
        ("(B) 11. Note that (C) 12 counts one twice.", "B"),
        ("The answer is (B).\n(C) 12 would be the answer for four.", "B"),
        ("(B) 11 or (C) 12", "(B) 11 or (C) 12"),
        ("(B) 12\nBut 13 is odd.", "D"),  # letter and text disagree
    ],
)
def test_the_letter(text: str, letter: str) -> None:
    assert answer_in(text, NUMBERS) == letter


def test_a_letter_of_another_script_that_is_an_option_itself() -> None:
    assert answer_in("ب", ("ب", "ج")) is None
    assert answer_in("باريس", ("باريس", "روما")) == "A"


@pytest.mark.parametrize(
    "unit", ["(B) 11\n", "(B) x{}\n", "(B) 11 or ", "clearly ", "(ب", r"\text{", "答案选 ", "Richtig ist "]
)
def test_time_is_linear(unit: str) -> None:
    began = process_time()
    answer_in("".join(unit.replace("{}", str(number)) for number in range(60_000 // len(unit))), NUMBERS)
    assert process_time() - began < 2
