"""Text that no file, tokenizer or table takes: JSON can write half of a surrogate pair as an escape."""

from __future__ import annotations

from collections.abc import Iterable

from cpmi.errors import RecordError

_HINT = "Write it again from the original text, or use --on-error skip."


def expect_whole(texts: Iterable[str], *, where: str, record_id: str | None = None) -> None:
    """Refuse half of a surrogate pair.

    Raises:
        RecordError: one of the texts holds it.
    """
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        raise RecordError(
            "a text holds half of a surrogate pair",
            where=where,
            got=repr(error.object[error.start : error.start + 1]),
            expected="whole characters",
            hint=_HINT,
            record_id=record_id,
        ) from error
