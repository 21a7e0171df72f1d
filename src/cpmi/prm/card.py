"""The card of a reward model: one JSON beside the checkpoint, with all that scoring by it needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from cpmi.arguments import checked
from cpmi.digests import expect_folder_intact
from cpmi.errors import InputError
from cpmi.json_files import parse_json
from cpmi.places import expect_kind
from cpmi.prm.layout import Layout
from cpmi.prm.options import Aggregation

CARD_NAME = "prm.json"
CARD_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a checkpoint is.

    Attributes:
        layout: how a chain is laid out for it.
        step_token_id: the id of the layout's step token.
        threshold: `cpmi.prm.threshold.Threshold` as JSON: value, tuned_on, ...
        aggregation: how `PRM.chain_scores` makes the score of a chain from those of its steps.
        labels: where the targets come from: method, map, cost.
        training: loss, options, counts of chains, steps and truncation, cost, fingerprint of the manifest.
        measured: on held-out problems; empty if none were held out.
    """

    layout: Layout
    step_token_id: int
    threshold: Mapping[str, Any]
    aggregation: Aggregation = "min"
    labels: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    measured: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The content of `prm.json`."""
        return {
            "format": CARD_FORMAT,
            "layout": self.layout.to_json(),
            "step_token_id": self.step_token_id,
            "classes": {"0": "incorrect", "1": "correct"},
            "score": "softmax of the two logits at a step token, class 1",
            "threshold": dict(self.threshold),
            "aggregation": self.aggregation,
            "labels": dict(self.labels),
            "training": dict(self.training),
            "measured": dict(self.measured),
        }


@checked
def read_card(folder: str | Path) -> Card:
    """The card of a checkpoint whose files, weights included, are what was written.

    Raises:
        InputError: there is none, or it is not one of this version.
        RunError: a file of the checkpoint has changed since it was written.
    """
    expect_kind(Path(folder), "prm")
    path = Path(folder) / CARD_NAME
    expect_folder_intact(path.parent)
    try:
        fields = parse_json(path.read_bytes())
        if fields["format"] != CARD_FORMAT or fields["aggregation"] not in get_args(Aggregation):
            raise ValueError(f"format {fields['format']}, aggregation {fields['aggregation']}")
        float(fields["threshold"]["value"])
        return Card(
            layout=Layout.from_json(fields["layout"], where=str(path)),
            step_token_id=int(fields["step_token_id"]),
            **{name: fields[name] for name in ("threshold", "aggregation", "labels", "training", "measured")},
        )
    except (OSError, OverflowError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "not the card of a reward model by this cpmi", where=str(path), got=repr(error)
        ) from error
