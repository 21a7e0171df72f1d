"""`cpmi doctor`: what this machine and this model can do, and how exact they are together."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from cpmi.cli import options, terminal


def doctor(
    model: Annotated[str, typer.Option("--model", "-m", help="A model, as for label.", show_default=False)],
    dtype: options.Dtype = None,
    device: options.Device = None,
    threads: options.Threads = None,
) -> None:
    """Check the machine and a model: can it branch, and how far is the tree path from the plain one?"""
    from cpmi.engines.transformers import load_engine
    from cpmi.errors import UnsupportedModelError

    console = terminal.out()
    chosen: dict[str, Any] = {
        name: value
        for name, value in (("dtype", dtype), ("device", device), ("threads", threads))
        if value is not None
    }
    _print_facts(console, _machine_facts())
    began = time.perf_counter()
    try:
        engine = load_engine(model, **chosen)
    except UnsupportedModelError as error:
        engine = load_engine(model, path="plain", **chosen)
        _print_facts(console, _model_facts(engine, time.perf_counter() - began))
        console.print(f"tree path          refused: {error}", soft_wrap=True)
        return
    _print_facts(console, _model_facts(engine, time.perf_counter() - began))
    _print_facts(console, _exactness_facts(engine))


def _print_facts(console: Any, facts: dict[str, str]) -> None:
    for name, text in facts.items():
        console.print(f"{name:<18} {text}", highlight=False, soft_wrap=True)


def _machine_facts() -> dict[str, str]:
    from cpmi.machine import describe_machine

    return {name.replace("_", " "): str(fact) for name, fact in describe_machine().items()}


def _model_facts(engine: Any, load_s: float) -> dict[str, str]:
    facts = {name.replace("_", " "): str(fact) for name, fact in engine.describe().items()}
    facts["parameters"] = f"{engine.describe()['parameters']:,}"
    facts["context"] = f"{engine.max_positions:,} tokens" if engine.max_positions else "unknown"
    facts["chat template"] = "yes" if engine.tokenizer.inner.chat_template else "no: use --prompt raw"
    facts["loaded in"] = f"{load_s:.1f} s"
    return facts


def _exactness_facts(engine: Any) -> dict[str, str]:
    from cpmi.engines.transformers.selftest import measure_spread

    spread = measure_spread(engine)
    return {
        "tree against plain": f"{spread.largest_nat:.1e} nat at most, over {spread.num_answers} answers",
        "tree path": f"{spread.tree_s:.2f} s, {spread.tree_flops_per_s / 1e9:.0f} GFLOP/s; "
        f"plain path {spread.plain_s:.2f} s ({spread.plain_s / spread.tree_s:.1f}x)",
        "verdict": _verdict(spread.largest_nat, str(engine.describe()["dtype"])),
    }


def _verdict(largest_nat: float, dtype: str) -> str:
    if largest_nat <= 1e-4:
        return "exact: labels do not depend on how they are batched (at most 1e-4 nat)"
    if dtype != "float32":
        return f"{dtype} moves an answer by up to {largest_nat:.2f} nat; use --dtype float32 for exact labels"
    return "the paths differ by more than 1e-4 nat in float32: do not trust the tree path with this model"
