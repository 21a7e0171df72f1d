"""Driving flows: rounds, order, isolation of errors, contexts that are too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cpmi.engines.fake import CharacterTokenizer, FakeEngine
from cpmi.errors import ContextTooLongError, RecordError
from cpmi.flows import Flow, sample, score
from cpmi.requests import Branch, SampleRequest, Samples, ScoreTree, TreeLogprobs
from cpmi.runs.scheduler import run_flows

ENCODE = CharacterTokenizer().encode


class Recorder(FakeEngine):
    """Remembers how many requests every call brought."""

    def __init__(self, *, max_positions: int | None = None) -> None:
        super().__init__(max_positions=max_positions)
        self.calls: list[tuple[str, int]] = []

    def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]:
        self.calls.append(("score", len(trees)))
        return super().score(trees)

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
        self.calls.append(("sample", len(requests)))
        return super().sample(requests)


def tree(text: str) -> ScoreTree:
    return ScoreTree(shared_prefix=ENCODE("q"), branches=(Branch(at=1, tokens=ENCODE(text)),))


def prompt(text: str) -> SampleRequest:
    return SampleRequest(prompt=ENCODE(text), num_samples=1, max_tokens=5)


def asks(name: str, num_rounds: int) -> Flow[list[tuple[float, ...]]]:
    values = []
    for index in range(num_rounds):
        (reply,) = yield from score([tree(f"{name}{index}")])
        values.append(reply.branches[0])
    return values


def expected(name: str, num_rounds: int) -> list[tuple[float, ...]]:
    replies = FakeEngine().score([tree(f"{name}{index}") for index in range(num_rounds)])
    return [reply.branches[0] for reply in replies]


def test_rounds_are_shared_and_outcomes_keep_their_order() -> None:
    engine = Recorder()
    outcomes = run_flows([("a", asks("a", 3)), ("b", asks("b", 1)), ("c", asks("c", 2))], engine)
    assert [outcome.name for outcome in outcomes] == ["a", "b", "c"]
    assert [outcome.result for outcome in outcomes] == [expected("a", 3), expected("b", 1), expected("c", 2)]
    assert engine.calls == [("score", 3), ("score", 2), ("score", 1)]


def test_trees_and_samples_of_one_round_reach_the_right_flows() -> None:
    def samples_first(text: str) -> Flow[str]:
        (drawn,) = yield from sample([prompt(text)])
        (scored,) = yield from score([tree(drawn.texts[0])])
        return f"{drawn.texts[0]} {scored.branches[0]}"

    def alone(text: str) -> str:
        drawn = FakeEngine().sample([prompt(text)])[0].texts[0]
        return f"{drawn} {FakeEngine().score([tree(drawn)])[0].branches[0]}"

    engine = Recorder()
    outcomes = run_flows([("x", samples_first("x")), ("t", asks("t", 2)), ("y", samples_first("y"))], engine)
    assert [outcome.result for outcome in outcomes] == [alone("x"), expected("t", 2), alone("y")]
    assert engine.calls == [("score", 1), ("sample", 2), ("score", 3)]


def test_mixed_requests_of_one_flow_keep_their_order() -> None:
    def mixed() -> Flow[list[str]]:
        replies = yield (tree("a"), prompt("p"), tree("b"))
        return [type(reply).__name__ for reply in replies]

    (outcome,) = run_flows([("m", mixed())], FakeEngine())
    assert outcome.result == ["TreeLogprobs", "Samples", "TreeLogprobs"]


def test_usage_is_the_sum_of_the_replies() -> None:
    two, none = run_flows([("two", asks("two", 2)), ("none", asks("none", 0))], FakeEngine())
    assert two.usage.calls == 2
    assert two.usage.unshared_tokens == 2 * len("qtwo0")
    assert none.usage.calls == 0


def test_a_flow_may_ask_for_nothing() -> None:
    def idle() -> Flow[str]:
        replies = yield ()
        return f"{len(replies)} replies"

    engine = Recorder()
    (outcome,) = run_flows([("idle", idle())], engine)
    assert outcome.result == "0 replies"
    assert engine.calls == []
    assert run_flows([], engine) == []


def test_one_error_leaves_the_others_alone() -> None:
    def fails(num_rounds: int) -> Flow[list[tuple[float, ...]]]:
        yield from asks("f", num_rounds)
        raise RecordError("bad")

    early, good, late = run_flows(
        [("early", fails(0)), ("good", asks("g", 3)), ("late", fails(2))], FakeEngine()
    )
    assert isinstance(early.result, RecordError)
    assert isinstance(late.result, RecordError)
    assert str(late.result) == "late: bad"
    assert late.usage.calls == 2
    assert good.result == expected("g", 3)


def test_a_bug_is_not_a_bad_record() -> None:
    closed = []

    def waits() -> Flow[None]:
        try:
            yield from asks("w", 5)
        finally:
            closed.append(True)

    def breaks() -> Flow[None]:
        yield from asks("b", 1)
        raise KeyError("bug")

    with pytest.raises(KeyError):
        run_flows([("waits", waits()), ("breaks", breaks())], FakeEngine())
    assert closed == [True]


def test_a_context_too_long_ends_its_own_flow_only() -> None:
    long, short = run_flows(
        [("long", asks("1234567890", 1)), ("short", asks("1", 2))], Recorder(max_positions=10)
    )
    assert isinstance(long.result, ContextTooLongError)
    assert "long: " in str(long.result)
    assert "12 tokens" in str(long.result)
    assert "at most 10" in str(long.result)
    assert long.usage.calls == 0
    assert short.result == expected("1", 2)


def test_a_flow_may_catch_the_error_and_ask_for_less() -> None:
    def retreats() -> Flow[str]:
        for length in (30, 20, 3):
            try:
                yield from score([tree("x" * length)])
            except ContextTooLongError:
                continue
            return f"fits with {length}"
        return "never"

    def gives_up() -> Flow[str]:
        try:
            yield from sample([SampleRequest(prompt=ENCODE("p"), num_samples=1, max_tokens=99)])
        except ContextTooLongError:
            return "gave up"
        return "never"

    engine = Recorder(max_positions=10)
    first, second = run_flows([("r", retreats()), ("g", gives_up())], engine)
    assert (first.result, second.result) == ("fits with 3", "gave up")
    assert engine.calls == [("score", 1)]


def test_every_role_is_answered_by_its_own_engine() -> None:
    def mixed() -> Flow[list[str]]:
        proving = replace(prompt("p"), role="prover")
        first, tried, second = yield (prompt("p"), proving, replace(prompt("q"), seed=1))
        assert all(isinstance(reply, Samples) for reply in (first, tried, second))
        return [reply.texts[0] for reply in (first, tried, second) if isinstance(reply, Samples)]

    policy, prover = FakeEngine(texts=["by A", "unused"]), FakeEngine(texts=["by B"])
    (outcome,) = run_flows([("m", mixed())], {"policy": policy, "prover": prover})
    assert outcome.result == ["by A", "by B", "by A"]
    assert outcome.usage.calls == 3
    # One engine plays every role.
    (alone,) = run_flows([("m", mixed())], policy)
    assert alone.result == ["by A"] * 3


def test_the_context_that_counts_is_that_of_the_role() -> None:
    def proves(length: int) -> Flow[str]:
        (reply,) = yield from sample([replace(prompt("p" * length), role="prover")])
        return reply.texts[0]

    engines = {"policy": FakeEngine(max_positions=3), "prover": FakeEngine(max_positions=9, name="long")}
    fits, too_long = run_flows([("a", proves(4)), ("b", proves(5))], engines)
    assert isinstance(fits.result, str)
    assert "at most 9, the context of long" in str(too_long.result)


def test_an_engine_that_loses_replies_is_a_bug() -> None:
    class Forgetful(FakeEngine):
        def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]:
            return super().score(trees)[1:]

    with pytest.raises(ValueError, match="zip"):
        run_flows([("a", asks("a", 1))], Forgetful())
