"""Every labeling method on the world: `make bench-labels` (resumable: what is finished is not done again).

Problems of the test split, chains sampled by the embedded model at temperature 0.8, labels by the same model,
truth by the world's checker. The weights of `evidence` are fitted on chains of the dev split and frozen.
`adaptive` stands in a table of its own, on the chains that its budget reaches for, and methods whose price is
that of Monte Carlo again (`pav`, `binary_search`) run on the first chains only.
"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path

from benchmarks.label_table import readings_of, report
from benchmarks.settings import expect_same

from cpmi.api.label import label
from cpmi.api.sample import sample
from cpmi.data import read_chains, write_jsonl
from cpmi.embedded.world import draw_records, rate_chain
from cpmi.engines.transformers import load_engine
from cpmi.requests import Engine
from cpmi.storage import write_text
from cpmi.targets import fit_weights, hybrid_of
from cpmi.types import Chain

CHUNK_SIZE = 50
BUDGET = "20%"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench/labels-world"))
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--test", type=int, default=2000, help="test chains")
    parser.add_argument("--dev", type=int, default=1000, help="dev chains, for the weights of evidence")
    parser.add_argument("--rivals", type=int, default=400, help="test chains of pav and binary_search")
    parser.add_argument("--threads", type=int, default=None)
    arguments = parser.parse_args()
    expect_same(arguments.out, arguments)
    with closing(load_engine(arguments.model, threads=arguments.threads)) as engine:
        run(
            arguments.out, engine, num_test=arguments.test, num_dev=arguments.dev, num_rivals=arguments.rivals
        )


def run(out: Path, engine: Engine, *, num_test: int, num_dev: int, num_rivals: int) -> None:
    """Everything, in the order in which it is needed."""
    dev = chains(out / "dev", engine, "dev", num_dev)
    test = chains(out / "test", engine, "test", num_test)

    def labels(name: str, method: str, of: Path = test, **options: object) -> Path:
        folder = out / name
        print(f"{name}: {method} {options}", flush=True)
        label(of, model=engine, method=method, out=folder, prompt="short", chunk_size=CHUNK_SIZE, **options)
        return folder

    weights = out / "weights.json"
    if not weights.exists():  # frozen before a test chain is labeled
        fit_weights(labels("dev-evidence", "evidence", of=dev), weights)
    print(weights.read_text("utf-8"))
    fitted = {"weights": str(weights)}
    evidence = labels("evidence", "evidence", **fitted)
    probe = labels("probe", "probe", variants=2)
    monte_carlo = labels("monte_carlo", "monte_carlo", rollouts=8)
    published = labels("cpmi", "cpmi")
    net_gain = labels("net_gain", "net_gain")
    merged = out / "merge"
    hybrid_of(monte_carlo, published, merged, num_first=2, overwrite=True)
    main_methods = [evidence, f"{evidence}:alone", monte_carlo, published, net_gain, merged]
    report(out / "table", [*main_methods, *readings_of(probe)])
    # Reading a short chain alone costs more than a fifth of its rollouts: such chains are refused.
    adaptive = labels("adaptive", "adaptive", budget=BUDGET, on_error="skip", **fitted)
    report(out / "table-adaptive", [adaptive, evidence, monte_carlo])
    rivals = [
        labels("binary_search", "binary_search", limit=num_rivals, rollouts=8),
        labels("pav", "pav", limit=num_rivals, rollouts=8),
    ]
    report(out / "table-rivals", [evidence, monte_carlo, *rivals])


def chains(folder: Path, engine: Engine, split: str, num: int, *, seed: int = 0) -> Path:
    """A file of rated chains, one per problem."""
    file = folder / "chains.jsonl"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_problems(folder / "problems.jsonl", split, num, seed=seed)
        sample(
            folder / "problems.jsonl", model=engine, out=folder / "sampled", prompt="short",
            temperature=0.8, chunk_size=500,
        )  # fmt: skip
        read = read_chains(folder / "sampled")
        write_jsonl([rate_chain(chain) for chain in read if isinstance(chain, Chain)], file)
    return file


def write_problems(path: Path, split: str, num: int, *, seed: int = 0) -> None:
    write_text(path, "".join(f"{json.dumps(r)}\n" for r in draw_records(num, split=split, seed=seed)))


if __name__ == "__main__":
    main()
