"""A transformers tokenizer as cpmi sees it: pieces of text in, token ids out, no special token unasked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from cpmi.errors import UnsupportedModelError

_PROBE = "cpmi probe"
# Some chat templates print today's date: a run resumed tomorrow would then ask other questions.
_NO_CLOCK = "{%- macro strftime_now(form) -%}01 Jan 2026{%- endmacro -%}"
_SAMPLE = "Step 1: 3*12 = 36, so \\frac{1}{2} of it is 18.5.\n\nThe answer is: $18.50\n"


class HuggingFaceTokenizer:
    """Implements `cpmi.requests.Tokenizer` over a transformers tokenizer (`inner`)."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self._cache: dict[str, tuple[int, ...]] = {}
        plain = inner(_PROBE, add_special_tokens=False).input_ids
        full = inner(_PROBE).input_ids
        begins = len(full) > len(plain) and full[0] == inner.bos_token_id
        self._prefix: tuple[int, ...] = (int(full[0]),) if begins else ()
        # Tokenizers of the SentencePiece kind put a space before every text; pieces are joined, so theirs
        # are encoded behind a line break that is taken off again.
        self._lead = "" if self.decode(self._encode("a") + self._encode("b")) == "ab" else "\n"

    @property
    def prefix(self) -> tuple[int, ...]:
        return self._prefix

    def encode(self, text: str) -> tuple[int, ...]:
        """Tokens of a text without special tokens; cached."""
        found = self._cache.get(text)
        if found is None:
            if len(self._cache) > 100_000:
                self._cache.clear()  # a bound on memory, not a policy: pieces repeat within a chain
            found = self._encode(self._lead + text)[len(self._encode(self._lead)) :]
            self._cache[text] = found
        return found

    def _encode(self, text: str) -> tuple[int, ...]:
        return tuple(self.inner(text, add_special_tokens=False).input_ids) if text else ()

    def decode(self, tokens: Sequence[int]) -> str:
        return str(self.inner.decode(list(tokens)))

    def chat_frame(self, user: str) -> tuple[str, str]:
        """Texts before and after the assistant's turn; errors as in the protocol."""
        if not self.inner.chat_template:
            raise UnsupportedModelError(
                "the model has no chat template", where=self.inner.name_or_path, hint="Use --prompt raw."
            )
        turns = [{"role": "user", "content": user}]
        header = self._render(turns, add_generation_prompt=True)
        after = self._render([*turns, {"role": "assistant", "content": _PROBE}]).rpartition(_PROBE)[2]
        return header, after.rstrip()

    def _render(self, turns: list[dict[str, str]], **options: bool) -> str:
        template = _NO_CLOCK + self.inner.get_chat_template()
        return str(self.inner.apply_chat_template(turns, tokenize=False, chat_template=template, **options))

    @property
    def digest(self) -> str:
        """Tells one tokenizer and chat template from another."""
        facts = [len(self.inner), self.inner.chat_template, self._encode(_SAMPLE)]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
