"""Folders of models with broken files, and what is said of them; options that no model has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers")

import torch
from safetensors.torch import load_file
from transformers import LlamaConfig, LlamaForTokenClassification

import tests.tiny_model as tiny
from cpmi.engines.transformers import load_engine
from cpmi.engines.transformers.checkpoint import ForeignCodeWarning
from cpmi.errors import CheckpointError, ConfigError, ModelError, ModelNotFoundError
from cpmi.prm.model import build_model, load_model

Edit = Callable[[Path], object]
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
INDEX = "model.safetensors.index.json"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def written(name: str, content: str) -> Edit:
    return lambda folder: (folder / name).write_text(content)


def config(**facts: Any) -> Edit:
    def edit(folder: Path) -> None:
        found = {**json.loads((folder / "config.json").read_text()), **facts}
        kept = {name: value for name, value in found.items() if value != "absent"}
        (folder / "config.json").write_text(json.dumps(kept))

    return edit


def cut(share: float) -> Edit:
    def edit(folder: Path) -> None:
        content = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(content[: int(len(content) * share)])

    return edit


def longer(folder: Path) -> None:
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b"more")


def pickled(name: str) -> Edit:
    def edit(folder: Path) -> None:
        torch.save(load_file(folder / "model.safetensors"), folder / name)
        (folder / "model.safetensors").unlink()

    return edit


def sharded(edit: Edit) -> Edit:
    def both(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        tiny.model().save_pretrained(folder, max_shard_size="50KB")
        edit(folder)

    return both


def second(folder: Path) -> Path:
    return sorted(folder.glob("model-*.safetensors"))[1]


BROKEN: dict[str, tuple[Edit, str]] = {
    "pickle": (pickled("pytorch_model.bin"), r"pickle.*got pytorch_model\.bin.*save_pretrained"),
    "pickle of torch": (pickled("model.pt"), r"pickle.*model\.pt"),
    "a part of a pickle": (pickled("pytorch_model-00001-of-00002.bin"), "pickle"),
    "named pickle": (lambda f: (pickled("w.bin")(f), config(transformers_weights="w.bin")(f)), "pickle"),
    "named and absent": (config(transformers_weights="w.safetensors"), "no weights"),
    "cut off": (cut(0.5), r"model\.safetensors is cut off .*got 71,144 bytes; expected 142,288"),
    "cut off in the header": (cut(0.005), "beginning is damaged"),
    "longer": (longer, "longer than its tensors"),
    "no bytes": (cut(0), r"model\.safetensors is empty"),
    "pointer": (written("model.safetensors", POINTER), "pointer of Git LFS.*git lfs pull"),
    "pointer of a tokenizer": (
        written("tokenizer.json", POINTER),
        r"tokenizer\.json is a pointer of Git LFS",
    ),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "holds no weights"),
    "absent shard": (sharded(lambda f: second(f).unlink()), r"absent .*got no model-00002-of"),
    "pointer of a shard": (sharded(lambda f: second(f).write_text(POINTER)), r"00002-of.*Git LFS"),
    "index of nothing": (sharded(written(INDEX, "{}")), "no index of weights"),
    "index of a list": (sharded(written(INDEX, "[]")), "not a JSON object"),
    "index of numbers": (sharded(written(INDEX, '{"weight_map": {"a": 5}}')), "no index of weights"),
    "index outside": (sharded(written(INDEX, '{"weight_map": {"a": "../b"}}')), "no index of weights"),
    "config of a list": (written("config.json", "[1]"), r"config\.json is not a JSON object .*a list"),
    "config of nothing": (written("config.json", "null"), "a NoneType"),
    "config cut": (written("config.json", '{"model_type'), "not a JSON object"),
    "config nested": (written("config.json", "[" * 10**5), "nests too deep"),
    "config empty": (written("config.json", ""), r"config\.json is empty"),
    "no model_type": (config(model_type="absent"), "names no architecture .*no model_type"),
    "model_type of a number": (config(model_type=5), "names no architecture"),
    "unknown model_type": (config(model_type="llamaa"), "llamaa"),
    "architectures of a number": (config(architectures=5), "no list of names"),
    "architectures of numbers": (config(architectures=[5]), "no list of names"),
    "dtype of the config": (config(dtype="float33"), "transformers cannot read this model"),
    "quantization of a number": (config(quantization_config=5), "transformers cannot read this model"),
    "tokenizer cut": (written("tokenizer.json", "{"), r"tokenizer\.json is not a JSON object"),
    "tokenizer of nothing": (written("tokenizer.json", "{}"), "tokenizer cannot be read"),
    "tokenizer config": (written("tokenizer_config.json", "[]"), r"tokenizer_config\.json is not a JSON"),
    "no tokenizer": (lambda f: [p.unlink() for p in f.glob("tokenizer*")], "tokenizer.save_pretrained"),
    "generation config": (written("generation_config.json", "{"), r"generation_config\.json is not"),
    "no layers": (config(num_hidden_layers=0), "num_hidden_layers 0; expected at least 1"),
    "many layers": (config(num_hidden_layers=10**9), "at most the 21 tensors"),
    "wide": (config(hidden_size=4 * 10**9), "hidden_size 4,000,000,000; expected a model of 35,040 stored"),
    "long vocabulary": (config(vocab_size=10**12), "vocab_size 1,000,000,000,000"),
    "size of a text": (config(hidden_size="x"), "transformers cannot read this model"),
    "no heads": (config(num_attention_heads=0), "transformers cannot read this model"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_named_with_what_to_do(kind: str, tmp_path: Path) -> None:
    edit, said = BROKEN[kind]
    folder = tiny.save(tmp_path / "model")
    edit(folder)
    with pytest.raises(ModelError, match=f"(?s){folder}: .*{said}") as caught:
        load_engine(str(folder))
    assert isinstance(caught.value, CheckpointError | ModelNotFoundError)
    assert "needs a network" not in str(caught.value)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"holds no model .*an empty folder"):
        load_engine(str(tmp_path))


def test_a_pickle_is_not_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny.save(tmp_path / "model")
    pickled("pytorch_model.bin")(folder)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("unpickled"))
    for read in (load_engine, lambda name: build_model(name, seed=0)):
        with pytest.raises(CheckpointError, match="pickle"):
            read(str(folder))


def test_code_that_is_not_needed_is_left_out_and_said(tmp_path: Path) -> None:
    folder = tiny.save(tmp_path / "model")
    config(auto_map={"AutoModelForCausalLM": "own.Model"})(folder)
    (folder / "own.py").write_text("raise SystemExit('it ran')\n")
    with pytest.warns(ForeignCodeWarning, match="does not run; it is read as the llama of transformers"):
        load_engine(str(folder))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"device": "gpu"}, "--device: no such device"),
        ({"device": 5}, "--device: no such device .*got 5"),
        ({"device": "cuda:999"}, "--device"),
        ({"dtype": "fp16"}, "--dtype: unknown dtype"),
        ({"dtype": ["float32"]}, "--dtype: unknown dtype"),
        ({"path": "fast"}, "--path: unknown path .*expected auto, tree, plain"),
        ({"threads": -1}, "--threads: no thread"),
    ],
)
def test_options_that_do_not_exist(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_engine("embedded", **options)


def test_types_and_devices_of_torch_are_taken(tmp_path: Path) -> None:
    engine = load_engine(
        str(tiny.save(tmp_path)), dtype=torch.bfloat16, device=torch.device("cpu"), path="plain"
    )
    assert engine.describe()["dtype"] == "bfloat16"


def reward_model(folder: Path, id2label: dict[int, str]) -> str:
    torch.manual_seed(0)
    sizes = {"vocab_size": 257, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    names = {"id2label": id2label, "label2id": {name: index for index, name in id2label.items()}}
    config = LlamaConfig(**sizes, num_attention_heads=4, bos_token_id=None, eos_token_id=256, **names)
    LlamaForTokenClassification(config).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize(
    "names", [("correct", "incorrect"), ("Right", "other"), ("other", "WRONG"), ("+", "-")]
)
def test_classes_in_another_order_are_refused(names: tuple[str, str], tmp_path: Path) -> None:
    folder = reward_model(tmp_path, dict(enumerate(names)))
    for read in (load_model, lambda name: build_model(name, seed=0)):
        with pytest.raises(CheckpointError, match=r"another order.*Swap the two rows"):
            read(folder)


@pytest.mark.parametrize("names", [("incorrect", "correct"), ("LABEL_0", "LABEL_1")])
def test_classes_in_order_or_without_a_name_load(names: tuple[str, str], tmp_path: Path) -> None:
    load_model(reward_model(tmp_path, dict(enumerate(names))))
