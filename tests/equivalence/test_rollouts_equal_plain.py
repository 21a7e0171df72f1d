"""The fast way to sample gives the plain way's texts: every architecture, tight bounds, any neighbors."""

from __future__ import annotations

import random

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import tests.tiny_model as tiny  # noqa: E402
from cpmi.engines.transformers import rollout, rollout_cache  # noqa: E402
from cpmi.requests import SampleRequest, Samples  # noqa: E402
from tests.equivalence.test_tree_equals_plain import VOCABULARY, build, engine_of  # noqa: E402

SETTINGS = ((0.0, 1.0), (0.6, 0.95), (1.0, 1.0), (1.3, 0.7))


def chain_requests(rng: random.Random, chain: int) -> list[SampleRequest]:
    """The prefixes of one chain, the same prompt twice among them, with all settings and lengths."""
    shared_prefix = [rng.randrange(VOCABULARY) for _ in range(rng.randint(2, 50))]
    requests = []
    for index in range(5):
        temperature, top_p = rng.choice(SETTINGS)
        requests.append(
            SampleRequest(
                prompt=tuple(shared_prefix),
                num_samples=rng.randint(1, 6),
                max_tokens=rng.choice((1, 9, 33, 70)),
                temperature=temperature,
                top_p=top_p,
                stop=rng.choice(((), ("!", "zz"))),
                seed=100 * chain + index,
            )
        )
        if index != 2:
            shared_prefix += [rng.randrange(VOCABULARY) for _ in range(rng.randint(1, 12))]
    rng.shuffle(requests)
    return requests


def engines(name: str):
    """(fast, plain) over one model, whose token 7 ends a text."""
    model = build(name)
    model.generation_config.eos_token_id = 7
    return engine_of(model), engine_of(model, path="plain")


def outcome(replies: list[Samples]) -> list[tuple[tuple[str, ...], tuple[str, ...], int]]:
    return [(reply.texts, reply.finish, reply.usage.generated_tokens) for reply in replies]


@pytest.mark.parametrize("name", ["llama", "qwen2", "qwen3", "gpt2"])
def test_the_texts_are_the_same(name, monkeypatch):
    """Few small slots and little room for shared prefixes, so that rows wait, move and grow."""
    monkeypatch.setattr(rollout, "MAX_ROWS", 7)
    monkeypatch.setattr(rollout, "PREFILL_TOKENS", 40)
    monkeypatch.setattr(rollout, "SHARED_PREFIX_BYTES", 100 * rollout._bytes_per_token(build(name)))
    monkeypatch.setattr(rollout_cache, "FIRST_CAPACITY", 4)
    fast, plain = engines(name)
    rng = random.Random(1)
    requests = [request for chain in range(6) for request in chain_requests(rng, chain)]
    expected = outcome(plain.sample(requests))
    assert outcome(fast.sample(requests)) == expected
    # The test would be worth little if all rows were alike.
    finishes = [finish for _, finish, _ in expected]
    assert {end for ends in finishes for end in ends} == {"stop", "length"}
    assert len({text for texts, _, _ in expected for text in texts}) > 60


def test_a_wrong_mask_would_show(monkeypatch):
    """If every sample saw its whole shared prefix, and not its own prompt only, the texts would differ."""
    fast, plain = engines("llama")
    requests = chain_requests(random.Random(3), 0)
    expected = outcome(plain.sample(requests))
    assert outcome(fast.sample(requests)) == expected
    made = rollout.Decode

    def decode_all(slots, shared_prefixes, num_visible_B, num_own_B, bundle):
        return made(slots, shared_prefixes, num_visible_B + 1000, num_own_B, bundle)

    monkeypatch.setattr(rollout, "Decode", decode_all)
    assert outcome(fast.sample(requests)) != expected


def test_neither_order_nor_neighbors_change_a_sample():
    fast, _ = engines("llama")
    requests = chain_requests(random.Random(2), 0) + chain_requests(random.Random(4), 1)
    together = outcome(fast.sample(requests))
    assert outcome(fast.sample(requests[::-1]))[::-1] == together
    assert [outcome(fast.sample([request]))[0] for request in requests] == together


def test_each_position_is_computed_once_and_counted_once():
    fast, _ = engines("llama")
    shared_prefix = tuple(range(20, 60))
    requests = [
        SampleRequest(
            prompt=shared_prefix[:length], num_samples=3, max_tokens=6, temperature=1.0, seed=length
        )
        for length in (40, 10, 25, 25)
    ]
    replies = fast.sample(requests)
    # A token is forwarded unless nothing follows it: an end token, or the last of a full sample.
    continued = [
        sum(len(text) - (end == "length") for text, end in zip(reply.texts, reply.finish, strict=True))
        for reply in replies
    ]
    computed = [reply.usage.computed_tokens for reply in replies]
    assert computed == [15 + continued[0], 10 + continued[1], 15 + continued[2], continued[3]]
    rows = [reply.usage.vocabulary_rows for reply in replies]
    assert rows == [1 + continued[0], 1 + continued[1], 1 + continued[2], continued[3]]
    assert sum(reply.usage.flops for reply in replies) > 0


def test_models_with_a_window_are_sampled_the_plain_way():
    plain = engine_of(build("mistral"), path="plain")
    request = SampleRequest(prompt=(1, 2, 3), num_samples=2, max_tokens=5, temperature=1.0)
    assert len(plain.sample([request])[0].texts) == 2


def test_a_short_sample_among_long_ones_ends_alone():
    """The plain way drew on for a row that was full, and ran out of its random numbers."""
    plain = engine_of(build("llama"), path="plain")
    requests = [
        SampleRequest(prompt=(5, 6, 7), num_samples=samples, max_tokens=length, temperature=1.0)
        for samples, length in ((1, 1), (15, 6))
    ]
    alone, among = (reply.usage.generated_tokens for reply in plain.sample(requests))
    assert alone == 1
    assert among > 60


def test_memory_bounds_the_rows_in_flight(monkeypatch):
    monkeypatch.setattr(rollout, "SLOT_BYTES", 40 * rollout._bytes_per_token(tiny.model()))
    engine = tiny.engine()
    seen = []
    step = rollout._Flight.step

    def counted(flight):
        seen.append(len(flight._rows))
        step(flight)

    monkeypatch.setattr(rollout._Flight, "step", counted)
    engine.sample([SampleRequest(prompt=(5,), num_samples=9, max_tokens=10, temperature=1.0)])
    assert max(seen) == 4
