"""Final answers of math chains: extraction, typed reading, equivalence, near misses."""

from cpmi.answers.equivalence import Equivalence, Percent
from cpmi.answers.exact import compare_exactly
from cpmi.answers.extract import Extraction, extract_answer
from cpmi.answers.forms import Answer, Kind
from cpmi.answers.other_forms import equivalent_forms
from cpmi.answers.perturb import in_style_of, near_misses
from cpmi.answers.reading import parse_answer
from cpmi.answers.results import mentions, results_of
from cpmi.answers.stated import stated_answer
from cpmi.answers.tagged import tagged_answer

__all__ = [
    "Answer",
    "Equivalence",
    "Extraction",
    "Kind",
    "Percent",
    "compare_exactly",
    "equivalent_forms",
    "extract_answer",
    "in_style_of",
    "mentions",
    "near_misses",
    "parse_answer",
    "results_of",
    "stated_answer",
    "tagged_answer",
]
