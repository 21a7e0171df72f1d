"""The site's generated pages are those of the package, and the quickstart runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docs.generate import HERE, escape, pages, plain
from typer.testing import CliRunner

from cpmi.cli.app import COMMANDS, app
from cpmi.methods import METHODS
from cpmi.types import Problem

QUICKSTART = (HERE / "quickstart.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(METHODS))
def test_the_page_of_a_method_has_its_options_and_columns(name: str) -> None:
    page = pages()[f"methods/{name}.md"]
    for word in (*METHODS[name].Options.model_fields, *METHODS[name].columns):
        assert f"`{word}" in page or f"`--{word.replace('_', '-')}" in page, word


def test_every_command_is_on_the_page_of_the_command_line() -> None:
    headings = re.findall(r"^## cpmi (\S+)$", pages()["cli.md"], re.MULTILINE)
    assert headings == list(COMMANDS)


def test_markup_becomes_text() -> None:
    assert plain(r"[bold]Seed[/bold] of  draws. \[default: 0]") == "Seed of draws. [default: 0]"
    assert escape("a* | b_c `d_e|f`") == r"a\* \| b\_c `d_e\|f`"


def test_the_site_keeps_options_and_docstrings_as_they_are_written(tmp_path: Path) -> None:
    attribute = ".. autoattribute:: cpmi.types.Problem.where"
    (tmp_path / "index.md").write_text(f"# Page\n\nWrite to --out.\n\n```{{eval-rst}}\n{attribute}\n```\n")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "xml", "-c", str(HERE), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([*command, str(tmp_path / "site")], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = " ".join("".join(ElementTree.parse(tmp_path / "site" / "index.xml").getroot().itertext()).split())
    assert "Write to --out." in page
    assert " ".join((Problem.where.__doc__ or "").split()) in page


def test_the_quickstart_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(bash|python)\n(.*?)```", QUICKSTART, re.DOTALL)
    assert [kind for kind, _ in blocks] == ["bash", "python", "bash"]
    for kind, text in blocks:
        if kind == "python":
            names: dict[str, object] = {}
            exec(text, names)
            assert len(list(names["run"])) == 4  # type: ignore[call-overload]
            continue
        for line in text.replace("--num 50", "--num 4").splitlines():
            program, *arguments = shlex.split(line)
            assert program == "cpmi"
            result = CliRunner().invoke(app, arguments)
            assert result.exit_code == 0, f"{line}: {result.output}"
