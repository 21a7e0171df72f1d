"""A run that is finished: known again without its model, if nothing that it follows from has changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cpmi.digests import digest_of_file
from cpmi.errors import RunError
from cpmi.runs.chunk_store import CHUNKS_NAME, WORK_NAME
from cpmi.runs.lock import remove_stale_lock
from cpmi.runs.manifest import FORMAT, Manifest, read_manifest
from cpmi.runs.results import USAGE_NAME
from cpmi.runs.sessions import REQUEST
from cpmi.runs.totals import Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A run whose results are what was written.

    Attributes:
        manifest: of its folder.
        totals: what it came to, over all its sessions.
    """

    manifest: Manifest
    totals: Totals

    @property
    def notices(self) -> tuple[str, ...]:
        """What whoever uses the results has to know."""
        facts = self.manifest.circumstances.get("facts") or {}
        return tuple(map(str, facts.get("notices", ())))


def finished_run(folder: Path, request: str | None) -> FinishedRun | None:
    """The run in a folder if it answers this very request and all its results are intact, else None.

    None says nothing bad: the run is then begun, resumed or refused as any other.

    Args:
        folder: of the run.
        request: the digest of all that was asked for, as the manifest keeps it; None if it is not known.

    Raises:
        StorageError: the manifest cannot be read.
    """
    if request is None:
        return None
    try:
        manifest = read_manifest(folder)
    except RunError:
        return None
    if manifest is None or manifest.format != FORMAT or manifest.circumstances.get(REQUEST) != request:
        return None
    results = [name for name in manifest.files if "#" not in name and name not in (CHUNKS_NAME, WORK_NAME)]
    try:
        if not all(digest_of_file(folder / name) == manifest.digests.get(name) for name in results):
            return None
        totals = Totals.from_json(json.loads((folder / USAGE_NAME).read_text("utf-8"))["totals"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    remove_stale_lock(folder)
    return FinishedRun(manifest=manifest, totals=totals)
