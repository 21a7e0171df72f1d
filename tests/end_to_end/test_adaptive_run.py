"""Whole runs of `adaptive` under a budget, with a first pass of three lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cpmi.api.label import label
from cpmi.cli.app import app
from cpmi.engines.fake import FakeEngine
from cpmi.errors import ConfigError, RecordError, RunError
from cpmi.flows import Flow, score
from cpmi.methods import Evidence, Method, Setup, adaptive
from cpmi.requests import Branch, SampleRequest, Samples, ScoreTree
from cpmi.runs import scheduler
from cpmi.runs.merge import merge_runs
from cpmi.runs.table import TABLE_NAME
from cpmi.types import Chain, StepLabels

NUM_CHAINS = 12


class FirstPass(Method):
    """Every step is right with even odds, after one forward of the chain."""

    name, unit = "first", "log-odds"

    def label(self, chain: Chain) -> Flow[StepLabels]:
        shared_prefix = self.prompter.question(self.prompter.templates[0], chain.question)
        shared_prefix += tuple(t for step in chain.steps for t in self.prompter.step(step))
        yield from score(
            [ScoreTree(shared_prefix=shared_prefix, branches=(Branch(at=1, tokens=shared_prefix[1:]),))]
        )
        values = (1.0,) * len(chain.steps)
        return StepLabels(chain_id=chain.id, method=self.name, values=values, unit="log-odds")


@pytest.fixture(autouse=True)
def _first_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_pass(_: object, setup: Setup) -> FirstPass:
        return FirstPass(FirstPass.Options(), setup)

    first_pass.Options = Evidence.Options
    monkeypatch.setattr(adaptive, "Evidence", first_pass)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    records = [
        {
            "id": f"c{index}",
            "question": f"How many are {index} and 5?",
            "steps": [f"There are {index} first.", "Then 5 come.", f"So there are {index + 5 + index % 2}."],
            "gold": str(index + 5) if index != 4 else None,
        }
        for index in range(NUM_CHAINS)
    ]
    path = tmp_path / "chains.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def engine() -> FakeEngine:
    return FakeEngine(texts=lambda prompt, index: f"So the answer is {len(prompt) % 3 + index % 4}.")


def run(data: Path, out: Path, *, at_work: Any = None, **options: Any) -> Any:
    settings = {"prompt": "short", "on_error": "skip", "rollouts": 4, "chunk_size": 3} | options
    return label(data, model=at_work or engine(), method="adaptive", out=out, **settings)


def facts(out: Path) -> tuple[dict[str, Any], int]:
    """What determines a run, and the tokens it has computed."""
    manifest = json.loads((out / "manifest.json").read_text())
    usage = json.loads((out / "usage.json").read_text())
    return manifest["determines"], usage["totals"]["usage"]["computed_tokens"]


def test_tokens_and_money_become_the_share_of_the_whole_input(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "share", budget="60%")
    determines, spent = facts(tmp_path / "share")
    assert determines["options"]["budget_share"] == 0.6
    assert "price_per_million_tokens" not in determines["options"]

    tokens = 20_000
    run(data, tmp_path / "tokens", budget=str(tokens))
    determines, spent = facts(tmp_path / "tokens")
    share = determines["options"]["budget_share"]
    assert 0 < spent <= tokens
    run(data, tmp_path / "money", budget="0.04usd", price_per_million_tokens=2)
    assert facts(tmp_path / "money")[0] == determines
    assert (tmp_path / "money" / TABLE_NAME).read_bytes() == (tmp_path / "tokens" / TABLE_NAME).read_bytes()
    # The first half of the input costs about half: the same tokens are about twice the share of it.
    run(data, tmp_path / "limited", budget=str(tokens), limit=6)
    assert facts(tmp_path / "limited")[0]["options"]["budget_share"] == pytest.approx(2 * share, rel=0.2)


def test_shards_find_the_same_share_and_merge(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "plain", budget="9000")
    folders = [tmp_path / "a", tmp_path / "b"]
    for index, folder in enumerate(folders):
        run(data, folder, budget="9000", shard=f"{index}/2")
    merge_runs(folders, tmp_path / "merged")
    assert (tmp_path / "merged" / TABLE_NAME).read_bytes() == (tmp_path / "plain" / TABLE_NAME).read_bytes()
    with pytest.raises(RunError, match=r"options\.budget_share is"):
        run(data, tmp_path / "plain", budget="9001")


def test_a_budget_below_the_first_pass_rejects_or_stops(data: Path, tmp_path: Path) -> None:
    totals = run(data, tmp_path / "skip", budget="1%").totals
    assert totals.num_chains == 0
    assert totals.rejected["the budget is too small for the first pass over the chain"] == NUM_CHAINS - 1
    assert totals.usage.computed_tokens == 0
    with pytest.raises(RecordError, match=r"smallest --budget that would do for this chain is \d"):
        run(data, tmp_path / "stop", budget="1%", on_error="stop", limit=4)  # c4 has no gold


def test_a_run_killed_between_visits_goes_on_with_the_same_budget(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(Exception):
        """Stands for whatever ends a process."""

    class Killing(FakeEngine):
        num_left, num_batches = 10**6, 0

        def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
            self.num_left -= 1
            if self.num_left < 0:
                raise KilledError
            self.num_batches += 1
            return engine().sample(requests)

    monkeypatch.setattr(scheduler, "MAX_BATCH_SAMPLES", 4)
    plain = Killing()
    run(data, tmp_path / "plain", at_work=plain, budget="150%")
    assert plain.num_batches > 12
    num_batches = 0
    while not (tmp_path / "killed" / TABLE_NAME).exists():
        at_work = Killing()
        at_work.num_left = 2
        with suppress(KilledError):
            run(data, tmp_path / "killed", at_work=at_work, budget="150%")
        num_batches += at_work.num_batches
    assert num_batches == plain.num_batches
    assert (tmp_path / "killed" / TABLE_NAME).read_bytes() == (tmp_path / "plain" / TABLE_NAME).read_bytes()
    assert facts(tmp_path / "killed") == facts(tmp_path / "plain")


def test_an_engine_of_the_plain_path_is_refused(data: Path, tmp_path: Path) -> None:
    class Plain(FakeEngine):
        def describe(self) -> dict[str, object]:
            return super().describe() | {"path": "plain"}

    with pytest.raises(ConfigError, match="plain path cannot bound the cost"):
        run(data, tmp_path / "out", at_work=Plain(), budget="20%")


def test_the_command_line_says_what_is_wrong(data: Path, tmp_path: Path) -> None:
    for flags, message in (
        ([], "option budget: is missing"),
        (["--budget", "0%"], "not a budget"),
        (["--budget", "3usd"], "--price-per-million-tokens"),
    ):
        command = ["label", str(data), "-m", "m", "--method", "adaptive", "-o", str(tmp_path / "out"), *flags]
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 2
        assert message in " ".join(result.output.split())
