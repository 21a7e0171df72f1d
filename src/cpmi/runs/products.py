"""Single files that commands write (evaluations, reports, weights); others' files are never replaced."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cpmi.errors import RunError
from cpmi.machine import package_version
from cpmi.runs.storage import make_folder, write_json, write_text

_MADE_BY = "made_by"
_PAGE_MARK = '<meta name="generator" content="cpmi '


def write_product(path: Path, text: str) -> None:
    """Store a text under `path`, which is free or holds an earlier product of the same kind.

    Raises:
        RunError: a file of somebody else is there.
        StorageError: the disk refused.
    """
    expect_replaceable(path)
    make_folder(path.parent)
    write_text(path, text)


def write_json_product(path: Path, value: Mapping[str, Any]) -> None:
    """Store JSON that says who made it; errors as `write_product`."""
    expect_replaceable(path)
    make_folder(path.parent)
    write_json(path, {_MADE_BY: f"cpmi {package_version('cpmi')}", **value})


def expect_replaceable(path: Path) -> None:
    """Check, before any work, that a product may be written there.

    Raises:
        RunError: a file of somebody else is there.
    """
    if path.exists() and not _is_ours(path):
        raise RunError(
            "a file that cpmi did not write is there", where=str(path), hint="Use another name for --out."
        )


def expect_absent(path: Path) -> None:
    """Check that nothing is there; for files that come with a product and bear no mark of their own.

    Raises:
        RunError: a file is there.
    """
    if path.exists():
        raise RunError("a file that cpmi did not write is there", where=str(path), hint="Use another --out.")


def _is_ours(path: Path) -> bool:
    """Whether a file bears the mark of its kind: a key of JSON, the generator of a page, ids of the world."""
    if not path.is_file():
        return False
    text = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".jsonl":
        return _field(text.split("\n", 1)[0], "id").startswith("world-")
    if path.suffix in (".html", ".htm"):
        return _PAGE_MARK in text[:4096]
    return _field(text, _MADE_BY).startswith("cpmi ")


def _field(text: str, name: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return ""
    return str(value.get(name, "")) if isinstance(value, dict) else ""
