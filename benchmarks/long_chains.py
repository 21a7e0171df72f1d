"""What chains of many steps cost on our side: time, peak memory and tokens, by method and number of steps.

python -m benchmarks.long_chains [--steps 250 500 1000 2000] [--methods judge evidence ...] [--model embedded]

Every measurement is a process of its own. Without --model a scripted engine answers at once, one token per
character, so what is measured is what cpmi does around a model: about 30 tokens per step, 60,000 for 2,000
steps. "check" is `cpmi check` of the same file. `--model tiny` is a random model of 60,000 parameters,
one token per byte, in place of the engine. --max-seconds ends a measurement; it is then shown as such.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cpmi.engines.fake import FakeEngine
from cpmi.requests import ScoreTree, TreeLogprobs
from cpmi.usage import Usage

METHODS = (
    "check",
    "judge",
    "evidence",
    "net_gain",
    "cpmi",
    "monte_carlo",
    "binary_search",
    "pav",
    "adaptive",
)
_QUESTION = "Add one to a number again and again. What is it?"


class InstantEngine(FakeEngine):
    """Answers in a time that is linear in what is asked: a token's log-probability follows from it alone."""

    def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]:
        return [self._instant(tree) for tree in trees]

    def _instant(self, tree: ScoreTree) -> TreeLogprobs:
        branches = tuple(
            tuple(-0.5 - token % 7 / 10 for token in branch.tokens[branch.num_context :])
            for branch in tree.branches
        )
        usage = Usage(calls=1, unshared_tokens=tree.unshared_tokens, computed_tokens=tree.distinct_tokens)
        return TreeLogprobs(branches=branches, usage=usage)


def write_chain(path: Path, num_steps: int) -> None:
    """One chain of steps of 30 characters; its answer is right."""
    steps = [f"Step {index:>5}: add one, get {index:>5}" for index in range(1, num_steps)]
    record = {"id": "long", "question": _QUESTION, "steps": [*steps, f"The answer is {num_steps}."]}
    path.write_text(json.dumps({**record, "gold": str(num_steps)}) + "\n")


def measure(method: str, num_steps: int, model: str | None) -> dict[str, float]:
    """Seconds, peak memory beyond the start in MiB, tokens and steps labeled, in this process."""
    import cpmi

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "chains.jsonl"
        write_chain(source, num_steps)
        engine = _engine(model)
        before, began = _peak_mib(), time.perf_counter()
        if method == "check":
            found = cpmi.check(source)
            done = {"steps": found.num_steps, "tokens": 0.0}
        else:
            own = {"budget": "100%"} if method == "adaptive" else {}
            run = cpmi.label(source, model=engine, method=method, out=Path(folder) / "out", **own)
            done = {"steps": run.totals.num_steps, "tokens": run.totals.usage.unshared_tokens}
        return {"seconds": time.perf_counter() - began, "mib": _peak_mib() - before, **done}


def _engine(model: str | None) -> Any:
    if model is None:
        return InstantEngine(texts=["It is 7."])
    if model == "tiny":
        from tests import tiny_model

        return _tiny(tiny_model)
    import cpmi

    return cpmi.load_engine(model)


def _tiny(tiny_model: Any) -> Any:
    """A random model of 60,000 parameters with room for all tokens: what the tree path does with them."""
    from cpmi.engines.transformers import TransformersEngine

    model = tiny_model.model(max_positions=2**17)
    return TransformersEngine(model, tiny_model.tokenizer(), name="tiny")


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(method: str, num_steps: int, model: str | None, max_seconds: float) -> dict[str, float] | str:
    """`measure` in a process of its own, or why there is no result."""
    command = [sys.executable, "-m", "benchmarks.long_chains", "--one", method, str(num_steps)]
    try:
        done = subprocess.run(
            [*command, *([] if model is None else ["--model", model])],
            capture_output=True,
            text=True,
            timeout=max_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"more than {max_seconds:g} s"
    if done.returncode:
        return done.stderr.strip().splitlines()[-1][:100]
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, nargs="+", default=[250, 500, 1000, 2000])
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--model", default=None)
    parser.add_argument("--max-seconds", type=float, default=120)
    parser.add_argument("--one", nargs=2, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        method, num_steps = arguments.one
        print(json.dumps(measure(method, int(num_steps), arguments.model)))
        return
    print("| method | steps | seconds | peak MiB | tokens without sharing |\n| --- | --- | --- | --- | --- |")
    for method in arguments.methods:
        for num_steps in arguments.steps:
            found = _apart(method, num_steps, arguments.model, arguments.max_seconds)
            if isinstance(found, str):
                print(f"| {method} | {num_steps} | {found} | | |", flush=True)
                break
            numbers = f"{found['seconds']:.2f} | {found['mib']:.0f} | {found['tokens']:,.0f}"
            print(f"| {method} | {num_steps} | {numbers} |", flush=True)


if __name__ == "__main__":
    main()
