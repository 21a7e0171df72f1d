"""Budgets: how they are read, what they come to, which options they go with."""

from __future__ import annotations

from typing import Any

import pytest

from cpmi.api.budget import cost_of_all
from cpmi.budget import Budget
from cpmi.config import LabelConfig
from cpmi.errors import ConfigError, RecordError
from cpmi.methods.spending import full_cost
from cpmi.types import Chain
from tests.methods import make_rollouts

BASE: dict[str, Any] = {"input": "chains.jsonl", "model": "m", "method": "adaptive", "out": "labels"}


@pytest.mark.parametrize(
    ("text", "price", "share"),
    [
        ("20%", None, 0.2),
        (" 12.5 % ", None, 0.125),
        ("250%", None, 2.5),
        ("2000", None, 0.5),
        ("2_000", None, 0.5),
        ("3.50usd", 1750.0, 0.5),
        ("3.5 USD", 3500.0, 0.25),
    ],
)
def test_what_a_budget_comes_to(text: str, price: float | None, share: float) -> None:
    assert Budget.parse(text, price=price).share_of(4000) == pytest.approx(share)


@pytest.mark.parametrize(
    "text",
    ["", "0", "0%", "0.0usd", "-5%", "-1", "half", "20 %%", "5eur", "nan", "inf", "1e3", "٢%", "9" * 400],
)
def test_what_is_no_budget(text: str) -> None:
    with pytest.raises(
        ConfigError, match=r"option budget: not a budget .*20%.*2000000.*3\.50usd; more than 0"
    ):
        Budget.parse(text, price=1.0 if "usd" in text else None)


def test_what_lacks_or_contradicts() -> None:
    with pytest.raises(ConfigError, match=r"needs a price .*Give --price-per-million-tokens"):
        Budget.parse("3usd")
    with pytest.raises(ConfigError, match="option price_per_million_tokens: has no effect on a budget"):
        Budget.parse("20%", price=2.0)
    with pytest.raises(ConfigError, match="no labelable chain"):
        Budget.parse("20").share_of(0)
    assert Budget.parse("20%").share_of(0) == 0.2


def parse(**changes: Any) -> LabelConfig:
    return LabelConfig.parse(BASE | changes)


def test_options_of_adaptive() -> None:
    config = parse(budget="20%")
    determining = config.options.determining()
    assert set(determining) == {"rollouts", "temperature", "top_p", "max_tokens", "weights"}
    assert config.budget == Budget(amount=0.2, is_share=True, text="20%")
    assert parse(budget=2000).budget == Budget(amount=2000.0, is_share=False, text="2000")  # from a recipe
    money = parse(budget="3usd", price_per_million_tokens=2)
    assert money.budget == Budget(amount=1_500_000.0, is_share=False, text="3usd")
    assert money.options.determining() == determining
    assert parse(method="monte_carlo").budget is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "option budget: is missing"),
        ({"budget": "0%"}, "option budget: not a budget (got '0%'"),
        ({"budget": -3}, "option budget: not a budget (got '-3'"),
        ({"budget": "3usd"}, "needs a price"),
        ({"budget": "3usd", "price_per_million_tokens": 0}, "option price_per_million_tokens: does not fit"),
        ({"budget": "3", "price_per_million_tokens": 1}, "option price_per_million_tokens: has no effect"),
        ({"budget": "20%", "path": "plain"}, "option path: contradicts method adaptive"),
        (
            {"budget": "20%", "method": "monte_carlo"},
            "no option budget; adaptive has it",
        ),
        ({"budget": "20%", "label": "soft"}, "method adaptive has no option label"),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(**options)
    assert message in str(caught.value)


def chain(index: int, gold: str | None = "7") -> Chain:
    return Chain(id=str(index), question="q" * (index + 1), steps=("one",) * (index + 1), gold=gold)


def test_the_cost_of_an_input_is_that_of_its_usable_chains() -> None:
    rollouts = make_rollouts()
    costs = [full_cost(rollouts, chain(index)) for index in range(4)]
    inputs = [chain(0), RecordError("bad"), chain(1), chain(2, gold=None), chain(3)]
    assert cost_of_all(inputs, rollouts, join=None, limit=None) == costs[0] + costs[1] + costs[3]
    assert cost_of_all(inputs, rollouts, join=None, limit=3) == costs[0] + costs[1]

    def join(given: Chain) -> Chain:
        if given.id == "1":
            raise RecordError("two golds")
        return chain(int(given.id))

    assert cost_of_all(inputs, rollouts, join=join, limit=None) == costs[0] + costs[2] + costs[3]
