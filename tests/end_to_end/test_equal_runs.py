"""Two runs of one command give the same labels, and weights that differ in one value are another run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("transformers")

import torch

import cpmi
from cpmi.errors import ModelError, RunError
from cpmi.methods import METHODS
from cpmi.runs.table import TABLE_NAME
from tests import tiny_model

CHAIN = (
    '{"id": "a", "question": "What is 3 + 4?", "steps": ["3 + 4 = 7.", "So it is 7."], '
    '"gold": "7", "answer": "7"}\n'
)
SMALL = {"rollouts": 2, "max_tokens": 6, "budget": "2000"}


@pytest.fixture
def chains(tmp_path: Path) -> Path:
    file = tmp_path / "chains.jsonl"
    file.write_text(CHAIN)
    return file


def label(chains: Path, out: Path, method: str, folder: Path) -> bytes:
    kind = METHODS[method]
    options = {name: value for name, value in SMALL.items() if name in kind.Options.model_fields}
    if "prover" in kind.Options.model_fields:
        options["prover"] = str(folder)
    cpmi.label(chains, model=str(folder), method=method, out=out, **options)
    return (out / TABLE_NAME).read_bytes()


@pytest.mark.parametrize("method", METHODS)
def test_two_runs_are_equal(method: str, chains: Path, tmp_path: Path) -> None:
    folder = tiny_model.save(tmp_path / "model")
    first = label(chains, tmp_path / "first", method, folder)
    assert label(chains, tmp_path / "second", method, folder) == first


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_run_is_not_resumed_with_other_weights(on_disk: bool, chains: Path, tmp_path: Path) -> None:
    from cpmi.engines.transformers import TransformersEngine

    models = [tiny_model.model(), tiny_model.model()]
    with torch.no_grad():  # a value that no sample of every 64th would see
        models[1].model.layers[1].mlp.up_proj.weight[3, 5] += 1e-3
    engines: list[object] = []
    for index, model in enumerate(models):
        if on_disk:
            model.save_pretrained(tmp_path / str(index))
            tiny_model.tokenizer().save_pretrained(tmp_path / str(index))
            engines.append(str(tmp_path / str(index)))
        else:
            engines.append(TransformersEngine(model, tiny_model.tokenizer(), name="tiny"))
    options = {"method": "judge", "out": tmp_path / "run"}
    cpmi.label(chains, model=engines[0], **options)
    cpmi.label(chains, model=engines[0], **options)
    with pytest.raises(RunError, match="model_digest"):
        cpmi.label(chains, model=engines[1], **options)


@pytest.mark.parametrize("path", ["tree", "plain"])
@pytest.mark.parametrize("method", ["evidence", "monte_carlo"])
def test_not_a_number_is_an_error(path: str, method: str, chains: Path, tmp_path: Path) -> None:
    from cpmi.engines.transformers import TransformersEngine
    from cpmi.engines.transformers.routes import route_by_config

    model = tiny_model.model()
    with torch.no_grad():
        model.model.norm.weight[0] = float("nan")
    with pytest.raises(ModelError, match="not numbers"):
        TransformersEngine(model, tiny_model.tokenizer(), name="tiny", path=path)
    untested = route_by_config(model, path, name="tiny")
    engine = TransformersEngine(model, tiny_model.tokenizer(), name="tiny", path=untested)
    options = {"max_tokens": 6} if method == "monte_carlo" else {}
    with pytest.raises(ModelError, match="not numbers"):
        cpmi.label(chains, model=engine, method=method, out=tmp_path / "run", **options)


def test_unused_tensors_and_options_of_loading_are_in_the_manifest(chains: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file
    from typer.testing import CliRunner

    from cpmi.cli.app import app

    weights = tiny_model.save(tmp_path / "model") / "model.safetensors"
    save_file(
        load_file(weights) | {"model.layers.7.input_layernorm.weight": torch.ones(1)},
        weights,
        {"format": "pt"},
    )
    command = ["label", str(chains), "--model", str(weights.parent), "--method", "judge"]
    command += ["--out", str(tmp_path / "run")]
    refused = CliRunner().invoke(app, command)
    assert refused.exit_code == 1
    assert "model.layers.7.input_layernorm.weight" in refused.output
    done = CliRunner().invoke(app, [*command, "--ignore-keys", r"layers\.7\.", "--verify"])
    assert done.exit_code == 0
    assert "notice" in done.output
    facts = json.loads((tmp_path / "run" / "manifest.json").read_text())["determines"]["model"]
    assert facts["unused_weights"] == ["model.layers.*.input_layernorm.weight"]
    assert facts["ignore_keys"] == r"layers\.7\."
