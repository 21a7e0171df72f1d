"""`cpmi score`: chains in, the scores of their steps out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cpmi.cli import terminal


def _option(help_text: str, *names: str) -> Any:
    return typer.Option(*names, help=help_text, show_default=False)


def score(
    input: Annotated[
        str, typer.Argument(metavar="INPUT", help="A file or folder of chains.", show_default=False)
    ],
    prm: Annotated[Path, _option("A reward model by cpmi train.", "--prm")],
    out: Annotated[Path, _option("A folder for the scores.", "--out", "-o")],
    format: Annotated[str | None, _option("The input's format, where it is not recognized.")] = None,
    limit: Annotated[int | None, _option("Read this many records only.")] = None,
    on_error: Annotated[str, _option("stop at a record that fails (default), or skip it.")] = "stop",
    overwrite: Annotated[bool, _option("Replace scores that stand there.", "--overwrite")] = False,
    path: Annotated[
        str | None, _option("shared (default): chains of one question compute it once; or plain.")
    ] = None,
    dtype: Annotated[str | None, _option("float32 (default), bfloat16 or float16.")] = None,
    device: Annotated[str | None, _option("cpu (default) or cuda.")] = None,
    threads: Annotated[int | None, _option("Threads to compute with.")] = None,
    batch_tokens: Annotated[int | None, _option("Tokens in a batch, padding included: 8192.")] = None,
) -> None:
    """Score every step of every chain: the probability that it is correct."""
    from cpmi.api.score import score as run
    from cpmi.cli.prm_summary import checked_on_error, summarize_scores

    done = run(
        input,
        prm=prm,
        out=out,
        format=format,
        limit=limit,
        on_error=checked_on_error(on_error),
        overwrite=overwrite,
        threads=threads,
        path=path,
        dtype=dtype,
        device=device,
        batch_tokens=batch_tokens,
    )
    terminal.out().print(summarize_scores(done), soft_wrap=True)
