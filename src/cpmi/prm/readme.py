"""The model card as people read it: what was measured and the commands that work, nothing else."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from cpmi.cards import front_matter, hub_ids, license_section, model_license
from cpmi.facts import BASE_MODEL, DATA_SET, Ancestor
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


def readme(card: Card, *, name: str, quality: str = "") -> str:
    """The text of README.md.

    Args:
        card: of the checkpoint.
        name: of its folder, for the commands.
        quality: first-error F1 of held-out rated chains beside the baselines, as a table; "" if not measured.
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
        front_matter(metadata(card)),
        f"# {name}",
        "A process reward model: for every step of a chain of thought the probability that it is correct, "
        f"read at the token `{card.layout.step_token}` ({card.step_token_id}) behind the step. Trained by "
        "`cpmi train`; all facts are in `prm.json`.",
        "## Training",
        _table(_training_rows(card)),
        "## Measured on held-out problems",
        _table(_measured_rows(card)) if card.measured else "No problem was held out: nothing is measured.",
        quality or "First-error F1 was not measured: no rated chain is held out.",
        _threshold_text(card),
        *serving_sections(card, words=words),
        "## cpmi",
        _CPMI.format(**words, aggregation=_AGGREGATIONS[card.aggregation]),
        license_section(_ancestors(card)),
    ]
    return "\n\n".join(parts) + "\n"


def metadata(card: Card) -> dict[str, Any]:
    """What the Hub reads at the head of the card."""
    ancestors = _ancestors(card)
    return {
        **model_license(ancestors),
        "language": list(card.training.get("languages", ())),
        "library_name": "transformers",
        "pipeline_tag": "token-classification",
        "base_model": hub_ids(ancestors, BASE_MODEL),
        "datasets": hub_ids(ancestors, DATA_SET),
        "metrics": ["f1"] if card.measured.get("quality") else [],
        "tags": ["process-reward-model", "step-labels", "cpmi"],
    }


def _ancestors(card: Card) -> tuple[Ancestor, ...]:
    return tuple(Ancestor(**one) for one in card.training.get("ancestors", ()))


def _training_rows(card: Card) -> list[tuple[str, str]]:
    facts, counts = card.training, card.training.get("counts", {})
    rows = [(name, str(facts[name])) for name in ("base", "loss", "epochs", "lr", "head_lr") if name in facts]
    names = ("chains", "targets", "chains_truncated", "steps_truncated", "chains_joined_otherwise")
    rows += [(name.replace("_", " "), f"{counts[name]:,}") for name in names if name in counts]
    rows += [(f"labels: {name}", str(value)) for name, value in card.labels.items() if _is_plain(value)]
    return rows


def _measured_rows(card: Card) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " "), _number(value))
        for name, value in card.measured.items()
        if _is_plain(value) and value is not None
    ]


def _threshold_text(card: Card) -> str:
    threshold: Mapping[str, Any] = card.threshold
    return f"Threshold: {_number(threshold['value'])}, tuned on {threshold['tuned_on']}."


def _table(rows: list[tuple[str, str]]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{float(value):.4g}"
