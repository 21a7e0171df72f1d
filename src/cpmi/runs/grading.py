"""The grading of a run: recorded in its manifest, and the default of all that is made from its folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cpmi.answers import Grading
from cpmi.answers.own_check import OwnCheck
from cpmi.errors import ConfigError
from cpmi.places import look, without_part
from cpmi.runs.manifest import Manifest, read_manifest

_CHECK = "answer_check"


def determining(grading: Grading) -> dict[str, Any]:
    """What of a grading the results follow from, beside the option `percent`; of a function its source.

    Raises:
        ConfigError: the function cannot be loaded.
    """
    if grading.check == Grading().check:
        return {}
    if not grading.has_function:
        return {_CHECK: grading.check}
    return {_CHECK: {"function": Path(grading.check).name, "sha256": OwnCheck.load(grading.check).sha256}}


def circumstance(grading: Grading) -> dict[str, Any]:
    """The option as it was given."""
    return {} if grading.check == Grading().check else {_CHECK: grading.check}


def grading_of(
    folders: Iterable[str | Path], *, percent: str | None = None, check: str | None = None
) -> Grading:
    """How answers are compared in what is made from some folders: as in the runs, unless something is given.

    Args:
        folders: of runs, targets or scores; those that record no grading have no say.
        percent, check: the fields of the grading that are given.

    Raises:
        ConfigError: the runs compare answers differently and nothing is given, or the function of a run is
            not there or not the one that it was made with.
    """
    found = {str(folder): manifest for folder in folders if (manifest := _manifest(Path(folder)))}
    percents = {name: _percent(manifest) for name, manifest in found.items() if _percent(manifest)}
    checks = {name: _check(manifest) for name, manifest in found.items() if _percent(manifest)}
    chosen_percent = percent or _only("percent", percents) or Grading().percent
    chosen_check = check or _only(_CHECK, checks) or Grading().check
    grading = Grading(percent=chosen_percent, check=chosen_check)  # type: ignore[arg-type]  # checked there
    if check is None and grading.has_function:
        _expect_unchanged(grading, found)
    return grading


def settled(grading: Grading | None, folders: Iterable[str | Path]) -> Grading:
    """The grading that is given, else that of the folders; errors as `grading_of`."""
    return grading_of(folders) if grading is None else grading


def _manifest(folder: Path) -> Manifest | None:
    folder, _ = without_part(folder)
    if os.path.isfile(folder):  # a table of scores
        folder = folder.parent
    return read_manifest(folder) if look(folder).is_folder else None


def _percent(manifest: Manifest) -> str | None:
    """What every stage that compares answers records."""
    options = manifest.determines.get("options")
    found = options.get("percent") if isinstance(options, Mapping) else None
    return None if found is None else str(found)


def _check(manifest: Manifest) -> str:
    return str(manifest.circumstances.get(_CHECK) or Grading().check)


def _only(option: str, found: Mapping[str, str | None]) -> str | None:
    values = set(found.values())
    if len(values) <= 1:
        return next(iter(values), None)
    raise ConfigError(
        "the runs compare answers in different ways",
        where=f"option {option}",
        got=", ".join(f"{value} in {name}" for name, value in found.items()),
        expected="one for all",
        hint=f"Give --{option.replace('_', '-')}.",
    )


def _expect_unchanged(grading: Grading, manifests: Mapping[str, Manifest]) -> None:
    """Check that a function is the one that the runs were made with."""
    hint = "Give --answer-check to compare answers otherwise."
    try:
        digest = OwnCheck.load(grading.check).sha256
    except ConfigError as error:
        raise ConfigError(
            f"the answer check of the run: {error.what}",
            where=error.where,
            got=error.got,
            expected=error.expected,
            hint=hint,
        ) from error
    for name, manifest in manifests.items():
        stated = manifest.determines.get(_CHECK)
        recorded = stated.get("sha256") if isinstance(stated, Mapping) else None
        if recorded not in (None, digest):
            raise ConfigError(
                "the file of the answer check has changed since the run was made",
                where=name,
                got=f"{grading.check}, sha256 {digest}",
                expected=f"sha256 {recorded}",
                hint=hint,
            )
