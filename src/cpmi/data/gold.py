"""Gold answers from a file of their own, joined to chains by the text of the problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from cpmi.answers.choices import letter_of
from cpmi.answers.decimal_comma import Number, as_written, decimal_of
from cpmi.data.formats import FORMATS
from cpmi.data.formats.best_of_n import recognize_best_of_n
from cpmi.data.formats.gsm8k import recognize_gsm8k, split_gold
from cpmi.data.formats.gsm8k_solutions import gold_of_solutions, recognize_gsm8k_solutions
from cpmi.data.found_columns import find_problem_columns
from cpmi.data.record import RawRecord, describe
from cpmi.data.records import read_records
from cpmi.data.right_answers import RightAnswers, own_right_answers
from cpmi.data.shown_options import without_options_shown
from cpmi.data.table import ProblemTable
from cpmi.data.whole_text import expect_whole
from cpmi.errors import RecordError, UnknownFormatError
from cpmi.golds import LETTERS
from cpmi.types import Chain


def normalize_problem(text: str) -> str:
    """The text by which problems are joined: runs of white space made one space, stripped, case kept."""
    return " ".join(text.split())


def problem_of(chain: Chain) -> str:
    """The text that joins a chain to its problem: the question without options that were put there."""
    return normalize_problem(without_options_shown(chain.question, chain.options))


def problem_digest(text: str) -> str:
    """Twelve digits by which a problem is recognized where its text should not be repeated."""
    return sha256(normalize_problem(text).encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, kw_only=True)
class GoldTable(Mapping[str, str]):
    """Gold answers by normalized problem text.

    Attributes:
        golds: normalized problem -> gold answer.
        answers: normalized problem -> all that the file says of its answer, where that is more than the gold.
        conflicts: normalized problem -> the different golds the file gives; not among `golds`.
        errors: the records that could not be used.
        num_records: records in the file, whatever became of them.
        num_repeated: records that say again what an earlier one said.
        num_without_gold: records of cpmi's own form that give no gold.
    """

    golds: Mapping[str, str]
    answers: Mapping[str, RightAnswers] = field(default_factory=dict)
    conflicts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    errors: tuple[RecordError, ...] = ()
    num_records: int = 0
    num_repeated: int = 0
    num_without_gold: int = 0

    def __getitem__(self, problem: str) -> str:
        return self.golds[problem]

    def __iter__(self) -> Iterator[str]:
        return iter(self.golds)

    def __len__(self) -> int:
        return len(self.golds)


def read_gold(path: str | Path) -> GoldTable:
    """Read the gold answers of a file; its form is recognized from the first usable record.

    Known forms: gsm8k, GSM8K model solutions, SVAMP, best-of-N, cpmi's own, and columns with known names
    (problem and answer, prompt and ground_truth, ...).

    Raises:
        InputError: the file is missing, empty or cannot be read.
        UnknownFormatError: the file gives no gold answers in a known form.
    """
    form: GoldForm | None = None
    found: dict[str, list[RightAnswers]] = {}
    errors: list[RecordError] = []
    num_records = num_repeated = num_without_gold = 0
    for record in read_records(path):
        num_records += 1
        if isinstance(record, RecordError):
            errors.append(record)
            continue
        form = form or _recognize(record)
        try:
            right = read_right_answers(record, form)
            expect_whole(_texts(right), where=record.source)
            problem = normalize_problem(right.asked or right.question)
        except RecordError as error:
            errors.append(error)
            continue
        known = found.setdefault(problem, []) if right.gold is not None else []
        if right.gold is None:
            num_without_gold += 1
        elif any(right.says_the_same(one) for one in known):
            num_repeated += 1
        else:
            known.append(right)
    if form is None:
        raise UnknownFormatError("no record can be read", where=str(path), got=str(errors[0]))
    return GoldTable(
        golds={problem: known[0].gold or "" for problem, known in found.items() if len(known) == 1},
        answers={
            problem: known[0] for problem, known in found.items() if len(known) == 1 and known[0].has_more
        },
        conflicts={
            problem: tuple(right.gold or "" for right in known)
            for problem, known in found.items()
            if len(known) > 1
        },
        errors=tuple(errors),
        num_records=num_records,
        num_repeated=num_repeated,
        num_without_gold=num_without_gold,
    )


def _texts(right: RightAnswers) -> tuple[str, ...]:
    return (right.question, right.gold or "", *right.other_golds, *right.options, *right.distractors)


def join_gold(chain: Chain, table: GoldTable) -> Chain:
    """The chain with the table's gold for its problem; unchanged where the table has none.

    Raises:
        RecordError: the chain has another gold already.
    """
    problem = problem_of(chain)
    gold = as_written(table.golds.get(problem), decimal_of(chain))
    more = table.answers.get(problem)
    if gold is not None and chain.options and more is None:
        gold = _letter_of(gold, chain)
    if gold is None or (gold == chain.gold and more is None):
        return chain
    if chain.gold not in (None, gold):
        raise RecordError(
            "the gold answer of the record and of the gold file differ",
            where=chain.where,
            got=f"{chain.gold!r} in the record, {gold!r} in the gold file",
            expected="the same text in both",
            hint="Correct one of them, or read this input without the gold file.",
        )
    if more is None:
        return replace(chain, gold=gold)
    if chain.options and chain.options != more.options:
        raise RecordError(
            "the options of the record and of the gold file differ",
            where=chain.where,
            got=f"{chain.options} in the record, {more.options} in the gold file",
            expected="the same in both",
        )
    return replace(
        chain,
        question=more.question if more.options else chain.question,
        gold=gold,
        options=more.options,
        other_golds=more.other_golds or chain.other_golds,
        distractors=more.distractors or chain.distractors,
    )


def _letter_of(gold: str, chain: Chain) -> str:
    """A gold of the file as the letter of a chain's option.

    Raises:
        RecordError: it is none of them.
    """
    if gold in LETTERS[: len(chain.options)] and len(gold) == 1:
        return gold
    if (letter := letter_of(gold, chain.options)) is None:
        raise RecordError(
            "the gold of the gold file is none of the record's options",
            where=chain.where,
            got=repr(gold),
            expected=f"one of {chain.options}, or a letter",
        )
    return letter


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldForm:
    """A form of gold file: how to know it, and a record's problem with its gold (None = it gives none)."""

    name: str
    recognize: Callable[[Mapping[str, object]], bool]
    read: Callable[[RawRecord], RightAnswers]


def _has(*names: str) -> Callable[[Mapping[str, object]], bool]:
    return lambda fields: fields.keys() >= set(names)


def _take(problem: str, gold: str) -> Callable[[RawRecord], RightAnswers]:
    return lambda record: RightAnswers(question=record.text(problem), gold=record.text(gold))


def _svamp(record: RawRecord) -> RightAnswers:
    """SVAMP writes whole numbers as 51.0; the answer is 51."""
    answer = record.number("Answer")
    return RightAnswers(question=f"{record.text('Body')} {record.text('Question')}", gold=Number.of(answer))


OWN_GOLD = GoldForm(
    name="cpmi (question, gold)",
    recognize=_has("question", "gold"),
    read=lambda record: own_right_answers(record, record.text("question"), record.optional_text("gold")),
)

_FORMS = (
    GoldForm(
        name="gsm8k",
        recognize=recognize_gsm8k,
        read=lambda record: RightAnswers(question=record.text("question"), gold=split_gold(record)[1]),
    ),
    GoldForm(
        name="gsm8k_solutions",
        recognize=recognize_gsm8k_solutions,
        read=lambda record: RightAnswers(question=record.text("question"), gold=gold_of_solutions(record)),
    ),
    GoldForm(name="best_of_n", recognize=recognize_best_of_n, read=_take("question", "gt")),
    GoldForm(
        name="SVAMP (Body, Question, Answer)", recognize=_has("Body", "Question", "Answer"), read=_svamp
    ),
    OWN_GOLD,
)


def find_gold_form(fields: Mapping[str, object]) -> GoldForm | None:
    """The form of gold file whose records have these fields, or None; errors as `find_problem_columns`."""
    known = next((form for form in _FORMS if form.recognize(fields)), None)
    # In formats of chains a known name may mean something else: PRM800K's `answer` is the step's own.
    if known is not None or any(form.recognize(fields) for form in FORMATS.values()):
        return known
    if (columns := find_problem_columns(fields)) is None:
        return None
    return GoldForm(name=f"columns {columns}", recognize=lambda _: True, read=ProblemTable(columns).read)


def _recognize(record: RawRecord) -> GoldForm:
    if form := find_gold_form(record.fields):
        return form
    raise UnknownFormatError(
        "the record gives no gold answer in a known form",
        where=record.source,
        got=f"the fields {', '.join(map(str, record.fields)) or '(none)'}",
        expected=f"columns with known names, or one of {'; '.join(form.name for form in _FORMS)}",
        hint='Write one {"question": ..., "gold": ...} a line.',
    )


def read_right_answers(record: RawRecord, form: GoldForm) -> RightAnswers:
    """A record's problem and right answers, neither blank; the gold is None where it gives none.

    Raises:
        RecordError: one of them is missing, blank or no text.
    """
    found = form.read(record)
    problem = _filled(record, found.question.strip(), "problem")
    if found.gold is None or isinstance(found.gold, Number):
        return replace(found, question=problem)
    return replace(found, question=problem, gold=_filled(record, found.gold.strip(), "gold answer"))


def _filled(record: RawRecord, text: str, name: str) -> str:
    if not text:
        raise record.error(f"the {name} is empty", got=describe(text), expected="text")
    return text
