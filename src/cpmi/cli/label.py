"""`cpmi label`: chains in, a table of step labels out."""

from __future__ import annotations

from typing import Any

from cpmi.cli import session, terminal
from cpmi.cli.flags import command
from cpmi.config import LabelConfig


@command(LabelConfig, "chains")
def label(**flags: Any) -> None:
    """Label every step of every chain; an interrupted run is resumed."""
    from cpmi.api.label import run_label
    from cpmi.cli.summary import summarize

    config = LabelConfig.parse(session.options_given(flags))
    run = session.show(run_label, config, noun="chains", look=session.look_at_chains)
    session.say_if_from_before(run)
    terminal.out().print(summarize(run.totals, run.out, price_per_hour=config.price_per_hour))
    session.expect_something(run.totals)
