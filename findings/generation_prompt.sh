#!/usr/bin/env bash
# The generation prompt is not what precedes the text of a finished assistant turn in many chat templates.
#
# Likely guess: a conversation with the answer is the prompt with `add_generation_prompt=True`, the answer and an end mark,
#   so a given solution can be scored or trained on as a continuation of that prompt.
# Seen: of the 34 chat templates that TRL ships (without their "_training" variants), 19 agree and 13 differ: the prompt
#   opens a thought that the finished turn has closed or lost (DeepSeek R1, Nemotron, Qwen3.5), lacks an empty thought that
#   the turn has (Qwen3, GLM-4.5), or leaves the channel open (gpt-oss). Idefics3 prints nothing of content that is a plain
#   text, without an error; LLaVA-NeXT fails.
# Versions: trl 1.13.0 (its templates only), transformers 5.23.0, jinja2 3.1.6.
# Why it matters: log-probabilities and labels of given chains are read after tokens that the model never saw before an
#   answer, or inside a thought; masks for training on answers that look for the prompt miss it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet transformers==5.23.0 jinja2==3.1.6
venv/bin/pip install --quiet --no-deps trl==1.13.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - <<'PY'
from importlib.metadata import files

from jinja2 import TemplateError
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

ANSWER = "Two and two are four."
TURNS = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": ANSWER}]
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), bos_token="<s>", eos_token="</s>")
agree, differ, lost, failed = [], {}, [], []
for file in files("trl"):
    if file.suffix != ".jinja" or file.stem.endswith("_training"):
        continue
    tokenizer.chat_template = file.locate().read_text()
    try:
        prompt = tokenizer.apply_chat_template(TURNS[:1], tokenize=False, add_generation_prompt=True)
        before, found, _ = tokenizer.apply_chat_template(TURNS, tokenize=False).partition(ANSWER)
    except TemplateError:
        failed.append(file.stem)
        continue
    if not found:
        lost.append(file.stem)
    elif before == prompt:
        agree.append(file.stem)
    else:
        differ[file.stem] = prompt.rpartition("2 + 2?")[2], before.rpartition("2 + 2?")[2]
print(f"{len(agree)} agree, {len(differ)} differ, text lost: {lost}, failed: {failed}")
for name in ("qwen3", "deepseek_r1_distill", "gptoss"):
    print(f"{name}: prompt ends in {differ[name][0][-22:]!r}, finished turn in {differ[name][1][-48:]!r}")
assert (len(agree), len(differ), lost, failed) == (19, 13, ["idefics3"], ["llava_next"]), "behavior changed"
assert differ["qwen3"][1] == differ["qwen3"][0] + "<think>\n\n</think>\n\n", "behavior changed: Qwen3"
assert differ["deepseek_r1_distill"][0] == differ["deepseek_r1_distill"][1] + "<think>\n", "behavior changed: R1"
assert differ["gptoss"][1] == differ["gptoss"][0] + "<|channel|>final<|message|>", "behavior changed: gpt-oss"
assert {"qwen2_5", "llama3", "gemma3", "phi3_5"} <= set(agree), "behavior changed: templates without a thought"
PY
