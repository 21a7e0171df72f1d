"""`cpmi doctor`: what this machine and this model can do, and how exact they are together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpmi.cli import terminal

if TYPE_CHECKING:
    from cpmi.api.foresight import ChosenChains
    from cpmi.prompts import Style

_FILE_WIDTH = 110


def _foresight_option(help_text: str, *names: str) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel="Foresight", show_default=False)


def _model_option(help_text: str) -> Any:
    return typer.Option(help=help_text, rich_help_panel="Model", show_default=False)


def doctor(
    model: Annotated[str, typer.Option("--model", "-m", help="A model, as for label.", show_default=False)],
    data: Annotated[
        str | None,
        _foresight_option("Chains: does the model see the answers of the right ones coming?", "--data"),
    ] = None,
    gold: Annotated[
        Path | None, _foresight_option("Problems and their answers, joined by the problem's text.", "--gold")
    ] = None,
    limit: Annotated[
        int | None, _foresight_option("Right chains to use, one a problem: 50.", "--limit")
    ] = None,
    prompt: Annotated[str | None, _foresight_option("raw, chat or short, as for label.", "--prompt")] = None,
    out: Annotated[Path | None, _foresight_option("Write the foresight as JSON.", "--out", "-o")] = None,
    dtype: Annotated[str | None, _model_option("float32 (default), bfloat16 or float16.")] = None,
    device: Annotated[str | None, _model_option("cpu (default) or cuda.")] = None,
    threads: Annotated[int | None, _model_option("Number of threads.")] = None,
) -> None:
    """Check the machine and a model: can it branch, and how far is the tree path from the plain one?

    With --data also whether it sees the answers of such chains coming, which contrast labels live on.
    """
    chains, style = _asked(model, data=data, gold=gold, limit=limit, prompt=prompt, out=out)
    chosen: dict[str, Any] = {
        name: value
        for name, value in (("dtype", dtype), ("device", device), ("threads", threads))
        if value is not None
    }
    engine = _examine(model, chosen)
    if chains is not None:
        _show_foresight(engine, chains, style, out)


def _asked(
    model: str,
    *,
    data: str | None,
    gold: Path | None,
    limit: int | None,
    prompt: str | None,
    out: Path | None,
) -> tuple[ChosenChains | None, Style]:
    """The chains to watch and the prompt style; first, as a wrong name should not cost loading a model."""
    from cpmi.api.foresight import DEFAULT_LIMIT, checked_style, choose_chains
    from cpmi.errors import ConfigError

    style = checked_style(prompt, model)
    if data is not None:
        with terminal.err().status("choosing chains"):
            return choose_chains(data, gold=gold, limit=DEFAULT_LIMIT if limit is None else limit), style
    given = {"gold": gold, "limit": limit, "prompt": prompt, "out": out}
    useless = [name for name, value in given.items() if value is not None]
    if useless:
        raise ConfigError(
            "says nothing without chains", where=f"option {useless[0]}", hint="Give --data FILE too."
        )
    return None, style


def _examine(model: str, chosen: dict[str, Any]) -> Any:
    """Load the model, print what there is to say of it and of the machine, and return its engine."""
    from cpmi.engines.transformers import load_engine
    from cpmi.errors import UnsupportedModelError

    console = terminal.out()
    _print_facts(console, _machine_facts())
    began = time.perf_counter()
    try:
        engine = load_engine(model, **chosen)
    except UnsupportedModelError as error:
        engine = load_engine(model, path="plain", **chosen)
        _print_facts(console, _model_facts(engine, time.perf_counter() - began))
        console.print(f"tree path          refused: {error}", soft_wrap=True)
        return engine
    _print_facts(console, _model_facts(engine, time.perf_counter() - began))
    _print_facts(console, _exactness_facts(engine))
    return engine


def _show_foresight(engine: Any, chains: ChosenChains, style: Style, out: Path | None) -> None:
    from cpmi.api.foresight import watch
    from cpmi.cli.foresight import show_foresight
    from cpmi.runs.storage import write_json

    with terminal.err().status("measuring foresight"):
        found = watch(chains, engine, prompt=style)
    console = terminal.out()
    if not console.is_terminal:
        console = terminal.out(width=_FILE_WIDTH)  # a file has no width to fit into
    show_foresight(console, found)
    if out is not None:
        write_json(out, found.to_json())
        console.print(f"\nIn numbers: {out}", soft_wrap=True)


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
