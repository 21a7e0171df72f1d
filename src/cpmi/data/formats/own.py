"""cpmi's own form: a chain as one JSON object or Parquet row, with the fields of `Chain`.

`question` and `steps` are needed, all else may be left out. An unknown field is an error: a misspelled
"rating" would otherwise be lost without a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cpmi.data.format import Format, each
from cpmi.data.formats.scan import recognize_scan
from cpmi.data.found_columns import names_gold_otherwise
from cpmi.data.record import RawRecord, describe, is_number
from cpmi.data.right_answers import own_right_answers
from cpmi.types import Chain, Problem, Rating

_RATING_WORDS = tuple(rating.value for rating in Rating)
_OF_OWN = frozenset({"gold", "ratings", "values", "meta"})  # fields that only this form has
_OF_TABLES = frozenset({"source", "meta", "unit", "abstained"})
"""Columns by which rows of a table of labels are known; what they hold beside the chain is not read."""

OPTIONAL_FIELDS = ("options", "other_golds", "outcome", "distractors")
"""Fields that a chain without these facts does not have."""

FIELDS = ("id", "question", "steps", "gold", "answer", "ratings", "values", "meta", *OPTIONAL_FIELDS)


def to_fields(chain: Chain) -> dict[str, object]:
    """The chain as this form's fields; null where nothing is given, `OPTIONAL_FIELDS` left out."""
    return {
        "id": chain.id,
        "question": chain.question,
        "steps": list(chain.steps),
        "gold": chain.gold,
        "answer": chain.answer,
        "ratings": None if chain.ratings is None else [rating.value for rating in chain.ratings],
        "values": None if chain.values is None else list(chain.values),
        "meta": dict(chain.meta),
        **optional_fields(chain),
    }


def optional_fields(content: Chain | Problem) -> dict[str, object]:
    """Those of `OPTIONAL_FIELDS` that a chain or a problem has."""
    given = {
        "options": list(content.options),
        "other_golds": list(content.other_golds),
        "distractors": list(content.distractors),
    }
    outcome = content.outcome if isinstance(content, Chain) else None
    has_outcome = {} if outcome is None else {"outcome": outcome}
    return {**{name: texts for name, texts in given.items() if texts}, **has_outcome}


def _recognize(fields: Mapping[str, object]) -> bool:
    if not {"question", "steps"} <= fields.keys() or recognize_scan(fields):
        return False
    # Chains with a gold of another name are read by their columns.
    return not _OF_OWN.isdisjoint(fields) or not names_gold_otherwise(fields)


def _read_record(record: RawRecord) -> Iterator[Chain]:
    record = record.named(record.optional_text("id") or f"{record.stem}-{record.index}")
    of_table = record.fields.keys() >= _OF_TABLES
    unknown = [] if of_table else [name for name in record.fields if name not in FIELDS]
    if unknown:
        raise record.error(
            f"the field {unknown[0]!r} is not known",
            expected=f"some of {', '.join(FIELDS)}",
            hint="Put further facts into 'meta', as text, or say which columns are what: --columns gold=...",
        )
    if record.fields.get("answer") is not None and "gold" not in record.fields:
        raise record.error(
            "'answer' beside 'steps' may be the right answer or the chain's own",
            got=describe(record.fields["answer"]),
            expected="'gold' too, null where it is not known",
            hint="Call the right answer 'gold', or say what it is: --columns gold=answer, or answer=answer "
            "for the chain's own.",
        )
    yield Chain(
        id=record.id,
        **_right_answers(record),
        steps=record.texts("steps"),
        answer=record.optional_text("answer"),
        ratings=_ratings(record),
        values=_values(record),
        meta=_meta(record),
        source=record.source,
        outcome=None if record.fields.get("outcome") is None else record.boolean("outcome"),
    )


def _right_answers(record: RawRecord) -> dict[str, Any]:
    """The question and the facts about its answer, by the names that a chain has for them."""
    question, gold = record.text("question"), record.optional_text("gold")
    if not any(name in record.fields for name in OPTIONAL_FIELDS):  # as most records, and fast
        return {"question": question, "gold": gold}
    right = own_right_answers(record, question, gold)
    return {
        "question": right.question,
        "gold": right.gold,
        "options": right.options,
        "other_golds": right.other_golds,
        "distractors": right.distractors,
    }


def _ratings(record: RawRecord) -> tuple[Rating, ...] | None:
    if record.fields.get("ratings") is None:
        return None
    words = record.texts("ratings")
    for index, word in enumerate(words):
        if word not in _RATING_WORDS:
            raise record.wrong(f"ratings[{index}]", word, f"one of {', '.join(_RATING_WORDS)}")
    return tuple(map(Rating, words))


def _values(record: RawRecord) -> tuple[float | None, ...] | None:
    if record.fields.get("values") is None:
        return None
    values = record.items("values")
    for index, value in enumerate(values):
        if value is not None and not is_number(value):
            raise record.wrong(f"values[{index}]", value, "a finite number or null")
    return tuple(values)  # type: ignore[arg-type]  # every value was checked just now


def _meta(record: RawRecord) -> dict[str, str]:
    """Parquet gives a map as a list of pairs, and a struct with null where a row lacks a name."""
    meta: Any = record.fields.get("meta")
    if meta is None:
        return {}
    try:
        meta = json.loads(meta) if isinstance(meta, str) else meta  # as `Run.to_dataset` gives it
        pairs = meta.items() if isinstance(meta, Mapping) else meta
        entries = {name: value for name, value in pairs if value is not None}
    except (TypeError, ValueError):
        raise record.wrong("meta", meta, "an object whose values are text") from None
    for name, value in entries.items():
        if not isinstance(value, str):
            raise record.wrong(f"meta.{name}", value, "text")
    return entries


OWN = Format(
    name="cpmi",
    summary="cpmi's own form: " + ", ".join(FIELDS),
    recognize=_recognize,
    read=each(_read_record),
)
