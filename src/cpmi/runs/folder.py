"""Open a run folder: begin it, go on with it, or refuse it."""

from __future__ import annotations

import shutil
from pathlib import Path

from cpmi.errors import RunError
from cpmi.runs.assemble import REJECTS_NAME, USAGE_NAME
from cpmi.runs.manifest import MANIFEST_NAME, Manifest, expect_same_run, read_manifest, write_manifest
from cpmi.runs.storage import make_folder, refused, remove_leftovers
from cpmi.runs.table import TABLE_NAME
from cpmi.runs.units import UNITS_FOLDER, UnitStore

_OTHER_SETTINGS_HINT = (
    "Use another --out, repeat the settings of the run there to resume it, or --overwrite it."
)


def open_folder(folder: Path, manifest: Manifest, *, overwrite: bool = False) -> UnitStore:
    """The units of a run folder that is new, or that holds the same run.

    Args:
        overwrite: remove the run that stands there, whatever it is.

    Raises:
        RunError: the folder holds another run, another shard, or results of unknown origin.
        StorageError: the folder cannot be created or changed.
    """
    make_folder(folder)
    remove_leftovers(folder)
    if overwrite:
        _remove_run(folder)
    there = read_manifest(folder)
    if there is not None and _nothing_finished(folder):
        _remove_run(folder)
        there = None
    if there is None:
        _expect_no_results(folder)
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
    store = UnitStore(folder)
    store.prepare()
    return store


def _nothing_finished(folder: Path) -> bool:
    """Whether the run that began here finished no unit: nothing is lost if another one begins."""
    return not (folder / TABLE_NAME).exists() and not UnitStore(folder).finished_indices()


def _expect_no_results(folder: Path) -> None:
    for name in (TABLE_NAME, UNITS_FOLDER):
        if (folder / name).exists():
            raise RunError(
                f"the folder holds {name} without {MANIFEST_NAME}, so nobody knows what made it",
                where=str(folder),
                hint="Use another --out, or --overwrite to remove it.",
            )


def _remove_run(folder: Path) -> None:
    """Remove a run's own files and nothing else; the manifest last, so a kill leaves no nameless rest."""
    try:
        for name in (TABLE_NAME, USAGE_NAME, REJECTS_NAME):
            (folder / name).unlink(missing_ok=True)
        if (folder / UNITS_FOLDER).exists():
            shutil.rmtree(folder / UNITS_FOLDER)
        (folder / MANIFEST_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise refused(folder, error) from error
