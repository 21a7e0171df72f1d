"""Merge the folders of a run's shards into the folder that one plain run would have made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cpmi.digests import expect_intact
from cpmi.errors import RunError
from cpmi.json_files import parse_json
from cpmi.places import expect_kind, real, wrong_kind
from cpmi.runs.assemble import assemble
from cpmi.runs.chunk_store import ChunkStore, open_run
from cpmi.runs.chunks import ChunkReport, Shard
from cpmi.runs.manifest import Manifest, expect_format, expect_same_run, read_manifest
from cpmi.runs.results import USAGE_NAME, Results, result_name, results_of
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
    if real(out) in map(real, folders):
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
    results = results_of(first, folder=folders[0])
    stores = [_shard(folder, manifest, results) for folder, manifest in zip(folders, manifests, strict=True)]
    owners = _owners(folders, stores)
    _expect_complete(set(owners), num_chunks, first)

    circumstances = {
        **first.circumstances,
        **of_all(manifests),
        "shard": str(Shard()),
        "merged_from": [str(f) for f in folders],
    }
    merged = replace(first, circumstances=circumstances)
    with open_run(out, merged, results, overwrite=overwrite) as store:
        _expect_nothing_beyond(store, num_chunks, out)
        store.take_up()
        for report, rows in _in_order(stores, owners):
            store.save(report, rows)
        totals = assemble(store, range(num_chunks), num_chunks=num_chunks)
        finished_by(out, merged)
        return totals


def _in_order(stores: Sequence[ChunkStore], owners: Mapping[int, int]) -> Iterator[tuple[ChunkReport, bytes]]:
    """The chunks of all shards; each shard is read once, from its beginning to its end."""
    owned = [_owned(store, index, owners) for index, store in enumerate(stores)]
    for chunk_index in sorted(owners):
        yield next(owned[owners[chunk_index]])


def _owned(store: ChunkStore, index: int, owners: Mapping[int, int]) -> Iterator[tuple[ChunkReport, bytes]]:
    return (chunk for chunk in store.chunks() if owners[chunk[0].chunk_index] == index)


def _manifest(folder: Path) -> Manifest:
    expect_kind(folder, "run")
    manifest = read_manifest(folder)
    if manifest is None:  # removed meanwhile
        raise wrong_kind(folder, "run")
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
        facts: Mapping[str, Any] = parse_json((folder / USAGE_NAME).read_bytes())
    except FileNotFoundError as error:
        raise _unfinished(folder, manifest) from error
    return facts


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


def _shard(folder: Path, manifest: Manifest, results: Results) -> ChunkStore:
    """The chunks of a shard, which has to be finished."""
    name = result_name(manifest, folder=folder)
    store = ChunkStore(folder, result=name, results=results, fingerprint=manifest.fingerprint)
    if not store.is_finished:
        raise _unfinished(folder, manifest)
    return store


def _owners(folders: Sequence[Path], stores: Sequence[ChunkStore]) -> Mapping[int, int]:
    """By the index of every chunk, which of the stores gives it."""
    owners: dict[int, int] = {}
    for index, store in enumerate(stores):
        for chunk_index in store.finished_indices():
            other = owners.setdefault(chunk_index, index)
            if stores[other].report(chunk_index).rows_sha256 != store.report(chunk_index).rows_sha256:
                raise RunError(
                    f"chunk {chunk_index} is in two folders with different rows",
                    where=f"{folders[other]}, {folders[index]}",
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
