"""How a chain is laid out for a reward model: one layout for training, scoring, evaluation and export.

    Problem: <question>
    Solution:
    <step 1><step token><step 2><step token>...

The step token follows the step's text directly, and the score of a step is read at its step token. Pieces are
tokenized apart and joined as ids. The layout is made so that tokenizing the joined text gives the same ids:
a reserved token always stands alone, and the question's piece ends with one line break, behind which no step
begins with white space. Where a tokenizer still cuts otherwise, `Encoder.joins` says so: whoever serves such
a model has to send ids, not text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from cpmi.errors import ContextTooLongError, InputError, ModelError, RecordError

Ids = tuple[int, ...]


class LayoutTokenizer(Protocol):
    """What the layout needs of a tokenizer."""

    @property
    def inner(self) -> Any:
        """The transformers tokenizer: what users without cpmi call on a whole text."""

    @property
    def prefix(self) -> Ids:
        """What comes before every text: a begin token, or nothing."""

    @property
    def digest(self) -> str:
        """Tells one tokenizer from another."""

    def encode(self, text: str) -> Ids:
        """A piece of text, without special tokens of the tokenizer's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The words around question and steps.

    Attributes:
        step_token: a reserved token of the tokenizer, as text.
        before_question, after_question: what stands around the question; the latter ends with one line break.
    """

    step_token: str
    before_question: str = "Problem: "
    after_question: str = "\nSolution:\n"

    def question_text(self, question: str) -> str:
        return f"{self.before_question}{question.strip()}{self.after_question}"

    def step_text(self, step: str) -> str:
        """One step and its step token."""
        return step.strip() + self.step_token

    def text(self, question: str, steps: Sequence[str]) -> str:
        """The whole chain, as it is sent to a server that takes text."""
        return self.question_text(question) + "".join(map(self.step_text, steps))

    def to_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], *, where: str) -> Layout:
        """Read it from a card.

        Raises:
            InputError: a field is missing, unknown, or no text.
        """
        try:
            made = cls(**fields)
        except TypeError as error:
            raise InputError("not a layout of cpmi", where=where, got=str(error)) from error
        if not all(isinstance(value, str) for value in asdict(made).values()) or not made.step_token:
            raise InputError("not a layout of cpmi", where=where, got=repr(dict(fields)), expected="texts")
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """One chain as ids.

    Attributes:
        ids: [T].
        num_question: how many leading ids are the question's; chains of one question share them.
        step_positions: where the step tokens of the steps stand that fit, in order.
        num_left_out: trailing steps that did not fit.
    """

    ids: Ids
    num_question: int
    step_positions: tuple[int, ...]
    num_left_out: int = 0


class Encoder:
    """The layout over one tokenizer.

    Attributes:
        layout: the words.
        step_id: the id of the step token.

    Raises:
        ModelError: the step token is not one token of this tokenizer that text is split at.
    """

    def __init__(self, layout: Layout, tokenizer: LayoutTokenizer) -> None:
        self.layout = layout
        self.tokenizer = tokenizer
        ids = tokenizer.encode(layout.step_token)
        added = map(str, tokenizer.inner.added_tokens_decoder.values())
        if len(ids) != 1 or layout.step_token not in added:
            raise ModelError(
                "the step token is not a reserved token of the tokenizer",
                where="option step_token",
                got=f"{layout.step_token!r}, {len(ids)} of its tokens",
                expected="one added token",
                hint="Name a reserved token that the tokenizer has (--step-token).",
            )
        self.step_id = ids[0]

    def question(self, question: str, *, where: str = "") -> Ids:
        """The begin token, if the model has one, and the question's piece."""
        text = self.layout.question_text(question)
        return self.tokenizer.prefix + self._without_step_token(text, where)

    def step(self, step: str, *, where: str = "") -> Ids:
        """The step's ids and its step token."""
        return (*self._without_step_token(step.strip(), where), self.step_id)

    def encode(
        self, question: str, steps: Sequence[str], *, max_length: int | None = None, where: str = ""
    ) -> Encoded:
        """Join the pieces; where they exceed `max_length`, whole steps are left out from the end.

        Args:
            question, steps: of the chain.
            max_length: ids at most; None for any number.
            where: the chain, for messages.

        Raises:
            ContextTooLongError: the question alone leaves no room for a step token.
            RecordError: the text holds the step token, or a step encodes to nothing.
        """
        ids = list(self.question(question, where=where))
        num_question = len(ids)
        if max_length is not None and num_question >= max_length:
            raise ContextTooLongError(
                "the question leaves no room for a step",
                where=where or None,
                got=f"{num_question} tokens",
                expected=f"below {max_length}",
                hint="Raise --max-length, or use a base with a longer context.",
            )
        positions: list[int] = []
        for step in steps:
            piece = self.step(step, where=where)
            if max_length is not None and len(ids) + len(piece) > max_length:
                break
            ids += piece
            positions.append(len(ids) - 1)
        return Encoded(
            ids=tuple(ids),
            num_question=num_question,
            step_positions=tuple(positions),
            num_left_out=len(steps) - len(positions),
        )

    def expect_no_step_token(self, question: str, steps: Sequence[str], *, where: str = "") -> None:
        """Check a whole chain, however much of it would fit.

        Raises:
            RecordError: the text holds the step token.
        """
        self._without_step_token("\n".join((question, *steps)), where)

    def joins(self, question: str, steps: Sequence[str]) -> bool:
        """Whether the tokenizer, called on the joined text as anybody would, gives the joined ids."""
        whole = tuple(self.tokenizer.inner(self.layout.text(question, steps)).input_ids)
        return whole == self.encode(question, steps).ids

    def _without_step_token(self, text: str, where: str) -> Ids:
        ids = self.tokenizer.encode(text)
        if text and not ids:
            raise RecordError(
                "the tokenizer encodes a piece of text as nothing",
                where=where or None,
                got=repr(text[:80]),
                expected="at least one token",
                hint="Remove it from the data, or use another model.",
            )
        if self.step_id in ids:
            raise RecordError(
                "the text holds the step token",
                where=where or None,
                got=repr(self.layout.step_token),
                expected="text without it: every step token is read as the end of a step",
                hint="Remove it from the text, or name another --step-token.",
            )
        return ids
