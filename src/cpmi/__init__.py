"""Label the steps of a chain of thought with a language model's own probabilities.

Importing this loads no engine and no table library: every name is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cpmi.extras import needed

if TYPE_CHECKING:
    from cpmi.answers import Extraction, Grading, extract_answer, same_answer
    from cpmi.api.check import check
    from cpmi.api.label import Run, label
    from cpmi.api.sample import SampleRun, sample
    from cpmi.api.score import score
    from cpmi.api.train import train
    from cpmi.engines.transformers import load_engine
    from cpmi.errors import CpmiError
    from cpmi.evaluate import compare, evaluate_labels
    from cpmi.exports import export_labels as export
    from cpmi.methods import Method
    from cpmi.prm.scorer import PRM
    from cpmi.reports import make_report as report
    from cpmi.requests import Engine
    from cpmi.steps import split_steps
    from cpmi.targets import calibrate_labels as calibrate
    from cpmi.targets.consensus import consensus_of as consensus
    from cpmi.targets.weights import fit_weights as fit
    from cpmi.types import Candidate, Chain, Origin, Rating, StepLabels
    from cpmi.usage import Usage

_PLACES = {
    "check": "api.check", "label": "api.label", "Run": "api.label",
    "sample": "api.sample", "SampleRun": "api.sample",
    "score": "api.score", "train": "api.train", "fit": "targets.weights:fit_weights",
    "calibrate": "targets:calibrate_labels", "compare": "evaluate",
    "consensus": "targets.consensus:consensus_of", "evaluate_labels": "evaluate",
    "export": "exports:export_labels", "report": "reports:make_report", "load_engine": "engines.transformers",
    "Method": "methods", "Engine": "requests", "PRM": "prm.scorer", "CpmiError": "errors",
    "Candidate": "types", "Chain": "types", "Origin": "types", "Rating": "types", "StepLabels": "types",
    "Usage": "usage", "split_steps": "steps", "extract_answer": "answers", "Extraction": "answers",
    "same_answer": "answers", "Grading": "answers",
}  # fmt: skip
"""Where every public name is: a module, and the name there if it is another."""

__all__ = [
    "PRM", "Candidate", "Chain", "CpmiError", "Engine", "Extraction", "Grading", "Method", "Origin", "Rating",
    "Run", "SampleRun", "StepLabels", "Usage", "calibrate", "check", "compare", "consensus",
    "evaluate_labels", "export", "extract_answer", "fit", "label", "load_engine", "report", "same_answer",
    "sample", "score", "split_steps", "train",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, there = _PLACES[name].partition(":")
    with needed():
        value = getattr(import_module(f"cpmi.{module}"), there or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
