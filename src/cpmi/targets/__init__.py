"""From finished runs to training targets, and two label sets combined.

`calibrate_labels(folder, out)` and `consensus_of(folder_a, folder_b, out)` write a folder of targets, which
`read_targets` reads.
"""

from cpmi.targets.calibrate import Calibrated, calibrate_labels
from cpmi.targets.consensus import Consensus, consensus_of
from cpmi.targets.rated import fit_isotonic, fit_platt
from cpmi.targets.table import TargetRow, read_targets

__all__ = [
    "Calibrated",
    "Consensus",
    "TargetRow",
    "calibrate_labels",
    "consensus_of",
    "fit_isotonic",
    "fit_platt",
    "read_targets",
]
