"""Evidence: what the weights do, what the final answer does, and that fitting finds what is there."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cpmi.answers import Equivalence
from cpmi.config import LabelConfig
from cpmi.engines.fake import CharacterTokenizer, FakeEngine, hashed_logprob
from cpmi.errors import ConfigError, InputError
from cpmi.methods import NetGain
from cpmi.requests import Engines
from cpmi.runs.scheduler import Outcome, run_flows
from cpmi.runs.table import LabeledChain
from cpmi.targets.weights import fit_rows
from cpmi.types import Chain, Rating, StepLabels
from cpmi.weights import CAP, SurpriseWeights, Weights
from tests.methods import make_method

WEIGHTS = Weights(bias=2.0, least_number=0.5, mean=0.4, gain=0.25)
CHAIN = Chain(
    id="t",
    question="Mia has 12 pens and drops 5. How many are left?",
    steps=("She starts with 12.", "12 - 5 = 8 are left.", "The answer is: 8"),
    gold="7",
)


def run(chain: Chain = CHAIN, method: str = "evidence", **options: object) -> StepLabels:
    with Equivalence() as equivalence:
        labeler = make_method(method, CharacterTokenizer(), equivalence=equivalence, **options)  # type: ignore[arg-type]
        (outcome,) = run_flows([(chain.id, labeler.label(chain))], FakeEngine())
    assert isinstance(outcome, Outcome)
    assert isinstance(outcome.result, StepLabels)
    return outcome.result


def test_the_formula_by_hand() -> None:
    odds = WEIGHTS.log_odds(
        {"least_number": [-2.0, -50.0, 0.0], "mean": [-1.0, 0.0, 0.0], "gain": [4.0, 0.0, -99.0]}
    )
    assert odds.tolist() == pytest.approx(
        [2 - 1 - 0.4 + 1, 2 - 0.5 * CAP, 2 - 0.25 * CAP]
    )  # beyond the cap a reading says no more


def test_alone_is_the_formula_of_its_own_parts() -> None:
    labels = run(label="alone", weights=WEIGHTS.to_json())
    parts = labels.parts
    expected = WEIGHTS.log_odds(parts)
    assert labels.values == pytest.approx(expected.tolist())
    assert labels.values == parts["alone"]


def test_its_contrast_is_that_of_net_gain() -> None:
    labels = run()
    same = run(
        method="net_gain",
        variants=1,
        negatives=2,
        intermediate=0,
        gold_forms=1,
        label="gain",
    )
    assert labels.parts["gain"] == pytest.approx(same.values)
    assert labels.candidate_values == same.candidate_values


def test_a_prover_reads_the_gain_and_nothing_else() -> None:
    """Two engines that differ: surprises are the policy's, the contrast is the prover's."""
    policy, prover = FakeEngine(), FakeEngine(logprob=lambda *at: hashed_logprob(*at) / 2)

    def read(engines: Engines, other: CharacterTokenizer | None) -> StepLabels:
        with Equivalence() as equivalence:
            labeler = make_method(
                "evidence", equivalence=equivalence, second={} if other is None else {"contrast_model": other}
            )
            (outcome,) = run_flows([("t", labeler.label(CHAIN))], engines)
        assert isinstance(outcome, Outcome)
        assert isinstance(outcome.result, StepLabels)
        return outcome.result

    both = read({"policy": policy, "contrast_model": prover}, CharacterTokenizer())
    mine, theirs = read(policy, None), read(prover, None)
    assert both.parts["least_number"] == mine.parts["least_number"] != theirs.parts["least_number"]
    assert both.parts["mean"] == mine.parts["mean"]
    assert both.parts["gain"] == theirs.parts["gain"] != mine.parts["gain"]
    same = read({"policy": policy, "contrast_model": policy}, CharacterTokenizer())
    assert same.values == pytest.approx(mine.values)


def test_a_final_answer_moves_the_belief_and_is_bayes() -> None:
    """P(j | wrong) ∝ P(j) · 0.92 and P(none | wrong) ∝ P(none) · 0.02, by hand from the values alone."""
    labels = run(weights=WEIGHTS.to_json())
    hazard = [1 / (1 + math.exp(v)) for v in labels.parts["alone"]]
    survived, prior = 1.0, []
    for h in hazard:
        prior.append(h * survived)
        survived *= 1 - h
    joint = [p * 0.92 for p in prior] + [survived * 0.02]  # CHAIN ends at 8, the gold is 7
    belief = [p / sum(joint) for p in joint]
    assert labels.parts["belief"] == pytest.approx(belief)
    assert labels.values == pytest.approx([math.log((1 - p) / p) for p in belief[:-1]])
    right = run(
        Chain(id="t", question=CHAIN.question, steps=CHAIN.steps, gold="8"), weights=WEIGHTS.to_json()
    )
    assert right.parts["belief"][-1] > labels.parts["belief"][-1]


FREE = Chain(id="t", question="Which?", steps=("It has 3 leaves.", "So it is a tree."), gold="a tree")
APART = SurpriseWeights(bias=1.5, least_number=0.5, mean=0.25)
BOTH = {**WEIGHTS.to_json(), "without_contrast": APART.to_json()}


def test_without_a_negative_the_surprises_speak_alone() -> None:
    labels = run(FREE, weights=BOTH, label="alone")
    assert labels.missing_parts == {"gain": "no negative for a gold answer of type word"}
    assert labels.parts["gain"] == labels.parts["net"] == ()
    least, mean = labels.parts["least_number"], labels.parts["mean"]
    expected = [1.5 + 0.5 * max(x, -CAP) + 0.25 * max(m, -CAP) for x, m in zip(least, mean, strict=True)]
    assert labels.values == pytest.approx(expected)
    assert not labels.abstained


def test_their_surprises_are_those_beside_a_contrast() -> None:
    contrasted = run(weights=BOTH)
    asked_for_none = run(weights=BOTH, negatives=0)
    assert asked_for_none.missing_parts == {"gain": "no wrong answers were asked for"}
    for name in ("least_number", "mean"):
        assert asked_for_none.parts[name] == pytest.approx(contrasted.parts[name])
    assert asked_for_none.values != pytest.approx(contrasted.values)


def test_without_a_contrast_the_own_answer_still_speaks() -> None:
    wrong = replace(CHAIN, gold="7")
    right = replace(CHAIN, gold="8")
    last = [run(chain, weights=BOTH, negatives=0).parts["belief"][-1] for chain in (wrong, right)]
    assert last[0] < last[1]


def test_weights_that_know_no_such_chains_abstain_with_the_reason() -> None:
    labels = run(FREE, weights=WEIGHTS.to_json())
    assert labels.values == (None, None)
    assert "no negative for a gold answer of type word, and the weights have none" in labels.abstained[0]


def test_no_contrast_contradicts_a_contrast_model() -> None:
    with pytest.raises(ConfigError, match="contradicts negatives 0"):
        LabelConfig.parse(
            {
                "input": "c.jsonl", "out": "o", "model": "m", "method": "evidence", "negatives": 0,
                "contrast_model": "other",
            }
        )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "not a file of weights"),
        ('{"bias": 1, "mean": 1, "least_number": 1}', "gain"),
        ('{"bias": 1, "least_number": true, "mean": 1, "gain": 1}', "least_number"),
        ('{"bias": 1, "least_number": -1, "mean": 1, "gain": 1}', "0 or more"),
        ('{"bias": 1, "least_number": 1, "mean": 1, "gain": 1, "without_contrast": 3}', "not weights"),
        ('{"bias": 1, "least_number": 1, "mean": 1, "gain": 1, "without_contrast": {"bias": 1}}', "missing"),
    ],
)
def test_bad_weights_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match=message):
        Weights.read(path)


def test_weights_survive_the_file(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    for weights in (WEIGHTS, replace(WEIGHTS, without_contrast=APART)):
        path.write_text(json.dumps({**weights.to_json(), "num_chains": 3}))
        assert Weights.read(path) == weights


def rated(index: int, readings: dict[str, list[float]], error: int | None) -> LabeledChain:
    num = len(readings["gain"])
    ratings = [
        Rating.RIGHT if error is None or i < error else Rating.WRONG if i == error else Rating.NOT_JUDGED
        for i in range(num)
    ]
    return LabeledChain(
        chain=Chain(
            id=str(index), question=f"q{index}", steps=tuple(f"step {i}" for i in range(num)),
            ratings=tuple(ratings),
        ),
        labels=StepLabels(
            chain_id=str(index), method="evidence", values=tuple(readings["gain"]), unit="log-odds",
            parts={name: tuple(column) for name, column in readings.items()},
        ),
    )  # fmt: skip


def drawn(true: Weights, num: int) -> list[LabeledChain]:
    random = np.random.default_rng(0)
    rows = []
    for index in range(num):
        readings = {
            "least_number": (-random.exponential(2.0, 6)).tolist(),
            "mean": (-random.exponential(1.0, 6)).tolist(),
            "gain": random.normal(0, 2.0, 6).tolist(),
        }
        wrong = random.random(6) > 1 / (1 + np.exp(-true.log_odds(readings)))
        rows.append(rated(index, readings, int(wrong.argmax()) if wrong.any() else None))
    return rows


TRUE = Weights(bias=5.0, least_number=0.8, mean=0.6, gain=0.5)


def test_fitting_finds_the_weights_that_made_the_errors() -> None:
    fitted = fit_rows(drawn(TRUE, 3000), where="run")
    found = fitted.weights
    assert [found.bias, found.least_number, found.mean, found.gain] == pytest.approx(
        [5.0, 0.8, 0.6, 0.5], abs=0.2
    )
    assert fitted.num_chains == 3000
    assert fitted.num_errors > 100


def test_those_without_a_contrast_are_fitted_beside() -> None:
    rows = drawn(Weights(bias=4.0, least_number=0.8, mean=0.6, gain=0.0), 3000)
    blank = [replace(row, labels=replace(row.labels, parts={**row.labels.parts, "gain": ()})) for row in rows]
    half = fit_rows([*rows[:1500], *blank[1500:]], where="run")
    whole = fit_rows(rows, where="run")
    assert half.num_without_contrast == 1500
    assert half.num_chains == whole.num_chains == 3000
    assert half.weights.without_contrast == whole.weights.without_contrast
    assert half.weights.without_contrast is not None
    assert list(half.weights.without_contrast.to_json().values()) == pytest.approx([4.0, 0.8, 0.6], abs=0.2)
    assert half.weights != whole.weights  # of the chains with a contrast alone
    none = fit_rows(blank, where="run").weights
    assert none.gain == 0
    assert none.bias == none.without_contrast.bias  # type: ignore[union-attr]


def test_a_reading_that_says_the_opposite_gets_no_weight() -> None:
    turned = [
        rated(
            int(row.chain.id),
            {
                **{k: list(v) for k, v in row.labels.parts.items()},
                "gain": [-g for g in row.labels.parts["gain"]],
            },
            next((i for i, r in enumerate(row.chain.ratings or ()) if r is Rating.WRONG), None),
        )
        for row in drawn(TRUE, 1000)
    ]
    found = fit_rows(turned, where="run").weights
    assert found.gain == 0
    assert found.least_number == pytest.approx(0.8, abs=0.25)


def test_nothing_to_fit_on_is_an_error() -> None:
    with pytest.raises(InputError, match="some of both"):
        fit_rows([rated(0, {"least_number": [-1.0], "mean": [-1.0], "gain": [1.0]}, None)], where="run")


def test_the_readings_are_those_of_one_tree() -> None:
    """One request a chain, and no sample."""
    with Equivalence() as equivalence:
        flow = make_method("evidence", equivalence=equivalence).label(CHAIN)
        (request,) = next(flow)
        flow.close()
        contrast = make_method(NetGain, equivalence=equivalence, variants=1, negatives=2)
        candidates = contrast.negatives.select("7", [("8", next(iter(run().candidates)).origin)])
    tree = contrast.tree(CHAIN, candidates)
    assert getattr(request, "shared_prefix", None) == tree.shared_prefix


def test_nothing_to_fit_on_is_said_of_the_run() -> None:
    rows = [
        rated(index, {name: [0.0, 0.0] for name in ("least_number", "mean", "gain")}, None)
        for index in (0, 1)
    ]
    with pytest.raises(
        InputError, match=r"^my-run: ratings give nothing to fit on \(got 4 right and 0 wrong"
    ):
        fit_rows(rows, where="my-run")
