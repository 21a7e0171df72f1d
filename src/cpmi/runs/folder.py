"""The one way into an output folder: claim it, resume what is there, or refuse it.

The manifest lists what a stage writes (`files`), and nothing else is ever removed or replaced. A folder is
claimed only if none of these names is taken, or if its manifest is one of ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cpmi.digests import digest_of_file
from cpmi.errors import CpmiError, RunError
from cpmi.runs import format_0
from cpmi.runs.lock import locked
from cpmi.runs.manifest import (
    MANIFEST_NAME,
    Manifest,
    expect_format,
    expect_same_run,
    read_manifest,
    write_manifest,
)
from cpmi.storage import (
    make_folder,
    refused,
    remove_file,
    remove_leftovers,
    remove_tree,
    settle,
    sync_folder,
)

_HINT = "Use another --out, repeat the settings of the run there to resume it, or --overwrite it."
_RESULTS = ("labels.parquet", "chains.jsonl", "scores.parquet", "targets.parquet", "prm.json")
"""Results of any run: where one is without a manifest, another run does not belong."""

STAGED = ".cpmi-staged"
"""A subfolder for files whose names are known only once they are written; see `adopt`."""


@contextmanager
def claim(
    folder: Path, manifest: Manifest, *, files: Sequence[str], overwrite: bool = False
) -> Iterator[None]:
    """Have an output folder to oneself, new or with the same run in it.

    At the end, the manifest gets the digests of what was written.

    Args:
        folder: it is created if need be.
        manifest: what the results come from; written into the folder.
        files: what is written there, "#" for a number; the result first. See also `adopt`.
        overwrite: remove a run with other settings that has the same result.

    Raises:
        RunError: another process works there, or the folder holds another run or files of somebody else.
        StorageError: the folder cannot be created or changed.
    """
    make_folder(folder)
    with locked(folder):
        expect_claimable(folder, files)
        there = read_manifest(folder)
        resumed = there is not None and not overwrite and any(_present(folder, _files(there)))
        if there is not None and resumed:
            _expect_resumable(folder, there, manifest)
        elif there is not None:
            _remove(folder, there)
        for part in {Path(name).parent for name in files}:
            remove_leftovers(folder / part)
        remove_tree(folder / STAGED)
        if not resumed:
            _expect_free(folder, files)
            write_manifest(folder, replace(manifest, files=tuple(files)))
        yield
        seal(folder)


def seal(folder: Path) -> None:
    """Put the digests of the results into the manifest of a claimed folder.

    Not those of chunks and checkpoints, which have their own, nor of the text for people, who may edit it.

    Raises:
        StorageError: the disk refused.
    """
    manifest = read_manifest(folder)
    assert manifest is not None
    own = [name for name in manifest.files if "#" not in name and name != "README.md"]
    try:
        digests = {name: digest_of_file(folder / name) for name in own if (folder / name).is_file()}
    except OSError as error:
        raise refused(folder, error) from error
    if digests != manifest.digests:
        write_manifest(folder, replace(manifest, digests=digests))


def update_circumstances(folder: Path, changes: Mapping[str, Any]) -> None:
    """Change circumstances in the manifest of a claimed folder.

    Raises:
        StorageError: the disk refused.
    """
    manifest = read_manifest(folder)
    assert manifest is not None
    there = manifest.circumstances
    if any(there.get(name) != value for name, value in changes.items()):
        write_manifest(folder, replace(manifest, circumstances={**there, **changes}))


def adopt(folder: Path) -> None:
    """Move the files of `STAGED` into a claimed folder, listed in its manifest first.

    Raises:
        RunError: the folder contains a file of that name that the run does not own.
        StorageError: the disk refused.
    """
    manifest, staged = read_manifest(folder), folder / STAGED
    assert manifest is not None
    found = sorted(path for path in staged.rglob("*") if path.is_file())
    names = [path.relative_to(staged).as_posix() for path in found]
    new = [name for name in names if name not in manifest.files]
    _expect_free(folder, new)
    write_manifest(folder, replace(manifest, files=(*manifest.files, *new)))
    try:
        for path, name in zip(found, names, strict=True):
            make_folder((folder / name).parent)
            settle(path)
            os.replace(path, folder / name)
        remove_tree(staged)
        sync_folder(folder)
    except CpmiError:
        raise
    except OSError as error:
        raise refused(folder, error) from error


def expect_claimable(folder: Path, files: Sequence[str]) -> None:
    """Check, before any work, that a folder does not hold files of somebody else.

    Raises:
        RunError: it does, or it holds a run with another result.
    """
    there = read_manifest(folder)
    if there is None:
        _expect_free(folder, (*files, *_RESULTS))
        return
    if not _files(there):
        expect_format(there, folder)
    if _files(there)[:1] != tuple(files[:1]):
        raise RunError(
            "the folder contains a run of another kind",
            where=str(folder / MANIFEST_NAME),
            got=there.stage,
            hint="Use another --out.",
        )


def _expect_free(folder: Path, names: Sequence[str]) -> None:
    if (taken := next(_present(folder, names), None)) is not None:
        raise RunError(
            f"the folder contains {taken.relative_to(folder)}, which no run of cpmi listed as its own",
            where=str(folder),
            hint="Use another --out; nothing of others is replaced, with --overwrite neither.",
        )


def _expect_resumable(folder: Path, there: Manifest, now: Manifest) -> None:
    expect_format(there, folder)
    expect_same_run(there, now, where=folder, hint=_HINT)
    if there.shard != now.shard:
        raise RunError(
            "the folder contains another shard of this run",
            where=str(folder),
            got=f"shard {there.shard}",
            expected=f"shard {now.shard}",
            hint="Give every shard an --out of its own; cpmi merge puts them together.",
        )


def _files(manifest: Manifest) -> tuple[str, ...]:
    return manifest.files or format_0.FILES.get(manifest.stage, ())


def _present(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    for path in (folder / name for name in names):
        if "#" in path.name:
            rule = re.compile(re.escape(path.name).replace(r"\#", r"\d+"))
            entries = path.parent.iterdir() if path.parent.is_dir() else ()
            yield from sorted(entry for entry in entries if rule.fullmatch(entry.name))
        elif os.path.lexists(path):
            yield path


def _remove(folder: Path, manifest: Manifest) -> None:
    """Remove what a run listed, its folders if they are empty then, and its manifest last."""
    try:
        for path in _present(folder, _files(manifest)):
            if not path.is_dir() or path.is_symlink():
                remove_file(path)
            elif path.name not in manifest.files:  # numbered, as "checkpoints/checkpoint-#"
                remove_tree(path)
        for part in {Path(name).parent for name in _files(manifest)} - {Path(".")}:
            if (folder / part).is_dir() and not any((folder / part).iterdir()):
                (folder / part).rmdir()
        remove_file(folder / MANIFEST_NAME)
    except CpmiError:
        raise
    except OSError as error:
        raise refused(folder, error) from error
