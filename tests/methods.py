"""Methods for tests: from names and options, on a tokenizer."""

from __future__ import annotations

from typing import Any

from cpmi.answers import Equivalence
from cpmi.engines.fake import CharacterTokenizer
from cpmi.languages import ENGLISH, Language
from cpmi.methods import Method, Setup
from cpmi.methods.options import RolloutOptions
from cpmi.methods.rollouts import Rollouts
from cpmi.plugins import find_method
from cpmi.prompts import Prompter, Style
from cpmi.requests import Tokenizer


def make_method(
    method: str | type[Method],
    tokenizer: Tokenizer | None = None,
    *,
    equivalence: Equivalence | None = None,
    second: dict[str, Tokenizer] | None = None,
    prompt: Style = "raw",
    language: Language = ENGLISH,
    seed: int = 0,
    budget_share: float | None = None,
    extra: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    """A method with the options that are given; `second` holds the tokenizers of second models by role."""
    chosen = find_method(method) if isinstance(method, str) else method
    setup = Setup(
        tokenizers={"policy": tokenizer or CharacterTokenizer(), **(second or {})},
        equivalence=equivalence or Equivalence(inline=True),
        prompt=prompt,
        language=language,
        seed=seed,
        budget_share=budget_share,
    )
    named = {role: role for role in second or {}}
    return chosen(chosen.Options(**named, **options), setup, **(extra or {}))


def make_rollouts(
    equivalence: Equivalence | None = None,
    *,
    prompter: Prompter | None = None,
    seed: int = 0,
    **options: Any,
) -> Rollouts:
    """Rollouts by the labeling model."""
    return Rollouts(
        prompter=prompter or Prompter(CharacterTokenizer()),
        equivalence=equivalence or Equivalence(inline=True),
        options=RolloutOptions(**options),
        seed=seed,
    )
