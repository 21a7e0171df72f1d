"""Open a run folder: begin it, go on with it, or refuse it."""

from __future__ import annotations

import shutil
from pathlib import Path

from cpmi.errors import RunError
from cpmi.runs.assemble import REJECTS_NAME, USAGE_NAME
from cpmi.runs.chunks import CHUNKS_FOLDER, ChunkStore
from cpmi.runs.manifest import MANIFEST_NAME, Manifest, expect_same_run, read_manifest, write_manifest
from cpmi.runs.results import result_name
from cpmi.runs.storage import make_folder, refused, remove_leftovers

_OTHER_SETTINGS_HINT = (
    "Use another --out, repeat the settings of the run there to resume it, or --overwrite it."
)


def open_folder(folder: Path, manifest: Manifest, *, overwrite: bool = False) -> ChunkStore:
    """The chunks of a run folder that is new, or that holds the same run.

    Args:
        overwrite: remove the run that stands there, whatever it is.

    Raises:
        RunError: the folder holds another run, another shard, or results of unknown origin.
        StorageError: the folder cannot be created or changed.
    """
    name = result_name(manifest, folder=folder)
    make_folder(folder)
    remove_leftovers(folder)
    there = _there(folder, overwrite=overwrite)
    name_there = name if there is None else result_name(there, folder=folder)
    if overwrite:
        _remove_run(folder, {name, name_there})
        there = None
    elif there is not None and _nothing_done(folder, name_there):
        _remove_run(folder, {name_there})
        there = None
    if there is None:
        _expect_no_results(folder, name)
        write_manifest(folder, manifest)
    else:
        expect_same_run(there, manifest, where=folder, hint=_OTHER_SETTINGS_HINT)
        if there.shard != manifest.shard:
            raise RunError(
                "the folder holds another shard of this run",
                where=str(folder),
                got=f"shard {there.shard}",
                expected=f"shard {manifest.shard}",
                hint="Give every shard an --out of its own; cpmi merge puts them together.",
            )
    store = ChunkStore(folder, suffix=Path(name).suffix)
    store.prepare()
    return store


def _there(folder: Path, *, overwrite: bool) -> Manifest | None:
    """The manifest of the run that stands there; a damaged one is none if the run is to go anyway."""
    try:
        return read_manifest(folder)
    except RunError:
        if overwrite:
            return None
        raise


def _nothing_done(folder: Path, result: str) -> bool:
    """Whether the run here finished no chunk and no batch of one: nothing is lost if another one begins."""
    store = ChunkStore(folder)
    return not ((folder / result).exists() or store.finished_indices() or store.has_journals())


def _expect_no_results(folder: Path, result: str) -> None:
    for name in (result, CHUNKS_FOLDER):
        if (folder / name).exists():
            raise RunError(
                f"the folder holds {name} without {MANIFEST_NAME}, so nobody knows what made it",
                where=str(folder),
                hint="Use another --out, or --overwrite to remove it.",
            )


def _remove_run(folder: Path, results: set[str]) -> None:
    """Remove a run's own files and nothing else; the manifest last, so a kill leaves no nameless rest."""
    try:
        for name in (*sorted(results), USAGE_NAME, REJECTS_NAME):
            (folder / name).unlink(missing_ok=True)
        if (folder / CHUNKS_FOLDER).exists():
            shutil.rmtree(folder / CHUNKS_FOLDER)
        (folder / MANIFEST_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise refused(folder, error) from error
