"""Labeling methods, one file each. `make_labeler` builds one from the options of a command or recipe."""

from __future__ import annotations

from typing import Literal

from cpmi.answers import Equivalence
from cpmi.errors import ConfigError
from cpmi.flows import Labeler
from cpmi.formulas import Context, Pool
from cpmi.labelers.cpmi import Cpmi
from cpmi.labelers.monte_carlo import MonteCarlo
from cpmi.labelers.net_gain import NetGain
from cpmi.negatives import Negatives
from cpmi.prompts import Prompter, Style
from cpmi.requests import Tokenizer

METHODS = ("cpmi", "net_gain", "monte_carlo")

__all__ = ["METHODS", "Cpmi", "MonteCarlo", "NetGain", "make_labeler"]


def make_labeler(
    method: str,
    tokenizer: Tokenizer,
    *,
    equivalence: Equivalence,
    context: Context = "single_step",
    pool: Pool = "max",
    label: Literal["value", "gain", "soft", "hard"] | None = None,
    num_negatives: int | None = None,
    num_sampled: int | None = None,
    num_intermediate: int | None = None,
    num_right_forms: int | None = None,
    num_variants: int = 4,
    num_rollouts: int = 8,
    temperature: float = 0.6,
    top_p: float = 0.95,
    max_tokens: int = 512,
    prompt: Style = "raw",
    seed: int = 0,
) -> Labeler:
    """A labeler with the method's own defaults where an option is None.

    cpmi: 4 negatives, 8 sampled answers, one right form, as published. net_gain: 5 negatives with the
    chain's own wrong answer first, nothing sampled, one intermediate result, up to 3 right forms.
    monte_carlo: 8 rollouts at temperature 0.6 and top-p 0.95, as published, and of at most 512 tokens.

    Raises:
        ConfigError: unknown method.
        UnsupportedModelError: a chat prompt for a model without a chat template.
    """

    def default(given: int | None, otherwise: int) -> int:
        return otherwise if given is None else given

    prompter = Prompter(tokenizer, prompt)
    if method == "monte_carlo":
        return MonteCarlo(
            prompter,
            equivalence,
            label="hard" if label == "hard" else "soft",
            num_rollouts=num_rollouts,
            temperature=temperature,
            top_p=top_p,
            max_tokens=max_tokens,
            seed=seed,
        )
    published = method == "cpmi"
    negatives = Negatives(
        equivalence=equivalence,
        num_negatives=default(num_negatives, 4 if published else 5),
        num_sampled=default(num_sampled, 8 if published else 0),
        num_intermediate=default(num_intermediate, 0 if published else 1),
        num_right_forms=1 if published else default(num_right_forms, 3),
        use_own=not published,
        seed=seed,
    )
    if method == "cpmi":
        return Cpmi(prompter, negatives, context=context, num_variants=num_variants)
    if method == "net_gain":
        kind: Literal["value", "gain"] = "gain" if label == "gain" else "value"
        return NetGain(prompter, negatives, label=kind, pool=pool, num_variants=num_variants)
    raise ConfigError("unknown method", where="--method", got=method, expected=" or ".join(METHODS))
