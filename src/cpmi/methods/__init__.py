"""Labeling methods, one file each. A method is its class: see `cpmi.methods.base.Method`."""

from cpmi.methods.adaptive import Adaptive
from cpmi.methods.base import Method, Paper, Setup
from cpmi.methods.binary_search import BinarySearch
from cpmi.methods.cpmi import Cpmi
from cpmi.methods.evidence import Evidence
from cpmi.methods.judge import Judge
from cpmi.methods.monte_carlo import MonteCarlo
from cpmi.methods.net_gain import NetGain
from cpmi.methods.pav import Pav

METHODS: dict[str, type[Method]] = {
    method.name: method
    for method in (Evidence, Cpmi, NetGain, Judge, MonteCarlo, Pav, BinarySearch, Adaptive)
}
"""The methods of this library by name; `cpmi.plugins` finds those of others."""

__all__ = [
    "METHODS",
    "Adaptive",
    "BinarySearch",
    "Cpmi",
    "Evidence",
    "Judge",
    "Method",
    "MonteCarlo",
    "NetGain",
    "Paper",
    "Pav",
    "Setup",
]
