"""Commands that cpmi prints run, and make the same again: of report pages, cards and messages."""

from __future__ import annotations

import json
import re
import shlex
from html import unescape
from pathlib import Path

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.data import problem_digest, write_jsonl
from cpmi.methods import METHODS
from cpmi.prm.card import Card
from cpmi.prm.layout import Layout
from cpmi.prm.readme import readme
from cpmi.runs.manifest import read_manifest
from cpmi.types import Chain, Rating

QUESTION = "Ann has 2 apples and buys 3 more. How many apples does she have now?"
CHAIN = Chain(
    id="a", question=QUESTION, steps=("2 + 3 = 6.", "So the answer is 6."), gold="5",
    ratings=(Rating.WRONG, Rating.NOT_JUDGED),
)  # fmt: skip
RIGHT = Chain(
    id="b", question=QUESTION.replace("2", "4"), steps=("4 + 3 = 7.", "So the answer is 7."), gold="7",
    ratings=(Rating.RIGHT, Rating.RIGHT),
)  # fmt: skip
WEIGHTS = {
    "bias": 3.0,
    "least_number": 1e-05,
    "mean": 2.5,
    "gain": 0.25,
    "problems": [problem_digest("other")],
}
METHOD = '''
from cpmi.methods import Method
from cpmi.methods.options import MethodOptions
from cpmi.types import StepLabels

class Constant(Method):
    """A constant."""
    name, unit, needs_gold = "constant", "nat", False
    class Options(MethodOptions):
        num_value: float = 1.0
        label: str = ""
        twice: bool = False
    def label(self, chain):
        yield from ()
        value = self.options.num_value * (2 if self.options.twice else 1) + len(self.options.label)
        values = (value,) * len(chain.steps)
        return StepLabels(chain_id=chain.id, method=self.name, values=values, unit=self.unit)
'''

CASES = {
    **{name: [name] for name in METHODS if name != "adaptive"},
    "weights of a file": ["evidence", "--weights", "my weights.json"],
    "weights by value": ["evidence", "-o", f"weights={json.dumps(WEIGHTS | {'least_number': 0.5})}"],
    "contrast model": ["evidence", "--contrast-model", "embedded", "--label", "alone"],
    "prover": ["pav", "--prover", "embedded", "--rollouts", "2", "--max-tokens", "8"],
    "share": ["adaptive", "--budget", "300%", "--max-tokens", "16", "--weights", "my weights.json"],
    "money": ["adaptive", "--budget", "3.50usd", "--price-per-million-tokens", "1000", "--max-tokens", "16"],
    "file": ["./my method.py", "-o", "num_value=1e-5", "-o", "label='12'", "-o", "twice=true"],
    "class of a file": ["./my method.py:Constant"],
    "bad records": ["judge", "--on-error", "skip", "--input", "bad.jsonl"],
    "shard": ["judge", "--shard", "1/2", "--chunk-size", "1"],
    "of the run": ["judge", "--limit", "1", "--seed", "3", "--prompt", "raw", "--path", "plain",
                   "--format", "cpmi"],
    "gold": ["cpmi", "--gold", "the gold.jsonl"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with an input, files of options and a method."""
    monkeypatch.chdir(tmp_path)
    write_jsonl([CHAIN, RIGHT], Path("the chains.jsonl"))
    Path("bad.jsonl").write_text(Path("the chains.jsonl").read_text() + '{"question": "x", "steps": []}\n')
    Path("the gold.jsonl").write_text(json.dumps({"question": QUESTION, "gold": "5"}) + "\n")
    Path("my weights.json").write_text(json.dumps(WEIGHTS))
    Path("my method.py").write_text(METHOD)


def run(words: list[str]) -> str:
    assert words[0] == "cpmi"
    done = CliRunner().invoke(app, words[1:])
    assert done.exit_code == 0, f"{shlex.join(words)}: {done.output}"
    return done.output


def commands_of(page: Path) -> list[list[str]]:
    """The commands on a page, as a shell reads them when they are copied."""
    blocks = re.findall(r"<pre><code>(.*?)</code></pre>", page.read_text("utf-8"), re.DOTALL)
    return [shlex.split(unescape(re.sub(r"<[^>]+>", "", block))) for block in blocks]


@pytest.mark.parametrize("case", CASES)
def test_the_page_of_a_run_tells_how_to_make_it(case: str) -> None:
    method, *options = CASES[case]
    source = "the chains.jsonl"
    if "--input" in options:
        at = options.index("--input")
        source = options[at + 1]
        del options[at : at + 2]
    if (
        method in METHODS
        and "rollouts" in METHODS[method].Options.model_fields
        and "--max-tokens" not in options
    ):
        options += ["--rollouts", "2", "--max-tokens", "8"]
    run(["cpmi", "label", source, "--model", "embedded", "--method", method, "--out", "my run", *options])
    run(["cpmi", "report", "my run", "--out", "a page.html"])
    labeling, reporting = commands_of(Path("a page.html"))
    before = read_manifest(Path("my run"))
    labels = Path("my run/labels.parquet").read_bytes()
    Path("my run").rename("before")
    run(labeling)
    after = read_manifest(Path("my run"))
    assert before is not None
    assert after is not None
    assert after.fingerprint == before.fingerprint
    assert after.circumstances["facts"] == before.circumstances["facts"]
    assert after.shard == before.shard
    assert Path("my run/labels.parquet").read_bytes() == labels
    page = json.loads(Path("a page.json").read_text())
    run(reporting)
    assert json.loads(Path("a page.json").read_text())["chains"] == page["chains"]


def test_inspect_names_a_command_that_lists_the_ids() -> None:
    run(["cpmi", "label", "the chains.jsonl", "--model", "embedded", "--method", "judge", "--out", "my run"])
    absent = CliRunner().invoke(app, ["inspect", "my run", "absent"])
    said = re.search(r"(cpmi inspect .*?) lists the ids", " ".join(absent.output.split()))
    assert said is not None
    assert "2 chains: a, b" in run(shlex.split(said[1]))


def test_fit_names_a_command_that_uses_its_weights() -> None:
    rated = [numbered(chain, index) for index in range(8) for chain in (CHAIN, RIGHT)]
    write_jsonl(rated, Path("rated.jsonl"))
    run(["cpmi", "label", "rated.jsonl", "--model", "embedded", "--method", "evidence", "--out", "rated"])
    said = run(["cpmi", "fit", "rated", "--out", "own weights.json"])
    found = re.search(r"use it: (cpmi label .*)", said)
    assert found is not None
    given = {"CHAINS": "the chains.jsonl", "MODEL": "embedded", "DIR": "used"}
    run([given.get(word, word) for word in shlex.split(found[1])])
    used = read_manifest(Path("used"))
    assert used is not None
    assert used.circumstances["weights"] == "own weights.json"


def numbered(chain: Chain, index: int) -> Chain:
    """The chain on a problem of its own."""
    return Chain(
        id=f"{chain.id}{index}", question=f"{chain.question} ({index})", steps=chain.steps, gold=chain.gold,
        ratings=chain.ratings,
    )  # fmt: skip


def test_the_card_of_a_reward_model_quotes_its_name() -> None:
    card = Card(
        layout=Layout(step_token="<|step|>"), step_token_id=1, threshold={"value": 0.5, "tuned_on": "x"}
    )
    name = "my 'best' model"
    text = readme(card, name=name)
    (block,) = re.findall(r"```sh\n(cpmi .*?)\n```", text, re.DOTALL)
    assert shlex.split(block) == ["cpmi", "score", "chains.jsonl", "--prm", name, "--out", "scores"]
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        compile(block, "card", "exec")


OPTION = re.compile(r"--[a-z][a-z0-9-]+")
NAMED = re.compile(
    r"`?cpmi (label|sample|score|train|calibrate|evaluate [a-z-]+|export|fit|report|inspect)\b([^`.,;\"\n]*)"
)


def test_commands_named_in_the_sources_have_their_options() -> None:
    """Hints and help name options that exist."""
    root = Path(__file__).parents[2]
    found = [
        (file, command, option)
        for file in [*(root / "src").rglob("*.py"), *(root / "docs").glob("*.md"), root / "README.md"]
        for command, rest in NAMED.findall(file.read_text("utf-8"))
        for option in OPTION.findall(rest)
        if file.name != "log.md"
    ]
    assert len(found) > 5
    helps = {command: run(["cpmi", *command.split(), "--help"]) for command in {c for _, c, _ in found}}
    assert [(str(f.name), c, o) for f, c, o in found if o not in helps[c]] == []
