"""Which reserved token of a tokenizer marks the end of a step.

A reserved token keeps the vocabulary, and with it the checkpoint's shape, as it is: no server has to know of
a resized embedding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cpmi.errors import ConfigError, ModelError

# In this order: tokens made for steps or for anything, then tokens that only code models of files use.
PREFERENCES: Sequence[str] = (
    r"step",
    r"extra_?\d+",
    r"reserved",
    r"unused",
    r"fim_pad",
    r"repo_?name",
    r"file_?sep",
)


def choose_step_token(inner: Any, given: str | None = None) -> str:
    """The step token of a model.

    Rule: of the tokenizer's added tokens, without those that have a role (begin, end, padding, unknown) or
    that its chat template prints, the one with the lowest id that matches the first of `PREFERENCES` that any
    of them matches, whatever the case of letters.

    Args:
        inner: a transformers tokenizer.
        given: named by the user; None to choose by the rule.

    Raises:
        ConfigError: the tokenizer has no added token of the given name.
        ModelError: no added token is free.
    """
    added = {index: str(token) for index, token in sorted(inner.added_tokens_decoder.items())}
    if given is not None:
        if given not in added.values():
            raise ConfigError(
                "the tokenizer has no such added token",
                where="option step_token",
                got=repr(given),
                expected=f"one of {_shown(list(added.values()))}",
            )
        return given
    template = str(inner.chat_template or "")
    roles = (inner.bos_token, inner.eos_token, inner.pad_token, inner.unk_token)
    taken = {str(token) for token in roles if token}
    free = [token for token in added.values() if token not in taken and token not in template]
    for pattern in PREFERENCES:
        for token in free:
            if re.search(pattern, token, re.IGNORECASE):
                return token
    raise ModelError(
        "no reserved token of the tokenizer is known to be free",
        where=str(inner.name_or_path),
        got=_shown(free) or "no added token without a role",
        expected=f"one that matches {', '.join(PREFERENCES)}",
        hint="Name one with --step-token.",
    )


def _shown(tokens: Sequence[str]) -> str:
    return ", ".join(tokens[:12]) + (", ..." if len(tokens) > 12 else "")
