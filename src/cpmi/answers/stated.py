"""The final answer that a chain states."""

from __future__ import annotations

from cpmi.answers.extract import extract_answer
from cpmi.types import Trajectory


def stated_answer(trajectory: Trajectory) -> str | None:
    """The chain's own final answer: as its input gives it, else read from its last step.

    None where it states none. Nothing is read from a chain that its length cut off (`meta["finish"]` is
    "length"): what it ends with may be half a number.
    """
    if trajectory.answer is not None or trajectory.meta.get("finish") == "length":
        return trajectory.answer
    found = extract_answer(trajectory.steps[-1])
    return None if found is None else found.text
