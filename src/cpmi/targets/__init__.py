"""From finished runs to training targets, and two label sets combined.

`calibrate_labels(folder, out)`, `consensus_of(folder_a, folder_b, out)` and `hybrid_of(first, rest, out,
num_first=K)` write a folder of targets, which `read_targets` reads.
"""

from cpmi.runs.target_table import TargetRow, read_targets
from cpmi.targets.calibrate import Calibrated, calibrate_labels
from cpmi.targets.consensus import Consensus, consensus_of
from cpmi.targets.hybrid import Hybrid, hybrid_of
from cpmi.targets.rated import fit_isotonic, fit_platt
from cpmi.targets.weights import FittedWeights, fit_weights

__all__ = [
    "Calibrated",
    "Consensus",
    "FittedWeights",
    "Hybrid",
    "TargetRow",
    "calibrate_labels",
    "consensus_of",
    "fit_isotonic",
    "fit_platt",
    "fit_weights",
    "hybrid_of",
    "read_targets",
]
