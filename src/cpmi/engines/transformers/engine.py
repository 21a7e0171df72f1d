"""The engine over transformers: scores trees by the fast or the plain path, samples in batches."""

from __future__ import annotations

import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
import transformers

from cpmi.engines.transformers import naive, rollout, tree
from cpmi.engines.transformers.digest import digest_of_state
from cpmi.engines.transformers.endings import Drawn, Endings, share
from cpmi.engines.transformers.flops import flop_model, parameters
from cpmi.engines.transformers.pack import PackedBatch, batches, pack_tree
from cpmi.engines.transformers.routes import Asked, Route
from cpmi.engines.transformers.selftest import tested_route
from cpmi.engines.transformers.tokenizer import HuggingFaceTokenizer, num_rows
from cpmi.engines.transformers.unpadded import SAMPLING_WAYS
from cpmi.errors import UnsupportedModelError
from cpmi.requests import SampleRequest, Samples, ScoreTree, TreeLogprobs
from cpmi.usage import Usage

# Larger batches leave a processor's cache: 512 and 1,024 are equally fast, 2,048 is slower. A GPU idles then.
BATCH_TOKENS, GPU_BATCH_TOKENS = 512, 8192
LOGITS_BYTES, GPU_LOGITS_BYTES = 2**28, 2**31  # bounds on the vocabulary rows of one batch
SAMPLE_ROWS = 64  # samples decoded side by side by the plain path

SamplingWay = Callable[[Any, Endings, Sequence[SampleRequest]], Drawn]


class TransformersEngine:
    """A causal language model of transformers at work.

    Args:
        model: a causal language model in eval mode.
        tokenizer: its transformers tokenizer.
        name: how the model was named by the user.
        path: "tree" forwards every distinct token once, "plain" one full forward per branch; so in sampling.
            "auto" takes the tree path where the model's config allows it and a short test agrees. A Route
            that such a test has found is taken as it is.
        batch_tokens: tokens packed into one forward of the tree path.
        facts: of the checkpoint, its digest among them; None for a model in memory, whose state is hashed.

    Raises:
        UnsupportedModelError: the tree path was asked for and is not right for the model, or no path is.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str,
        path: Asked | Route = "auto",
        batch_tokens: int | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        self._model = model.eval()
        self._tokenizer = HuggingFaceTokenizer(tokenizer, num_rows=num_rows(model))
        self._endings = Endings(self._model, tokenizer)
        self._name = name
        self._facts = facts
        self._route = (
            path
            if isinstance(path, Route)
            else tested_route(self._model, tokenizer, path, name=name, digest=_digest(facts))
        )
        self._flops = flop_model(model, model.get_output_embeddings())
        self._device = next(model.parameters()).device
        on_gpu = self._device.type == "cuda"
        self._batch_tokens = batch_tokens or (GPU_BATCH_TOKENS if on_gpu else BATCH_TOKENS)
        self._logits_bytes = GPU_LOGITS_BYTES if on_gpu else LOGITS_BYTES

    @property
    def name(self) -> str:
        return self._name

    @property
    def model(self) -> Any:
        """The transformers model underneath."""
        return self._model

    @property
    def tokenizer(self) -> HuggingFaceTokenizer:
        return self._tokenizer

    @property
    def max_positions(self) -> int | None:
        limit = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        return int(limit) if limit else None

    @property
    def endings(self) -> Endings:
        """What ends a sample of this model."""
        return self._endings

    @property
    def route(self) -> Route:
        """By which path it computes, and why."""
        return self._route

    def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]:
        """Log-probabilities of every tree's scored tokens, in the order of the trees."""
        if self._route.path == "plain":
            return [self._score_plain(t) for t in trees]
        packed = [pack_tree(t) for t in trees]
        replies: list[TreeLogprobs | None] = [None] * len(trees)
        vocabulary = self._model.get_output_embeddings().weight.shape[0]
        batch_rows = max(1, self._logits_bytes // (4 * vocabulary))
        for indices, batch in batches(packed, batch_tokens=self._batch_tokens, batch_rows=batch_rows):
            for index, reply in zip(
                indices, self._score_batch(batch, [trees[i] for i in indices]), strict=True
            ):
                replies[index] = reply
        return [reply for reply in replies if reply is not None]

    def _score_batch(self, batch: PackedBatch, trees: list[ScoreTree]) -> Iterator[TreeLogprobs]:
        began = time.perf_counter()
        results = tree.score_batch(self._model, batch)
        wall_s = time.perf_counter() - began
        for packed, asked, branches in zip(batch.trees, trees, results, strict=True):
            usage = Usage(
                calls=1,
                unshared_tokens=asked.unshared_tokens,
                computed_tokens=len(packed.tokens),
                vocabulary_rows=packed.num_rows,
                flops=self._flops.total(
                    tokens=len(packed.tokens),
                    rows=packed.num_rows,
                    pairs=sum(block.num_pairs for block in packed.blocks),
                ),
                # The batch's time is shared out by tokens: the parts add up to the whole.
                wall_s=wall_s * len(packed.tokens) / batch.num_tokens,
                peak_bytes=peak_bytes(self._device),
            )
            yield TreeLogprobs(branches=tuple(map(tuple, branches)), usage=usage)

    def _score_plain(self, asked: ScoreTree) -> TreeLogprobs:
        began = time.perf_counter()
        branches = naive.score_tree(self._model, asked)
        lengths = [branch.at + len(branch.tokens) for branch in asked.branches]
        usage = Usage(
            calls=1,
            unshared_tokens=asked.unshared_tokens,
            computed_tokens=sum(lengths),
            vocabulary_rows=sum(lengths),
            flops=self._flops.total(
                tokens=sum(lengths), rows=sum(lengths), pairs=sum(n * (n + 1) // 2 for n in lengths)
            ),
            wall_s=time.perf_counter() - began,
            peak_bytes=peak_bytes(self._device),
        )
        return TreeLogprobs(branches=tuple(map(tuple, branches)), usage=usage)

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
        """Sample every request, in order; requests of one call decode side by side."""
        if self._route.path == "tree":
            return self._sample_together(rollout.sample_shared, requests)
        way = self._route.plain_sampling
        if way is None:
            raise UnsupportedModelError(
                "this model can score and cannot sample",
                where=self._name,
                got=self._route.sampling_reason or "",
                hint="Use a method without rollouts.",
            )
        replies: list[Samples] = []
        for batch in _by_rows(requests, SAMPLE_ROWS):
            replies += self._sample_together(SAMPLING_WAYS[way], batch)
        return replies

    def _sample_together(self, way: SamplingWay, requests: Sequence[SampleRequest]) -> list[Samples]:
        began = time.perf_counter()
        drawn = way(self._model, self._endings, requests)
        wall_s = time.perf_counter() - began
        flops = self._flops.total(
            tokens=sum(drawn.num_computed), rows=sum(drawn.num_rows), pairs=drawn.num_pairs
        )
        # Time and arithmetic are shared out by tokens: the parts add up to the whole.
        flops_each = share(flops, drawn.num_computed)
        whole = sum(drawn.num_computed)
        replies = []
        for r, request in enumerate(requests):
            usage = Usage(
                calls=1,
                unshared_tokens=len(request.prompt) * request.num_samples + drawn.num_generated[r],
                computed_tokens=drawn.num_computed[r],
                generated_tokens=drawn.num_generated[r],
                vocabulary_rows=drawn.num_rows[r],
                flops=flops_each[r],
                wall_s=wall_s * drawn.num_computed[r] / whole,
                peak_bytes=peak_bytes(self._device),
            )
            replies.append(Samples(texts=tuple(drawn.texts[r]), finish=tuple(drawn.finish[r]), usage=usage))
        return replies

    def describe(self) -> dict[str, object]:
        """Facts that decide the numbers: model, dtype, attention, path, versions, threads."""
        sizes = parameters(self._model)
        return {
            "model": self._name,
            "architecture": type(self._model).__name__,
            **(self._facts or {"model_digest": digest_of_state(self._model)}),
            "tokenizer_digest": self._tokenizer.digest,
            "parameters": sizes.total,
            "active_parameters": sizes.active,
            "dtype": str(self._model.dtype).removeprefix("torch."),
            "attention": self._model.config._attn_implementation,
            **self._route.facts(),
            "device": self._device.type,
            "device_name": torch.cuda.get_device_name()
            if self._device.type == "cuda"
            else platform.machine(),
            "threads": torch.get_num_threads(),
            "batch_tokens": self._batch_tokens,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        }

    def close(self) -> None:
        """Nothing to release beyond the model itself."""


def _digest(facts: Mapping[str, object] | None) -> str | None:
    return None if facts is None else str(facts["model_digest"])


def peak_bytes(device: torch.device) -> int:
    """The largest memory of a GPU, or of this process, so far."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _by_rows(requests: Sequence[SampleRequest], limit: int) -> Iterator[list[SampleRequest]]:
    """Consecutive requests with at most `limit` samples together; a larger request stands alone."""
    batch: list[SampleRequest] = []
    for request in requests:
        if batch and sum(r.num_samples for r in batch) + request.num_samples > limit:
            yield batch
            batch = []
        batch.append(request)
    if batch:
        yield batch
