"""Sampling runs: from problems to chains that `cpmi label` reads, resumed, sharded, with rejects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import cpmi
from cpmi.api.sample import SampleRun
from cpmi.cli import app
from cpmi.engines.fake import FakeEngine
from cpmi.errors import ConfigError, ContextTooLongError, RecordError, RunError
from cpmi.requests import SampleRequest, Samples
from cpmi.runs.merge import merge_runs
from cpmi.types import Chain

NUM_PROBLEMS = 7
FILES = ["chains.jsonl", "chunks.jsonl", "manifest.json", "rejects.jsonl", "usage.json"]


def solve(prompt: str, index: int) -> str:
    """Right, wrong and empty in turn, so that the rejects have something to hold."""
    question = prompt.rpartition("What is ")[2]
    left = int(question.split(" ")[0])
    return [f"Add.\n\nThe answer is {left + 2}.", f"It is {left}.", ""][(left + index) % 3]


class InterruptedRunError(Exception):
    """Not a CpmiError: it stands for whatever ends a process."""


class Breaking:
    """An engine that fails at its n-th call of sample."""

    def __init__(self, engine: Any, at_call: int) -> None:
        self._engine = engine
        self._num_left = at_call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
        self._num_left -= 1
        if self._num_left < 0:
            raise InterruptedRunError
        replies: list[Samples] = self._engine.sample(requests)
        return replies


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    path = tmp_path / "problems.jsonl"
    records = [
        {"id": f"p{i}", "question": f"What is {i} + 2?", "gold": str(i + 2)} for i in range(NUM_PROBLEMS)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def sample(problems: Path, out: Path, *, engine: Any = None, **options: Any) -> SampleRun:
    settings: dict[str, Any] = {"num_samples": 3, "chunk_size": 2, "max_tokens": 40} | options
    return cpmi.sample(problems, model=engine or FakeEngine(texts=solve), out=out, **settings)


def contents(out: Path) -> tuple[bytes, bytes]:
    return (out / "chains.jsonl").read_bytes(), (out / "rejects.jsonl").read_bytes()


def test_a_run_gives_chains_and_says_what_became_of_them(problems: Path, tmp_path: Path) -> None:
    run = sample(problems, tmp_path / "out")
    chains = list(run)
    assert all(isinstance(chain, Chain) for chain in chains)
    assert [chain.id for chain in chains][:5] == ["p0/0", "p0/1", "p1/0", "p1/2", "p2/1"]
    assert chains[0].steps == ("Add.", "The answer is 2.")
    assert [chain.meta["final_answer"] for chain in chains[:3]] == ["same", "different", "different"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    totals = run.totals
    assert (totals.num_records, totals.num_chains) == (NUM_PROBLEMS, 14)
    assert totals.final_answers == {"different": 7, "same": 7}
    assert totals.rejected == {"the chain has no step": 7}
    assert totals.usage.generated_tokens > 0
    first = json.loads((tmp_path / "out" / "rejects.jsonl").read_text().splitlines()[0])
    assert (first["chunk"], first["id"], first["source"]) == (0, "p0/2", f"{problems}:1")


@pytest.mark.parametrize("at_call", range(4))
def test_a_run_killed_at_any_unit_resumes_to_the_same_bytes(
    problems: Path, tmp_path: Path, at_call: int
) -> None:
    sample(problems, tmp_path / "plain")
    out = tmp_path / "resumed"
    with pytest.raises(InterruptedRunError):
        sample(problems, out, engine=Breaking(FakeEngine(texts=solve), at_call))
    assert not (out / "chains.jsonl").exists()
    seen = []
    sample(problems, out, progress=seen.append)
    assert seen[-1].num_kept == 2 * at_call
    assert contents(out) == contents(tmp_path / "plain")


def test_shards_merge_to_the_same_bytes(problems: Path, tmp_path: Path) -> None:
    sample(problems, tmp_path / "plain")
    folders = [tmp_path / f"shard-{index}" for index in range(3)]
    for index, folder in enumerate(folders):
        sample(problems, folder, shard=f"{index}/3")
    totals = merge_runs(folders[::-1], tmp_path / "merged")
    assert contents(tmp_path / "merged") == contents(tmp_path / "plain")
    assert totals.num_chains == 14
    sample(problems, tmp_path / "merged", engine=Breaking(FakeEngine(), 0))
    with pytest.raises(RunError, match="shards 1/3"):
        merge_runs([folders[0], folders[2]], tmp_path / "half")


def test_a_run_of_rejects_only(problems: Path, tmp_path: Path) -> None:
    run = sample(problems, tmp_path / "out", engine=FakeEngine(texts=["", " "]))
    assert list(run) == []
    assert run.totals.rejected == {"the chain has no step": 3 * NUM_PROBLEMS}


def test_a_bad_problem_stops_the_run_or_is_rejected(problems: Path, tmp_path: Path) -> None:
    with problems.open("a") as file:
        file.write('{"question": ""}\n')
    with pytest.raises(RecordError, match=r"problems.jsonl:8 \[problems-7\]: the problem is empty"):
        sample(problems, tmp_path / "out")
    run = sample(problems, tmp_path / "out", on_error="skip")
    assert run.totals.rejected == {"the chain has no step": 7, "the problem is empty": 1}


def test_a_context_too_short(problems: Path, tmp_path: Path) -> None:
    engine = FakeEngine(texts=solve, max_positions=100)
    with pytest.raises(ContextTooLongError, match=r"problems.jsonl:1 \[p0\].*Lower --max-tokens"):
        sample(problems, tmp_path / "out", engine=engine)
    run = sample(problems, tmp_path / "out", engine=engine, on_error="skip")
    assert run.totals.num_chains == 0


def test_other_settings_are_refused(problems: Path, tmp_path: Path) -> None:
    sample(problems, tmp_path / "out")
    with pytest.raises(RunError, match=r"options.temperature is 0.8 there and 0.5 now"):
        sample(problems, tmp_path / "out", temperature=0.5)
    with pytest.raises(RunError, match='generator is "fake" there and "other" now'):
        sample(problems, tmp_path / "out", engine=FakeEngine(name="other"))
    with pytest.raises(ConfigError, match="all samples of a problem are the same"):
        sample(problems, tmp_path / "out", temperature=0)


def test_a_folder_holds_one_kind_of_run(problems: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sample(problems, out)
    label: dict[str, Any] = {"model": FakeEngine(), "method": "net_gain", "out": out}
    with pytest.raises(RunError, match=r"another kind .*sample"):
        cpmi.label(out, **label)
    with pytest.raises(ConfigError, match="--overwrite would remove the input"):
        cpmi.label(out, **label, overwrite=True)
    moved = tmp_path / "chains.jsonl"
    moved.write_bytes((out / "chains.jsonl").read_bytes())
    with pytest.raises(RunError, match=r"another kind .*sample"):
        cpmi.label(moved, **label, overwrite=True)
    assert (out / "chains.jsonl").read_bytes() == moved.read_bytes()


@pytest.mark.parametrize("whole_folder", [True, False])
def test_label_reads_what_sample_wrote(problems: Path, tmp_path: Path, whole_folder: bool) -> None:
    run = sample(problems, tmp_path / "chains")
    source = run.out if whole_folder else run.out / "chains.jsonl"
    labels = cpmi.label(source, model=FakeEngine(), method="net_gain", out=tmp_path / "labels")
    assert [row.chain.id for row in labels] == [chain.id for chain in run]
    manifest = json.loads((tmp_path / "labels" / "manifest.json").read_text())
    assert manifest["circumstances"]["input"] == str(run.out / "chains.jsonl")


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    import tests.tiny_model as tiny

    return str(tiny.save(tmp_path_factory.mktemp("model")))


def test_the_command_on_a_real_model(problems: Path, model: str, tmp_path: Path) -> None:
    """Random bytes by a random model: killed, resumed and sharded, they stay the same bytes."""
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"model: {model}\nnum-samples: 2\nmax-tokens: 24\nchunk-size: 2\n")
    base = ["sample", problems, "--recipe", recipe, "--threads", 1, "--out"]
    plain = invoke(*base, tmp_path / "plain")
    assert plain.exit_code == 0, plain.output
    assert "problems           7\n" in plain.output
    assert "generated tokens/s" in plain.output
    assert contents(tmp_path / "plain")[0].count(b"\n") == 14
    for index in range(2):
        assert invoke(*base, tmp_path / f"s{index}", "--shard", f"{index}/2").exit_code == 0
    merged = invoke("merge", tmp_path / "s0", tmp_path / "s1", "--out", tmp_path / "merged")
    assert merged.exit_code == 0, merged.output
    assert "right answers" in merged.output
    assert contents(tmp_path / "merged") == contents(tmp_path / "plain")
    labeled = invoke(
        *("label", tmp_path / "plain", "--model", model, "--method", "net_gain"),
        *("--out", tmp_path / "labels"),
    )
    assert labeled.exit_code == 0, labeled.output


@pytest.mark.parametrize("at_call", range(4))
def test_a_killed_run_of_a_real_model_resumes_to_the_same_bytes(
    problems: Path, tmp_path: Path, at_call: int
) -> None:
    pytest.importorskip("torch")
    import tests.tiny_model as tiny

    engine = tiny.engine()
    options: dict[str, Any] = {"num_samples": 2, "max_tokens": 24}
    sample(problems, tmp_path / "plain", engine=engine, **options)
    with pytest.raises(InterruptedRunError):
        sample(problems, tmp_path / "out", engine=Breaking(engine, at_call), **options)
    sample(problems, tmp_path / "out", engine=engine, **options)
    assert contents(tmp_path / "out") == contents(tmp_path / "plain")


@pytest.mark.parametrize(
    ("change", "exit_code", "message"),
    [
        (["--model", "nowhere/at/all"], 1, "no such file or folder"),
        (["--top-p", "0"], 2, "option top_p: does not fit (got 0.0; expected greater than 0)"),
        (["--split-steps", "word"], 2, "unknown rule to split steps by (got word; expected paragraph, line"),
        (["--limit", "0"], 2, "option limit"),
    ],
)
def test_exit_codes(problems: Path, tmp_path: Path, change: list[str], exit_code: int, message: str) -> None:
    done = invoke("sample", problems, "--model", "m", "--out", tmp_path / "out", *change)
    assert done.exit_code == exit_code
    assert message in " ".join(done.output.split())


def test_a_missing_file_costs_no_loading_of_a_model(tmp_path: Path) -> None:
    done = invoke("sample", tmp_path / "absent.jsonl", "--model", "nowhere", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "there is no such file or folder" in done.output


def test_problems_by_columns(tmp_path: Path) -> None:
    rows = [{"Frage": f"What is {n} and one?", "daten": {"antwort": n + 1}} for n in range(3)]
    columns = {"question": "Frage", "gold": "daten.antwort"}
    run = cpmi.sample(rows, model=FakeEngine(), out=tmp_path / "out", columns=columns)
    assert [(chain.question, chain.gold) for chain in run] == [
        (row["Frage"], str(number + 1)) for number, row in enumerate(rows)
    ]
    with pytest.raises(RunError, match="columns"):
        cpmi.sample(rows, model=FakeEngine(), out=tmp_path / "out", columns="question=Frage")
