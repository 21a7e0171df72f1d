"""Command lines: every verb with real flags, random, extreme and wrong values, and every kind of path.

The verbs and flags are read from the program itself. Lines run in this process, with `FakeEngine` for any
model named "fake" and none for others. A line ends *ok*, *refused* (an error of ours in a line), or as
*usage* (of the parser of the command line). Besides the faults of all campaigns: *leftover* is a file outside
--out, *silent* a failure without a word, *different* a control character on the screen.

    python -m tests.fuzz.commands --count 10000

`demo` is left out: it does real work whatever it is given.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.fuzz import places_of_commands as places
from tests.fuzz.campaign import Campaign, drawn, run_campaign

TEXTS = (
    "", " ", "-", "0", "1", "-1", "2", "3", "0.5", "nan", "inf", "-inf", "1e400", "1e-400", "1e3", "0x10",
    "٣", "9" * 30, "9" * 5_000, "1" + "0" * 400, "true", "auto", "none", "a", "a=b", "a:b", "=", "question=",
    "question=q,steps=s", "gold=answer", "\x1b[31mred", "\u202eright", "line\nbreak", "tab\t", "\ud800",
    "{}", "[]", "[" * 2_000, "{a: b}", "!!int x", "2024-99-99", "0/1", "1/1", "0/0", "-1/2", "5/2",
    "%", "20%", "-5%", "200%", "5usd", "nanusd", "1e999usd", "*", "?", "[a", "~", ".", "..", "x" * 3_000,
    "math", "exact", "choice", "undecided", "same", "cpu", "gpu", "cuda:99", "sentence", "line", "turn", "en",
    "zh", "comma", "point", "jsonl", "own", "evidence", "cpmi", "monte_carlo", "judge", "raw", "chat", "fake",
)  # fmt: skip
LONG_WORK = (
    "--num",
    "--num-samples",
    "--rollouts",
    "--max-tokens",
    "--limit",
    "--draws",
    "--threads",
    "--first",
)
"""Options for which a great number asks for much work, as it should."""
MUST = ("--out", "--model", "--method", "--prm", "--base", "--first")
"""Options that are given most of the time, for without them little happens."""
SMALL = ("0", "1", "2", "3", "1", "2", "3", "1", "-1", "nan", "x", "9" * 5_000, "1e400", "")
RIGHT = {
    "check": ("chains.jsonl",), "label": ("chains.jsonl",), "sample": ("problems.jsonl",),
    "merge": ("shard0", "shard1"), "evaluate labels": ("cpmi", "net_gain"), "compare": ("cpmi", "net_gain"),
    "evaluate processbench": ("scores",), "evaluate prmbench": ("scores",), "evaluate best-of-n": ("scores",),
    "fit": ("evidence",), "calibrate": ("cpmi",), "export": ("targets",), "train": ("targets",),
    "score": ("chains.jsonl",), "inspect": ("cpmi",), "report": ("cpmi", "net_gain"),
    "world rate": ("chains.jsonl",), "hybrid": ("monte_carlo", "cpmi"), "consensus": ("monte_carlo", "cpmi"),
}  # fmt: skip
"""Paths that a verb takes; half of its lines have these."""
OUTS = ("--out", "--svg")
_NAMES = ("o", "o.json", "o.html", "a/b")


@dataclass(frozen=True)
class Verb:
    """A command: its words, its options by their longest name, and how many arguments it takes."""

    words: tuple[str, ...]
    options: tuple[tuple[str, bool], ...]
    num_arguments: int


def verbs() -> list[Verb]:
    """All commands, as the program declares them."""
    from typer.main import get_command

    from cpmi.cli import app

    root: Any = get_command(app)
    found = []
    with contextlib.suppress(StopIteration):
        context = root.make_context("cpmi", ["methods"], resilient_parsing=True)
        for name in root.list_commands(context):
            command = root.get_command(context, name)
            inner = getattr(command, "commands", None)
            found += (
                [_verb((name, *([] if alone is command else [sub])), alone) for sub, alone in inner.items()]
                if inner
                else [_verb((name,), command)]
            )
    return [verb for verb in found if verb.words != ("demo",)]


def _verb(words: tuple[str, ...], command: Any) -> Verb:
    options = tuple(
        (max(parameter.opts, key=len), bool(getattr(parameter, "is_flag", False)))
        for parameter in command.params
        if parameter.param_type_name == "option" and "--help" not in parameter.opts
    )
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    return Verb(words, options, len(arguments))


def line(rng: random.Random, verb: Verb, paths: Sequence[str], out: str) -> list[str]:
    """A command line; "--out" is there most of the time, and its value is `out` most of the time."""
    words = list(verb.words)
    right = RIGHT.get(" ".join(verb.words), ())
    if right and rng.random() < 0.5:
        words += [path for name in right for path in paths if path.endswith(f"/{name}")]
    else:
        for _ in range(max(0, verb.num_arguments + rng.choice((0, 0, 0, 0, 1, -1)))):
            words.append(rng.choice(paths) if rng.random() < 0.85 else rng.choice(TEXTS))
    options = dict(verb.options)
    chosen = rng.sample(sorted(options), k=min(len(options), rng.choice((0, 1, 1, 2, 3))))
    must = [name for name in MUST if name in options and rng.random() < 0.9]
    must += [name for name in ("--num",) if name in options]  # the usual number is much work
    chosen = list(dict.fromkeys([*must, *chosen]))
    for name in chosen:
        words.append(name)
        if not options[name]:
            words.append(_value(rng, name, paths, out))
    return words


def _value(rng: random.Random, name: str, paths: Sequence[str], out: str) -> str:
    if name in OUTS:
        return out if rng.random() < 0.7 else rng.choice(paths)
    if name == "--model":
        return rng.choice(("fake", "fake", rng.choice(paths)))
    if name == "--method" and rng.random() < 0.7:
        return rng.choice(("evidence", "cpmi", "net_gain", "monte_carlo", "judge", "adaptive"))
    if name in LONG_WORK or name == "-n":
        return rng.choice(SMALL)
    if name in ("--answer-check", "--base") and rng.random() < 0.5:
        return rng.choice(("math", "exact", "nothing:there", "./nothing.py:f"))
    return rng.choice(paths) if rng.random() < 0.4 else rng.choice(TEXTS)


def attempt(words: list[str], root: Path) -> str:
    """Run a line; how it ended."""
    from cpmi.cli import app

    before = places.seen(root)
    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app(words, prog_name="cpmi")
        except SystemExit as end:
            code = end.code or 0
    said = out.getvalue() + err.getvalue()
    changed = {path for path, *_ in places.seen(root) ^ before}
    if not all(_may_change(path, _outs(words)) for path in changed):
        return "leftover"
    if any(ord(character) < 32 and character not in "\n\t" for character in said):
        return "different"
    if "Traceback (most recent call last)" in said:
        return "traceback"
    if not code:
        return "ok"
    if not err.getvalue().strip() and not out.getvalue().strip():
        return "silent"
    return "usage" if "Usage:" in err.getvalue() else "refused"


def _outs(words: Sequence[str]) -> tuple[str, ...]:
    """How the names of all begin that a line may write: the page of a report has its JSON beside it."""
    given = (value for name, value in pairwise(words) if name in (*OUTS, "-o"))
    return tuple(os.path.abspath(os.path.splitext(value)[0]) for value in given if value.strip("./"))


def _may_change(path: str, outs: tuple[str, ...]) -> bool:
    return path.startswith(outs) or any(out.startswith(f"{path}/") for out in outs)


@contextlib.contextmanager
def _fake_models() -> Iterator[None]:
    """Any model named "fake" is `FakeEngine`; there is no other."""
    import cpmi.engines.transformers as engines
    from cpmi.engines.fake import FakeEngine
    from cpmi.errors import ModelNotFoundError

    def load_engine(model: str, **options: Any) -> FakeEngine:
        del options
        if model == "fake":
            return FakeEngine()
        raise ModelNotFoundError("no model there", where=str(model))

    real = engines.load_engine
    engines.load_engine = load_engine  # type: ignore[assignment]
    try:
        yield
    finally:
        engines.load_engine = real


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path)


def campaign(count: int, seed: int) -> Campaign:
    """Run so many command lines."""
    found = Campaign("commands")
    known = verbs()
    before = os.getcwd()
    root = Path(tempfile.mkdtemp(prefix="cpmi-commands-"))
    try:
        with _fake_models():
            here = root / "here"
            here.mkdir()
            os.chdir(here)
            paths = places.make(root / "given")
            as_made = places.seen(root)
            for index in range(count):
                rng = drawn(seed, index)
                verb = known[index % len(known)]
                words = line(rng, verb, paths, str(root / "out" / rng.choice(_NAMES)))
                if verb.words == ("doctor",):
                    words = [word if word != "fake" else "nowhere" for word in words]
                found.attempt(" ".join(verb.words), words, lambda words=words: attempt(words, root))
                if places.seen(root) != as_made:
                    _empty(root)
                    here.mkdir()
                    os.chdir(here)
                    places.make(root / "given")
                    as_made = places.seen(root)
    finally:
        os.chdir(before)
        shutil.rmtree(root, ignore_errors=True)
    return found


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    sys.exit(run_campaign(__doc__, campaign, count=10_000))
