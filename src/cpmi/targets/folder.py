"""A folder of targets: guarded against overwriting something else, and written so that a kill shows.

The manifest comes first and `targets.parquet` last: where the table stands, the folder is complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cpmi.machine import describe_machine, package_version, software_versions
from cpmi.runs.checksum import checksum
from cpmi.runs.folder import claim, expect_claimable
from cpmi.runs.manifest import Manifest, read_manifest
from cpmi.runs.results import USAGE_NAME
from cpmi.runs.spent import Spent
from cpmi.runs.table import TARGETS_NAME
from cpmi.runs.target_table import TargetRow, write_targets
from cpmi.storage import remove_file, write_json

MAP_NAME = "map.json"
CONSENSUS_NAME = "consensus.json"
HYBRID_NAME = "hybrid.json"
_OTHERS = (MAP_NAME, CONSENSUS_NAME, HYBRID_NAME, "usage.json")
_VERSIONS = ("python", "numpy", "pyarrow", "mpmath", "sympy")


def make_manifest(
    stage: str, *, determines: Mapping[str, Any], circumstances: Mapping[str, Any], fitted: bool
) -> Manifest:
    """What targets come from; `fitted` says whether scikit-learn had part in it."""
    # Other packages may happen to be loaded in this process; these targets do not follow from them.
    versions = {name: version for name, version in software_versions().items() if name in _VERSIONS}
    if fitted:
        versions["scikit-learn"] = package_version("scikit-learn")
    return Manifest(
        determines={"stage": stage, "cpmi": package_version("cpmi"), "versions": versions, **determines},
        circumstances={**circumstances, "machine": describe_machine()},
    )


def source_facts(folder: Path, table: str) -> dict[str, Any]:
    """What a manifest says of a folder that was read: its fingerprint and the digest of its table."""
    manifest = read_manifest(folder)
    found = checksum(folder / table)
    return {
        "fingerprint": None if manifest is None else manifest.fingerprint,
        "table_sha256": None if found is None else found.sha256,
    }


def models_of(folders: Sequence[Path]) -> str | None:
    """The models behind some folders, as their manifests name them; None if none does."""
    manifests = [read_manifest(folder) for folder in folders]
    named = [manifest.model for manifest in manifests if manifest is not None]
    return ", ".join(dict.fromkeys(model for model in named if model)) or None


def expect_free(out: Path) -> None:
    """Check, before any work, that targets may be written there; errors as `expect_claimable`."""
    expect_claimable(out, (TARGETS_NAME, *_OTHERS))


def store_targets(
    out: Path,
    manifest: Manifest,
    rows: Sequence[TargetRow],
    *,
    facts_name: str,
    facts: Mapping[str, Any],
    spent: Spent | None,
    overwrite: bool,
) -> None:
    """Write the folder.

    Args:
        out: the folder.
        manifest: what the targets come from.
        rows: of the table.
        facts_name: the name of the JSON file beside the table.
        facts: what is in it.
        spent: what the labels cost that the targets are made from; None if that is not known.
        overwrite: replace targets that were made with other settings.

    Raises:
        RunError: the folder contains something else, or targets made with other settings.
        StorageError: the disk refused.
    """
    files = (TARGETS_NAME, facts_name, USAGE_NAME)
    with claim(out, manifest, files=files, overwrite=overwrite):
        write_json(out / facts_name, facts)
        if spent is None:
            remove_file(out / USAGE_NAME)
        else:
            write_json(out / USAGE_NAME, {"totals": spent.to_json()})
        write_targets(rows, out)
