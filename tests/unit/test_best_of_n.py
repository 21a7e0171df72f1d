"""Best-of-N on constructed chains, against values computed by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.errors import InputError
from cpmi.evaluate import evaluate_best_of_n
from cpmi.metrics import best_of_n as choose
from tests.scored_chains import scored, step_scores, table

ANSWERS = {"first": ["4", "5", "5", "4.0"], "second": ["9", "9", "7", None]}
SCORES = {
    "first": [[0.9, 0.9], [0.8, 0.2], [0.5], [0.99, 0.1]],
    "second": [[0.2, 0.9], [0.1, 0.9], [0.6], [1.0, 1.0]],
}


def rows():
    """Steps without a number, so that no answer is read from them."""
    return [
        scored(
            f"{name}/{index}",
            SCORES[name][index],
            question=f"The {name}?",
            answer=answer,
            ratings=None,
            steps=("so",) * len(SCORES[name][index]),
        )
        for name, answers in ANSWERS.items()
        for index, answer in enumerate(answers)
    ]


def gold_file(tmp_path: Path) -> Path:
    file = tmp_path / "gold.jsonl"
    golds = [{"question": "The first?", "gold": "4"}, {"question": "The  second?", "gold": "7"}]
    file.write_text("".join(json.dumps(record) + "\n" for record in golds))
    return file


def test_the_figures_by_hand(tmp_path: Path) -> None:
    result = evaluate_best_of_n([table(tmp_path / "s", rows())], gold=gold_file(tmp_path), num_draws=50)
    assert (result.num_problems, result.ns) == (2, (1, 2, 4))
    assert result.verdicts == {"different": 4, "no answer": 1, "same": 3}

    def at(name: str, n: int = 4) -> float | None:
        return result.row(name).accuracy(n).value

    # first: products 0.81, 0.16, 0.5, 0.099 choose a right chain; second: 1.0 states no answer.
    assert at("product") == 0.5
    assert at("min") == 0.5
    assert at("last") == 0.5
    # second by majority: 9 twice, 7 once: wrong. first: 4 and 5 twice each: half.
    assert at("majority vote") == 0.25
    # first: 0.909 for 4 against 0.66 for 5. second: 0.18 + 0.09 for 9 against 0.6 for 7.
    assert at("weighted majority, product") == 1
    # first by the mean: 0.9 + 0.545 against 0.5 + 0.5. second: 0.55 + 0.5 against 0.6.
    assert at("weighted majority, mean") == 0.5
    assert at("pass@N") == 1
    assert at("random pick") == (2 / 4 + 1 / 4) / 2
    # N = 2: first (4, 5), (5, 4): pass 1 and 1; second (9, 9), (7, -): 0 and 1.
    assert at("pass@N", 2) == 0.75
    assert at("product", 2) == pytest.approx(((1 + 0) / 2 + (0 + 0) / 2) / 2)
    assert at("majority vote", 2) == pytest.approx(((0.5 + 0.5) / 2 + (0 + 1) / 2) / 2)
    for row in result.rows:
        assert row.accuracy(1).value == at("random pick") or row.name == "pass@N" or "majority" in row.name


def test_differences_are_paired_to_majority(tmp_path: Path) -> None:
    result = evaluate_best_of_n([table(tmp_path / "s", rows())], gold=gold_file(tmp_path), num_draws=50)
    difference = result.row("weighted majority, product").at[-1].to_majority
    # first: 1 − 0.5, second: 1 − 0; every draw of the two lies between these.
    assert difference is not None
    assert (difference.value, difference.low, difference.high) == (0.75, 0.5, 1.0)
    assert result.row("majority vote").at[-1].to_majority is None


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    more = [
        *rows(),
        scored("first/4", [0.5], question="The first?", answer="5", ratings=None),
        scored("third/0", [0.5], question="The third?", answer="1", gold="1", ratings=None),
        scored("fourth/0", [0.5], question="The fourth?", answer="1", ratings=None),
        *(
            scored(f"fifth/{i}", [0.5], question="The fifth?", answer="1", gold=str(i), ratings=None)
            for i in range(4)
        ),
    ]
    result = evaluate_best_of_n([table(tmp_path / "s", more)], gold=gold_file(tmp_path), num_draws=50)
    assert {item.reason: item.num_chains for item in result.left_out} == {
        "no gold answer": 1,
        "the chains of the problem have different gold answers": 4,
        "on problems with fewer than 4 chains": 1,
        "beyond a multiple of 4 on their problem": 1,
    }
    with pytest.raises(InputError, match="no problem has one gold answer"):
        evaluate_best_of_n([table(tmp_path / "t", rows())])


def test_ties_are_expected_values_and_unscored_chains_rank_last() -> None:
    right = choose.ScoredAnswer(right=True, vote=0, scores=(0.5, 0.5), num_characters=3)
    wrong = choose.ScoredAnswer(right=False, vote=1, scores=(0.25,), num_characters=3)
    unscored = choose.ScoredAnswer(right=True, vote=0, scores=(0.9, None), num_characters=9)
    assert choose.best([right, wrong], "product") == 0.5
    assert choose.best([right, wrong], "min") == 1
    assert choose.best([wrong, unscored], "last") == 0
    assert choose.shortest([right, wrong, unscored]) == 0.5
    assert choose.weighted_majority([wrong, unscored], "mean") == 0
    assert (
        choose.majority([choose.ScoredAnswer(right=False, vote=None, scores=(1.0,), num_characters=1)]) == 0
    )


def test_the_command(tmp_path: Path) -> None:
    folder, out = table(tmp_path / "s", rows()), tmp_path / "out"
    args = ["evaluate", "best-of-n", str(folder), "--gold", str(gold_file(tmp_path)), "-o", str(out)]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 0, done.output
    for name in ("product", "weighted majority, min", "majority vote", "pass@N", "random pick"):
        assert name in done.output
    assert json.loads((out / "best-of-n.json").read_text())["ns"] == [1, 2, 4]
    samples = [json.loads(line) for line in (out / "samples.jsonl").read_text().splitlines()]
    assert samples[0]["chain_scores"]["product"] == pytest.approx(0.81)
    assert [sample["vote"] for sample in samples] == [0, 1, 1, 0, 0, 0, 1, None]


def test_a_chain_with_steps_beyond_the_context_is_not_chosen(tmp_path: Path) -> None:
    """The right chain with product 0.81 now lacks a score; then 0.5 chooses a wrong one."""
    whole = rows()
    cut = replace(whole[0], scores=step_scores([0.9, None]))
    result = evaluate_best_of_n(
        [table(tmp_path / "s", [cut, *whole[1:]])], gold=gold_file(tmp_path), num_draws=50
    )
    assert result.row("product").accuracy(4).value == 0
    assert any("1 chains hold a step without a score" in warning for warning in result.warnings)
