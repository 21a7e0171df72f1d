"""Write chains in cpmi's own JSONL form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from cpmi.data.formats.own import to_fields
from cpmi.errors import InputError
from cpmi.storage import replacing
from cpmi.types import Chain


def write_jsonl(chains: Iterable[Chain], path: str | Path) -> int:
    """Write one JSON object per line; `read_chains` gives the same values back, but for `source`.

    The file appears whole or not at all: it is written beside its place and moved there at the end.

    Returns:
        How many chains were written.

    Raises:
        InputError: a chain holds a value that is not finite.
        StorageError: the disk refused.
    """
    path, num_written = Path(path), 0
    with replacing(path) as file:
        for chain in chains:
            file.write(to_line(chain))
            num_written += 1
    return num_written


def to_line(chain: Chain) -> bytes:
    """The chain as one line of JSONL.

    Raises:
        InputError: it holds a value that is not finite.
    """
    fields = to_fields(chain)
    try:
        line = json.dumps(fields, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise InputError(
            "a value is not finite",
            where=chain.where,
            got=str(chain.values),
            expected="finite numbers or None",
        ) from error
    try:
        return line.encode("utf-8") + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair, as "\ud83d" in JSON; only an escape can hold it
        return json.dumps(fields).encode("ascii") + b"\n"
