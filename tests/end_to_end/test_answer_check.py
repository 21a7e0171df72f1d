"""`--answer-check`: recorded by a run, and the default of every command that reads its folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

import cpmi
from cpmi.api.check import check
from cpmi.api.foresight import choose_chains
from cpmi.cli import app
from cpmi.engines.fake import FakeEngine
from cpmi.errors import AnswerCheckError, ConfigError, RecordError, RunError
from cpmi.evaluate import evaluate_best_of_n
from cpmi.methods import METHODS
from cpmi.methods.without_gold import NO_ANSWER_TEXT
from cpmi.reports.command import command
from cpmi.runs.grading import grading_of
from cpmi.runs.manifest import read_manifest
from cpmi.runs.score_table import SCORES_NAME, ScoreRow, encode_scores
from cpmi.runs.table import read_labels
from cpmi.types import Chain, Rating, StepScores
from tests.end_to_end.rated_runs import chains, write_run

FUNCTION = """
def same(gold, answer):
    return None if answer == "open" else gold.lower() == answer.lower()
def bad(gold, answer):
    raise KeyError("x")
"""
WORDS = [
    Chain(
        id=str(index), question=f"Question {index}?", steps=("Think.", f"The answer is {answer}."), gold=gold
    )
    for index, (gold, answer) in enumerate([("Paris", "paris"), ("Rome", "Milan"), ("Oslo", "Oslo")])
]
FINAL = {
    "math": {"right": 2, "undecided": 1},
    "exact": {"right": 1, "wrong": 2},
    "choice": {"undecided": 3},
    "function": {"right": 2, "wrong": 1},
}


def invoke(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture
def named(tmp_path: Path) -> Callable[[str], str]:
    """The option for a check; "function" is one in a file."""
    file = tmp_path / "graders.py"
    file.write_text(FUNCTION)
    return lambda name: f"{file}:same" if name == "function" else name


def rated() -> list[Chain]:
    """Chains whose answers are words; every second one is wrong."""
    words = {"7": "Paris", "8": "Rome"}
    return [
        replace(chain, gold="paris", answer=words[str(chain.answer)], question=f"{chain.question} Which?")
        for chain in chains(12)
    ]


def label(out: Path, given: list[Chain], **options: Any) -> cpmi.Run:
    return cpmi.label(given, model=FakeEngine(), method="judge", out=out, **options)


@pytest.mark.parametrize("name", FINAL)
def test_check_compares_by_it(name: str, named: Callable[[str], str]) -> None:
    assert check(WORDS, answer_check=named(name)).outcomes == FINAL[name]


@pytest.mark.parametrize("name", FINAL)
def test_a_run_records_it_and_its_folder_has_it_by_default(
    name: str, named: Callable[[str], str], tmp_path: Path
) -> None:
    run = label(tmp_path / "run", rated(), answer_check=named(name))
    manifest = read_manifest(run.out)
    assert manifest is not None
    assert ("answer_check" in manifest.determines) is (name != "math")
    assert grading_of([run.out]).check == named(name)
    assert grading_of([run.out], check="exact").check == "exact"
    assert ("--answer-check" in str(command(manifest))) is (name != "math")

    page, exported = tmp_path / "page.html", tmp_path / "exported"
    commands = [
        ("evaluate", "labels", run.out, "--out", tmp_path / "evaluation.json", "--draws", 20),
        ("calibrate", run.out, "--out", tmp_path / "targets", "--map", "platt", "--decode", "change_point"),
        ("report", run.out, "--out", page),
        ("export", tmp_path / "targets", "--out", exported),
        ("evaluate", "labels", tmp_path / "targets", "--out", tmp_path / "again.json", "--draws", 20),
    ]
    for args in commands:
        result = invoke(*args)
        assert result.exit_code == 0, result.output
    for file in ("evaluation.json", "again.json"):
        assert json.loads((tmp_path / file).read_text())["answer_check"] == named(name)
    assert json.loads((tmp_path / "page.json").read_text())["evaluation"]["answer_check"] == named(name)
    for folder in ("targets", "exported"):
        assert grading_of([tmp_path / folder]).check == named(name)


def test_an_option_overrides_what_the_run_records(tmp_path: Path) -> None:
    first, second = (label(tmp_path / name, rated(), answer_check=name) for name in ("exact", "math"))
    out = tmp_path / "e.json"
    result = invoke("evaluate", "labels", first.out, second.out, "--out", out, "--draws", 20)
    assert isinstance(result.exception, ConfigError) or "compare answers in different ways" in result.output
    for args in (("evaluate", "labels"), ("compare",)):
        options = ("--answer-check", "exact", "--percent", "same", "--draws", 20, "--out", out)
        result = invoke(*args, first.out, second.out, *options)
        assert result.exit_code == 0, result.output
    evaluation = json.loads(out.read_text())["evaluation"]
    assert (evaluation["answer_check"], evaluation["percent"]) == ("exact", "same")


def test_a_run_of_before_or_by_hand_has_no_say(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", rated(), lambda chain: [0.0] * len(chain.steps))
    assert grading_of([folder]).facts == {"percent": "undecided", "answer_check": "math"}


def test_the_function_is_part_of_what_a_run_follows_from(named: Callable[[str], str], tmp_path: Path) -> None:
    run = label(tmp_path / "run", WORDS, answer_check=named("function"))
    (tmp_path / "graders.py").write_text(FUNCTION + "\n# other\n")
    with pytest.raises(ConfigError, match=r"has changed since.*Give --answer-check"):
        grading_of([run.out])
    assert grading_of([run.out], check="math").check == "math"
    with pytest.raises(RunError):
        label(tmp_path / "run", WORDS, answer_check=named("function"))
    (tmp_path / "graders.py").unlink()
    with pytest.raises(ConfigError, match=r"the answer check of the run: no such file"):
        grading_of([run.out])


def test_a_failing_function_is_an_error_of_its_chain(named: Callable[[str], str], tmp_path: Path) -> None:
    bad = named("function").replace(":same", ":bad")
    with pytest.raises(AnswerCheckError, match=r"bad\('Paris', 'paris'\)"):
        check(WORDS, answer_check=bad)
    options = {"model": FakeEngine(), "method": "net_gain", "answer_check": bad}
    with pytest.raises(AnswerCheckError):
        cpmi.label(WORDS, out=tmp_path / "a", **options)
    run = cpmi.label(WORDS, out=tmp_path / "b", on_error="skip", **options)
    assert run.totals.rejected == {"the answer check failed": 3}


def test_sampling_judges_by_it(named: Callable[[str], str], tmp_path: Path) -> None:
    problems = [cpmi.types.Problem(id=str(i), question="Which?", gold="PARIS") for i in range(2)]
    engine = FakeEngine(texts=lambda *_: "Think.\n\nThe answer is Paris.")
    for name, verdict in (("exact", "different"), ("function", "same")):
        run = cpmi.sample(problems, model=engine, out=tmp_path / name, answer_check=named(name))
        assert run.totals.final_answers == {verdict: 2}
        assert grading_of([run.out]).check == named(name)


def test_sampled_chains_keep_options_and_golds(tmp_path: Path) -> None:
    problem = {"question": "Which?", "choices": ["London", "Paris"], "answer": [1, 0]}
    engine = FakeEngine(texts=lambda *_: "Think.\n\nThe answer is Paris.")
    (chain,) = cpmi.sample([problem], model=engine, out=tmp_path / "a")
    assert (chain.options, chain.gold, chain.other_golds, chain.answer) == (
        ("London", "Paris"),
        "B",
        ("A",),
        "B",
    )
    assert chain.meta["final_answer"] == "same"


@pytest.mark.parametrize("method", METHODS)
def test_an_outcome_stands_for_a_gold(method: str, tmp_path: Path) -> None:
    given = [Chain(id=str(n), question="f?", steps=("def f():", "  pass"), outcome=bool(n)) for n in range(2)]
    options = {"budget": "100%"} if method == "adaptive" else {}
    run = cpmi.label(given, model=FakeEngine(), method=method, out=tmp_path / "run", **options)
    assert [row.chain.outcome for row in run] == [False, True]
    cls = METHODS[method]
    reasons = {reason for row in run for reason in row.labels.abstained.values()}
    assert reasons == (set() if cls.takes_outcome or not cls.needs_gold else {NO_ANSWER_TEXT})
    neither = replace(given[0], outcome=None)
    if cls.needs_gold:
        with pytest.raises(RecordError, match="no gold answer"):
            cpmi.label([neither], model=FakeEngine(), method=method, out=tmp_path / "none", **options)


def test_tables_hold_the_facts_and_those_of_before_are_read(tmp_path: Path) -> None:
    full = Chain(
        id="a", question="Which?\nA. x\nB. y", steps=("One.", "It is y."), gold="B", options=("x", "y"),
        other_golds=("A",), outcome=True, distractors=("z",),
    )  # fmt: skip
    bare = Chain(id="b", question="Why?", steps=("One.",), gold="4")
    run = label(tmp_path / "run", [full, bare])
    assert [replace(row.chain, source="") for row in run] == [full, bare]
    table = pq.read_table(run.out / "labels.parquet")
    assert table.column("options").to_pylist() == [["x", "y"], None]
    old = tmp_path / "old"
    old.mkdir()
    lost = ["options", "other_golds", "outcome", "distractors"]
    pq.write_table(table.drop_columns(lost), old / "labels.parquet")
    known = {"options": (), "other_golds": (), "outcome": None, "distractors": ()}
    assert [replace(row.chain, source="") for row in read_labels(old)] == [replace(full, **known), bare]


def test_best_of_n_takes_outcomes_and_further_golds(tmp_path: Path) -> None:
    def row(id: str, question: str, **facts: Any) -> ScoreRow:
        chain = Chain(id=id, question=question, steps=("x",), **facts)
        return ScoreRow(chain=chain, scores=StepScores(values=(0.5,)))

    rows = [
        row("a", "Which?", gold="Paris", other_golds=("Lutetia",), answer="Lutetia"),
        row("b", "Which?", gold="Paris", other_golds=("Lutetia",), answer="Rome"),
        row("c", "f?", outcome=True),
        row("d", "f?", outcome=False),
    ]
    path = tmp_path / SCORES_NAME
    path.write_bytes(encode_scores(rows))
    found = evaluate_best_of_n([path], num_draws=10)
    assert found.verdicts == {"same": 2, "undecided": 1, "different": 1}
    assert found.row("pass@N").at[-1].accuracy.value == 1
    assert any("2 chains are judged by their outcome alone" in warning for warning in found.warnings)
    exact = evaluate_best_of_n([path], num_draws=10, grading=cpmi.Grading(check="exact"))
    assert (exact.verdicts, exact.answer_check) == ({"same": 2, "different": 2}, "exact")


def test_benchmarks_take_it(tmp_path: Path) -> None:
    path = tmp_path / SCORES_NAME
    rows = [ScoreRow(chain=chain, scores=StepScores(values=(0.5,) * len(chain.steps))) for chain in rated()]
    path.write_bytes(encode_scores(rows))
    for benchmark in ("processbench", "best-of-n"):
        args = ("evaluate", benchmark, path, "--draws", 10)
        out = tmp_path / benchmark
        result = invoke(*args, "--answer-check", "exact", "--out", out)
        assert result.exit_code == 0, result.output
        assert json.loads((out / f"{benchmark}.json").read_text())["answer_check"] == "exact"
        wrong = invoke(*args, "--answer-check", "exactly")
        assert wrong.exit_code != 0
        assert isinstance(wrong.exception, ConfigError | SystemExit)


def test_foresight_chooses_by_it(tmp_path: Path) -> None:
    path = tmp_path / "chains.jsonl"
    cpmi.data.write_jsonl([replace(WORDS[0], ratings=(Rating.RIGHT,) * 2)], path)
    assert choose_chains(path).chains
    with pytest.raises(cpmi.CpmiError, match="the final answer is not the gold"):
        choose_chains(path, grading=cpmi.Grading(check="exact"))
