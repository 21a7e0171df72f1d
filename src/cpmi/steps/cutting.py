"""A text that was cut into steps, and the cutting itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cpmi.steps.blocks import BlockKind
from cpmi.steps.spans import Span


class Unsplit(StrEnum):
    """Why a text is one step, or none."""

    BLANK = "blank text: no step"
    ONLY_SEPARATORS = "nothing but separators: no step"
    IN_BLOCK = "every place to cut lies in a block that is kept whole"
    NO_BLANK_LINE = "no blank line inside"
    ONE_LINE = "one line"
    NO_NUMBERS = "no numbered lines"
    ONE_SENTENCE = "one sentence"
    NO_MATCH = "the regular expression matches nothing inside"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitText:
    """A text cut into S steps.

    Attributes:
        steps: the S steps, none blank; empty if the text is blank.
        separators: S + 1 pieces of white space, tags, an answer between tags, and matches of a `regex` rule:
            before, between and after the steps. A blank text has itself as its one separator.
        thinking: S flags, whether a step belongs to a thinking part; empty if there is none.
        cut_off: whether the text ends inside a thinking part or inside the tags of its answer.
        answer: what is stated between tags of an answer and is no step; None without one.
        kept: the kinds of the blocks that were kept whole although the rule would have cut inside.
        unsplit: why there are fewer than two steps; None if there are two.
    """

    steps: tuple[str, ...]
    separators: tuple[str, ...]
    thinking: tuple[bool, ...] = ()
    cut_off: bool = False
    answer: str | None = None
    kept: tuple[BlockKind, ...] = ()
    unsplit: Unsplit | None = None

    def __post_init__(self) -> None:
        if len(self.separators) != len(self.steps) + 1:
            raise ValueError(
                f"{len(self.steps)} steps need {len(self.steps) + 1} separators, not {len(self.separators)}"
            )
        if self.thinking and len(self.thinking) != len(self.steps):
            raise ValueError(f"{len(self.steps)} steps need as many flags, not {len(self.thinking)}")

    @property
    def thinking_steps(self) -> tuple[str, ...]:
        """The steps of the thinking parts."""
        return tuple(step for step, thinks in zip(self.steps, self.thinking, strict=False) if thinks)

    @property
    def final_steps(self) -> tuple[str, ...]:
        """The steps outside of thinking parts: all, if there is none."""
        if not self.thinking:
            return self.steps
        return tuple(step for step, thinks in zip(self.steps, self.thinking, strict=True) if not thinks)

    def join(self) -> str:
        """The text that was split."""
        pairs = zip(self.steps, self.separators[1:], strict=True)
        return self.separators[0] + "".join(step + separator for step, separator in pairs)


def cut(text: str, spans: Iterable[Span]) -> tuple[list[str], list[str]]:
    """The steps between `spans` (ascending, disjoint) of `text`, and the separators around them."""
    steps: list[str] = []
    separators = [""]
    position = 0
    for begin, end in spans:
        if begin > position:
            steps.append(text[position:begin])
            separators.append(text[begin:end])
        else:
            separators[-1] += text[begin:end]
        position = end
    if position < len(text):
        steps.append(text[position:])
        separators.append("")
    return steps, separators
