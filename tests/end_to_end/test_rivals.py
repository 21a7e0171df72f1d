"""The rival methods from the command line, on tiny real models: columns, chains without gold, two models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import pyarrow.parquet as pq
from typer.testing import CliRunner

import cpmi
import tests.tiny_model as tiny
from cpmi.cli import app
from cpmi.engines.fake import FakeEngine
from cpmi.errors import ConfigError
from cpmi.methods import BinarySearch, Judge, Pav
from cpmi.runs.manifest import read_manifest

CHAINS = [
    {"id": "a", "question": "What is 2 + 2?", "steps": ["2 + 2 = 4.", "The answer is 4."], "gold": "4"},
    {
        "id": "b",
        "question": "What is 3 + 2?",
        "steps": ["3 + 2 = 6.", "So 6.", "The answer is 6."],
        "gold": "5",
    },
    {"id": "c", "question": "Who is it?", "steps": ["It is she."]},
]
FEW = ("--rollouts", "2", "--max-tokens", "24")


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> list[str]:
    return [str(tiny.save(tmp_path_factory.mktemp(f"model-{seed}"), seed=seed)) for seed in (0, 1)]


def write(folder: Path, chains: list[dict]) -> Path:
    path = folder / "chains.jsonl"
    path.write_text("".join(json.dumps(chain) + "\n" for chain in chains))
    return path


def label(chains: Path, model: str, method: str, *more: str, out: str = "out"):
    arguments = ["label", str(chains), "--model", model, "--method", method]
    arguments += ["--out", str(chains.parent / out), *more]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


def rows(chains: Path, out: str = "out") -> list[dict]:
    return pq.read_table(chains.parent / out / "labels.parquet").to_pylist()


def test_the_judge_labels_chains_without_gold(tmp_path, models):
    chains = write(tmp_path, CHAINS)
    done = label(chains, models[0], "judge", "--variants", "2")
    assert done.exit_code == 0, done.output
    found = rows(chains)
    assert [row["gold"] for row in found] == ["4", "5", None]
    assert [len(row["label"]) for row in found] == [2, 3, 1]
    assert all(value is not None for row in found for value in row["label"])
    assert set(found[0]["parts"]) == set(Judge.columns)
    assert found[0]["marks"]["mentions_gold"] == [True, True]
    assert found[2]["marks"]["mentions_gold"] is None
    assert found[0]["generated_tokens"] == 0
    assert CliRunner().invoke(app, ["inspect", str(tmp_path / "out"), "c"]).exit_code == 0
    other = label(chains, models[0], "judge", "--variants", "2", "--label", "first_error", out="first")
    assert other.exit_code == 0, other.output
    assert rows(chains, "first")[1]["label"] == [-value for value in found[1]["parts"]["first_error"]]


def test_the_judge_keeps_what_a_gold_file_lacks(tmp_path, models):
    chains = write(tmp_path, [{**chain, "gold": None} for chain in CHAINS])
    (tmp_path / "gold.jsonl").write_text(json.dumps({"question": "What is 2 + 2?", "gold": "4"}) + "\n")
    done = label(chains, models[0], "judge", "--gold", str(tmp_path / "gold.jsonl"))
    assert done.exit_code == 0, done.output
    assert [row["gold"] for row in rows(chains)] == ["4", None, None]


@pytest.mark.parametrize("method", ["binary_search", "pav", "monte_carlo"])
def test_rollouts_need_a_gold_answer(tmp_path, models, method):
    chains = write(tmp_path, CHAINS)
    stopped = label(chains, models[0], method, *FEW)
    assert stopped.exit_code == 2
    assert "no gold answer" in stopped.output
    skipped = label(chains, models[0], method, *FEW, "--on-error", "skip")
    assert skipped.exit_code == 0, skipped.output
    assert [row["id"] for row in rows(chains)] == ["a", "b"]


@pytest.mark.parametrize(("method", "labeler"), [("binary_search", BinarySearch), ("pav", Pav)])
def test_rollout_methods_from_files_to_a_table(tmp_path, models, method, labeler):
    chains = write(tmp_path, CHAINS[:2])
    done = label(chains, models[0], method, *FEW)
    assert done.exit_code == 0, done.output
    found = rows(chains)
    assert set(found[0]["parts"]) == set(labeler.columns)
    assert found[0]["generated_tokens"] > 0
    assert all(
        (value is None) == (step in reasons) for row in found for step, value, reasons in steps_of(row)
    )
    assert label(chains, models[0], method, *FEW, out="again").exit_code == 0
    assert (tmp_path / "out" / "labels.parquet").read_bytes() == (
        tmp_path / "again" / "labels.parquet"
    ).read_bytes()


def steps_of(row: dict) -> list[tuple[int, float | None, set[int]]]:
    reasons = {item["step"] for item in row["abstained"]}
    return [(step, value, reasons) for step, value in enumerate(row["label"])]


def test_monte_carlo_of_the_first_steps_pays_for_no_others(tmp_path, models):
    chains = write(tmp_path, CHAINS[:2])
    for out, more in (("all", ()), ("first", ("--first-steps", "1"))):
        done = label(chains, models[0], "monte_carlo", *FEW, *more, out=out)
        assert done.exit_code == 0, done.output
    assert "after the first step 3" in done.output
    for whole, short in zip(rows(chains, "all"), rows(chains, "first"), strict=True):
        assert short["label"] == [whole["label"][0], *[None] * (len(whole["steps"]) - 1)]
        assert 0 < short["generated_tokens"] < whole["generated_tokens"]
    manifests = [read_manifest(tmp_path / out) for out in ("all", "first")]
    options = [manifest.determines["options"] for manifest in manifests if manifest is not None]
    assert options[1] == {**options[0], "first_steps": 1}
    assert CliRunner().invoke(app, ["inspect", str(tmp_path / "first")]).exit_code == 0
    assert label(chains, models[0], "monte_carlo", "--first-steps", "0", out="none").exit_code == 2


def test_a_prover_of_its_own_is_named_in_the_manifest(tmp_path, models):
    chains = write(tmp_path, CHAINS[:2])
    policy, prover = models
    done = label(chains, policy, "pav", *FEW, "--prover", prover)
    assert done.exit_code == 0, done.output
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert (manifest.circumstances["model"], manifest.circumstances["prover"]) == (policy, prover)
    assert manifest.determines["model"] != manifest.determines["prover"]
    assert manifest.determines["options"]["best_of"] == 1
    refused = label(chains, policy, "pav", *FEW, "--prover", policy)
    assert refused.exit_code == 1, "another prover is another run"
    # What the policy does is the same whoever proves.
    assert label(chains, policy, "pav", *FEW, "--prover", policy, out="same").exit_code == 0
    for first, second in zip(rows(chains), rows(chains, "same"), strict=True):
        assert first["parts"]["successes"] == second["parts"]["successes"]
        assert first["parts"]["cut_off"] == second["parts"]["cut_off"]


def test_two_engines_that_are_ready(tmp_path):
    chains = write(tmp_path, CHAINS[:2])
    policy = FakeEngine(texts=["The answer is 4."], name="policy")
    prover = FakeEngine(texts=["The answer is 5."], name="prover")
    run = cpmi.label(chains, model=policy, prover=prover, method="pav", out=tmp_path / "out", alpha=3)
    first, second = run
    assert first.labels.values == (1.0, 1.0)
    assert first.labels.parts["prover_successes"] == (0.0,) * 3
    assert second.labels.values == (0.0,) * 3
    assert second.labels.parts["prover_successes"] == (8.0,) * 4
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert (manifest.circumstances["model"], manifest.circumstances["prover"]) == ("policy", "prover")
    with pytest.raises(ConfigError, match="method cpmi has no option prover"):
        cpmi.label(chains, model=policy, prover=prover, method="cpmi", out=tmp_path / "other")


@pytest.mark.parametrize("method", ["judge", "binary_search", "pav"])
def test_the_recipes_are_the_defaults(method):
    from cpmi.cli.recipe import read_recipe
    from cpmi.config import LabelConfig

    recipe = read_recipe(Path(__file__).parents[2] / "recipes" / f"{method}.yaml")
    given = LabelConfig.parse({**recipe, "input": "i", "out": "o"})
    plain = LabelConfig.parse({"model": recipe["model"], "method": method, "input": "i", "out": "o"})
    assert given == plain
