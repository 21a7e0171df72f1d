"""`cpmi train`: targets in, a process reward model out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cpmi.cli import session, terminal
from cpmi.cli.flags import command
from cpmi.config import TrainConfig

if TYPE_CHECKING:
    from cpmi.prm.prepare import Prepared


@command(TrainConfig, "input")
def train(**flags: Any) -> None:
    """Train a process reward model on targets, success counts or ratings."""
    from cpmi.data.records import expect_present

    config = TrainConfig.parse(session.options_given(flags))
    expect_present(config.input)  # before torch and transformers are imported
    from cpmi.api.train import run_train
    from cpmi.api.training_input import is_made_by_cpmi
    from cpmi.cli.prm_summary import summarize_training

    if not is_made_by_cpmi(config.input):
        session.look_at_chains(config)
    with _interruptible(Path(config.out)):
        done = run_train(config, announce=_announce, progress=_say)
    terminal.out().print(summarize_training(done), soft_wrap=True)


@contextmanager
def _interruptible(out: Path) -> Iterator[None]:
    """Report the last checkpoint when interrupted by Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        from cpmi.prm.checkpoints import last_checkpoint

        kept = last_checkpoint(out)
        said = "no checkpoint was written yet" if kept is None else f"{kept} is kept; --resume continues it"
        terminal.err().print(f"interrupted: {said}", style="yellow", soft_wrap=True)
        raise typer.Exit(terminal.EXIT_INTERRUPTED) from None


def _announce(prepared: Prepared) -> None:
    from cpmi.cli.prm_summary import announce_training

    terminal.err().print(announce_training(prepared), soft_wrap=True)


def _say(step: int, num_steps: int, measured: dict[str, float]) -> None:
    facts = [
        f"{name.replace('_', ' ')} {measured[name]:.4f}" for name in ("loss", "eval_loss") if name in measured
    ]
    if facts:
        terminal.err().print(f"step {step}/{num_steps}  {', '.join(facts)}", highlight=False)
