"""The rule by which a text is cut into steps."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import ClassVar

from cpmi.errors import ConfigError

_REGEX = "regex"
_NAMES = ("paragraph", "line", "numbered", "sentence", "auto")
CHOICES = "paragraph, line, numbered, sentence, auto or regex:PATTERN"

# An expression that a person writes is far below this; one that a program made is not meant here.
_MAX_PATTERN_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class StepRule:
    """Where one step ends and the next begins.

    | rule | a step is |
    |---|---|
    | `paragraph` | what blank lines enclose; a tight list goes with the line before it that ends in a colon |
    | `line` | a line |
    | `numbered` | what follows a numbered line ("Step 3:", "3.", "(c)"), or precedes the first |
    | `sentence` | a sentence, an item of a list, a heading |
    | `auto` | a paragraph if there are at least two, else a line |
    | `regex:PATTERN` | what lies between the matches of a Python regular expression (`^`, `$`: at lines) |

    Attributes:
        name: the first word of the rule.
        pattern: the expression of a `regex` rule.

    Raises:
        ConfigError: there is no such rule, or the expression is not one.
    """

    name: str
    pattern: str | None = None

    PARAGRAPH: ClassVar[StepRule]
    LINE: ClassVar[StepRule]
    NUMBERED: ClassVar[StepRule]
    SENTENCE: ClassVar[StepRule]
    AUTO: ClassVar[StepRule]
    NAMED: ClassVar[tuple[StepRule, ...]]

    def __post_init__(self) -> None:
        if self.name == _REGEX and self.pattern is not None:
            _check_pattern(self.pattern)
        elif self.name not in _NAMES or self.pattern is not None:
            raise _unknown(str(self))

    def __str__(self) -> str:
        return self.name if self.pattern is None else f"{self.name}:{self.pattern}"

    @classmethod
    def parse(cls, text: StepRule | str) -> StepRule:
        """The rule that `text` names; the parser of `--split-steps`.

        Raises:
            ConfigError: there is no such rule, or the expression is not one.
        """
        if isinstance(text, StepRule):
            return text
        if not isinstance(text, str):
            raise _unknown(repr(text))
        name, colon, pattern = text.partition(":")
        return cls(name, pattern if colon else None)


def _unknown(got: str) -> ConfigError:
    return ConfigError("unknown rule to split steps by", got=got, expected=CHOICES)


def _check_pattern(pattern: str) -> None:
    problem = "it is empty" if not pattern else ""
    if len(pattern) > _MAX_PATTERN_CHARACTERS:
        problem = f"it has {len(pattern):,} characters, at most {_MAX_PATTERN_CHARACTERS:,} are allowed"
    if not problem:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(pattern, re.MULTILINE)
        except (re.error, OverflowError, RecursionError) as error:
            problem = str(error)
    if problem:
        raise ConfigError(
            f"the regular expression to split steps by cannot be used: {problem}",
            got=f"regex:{pattern[:200]}",
            expected=CHOICES,
        )


StepRule.PARAGRAPH = StepRule("paragraph")
StepRule.LINE = StepRule("line")
StepRule.NUMBERED = StepRule("numbered")
StepRule.SENTENCE = StepRule("sentence")
StepRule.AUTO = StepRule("auto")
StepRule.NAMED = tuple(StepRule(name) for name in _NAMES)
