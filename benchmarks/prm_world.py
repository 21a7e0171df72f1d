"""Reward models of four label sets on the world: `make bench-prm`, after `make bench-labels` (resumable).

Equal base, chains, epochs and steps; labels by `cpmi` as published (its robust map), by `evidence`, by Monte
Carlo with 8 rollouts, and the exact truth; three seeds. Measured on fresh test problems: first errors (F1,
the threshold tuned on chains of the dev split) and best of 8.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from benchmarks.labels_world import chains, write_problems
from benchmarks.settings import expect_same

from cpmi.api.sample import sample
from cpmi.api.score import score
from cpmi.api.train import train
from cpmi.data import read_chains
from cpmi.engines.transformers import load_engine
from cpmi.evaluate import evaluate_best_of_n, evaluate_processbench
from cpmi.requests import Engine
from cpmi.runs.spent import read_spent
from cpmi.storage import write_json, write_text
from cpmi.targets import calibrate_labels
from cpmi.types import Chain

N = 8
TRUTH, RECOMMENDED, ROLLOUTS = "truth", "evidence", "monte_carlo"
NAMES = ("cpmi", RECOMMENDED, ROLLOUTS, TRUTH)
CHOICES = ("product", "min", "weighted majority, product")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, default=Path("bench/labels-world"))
    parser.add_argument("--out", type=Path, default=Path("bench/prm-world"))
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--fresh", type=int, default=1000, help="chains on which first errors are looked for")
    parser.add_argument("--problems", type=int, default=300, help="problems on which 8 answers compete")
    parser.add_argument("--epochs", type=float, default=4)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=None)
    arguments = parser.parse_args()
    out: Path = arguments.out
    expect_same(out, arguments)
    with closing(load_engine(arguments.model, threads=arguments.threads)) as engine:
        fresh = chains(out / "fresh", engine, "test", arguments.fresh, seed=1)
        candidates = draw_candidates(out, engine, arguments.problems)
    expect_disjoint(arguments.labels / "test" / "chains.jsonl", fresh, out / "candidates")
    inputs = training_inputs(arguments.labels, out)
    options = {
        "base": arguments.model, "epochs": arguments.epochs, "batch_size": arguments.batch_size,
        "lr": arguments.lr, "head_lr": 3 * arguments.lr, "threads": arguments.threads,
    }  # fmt: skip
    dev = arguments.labels / "dev" / "chains.jsonl"
    found = {
        (name, seed): measured(out, name, seed, inputs[name], dev, fresh, candidates, options)
        for seed in range(arguments.seeds)
        for name in NAMES
    }
    text = markdown(found, arguments.labels, arguments.seeds)
    write_text(out / "table.md", text)
    print(text)


def draw_candidates(out: Path, engine: Engine, num: int) -> Path:
    """N chains for each of `num` fresh problems."""
    problems, folder = out / "problems.jsonl", out / "candidates"
    write_problems(problems, "test", num, seed=2)
    sample(
        problems, model=engine, out=folder, prompt="short", temperature=0.8, num_samples=N, chunk_size=500
    )  # resumes, and is read where it is finished
    return folder


def expect_disjoint(labeled: Path, *fresh: Path) -> None:
    """No problem that is measured on was labeled."""
    known = {chain.question for chain in read_chains(labeled) if isinstance(chain, Chain)}
    for file in fresh:
        seen = {chain.question for chain in read_chains(file) if isinstance(chain, Chain)}
        if known & seen:
            raise SystemExit(f"{file}: {len(known & seen)} problems are among those that were labeled")


def training_inputs(labels: Path, out: Path) -> dict[str, Path]:
    """Where the targets of every label set stand.

    Ratings of these chains are used for "truth" alone. `evidence` has weights fitted on rated dev chains, as
    the thresholds of all four are.
    """
    published = out / "targets-cpmi"
    if not (published / "targets.parquet").exists():
        calibrate_labels(labels / "cpmi", published, map="robust")
    return {
        "cpmi": published,
        RECOMMENDED: labels / RECOMMENDED,
        ROLLOUTS: labels / ROLLOUTS,
        TRUTH: labels / "test" / "chains.jsonl",
    }


def measured(
    out: Path, name: str, seed: int, source: Path, dev: Path, fresh: Path, candidates: Path,
    options: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Train and measure one reward model, or read what was measured."""
    folder = out / f"{name}-{seed}"
    file = folder / "measured.json"
    if file.exists():
        return dict(json.loads(file.read_text("utf-8")))
    print(f"{name}, seed {seed}", flush=True)
    prm = folder / "prm"
    loss = "ce" if name == TRUTH else "bce"
    train(source, out=prm, loss=loss, seed=seed, overwrite=True, **options)
    scored = {}
    for part, of in (("dev", dev), ("fresh", fresh), ("candidates", candidates)):
        scored[part] = folder / part
        score(of, prm=prm, out=scored[part], overwrite=True, threads=options["threads"])
    errors = evaluate_processbench([scored["fresh"]], tune_on=scored["dev"])
    chosen = evaluate_best_of_n([scored["candidates"]])
    facts = json.loads((prm / "prm.json").read_text("utf-8"))
    log = json.loads((prm / "usage.json").read_text("utf-8"))
    model = next(row for row in errors.rows if row.kind == "model" and not row.knows_answer)
    baseline = [row for row in errors.rows if row.kind == "baseline" and not row.knows_answer]
    result = {
        "f1": model.mean_f1.value,
        "baseline": {row.name: row.mean_f1.value for row in baseline},
        "best_of_n": {row.name: row.accuracy(N).value for row in chosen.rows},
        "training": facts["training"],
        "usage": log,
    }
    write_json(file, result)
    return result


def markdown(found: Mapping[tuple[str, int], dict[str, Any]], labels: Path, num_seeds: int) -> str:
    """One line a label set: mean and spread over seeds, and what it cost."""
    lines = [
        f"| labels | first-error F1 | {' | '.join(f'best of {N}, {choice}' for choice in CHOICES)} "
        "| generated tokens | time of labels, s | of training, s | together |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in NAMES:
        runs = [found[name, seed] for seed in range(num_seeds)]
        cells = [spread([run["f1"] for run in runs])]
        cells += [spread([run["best_of_n"][choice] for run in runs]) for choice in CHOICES]
        spent = None if name == TRUTH else read_spent(labels / name)
        labeling_s = 0.0 if spent is None else spent.wall_s
        training_s = mean(run["usage"]["totals"]["wall_s"] for run in runs)
        cells.append("0" if spent is None else f"{spent.usage.generated_tokens:,}")
        cells += (f"{seconds:,.0f}" for seconds in (labeling_s, training_s, labeling_s + training_s))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    any_run = found[TRUTH, 0]
    best = max(any_run["baseline"], key=lambda row: any_run["baseline"][row])
    lines += [
        "",
        f"Without a model: first-error F1 {any_run['baseline'][best]:.3f} ({best}, the best baseline).",
    ]
    for row in ("majority vote", "random pick", f"pass@{N}", "pass@N"):
        if row in any_run["best_of_n"]:
            lines.append(f"Best of {N}: {row} {any_run['best_of_n'][row]:.3f}.")
    lines.append(recovered(found, num_seeds, best))
    return "\n".join(lines) + "\n"


def recovered(found: Mapping[tuple[str, int], dict[str, Any]], num_seeds: int, baseline: str) -> str:
    """How much of what truth adds to the best baseline the recommended labels add."""

    def f1(name: str) -> float:
        return mean(found[name, seed]["f1"] for seed in range(num_seeds))

    floor = found[TRUTH, 0]["baseline"][baseline]
    shares = {name: (f1(name) - floor) / (f1(TRUTH) - floor) for name in NAMES if name != TRUTH}
    said = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
    return f"Of what the truth adds to it, labels add (F1): {said}."


def spread(values: Sequence[float]) -> str:
    return f"{mean(values):.3f}" + (f" ± {stdev(values):.3f}" if len(values) > 1 else "")


if __name__ == "__main__":
    main()
