"""What a path is, and the error that says so where something else is needed.

Every command that takes a folder of cpmi asks here, so a wrong path gets the same words from all of them:
what is there, what was needed, how to make it, and which command takes what is there.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from cpmi.digests import MANIFEST_NAME
from cpmi.errors import InputError, RunError
from cpmi.json_files import parse_json

Kind = Literal["labels", "targets", "scores", "chains", "prm", "run"]
"""A kind of folder by what is in it; "run" is a part of a run of any stage that makes chunks."""

TABLES: Mapping[str, Kind] = {
    "labels.parquet": "labels",
    "targets.parquet": "targets",
    "scores.parquet": "scores",
    "prm.json": "prm",
    "chains.jsonl": "chains",
    "trajectories.jsonl": "chains",  # of format 0
}
# The first name of a kind is that of today.
_FILES: Mapping[Kind, str] = {kind: name for name, kind in reversed([*TABLES.items()])} | {
    "run": MANIFEST_NAME
}
_NAMES: Mapping[Kind, str] = {
    "labels": "labels",
    "targets": "targets",
    "scores": "scores",
    "prm": "a reward model",
    "chains": "sampled chains",
    "run": "a run",
}
_NEEDED: Mapping[Kind, str] = {
    "labels": "the folder of a finished run of labels",
    "targets": "a folder that cpmi calibrate, consensus or hybrid wrote",
    "scores": "a folder that cpmi score wrote",
    "prm": "the folder of a finished cpmi train",
    "chains": "a folder that cpmi sample wrote",
    "run": "the folder of a cpmi run of label, sample or score",
}
_MAKES: Mapping[Kind, str] = {
    "labels": "cpmi label CHAINS --model MODEL --method evidence --out DIR makes one",
    "targets": "cpmi calibrate RUN --out DIR makes one",
    "scores": "cpmi score CHAINS --prm PRM --out DIR makes one",
    "prm": "cpmi train INPUT --base MODEL --out DIR makes one",
    "chains": "cpmi sample PROBLEMS --model MODEL --out DIR makes one",
    "run": "cpmi label, sample and score with --shard make them",
}
_TAKEN_BY: Mapping[Kind, str] = {
    "labels": "cpmi inspect, evaluate labels, compare, calibrate, export, train and report read labels",
    "targets": "Give the run that the targets were made from; cpmi train, export, compare and evaluate "
    "labels read targets",
    "scores": "cpmi evaluate and compare read scores",
    "prm": "cpmi score CHAINS --prm takes a reward model",
    "chains": "cpmi label takes sampled chains",
    "run": "The same command finishes it, if it was interrupted",
}
_RECORDS = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".gz", ".zst")
_MODEL = ("config.json", "tokenizer.json", "tokenizer_config.json")


NOTHING = "nothing"


class PlaceError(InputError, RunError):
    """A path is not the kind of folder or file that is needed there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is at a path.

    Attributes:
        what: in words.
        kinds: of a folder by cpmi, by its files.
        remedy: what to do with it, "" if there is nothing to say.
        is_folder: whether it is one that can be read.
    """

    what: str
    kinds: frozenset[Kind] = frozenset()
    remedy: str = ""
    is_folder: bool = False


def look(path: Path) -> Place:
    """See what is at a path; never an error."""
    try:
        found = os.stat(path)
    except ValueError:
        return Place(what="a path with a NUL character")
    except OSError as error:
        return _not_there(path, error)
    if stat.S_ISREG(found.st_mode):
        return _file(path)
    if not stat.S_ISDIR(found.st_mode):
        return Place(what="a device, pipe or socket")
    try:
        names = frozenset(os.listdir(path))
    except OSError as error:
        return Place(what=f"a folder that cannot be read: {error.strerror}", remedy="Check its permissions")
    return _folder(path, names)


def holds(folder: Path, kind: Kind) -> bool:
    """Whether a folder by cpmi is of a kind; never an error."""
    return kind in look(folder).kinds


def real(path: str | Path) -> Path:
    """The path without links, as far as they can be followed; never an error."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # a NUL
        return Path(path)


def without_part(given: Path) -> tuple[Path, str | None]:
    """The folder and the part of `DIR:part`; a path that exists has no part."""
    name, colon, part = given.name.rpartition(":")
    if not colon or not name or os.path.lexists(given):
        return given, None
    return given.with_name(name), part


def expect_kind(path: Path, *wanted: Kind) -> None:
    """Check that a path is a folder by cpmi of one of these kinds.

    Raises:
        PlaceError: it is something else.
    """
    place = look(path)
    if place.kinds.isdisjoint(wanted):
        raise _error(path, place, wanted[0])


def wrong_kind(path: Path, wanted: Kind) -> PlaceError:
    """The error for a path that lacks what makes a folder one of this kind."""
    return _error(path, look(path), wanted)


def unreadable(path: Path, error: OSError) -> PlaceError:
    """The error for a file of a folder that the disk does not give."""
    return PlaceError(
        "cannot be read",
        where=str(path),
        got=error.strerror or str(error),
        hint="Check the path and its permissions.",
    )


def _error(path: Path, place: Place, wanted: Kind) -> PlaceError:
    what = "there is no such folder" if place.what == NOTHING else "this is not a folder of cpmi"
    remedy = place.remedy
    if not place.is_folder and (TABLES.get(path.name) == wanted or path.name == MANIFEST_NAME):
        remedy = f"Give its folder, {shlex.quote(str(path.parent))}"
    if place.kinds - {"run"}:
        what = f"the folder holds {place.what}, not {_NAMES[wanted]}"
    elif place.is_folder:
        what = f"no {_FILES[wanted]} there"
    hints = [hint for hint in (remedy, _MAKES[wanted]) if hint]
    return PlaceError(
        what,
        where=str(path),
        got=place.what,
        expected=_NEEDED[wanted],
        hint=" ".join(hint if hint.endswith("?") else f"{hint}." for hint in hints),
    )


def _not_there(path: Path, error: OSError) -> Place:
    if os.path.islink(path):
        return Place(what="a link that leads nowhere", remedy="Mend or remove the link")
    if not isinstance(error, FileNotFoundError):
        return Place(what=f"nothing that can be read: {error.strerror}", remedy="Check the path")
    try:
        near = get_close_matches(path.name, os.listdir(path.parent), n=1)
    except OSError:
        near = []
    remedy = f"Did you mean {shlex.quote(str(path.with_name(near[0])))}?" if near else "Check the path"
    return Place(what=NOTHING, remedy=remedy)


def _file(path: Path) -> Place:
    if path.suffix.lower() in _RECORDS:
        remedy = "cpmi check says what is in a file; cpmi label and train take chains"
        return Place(what="a file", remedy=remedy)
    return Place(what="a file")


def _folder(path: Path, names: frozenset[str]) -> Place:
    kinds = {kind for name, kind in TABLES.items() if name in names}
    if MANIFEST_NAME in names:
        kinds.add("run")
    if results := sorted(kinds - {"run"}):
        what = " and ".join(_NAMES[kind] for kind in results)
        return Place(what=what, kinds=frozenset(kinds), remedy=_TAKEN_BY[results[0]], is_folder=True)
    if kinds:
        stage = _stage(path)
        what = f"a run of cpmi {stage} without a result" if stage else "a manifest without a result"
        again = f"the same cpmi {stage} command" if stage else "the same command"
        again += " with --resume" if stage == "train" else ""
        remedy = f"If its run was interrupted, {again} finishes it"
        return Place(what=what, kinds=frozenset(kinds), remedy=remedy, is_folder=True)
    if names & {*_MODEL} or any(name.endswith((".gguf", ".safetensors")) for name in names):
        return Place(what="a model", remedy="cpmi label takes it as --model", is_folder=True)
    return Place(what="other files" if names else "an empty folder", is_folder=True)


def _stage(folder: Path) -> str | None:
    """The stage that a manifest names; None if it is not one of ours."""
    try:
        stage = parse_json((folder / MANIFEST_NAME).read_bytes())["determines"]["stage"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return stage if stage in ("label", "sample", "score", "train") else None
