"""The part of a report on a reward model: read back from its file, said in a sentence, drawn and tabled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.errors import InputError
from cpmi.evaluate.best_of_n_result import AtN, BestOfN, BestOfNRow
from cpmi.evaluate.result import Estimate
from cpmi.reports import read_best_of_n
from cpmi.reports.best_of_n import sentence
from tests.report_runs import chains, write_runs


def at(n: int, value: float, difference: tuple[float, float, float] | None) -> AtN:
    to_majority = None
    if difference is not None:
        to_majority = Estimate(value=difference[0], low=difference[1], high=difference[2])
    return AtN(
        n=n, accuracy=Estimate(value=value, low=value - 0.1, high=value + 0.1), to_majority=to_majority
    )


def result(difference: tuple[float, float, float]) -> BestOfN:
    rows = (
        BestOfNRow(name="product", kind="model", at=(at(1, 0.5, (0, 0, 0)), at(8, 0.7, difference))),
        BestOfNRow(name="majority vote", kind="baseline", at=(at(1, 0.5, None), at(8, 0.6, None))),
        BestOfNRow(name="pass@N", kind="baseline", at=(at(1, 0.5, None), at(8, 0.9, None))),
    )
    return BestOfN(
        num_problems=40, ns=(1, 8), rows=rows, verdicts={"same": 300}, left_out=(), num_draws=50, seed=0,
        warnings=(), samples=(),
    )  # fmt: skip


def test_a_difference_is_only_said_to_be_one_where_its_interval_says_so():
    sure, unsure = sentence(result((0.1, 0.02, 0.2))), sentence(result((0.1, -0.02, 0.2)))
    assert "70 % of 40 problems right, majority vote 60 %: +0.100" in sure
    assert "may be chance" in unsure
    assert "may be chance" not in sure


def test_it_comes_back_from_its_file(tmp_path: Path):
    file = tmp_path / "best-of-n.json"
    file.write_text(json.dumps(result((0.1, 0.02, 0.2)).to_json()))
    assert read_best_of_n(file) == result((0.1, 0.02, 0.2))
    file.write_text('{"benchmark": "prmbench", "format": 1}')
    with pytest.raises(InputError, match="not a best-of-N"):
        read_best_of_n(file)
    file.write_text(json.dumps({**result((0.1, 0.02, 0.2)).to_json(), "ns": "many"}))
    with pytest.raises(InputError, match="not the record"):
        read_best_of_n(file)


def test_the_page_shows_it(tmp_path: Path):
    folders = write_runs(tmp_path / "runs", chains(30))
    file, page = tmp_path / "best-of-n.json", tmp_path / "report.html"
    file.write_text(json.dumps(result((0.1, 0.02, 0.2)).to_json()))
    args = ["report", *map(str, folders), "--best-of-n", str(file), "--out", str(page)]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 0, done.output
    html = page.read_text()
    assert 'id="reward-model"' in html
    assert "majority vote 60 %" in html
    assert "--best-of-n" in html
    assert json.loads(page.with_suffix(".json").read_text())["best_of_n"]["num_problems"] == 40
