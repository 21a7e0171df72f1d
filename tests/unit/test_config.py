"""Options: defaults by method, what is refused, recipes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cpmi.cli.recipe import read_recipe
from cpmi.config import LabelConfig, SampleConfig, TrainConfig
from cpmi.errors import ConfigError
from cpmi.methods import NetGain
from cpmi.options import RenamedOptionWarning
from cpmi.prm.options import TrainOptions
from cpmi.weights import DEFAULT_WEIGHTS

BASE: dict[str, Any] = {"input": "chains.jsonl", "model": "m", "method": "cpmi", "out": "labels"}


def parse(**changes: Any) -> LabelConfig:
    return LabelConfig.parse(BASE | changes)


def determining(**changes: Any) -> dict[str, Any]:
    return parse(**changes).options.determining()


def test_defaults_of_the_contrasts() -> None:
    assert determining() == {
        "context": "single_step",
        "negatives": 4,
        "sampled": 8,
        "intermediate": 0,
        "variants": 4,
    }
    net_gain = {"negatives": 5, "sampled": 0, "intermediate": 1, "variants": 4, "gold_forms": 3}
    assert determining(method="net_gain") == {**net_gain, "label": "value", "pool": "max"}
    assert determining(method="probe") == {**net_gain, "label": "least_number"}
    evidence = determining(method="evidence")
    assert evidence.pop("weights") == DEFAULT_WEIGHTS.to_json()
    own = {"negatives": 2, "sampled": 0, "intermediate": 0, "variants": 1, "gold_forms": 1}
    assert evidence == {**own, "label": "posterior"}


def test_defaults_of_the_rivals() -> None:
    rollouts = {"rollouts": 8, "temperature": 0.6, "top_p": 0.95, "max_tokens": 512}
    assert determining(method="monte_carlo") == {"label": "soft", **rollouts}
    assert determining(method="monte_carlo", first_steps=2) == {"label": "soft", "first_steps": 2, **rollouts}
    assert determining(method="judge") == {"label": "margin", "variants": 4}
    assert determining(method="binary_search") == rollouts
    assert determining(method="pav") == {"best_of": 4, "alpha": 1.0, **rollouts}
    proved = parse(method="pav", prover="other", alpha=2)
    assert proved.options.determining() == {"best_of": 1, "alpha": 2.0, **rollouts}
    assert proved.options.second_models() == {"prover": "other"}
    assert determining(method="pav", prover="other", best_of=2)["best_of"] == 2


def test_what_is_given_wins() -> None:
    config = parse(negatives=2, context="prefix", sampled=0, price_per_hour=2, limit=None)
    assert config.options.determining() | {"negatives": 2, "context": "prefix", "sampled": 0} == (
        config.options.determining()
    )
    assert config.price_per_hour == 2.0
    assert config.limit is None
    assert config.engine_options()["path"] == "auto"


def test_a_method_is_a_name_a_class_or_its_options() -> None:
    named = parse(method="net_gain", label="gain")
    by_class = parse(method=NetGain, label="gain")
    by_options = parse(method=NetGain.Options(label="gain"))
    assert named.options == by_class.options == by_options.options
    assert {config.method for config in (named, by_class, by_options)} == {"net_gain"}
    with pytest.raises(ConfigError, match=r"given twice .*NetGain\.Options"):
        parse(method=NetGain.Options(), label="gain")
    with pytest.raises(ConfigError, match="option method: not a method"):
        parse(method=object)


def test_former_names_work_with_a_notice() -> None:
    with pytest.warns(RenamedOptionWarning, match="right_forms is now gold_forms"):
        assert parse(method="net_gain", right_forms=2).options.determining()["gold_forms"] == 2
    with pytest.warns(RenamedOptionWarning, match="unit_size is now chunk_size"):
        assert parse(unit_size=3).chunk_size == 3
    with pytest.warns(RenamedOptionWarning, match="prover is now contrast_model"):
        assert parse(method="evidence", prover="m").options.second_models() == {"contrast_model": "m"}


def test_facts_follow_from_the_options() -> None:
    assert parse(method="evidence").facts.reads_final_answer
    assert not parse(method="evidence", label="alone").facts.reads_final_answer
    assert parse(method="evidence").facts.fitted_on == DEFAULT_WEIGHTS.fitted_on != ()
    assert parse(context="leave_one_out").facts.contexts == "leave_one_out"
    assert parse(method="monte_carlo").facts.cost_reference
    first = parse(method="monte_carlo", first_steps=2).facts
    assert (first.method, first.cost_reference) == ("monte_carlo, first 2", False)


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"method": "mcts"}, ["option method: no such method", "'mcts'", "evidence, adaptive", "probe"]),
        (
            {"method": None},
            [
                "option method: is missing",
                "--method evidence",
                "\n  evidence ",
                "Recommended.\n  adaptive",
                "\n  pav ",
            ],
        ),
        (
            {"out": None, "model": None},
            ["option model: is missing", "a hub id", "Recommended: ", "Also missing: out (the run folder"],
        ),
        ({"method": "evidnce"}, ["Did you mean evidence?"]),
        ({"prompt": "chatt"}, ["option prompt: does not fit", "Did you mean chat?"]),
        ({"negative": 3}, ["has no option negative", "Did you mean negatives?"]),
        ({"limit": 0}, ["option limit: does not fit", "got 0", "at least 1"]),
        ({"limit": "ten"}, ["option limit: does not fit", "'ten'", "a valid integer"]),
        ({"shard": "3/3"}, ["option shard: not a shard", "'3/3'", "i/n with i from 0 to n-1"]),
        ({"pool": "max"}, ["method cpmi has no option pool; net_gain has it", "'max'"]),
        (
            {"method": "judge", "rollouts": 4},
            ["method judge has no option rollouts", "adaptive, binary_search, monte_carlo, pav have it"],
        ),
        ({"method": "monte_carlo", "sampled": 0}, ["no option sampled; evidence, cpmi, net_gain have it"]),
        ({"method": "monte_carlo", "prover": "other"}, ["no option prover; pav has it"]),
        ({"method": "binary_search", "label": "hard"}, ["no option label; evidence, judge, monte_carlo"]),
        ({"method": "judge", "label": "soft"}, ["option label: does not fit", "'margin' or 'first_error'"]),
        ({"method": "pav", "alpha": -1}, ["option alpha: does not fit", "at least 0"]),
        ({"method": "pav", "first_steps": 2}, ["no option first_steps; monte_carlo has it"]),
        ({"method": "monte_carlo", "first_steps": 0}, ["option first_steps: does not fit"]),
        ({"method": "monte_carlo", "label": "gain"}, ["option label: does not fit", "'soft' or 'hard'"]),
        ({"heat": 1.0}, ["method cpmi has no option heat", "context, negatives"]),
    ],
)
def test_what_is_refused(changes: dict[str, Any], facts: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(**changes)
    for fact in facts:
        assert fact in str(caught.value)


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


def test_what_decides_the_weights_is_apart_from_the_run() -> None:
    config = TrainConfig.parse({"input": "i", "base": "m", "out": "o", "lr": "1e-3", "threads": 1})
    assert config.to_json() == TrainOptions(lr=1e-3).to_json()
    assert config.to_json()["trainer"] == {}
    assert not {"input", "base", "out", "threads"} & config.to_json().keys()


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
