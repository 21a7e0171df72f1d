"""Label the steps of a chain of thought with a language model's own probabilities."""

from cpmi.api import Run, SampleRun, label, sample
from cpmi.errors import CpmiError
from cpmi.types import Candidate, Origin, Rating, StepLabels, Trajectory
from cpmi.usage import Usage

__all__ = [
    "Candidate",
    "CpmiError",
    "Origin",
    "Rating",
    "Run",
    "SampleRun",
    "StepLabels",
    "Trajectory",
    "Usage",
    "label",
    "sample",
]
