"""A transformers tokenizer as cpmi sees it: pieces of text in, token ids out, no special token unasked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cpmi.errors import UnsupportedModelError

_PROBE = "cpmi probe"


class HuggingFaceTokenizer:
    """Implements `cpmi.requests.Tokenizer` over a transformers tokenizer (`inner`)."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self._cache: dict[str, tuple[int, ...]] = {}
        plain = inner(_PROBE, add_special_tokens=False).input_ids
        full = inner(_PROBE).input_ids
        begins = len(full) > len(plain) and full[0] == inner.bos_token_id
        self._prefix: tuple[int, ...] = (int(full[0]),) if begins else ()

    @property
    def prefix(self) -> tuple[int, ...]:
        return self._prefix

    def encode(self, text: str) -> tuple[int, ...]:
        found = self._cache.get(text)
        if found is None:
            if len(self._cache) > 100_000:
                self._cache.clear()  # a bound on memory, not a policy: pieces repeat within a chain
            found = self._cache[text] = tuple(self.inner(text, add_special_tokens=False).input_ids)
        return found

    def decode(self, tokens: Sequence[int]) -> str:
        return str(self.inner.decode(list(tokens)))

    def chat_frame(self, user: str) -> tuple[str, str]:
        if not self.inner.chat_template:
            raise UnsupportedModelError(
                "the model has no chat template", where=self.inner.name_or_path, hint="Use --prompt raw."
            )
        turns = [{"role": "user", "content": user}]
        header = self.inner.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        spoken = [*turns, {"role": "assistant", "content": _PROBE}]
        after = self.inner.apply_chat_template(spoken, tokenize=False).rpartition(_PROBE)[2]
        return str(header), str(after).rstrip()
