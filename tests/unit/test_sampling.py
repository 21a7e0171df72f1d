"""The flow that samples chains: what it asks, and what becomes of the completions and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cpmi.answers import Equivalence
from cpmi.engines.fake import CharacterTokenizer, FakeEngine
from cpmi.errors import ContextTooLongError, CpmiError, RecordError
from cpmi.flows import draw_seed
from cpmi.prompts import Prompter
from cpmi.requests import SampleRequest, Samples
from cpmi.runs.scheduler import run_flows
from cpmi.sampling import Sampler
from cpmi.types import Chain, Problem

PROBLEM = Problem(id="p", question="What is 2 + 2?", gold="4", source="problems.jsonl:1")


def sampler(**changes: Any) -> Sampler:
    facts: dict[str, Any] = {
        "prompter": Prompter(CharacterTokenizer()),
        "equivalence": Equivalence(inline=True),
        "generator": "fake",
    }
    return Sampler(**facts | changes)


def run(
    texts: Sequence[str] | None = None,
    *,
    problem: Problem = PROBLEM,
    engine: FakeEngine | None = None,
    **changes: Any,
) -> tuple[Chain | RecordError, ...] | CpmiError:
    changes.setdefault("num_samples", len(texts or [""]))
    flow = sampler(**changes).sample(problem)
    (outcome,) = run_flows([(problem.id, flow)], engine or FakeEngine(texts=texts))
    return outcome.result


def chains(texts: Sequence[str], **changes: Any) -> list[Chain]:
    made = run(texts, **changes)
    assert not isinstance(made, CpmiError)
    return [chain for chain in made if isinstance(chain, Chain)]


def test_a_completion_becomes_a_chain() -> None:
    (chain,) = chains(["First 2 + 2 = 4.\n\nThe answer is 4."])
    assert chain == Chain(
        id="p/0",
        question="What is 2 + 2?",
        steps=("First 2 + 2 = 4.", "The answer is 4."),
        gold="4",
        answer="4",
        meta={"generator": "fake", "finish": "stop", "final_answer": "same"},
        source="problems.jsonl:1",
    )


@pytest.mark.parametrize(
    ("rule", "steps"), [("auto", ("a\nb", "c")), ("line", ("a", "b", "c")), ("paragraph", ("a\nb", "c"))]
)
def test_steps_are_split_by_the_rule(rule: str, steps: tuple[str, ...]) -> None:
    assert chains(["a\nb\n\nc"], split_steps=rule)[0].steps == steps


@pytest.mark.parametrize(
    ("text", "answer", "verdict", "reason"),
    [
        ("So \\boxed{4}.", "4", "same", False),
        ("So \\boxed{4.0}", "4.0", "same", False),
        ("The answer is 5.", "5", "different", False),
        ("I do not know.", None, "undecided", True),
        ("The answer is 2 * (2) = 4 bolts.", "4 bolts", "same", False),
        ("The answer is 4%.", "4%", "undecided", True),
    ],
)
def test_final_answers_are_compared_with_the_gold(
    text: str, answer: str | None, verdict: str, reason: bool
) -> None:
    (chain,) = chains([text])
    assert (chain.answer, chain.meta["final_answer"]) == (answer, verdict)
    assert ("final_answer_reason" in chain.meta) == reason


def test_without_a_gold_answer_there_is_no_verdict() -> None:
    (chain,) = chains(["The answer is 5."], problem=Problem(id="q", question="?"))
    assert chain.answer == "5"
    assert chain.meta == {"generator": "fake", "finish": "stop"}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is 4. I hope so", "4"),
        ("It is \\boxed{4}", "4"),
        ("The answer is 4", None),  # perhaps of 42
        ("First 2 + 2 = 4. Then we", None),  # a result on the way
    ],
)
def test_of_a_chain_that_was_cut_off_only_what_is_surely_stated_counts(text: str, answer: str | None) -> None:
    (chain,) = chains([text + " and on"], max_tokens=len(text))
    assert chain.meta["finish"] == "length"
    assert "".join(chain.steps) == text
    assert chain.answer == answer
    if answer is None:
        assert chain.meta["final_answer_reason"] == "cut off before an answer was stated"


def test_an_empty_completion_is_an_error_and_the_others_stand() -> None:
    made = run(["4", " \n ", "5"])
    assert not isinstance(made, CpmiError)
    first, empty, last = made
    assert isinstance(first, Chain)
    assert isinstance(last, Chain)
    assert (first.id, last.id) == ("p/0", "p/2")
    assert isinstance(empty, RecordError)
    assert (empty.record_id, empty.what) == ("p/1", "the chain has no step")
    assert "problems.jsonl:1 [p/1]" in str(empty)


class Recording(FakeEngine):
    """Keeps what it was asked."""

    asked: SampleRequest

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
        (self.asked,) = requests
        return super().sample(requests)


@pytest.mark.parametrize(
    ("style", "stop"),
    [
        ("raw", ("\nProblem:", "\nQuestion:")),
        ("short", ("\nProblem:", "\nQuestion:", "\nTask:", "\nExercise:")),
        ("chat", ("</assistant>\n",)),
    ],
)
def test_what_the_model_is_asked(style: Any, stop: tuple[str, ...]) -> None:
    engine = Recording()
    prompter = Prompter(CharacterTokenizer(begin="^"), style)
    run(engine=engine, prompter=prompter, num_samples=3, max_tokens=7, temperature=0.5, top_p=0.9, seed=2)
    asked = engine.asked
    assert asked.prompt == prompter.question(prompter.templates[0], PROBLEM.question)
    assert asked.stop == stop
    assert (asked.num_samples, asked.max_tokens, asked.temperature, asked.top_p) == (3, 7, 0.5, 0.9)
    assert asked.seed == draw_seed(2, "p") != draw_seed(2, "q")


def test_what_follows_the_next_problem_is_not_the_solution() -> None:
    (chain,) = chains(["4\n\nProblem: What is 3 + 3?\n\nSolution:\n6"])
    assert chain.steps == ("4",)


def test_an_empty_terminator_stops_nothing() -> None:
    class Bare(CharacterTokenizer):
        def chat_frame(self, user: str) -> tuple[str, str]:
            return user, ""

    assert Prompter(Bare(), "chat").stop == ()


def test_a_context_too_short_says_what_to_do() -> None:
    error = run(engine=FakeEngine(max_positions=100))
    assert isinstance(error, ContextTooLongError)
    assert "Lower --max-tokens" in str(error)
    assert error.where == "p"
