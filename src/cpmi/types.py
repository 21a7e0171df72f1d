"""The vocabulary of cpmi: values that flow between its rooms. No logic beyond checking themselves.

Five words are kept apart everywhere: a *rating* is given (by a human or a benchmark), a *label* is
computed, a *target* is a calibrated label, a *score* is a PRM's output, a *verdict* compares two answers.

Steps have indices from 0 here and in files, and numbers from 1 in messages, tables and pages.

Letters for axes: S steps, P = S + 1 contexts, A candidate answers, K variants of the prompt.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from typing import Self

from cpmi.arguments import checked, expect_texts
from cpmi.digests import digest_of_bytes
from cpmi.errors import NotANumberError, RecordError
from cpmi.golds import check_golds
from cpmi.usage import Usage

PROBABILITY, LOG_ODDS = "probability", "log-odds"
"""Units of labels: that a step is right; that it is not its chain's first error (`Evidence`)."""

ROLLOUT_PARTS = ("successes", "rollouts", "undecided", "cut_off")
"""Parts of a label that count rollouts, one number a step."""


FINISH, CUT_OFF = "finish", "length"
"""The entry of `Chain.meta` of a chain that its length cut off: what it ends with is no answer."""

THINKING = "thinking_steps"
"""The entry of `Chain.meta` that says how many of the first steps are a thinking part."""

TAGGED = "tagged_answer"
"""The entry of `Chain.meta` with what tags of an answer hold, where the answer read from it is shorter."""


class Rating(StrEnum):
    """What a human or a benchmark says of one step. Given, never computed, never guessed."""

    RIGHT = "right"
    NEUTRAL = "neutral"
    WRONG = "wrong"
    NOT_JUDGED = "not_judged"


class FirstErrorUnknown(StrEnum):
    """Why the ratings of a chain do not tell its first error."""

    NO_RATINGS = "without ratings"
    NOT_JUDGED_BEFORE = "a step before the first one rated wrong is not judged"
    NOT_ALL_JUDGED = "no step is rated wrong, but not every step is judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem to be solved.

    Attributes:
        id: unique within its input.
        question: the problem's text.
        gold: the right final answer, or None where the input does not say; with options, a letter.
        source: file and line or row, for messages.
        options, other_golds, distractors: as `Chain`.

    Raises:
        RecordError: the question is blank, or options and golds do not fit.
    """

    id: str
    question: str
    gold: str | None = None
    source: str = ""
    options: tuple[str, ...] = ()
    other_golds: tuple[str, ...] = ()
    distractors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.question.strip():
            raise RecordError("the question is empty", where=self.where, record_id=self.id)
        if self.options or self.other_golds or self.distractors:
            check_golds(self)

    @property
    def where(self) -> str:
        """How messages name it: its place in the input and its id."""
        return f"{self.source or 'problem'} [{self.id}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One chain of thought on one problem.

    Attributes:
        id: unique within its input.
        question: the problem's text.
        steps: the S >= 1 steps, none blank.
        gold: the right final answer, or None where the input does not say; with options, a letter.
        answer: the chain's own final answer where the input states it, else None.
        ratings: one Rating a step, or None where the input rates nothing.
        values: one number a step that came with the input (success rates and the like), else None.
        meta: further facts of the record, as text ("generator", "class", ...).
        source: file and line or row, for messages.
        options: the texts of a multiple choice, in the order of their letters; () for other problems.
        other_golds: further right answers; with options, letters.
        outcome: whether the chain's end is right as its source judged it (a reward, unit tests); may stand
            for a gold. None where the input does not say.
        distractors: wrong answers that come with the problem.

    Raises:
        RecordError: no step, a blank step, ratings or values of another length than steps, or options and
            golds that do not fit.
        ArgumentError: the question or a step is not a text.
    """

    id: str
    question: str
    steps: tuple[str, ...]
    gold: str | None = None
    answer: str | None = None
    ratings: tuple[Rating, ...] | None = None
    values: tuple[float | None, ...] | None = None
    meta: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    options: tuple[str, ...] = ()
    other_golds: tuple[str, ...] = ()
    outcome: bool | None = None
    distractors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = self.where
        expect_texts("question", (self.question,))
        expect_texts("steps", self.steps)
        if not self.question.strip():
            raise RecordError("the question is empty", where=where, record_id=self.id)
        if not self.steps:
            raise RecordError(
                "the chain has no step", where=where, expected="at least one step", record_id=self.id
            )
        for number, step in enumerate(self.steps, 1):
            if not step.strip():
                raise RecordError(
                    f"step {number} is empty",
                    where=where,
                    got=repr(step),
                    expected="text in every step",
                    hint="Remove the step together with its rating, or use --on-error skip.",
                    record_id=self.id,
                )
        for name, column in (("ratings", self.ratings), ("values", self.values)):
            if column is not None and len(column) != len(self.steps):
                raise RecordError(
                    f"{name} and steps differ in length",
                    where=where,
                    got=f"{len(column)} {name}",
                    expected=f"{len(self.steps)}, one per step",
                    record_id=self.id,
                )
        if self.options or self.other_golds or self.distractors:
            check_golds(self)

    @classmethod
    @checked
    def from_text(
        cls,
        question: str,
        solution: str,
        *,
        gold: str | None = None,
        id: str | None = None,
        split_steps: str = "auto",
    ) -> Self:
        """A chain from the text of a solution.

        Args:
            question: the problem's text.
            solution: the solution's text.
            gold: the right final answer.
            id: by default a digest of question and solution.
            split_steps: what a step is, as `cpmi.split_steps`.

        Raises:
            RecordError: the question or the solution is blank.
            ConfigError: there is no such rule.
        """
        from cpmi.data.cut import cut_text  # from a floor above: whoever asks for this has it anyway

        cut = cut_text(solution, split_steps)
        return cls(
            id=digest_of_bytes(f"{question}\0{solution}".encode())[:12] if id is None else id,
            question=question,
            steps=cut.steps,
            gold=gold,
            answer=cut.answer,
            meta=cut.meta,
        )

    @property
    def where(self) -> str:
        """How messages name it: its place in the input and its id."""
        return f"{self.source or 'chain'} [{self.id}]"

    @property
    def cut_off(self) -> bool:
        """Whether its length cut it off: what it ends with is no answer."""
        return self.meta.get(FINISH) == CUT_OFF

    @property
    def first_error(self) -> int | FirstErrorUnknown:
        """0-based index of the first wrong step by the ratings, -1 for a right chain, or why it is not known.

        A chain is wrong if a step is rated WRONG and every step before the first such one is judged; it is
        right if every step is judged and none WRONG. NEUTRAL counts as RIGHT.
        """
        ratings = self.ratings
        if ratings is None or all(rating is Rating.NOT_JUDGED for rating in ratings):
            return FirstErrorUnknown.NO_RATINGS
        if Rating.WRONG in ratings:
            first = ratings.index(Rating.WRONG)
            return FirstErrorUnknown.NOT_JUDGED_BEFORE if Rating.NOT_JUDGED in ratings[:first] else first
        return FirstErrorUnknown.NOT_ALL_JUDGED if Rating.NOT_JUDGED in ratings else -1


class Origin(StrEnum):
    """Where a candidate answer comes from."""

    GOLD = "gold"
    EQUIVALENT = "equivalent"  # another form of the gold, right as well
    OWN = "own"  # the chain's own wrong final answer
    SAMPLED = "sampled"  # drawn from the model
    INTERMEDIATE = "intermediate"  # a result inside the chain
    RULE = "rule"  # a near miss made by rule
    OTHER = "other"  # the gold answer of another problem
    OPTION = "option"  # another option of a multiple choice
    GIVEN = "given"  # a wrong answer that comes with the problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One candidate answer. `right` holds for the gold and its equivalent forms."""

    text: str
    origin: Origin

    @property
    def right(self) -> bool:
        return self.origin in (Origin.GOLD, Origin.EQUIVALENT)


class Relation(StrEnum):
    """How two answers compare."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How two answers compare. UNDECIDED is a value with a reason, not an error."""

    relation: Relation
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLabels:
    """The labels of one chain by one method.

    Attributes:
        chain_id: whose steps these are.
        method: its name.
        values: one label a step, in `unit`; None where the method abstained. Greater is better.
        unit: "nat" for log-probability differences, or `PROBABILITY` or `LOG_ODDS`.
        candidates: the A answers that were compared, gold first; empty if there were none.
        candidate_values: [A][P] log-probability of answer a in context p, averaged over K; nat.
            What the P contexts are is said by the method.
        parts: named columns of numbers, one per step (S) or one a prefix (P), as the method declares.
        missing_parts: part -> reason: columns that are empty in a chain that has labels all the same.
        marks: named columns of booleans, one per step ("mentions_gold", "mentions_candidate").
        rejected_candidates: how many proposed negatives were refused, by reason.
        num_tokenization_mismatches: joins at which the tokenizer would cut the joined text differently.
        abstained: step index -> reason; exactly the steps whose value is None.
        usage: what it cost.
    """

    chain_id: str
    method: str
    values: tuple[float | None, ...]
    unit: str
    candidates: tuple[Candidate, ...] = ()
    candidate_values: tuple[tuple[float, ...], ...] = ()
    parts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    missing_parts: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, tuple[bool, ...]] = field(default_factory=dict)
    rejected_candidates: Mapping[str, int] = field(default_factory=dict)
    num_tokenization_mismatches: int = 0
    abstained: Mapping[int, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)

    def __post_init__(self) -> None:
        for index, value in enumerate(self.values):
            step = f"{self.chain_id}: step {index + 1}"
            if (value is None) != (index in self.abstained):
                raise ValueError(f"{step} needs a value or a reason, not both or none")
            if value is not None and not math.isfinite(value):
                raise NotANumberError(
                    f"{self.method} gave a label that is no number", where=step, got=str(value)
                )
        for column in (*self.parts.values(), *self.candidate_values):
            if not all(map(math.isfinite, column)):
                what = f"{self.method} gave a part that holds what is no number"
                raise NotANumberError(what, where=self.chain_id, got=str(column))

    @property
    def probabilities(self) -> tuple[float | None, ...] | None:
        """[S] How probable it is that a step and all before it are right: what is trained on and exported.

        From the part `belief` [S + 1], where there is one (the probability of a first error at every step,
        and last of none): 1 − Σ_{j≤i} belief_j, never rising along the chain. Else the labels, if they are
        probabilities. None where nothing says so.
        """
        belief = self.parts.get("belief", ())
        if not belief:
            nothing = self.values.count(None) == len(self.values)
            return self.values if nothing or self.unit == PROBABILITY else None
        still_right = [max(0.0, 1 - done) for done in accumulate(belief[:-1])]
        return tuple(
            None if value is None else right for value, right in zip(self.values, still_right, strict=True)
        )

    @property
    def rollout_counts(self) -> tuple[tuple[int, int] | None, ...] | None:
        """[S] (right rollouts, decided rollouts) after every step; None for a step without a decided one.

        From the parts `ROLLOUT_PARTS`; None where the method counts no rollouts. Rollouts that were cut off
        or whose answer is undecided are not decided.
        """
        columns = [self.parts.get(name, ()) for name in ROLLOUT_PARTS]
        if any(len(column) != len(self.values) for column in columns):
            return None
        return tuple(
            (int(right), decided) if (decided := int(drawn - undecided - cut_off)) > 0 else None
            for right, drawn, undecided, cut_off in zip(*columns, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScores:
    """The scores of one chain by a PRM.

    Attributes:
        values: [S] P(correct) in [0, 1]; None for a step without a score.
        abstained: why steps have no score; None where all have one.
        usage: what it cost.

    Raises:
        ValueError: a score is not in [0, 1], or a score is missing without a reason.
    """

    values: tuple[float | None, ...]
    abstained: str | None = None
    usage: Usage = field(default_factory=Usage)

    def __post_init__(self) -> None:
        if not all(0 <= value <= 1 for value in self.values if value is not None):
            raise ValueError(f"a score is not in [0, 1]: {self.values}")
        if (None in self.values) != (self.abstained is not None):
            raise ValueError(f"missing scores need a reason, others have none: {self.values}")
