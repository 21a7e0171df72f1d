"""Labeling methods, one file each. `make_labeler` builds one from the options of a command or recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, cast

from cpmi.answers import Equivalence
from cpmi.errors import ConfigError
from cpmi.evidence import Weights
from cpmi.flows import Labeler
from cpmi.formulas import Context, Pool
from cpmi.labelers.adaptive import Adaptive
from cpmi.labelers.binary_search import BinarySearch
from cpmi.labelers.cpmi import Cpmi
from cpmi.labelers.evidence import DEFAULT_WEIGHTS, Evidence
from cpmi.labelers.judge import Judge
from cpmi.labelers.monte_carlo import MonteCarlo
from cpmi.labelers.net_gain import NetGain
from cpmi.labelers.pav import Pav
from cpmi.labelers.probe import Probe, Probed
from cpmi.labelers.rollouts import Rollouts
from cpmi.negatives import Negatives
from cpmi.prompts import Prompter, Style
from cpmi.requests import Tokenizer

METHODS = (
    "evidence", "cpmi", "net_gain", "judge", "probe", "monte_carlo", "binary_search", "pav", "adaptive",
)  # fmt: skip

__all__ = [
    "METHODS",
    "Adaptive",
    "BinarySearch",
    "Cpmi",
    "Evidence",
    "Judge",
    "MonteCarlo",
    "NetGain",
    "Pav",
    "Probe",
    "Rollouts",
    "make_labeler",
]

T = TypeVar("T")
Label = Probed | Literal["soft", "hard", "first_error", "posterior", "alone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contrast:
    """How many answers and cues a contrast takes where nobody says otherwise."""

    negatives: int
    sampled: int
    intermediate: int
    gold_forms: int
    variants: int


_NET = _Contrast(negatives=5, sampled=0, intermediate=1, gold_forms=3, variants=4)
_CHEAP = _Contrast(negatives=2, sampled=0, intermediate=0, gold_forms=1, variants=1)
_CONTRASTS = {
    "cpmi": _Contrast(negatives=4, sampled=8, intermediate=0, gold_forms=1, variants=4),
    "evidence": _CHEAP,
    "adaptive": _CHEAP,
}


def make_labeler(
    method: str,
    tokenizer: Tokenizer,
    *,
    equivalence: Equivalence,
    prover_tokenizer: Tokenizer | None = None,
    context: Context = "single_step",
    pool: Pool = "max",
    label: Label | None = None,
    num_negatives: int | None = None,
    num_sampled: int | None = None,
    num_intermediate: int | None = None,
    num_gold_forms: int | None = None,
    num_variants: int | None = None,
    num_rollouts: int = 8,
    temperature: float = 0.6,
    top_p: float = 0.95,
    max_tokens: int = 512,
    first_steps: int | None = None,
    alpha: float = 1.0,
    best_of: int | None = None,
    budget: float | None = None,
    weights: Mapping[str, float] | None = None,
    prompt: Style = "raw",
    seed: int = 0,
) -> Labeler:
    """A labeler with the method's own defaults where an option is None.

    cpmi: 4 negatives, 8 sampled answers, one right form, as published. net_gain: 5 negatives with the
    chain's own wrong answer first, nothing sampled, one intermediate result, up to 3 right forms.
    evidence: one cue and two wrong answers, the chain's own first; `weights` by name, those of
    `cpmi.evidence.Weights`; where `prover_tokenizer` says that there is another model, that one reads the
    gain. monte_carlo, binary_search, pav: 8 rollouts at temperature 0.6 and top-p 0.95, as
    published, and of at most 512 tokens; monte_carlo after all steps or the first `first_steps`. pav: the
    prover is the best of 4 tries of the policy; if `prover_tokenizer` says that there is another model, one
    try of that.
    adaptive: evidence, then these rollouts as far as `budget` reaches, a share of what monte_carlo is
    expected to cost.

    Raises:
        ConfigError: unknown method, or adaptive without a budget.
        UnsupportedModelError: a chat prompt for a model without a chat template.
    """

    prompter = Prompter(tokenizer, prompt)
    own = _CONTRASTS.get(method, _NET)
    num_variants = _default(num_variants, own.variants)
    negatives = Negatives(
        equivalence=equivalence,
        num_negatives=_default(num_negatives, own.negatives),
        num_sampled=_default(num_sampled, own.sampled),
        num_intermediate=_default(num_intermediate, own.intermediate),
        num_gold_forms=own.gold_forms if method == "cpmi" else _default(num_gold_forms, own.gold_forms),
        use_own=method != "cpmi",
        seed=seed,
    )
    rollouts = Rollouts(
        prompter=prompter,
        equivalence=equivalence,
        num_rollouts=num_rollouts,
        temperature=temperature,
        top_p=top_p,
        max_tokens=max_tokens,
        seed=seed,
    )
    evidence = Evidence(
        prompter,
        negatives,
        weights=DEFAULT_WEIGHTS if weights is None else Weights.of(weights, where="option weights"),
        label="alone" if label == "alone" or method == "adaptive" else "posterior",
        num_variants=num_variants,
        prover=None if prover_tokenizer is None else Prompter(prover_tokenizer, prompt),
    )
    match method:
        case "evidence":
            return evidence
        case "cpmi":
            return Cpmi(prompter, negatives, context=context, num_variants=num_variants)
        case "net_gain":
            gain: Literal["value", "gain"] = "gain" if label == "gain" else "value"
            return NetGain(prompter, negatives, label=gain, pool=pool, num_variants=num_variants)
        case "judge":
            judged: Literal["margin", "first_error"] = "first_error" if label == "first_error" else "margin"
            return Judge(prompter, label=judged, num_variants=num_variants)
        case "probe":
            probed = cast("Probed", _default(label, "least_number"))  # checked with the options
            return Probe(prompter, negatives, label=probed, num_variants=num_variants)
        case "monte_carlo":
            return MonteCarlo(rollouts, label="hard" if label == "hard" else "soft", first_steps=first_steps)
        case "binary_search":
            return BinarySearch(rollouts)
        case "pav":
            prover = (
                None if prover_tokenizer is None else _prover(rollouts, Prompter(prover_tokenizer, prompt))
            )
            num_tries = _default(best_of, 4 if prover is None else 1)
            return Pav(rollouts, prover, best_of=num_tries, alpha=alpha)
        case "adaptive":
            if budget is None:
                raise ConfigError("adaptive needs a budget", where="option budget", hint="Give --budget 20%.")
            return Adaptive(evidence, rollouts, budget=budget)
    raise ConfigError("unknown method", where="--method", got=method, expected=" or ".join(METHODS))


def _default(given: T | None, otherwise: T) -> T:
    return otherwise if given is None else given


def _prover(rollouts: Rollouts, prompter: Prompter) -> Rollouts:
    """The same rollouts, by the prover in its own tokens."""
    return replace(rollouts, prompter=prompter, role="prover")
