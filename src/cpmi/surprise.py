"""How improbable a step is to the model that reads it: as a whole, and in the numbers that it states.

A wrong operand or a false result is one improbable number in a sentence of probable words. So the least
probable number says more than the mean over all tokens, which mostly measures how the sentence is phrased.

Axes: T tokens of one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """Log-probabilities of one step given all that comes before it; nat, at most 0.

    Attributes:
        mean: a token, over all tokens.
        least: of the least probable token.
        numbers: of all numbers together; 0 for a step that states none, whose numbers are certain.
        least_number: of the least probable number, likewise.
        least_result: of the least probable number that follows an equals sign, likewise.
    """

    mean: float
    least: float
    numbers: float
    least_number: float
    least_result: float

    @classmethod
    def of(cls, texts: Sequence[str], logprobs: Sequence[float]) -> Surprise:
        """Measure one step.

        Args:
            texts: [T] what every token says.
            logprobs: [T] the log-probability of every token given all before it.

        Raises:
            ValueError: no token, or not one log-probability a token.
        """
        if not texts or len(texts) != len(logprobs):
            raise ValueError(f"{len(texts)} tokens with {len(logprobs)} log-probabilities")
        found = numbers(texts)
        stated = [sum(logprobs[begin:end]) for begin, end in found]
        results = [
            value for value, (begin, _) in zip(stated, found, strict=True) if _follows_equals(texts, begin)
        ]
        return cls(
            mean=sum(logprobs) / len(logprobs),
            least=min(logprobs),
            numbers=sum(stated),
            least_number=min(stated, default=0.0),
            least_result=min(results, default=0.0),
        )


def numbers(texts: Sequence[str]) -> list[tuple[int, int]]:
    """(begin, end) of the runs of tokens with a digit: single digits and whole numbers alike."""
    spans = []
    begin = 0
    for is_number, run in groupby(texts, key=lambda text: any(character.isdecimal() for character in text)):
        end = begin + len(list(run))
        if is_number:
            spans.append((begin, end))
        begin = end
    return spans


def _follows_equals(texts: Sequence[str], begin: int) -> bool:
    """Whether nothing but spaces and currency stands between an equals sign and the number."""
    before = "".join(texts[max(0, begin - 4) : begin])
    number = texts[begin].lstrip(" $€£\\")
    inside = texts[begin][: len(texts[begin]) - len(number)] if number else texts[begin]
    return (before + inside).rstrip(" $€£\\").endswith("=")
