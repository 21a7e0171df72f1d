"""Labels against ratings, beside what needs no model, with intervals.

`evaluate_labels(folders)` measures; `Evaluation` is the result, which `evaluation.json` holds.
"""

from cpmi.evaluate.labels import evaluate_labels
from cpmi.evaluate.result import Estimate, Evaluation

__all__ = ["Estimate", "Evaluation", "evaluate_labels"]
