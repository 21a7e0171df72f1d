"""`binary_search` and `pav` equal loops written from their definitions, over the plain path."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tests.tiny_model as tiny
from cpmi.answers import Equivalence, extract_answer
from cpmi.engines.transformers import TransformersEngine
from cpmi.flows import draw_seed
from cpmi.languages import ENGLISH
from cpmi.requests import SampleRequest
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain, Relation
from tests.methods import make_method

STOP = ("\nProblem:", "\nQuestion:")
NUM_ROLLOUTS = 8


def engine(seed: int, path: str):
    return TransformersEngine(tiny.model(seed=seed), tiny.tokenizer(), name=f"tiny-{seed}", path=path)


def success(plain, equivalence: Equivalence, chain: Chain, prefix: int, record: str) -> float:
    """Share of the decided rollouts after `prefix` steps that end at the gold."""
    encode = plain.tokenizer.encode
    prompt = encode(f"{ENGLISH.templates[0]}\n\nProblem: {chain.question}\n\nSolution:\n")
    shown = ""
    for step in chain.steps[:prefix]:
        prompt, shown = prompt + encode(step + "\n"), shown + step + "\n"
    request = SampleRequest(
        prompt=prompt,
        num_samples=NUM_ROLLOUTS,
        max_tokens=80,
        temperature=0.6,
        top_p=0.95,
        stop=STOP,
        seed=draw_seed(0, f"{record}/{prefix}"),
    )
    (reply,) = plain.sample([request])
    right = decided = 0
    for text, finish in zip(reply.texts, reply.finish, strict=True):
        found = extract_answer(shown + text)
        relation = None if found is None else equivalence.compare(chain.gold, found.text).relation
        if finish == "stop" and relation is not Relation.UNDECIDED:
            decided += 1
            right += relation is Relation.SAME
    return right / decided


def labels_of(method: str, chain: Chain, engines, policy, prover=None, **options):
    with Equivalence() as equivalence:
        labeler = make_method(
            method,
            policy.tokenizer,
            equivalence=equivalence,
            second={} if prover is None else {"prover": prover.tokenizer},
            rollouts=NUM_ROLLOUTS,
            max_tokens=80,
            **options,
        )
        return run_flows([("t", labeler.label(chain))], engines)[0].result


# The tiny model keeps to the answer that its prefix states, where it has stated one.
STATED = {"4": "The answer is 4.", "5": "The answer is 5.", "": "Let us see."}


@pytest.mark.parametrize("said", ["44445", "44555", "45555", "44444"])
def test_binary_search_equals_the_loop(said):
    fast, plain = engine(0, "tree"), engine(0, "plain")
    steps = tuple(STATED[answer] for answer in said)
    chain = Chain(id="c7", question="How many?", steps=steps, gold="4")
    labels = labels_of("binary_search", chain, fast, fast)
    with Equivalence() as equivalence:
        known, failing = 0, len(steps)
        if success(plain, equivalence, chain, failing, "c7"):
            known, failing = len(steps), len(steps) + 1
        while failing - known > 1:
            middle = (known + failing) // 2
            if success(plain, equivalence, chain, middle, "c7"):
                known = middle
            else:
                failing = middle
    assert labels.values == tuple(float(index + 1 < failing) for index in range(len(steps)))
    assert labels.values == tuple(float(answer == "4") for answer in said)


@pytest.mark.parametrize("own", [False, True])
def test_pav_equals_the_loop(own):
    policy, plain_policy = engine(0, "tree"), engine(0, "plain")
    chain = Chain(id="c7", question="How many?", steps=("2 + 2 = 4.", "So 4.", "The answer is 5."), gold="4")
    prefixes = range(len(chain.steps) + 1)
    if own:
        prover, plain_prover = engine(1, "tree"), engine(1, "plain")
        engines = {"policy": policy, "prover": prover}
        labels = labels_of("pav", chain, engines, policy, prover, alpha=0.5)
    else:
        labels = labels_of("pav", chain, policy, policy, alpha=0.5, best_of=3)
    with Equivalence() as equivalence:
        value = [success(plain_policy, equivalence, chain, p, "c7") for p in prefixes]
        if own:
            proved = [success(plain_prover, equivalence, chain, p, "c7/prover") for p in prefixes]
        else:
            proved = [1 - (1 - q) ** 3 for q in value]
    expected = [value[i] + 0.5 * (proved[i] - proved[i - 1]) for i in prefixes[1:]]
    assert labels.values == pytest.approx(expected, abs=1e-12)
    assert len(set(expected)) > 1  # else the test would be worth little
