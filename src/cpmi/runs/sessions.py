"""What the manifest says of the sessions that made a run: how much they were asked for, on how many threads.

These are circumstances: another session may have others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cpmi.runs.folder import update_circumstances
from cpmi.runs.manifest import Manifest, read_manifest

LIMIT, THREADS, REQUEST = "limit", "threads", "request"
"""Circumstances: records read at most; all numbers of threads that chunks were computed with, in the order of
their first use; the digest of what was asked for (see `cpmi.runs.request`)."""
NAMED = ("facts", "ancestors")


def worked_on_by(folder: Path, now: Manifest) -> None:
    """Note before a chunk is worked on with how many threads; errors as `update_circumstances`."""
    there = read_manifest(folder)
    assert there is not None
    update_circumstances(folder, _threads([there.circumstances, now.circumstances]))


def finished_by(folder: Path, now: Manifest) -> None:
    """Note what the results that were just written answer; errors as `update_circumstances`."""
    named = [name for name in NAMED if name in now.circumstances]  # a license may be stated at a later call
    update_circumstances(folder, {name: now.circumstances.get(name) for name in (LIMIT, REQUEST, *named)})


def of_all(manifests: Iterable[Manifest]) -> dict[str, Any]:
    """What the merged run of finished shards says of their sessions."""
    return {**_threads([manifest.circumstances for manifest in manifests]), REQUEST: None}


def _threads(circumstances: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    numbers = [number for found in circumstances for number in found.get(THREADS) or ()]
    return {THREADS: list(dict.fromkeys(numbers))} if numbers else {}
