"""`cpmi negatives`: rule-made wrong answers for given gold answers."""

from __future__ import annotations

from typing import Annotated

import typer


def negatives(
    golds: Annotated[list[str], typer.Argument(metavar="GOLD...", help="Gold answers.")],
    num: Annotated[int, typer.Option("--num", "-n", min=1, help="Maximum number per gold answer.")] = 4,
) -> None:
    """Print hard negatives of gold answers: gold, negative and origin, one per line, separated by tabs."""
    from cpmi.answers import Equivalence
    from cpmi.negatives import Negatives, near_miss_proposals
    from cpmi.shown import in_line

    with Equivalence() as equivalence:
        chooser = Negatives(equivalence=equivalence, num_negatives=num)
        for gold in golds:
            chosen = chooser.select(gold, near_miss_proposals(gold))
            for candidate in chosen.candidates:
                if not candidate.right:
                    typer.echo("\t".join(map(in_line, (gold, candidate.text, candidate.origin))))
