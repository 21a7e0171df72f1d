"""A `usage.json` that a run wrote and that is no longer there: nobody knows what the run cost, and why."""

from __future__ import annotations

import warnings
from pathlib import Path

from cpmi.digests import DIGESTS, read_sealed_manifest
from cpmi.runs.results import USAGE_NAME


class MissingUsageWarning(UserWarning):
    """A run wrote its `usage.json`, and it is no longer there."""


def why_unknown(folder: Path) -> str | None:
    """Why it is not known what a finished run cost; None if it is, or if the run never said it.

    Raises:
        RunError: the manifest is damaged.
    """
    manifest = read_sealed_manifest(folder)
    listed = manifest is not None and USAGE_NAME in manifest.get(DIGESTS, {})
    if not listed or (folder / USAGE_NAME).exists():
        return None
    return (
        f"{USAGE_NAME}, which the run wrote, is missing, so what it cost is not known; the same command "
        "writes it again"
    )


def tell_if_lost(folder: Path) -> None:
    """Warn if it is lost; errors as `why_unknown`."""
    if (reason := why_unknown(folder)) is not None:
        warnings.warn(f"{folder}: {reason}", MissingUsageWarning, stacklevel=3)
