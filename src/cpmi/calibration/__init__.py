"""From raw labels to training targets, over arrays. No text, no files.

A *map* carries labels of any unit to targets in [0, 1], greater is better, and never turns their order
around: it is fitted on some labels and applied to others. `hard` and `decode` make right or wrong of the
targets of a chain, `consensus` keeps what two label sets agree on, `hybrid` takes the beginning of a chain
from one and the rest from the other.
"""

from cpmi.calibration.choice import MIN_ISOTONIC_STEPS, RANK_MAPS, choose
from cpmi.calibration.consensus import Agreement, By, agree
from cpmi.calibration.decode import Decoding, decode_change_point, first_error_probabilities
from cpmi.calibration.fit import fit_quantile, fit_robust
from cpmi.calibration.hard import AFTER_FIRST_ERROR, HardLabels, hard_by_first_error, hard_by_threshold
from cpmi.calibration.hybrid import Merged, merge, overlap
from cpmi.calibration.maps import Isotonic, Map, Platt, Quantile, RobustSigmoid, map_from_json, targets_of

__all__ = [
    "AFTER_FIRST_ERROR",
    "MIN_ISOTONIC_STEPS",
    "RANK_MAPS",
    "Agreement",
    "By",
    "Decoding",
    "HardLabels",
    "Isotonic",
    "Map",
    "Merged",
    "Platt",
    "Quantile",
    "RobustSigmoid",
    "agree",
    "choose",
    "decode_change_point",
    "first_error_probabilities",
    "fit_quantile",
    "fit_robust",
    "hard_by_first_error",
    "hard_by_threshold",
    "map_from_json",
    "merge",
    "overlap",
    "targets_of",
]
