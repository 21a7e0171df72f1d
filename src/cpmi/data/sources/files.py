"""The files that a source names: one file, a folder of shards, or what a pattern matches."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cpmi.data.sources.file import SourceFile, stem_of
from cpmi.data.sources.pipes import kept
from cpmi.errors import InputError

_WILDCARD = re.compile(r"[*?[]")
_PASSED_OVER = re.compile(
    r"\..*|_SUCCESS|README|README\..*|.*\.md|.*\.(md5|sha1|sha256|sha512|crc)|(MD5|SHA\d+)SUMS?(\.txt)?",
    re.IGNORECASE,
)
CHAINS_NAME = "chains.jsonl"
FORMER_NAME = "trajectories.jsonl"
"""The file of chains in a folder that `cpmi sample` made; the folder's name stands for it."""


def files_of(source: str | Path) -> tuple[SourceFile, ...]:
    """The files of a local source in natural order (part-2 before part-10), without those of other use.

    Hidden files, README, *.md, checksum files and _SUCCESS are passed over in folders and patterns.

    Raises:
        InputError: there are none, a folder holds folders, or a file cannot be opened.
    """
    if held := kept(source):
        return (SourceFile.at(held.path, name=held.name, stem=held.stem),)
    path = Path(source)
    if os.path.isfile(path):
        return (SourceFile.at(path),)
    if is_pattern(source):
        paths = _matches(str(source))
        return _with_stems(paths, Path(os.path.commonpath([path.parent for path in paths])))
    return _with_stems(_shards(path), path)


def is_pattern(source: str | Path) -> bool:
    """Whether the source is a pattern like runs/*.jsonl, and not the name of something that exists."""
    return _WILDCARD.search(str(source)) is not None and not os.path.exists(source)


def named_paths(source: str | Path) -> list[Path]:
    """The local files that a source names, unopened and in no order; none of what is missing or remote."""
    if is_pattern(source):
        return [
            path for match in glob.glob(str(source), recursive=True) if (path := _file(match)) is not None
        ]
    path = Path(source)
    if os.path.isdir(path):
        return [found for found in path.iterdir() if found.is_file()]
    return [path] if os.path.isfile(path) else []


def chains_file(folder: Path) -> Path | None:
    """The file of chains in a folder by `cpmi sample`."""
    found = (path for name in (CHAINS_NAME, FORMER_NAME) if os.path.isfile(path := folder / name))
    return next(found, None)


def _matches(pattern: str) -> list[Path]:
    found = [Path(match) for match in glob.glob(pattern, recursive=True)]
    named = [path for path in found if not _PASSED_OVER.fullmatch(path.name)]
    _expect_regular(named, pattern)
    paths = [file for path in named if (file := _file(path)) is not None]
    folders = sorted(str(path) for path in named if path.is_dir() and chains_file(path) is None)
    if folders and "**" not in pattern:  # which matches every folder on the way
        raise InputError(
            "the pattern matches a folder",
            where=pattern,
            got=_some(folders),
            expected="files, or folders by cpmi sample",
            hint=f"Match its files: {pattern}/*",
        )
    if not paths:
        raise InputError(
            "no file matches the pattern",
            where=pattern,
            got=f"only {_some(sorted(map(str, found)))}, which hold no records" if found else None,
            expected="at least one file",
            hint="Check it by ls; quote it so that cpmi expands it and not the shell.",
        )
    return sorted(set(paths), key=_natural)


def _file(match: str | Path) -> Path | None:
    path = Path(match)
    if path.is_dir():
        return chains_file(path)
    return path if path.is_file() else None


def _shards(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if not _PASSED_OVER.fullmatch(path.name)]
    except OSError as error:
        raise InputError("the folder cannot be read", where=str(folder), got=str(error)) from error
    if folders := sorted(path.name for path in found if path.is_dir()):
        raise InputError(
            "the folder holds folders",
            where=str(folder),
            got=_some(folders),
            expected="a folder of files of one kind, or a folder of datasets.save_to_disk",
            hint=f"Name one of them, one file, or a quoted pattern such as '{folder}/*/*.jsonl'.",
        )
    if not found:
        raise InputError(
            "the folder holds no file of records",
            where=str(folder),
            expected="JSONL, JSON, CSV or Parquet files, or a folder of datasets.save_to_disk",
        )
    _expect_regular(found, str(folder))
    return sorted(found, key=_natural)


def _expect_regular(paths: Sequence[Path], source: str) -> None:
    if others := sorted(str(path) for path in paths if not path.is_file() and not path.is_dir()):
        raise InputError(
            "there is something that is neither file nor folder",
            where=source,
            got=_some(others),
            expected="files of one kind",
            hint="Remove links that lead nowhere; name a pipe by itself.",
        )


def _with_stems(paths: Sequence[Path], root: Path) -> tuple[SourceFile, ...]:
    """Each with a stem of its own: the file's, or its place below `root` where stems repeat."""
    files = [SourceFile.at(path) for path in paths]
    times = Counter(file.stem for file in files)
    places = [_place(file, root) for file in files]
    place_times = Counter(places)
    stems = []
    for file, place in zip(files, places, strict=True):
        if times[file.stem] == 1:
            stems.append(file.stem)
        else:
            whole = file.path.relative_to(root).as_posix()
            stems.append(place if place_times[place] == 1 else whole)
    return tuple(
        SourceFile(path=file.path, name=file.name, stem=stem, compression=file.compression)
        for file, stem in zip(files, stems, strict=True)
    )


def _place(file: SourceFile, root: Path) -> str:
    stem = stem_of(file.path.name, packed=file.compression is not None)
    return (file.path.parent.relative_to(root) / stem).as_posix()


def _natural(path: Path) -> list[tuple[int, int, str]]:
    """Digits compare as numbers; the text breaks ties, so that the order is total."""
    pieces = re.split(r"(\d+)", str(path))
    key = [(0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece]
    return [*key, (2, 0, str(path))]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
