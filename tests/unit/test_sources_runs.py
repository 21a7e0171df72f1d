"""Runs over pipes, patterns and compressed files: the input is counted, hashed and read several times."""

import gzip
import hashlib
import io
import json
import os
import sys
import threading
from pathlib import Path

import pytest

import cpmi
from cpmi.data.sources.pipes import kept
from cpmi.engines.fake import FakeEngine
from cpmi.errors import ConfigError, RunError
from cpmi.runs.manifest import read_manifest
from cpmi.runs.stages import Progress
from cpmi.runs.table import TABLE_NAME, read_labels

CHAINS = "".join(
    json.dumps({"id": f"c{n}", "question": f"What is {n} + 2?", "steps": [f"{n} + 2 = {n + 2}.", "Done."]})
    + "\n"
    for n in range(3)
).encode()
GOLDS = "".join(
    json.dumps({"question": f"What is {n} + 2?", "gold": str(n + 2)}) + "\n" for n in range(3)
).encode()


def label(
    source: str | Path, gold: str | Path, out: Path, told: list[Progress] | None = None, **options: bool
) -> bytes:
    cpmi.label(
        source,
        model=FakeEngine(),
        method="net_gain",
        gold=gold,
        out=out,
        progress=None if told is None else told.append,
        **options,
    )
    return (out / TABLE_NAME).read_bytes()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "chains.jsonl").write_bytes(CHAINS)
    (tmp_path / "golds.jsonl").write_bytes(GOLDS)
    return tmp_path


def test_pipes_give_what_files_give(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    label(files / "chains.jsonl", files / "golds.jsonl", files / "from_files")
    os.mkfifo(files / "pipe")
    writer = threading.Thread(target=lambda: (files / "pipe").write_bytes(gzip.compress(GOLDS)))
    writer.start()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CHAINS)))
    told: list[Progress] = []
    label("-", files / "pipe", files / "from_pipes", told)
    writer.join()
    found, expected = (list(read_labels(files / name)) for name in ("from_pipes", "from_files"))
    assert [row.labels for row in found] == [row.labels for row in expected]
    assert found[1].chain.source == "- (standard input):2"
    assert told[-1].total == 3
    manifest = read_manifest(files / "from_pipes")
    assert manifest is not None
    assert manifest.determines["input_sha256"] == hashlib.sha256(CHAINS).hexdigest()
    assert manifest.determines["gold_sha256"] is not None
    assert manifest.circumstances["input"] == "-"
    assert kept("-") is kept(files / "pipe") is None
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CHAINS[: CHAINS.rindex(b"\n", 0, -1) + 1])))
    with pytest.raises(RunError, match="made with other settings"):  # other bytes are another input
        label("-", files / "golds.jsonl", files / "from_pipes")


def test_a_pattern_is_counted_and_hashed(files: Path) -> None:
    (files / "more").mkdir()
    for name in ("2", "10"):
        (files / "more" / f"{name}.jsonl").write_bytes(CHAINS.replace(b'"c', f'"{name}-'.encode()))
    told: list[Progress] = []
    label(f"{files}/more/*.jsonl", files / "golds.jsonl", files / "out", told)
    assert [row.chain.id for row in read_labels(files / "out")] == [
        "2-0",
        "2-1",
        "2-2",
        "10-0",
        "10-1",
        "10-2",
    ]
    assert told[-1].total == 6
    manifest = read_manifest(files / "out")
    assert manifest is not None
    assert manifest.circumstances["input_bytes"] == 2 * len(CHAINS) + 3 * 1 + 3 * 2
    assert manifest.determines["input_sha256"] is not None


def test_overwriting_spares_what_a_pattern_matches(files: Path) -> None:
    (files / "chains.jsonl").write_bytes(CHAINS)
    for source in (files / "chains.jsonl", f"{files}/ch*.jsonl"):
        with pytest.raises(ConfigError, match="--overwrite would remove the input"):
            label(source, files / "golds.jsonl", files, overwrite=True)
    assert (files / "chains.jsonl").read_bytes() == CHAINS
