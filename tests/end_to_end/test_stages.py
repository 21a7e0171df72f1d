"""Records that fail: stop and skip, gold answers, limits, progress."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from cpmi.engines.fake import FakeEngine
from cpmi.errors import ContextTooLongError, RecordError
from cpmi.runs.chunk_store import num_finished
from cpmi.runs.table import TABLE_NAME, read_ids, read_labels
from cpmi.runs.totals import NOT_JOINED
from cpmi.types import Chain

BROKEN = RecordError("step 3 is empty", where="chains.jsonl, line 12 [chain-11]")


def records_with(index: int, record: Chain | RecordError) -> list[Chain | RecordError]:
    records = tiny.all_chains()
    records[index] = record
    return records


def rejects(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "rejects.jsonl").read_text().splitlines()]


def test_stop_raises_and_keeps_what_was_finished(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"chains.jsonl, line 12"):
        tiny.run(tmp_path, records_with(11, BROKEN))
    assert num_finished(tmp_path) == 1
    assert not (tmp_path / TABLE_NAME).exists()
    tiny.run(tmp_path, records_with(11, BROKEN), on_error="skip")
    assert len(read_ids(tmp_path)) == tiny.NUM_CHAINS - 1


def test_skip_rejects_with_a_reason(tmp_path: Path) -> None:
    records = records_with(11, BROKEN)
    records[30] = tiny.chain(30, question="impossible")
    totals = tiny.run(tmp_path, records, on_error="skip")
    assert len(read_ids(tmp_path)) == tiny.NUM_CHAINS - 2
    assert totals.num_records == tiny.NUM_CHAINS
    assert totals.rejected == {"step N is empty": 1, "the question is impossible": 1}
    first, second = rejects(tmp_path)
    assert first == {
        "chunk": 1,
        "id": None,
        "source": "chains.jsonl, line 12 [chain-11]",
        "reason": "step N is empty",
        "message": str(BROKEN),
    }
    assert (second["id"], second["chunk"], second["source"]) == ("chain-30", 3, "chains.jsonl, line 31")
    assert second["message"] == "chains.jsonl, line 31 [chain-30]: the question is impossible"


def test_a_rejected_record_moves_no_boundary(tmp_path: Path) -> None:
    tiny.run(tmp_path / "all")
    tiny.run(tmp_path / "skipped", records_with(11, BROKEN), on_error="skip")
    there = {row.chain.id: row for row in read_labels(tmp_path / "all")}
    assert all(there[row.chain.id] == row for row in read_labels(tmp_path / "skipped"))


def test_a_unit_of_rejects_only(tmp_path: Path) -> None:
    totals = tiny.run(tmp_path, [BROKEN] * 10, on_error="skip")
    assert (totals.num_chains, totals.num_records, totals.num_chunks) == (0, 10, 2)
    assert read_ids(tmp_path) == []
    assert len(rejects(tmp_path)) == 10


def test_a_failing_chain_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"line 31 \[chain-30\]: the question is impossible"):
        tiny.run(tmp_path, records_with(30, tiny.chain(30, question="impossible")))
    assert num_finished(tmp_path) == 3


def test_a_context_too_long_for_some(tmp_path: Path) -> None:
    records = records_with(5, tiny.chain(5, question="long " * 100))
    engine = FakeEngine(max_positions=200)
    with pytest.raises(ContextTooLongError, match=r"\[chain-5\].*at most 200"):
        tiny.run(tmp_path, records, engine=engine)
    totals = tiny.run(tmp_path, records, engine=engine, on_error="skip")
    assert totals.rejected == {"the chain does not fit into the model's context": 1}


def test_a_chain_without_gold_is_an_error(tmp_path: Path) -> None:
    records = records_with(0, tiny.chain(0, gold=None))
    with pytest.raises(RecordError, match=r"no gold answer. Give --gold FILE"):
        tiny.run(tmp_path, records)


def test_gold_is_joined(tmp_path: Path) -> None:
    def join(chain: Chain) -> Chain:
        if chain.id == "chain-4":
            raise RecordError("two golds", where="here")
        return chain if chain.id == "chain-3" else replace(chain, gold="9")

    bare = [tiny.chain(index, gold=None) for index in range(9)]
    totals = tiny.run(tmp_path, bare, join=join, on_error="skip")
    assert totals.rejected == {NOT_JOINED: 1, "two golds": 1}
    assert totals.num_not_joined == 1
    assert all(row.chain.gold == "9" for row in read_labels(tmp_path))
    assert rejects(tmp_path)[0]["id"] == "chain-3"
    assert "Question 3" in str(rejects(tmp_path)[0]["message"])


def test_limit_counts_records(tmp_path: Path) -> None:
    totals = tiny.run(tmp_path, records_with(3, BROKEN), limit=10, on_error="skip")
    assert (totals.num_records, totals.num_chains) == (10, 9)


def test_a_shard_fails_by_its_own_records_only(tmp_path: Path) -> None:
    totals = tiny.run(tmp_path, records_with(11, BROKEN), shard="0/3")
    assert totals.num_chunks == 2


def test_labels_arrive_as_the_method_gave_them(tmp_path: Path) -> None:
    totals = tiny.run(tmp_path)
    rows = list(read_labels(tmp_path))
    assert [row.chain for row in rows] == tiny.all_chains()
    assert totals.num_steps == sum(len(row.labels.values) for row in rows)
    assert totals.abstained == {"unsure": sum(len(row.labels.abstained) for row in rows)}
    assert totals.abstained["unsure"] > 0
    assert all(row.labels.usage.computed_tokens > 0 for row in rows)
    assert totals.usage.computed_tokens == sum(row.labels.usage.computed_tokens for row in rows)


def test_progress_knows_the_shards_own_total(tmp_path: Path) -> None:
    seen = []
    tiny.run(tmp_path, shard="2/3", progress=seen.append, num_records=tiny.NUM_CHAINS)
    assert [progress.num_records for progress in seen] == [0, 8, 13]
    assert {progress.total for progress in seen} == {13}
    assert seen[-1].num_chains == 13
