"""Labels against ratings, and reward models by the official protocols, beside what needs no model.

`evaluate_labels(folders)` measures labels; `Evaluation` is the result, which `evaluation.json` holds.
`evaluate_processbench`, `evaluate_prmbench` and `evaluate_best_of_n` measure the scores of a reward model.
"""

from cpmi.evaluate.best_of_n import evaluate_best_of_n
from cpmi.evaluate.best_of_n_result import BestOfN
from cpmi.evaluate.comparison import Comparison, compare
from cpmi.evaluate.labels import evaluate_labels, evaluate_labels_by
from cpmi.evaluate.prmbench import evaluate_prmbench
from cpmi.evaluate.prmbench_result import PRMBench
from cpmi.evaluate.processbench import evaluate_processbench
from cpmi.evaluate.processbench_result import ProcessBench
from cpmi.evaluate.result import Estimate, Evaluation
from cpmi.evaluate.threshold import Threshold

__all__ = [
    "BestOfN",
    "Comparison",
    "Estimate",
    "Evaluation",
    "PRMBench",
    "ProcessBench",
    "Threshold",
    "compare",
    "evaluate_best_of_n",
    "evaluate_labels",
    "evaluate_labels_by",
    "evaluate_prmbench",
    "evaluate_processbench",
]
