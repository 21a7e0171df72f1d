"""Long chains: whole or not at all, whatever the method; what is left out is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.long_chains import InstantEngine, write_chain

import cpmi
from cpmi.errors import ContextTooLongError
from cpmi.methods import METHODS

OWN: dict[str, dict[str, Any]] = {"adaptive": {"budget": "100%"}}
WITH_ROLLOUTS = ("binary_search", "monte_carlo", "pav")


def engine(max_positions: int | None) -> InstantEngine:
    return InstantEngine(max_positions=max_positions, texts=["It is 7."])


def label(source: Path, method: str, out: Path, max_positions: int | None, **options: Any) -> cpmi.Run:
    chosen = {**OWN.get(method, {}), **options}
    return cpmi.label(source, model=engine(max_positions), method=method, out=out, **chosen)


@pytest.fixture
def chains(tmp_path: Path) -> Path:
    """A short chain, one of 300 steps and another short one."""
    lines = []
    for id, num_steps in (("a", 3), ("long", 300), ("z", 4)):
        write_chain(tmp_path / "one.jsonl", num_steps)
        lines.append(json.dumps({**json.loads((tmp_path / "one.jsonl").read_text()), "id": id}) + "\n")
    path = tmp_path / "chains.jsonl"
    path.write_text("".join(lines))
    return path


@pytest.mark.parametrize("method", METHODS)
def test_a_chain_beyond_the_context_stops_or_is_counted(chains: Path, tmp_path: Path, method: str) -> None:
    with pytest.raises(ContextTooLongError, match=r"long\].*expected at most 3000") as caught:
        label(chains, method, tmp_path / "stopped", 3000)
    assert "--on-error skip" in str(caught.value)
    run = label(chains, method, tmp_path / "skipped", 3000, on_error="skip")
    assert [(row.chain.id, len(row.labels.values)) for row in run] == [("a", 3), ("z", 4)]
    ((reason, count),) = run.totals.rejected.items()
    assert count == 1
    assert "fit into the model's context" in reason
    assert run.totals.num_records == run.totals.num_chains + count == 3


@pytest.mark.parametrize("method", METHODS)
def test_a_chain_of_2000_steps_is_labeled_whole(tmp_path: Path, method: str) -> None:
    write_chain(tmp_path / "chains.jsonl", 2000)
    own = {"rollouts": 1, "max_tokens": 16} if method in WITH_ROLLOUTS else {}
    (row,) = label(tmp_path / "chains.jsonl", method, tmp_path / "out", None, **own)
    assert len(row.labels.values) == 2000
    assert None not in row.labels.values[:1]
    assert row.labels.usage.unshared_tokens > 60_000


def test_check_reads_a_chain_of_2000_steps(tmp_path: Path) -> None:
    write_chain(tmp_path / "chains.jsonl", 2000)
    found = cpmi.check(tmp_path / "chains.jsonl")
    assert (found.num_chains, found.num_steps, found.outcomes) == (1, 2000, {"right": 1})
