"""A scripted engine without a model: for tests of methods, runs and users' own code.

Everything it answers is a function of the request alone, so neither batches nor their order matter. Its
tokens are characters, and it needs neither torch nor weights.
"""

from __future__ import annotations

import hashlib
import time
from array import array
from collections.abc import Callable, Sequence

from cpmi.requests import SampleRequest, Samples, ScoreTree, TreeLogprobs
from cpmi.usage import Usage

_DIGEST_BYTES = 8

LogprobFunction = Callable[[tuple[int, ...], int], float]
"""(context tokens, token) -> log-probability of the token, in nat."""

TextFunction = Callable[[str, int], str]
"""(text of the prompt, index of the sample) -> the sample's text."""


class CharacterTokenizer:
    """One token a character; the token is its code point.

    Args:
        begin: text whose tokens begin every raw sequence, as a BOS token would.
    """

    def __init__(self, *, begin: str = "") -> None:
        self._begin = begin

    def encode(self, text: str) -> tuple[int, ...]:
        return tuple(map(ord, text))

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(map(chr, tokens))

    @property
    def prefix(self) -> tuple[int, ...]:
        return self.encode(self._begin)

    def chat_frame(self, user: str) -> tuple[str, str]:
        return self.generation_prompt(user), "</assistant>\n"

    def generation_prompt(self, user: str) -> str:
        return f"<user>{user}</user>\n<assistant>"


class FakeEngine:
    """An `Engine` whose every reply is a function of the request.

    Args:
        logprob: log-probability of a token after a context; by default drawn from a hash of both,
            between -8 and 0.
        texts: what is sampled: a list that the samples of every request walk through in order, or a
            function of the prompt's text and the sample's index. By default whole numbers below 1000,
            drawn from a hash of prompt, seed and index.
        max_positions: longest sequence it claims to take; None for any.
        tokenizer: replaces `CharacterTokenizer()`.
        delay_s: sleep in every call of `score` and `sample`, for tests that interrupt a run.
        name: as it appears in the manifest.
    """

    def __init__(
        self,
        *,
        logprob: LogprobFunction | None = None,
        texts: Sequence[str] | TextFunction | None = None,
        max_positions: int | None = None,
        tokenizer: CharacterTokenizer | None = None,
        delay_s: float = 0.0,
        name: str = "fake",
    ) -> None:
        self._logprob = logprob or hashed_logprob
        self._texts = texts
        self._max_positions = max_positions
        self._tokenizer = tokenizer or CharacterTokenizer()
        self._delay_s = delay_s
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def tokenizer(self) -> CharacterTokenizer:
        return self._tokenizer

    @property
    def max_positions(self) -> int | None:
        return self._max_positions

    def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]:
        time.sleep(self._delay_s)
        return [self._score_tree(tree) for tree in trees]

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
        time.sleep(self._delay_s)
        return [self._sample_request(request) for request in requests]

    def describe(self) -> dict[str, object]:
        return {"engine": "fake", "model": self._name, "max_positions": self._max_positions}

    def close(self) -> None:
        """There is nothing to free."""

    def _score_tree(self, tree: ScoreTree) -> TreeLogprobs:
        branches = tuple(
            self._score_run(tree.shared_prefix[: branch.at], branch.tokens, num_context=branch.num_context)
            for branch in tree.branches
        )
        usage = Usage(
            calls=1,
            unshared_tokens=tree.unshared_tokens,
            computed_tokens=tree.distinct_tokens,
            vocabulary_rows=sum(map(len, branches)),
        )
        return TreeLogprobs(branches=branches, usage=usage)

    def _score_run(
        self, context: tuple[int, ...], tokens: tuple[int, ...], *, num_context: int
    ) -> tuple[float, ...]:
        if self._logprob is hashed_logprob:
            return hashed_logprobs(context + tokens[:num_context], tokens[num_context:])
        return tuple(
            self._logprob(context + tokens[:position], tokens[position])
            for position in range(num_context, len(tokens))
        )

    def _sample_request(self, request: SampleRequest) -> Samples:
        drawn = [self._draw(request, index) for index in range(request.num_samples)]
        cut = [_cut(text, stop=request.stop, max_tokens=request.max_tokens) for text in drawn]
        num_generated = sum(len(self._tokenizer.encode(text)) for text, _ in cut)
        usage = Usage(
            calls=1,
            unshared_tokens=len(request.prompt) * request.num_samples + num_generated,
            computed_tokens=len(request.prompt) + num_generated,
            generated_tokens=num_generated,
            vocabulary_rows=num_generated,
        )
        return Samples(
            texts=tuple(text for text, _ in cut), finish=tuple(finish for _, finish in cut), usage=usage
        )

    def _draw(self, request: SampleRequest, index: int) -> str:
        if callable(self._texts):
            return self._texts(self._tokenizer.decode(request.prompt), index)
        if self._texts is not None:
            return self._texts[index % len(self._texts)]
        # Greedy decoding knows one text only, whatever the seed.
        draw = (request.seed, index) if request.temperature > 0 else (0, 0)
        return str(_hash(repr(draw).encode() + _bytes(request.prompt)) % 1000)


def hashed_logprob(context: tuple[int, ...], token: int) -> float:
    """A log-probability between -8 and 0 that looks random and depends on context and token only."""
    return _logprob(hashlib.blake2b(_bytes((*context, token)), digest_size=_DIGEST_BYTES).digest())


def hashed_logprobs(context: tuple[int, ...], tokens: tuple[int, ...]) -> tuple[float, ...]:
    """`hashed_logprob` of every token after all before it; each is read once."""
    digest = hashlib.blake2b(_bytes(context), digest_size=_DIGEST_BYTES)
    logprobs = []
    for token in tokens:
        digest.update(_bytes((token,)))
        logprobs.append(_logprob(digest.digest()))
    return tuple(logprobs)


def _logprob(digest: bytes) -> float:
    return -8.0 * (int.from_bytes(digest, "big") + 1) / 2**64


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest(), "big")


def _bytes(tokens: tuple[int, ...]) -> bytes:
    return array("I", tokens).tobytes()


def _cut(text: str, *, stop: tuple[str, ...], max_tokens: int) -> tuple[str, str]:
    """The text up to its first stop string or its token limit, and which of the two ended it."""
    ends = [text.find(mark) for mark in stop if mark in text]
    shortened = text[: min(ends)] if ends else text
    if len(shortened) > max_tokens:
        return shortened[:max_tokens], "length"
    return shortened, "stop"
