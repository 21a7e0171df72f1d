"""Read a user's own records by their columns: a chain or several per record, other columns into `meta`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cpmi.data.columns import Columns
from cpmi.data.completions import ended_by_length, reasons_of
from cpmi.data.cut import AUTO, TURN, Cut, cut_text
from cpmi.data.field_path import ABSENT
from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.formats.ratings import ratings_from_first_error
from cpmi.data.found_columns import NONE, find_columns
from cpmi.data.messages import (
    Conversation,
    conversation,
    is_messages,
    is_python_messages,
    messages_in,
    read_messages,
)
from cpmi.data.outcomes import outcomes_of
from cpmi.data.record import RawRecord, as_text, describe
from cpmi.data.right_answers import RightAnswers, right_answers
from cpmi.errors import RecordError, UnknownFormatError
from cpmi.steps import splitter
from cpmi.types import Chain, Rating


def check_rule(rule: str) -> None:
    """Refuse a rule that does not exist.

    Raises:
        ConfigError: there is none of this name.
    """
    if rule != TURN:
        splitter(rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A reader of records with columns.

    Attributes:
        columns: by role.
        rule: how texts are cut into steps.
        found: whether columns were found in the first record; they are then found in every one, as a
            record may lack what another has.
        given: the columns that were named.
    """

    columns: Columns
    rule: str = AUTO
    found: bool = False
    given: Columns = NONE

    def format(self) -> Format:
        """The reader as a format, for records of any name."""
        return Format(
            name="columns",
            summary=f"columns: {self.columns}",
            recognize=lambda _: True,
            read=each(self._read),
            by_rule=None if "steps" in self.columns.paths else self._by_rule,
        )

    def _by_rule(self, rule: str) -> Format:
        return replace(self, rule=rule).format()

    def _read(self, record: RawRecord) -> Iterator[ReadOutcome]:
        if not self.found:
            return self._chains(record)
        try:
            columns = find_columns(record.fields, where=record.source, given=self.given)
        except UnknownFormatError as error:
            raise record.error(error.what, got=error.got, expected=error.expected, hint=error.hint) from error
        if columns is None:
            return self._refused(record)
        if columns is self.columns or columns.paths == self.columns.paths:
            return self._chains(record)
        return replace(self, columns=columns, found=False)._chains(record)

    def _refused(self, record: RawRecord) -> Iterator[ReadOutcome]:
        """Why a record in which no columns are found cannot be read by those of the first one."""
        for outcome in replace(self, found=False)._chains(record):
            if isinstance(outcome, RecordError):
                yield outcome
                return
        raise record.error(
            "the columns do not hold what they hold in the first record",
            got=f"the fields {', '.join(map(str, record.fields)) or '(none)'}",
            expected=f"{self.columns}",
        )

    def _chains(self, record: RawRecord) -> Iterator[ReadOutcome]:
        base = self.id_of(record)
        record = record.named(base)
        question, replies, system = self.question(record)
        right, meta = right_answers(record, self.columns, question), self._meta(record)
        if system:
            meta["system"] = system
        solutions = self._solutions(record, replies)
        answers = self.answers(record, len(solutions))
        self._expect_no_answers_as_gold(record, len(solutions))
        outcomes = self._outcomes(record, len(solutions))
        for number, cut in enumerate(solutions):
            id = base if len(solutions) == 1 else f"{base}/{number}"
            try:
                yield Chain(
                    id=id,
                    question=right.question,
                    steps=cut.steps,
                    gold=right.gold,
                    answer=answers[number] or cut.answer,
                    ratings=self._ratings(record, id, len(cut.steps)),
                    meta={**meta, **cut.meta},
                    source=record.source,
                    outcome=outcomes[number],
                    other_golds=right.other_golds,
                    options=right.options,
                    distractors=right.distractors,
                )
            except RecordError as error:  # the other solutions are fine
                yield error

    def id_of(self, record: RawRecord) -> str:
        """The id that a column gives, else the name of the source and the index of the record."""
        stated = self._value(record, "id")
        return f"{record.stem}-{record.index}" if stated is None else as_text(record, "id", stated)

    def _value(self, record: RawRecord, role: str) -> object:
        """The value of a role; None where it is null or absent."""
        value = self.columns.get(role, record.fields)
        return None if value is ABSENT else value

    def _needed(self, record: RawRecord, role: str) -> object:
        value = self._value(record, role)
        if value is None:
            path = self.columns.paths[role].text
            raise record.error(
                f"there is no {role} at {path!r}",
                got=f"the fields {', '.join(map(str, record.fields)) or '(none)'}",
                expected="a value there",
            )
        return value

    def question(self, record: RawRecord) -> tuple[str, Conversation | None, str]:
        """The question; and the conversation that it was found in, with what its system turns say."""
        value, name = messages_in(self._needed(record, "question")), self.columns.paths["question"].text
        if is_messages(value):
            found = conversation(record, name, read_messages(record, name, value))
            return found.question, found, found.system
        if not isinstance(value, str):
            raise record.wrong(name, value, "text or messages")
        _expect_no_python(record, name, value)
        return value, None, ""

    def _solutions(self, record: RawRecord, asked: Conversation | None) -> list[Cut]:
        if "steps" in self.columns.paths:
            steps = _texts(record, self.columns.paths["steps"].text, self._needed(record, "steps"))
            return [Cut(steps=steps, cut_off=ended_by_length(record.fields))]
        path = self.columns.paths["solution"]
        value = messages_in(self._needed(record, "solution"))
        if asked is not None and path == self.columns.paths["question"]:
            found = [self._turns(record, path.text, asked)]
        elif not isinstance(value, list) or (path.items is None and is_messages(value)):
            found = [self._cut(record, path.text, value)]
        elif not value:
            raise record.error(f"{path.text!r} holds no solution", expected="one at least")
        else:
            found = [self._cut(record, path.text, item) for item in value]
        cut_off = reasons_of(record.fields, path.items, len(found))
        return [replace(cut, cut_off=True) if so else cut for cut, so in zip(found, cut_off, strict=True)]

    def _cut(self, record: RawRecord, name: str, value: object) -> Cut:
        """The steps of one solution: text, or the messages that reply."""
        value = messages_in([value] if isinstance(value, Mapping) and is_messages([value]) else value)
        if is_messages(value):
            replies = read_messages(record, name, value)
            return self._turns(record, name, Conversation(system="", question="", replies=replies))
        if not isinstance(value, str):
            raise record.wrong(name, value, "text, messages, or a list of either")
        _expect_no_python(record, name, value)
        return cut_text(value, self.rule)

    def _turns(self, record: RawRecord, name: str, asked: Conversation) -> Cut:
        """The replies as steps: cut by the rule where there is one, by turns where tools spoke in between."""
        turns = asked.turns
        if not turns:
            raise record.error(
                f"the messages in {name!r} hold no reply",
                expected="a turn by the assistant after the last one by the user",
            )
        with_tools = any(message.role == "tool" for message in asked.replies)
        if self.rule == TURN or len(turns) > 1 or with_tools:
            return Cut(steps=turns, cut_off=asked.replies[-1].role == "tool")
        if not (thought := asked.thought.strip()):
            return cut_text(turns[0], self.rule)
        thinking, final = cut_text(thought, self.rule), cut_text(asked.replies[0].text, self.rule)
        return replace(final, steps=thinking.steps + final.steps, num_thinking=len(thinking.steps))

    def _expect_no_answers_as_gold(self, record: RawRecord, num_solutions: int) -> None:
        """Refuse a column of golds that was found, and has one for every solution."""
        value = self._value(record, "gold")
        if "gold" in self.given.paths or not isinstance(value, list) or len(value) != num_solutions:
            return
        if num_solutions > 1:
            name = self.columns.paths["gold"].text
            raise record.error(
                f"{name!r} may be right answers or the answers of the {num_solutions} solutions",
                got=describe(value),
                hint=f"Say what it is: --columns gold={name}, or answer={name} for the solutions' own.",
            )

    def answers(self, record: RawRecord, num_solutions: int) -> list[str | None]:
        """The answer that the record gives for each solution; one alone is that of none of several.

        Raises:
            RecordError: there is a list of another length.
        """
        value = self._value(record, "answer")
        values = value if isinstance(value, list) else [value]
        if isinstance(value, list) and len(values) != num_solutions:
            raise record.error(
                f"{self.columns.paths['answer'].text!r} and the solutions differ in number",
                got=f"{len(values)} answers",
                expected=f"{num_solutions}, one per solution",
            )
        if len(values) != num_solutions:
            return [None] * num_solutions
        return [None if item in (None, "") else as_text(record, "answer", item) for item in values]

    def _outcomes(self, record: RawRecord, num_solutions: int) -> list[bool | None]:
        path = self.columns.paths.get("outcome")
        value = self._value(record, "outcome")
        return outcomes_of(record, "" if path is None else path.text, value, num_solutions)

    def _ratings(self, record: RawRecord, id: str, num_steps: int) -> tuple[Rating, ...] | None:
        value = self._value(record, "error")
        if value is None:
            return None
        record, name = record.named(id), self.columns.paths["error"].text
        if not isinstance(value, int) or isinstance(value, bool):
            raise record.wrong(name, value, "an index from 0, or -1")
        return ratings_from_first_error(record, name, None if value == -1 else value, num_steps)

    def _meta(self, record: RawRecord) -> dict[str, str]:
        used = self.columns.used()
        return {
            str(name): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            for name, value in record.fields.items()
            if name not in used and value is not None
        }


@dataclass(frozen=True, slots=True)
class ProblemTable:
    """A reader of problems and their golds by columns."""

    columns: Columns

    def read(self, record: RawRecord) -> RightAnswers:
        """The problem and its golds; the gold is None where there is none, "" where it is blank."""
        stated = self.columns.get("gold", record.fields)
        found = right_answers(record, self.columns, Table(columns=self.columns).question(record)[0])
        return replace(found, gold="") if isinstance(stated, str) and not stated.strip() else found


def _expect_no_python(record: RawRecord, name: str, value: str) -> None:
    if is_python_messages(value):
        raise record.error(
            f"the messages in {name!r} are text in Python's notation",
            got=describe(value),
            expected="messages, or their JSON",
            hint="Store them with json.dumps.",
        )


def _texts(record: RawRecord, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise record.wrong(name, value, "a list of texts")
    return tuple(value)
