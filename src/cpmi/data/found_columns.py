"""Find the columns of records whose names are in use in the field, where they leave no doubt.

Every role has its known names. Two that could play one role are no guess: they are named in the error, and
`--columns` decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from cpmi.answers.choices import letter_alone
from cpmi.data.columns import Columns
from cpmi.data.field_path import ABSENT, FieldPath
from cpmi.data.messages import is_messages
from cpmi.data.options import KEYS, LETTER_KEY, OPTIONS, gold_letter, options_in
from cpmi.data.outcomes import OUTCOMES, is_outcome
from cpmi.data.record import RawRecord
from cpmi.data.stated_gold import BOX, GOLD_MARK, stated_gold
from cpmi.errors import RecordError, UnknownFormatError

QUESTIONS = ("question", "problem", "prompt", "query", "instruction", "input")
SAMPLES = (
    "completion", "completions", "response", "responses", "generation", "generations", "output", "outputs",
    "solutions", "samples", "code", "model_output", "model_outputs", "generated_text", "rollout", "rollouts",
    "generated_solution", "reasoning", "reasoning_content", "rationale", "chain_of_thought", "cot",
)  # fmt: skip
REFERENCE = "solution"
"""A chain where no sample is; beside samples, or beside an answer, the reference."""
CONVERSATIONS = ("messages", "conversations", "conversation")
GOLDS = (
    "gold", "ground_truth", "gt", "gts", "target", "answer", "final_answer", "expected_answer",
    "reference_answer", "correct_answer", "reward_model.ground_truth",
)  # fmt: skip
DOUBTFUL = "final_answer"
"""The gold of a problem; beside a chain it is as often what the chain states."""

DISTRACTORS = ("distractors", "incorrect_answers")
OWN_ANSWERS = ("pred", "prediction", "extracted_answer", "model_answer")


def samples_in(fields: Mapping[str, object]) -> list[str]:
    """The columns that could hold a sampled chain, beside a reference."""
    return [name for name in SAMPLES if _is_chain(fields.get(name))]


def find_columns(fields: Mapping[str, object], *, where: str = "") -> Columns | None:
    """The columns of records like this one, or None if they have no known names.

    Args:
        fields: of a record.
        where: its place, for messages.

    Raises:
        UnknownFormatError: several columns could play one role.
    """
    conversations = [name for name in CONVERSATIONS if is_messages(fields.get(name))]
    if conversations and not samples_in(fields):
        one = _only("question", conversations, fields, where)
        paths = {"question": one, "solution": one}
    else:
        questions = [name for name in QUESTIONS if _is_question(fields.get(name))]
        solutions = samples_in(fields) or [REFERENCE] * _is_chain(fields.get(REFERENCE))
        solutions = [name for name in solutions if name not in questions[:1]]
        if not questions or not solutions:
            return None
        paths = {
            "question": _only("question", questions, fields, where),
            "solution": _only("solution", solutions, fields, where),
        }
    paths |= dict(_others(fields, set(paths.values()), where))
    return _columns(paths)


def find_problem_columns(fields: Mapping[str, object]) -> Columns | None:
    """The columns of records that hold a problem and its gold answer; errors as `find_columns`.

    An `answer` beside `steps` may be the chain's own, so such records give none.
    """
    if "steps" in fields:
        return None
    questions = [name for name in QUESTIONS if _is_question(fields.get(name))]
    golds = _golds(fields, questions)
    if not questions or not golds:
        return None
    found = {"question": _only("question", questions, fields), "gold": _only("gold", golds, fields)}
    return _columns(found | dict(_beside_gold(fields, "")))


def _columns(names: Mapping[str, str]) -> Columns:
    return Columns(paths={role: FieldPath.parse(name) for role, name in names.items()})


def _golds(fields: Mapping[str, object], but: Collection[str]) -> list[str]:
    """The columns that could hold the gold, `but` some; MATH has the chain and its answer in one."""
    names: tuple[str, ...] = GOLDS
    if _options(fields):
        names += (*KEYS, LETTER_KEY) if letter_alone(str(fields.get(LETTER_KEY))) else KEYS
    golds = [name for name in names if name not in but and _is_given(fields, name)]
    return golds or [REFERENCE] * _states_answer(fields.get(REFERENCE))


def _others(fields: Mapping[str, object], taken: set[str], where: str) -> Iterator[tuple[str, str]]:
    if golds := _golds(fields, {*taken, DOUBTFUL}):
        yield "gold", _only("gold", golds, fields, where)
    elif outcomes := [name for name in OUTCOMES if name not in taken and is_outcome(fields.get(name))]:
        yield "outcome", _only("outcome", outcomes, fields, where)
    yield from _beside_gold(fields, where)
    answers = [name for name in OWN_ANSWERS if _is_given(fields, name)]
    if len(answers) == 1:
        yield "answer", answers[0]


def _beside_gold(fields: Mapping[str, object], where: str) -> Iterator[tuple[str, str]]:
    """The columns that say which answers there are to choose from, and which are wrong."""
    if options := _options(fields):
        yield "options", _only("options", options, fields, where)
    if distractors := [name for name in DISTRACTORS if name in fields and _is_given(fields, name)]:
        yield "distractors", _only("distractors", distractors, fields, where)


def _options(fields: Mapping[str, object]) -> list[str]:
    return [name for name in OPTIONS if name in fields and options_in(fields[name]) is not None]


def _only(role: str, names: list[str], fields: Mapping[str, object], where: str = "") -> str:
    """The one name, or the first of several that say the same."""
    values = [FieldPath.parse(name).get(fields) for name in names]
    if role == "gold":  # an answer, and a solution that ends in it, say the same
        values = [_comparable(value, fields) for value in values]
    if any(value != values[0] for value in values):
        raise UnknownFormatError(
            f"several columns could be the {role}",
            where=where,
            got=", ".join(names),
            expected="one of them",
            hint=f"Name all columns, one of these among them: --columns {_example(role, names[0])}",
        )
    return names[0]


def _comparable(gold: object, fields: Mapping[str, object]) -> object:
    """A gold as it is held against others: the letter where it names an option, else its text."""
    if not (options := _options(fields)) or (found := options_in(fields[options[0]])) is None:
        return stated_gold(str(gold))
    try:
        record = RawRecord(fields=fields, index=0, stem="", source="")
        return gold_letter(record, "", gold, found)
    except RecordError:  # said when the record is read
        return stated_gold(str(gold))


def _example(role: str, name: str) -> str:
    roles = dict.fromkeys(("question", "solution", "gold"), "...") | {role: name}
    return ",".join(f"{one}={path}" for one, path in roles.items())


def _is_given(fields: Mapping[str, object], name: str) -> bool:
    value = FieldPath.parse(name).get(fields)
    return bool(value.strip()) if isinstance(value, str) else value not in (ABSENT, None)


def _states_answer(value: object) -> bool:
    return isinstance(value, str) and (BOX in value or GOLD_MARK in value)


def _is_question(value: object) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or is_messages(value)


def _is_chain(value: object) -> bool:
    """Text, messages, or a list of either."""
    if isinstance(value, str):
        return bool(value.strip())
    if is_messages(value):
        return True
    return isinstance(value, list) and bool(value) and all(map(_is_one_chain, value))


def _is_one_chain(value: object) -> bool:
    return isinstance(value, str) or is_messages(value)
