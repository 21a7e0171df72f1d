"""Open data sets of the optional `datasets` library: saved folders and ids of the Hugging Face Hub."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from cpmi.errors import InputError
from cpmi.extras import needed

HUB_PREFIX = "hf://"
HUB_FORM = f"{HUB_PREFIX}OWNER/NAME[/CONFIG][:SPLIT][@REVISION]"
_MARKS_OF_A_SAVED_FOLDER = ("dataset_info.json", "dataset_dict.json")
_UNREADABLE = (ArithmeticError, ImportError, LookupError, OSError, TypeError, ValueError)
"""What `datasets` and the libraries below raise at a row that they cannot decode."""


@dataclass(frozen=True, slots=True)
class HubName:
    """A data set of the Hub, as `hf://OWNER/NAME[/CONFIG][:SPLIT][@REVISION]` names it."""

    path: str
    config: str | None
    split: str | None
    revision: str | None

    @classmethod
    def parse(cls, name: str) -> HubName:
        """The parts of the name.

        Raises:
            InputError: it has another form.
        """
        rest, at, revision = name.removeprefix(HUB_PREFIX).partition("@")
        identifier, colon, split = rest.partition(":")
        parts = identifier.split("/")
        if len(parts) not in (2, 3) or not all(parts) or (at and not revision) or (colon and not split):
            raise InputError("the name of the data set is not usable", where=name, expected=HUB_FORM)
        return cls(
            path="/".join(parts[:2]),
            config=parts[2] if len(parts) == 3 else None,
            split=split or None,
            revision=revision or None,
        )

    @property
    def stem(self) -> str:
        """For the ids of its records; the revision is no part of it."""
        name = self.config or self.path.partition("/")[2]
        return name if self.split is None else f"{name}-{self.split}"


def is_saved(folder: Path) -> bool:
    """Whether `datasets` wrote the folder with `save_to_disk`."""
    return any(os.path.isfile(folder / mark) for mark in _MARKS_OF_A_SAVED_FOLDER)


def saved_split(source: str | Path) -> tuple[Path, str] | None:
    """The folder and the split that FOLDER:SPLIT names; None if the source is something else."""
    front, colon, split = str(source).rpartition(":")
    if not (colon and front and split) or "/" in split or os.path.exists(source):
        return None
    folder = Path(front)
    return (folder, split) if os.path.isdir(folder) and is_saved(folder) else None


def open_saved(folder: Path, split: str | None = None) -> Iterable[object]:
    """The rows of a folder that `datasets` wrote with `save_to_disk`.

    Args:
        folder: of one split, or of several in folders of their own.
        split: the one that is read; None where there is only one.

    Raises:
        InputError: the folder is damaged, or lacks the split, or holds several and none is named.
        MissingDependencyError: `datasets` is not installed.
    """
    datasets = _load_library()
    try:
        loaded = datasets.load_from_disk(str(folder))
    except _UNREADABLE as error:
        raise InputError("the saved data set cannot be read", where=str(folder), got=str(error)) from error
    if split is None or isinstance(loaded, dict):
        return _one_split(loaded, split, where=str(folder))
    if (own := str(loaded.split)) != split:
        raise _no_such_split(split, [own], str(folder))
    rows: Iterable[object] = loaded
    return rows


def open_hub(name: str) -> Iterable[object]:
    """The rows of `hf://OWNER/NAME[/CONFIG][:SPLIT][@REVISION]`.

    Raises:
        InputError: the name has another form, the data set cannot be had, or it holds several splits.
        MissingDependencyError: `datasets` is not installed.
    """
    wanted = HubName.parse(name)
    datasets = _load_library()
    try:
        loaded = datasets.load_dataset(
            wanted.path, wanted.config, split=wanted.split, revision=wanted.revision
        )
    except (OSError, ValueError) as error:  # no network, no such data set, config, split or revision
        hint = None
        if wanted.revision and not wanted.split:
            new = name.replace("@", ":")
            hint = f"@ names a revision; if {wanted.revision!r} is a split, write {new}."
        raise InputError("the data set cannot be loaded", where=name, got=str(error), hint=hint) from error
    if wanted.split is None:
        return _one_split(loaded, None, where=name)
    rows: Iterable[object] = loaded
    return rows


_MEDIA = ("Image", "Audio", "Video", "Pdf")


def without_media(loaded: Any) -> Any:
    """The same rows with images and the like as they are stored: here they are of no use."""
    features = getattr(loaded, "features", None)
    if not isinstance(features, Mapping) or not hasattr(loaded, "cast_column"):
        return loaded
    for name, feature in features.items():
        if type(feature).__name__ in _MEDIA and getattr(feature, "decode", False):
            loaded = loaded.cast_column(name, type(feature)(decode=False))
    return loaded


def rows_of(loaded: Any) -> Iterator[object]:
    """The rows in order; an exception in the place of one that `datasets` cannot decode."""
    loaded = without_media(loaded)
    index = 0
    rows = iter(loaded)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except _UNREADABLE as error:
            yield error
            # The iterator ends with its first error; the rows behind it are reached by their numbers.
            rows = iter(loaded.select(range(index + 1, len(loaded))))
        else:
            yield row
        index += 1


def _load_library() -> ModuleType:
    with needed():
        return importlib.import_module("datasets")


def _one_split(loaded: Any, split: str | None, *, where: str) -> Iterable[object]:
    """`datasets` gives rows, or a mapping from the names of splits to rows."""
    rows: Iterable[object]
    if not isinstance(loaded, Mapping):
        rows = loaded
        return rows
    names = list(map(str, loaded))
    if split is not None:
        if split not in names:
            raise _no_such_split(split, names, where)
        rows = loaded[split]
        return rows
    if len(names) == 1:
        rows = loaded[names[0]]
        return rows
    front, at, revision = where.partition("@") if where.startswith(HUB_PREFIX) else (where, "", "")
    raise InputError(
        "the data set has several splits",
        where=where,
        got=", ".join(names) or "none",
        expected="one split",
        hint=f"Name one split, {front}:{names[0] if names else 'SPLIT'}{at}{revision}.",
    )


def _no_such_split(split: str, names: list[str], where: str) -> InputError:
    return InputError(
        "the data set has no such split",
        where=where,
        got=repr(split),
        expected=f"one of {', '.join(names) or '(none)'}",
    )
