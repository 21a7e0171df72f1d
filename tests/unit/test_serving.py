"""The commands of a reward model's card: the dtype, the count of rows, and only routes that keep the bias."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from typing import Any

import pytest

from cpmi.prm.card import Card
from cpmi.prm.layout import Layout
from cpmi.prm.readme import readme

STEPS = ["First step.", "Second step."]


def card(architecture: str = "LlamaForTokenClassification", **training: Any) -> Card:
    return Card(
        layout=Layout(step_token="<|step|>"),
        step_token_id=1,
        threshold={"value": 0.5, "tuned_on": "x"},
        training={"architecture": architecture, "dtype": "float32", "head": "score", **training},
    )


def section(text: str, name: str) -> str:
    return text.partition(f"## {name}\n")[2].partition("\n## ")[0]


def ask(monkeypatch: pytest.MonkeyPatch, answer: list[Any]) -> Any:
    """Run the client of the card against a server that answers so."""
    code = re.findall(r"```python\n(.*?)```", section(readme(card(), name="prm"), "vLLM"), re.DOTALL)[0]
    monkeypatch.setattr(urllib.request, "urlopen", lambda _: io.StringIO(json.dumps({"data": answer})))
    names: dict[str, Any] = {"text": "a text", "steps": STEPS}
    exec(code, names)
    return names["p_correct"]


def test_vllm_is_told_the_dtype() -> None:
    assert "--runner pooling --dtype float32 " in section(readme(card(), name="prm"), "vLLM")
    text = readme(card(dtype="bfloat16"), name="prm")
    assert "--dtype bfloat16 " in section(text, "vLLM")
    assert "dtype=torch.bfloat16" in section(text, "transformers")


def test_the_client_reads_one_pair_per_step(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(monkeypatch, [{"data": [[0.1, 0.9], [0.8, 0.2]]}]) == [0.9, 0.2]


@pytest.mark.parametrize("answer", [[], [{"data": []}], [{"data": [[0.1, 0.9]]}]])
def test_the_client_raises_where_rows_are_missing(monkeypatch: pytest.MonkeyPatch, answer: list[Any]) -> None:
    with pytest.raises(ValueError, match="rows for 2 steps"):
        ask(monkeypatch, answer)


@pytest.mark.parametrize("family", ["Qwen2", "Qwen3"])
def test_sglang_where_its_class_keeps_the_bias(family: str) -> None:
    text = section(readme(card(f"{family}ForTokenClassification"), name="prm"), "SGLang")
    assert "python -m sglang.launch_server --model-path prm " in text
    assert f"`{family}ForSequenceClassification`" in text


@pytest.mark.parametrize("architecture", ["LlamaForTokenClassification", "GemmaForTokenClassification", ""])
def test_no_sglang_elsewhere(architecture: str) -> None:
    text = section(readme(card(architecture), name="prm"), "SGLang")
    assert text.strip().startswith("Not for this checkpoint: ")
    assert "launch_server" not in text
    assert "bias" in text


def test_the_card_names_the_class_that_drops_the_bias() -> None:
    text = section(readme(card(head="classifier"), name="prm"), "transformers")
    assert "`AutoModelForSequenceClassification` is not for this checkpoint" in text
    assert "`classifier.bias`" in text
