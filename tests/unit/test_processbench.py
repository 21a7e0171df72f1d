"""ProcessBench on constructed predictions, against values computed by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.errors import ConfigError, InputError
from cpmi.evaluate import Threshold, evaluate_processbench
from cpmi.evaluate.processbench_result import ProcessBench
from cpmi.evaluate.scored import read_splits
from tests.scored_chains import scored, table

RIGHT, WRONG = {"outcome": "right"}, {"outcome": "wrong"}

# Wrong chains: exactly found, found too early (0.4 before the error), not found (0.5 is not below 0.5).
# Right chains: silent, flagged.
MATH = [
    scored("math-0", [0.9, 0.2, 0.1], 1, meta=WRONG, steps=("a", "bbbb", "c")),
    scored("math-1", [0.4, 0.9, 0.1], 2, meta=WRONG, steps=("a", "b", "cccc")),
    scored("math-2", [0.9, 0.5], 1, meta=WRONG, steps=("aaaa", "b")),
    scored("math-3", [0.9, 0.6], meta=RIGHT),
    scored("math-4", [0.9, 0.4], meta=RIGHT),
]
# One of one found, one of one silent: F1 is 1.
OMNI = [scored("omnimath-0", [0.1, 0.9], 0, meta=WRONG), scored("omnimath-1", [0.9], meta=RIGHT)]
DEV = [
    scored("gsm8k-0", [0.9, 0.3], 1),
    scored("gsm8k-1", [0.7, 0.5]),
    scored("gsm8k-2", [0.8, 0.6, 0.2], 2),
]


def measure(tmp_path: Path, *sets: list, **options: object) -> ProcessBench:
    folders = [table(tmp_path / f"set{index}", rows) for index, rows in enumerate(sets)]
    return evaluate_processbench(folders, num_draws=50, **options)  # type: ignore[arg-type]


def f1(acc_err: float, acc_corr: float) -> float:
    return 2 * acc_err * acc_corr / (acc_err + acc_corr)


def test_the_official_figures_by_hand(tmp_path: Path) -> None:
    result = measure(tmp_path, MATH, OMNI)
    assert (result.threshold, result.threshold_source) == (0.5, "official: 0.5")
    math, omni = result.row("scores").splits
    assert (math.split, omni.split) == ("math", "omnimath")
    assert (math.acc_err.value, math.acc_corr.value) == (pytest.approx(1 / 3), 1 / 2)
    assert math.f1.value == pytest.approx(f1(1 / 3, 1 / 2))
    assert omni.f1.value == 1
    assert result.row("scores").mean_f1.value == pytest.approx((0.4 + 1) / 2)
    assert {s.id: s.prediction for s in result.samples if s.split == "math"} == {
        "math-0": 1,
        "math-1": 0,
        "math-2": -1,
        "math-3": -1,
        "math-4": 1,
    }
    assert result.missing_splits == ("gsm8k", "olympiadbench")
    assert "lacks gsm8k, olympiadbench" in result.warnings[0]


def test_the_trivial_rows_by_hand(tmp_path: Path) -> None:
    result = measure(tmp_path, MATH)

    def accuracies(name: str) -> tuple[float | None, float | None]:
        (found,) = result.row(name).splits
        return found.acc_err.value, found.acc_corr.value

    assert accuracies("never an error") == (0, 1)
    assert result.row("never an error").mean_f1.value == 0
    # First errors of the three: 1, 2, 1; so the best fixed index is 1.
    assert accuracies("outcome + fixed index") == (pytest.approx(2 / 3), 1)
    assert accuracies("outcome + longest step") == (pytest.approx(2 / 3), 1)
    assert accuracies("outcome + random step") == (pytest.approx((1 / 3 + 1 / 3 + 1 / 2) / 3), 1)
    # The lowest scores stand at 2, 2 and 1.
    assert accuracies("outcome + lowest score") == (pytest.approx(2 / 3), 1)
    known = {row.name for row in result.rows if row.knows_answer}
    assert known == {name for name in (row.name for row in result.rows) if name.startswith("outcome")}
    assert {"random", "position", "length", "relative length"} <= {row.name for row in result.rows}


def test_undecided_answers_count_in_favor_of_the_trivial_rows(tmp_path: Path) -> None:
    rows = [
        scored("w", [0.9, 0.9], 1, gold="4", answer="5"),
        scored("u", [0.9, 0.9], 1, gold="4", steps=("a", "so")),
        scored("r", [0.9, 0.9], gold="4", answer="4.0"),
        scored("v", [0.9, 0.9], gold="4", steps=("a", "so")),
    ]
    result = measure(tmp_path, rows)
    assert result.row("outcome + fixed index").mean_f1.value == 1
    assert result.splits[0].num_answers_settled == 2
    # The scores are not told the two undecided ones: "w" is a tie of two steps, "u" is not found.
    (gated,) = result.row("outcome + lowest score").splits
    assert (gated.acc_err.value, gated.acc_corr.value) == (0.25, 1)
    assert [s.final_answer for s in result.samples] == ["wrong", "undecided", "right", "undecided"]


def test_without_any_final_answer_the_rows_that_need_it_are_missing_and_it_is_said(tmp_path: Path) -> None:
    result = measure(tmp_path, DEV)
    assert not any(row.knows_answer for row in result.rows)
    assert result.splits[0].num_answers_settled is None
    assert any("Give --gold FILE" in warning for warning in result.warnings)


def test_a_gold_file_is_joined_by_the_problems_text(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(
        "".join(json.dumps({"question": f"Question  of gsm8k-{i}?", "gold": "7"}) + "\n" for i in range(3))
    )
    rows = [
        replace(row, chain=replace(row.chain, answer="7" if index == 1 else "8"))
        for index, row in enumerate(DEV)
    ]
    result = measure(tmp_path, rows, gold=gold)
    assert [s.final_answer for s in result.samples] == ["wrong", "right", "wrong"]


def test_no_threshold_can_be_made_but_the_allowed_ones() -> None:
    with pytest.raises(TypeError, match=r"Threshold\.official\(\) or Threshold\.tuned_on\(dev\)"):
        Threshold()
    with pytest.raises(TypeError):
        Threshold(0.3)  # type: ignore[call-arg]
    official = Threshold.official()
    with pytest.raises(AttributeError, match="never changes"):
        official._value = 0.3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        official.value = 0.3  # type: ignore[misc]
    assert official.value == 0.5


def test_a_threshold_is_the_best_on_dev_and_refuses_its_own_problems(tmp_path: Path) -> None:
    (dev,) = read_splits([table(tmp_path / "dev", DEV)])
    threshold = Threshold.tuned_on(dev)
    # Between 0.3 and 0.5 all three dev chains are predicted exactly: the midpoint.
    assert threshold.value == pytest.approx(0.4)
    with pytest.raises(InputError, match="tuned on problems that it would be reported on"):
        threshold.predict(dev)
    (other,) = read_splits([table(tmp_path / "other", MATH)])
    assert np.array_equal(threshold.predict(other), [1, 2, -1, -1, -1])


def test_a_folder_named_as_a_split_is_none(tmp_path: Path) -> None:
    own = [scored("mine-0", [0.2], 0), scored("mine-1", [0.9])]
    result = evaluate_processbench([table(tmp_path / "math", own)], num_draws=50)
    assert [split.name for split in result.splits] == ["math (not of the benchmark)"]
    assert "math" in result.missing_splits


def test_two_folders_with_one_name_are_refused(tmp_path: Path) -> None:
    first = table(tmp_path / "a" / "mine", [scored("x", [0.2], 0)])
    second = table(tmp_path / "b" / "mine", [scored("y", [0.2], 0)])
    with pytest.raises(InputError, match="two folders have the same name"):
        evaluate_processbench([first, second], num_draws=50)


def test_tuning_on_gsm8k_leaves_gsm8k_out_and_says_so(tmp_path: Path) -> None:
    result = measure(tmp_path, DEV, MATH, tune_on=table(tmp_path / "dev", DEV))
    assert [split.name for split in result.splits] == ["math"]
    assert "gsm8k" in result.missing_splits
    assert result.threshold_source == "tuned on gsm8k (the official split), not reported for it"
    # At 0.4: 0.2 in math-0 fires, math-1 is now exact, math-4 is silent.
    assert result.row("scores").splits[0].acc_err.value == pytest.approx(2 / 3)
    assert result.row("scores").splits[0].acc_corr.value == 1


def test_tuning_on_what_is_reported_is_refused(tmp_path: Path) -> None:
    dev = table(tmp_path / "dev", MATH)
    with pytest.raises(InputError, match="5 of 5 chains of math"):
        measure(tmp_path, MATH, tune_on=dev)
    with pytest.raises(InputError, match="nothing is left to report"):
        measure(tmp_path, DEV, tune_on=table(tmp_path / "gsm8k", DEV))
    with pytest.raises(InputError, match="tuned on one split"):
        measure(tmp_path, OMNI, tune_on=table(tmp_path / "two", [*DEV, *MATH]))


def test_steps_without_a_score_never_fire_and_are_counted(tmp_path: Path) -> None:
    result = measure(tmp_path, [scored("a", [0.9, None], 1), scored("b", [0.9])])
    assert [s.prediction for s in result.samples] == [-1, -1]
    assert result.splits[0].num_unscored_steps == 1
    assert any("1 steps without a score" in warning for warning in result.warnings)


def test_unrated_chains_are_left_out_and_counted(tmp_path: Path) -> None:
    result = measure(tmp_path, [*OMNI, scored("omnimath-2", [0.5], ratings=None)])
    assert [(item.reason, item.num_chains) for item in result.splits[0].left_out] == [("without ratings", 1)]
    with pytest.raises(InputError, match="no scored chain has a known first error"):
        measure(tmp_path, [scored("omnimath-2", [0.5], ratings=None)])
    with pytest.raises(InputError, match="two chains have the same id"):
        measure(tmp_path, OMNI, OMNI)
    with pytest.raises(ConfigError, match="no scores are given"):
        evaluate_processbench([])


def test_the_command_prints_all_rows_and_stores_samples(tmp_path: Path) -> None:
    folder, out = table(tmp_path / "set", MATH), tmp_path / "out"
    args = ["evaluate", "processbench", str(folder), "--out", str(out), "--draws", "50"]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 0, done.output
    for name in ("scores", "never an error", "outcome + fixed index *", "outcome + longest step *"):
        assert name in done.output
    assert "threshold 0.5 (official: 0.5)" in done.output
    facts = json.loads((out / "processbench.json").read_text())
    assert facts["rows"][0]["splits"][0]["f1"]["value"] == pytest.approx(0.4)
    samples = [json.loads(line) for line in (out / "samples.jsonl").read_text().splitlines()]
    assert [sample["prediction"] for sample in samples] == [1, 0, -1, -1, 1]
    assert samples[0]["scores"] == [0.9, 0.2, 0.1]
