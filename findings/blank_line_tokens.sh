#!/usr/bin/env bash
# A blank line between steps is a safe place to cut for some tokenizers and not for others.
#
# Likely guess: no token reaches across a blank line into the next step, so tokens of the parts are tokens of the whole.
# Seen: with the pre-tokenizer of GPT-2 (many small open models use it) "\n\n" at the end of a part is one token, and
#   inside the joined text it is two; one or three line breaks are the same in both. With the pattern of Qwen2.5 two are
#   the same in both as well.
# Versions: tokenizers 0.23.3.
# Why it matters: steps joined by "\n\n" as text in one place and as ids in another give the model different tokens at
#   each boundary, which is where a PRM reads its score; a layout checked with one family fails with the next.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet tokenizers==0.23.3
venv/bin/python - <<'PY'
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from tokenizers.pre_tokenizers import ByteLevel

QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
FAMILIES = {
    "GPT-2": ByteLevel(add_prefix_space=False),
    "Qwen2.5": pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(QWEN), "isolated"), ByteLevel(add_prefix_space=False, use_regex=False)]
    ),
}
agree = {}
for family, pre_tokenizer in FAMILIES.items():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    text = "Two and two are four.\n\nThat is all.\n\n\nThe end\n\n"
    tokenizer.train_from_iterator(
        [text] * 9, trainers.BpeTrainer(vocab_size=320, initial_alphabet=ByteLevel.alphabet(), show_progress=False)
    )
    for breaks in (1, 2, 3):
        parts = ["Two and two are four." + "\n" * breaks, "That is all."]
        apart = [token for part in parts for token in tokenizer.encode(part).tokens]
        agree[family, breaks] = tokenizer.encode("".join(parts)).tokens == apart
    print(f"{family}: parts and whole agree for", {n: agree[family, n] for n in (1, 2, 3)}, "line breaks")
assert [agree["GPT-2", n] for n in (1, 2, 3)] == [True, False, True], "behavior changed: GPT-2"
assert all(agree["Qwen2.5", n] for n in (1, 2, 3)), "behavior changed: Qwen2.5"
PY
