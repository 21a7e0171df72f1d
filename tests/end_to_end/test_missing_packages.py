"""A plain installation, without extras: what works, and what names the extra that it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rated_runs import chains, noise, write_run

import cpmi
from cpmi.cli.app import COMMANDS
from cpmi.data import write_jsonl
from cpmi.engines.fake import FakeEngine
from cpmi.prm.card import CARD_NAME, Card
from cpmi.prm.layout import Layout
from tests.scored_chains import scored, table

ROOT = Path(__file__).parents[2]

TRANSFORMERS, EVALUATE, DATASETS, REPORT = (
    f'pip install "cpmi[{extra}]"' for extra in ("transformers", "evaluate", "datasets", "report")
)

COMMAND_LINES = {
    "demo --out out/demo": TRANSFORMERS,
    "check chains.jsonl": None,
    "sample chains.jsonl --model embedded --out out/sample": TRANSFORMERS,
    "label chains.jsonl --model embedded --method evidence --out out/label": TRANSFORMERS,
    "methods evidence": None,
    "merge shard-0 shard-1 --out out/merge": None,
    "evaluate labels a b": EVALUATE,
    "compare a b": EVALUATE,
    "evaluate best-of-n scores --gold chains.jsonl --out out/best-of-n": None,
    "fit evidence --out out/weights.json": EVALUATE,
    "calibrate a --out out/calibrate": EVALUATE,
    "calibrate a --map robust --out out/robust": None,
    "export rates --out out/export": None,
    "export rates --to datasets --out out/saved": DATASETS,
    "export rates --push-to-hub me/steps --out out/pushed": DATASETS,
    "train chains.jsonl --base embedded --out out/train": TRANSFORMERS,
    "score chains.jsonl --prm prm --out out/score": TRANSFORMERS,
    "inspect a": None,
    "inspect a chain-0 --svg out/chain.svg": None,
    "report a b --out out/report.html": REPORT,
    "negatives 12 1/2": None,
    "doctor --model embedded": TRANSFORMERS,
    "doctor --model embedded --data hf://owner/name": DATASETS,
    "world problems --num 2 --out out/problems.jsonl": None,
    "hybrid rates a --first 1 --out out/hybrid": EVALUATE,
    "consensus a b --out out/consensus": None,
}
"""What each needs that a plain installation lacks."""

CALLS = {
    'cpmi.label("chains.jsonl", model="embedded", method="evidence", out="out/label")': TRANSFORMERS,
    'cpmi.sample("chains.jsonl", model="embedded", out="out/sample")': TRANSFORMERS,
    "cpmi.PRM": TRANSFORMERS,
    "cpmi.train": TRANSFORMERS,
    "cpmi.load_engine": TRANSFORMERS,
    'cpmi.calibrate("a", "out/calibrate")': EVALUATE,
    'cpmi.evaluate_labels(["a"])': EVALUATE,
    'cpmi.compare("a", "b")': EVALUATE,
    'cpmi.fit("evidence", "out/weights.json")': EVALUATE,
    "cpmi.report": REPORT,
    'cpmi.export("rates", "out/saved", to="datasets")': DATASETS,
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int | str, str]]:
    """(Exit code or kind of error, text) of every case."""
    folder = tmp_path_factory.mktemp("plain")
    rated = chains(20)
    write_jsonl(rated, folder / "chains.jsonl")
    write_run(folder / "a", rated, noise(1))
    write_run(folder / "b", rated, noise(2))
    rates = {"method": "monte_carlo", "unit": "probability"}
    write_run(folder / "rates", rated, lambda chain: [len(step) % 5 / 4 for step in chain.steps], **rates)
    labeling = {"model": FakeEngine(), "chunk_size": 4}
    cpmi.label(folder / "chains.jsonl", method="evidence", out=folder / "evidence", **labeling)
    for index in range(2):
        out = folder / f"shard-{index}"
        cpmi.label(folder / "chains.jsonl", method="cpmi", out=out, shard=f"{index}/2", **labeling)
    table(folder / "scores", [scored(chain.id, (0.5, 0.6), question=chain.question) for chain in rated])
    (folder / "prm").mkdir()
    card = Card(layout=Layout(step_token="<s>"), step_token_id=1, threshold={"value": 0.5})
    (folder / "prm" / CARD_NAME).write_text(json.dumps(card.to_json()))
    cases = {line: f"invoke(*{line.split()!r})" for line in COMMAND_LINES} | {call: call for call in CALLS}
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "without_extras.py"],
        input=json.dumps(cases),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(cpmi.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: (code, text) for name, (code, text) in json.loads(done.stdout).items()}


def test_every_command_is_tried() -> None:
    assert {line.split()[0] for line in COMMAND_LINES} == set(COMMANDS)


@pytest.mark.parametrize(("line", "hint"), COMMAND_LINES.items())
def test_commands(outcomes: dict[str, tuple[int | str, str]], line: str, hint: str | None) -> None:
    code, text = outcomes[line]
    if hint is None:
        assert code == 0, text
    else:
        assert code == 1, text
        assert "is not installed" in text
        assert hint in text


@pytest.mark.parametrize(("call", "hint"), CALLS.items())
def test_calls(outcomes: dict[str, tuple[int | str, str]], call: str, hint: str) -> None:
    kind, text = outcomes[call]
    assert kind == "MissingDependencyError", text
    assert hint in text
