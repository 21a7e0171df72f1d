"""A sentence that denies its only number states no answer; what belongs together is one answer."""

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
        ("So he needs 2 hours and 30 minutes.", "2 hours and 30 minutes"),
        ("So he has 3 dollars and 50 cents.", "3 dollars and 50 cents"),
        ("Answer: 7 (see step 3)", "7"),
        ("Answer: 15 pens (3 boxes of 5)", "15 pens"),
        ("The answer is 5 (mod 7).", "5 (mod 7)"),
        ("Die Antwort ist 7. Juni.", "7. Juni"),
    ],
)
def test_an_answer_is_found(text: str, answer: str) -> None:
    found = extract_answer(text)
    assert found is not None
    assert found.text == answer
