"""A short test of a model's paths against its plain scores, made when an engine is made."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
import transformers

from cpmi.digests import digest_of_bytes
from cpmi.engines.transformers import naive, rollout, tree
from cpmi.engines.transformers.endings import Draw, Drawn, Endings, Row, draw_for
from cpmi.engines.transformers.finite import expect_numbers
from cpmi.engines.transformers.pack import batches, pack_tree
from cpmi.engines.transformers.routes import Asked, Route, cannot_branch, plain_ways, route_by_config
from cpmi.engines.transformers.unpadded import SAMPLING_WAYS
from cpmi.engines.transformers.user_cache import add_to_table, read_table
from cpmi.errors import CpmiError, UnsupportedModelError
from cpmi.requests import Branch, SampleRequest, ScoreTree

TABLE = "selftests"
_PACKAGE = Path(__file__).parents[2]
NUM_TOKENS = 36

TOLERANCE_NAT = {"float32": 1e-3, "float16": 0.1, "bfloat16": 0.5}
"""Of one token's log-probability. In the half types rounding alone moves it by up to a tenth of this in most
models, and by more than this in some: see `own_noise`."""
NOISE_MULTIPLE = 3
"""How many times a model's own noise the tree path may be off by, where that is more than the tolerance."""
MOST_TOLERANCES = 3
"""What is off by more than so many tolerances is wrong, whatever the noise: wrong positions and masks move a
score by 2 to 8 nat in bfloat16. Siblings that see each other move it by 0.1 to 0.3 nat: float32 shows it."""

FAILURES = (
    AssertionError, AttributeError, ImportError, LookupError, RuntimeError, TypeError, ValueError,
)  # fmt: skip
"""What modules of transformers and torch raise where they are not made for such a call: other arguments,
outputs or shapes, a kernel that is not installed. Errors and assertions of cpmi are not among them."""

_TEXT = (
    "Problem: A crate holds 12 bottles. Mia fills 3 crates and drops 5 bottles. How many are left?\n\n"
    "Three crates hold 3 * 12 = 36 bottles.\n"
)


def tested_route(model: Any, tokenizer: Any, asked: Asked, *, name: str, digest: str | None) -> Route:
    """The route of a model: by its config, then by a short test of tree against plain.

    The test scores some tokens of 6 branches and samples 4 tokens of 6 rows. With a digest its outcome is
    kept in the user's cache, by model, versions, dtype, device and path; a crash is not kept.

    Args:
        model: in eval mode, on its device.
        tokenizer: of transformers.
        asked: the path.
        name: of the model, for errors.
        digest: of the model; None keeps nothing.

    Raises:
        UnsupportedModelError: the tree path was asked for and is wrong, or the plain path is wrong too.
        NotANumberError: the model computes NaN.
    """
    route = route_by_config(model, asked, name=name)
    check = partial(_cached, model, tokenizer, digest)
    if route.path == "tree":
        found = check("tree")
        if found["reason"] is None:
            return route
        if asked == "tree":
            raise cannot_branch(name, str(found["reason"]))
        route = replace(route, path="plain", reason=str(found["reason"]))
    found = check("plain")
    if found["reason"] is not None:
        raise UnsupportedModelError("no path computes this model", where=name, got=str(found["reason"]))
    return replace(route, plain_sampling=found["sampling"], sampling_reason=found["sampling_reason"])


def _cached(model: Any, tokenizer: Any, digest: str | None, path: str) -> dict[str, Any]:
    device = next(model.parameters()).device.type
    versions = (torch.__version__, transformers.__version__, _own_digest())
    facts = (digest, path, model.dtype, device, model.config._attn_implementation, *versions)
    key = " ".join(map(str, facts))
    known = read_table(TABLE).get(key) if digest else None
    if isinstance(known, dict) and known.keys() == {"reason", "sampling", "sampling_reason"}:
        return known
    check = check_tree if path == "tree" else check_plain
    found = check(model, Endings(model, tokenizer), _test_tokens(model, tokenizer))
    if digest and not any("fails: " in str(reason) for reason in found.values()):  # may be for want of memory
        add_to_table(TABLE, {key: found})
    return found


@cache
def _own_digest() -> str:
    """Of the code that is tested, which may change between two versions."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return digest_of_bytes(b"".join(file.read_bytes() for file in files))[:16]


def _test_tokens(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """Of a short text; those for which a small model has no place are folded."""
    ids = tokenizer(_TEXT, add_special_tokens=False).input_ids
    size = model.config.get_text_config().vocab_size
    return tuple(token % size for token in (ids * NUM_TOKENS)[:NUM_TOKENS])


def _prompts(tokens: Sequence[int]) -> list[tuple[int, ...]]:
    """Of three lengths; the second begins the first."""
    return [tuple(tokens[part]) for part in (slice(14), slice(9), slice(20, 25))]


def check_tree(model: Any, endings: Endings, tokens: Sequence[int]) -> dict[str, Any]:
    """Score and sample by the tree path.

    Args:
        model: in eval mode.
        endings: of its texts.
        tokens: NUM_TOKENS of them.

    Returns:
        "reason": what is wrong, or None; "sampling" and "sampling_reason" are None.
    """
    reason = _failure("scoring", partial(_tree_scores_differ, model, tokens)) or _failure(
        "sampling",
        partial(samples_differ, rollout.sample_shared, model, endings, _prompts(tokens), noise_of=tokens),
    )
    return {"reason": reason, "sampling": None, "sampling_reason": None}


def check_plain(model: Any, endings: Endings, tokens: Sequence[int]) -> dict[str, Any]:
    """Whether the plain path computes the model as a causal one, and which way of sampling agrees with it.

    Args:
        model: in eval mode.
        endings: of its texts.
        tokens: NUM_TOKENS of them.

    Returns:
        "reason": what is wrong with scoring, or None; "sampling": the first right way, or None;
        "sampling_reason": what is wrong with the first one, if none is right.
    """
    found: dict[str, Any] = {"reason": None, "sampling": None, "sampling_reason": None}
    found["reason"] = _failure("scoring", partial(_later_tokens_matter, model, tokens))
    if found["reason"] is None:
        failures = []
        for way in plain_ways(model):
            sample = SAMPLING_WAYS[way]
            test = partial(samples_differ, sample, model, endings, _prompts(tokens))
            with _short_windows(model):
                failure = _failure("sampling", test)
            if failure is None:
                return {**found, "sampling": way}
            failures.append(failure)
        found["sampling_reason"] = failures[-1]
    return found


@contextmanager
def _short_windows(model: Any) -> Iterator[None]:
    """Shorten the windows of the config, where masks and caches read them, so that the test is longer."""
    config = model.config.get_text_config()
    windows = {name: getattr(config, name, None) for name in ("sliding_window", "attention_chunk_size")}
    before = {name: window for name, window in windows.items() if isinstance(window, int)}
    try:
        for name in before:
            setattr(config, name, 6)
        yield
    finally:
        for name, window in before.items():
            setattr(config, name, window)


def _failure(what: str, test: Callable[[], str | None]) -> str | None:
    """What a test found wrong, a crash included."""
    try:
        found = test()
    except FAILURES as error:
        if _is_own(error):
            raise
        text = " ".join(str(error).split())[:200]
        return f"{what} fails: {type(error).__name__}: {text}"
    return None if found is None else f"{what}: {found}"


def _is_own(error: Exception) -> bool:
    """Whether it says something of cpmi or of the weights, and not of the architecture."""
    if isinstance(error, AssertionError):
        return Path(traceback.extract_tb(error.__traceback__)[-1].filename).is_relative_to(_PACKAGE)
    return isinstance(error, CpmiError) and not isinstance(error, UnsupportedModelError)


def _later_tokens_matter(model: Any, tokens: Sequence[int]) -> str | None:
    whole = naive.score_sequence(model, tuple(tokens))
    for length in (NUM_TOKENS // 3, NUM_TOKENS - 1):
        alone = naive.score_sequence(model, tuple(tokens[:length]))
        if reason := _differing(model, alone, whole[: length - 1], "a token's score depends on later tokens"):
            return reason
    return None


def _tree_scores_differ(model: Any, tokens: Sequence[int]) -> str | None:
    """Two trees in one row: shared leading tokens, a repeated shared prefix, contexts, an offset."""
    t = tuple(tokens)
    first = ScoreTree(
        shared_prefix=t[:20],
        branches=(
            Branch(at=20, tokens=t[20:26], num_context=2),
            Branch(at=20, tokens=t[20:22] + t[5:8], num_context=2),
            Branch(at=9, tokens=t[26:31], num_context=2),
            Branch(at=12, tokens=t[12:16] + t[2:4], num_context=4),
        ),
    )
    second = ScoreTree(
        shared_prefix=t[8:18], branches=(Branch(at=10, tokens=t[30:33]), Branch(at=4, tokens=t[33:36]))
    )
    trees = [first, second]
    ((_, batch),) = batches([pack_tree(one) for one in trees], batch_tokens=10**6, batch_rows=10**6)
    for one, scored in zip(trees, tree.score_batch(model, batch), strict=True):
        for fast, slow in zip(scored, naive.score_tree(model, one), strict=True):
            if reason := _differing(
                model, fast, slow, "the tree path's scores differ from the plain ones", t
            ):
                return reason
    return None


def samples_differ(
    way: Callable[[Any, Endings, Sequence[SampleRequest], Draw], Drawn],
    model: Any,
    endings: Endings,
    prompts: Sequence[tuple[int, ...]],
    *,
    max_tokens: int = 4,
    noise_of: Sequence[int] = (),
) -> str | None:
    """Compare the probability with which a way of sampling drew each token with its plain score.

    Args:
        way: of sampling.
        model: in eval mode.
        endings: of its texts.
        prompts: two samples are drawn for each.
        max_tokens: of a sample.
        noise_of: tokens on which the noise of the model is measured; none allow the tolerance alone.

    Returns:
        What is wrong, or None.
    """
    requests = [
        SampleRequest(prompt=prompt, num_samples=2, max_tokens=max_tokens, temperature=1.0, seed=seed)
        for seed, prompt in enumerate(prompts)
    ]
    seen: dict[int, tuple[Row, list[int], list[float]]] = {}

    def watch(rows: Sequence[Row], logits_BV: torch.Tensor) -> list[int]:
        drawn = draw_for(rows, logits_BV)
        logprobs_BV = logits_BV.float() - logits_BV.float().logsumexp(-1, keepdim=True)
        for row, token, logprobs_V in zip(rows, drawn, logprobs_BV, strict=True):
            _, before, logprobs = seen.setdefault(id(row), (row, [], []))
            before.append(token)
            logprobs.append(float(logprobs_V[token]))
        return drawn

    way(model, endings, requests, watch)
    assert len(seen) == sum(request.num_samples for request in requests)
    for row, drawn, logprobs in seen.values():
        plain = naive.score_sequence(model, row.request.prompt + tuple(drawn))[-len(drawn) :]
        if reason := _differing(
            model, logprobs, plain, "samples are drawn from other than the plain scores", noise_of
        ):
            return reason
    return None


def own_noise(model: Any, tokens: Sequence[int]) -> float:
    """How far plain scores of the same tokens are apart, alone and as the beginning of more; nat."""
    whole = naive.score_sequence(model, tuple(tokens))
    parts = [naive.score_sequence(model, tuple(tokens[:n])) for n in range(9, len(tokens), 6)]
    return max((abs(a - b) for part in parts for a, b in zip(part, whole, strict=False)), default=0.0)


def _differing(
    model: Any, found: Sequence[float], plain: Sequence[float], what: str, tokens: Sequence[int] = ()
) -> str | None:
    """What is wrong if two scores of the same tokens are too far apart.

    Args:
        tokens: the noise of the model is measured on; none allow the tolerance alone.
    """
    expect_numbers(plain, "log-probabilities", dtype=model.dtype)
    if not all(map(math.isfinite, found)):
        return f"{what}: they are not finite"
    tolerance = TOLERANCE_NAT[str(model.dtype).removeprefix("torch.")]
    largest = max(abs(a - b) for a, b in zip(found, plain, strict=True))
    if largest > tolerance and tokens and model.dtype != torch.float32:
        tolerance = min(
            max(tolerance, NOISE_MULTIPLE * own_noise(model, tokens)), MOST_TOLERANCES * tolerance
        )
    return None if largest <= tolerance else f"{what} by up to {largest:.2g} nat"
