"""The parts of a prompt that are words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Judgment(NamedTuple):
    """A cue after a step and the two markers that may follow it."""

    cue: str
    right: str
    wrong: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Every word that is said to a model in one language; all are part of a run's identity.

    Attributes:
        code: "en", "zh", "de" or "ar".
        name: in English.
        templates: four wordings of one request; averaging over them removes what one wording likes.
        problem: the label before a problem, with the blank behind it.
        solution: the label before a solution.
        run_on: where a model that continues after its solution begins the next problem.
        cues: follow the steps and announce an answer; the first is the one that `cpmi` uses.
        gap: what is between a cue and an answer, " " or "" in scripts without blanks.
        wrong_answer: asks for wrong results. It shows the chain's steps and never the gold answer.
        wrong_answer_cue: announces such a result.
        judge: asks for a judgment of every step.
        judgments: what follows a step then.
    """

    code: str
    name: str
    templates: tuple[str, ...]
    problem: str
    solution: str
    run_on: tuple[str, ...]
    cues: tuple[str, ...]
    gap: str
    wrong_answer: str
    wrong_answer_cue: str
    judge: str
    judgments: tuple[Judgment, ...]

    @property
    def fact(self) -> dict[str, str]:
        """For a manifest: nothing for English, so that its runs agree with those before there were others."""
        return {} if self.code == "en" else {"language": self.code}
