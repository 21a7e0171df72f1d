"""Digits and separators of other scripts, and decimal commas, from the input to every comparison."""
# ruff: noqa: E501 - a case stays in one line

import gc
import json
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

import cpmi
from cpmi.answers import (
    Equivalence,
    decimal_of,
    extract_answer,
    like,
    mentions,
    plain,
    results_of,
    stated_answer,
)
from cpmi.answers.decimal_comma import Number, looks_like_comma, with_answers_written
from cpmi.answers.scripts import in_script_of, readable
from cpmi.config import LabelConfig, ScoreConfig
from cpmi.data import read_chains
from cpmi.engines.fake import FakeEngine
from cpmi.runs.final_answers import final_answer_verdicts
from cpmi.types import Chain, Problem, Relation


@pytest.mark.parametrize(
    ("text", "ascii_form"),
    [
        ("１２", "12"),
        ("١٢", "12"),
        ("۱۲", "12"),
        ("١٬٢٣٤٫٥", "1,234.5"),
        ("１，２３４．５％", "1,234.5%"),
        ("－５", "-5"),
        ("（１，２）", "(1, 2)"),
        ("٣٫٥٪", "3.5%"),
        ("x＝３", "x=3"),
    ],
)
def test_numbers_are_read_as_their_ascii_forms(text: str, ascii_form: str) -> None:
    assert readable(text) == ascii_form
    with Equivalence(inline=True) as equivalence:
        assert equivalence.compare(text, ascii_form).relation is Relation.SAME


@pytest.mark.parametrize(
    "text", ["I paid $5 — “fine”, he said: 3×4−2 = 10…", "the sound of 5 drums", "4πr² ≈ 12.6 cm²"]
)
def test_english_is_left_alone(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    ("text", "answer"), [("共１２个", "12"), ("معه ١٢ تفاحة", "12"), ("= １２ 元", "١٢")]
)
def test_mentions_and_results_in_other_digits(text: str, answer: str) -> None:
    assert mentions(text, answer)
    assert not mentions(text, "2")


def test_results_in_other_digits() -> None:
    assert results_of("٣ + ٥ = ٨ تفاحات") == ["8"]
    assert results_of("一共是５＋３＝８个") == ["8"]


@pytest.mark.parametrize(
    ("text", "as_plain", "again"),
    [
        ("7,5", "7.5", "7,5"),
        ("1.234,5", "1,234.5", "1.234,5"),
        ("1.234", "1,234", "1.234"),
        ("12.345.678", "12,345,678", "12.345.678"),
        ("(1; 2)", "(1, 2)", "(1; 2)"),
        ("(1,5; -2)", "(1.5, -2)", "(1,5; -2)"),
        ("P(2|3,5)", "P(2, 3.5)", "P(2|3,5)"),
        ("7{,}5", "7.5", "7{,}5"),
        (r"1\,234{,}5", r"1\,234.5", r"1\,234{,}5"),
        ("1\u202f234,5", "1 234.5", None),
        ("(1 | 2)", "(1, 2)", "(1 | 2)"),
        ("٧٫٥", "٧٫٥", "٧٫٥"),
        ("-0,125 kg", "-0.125 kg", "-0,125 kg"),
        ("1, 2", "1, 2", "1, 2"),
        ("1,2,3", "1,2,3", None),  # no number
        ("am 3.5.2024", "am 3.5.2024", "am 3.5.2024"),
        ("3.5", "3.5", "3,5"),  # three digits follow a point between thousands
        ("|x|", "|x|", "|x|"),
    ],
)
def test_commas_to_points_and_back(text: str, as_plain: str, again: str | None) -> None:
    assert plain(text, "comma") == as_plain
    assert plain(text, "point") == text
    assert again is None or like(as_plain, text, "comma") == again


@pytest.mark.parametrize(("text", "model", "expected"), [
    ("8.5", "٧٫٥", "٨٫٥"), ("1,250", "١٬٢٥٠", "١٬٢٥٠"), ("13", "۱۲", "۱۳"), ("1.5", "１２．５", "１．５"), ("8.5", "7.5", "8.5"), ("8,5", "٧,٥", "٨,٥"),
    ("4.5 千克", "3.5千克", "4.5千克"), ("4 和", "3 和", "4 和"), ("(2, 1)", "（１，２）", "（２，１）"), ("70%", "75％", "70％"),
    ("24%", "٢٥٪", "٢٤٪"), ("13 دينارا", "١٢ دينارًا", "١٣ دينارًا"), ("x = 6", "س = ٥", "س = ٦"), ("2 and 4", "2和3", "2和4"),
    ("2 or 4", "2 أو 3", "2 أو 4"), ("2 and 4", "2 und 3", "2 und 4"), ("5€", "6€", "5€"), ("2√3", "√2", "2√3"), ("1 万", "2万", "1万"),
])  # fmt: skip
def test_written_as_another_text(text: str, model: str, expected: str) -> None:
    assert in_script_of(text, model) == expected


@pytest.mark.parametrize(
    ("gold", "looks"),
    [("7,5", True), ("1.234,56 €", True), ("0,125", True), ("$7{,}5$", True), ("12,50 Euro", True),
     ("1,234", False), ("1.234", False), ("7.5", False), ("1, 5", False), ("(1,5)", False), ("1,2,3", False)],
)  # fmt: skip
def test_what_looks_like_a_decimal_comma(gold: str, looks: bool) -> None:
    assert looks_like_comma(gold) is looks


def records() -> list[dict[str, object]]:
    return [
        {
            "problem": "Wie viel kostet es?",
            "response": "Es sind 3 · 2,50 €.\n\nAlso 7,50 €.",
            "answer": "7,5",
        },
        {
            "problem": "Wie viele?",
            "response": "Es sind 1.000 und 234.\n\nDie Antwort ist 1.234.",
            "answer": "1234",
        },
        {
            "problem": "Wie schwer?",
            "response": "Es wiegt etwas.\n\nDie Antwort ist 1,234 kg.",
            "answer": 1.234,
        },
        {
            "problem": "Wie lang?",
            "response": "Die Strecke ist lang.\n\nDie Antwort ist 8,5 m.",
            "answer": "7,5",
        },
    ]


def test_check_reads_them_and_warns_without_the_option(tmp_path: Path) -> None:
    file = tmp_path / "chains.jsonl"
    file.write_text("\n".join(map(json.dumps, records())), "utf-8")
    found = cpmi.check(file, decimal="comma")
    assert found.outcomes == {"right": 3, "wrong": 1}
    assert found.first is not None
    assert (found.first.answer, found.first.chain.gold) == ("7,50", "7,5")
    assert not any("comma" in warning for warning in found.warnings)
    (warning,) = [warning for warning in cpmi.check(file).warnings if "comma" in warning]
    assert warning == "2 of 4 golds look like decimals with a comma: --decimal comma reads them so"


def test_the_chain_carries_it_through_all_stages(tmp_path: Path) -> None:
    file = tmp_path / "chains.jsonl"
    file.write_text("\n".join(map(json.dumps, records())), "utf-8")
    chains = [chain for chain in read_chains(file, decimal="comma") if isinstance(chain, Chain)]
    assert [chain.gold for chain in chains] == ["7,5", "1234", "1,234", "7,5"]
    assert {decimal_of(chain) for chain in chains} == {"comma"}
    assert [stated_answer(chain) for chain in chains] == ["7,50", "1.234", "1,234 kg", "8,5 m"]
    run = cpmi.label(file, model=FakeEngine(), method="evidence", out=tmp_path / "run", decimal="comma")
    rows = list(run)
    assert {decimal_of(row.chain) for row in rows} == {"comma"}
    for row in rows:
        gold, *others = [candidate.text for candidate in row.labels.candidates]
        assert gold == row.chain.gold
        assert all("." not in text and text.count(",") == gold.count(",") for text in others)
    assert rows[3].labels.candidates[1].text == "8,5"  # the chain's own wrong answer
    assert rows[0].labels.marks["mentions_gold"] == (False, True)
    assert rows[1].labels.marks["mentions_gold"] == (False, True)
    with Equivalence(inline=True) as equivalence:
        verdicts = final_answer_verdicts([row.chain for row in rows], equivalence)
    assert [verdict.relation.value for verdict in verdicts] == ["same", "same", "same", "different"]


def test_rollouts_are_read_with_commas(tmp_path: Path) -> None:
    run = cpmi.label(
        records()[:1], model=FakeEngine(texts=["Die Antwort ist 7,5 €.", "Die Antwort ist 75 €."]),
        method="monte_carlo", rollouts=2, out=tmp_path / "run", decimal="comma",
    )  # fmt: skip
    assert [row.labels.values for row in run] == [(0.5, 0.5)]


def test_sampled_chains_carry_it(tmp_path: Path) -> None:
    problems = [
        {"id": "a", "problem": "Wie schwer?", "answer": 1.234},
        {"id": "b", "problem": "Wie viele?", "answer": "1.234"},
    ]
    run = cpmi.sample(
        problems, model=FakeEngine(texts=["Die Antwort ist 1,234 kg."]), out=tmp_path / "run", decimal="comma"
    )
    first, second = run
    assert (first.gold, first.answer, first.meta["final_answer"]) == ("1,234", "1,234 kg", "same")
    assert (second.gold, second.meta["final_answer"]) == ("1.234", "undecided")  # perhaps a slip of notation
    assert first.meta["decimal"] == second.meta["decimal"] == "comma"
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["determines"]["options"]["decimal"] == "comma"


def test_without_the_option_nothing_is_recorded(tmp_path: Path) -> None:
    given = {"input": "x", "out": "y", "model": "m", "method": "judge"}
    assert "decimal" not in LabelConfig.parse(given).reading()
    assert LabelConfig.parse({**given, "decimal": "comma"}).reading()["decimal"] == "comma"
    assert ScoreConfig.parse({"input": "x", "out": "y", "prm": "p", "decimal": "comma"}).decimal == "comma"
    run = cpmi.sample(
        [{"id": "a", "problem": "Q?", "answer": 7.5}],
        model=FakeEngine(texts=["It is 7.5."]),
        out=tmp_path / "run",
    )
    assert [chain.meta.get("decimal") for chain in run] == [None]
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert "decimal" not in manifest["determines"]["options"]


@pytest.mark.parametrize(
    "read",
    [extract_answer, readable, lambda text: plain(text, "comma"), lambda text: extract_answer(text, "comma")],
)
@pytest.mark.parametrize("piece", [
    "答案", "答案是", "故选", "12，", "１２，３４５", "。", "和1", "Antwort ist ", "ist die Antwort ", "Ergebnis: ",
    "الجواب هو ", "س = ٢ أو ", "١٢٬٣٤٥", "1.234", "1.234,5 ", "(1 | ", "7{,}", "\u200f", "最终", "und 1 oder ", " 、",
])  # fmt: skip
def test_time_is_linear(read: Callable[[str], object], piece: str) -> None:
    def seconds(characters: int) -> float:
        text = "答 Antwort جواب 1" + piece * (characters // len(piece))
        found = []
        gc.freeze()
        for _ in range(2):
            start = process_time()
            read(text)
            found.append(process_time() - start)
        return min(found)

    assert seconds(32_000) < 30 * max(seconds(4_000), 0.002)


def test_every_answer_of_a_problem_gets_the_mark_of_its_texts() -> None:
    problem = Problem(
        id="p", question="?", gold=Number.of(7.5), other_golds=(Number.of(7.25), "7.125"),
        distractors=(Number.of(8.0),),
    )  # fmt: skip
    written = with_answers_written(problem, "comma")
    assert (written.gold, written.other_golds, written.distractors) == ("7,5", ("7,25", "7.125"), ("8",))
    assert with_answers_written(problem, "point") == problem
