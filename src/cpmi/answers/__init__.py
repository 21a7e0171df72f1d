"""Final answers of math chains: extraction, typed reading, equivalence, near misses."""

from cpmi.answers.decimal_comma import Decimal, decimal_of, like, plain
from cpmi.answers.equivalence import Equivalence
from cpmi.answers.exact import compare_exactly
from cpmi.answers.extract import Extraction, extract_answer
from cpmi.answers.forms import Answer, Kind
from cpmi.answers.grading import Grading, Percent
from cpmi.answers.judged import against_golds, judged, judged_all
from cpmi.answers.other_forms import equivalent_forms
from cpmi.answers.other_golds import OtherGolds
from cpmi.answers.perturb import find_near_misses, in_style_of, near_misses
from cpmi.answers.raw_readings import tagged_text, texts_wanted
from cpmi.answers.reading import parse_answer
from cpmi.answers.results import mentions, results_of
from cpmi.answers.same import same_answer
from cpmi.answers.stated import answer_in, stated_answer
from cpmi.answers.tagged import tagged_answer

__all__ = [
    "Answer",
    "Decimal",
    "Equivalence",
    "Extraction",
    "Grading",
    "Kind",
    "OtherGolds",
    "Percent",
    "against_golds",
    "answer_in",
    "compare_exactly",
    "decimal_of",
    "equivalent_forms",
    "extract_answer",
    "find_near_misses",
    "in_style_of",
    "judged",
    "judged_all",
    "like",
    "mentions",
    "near_misses",
    "parse_answer",
    "plain",
    "results_of",
    "same_answer",
    "stated_answer",
    "tagged_answer",
    "tagged_text",
    "texts_wanted",
]
