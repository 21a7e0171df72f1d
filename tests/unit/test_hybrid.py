"""Two label sets in one chain, and the map from one to the other, against values worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from cpmi.calibration import merge, overlap
from cpmi.errors import InputError
from cpmi.runs.table import LabeledChain
from cpmi.targets.overlap import fit_overlap
from cpmi.types import Chain, StepLabels

Values = Sequence[float | None]


def rows(
    chains: Sequence[Values], *, method: str, unit: str = "nat", question: str = "Q?"
) -> list[LabeledChain]:
    return [
        LabeledChain(
            chain=Chain(id=f"{index}", question=question, steps=("s",) * len(values)),
            labels=StepLabels(
                chain_id=f"{index}",
                method=method,
                values=tuple(values),
                unit=unit,
                abstained={step: "unsure" for step, value in enumerate(values) if value is None},
            ),
        )
        for index, values in enumerate(chains)
    ]


def fit(first: Sequence[Values], rest: Sequence[Values], num_first: int, unit: str = "probability"):
    return fit_overlap(
        rows(first, method="rollouts", unit=unit),
        rows(rest, method="contrast"),
        num_first,
        first_where="FIRST",
        rest_where="REST",
    )


def test_the_first_steps_are_the_first_sets_and_the_others_the_others() -> None:
    found = merge(
        (0.1, None, None, 0.4, None, 0.6),
        (0.9, 0.8, None, 0.7, None, 0.5),
        3,
        first_reasons={1: "cut off", 2: "undecided", 4: "beyond"},
        rest_reasons={2: "no contrast", 4: "no number"},
    )
    assert found.targets == (0.1, 0.8, None, 0.7, None, 0.5)
    assert found.sources == ("first", "rest", None, "rest", None, "rest")
    assert found.reasons == {2: "undecided", 4: "no number"}
    assert found.stood_in == {1: "cut off"}


def test_more_first_steps_than_steps() -> None:
    found = merge((0.1, 0.2), (0.8, 0.9), 9, first_reasons={}, rest_reasons={})
    assert (found.targets, found.sources) == ((0.1, 0.2), ("first", "first"))
    with pytest.raises(ValueError):
        merge((0.1,), (0.8, 0.9), 1, first_reasons={}, rest_reasons={})


def test_the_overlap_is_what_both_label_among_the_first_steps() -> None:
    assert overlap((0.1, None, 0.3, 0.4), (1.0, 2.0, None, 4.0), 3) == [(1.0, 0.1)]
    assert overlap((0.1, None, 0.3, 0.4), (1.0, 2.0, None, 4.0), 9) == [(1.0, 0.1), (4.0, 0.4)]


def test_the_map_pools_what_falls() -> None:
    # Mean success rate by label: 0.2 at 1, 0.6 at 2, 0.4 at 3, 1 at 4; labels 2 and 3 are pooled at 0.5.
    first = [(0.0, 1.0, 0.5, 1.0), (0.4, 0.2, 0.3, 1.0)] * 3
    rest = [(1.0, 2.0, 3.0, 4.0)] * 6
    found = fit(first, rest, 4)
    targets = found.fitting.map_of("any").apply(np.array([0.0, 1, 1.5, 2, 3, 3.5, 4, 9]))
    assert targets.tolist() == pytest.approx([0.2, 0.2, 0.35, 0.5, 0.5, 0.75, 1, 1])
    assert (found.low, found.high) == (1, 4)
    record = found.fitting.to_json()
    assert (record["map"], record["notes"]) == ("overlap", [])
    assert (record["maps"][0]["num_chains"], record["maps"][0]["num_steps"]) == (6, 24)


def test_only_the_first_steps_are_looked_at() -> None:
    first = [(0.25, 0.75, 0.0)] * 10
    rest = [(1.0, 2.0, 3.0)] * 10
    found = fit(first, rest, 2)
    assert found.fitting.map_of("any").apply(np.array([1.0, 2.0, 3.0])).tolist() == [0.25, 0.75, 0.75]
    assert found.high == 2


def test_labels_that_go_the_other_way_get_one_target() -> None:
    found = fit([(0.75, 0.25)] * 10, [(1.0, 2.0)] * 10, 2)
    assert found.fitting.map_of("any").apply(np.array([1.0, 2.0])).tolist() == [0.5, 0.5]
    assert "do not go with greater success rates" in found.fitting.notes[0]


@pytest.mark.parametrize(
    ("first", "rest", "unit", "message"),
    [
        ([(0.2, 0.4)] * 9, [(1.0, 2.0)] * 9, "probability", r"^FIRST and REST: too few .* \(got 18 among"),
        ([(0.2, None)] * 19, [(1.0, 2.0)] * 19, "probability", r"got 19 among the first 2 of every chain"),
        ([(0.5, 0.5)] * 10, [(1.0, 2.0)] * 10, "probability", r"^FIRST: .*got 0.5 on all 20 steps"),
        ([(0.2, 0.4)] * 10, [(3.0, 3.0)] * 10, "probability", r"^REST: .*got 3 on all 20 steps"),
        ([(0.2, 0.4)] * 10, [(1.0, 2.0)] * 10, "nat", r"^FIRST: .*no probabilities \(got unit nat;"),
        ([(0.2, 1.5)] * 10, [(1.0, 2.0)] * 10, "probability", r"^FIRST: .*got the label 1.5;"),
    ],
    ids=["few", "few with both", "one rate", "one label", "no unit", "no share"],
)
def test_what_gives_no_map(first: list[Values], rest: list[Values], unit: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        fit(first, rest, 2, unit)
    assert "--map platt or isotonic" in str(caught.value)
