"""PRM800K as released: a labeling session a record, alternatives at each step, one of them chosen.

The session goes on from the chosen completion, or from the human's own step where none was good. Every
completion that was not chosen ends a chain of its own. Human steps are NOT_JUDGED: they have no rating.

Source: Lightman et al., "Let's Verify Step by Step" (arXiv 2305.20050); github.com/openai/prm800k.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.formats.ratings import rating_of_prm800k
from cpmi.data.formats.step_tree import RatedStep, StepTree
from cpmi.data.record import RawRecord, describe
from cpmi.types import Chain, Rating

_ANSWER = re.compile(r"# Answer\s*\n\s*([^\n]+)$")


def _recognize(fields: Mapping[str, object]) -> bool:
    question, label = fields.get("question"), fields.get("label")
    return (
        isinstance(question, Mapping)
        and "problem" in question
        and isinstance(label, Mapping)
        and "steps" in label
    )


def _read_record(record: RawRecord) -> Iterator[ReadOutcome]:
    record = record.named(f"prm800k-{record.stem}-{record.index}")
    question = record.inner("question", record.value("question", "an object"))
    label = record.inner("label", record.value("label", "an object"))
    tree = StepTree()
    prefix: tuple[str, ...] | None = ()
    for place in label.objects("steps"):
        if prefix is None:
            raise place.error(
                "the session goes on after a step where nothing was chosen",
                expected="chosen_completion or human_completion in every step but the last",
            )
        prefix = _add_place(tree, place, prefix)
    meta = {
        name: text
        for name, text in (
            ("labeler", record.optional_text("labeler")),
            ("finish_reason", label.optional_text("finish_reason")),
        )
        if text
    }
    outcomes = tree.outcomes(
        record, question=question.text("problem"), gold=question.optional_text("ground_truth_answer")
    )
    for outcome in outcomes:
        yield replace(outcome, meta=meta) if isinstance(outcome, Chain) else outcome


def _add_place(tree: StepTree, place: RawRecord, prefix: tuple[str, ...]) -> tuple[str, ...] | None:
    """Add what was proposed after `prefix`; return the prefix the session goes on from, None if it ends."""
    texts: list[str] = []
    for completion in place.objects("completions"):
        texts.append(completion.text("text"))
        tree.add(_rated(completion, prefix, rating_of_prm800k(completion, "rating")))
    chosen = place.fields.get("chosen_completion")
    human = place.fields.get("human_completion")
    if chosen is not None:
        index = place.integer("chosen_completion")
        if not 0 <= index < len(texts):
            raise place.error(
                "'chosen_completion' points outside the completions",
                got=describe(index),
                expected=f"the index of one of {len(texts)} completions, from 0",
            )
    if human is not None:
        completion = place.inner("human_completion", human)
        if chosen is None:
            tree.add(_rated(completion, prefix, Rating.NOT_JUDGED))
            return (*prefix, completion.text("text"))
    return None if chosen is None else (*prefix, texts[index])


def _rated(completion: RawRecord, prefix: tuple[str, ...], rating: Rating) -> RatedStep:
    text = completion.text("text")
    stated = _ANSWER.search(text.rstrip())
    return RatedStep(
        prefix=prefix,
        step=text,
        rating=rating,
        answer=stated.group(1).strip() if stated else None,
        source=completion.source,
    )


PRM800K = Format(
    name="prm800k",
    summary="PRM800K as released: question.problem, label.steps with rated completions",
    recognize=_recognize,
    read=each(_read_record),
)
