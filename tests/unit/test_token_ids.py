"""Token ids that a model has no embedding for: refused at loading, or with the record that holds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("transformers")

import cpmi
import tests.tiny_model as tiny
from cpmi.data import write_jsonl
from cpmi.engines.transformers import TransformersEngine
from cpmi.errors import CheckpointError, RecordError
from cpmi.types import Chain


def with_added_token(folder: Path) -> Path:
    """The tiny model and its tokenizer with one token more, as if the model had not been resized."""
    tiny.save(folder)
    grown = tiny.tokenizer()
    grown.add_tokens(["<more>"])
    grown.save_pretrained(folder)
    return folder


def chains(path: Path) -> Path:
    steps = [("2 + 3 = 5.", "It is 5."), ("2 <more> 3 = 5.", "It is 5."), ("Five.", "It is 5.")]
    write_jsonl([Chain(id=f"c{i}", question="2 + 3?", steps=s, gold="5") for i, s in enumerate(steps)], path)
    return path


def test_a_record_that_holds_such_a_token_is_rejected_and_no_other(tmp_path: Path) -> None:
    folder, source = str(with_added_token(tmp_path / "model")), chains(tmp_path / "chains.jsonl")
    options = {"model": folder, "method": "evidence", "label": "alone"}
    with pytest.raises(RecordError, match=r"c1.*no embedding.*token 257, '<more>'.*below 257"):
        cpmi.label(source, out=tmp_path / "stopped", **options)
    run = cpmi.label(source, out=tmp_path / "out", on_error="skip", **options)
    assert [row.chain.id for row in run] == ["c0", "c2"]
    (reject,) = [json.loads(line) for line in (tmp_path / "out" / "rejects.jsonl").read_text().splitlines()]
    assert reject["id"] == "c1"


def test_another_model_s_tokenizer_is_refused_at_loading() -> None:
    model = tiny.model()
    model.resize_token_embeddings(200)
    with pytest.raises(CheckpointError, match=r"256 tokens; expected at most 200.*different models"):
        TransformersEngine(model, tiny.tokenizer(), name="tiny")
