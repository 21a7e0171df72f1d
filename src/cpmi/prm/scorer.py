"""Scores of steps: the probability that a step is correct, P(correct), read at its step token; and of chains.

Two paths. The plain one runs every chain whole, chains of like length side by side. The shared one runs the
question of several chains once and lets all of them attend to its keys and values. A test holds them
within 1e-5.

Axes: B chains, T tokens, S steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import DynamicCache

from cpmi.engines.transformers.engine import weights_digest
from cpmi.errors import ConfigError, ContextTooLongError
from cpmi.prm.aggregate import aggregate
from cpmi.prm.card import Card, read_card
from cpmi.prm.layout import Encoded, Encoder
from cpmi.prm.losses import correct_logit
from cpmi.prm.model import head_of, load_model, max_positions
from cpmi.prm.options import Aggregation
from cpmi.types import Chain

Path_ = Literal["shared", "plain"]

BATCH_TOKENS = 8192


class PRM:
    """A process reward model at work.

    Args:
        model: a token classification of two labels, class 1 "correct".
        encoder: the layout over its tokenizer.
        card: what it is.
        path: "shared" or "plain".
        batch_tokens: tokens of a batch, padding included; a longer chain stands alone.

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
    ) -> None:
        if path not in ("shared", "plain"):
            raise ConfigError("unknown path", where="option path", got=repr(path), expected="shared or plain")
        self.model = model
        self.encoder = encoder
        self.card = card
        self._head = head_of(model)
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
        device: str = "cpu",
        dtype: str = "float32",
        path: Path_ = "shared",
        batch_tokens: int = BATCH_TOKENS,
    ) -> PRM:
        """A checkpoint by `cpmi train`.

        Raises:
            InputError: the folder has no card.
            ModelNotFoundError: it holds no model.
            ConfigError: an option does not fit.
        """
        card = read_card(folder)
        model, tokenizer = load_model(folder, device=device, dtype=dtype)
        encoder = Encoder(card.layout, tokenizer)
        return cls(model, encoder, card, path=path, batch_tokens=batch_tokens)

    def score(self, chains: Sequence[Chain]) -> list[tuple[float, ...]]:
        """P(correct) of every step of every chain, in [0, 1], in the order of the chains.

        Chains of one question are computed together, wherever they stand.

        Raises:
            ContextTooLongError: a chain exceeds the model's context; `num_fitting` says how much of it fits.
            RecordError: a text holds the step token.
        """
        encoded = [self._encode(chain) for chain in chains]
        scores: list[tuple[float, ...]] = [()] * len(chains)
        for group in self._plan(encoded):
            for index, found in zip(group, self._score_group([encoded[i] for i in group]), strict=True):
                scores[index] = found
        return scores

    def chain_scores(self, chains: Sequence[Chain], *, how: Aggregation | None = None) -> list[float | None]:
        """One score a chain, made from the scores of its steps; to choose among chains of one question.

        Args:
            chains: to score.
            how: "min", "product", "last" or "mean"; None for what the card says.

        Returns:
            In the order of the chains; None for a chain that exceeds the model's context, where steps have no
            score.

        Raises:
            ConfigError: no such aggregation.
            RecordError: a text holds the step token.
        """
        how = how or self.card.aggregation
        fits = [self.num_fitting(chain) == len(chain.steps) for chain in chains]
        scores = iter(self.score([chain for chain, fit in zip(chains, fits, strict=True) if fit]))
        return [aggregate(next(scores), how) if fit else None for fit in fits]

    def expect_readable(self, chain: Chain) -> None:
        """Check that every step token of a chain will be the end of a step.

        Raises:
            RecordError: a text holds the step token.
        """
        self.encoder.expect_no_step_token(chain.question, chain.steps, where=_name(chain))

    def num_fitting(self, chain: Chain) -> int:
        """How many leading steps of a chain fit into the model's context.

        Raises:
            RecordError: a text holds the step token.
        """
        where = _name(chain)
        try:
            encoded = self.encoder.encode(chain.question, chain.steps, max_length=self._limit, where=where)
        except ContextTooLongError:
            return 0
        return len(encoded.step_positions)

    def describe(self) -> dict[str, object]:
        """Facts that decide the scores; not the name of the folder."""
        return {
            "architecture": type(self.model).__name__,
            "weights_digest": weights_digest(self.model),
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
        encoded = self.encoder.encode(chain.question, chain.steps, where=_name(chain))
        if len(encoded.ids) > self._limit:
            raise ContextTooLongError(
                "the chain does not fit into the model's context",
                where=_name(chain),
                got=f"{len(encoded.ids)} tokens",
                expected=f"at most {self._limit}",
                hint="Score its first steps only.",
            )
        return encoded

    def _plan(self, encoded: Sequence[Encoded]) -> Iterator[list[int]]:
        """Batches of indices: first the questions that several chains have, then the others by length."""
        of_question: dict[tuple[int, ...], list[int]] = {}
        for index, chain in enumerate(encoded):
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

    def _score_group(self, group: Sequence[Encoded]) -> list[tuple[float, ...]]:
        first = group[0]
        question = first.ids[: first.num_question]
        shared = len(group) > 1 and self._shares
        shared = shared and all(chain.ids[: chain.num_question] == question for chain in group)
        with torch.inference_mode():
            hidden_BTH = self._shared(group, question) if shared else self._plain(group)
            logits_BT2 = self._head(hidden_BTH).float()
            skipped = len(question) if shared else 0
            scores = []
            for row_T2, chain in zip(logits_BT2, group, strict=True):
                at = torch.tensor([position - skipped for position in chain.step_positions])
                scores.append(tuple(torch.sigmoid(correct_logit(row_T2[at.to(self._device)])).tolist()))
        return scores

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


def _all_attend_to_all(config: Any) -> bool:
    """Whether every layer keeps all keys: sliding windows and recurrent states are not shared."""
    kinds = getattr(config, "layer_types", None)
    if kinds is None:
        return getattr(config, "sliding_window", None) is None
    return all(kind == "full_attention" for kind in kinds)


def _name(chain: Chain) -> str:
    return f"{chain.source or 'chain'} [{chain.id}]"
