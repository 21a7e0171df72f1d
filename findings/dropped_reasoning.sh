#!/usr/bin/env bash
# Half of the chat templates drop the reasoning that a message carries in a field of its own, without an error.
#
# Likely guess: the reasoning of an assistant message (`reasoning_content`, as servers return it) is rendered, or a template
#   that has no place for it is refused; and it matters under which of its three names it is stored.
# Seen: of the 34 chat templates that TRL ships (without their "_training" variants), 15 render the reasoning of a last turn
#   and 18 drop it (LLaVA-NeXT fails on plain text); of an earlier turn 2 render it and 31 drop it. The three names
#   `reasoning_content`, `reasoning` and `thinking` give the same text: transformers treats them as one. The same words inside
#   the content, between <think> tags, are rendered by 30 in the last turn and by 19 in an earlier one.
# Versions: trl 1.13.0 (its templates only), transformers 5.23.0, jinja2 3.1.6.
# Why it matters: the chain of thought is what is labeled and trained on. Conversations that keep it in its own field are
#   scored or trained as if the model had only answered, and nothing fails.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet transformers==5.23.0 jinja2==3.1.6
venv/bin/pip install --quiet --no-deps trl==1.13.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - <<'PY'
from collections import Counter
from importlib.metadata import files

from jinja2 import TemplateError
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

THOUGHT, ANSWER = "Two pairs make a square.", "Two and two are four."
NEXT = [{"role": "user", "content": "And three?"}, {"role": "assistant", "content": "Seven."}]
FIELDS = ("reasoning_content", "reasoning", "thinking")
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), bos_token="<s>", eos_token="</s>")


def messages():
    for name in FIELDS:
        yield name, {"role": "assistant", "content": ANSWER, name: THOUGHT}
    yield "content", {"role": "assistant", "content": f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"}


seen = Counter()
for file in files("trl"):
    if file.suffix != ".jinja" or file.stem.endswith("_training"):
        continue
    tokenizer.chat_template = file.locate().read_text()
    for kept_in, message in messages():
        for turn, after in (("last", []), ("earlier", NEXT)):
            turns = [{"role": "user", "content": "2 + 2?"}, message, *after]
            try:
                rendered = THOUGHT in tokenizer.apply_chat_template(turns, tokenize=False)
            except TemplateError:
                rendered = None
            seen[kept_in, turn, rendered] += 1
for kept_in in (*FIELDS, "content"):
    for turn in ("last", "earlier"):
        kept, dropped = seen[kept_in, turn, True], seen[kept_in, turn, False]
        print(f"{kept_in:18} {turn:8} rendered by {kept}, dropped by {dropped}")
for name in FIELDS:
    assert [seen[name, "last", kept] for kept in (True, False, None)] == [15, 18, 1], "behavior changed: last turn"
    assert [seen[name, "earlier", kept] for kept in (True, False)] == [2, 31], "behavior changed: earlier turn"
assert [seen["content", "last", kept] for kept in (True, False)] == [30, 3], "behavior changed: tags, last turn"
assert [seen["content", "earlier", kept] for kept in (True, False)] == [19, 14], "behavior changed: tags, earlier turn"
PY
