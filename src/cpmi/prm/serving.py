"""How other programs serve a reward model: commands that give the scores of cpmi, and their traps."""

from __future__ import annotations

from cpmi.prm.card import Card

_TRANSFORMERS = """```python
from transformers import AutoModelForTokenClassification, AutoTokenizer
import torch

folder = {name!r}
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.{dtype}).eval()
steps = ["First step.", "Second step."]
text = {before!r} + question.strip() + {after!r} + "".join(step.strip() + {token!r} for step in steps)
ids = tokenizer(text, return_tensors="pt")
with torch.no_grad():
    p_correct = model(**ids).logits.softmax(-1)[0, ids["input_ids"][0] == {token_id}, 1]
```

`pipeline("token-classification", model=folder)` gives the winning class alone: at the tokens whose `word` is
`{token}`, P(correct) is `score` where `entity` is "correct", and `1 - score` where it is "incorrect".

`AutoModelForSequenceClassification` is not for this checkpoint: its head has no bias, so it drops
`{bias}` (a line of its loading report, no error), and it reads the last token alone. The class above keeps
the bias."""

_VLLM = """```sh
vllm serve {word} --runner pooling --dtype {dtype} \\
  --pooler-config '{{"task": "token_classify", "pooling_type": "STEP", "step_tag_id": {token_id}}}'
```

`--dtype {dtype}` is what the weights were trained in; without it vLLM takes float16 for float32, and scores
differ by about 1e-3. One pair (incorrect, correct) comes back per step. A text without a step token, or cut
before one, is answered with status 200 and no row, so count the rows:

```python
import json
import urllib.request

body = json.dumps({{"input": text}}).encode()  # the text above
head = {{"Content-Type": "application/json"}}
with urllib.request.urlopen(urllib.request.Request("http://localhost:8000/pooling", body, head)) as reply:
    found = json.load(reply)["data"]
rows = found[0]["data"] if found else []
if len(rows) != len(steps):
    raise ValueError(f"{{len(rows)}} rows for {{len(steps)}} steps: cut, or a step token is absent")
p_correct = [correct for _, correct in rows]
```"""

_SGLANG = """```sh
python -m sglang.launch_server --model-path {word} --is-embedding --dtype {dtype} \\
  --disable-radix-cache --chunked-prefill-size -1
```

SGLang reads the head with its bias by the class `{renamed}`: in the `config.json` of a copy,
put this name for `{architecture}`, and send `"score_extraction_token": "{token}"` and
`"apply_softmax": true` (false by default) to `/v1/score`. Read in the source of SGLang 0.5.23, not run. Count
the rows as above."""

_NOT_SGLANG = """Not for this checkpoint: {why}."""

_KEEPS_BIAS = {"Qwen2ForTokenClassification", "Qwen3ForTokenClassification"}
"""Whose class for sequence classification in SGLang 0.5.23 has a head with bias and pools every token."""

_TASK = "ForTokenClassification"
_UNKNOWN = (
    "the card does not name its architecture, and SGLang keeps the head's bias for Qwen2 and Qwen3 alone"
)
_LLAMA = (
    "the head of `LlamaForSequenceClassification` in SGLang 0.5.23 has no bias, so ours would be dropped "
    "without a message, and it reads the last token alone"
)
_OTHERS = (
    "of SGLang 0.5.23, only the classes of Qwen2 and Qwen3 are known to keep the head's bias and to give a "
    "score per token, and this is `{architecture}`"
)


def serving_sections(card: Card, *, words: dict[str, object]) -> list[str]:
    """The sections on transformers, vLLM and SGLang, with their headings.

    Args:
        card: of the checkpoint; its `training` names `architecture`, `dtype` and `head`.
        words: of the templates: the folder as Python and as a shell read it, the layout's texts.
    """
    architecture = str(card.training.get("architecture", ""))
    words = {
        **words,
        "dtype": card.training.get("dtype", "float32"),
        "bias": f"{card.training.get('head', 'score')}.bias",
        "architecture": architecture,
        "renamed": architecture.removesuffix(_TASK) + "ForSequenceClassification",
    }
    sglang = _SGLANG if architecture in _KEEPS_BIAS else _NOT_SGLANG.format(why=_why_not(architecture))
    return [
        "## transformers",
        _TRANSFORMERS.format(**words),
        "## vLLM",
        _VLLM.format(**words),
        "## SGLang",
        sglang.format(**words),
    ]


def _why_not(architecture: str) -> str:
    if not architecture:
        return _UNKNOWN
    return _LLAMA if architecture == f"Llama{_TASK}" else _OTHERS.format(architecture=architecture)
