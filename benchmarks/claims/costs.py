"""What every method cost: on the whole test half in tokens, on the timed chains in seconds as well.

Ratios are to Monte Carlo per labeled step on the same chains. Tokens depend on the chains alone, so their
intervals come from drawing problems with replacement; a time has none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from benchmarks.claims.run import TIMED

from cpmi.data import normalize_problem

REFERENCE = "monte_carlo"
NUM_DRAWS = 2000
TOKENS = ("computed_tokens", "generated_tokens", "unshared_tokens")


def costs(kept: Path, folder: Path, names: Sequence[str]) -> dict[str, Any]:
    """Costs from the kept runs.

    Args:
        kept: with one kept run of every timed method.
        folder: with restored runs of the methods and of Monte Carlo.
        names: of methods that were run on the whole test half.
    """
    return {
        "test": {name: token_ratios(folder / name, folder / REFERENCE) for name in names},
        "timed": {name: spent(kept / f"timed-{name}.json") for name in TIMED},
        "same_counts": same_counts(kept / "timed-binary_search.parquet", kept / f"timed-{REFERENCE}.parquet"),
        "machine": json.loads((kept / f"timed-{REFERENCE}.json").read_text("utf-8"))["circumstances"][
            "machine"
        ],
    }


def spent(file: Path) -> dict[str, Any]:
    """What one kept run cost."""
    totals = json.loads(file.read_text("utf-8"))["usage"]
    usage = totals["usage"]
    return {
        "num_chains": totals["num_chains"],
        "num_steps": totals["num_steps"],
        "wall_s": totals["wall_s"],
        **{name: usage[name] for name in (*TOKENS, "vocabulary_rows", "flops")},
    }


def same_counts(search: Path, reference: Path) -> dict[str, int]:
    """Of how many prefixes two runs count as many right rollouts, where a binary search visited them."""
    theirs = {row["id"]: row["parts"]["successes"] for row in pq.read_table(reference).to_pylist()}
    pairs = [
        (mine, other)
        for row in pq.read_table(search).to_pylist()
        for visited, mine, other in zip(
            row["parts"]["visited"], row["parts"]["successes"], theirs[row["id"]], strict=True
        )
        if visited
    ]
    return {"num_prefixes": len(pairs), "num_equal": sum(mine == other for mine, other in pairs)}


def token_ratios(run: Path, reference: Path) -> dict[str, Any]:
    """Tokens per step of a run and as a share of the reference's, on the chains of the run."""
    mine, theirs = _tokens(run), _tokens(reference)
    ids = list(mine)
    problems = sorted({mine[id]["problem"] for id in ids})
    place = {problem: at for at, problem in enumerate(problems)}
    owner_N = np.array([place[mine[id]["problem"]] for id in ids])
    draws = np.random.default_rng(0).multinomial(
        len(problems), np.full(len(problems), 1 / len(problems)), size=NUM_DRAWS
    )
    weights_DN = draws[:, owner_N]
    found: dict[str, Any] = {"num_steps": sum(mine[id]["num_steps"] for id in ids)}
    for name in TOKENS:
        mine_N = np.array([mine[id][name] for id in ids], dtype=float)
        theirs_N = np.array([theirs[id][name] for id in ids], dtype=float)
        ratios_D = (weights_DN @ mine_N) / (weights_DN @ theirs_N)
        low, high = np.percentile(ratios_D, [2.5, 97.5])
        found[name] = {
            "mine": int(mine_N.sum()),
            "theirs": int(theirs_N.sum()),
            "ratio": {"value": mine_N.sum() / theirs_N.sum(), "low": float(low), "high": float(high)},
        }
    return found


def _tokens(run: Path) -> dict[str, Mapping[str, Any]]:
    rows = pq.read_table(run / "labels.parquet", columns=["id", "question", "label", *TOKENS]).to_pylist()
    return {
        row["id"]: {
            "problem": normalize_problem(row["question"]),
            "num_steps": len(row["label"]),
            **{name: row[name] for name in TOKENS},
        }
        for row in rows
    }
