"""The options of `cpmi label` and `cpmi sample` as flags.

None means not given: recipes and methods have their own say.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer


def _option(panel: str, help_text: str, *names: str) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel=panel, show_default=False)


_RUN, _METHOD, _SAMPLES = "The run", "The method", "The samples"
_MODEL, _WORK = "The model", "The work"

Input = Annotated[
    str | None,
    typer.Argument(help="A file of chains, a saved dataset, or hf://OWNER/NAME.", show_default=False),
]
Problems = Annotated[
    str | None,
    typer.Argument(
        metavar="PROBLEMS", help="A file of problems, gold answers or chains.", show_default=False
    ),
]
Model = Annotated[
    str | None, _option(_RUN, "A hub id, a folder, a GGUF file, embedded or smollm2-135m.", "--model", "-m")
]
MethodName = Annotated[
    str | None,
    _option(
        _RUN,
        "evidence (recommended), cpmi (as published), net_gain, judge, probe, monte_carlo, "
        "binary_search, pav, or adaptive.",
    ),
]
Out = Annotated[str | None, _option(_RUN, "The run folder; a run there is resumed.", "--out", "-o")]
Gold = Annotated[str | None, _option(_RUN, "Problems and their answers, joined by the problem's text.")]
InputFormat = Annotated[str | None, _option(_RUN, "The input's format, where it is not recognized.")]
Recipe = Annotated[str | None, _option(_RUN, "A YAML file of these options. Flags win over it.")]
Limit = Annotated[int | None, _option(_RUN, "Read this many records only.")]
ShardText = Annotated[str | None, _option(_RUN, "Do part i of n only, as 0/3; see cpmi merge.")]
OnError = Annotated[str | None, _option(_RUN, "stop at a record that fails (default), or skip it.")]
Overwrite = Annotated[bool | None, _option(_RUN, "Remove the run that stands in --out.", "--overwrite")]

Context = Annotated[str | None, _option(_METHOD, "cpmi: single_step (default), prefix, leave_one_out.")]
Pool = Annotated[str | None, _option(_METHOD, "net_gain: max (default) or logsumexp.")]
LabelKind = Annotated[
    str | None,
    _option(
        _METHOD,
        "evidence: posterior (default) or alone; net_gain: value (default) or gain; judge: margin "
        "(default) or first_error; monte_carlo: soft (default) or hard.",
    ),
]
Negatives = Annotated[int | None, _option(_METHOD, "Wrong answers to compare: 4; net_gain 5; evidence 2.")]
Sampled = Annotated[int | None, _option(_METHOD, "Answers sampled to find them: 8; net_gain 0.")]
Intermediate = Annotated[
    int | None, _option(_METHOD, "Results inside the chain that may be wrong answers: 0; net_gain 1.")
]
RightForms = Annotated[
    int | None, _option(_METHOD, "Written forms of the gold, itself included: 1; net_gain 3.")
]
Variants = Annotated[int | None, _option(_METHOD, "Prompt variants to average over: 4; evidence 1.")]
Rollouts = Annotated[int | None, _option(_METHOD, "monte_carlo, binary_search, pav: rollouts a prefix: 8.")]
RolloutTemperature = Annotated[float | None, _option(_METHOD, "Of rollouts: 0.6.", "--temperature")]
RolloutTopP = Annotated[float | None, _option(_METHOD, "Nucleus mass of rollouts: 0.95.", "--top-p")]
RolloutTokens = Annotated[
    int | None, _option(_METHOD, "Tokens a rollout: 512; what is longer is cut off.", "--max-tokens")
]
FirstSteps = Annotated[
    int | None, _option(_METHOD, "monte_carlo: rollouts after the first K steps of a chain only: all.")
]
Prover = Annotated[
    str | None,
    _option(
        _METHOD,
        "pav: the model that measures progress; by default the best of K of --model. evidence: the model "
        "that reads what a step adds to the right answer, best one tuned for foresight; by default --model.",
    ),
]
BestOf = Annotated[int | None, _option(_METHOD, "pav: tries of the prover, K: 4; with --prover 1.")]
Alpha = Annotated[float | None, _option(_METHOD, "pav: weight of progress: 1.")]
WeightsFile = Annotated[
    str | None,
    _option(_METHOD, "evidence, adaptive: a file by cpmi fit; by default the shipped ones.", "--weights"),
]
BudgetText = Annotated[
    str | None,
    _option(
        _METHOD,
        "adaptive: a share of full Monte Carlo (20%), or tokens (2000000) or money (3.50usd) for the input.",
        "--budget",
    ),
]
PricePerMillionTokens = Annotated[
    float | None, _option(_METHOD, "adaptive: what a million computed tokens cost, for a budget in money.")
]
Prompt = Annotated[
    str | None,
    _option(_METHOD, "raw (default), chat (the model's own template) or short (default of embedded)."),
]
Seed = Annotated[int | None, _option(_METHOD, "Seed of all random draws: 0.")]

NumSamples = Annotated[int | None, _option(_SAMPLES, "Chains a problem: 1.", "--num-samples", "-n")]
Temperature = Annotated[float | None, _option(_SAMPLES, "0.8; 0 takes the most probable token.")]
TopP = Annotated[float | None, _option(_SAMPLES, "Mass of the tokens drawn from: 1.0.")]
MaxTokens = Annotated[int | None, _option(_SAMPLES, "Tokens a chain at most: 512.")]
SplitSteps = Annotated[
    str | None, _option(_SAMPLES, "A step a paragraph, a line, or auto: paragraphs if there are any.")
]
SamplePrompt = Annotated[
    str | None, _option(_SAMPLES, "raw (default), chat (the model's own template) or short.")
]
SampleSeed = Annotated[int | None, _option(_SAMPLES, "Seed of all random draws: 0.")]

Dtype = Annotated[str | None, _option(_MODEL, "float32 (default), bfloat16 or float16.")]
Path = Annotated[str | None, _option(_MODEL, "tree (default), or plain: a forward a sequence.")]
Device = Annotated[str | None, _option(_MODEL, "cpu (default) or cuda.")]
Threads = Annotated[int | None, _option(_MODEL, "Threads to compute with.")]
BatchTokens = Annotated[int | None, _option(_MODEL, "Tokens in a batch.")]

UnitSize = Annotated[int | None, _option(_WORK, "Records in a chunk: 8.")]
PricePerHour = Annotated[float | None, _option(_WORK, "Price of the machine, for the summary.")]
