"""Labeling methods on real chains: `make bench-labels-real MODEL=…` (resumable).

All of ProcessBench gsm8k or of BIG-Bench-Mistake multistep_arithmetic (`--chains`), human first errors; needs
CPMI_DATA. Dev are the problems whose text, white space normalized, has an even SHA-256, test the others. One
forward tree a chain (`probe`) tells the judge, the step's own log-probability and the contrasts; the weights
of `evidence` are fitted on dev and frozen; `evidence` itself runs on test. Time is compared with Monte Carlo
on the first test chains, one after the other.
"""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from benchmarks.label_table import readings_of, report
from benchmarks.settings import expect_same

from cpmi.api.label import label
from cpmi.data import normalize_problem, read_chains, write_jsonl
from cpmi.engines.transformers import load_engine
from cpmi.targets import fit_weights
from cpmi.types import Chain

CHAINS = {  # the chains, and the file of gold answers where they do not hold them
    "processbench": ("processbench/gsm8k.json", "gsm8k/test.jsonl"),
    "big-bench-mistake": ("big-bench-mistake/multistep_arithmetic.jsonl", None),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--chains", choices=sorted(CHAINS), default="processbench")
    parser.add_argument("--prompt", choices=("raw", "chat"), default="chat")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--timed", type=int, default=20, help="test chains that Monte Carlo is timed on")
    parser.add_argument("--rollouts", type=int, default=4)
    parser.add_argument("--max-tokens", type=int, default=512)
    arguments = parser.parse_args()
    data = os.environ.get("CPMI_DATA")
    if not data:
        parser.error(
            f"CPMI_DATA is not set: a folder with {' and '.join(filter(None, CHAINS[arguments.chains]))}"
        )
    run(arguments, Path(data))


def run(arguments: argparse.Namespace, data: Path) -> None:
    out: Path = arguments.out
    expect_same(out, arguments)
    chains, answers = CHAINS[arguments.chains]
    source, gold = data / chains, None if answers is None else data / answers
    read = [chain for chain in read_chains(source) if isinstance(chain, Chain)]
    dev, test = out / "dev.jsonl", out / "test.jsonl"
    for file, wanted in ((dev, True), (test, False)):
        if not file.exists():
            write_jsonl([chain for chain in read if is_dev(chain.question) == wanted], file)
    chosen = {"dtype": arguments.dtype, "device": arguments.device, "threads": arguments.threads}
    with closing(load_engine(arguments.model, **chosen)) as engine:

        def labels(name: str, method: str, of: Path, **options: object) -> Path:
            print(f"{name}: {method} {options}", flush=True)
            label(
                of, model=engine, method=method, out=out / name, gold=gold, prompt=arguments.prompt, **options
            )
            return out / name

        probe = labels("probe", "probe", source, variants=2)
        weights = out / "weights.json"
        if not weights.exists():
            fit_weights(labels("dev-evidence", "evidence", dev), weights)
        print(weights.read_text("utf-8"))
        evidence = labels("evidence", "evidence", test, weights=str(weights))
        report(out / "table", [evidence, f"{evidence}:alone", *readings_of(probe)])
        if arguments.timed:
            few = {"limit": arguments.timed}
            timed = [
                labels("timed-evidence", "evidence", test, weights=str(weights), **few),
                labels(
                    "timed-monte_carlo", "monte_carlo", test, rollouts=arguments.rollouts,
                    max_tokens=arguments.max_tokens, **few,
                ),
            ]  # fmt: skip
            report(out / "table-timed", timed)


def is_dev(problem: str) -> bool:
    """Half of all problems, by the parity of a hash of their text."""
    return sha256(normalize_problem(problem).encode()).digest()[-1] % 2 == 0


if __name__ == "__main__":
    main()
