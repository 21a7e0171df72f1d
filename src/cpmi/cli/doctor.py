"""`cpmi doctor`: what this machine and this model can do, and how exact they are together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpmi.cli import session, terminal
from cpmi.cli.flags import command
from cpmi.config import DoctorConfig

if TYPE_CHECKING:
    from cpmi.api.foresight import ChosenChains


@command(DoctorConfig)
def doctor(**flags: Any) -> None:
    """Check this machine and a model: whether it can branch, and how far tree and plain path differ.

    With --data, also measure its foresight: whether it anticipates final answers, which contrast labels need.
    """
    from cpmi.api.foresight import choose_chains

    config = DoctorConfig.parse(session.options_given(flags))
    chains = None
    if config.data is not None:  # first: a wrong file should not cost loading a model
        _show_understood(config, config.data)
        with terminal.err().status("choosing chains"):
            chains = choose_chains(
                config.data,
                gold=config.gold,
                limit=config.limit,
                grading=config.grading,
                reading=config.reading(),
            )
    engine = _examine(config)
    if chains is not None:
        _show_foresight(engine, chains, config)


def _show_understood(config: DoctorConfig, data: str) -> None:
    from cpmi.api.first_chain import first_chain
    from cpmi.cli.understood import show_chains

    show_chains(
        first_chain(data, reading=config.reading(), gold=config.gold, grading=config.grading),
    )


def _examine(config: DoctorConfig) -> Any:
    """Load the model, print the facts of the machine and the model, and return its engine."""
    from cpmi.engines.transformers import load_engine
    from cpmi.weights import prompt_of

    console = terminal.out()
    _print_facts(console, _machine_facts())
    began = time.perf_counter()
    engine = load_engine(config.model, **config.engine_options())
    prompt = prompt_of({"prompt": config.prompt, **config.spoken.fact})
    _print_facts(console, _model_facts(engine, time.perf_counter() - began, prompt))
    if engine.describe()["path"] == "tree":
        _print_facts(console, _exactness_facts(engine))
    return engine


def _show_foresight(engine: Any, chains: ChosenChains, config: DoctorConfig) -> None:
    from cpmi.api.foresight import watch
    from cpmi.cli.foresight import show_foresight
    from cpmi.runs.products import write_json_product

    with terminal.err().status("measuring foresight"):
        found = watch(chains, engine, prompt=config.prompt, grading=config.grading, language=config.spoken)
    console = terminal.for_tables()
    show_foresight(console, found)
    if config.out is not None:
        facts = {**config.grading.facts, **config.spoken.fact}
        write_json_product(Path(config.out), {**found.to_json(), **facts})
        console.print(f"\nIn numbers: {config.out}", soft_wrap=True)


def _print_facts(console: Any, facts: dict[str, str]) -> None:
    for name, text in facts.items():
        console.print(f"{name:<18} {text}", highlight=False, soft_wrap=True)


def _machine_facts() -> dict[str, str]:
    from cpmi.machine import describe_machine

    return {name.replace("_", " "): str(fact) for name, fact in describe_machine().items()}


def _weights(engine: Any, prompt: str) -> str:
    """Whether the shipped weights of evidence were fitted on this model."""
    from cpmi.weights import Origin, shipped_for

    used = Origin(model=engine.name, digest=engine.describe()["model_digest"], prompt=prompt)
    return shipped_for(used).notice(used) or "shipped weights, fitted on this model"


def _model_facts(engine: Any, load_s: float, prompt: str) -> dict[str, str]:
    facts = {
        name.replace("_", " "): ", ".join(fact) if isinstance(fact, list) else str(fact)
        for name, fact in engine.describe().items()
    }
    for name in ("parameters", "active_parameters"):
        facts[name.replace("_", " ")] = f"{engine.describe()[name]:,}"
    facts["context"] = f"{engine.max_positions:,} tokens" if engine.max_positions else "unknown"
    facts["chat template"] = "yes" if engine.tokenizer.inner.chat_template else "no: use --prompt raw"
    facts["evidence"] = _weights(engine, prompt)
    facts["loaded in"] = f"{load_s:.1f} s"
    return facts


def _exactness_facts(engine: Any) -> dict[str, str]:
    from cpmi.engines.transformers.spread import measure_spread

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
