"""`cpmi score`: chains in, the scores of their steps out."""

from __future__ import annotations

from typing import Any

from cpmi.cli import session, terminal
from cpmi.cli.flags import command
from cpmi.config import ScoreConfig


@command(ScoreConfig, "chains")
def score(**flags: Any) -> None:
    """Score every step of every chain: the probability that it is correct; an interrupted run is resumed."""
    from cpmi.data.records import expect_present
    from cpmi.prm.card import read_card

    config = ScoreConfig.parse(session.options_given(flags))
    expect_present(config.input)  # before torch and transformers are imported
    read_card(config.prm)
    from cpmi.api.score import run_score
    from cpmi.cli.summary import summarize_scores

    run = session.show(run_score, config, noun="chains", look=session.look_at_chains)
    session.say_if_from_before(run)
    terminal.out().print(summarize_scores(run.totals, run.out), soft_wrap=True)
    session.expect_something(run.totals)
