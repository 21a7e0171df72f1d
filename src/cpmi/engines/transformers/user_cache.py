"""Small tables kept between runs in the user's cache folder: they save time, and nothing depends on them.

A table that cannot be read counts as empty, one that cannot be written is not kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cpmi.errors import StorageError
from cpmi.storage import make_folder, remove_leftovers, write_text

MAX_ENTRIES = 1000  # the newest are kept


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/cpmi`, or `~/.cache/cpmi`; it need not exist."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return Path(base if os.path.isabs(base) else os.path.expanduser("~/.cache")) / "cpmi"


def read_table(name: str) -> dict[str, Any]:
    """The table under this name; empty where it is absent or broken."""
    try:
        table = json.loads((cache_folder() / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}


def add_to_table(name: str, entries: Mapping[str, Any]) -> None:
    """Add JSON values to the table; readers see the old one or the new one, never a part."""
    table = read_table(name)
    for key in entries:
        table.pop(key, None)  # so that it becomes the newest
    kept = dict([*table.items(), *entries.items()][-MAX_ENTRIES:])
    with suppress(StorageError):  # read-only, full, absent home: the next run computes again
        folder = cache_folder()
        make_folder(folder)
        remove_leftovers(folder, f"{name}.json")
        write_text(folder / f"{name}.json", json.dumps(kept))
