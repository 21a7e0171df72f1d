"""The first steps from one run and the rest from another, from run folders through the command line."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rated_runs import Values, chain, chains, noise, write_run
from typer.testing import CliRunner, Result

from cpmi.calibration import map_from_json
from cpmi.cli import app
from cpmi.errors import MissingDependencyError
from cpmi.runs.matching import fold_of
from cpmi.runs.table import read_labels
from cpmi.targets import TargetRow, calibrate_labels, consensus_of, hybrid_of, read_targets
from cpmi.types import Chain
from cpmi.usage import Usage
from tests.hiding import hide

pytest.importorskip("sklearn")

DEAR = Usage(calls=5, computed_tokens=4000, generated_tokens=3000, unshared_tokens=4000, flops=2000)
CHEAP = Usage(calls=7, computed_tokens=1000, unshared_tokens=8000, flops=500, peak_bytes=9)


def invoke(*args: object) -> Result:
    return CliRunner().invoke(app, list(map(str, args)))


def done(*args: object) -> str:
    result = invoke(*args)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def refused(code: int, *args: object) -> str:
    result = invoke(*args)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def facts(folder: Path, name: str = "hybrid.json") -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / name).read_text())
    return read


def unrated(made: list[Chain]) -> list[Chain]:
    return [replace(chain, ratings=None) for chain in made]


def rates(num_first: int | None = None) -> Values:
    """Success rates in eighths that follow the contrast; None for the first step of every seventh chain."""

    def values(chain: Chain) -> list[float | None]:
        drawn = zip(noise(1, lowered=2)(chain), noise(3)(chain), strict=True)
        found: list[float | None] = [
            round(8 / (1 + float(np.exp(-a - b)))) / 8 for a, b in drawn if a is not None and b is not None
        ]
        if int(chain.id.partition("-")[2]) % 7 == 0:
            found[0] = None
        return [value if num_first is None or i < num_first else None for i, value in enumerate(found)]

    return values


def write_first(folder: Path, made: list[Chain], values: Values, **changes: Any) -> Path:
    options = {"method": "monte_carlo", "unit": "probability", "usage": DEAR, "wall_s": 8} | changes
    return write_run(folder, made, values, **options)


def write_rest(folder: Path, made: list[Chain], values: Values | None = None) -> Path:
    return write_run(
        folder, made, values or noise(1, lowered=2), method="net_gain", usage=CHEAP, wall_s=2.5,
        printed=lambda t: [i == 0 for i in range(len(t.steps))],
    )  # fmt: skip


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    made = chains(60)
    return write_first(tmp_path / "mc", made, rates(2)), write_rest(tmp_path / "gain", made)


def test_by_overlap_without_ratings(tmp_path: Path) -> None:
    made = unrated(chains(60))
    first = write_first(tmp_path / "mc", made, rates(2))
    rest = write_rest(tmp_path / "gain", made)
    text = done("hybrid", first, rest, "--first", 2, "--out", tmp_path / "out")
    stood_in = 60 // 7 + 1
    num_steps = sum(len(t.steps) for t in made)
    assert f"first steps {120 - stood_in} of monte_carlo, from the first 2 of every chain" in text
    assert f"others {num_steps - 120 + stood_in} of net_gain" in text
    assert f"stood in {stood_in} steps: unsure {stood_in}" in text
    assert "map of monte_carlo none, its success rates as they are" in text
    record = facts(tmp_path / "out")
    assert (record["first_steps"], record["map"]) == (2, "overlap")
    (fitted,) = record["fits"][1]["maps"]
    assert (fitted["num_steps"], fitted["fold"]) == (120 - stood_in, None)
    map = map_from_json(fitted)
    rows = list(read_targets(tmp_path / "out"))
    assert [row.chain.id for row in rows] == [t.id for t in made]
    outside = 0
    for row, of_first, of_rest in zip(rows, read_labels(first), read_labels(rest), strict=True):
        mapped = map.apply(np.array(of_rest.labels.values)).tolist()
        for step, target in enumerate(row.targets):
            mine = of_first.labels.values[step] if step < 2 else None
            assert target == (mapped[step] if mine is None else mine)
            label = of_rest.labels.values[step]
            outside += mine is None and not fitted["knots"][0] <= (label or 0) <= fitted["knots"][-1]
        assert (row.method, row.map) == ("hybrid (monte_carlo, net_gain)", "overlap")
        assert set(row.labels) == {None}
        assert row.chain.ratings is None
        assert row.printed == (True, *(False,) * (len(row.chain.steps) - 1))
    assert record["num_outside"] == outside
    assert f"outside {outside} of {num_steps - 120 + stood_in} steps of net_gain lie beyond" in text
    manifest = facts(tmp_path / "out", "manifest.json")
    assert manifest["determines"]["stage"] == "hybrid"
    assert [run["method"] for run in manifest["determines"]["runs"]] == ["monte_carlo", "net_gain"]
    assert "scikit-learn" in manifest["determines"]["versions"]


@pytest.mark.parametrize("map", ["platt", "isotonic"])
def test_by_ratings(tmp_path: Path, map: str) -> None:
    made = chains(150)
    # Ratings that one run has hold for both.
    first = write_first(tmp_path / "mc", unrated(made), rates(2))
    rest = write_rest(tmp_path / "gain", made)
    text = done("hybrid", first, rest, "--first", 2, "--map", map, "--out", tmp_path / "out")
    assert f"map of net_gain {map}, cross-fitted over 5 folds" in text
    record = facts(tmp_path / "out")
    assert record["num_outside"] is None
    maps = [{fitted["fold"]: map_from_json(fitted) for fitted in fit["maps"]} for fit in record["fits"]]
    sources = [{row.chain.id: row.labels.values for row in read_labels(run)} for run in (first, rest)]
    for row in read_targets(tmp_path / "out"):
        assert (row.map, row.chain.ratings) == (map, made[int(row.chain.id.partition("-")[2])].ratings)
        for step, target in enumerate(row.targets):
            which = 0 if step < 2 and sources[0][row.chain.id][step] is not None else 1
            value = np.array([sources[which][row.chain.id][step]])
            assert [target] == maps[which][fold_of(row.chain.question)].apply(value).tolist()
    # as calibrating the second run alone
    calibrate_labels(rest, tmp_path / "alone", map="platt" if map == "platt" else "isotonic")
    for row, alone in zip(read_targets(tmp_path / "out"), read_targets(tmp_path / "alone"), strict=True):
        assert row.targets[2:] == alone.targets[2:]


@pytest.mark.parametrize("map", ["overlap", "platt"])
def test_labels_after_the_first_steps_are_never_read(tmp_path: Path, map: str) -> None:
    made = chains(100)
    rest = write_rest(tmp_path / "gain", made)
    whole, short = (write_first(tmp_path / f"mc-{k}", made, rates(k), usage=DEAR) for k in (None, 2))
    for run in (whole, short):
        done("hybrid", run, rest, "--first", 2, "--map", map, "--out", tmp_path / f"of-{run.name}")
    found = [list(read_targets(tmp_path / f"of-{run.name}")) for run in (whole, short)]
    assert found[0] == found[1]
    assert facts(tmp_path / "of-mc-None") == facts(tmp_path / "of-mc-2")


def test_steps_that_neither_labels(tmp_path: Path) -> None:
    made = chains(40)

    def nothing_at_first(chain: Chain) -> list[float | None]:
        return [None if i == 0 else value for i, value in enumerate(noise(1)(chain))]

    first = write_first(tmp_path / "mc", made, rates(2))
    rest = write_rest(tmp_path / "gain", made, nothing_at_first)
    text = done("hybrid", first, rest, "--first", 2, "--out", tmp_path / "out")
    assert "stood in none" in text
    assert "without target 6 steps: unsure 6" in text
    rows = [row for row in read_targets(tmp_path / "out") if row.targets[0] is None]
    assert [row.abstained for row in rows] == [{0: "unsure"}] * 6


def test_chains_that_only_one_run_has(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    rest = write_rest(tmp_path / "few", chains(40, first=30))
    text = done("hybrid", runs[0], rest, "--first", 2, "--out", tmp_path / "out")
    assert "not in both 40 chains: not in the second run 30; not in the first run 10" in text
    assert len(list(read_targets(tmp_path / "out"))) == 30


def test_costs_follow(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    first, rest = runs
    num_steps = sum(len(t.steps) for t in chains(60))
    done("hybrid", first, rest, "--first", 2, "--out", tmp_path / "hybrid")
    totals = facts(tmp_path / "hybrid", "usage.json")["totals"]
    assert (totals["num_steps"], totals["wall_s"]) == (num_steps, 10.5)
    assert (totals["usage"]["generated_tokens"], totals["usage"]["computed_tokens"]) == (3000, 5000)
    assert (totals["usage"]["calls"], totals["usage"]["peak_bytes"]) == (12, 9)
    done("calibrate", rest, "--map", "robust", "--out", tmp_path / "robust")
    totals = facts(tmp_path / "robust", "usage.json")["totals"]
    assert (totals["num_steps"], totals["wall_s"]) == (num_steps, 2.5)
    assert Usage(**totals["usage"]) == CHEAP
    done("consensus", tmp_path / "hybrid", rest, "--by", "step", "--out", tmp_path / "both")
    totals = facts(tmp_path / "both", "usage.json")["totals"]
    assert (totals["num_steps"], totals["wall_s"]) == (num_steps, 13)
    # What is not known of one run is not known of both.
    (first / "usage.json").unlink()
    done("hybrid", first, rest, "--first", 2, "--out", tmp_path / "hybrid")
    assert not (tmp_path / "hybrid" / "usage.json").exists()
    (rest / "usage.json").write_text("{}")
    assert "not the usage of a cpmi run" in refused(1, "calibrate", rest, "--out", tmp_path / "other")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    outs = [tmp_path / "a" / "out", tmp_path / "b" / "out"]
    moved = [Path(shutil.copytree(run, tmp_path / "moved" / run.name)) for run in runs]
    for (first, rest), out in zip((runs, moved), outs, strict=True):
        hybrid_of(first, rest, out, num_first=2)
    for name in ("targets.parquet", "hybrid.json", "usage.json"):
        assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes()
    prints = [facts(out, "manifest.json")["fingerprint"] for out in outs]
    assert prints[0] == prints[1]


def test_a_hybrid_is_a_label_set(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    done("hybrid", *runs, "--first", 2, "--out", tmp_path / "hybrid")
    other = write_run(tmp_path / "judge", chains(60), noise(5, lowered=2), method="judge")
    consensus_of(tmp_path / "hybrid", other, tmp_path / "both", by="step")
    row = next(iter(read_targets(tmp_path / "both")))
    assert row.method == "consensus (hybrid (monte_carlo, net_gain), judge)"
    assert row.chain.ratings is not None
    assert row.chain.gold == "7"


def test_options_that_do_not_fit(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    first, rest = runs
    out = ("--out", tmp_path / "out")
    for number in (0, -3):
        text = refused(2, "hybrid", first, rest, "--first", number, *out)
        assert f"option first: the first run labels at least the first step (got {number};" in text
    assert "no such map (got robust; expected overlap, platt, isotonic)" in refused(
        2, "hybrid", first, rest, "--first", 1, "--map", "robust", *out
    )
    assert "a run has nothing to add to itself" in refused(2, "hybrid", first, first, "--first", 1, *out)
    again = tmp_path / "gain" / ".." / "mc"
    assert "nothing to add to itself" in refused(2, "hybrid", first, again, "--first", 1, *out)
    assert not (tmp_path / "out").exists()


def test_runs_that_do_not_fit(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    first, rest = runs
    out = ("--first", 2, "--out", tmp_path / "out")
    strangers = write_rest(tmp_path / "strangers", chains(5, first=100))
    assert "the runs share no chain" in refused(2, "hybrid", first, strangers, *out)
    changed = write_rest(
        tmp_path / "changed", [replace(t, steps=("other", *t.steps[1:])) for t in chains(60)]
    )
    assert "disagree about the steps of chain 'chain-0'" in refused(2, "hybrid", first, changed, *out)
    text = refused(2, "hybrid", rest, first, *out)
    assert "the first run's labels are no probabilities (got unit nat; expected unit probability" in text
    made = chains(60)
    above = write_first(tmp_path / "above", made, lambda t: [2.0] * len(t.steps))
    assert "got the label 2" in refused(2, "hybrid", above, rest, *out)
    flat = write_first(tmp_path / "flat", made, lambda t: [0.5] * len(t.steps))
    assert "0.5 on all 120 steps that both runs label" in refused(2, "hybrid", flat, rest, *out)
    few = write_first(tmp_path / "few", chains(5), rates())
    assert "too few steps have a label of both runs" in refused(2, "hybrid", few, rest, *out)
    bare = write_rest(tmp_path / "bare", unrated(made))
    bare_first = write_first(tmp_path / "bare_mc", unrated(made), rates(2))
    text = refused(2, "hybrid", bare_first, bare, *out, "--map", "platt")
    assert "the map platt needs ratings and the run has none" in text
    assert "use --map overlap, which needs no ratings" in text
    right = [chain(i, None, 3) for i in range(30)]
    first, rest = write_first(tmp_path / "right_mc", right, rates()), write_rest(tmp_path / "right", right)
    text = refused(2, "hybrid", first, rest, *out, "--map", "isotonic")
    assert "ratings give nothing to fit on" in text
    assert "use --map overlap" in text
    assert "--rated" not in text
    assert not (tmp_path / "out").exists()


def test_folders_are_guarded(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    first, rest = runs
    out = tmp_path / "out"
    text = refused(1, "hybrid", first, rest, "--first", 2, "--out", first, "--overwrite")
    assert "which no run of cpmi listed as its own" in text
    assert "no labels.parquet there" in refused(2, "hybrid", tmp_path, rest, "--first", 2, "--out", out)
    done("hybrid", first, rest, "--first", 2, "--out", out)
    before = (out / "targets.parquet").read_bytes()
    done("hybrid", first, rest, "--first", 2, "--out", out)  # the same again
    assert (out / "targets.parquet").read_bytes() == before
    text = refused(1, "hybrid", first, rest, "--first", 1, "--out", out)
    assert "options.first_steps is 2 there and 1 now" in text
    assert (out / "targets.parquet").read_bytes() == before
    done("hybrid", first, rest, "--first", 1, "--out", out, "--overwrite")
    assert (out / "targets.parquet").read_bytes() != before
    text = refused(2, "hybrid", out, rest, "--first", 1, "--out", tmp_path / "other")
    assert "the folder holds targets, not labels" in text
    assert "holds targets, not labels" in refused(2, "calibrate", out, "--out", tmp_path / "other")
    # A calibration in its place leaves nothing of the hybrid.
    done("calibrate", rest, "--map", "robust", "--out", out, "--overwrite")
    assert not (out / "hybrid.json").exists()


def test_without_scikit_learn(
    tmp_path: Path, runs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(monkeypatch, "sklearn")
    with pytest.raises(MissingDependencyError, match=r"cpmi\[evaluate\]"):
        hybrid_of(*runs, tmp_path / "out", num_first=2)


def test_rows_give_back_their_chains(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    hybrid_of(*runs, tmp_path / "out", num_first=2)
    assert [row.chain for row in read_targets(tmp_path / "out")] == chains(60)
    row = TargetRow(
        chain=Chain(id="a", question="q", steps=("s",)), method="x", labels=(1.0,), targets=(0.5,), map="m"
    )
    for column in ({"labels": ()}, {"printed": ()}):
        with pytest.raises(ValueError, match="the columns differ in length"):
            replace(row, **column)  # type: ignore[arg-type]
