"""The model card as people read it: what was measured and the commands that work, nothing else."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from cpmi.prm.card import Card
from cpmi.prm.options import Aggregation
from cpmi.prm.serving import serving_sections

_CPMI = """```python
import cpmi

prm = cpmi.PRM.from_pretrained({name!r})
scores = prm.score(chains)
of_chains = prm.chain_scores(chains)
```

`score` gives one score a step, `chain_scores` one per chain: {aggregation}.

```sh
cpmi score chains.jsonl --prm {word} --out scores
```"""

_AGGREGATIONS: Mapping[Aggregation, str] = {
    "min": "the lowest of its steps' scores",
    "product": "the product of its steps' scores",
    "last": "the score of its last step",
    "mean": "the mean of its steps' scores",
}


def readme(card: Card, *, name: str) -> str:
    """The text of README.md.

    Args:
        card: of the checkpoint.
        name: of its folder, for the commands.
    """
    words: dict[str, object] = {
        "name": name,
        "word": shlex.quote(name),
        "token": card.layout.step_token,
        "token_id": card.step_token_id,
        "before": card.layout.before_question,
        "after": card.layout.after_question,
    }
    parts = [
        "---\nlibrary_name: transformers\npipeline_tag: token-classification\n"
        "tags: [process-reward-model, cpmi]\n---",
        f"# {name}",
        "A process reward model: for every step of a chain of thought the probability that it is correct, "
        f"read at the token `{card.layout.step_token}` ({card.step_token_id}) behind the step. Trained by "
        "`cpmi train`; all facts are in `prm.json`.",
        "## Training",
        _table(_training_rows(card)),
        "## Measured on held-out problems",
        _table(_measured_rows(card)) if card.measured else "No problem was held out: nothing is measured.",
        _threshold_text(card),
        *serving_sections(card, words=words),
        "## cpmi",
        _CPMI.format(**words, aggregation=_AGGREGATIONS[card.aggregation]),
    ]
    return "\n\n".join(parts) + "\n"


def _training_rows(card: Card) -> list[tuple[str, str]]:
    facts, counts = card.training, card.training.get("counts", {})
    rows = [(name, str(facts[name])) for name in ("base", "loss", "epochs", "lr", "head_lr") if name in facts]
    names = ("chains", "targets", "chains_truncated", "steps_truncated", "chains_joined_otherwise")
    rows += [(name.replace("_", " "), f"{counts[name]:,}") for name in names if name in counts]
    rows += [(f"labels: {name}", str(value)) for name, value in card.labels.items() if _is_plain(value)]
    return rows


def _measured_rows(card: Card) -> list[tuple[str, str]]:
    rows = [
        (name.replace("_", " "), _number(value))
        for name, value in card.measured.items()
        if _is_plain(value) and value is not None
    ]
    if card.threshold.get("f1_middle") is not None:
        rows.append(("first-error F1 at 0.5, not tuned", _number(card.threshold["f1_middle"])))
    return rows


def _threshold_text(card: Card) -> str:
    threshold: Mapping[str, Any] = card.threshold
    text = f"Threshold: {_number(threshold['value'])}, tuned on {threshold['tuned_on']}."
    if threshold.get("f1") is not None:
        text += f" First-error F1 there, on the chains it was tuned on: {_number(threshold['f1'])}."
    return text


def _table(rows: list[tuple[str, str]]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{float(value):.4g}"
