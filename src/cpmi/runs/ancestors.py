"""Where a run's input and models come from, and under which licenses: stated by somebody, never guessed.

A license is read from the option, from the manifest of an earlier run, from the card (README.md) beside the
files, or from the `dataset_info.json` of a folder by the library `datasets`.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import yaml

from cpmi.data.sources.files import is_pattern
from cpmi.data.sources.pipes import kept
from cpmi.engines.local_files import EMBEDDED
from cpmi.errors import ConfigError, RunError
from cpmi.facts import DATA_SET, UNKNOWN_LICENSE, Ancestor, with_license
from cpmi.runs.manifest import read_manifest

CARD, INFO = "README.md", "dataset_info.json"
ANCESTORS = "ancestors"
"""Circumstance: the ancestors of a run that has no facts, as one of `cpmi sample`."""

_LONGEST_CARD = 65_536  # characters of metadata
_LICENSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_HUB = "hf://"
_ON_HUB = "its card on the Hub was not read"


def expect_license(stated: str | None) -> None:
    """Check the option.

    Raises:
        ConfigError: it is no identifier of a license.
    """
    if stated is not None and not _LICENSE.fullmatch(stated):
        raise ConfigError(
            "is no identifier of a license",
            where="option license",
            got=repr(stated[:80]),
            expected="one as the Hub has them: mit, apache-2.0, cc-by-4.0, other",
        )


def ancestors_of_input(source: str, stated: str | None = None) -> tuple[Ancestor, ...]:
    """The data sets behind an input, those of an earlier run with the models that worked on them.

    Args:
        source: of a command, as `read_chains` takes it.
        stated: the option; it names the license of the data sets, whatever else does.

    Raises:
        ConfigError: the option is no identifier of a license.
    """
    expect_license(stated)
    found = _recorded(Path(source)) or (_data_set(source),)
    return found if stated is None else with_license(found, stated)


def ancestor_of_model(model: str, kind: str) -> Ancestor:
    """A model, with the license that its card states.

    Args:
        model: as it was named: a hub id, a folder or a file, or one that ships.
        kind: "labeling model", "base model" ...
    """
    if model == EMBEDDED:
        return Ancestor(kind, model, "apache-2.0", "ships with cpmi")
    path = Path(model)
    if os.path.exists(path):
        folder = path if os.path.isdir(path) else path.parent
        license, stated = _by_card(folder)
        name = _name_on_hub(folder)
        return Ancestor(kind, name or path.resolve().name, license, stated, on_hub=name is not None)
    if not _HUB_ID.fullmatch(model):
        return Ancestor(kind, model, stated="no card")
    license, stated = _by_cached_card(model)
    return Ancestor(kind, model, license, stated, on_hub=True)


def recorded_ancestors(folder: Path) -> tuple[Ancestor, ...]:
    """What the manifest of a run says; () without one.

    Raises:
        RunError: it is damaged, or another program's.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return ()
    facts = manifest.circumstances.get("facts") or manifest.circumstances
    return tuple(Ancestor(**one) for one in facts.get(ANCESTORS) or ())


def _recorded(source: Path) -> tuple[Ancestor, ...]:
    """Of the run whose folder, or whose file, the input is; () for what is no run's."""
    if not os.path.exists(source):
        return ()
    try:
        return recorded_ancestors(source if os.path.isdir(source) else source.parent)
    except RunError:
        return ()  # a manifest.json of somebody else; a run that is damaged is refused by its reader


def _data_set(source: str) -> Ancestor:
    if source.startswith(_HUB):
        name = source.removeprefix(_HUB).partition(":")[0]
        return Ancestor(DATA_SET, "/".join(name.split("/")[:2]), stated=_ON_HUB, on_hub=True)
    if held := kept(source):
        return Ancestor(DATA_SET, held.stem, stated="no card")
    if is_pattern(source):
        return Ancestor(DATA_SET, Path(source).name, stated="no card")
    path = Path(source)
    folder = path if os.path.isdir(path) else path.parent
    license, stated = _by_card(folder)
    if license == UNKNOWN_LICENSE and os.path.isfile(folder / INFO):
        license, stated = _by_info(folder / INFO)
    return Ancestor(DATA_SET, path.resolve().name, license, stated)


def _by_card(folder: Path) -> tuple[str, str]:
    """The license of the card in a folder, and what says so."""
    try:
        with (folder / CARD).open(encoding="utf-8") as file:
            text = file.read(_LONGEST_CARD)
    except FileNotFoundError:
        return UNKNOWN_LICENSE, "no card"
    except (OSError, ValueError):
        return UNKNOWN_LICENSE, f"its {CARD} cannot be read"
    found = re.match(r"---\r?\n(.*?)\r?\n---", text, re.DOTALL)
    if found is None:
        return UNKNOWN_LICENSE, f"its {CARD} has no metadata"
    try:
        facts = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return UNKNOWN_LICENSE, f"the metadata of its {CARD} cannot be read"
    return _identifier(facts, f"its {CARD}")


def _name_on_hub(folder: Path) -> str | None:
    """The hub id that the config of a checkpoint names; None if it names none, or a path."""
    try:
        name = json.loads((folder / "config.json").read_text("utf-8")).get("_name_or_path")
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    return name if isinstance(name, str) and _HUB_ID.fullmatch(name) and not os.path.exists(name) else None


def _by_info(path: Path) -> tuple[str, str]:
    try:
        facts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return UNKNOWN_LICENSE, f"its {INFO} cannot be read"
    return _identifier(facts, f"its {INFO}")


def _by_cached_card(model: str) -> tuple[str, str]:
    """Of a hub id whose card was downloaded with it."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ModuleNotFoundError:
        return UNKNOWN_LICENSE, _ON_HUB
    found = try_to_load_from_cache(model, CARD)
    return _by_card(Path(found).parent) if isinstance(found, str) else (UNKNOWN_LICENSE, _ON_HUB)


def _identifier(facts: Any, where: str) -> tuple[str, str]:
    """The license in metadata: a text, a list of one, or the name of another one."""
    license = facts.get("license") if isinstance(facts, dict) else None
    if license == "other" and isinstance(facts.get("license_name"), str):
        license = facts["license_name"]
    licenses: list[Any] = license if isinstance(license, list) else [license]
    if not any(licenses):
        return UNKNOWN_LICENSE, f"{where} states none"
    if not all(isinstance(one, str) and _LICENSE.fullmatch(one) for one in licenses):
        return UNKNOWN_LICENSE, f"{where} states no identifier of a license"
    return ", ".join(dict.fromkeys(licenses)), where
