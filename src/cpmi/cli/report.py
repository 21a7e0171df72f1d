"""`cpmi report`: one page with everything that is known about some runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import AnswerCheck, Percent

_MAX_CHAINS = 300
_OUT = "The HTML page to write; its JSON is written next to it."
_EVALUATION = "The evaluation.json of these runs; computed if not given."
_BEST_OF_N = "The best-of-n.json of a reward model trained on these labels, to be included."
_MAX = "Maximum number of chains on the page, from the start of the input."


def report(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Run folders on the same chains.")],
    out: Annotated[Path, typer.Option("--out", "-o", help=_OUT)],
    evaluation: Annotated[Path | None, typer.Option(help=_EVALUATION)] = None,
    best_of_n: Annotated[Path | None, typer.Option(help=_BEST_OF_N)] = None,
    max_chains: Annotated[int, typer.Option(min=1, help=_MAX)] = _MAX_CHAINS,
    percent: Percent = None,
    answer_check: AnswerCheck = None,
) -> None:
    """Write one HTML page, readable offline: verdict, quality, costs, and every step with its labels."""
    from cpmi.reports import make_report, read_best_of_n, read_evaluation, write_report
    from cpmi.runs.grading import grading_of

    given = None if evaluation is None else read_evaluation(evaluation)
    chosen = None if best_of_n is None else read_best_of_n(best_of_n)
    with terminal.err().status("reading and measuring"):
        made = make_report(
            folders,
            evaluation=given,
            best_of_n=chosen,
            max_chains=max_chains,
            grading=grading_of(folders, percent=percent, check=answer_check),
        )
    options = [] if evaluation is None else ["--evaluation", str(evaluation)]
    options += [] if best_of_n is None else ["--best-of-n", str(best_of_n)]
    options += [] if max_chains == _MAX_CHAINS else ["--max-chains", str(max_chains)]
    options += [] if percent is None else ["--percent", percent]
    options += [] if answer_check is None else ["--answer-check", answer_check]
    json_path = write_report(made, out, options=tuple(options))
    console = terminal.out()
    console.print(made.statement, soft_wrap=True)
    console.print(made.verdict.lead, soft_wrap=True)
    chains = made.chains
    if chains.num_left_out:
        console.print(
            f"chains  {len(chains.chains):,} shown, {chains.num_left_out:,} left out: {chains.rule}"
        )
    size = out.stat().st_size / 1e6
    console.print(f"files   {out} ({size:.1f} MB), {json_path}", soft_wrap=True)
