"""What reward models learn from: ratings, cuts, outcomes, and a split that no problem is on both sides of."""

from __future__ import annotations

from typing import Any

import pytest

from cpmi.errors import ConfigError
from cpmi.prm.aggregate import aggregate
from cpmi.prm.examples import Example, counted_only, from_ratings, in_validation, resolve_loss, shape
from cpmi.prm.options import TrainOptions
from cpmi.prm.sampler import LengthSampler
from cpmi.prm.threshold import tune_threshold
from cpmi.types import Chain, Rating

R, N, W, X = Rating.RIGHT, Rating.NEUTRAL, Rating.WRONG, Rating.NOT_JUDGED


def rated(*ratings: Rating) -> Chain:
    return Chain(id="a", question="Q?", steps=tuple(map(str, range(len(ratings)))), ratings=ratings)


def example(*targets: float | None, **changes: Any) -> Example:
    steps = tuple(map(str, range(len(targets))))
    return Example(**{"id": "a", "question": "Q?", "steps": steps, "targets": targets, **changes})


@pytest.mark.parametrize(
    ("ratings", "targets", "first_error"),
    [
        ((R, N, R), (1.0, 1.0, 1.0), -1),
        ((R, W, R, W), (1.0, 0.0, None, None), 1),
        ((X, W, X), (None, 0.0, None), None),
        ((R, X, R), (1.0, None, 1.0), None),
    ],
)
def test_ratings(ratings: tuple[Rating, ...], targets: tuple[float | None, ...], first_error: int | None):
    found = from_ratings(rated(*ratings))
    assert found is not None
    assert (found.targets, found.first_error) == (targets, first_error)


def test_without_ratings_there_is_no_example():
    assert from_ratings(rated(X, X)) is None


def test_after_the_first_error_nothing_is_left():
    options = TrainOptions(truncate_after_first_error=True)
    counts = ((9, 10), (2, 10), (8, 10), (7, 10))
    cut = shape(example(0.9, 0.2, 0.8, 0.7, counts=counts), options, "bce")
    assert cut.targets == (0.9, 0.2, None, None)
    assert cut.counts == ((9, 10), (2, 10), None, None)
    assert shape(example(0.9, None, 0.5), options, "bce").targets == (0.9, None, 0.5)


def test_an_outcome_model_reads_the_last_step_alone():
    options = TrainOptions(last_step_only=True)
    assert shape(example(1.0, 1.0), options, "ce").targets == (None, 1.0)
    assert shape(example(1.0, 0.0, None), options, "ce").targets == (None, None, 0.0)
    assert shape(example(0.9, 0.1, 0.7), options, "bce").targets == (None, None, 0.7)
    assert shape(example(1.0, None), options, "ce").targets == (None, None)


def test_hard_labels_are_for_cross_entropy():
    both = example(0.9, 0.2, None, hard=(1.0, 0.0, None))
    assert shape(both, TrainOptions(), "ce").targets == (1.0, 0.0, None)
    assert shape(both, TrainOptions(), "bce").targets == (0.9, 0.2, None)


def test_targets_without_a_count_are_none_for_a_loss_of_counts():
    counted = counted_only(example(0.9, 0.3, None, counts=((9, 10), None, None)))
    assert counted.targets == (0.9, None, None)
    assert counted.counts == ((9, 10), None, None)


def test_the_loss_fits_the_targets():
    assert resolve_loss("auto", [example(1.0, 0.0, None)]) == "ce"
    assert resolve_loss("auto", [example(1.0, 0.5)]) == "bce"
    with pytest.raises(ConfigError, match="targets are soft"):
        resolve_loss("ce", [example(1.0, 0.5)])
    with pytest.raises(ConfigError, match="not success counts"):
        resolve_loss("beta_binomial", [example(1.0, 0.5)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "mse"}, "option loss.*'auto', 'ce', 'bce', 'beta_binomial' or 'ranking'"),
        ({"warmup": 1}, "option warmup: does not exist"),
        ({"lr": 0.0}, "option lr.*greater than 0"),
        ({"val_share": 1.0}, "option val_share.*less than 1"),
        ({"seed": -1}, "option seed"),
        ({"seed": 2**32}, "option seed"),
        ({"truncate_after_first_error": True, "last_step_only": True}, "contradicts"),
        ({"loss": "ranking", "balance": True}, "contradicts"),
        ({"trainer": {"seed": 3}}, "is set by cpmi"),
        ({"trainer": {"include_num_input_tokens_seen": "no"}}, "is set by cpmi"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], message: str):
    with pytest.raises(ConfigError, match=message):
        TrainOptions.parse(options)


def test_the_split_is_by_problem():
    options = TrainOptions(val_share=0.25)
    questions = [f"Question {index}:  how many?" for index in range(2000)]
    sides = [in_validation(question, options) for question in questions]
    assert sides == [in_validation(f" {q.replace('  ', chr(10))} ", options) for q in questions]
    assert 0.21 < sum(sides) / len(sides) < 0.29
    others = [in_validation(question, TrainOptions(val_share=0.25, seed=1)) for question in questions]
    assert sides != others
    assert not any(in_validation(question, TrainOptions(val_share=0.0)) for question in questions)


def test_the_order_follows_from_seed_and_epoch_and_batches_are_of_like_length():
    lengths = [(7 * index) % 101 for index in range(330)]
    sampler = LengthSampler(lengths, batch_size=8, seed=3)
    first = list(sampler)
    assert sorted(first) == list(range(330))
    assert first == list(LengthSampler(lengths, batch_size=8, seed=3))
    sampler.set_epoch(1)
    assert first != list(sampler)
    batches = [first[at : at + 8] for at in range(0, 330, 8)]
    padding = sum(max(lengths[i] for i in b) - lengths[j] for b in batches for j in b)
    unsorted = [list(range(at, min(at + 8, 330))) for at in range(0, 330, 8)]
    assert padding < 0.3 * sum(max(lengths[i] for i in b) - lengths[j] for b in unsorted for j in b)


def test_the_threshold_prefers_ratings_and_says_what_it_was_tuned_on():
    right = example(1.0, 1.0, first_error=-1, rated=True)
    wrong = example(1.0, 0.0, first_error=1, rated=True)
    by_labels = example(1.0, 0.0, first_error=0)
    found = tune_threshold([right, wrong, by_labels], [(0.9, 0.8), (0.9, 0.6), (0.1, 0.2)])
    assert found.value == pytest.approx(0.7)
    assert (found.f1, found.f1_middle) == (1.0, 0.0)
    assert found.tuned_on == "ratings of 2 held-out chains, 1 of them wrong"
    assert tune_threshold([right], [(0.9, 0.8)]).value == 0.5
    assert (
        "labels of 2"
        in tune_threshold([example(1.0, 1.0, first_error=-1), by_labels], [(1, 1), (0, 1)]).tuned_on
    )


def test_aggregation():
    scores = (0.9, 0.5, 0.8)
    assert aggregate(scores, "min") == 0.5
    assert aggregate(scores, "product") == pytest.approx(0.36)
    assert aggregate(scores, "last") == 0.8
    assert aggregate(scores, "mean") == pytest.approx(2.2 / 3)
    assert aggregate([*scores, None], "min") is None
    with pytest.raises(ConfigError, match=r"got 'median'; expected min or product or last or mean"):
        aggregate(scores, "median")  # type: ignore[arg-type]
