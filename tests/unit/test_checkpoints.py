"""Checkpoints that do not make a model whole are refused by name; those that do, load."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers")

import torch
from safetensors.torch import load_file, save_file
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    LlamaForTokenClassification,
    LlamaModel,
    MixtralConfig,
    MixtralForCausalLM,
)

from cpmi.engines.transformers import load_engine
from cpmi.engines.transformers.checkpoint import UnusedWeightsWarning
from cpmi.engines.transformers.load import HeadlessModelWarning
from cpmi.errors import CheckpointError, ConfigError, ModelNotFoundError
from cpmi.prm.model import build_model, load_model
from tests import tiny_model

State = dict[str, torch.Tensor]
SIZES = {"vocab_size": 257, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2}
Q = "model.layers.0.self_attn.q_proj"


def config(**options: Any) -> LlamaConfig:
    return LlamaConfig(**{**SIZES, **HEADS, "bos_token_id": None, "eos_token_id": 256, **options})


def save(folder: Path, model: Any) -> Path:
    model.save_pretrained(folder)
    tiny_model.tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return save(tmp_path / "model", LlamaForCausalLM(config()))


@pytest.fixture
def prm(tmp_path: Path) -> Path:
    return save(tmp_path / "prm", LlamaForTokenClassification(config(num_labels=2)))


def change(folder: Path, edit: Callable[[State], Mapping[str, torch.Tensor]], **facts: Any) -> Path:
    """Change the stored tensors and entries of the config."""
    weights, config_file = folder / "model.safetensors", folder / "config.json"
    state = {name: tensor.contiguous().clone() for name, tensor in edit(load_file(weights)).items()}
    save_file(state, weights, metadata={"format": "pt"})
    config_file.write_text(json.dumps({**json.loads(config_file.read_text()), **facts}))
    return folder


def same(state: State) -> State:
    return state


def renamed(old: str, new: str) -> Callable[[State], State]:
    return lambda state: {name.replace(old, new): tensor for name, tensor in state.items()}


def prefixed(prefix: str) -> Callable[[State], State]:
    return lambda state: {prefix + name: tensor for name, tensor in state.items()}


def without(*parts: str) -> Callable[[State], State]:
    return lambda state: {n: tensor for n, tensor in state.items() if not any(part in n for part in parts)}


def with_tensor(name: str, *shape: int) -> Callable[[State], State]:
    return lambda state: {**state, name: torch.ones(shape)}


def with_value(name: str, value: float) -> Callable[[State], State]:
    return lambda state: {**state, name: state[name].index_fill(0, torch.tensor([1]), value)}


def unmerged(state: State) -> State:
    inner = {f"base_model.model.{name}": tensor for name, tensor in state.items()}
    weight = inner.pop(f"base_model.model.{Q}.weight")
    return {
        **inner,
        f"base_model.model.{Q}.base_layer.weight": weight,
        f"base_model.model.{Q}.lora_A.weight": weight,
    }


BROKEN = {
    "compiled": (prefixed("_orig_mod."), {}, r"_orig_mod\.lm_head.*model\._orig_mod"),
    "compiled body": (renamed("model.", "model._orig_mod."), {}, "_orig_mod"),
    "distributed": (prefixed("module."), {}, r"module\..*DDP"),
    "unknown wrapper": (prefixed("policy."), {}, r"policy\.lm_head.*expected lm_head"),
    "adapter": (unmerged, {}, r"adapter that is not merged.*merge_and_unload"),
    "adapter beside whole weights": (with_tensor(f"{Q}.lora_A.weight", 4, 32), {}, "merge_and_unload"),
    "layer": (without("layers.1."), {}, r"1 of the model's layers .*no model\.layers\.\*\.input_layernorm"),
    "a tensor": (without("model.norm"), {}, r"model\.norm\.weight"),
    "head": (without("lm_head"), {}, r"lm_head\.weight.*tie_word_embeddings"),
    "both tied": (without("embed", "lm_head"), {"tie_word_embeddings": True}, r"model\.embed_tokens"),
    "wider config": (same, {"hidden_size": 64}, r"lm_head\.weight \[257, 32\].*\[257, 64\]"),
    "shallower config": (same, {"num_hidden_layers": 1}, r"model\.layers\.1\..*--ignore-keys"),
    "bias": (with_tensor(f"{Q}.bias", 32), {}, rf"{Q}\.bias"),
    "scale": (with_tensor(f"{Q}.weight_scale_inv", 1), {}, "weight_scale_inv.*quantization_config"),
    "NaN": (with_value("model.norm.weight", float("nan")), {}, r"not finite.*model\.norm\.weight"),
    "infinity": (with_value(f"{Q}.weight", float("-inf")), {}, rf"not finite.*{Q}"),
    "too narrow for the dtype": (with_value(f"{Q}.weight", 1e38), {"dtype": "float16"}, "float16.*float32"),
    "whole numbers": (lambda s: {**s, f"{Q}.weight": s[f"{Q}.weight"].char()}, {}, "whole numbers.*I8"),
    "stored twice": (lambda s: {**s, "norm.weight": s["model.norm.weight"] * 2}, {}, "norm.weight and mod"),
    "unknown quantization": (same, {"quantization_config": {"quant_method": "own", "bits": 4}}, "own"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_checkpoint_is_refused_by_name(kind: str, whole: Path) -> None:
    edit, facts, said = BROKEN[kind]
    change(whole, edit, **facts)
    with pytest.raises(CheckpointError, match=f"(?s){said}"):
        load_engine(str(whole), dtype=facts.get("dtype", "float32"))


@pytest.mark.parametrize("kind", ["NaN", "layer", "distributed", "stored twice"])
def test_nor_is_it_a_base_to_train(kind: str, whole: Path) -> None:
    edit, facts, said = BROKEN[kind]
    change(whole, edit, **facts)
    with pytest.raises(CheckpointError, match=f"(?s){said}"):
        build_model(str(whole), seed=0)


def test_an_index_that_lacks_a_shard(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    LlamaForCausalLM(config()).save_pretrained(folder, max_shard_size="50KB")
    tiny_model.tokenizer().save_pretrained(folder)
    load_engine(str(folder))
    file = folder / "model.safetensors.index.json"
    index = json.loads(file.read_text())
    lost = sorted(set(index["weight_map"].values()))[2]
    names = [name for name, shard in index["weight_map"].items() if shard == lost]
    index["weight_map"] = {name: shard for name, shard in index["weight_map"].items() if shard != lost}
    file.write_text(json.dumps(index))
    with pytest.raises(CheckpointError, match="index may lack a shard") as caught:
        load_engine(str(folder))
    assert names[0].rpartition(".")[2] in str(caught.value)


@pytest.mark.parametrize("extra", [{}, {"num_labels": 2}])
def test_a_reward_model_is_no_labeling_model(extra: dict[str, int], tmp_path: Path) -> None:
    kind = LlamaForTokenClassification if extra else LlamaForSequenceClassification
    tied = save(tmp_path, kind(config(tie_word_embeddings=True, **extra)))
    with pytest.raises(CheckpointError, match=kind.__name__):
        load_engine(str(tied))


def test_a_body_without_a_head_is_no_labeling_model_unless_it_is_tied(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no output head.*lm_head\.weight"):
        load_engine(str(save(tmp_path / "untied", LlamaModel(config()))))
    with pytest.warns(HeadlessModelWarning, match="LlamaModel, a model without an output head"):
        load_engine(str(save(tmp_path / "tied", LlamaModel(config(tie_word_embeddings=True)))))


@pytest.mark.parametrize("complete", [True, False])
def test_the_folder_of_an_adapter(complete: bool, whole: Path) -> None:
    (whole / "adapter_config.json").write_text(
        json.dumps({"peft_type": "LORA", "base_model_name_or_path": "x"})
    )
    if not complete:
        (whole / "config.json").unlink()
    for read in (load_engine, lambda folder: build_model(folder, seed=0), load_model):
        with pytest.raises(CheckpointError, match="merge_and_unload"):
            read(str(whole))


@pytest.mark.parametrize("lost", ["experts.1.w1", "experts.1.", "experts.3."])
def test_an_expert_that_is_absent_is_named(lost: str, tmp_path: Path) -> None:
    save(tmp_path, MixtralForCausalLM(MixtralConfig(**SIZES, **HEADS, num_local_experts=4)))
    load_engine(str(tmp_path))  # though experts are merged while loading
    change(tmp_path, without(f"layers.1.block_sparse_moe.{lost}"))
    with pytest.raises(CheckpointError, match=r"layers\.1\..*experts"):
        load_engine(str(tmp_path))


def test_an_expert_in_the_place_of_another_is_named(tmp_path: Path) -> None:
    save(tmp_path, MixtralForCausalLM(MixtralConfig(**SIZES, **HEADS, num_local_experts=4)))
    change(tmp_path, renamed("experts.1.", "experts.5."))
    with pytest.raises(CheckpointError, match=r"experts\.1\."):
        load_engine(str(tmp_path))


@pytest.mark.parametrize("lost", ["score.", "score.bias", "score.weight"])
def test_a_reward_model_without_its_head(lost: str, prm: Path) -> None:
    load_model(prm)
    change(prm, without(lost))
    with pytest.raises(CheckpointError, match=f"no output head.*{lost}"):
        load_model(prm)
    if lost != "score.":  # a new head is drawn as a whole or not at all
        with pytest.raises(CheckpointError, match=lost):
            build_model(str(prm), seed=0)


@pytest.mark.parametrize("num_labels", [1, 3])
def test_a_reward_model_of_other_labels(num_labels: int, tmp_path: Path) -> None:
    folder = str(save(tmp_path, LlamaForTokenClassification(config(num_labels=num_labels))))
    with pytest.raises(CheckpointError, match=f"{num_labels} labels"):
        load_model(folder)
    with pytest.raises(CheckpointError, match=f"{num_labels} labels"):
        build_model(folder, seed=0)


def test_a_language_model_or_an_outcome_model_is_no_process_reward_model(whole: Path, tmp_path: Path) -> None:
    outcome = save(tmp_path / "outcome", LlamaForSequenceClassification(config(num_labels=2)))
    for folder, name in ((whole, "LlamaForCausalLM"), (outcome, "LlamaForSequenceClassification")):
        with pytest.raises(CheckpointError, match=name):
            load_model(folder)
    with pytest.raises(CheckpointError, match="head for another task"):
        build_model(str(outcome), seed=0)


def test_what_is_whole_loads(
    whole: Path, prm: Path, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    load_engine(str(save(tmp_path / "tied", LlamaForCausalLM(config(tie_word_embeddings=True)))))
    load_engine(str(change(whole, lambda state: {n.removeprefix("model."): t for n, t in state.items()})))
    build_model(str(whole), seed=0)
    build_model(str(prm), seed=0)
    assert not [warning for warning in recwarn if warning.category is UnusedWeightsWarning]


def test_unused_tensors_are_named_and_recorded(whole: Path) -> None:
    change(whole, lambda state: {**state, **{f"vision.{i}.w": torch.ones(1) for i in range(3)}})
    with pytest.warns(UnusedWeightsWarning, match=r"vision\.\*\.w \(3 tensors\)"):
        engine = load_engine(str(whole))
    assert engine.describe()["unused_weights"] == ["vision.*.w (3 tensors)"]


def test_ignore_keys_is_recorded_and_never_covers_missing_weights(whole: Path) -> None:
    change(whole, with_tensor(f"{Q}.bias", 32))
    with pytest.warns(UnusedWeightsWarning):
        engine = load_engine(str(whole), ignore_keys=r"q_proj\.bias$")
    assert engine.describe()["ignore_keys"] == r"q_proj\.bias$"
    change(whole, without("model.norm"))
    with pytest.raises(CheckpointError, match=r"model\.norm"):
        load_engine(str(whole), ignore_keys=".*")
    with pytest.raises(ConfigError, match="regular expression"):
        load_engine(str(whole), ignore_keys="(")


def test_weights_of_a_package_that_is_absent(whole: Path) -> None:
    change(whole, same, quantization_config={"quant_method": "gptq", "bits": 4, "group_size": 128})
    with pytest.raises(ModelNotFoundError, match="GPTQ"):
        load_engine(str(whole))


def test_code_of_a_checkpoint_is_refused_without_asking(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(prompt: str = "") -> str:
        raise AssertionError(prompt)

    monkeypatch.setattr("builtins.input", asked)
    change(whole, same, model_type="own", auto_map={"AutoConfig": "own.C", "AutoModelForCausalLM": "own.M"})
    with pytest.raises(ModelNotFoundError, match="runs no such code"):
        load_engine(str(whole))
