"""Single files that commands write (evaluations, reports, weights); others' files are never replaced."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cpmi.digests import beside, digest_of_bytes, sealed
from cpmi.errors import RunError
from cpmi.json_files import parse_json
from cpmi.machine import package_version
from cpmi.runs.lock import LOCK_NAME, locked
from cpmi.storage import make_folder, remove_leftovers, write_text

_MADE_BY = "made_by"
_SVG_MARK = '<svg class="rich-terminal"'
_PAGE_MARK = '<meta name="generator" content="cpmi '


def write_products(texts: Mapping[Path, str]) -> None:
    """Store texts that belong together; of two processes, one writes all of them after the other.

    Raises:
        RunError: a file of somebody else, with other content, is in the place of one.
        StorageError: the disk refused.
    """
    with ExitStack() as locks:
        for path in sorted(texts):
            make_folder(path.parent)
            locks.enter_context(locked(path.parent, f"{LOCK_NAME}-{path.name}", wait=True))
            remove_leftovers(path.parent, path.name)
        changed = {path: text for path, text in texts.items() if not _holds(path, text)}
        for path in changed:
            expect_replaceable(path)
        for path, text in changed.items():
            write_text(path, text)


def write_lines_product(path: Path, text: str) -> None:
    """Store a file of lines, and its digest beside it; errors as `write_products`."""
    write_products({path: text, beside(path): f"{digest_of_bytes(text.encode())}  {path.name}\n"})


def json_product(value: Mapping[str, Any]) -> str:
    """JSON that says who made it, with a digest of its content."""
    made = sealed({_MADE_BY: f"cpmi {package_version('cpmi')}", **value})
    return json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json_product(path: Path, value: Mapping[str, Any]) -> None:
    """Store JSON that says who made it; errors as `write_products`."""
    write_products({path: json_product(value)})


def expect_replaceable(path: Path) -> None:
    """Check, before any work, that a product may be written there.

    Raises:
        RunError: a file of somebody else is there.
    """
    if path.exists() and not _is_ours(path):
        raise RunError(
            "a file that cpmi did not write is there", where=str(path), hint="Use another name for --out."
        )


def _is_ours(path: Path) -> bool:
    """Whether a file bears the mark of its kind: a key of JSON, the generator of a page."""
    if not path.is_file():
        return False
    text = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".sha256":
        return bool(re.fullmatch(r"[0-9a-f]{64}  .+\n", text))
    if _SVG_MARK in text[:4096]:
        return True
    if path.suffix.lower() in (".html", ".htm"):
        return _PAGE_MARK in text[:4096]
    try:
        value = parse_json(text)
    except ValueError:
        return False
    return isinstance(value, dict) and str(value.get(_MADE_BY, "")).startswith("cpmi ")


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()
