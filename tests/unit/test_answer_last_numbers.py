"""The last number of a text and what belongs to it: power, π, unit of a measure, hours and minutes."""

from __future__ import annotations

from time import process_time

import pytest

from cpmi.answers import extract_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The area is 25π square units.", "25π"),
        ("So the area is 25\\pi square units.", "25\\pi"),
        ("So n = 10^{-3} mol.", "10^{-3} mol"),
        ("The acceleration is 9.8 m/s^2.", "9.8 m/s^2"),
        ("It falls with 9.8 m/s^2 here.", "9.8"),
        ("It takes 2 hours and 15 minutes to get there.", "2 hours and 15 minutes"),
        ("He works 3 hours and 20 minutes a day for 5 days.", "5"),
        ("It has 3.0 × 10^8 atoms.", "3.0 × 10^8"),
        ("There are 2^10 ways to do it.", "2^10"),
        ("The perimeter is 4√2 cm long.", "4√2"),
        ("So it has 10⁻³ mol in it.", "10⁻³"),
        ("We have 25\\pi/3 square feet left.", "25\\pi/3"),
        ("So it is 2^3 = 8.", "8"),
        ("We add 12-7 and get 5.", "5"),
        ("Call it x^{12} from now on.", None),
        ("She is 5 feet and 3 inches tall.", "5 feet and 3 inches"),
    ],
)
def test_the_last_number(text: str, answer: str | None) -> None:
    found = extract_answer(text)
    assert (found and found.text) == answer


@pytest.mark.parametrize(
    "piece",
    [
        "1^",
        "10^{-3}",
        "2 × 10^",
        "25π/",
        "1 hour and ",
        "⁻",
        "√2",
        "\\pi ",
        "= 9 m/s^2 ",
        "m^{-",
        "3 x 10",
        "7",
    ],
)
def test_time_is_linear(piece: str) -> None:
    def seconds(characters: int) -> float:
        text = "So x^1" + piece * (characters // len(piece))
        found = []
        for _ in range(3):
            start = process_time()
            extract_answer(text)
            found.append(process_time() - start)
        return min(found)

    seconds(1_000)
    assert seconds(100_000) < 20 * seconds(10_000) + 0.2
