"""A sentence that denies its only number states no answer; a name with a dot is one name."""

from __future__ import annotations

import pytest

from cpmi.answers import extract_answer


@pytest.mark.parametrize(
    "text",
    [
        "The answer is not 5.",
        "So it cannot be 5.",
        "So it cannot be $5$.",
        "5 is not the answer.",
        "答案不是5。",
        "ليس الجواب ٥.",
        "Die Antwort ist nicht 5.",
    ],
)
def test_a_denied_number_is_no_answer(text: str) -> None:
    assert extract_answer(f"So.\n{text}") is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is not 5 but 6.", "6"),
        ("It cannot be 5. The answer is 7.", "7"),
        ("The answer is Dr. No.", "Dr. No"),
        ("The answer is St. Louis.", "St. Louis"),
    ],
)
def test_an_answer_is_found(text: str, answer: str) -> None:
    found = extract_answer(text)
    assert found is not None
    assert found.text == answer
