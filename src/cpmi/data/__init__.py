"""Read chains of thought and gold answers from the formats of the field; write cpmi's own."""

from cpmi.data.format import Format
from cpmi.data.formats import FORMATS
from cpmi.data.gold import GoldTable, join_gold, normalize_problem, read_gold
from cpmi.data.reading import read_trajectories
from cpmi.data.writing import write_jsonl

__all__ = [
    "FORMATS",
    "Format",
    "GoldTable",
    "join_gold",
    "normalize_problem",
    "read_gold",
    "read_trajectories",
    "write_jsonl",
]
