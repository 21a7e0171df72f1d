"""Write chains in cpmi's own JSONL form."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from cpmi.data.formats.own import to_fields
from cpmi.errors import InputError, StorageError
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
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.cpmi-tmp")
    num_written = 0
    try:
        with part.open("wb") as file:
            for chain in chains:
                file.write(to_line(chain))
                num_written += 1
        os.replace(part, path)
    except OSError as error:
        raise StorageError("the file cannot be written", where=str(path), got=str(error)) from error
    finally:
        part.unlink(missing_ok=True)
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
