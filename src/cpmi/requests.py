"""The narrow waist between methods and models: what a method may ask, what an engine answers.

A method never sees a model and an engine never sees a method. Tokens are joined as tokens: pieces of text
are tokenized apart, so every engine scores the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from cpmi.usage import Usage

Role = str
"""Which model of a run a request is for. All but methods with two models ask the policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A continuation that leaves the shared prefix after its first `at` tokens.

    Attributes:
        at: how many shared prefix tokens the branch sees, 0..T.
        tokens: the branch's own tokens.
        num_context: how many of them are read but not scored, 0..len(tokens)-1.
    """

    at: int
    tokens: tuple[int, ...]
    num_context: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTree:
    """Score every branch's tokens after its `num_context`, each given all that comes before it.

    Attributes:
        shared_prefix: the shared beginning, T >= 1 tokens.
        branches: the continuations; leading tokens they share, also with the shared prefix, are computed once
            by engines that can. (A branch that repeats its tokens is how to score the shared prefix itself.)
        role: the model that is asked; it is chosen before an engine sees the tree.

    Raises:
        ValueError: an empty shared prefix, no branch, `at` outside 1..T, or a branch that scores no token.
    """

    shared_prefix: tuple[int, ...]
    branches: tuple[Branch, ...]
    role: Role = "policy"

    def __post_init__(self) -> None:
        if not self.shared_prefix:
            raise ValueError("a ScoreTree needs at least one shared prefix token")
        if not self.branches:
            raise ValueError("a ScoreTree needs at least one branch")
        for index, branch in enumerate(self.branches):
            if not 1 <= branch.at <= len(self.shared_prefix):
                raise ValueError(f"branch {index}: at={branch.at}, expected 1..{len(self.shared_prefix)}")
            if not 0 <= branch.num_context < len(branch.tokens):
                raise ValueError(
                    f"branch {index}: num_context={branch.num_context} leaves none of its "
                    f"{len(branch.tokens)} tokens to score"
                )

    @property
    def num_positions(self) -> int:
        """The longest path from the root: positions the model's context must offer."""
        return max([len(self.shared_prefix), *(b.at + len(b.tokens) for b in self.branches)])

    @property
    def unshared_tokens(self) -> int:
        """Tokens that one full forward a branch would take."""
        return sum(branch.at + len(branch.tokens) for branch in self.branches)

    @property
    def distinct_tokens(self) -> int:
        """Positions of the trie of all sequences: the most that an engine computes that shares prefixes."""
        # By the place at which they leave the shared prefix: whole paths would take quadratic memory.
        own: dict[int, set[tuple[int, ...]]] = {}
        for branch in self.branches:
            along = num_shared(branch.tokens, self.shared_prefix, start=branch.at)
            own.setdefault(branch.at + along, set()).add(branch.tokens[along:])
        return len(self.shared_prefix) + sum(map(_num_nodes, own.values()))


def num_shared(tokens: tuple[int, ...], others: tuple[int, ...], *, start: int = 0) -> int:
    """How many leading tokens are those that `others` has from `start` on."""
    pairs = zip(tokens, others[start : start + len(tokens)], strict=False)
    differing = (index for index, (own, other) in enumerate(pairs) if own != other)
    return next(differing, min(len(tokens), max(0, len(others) - start)))


def _num_nodes(paths: set[tuple[int, ...]]) -> int:
    """Nodes of the trie of all paths, the root not counted."""
    in_order = sorted(paths)
    num_new = [len(path) - num_shared(path, before) for before, path in pairwise(in_order)]
    return len(in_order[0]) + sum(num_new)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeLogprobs:
    """The reply to a ScoreTree; natural logarithms, normalized in float32.

    Attributes:
        branches: for every branch, one log-probability a scored token, in order.
    """

    branches: tuple[tuple[float, ...], ...]
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRequest:
    """Draw `num_samples` continuations of `prompt`; the prompt is computed once.

    Attributes:
        temperature: > 0 samples, 0 takes the most probable token.
        top_p: nucleus mass in (0, 1].
        stop: strings that end a sample; they are not part of the returned text.
        seed: the draws depend on it and on nothing else random.
        role: the model that is asked; it is chosen before an engine sees the request.
    """

    prompt: tuple[int, ...]
    num_samples: int
    max_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int = 0
    role: Role = "policy"

    @property
    def num_positions(self) -> int:
        return len(self.prompt) + self.max_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The reply to a SampleRequest.

    Attributes:
        texts: one a sample.
        finish: "stop" (a stop string or the model's end token) or "length" (cut off, not a wrong answer).
    """

    texts: tuple[str, ...]
    finish: tuple[str, ...]
    usage: Usage = field(default_factory=Usage)


Request = ScoreTree | SampleRequest
Reply = TreeLogprobs | Samples


class Tokenizer(Protocol):
    """What methods need of a tokenizer. No special token is ever added unasked."""

    def encode(self, text: str) -> tuple[int, ...]:
        """Token ids of a piece of text, without special tokens."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """Text of tokens; `decode(encode(text)) == text`."""
        ...

    @property
    def prefix(self) -> tuple[int, ...]:
        """Tokens that every raw sequence begins with (BOS where the model has one, else empty)."""
        ...

    def chat_frame(self, user: str) -> tuple[str, str]:
        """(before, after): what a finished assistant turn is between, as the model was trained to read it.

        `before` is all text up to the first word of the assistant's content, `after` what ends the turn,
        without white space at its end; empty where the template ends a turn by nothing else.

        Raises:
            UnsupportedModelError: the model has no chat template, or one that changes what is said.
        """
        ...

    def generation_prompt(self, user: str) -> str:
        """All text before a new assistant turn. It may open what a finished turn closes, or lack a channel.

        Raises:
            UnsupportedModelError: as `chat_frame`.
        """
        ...


class Engine(Protocol):
    """A language model at work: synchronous, batched, replies in the order of the requests."""

    @property
    def name(self) -> str: ...

    @property
    def tokenizer(self) -> Tokenizer: ...

    @property
    def max_positions(self) -> int | None:
        """Longest sequence the model takes, or None if unknown."""
        ...

    def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]: ...

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]: ...

    def describe(self) -> dict[str, object]:
        """Facts for the manifest: model, dtype, attention, path, versions. JSON-serializable."""
        ...

    def close(self) -> None: ...


Engines = Engine | Mapping[Role, Engine]
"""One engine for every role, or one a role."""
