"""Outcomes in users' own records: whether a chain's end is right as its source judged it."""

from __future__ import annotations

from cpmi.data.record import RawRecord

OUTCOMES = ("outcome", "passed", "is_correct", "correct")
"""Names of columns of outcomes; they are found where there is no gold."""

_WORDS = {"true": True, "false": False, "1": True, "0": False}
_EXPECTED = "true or false, or 1 or 0; a list of these for several solutions"


def outcome_in(value: object) -> bool | None:
    """The outcome that a value is, or None if it is none: a reward between 0 and 1 says too little."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    return _WORDS.get(value.strip().lower()) if isinstance(value, str) else None


def is_outcome(value: object) -> bool:
    """Whether a value is an outcome, or a list of one for every solution."""
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(outcome_in(item) is not None for item in items)


def outcomes_of(record: RawRecord, name: str, value: object, num_solutions: int) -> list[bool | None]:
    """One outcome per solution; None where the record says nothing.

    Raises:
        RecordError: it is another value, or a list of another length.
    """
    if value is None or value == "":
        return [None] * num_solutions
    if not isinstance(value, list):
        if num_solutions > 1:
            raise record.error(
                f"one outcome in {name!r} for several solutions",
                got=f"{value!r} for {num_solutions}",
                expected="a list with one for each",
            )
        value = [value]
    record.check_length(name, len(value), "solutions", num_solutions)
    found: list[bool | None] = []
    for item in value:
        outcome = None if item is None else outcome_in(item)
        if outcome is None and item is not None:
            raise record.wrong(name, item, _EXPECTED)
        found.append(outcome)
    return found
