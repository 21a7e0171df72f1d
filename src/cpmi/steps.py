"""Split the text of a solution into steps, exactly reversibly.

A step begins and ends with a visible character; all white space between, before and after the steps is
kept as separators. So no step is blank, and joining gives back the text to the character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_WHITE_SPACE = re.compile(r"\s+")


class StepRule(StrEnum):
    """Where one step ends and the next begins."""

    PARAGRAPH = "paragraph"  # at blank lines
    LINE = "line"  # at line ends
    AUTO = "auto"  # at blank lines if there are any inside the text, else at line ends


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitText:
    """A text cut into S steps.

    Attributes:
        steps: the S steps, none blank; empty if the text is blank.
        separators: S + 1 pieces of white space: before, between and after the steps. A blank text has
            itself as its one separator.
    """

    steps: tuple[str, ...]
    separators: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.separators) != len(self.steps) + 1:
            raise ValueError(
                f"{len(self.steps)} steps need {len(self.steps) + 1} separators, not {len(self.separators)}"
            )

    def join(self) -> str:
        """The text that was split."""
        pairs = zip(self.steps, self.separators[1:], strict=True)
        return self.separators[0] + "".join(step + separator for step, separator in pairs)


def split_text(text: str, rule: StepRule | str = StepRule.AUTO) -> SplitText:
    """Cut `text` into steps by `rule`; `split_text(text, rule).join() == text` for every text.

    Raises:
        ValueError: `rule` is none of StepRule.
    """
    rule = StepRule(rule)
    if rule is StepRule.AUTO:
        paragraphs = _split_at(text, num_newlines=2)
        return paragraphs if len(paragraphs.steps) > 1 else _split_at(text, num_newlines=1)
    return _split_at(text, num_newlines=2 if rule is StepRule.PARAGRAPH else 1)


def _split_at(text: str, *, num_newlines: int) -> SplitText:
    """Cut at every run of white space that holds at least `num_newlines` newlines (two = a blank line)."""
    body = text.strip()
    if not body:
        return SplitText(steps=(), separators=(text,))
    begin = len(text) - len(text.lstrip())
    steps: list[str] = []
    separators = [text[:begin]]
    step_begin = begin
    for run in _WHITE_SPACE.finditer(text, begin, begin + len(body)):
        if run.group().count("\n") >= num_newlines:
            steps.append(text[step_begin : run.start()])
            separators.append(run.group())
            step_begin = run.end()
    steps.append(text[step_begin : begin + len(body)])
    separators.append(text[begin + len(body) :])
    return SplitText(steps=tuple(steps), separators=tuple(separators))
