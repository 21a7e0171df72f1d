"""Math-Shepherd: one text with a sign after every step, + or -.

Two forms are read. With `input` and `label`, the tag in `input` marks where the steps end and `label` has
a sign in its place; both are compared to the character. With `label` alone, a step begins at a line that
begins with `Step N:`, and must end in a sign. A step without a sign is an error, never a "+". The steps
keep their `Step N:`, as given. No gold is given: "The answer is: ..." is what the chain says.

Source: Wang et al., "Math-Shepherd" (arXiv 2312.08935); huggingface.co/datasets/peiyi9979/Math-Shepherd.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from cpmi.data.format import Format, each
from cpmi.data.record import RawRecord, describe
from cpmi.errors import RecordError
from cpmi.types import Chain, Rating

TAG = "ки"
_FIRST_STEP = "Step 1:"
_STEP_BEGIN = re.compile(r"^\s*Step \d+:", re.MULTILINE)
_ANSWER = re.compile(r"The answer is: *(.+)$")
_RATINGS = {"+": Rating.RIGHT, "-": Rating.WRONG}


def _recognize(fields: Mapping[str, object]) -> bool:
    label = fields.get("label")
    return isinstance(label, str) and _FIRST_STEP in label and "steps" not in fields


def _read_record(record: RawRecord) -> Iterator[Chain]:
    record = record.named(f"math_shepherd-{record.stem}-{record.index}")
    label = record.text("label")
    if "input" in record.fields:
        text, signs = _cut_at_tags(record, record.text("input"), label)
    else:
        text, signs = _cut_at_step_begins(record, label)
    question, first = _split_question(record, text[0])
    steps = (first, *(step.strip() for step in text[1:]))
    stated = _ANSWER.search(steps[-1])
    task = record.optional_text("task")
    yield Chain(
        id=record.id,
        question=question,
        steps=steps,
        answer=stated.group(1).strip() if stated else None,
        ratings=tuple(_RATINGS[sign] for sign in signs),
        meta={"task": task} if task else {},
        source=record.source,
    )


def _cut_at_tags(record: RawRecord, text: str, label: str) -> tuple[list[str], list[str]]:
    """The steps of `text`, the first with the question before it, and the signs that `label` gives them."""
    *steps, rest = text.split(TAG)
    if rest.strip() or not steps:
        raise _no_sign(record, len(steps), rest)
    signs: list[str] = []
    begin = 0
    for index, step in enumerate(steps):
        # The first step stands behind the question, after its first line begin if it has one.
        begins = _STEP_BEGIN.findall(step.strip() if index else step[step.find(_FIRST_STEP) :])
        if len(begins) > 1:
            raise _no_sign(record, index, step)
        if not label.startswith(step, begin):
            raise record.error(
                f"'input' and 'label' differ in step {index + 1}",
                got=describe(label[begin : begin + len(step)]),
                expected=describe(step),
            )
        begin += len(step)
        if label[begin : begin + 1] not in _RATINGS:
            raise _no_sign(record, index, label[:begin])
        signs.append(label[begin])
        begin += 1
    if label[begin:].strip():
        raise record.error(
            "'label' goes on after the last step", got=describe(label[begin:]), expected="the end of the text"
        )
    return steps, signs


def _cut_at_step_begins(record: RawRecord, label: str) -> tuple[list[str], list[str]]:
    """The steps of `label` without their signs, the first with the question before it, and the signs."""
    first = label.find(_FIRST_STEP)
    begins = [
        match.start() for match in _STEP_BEGIN.finditer(label) if match.end() > first + len(_FIRST_STEP)
    ]
    bounds = [0, *begins, len(label)]
    steps, signs = [], []
    for index, (begin, end) in enumerate(pairwise(bounds)):
        signed = label[begin:end].rstrip()
        sign = signed[-1:]
        # White space before the sign tells it from the end of a formula.
        if sign not in _RATINGS or not signed[-2:-1].isspace():
            raise _no_sign(record, index, signed)
        steps.append(signed[:-1])
        signs.append(sign)
    return steps, signs


def _no_sign(record: RawRecord, index: int, text: str) -> RecordError:
    return record.error(
        f"step {index + 1} has no sign",
        got=describe(text[-40:]),
        expected="'+' or '-' at the end of every step",
        hint="A missing sign is never read as '+'. Add it, or use --on-error skip.",
    )


def _split_question(record: RawRecord, text: str) -> tuple[str, str]:
    """The question and the first step. The format has nothing but "Step 1:" between them."""
    if text.count(_FIRST_STEP) != 1:
        raise record.error(
            "the end of the question is not clear",
            got=f"{text.count(_FIRST_STEP)} times {_FIRST_STEP!r} before the first sign",
            expected="once",
        )
    question, _, step = text.partition(_FIRST_STEP)
    return question.strip(), _FIRST_STEP + step.rstrip()


MATH_SHEPHERD = Format(
    name="math_shepherd",
    summary="Math-Shepherd: label = text with + or - after every step; input = the same with tags",
    recognize=_recognize,
    read=each(_read_record),
)
