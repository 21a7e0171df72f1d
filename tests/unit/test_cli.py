"""The command line over a fake engine: exit codes, messages, files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import cpmi
from cpmi.api.score import run_score
from cpmi.cli import app
from cpmi.config import ScoreConfig, TrainConfig
from cpmi.engines.fake import FakeEngine
from cpmi.errors import ConfigError, CpmiError, InputError, ModelNotFoundError
from cpmi.requests import ScoreTree, TreeLogprobs
from cpmi.runs.table import read_ids


class Interrupting(FakeEngine):
    """Somebody presses Ctrl-C at the n-th call of score."""

    def __init__(self, at_call: int) -> None:
        super().__init__()
        self._num_left = at_call

    def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]:
        self._num_left -= 1
        if self._num_left < 0:
            raise KeyboardInterrupt
        return super().score(trees)


class Loader(ModuleType):
    """Stands in for cpmi.engines.transformers."""

    def __init__(self) -> None:
        super().__init__("cpmi.engines.transformers")
        self.engine = FakeEngine()
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def load_engine(self, model: str, **options: Any) -> FakeEngine:
        self.calls.append((model, options))
        if model == "nowhere":
            raise ModelNotFoundError("no model there", where="nowhere", hint="Check the name.")
        return self.engine


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> Loader:
    stub = Loader()
    monkeypatch.setitem(sys.modules, "cpmi.engines.transformers", stub)
    return stub


@pytest.fixture
def chains(tmp_path: Path) -> Path:
    path = tmp_path / "chains.jsonl"
    records = [
        {"id": f"c{index}", "question": f"What is {index} + 2?", "steps": ["Add.", f"{index + 2}"]}
        for index in range(5)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    golds = [{"question": f"What is {index}  + 2? ", "gold": str(index + 2)} for index in range(5)]
    path.write_text("".join(json.dumps(record) + "\n" for record in golds))
    return path


def invoke(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def label(chains: Path, out: Path, *args: object, model: str = "fake", method: str = "cpmi") -> Result:
    return invoke("label", chains, "--model", model, "--method", method, "--out", out, *args)


def said(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.mark.parametrize("method", ["cpmi", "net_gain"])
def test_label_then_inspect(loader: Loader, chains: Path, gold: Path, tmp_path: Path, method: str) -> None:
    out = tmp_path / "labels"
    result = label(chains, out, "--gold", gold, "--limit", 4, "--threads", 1, method=method)
    assert result.exit_code == 0, result.output
    assert "chains labeled 4" in said(result)
    assert loader.calls[0][1]["threads"] == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "chunks.jsonl",
        "labels.parquet",
        "manifest.json",
        "rejects.jsonl",
        "usage.json",
    ]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["determines"]["method"] == method
    assert manifest["circumstances"]["input_bytes"] == chains.stat().st_size

    shown = invoke("inspect", out)
    assert shown.exit_code == 0
    assert "c0 by" in said(shown)
    assert "4 chains: c0, c1, c2, c3" in said(shown)
    other = invoke("inspect", out, "c2")
    assert "What is 2 + 2?" in other.output
    numbers = re.findall(r"^ {3}(\d)  [-+n]", other.output, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert numbers
    assert "chains:" not in other.output
    absent = invoke("inspect", out, "c9")
    assert (absent.exit_code, "no such chain" in absent.output) == (2, True)


def test_flags_win_over_the_recipe(loader: Loader, chains: Path, gold: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        f"input: {chains}\ngold: {gold}\nmodel: from-recipe\nmethod: cpmi\nlimit: 3\nout: {tmp_path / 'o'}\n"
    )
    result = invoke("label", "--recipe", recipe, "--limit", 2, "--model", "from-flag")
    assert result.exit_code == 0, result.output
    assert loader.calls[0][0] == "from-flag"
    assert len(read_ids(tmp_path / "o")) == 2


def test_training_options_come_from_flags_and_the_recipe(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = []

    def stop(config: TrainConfig, **_: Any) -> None:
        seen.append(config)
        raise ConfigError("seen")

    monkeypatch.setattr("cpmi.api.train.run_train", stop)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("base: embedded\nlr: 1e-3\nhead-lr: 0.01\nresume: true\ntrainer: {bf16: true}\n")
    (targets := tmp_path / "targets").mkdir()
    (targets / "targets.parquet").touch()
    args = ["train", targets, "--out", "prm", "--recipe", recipe, "--lr", "2e-3"]
    assert "error: seen" in said(invoke(*args))
    assert "error: seen" in said(invoke(*args, "--trainer", "warmup-steps=1e-1", "--trainer", "report_to=x"))
    first, second = seen
    assert (first.input, first.lr, first.head_lr, first.resume) == (str(targets), 2e-3, 0.01, True)
    assert first.trainer == {"bf16": True}
    assert second.trainer == {"warmup_steps": 0.1, "report_to": "x"}
    missing = invoke("train", "targets", "--out", "prm")
    assert (missing.exit_code, "option base: is missing" in said(missing)) == (2, True)


@pytest.mark.parametrize("command", ["label", "sample", "train", "doctor"])
def test_required_options_come_first_in_the_help_and_defaults_look_alike(command: str) -> None:
    text = said(invoke(command, "--help"))
    required, optional = text.index("[required]"), text.index("[default: ")
    assert text.index("Arguments" if command != "doctor" else "Options") < required < optional
    assert "[default: False]" not in text


def test_shards_are_merged(loader: Loader, chains: Path, gold: Path, tmp_path: Path) -> None:  # noqa: ARG001
    folders = [tmp_path / "s0", tmp_path / "s1"]
    for index, folder in enumerate(folders):
        label(chains, folder, "--gold", gold, "--chunk-size", 2, "--shard", f"{index}/2")
    label(chains, tmp_path / "plain", "--gold", gold, "--chunk-size", 2)
    merged = invoke("merge", *folders, "--out", tmp_path / "merged")
    assert merged.exit_code == 0, merged.output
    tables = [(tmp_path / name / "labels.parquet").read_bytes() for name in ("merged", "plain")]
    assert tables[0] == tables[1]
    missing = invoke("merge", folders[0], "--out", tmp_path / "half")
    assert missing.exit_code == 1
    assert "1 of 3 chunks are missing" in said(missing)


@pytest.mark.parametrize(
    ("args", "exit_code", "message"),
    [
        (["--method", "mcts"], 2, "error: option method: no such method (got 'mcts'"),
        (["--pool", "max"], 2, "method cpmi has no option pool"),
        (["--format", "xml"], 2, "no such format"),
        (["--gold", "absent.jsonl"], 2, "absent.jsonl"),
        (["--shard", "2"], 2, "i/n"),
        (["--recipe", "absent.yaml"], 2, "recipe"),
        (["--method", "judge", "--model", "nowhere"], 1, "error: nowhere: no model there. Check the name."),
        ([], 2, "Give --gold FILE"),
        (["--limit", "many"], 2, "--limit"),
    ],
)
def test_exit_codes(
    loader: Loader, chains: Path, tmp_path: Path, args: list[str], exit_code: int, message: str
) -> None:
    result = label(chains, tmp_path / "out", *args)
    assert result.exit_code == exit_code
    assert message in said(result)
    assert "Traceback" not in result.output
    if exit_code == 2 and args:
        assert not loader.calls  # a wrong option costs no loading of a model


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["lable"], "No such command 'lable'. Did you mean label?"),
        (["label", "c.jsonl", "--modle", "m"], "--model"),
        (["label", "c.jsonl"], "evidence Log-odds"),
        (["label", "c.jsonl", "--method", "judge"], "a hub id, a folder, a GGUF file, embedded"),
        (["sample"], "Also missing: input (a file, a folder"),
        (
            ["score", "c.jsonl", "--out", "o"],
            "option prm: is missing (expected a reward model by cpmi train)",
        ),
        (["train", "c.jsonl", "--out", "o"], "option base: is missing (expected a hub id"),
        (["doctor"], "option model: is missing (expected a hub id"),
        (["calibrate", "labels"], "Missing option '--out' / '-o'. The output folder."),
        (["calibrate", "labels", "--out", "o", "--map", "plat"], "recommended is auto). Did you mean platt?"),
        (["export", "labels", "--out", "o", "--to", "parqet"], "Did you mean parquet?"),
        (["check", "c.jsonl", "--format", "gms8k"], "Did you mean gsm8k?"),
        (["methods", "evidnce"], "Did you mean evidence?"),
        (["evaluate", "labels"], "Run folders on the same chains"),
    ],
)
def test_what_is_missing_or_misspelled_names_its_choices(args: list[str], message: str) -> None:
    result = invoke(*args)
    assert result.exit_code == 2
    assert message in said(result).replace("│ ", "")


def test_another_run_in_the_folder(loader: Loader, chains: Path, gold: Path, tmp_path: Path) -> None:  # noqa: ARG001
    label(chains, tmp_path / "out", "--gold", gold)
    result = label(chains, tmp_path / "out", "--gold", gold, "--seed", 1, "--limit", 2)
    assert result.exit_code == 1
    assert "got options.seed is 0 there and 1 now" in said(result)
    less = label(chains, tmp_path / "out", "--gold", gold, "--limit", 2)
    assert less.exit_code == 1
    assert "got --limit 2; expected --limit 5 or more, or none" in said(less)
    again = label(chains, tmp_path / "out", "--gold", gold, "--limit", 2, "--overwrite")
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize("before", [True, False])
def test_debug_shows_the_traceback_at_any_place(chains: Path, tmp_path: Path, before: bool) -> None:
    args = ["label", chains, "--model", "m", "--method", "mcts", "--out", tmp_path]
    result = invoke("--debug", *args) if before else invoke(*args, "--debug")
    assert result.exit_code == 2
    assert "Traceback" in result.output
    assert "error: option method" in result.output


def test_an_interrupted_run_says_what_is_kept(
    loader: Loader, chains: Path, gold: Path, tmp_path: Path
) -> None:
    loader.engine = Interrupting(2)
    out = tmp_path / "out"
    result = label(chains, out, "--gold", gold, "--chunk-size", 2)
    assert result.exit_code == 130
    assert f"finished chunks are kept in {out} (2); the same command continues the run" in said(result)
    loader.engine = FakeEngine()
    assert label(chains, out, "--gold", gold, "--chunk-size", 2).exit_code == 0
    assert len(read_ids(out)) == 5


def test_a_stopped_run_says_what_is_kept(loader: Loader, chains: Path, gold: Path, tmp_path: Path) -> None:
    loader.engine = FakeEngine(max_positions=2000)
    records = [json.loads(line) for line in chains.read_text().splitlines()]
    records[3]["steps"].insert(0, "Add. " * 1000)
    chains.write_text("".join(json.dumps(record) + "\n" for record in records))
    result = label(chains, tmp_path / "out", "--gold", gold, "--chunk-size", 2)
    assert result.exit_code == 1
    assert "does not fit into the model's context" in said(result)
    assert f"finished chunks are kept in {tmp_path / 'out'} (1)" in said(result)
    skipped = label(chains, tmp_path / "out", "--gold", gold, "--chunk-size", 2, "--on-error", "skip")
    assert re.search(r"rejected .*does not fit into the model's context", said(skipped))


@pytest.mark.parametrize(("limit", "exit_code"), [(3, 0), (4, 2)])
def test_a_missing_gold_is_found_before_the_model_is_loaded(
    loader: Loader, chains: Path, gold: Path, tmp_path: Path, limit: int, exit_code: int
) -> None:
    gold.write_text("".join(gold.read_text().splitlines(keepends=True)[:3]))
    args = ["--gold", gold, "--chunk-size", 2, "--limit", limit]
    result = label(chains, tmp_path / "out", *args)
    assert result.exit_code == exit_code
    assert len(loader.calls) == (exit_code == 0)
    if exit_code:
        assert "no gold answer joined" in said(result)
        assert not (tmp_path / "out").exists()
    skipped = label(chains, tmp_path / "out", *args, "--on-error", "skip")
    assert ("gold not joined 1 record" in said(skipped)) == (limit == 4)


def test_a_shard_looks_at_its_own_records_only(
    loader: Loader, chains: Path, gold: Path, tmp_path: Path
) -> None:
    gold.write_text("".join(gold.read_text().splitlines(keepends=True)[:4]))  # without that of the last chunk
    args = ["--gold", gold, "--chunk-size", 2, "--shard"]
    assert label(chains, tmp_path / "1", *args, "1/2").exit_code == 0
    assert label(chains, tmp_path / "0", *args, "0/2").exit_code == 2
    assert len(loader.calls) == 1


@pytest.mark.parametrize("command", ["label", "sample", "score"])
def test_wrong_records_cost_no_loading_of_a_model(loader: Loader, tmp_path: Path, command: str) -> None:
    path = tmp_path / "chains.jsonl"
    good = {"question": "What?", "steps": ["It is 3."], "gold": "3"}
    path.write_text(json.dumps(good) + "\n" + json.dumps({**good, "question": 4}) + "\n")
    own = {
        "label": ["--method", "judge", "--model", "m"],
        "sample": ["--model", "m"],
        "score": ["--prm", "p"],
    }
    if command == "score":
        config = ScoreConfig.parse({"input": str(path), "prm": "p", "out": str(tmp_path / "out")})
        with pytest.raises(InputError, match=r"chains.jsonl:2"):
            run_score(config)
        return
    result = invoke(command, path, "--out", tmp_path / "out", *own[command])
    assert (result.exit_code, "chains.jsonl:2" in said(result)) == (2, True)
    assert not loader.calls


@pytest.mark.parametrize("command", ["label", "sample"])
def test_skipping_everything_fails(loader: Loader, tmp_path: Path, command: str) -> None:
    path = tmp_path / "chains.jsonl"
    path.write_text('{"question": "What?", "steps": [], "gold": "3"}\n' * 2)
    own = {"label": ["--method", "judge"], "sample": []}[command]
    args = [command, path, "--model", "m", *own, "--out", tmp_path / "out"]
    if command == "sample":  # a problem without a chain is a problem: here the model writes nothing
        loader.engine = FakeEngine(texts=[""])
    result = invoke(*args, "--on-error", "skip")
    assert (result.exit_code, "no record could be used" in said(result)) == (1, True)


def test_the_first_lines_show_how_the_input_is_understood(
    loader: Loader, chains: Path, gold: Path, tmp_path: Path
) -> None:
    result = label(chains, tmp_path / "out", "--gold", gold, method="judge")
    shown = " ".join(result.stderr.split())
    assert f"input {chains} format cpmi steps as the records give them first chain c0, 2 steps" in shown
    assert (
        "question What is 0 + 2? stated answer 2 (by last_number) gold 2: the stated answer is right" in shown
    )
    assert "What is 0" not in result.stdout
    sampled = invoke("sample", gold, "--model", "m", "--out", tmp_path / "sampled")
    assert "first problem gold-0 question What is 0 + 2? gold 2" in " ".join(sampled.stderr.split())
    named = tmp_path / "own.jsonl"
    named.write_text('{"prompt": "What is 1 + 1?", "completion": "One.\\n\\nIt is 3.", "answer": "2"}\n')
    taken = " ".join(label(named, tmp_path / "own", method="judge").stderr.split())
    assert (
        "columns question = prompt, solution = completion, gold = answer steps cut by --split-steps" in taken
    )
    assert "gold 2: the stated answer is wrong" in taken
    assert loader.calls


def test_what_rollouts_may_cost_is_said_first(
    loader: Loader, chains: Path, gold: Path, tmp_path: Path
) -> None:
    result = label(chains, tmp_path / "out", "--gold", gold, "--limit", 1, method="monte_carlo")
    shown = " ".join(result.stderr.split())
    assert "rollouts 8 per prefix, at most 24 for this chain, of at most 512 tokens each" in shown
    assert loader.calls


def test_the_first_lines_come_before_the_model(loader: Loader, chains: Path, tmp_path: Path) -> None:
    result = label(chains, tmp_path / "out", method="judge", model="nowhere")
    assert result.stderr.index("What is 0 + 2?") < result.stderr.index("no model there")
    assert len(loader.calls) == 1


def test_a_gold_file_that_contradicts_itself(chains: Path, gold: Path, tmp_path: Path) -> None:
    with gold.open("a") as file:
        file.write('{"question": "What is 3 + 2?", "gold": "6"}\n')
    with pytest.raises(CpmiError, match=r"answers the problem in two ways \(got '5', '6'\)"):
        cpmi.label(chains, model=FakeEngine(), method="cpmi", gold=gold, out=tmp_path / "out")
    gold.write_text(gold.read_text() + "{")
    with pytest.raises(CpmiError, match=r"gold.jsonl:7: the last line is cut off"):
        cpmi.label(chains, model=FakeEngine(), method="cpmi", gold=gold, out=tmp_path / "out")


def test_from_python(chains: Path, gold: Path, tmp_path: Path) -> None:
    run = cpmi.label(chains, model=FakeEngine(), method="cpmi", gold=gold, out=tmp_path / "out", variants=2)
    assert [row.chain.id for row in run] == [f"c{index}" for index in range(5)]
    assert all(len(row.labels.values) == 2 for row in run)
    assert run.totals.num_chains == 5


def test_version_and_help() -> None:
    assert invoke("--version").output.startswith("cpmi ")
    assert invoke("--help").exit_code == 0
    assert "--price-per-hour" in invoke("label", "--help").output


@pytest.mark.parametrize("module", ["cpmi", "cpmi.cli", "cpmi.config"])
def test_imports_stay_light(module: str) -> None:
    heavy = ("torch", "transformers", "datasets")
    if module != "cpmi.config":
        heavy += ("pyarrow", "pydantic", "numpy")
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
