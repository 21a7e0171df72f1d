"""The summary of a training on the terminal, and a flag of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from cpmi.api.training_input import OnError
from cpmi.errors import ConfigError
from cpmi.numbers import aligned, duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpmi.api.train import Trained
    from cpmi.prm.prepare import Prepared


def checked_on_error(given: str) -> OnError:
    """ "stop" or "skip".

    Raises:
        ConfigError: it is neither.
    """
    for known in get_args(OnError):
        if given == known:
            return known  # type: ignore[no-any-return]
    raise ConfigError("does not fit", where="option on_error", got=repr(given), expected="stop or skip")


def announce_training(prepared: Prepared) -> str:
    """What is trained on, before the first step."""
    counts = prepared.counts
    lines = [
        f"{counts.chains:,} chains of {prepared.num_problems:,} problems, {counts.targets:,} targets, loss "
        f"{prepared.loss}; {prepared.num_val_problems:,} problems held out",
        f"step token {prepared.encoder.layout.step_token}, at most {prepared.max_length:,} tokens per chain: "
        f"{_truncated(counts.to_json())}",
    ]
    if prepared.left_out:
        lines.append(f"left out: {_by_reason(prepared.left_out)}")
    if counts.targets_without_count:
        lines.append(_without_count(counts.to_json()))
    if counts.chains_joined_otherwise:
        lines.append(_joined_otherwise(counts.to_json()))
    return "\n".join(lines)


def summarize_training(done: Trained) -> str:
    """The summary of a training, as aligned lines of text."""
    card, facts = done.card, done.card.training
    counts: Mapping[str, int] = facts["counts"]
    rows = [
        ("chains", f"{counts['chains']:,} of {facts['problems']:,} problems"),
        ("targets", f"{counts['targets']:,}, loss {facts['loss']}"),
        ("truncated", _truncated(counts)),
        ("without target", f"{counts['chains_without_target']:,} chains"),
    ]
    if counts["targets_without_count"]:
        rows.append(("without count", _without_count(counts)))
    if counts["chains_joined_otherwise"]:
        rows.append(("tokenization", _joined_otherwise(counts)))
    if done.left_out:
        rows.append(("left out", _by_reason(done.left_out)))
    rows.append(("held out", _held_out(card.measured)))
    rows.append(("threshold", f"{card.threshold['value']:.3g}, tuned on {card.threshold['tuned_on']}"))
    resumed = "" if done.resumed_at is None else f", resumed at step {done.resumed_at:,}"
    rows.append(("training", f"{done.steps:,} steps in {duration(done.wall_s)}{resumed}"))
    rows.append(
        ("files", f"{done.out}/model.safetensors, prm.json, README.md, training.jsonl, manifest.json")
    )
    return aligned(rows)


def _truncated(counts: Mapping[str, int]) -> str:
    if not counts["chains_truncated"]:
        return "none truncated"
    return (
        f"{counts['steps_truncated']:,} steps of {counts['chains_truncated']:,} chains truncated, with "
        f"{counts['targets_truncated']:,} targets"
    )


def _by_reason(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in left_out.items())


def _without_count(counts: Mapping[str, int]) -> str:
    return (
        f"{counts['targets_without_count']:,} targets without a count of rollouts, so not trained on: "
        "beta_binomial reads counts alone"
    )


def _joined_otherwise(counts: Mapping[str, int]) -> str:
    return (
        f"{counts['chains_joined_otherwise']:,} chains whose text the tokenizer cuts otherwise than their "
        "pieces: serve this model with ids, not with text"
    )


def _held_out(measured: Mapping[str, Any]) -> str:
    if not measured or measured["cross_entropy"] is None:
        return "nothing"
    return (
        f"{measured['targets']:,} targets of {measured['problems']:,} problems: cross-entropy "
        f"{measured['cross_entropy']:.4f}, of a constant {measured['cross_entropy_of_a_constant']:.4f} nat"
    )
