"""What the command line prints: summary, pace, a chain."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cpmi.api.progress import ProgressDisplay, pace_of
from cpmi.cli.chain import color_of, show_chain
from cpmi.cli.summary import summarize, summarize_samples, summarize_scores
from cpmi.numbers import duration, short
from cpmi.runs.manifest import Manifest, write_manifest
from cpmi.runs.stages import Progress
from cpmi.runs.table import LabeledChain
from cpmi.runs.totals import NO_ANSWER, NO_GOLD, NOT_JOINED, Totals
from cpmi.types import Candidate, Chain, Origin, Rating, StepLabels
from cpmi.usage import Usage


def totals(**changes: Any) -> Totals:
    facts: dict[str, Any] = {
        "num_chunks": 5,
        "num_records": 40,
        "num_chains": 38,
        "num_steps": 1234,
        "num_tokenization_mismatches": 0,
        "abstained": {"no negatives": 12, "too long": 1},
        "rejected": {"step N is empty": 1, NOT_JOINED: 1},
        "usage": Usage(
            unshared_tokens=1234567, computed_tokens=123456, generated_tokens=2345, flops=12_345_678_901_234
        ),
        "wall_s": 185.0,
    }
    return Totals(**facts | changes)


def test_the_summary() -> None:
    assert summarize(totals(), Path("labels"), price_per_hour=2.5).splitlines() == [
        "chains labeled    38",
        "steps             1,234",
        "abstained         13 steps: no negatives 12; too long 1",
        "rejected          2 records: step N is empty 1; no gold answer joined 1",
        "gold not joined   1 record",
        "unshared tokens   1,234,567",
        "computed tokens   123,456",
        "generated tokens  2,345",
        "FLOPs             12.3 T",
        "wall time         3 min 05 s, 6.67 steps/s",
        "price             104.11 per million steps at 2.5 an hour",
        "files             labels/labels.parquet, manifest.json, usage.json, rejects.jsonl",
    ]


def test_the_summary_of_nothing() -> None:
    nothing = summarize(Totals.of([]), Path("o"), price_per_hour=1.0)
    assert "abstained         none" in nothing
    assert "price             unknown, no step was labeled" in nothing
    assert "wall time         0.0 s\n" in nothing


def test_the_summary_says_how_to_get_a_price_and_what_the_tokenizer_does() -> None:
    text = summarize(totals(num_tokenization_mismatches=7), Path("o"))
    assert "--price-per-hour" in text
    assert "7 joins" in text


def test_the_summary_of_samples() -> None:
    answers = {"same": 9, "different": 6, "undecided": 1, NO_ANSWER: 4, NO_GOLD: 2}
    rejected = {"the chain has no step": 3}
    text = summarize_samples(
        totals(num_chains=22, final_answers=answers, num_cut_off=4, rejected=rejected), Path("chains")
    )
    assert text.splitlines() == [
        "problems           40",
        "chains             22",
        "steps              1,234",
        "right answers      45.0% (9 of 20 chains); 6 wrong, 1 undecided, 4 without an answer, "
        "2 without a gold answer",
        "cut off by length  4 chains",
        "rejected           3 records and completions: the chain has no step 3",
        "generated tokens   2,345",
        "computed tokens    123,456",
        "FLOPs              12.3 T",
        "wall time          3 min 05 s, 12.7 generated tokens/s",
        "files              chains/chains.jsonl, manifest.json, usage.json, rejects.jsonl",
    ]
    assert "unknown, no problem has a gold answer" in summarize_samples(Totals.of([]), Path("o"))


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1500, "1.5 k"), (2.5e12, "2.5 T"), (3e18, "3 E"), (999.7e9, "1000 G")],
)
def test_short_numbers(number: float, text: str) -> None:
    assert short(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(9.84, "9.8 s"), (185, "3 min 05 s"), (7620, "2 h 07 min"), (59.97, "60.0 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_pace_is_that_of_this_session() -> None:
    progress = Progress(num_chains=8, num_steps=40, num_kept=16, num_records=24, total=40)
    assert pace_of(progress, 20.0) == "16 kept from before, 2 steps/s, 40.0 s left"
    unknown = Progress(num_chains=8, num_steps=40, num_kept=0, num_records=8, total=None)
    assert pace_of(unknown, 20.0) == "2 steps/s"
    assert pace_of(Progress(num_chains=0, num_steps=0, num_kept=0, num_records=0, total=8), 0.0) == ""


@pytest.mark.parametrize("terminal", [True, False])
def test_the_progress_display_works_with_and_without_a_terminal(terminal: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
    with ProgressDisplay(console) as display:
        for num_records in (0, 8, 16):
            display.show(
                Progress(num_chains=num_records, num_steps=40, num_kept=0, num_records=num_records, total=16)
            )


def row() -> LabeledChain:
    return LabeledChain(
        chain=Chain(
            id="gsm8k-3",
            question="A long question [with brackets] " * 8,
            steps=("First " * 40, "Second.", "Third.", "Fourth."),
            gold="18",
            ratings=(Rating.RIGHT, Rating.WRONG, Rating.NOT_JUDGED, Rating.NEUTRAL),
        ),
        labels=StepLabels(
            chain_id="gsm8k-3",
            method="cpmi",
            values=(0.5, -1.0, None, 0.0),
            unit="nat",
            candidates=(Candidate(text="18", origin=Origin.GOLD), Candidate(text="17", origin=Origin.RULE)),
            marks={
                "mentions_gold": (False, True, False, False),
                "mentions_candidate": (False, True, False, False),
            },
            rejected_candidates={"same as gold": 2},
            abstained={2: "no negatives"},
        ),
    )


def test_a_chain_reads_without_color_in_80_columns() -> None:
    console = Console(file=io.StringIO(), width=80, color_system=None, highlight=False, markup=False)
    show_chain(console, row())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= 80
    assert "[with brackets]" in text
    assert "gold: 18" in text
    assert "18 (gold), 17 (rule)" in text
    assert "same as gold 2" in text
    assert "   1  +0.500  ✓ right\n      First First" in text
    assert "   2  -1.000  ✗ wrong, prints the gold, prints a candidate\n      Second." in text
    assert "   3  none  not judged, abstained: no negatives\n" in text
    assert "\x1b" not in text


def test_colors_go_from_red_to_green() -> None:
    values = (0.5, -1.0, None, 0.0)
    assert color_of(-1.0, values) == "rgb(214,72,60)"
    assert color_of(0.0, values) == color_of(None, values) == "rgb(150,150,150)"
    assert color_of(1.0, (1.0,)) == "rgb(64,168,84)"
    assert color_of(0.0, (0.0,)) == "rgb(150,150,150)"


def test_what_users_of_a_run_have_to_know_comes_from_its_manifest(tmp_path: Path) -> None:
    circumstances = {"path_reason": "it caps attention logits", "facts": {"notices": ["weights fitted on X"]}}
    for summary, model in ((summarize, "model"), (summarize_samples, "model"), (summarize_scores, "prm")):
        determines = {model: {"unused_weights": ["vision.*.w (3 tensors)"]}}
        write_manifest(tmp_path, Manifest(determines=determines, circumstances=circumstances))
        said = summary(totals(), tmp_path)
        path, unused, note = said.splitlines()[-3:]
        assert path.split(maxsplit=1) == ["path", "plain: it caps attention logits"]
        assert unused.startswith("unused weights")
        assert unused.endswith("vision.*.w (3 tensors)")
        assert note.split(maxsplit=1) == ["note", "weights fitted on X"]


def test_every_model_on_the_plain_path_is_named(tmp_path: Path) -> None:
    tree, plain = {"path": "tree"}, {"path": "plain"}
    determines = {"model": plain, "contrast_model": plain, "prover": tree}
    circumstances = {"paths": {"contrast_model": {"path_reason": "it caps attention logits"}, "prover": {}}}
    write_manifest(tmp_path, Manifest(determines=determines, circumstances=circumstances))
    said = summarize(totals(), tmp_path)
    assert "\npath                    plain: asked for\n" in said
    assert "\npath of contrast model  plain: it caps attention logits" in said
    assert "prover" not in said
