"""The page on users' own data: every layout of `examples/own_data` with what `cpmi check` says of it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

from cpmi.api.check import check
from cpmi.api.checked import lines
from cpmi.data.columns import ROLES
from cpmi.data.found_columns import (
    CONVERSATIONS,
    DISTRACTORS,
    DOUBTFUL,
    GOLDS,
    OWN_ANSWERS,
    QUESTIONS,
    REFERENCE,
    SAMPLES,
)
from cpmi.data.options import KEYS, OPTIONS
from cpmi.data.outcomes import OUTCOMES

LAYOUTS = {
    "chat-messages": ("Chat messages", ""),
    "sharegpt": ("ShareGPT conversations", ""),
    "prompt-completion": ("Prompt and completion", ""),
    "trl-grpo": ("TRL: prompt and completion as messages", ""),
    "verl": ("verl rows with responses", ""),
    "verl-rollouts": ("verl rollout dumps", ""),
    "problem-response": ("Problem and response, the gold a number", ""),
    "several-generations": ("Several generations beside a reference", ""),
    "evaluation-harness": ("Output of an evaluation harness", ""),
    "answer-tags": ("Reasoning and answer between tags", ""),
    "inference-outputs": ("Outputs of an inference engine", ""),
    "spreadsheet": ("Names of a spreadsheet", "solution=Model Response"),
    "steps": ("Steps that are cut already", ""),
    "lm-eval-samples": ("Sample logs of the LM Evaluation Harness", ""),
    "math": ("MATH in its original form", ""),
    "multiple-choice": ("Multiple choice, the gold an index", ""),
    "arc": ("Multiple choice with labels", ""),
    "several-golds": ("Several right answers", ""),
    "wrong-answers": ("A right answer and wrong ones", ""),
    "outcomes": ("No answer, but whether the tests passed", ""),
    "other-names": ("Any other names", "question=aufgabe,solution=kette,gold=daten.antwort"),
}
"""File -> heading, and the columns that have to be named."""

EXAMPLES = Path(__file__).parents[1] / "examples" / "own_data"
HEAD = r"""# Your own data

Give your file as it is. Columns with names that are in use in the field are found; for others one
`--columns` says which is what, by names, dotted paths and indices (`gold=reward_model.ground_truth`,
`solution=messages[-1].content`, `solution=responses[*].text` for every item of a list). Names may differ in
case, blanks, `-` and `_`; the columns that are not named are found as without the option. What no column is
named for is kept in `meta`, and a value that cannot be read, such as an image, does no harm there. `cpmi
check` shows how a file is understood before anything is computed:

```console
$ cpmi check chains.jsonl
$ cpmi label chains.jsonl --model MODEL --method evidence --out labels
```

Where two columns could be the same thing, the input is refused and both are named. `answer` beside a chain
in another column is the gold answer; beside `steps` alone it is refused until it is named, because it may
be the chain's own answer. A solution that is text is cut into steps by `--split-steps` (paragraphs where
there are any, else lines); messages of an agent are cut into turns, each with the results of its tools.
Tags such as `<think>` and `<reasoning>` are no steps; what is said in one line between `<answer>` and
`</answer>` (or `solution`) is the chain's own answer. A completion whose `finish_reason` is `length` states
none. In Python, `columns` may be a dictionary: `cpmi.check(rows, columns={"gold": "meta.answer"})`.

Tables that cpmi writes hold `meta` as an Arrow map, which `datasets` cannot open: take `Run.to_dataset()`,
or `cpmi export`, in the place of `load_dataset("parquet", ...)`.

Answers in English, Chinese, German and Arabic are found; `--language zh` makes the prompts Chinese, and
`--decimal comma` reads `1.234,5` as a German writes it ([languages](concepts.md#languages)).

With options, the gold is a letter, an index from 0, or the text or the label of an option; what names none
of them, or could name two, is refused. A question that does not show its options gets a line `A. ...` for
each, and an answer counts by its letter, its text, or both. Where there is no gold, a column of true and
false says whether a chain's end is right; methods that need an answer in words then abstain. An answer that
is one of the wrong answers of the input is wrong.

How answers are compared is said by `--answer-check`:

| check | two answers are the same if |
|---|---|
| `math` | they have the same value, or are the same words (the default) |
| `exact` | they are the same text, case included, or the same JSON value |
| `choice` | they are the same letter |
| `module:function`, `file.py:function` | your function says so |

`exact` compares after Unicode NFC, with white space made one space and without a final period. It reads
a chain as it is written: right is one that announces the gold, or ends with it in a box, a block of code, a
line, a sentence or a whole step; wrong is one that announces something else. Any other end is undecided.

A function is
`def same(gold: str, answer: str) -> bool | None`; None leaves it open. It runs in cpmi's own process, without
a limit of time; the digest of its file is part of what a run follows from. A run records how it compared
answers, and `evaluate`, `report`, `calibrate`, `export` and `compare` do the same unless told otherwise.
Answers to a multiple choice whose options are known are compared as letters by every check.

The files below are in `examples/own_data`. A notebook, `examples/own_data.ipynb`,
goes the whole way from a frame in memory to a trained reward model.
"""


def own_data_page() -> str:
    """The page."""
    return "\n".join([HEAD, *_names(), *(line for name in LAYOUTS for line in _layout(name))])


def _names() -> Iterator[str]:
    """The names that are found, and the roles that `--columns` takes."""
    found = {
        "question": (*QUESTIONS, *CONVERSATIONS),
        "solution": (*SAMPLES, REFERENCE, *CONVERSATIONS),
        "gold": (*(name for name in GOLDS if name != DOUBTFUL), *KEYS),
        "options": OPTIONS,
        "distractors": DISTRACTORS,
        "outcome": OUTCOMES,
        "answer": OWN_ANSWERS,
    }
    yield from ("## Columns", "", "| role | what it is | names that are found |", "|---|---|---|")
    for role, meaning in ROLES.items():
        names = ", ".join(f"`{name}`" for name in found.get(role, ())) or "none: name it"
        yield f"| `{role}` | {meaning} | {names} |"
    yield ""


def _layout(name: str) -> Iterator[str]:
    heading, columns = LAYOUTS[name]
    file = EXAMPLES / f"{name}.jsonl"
    first = json.loads(file.read_text("utf-8").splitlines()[0])
    flag = f" --columns {shlex.quote(columns)}" if columns else ""
    said = lines(check(file, columns=columns or None)).replace(f"{EXAMPLES}/", "")
    yield from (f"## {heading}", "")
    yield from ("```json", json.dumps(first, ensure_ascii=False, indent=2), "```", "")
    yield from ("```console", f"$ cpmi check {name}.jsonl{flag}", said, "```", "")
