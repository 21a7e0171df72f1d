"""MATH-APS as trees: nodes with text, success rate and children; the root is the question.

One chain per leaf, as given: a step that was sampled twice is in two leaves. `values` are the success
rates after each step.

Source: as for `math_aps`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.formats.math_aps import success_rate
from cpmi.data.record import RawRecord, describe
from cpmi.errors import RecordError
from cpmi.types import Chain


def _recognize(fields: Mapping[str, object]) -> bool:
    return {"question", "final_answer"} <= fields.keys() and isinstance(
        fields.get("reasoning_steps"), Mapping
    )


def _read_record(record: RawRecord) -> Iterator[ReadOutcome]:
    base_id = f"math_aps_tree-{record.stem}-{record.index}"
    record = record.named(base_id)
    question, gold = record.text("question"), record.text("final_answer")
    root = record.inner("reasoning_steps", record.value("reasoning_steps", "an object"))
    if root.text("text").strip() != question.strip():
        raise root.error(
            "the root of the tree is not the question",
            got=describe(root.text("text")),
            expected=describe(question),
        )
    for number, (steps, values) in enumerate(_leaves(root)):
        try:
            yield Chain(
                id=f"{base_id}/{number}",
                question=question,
                steps=steps,
                gold=gold,
                values=values,
                source=record.source,
            )
        except RecordError as error:  # the other leaves are fine
            yield error


def _leaves(root: RawRecord) -> Iterator[tuple[tuple[str, ...], tuple[float, ...]]]:
    """Steps and values on the way to each leaf, in order of the input."""
    # An own stack, not recursion: trees may be deeper than Python's stack.
    stack: list[tuple[RawRecord, tuple[str, ...], tuple[float, ...]]] = [(root, (), ())]
    while stack:
        node, steps, values = stack.pop()
        children = node.objects("children")
        if not children:
            yield steps, values
        for child in reversed(children):
            stack.append((child, (*steps, child.text("text")), (*values, success_rate(child))))


MATH_APS_TREE = Format(
    name="math_aps_tree",
    summary="MATH-APS trees: question, final_answer, reasoning_steps = {text, mc_value, children}",
    recognize=_recognize,
    read=each(_read_record),
)
