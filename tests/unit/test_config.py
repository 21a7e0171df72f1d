"""Options: defaults by method, what is refused, recipes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cpmi.config import LabelConfig, SampleConfig, read_recipe
from cpmi.errors import ConfigError

BASE: dict[str, Any] = {"input": "chains.jsonl", "model": "m", "method": "cpmi", "out": "labels"}


def parse(**changes: Any) -> LabelConfig:
    return LabelConfig.parse(BASE | changes)


def test_defaults_of_cpmi() -> None:
    assert parse().method_options() == {
        "context": "single_step",
        "num_negatives": 4,
        "num_intermediate": 0,
        "num_sampled": 8,
        "num_variants": 4,
        "prompt": "raw",
        "seed": 0,
    }


def test_defaults_of_net_gain() -> None:
    assert parse(method="net_gain").method_options() == {
        "pool": "max",
        "label": "value",
        "num_negatives": 5,
        "num_intermediate": 1,
        "num_gold_forms": 3,
        "num_sampled": 0,
        "num_variants": 4,
        "prompt": "raw",
        "seed": 0,
    }


def test_defaults_of_monte_carlo() -> None:
    assert parse(method="monte_carlo").method_options() == {
        "label": "soft",
        "num_rollouts": 8,
        "temperature": 0.6,
        "top_p": 0.95,
        "max_tokens": 512,
        "prompt": "raw",
        "seed": 0,
    }


def test_first_steps_say_nothing_where_they_are_not_given() -> None:
    # so that a run of all steps is the run it was before there was the option
    assert "first_steps" not in parse(method="monte_carlo").method_options()
    assert parse(method="monte_carlo", first_steps=2).method_options()["first_steps"] == 2


def test_defaults_of_the_rivals() -> None:
    rollouts = {"num_rollouts": 8, "temperature": 0.6, "top_p": 0.95, "max_tokens": 512}
    shared = {"prompt": "raw", "seed": 0}
    assert parse(method="judge").method_options() == {"label": "margin", "num_variants": 4, **shared}
    assert parse(method="binary_search").method_options() == {**rollouts, **shared}
    assert parse(method="pav").method_options() == {"best_of": 4, "alpha": 1.0, **rollouts, **shared}
    proved = parse(method="pav", prover="other", alpha=2)
    assert proved.method_options() == {"best_of": 1, "alpha": 2.0, **rollouts, **shared}
    assert proved.prover == "other"
    assert parse(method="pav", prover="other", best_of=2).best_of == 2


def test_what_is_given_wins() -> None:
    config = parse(negatives=2, context="prefix", sampled=0, price_per_hour=2, limit=None)
    assert (config.negatives, config.context, config.sampled) == (2, "prefix", 0)
    assert config.price_per_hour == 2.0
    assert config.limit is None
    assert config.engine_options()["path"] == "tree"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"method": "mcts"},
            "option method: does not fit (got 'mcts'; expected 'evidence', 'cpmi', 'net_gain', 'judge', "
            "'probe', 'monte_carlo', 'binary_search', 'pav' or 'adaptive')",
        ),
        ({"method": None}, "option method: is missing"),
        ({"out": None, "model": None}, "option out: is missing. Also wrong: model."),
        ({"limit": 0}, "option limit: does not fit (got 0; expected greater than or equal to 1)"),
        ({"limit": "ten"}, "option limit: does not fit (got 'ten'; expected a valid integer)"),
        (
            {"shard": "3/3"},
            "option shard: not a shard (got '3/3'; expected i/n with i from 0 to n-1, as 0/3)",
        ),
        (
            {"pool": "max"},
            "option pool: contradicts method cpmi (got 'max'; expected this option with method net_gain "
            "only). Leave it out, or use --method net_gain.",
        ),
        (
            {"method": "net_gain", "context": "single_step"},
            "option context: contradicts method net_gain (got 'single_step'; expected this option with "
            "method cpmi only). Leave it out, or use --method cpmi.",
        ),
        (
            {"method": "monte_carlo", "sampled": 0},
            "option sampled: contradicts method monte_carlo (got 0; expected this option with method cpmi or "
            "evidence or net_gain or probe only). Leave it out, or use --method cpmi.",
        ),
        (
            {"rollouts": 4},
            "option rollouts: contradicts method cpmi (got 4; expected this option with method monte_carlo "
            "or binary_search or pav or adaptive only). Leave it out, or use --method monte_carlo.",
        ),
        (
            {"method": "monte_carlo", "prover": "other"},
            "option prover: contradicts method monte_carlo (got 'other'; expected this option with method "
            "evidence or pav only). Leave it out, or use --method evidence.",
        ),
        (
            {"method": "binary_search", "label": "hard"},
            "option label: contradicts method binary_search (got 'hard'; expected this option with method "
            "evidence or net_gain or judge or probe or monte_carlo only). Leave it out, or use --method "
            "evidence.",
        ),
        (
            {"method": "judge", "negatives": 2},
            "option negatives: contradicts method judge (got 2; expected this option with method cpmi or "
            "evidence or net_gain or probe only). Leave it out, or use --method cpmi.",
        ),
        (
            {"method": "judge", "label": "soft"},
            "option label: contradicts method judge (got 'soft'; expected 'margin' or 'first_error')",
        ),
        (
            {"method": "pav", "alpha": -1},
            "option alpha: does not fit (got -1; expected greater than or equal to 0)",
        ),
        (
            {"method": "pav", "first_steps": 2},
            "option first_steps: contradicts method pav (got 2; expected this option with method monte_carlo "
            "only). Leave it out, or use --method monte_carlo.",
        ),
        (
            {"method": "monte_carlo", "first_steps": 0},
            "option first_steps: does not fit (got 0; expected greater than or equal to 1)",
        ),
        (
            {"method": "monte_carlo", "label": "gain"},
            "option label: contradicts method monte_carlo (got 'gain'; expected 'soft' or 'hard')",
        ),
    ],
)
def test_what_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(**changes)
    assert str(caught.value) == message


def test_options_of_sampling() -> None:
    config = SampleConfig.parse({"input": "problems.jsonl", "model": "m", "out": "o", "temperature": 1})
    assert config.sampler_options() == {
        "num_samples": 1,
        "temperature": 1.0,
        "top_p": 1.0,
        "max_tokens": 512,
        "split_steps": "auto",
        "seed": 0,
    }
    assert config.prompt == "raw"
    assert SampleConfig.parse({"input": "i", "model": "embedded", "out": "o"}).prompt == "short"
    with pytest.raises(ConfigError, match="option method: does not exist"):
        SampleConfig.parse({"input": "i", "model": "m", "out": "o", "method": "cpmi"})
    with pytest.raises(ConfigError, match="all samples of a problem are the same"):
        SampleConfig.parse({"input": "i", "model": "m", "out": "o", "temperature": 0, "num_samples": 2})


def test_an_unknown_option_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"option heat: does not exist \(expected one of input, out"):
        parse(heat=1.0)


def test_a_recipe_has_the_names_of_the_flags(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("method: net_gain\nprice-per-hour: 2\nlimit: 40\nmodel: m\n")
    options = read_recipe(recipe)
    assert options == {"method": "net_gain", "price_per_hour": 2, "limit": 40, "model": "m"}
    config = LabelConfig.parse(options | {"input": "i", "out": "o"})
    assert (config.method, config.limit) == ("net_gain", 40)
    recipe.write_text("")
    assert read_recipe(recipe) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [("- a\n- b\n", "maps option names to values"), ("a: [1", "not YAML"), ("1: 2\n", "maps option names")],
)
def test_what_is_no_recipe(tmp_path: Path, text: str, message: str) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        read_recipe(recipe)
    assert str(recipe) in str(caught.value)


def test_a_recipe_that_is_absent(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_recipe(tmp_path / "none.yaml")
