"""`cpmi train`: targets in, a process reward model out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cpmi.cli import terminal
from cpmi.cli import train_options as options

if TYPE_CHECKING:
    from cpmi.prm.train import Prepared


def train(
    input: options.Input,
    base: options.Base,
    out: options.Out,
    format: options.Format = None,
    on_error: options.OnError = "stop",
    val_share: options.ValShare = None,
    truncate_after_first_error: options.TruncateAfterFirstError = None,
    last_step_only: options.LastStepOnly = None,
    max_length: options.MaxLength = None,
    step_token: options.StepToken = None,
    loss: options.Loss = None,
    epochs: options.Epochs = None,
    lr: options.Lr = None,
    head_lr: options.HeadLr = None,
    batch_size: options.BatchSize = None,
    balance: options.Balance = None,
    aggregation: options.Aggregation = None,
    lora_rank: options.LoraRank = None,
    seed: options.Seed = None,
    trainer: options.Trainer = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
    threads: options.Threads = None,
) -> None:
    """Train a process reward model on targets, success counts or ratings."""
    from cpmi.api.train import train as run
    from cpmi.cli.prm_summary import checked_on_error, summarize_training

    with _interruptible(out):
        done = run(
            input,
            base=base,
            out=out,
            resume=resume,
            overwrite=overwrite,
            format=format,
            on_error=checked_on_error(on_error),
            threads=threads,
            announce=_announce,
            progress=_say,
            loss=loss,
            epochs=epochs,
            lr=lr,
            head_lr=head_lr,
            batch_size=batch_size,
            max_length=max_length,
            seed=seed,
            val_share=val_share,
            balance=balance,
            truncate_after_first_error=truncate_after_first_error,
            last_step_only=last_step_only,
            step_token=step_token,
            aggregation=aggregation,
            lora_rank=lora_rank,
            trainer=_arguments(trainer or []),
        )
    terminal.out().print(summarize_training(done), soft_wrap=True)


@contextmanager
def _interruptible(out: Path) -> Iterator[None]:
    """Say what is kept where somebody presses Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        from cpmi.prm.checkpoints import last_checkpoint

        kept = last_checkpoint(out)
        said = (
            "no checkpoint was written yet"
            if kept is None
            else f"{kept} is kept; --resume goes on from there"
        )
        terminal.err().print(f"interrupted: {said}", style="yellow", soft_wrap=True)
        raise typer.Exit(terminal.EXIT_INTERRUPTED) from None


def _arguments(given: list[str]) -> dict[str, Any]:
    """NAME=VALUE, the value read as YAML reads it: true, 4, 1e-3, a text."""
    import yaml

    from cpmi.errors import ConfigError

    arguments: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise ConfigError("does not fit", where="option trainer", got=repr(text), expected="NAME=VALUE")
        try:
            arguments[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            arguments[name] = value
        if isinstance(arguments[name], str):
            arguments[name] = _number(arguments[name])
    return arguments


def _number(text: str) -> float | str:
    """YAML takes 1e-3 for a text."""
    try:
        return float(text)
    except ValueError:
        return text


def _announce(prepared: Prepared) -> None:
    from cpmi.cli.prm_summary import announce_training

    terminal.err().print(announce_training(prepared), soft_wrap=True)


def _say(step: int, num_steps: int, measured: dict[str, float]) -> None:
    facts = [
        f"{name.replace('_', ' ')} {measured[name]:.4f}" for name in ("loss", "eval_loss") if name in measured
    ]
    if facts:
        terminal.err().print(f"step {step}/{num_steps}  {', '.join(facts)}", highlight=False)
