"""The program on a tiny real model: a whole run, and every kind of bad input with its message."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import Mock

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import pyarrow.parquet as pq
from typer.testing import CliRunner

import tests.tiny_model as tiny
from cpmi.cli import app
from tests.tiny_families import save

GOLD = [
    {"question": "Tom has 3 bags of 12 apples.  How many?", "answer": "3*12 = 36\n#### 36"},
    {"question": "Ann has 5 pens and buys 2. How many?", "answer": "5+2 = 7\n#### 7"},
    {"question": "Who is it?", "answer": "It is she.\n#### \\text{Evelyn}"},
]


def record(index: int, problem: str, steps: list[str], label: int = -1) -> dict:
    return {
        "id": f"gsm8k-{index}",
        "generator": "tiny",
        "problem": problem,
        "steps": steps,
        "final_answer_correct": label == -1,
        "label": label,
    }


CHAINS = [
    record(0, "Tom has 3 bags of 12 apples. How many?", ["3 bags hold 3*12 = 35.", "So 35."], 0),
    record(1, "Ann has 5 pens and buys 2. How many?", ["5+2 = 7.", "The answer is \\boxed{7}."]),
    record(2, "Who is it?", ["It is Evelyn."]),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return str(tiny.save(tmp_path_factory.mktemp("model")))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "chains.json").write_text(json.dumps(CHAINS))
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(line) + "\n" for line in GOLD))
    return tmp_path


def cpmi(*arguments: str | Path):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def label(files: Path, model: str, *more: str | Path, method: str = "net_gain", out: str = "out"):
    base = ["label", files / "chains.json", "--gold", files / "gold.jsonl", "--model", model]
    return cpmi(*base, "--method", method, "--out", files / out, *more)


@pytest.mark.parametrize(
    ("method", "columns", "unit"),
    [
        ("cpmi", {"gold_gain", "wrong_gain", "step_logprob", "step_tokens"}, "nat"),
        ("net_gain", {"value", "gain", "net", "step_logprob", "step_tokens"}, "nat"),
    ],
)
def test_a_run_from_files_to_a_table(files, model, method, columns, unit):
    done = label(files, model, method=method)
    assert done.exit_code == 0, done.output
    rows = pq.read_table(files / "out" / "labels.parquet").to_pylist()
    assert [row["id"] for row in rows] == ["gsm8k-0", "gsm8k-1", "gsm8k-2"]
    assert [row["gold"] for row in rows] == ["36", "7", "\\text{Evelyn}"]
    assert rows[0]["ratings"] == ["wrong", "not_judged"]
    assert set(rows[0]["parts"]) == columns
    assert rows[0]["unit"] == unit
    assert all(value is not None for row in rows[:2] for value in row["label"])
    # No near miss of a name: unless one was sampled, the chain abstains and says why.
    if method == "net_gain":
        assert rows[2]["label"] == [None]
        assert rows[2]["abstained"][0]["reason"] == "no negative for a gold answer of type word"
        wrong = [c for c in rows[0]["candidates"] if c["origin"] not in ("gold", "equivalent")]
        assert wrong[0] == {"text": "35", "origin": "own"}
        assert rows[0]["generated_tokens"] == 0
    manifest = json.loads((files / "out" / "manifest.json").read_text())
    assert manifest["determines"]["model"]["dtype"] == "float32"
    assert manifest["determines"]["model"]["attention"] == "sdpa"
    assert "FLOPs" in done.output
    shown = cpmi("inspect", files / "out", "gsm8k-0")
    assert "3 bags hold" in shown.output
    assert "✗ wrong" in shown.output


def test_tree_and_plain_give_the_same_labels(files, model):
    for path in ("tree", "plain"):
        assert label(files, model, "--path", path, out=path).exit_code == 0
    tree, plain = (
        pq.read_table(files / path / "labels.parquet").column("label").to_pylist()
        for path in ("tree", "plain")
    )
    for fast, slow in zip(tree, plain, strict=True):
        assert fast == pytest.approx(slow, abs=1e-4) or fast == slow == [None]


def test_a_recipe_says_the_same_as_flags(files, model):
    (files / "recipe.yaml").write_text(f"model: {model}\nmethod: net_gain\nlabel: gain\n")
    done = cpmi(
        *("label", files / "chains.json", "--gold", files / "gold.jsonl"),
        *("--recipe", files / "recipe.yaml", "--out", files / "recipe"),
    )
    assert done.exit_code == 0, done.output
    assert label(files, model, "--label", "gain").exit_code == 0
    first, second = (files / name / "labels.parquet" for name in ("recipe", "out"))
    assert first.read_bytes() == second.read_bytes()


def test_truncated_jsonl(files, model):
    whole = "".join(json.dumps(line) + "\n" for line in CHAINS)
    (files / "cut.jsonl").write_text(whole[:-40])
    done = cpmi(
        *("label", files / "cut.jsonl", "--gold", files / "gold.jsonl"),
        *("--model", model, "--method", "net_gain", "--out", files / "out"),
    )
    assert done.exit_code == 2
    assert "cut.jsonl:3" in done.output


def test_missing_gold_names_the_record_and_the_flag(files, model):
    done = cpmi("label", files / "chains.json", "--model", model, "--method", "cpmi", "--out", files / "o")
    assert done.exit_code == 2
    assert "gsm8k-0" in done.output
    assert "--gold" in done.output


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": "one text"}, "steps"),
        ({"steps": ["a", "  "]}, "step 2 is empty"),
        ({"label": 9}, "label"),
    ],
)
def test_a_malformed_record_stops_the_run_or_is_rejected_with_its_reason(files, model, change, message):
    (files / "chains.json").write_text(json.dumps([CHAINS[0], CHAINS[1] | change, CHAINS[2]]))
    stopped = label(files, model)
    assert stopped.exit_code == 2
    assert message in stopped.output
    assert "gsm8k-1" in stopped.output
    skipped = label(files, model, "--on-error", "skip")
    assert skipped.exit_code == 0, skipped.output
    rejects = [json.loads(line) for line in (files / "out" / "rejects.jsonl").read_text().splitlines()]
    assert [reject["id"] for reject in rejects] == ["gsm8k-1"]
    assert pq.read_table(files / "out" / "labels.parquet").num_rows == 2


def test_an_unreadable_model_folder(files):
    (files / "empty").mkdir()
    done = label(files, str(files / "empty"))
    assert done.exit_code == 1
    assert "this folder holds no model" in done.output
    (files / "broken").mkdir()
    (files / "broken" / "config.json").write_text("{")
    broken = label(files, str(files / "broken"))
    assert broken.exit_code == 1
    assert "config.json is not a JSON object" in broken.output
    missing = label(files, str(files / "nowhere"))
    assert "no such file or folder" in missing.output


def test_unknown_method_and_contradictory_options(files, model):
    unknown = label(files, model, method="cpm")
    assert unknown.exit_code == 2
    assert "cpmi" in unknown.output
    contradiction = label(files, model, "--context", "prefix")
    assert contradiction.exit_code == 2
    assert "method net_gain has no option context" in contradiction.output


def test_a_model_with_too_short_a_context(files, tmp_path_factory):
    short = str(tiny.save(tmp_path_factory.mktemp("short"), max_positions=64))
    stopped = label(files, short)
    assert stopped.exit_code == 1
    assert "gsm8k-0" in stopped.output
    skipped = label(files, short, "--on-error", "skip")
    assert skipped.exit_code == 0
    # The chain without a negative asks nothing of the model, so it stays and abstains.
    assert pq.read_table(files / "out" / "labels.parquet").num_rows == 1
    assert len((files / "out" / "rejects.jsonl").read_text().splitlines()) == 2


def test_negatives_prints_tab_separated_lines_and_exits_0_without_any():
    done = cpmi("negatives", "--", "-\\frac{1}{2}", "\\text{Evelyn}")
    assert done.exit_code == 0
    lines = [line.split("\t") for line in done.output.splitlines()]
    assert {line[0] for line in lines} == {"-\\frac{1}{2}"}
    assert all(len(line) == 3 and line[2] == "rule" and line[1].startswith("-") for line in lines)


def test_doctor_measures_the_spread(model):
    done = cpmi("doctor", "--model", model)
    assert done.exit_code == 0, done.output
    assert "tree against plain" in done.output
    assert "exact: labels do not depend" in done.output


def test_a_model_that_cannot_branch_is_computed_by_the_plain_path_and_says_so(files, tmp_path):
    model = save("bloom", tmp_path / "bloom")
    done = label(files, model)
    assert done.exit_code == 0, done.output
    assert "plain: BloomForCausalLM does not take a custom attention function" in done.output
    manifest = json.loads((files / "out" / "manifest.json").read_text())
    assert manifest["determines"]["model"]["path"] == "plain"
    assert manifest["circumstances"]["path_asked"] == "auto"
    assert "custom attention" in manifest["circumstances"]["path_reason"]
    refused = label(files, model, "--path", "tree", out="tree")
    assert refused.exit_code == 1
    assert "custom attention" in refused.output
    assert "custom attention" in cpmi("doctor", "--model", model).output


def test_a_run_that_finished_nothing_does_not_block_the_folder(files, model):
    """Somebody forgets --gold, then gives it: the first try left nothing worth keeping."""
    base = ["label", files / "chains.json", "--model", model, "--method", "net_gain", "--out", files / "out"]
    assert cpmi(*base).exit_code == 2
    assert cpmi(*base, "--gold", files / "gold.jsonl").exit_code == 0
    refused = cpmi(*base, "--gold", files / "gold.jsonl", "--seed", "1")
    assert refused.exit_code == 1
    assert "options.seed is 0 there and 1 now" in refused.output


def test_a_run_that_rejects_everything_fails(tmp_path: Path) -> None:
    path = tmp_path / "all-bad.jsonl"
    path.write_text('{"question": "q", "steps": [], "gold": "1"}\n' * 2)
    done = CliRunner().invoke(
        app,
        ["label", str(path), "--model", "embedded", "--method", "judge", "--out", str(tmp_path / "out"),
         "--on-error", "skip"],
    )  # fmt: skip
    assert done.exit_code == 1
    assert "no record could be used" in done.output
    assert (tmp_path / "out" / "rejects.jsonl").read_text().count("\n") == 2


def test_a_missing_gold_is_found_before_a_model_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = Mock(side_effect=AssertionError("a model is loaded"))
    monkeypatch.setattr("cpmi.engines.transformers.load_engine", loader)
    path = tmp_path / "no-gold.jsonl"
    path.write_text('{"prompt": "1+1?", "completion": "It is 2."}\n')
    done = cpmi("label", path, "--model", "embedded", "--method", "evidence", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "no gold answer" in done.output
    assert "Give --gold FILE." in done.output
