"""Read a user's own records by their columns: a chain or several per record, other columns into `meta`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cpmi.data.columns import Columns
from cpmi.data.field_path import ABSENT
from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.formats.ratings import ratings_from_first_error
from cpmi.data.found_columns import find_columns
from cpmi.data.messages import Conversation, conversation, is_messages, read_messages
from cpmi.data.outcomes import outcomes_of
from cpmi.data.record import RawRecord, as_text
from cpmi.data.right_answers import RightAnswers, right_answers
from cpmi.errors import RecordError, UnknownFormatError
from cpmi.steps import splitter
from cpmi.types import Chain, Rating

TURN = "turn"
"""The rule by which a step is a turn of the assistant with the results of its tools."""

AUTO = "auto"
THINKING = "thinking_steps"
"""The entry of `meta` that says how many of the first steps are a thinking part."""

FINISH, CUT_OFF = "finish", "length"
"""The entry of `meta` of a chain that its length cut off: what it ends with is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One solution.

    Attributes:
        steps: its steps.
        num_thinking: how many of them, from the first, are a thinking part.
        cut_off: whether it ends inside a thinking part, or with what a tool said.
    """

    steps: tuple[str, ...]
    num_thinking: int = 0
    cut_off: bool = False

    @property
    def meta(self) -> dict[str, str]:
        """What is told of it in the chain's `meta`."""
        thinking = {THINKING: str(self.num_thinking)} if self.num_thinking else {}
        return {**thinking, FINISH: CUT_OFF} if self.cut_off else thinking


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
        found: whether the columns were found in the first record; they are then found in every one, as a
            record may lack what another has.
    """

    columns: Columns
    rule: str = AUTO
    found: bool = False

    def format(self) -> Format:
        """The reader as a format, for records of any name."""
        return Format(
            name="columns",
            summary=f"columns: {self.columns}",
            recognize=lambda _: True,
            read=each(self._read),
        )

    def _read(self, record: RawRecord) -> Iterator[ReadOutcome]:
        if not self.found:
            return self._chains(record)
        try:
            columns = find_columns(record.fields, where=record.source)
        except UnknownFormatError as error:
            raise record.error(error.what, got=error.got, expected=error.expected, hint=error.hint) from error
        if columns is None:
            return self._refused(record)
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
        stated = self._value(record, "id")
        base = f"{record.stem}-{record.index}" if stated is None else as_text(record, "id", stated)
        record = record.named(base)
        question, replies, system = self.question(record)
        right, meta = right_answers(record, self.columns, question), self._meta(record)
        if system:
            meta["system"] = system
        answers = self._answers(record)
        solutions = self._solutions(record, replies)
        outcomes = self._outcomes(record, len(solutions))
        for number, cut in enumerate(solutions):
            id = base if len(solutions) == 1 else f"{base}/{number}"
            try:
                yield Chain(
                    id=id,
                    question=right.question,
                    steps=cut.steps,
                    gold=right.gold,
                    answer=answers[number] if len(answers) == len(solutions) else None,
                    ratings=self._ratings(record.named(id), len(cut.steps)),
                    meta={**meta, **cut.meta},
                    source=record.source,
                    outcome=outcomes[number],
                    other_golds=right.other_golds,
                    options=right.options,
                    distractors=right.distractors,
                )
            except RecordError as error:  # the other solutions are fine
                yield error

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
        value, name = self._needed(record, "question"), self.columns.paths["question"].text
        if is_messages(value):
            found = conversation(record, name, read_messages(record, name, value))
            return found.question, found, found.system
        if not isinstance(value, str):
            raise record.wrong(name, value, "text or messages")
        return value, None, ""

    def _solutions(self, record: RawRecord, asked: Conversation | None) -> list[Cut]:
        if "steps" in self.columns.paths:
            steps = _texts(record, self.columns.paths["steps"].text, self._needed(record, "steps"))
            return [Cut(steps=steps)]
        path = self.columns.paths["solution"]
        value = self._needed(record, "solution")
        if asked is not None and path == self.columns.paths["question"]:
            return [self._turns(record, path.text, asked)]
        if not isinstance(value, list) or is_messages(value):
            return [self._cut(record, path.text, value)]
        if not value:
            raise record.error(f"{path.text!r} holds no solution", expected="one at least")
        return [self._cut(record, path.text, item) for item in value]

    def _split(self, text: str) -> Cut:
        found = splitter(AUTO if self.rule == TURN else self.rule)(text)
        return Cut(steps=found.steps, num_thinking=sum(found.thinking), cut_off=found.cut_off)

    def _cut(self, record: RawRecord, name: str, value: object) -> Cut:
        """The steps of one solution: text, or the messages that reply."""
        if is_messages(value):
            replies = read_messages(record, name, value)
            return self._turns(record, name, Conversation(system="", question="", replies=replies))
        if not isinstance(value, str):
            raise record.wrong(name, value, "text, messages, or a list of either")
        return self._split(value)

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
        return self._split(turns[0])

    def _answers(self, record: RawRecord) -> list[str | None]:
        value = self._value(record, "answer")
        values = value if isinstance(value, list) else [value]
        return [None if item in (None, "") else as_text(record, "answer", item) for item in values]

    def _outcomes(self, record: RawRecord, num_solutions: int) -> list[bool | None]:
        path = self.columns.paths.get("outcome")
        value = self._value(record, "outcome")
        return outcomes_of(record, "" if path is None else path.text, value, num_solutions)

    def _ratings(self, record: RawRecord, num_steps: int) -> tuple[Rating, ...] | None:
        value = self._value(record, "error")
        if value is None:
            return None
        name = self.columns.paths["error"].text
        if not isinstance(value, int) or isinstance(value, bool):
            raise record.wrong(name, value, "an index from 0, or -1")
        return ratings_from_first_error(record, name, None if value == -1 else value, num_steps)

    def _meta(self, record: RawRecord) -> dict[str, str]:
        used = self.columns.used()
        cut_off = {FINISH: CUT_OFF} if record.fields.get("finish_reason") == CUT_OFF else {}
        return cut_off | {
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


def _texts(record: RawRecord, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise record.wrong(name, value, "a list of texts")
    return tuple(value)
