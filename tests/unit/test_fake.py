"""The shipped fake: deterministic, a function of each request alone, with the cost filled in."""

from __future__ import annotations

import pytest

from cpmi.engines.fake import CharacterTokenizer, FakeEngine, hashed_logprob, hashed_logprobs
from cpmi.requests import Branch, Engine, SampleRequest, ScoreTree, Tokenizer

ENCODE = CharacterTokenizer().encode


def tree(shared_prefix: str, *branches: str) -> ScoreTree:
    tokens = ENCODE(shared_prefix)
    return ScoreTree(
        shared_prefix=tokens, branches=tuple(Branch(at=len(tokens), tokens=ENCODE(text)) for text in branches)
    )


def test_satisfies_the_protocols() -> None:
    engine: Engine = FakeEngine()
    tokenizer: Tokenizer = engine.tokenizer
    assert tokenizer.decode(tokenizer.encode("½ of 3√2\n")) == "½ of 3√2\n"
    header, terminator = tokenizer.chat_frame("hello")
    assert "hello" in header
    assert terminator
    assert CharacterTokenizer(begin="^").prefix == ENCODE("^")


def test_score_depends_neither_on_batch_nor_on_order() -> None:
    trees = [tree("2+2=", "4", "5"), tree("3+3=", "6"), tree("2+2=", "4")]
    together = FakeEngine().score(trees)
    backwards = FakeEngine().score(trees[::-1])[::-1]
    alone = [FakeEngine().score([one])[0] for one in trees]
    assert together == backwards == alone
    assert together[0].branches[0] == together[2].branches[0]
    assert together[0].branches[0] != together[0].branches[1]


def test_score_reads_what_stands_before_a_branch() -> None:
    request = ScoreTree(
        shared_prefix=ENCODE("abc"),
        branches=(Branch(at=2, tokens=ENCODE("xy"), num_context=1), Branch(at=3, tokens=ENCODE("y"))),
    )
    seen: list[str] = []

    def logprob(context: tuple[int, ...], token: int) -> float:
        seen.append("".join(map(chr, context)) + "|" + chr(token))
        return -1.0

    (reply,) = FakeEngine(logprob=logprob).score([request])
    assert reply.branches == ((-1.0,), (-1.0,))
    assert seen == ["abx|y", "abc|y"]


@pytest.mark.parametrize("context", [(), (1, 2, 70_000)])
def test_a_run_of_tokens_has_the_logprob_of_each(context: tuple[int, ...]) -> None:
    tokens = (5, 0, 5, 100_000)
    each = tuple(hashed_logprob(context + tokens[:place], token) for place, token in enumerate(tokens))
    assert hashed_logprobs(context, tokens) == each


def test_hashed_logprob_is_negative_and_spread() -> None:
    values = [hashed_logprob((1, 2), token) for token in range(200)]
    assert all(-8 <= value < 0 for value in values)
    assert len(set(values)) == 200


def test_usage_counts_shared_positions_once() -> None:
    # shared prefix "abc", then x, y and z: 6 positions; "bc" at 1 repeats the shared prefix and is free.
    request = ScoreTree(
        shared_prefix=ENCODE("abc"),
        branches=(
            Branch(at=3, tokens=ENCODE("xy")),
            Branch(at=3, tokens=ENCODE("xz")),
            Branch(at=1, tokens=ENCODE("bc")),
        ),
    )
    usage = FakeEngine().score([request])[0].usage
    assert (usage.unshared_tokens, usage.computed_tokens, usage.vocabulary_rows) == (13, 6, 6)


def test_samples_are_seeded() -> None:
    def draw(seed: int) -> tuple[str, ...]:
        request = SampleRequest(prompt=ENCODE("q"), num_samples=4, max_tokens=8, seed=seed)
        return FakeEngine().sample([request])[0].texts

    assert draw(1) == draw(1) != draw(2)
    assert len(set(draw(1))) > 1
    greedy = SampleRequest(prompt=ENCODE("q"), num_samples=3, max_tokens=8, temperature=0)
    assert len(set(FakeEngine().sample([greedy])[0].texts)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12\n13", ("12", "stop")), ("123456", ("1234", "length")), ("12", ("12", "stop"))],
)
def test_scripted_samples_end_as_a_model_would(text: str, expected: tuple[str, str]) -> None:
    request = SampleRequest(prompt=ENCODE("q"), num_samples=2, max_tokens=4, stop=("\n",))
    (reply,) = FakeEngine(texts=[text, "7"]).sample([request])
    assert (reply.texts[0], reply.finish[0]) == expected
    assert reply.texts[1] == "7"
    assert reply.usage.generated_tokens == len(expected[0]) + 1


def test_texts_by_prompt() -> None:
    engine = FakeEngine(texts=lambda prompt, index: f"{prompt}{index}")
    request = SampleRequest(prompt=ENCODE("q"), num_samples=2, max_tokens=4)
    assert engine.sample([request])[0].texts == ("q0", "q1")
