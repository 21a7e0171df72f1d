"""How the notations of benchmarks become ratings. Nothing is guessed: what is not said is NOT_JUDGED."""

from __future__ import annotations

from cpmi.data.record import RawRecord
from cpmi.types import Rating


def ratings_from_first_error(
    record: RawRecord, name: str, first_error: int | None, num_steps: int
) -> tuple[Rating, ...]:
    """Right up to the first wrong step, nothing said after it; all right where there is none.

    Args:
        record: for messages.
        name: the field that holds the index.
        first_error: index of the first wrong step from 0, None for none.
        num_steps: how many steps the chain has.

    Raises:
        RecordError: the index points outside the chain.
    """
    if first_error is None:
        return (Rating.RIGHT,) * num_steps
    if not 0 <= first_error < num_steps:
        raise record.error(
            f"{name!r} points outside the chain",
            got=str(first_error),
            expected=f"the index of one of {num_steps} steps, from 0",
        )
    num_after = num_steps - first_error - 1
    return (Rating.RIGHT,) * first_error + (Rating.WRONG,) + (Rating.NOT_JUDGED,) * num_after


_OF_PRM800K = {-1: Rating.WRONG, 0: Rating.NEUTRAL, 1: Rating.RIGHT, None: Rating.NOT_JUDGED}


def rating_of_prm800k(record: RawRecord, name: str) -> Rating:
    """The -1 / 0 / 1 / null of PRM800K.

    Raises:
        RecordError: the field is missing or holds anything else.
    """
    value = record.value(name, "-1, 0, 1 or null")
    # True equals 1 as a key; it is no rating of this format.
    if isinstance(value, bool) or not isinstance(value, int | float | None) or value not in _OF_PRM800K:
        raise record.wrong(name, value, "-1, 0, 1 or null")
    return _OF_PRM800K[value]  # type: ignore[index]  # 1.0 is found under the equal key 1
