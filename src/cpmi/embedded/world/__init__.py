"""A world of word problems with known truth: drawn, told, solved, and every step of any chain rated."""

from cpmi.embedded.world.check import Fault, Finding, first_error, rate
from cpmi.embedded.world.corrupt import PLANTED, plant
from cpmi.embedded.world.generate import LEVELS, Problem, Split, draw_problem, split_of
from cpmi.embedded.world.language import read_problem
from cpmi.embedded.world.records import draw_records, rate_chain
from cpmi.embedded.world.solve import solve

__all__ = [
    "LEVELS",
    "PLANTED",
    "Fault",
    "Finding",
    "Problem",
    "Split",
    "draw_problem",
    "draw_records",
    "first_error",
    "plant",
    "rate",
    "rate_chain",
    "read_problem",
    "solve",
    "split_of",
]
