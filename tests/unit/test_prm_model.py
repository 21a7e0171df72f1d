"""Which bases a reward model may have."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, BertForTokenClassification

from cpmi.errors import UnsupportedModelError
from cpmi.prm.model import build_model, is_causal
from tests import tiny_model


def config(**changes: bool) -> BertConfig:
    return BertConfig(
        vocab_size=257,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
        **changes,
    )


def test_an_encoder_that_sees_later_steps_is_refused(tmp_path: Path):
    BertForMaskedLM(config()).save_pretrained(tmp_path)
    tiny_model.tokenizer().save_pretrained(tmp_path)
    with pytest.raises(UnsupportedModelError, match=r"later steps .*BertForTokenClassification") as caught:
        build_model(str(tmp_path), seed=0)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("is_decoder", [True, False])
def test_causal_is_what_sees_nothing_behind_it(is_decoder: bool):
    """The same class of model is a causal one by its config alone."""
    torch.manual_seed(0)
    model = BertForTokenClassification(config(is_decoder=is_decoder)).train()
    assert is_causal(model) == is_decoder
    assert model.training


def test_a_causal_base_is_taken(tmp_path: Path):
    model, _ = build_model(str(tiny_model.save(tmp_path)), seed=0)
    assert type(model).__name__ == "LlamaForTokenClassification"
