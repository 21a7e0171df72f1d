"""Labeling methods, one file each: a class in this folder is a method and needs no other mention."""

from importlib import import_module
from pkgutil import iter_modules

from cpmi.methods.adaptive import Adaptive
from cpmi.methods.base import Method, Paper, Setup, defined_in
from cpmi.methods.binary_search import BinarySearch
from cpmi.methods.cpmi import Cpmi
from cpmi.methods.evidence import Evidence
from cpmi.methods.judge import Judge
from cpmi.methods.monte_carlo import MonteCarlo
from cpmi.methods.net_gain import NetGain
from cpmi.methods.pav import Pav

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


def _methods_here() -> dict[str, type[Method]]:
    """The methods that the files of this folder define: the recommended one first, the others by name."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found = [method for module in modules for method in defined_in(module) if method is not Method]
    return {method.name: method for method in sorted(found, key=lambda m: (not m.recommended, m.name))}


METHODS = _methods_here()
"""The methods of this library by name; `cpmi.plugins` finds those of others."""
