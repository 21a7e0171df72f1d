"""Licenses travel from the card of the input to those of an export and a reward model; the Hub reads both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.runs.ancestors import recorded_ancestors
from tests.end_to_end.prm_chains import write_chains

hub = pytest.importorskip("huggingface_hub")
pytest.importorskip("torch")


def cpmi(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cards")
    (folder / "data").mkdir()
    write_chains(folder / "data/chains.jsonl", 24)
    (folder / "data/README.md").write_text("---\nlicense: cc-by-4.0\n---\n")
    cpmi("label", folder / "data/chains.jsonl", "--model", "embedded", "--method", "evidence", "--out",
         folder / "labels")  # fmt: skip
    return folder / "labels"


def test_an_export(labels: Path, tmp_path: Path) -> None:
    cpmi("calibrate", labels, "--out", tmp_path / "targets")
    for source in (labels, tmp_path / "targets"):
        out = tmp_path / f"export-{source.name}"
        cpmi("export", source, "--out", out)
        card = hub.DatasetCard.load(out / "README.md")
        assert card.data.license == ["cc-by-4.0", "apache-2.0"]
        assert card.data.language == ["en"]
        assert card.data.size_categories == ["n<1K"]
        assert hub.DatasetCardData(**card.data.to_dict()).to_dict() == hub.metadata_load(out / "README.md")
        assert "| data set | chains.jsonl | cc-by-4.0 | its README.md |" in card.text
        assert str(tmp_path) not in card.content
        assert (
            json.loads((out / "export.json").read_text())["facts"]["ancestors"][0]["license"] == "cc-by-4.0"
        )
    cpmi("export", labels, "--out", tmp_path / "stated", "--license", "mit")
    assert hub.DatasetCard.load(tmp_path / "stated/README.md").data.license == ["mit", "apache-2.0"]


def test_a_reward_model(labels: Path, tmp_path: Path) -> None:
    cpmi(
        "train",
        labels,
        "--base",
        "embedded",
        "--epochs",
        "1",
        "--val-share",
        "0.5",
        "--out",
        tmp_path / "prm",
    )
    card = hub.ModelCard.load(tmp_path / "prm/README.md")
    assert card.data.license == "other"
    assert card.data.get("license_name") == "cc-by-4.0-and-apache-2.0"
    assert card.data.pipeline_tag == "token-classification"
    assert card.data.metrics == ["f1"]
    assert hub.ModelCardData(**card.data.to_dict()).to_dict() == hub.metadata_load(tmp_path / "prm/README.md")
    assert "| base model | embedded | apache-2.0 | ships with cpmi |" in card.text
    for row in ("this model, below 0.5", "never an error"):
        assert f"| {row} | " in card.text
    quality = json.loads((tmp_path / "prm/prm.json").read_text())["measured"]["quality"]["rows"]
    assert quality[0]["f1"].keys() >= {"value", "low", "high"}


def test_a_license_that_is_none(labels: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["export", str(labels), "--out", str(tmp_path / "x"), "--license", "my own"]
    )
    assert done.exit_code == 2
    assert "identifier of a license" in done.output
    assert not (tmp_path / "x").exists()


def test_a_license_stated_later_and_through_sampling(tmp_path: Path) -> None:
    cpmi("world", "problems", "--num", "2", "--out", tmp_path / "problems.jsonl")
    (tmp_path / "README.md").write_text("---\nlicense: cc0-1.0\n---\n")
    cpmi("sample", tmp_path / "problems.jsonl", "--model", "embedded", "--out", tmp_path / "sampled")
    words = (
        "label",
        tmp_path / "sampled",
        "--model",
        "embedded",
        "--method",
        "judge",
        "--out",
        tmp_path / "run",
    )
    cpmi(*words)
    found = recorded_ancestors(tmp_path / "run")
    assert [(one.kind, one.license) for one in found] == [
        ("data set", "cc0-1.0"), ("sampling model", "apache-2.0"), ("labeling model", "apache-2.0")
    ]  # fmt: skip
    before = (tmp_path / "run/labels.parquet").read_bytes()
    cpmi(*words, "--license", "mit")
    assert recorded_ancestors(tmp_path / "run")[0].license == "mit"
    assert (tmp_path / "run/labels.parquet").read_bytes() == before
