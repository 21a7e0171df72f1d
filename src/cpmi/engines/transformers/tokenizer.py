"""A transformers tokenizer as cpmi sees it: pieces of text in, token ids out, no special token unasked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cpmi.digests import digest_of_bytes
from cpmi.engines.transformers.chat_template import TemplateFailedError, Turns, render
from cpmi.errors import CheckpointError, RecordError, UnsupportedModelError

_PROBE = "cpmi probe"
# Takes the place of what the assistant says. Its signs, cases and two lines show a template that escapes,
# changes or folds text: chains would not be what such a template makes of them.
_MARKER = "The Content of cpmi: 2 < 3 & \"x\" = 'y'.\nIts second line."
_RAW = "Use --prompt raw."
# A piece is encoded behind the first of these that the tokenizer keeps apart from it.
_LEADS = ("\n", "a", "0", ":")
_SAMPLE = "Step 1: 3*12 = 36, so \\frac{1}{2} of it is 18.5.\n\nThe answer is: $18.50\n"


class HuggingFaceTokenizer:
    """Implements `cpmi.requests.Tokenizer` over a transformers tokenizer (`inner`).

    Args:
        inner: the tokenizer.
        num_rows: ids that the model has a place for; None takes all.

    Raises:
        CheckpointError: the tokenizer has more tokens than the model, its added ones aside.
    """

    def __init__(self, inner: Any, *, num_rows: int | None = None) -> None:
        self.inner = inner
        self._num_rows = num_rows
        self._expect_place()
        self._cache: dict[str, tuple[int, ...]] = {}
        plain = inner(_PROBE, add_special_tokens=False).input_ids
        full = inner(_PROBE).input_ids
        begins = len(full) > len(plain) and full[0] == inner.bos_token_id
        self._prefix: tuple[int, ...] = self._placed((int(full[0]),)) if begins else ()
        # Tokenizers of the SentencePiece kind put a space before every text; pieces are joined, so theirs
        # are encoded behind a lead whose tokens are taken off again.
        joins = self.decode(self._encode("a") + self._encode("b")) == "ab"
        leads = () if joins else ((lead, self._encode(lead)) for lead in _LEADS)
        self._leads = tuple((lead, tokens) for lead, tokens in leads if tokens)

    @property
    def prefix(self) -> tuple[int, ...]:
        return self._prefix

    def encode(self, text: str) -> tuple[int, ...]:
        """Tokens of a text without special tokens; cached."""
        found = self._cache.get(text)
        if found is None:
            if len(self._cache) > 100_000:
                self._cache.clear()  # a bound on memory, not a policy: pieces repeat within a chain
            found = self._behind_a_lead(text) if self._leads and text else self._encode(text)
            self._cache[text] = found
        return found

    def _behind_a_lead(self, text: str) -> tuple[int, ...]:
        for lead, tokens in self._leads:
            both = self._encode(lead + text)
            if both[: len(tokens)] == tokens:
                return both[len(tokens) :]
        raise UnsupportedModelError(
            "the tokenizer joins a piece of text with whatever precedes it",
            where=self.inner.name_or_path,
            got=repr(text[:80]),
            expected=f"own tokens behind one of {', '.join(repr(lead) for lead, _ in self._leads)}",
        )

    def _encode(self, text: str) -> tuple[int, ...]:
        return self._placed(tuple(self.inner(text, add_special_tokens=False).input_ids)) if text else ()

    def _placed(self, tokens: tuple[int, ...]) -> tuple[int, ...]:
        """The same tokens, if the model has a place for each."""
        if self._num_rows is not None and tokens and max(tokens) >= self._num_rows:
            raise RecordError(
                "the text holds a token that the model has no embedding for",
                got=f"token {max(tokens)}, {self.inner.convert_ids_to_tokens(max(tokens))!r}",
                expected=f"tokens below {self._num_rows:,}",
                hint="Remove it from the data, use a model with its own tokenizer, or --on-error skip.",
            )
        return tokens

    def _expect_place(self) -> None:
        """Refuse another model's tokenizer. Tokens that were added without a place are refused when used."""
        size = int(self.inner.vocab_size)
        if self._num_rows is not None and size > self._num_rows:
            raise CheckpointError(
                "the tokenizer has more tokens than the model",
                where=self.inner.name_or_path or None,
                got=f"{size:,} tokens",
                expected=f"at most {self._num_rows:,}, the rows of the model's embedding",
                hint="Tokenizer and weights are of different models: save the model with its own tokenizer.",
            )

    def decode(self, tokens: Sequence[int]) -> str:
        return str(self.inner.decode(list(tokens)))

    def chat_frame(self, user: str) -> tuple[str, str]:
        """Texts before and after what a finished assistant turn says; errors as in the protocol."""
        turns = [{"role": "user", "content": user}, {"role": "assistant", "content": _MARKER}]
        text = self._render(turns)
        if text.count(_MARKER) != 1:
            raise self._refused(
                "the chat template changes, drops or repeats what the assistant says",
                got=f"{text.count(_MARKER)} times in {text[-200:]!r}",
                expected=f"{_MARKER!r} once",
            )
        before, _, after = text.partition(_MARKER)
        self._expect_question(user, before)
        return before, after.rstrip()

    def generation_prompt(self, user: str) -> str:
        """All text before a new assistant turn; errors as in the protocol."""
        text = self._render([{"role": "user", "content": user}], generation=True)
        self._expect_question(user, text)
        return text

    def _expect_question(self, user: str, text: str) -> None:
        if user.strip() not in text:
            raise self._refused(
                "the chat template changes or drops what the user says",
                got=repr(text[-200:]),
                expected=repr(user.strip()[:80]),
            )

    def _render(self, turns: Turns, *, generation: bool = False) -> str:
        try:
            return render(self._chat_template(), self.inner.special_tokens_map, turns, generation=generation)
        except TemplateFailedError as error:
            raise self._refused(
                "the chat template refuses a question and its answer", got=str(error)
            ) from error

    def _chat_template(self) -> str:
        """The one of ordinary chats, if there are several."""
        found = self.inner.chat_template
        if isinstance(found, dict):
            if "default" not in found:
                raise self._refused(
                    "none of the model's chat templates is the default one",
                    got=", ".join(map(str, found)) or "no template",
                    expected="default",
                )
            found = found["default"]
        if not found:
            raise self._refused("the model has no chat template")
        if not isinstance(found, str):
            raise self._refused("the chat template is no text", got=type(found).__name__)
        return found

    def _refused(self, what: str, *, got: str | None = None, expected: str | None = None) -> Exception:
        return UnsupportedModelError(
            what, where=self.inner.name_or_path or None, got=got, expected=expected, hint=_RAW
        )

    @property
    def digest(self) -> str:
        """Tells one tokenizer and chat template from another."""
        facts = [len(self.inner), self.inner.chat_template, self._encode(_SAMPLE)]
        return digest_of_bytes(repr(facts).encode())[:32]


def num_rows(model: Any) -> int:
    """How many token ids a model of transformers takes and, if it is a language model, gives."""
    ends = (model.get_input_embeddings(), model.get_output_embeddings())
    return min(int(end.weight.shape[0]) for end in ends if end is not None)
