"""One solution as it is cut into steps, with what its tags and its end tell."""

from __future__ import annotations

from dataclasses import dataclass

from cpmi.answers import tagged_answer
from cpmi.steps import splitter
from cpmi.types import CUT_OFF, FINISH, TAGGED, THINKING

AUTO = "auto"
TURN = "turn"
"""The rule by which a step is a turn of the assistant with the results of its tools; of text it is `AUTO`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One solution.

    Attributes:
        steps: its steps.
        num_thinking: how many of them, from the first, are a thinking part.
        cut_off: whether it ends inside a thinking part or its answer, with what a tool said, or by length.
        answer: what it states between tags of an answer; None without such tags.
        tagged: all that is between these tags.
    """

    steps: tuple[str, ...]
    num_thinking: int = 0
    cut_off: bool = False
    answer: str | None = None
    tagged: str | None = None

    @property
    def meta(self) -> dict[str, str]:
        """What is told of it in the chain's `meta`."""
        told = {THINKING: str(self.num_thinking)} if self.num_thinking else {}
        if self.tagged is not None and self.tagged != self.answer:
            told[TAGGED] = self.tagged
        return {**told, FINISH: CUT_OFF} if self.cut_off else told


def cut_text(text: str, rule: str = AUTO) -> Cut:
    """The text as steps by a rule of `cpmi.steps`, or `TURN`.

    Raises:
        ConfigError: there is no such rule, or its expression takes too long.
    """
    found = splitter(AUTO if rule == TURN else rule)(text)
    return Cut(
        steps=found.steps,
        num_thinking=sum(found.thinking),
        cut_off=found.cut_off,
        answer=tagged_answer(found.answer),
        tagged=found.answer,
    )
