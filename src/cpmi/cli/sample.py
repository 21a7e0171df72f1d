"""`cpmi sample`: problems in, chains of thought out."""

from __future__ import annotations

from typing import Any

from cpmi.cli import session, terminal
from cpmi.cli.flags import command
from cpmi.config import SampleConfig


@command(SampleConfig, "problems")
def sample(**flags: Any) -> None:
    """Sample chains for problems; an interrupted run is resumed."""
    from cpmi.api.sample import run_sample
    from cpmi.cli.summary import summarize_samples

    config = SampleConfig.parse(session.options_given(flags))
    run = session.show(run_sample, config, noun="problems", look=session.look_at_problems)
    session.say_if_from_before(run)
    terminal.out().print(summarize_samples(run.totals, run.out), soft_wrap=True)
    session.expect_something(run.totals)
