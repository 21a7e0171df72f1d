"""Reward models of real chains: `make bench-prm-real BASE=… OPTIONS="--model …"` (resumable).

Needs CPMI_DATA. Two teachers on one base. PRM800K: chains of phase1_train with human ratings. Labels:
`evidence` by the labeling model on the GSM8K test chains of four models, those of the 944 problems that
ProcessBench does not hold; no rollout, and no rating of these chains. The four weights of `evidence` are
the package's own, fitted on half of ProcessBench's problems, so the other half is measured apart. Official
protocols: ProcessBench gsm8k and PRMBench p1, threshold 0.5.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.labels_real import is_dev
from benchmarks.prm_table import markdown, sizes
from benchmarks.settings import expect_same

from cpmi.api.label import label
from cpmi.api.score import score
from cpmi.api.train import train
from cpmi.data import normalize_problem, read_chains, write_jsonl
from cpmi.engines.transformers import load_engine
from cpmi.errors import RecordError
from cpmi.evaluate import evaluate_prmbench, evaluate_processbench
from cpmi.runs.score_table import SCORES_NAME, encode_scores, read_scores
from cpmi.storage import write_text
from cpmi.types import Chain, Rating

CALCULATOR = re.compile(r"<<[^>]*>>")  # GSM8K's marks, which no model of today writes
TEACHERS = ("prm800k", "evidence")
PROCESSBENCH, PRMBENCH = "processbench-gsm8k", "prmbench-p1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    teacher = parser.add_mutually_exclusive_group(required=True)
    teacher.add_argument("--model")
    teacher.add_argument("--labels", type=Path, help="a run of evidence on these chains, made elsewhere")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--rated", type=int, default=900, help="chains of PRM800K, as evenly over problems as can be"
    )
    parser.add_argument("--labeled", type=int, default=4000, help="GSM8K chains, at most")
    parser.add_argument("--teachers", nargs="+", choices=TEACHERS, default=TEACHERS)
    parser.add_argument("--balance", action="store_true", help="weigh right and wrong steps to equal sums")
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--batch-size", type=int, default=16, help="chains a step of the optimizer")
    parser.add_argument(
        "--at-once", type=int, default=2, help="of them in one forward; more want more memory"
    )
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--prompt", choices=("raw", "chat", "short"), default="chat", help="of the model")
    parser.add_argument("--dtype", default="float32", help="of the labeling model")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=None)
    arguments = parser.parse_args()
    data = os.environ.get("CPMI_DATA")
    if not data:
        parser.error("CPMI_DATA is not set: a folder with gsm8k, prm800k, processbench and prmbench")
    expect_same(arguments.out, arguments)
    run(arguments, Path(data))


def run(arguments: argparse.Namespace, data: Path) -> None:
    out: Path = arguments.out
    rated = out / "prm800k.jsonl"
    if not rated.exists():
        write_jsonl(
            rated_chains(data / "prm800k" / "phase1_train_plus.stepwise-critic.parquet", arguments.rated),
            rated,
        )
    sources = {"prm800k": rated}
    if "evidence" in arguments.teachers:
        sources["evidence"] = arguments.labels or labeled(arguments, data)
    items = {PROCESSBENCH: data / "processbench" / "gsm8k.json", PRMBENCH: out / "prmbench-p1.jsonl"}
    parts = sorted((data / "prmbench").glob("prm800k_test_p1_*.jsonl"))
    write_text(items[PRMBENCH], "".join(part.read_text("utf-8") for part in parts))
    lines = []
    for name in arguments.teachers:
        train_once(sources[name], out / name, arguments)
        lines += [
            f"## {name}",
            "",
            sizes(out / name / "prm"),
            "",
            measured(out / name, items, data, arguments),
        ]
    text = "\n".join(lines)
    write_text(out / "table.md", text)
    print(text)


def measured(folder: Path, items: Mapping[str, Path], data: Path, arguments: argparse.Namespace) -> str:
    """Score both benchmarks, unless that was done, and put them into a table."""
    scores = {bench: folder / bench for bench in items}
    for bench, file in items.items():
        if not (scores[bench] / SCORES_NAME).exists():
            score(
                file, prm=folder / "prm", out=scores[bench], on_error="skip", overwrite=True,
                device=arguments.device, threads=arguments.threads,
            )  # fmt: skip
    gold = data / "gsm8k" / "test.jsonl"
    half = test_half(scores[PROCESSBENCH], folder / f"{PROCESSBENCH}-test")
    return markdown(
        evaluate_processbench([scores[PROCESSBENCH]], gold=gold),
        evaluate_prmbench([scores[PRMBENCH]]),
        half=evaluate_processbench([half], gold=gold),
    )


def labeled(arguments: argparse.Namespace, data: Path) -> Path:
    """A run of `evidence`; resumed where one stands."""
    chains, labels = arguments.out / "gsm8k.jsonl", arguments.out / "labels"
    if not chains.exists():
        write_jsonl(list(outside_processbench(data))[: arguments.labeled], chains)
    chosen = {"dtype": arguments.dtype, "device": arguments.device, "threads": arguments.threads}
    with closing(load_engine(arguments.model, **chosen)) as engine:
        label(chains, model=engine, method="evidence", out=labels, prompt=arguments.prompt, on_error="skip")
    return labels


def test_half(scores: Path, out: Path) -> Path:
    """The scores of the problems that no weight was fitted on."""
    rows = [row for row in read_scores(scores) if not is_dev(row.chain.question)]
    out.mkdir(parents=True, exist_ok=True)
    (out / SCORES_NAME).write_bytes(encode_scores(rows))
    return out


def train_once(source: Path, folder: Path, arguments: argparse.Namespace) -> None:
    """Train, unless a finished reward model stands there."""
    if (folder / "prm" / "prm.json").exists():
        return
    trainer: dict[str, Any] = {
        "save_strategy": "no",
        "gradient_accumulation_steps": arguments.batch_size // arguments.at_once,
        "bf16": arguments.device == "cuda",
    }
    train(
        source, base=arguments.base, out=folder / "prm", overwrite=True, epochs=arguments.epochs,
        batch_size=arguments.at_once, lr=arguments.lr, head_lr=10 * arguments.lr, balance=arguments.balance,
        threads=arguments.threads, trainer=trainer, progress=show,
    )  # fmt: skip


def show(step: int, num_steps: int, numbers: Mapping[str, float]) -> None:
    print(f"step {step} of {num_steps}: {json.dumps(dict(numbers))}", flush=True)


def rated_chains(file: Path, num: int) -> list[Chain]:
    """Chains with a rated step, shuffled, the problems in turn."""
    by_problem: dict[str, list[Chain]] = {}
    for chain in read_chains(file):
        if isinstance(chain, RecordError):  # rows that rate one step in two ways
            continue
        if any(rating is not Rating.NOT_JUDGED for rating in chain.ratings or ()):
            by_problem.setdefault(normalize_problem(chain.question), []).append(chain)
    random = Random(0)
    shuffled = [random.sample(chains, len(chains)) for chains in by_problem.values()]
    in_turn = [
        chains[turn] for turn in range(max(map(len, shuffled))) for chains in shuffled if turn < len(chains)
    ]
    return in_turn[:num]


def outside_processbench(data: Path) -> Iterator[Chain]:
    """GSM8K test chains without calculator marks, and without those of ProcessBench's problems."""
    held = {normalize_problem(c.question) for c in chains_of(data / "processbench" / "gsm8k.json")}
    for chain in chains_of(data / "gsm8k" / "example_model_solutions.jsonl"):
        if normalize_problem(chain.question) not in held:
            yield replace(chain, steps=tuple(CALCULATOR.sub("", step) for step in chain.steps))


def chains_of(file: Path) -> Iterator[Chain]:
    return (chain for chain in read_chains(file) if isinstance(chain, Chain))


if __name__ == "__main__":
    main()
