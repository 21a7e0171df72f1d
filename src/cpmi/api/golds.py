"""Gold answers of an input, as wrong answers of other problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from cpmi.errors import RecordError
from cpmi.runs.records import Join, as_record, with_gold
from cpmi.types import Chain

NUM_RECORDS = 10_000
"""In which gold answers are looked for; --limit changes nothing here, so it changes no label."""


def first_golds(read: Callable[[], Iterable[Chain | RecordError]], join: Join | None) -> Iterator[str]:
    """Gold answers of the first records, with repetitions; read when they are asked for.

    Args:
        read: the input from its beginning.
        join: gives a chain its gold answer; None where the input states it.
    """
    for item in islice(read(), NUM_RECORDS):
        content = with_gold(as_record(item), join).content
        if isinstance(content, Chain) and content.gold is not None:
            yield content.gold
