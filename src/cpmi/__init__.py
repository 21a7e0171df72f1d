"""Label the steps of a chain of thought with a language model's own probabilities."""

from typing import TYPE_CHECKING, Any

from cpmi.api import Run, SampleRun, label, sample
from cpmi.errors import CpmiError
from cpmi.types import Candidate, Chain, Origin, Rating, StepLabels
from cpmi.usage import Usage

if TYPE_CHECKING:
    from cpmi.prm.scorer import PRM

__all__ = [
    "PRM",
    "Candidate",
    "Chain",
    "CpmiError",
    "Origin",
    "Rating",
    "Run",
    "SampleRun",
    "StepLabels",
    "Usage",
    "label",
    "sample",
]


def __getattr__(name: str) -> Any:
    """`cpmi.PRM` loads torch, so it is loaded when it is asked for."""
    if name == "PRM":
        from cpmi.prm.scorer import PRM

        return PRM
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
