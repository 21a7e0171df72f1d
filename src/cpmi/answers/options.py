"""The options that say how answers are compared, for every command that compares some."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from cpmi.answers.grading import Grading
from cpmi.options import ANSWER_CHECK, PERCENT, Options, option


class GradingConfig(Options):
    """How answers are compared."""

    percent: Literal["undecided", "same"] = option("Answers", PERCENT, default="undecided")
    answer_check: str = option("Answers", ANSWER_CHECK, default="math")

    @model_validator(mode="after")
    def _check_grading(self) -> Self:
        assert self.grading
        return self

    @property
    def grading(self) -> Grading:
        """Both as one value."""
        return Grading(percent=self.percent, check=self.answer_check)
