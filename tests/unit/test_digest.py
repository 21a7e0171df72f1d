"""The digest of a model covers every byte, and its cache never decides what it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

pytest.importorskip("transformers")

import torch

from cpmi.engines.transformers import digest, user_cache
from cpmi.engines.transformers.digest import digest_of_files, digest_of_state
from cpmi.errors import ModelNotFoundError
from tests import tiny_model


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(digest, "SMALL", 0)
    return tmp_path / "cache" / "cpmi" / "digests.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_model.save(tmp_path / "model")


def flip(file: Path, at: int) -> None:
    """Change one byte and set the time of the file back."""
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_any_byte_of_the_weights_counts(folder: Path) -> None:
    weights = folder / "model.safetensors"
    size = weights.stat().st_size
    seen = {digest_of_files(folder)}
    for at in range(8, size, size // 50):
        flip(weights, at)
        seen.add(digest_of_files(folder))
    assert len(seen) == 1 + len(range(8, size, size // 50))


def test_the_config_counts_and_the_name_does_not(folder: Path) -> None:
    before = digest_of_files(folder)
    moved = folder.rename(folder.with_name("moved"))
    assert digest_of_files(moved) == before
    config = json.loads((moved / "config.json").read_text())
    (moved / "config.json").write_text(json.dumps({**config, "rms_norm_eps": 1e-3}))
    assert digest_of_files(moved) != before


def test_verify_reads_what_the_cache_claims(folder: Path, cache: Path) -> None:
    right = digest_of_files(folder)
    table = json.loads(cache.read_text())
    cache.write_text(json.dumps({name: [*entry[:-1], "0" * 64] for name, entry in table.items()}))
    assert digest_of_files(folder) != right  # so the cache was used
    assert digest_of_files(folder, verify=True) == right
    assert digest_of_files(folder) == right  # and was corrected


@pytest.mark.parametrize("broken", ["", "[1]", '{"a": 1', '{"x": 3}'])
def test_a_broken_cache_counts_as_empty(broken: str, folder: Path, cache: Path) -> None:
    right = digest_of_files(folder)
    cache.write_text(broken)
    assert digest_of_files(folder) == right


def test_a_cache_that_cannot_be_written_costs_only_time(folder: Path, cache: Path) -> None:
    cache.parent.parent.mkdir()
    cache.parent.write_text("a file, where the folder would be")
    assert digest_of_files(folder) == digest_of_files(folder, verify=True)


def test_the_cache_keeps_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_cache, "MAX_ENTRIES", 2)
    for name in "abca":
        user_cache.add_to_table("letters", {name: 1})
    assert list(user_cache.read_table("letters")) == ["c", "a"]


def test_shards_are_covered(tmp_path: Path) -> None:
    tiny_model.model().save_pretrained(tmp_path, max_shard_size="50KB")
    shards = sorted(tmp_path.glob("model-*.safetensors"))
    assert len(shards) > 2
    before = digest_of_files(tmp_path)
    flip(shards[-1], shards[-1].stat().st_size - 1)
    assert digest_of_files(tmp_path) != before
    shards[-1].unlink()
    with pytest.raises(ModelNotFoundError, match=shards[-1].name):
        digest_of_files(tmp_path)


def test_any_value_in_memory_counts() -> None:
    model = tiny_model.model()
    before = digest_of_state(model)
    with torch.no_grad():  # a value that no sample of every 64th would see
        model.model.layers[1].mlp.up_proj.weight[3, 5] += 1e-3
    assert digest_of_state(model) != before == digest_of_state(tiny_model.model())
