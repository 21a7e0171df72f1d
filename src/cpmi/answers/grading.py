"""How answers are compared in a run, as one value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from cpmi.errors import ConfigError

Percent = Literal["undecided", "same"]
CHECKS = ("math", "exact", "choice")
"""Comparisons that have a name; any other is a function of the user, `module:function`."""

_FUNCTION = re.compile(r"[^:]+:[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    r"""How answers are compared.

    Attributes:
        percent: what `25\%` is against `25` by math: "undecided", or "same" as much of the field grades.
        check: "math" (by value); "exact" (as texts, JSON by value); "choice" (letters of options); or a
            function of the user, "module:function" or "path.py:function".

    Raises:
        ConfigError: there is no such `percent` or `check`.
    """

    percent: Percent = "undecided"
    check: str = "math"

    def __post_init__(self) -> None:
        if self.percent not in get_args(Percent):
            expected = " or ".join(get_args(Percent))
            raise ConfigError(
                "does not fit", where="option percent", got=repr(self.percent), expected=expected
            )
        if self.check not in CHECKS and not _FUNCTION.fullmatch(str(self.check)):
            raise ConfigError(
                "no such comparison",
                where="option answer_check",
                got=repr(self.check),
                expected=f"{', '.join(CHECKS)}, or a function: module:function or path.py:function",
            )

    @property
    def facts(self) -> dict[str, str]:
        """The fields by the names of their options."""
        return {"percent": self.percent, "answer_check": self.check}

    @property
    def has_function(self) -> bool:
        """Whether a function of the user compares."""
        return self.check not in CHECKS
