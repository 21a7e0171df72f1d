"""Where progress is shown: on terminals and in notebooks, not in plain scripts; always or never on demand."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console

import cpmi
from cpmi.api import progress
from cpmi.engines.fake import FakeEngine
from cpmi.runs.stages import Progress

CHAINS = [{"id": f"c{i}", "question": f"What is {i}?", "steps": ["It is 3."], "gold": "3"} for i in range(20)]


def label(out: Path, wanted: Any) -> None:
    cpmi.label(CHAINS, model=FakeEngine(), method="judge", out=out, progress=wanted)


def sample(out: Path, wanted: Any) -> None:
    cpmi.sample(CHAINS, model=FakeEngine(), out=out, progress=wanted)


@pytest.fixture(params=[label, sample])
def work(request: pytest.FixtureRequest) -> Callable[[Path, Any], None]:
    return request.param  # type: ignore[no-any-return]


def test_a_script_shows_nothing(
    work: Callable[[Path, Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for index, wanted in enumerate([None, False]):
        work(tmp_path / str(index), wanted)
    assert capsys.readouterr() == ("", "")


def test_true_shows_it_in_a_script(
    work: Callable[[Path, Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work(tmp_path, True)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("20 of 20 ")


def test_a_function_is_told_of_every_chunk(work: Callable[[Path, Any], None], tmp_path: Path) -> None:
    told: list[Progress] = []
    work(tmp_path, told.append)
    assert [(now.num_records, now.total) for now in told] == [(0, 20), (8, 20), (16, 20), (20, 20)]


@pytest.mark.parametrize(("wanted", "shown"), [(None, True), (False, False)])
def test_a_terminal_shows_a_bar(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    wanted: Any,
    shown: bool,
) -> None:
    monkeypatch.setattr(progress, "Console", lambda **options: Console(force_terminal=True, **options))
    label(tmp_path, wanted)
    assert ("chains" in capsys.readouterr().err) == shown


class Handle:
    """Of a line in a notebook."""

    def __init__(self, shown: list[str]) -> None:
        self._shown = shown

    def update(self, content: dict[str, str], *, raw: bool) -> None:
        assert raw
        self._shown.append(content["text/plain"])


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a notebook shows; rich and we ask IPython for it."""
    shown: list[str] = []

    class ZMQInteractiveShell:
        """The name by which rich knows a notebook."""

    def display(content: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        assert raw
        assert display_id
        shown.append(content["text/plain"])
        return Handle(shown)

    package, inner = ModuleType("IPython"), ModuleType("IPython.display")
    inner.display = display  # type: ignore[attr-defined]
    package.display = inner  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    monkeypatch.setattr(builtins, "get_ipython", ZMQInteractiveShell, raising=False)
    return shown


@pytest.mark.parametrize("wanted", [None, True])
def test_a_notebook_shows_one_line_that_changes(
    work: Callable[[Path, Any], None],
    tmp_path: Path,
    notebook: list[str],
    capsys: pytest.CaptureFixture[str],
    wanted: Any,
) -> None:
    work(tmp_path, wanted)
    assert notebook[0].startswith("0 of 20 ")
    assert notebook[-1].startswith("20 of 20 ")
    assert len(notebook) == 4
    assert capsys.readouterr() == ("", "")


def test_a_notebook_shows_nothing_if_told_so(tmp_path: Path, notebook: list[str]) -> None:
    label(tmp_path, False)
    assert notebook == []
