"""The facts of a folder of labels or targets: from its manifest, for older runs from the method's class."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cpmi.errors import RunError
from cpmi.facts import Facts
from cpmi.methods import METHODS
from cpmi.runs.manifest import MANIFEST_NAME, Manifest, read_manifest

PATHS = "paths"
"""Where a manifest keeps, by role, why second models of the run took their paths."""


def facts_of(folder: Path, *, method: str, unit: str) -> Facts:
    """What is true of the labels or targets in a folder.

    Args:
        folder: of a run of labels or of targets.
        method: as its table names it; for a folder whose manifest has no facts.
        unit: likewise.

    Raises:
        RunError: the manifest is damaged.
    """
    manifest = read_manifest(folder)
    stated = None if manifest is None else manifest.circumstances.get("facts")
    if stated is None:
        return _of_older(manifest, method, unit)
    try:
        return Facts.from_json(stated)
    except (KeyError, TypeError) as error:
        raise RunError(
            "not the facts of a run", where=str(folder / MANIFEST_NAME), got=repr(error)
        ) from error


def _of_older(manifest: Manifest | None, method: str, unit: str) -> Facts:
    """The facts of a run before manifests had them: what its method says of such options."""
    options: Mapping[str, Any] = {} if manifest is None else manifest.determines.get("options") or {}
    facts = [
        METHODS[name].facts(METHODS[name].Options.model_construct(**_known(name, options)))
        for name in METHODS
        if name in method.replace("(", " ").replace(")", " ").replace(",", " ").split()
    ]
    fitted_on = () if manifest is None else tuple(manifest.circumstances.get("fitted_on") or ())
    if len(facts) == 1 and method in METHODS:
        return facts[0].with_fitted_on(fitted_on)
    return Facts(
        method=method,
        unit=unit,
        reads_final_answer=any(one.reads_final_answer for one in facts),
        fitted_on=fitted_on,
    )


def _known(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that today's class has under the same name; the facts follow from these."""
    fields = METHODS[name].Options.model_fields
    return {option: value for option, value in options.items() if option in fields and option != "weights"}
