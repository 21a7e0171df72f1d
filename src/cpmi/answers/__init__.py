"""Final answers of math chains: extraction, typed reading, equivalence, near misses."""

from cpmi.answers.equivalence import Equivalence
from cpmi.answers.exact import compare_exactly
from cpmi.answers.extract import Extraction, extract_answer
from cpmi.answers.forms import Answer, Kind
from cpmi.answers.grading import Grading, Percent
from cpmi.answers.judged import against_golds, judged, judged_all
from cpmi.answers.other_forms import equivalent_forms
from cpmi.answers.perturb import in_style_of, near_misses
from cpmi.answers.reading import parse_answer
from cpmi.answers.results import mentions, results_of
from cpmi.answers.stated import answer_in, stated_answer

__all__ = [
    "Answer",
    "Equivalence",
    "Extraction",
    "Grading",
    "Kind",
    "Percent",
    "against_golds",
    "answer_in",
    "compare_exactly",
    "equivalent_forms",
    "extract_answer",
    "in_style_of",
    "judged",
    "judged_all",
    "mentions",
    "near_misses",
    "parse_answer",
    "results_of",
    "stated_answer",
]
