"""NaN and infinite numbers of a model are refused with the record they are of; nothing stores them."""

from __future__ import annotations

import math
from typing import Any

import pytest

pytest.importorskip("transformers")

import numpy as np
import torch

from cpmi.api.label import label
from cpmi.api.score import score
from cpmi.data import write_jsonl
from cpmi.engines.fake import FakeEngine, hashed_logprob
from cpmi.engines.transformers.draws import draw
from cpmi.errors import NotANumberError
from cpmi.prm.card import Card
from cpmi.prm.layout import Encoder, Layout
from cpmi.prm.model import build_model
from cpmi.prm.scorer import PRM
from cpmi.prm.step_token import choose_step_token
from cpmi.runs.score_table import read_scores
from cpmi.types import Chain, StepLabels
from tests.end_to_end.prm_chains import chain

BAD = "~"


def engine(value: float) -> FakeEngine:
    """Gives `value` for every token behind BAD."""

    def logprob(context: tuple[int, ...], token: int) -> float:
        return value if context[-1:] == (ord(BAD),) else hashed_logprob(context, token)

    return FakeEngine(logprob=logprob)


def chains() -> list[Chain]:
    steps = [("2 + 3 = 5.", "It is 5."), (f"2 + 3 = {BAD}.", "It is 5."), ("Five.", "It is 5.")]
    return [Chain(id=f"c{i}", question="2 + 3?", steps=s, gold="5") for i, s in enumerate(steps)]


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("method", ["evidence", "net_gain", "cpmi", "judge"])
def test_the_record_of_such_a_log_probability_is_rejected(method: str, value: float, tmp_path: Any) -> None:
    run = label(chains(), model=engine(value), method=method, out=tmp_path / "out", on_error="skip")
    assert [row.chain.id for row in run] == ["c0", "c2"]
    assert run.totals.rejected == {"the model computed log-probabilities that are not numbers": 1}
    with pytest.raises(NotANumberError, match=r"c1.*--dtype float32"):
        label(chains(), model=engine(value), method=method, out=tmp_path / "stopped")


def test_a_label_that_is_no_number_is_an_error_of_its_method() -> None:
    with pytest.raises(NotANumberError, match="mine gave a label that is no number"):
        StepLabels(chain_id="c", method="mine", values=(math.nan,), unit="nat")


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_logits_that_are_no_numbers_draw_nothing(temperature: float, value: float) -> None:
    logits = torch.zeros(1, 8)
    logits[0, 3] = value
    ones = np.ones(1)
    with pytest.raises(NotANumberError, match="logits"):
        draw(logits, ones * temperature, ones, ones * 0.5)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_scores_that_are_no_numbers_reject_their_chain(value: float, tmp_path: Any) -> None:
    """An infinite logit was a score of 0 or 1."""
    model, tokenizer = build_model("embedded", seed=0)
    encoder = Encoder(Layout(step_token=choose_step_token(tokenizer.inner)), tokenizer)
    prm = PRM(model.eval(), encoder, Card(layout=encoder.layout, step_token_id=encoder.step_id, threshold={}))
    some = [chain(index) for index in range(4)]
    rest = prm.score([some[0], some[2], some[3]])
    (spoiled,) = prm.encoder.tokenizer.encode(BAD)
    with torch.no_grad():
        prm.model.get_input_embeddings().weight[spoiled] = value
    some[1] = Chain(id="bad", question=some[1].question, steps=(some[1].steps[0] + BAD, "so"))
    write_jsonl(some, tmp_path / "chains.jsonl")
    with pytest.raises(NotANumberError, match=r"\[bad\]: the model computed logits.*in float32"):
        score(tmp_path / "chains.jsonl", prm=prm, out=tmp_path / "stopped")
    done = score(tmp_path / "chains.jsonl", prm=prm, out=tmp_path / "out", on_error="skip")
    assert done.totals.rejected == {"the model computed logits that are not numbers": 1}
    assert [row.scores.values for row in read_scores(tmp_path / "out")] == [
        pytest.approx(one, abs=1e-5) for one in rest
    ]
    assert [len(one) for one in prm.score([some[0]])] == [len(some[0].steps)]
    with pytest.raises(NotANumberError):
        prm.score(some)
