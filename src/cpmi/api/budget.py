"""The budget of a run as a share of full Monte Carlo, found before the run by a pass over its input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from cpmi.answers import Equivalence
from cpmi.config import LabelConfig
from cpmi.errors import ConfigError, CpmiError, RecordError
from cpmi.methods.base import Setup
from cpmi.methods.options import RolloutOptions
from cpmi.methods.rollouts import Rollouts
from cpmi.methods.spending import full_cost
from cpmi.requests import Engine
from cpmi.runs.records import Join, as_record, with_gold
from cpmi.types import Chain

Inputs = Iterable[Chain | RecordError]


def budget_share(
    config: LabelConfig, engine: Engine, read: Callable[[], Inputs], join: Join | None
) -> float | None:
    """The share that the budget of a run comes to, or None if the method has no budget.

    The input is read only where the budget is not a share already, and then the whole of it, so that all
    shards of a run find the same share.

    Args:
        config: the options.
        engine: of the labeling model, whose tokenizer counts.
        read: begins the input anew.
        join: gives a chain its gold answer; None where the input states it.

    Raises:
        ConfigError: the engine takes the plain path, or no chain of the input can be labeled.
    """
    budget = config.budget
    if budget is None:
        return None
    if engine.describe().get("path") == "plain":
        raise ConfigError(
            "the plain path cannot bound the cost of a request beforehand",
            where="option budget",
            got=f"an engine of the plain path, {engine.name}",
            hint='Load it with path="tree".',
        )
    if budget.is_share:
        return budget.amount
    assert isinstance(config.options, RolloutOptions)  # a budget is spent on rollouts
    setup = Setup(
        tokenizers={"policy": engine.tokenizer},
        equivalence=Equivalence(),  # nothing is compared
        prompt=config.prompt,
        language=config.spoken,
    )
    rollouts = Rollouts.of(config.options, setup)
    return budget.share_of(cost_of_all(read(), rollouts, join=join, limit=config.limit))


def cost_of_all(inputs: Inputs, rollouts: Rollouts, *, join: Join | None, limit: int | None) -> int:
    """Expected cost of full Monte Carlo of an input, in tokens.

    A function of the input and the tokenizer alone. Records that cannot be read and chains without a gold
    answer cost nothing.

    Args:
        inputs: the input in its order.
        rollouts: how full Monte Carlo would draw them.
        join: gives a chain its gold answer; None where the input states it.
        limit: read this many records only.
    """
    records = (with_gold(as_record(content), join) for content in islice(inputs, limit))
    return sum(
        full_cost(rollouts, record.content) for record in records if not isinstance(record.content, CpmiError)
    )
