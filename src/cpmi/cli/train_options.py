"""The options of `cpmi train` as flags. None means not given: `cpmi.prm.options` has its own say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

_DATA, _TRAINING, _WORK = "The data", "The training", "The work"


def _option(panel: str, help_text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel=panel, show_default=False, **more)


Input = Annotated[
    str,
    typer.Argument(
        metavar="INPUT",
        help="A folder of targets (cpmi calibrate, consensus, hybrid), a run of evidence, adaptive, "
        "monte_carlo or binary_search, or rated chains (a file or hf://OWNER/NAME).",
        show_default=False,
    ),
]
Base = Annotated[
    str, _option(_DATA, "A hub id, a folder, a GGUF file, embedded or smollm2-135m.", "--base", "-b")
]
Out = Annotated[Path, _option(_DATA, "A folder for the reward model.", "--out", "-o")]
Format = Annotated[str | None, _option(_DATA, "The format of rated chains, if not recognized.")]
OnError = Annotated[str, _option(_DATA, "stop at a record that fails (default), or skip it.")]
ValShare = Annotated[
    float | None, _option(_DATA, "Share of the problems that is held out, and tunes the threshold: 0.1.")
]
TruncateAfterFirstError = Annotated[
    bool | None,
    _option(_DATA, "No targets after the first below 0.5.", "--truncate-after-first-error"),
]
LastStepOnly = Annotated[
    bool | None, _option(_DATA, "An outcome reward model: the last step alone.", "--last-step-only")
]
MaxLength = Annotated[
    int | None, _option(_DATA, "Tokens of a chain; later steps are cut off and counted: 2048.")
]
StepToken = Annotated[
    str | None, _option(_DATA, "A reserved token of the tokenizer; by default one is chosen.")
]
Loss = Annotated[
    str | None,
    _option(
        _TRAINING,
        "ce (hard labels), bce (soft targets), beta_binomial (success counts), ranking (bce and pairs "
        "within a chain); auto: ce if all targets are 0 or 1, else bce.",
    ),
]
Epochs = Annotated[float | None, _option(_TRAINING, "Passes over the chains: 2.")]
Lr = Annotated[float | None, _option(_TRAINING, "Learning rate of the body: 2e-5.")]
HeadLr = Annotated[float | None, _option(_TRAINING, "Learning rate of the head: 3e-4.")]
BatchSize = Annotated[int | None, _option(_TRAINING, "Chains in a batch on each device: 8.")]
Balance = Annotated[
    bool | None, _option(_TRAINING, "Weigh right and wrong steps to equal sums.", "--balance")
]
Aggregation = Annotated[
    str | None,
    _option(_TRAINING, "How PRM.chain_scores makes a chain's score: min (default), product, last or mean."),
]
LoraRank = Annotated[
    int | None, _option(_TRAINING, "Train adapters of this rank by peft, merged at the end.")
]
Seed = Annotated[int | None, _option(_TRAINING, "Seed of head, order and split: 0.")]
Trainer = Annotated[
    list[str] | None,
    _option(
        _TRAINING,
        "An argument of transformers.TrainingArguments, as bf16=true or report_to=wandb; repeatable.",
        "--trainer",
        metavar="NAME=VALUE",
    ),
]
Resume = Annotated[bool, _option(_WORK, "Go on with an interrupted training.", "--resume")]
Overwrite = Annotated[
    bool, _option(_WORK, "Replace what a training left in --out; not with --resume.", "--overwrite")
]
Threads = Annotated[int | None, _option(_WORK, "Threads to compute with.")]
