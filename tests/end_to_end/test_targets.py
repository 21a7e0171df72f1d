"""Labels to targets and two label sets to one, from run folders through the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from rated_runs import Values, chain, chains, noise, write_run
from typer.testing import CliRunner, Result

from cpmi.calibration import AFTER_FIRST_ERROR, fit_robust, map_from_json
from cpmi.cli import app
from cpmi.errors import MissingDependencyError, RunError
from cpmi.exports import export_labels
from cpmi.runs.matching import fold_of
from cpmi.targets import TargetRow, calibrate_labels, consensus_of, read_targets
from cpmi.types import Chain, Rating
from tests.hiding import hide

COLUMNS = [
    *("id", "question", "gold", "answer", "steps", "ratings", "meta", "source"),
    *("options", "other_golds", "outcome", "distractors"),
    *("method", "label", "target", "hard", "abstained", "hard_abstained", "map", "mentions_candidate"),
]


def invoke(*args: object) -> Result:
    return CliRunner().invoke(app, list(map(str, args)))


def done(*args: object) -> str:
    result = invoke(*args)
    assert result.exit_code == 0, result.output
    return result.output


def refused(code: int, *args: object) -> str:
    result = invoke(*args)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def facts(folder: Path, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / name).read_text())
    return read


def unrated(made: list[Chain]) -> list[Chain]:
    return [replace(chain, ratings=None) for chain in made]


def with_a_null(chain: Chain) -> list[float | None]:
    return [None, *noise(1)(chain)[1:]]


def test_the_robust_map_of_an_unrated_run(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", unrated(chains(40)), with_a_null)
    text = done("calibrate", run, "--out", tmp_path / "out", "--hard", 0.4)
    assert "robust, on the labels themselves, without ratings" in text
    assert "40 steps: unsure 40" in text
    rows = list(read_targets(tmp_path / "out"))
    values = np.array([v for row in rows for v in row.labels if v is not None])
    record = facts(tmp_path / "out", "map.json")
    (fitted,) = record["maps"]
    assert fitted["median"] == fit_robust(values).median
    assert (fitted["fold"], fitted["num_chains"], fitted["num_steps"]) == (None, 40, len(values))
    assert set(record["fitted_on"]) == {"fingerprint", "table_sha256"}
    for row in rows:
        assert row.map == "robust"
        assert (row.targets[0], row.abstained) == (None, {0: "unsure"})
        assert row.hard is not None
        below = [i for i, target in enumerate(row.targets) if target is not None and target < 0.4]
        assert row.hard.first_error == (below[0] if below else None)
        if below:
            assert set(range(below[0] + 1, len(row.chain.steps))) == {
                i for i, reason in row.hard.reasons.items() if reason == AFTER_FIRST_ERROR
            }
    assert pq.read_schema(tmp_path / "out" / "targets.parquet").names == COLUMNS


def test_a_rated_run_is_cross_fitted(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    made = chains(120)
    run = write_run(tmp_path / "run", made, noise(1, lowered=2))
    text = done("calibrate", run, "--out", tmp_path / "out")
    assert "platt, cross-fitted over 5 folds of problems" in text
    record = facts(tmp_path / "out", "map.json")
    assert [fitted["fold"] for fitted in record["maps"]] == [0, 1, 2, 3, 4]
    maps = {fitted["fold"]: map_from_json(fitted) for fitted in record["maps"]}
    rows = list(read_targets(tmp_path / "out"))
    for row in rows:
        again = maps[fold_of(row.chain.question)].apply(np.array(row.labels)).tolist()
        assert row.targets == tuple(again)
    # The map of a fold does not know the ratings of that fold: turn them around, and it stays as it is.
    turned = [
        t if fold_of(t.question) != 2 else replace(t, ratings=(Rating.WRONG, *(t.ratings or ())[1:]))
        for t in made
    ]
    calibrate_labels(write_run(tmp_path / "turned", turned, fixed(rows)), tmp_path / "out2")
    others = facts(tmp_path / "out2", "map.json")["maps"]
    assert others[2] == record["maps"][2]
    assert all(others[fold] != record["maps"][fold] for fold in (0, 1, 3, 4))


def fixed(rows: list[TargetRow]) -> Values:
    values = {row.chain.id: row.labels for row in rows}
    return lambda chain: values[chain.id]


@pytest.mark.parametrize(("num_chains", "kind"), [(150, "platt"), (500, "isotonic")])
def test_a_rated_run_on_other_problems(tmp_path: Path, num_chains: int, kind: str) -> None:
    pytest.importorskip("sklearn")
    run = write_run(tmp_path / "run", unrated(chains(30, first=9000)), noise(1, lowered=2))
    rated = write_run(tmp_path / "rated", chains(num_chains), noise(1, lowered=2))
    text = done("calibrate", run, "--rated", rated, "--out", tmp_path / "out", "--decode", "change_point")
    assert f"{kind}, on a rated run with other problems" in text
    (fitted,) = facts(tmp_path / "out", "map.json")["maps"]
    read = sum(t.ratings.index(Rating.WRONG) + 1 if Rating.WRONG in t.ratings else len(t.ratings)
               for t in chains(num_chains) if t.ratings)  # fmt: skip
    assert (fitted["fold"], fitted["num_steps"]) == (None, read)
    assert fitted["num_right"] == read - num_chains // 2
    manifest = facts(tmp_path / "out", "manifest.json")
    assert manifest["determines"]["stage"] == "calibrate"
    assert "scikit-learn" in manifest["determines"]["versions"]
    assert manifest["determines"]["rated"]["table_sha256"]


def test_decoding_knows_that_a_wrong_answer_implies_an_error(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    made = chains(200)
    run = write_run(tmp_path / "run", made, noise(1, lowered=3))
    done("calibrate", run, "--out", tmp_path / "out", "--decode", "change_point")
    rows = {row.chain.id: row.hard for row in read_targets(tmp_path / "out")}
    hits = 0
    for each in made:
        labels = rows[each.id]
        assert labels is not None
        if each.answer == "8":
            assert labels.first_error is not None
            hits += labels.first_error == (each.ratings or ()).index(Rating.WRONG)
    assert hits > 70  # of 100
    right = [rows[t.id] for t in made if t.answer == "7"]
    assert any(labels is not None and labels.first_error is not None for labels in right)


def test_ranks_are_no_probabilities_to_decode(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", unrated(chains(10)), noise(1))
    options = ("--map", "robust", "--decode", "change_point")
    text = done("calibrate", run, "--out", tmp_path / "out", *options)
    assert "those of the map robust are none" in text
    nulls = write_run(tmp_path / "nulls", unrated(chains(10)), with_a_null)
    text = done("calibrate", nulls, "--out", tmp_path / "out2", *options)
    assert "not decoded: a step of the chain has no target" in text


def test_a_label_that_says_nothing_gives_one_target(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    run = write_run(tmp_path / "run", unrated(chains(20, first=9000)), noise(1))
    rated = write_run(tmp_path / "rated", chains(100), noise(1, lowered=-3))
    text = done("calibrate", run, "--rated", rated, "--map", "platt", "--out", tmp_path / "out")
    assert "greater labels are not better on the rated steps" in text
    assert len({target for row in read_targets(tmp_path / "out") for target in row.targets}) == 1


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    run = write_run(tmp_path / "run", chains(60), noise(1, lowered=1))
    other = write_run(tmp_path / "other", chains(60), noise(2, lowered=1))
    outs = [tmp_path / "a" / "out", tmp_path / "b" / "out"]
    for out in outs:
        calibrate_labels(run, out, decode="change_point")
        consensus_of(run, other, out / "both")
    names = ["targets.parquet", "map.json", "both/targets.parquet", "both/consensus.json"]
    for name in names:
        assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes()
    first, second = (facts(out, "manifest.json") for out in outs)
    assert first["fingerprint"] == second["fingerprint"]
    before = (outs[0] / "manifest.json").read_bytes()
    calibrate_labels(run, outs[0], decode="change_point")  # again into the same folder
    assert (outs[0] / "manifest.json").read_bytes() == before


def test_consensus_by_chain_and_by_step(tmp_path: Path) -> None:
    made = [chain(i, None, 3) for i in range(5)]
    first = write_run(tmp_path / "a", made[:4], scores("999", "919", "991", "9-9"), method="a")
    second = write_run(tmp_path / "b", made, scores("999", "919", "919", "999", "999"), method="b")
    calibrated = [tmp_path / "ca", tmp_path / "cb"]
    for run, out in zip((first, second), calibrated, strict=True):
        calibrate_labels(run, out, map="quantile")
    options = ("--thresholds", 0.5, 0.5)
    text = done("consensus", *calibrated, "--out", tmp_path / "chain", *options)
    assert "chains dropped  1 chain: the first errors disagree 1" in text
    assert "not in both     1 chain: not in the first set 1" in text
    assert "steps kept      58.3% (7 of 12)" in text  # 3 + 2 + 0 + 2
    assert "chains whole    50.0% (2 of 4)" in text
    assert "step 2          33.3% disagree (1 of 3)" in text
    rows = {row.chain.id: row for row in read_targets(tmp_path / "chain")}
    assert list(rows) == ["chain-0", "chain-1", "chain-3"]
    assert hard(rows["chain-1"]) == (True, False, None)
    assert hard(rows["chain-3"]) == (True, None, True)
    assert rows["chain-3"].abstained == {1: "unsure"}
    assert rows["chain-0"].map == "consensus"
    parts = [next(read_targets(folder)).targets[0] or 0 for folder in calibrated]
    assert rows["chain-0"].targets[0] == pytest.approx(sum(parts) / 2)
    text = done("consensus", *calibrated, "--out", tmp_path / "step", "--by", "step", *options)
    assert "steps kept      66.7% (8 of 12)" in text
    rows = {row.chain.id: row for row in read_targets(tmp_path / "step")}
    assert hard(rows["chain-2"]) == (True, None, None)
    assert rows["chain-2"].abstained == {1: "the label sets disagree", 2: AFTER_FIRST_ERROR}
    record = facts(tmp_path / "step", "consensus.json")
    assert record["positions"][0] == {"index": 0, "num_compared": 4, "num_disagreeing": 0, "share": 0}
    manifest = facts(tmp_path / "step", "manifest.json")
    assert [item["threshold"] for item in manifest["determines"]["sets"]] == [0.5, 0.5]


def scores(*texts: str) -> Values:
    """One digit a step, as a label; - for none."""

    def values(chain: Chain) -> list[float | None]:
        text = texts[int(chain.id.partition("-")[2])]
        return [None if digit == "-" else float(digit) for digit in text]

    return values


def hard(row: TargetRow) -> tuple[bool | None, ...]:
    assert row.hard is not None
    return row.hard.values


def test_consensus_of_runs_takes_their_medians(tmp_path: Path) -> None:
    made = unrated(chains(50))
    first = write_run(tmp_path / "a", made, noise(1), method="a")
    second = write_run(tmp_path / "b", made, noise(2), method="b")
    text = done("consensus", first, second, "--out", tmp_path / "out")
    assert "a, targets of the map robust, below 0.5 is wrong" in text
    drawn = {t.id: (noise(1)(t), noise(2)(t)) for t in made}
    medians = [np.median([v for pair in drawn.values() for v in pair[i] if v is not None]) for i in (0, 1)]
    expected = set()
    for id, pair in drawn.items():
        found = [next((i for i, v in enumerate(pair[k]) if (v or 0) < medians[k]), None) for k in (0, 1)]
        if found[0] == found[1]:
            expected.add(id)
    assert {row.chain.id for row in read_targets(tmp_path / "out")} == expected
    # and a folder's own hard labels are used as they are
    calibrate_labels(first, tmp_path / "hard", map="robust", hard=0.5)
    text = done("consensus", tmp_path / "hard", second, "--out", tmp_path / "out2")
    assert "targets of the map robust, its own hard labels" in text
    assert {row.chain.id for row in read_targets(tmp_path / "out2")} == expected


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", chains(30), noise(1, lowered=1))


def test_options_that_do_not_fit(tmp_path: Path, run: Path) -> None:
    out = ("--out", tmp_path / "out")
    assert "no such map (got magic; expected auto, robust" in refused(
        2, "calibrate", run, *out, "--map", "magic"
    )
    assert "from 0 to 1" in refused(2, "calibrate", run, *out, "--hard", 7)
    both = refused(2, "calibrate", run, *out, "--hard", 0.5, "--decode", "change_point")
    assert "from a threshold or from decoding, not both" in both
    assert "no such decoding" in refused(2, "calibrate", run, *out, "--decode", "magic")
    useless = refused(2, "calibrate", run, *out, "--map", "robust", "--rated", run)
    assert "the map robust uses no ratings" in useless
    assert "always agrees with itself" in refused(2, "consensus", run, run, *out)
    other = write_run(tmp_path / "other", chains(30), noise(2))
    assert "no such way" in refused(2, "consensus", run, other, *out, "--by", "word")
    assert "from 0 to 1" in refused(2, "consensus", run, other, *out, "--thresholds", 0.5, 2)
    assert not (tmp_path / "out").exists()


def test_ratings_that_do_not_fit(tmp_path: Path, run: Path) -> None:
    pytest.importorskip("sklearn")
    out = ("--out", tmp_path / "out")
    shared = write_run(tmp_path / "shared", chains(30, first=20), noise(1))
    text = refused(2, "calibrate", run, "--rated", shared, *out)
    assert "holds problems of" in text
    assert "got 10 of 30 chains" in text
    other = write_run(tmp_path / "other", chains(30, first=100), noise(1), method="other")
    text = refused(2, "calibrate", run, "--rated", other, *out)
    assert "labels of another method (got other in nat; expected some in nat" in text
    bare = write_run(tmp_path / "bare", unrated(chains(30)), noise(1))
    text = refused(2, "calibrate", bare, "--map", "platt", *out)
    assert "the map platt needs ratings and the run has none" in text
    right = write_run(tmp_path / "right", [chain(i, None, 3) for i in range(9)], noise(1))
    text = refused(2, "calibrate", right, *out)
    assert "folds other than" in text
    assert "0 wrong steps with a label" in text
    none = write_run(tmp_path / "none", unrated(chains(30, first=100)), noise(1))
    text = refused(2, "calibrate", run, "--rated", none, *out)
    assert "got 0 right and 0 wrong steps" in text


def test_labels_that_cannot_be_scaled(tmp_path: Path, run: Path) -> None:
    flat = write_run(tmp_path / "flat", chains(30), lambda t: [1.0] * len(t.steps))
    out = ("--out", tmp_path / "out")
    assert "(MAD) is 0" in refused(2, "calibrate", flat, "--map", "robust", *out)
    assert "(MAD) is 0" in refused(2, "consensus", run, flat, *out)
    nothing = write_run(tmp_path / "nothing", unrated(chains(3)), lambda t: [None] * len(t.steps))
    assert "no step has a label" in refused(2, "calibrate", nothing, *out)
    empty = write_run(tmp_path / "empty", [], noise(1))
    assert "the run has no chain" in refused(2, "calibrate", empty, *out)


def test_chains_that_do_not_match(tmp_path: Path, run: Path) -> None:
    out = ("--out", tmp_path / "out")
    strangers = write_run(tmp_path / "strangers", chains(5, first=100), noise(1))
    assert "the runs share no chain" in refused(2, "consensus", run, strangers, *out)
    changed = [replace(t, steps=("other", *t.steps[1:])) for t in chains(30)]
    other = write_run(tmp_path / "changed", changed, noise(1))
    assert "the runs disagree about the steps of chain 'chain-0'" in refused(2, "consensus", run, other, *out)
    twice = write_run(tmp_path / "twice", chains(2) * 2, noise(1))
    assert "two chains have the same id" in refused(2, "consensus", run, twice, *out)


def test_folders_are_guarded(tmp_path: Path, run: Path) -> None:
    out = tmp_path / "out"
    assert "which no run of cpmi listed as its own" in refused(
        1, "calibrate", run, "--out", run, "--overwrite"
    )
    assert "no labels.parquet there" in refused(2, "calibrate", tmp_path, "--out", out)
    done("calibrate", run, "--out", out, "--map", "robust")
    before = (out / "targets.parquet").read_bytes()
    text = refused(1, "calibrate", run, "--out", out, "--map", "quantile")
    assert 'options.map is "robust" there and "quantile" now' in text
    assert (out / "targets.parquet").read_bytes() == before
    done("calibrate", run, "--out", out, "--map", "quantile", "--overwrite")
    assert (out / "targets.parquet").read_bytes() != before
    other = write_run(tmp_path / "other", chains(30), noise(2))
    assert "cannot be in one of the label sets" in refused(2, "consensus", out, other, "--out", out)
    done("consensus", out, other, "--out", out.with_name("both"))
    (out / "manifest.json").unlink()
    text = refused(1, "calibrate", run, "--out", out)
    assert "which no run of cpmi listed as its own" in text
    (out / "targets.parquet").write_bytes(b"nonsense")
    with pytest.raises(RunError, match="not a table of targets"):
        list(read_targets(out))
    (out / "targets.parquet").write_bytes((run / "labels.parquet").read_bytes())
    with pytest.raises(RunError, match="not a table of targets by this cpmi"):
        list(read_targets(out))
    with pytest.raises(RunError, match=r"no targets\.parquet there"):
        list(read_targets(tmp_path))
    (tmp_path / "sampled").mkdir()
    manifest = {"fingerprint": "", "determines": {"stage": "sample"}, "circumstances": {}}
    (tmp_path / "sampled" / "manifest.json").write_text(json.dumps(manifest))
    for options in ((), ("--overwrite",)):
        text = refused(1, "calibrate", run, "--out", tmp_path / "sampled", *options)
        assert "a run of another kind" in text
    (tmp_path / "sampled" / "manifest.json").write_text("nonsense")
    assert "not the manifest" in refused(1, "calibrate", run, "--out", tmp_path / "sampled")
    again = refused(1, "calibrate", run, "--out", tmp_path / "sampled", "--map", "robust", "--overwrite")
    assert "nothing of others is replaced" in again


def test_without_scikit_learn(tmp_path: Path, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "sklearn")
    with pytest.raises(MissingDependencyError, match=r"cpmi\[evaluate\]"):
        calibrate_labels(run, tmp_path / "out")
    calibrate_labels(run, tmp_path / "out", map="robust")


def test_facts_of_the_input_reach_targets_and_exports(tmp_path: Path) -> None:
    facts = {"outcome": "wrong", "generator": "some model"}
    made = [replace(t, meta=facts, source="/data/chains.jsonl:3") for t in chains(8)]
    write_run(tmp_path / "run", made, noise(1))
    calibrate_labels(tmp_path / "run", tmp_path / "out", map="robust")
    for row in read_targets(tmp_path / "out"):
        assert (row.chain.meta, row.chain.source) == (facts, "chains.jsonl:3")
    export_labels(tmp_path / "out", tmp_path / "data")
    first, *_ = pq.read_table(tmp_path / "data" / "train.parquet").to_pylist()
    assert {item["key"]: item["value"] for item in first["meta"]} == facts
    assert first["source"] == "chains.jsonl:3"


def test_rows_check_themselves() -> None:
    row = TargetRow(
        chain=Chain(id="a", question="q", steps=("s",)), labels=(1.0,), targets=(0.5,), map="m", method="x"
    )
    for wrong in ({"targets": (1.5,)}, {"targets": (None,)}, {"labels": ()}, {"abstained": {0: "why"}}):
        with pytest.raises(ValueError):
            replace(row, **wrong)  # type: ignore[arg-type]
