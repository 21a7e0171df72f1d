"""`cpmi demo`: all stages, resumed, and commands that do the same."""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cpmi.api import demo
from cpmi.api.demo_stages import METHODS, Event, Settings
from cpmi.cli import app
from cpmi.errors import RunError

STAGES = {
    "problems", "sampled", "chains", *METHODS, "evaluation", "prm", "fresh", "candidates", "scores",
    "best-of-n", "report",
}  # fmt: skip


def run(settings: Settings) -> tuple[demo.Shown, list[Event]]:
    events: list[Event] = []
    return demo.run_demo(settings, events.append), events


def times(folder: Path) -> dict[str, int]:
    """When the stored chunks, the weights and the scores were written."""
    kept = [*folder.glob("*/chunks/*"), folder / "prm/model.safetensors", folder / "scores/scores.parquet"]
    return {str(path): path.stat().st_mtime_ns for path in kept}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    settings = Settings(out=tmp_path_factory.mktemp("demo"), num=6, num_fresh=4)
    return settings, *run(settings)


def test_every_stage_is_done_and_timed(done):
    settings, shown, events = done
    assert {event.stage for event in events if event.command} == STAGES
    assert {event.stage for event in events if event.wall_s is not None} == STAGES
    assert shown.report.is_file()
    assert (shown.prm / "prm.json").is_file()
    assert [row.name for row in shown.evaluation.rows if row.kind == "label"] == list(METHODS)
    assert all(row.cost.wall_s > 0 for row in shown.evaluation.rows if row.kind == "label")
    assert shown.best_of_n.num_problems == settings.num_fresh


@pytest.mark.parametrize("stage", ["sampled", "candidates", *METHODS])
def test_its_commands_take_up_the_same_runs(done, stage):
    settings, _, events = done
    before = times(settings.out)
    (words,) = (event.command for event in events if event.stage == stage and event.command)
    assert shlex.split(shlex.join(words))[0] == "cpmi"
    result = CliRunner().invoke(app, list(words[1:]))
    assert result.exit_code == 0, result.output
    assert times(settings.out) == before


def test_every_command_that_it_prints_runs(done, tmp_path):
    """Each makes again what its stage wrote."""
    _, _, events = done
    for event in events:
        if not event.command:
            continue
        words = list(event.command)
        words[words.index("--out") + 1] = out = str(tmp_path / Path(words[words.index("--out") + 1]).name)
        result = CliRunner().invoke(app, words[1:])
        assert result.exit_code == 0, f"{shlex.join(words)}: {result.output}"
        assert Path(out).exists()


@pytest.mark.parametrize("cores", [1, os.cpu_count()])
def test_a_second_run_repeats_no_dear_stage(done, monkeypatch, cores):
    monkeypatch.setattr(demo, "num_cores", lambda: cores)
    settings, shown, _ = done
    before = times(settings.out)
    again, events = run(settings)
    assert times(settings.out) == before
    assert {event.stage for event in events} == STAGES - {"prm", "scores"}
    assert again.evaluation == shown.evaluation


@pytest.mark.parametrize("changed", [{"num": 7}, {"num_fresh": 5}])
def test_other_settings_are_refused(done, changed):
    settings, _, _ = done
    with pytest.raises(RunError, match="num"):
        run(replace(settings, **changed))


def test_other_settings_with_overwrite_begin_anew(done, tmp_path):
    settings, _, _ = done
    shutil.copytree(settings.out, tmp_path / "demo")
    (tmp_path / "demo" / "notes.txt").write_text("mine")
    shown, _ = run(replace(settings, out=tmp_path / "demo", num=3, num_fresh=2, overwrite=True))
    assert shown.best_of_n.num_problems == 2
    assert len((tmp_path / "demo" / "problems.jsonl").read_text().splitlines()) == 3
    assert (tmp_path / "demo" / "notes.txt").read_text() == "mine"
