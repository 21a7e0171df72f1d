"""Read problems, chains of thought and gold answers from the formats of the field; write cpmi's own."""

from cpmi.data.format import Format
from cpmi.data.formats import FORMATS
from cpmi.data.gold import GoldTable, join_gold, normalize_problem, problem_digest, problem_of, read_gold
from cpmi.data.problems import read_problems
from cpmi.data.reading import opened, read_chains, unique
from cpmi.data.records import CHAINS_NAME, locate
from cpmi.data.writing import to_line, write_jsonl

__all__ = [
    "CHAINS_NAME",
    "FORMATS",
    "Format",
    "GoldTable",
    "join_gold",
    "locate",
    "normalize_problem",
    "opened",
    "problem_digest",
    "problem_of",
    "read_chains",
    "read_gold",
    "read_problems",
    "to_line",
    "unique",
    "write_jsonl",
]
