"""Scores of steps: the probability that a step is correct, P(correct), read at its step token; and of chains.

Two paths. The plain one runs every chain whole, chains of like length side by side. The shared one runs the
question of several chains once and lets all of them attend to its keys and values. A test holds them
within 1e-5.

Every chain is tokenized once. The batches follow from the chains of a call alone.

Axes: B chains, T tokens, S steps.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import DynamicCache

from cpmi.engines.transformers.digest import digest_of_state
from cpmi.engines.transformers.engine import peak_bytes
from cpmi.engines.transformers.finite import expect_numbers
from cpmi.engines.transformers.flops import flop_model
from cpmi.errors import ConfigError, ContextTooLongError, NotANumberError, RecordError
from cpmi.prm.aggregate import aggregate
from cpmi.prm.card import Card, read_card
from cpmi.prm.layout import Encoded, Encoder
from cpmi.prm.losses import correct_logit
from cpmi.prm.model import head_of, load_model, max_positions
from cpmi.prm.options import BATCH_TOKENS, Aggregation
from cpmi.types import Chain, StepScores
from cpmi.usage import Usage

Path_ = Literal["shared", "plain"]

TOO_LONG = "exceeds the model's context"


class PRM:
    """A process reward model at work.

    Args:
        model: a token classification of two labels, class 1 "correct".
        encoder: the layout over its tokenizer.
        card: what it is.
        path: "shared" or "plain".
        batch_tokens: tokens of a batch, padding included; a longer chain stands alone.
        facts: of the checkpoint, its digest among them; None for a model in memory, whose state is hashed.

    Attributes:
        card: layout, threshold and what it was tuned on, aggregation, training.
    """

    def __init__(
        self,
        model: Any,
        encoder: Encoder,
        card: Card,
        *,
        path: Path_ = "shared",
        batch_tokens: int = BATCH_TOKENS,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        if path not in ("shared", "plain"):
            raise ConfigError("unknown path", where="option path", got=repr(path), expected="shared or plain")
        self.model = model
        self.encoder = encoder
        self.card = card
        self._facts = facts
        self._head = head_of(model)
        self._flops = flop_model(model, self._head)
        self._device = next(model.parameters()).device
        self._batch_tokens = batch_tokens
        self._limit = max_positions(model)
        self._shares = path == "shared" and _all_attend_to_all(model.config.get_text_config())
        self._pad_id = pad_id(model)

    @classmethod
    def from_pretrained(
        cls,
        folder: str | Path,
        *,
        device: str = "auto",
        dtype: str = "auto",
        path: Path_ = "shared",
        batch_tokens: int = BATCH_TOKENS,
        ignore_keys: str | None = None,
        verify: bool = False,
    ) -> PRM:
        """A checkpoint by `cpmi train`; options as `cpmi.load_engine`.

        Raises:
            InputError: the folder has no card.
            ModelNotFoundError: it holds no model.
            CheckpointError: it is another kind of model, or its weights are not whole.
            ConfigError: an option does not fit.
        """
        card = read_card(folder)
        found, tokenizer = load_model(
            folder, device=device, dtype=dtype, ignore_keys=ignore_keys, verify=verify
        )
        encoder = Encoder(card.layout, tokenizer)
        return cls(found.model, encoder, card, path=path, batch_tokens=batch_tokens, facts=found.facts)

    def score(self, chains: Sequence[Chain]) -> list[tuple[float, ...]]:
        """P(correct) of every step of every chain, in [0, 1], in the order of the chains.

        Chains of one question are computed together, wherever they are in the sequence.

        Raises:
            ContextTooLongError: a chain exceeds the model's context; `score_chains` scores what fits.
            RecordError: a text contains the step token.
            NotANumberError: the model computed NaN for a step.
        """
        encoded = [self._encode(chain) for chain in chains]
        for chain, one in zip(chains, encoded, strict=True):
            if self._num_fitting(one) < len(chain.steps):
                raise ContextTooLongError(
                    "the chain does not fit into the model's context",
                    where=chain.where,
                    got=f"{len(one.ids)} tokens",
                    expected=f"at most {self._limit}",
                    hint="Use score_chains, which leaves the steps that do not fit without a score.",
                )
        scores = map(_or_raise, self._score_all(encoded))
        return [tuple(v for v in found.values if v is not None) for found in scores]

    def score_chains(self, chains: Sequence[Chain]) -> list[StepScores | RecordError | NotANumberError]:
        """The scores of chains of any kind, in their order, and what each cost.

        A step beyond the model's context has no score. A chain whose text contains the step token, or for
        which the model computes NaN, has none at all: its place holds the error.
        """
        encoded = [self._encode_or_error(chain) for chain in chains]
        found = iter(self._score_all([one for one in encoded if isinstance(one, Encoded)]))
        scores = [next(found) if isinstance(one, Encoded) else one for one in encoded]
        for chain, one in zip(chains, scores, strict=True):
            if isinstance(one, NotANumberError):
                one.where = chain.where
        return scores

    def chain_scores(self, chains: Sequence[Chain], *, how: Aggregation | None = None) -> list[float | None]:
        """One score per chain, made from the scores of its steps; to choose among chains of one question.

        Args:
            chains: to score.
            how: "min", "product", "last" or "mean"; None for what the card says.

        Returns:
            In the order of the chains; None for a chain that exceeds the model's context.

        Raises:
            ConfigError: no such aggregation.
            RecordError: a text contains the step token.
            NotANumberError: the model computed NaN for a step.
        """
        scores = map(_or_raise, self._score_all([self._encode(chain) for chain in chains]))
        return [aggregate(found.values, how or self.card.aggregation) for found in scores]

    def describe(self) -> dict[str, object]:
        """Facts that decide the scores; not the name of the folder."""
        return {
            "architecture": type(self.model).__name__,
            **(self._facts or {"model_digest": digest_of_state(self.model)}),
            "tokenizer_digest": self.encoder.tokenizer.digest,
            "layout": self.card.layout.to_json(),
            "dtype": str(self.model.dtype).removeprefix("torch."),
            "attention": self.model.config._attn_implementation,
            "device": self._device.type,
            "path": "shared" if self._shares else "plain",
            "batch_tokens": self._batch_tokens,
            "threads": torch.get_num_threads(),
        }

    def _encode(self, chain: Chain) -> Encoded:
        return self.encoder.encode(chain.question, chain.steps, where=chain.where)

    def _encode_or_error(self, chain: Chain) -> Encoded | RecordError:
        try:
            return self._encode(chain)
        except RecordError as error:
            return error

    def _num_fitting(self, chain: Encoded) -> int:
        """How many leading steps end within the model's context."""
        return sum(position < self._limit for position in chain.step_positions)

    def _score_all(self, chains: Sequence[Encoded]) -> list[StepScores | NotANumberError]:
        """The scores of all chains; steps beyond the context are cut off before anything is computed."""
        cut = [_leading(chain, self._num_fitting(chain)) for chain in chains]
        scores: dict[int, StepScores | NotANumberError] = {}
        for group in self._plan(cut):
            scores |= zip(group, self._score_group([cut[i] for i in group]), strict=True)
        nothing = StepScores(values=())
        return [
            _filled_up(scores.get(index, nothing), len(chain.step_positions))
            for index, chain in enumerate(chains)
        ]

    def _plan(self, encoded: Sequence[Encoded]) -> Iterator[list[int]]:
        """Batches of indices: first the questions that several chains have, then the others by length."""
        of_question: dict[tuple[int, ...], list[int]] = {}
        for index, chain in enumerate(encoded):
            if not chain.step_positions:
                continue
            of_question.setdefault(chain.ids[: chain.num_question], []).append(index)
        alone: list[int] = []
        for indices in of_question.values():
            if self._shares and len(indices) > 1:
                yield from self._batches(indices, [len(encoded[i].ids) for i in indices])
            else:
                alone += indices
        yield from self._batches(alone, [len(encoded[i].ids) for i in alone])

    def _batches(self, indices: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
        """Cut into batches, the longest chains first; the plan depends on the chains alone."""
        batch: list[int] = []
        longest = 0
        for length, index in sorted(zip(lengths, indices, strict=True), key=lambda pair: (-pair[0], pair[1])):
            longest = max(longest, length)
            if batch and (len(batch) + 1) * longest > self._batch_tokens:
                yield batch
                batch, longest = [], length
            batch.append(index)
        if batch:
            yield batch

    def _score_group(self, group: Sequence[Encoded]) -> list[StepScores | NotANumberError]:
        began = time.perf_counter()
        first = group[0]
        question = first.ids[: first.num_question]
        shared = len(group) > 1 and self._shares
        shared = shared and all(chain.ids[: chain.num_question] == question for chain in group)
        skipped = len(question) if shared else 0
        with torch.inference_mode():
            hidden_BTH = self._shared(group, question) if shared else self._plain(group)
            scores = []
            for hidden_TH, chain in zip(hidden_BTH, group, strict=True):
                at_S = torch.tensor(chain.step_positions, device=self._device) - skipped
                scores.append(self._values(self._head(hidden_TH[at_S]).float()))
        usages = self._usages(group, skipped, hidden_BTH.shape[1], time.perf_counter() - began)
        return [
            s if isinstance(s, NotANumberError) else StepScores(values=s, usage=usage)
            for s, usage in zip(scores, usages, strict=True)
        ]

    def _values(self, logits_S2: Tensor) -> tuple[float, ...] | NotANumberError:
        """The scores of one chain, or why it has none: infinite logits would be scores of 0 and 1."""
        try:
            expect_numbers(logits_S2.flatten().tolist(), "logits", dtype=self.model.dtype)
        except NotANumberError as error:
            return error
        return tuple(torch.sigmoid(correct_logit(logits_S2)).tolist())

    def _usages(
        self, group: Sequence[Encoded], num_shared: int, num_padded: int, wall_s: float
    ) -> Iterator[Usage]:
        """What every chain of a batch cost; a shared question counts with the first, time by tokens."""
        num_all = num_shared + len(group) * num_padded
        for index, chain in enumerate(group):
            num_first = num_shared if index == 0 else 0
            tokens = num_first + num_padded
            pairs = _num_pairs(num_first) + num_padded * num_shared + _num_pairs(num_padded)
            yield Usage(
                calls=1,
                unshared_tokens=len(chain.ids),
                computed_tokens=tokens,
                flops=self._flops.total(tokens=tokens, rows=len(chain.step_positions), pairs=pairs),
                wall_s=wall_s * tokens / num_all,
                peak_bytes=peak_bytes(self._device),
            )

    def _plain(self, group: Sequence[Encoded]) -> Tensor:
        ids_BT, mask_BT = self._padded([chain.ids for chain in group])
        found = self.model.base_model(input_ids=ids_BT, attention_mask=mask_BT, use_cache=False)
        hidden: Tensor = found.last_hidden_state
        return hidden

    def _shared(self, group: Sequence[Encoded], question: tuple[int, ...]) -> Tensor:
        """The hidden states behind the question, which is run once."""
        cache = DynamicCache(config=self.model.config)
        start_1T = torch.tensor([question], device=self._device)
        self.model.base_model(input_ids=start_1T, past_key_values=cache, use_cache=True)
        cache.batch_repeat_interleave(len(group))
        ids_BT, mask_BT = self._padded([chain.ids[len(question) :] for chain in group])
        seen_BT = torch.ones((len(group), len(question)), dtype=mask_BT.dtype, device=self._device)
        found = self.model.base_model(
            input_ids=ids_BT,
            attention_mask=torch.cat([seen_BT, mask_BT], dim=1),
            past_key_values=cache,
            use_cache=True,
        )
        hidden: Tensor = found.last_hidden_state
        return hidden

    def _padded(self, rows: Sequence[tuple[int, ...]]) -> tuple[Tensor, Tensor]:
        """Filled up on the right: under a causal mask, nothing that counts sees the padding."""
        longest = max(map(len, rows))
        ids_BT = torch.tensor([[*row, *[self._pad_id] * (longest - len(row))] for row in rows])
        mask_BT = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        return ids_BT.to(self._device), mask_BT.to(self._device)


def pad_id(model: Any) -> int:
    """What fills rows up. It is masked, so any id would do where the model names none."""
    config = model.config.get_text_config()
    for found in (config.pad_token_id, config.eos_token_id):
        if isinstance(found, int) and found >= 0:
            return found
    return 0


def _leading(chain: Encoded, num_steps: int) -> Encoded:
    """The chain up to the end of a step; without any, its question alone."""
    positions = chain.step_positions[:num_steps]
    end = positions[-1] + 1 if positions else chain.num_question
    return replace(chain, ids=chain.ids[:end], step_positions=positions)


def _or_raise(found: StepScores | NotANumberError) -> StepScores:
    if isinstance(found, NotANumberError):
        raise found
    return found


def _filled_up(found: StepScores | NotANumberError, num_steps: int) -> StepScores | NotANumberError:
    """With None for the steps that were cut off, and why."""
    if isinstance(found, NotANumberError):
        return found
    num_lost = num_steps - len(found.values)
    if not num_lost:
        return found
    return replace(found, values=found.values + (None,) * num_lost, abstained=TOO_LONG)


def _num_pairs(num_tokens: int) -> int:
    """Query-key pairs of a text under a causal mask."""
    return num_tokens * (num_tokens + 1) // 2


def _all_attend_to_all(config: Any) -> bool:
    """Whether every layer keeps all keys: sliding windows and recurrent states are not shared."""
    kinds = getattr(config, "layer_types", None)
    if kinds is None:
        return getattr(config, "sliding_window", None) is None
    return all(kind == "full_attention" for kind in kinds)
