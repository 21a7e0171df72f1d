"""Train a process reward model."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from cpmi.api.train_folder import training_folder
from cpmi.api.training_input import TrainingInput, read_training_input
from cpmi.config import TrainConfig
from cpmi.digests import digest_of_bytes
from cpmi.engines.transformers.digest import digest_of_state
from cpmi.exports.card import quality_table
from cpmi.exports.quality import quality_of
from cpmi.facts import BASE_MODEL, Ancestor
from cpmi.machine import describe_machine, package_version, software_versions
from cpmi.prm.card import CARD_NAME, Card, read_card
from cpmi.prm.checkpoints import remove_checkpoints
from cpmi.prm.layout import Layout
from cpmi.prm.measure import measure
from cpmi.prm.model import head_name
from cpmi.prm.prepare import Prepared, prepare
from cpmi.prm.readme import readme
from cpmi.prm.train import Finished, is_main_process, run_training
from cpmi.prm.trainer import LogListener
from cpmi.runs.ancestors import (
    ANCESTORS,
    ancestor_of_model,
    ancestors_of_input,
    expect_license,
    recorded_ancestors,
)
from cpmi.runs.folder import STAGED, adopt
from cpmi.runs.manifest import Manifest
from cpmi.runs.results import USAGE_NAME
from cpmi.runs.sessions import THREADS, worked_on_by
from cpmi.runs.spent import Spent
from cpmi.storage import write_json, write_text
from cpmi.usage import Usage

TRAINING_LOG_NAME = "training.jsonl"
README_NAME = "README.md"
STAGE = "train"

Announce = Callable[[Prepared], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A finished training.

    Attributes:
        out: the folder of the checkpoint.
        card: what is in its `prm.json`.
        steps: of the optimizer.
        wall_s: seconds of training, with those before it was resumed.
        left_out: records of the input that were no example, and chains that cannot be read, by reason.
        resumed_at: the step of the checkpoint that was gone on from; None for a plain run.
    """

    out: Path
    card: Card = field(repr=False)
    steps: int
    wall_s: float
    left_out: Mapping[str, int]
    resumed_at: int | None = None


def train(
    input: str | Path,
    *,
    base: str | Path,
    out: str | Path,
    announce: Announce | None = None,
    progress: LogListener | None = None,
    **options: Any,
) -> Trained:
    """Train a reward model on targets, labels that are probabilities, or ratings.

    Args:
        input: as `read_training_input`.
        base: a model as `cpmi label --model`, or a reward model to continue training.
        out: the folder of the checkpoint.
        announce: called once before the first step with what is trained on.
        progress: called with what is logged.
        options: the other options of `cpmi train`, with _ for -: see `cpmi.config.TrainConfig`.

    Raises:
        ConfigError: an option does not exist, does not fit, or contradicts another.
        InputError: nothing there can be learned from.
        ModelError: the base cannot be used.
        RunError: the folder holds something else, or a training run with other settings.
        StorageError: the disk refused.
    """
    config = TrainConfig.parse({"input": str(input), "base": str(base), "out": str(out), **options})
    return run_train(config, announce=announce, progress=progress)


def run_train(
    config: TrainConfig, *, announce: Announce | None = None, progress: LogListener | None = None
) -> Trained:
    """`train` for options that are checked already."""
    folder = Path(config.out)
    expect_license(config.license)
    found = read_training_input(config.input, reading=config.reading(), on_error=config.on_error)
    if config.threads:
        torch.set_num_threads(config.threads)
    prepared = prepare(
        found.examples,
        config.base,
        config,
        base_layout=_layout_of(config.base),
        skip_unreadable=config.on_error == "skip",
    )
    found = replace(found, left_out=Counter(found.left_out) + Counter(prepared.left_out))
    manifest = _manifest(found, prepared, config)
    folder_of = training_folder(folder, manifest, resume=config.resume, overwrite=config.overwrite)
    with folder_of as checkpoint:
        if is_main_process():
            worked_on_by(folder, manifest)
        if announce is not None:
            announce(prepared)
        finished = run_training(
            prepared, folder, config, checkpoint=checkpoint, listener=progress, save_to=folder / STAGED
        )
        if not is_main_process():
            raise SystemExit(0)  # the first process alone measures and writes
        adopt(folder)
        card = _finish(folder, found, prepared, finished, config, manifest)
    return Trained(
        out=folder,
        card=card,
        steps=finished.steps,
        wall_s=finished.wall_s,
        left_out=found.left_out,
        resumed_at=None if checkpoint is None else int(checkpoint.name.rpartition("-")[2]),
    )


def _layout_of(base: str) -> Layout | None:
    return read_card(base).layout if os.path.isfile(os.path.join(base, CARD_NAME)) else None


def _ancestors(config: TrainConfig) -> tuple[Ancestor, ...]:
    """What the weights come from: the texts and models behind the targets, the base and what is behind it."""
    base = ancestor_of_model(config.base, BASE_MODEL)
    behind = (
        recorded_ancestors(Path(config.base)) if os.path.isfile(os.path.join(config.base, CARD_NAME)) else ()
    )
    return tuple(dict.fromkeys((*ancestors_of_input(config.input, config.license), *behind, base)))


def _manifest(found: TrainingInput, prepared: Prepared, config: TrainConfig) -> Manifest:
    examples = digest_of_bytes(repr(found.examples).encode("utf-8", "surrogatepass"))
    return Manifest(
        determines={
            "stage": STAGE,
            "cpmi": package_version("cpmi"),
            "versions": {**software_versions(), "accelerate": package_version("accelerate")},
            "options": json.loads(json.dumps(config.to_json(), default=str)),
            "loss": prepared.loss,
            "max_length": prepared.max_length,
            "layout": prepared.encoder.layout.to_json(),
            "examples_sha256": examples,
            "begin": {
                "architecture": type(prepared.model).__name__,
                "model_digest": digest_of_state(prepared.model),
                "tokenizer_digest": prepared.encoder.tokenizer.digest,
            },
        },
        circumstances={
            THREADS: [torch.get_num_threads()],
            "input": config.input,
            "model": config.base,
            "out": config.out,
            "labels": dict(found.facts),
            ANCESTORS: [asdict(one) for one in _ancestors(config)],
            "machine": describe_machine(),
        },
    )


def _finish(
    folder: Path,
    found: TrainingInput,
    prepared: Prepared,
    finished: Finished,
    config: TrainConfig,
    manifest: Manifest,
) -> Card:
    """Measure what was trained and write all that goes beside the weights."""
    measured = measure(prepared, folder, config)
    quality = None
    if measured.chains:
        quality = quality_of(
            measured.chains, measured.first_errors, measured.predicted, name="this model, below 0.5"
        )
    card = _card(found, prepared, finished, config, manifest)
    figures = {**measured.figures, **({} if quality is None else {"quality": quality.to_json()})}
    card = replace(card, threshold=measured.threshold.to_json(), measured=figures)
    text = readme(card, name=folder.resolve().name, quality="" if quality is None else quality_table(quality))
    _store(folder, card, text, prepared, finished, found)
    return card


def _card(
    found: TrainingInput,
    prepared: Prepared,
    finished: Finished,
    config: TrainConfig,
    manifest: Manifest,
) -> Card:
    return Card(
        layout=prepared.encoder.layout,
        step_token_id=prepared.encoder.step_id,
        threshold={},
        aggregation="last" if config.last_step_only else config.aggregation,
        labels=found.facts,
        training={
            "fingerprint": manifest.fingerprint,
            "base": config.base,
            "architecture": manifest.determines["begin"]["architecture"],
            "dtype": str(prepared.model.dtype).removeprefix("torch."),
            "head": head_name(prepared.model),
            ANCESTORS: manifest.circumstances[ANCESTORS],
            "languages": found.facts.get("facts", {}).get("languages", []),
            **manifest.determines["options"],
            "loss": prepared.loss,
            "class_weights": list(prepared.weights),
            "max_length": prepared.max_length,
            "step_token_began_as_line_break": prepared.step_token_begun,
            "problems": prepared.num_problems,
            "counts": prepared.counts.to_json(),
            "held_out_problems": prepared.num_val_problems,
            "held_out_counts": prepared.val_counts.to_json(),
            "records_left_out": dict(found.left_out),
            "steps": finished.steps,
        },
    )


def _store(
    folder: Path, card: Card, text: str, prepared: Prepared, finished: Finished, found: TrainingInput
) -> None:
    """Everything beside the weights; the card last: where it is, the folder is complete."""
    examples = {
        "event": "examples",
        **prepared.counts.to_json(),
        "held_out": prepared.val_counts.to_json(),
        "records_left_out": dict(found.left_out),
    }
    lines = [json.dumps(entry) for entry in (examples, *finished.log)]
    write_text(folder / TRAINING_LOG_NAME, "\n".join(lines) + "\n")
    usage = Usage(computed_tokens=finished.computed_tokens, flops=int(finished.flops), wall_s=finished.wall_s)
    spent = Spent(num_steps=prepared.counts.targets, wall_s=finished.wall_s, usage=usage)
    write_json(folder / USAGE_NAME, {"totals": spent.to_json()})
    write_text(folder / README_NAME, text)
    write_json(folder / CARD_NAME, card.to_json())
    remove_checkpoints(folder)
