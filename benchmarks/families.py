"""Every causal family of the installed transformers: is it computed rightly, by which path, at what count?

A tiny random model of each family is saved, loaded as `--model FOLDER` would be, and compared with the plain
scores over trees and samples longer than every window and threshold of its config; its FLOPs are compared
with torch's own counter. Each family runs in a process of its own. Resumable: what OUT holds is left alone.

python -m benchmarks.families --out OUT [--seconds 150] [FAMILY ...]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import signal
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import transformers
from benchmarks.family_models import FAMILIES, NOT_TEXT, tiny_config, tiny_model
from docs.generate import escape
from torch.utils.flop_counter import FlopCounterMode
from transformers.utils import logging

from cpmi.engines.transformers import load_engine, naive, selftest
from cpmi.engines.transformers.flops import flop_model, parameters
from cpmi.engines.transformers.rollout import sample_shared
from cpmi.engines.transformers.unpadded import SAMPLING_WAYS
from cpmi.errors import CpmiError
from cpmi.machine import package_version
from cpmi.requests import Branch, ScoreTree
from tests import tiny_model as tiny

FAMILY_SECONDS, FAMILY_BYTES = 90, 12 * 2**30
TOLERANCE_NAT = 1e-3
LENGTHS = (32, 64)  # of the sequences whose FLOPs are counted


_SCANS = re.compile(r"Mamba|Mixer|Delta|Lightning|LinearAttention|xLSTMBackend|KDA")
"""Layers whose recurrence `flops.py` leaves out; torch's counter sees its batched products."""


def examine(family: str) -> dict[str, Any]:
    """What becomes of one family; `status` is equal, plain, refused, not built, or wrong."""
    if family in NOT_TEXT:
        return {"status": "not built", "reason": NOT_TEXT[family]}
    try:
        model = tiny_model(family)
    except Exception as error:  # noqa: BLE001  in any way: it is the result
        return {"status": "not built", "reason": _said(error)}
    found: dict[str, Any] = {"class": type(model).__name__, **_sizes(model)}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        model.save_pretrained(folder)
        tiny_config(family).save_pretrained(folder)  # the whole one, not a model's own part of it
        tiny.tokenizer().save_pretrained(folder)
        try:
            engine = load_engine(folder)
        except CpmiError as error:
            return {**found, "status": "refused", "reason": error.got or str(error)}
    route = engine.route
    found |= {"path": route.path, "reason": route.reason, "plain_sampling": route.plain_sampling}
    found["sampling_reason"] = route.sampling_reason
    wrong = list(_scores_differ(engine)) + list(_samples_differ(engine))
    status = "wrong" if wrong else "equal" if route.path == "tree" else "plain"
    return {**found, "status": status, "wrong": wrong}


def _scores_differ(engine: Any) -> Iterator[str]:
    """Trees, some of them far from the start of a packed row, against each branch alone and in pieces."""
    rng = random.Random(0)
    draw = lambda length: tuple(rng.randrange(3, 250) for _ in range(length))  # noqa: E731
    trees = []
    for _ in range(3):
        prefix = draw(rng.randint(50, 80))
        places = [rng.randint(2, len(prefix)) for _ in range(3)]
        context = draw(6)
        branches = [Branch(at=at, tokens=context + draw(4), num_context=6) for at in places for _ in range(2)]
        trees.append(ScoreTree(shared_prefix=prefix, branches=tuple(branches)))
    spread: list[float] = []
    for tree, reply in zip(trees, engine.score(trees), strict=True):
        for branch, scored in zip(tree.branches, reply.branches, strict=True):
            sequence = tree.shared_prefix[: branch.at] + branch.tokens
            # The score of a token from a sequence that ends with it: whatever comes later cannot matter.
            alone = [
                naive.score_sequence(engine.model, sequence[: len(sequence) - left])[-1]
                for left in (3, 2, 1, 0)
            ]
            spread += alone
            largest = max(abs(a - b) for a, b in zip(scored, alone, strict=True))
            if not largest <= TOLERANCE_NAT:
                yield f"scores differ by {largest:.2g} nat"
                return
    if max(spread) - min(spread) < 0.5:
        yield f"scores spread over {max(spread) - min(spread):.2g} nat only: the comparison proves little"


def _samples_differ(engine: Any) -> Iterator[str]:
    """Each drawn token's log-probability against its plain score, past every window."""
    if engine.route.path == "plain" and engine.route.plain_sampling is None:
        return
    way = sample_shared if engine.route.path == "tree" else SAMPLING_WAYS[engine.route.plain_sampling]
    rng = random.Random(1)
    prompts = [tuple(rng.randrange(3, 250) for _ in range(length)) for length in (20, 45)]
    prompts.append(prompts[1][:30])
    if reason := selftest.samples_differ(way, engine.model, engine.endings, prompts, max_tokens=30):
        yield reason


def _sizes(model: Any) -> dict[str, Any]:
    """Parameters, and our FLOPs of two lengths over those of torch's counter."""
    sizes = parameters(model)
    found: dict[str, Any] = {"parameters": sizes.total, "active_parameters": sizes.active}
    flops = flop_model(model, model.get_output_embeddings())
    try:
        counted = [_counted(model, length) for length in LENGTHS]
    except Exception as error:  # noqa: BLE001  as above
        return {**found, "flops": None, "flops_reason": _said(error)}
    ours = [flops.total(tokens=n, rows=n, pairs=n * n) for n in LENGTHS]
    return {**found, "flops": [a / b for a, b in zip(ours, counted, strict=True)]}


def _counted(model: Any, length: int) -> int:
    for config in {id(c): c for c in (model.config, model.config.get_text_config())}.values():
        config._attn_implementation = "eager"
        config._experts_implementation = "eager"
    ids = torch.randint(3, 250, (1, length), generator=torch.Generator().manual_seed(0))
    counter = FlopCounterMode(display=False)
    try:
        with counter:
            model(input_ids=ids, use_cache=False)
    except (AssertionError, AttributeError):  # of the counter's hooks, which follow gradients
        counter = FlopCounterMode(display=False)
        with torch.inference_mode(), counter:
            model(input_ids=ids, use_cache=False)
    return int(counter.get_total_flops()) - _scan_flops(model, counter)


def _scan_flops(model: Any, counter: FlopCounterMode) -> int:
    """The batched products inside recurrent layers that are no linear layers'."""
    counts = counter.get_flop_counts()

    def batched(name: str) -> int:
        found = counts.get(f"{type(model).__name__}.{name}", {})
        return sum(count for operation, count in found.items() if "bmm" in str(operation))

    found, outermost = 0, "-"
    for name, module in model.named_modules():
        kind = type(module).__name__
        if name.startswith(f"{outermost}."):
            found -= batched(name) if isinstance(module, torch.nn.Linear) else 0
        elif _SCANS.search(kind) and not kind.endswith(("Model", "ForCausalLM", "DecoderLayer")):
            outermost = name
            found += batched(name)
    return found


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def in_process(family: str) -> dict[str, Any]:
    """`examine` in a forked process, with limits on its time and memory."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        signal.alarm(FAMILY_SECONDS)
        resource.setrlimit(resource.RLIMIT_AS, (FAMILY_BYTES, FAMILY_BYTES))
        warnings.simplefilter("ignore")
        try:
            found = examine(family)
        except BaseException as error:  # noqa: BLE001  a crash is a result
            found = {"status": "crash", "reason": _said(error), "traceback": traceback.format_exc()[-1500:]}
        os.write(write, json.dumps(found).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if text else {"status": "crash", "reason": f"ended by signal {status}"}


_WORDS = {
    "equal": "computed by the tree path, equal to the plain one",
    "plain": "fallen back to the plain path",
    "refused": "refused",
    "not built": "not built here",
    "wrong": "wrong",
    "crash": "crashed",
}


def table(done: list[dict[str, Any]], facts: dict[str, str]) -> str:
    """The results as Markdown."""
    counts = Counter(one["status"] for one in done)
    lines = [
        f"Every causal family of transformers {facts['transformers']} (torch {facts['torch']}, float32, one",
        "core) as a tiny random model: tree against plain in scoring and sampling, beyond every window and",
        "threshold of its config; FLOPs against torch's own counter with eager experts.",
        "`python -m benchmarks.families`.",
        "",
        "; ".join(f"{words}: {counts[status]}" for status, words in _WORDS.items()) + ".",
        "",
        "*FLOPs*: ours over the counter's, without the products of recurrences; the counter adds the",
        "padding of short convolutions. *Active*: share of the parameters that a token of text passes.",
        "*Sampling*: how the plain path samples.",
        "",
        "| family | result | sampling | FLOPs | active | reason |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_row, done), ""])


def _row(one: dict[str, Any]) -> str:
    ratios = one.get("flops")
    flops = "–" if ratios is None else f"{ratios[-1]:.3f}"
    active = f"{one['active_parameters'] / one['parameters']:.0%}" if "parameters" in one else "–"
    sampling = one.get("plain_sampling") if one["status"] == "plain" else None
    if one["status"] == "plain" and sampling is None:
        sampling = f"refused: {one.get('sampling_reason')}"
    reason = "; ".join(filter(None, [one.get("reason"), *one.get("wrong", ())]))
    cells = (one["family"], one["status"], sampling or "–", flops, active, escape(reason)[:200] or "–")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run the families that OUT does not hold yet, until the time is over; write families.json and .md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("families", nargs="*")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end after this time")
    arguments = parser.parse_args()
    began = time.perf_counter()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    results = arguments.out / "families"
    results.mkdir(parents=True, exist_ok=True)
    for family in arguments.families or FAMILIES:
        file = results / f"{family}.json"
        if file.is_file() and not arguments.families:
            continue
        if time.perf_counter() - began > arguments.seconds:
            break
        found = in_process(family)
        file.write_text(json.dumps({"family": family, **found}) + "\n", "utf-8")
        print(family, json.dumps(found)[:400] if arguments.families else found["status"], flush=True)
    files = [results / f"{family}.json" for family in FAMILIES]
    done = [json.loads(file.read_text("utf-8")) for file in files if file.is_file()]
    facts = {
        "transformers": transformers.__version__,
        "torch": torch.__version__.partition("+")[0],
        "cpmi": package_version("cpmi") or "",
    }
    whole = {"facts": facts, "num_families": len(FAMILIES), "results": done}
    (arguments.out / "families.json").write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    (arguments.out / "families.md").write_text(table(done, facts), "utf-8")
    print(len(done), "of", len(FAMILIES), dict(Counter(one["status"] for one in done)))


if __name__ == "__main__":
    main()
