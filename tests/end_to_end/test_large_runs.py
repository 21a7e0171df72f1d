"""What is read of a run in part, or twice, is what reading all of it at once gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cpmi.exports.rows import _units, read_export
from cpmi.reports.chains import embed_chains
from cpmi.reports.runs import read_runs
from cpmi.runs.table import LabeledChain, encode, read_columns, read_labels, read_schema
from tests.report_runs import chains, write_runs


def runs_of(folder: Path) -> list[Path]:
    return write_runs(folder, chains(60))


def test_labels_without_candidates_are_the_same_but_for_them(tmp_path: Path) -> None:
    for folder in runs_of(tmp_path):
        plain = [replace(row.labels, candidates=(), candidate_values=()) for row in read_labels(folder)]
        rows = list(read_labels(folder, candidates=False))
        assert [row.labels for row in rows] == plain
        assert [row.chain for row in rows] == [row.chain for row in read_labels(folder)]


def test_columns_are_read_as_far_as_a_table_has_them(tmp_path: Path) -> None:
    folder = runs_of(tmp_path)[0]
    found = list(read_columns(folder, ("unit", "no such column", "label")))
    labels = [row.labels for row in read_labels(folder)]
    assert found == [{"unit": one.unit, "label": list(one.values)} for one in labels]


def test_units_say_what_the_labels_say(tmp_path: Path) -> None:
    found = {}
    for folder in runs_of(tmp_path):
        labels = [row.labels for row in read_labels(folder)]
        probable = all(one.probabilities is not None for one in labels)
        assert _units(folder) == (sorted({one.unit for one in labels}), probable)
        found[labels[0].method] = probable
    assert found["monte_carlo"]
    assert not found["cpmi"]


def test_exported_rows_can_be_read_again(tmp_path: Path) -> None:
    exported = read_export(runs_of(tmp_path)[0], threshold=0.0)
    rows = list(exported.rows)
    assert rows == list(exported.rows)
    assert len(rows) == len(exported.rows) > 10
    assert exported.num_steps == sum(len(row.labels) for row in rows)
    assert exported.num_wrong_steps == sum(row.labels.count(False) for row in rows)
    assert [row.chain for row in exported.rated] == [row.chain for row in rows]
    firsts = [row.labels.index(False) if False in row.labels else -1 for row in rows]
    assert [row.predicted for row in exported.rated] == firsts


def test_a_report_of_few_chains_counts_all(tmp_path: Path) -> None:
    folders = runs_of(tmp_path)
    few, every = read_runs(folders, 7), read_runs(folders)
    assert [len(run.rows) for run in few] == [7] * 3
    assert [run.facts() for run in few] == [run.facts() for run in every]
    assert [run.values_N.tolist() for run in few] == [run.values_N.tolist() for run in every]
    assert embed_chains(few, max_chains=7) == embed_chains(every, max_chains=7)


def test_of_two_rows_with_one_id_a_report_counts_the_last(tmp_path: Path) -> None:
    folder = runs_of(tmp_path)[0]
    rows = list(read_labels(folder))
    first, second = rows[0], rows[8]
    twin = LabeledChain(
        chain=replace(second.chain, id=first.chain.id),
        labels=replace(second.labels, chain_id=first.chain.id),
    )
    (tmp_path / "twice").mkdir()
    table = encode([first, *rows[1:3], twin], read_schema(folder))
    (tmp_path / "twice" / "labels.parquet").write_bytes(table)
    (run,) = read_runs([tmp_path / "twice"])
    assert list(run.rows) == [row.chain.id for row in rows[:3]]
    assert run.rows[first.chain.id] == twin
    expected = [len(row.chain.steps) for row in (twin, *rows[1:3])]
    assert list(run.num_steps_of.values()) == expected
