"""Merge the folders of a run's shards into the folder that one plain run would have made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cpmi.digests import expect_intact
from cpmi.errors import RunError
from cpmi.runs.assemble import assemble
from cpmi.runs.chunks import ChunkReport, ChunkStore, Shard
from cpmi.runs.manifest import MANIFEST_NAME, Manifest, expect_format, expect_same_run, read_manifest
from cpmi.runs.results import USAGE_NAME, open_run, result_name, results_of
from cpmi.runs.sessions import finished_by, of_all
from cpmi.runs.totals import Totals


def merge_runs(folders: Sequence[Path], out: Path, *, overwrite: bool = False) -> Totals:
    """Put the chunks of several run folders together; the folders stay as they are.

    Args:
        folders: finished shards of one run, in any order.
        out: a folder of its own for the result.
        overwrite: remove the run that is in `out`.

    Raises:
        RunError: a folder is no run, belongs to another run or is not finished, or chunks are missing.
        StorageError: the disk refused.
    """
    if out.resolve() in [folder.resolve() for folder in folders]:
        raise RunError(
            "the result cannot be written into one of the shards", where=str(out), hint="Use another --out."
        )
    manifests = [_manifest(folder) for folder in folders]
    first = manifests[0]
    for folder, manifest in zip(folders, manifests, strict=True):
        expect_format(manifest, folder)
        expect_same_run(manifest, first, where=folder, hint=f"Merge only shards of the run in {folders[0]}.")
    _expect_same_limit(folders, manifests)
    finished = [_finished(folder, manifest) for folder, manifest in zip(folders, manifests, strict=True)]
    num_chunks = _num_chunks(folders, finished)
    name = result_name(first, folder=folders[0])
    suffix = Path(name).suffix
    stores = {f: ChunkStore(f, suffix=suffix, fingerprint=first.fingerprint) for f in folders}
    owners = _owners(stores)
    for folder, manifest, facts in zip(folders, manifests, finished, strict=True):
        _expect_whole(folder, stores[folder], manifest, num_records=int(facts["totals"]["num_records"]))
    _expect_complete(set(owners), num_chunks, first)
    reports = [owners[chunk_index][1] for chunk_index in range(num_chunks)]

    circumstances = {
        **first.circumstances,
        **of_all(manifests),
        "shard": str(Shard()),
        "merged_from": [str(f) for f in folders],
    }
    results = results_of(first, folder=folders[0])
    merged = replace(first, circumstances=circumstances)
    with open_run(out, merged, overwrite=overwrite) as store:
        for chunk_index, report in enumerate(reports):
            store.save(report, owners[chunk_index][0].rows_path(chunk_index).read_bytes())
        _expect_nothing_beyond(store, num_chunks, out)
        totals = assemble(out / name, store, reports, results=results, num_chunks=num_chunks)
        finished_by(out, merged)
        return totals


def _manifest(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    if manifest is None:
        raise RunError(f"no {MANIFEST_NAME} there", where=str(folder), expected="the folder of a cpmi run")
    return manifest


def _expect_same_limit(folders: Sequence[Path], manifests: Sequence[Manifest]) -> None:
    """With other limits, the shards read inputs of different length."""
    first = manifests[0].limit
    for folder, manifest in zip(folders, manifests, strict=True):
        if manifest.limit != first:
            raise RunError(
                "the shards were made with different limits",
                where=str(folder),
                got=_limit(manifest.limit),
                expected=f"{_limit(first)}, as in {folders[0]}",
                hint="Run the shards with the smaller limit again, with the greater one: they grow.",
            )


def _limit(limit: int | None) -> str:
    return "no limit" if limit is None else f"limit {limit}"


def _finished(folder: Path, manifest: Manifest) -> Mapping[str, Any]:
    """The content of a shard's `usage.json`, which is written last."""
    try:
        expect_intact(folder / USAGE_NAME)
        facts: Mapping[str, Any] = json.loads((folder / USAGE_NAME).read_text("utf-8"))
    except FileNotFoundError as error:
        raise _unfinished(folder, manifest) from error
    return facts


def _expect_whole(folder: Path, store: ChunkStore, manifest: Manifest, *, num_records: int) -> None:
    """Refuse a shard that is growing: it has chunks that its results do not have yet, or the reverse."""
    reports = [report for index in store.finished_indices() if (report := store.finished(index)) is not None]
    if sum(report.num_records for report in reports) != num_records:
        raise _unfinished(folder, manifest)


def _expect_nothing_beyond(store: ChunkStore, num_chunks: int, out: Path) -> None:
    if beyond := [index for index in store.finished_indices() if index >= num_chunks]:
        raise RunError(
            "the result holds more of the run than the shards",
            where=str(out),
            got=f"chunk {beyond[-1]}",
            expected=f"{num_chunks} chunks at most",
            hint="Use another --out, or --overwrite.",
        )


def _unfinished(folder: Path, manifest: Manifest) -> RunError:
    return RunError(
        f"shard {manifest.shard} is not finished",
        where=str(folder),
        hint=f"Run its cpmi {manifest.stage} command again to finish it.",
    )


def _num_chunks(folders: Sequence[Path], finished: Sequence[Mapping[str, Any]]) -> int:
    """Chunks of the whole input, as every finished shard knows them."""
    counts = [int(facts["num_chunks_of_input"]) for facts in finished]
    if len(set(counts)) > 1:
        raise RunError(
            "the shards read inputs of different length",
            where=", ".join(map(str, folders)),
            got=f"{', '.join(map(str, counts))} chunks",
        )
    return counts[0]


def _owners(stores: Mapping[Path, ChunkStore]) -> Mapping[int, tuple[ChunkStore, ChunkReport]]:
    """The store and the report of every finished chunk, from the stores of all folders."""
    owners: dict[int, tuple[ChunkStore, ChunkReport]] = {}
    folders: dict[int, Path] = {}
    for folder, store in stores.items():
        for chunk_index in store.finished_indices():
            report = store.finished(chunk_index)
            if report is None:
                continue
            there = folders.setdefault(chunk_index, folder)
            _, other = owners.setdefault(chunk_index, (store, report))
            if other.rows_sha256 != report.rows_sha256:
                raise RunError(
                    f"chunk {chunk_index} is in two folders with different rows",
                    where=f"{there}, {folder}",
                    hint="Give every shard once.",
                )
    return owners


def _expect_complete(present: set[int], num_chunks: int, manifest: Manifest) -> None:
    missing = sorted(set(range(num_chunks)) - present)
    if not missing:
        return
    num_shards = Shard.parse(manifest.shard).count
    shards = sorted({chunk_index % num_shards for chunk_index in missing})
    listed = ", ".join(map(str, missing[:20])) + (", ..." if len(missing) > 20 else "")
    raise RunError(
        f"{len(missing)} of {num_chunks} chunks are missing",
        where="merge",
        got=f"no chunk {listed}",
        hint=f"They belong to the shards {', '.join(f'{i}/{num_shards}' for i in shards)}: "
        "give their folders too, or run them again.",
    )
