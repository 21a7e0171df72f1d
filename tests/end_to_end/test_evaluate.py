"""Labels against ratings, from run folders to the table and the JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from rated_runs import chain, chains, noise, write_run
from typer.testing import CliRunner, Result

from cpmi.cli import app
from cpmi.errors import ConfigError, InputError, MissingDependencyError, RunError
from cpmi.evaluate import Estimate, Evaluation, evaluate_labels, evaluate_labels_by
from cpmi.evaluate.columns import UNITS
from cpmi.evaluate.findings import format_estimate
from cpmi.evaluate.hazard import BaselineFeatures, fit_hazard
from cpmi.metrics.layout import StepLayout
from cpmi.runs.matching import fold_of
from cpmi.types import Chain, FirstErrorUnknown, Rating
from cpmi.usage import Usage
from tests.hiding import hide

pytest.importorskip("sklearn")

NUM_DRAWS = 200


def evaluate(*folders: Path, **options: object) -> Evaluation:
    return evaluate_labels(folders, **({"num_draws": NUM_DRAWS} | options))  # type: ignore[arg-type]


def invoke(*args: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", "labels", *map(str, args)])


def said(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """Noise, an oracle and a stand-in for Monte Carlo on 300 chains, half of them wrong."""
    folder = tmp_path_factory.mktemp("runs")
    made = chains(300)
    cheap = Usage(computed_tokens=1000, unshared_tokens=8000, flops=500)
    dear = Usage(computed_tokens=4000, generated_tokens=3000, unshared_tokens=4000, flops=2000)
    folders = [
        write_run(folder / "noise", made, noise(1), method="noise", usage=cheap, wall_s=2),
        write_run(folder / "oracle", made, noise(2, lowered=3), method="oracle"),
        write_run(
            folder / "mc",
            made,
            lambda t: [1 / (1 + np.exp(-value)) for value in noise(3, lowered=1)(t)],
            method="monte_carlo",
            unit="probability",
            usage=dear,
            wall_s=8,
        ),
    ]
    return evaluate(*folders)


def test_noise_adds_nothing_and_an_oracle_does(evaluation: Evaluation) -> None:
    nothing, something = evaluation.row("noise").gain, evaluation.row("oracle").gain
    assert nothing is not None
    assert something is not None
    assert not nothing.concordance.above_zero
    assert abs(nothing.concordance.value or 0) < 0.03
    assert something.concordance.above_zero
    assert something.f1.above_zero
    assert nothing.concordance_without == something.concordance_without
    by_name = {sentence.split(":")[0]: sentence for sentence in evaluation.findings}
    assert "above 0" in by_name["oracle"]
    assert "above 0" not in by_name["noise"]


def test_rows_and_their_order(evaluation: Evaluation) -> None:
    names = [row.name for row in evaluation.rows]
    assert names == ["noise", "oracle", "monte_carlo", *UNITS, "combined baseline"]
    position = evaluation.row("position").concordance
    assert (position.value, position.low, position.high) == (0.5, 0.5, 0.5)
    assert evaluation.row("number of steps").concordance_equal_count.value == 0.5
    outcome = evaluation.row("outcome")
    assert outcome.f1 is None  # it knows the final answer: only gated F1 compares
    assert outcome.f1_gated.acc_corr.value == 1
    longest = evaluation.row("outcome + longest step")
    assert longest.first_error_accuracy == evaluation.row("length").first_error_accuracy


def test_every_figure_has_an_interval(evaluation: Evaluation) -> None:
    for row in evaluation.rows:
        for estimate in (
            row.auroc,
            row.concordance,
            row.first_error_accuracy,
            row.f1_gated.f1,
            row.null_share,
        ):
            assert estimate.low is not None
            assert estimate.low <= (estimate.value or 0) <= (estimate.high or 0)
    assert all(item.f1.low is not None for item in evaluation.differences)


def test_the_record_gives_back_the_evaluation(evaluation: Evaluation) -> None:
    text = json.dumps(evaluation.to_json(), allow_nan=False)
    assert Evaluation.from_json(json.loads(text)) == evaluation
    with pytest.raises(InputError, match="not an evaluation by this cpmi"):
        Evaluation.from_json({"format": 99})
    with pytest.raises(InputError, match="not the record of an evaluation"):
        Evaluation.from_json(json.loads(text) | {"ground": {}})
    with pytest.raises(KeyError):
        evaluation.row("absent")


def test_costs_stand_beside_monte_carlo(evaluation: Evaluation) -> None:
    cost = evaluation.row("noise").cost
    assert cost is not None
    assert cost.to_monte_carlo is not None
    assert cost.to_monte_carlo.wall_s == 0.25
    assert cost.to_monte_carlo.generated_tokens == 0
    assert cost.to_monte_carlo.unshared_tokens == 2
    assert cost.steps_per_s == evaluation.ground.num_steps / 2
    assert evaluation.row("oracle").cost is None
    sentence = next(s for s in evaluation.findings if s.startswith("oracle against monte_carlo"))
    assert "above in concordance" in sentence
    sentence = next(s for s in evaluation.findings if s.startswith("noise against monte_carlo"))
    assert "below in concordance" in sentence
    assert sentence.endswith("at 0.25 of the time and 0 of the generated tokens.")


def test_differences_are_paired(evaluation: Evaluation) -> None:
    first = evaluation.differences[0]
    assert (first.first, first.second) == ("noise", "oracle")
    assert first.concordance.below_zero
    rows = [evaluation.row(name).concordance.value or 0 for name in ("noise", "oracle")]
    assert first.concordance.value == pytest.approx(rows[0] - rows[1])


def test_calibration_of_a_probability_is_measured_twice(evaluation: Evaluation) -> None:
    assert [item.of for item in evaluation.row("noise").calibration] == ["platt"]
    platt, raw = evaluation.row("monte_carlo").calibration
    assert (platt.of, raw.of) == ("platt", "raw")
    assert (platt.ece.value or 0) < (raw.ece.value or 0)
    assert platt.num_steps == sum(item.num_steps for item in platt.bins)
    assert len(platt.bins) == 10


def test_the_same_seed_gives_the_same_result(tmp_path: Path) -> None:
    made = chains(40)
    folder = write_run(tmp_path / "noise", made, noise(1))
    assert evaluate(folder) == evaluate(folder)
    assert evaluate(folder, seed=1).row("some").concordance != evaluate(folder).row("some").concordance


def test_folds_and_out_of_fold_predictions() -> None:
    # printf 'How many?' | sha256sum gives a number that leaves 4 when divided by 5.
    assert fold_of("How  \n many? ") == fold_of("How many?") == 4
    assert {fold_of(f"Question {index}?") for index in range(50)} == set(range(5))
    # Moving a fold's labels leaves what is predicted for it from the baselines' features alone untouched,
    # and its own first errors never reach its own model.
    layout = StepLayout(
        num_steps_C=np.full(40, 3),
        first_error_C=np.arange(40) % 3,
        problem_C=np.arange(40),
        fold_C=np.arange(40) % 5,
    )
    lengths = np.random.default_rng(0).normal(size=(120, 2))
    features = BaselineFeatures(
        index_N=layout.index_N,
        num_steps_N=layout.num_steps_C[layout.chain_N],
        log_length_N=lengths[:, 0],
        log_relative_N=lengths[:, 1],
    )
    there = fit_hazard(features, layout).logit_N
    moved = np.where(layout.fold_C == 2, 2 - layout.first_error_C, layout.first_error_C)
    here = fit_hazard(features, replace(layout, first_error_C=moved)).logit_N
    in_fold = layout.fold_C[layout.chain_N] == 2
    assert (there[in_fold] == here[in_fold]).all()
    assert (there[~in_fold] != here[~in_fold]).any()


def test_only_shared_chains_with_a_known_first_error_are_used(tmp_path: Path) -> None:
    made = chains(20)
    right, wrong, unknown = Rating.RIGHT, Rating.WRONG, Rating.NOT_JUDGED
    odd = [
        chain(100, None, 2, ratings=None),
        chain(101, None, 2, ratings=(unknown, unknown)),
        chain(102, None, 2, ratings=(unknown, wrong)),
        chain(103, None, 2, ratings=(right, unknown)),
        chain(104, None, 2, ratings=(Rating.NEUTRAL, right)),
    ]
    a = write_run(tmp_path / "a", [*made, *odd], noise(1), method="a")
    b = write_run(tmp_path / "b", [*odd, *made[3:]], noise(2), method="b")
    found = evaluate(a, b).ground
    assert {item.reason: item.num_chains for item in found.left_out} == {
        f"not in {b}": 3,
        FirstErrorUnknown.NO_RATINGS: 2,
        FirstErrorUnknown.NOT_JUDGED_BEFORE: 1,
        FirstErrorUnknown.NOT_ALL_JUDGED: 1,
    }
    assert found.num_chains == 18  # 17 of 20 and the neutral one
    assert found.num_wrong == 9
    assert found.num_answers_undecided == 0


def test_final_answers_that_the_input_judges_are_not_compared(tmp_path: Path) -> None:
    """Every answer equals its gold, or has none: what the input says goes first."""
    made = [
        replace(t, answer="7", gold="7" if index % 3 else None, meta={"outcome": "wrong"})
        for index, t in enumerate(chains(12))
    ]
    found = evaluate(write_run(tmp_path / "run", made, noise(1))).ground
    assert (found.num_answers_different, found.num_answers_undecided) == (12, 0)


def test_labels_by_the_generator_of_their_chains(tmp_path: Path) -> None:
    made = [replace(t, meta={"generator": "ab"[index % 3 == 0]}) for index, t in enumerate(chains(30))]
    folder = write_run(tmp_path / "run", made, noise(1))
    found = evaluate_labels_by([folder], "generator", num_draws=20)
    assert {value: one.ground.num_chains for value, one in found.items()} == {"a": 20, "b": 10}
    apart = write_run(tmp_path / "b", [t for t in made if t.meta["generator"] == "b"], noise(1))
    assert found["b"].row("some").concordance == evaluate(apart, num_draws=20).row("some").concordance
    shown = said(invoke(folder, "--by", "generator", "--draws", 20, "--out", tmp_path / "by.json"))
    assert "generator: a" in shown
    assert set(json.loads((tmp_path / "by.json").read_text())["values"]) == {"a", "b"}
    with pytest.raises(InputError, match=r"option by.*got writer; expected generator"):
        evaluate_labels_by([folder], "writer")


def test_a_dozen_chains_do_not_crash_and_say_how_little_they_prove(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "few", chains(12), noise(1))
    found = evaluate(folder)
    assert "Only 6 wrong chains" in found.warnings[0]
    json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    "chains",
    [
        [chain(0, 0, 1)],
        [chain(0, None, 2)],
        [chain(0, 1, 2), chain(1, None, 3)],
        [chain(0, 1, 3, question="same?"), chain(1, 0, 3, question="same?")],
        [chain(index, 0, 2, gold=None) for index in range(4)],
    ],
    ids=["one wrong step", "right only", "one of each", "one problem", "no pair, no gold"],
)
@pytest.mark.parametrize("label", [1.0, None])
def test_hardly_any_data(tmp_path: Path, chains: list[Chain], label: float | None) -> None:
    folder = write_run(tmp_path / "run", chains, lambda t: [label] * len(t.steps))
    found = evaluate(folder)
    json.dumps(found.to_json(), allow_nan=False)
    assert found.row("some").null_share.value == (label is None)
    assert invoke(folder, "--out", tmp_path / "e.json", "--draws", 20).exit_code == 0


def test_abstentions_count_half(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", chains(30), lambda t: [None] * len(t.steps))
    row = evaluate(folder).row("some")
    assert row.concordance.value == row.auroc.value == 0.5
    assert row.first_error_accuracy.value == evaluate(folder).references.mean_inverse_steps.value
    assert row.f1 is not None
    assert row.f1.thresholds == (None,) * 5
    assert row.f1.acc_corr.value == 1
    assert row.roc.note
    assert row.calibration[0].ece.value is None


def test_printed_candidates_are_looked_at_apart(tmp_path: Path) -> None:
    folder = write_run(
        tmp_path / "run", chains(60), noise(1), printed=lambda t: [i == 0 for i in range(len(t.steps))]
    )
    literal = evaluate(folder).row("some").literal
    assert literal is not None
    assert 0 < (literal.share_removed.value or 0) < 1
    assert literal.all_pairs == evaluate(folder).row("some").concordance
    assert evaluate(folder).row("length").literal is None


def test_labels_that_read_the_final_answer_are_marked(tmp_path: Path) -> None:
    made = chains(60)
    told = write_run(tmp_path / "told", made, noise(1), method="evidence")
    blind = write_run(tmp_path / "blind", made, noise(2), method="other")
    found = evaluate(told, blind)
    assert [row.name for row in found.rows if row.knows_answer] == [
        "evidence", "outcome", "outcome + longest step",
    ]  # fmt: skip
    assert any("evidence uses final-answer correctness" in w for w in found.warnings)
    assert not any("final-answer correctness" in w for w in evaluate(blind).warnings)
    shown = said(invoke(told, blind, "--draws", NUM_DRAWS))
    assert "evidence *" in shown
    assert "other *" not in shown


def test_a_method_given_twice_is_named_by_its_folder(tmp_path: Path) -> None:
    made = chains(10)
    a = write_run(tmp_path / "x" / "run", made, noise(1))
    b = write_run(tmp_path / "y" / "other", made, noise(2))
    assert [row.name for row in evaluate(a, b).rows[:2]] == ["run", "other"]
    c = write_run(tmp_path / "z" / "run", made, noise(3))
    assert evaluate(a, c).rows[0].name == f"some in {a}"


def test_thresholds_from_dev_runs(tmp_path: Path) -> None:
    made, other = chains(40), chains(40, first=500)
    a, b = (write_run(tmp_path / name, made, noise(1), method=name) for name in "ab")
    dev_a, dev_b = (write_run(tmp_path / f"dev_{m}", other, noise(2, lowered=2), method=m) for m in "ab")
    found = evaluate(a, b, dev=[dev_b, dev_a])
    f1 = found.row("a").f1
    assert f1 is not None
    assert (f1.threshold_from, len(f1.thresholds)) == ("dev", 1)
    assert found.references.fixed_index_from == "dev"
    assert [run.role for run in found.runs] == ["evaluated", "evaluated", "dev", "dev"]
    with pytest.raises(InputError, match=r"no dev run for a method .*one more by b"):
        evaluate(a, b, dev=[dev_a])
    with pytest.raises(InputError, match=r"dev runs hold problems of the evaluated runs \(got 40 of 40"):
        evaluate(a, dev=[b])


def changed(made: list[Chain], **changes: object) -> list[Chain]:
    return [replace(made[0], **changes), *made[1:]]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [("question", "Another?"), ("gold", "9"), ("answer", "6"), ("ratings", (Rating.WRONG, Rating.RIGHT))],
)
def test_runs_that_disagree_about_a_chain(tmp_path: Path, name: str, value: object) -> None:
    made = [chain(0, None, 2), *chains(5, first=1)]
    a = write_run(tmp_path / "a", made, noise(1))
    b = write_run(tmp_path / "b", changed(made, **{name: value}), noise(1))
    with pytest.raises(
        InputError, match=rf"{a} and {b}: the runs disagree about the {name} of chain 'chain-0'"
    ):
        evaluate(a, b)


def test_what_one_run_does_not_know_another_does(tmp_path: Path) -> None:
    made = chains(6)
    a = write_run(tmp_path / "a", [replace(t, gold=None, ratings=None) for t in made], noise(1))
    b = write_run(tmp_path / "b", made, noise(1))
    found = evaluate(a, b).ground
    assert (found.num_wrong, found.num_answers_same) == (3, 3)


def test_errors(tmp_path: Path) -> None:
    made = chains(4)
    a = write_run(tmp_path / "a", made, noise(1))
    with pytest.raises(InputError, match=r"no chain can be held against ratings \(got without ratings: 4"):
        evaluate(write_run(tmp_path / "bare", [replace(t, ratings=None) for t in made], noise(1)))
    with pytest.raises(InputError, match="share no chain"):
        evaluate(a, write_run(tmp_path / "others", chains(3, first=50), noise(1)))
    with pytest.raises(InputError, match="the run has no chain"):
        evaluate(write_run(tmp_path / "empty", [], noise(1)))
    with pytest.raises(InputError, match=r"two chains have the same id.*'chain-0'"):
        evaluate(write_run(tmp_path / "twice", [made[0], made[0]], noise(1)))
    with pytest.raises(ConfigError, match="given twice"):
        evaluate(a, a)
    with pytest.raises(ConfigError, match="at least one"):
        evaluate()
    with pytest.raises(ConfigError, match="option draws"):
        evaluate(a, num_draws=0)
    (a / "usage.json").write_text("{}")
    with pytest.raises(RunError, match="not the usage of a cpmi run"):
        evaluate(a)


def test_without_scikit_learn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "sklearn")
    with pytest.raises(MissingDependencyError, match=r"cpmi\[evaluate\]"):
        evaluate(write_run(tmp_path / "a", chains(20), noise(1)))


def test_an_estimate_is_a_number_or_a_reason() -> None:
    with pytest.raises(ValueError, match="holds nan"):
        Estimate(value=float("nan"))
    with pytest.raises(ValueError, match="needs a reason"):
        Estimate(value=None)
    assert format_estimate(Estimate(value=0.5812, low=0.55, high=0.614)) == "0.58 [0.55, 0.61]"
    assert format_estimate(Estimate(value=-0.01), signed=True) == "−0.010"
    assert format_estimate(Estimate(value=None, note="why")) == "none"


def rated(index: int) -> Chain:
    """A chain of the tiny method, every third one wrong."""
    made = tiny.chain(index)
    ratings = [Rating.RIGHT] * len(made.steps)
    if index % 3 == 0:
        ratings[index % len(ratings)] = Rating.WRONG
    return replace(made, ratings=tuple(ratings))


def test_from_labeling_to_the_table(tmp_path: Path) -> None:
    records = [rated(index) for index in range(tiny.NUM_CHAINS)]
    tiny.run(tmp_path / "first", records)
    tiny.run(tmp_path / "second", [*records[:-1], replace(records[-1], id="another")])
    out = tmp_path / "evaluation.json"
    result = invoke(tmp_path / "first", tmp_path / "second", "--out", out, "--draws", 100)
    assert result.exit_code == 0, result.output
    assert "left out: 1 chain (not in" in said(result)
    assert "Only 15 wrong chains" in said(result)
    assert "first: adds" in said(result)
    assert "outcome + longest" in result.output
    assert max(map(len, result.output.splitlines())) <= 110 + len(str(out))
    found = Evaluation.from_json(json.loads(out.read_text()))
    assert [row.name for row in found.rows[:2]] == ["first", "second"]
    assert found.num_draws == 100
    assert found.rows[0].cost is not None
    assert found.rows[0].cost.computed_tokens > 0
    assert (found.rows[0].null_share.value or 0) > 0  # the tiny method abstains at "?"


def test_exit_codes(tmp_path: Path) -> None:
    assert invoke(tmp_path).exit_code == 2
    tiny.run(tmp_path / "unrated", [tiny.chain(0)])
    result = invoke(tmp_path / "unrated", "--out", tmp_path / "e.json")
    assert result.exit_code == 2
    assert "without ratings: 1" in said(result)
    assert not (tmp_path / "e.json").exists()
