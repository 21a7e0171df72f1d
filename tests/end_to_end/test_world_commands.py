"""`cpmi world`: problems and exact ratings from the command line, and what is said of bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cpmi.cli import app
from cpmi.data import read_chains
from cpmi.embedded.world import read_problem
from cpmi.types import Chain, Rating

QUESTION = "Tom has 12 apples. Ana has 7 more apples than Tom. How many apples does Ana have?"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["world", *map(str, arguments)])


def chains_file(folder: Path, *records: dict[str, object]) -> Path:
    path = folder / "chains.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_problems_are_drawn_by_seed_and_split(tmp_path):
    files = [tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl")]
    for file, seed in zip(files, (0, 0, 1), strict=True):
        assert run("problems", "--num", "6", "--split", "dev", "--seed", str(seed), "-o", file).exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()
    rows = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert len({row["id"] for row in rows}) == 6
    for row in rows:
        plan = read_problem(row["question"])
        assert plan is not None
        assert str(plan.value(plan.asked)) == row["gold"]


def test_fewer_problems_are_the_first_ones(tmp_path):
    few, more = tmp_path / "few.jsonl", tmp_path / "more.jsonl"
    run("problems", "--num", "2", "-o", few)
    run("problems", "--num", "4", "-o", more)
    assert more.read_text().startswith(few.read_text())


@pytest.mark.parametrize(
    ("flags", "said"), [(("--split", "valid"), "train, dev, test"), (("--level", "9"), "0, 1, 2 or 3")]
)
def test_what_does_not_exist_is_named(tmp_path, flags, said):
    result = run("problems", *flags, "-o", tmp_path / "p.jsonl")
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "p.jsonl").exists()


def test_ratings_are_given_with_their_reasons(tmp_path):
    right, wrong = ["So Ana has 12 + 7 = 19 apples."], ["Next comes Ana.", "Ana has 12 - 7 = 5 apples."]
    chains = chains_file(
        tmp_path,
        {"id": "good", "question": QUESTION, "gold": "19", "steps": right},
        {"id": "bad", "question": QUESTION, "gold": "19", "steps": wrong},
    )
    result = run("rate", chains, "-o", tmp_path / "rated.jsonl")
    assert result.exit_code == 0
    assert "2 chains, 1 of them with a wrong step" in result.output
    good, bad = (t for t in read_chains(str(tmp_path / "rated.jsonl")) if isinstance(t, Chain))
    assert good.ratings == (Rating.RIGHT,)
    assert bad.ratings == (Rating.NEUTRAL, Rating.WRONG)
    assert bad.meta["faults"].startswith("1: wrong relation")


def test_a_question_outside_the_world_is_named_and_nothing_is_written(tmp_path):
    chains = chains_file(tmp_path, {"id": "x1", "question": "What is 1 + 1?", "steps": ["2"]})
    result = run("rate", chains, "-o", tmp_path / "rated.jsonl")
    assert result.exit_code == 2
    assert "chains.jsonl:1" in result.output
    assert "x1" in result.output
    assert not (tmp_path / "rated.jsonl").exists()
