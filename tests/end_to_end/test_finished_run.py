"""A finished run is known again without its model, and nothing else is taken for it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import cpmi
from cpmi.engines import local_files
from cpmi.engines.fake import FakeEngine
from cpmi.errors import CpmiError, RunError
from cpmi.runs.lock import LOCK_NAME, locked
from cpmi.runs.manifest import read_manifest, write_manifest


class Loader(ModuleType):
    """Stands in for cpmi.engines.transformers; its model is what the folder says."""

    def __init__(self) -> None:
        super().__init__("cpmi.engines.transformers")
        self.num_loaded = 0
        self.threads = 4

    def load_engine(self, model: str, **options: Any) -> FakeEngine:
        self.num_loaded += 1
        weights = (Path(model) / "model.safetensors").read_text()
        facts = {"model_digest": weights, "dtype": options["dtype"], "threads": options["threads"] or 4}
        engine = FakeEngine(name=model)
        engine.describe = lambda: {"engine": "fake", "device": "cpu", **facts}  # type: ignore[method-assign]
        return engine


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> Loader:
    stub = Loader()
    monkeypatch.setitem(sys.modules, "cpmi.engines.transformers", stub)
    return stub


class Place:
    """A model, an input and a finished run."""

    def __init__(self, folder: Path) -> None:
        self.model, self.chains, self.out = folder / "model", folder / "chains.jsonl", folder / "out"
        self.model.mkdir()
        (self.model / "model.safetensors").write_text("weights")
        (self.model / "tokenizer.json").write_text("{}")
        self.write()

    def write(self, question: str = "What is {} + 2?") -> None:
        records = [
            {"id": f"c{i}", "question": question.format(i), "steps": ["Add.", f"It is {i + 2}."], "gold": "3"}
            for i in range(10)
        ]
        self.chains.write_text("".join(json.dumps(record) + "\n" for record in records))

    def label(self, **options: Any) -> cpmi.Run:
        given = {"method": "judge", "model": str(self.model), "out": self.out}
        return cpmi.label(self.chains, **(given | options))


@pytest.fixture
def place(loader: Loader, tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.label()
    assert loader.num_loaded == 1
    return made


def test_the_same_command_loads_no_model(loader: Loader, place: Place) -> None:
    table = (place.out / "labels.parquet").read_bytes()
    again = place.label()
    assert loader.num_loaded == 1
    assert again.from_before
    assert again.totals.num_chains == 10
    assert again.totals.usage.calls == 10
    assert len(list(again)) == 10
    assert (place.out / "labels.parquet").read_bytes() == table


def test_what_changes_no_result_loads_no_model(loader: Loader, place: Place) -> None:
    assert place.label(threads=2).from_before
    assert place.label(price_per_hour=2.0).from_before
    moved = place.out.rename(place.out.with_name("moved"))
    assert place.label(out=moved).from_before
    assert loader.num_loaded == 1


@pytest.mark.parametrize(
    "options",
    [{"variants": 2}, {"seed": 1}, {"prompt": "chat"}, {"dtype": "float32"}, {"chunk_size": 4}],
    ids=str,
)
def test_other_options_are_not_the_same_run(loader: Loader, place: Place, options: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="made with other settings"):
        place.label(**options)
    assert loader.num_loaded == 2


def test_another_method_is_not_the_same_run(loader: Loader, place: Place) -> None:
    with pytest.raises(RunError, match="method is"):
        place.label(method="net_gain")
    assert loader.num_loaded == 2


def test_a_greater_limit_is_not_the_same_run(loader: Loader, place: Place) -> None:
    place.label(out=place.out.with_name("few"), limit=4)
    assert place.label(out=place.out.with_name("few"), limit=4).from_before
    grown = place.label(out=place.out.with_name("few"), limit=6)
    assert (grown.from_before, grown.totals.num_chains) == (False, 6)
    assert place.label(out=place.out.with_name("few"), limit=6).from_before
    assert loader.num_loaded == 3


def test_changed_weights_are_another_model_even_with_size_and_time_set_back(
    loader: Loader, place: Place
) -> None:
    weights = place.model / "model.safetensors"
    before = os.stat(weights)
    weights.write_text("heights")
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(RunError, match="model_digest"):
        place.label()
    assert loader.num_loaded == 2


def test_large_files_are_known_by_size_and_times(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(bytes(local_files._SMALL))
    stamps = local_files.stamps_of(str(tmp_path))
    assert local_files.stamps_of(str(tmp_path)) == stamps
    before = os.stat(file)
    file.write_bytes(b"\1" + bytes(local_files._SMALL - 1))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert local_files.stamps_of(str(tmp_path)) != stamps


def test_a_new_file_of_the_tokenizer_is_another_model(loader: Loader, place: Place) -> None:
    (place.model / "chat_template.jinja").write_text("{{ messages }}")
    assert not place.label().from_before  # the model was asked whether it is the same, and it is
    assert loader.num_loaded == 2
    assert place.label().from_before


def test_a_hub_id_is_not_known_without_the_hub() -> None:
    assert local_files.stamps_of("owner/name") is None


def test_a_changed_input_is_not_the_same_run(loader: Loader, place: Place) -> None:
    place.write("What is {} plus 2?")
    with pytest.raises(RunError, match="input_sha256"):
        place.label()
    assert loader.num_loaded == 2


def test_a_renamed_input_is_not_the_same_run(loader: Loader, place: Place) -> None:
    place.chains = place.chains.rename(place.chains.with_name("others.jsonl"))
    assert not place.label().from_before  # ids may be made from the name
    assert loader.num_loaded == 2


def _flip(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


@pytest.mark.parametrize("harm", [_flip, Path.unlink], ids=["changed", "removed"])
def test_a_damaged_table_is_not_paid_for_again_without_a_word(
    place: Place, harm: Callable[[Path], None]
) -> None:
    table = (place.out / "labels.parquet").read_bytes()
    harm(place.out / "labels.parquet")
    with pytest.raises(CpmiError, match="--overwrite"):
        place.label()
    place.label(overwrite=True)
    assert (place.out / "labels.parquet").read_bytes() == table


@pytest.mark.parametrize("name", ["usage.json", "rejects.jsonl"])
@pytest.mark.parametrize("harm", [_flip, Path.unlink], ids=["changed", "removed"])
def test_damaged_results_are_made_again(
    loader: Loader, place: Place, name: str, harm: Callable[[Path], None]
) -> None:
    table = (place.out / "labels.parquet").read_bytes()
    (place.out / "rejects.jsonl").write_text(" ") if name == "rejects.jsonl" else None
    harm(place.out / name)
    assert not place.label().from_before
    assert loader.num_loaded == 2
    assert (place.out / "labels.parquet").read_bytes() == table
    assert place.label().from_before


def test_a_changed_manifest_is_not_believed(place: Place) -> None:
    path = place.out / "manifest.json"
    path.write_text(path.read_text().replace('"method": "judge"', '"method": "pav"'))
    with pytest.raises(CpmiError, match="has changed since"):
        place.label()


def test_a_lock_that_could_not_be_removed_goes(place: Place) -> None:
    (place.out / LOCK_NAME).touch()
    assert place.label().from_before
    assert not (place.out / LOCK_NAME).exists()
    with locked(place.out):
        assert place.label().from_before
        assert (place.out / LOCK_NAME).exists()


def test_an_unfinished_run_is_not_finished(loader: Loader, place: Place) -> None:
    manifest = read_manifest(place.out)
    assert manifest is not None
    (place.out / "usage.json").unlink()
    write_manifest(place.out, type(manifest)(**{**_fields(manifest), "digests": {}}))
    assert not place.label().from_before
    assert loader.num_loaded == 2


def _fields(manifest: Any) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in ("determines", "circumstances", "files", "format")}


def test_overwriting_and_verifying_load_the_model(loader: Loader, place: Place) -> None:
    assert not place.label(verify=True).from_before
    assert not place.label(overwrite=True).from_before
    assert loader.num_loaded == 3


def test_an_engine_that_is_ready_decides_itself(place: Place, loader: Loader) -> None:
    engine = loader.load_engine(str(place.model), dtype="auto", threads=None)
    assert not place.label(model=engine).from_before
    assert not place.label().from_before  # the folder no longer says which files the model was read from
    assert place.label().from_before


def test_a_merged_run_is_asked_once(loader: Loader, place: Place) -> None:
    from cpmi.runs.merge import merge_runs

    parts = [place.out.with_name(f"part{index}") for index in range(2)]
    for index, part in enumerate(parts):
        place.label(out=part, shard=f"{index}/2")
    merge_runs(parts, place.out.with_name("merged"))
    table = (place.out / "labels.parquet").read_bytes()
    loaded = loader.num_loaded
    assert not place.label(out=place.out.with_name("merged")).from_before
    assert place.label(out=place.out.with_name("merged")).from_before
    assert loader.num_loaded == loaded + 1
    assert (place.out.with_name("merged") / "labels.parquet").read_bytes() == table


def test_another_number_of_threads_resumes_and_is_noted(place: Place) -> None:
    place.label(limit=3, overwrite=True)
    place.label(threads=2)
    manifest = read_manifest(place.out)
    assert manifest is not None
    assert manifest.circumstances["threads"] == [4, 2]
    assert "threads" not in manifest.determines["model"]
    from cpmi.cli.summary import summarize

    said = summarize(place.label().totals, place.out)
    assert " ".join(said.split()).count("computed on cpu, auto, 4 then 2 threads") == 1
    assert "several numbers of threads" in said


def test_threads_of_a_session_without_work_are_not_noted(place: Place) -> None:
    (place.out / "usage.json").unlink()
    place.label(threads=2)
    manifest = read_manifest(place.out)
    assert manifest is not None
    assert manifest.circumstances["threads"] == [4]


def test_samples_are_known_again(loader: Loader, place: Place) -> None:
    out = place.out.with_name("sampled")
    options = {"model": str(place.model), "out": out, "num_samples": 2}
    first = cpmi.sample(place.chains, **options)
    again = cpmi.sample(place.chains, **options)
    assert (first.from_before, again.from_before) == (False, True)
    assert again.totals == first.totals
    with pytest.raises(RunError, match="num_samples"):
        cpmi.sample(place.chains, **(options | {"num_samples": 3}))
    assert loader.num_loaded == 3


def test_records_in_memory_are_known_again(loader: Loader, place: Place) -> None:
    records = [json.loads(line) for line in place.chains.read_text().splitlines()]
    options: dict[str, Any] = {"model": str(place.model), "method": "judge", "out": place.out.with_name("m")}
    cpmi.label(records, **options)
    assert cpmi.label(records, **options).from_before
    with pytest.raises(RunError, match="input_sha256"):
        cpmi.label(records[:-1], **options)
    assert loader.num_loaded == 3


def test_copied_folders_are_known_again(place: Place) -> None:
    copied = place.out.with_name("copy")
    shutil.copytree(place.out, copied)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert place.label(out=copied).from_before
