"""Open data sets of the optional `datasets` library: saved folders and ids of the Hugging Face Hub."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from cpmi.errors import InputError
from cpmi.extras import needed

HUB_PREFIX = "hf://"
_MARKS_OF_A_SAVED_FOLDER = ("dataset_info.json", "dataset_dict.json")


def open_saved(folder: Path) -> Iterable[object]:
    """The rows of a folder that `datasets` wrote with `save_to_disk`.

    Raises:
        InputError: the folder is something else, is damaged, or holds several splits.
        MissingDependencyError: `datasets` is not installed.
    """
    if not any((folder / mark).is_file() for mark in _MARKS_OF_A_SAVED_FOLDER):
        raise InputError(
            "the folder is not a saved data set",
            where=str(folder),
            expected=f"a folder of datasets.save_to_disk, with {' or '.join(_MARKS_OF_A_SAVED_FOLDER)}",
            hint="Name one file of the folder.",
        )
    datasets = _load_library()
    try:
        loaded = datasets.load_from_disk(str(folder))
    except (OSError, ValueError) as error:
        raise InputError("the saved data set cannot be read", where=str(folder), got=str(error)) from error
    return _only_split(loaded, where=str(folder), hint="Name the folder of one split, {where}/{split}.")


def open_hub(name: str) -> Iterable[object]:
    """The rows of `hf://OWNER/NAME[/CONFIG][@SPLIT]`.

    Raises:
        InputError: the name has another form, the data set cannot be had, or it holds several splits.
        MissingDependencyError: `datasets` is not installed.
    """
    identifier, _, split = name.removeprefix(HUB_PREFIX).partition("@")
    parts = identifier.split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise InputError(
            "the name of the data set is not usable",
            where=name,
            expected=f"{HUB_PREFIX}OWNER/NAME[/CONFIG][@SPLIT]",
        )
    datasets = _load_library()
    config = parts[2] if len(parts) == 3 else None
    try:
        loaded = datasets.load_dataset("/".join(parts[:2]), config, split=split or None)
    except (OSError, ValueError) as error:  # no network, no such data set, config or split
        raise InputError("the data set cannot be loaded", where=name, got=str(error)) from error
    return _only_split(loaded, where=name, hint="Name one split, {where}@{split}.")


def _load_library() -> ModuleType:
    with needed():
        return importlib.import_module("datasets")


def _only_split(loaded: Iterable[object], *, where: str, hint: str) -> Iterable[object]:
    """`datasets` gives rows, or a mapping from the names of splits to rows."""
    if not isinstance(loaded, dict):
        return loaded
    if len(loaded) == 1:
        rows: Iterable[object] = next(iter(loaded.values()))
        return rows
    raise InputError(
        "the data set has several splits",
        where=where,
        got=", ".join(map(str, loaded)) or "none",
        expected="one split",
        hint=hint.format(where=where, split=next(iter(loaded), "SPLIT")),
    )
