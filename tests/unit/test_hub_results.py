"""`.eval_results/*.yaml`: what the Hub's own class writes and reads, of whole benchmarks alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from cpmi.evaluate import evaluate_prmbench, evaluate_processbench, hub_results
from cpmi.evaluate.best_of_n_result import BestOfN
from cpmi.evaluate.prmbench_items import NUM_ITEMS
from cpmi.evaluate.prmbench_result import PRMBench
from cpmi.evaluate.processbench_result import ProcessBench
from cpmi.evaluate.storing import store
from tests.scored_chains import scored, table

# One of one wrong chain found, one of two right chains silent: F1 = 2 · 1 · 0.5 / 1.5.
ROWS = [scored("math-0", [0.9, 0.1], 1), scored("math-1", [0.9]), scored("math-2", [0.2])]


def processbench(folder: Path, *, num_chains: int = 1_000) -> ProcessBench:
    found = evaluate_processbench([table(folder / "scores", ROWS)], num_draws=20)
    (split,) = found.splits
    return replace(found, splits=(replace(split, num_chains=num_chains),))


def prmbench(folder: Path, *, num_items: int = NUM_ITEMS) -> PRMBench:
    rows = [
        scored("a", [0.9, 0.1], 1, meta={"classification": "circular", "error_steps": "2"}),
        scored("b", [0.1, 0.9], 1, meta={"classification": "circular", "error_steps": "2"}),
    ]
    found = evaluate_prmbench([table(folder / "scores", rows)], num_draws=20)
    return replace(found, num_items=num_items)


def test_a_whole_split_has_its_number_with_interval_and_baselines(tmp_path: Path) -> None:
    result = processbench(tmp_path)
    (entry,) = yaml.safe_load(hub_results.hub_results(result) or "")
    assert entry["dataset"] == {"id": "Qwen/ProcessBench", "task_id": "math"}
    assert entry["value"] == pytest.approx(2 / 3)
    assert "F1, threshold 0.5 (official: 0.5), in [0, 1]: 0.667" in entry["notes"]
    assert "1,000 chains on" in entry["notes"]
    for row in result.rows:
        assert (row.name in entry["notes"]) == (row.kind == "baseline" and not row.knows_answer)


def test_the_whole_prmbench_has_its_official_score(tmp_path: Path) -> None:
    result = prmbench(tmp_path, num_items=NUM_ITEMS - hub_results.MOST_MISSING)
    (entry,) = yaml.safe_load(hub_results.hub_results(result) or "")
    assert entry["dataset"] == {"id": "hitsmy/PRMBench_Preview", "task_id": "default"}
    assert entry["value"] == result.rows[0].overall.score.value
    assert "6,207 of 6,211 items" in entry["notes"]
    assert "all right" in entry["notes"]


def test_a_part_of_a_benchmark_and_best_of_n_have_none(tmp_path: Path) -> None:
    assert hub_results.hub_results(processbench(tmp_path / "p", num_chains=999)) is None
    nothing = BestOfN(
        num_problems=1,
        ns=(1,),
        rows=(),
        verdicts={},
        left_out=(),
        num_draws=1,
        seed=0,
        warnings=(),
        samples=(),
    )
    assert hub_results.hub_results(nothing) is None
    few = NUM_ITEMS - hub_results.MOST_MISSING - 1
    assert hub_results.hub_results(prmbench(tmp_path / "b", num_items=few)) is None


@pytest.mark.parametrize("make", [processbench, prmbench])
def test_they_are_what_the_library_writes_and_reads(make: object, tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    if not hasattr(hub, "EvalResultEntry"):
        pytest.skip("this huggingface_hub does not know the form")
    written = yaml.safe_load(hub_results.hub_results(make(tmp_path)) or "")  # type: ignore[operator]
    entries = hub.parse_eval_result_entries(written)
    assert len(entries) == 1
    assert hub.eval_result_entries_to_yaml(entries) == written
    (one,) = written
    assert entries[0] == hub.EvalResultEntry(
        dataset_id=one["dataset"]["id"],
        task_id=one["dataset"]["task_id"],
        value=one["value"],
        notes=one["notes"],
    )


def test_they_are_stored_with_the_same_bytes_and_go_with_the_result(tmp_path: Path) -> None:
    result, out = processbench(tmp_path), tmp_path / "out"
    file = out / ".eval_results" / "processbench.yaml"
    assert file in store(result, out)
    first = file.read_bytes()
    store(result, out)
    assert file.read_bytes() == first
    assert file not in store(processbench(tmp_path, num_chains=3), out)
    assert not file.parent.exists()
