"""Find the columns of records whose names are in use in the field, where they leave no doubt.

Every role has its known names. Two that could play one role are no guess: they are named in the error, and
`--columns` decides.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping

from cpmi.answers.choices import letter_alone
from cpmi.data.columns import CHAIN_ROLES, GOLD_ROLES, Columns
from cpmi.data.completions import CHOICES, path_of_completions
from cpmi.data.field_path import ABSENT, FieldPath
from cpmi.data.messages import ends_with_user, is_messages, messages_in
from cpmi.data.options import KEYS, LETTER_KEY, OPTIONS, expect_readable, gold_letter, options_in
from cpmi.data.outcomes import OUTCOMES, is_outcome
from cpmi.data.record import RawRecord
from cpmi.data.spelled import plain_name, spelled
from cpmi.data.stated_gold import BOX, GOLD_MARK, say_the_same
from cpmi.errors import RecordError, UnknownFormatError

NONE = Columns(paths={})
QUESTIONS = ("question", "problem", "prompt", "query", "instruction", "input")
SAMPLES = (
    "completion", "completions", "response", "responses", "generation", "generations", "output", "outputs",
    "solutions", "samples", "code", "model_output", "model_outputs", "generated_text", "rollout", "rollouts",
    "generated_solution", "reasoning", "reasoning_content", "rationale", "chain_of_thought", "cot",
)  # fmt: skip
THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""A reasoning that a server returns apart from what is said."""

REFERENCE = "solution"
"""A chain where no sample is; beside samples, or beside an answer, the reference."""
REFERENCES = (REFERENCE, "reference_solution")
"""Where the gold is read from what they end with, if no other column gives it."""
STEPS = "steps"
CONVERSATIONS = ("messages", "conversations", "conversation")
GOLDS = (
    "gold", "ground_truth", "gt", "gts", "target", "answer", "final_answer", "expected_answer",
    "reference_answer", "correct_answer", "answers", "reward_model.ground_truth",
)  # fmt: skip
DOUBTFUL = "final_answer"
"""The gold of a problem; beside a chain it is as often what the chain states."""

DISTRACTORS = ("distractors", "incorrect_answers")
OWN_ANSWERS = ("pred", "prediction", "extracted_answer", "model_answer")


def samples_in(fields: Mapping[str, object]) -> list[str]:
    """The columns that could hold a sampled chain, beside a reference; by their paths."""
    found: list[str] = []
    for name in spelled(fields, SAMPLES):
        value = fields.get(name)
        if _is_chain(value):
            found.append(name)
        elif path := path_of_completions(name, value):
            found.append(path)
    choices = (path_of_completions(name, fields[name]) for name in spelled(fields, (CHOICES,)))
    return [*found, *filter(None, choices)]


def find_columns(fields: Mapping[str, object], *, where: str = "", given: Columns = NONE) -> Columns | None:
    """The columns of records like this one, or None if they have no known names.

    Args:
        fields: of a record.
        where: its place, for messages.
        given: columns that are named; the others are found in what is left.

    Raises:
        UnknownFormatError: several columns could play one role.
    """
    taken = _taken(given)
    left = {name: value for name, value in fields.items() if name not in taken} if taken else fields
    paths = _question_and_chain(left, given, where)
    if paths is None:
        return None
    of_steps = "steps" in paths or "steps" in given.paths
    but = {FieldPath.parse(path).top for path in paths.values()} | {DOUBTFUL}
    for role, path in _others(left, but, where, given, of_steps=of_steps):
        paths.setdefault(role, path)
    if not paths:
        return given
    return Columns(paths={**given.paths, **_columns(paths).paths})


def _question_and_chain(fields: Mapping[str, object], given: Columns, where: str) -> dict[str, str] | None:
    """The columns of the question and of the chain, but those that are given; None if one is not there."""
    no_question = "question" not in given.paths
    no_chain = CHAIN_ROLES.isdisjoint(given.paths)
    if not no_question and not no_chain:
        return {}
    conversations = [
        name for name in spelled(fields, CONVERSATIONS) if is_messages(messages_in(fields[name]))
    ]
    samples = samples_in(fields) if no_chain else []
    if (
        no_chain
        and len(thoughts := spelled(fields, THOUGHTS)) == len(samples) == 1
        and thoughts[0] == samples[0]
    ):
        _expect_no_reply_beside(fields, samples[0], where)
    if no_question and no_chain and conversations and not samples:
        one = _only("question", conversations, fields, where)
        return {"question": one, "solution": one}
    found: dict[str, str] = {}
    questions = _questions(fields)
    if no_question:
        if not questions:
            return None
        found["question"] = _only("question", questions, fields, where)
    if no_chain:
        samples = samples or [name for name in spelled(fields, (REFERENCE,)) if _is_chain(fields[name])]
        samples = [name for name in samples if not no_question or name not in questions[:1]]
        steps = [name for name in spelled(fields, (STEPS,)) if _is_texts(fields[name])]
        if samples:
            found["solution"] = _only("solution", samples, fields, where)
        elif steps:
            found["steps"] = _only("steps", steps, fields, where)
        else:
            return None
    if no_question:
        _expect_whole(fields, where)
    return found


def _questions(fields: Mapping[str, object]) -> list[str]:
    """The columns that could hold the question; without any, conversations that end with the user's turn."""
    found = [name for name in spelled(fields, QUESTIONS) if _is_question(fields.get(name))]
    return found or [
        name for name in spelled(fields, CONVERSATIONS) if ends_with_user(messages_in(fields[name]))
    ]


def names_gold_otherwise(fields: Mapping[str, object]) -> bool:
    """Whether a gold has another known name than `gold` and `answer`."""
    return any(
        plain_name(name) not in ("gold", "answer") and _is_given(fields, name)
        for name in spelled(fields, GOLDS)
        if plain_name(name) != plain_name(DOUBTFUL)
    )


def find_problem_columns(fields: Mapping[str, object], given: Columns = NONE) -> Columns | None:
    """The columns of records that hold a problem and its gold answer; args and errors as `find_columns`.

    Of records of which no column is given, None without a gold.

    An `answer` beside `steps` may be the chain's own, so such records give none.
    """
    if not given.paths and spelled(fields, (STEPS,)):
        return None
    taken = _taken(given)
    left = {name: value for name, value in fields.items() if name not in taken}
    questions = _questions(left)
    golds = _golds(left, {*questions})
    if not (questions or "question" in given.paths) or not (golds or given.paths):
        return None
    found: dict[str, str] = {}
    if "question" not in given.paths:
        _expect_whole(left, "")
        found["question"] = _only("question", questions, left)
    if golds and not _gives_gold(given):
        found["gold"] = _only("gold", golds, left)
    found |= dict(_beside_gold(left, "", given))
    return Columns(paths={**given.paths, **_columns(found).paths})


def _taken(given: Columns) -> set[str]:
    """The fields that given paths begin with."""
    return {name for path in given.paths.values() for name in (path.top, path.text)}


def _gives_gold(given: Columns) -> bool:
    return not given.paths.keys().isdisjoint(GOLD_ROLES)


def _columns(names: Mapping[str, str]) -> Columns:
    return Columns(paths={role: FieldPath.parse(name) for role, name in names.items()})


def _golds(fields: Mapping[str, object], but: Collection[str]) -> list[str]:
    """The columns that could hold the gold, `but` some; MATH has the chain and its answer in one."""
    refused = {plain_name(name) for name in but if name == DOUBTFUL}
    names: tuple[str, ...] = GOLDS
    if _options(fields):
        letters = (name for name in spelled(fields, (LETTER_KEY,)) if letter_alone(str(fields[name])))
        names += (*KEYS, *([LETTER_KEY] if any(letters) else []))
    golds = [
        name
        for name in spelled(fields, names)
        if name not in but and plain_name(name) not in refused and _is_given(fields, name)
    ]
    return golds or [name for name in spelled(fields, REFERENCES) if _states_answer(fields.get(name))]


def _others(
    fields: Mapping[str, object], but: set[str], where: str, given: Columns, *, of_steps: bool
) -> Iterator[tuple[str, str]]:
    golds = [] if _gives_gold(given) else _golds(fields, but)
    if golds:
        gold = _only("gold", golds, fields, where)
        if of_steps and plain_name(gold) == "answer" and len(golds) == 1:
            raise UnknownFormatError(
                f"{gold!r} beside steps may be the right answer or the chain's own",
                where=where,
                hint=f"Say what it is: --columns gold={gold}, or answer={gold} for the chain's own.",
            )
        yield "gold", gold
    elif not _gives_gold(given) and "outcome" not in given.paths:
        outcomes = [name for name in spelled(fields, OUTCOMES) if is_outcome(fields[name])]
        if outcomes:
            yield "outcome", _only("outcome", outcomes, fields, where)
    yield from _beside_gold(fields, where, given)
    answers = [name for name in spelled(fields, OWN_ANSWERS) if _is_given(fields, name)]
    if "answer" not in given.paths and len(answers) == 1:
        yield "answer", answers[0]


def _beside_gold(fields: Mapping[str, object], where: str, given: Columns) -> Iterator[tuple[str, str]]:
    """The columns that say which answers there are to choose from, and which are wrong, but those given."""
    if "options" not in given.paths:
        for name in spelled(fields, OPTIONS):
            if path_of_completions(name, fields[name]) is None:
                expect_readable(name, fields[name], where)
    if "options" not in given.paths and (options := _options(fields)):
        yield "options", _only("options", options, fields, where)
    distractors = [name for name in spelled(fields, DISTRACTORS) if _is_given(fields, name)]
    if "distractors" not in given.paths and distractors:
        yield "distractors", _only("distractors", distractors, fields, where)


def _options(fields: Mapping[str, object]) -> list[str]:
    return [name for name in spelled(fields, OPTIONS) if options_in(fields[name]) is not None]


def _only(role: str, names: list[str], fields: Mapping[str, object], where: str = "") -> str:
    """The one name, or the first of several that say the same."""
    values = [FieldPath.parse(name).get(fields) for name in names]
    is_same = operator.eq
    if role == "gold":  # an answer, and a solution that ends in it, say the same
        values, is_same = [_comparable(value, fields) for value in values], say_the_same
    if not all(is_same(values[0], value) for value in values[1:]):
        raise UnknownFormatError(
            f"several columns could be the {role}",
            where=where,
            got=", ".join(names),
            expected="one of them",
            hint=f"Say which: --columns {role}={names[0]}",
        )
    return names[0]


def _expect_no_reply_beside(fields: Mapping[str, object], thought: str, where: str) -> None:
    """A server's reply has its reasoning in one field and the rest in `content`: none is all of it."""
    for name in spelled(fields, ("content",)):
        if isinstance(fields[name], str) and str(fields[name]).strip():
            raise UnknownFormatError(
                "the chain may be in two columns",
                where=where,
                got=f"{thought}, {name}",
                expected="one that holds all of it",
                hint="Put both into a message of the assistant (messages), or say which one is enough: "
                f"--columns solution={name}",
            )


def _expect_whole(fields: Mapping[str, object], where: str) -> None:
    """SVAMP tells the story of a problem in `Body`, and only asks in `Question`."""
    if {"body", "question"} <= {plain_name(name) for name in spelled(fields, ("body", "question"))}:
        raise UnknownFormatError(
            "the question may be in two columns",
            where=where,
            got=", ".join(spelled(fields, ("body", "question"))),
            expected="one that holds all of it",
            hint="Join them, or say which one is enough: --columns question=...",
        )


def _comparable(gold: object, fields: Mapping[str, object]) -> object:
    """A gold as it is held against others: the letter where it names an option, else as it is."""
    if not (options := _options(fields)) or (found := options_in(fields[options[0]])) is None:
        return gold
    try:
        record = RawRecord(fields=fields, index=0, stem="", source="")
        return gold_letter(record, "", gold, found)
    except RecordError:  # said when the record is read
        return gold


def _is_given(fields: Mapping[str, object], name: str) -> bool:
    value = FieldPath.parse(name).get(fields)
    return bool(value.strip()) if isinstance(value, str) else value not in (ABSENT, None)


def _states_answer(value: object) -> bool:
    return isinstance(value, str) and (BOX in value or GOLD_MARK in value)


def _is_question(value: object) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or is_messages(value)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _is_chain(value: object) -> bool:
    """Text, messages, or a list of either."""
    if isinstance(value, str):
        return bool(value.strip())
    if is_messages(value):
        return True
    return isinstance(value, list) and bool(value) and all(map(_is_one_chain, value))


def _is_one_chain(value: object) -> bool:
    return isinstance(value, str) or is_messages(value)
