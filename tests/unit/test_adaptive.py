"""Adaptive labels: never beyond the budget, no rollout where all is settled, the error found elsewhere."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpmi.answers import Equivalence
from cpmi.engines.fake import CharacterTokenizer, FakeEngine
from cpmi.errors import ContextTooLongError, RecordError
from cpmi.flows import Flow, score
from cpmi.methods.adaptive import AT_ONCE, BASE_RATE, ROOM, SETTLED, SLACK, Adaptive
from cpmi.methods.monte_carlo import MonteCarlo
from cpmi.methods.rollouts import Rollouts
from cpmi.methods.spending import Meter, bound, full_cost, tokens_to_come
from cpmi.prompts import Prompter
from cpmi.requests import Branch, Engine, SampleRequest, Samples, ScoreTree
from cpmi.runs.scheduler import Outcome, run_flows
from cpmi.types import Chain, Origin, StepLabels
from tests import tiny_model
from tests.methods import make_method, make_rollouts

CHAIN = Chain(
    id="t",
    question="A crate holds 12 bottles. Mia fills 3 crates and drops 5. How many are left?",
    steps=(
        "Three crates hold 3 * 12 = 36 bottles.",
        "Mia drops 5 of them.",
        "That leaves 36 - 5 = 33 bottles.",
        "So 33 bottles are left.",
        "The answer is 33.",
    ),
    gold="31",
)
FIRST_ERROR = 2
RIGHT, WRONG = "So the answer is 31.", "So the answer is 33."
UNLIMITED = 1000.0


class Stub:
    """The first pass: fixed log-odds, for the price of one forward of the chain with short branches."""

    name = "stub"
    columns = ()
    needs_gold = True

    def __init__(
        self,
        prompter: Prompter,
        values: Sequence[float | None],
        *,
        unit: str = "log-odds",
        num_rounds: int = 1,
    ) -> None:
        self._prompter, self._values, self._unit, self._num_rounds = prompter, values, unit, num_rounds

    def label(self, chain: Chain) -> Flow[StepLabels]:
        question = self._prompter.question(self._prompter.templates[0], chain.question)
        shared_prefix = question + tuple(t for step in chain.steps for t in self._prompter.step(step))
        answers = [self._prompter.answer(text) for text in ("31", "3", "313")]
        branches = tuple(
            Branch(at=at, tokens=answer)
            for at in range(len(question), len(shared_prefix), 7)
            for answer in answers
        )
        for _ in range(self._num_rounds):
            yield from score([ScoreTree(shared_prefix=shared_prefix, branches=branches)])
        values = tuple(self._values[: len(chain.steps)])
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=values,
            unit=self._unit,
            abstained={i: "unsure" for i, value in enumerate(values) if value is None},
        )


class Recorder(FakeEngine):
    """Remembers the sample requests."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asked: list[SampleRequest] = []

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
        self.asked += requests
        return super().sample(requests)


def informative(prompt: str, _: int) -> str:
    """A policy that goes right unless the prompt shows the wrong step."""
    return WRONG if CHAIN.steps[FIRST_ERROR] in prompt else RIGHT


@cache
def equivalence() -> Equivalence:
    return Equivalence(inline=True)


def rollouts(tokenizer: Any = None, **options: Any) -> Rollouts:
    prompter = Prompter(tokenizer or CharacterTokenizer(), "short")
    return make_rollouts(equivalence(), prompter=prompter, **options)


def adaptive(first: Stub, drawing: Rollouts, budget: float) -> Adaptive:
    """The method with another first pass, on the tokenizer and with the options of some rollouts."""
    return make_method(
        Adaptive,
        drawing.prompter.tokenizer,
        equivalence=drawing.equivalence,
        prompt="short",
        seed=drawing.seed,
        budget_share=budget,
        extra={"first": first},
        budget="100%",
        **drawing.options.model_dump(),
    )


def run(
    values: Sequence[float | None],
    engine: Engine | None = None,
    *,
    budget: float = UNLIMITED,
    chain: Chain = CHAIN,
    num_rounds: int = 1,
    **options: Any,
) -> Outcome[StepLabels]:
    engine = engine or Recorder(texts=informative)
    drawing = rollouts(engine.tokenizer, **options)
    first = Stub(drawing.prompter, values, num_rounds=num_rounds)
    (outcome,) = run_flows([("t", adaptive(first, drawing, budget).label(chain))], engine)
    return outcome


def labels_of(outcome: Outcome[StepLabels]) -> StepLabels:
    assert isinstance(outcome.result, StepLabels), outcome.result
    return outcome.result


def test_full_cost_is_the_chain_and_rollouts_of_its_own_length() -> None:
    drawing = rollouts(rollouts=3, max_tokens=60)
    question = len(drawing.prompter.question_text("Problem:", CHAIN.question))
    lengths = [len(step) + 1 for step in CHAIN.steps]
    expected = question + sum(lengths)
    for prefix in range(1, 6):
        expected += 3 * min(60, sum(lengths[prefix:]) + 1)
    assert full_cost(drawing, CHAIN) == expected
    assert tokens_to_come(drawing, CHAIN)[-3:] == [sum(lengths[4:]) + lengths[3] + 1, lengths[4] + 1, 1]


def test_full_cost_is_near_what_monte_carlo_computes() -> None:
    def rest_of_the_chain(prompt: str, _: int) -> str:
        return "\n".join(step for step in CHAIN.steps if step not in prompt)

    engine = FakeEngine(texts=rest_of_the_chain)
    (outcome,) = run_flows([("t", make_method(MonteCarlo, prompt="short").label(CHAIN))], engine)
    # The fake engine shares no prompt between requests.
    prompts = [len(request.prompt) for request in rollouts().requests(CHAIN, range(1, 6))]
    computed = outcome.usage.computed_tokens - sum(prompts) + prompts[-1]
    assert computed == pytest.approx(full_cost(rollouts(), CHAIN), rel=0.05)


def test_a_settled_chain_asks_for_no_rollout() -> None:
    engine = Recorder(texts=informative)
    values = [6.0, 6.0, -6.0, 1.0, 1.0]
    labels = labels_of(run(values, engine))
    assert engine.asked == []
    assert labels.parts["rollouts"] == (0,) * 5
    assert labels.parts["first"] == tuple(values)
    assert max(labels.parts["belief"]) >= SETTLED
    assert labels.parts["belief"][FIRST_ERROR] == max(labels.parts["belief"])
    errors = labels.parts["belief"][:-1]
    assert labels.values == pytest.approx([math.log((1 - p) / p) for p in errors])


def test_an_undecided_chain_is_settled_by_an_informative_policy() -> None:
    engine = Recorder(texts=informative)
    labels = labels_of(run([1.5] * 5, engine))
    belief = labels.parts["belief"]
    assert belief.index(max(belief)) == FIRST_ERROR
    assert sum(belief) == pytest.approx(1)
    assert min(range(5), key=lambda i: labels.values[i]) == FIRST_ERROR
    assert (labels.values[FIRST_ERROR] or 0) < 0
    full = 8 * len(CHAIN.steps)
    assert 0 < sum(labels.parts["rollouts"]) < full
    assert sum(request.num_samples for request in engine.asked) == sum(labels.parts["rollouts"])
    assert labels.unit == "log-odds"
    assert tuple(labels.parts) == Adaptive.columns
    assert [(c.text, c.origin) for c in labels.candidates] == [("31", Origin.GOLD)]


@pytest.mark.parametrize("error", range(5))
def test_with_an_unlimited_budget_a_failing_prefix_is_found(error: int) -> None:
    def fails_after(prompt: str, _: int) -> str:
        return WRONG if CHAIN.steps[error] in prompt else RIGHT

    labels = labels_of(run([1.5] * 5, Recorder(texts=fails_after)))
    belief = labels.parts["belief"]
    assert belief.index(max(belief)) == error
    assert labels.parts["rollouts"][error]
    assert labels.parts["successes"][error] == 0


def test_a_sound_chain_is_found_sound() -> None:
    sound = replace(CHAIN, steps=(*CHAIN.steps[:2], "That leaves 36 - 5 = 31 bottles.", "The answer is 31."))
    labels = labels_of(run([1.5] * 5, Recorder(texts=[RIGHT]), chain=sound))
    assert max(labels.parts["belief"]) == labels.parts["belief"][-1]
    assert min(value for value in labels.values if value is not None) > 1.5


@pytest.mark.parametrize(
    ("last", "answer", "sound", "broken"),
    [
        ("The answer is 31.", None, 0.98, 0.08),
        ("The answer is 33.", None, 0.02, 0.92),
        ("Let us see.", "31", 0.98, 0.08),
        ("Let us see.", None, 1, 1),
    ],
)
def test_the_own_answer_is_taken_in(last, answer, sound, broken) -> None:
    """By hand: P(error) is 1/2 before; the chance of the outcome without an error, and with one."""
    chain = replace(CHAIN, steps=(last,), answer=answer)
    engine = Recorder(texts=["x" * 10_000])  # cut off, so that the rollouts say nothing
    labels = labels_of(run([0.0], engine, chain=chain))
    assert labels.parts["belief"] == pytest.approx((broken / (sound + broken), sound / (sound + broken)))
    assert labels.values[0] == pytest.approx(math.log(sound / broken))
    settled = max(sound, broken) / (sound + broken) >= SETTLED
    assert labels.parts["rollouts"] == labels.parts["cut_off"] == ((0,) if settled else (8,))


def test_a_step_without_a_first_value_gets_the_base_rate() -> None:
    labels = labels_of(run([6.0, None, -6.0, 6.0, None]))
    assert labels.parts["first"][1] == labels.parts["first"][4] == pytest.approx(math.log(1 / BASE_RATE - 1))
    assert None not in labels.values


def test_values_are_clipped() -> None:
    labels = labels_of(run([900.0, -900.0, 900.0, 900.0, 900.0]))
    assert labels.values[:2] == (20.0, -20.0)


def test_visits_are_small_differ_and_end() -> None:
    def useless(_: str, index: int) -> str:
        return RIGHT if index % 2 else WRONG

    engine = Recorder(texts=useless)
    labels = labels_of(run([0.0, 3.0, 3.0, 0.0, 3.0], engine, rollouts=6))
    assert all(request.num_samples <= AT_ONCE for request in engine.asked)
    assert all(count <= 6 for count in labels.parts["rollouts"])
    assert len({request.seed for request in engine.asked}) == len(engine.asked)
    needed = tokens_to_come(rollouts(), CHAIN)
    assert {request.max_tokens for request in engine.asked} <= {SLACK * n + ROOM for n in needed}
    again = Recorder(texts=useless)
    run([0.0, 3.0, 3.0, 0.0, 3.0], again, rollouts=6)
    assert engine.asked == again.asked


def test_first_visits_draw_what_monte_carlo_draws() -> None:
    engine = Recorder(texts=informative)
    run([1.5] * 5, engine, seed=3)
    seeds = {request.prompt: request.seed for request in rollouts(seed=3).requests(CHAIN, range(1, 6))}
    assert seeds[engine.asked[0].prompt] == engine.asked[0].seed


def test_cut_off_rollouts_say_nothing_and_count() -> None:
    endless = Recorder(texts=["x" * 10_000])
    labels = labels_of(run([1.0] * 5, endless))
    assert labels.parts["rollouts"] == labels.parts["cut_off"] == (8,) * 5
    none = labels_of(run([1.0] * 5, endless, budget=refused_budget([1.0] * 5)))
    assert labels.parts["belief"] == none.parts["belief"]


def refused_budget(values: Sequence[float | None], engine: Engine | None = None, **options: Any) -> float:
    """The smallest budget, as the refusal says it."""
    outcome = run(values, engine, budget=1e-6, **options)
    assert isinstance(outcome.result, RecordError)
    assert outcome.usage.calls == 0
    found = re.search(r"--budget that would do for this chain is ([\d.]+)%", str(outcome.result))
    assert found is not None
    return float(found[1]) / 100


def test_a_budget_that_is_too_small_for_the_first_pass_is_refused() -> None:
    outcome = run([1.0] * 5, budget=0.01)
    assert isinstance(outcome.result, RecordError)
    assert outcome.result.record_id == "t"
    assert "the budget is too small for the first pass over the chain" in str(outcome.result)
    assert "--on-error skip" in str(outcome.result)
    assert not re.search(r"\d", outcome.result.what)  # so that like rejects are counted together


@pytest.mark.parametrize("num_rollouts", [1, 2, 3, 7, 8, 29])
def test_the_budget_that_the_refusal_names_will_do(num_rollouts: int) -> None:
    smallest = refused_budget([1.0] * 5, rollouts=num_rollouts)
    assert isinstance(run([1.0] * 5, budget=smallest, rollouts=num_rollouts).result, StepLabels)
    less = run([1.0] * 5, budget=smallest - 0.002, rollouts=num_rollouts)
    assert isinstance(less.result, RecordError)


def test_a_first_pass_of_several_rounds_is_metered_in_every_one() -> None:
    one = refused_budget([1.0] * 5)
    outcome = run([1.0] * 5, budget=one * 1.5, num_rounds=2)
    assert isinstance(outcome.result, RecordError)
    assert outcome.usage.calls == 1
    assert isinstance(run([1.0] * 5, budget=one * 2.1, num_rounds=2).result, StepLabels)


def limit_of(engine: Engine, budget: float, chain: Chain = CHAIN, **options: Any) -> float:
    return budget * full_cost(rollouts(engine.tokenizer, **options), chain)


VALUES = st.lists(st.one_of(st.none(), st.floats(-4, 6)), min_size=5, max_size=5)


@settings(max_examples=60, deadline=None)
@given(budget=st.floats(0.05, 2.5), values=VALUES, num_rollouts=st.integers(1, 9), length=st.integers(0, 300))
def test_the_budget_is_never_exceeded(budget, values, num_rollouts, length) -> None:
    def policy(prompt: str, index: int) -> str:
        return "x" * ((length * (index + 1)) % 307) + informative(prompt, index)

    engine = FakeEngine(texts=policy)
    outcome = run(values, engine, budget=budget, rollouts=num_rollouts)
    assert outcome.usage.computed_tokens <= limit_of(engine, budget, rollouts=num_rollouts)
    assert isinstance(outcome.result, StepLabels) or outcome.usage.calls == 0


@cache
def tiny_engine() -> Any:
    return tiny_model.engine()


CHAINS = [
    CHAIN,
    replace(CHAIN, id="shorter", steps=CHAIN.steps[:3]),
    replace(CHAIN, id="other", question="How many?", steps=("12 + 3 = 15.", "The answer is 15."), gold="15"),
]


@settings(max_examples=8, deadline=None)
@given(budget=st.floats(0.3, 2.0), values=VALUES, num_rollouts=st.integers(2, 6))
def test_the_budget_is_never_exceeded_by_a_real_model(budget, values, num_rollouts) -> None:
    """Chains side by side, two of which share their prompts, so that they stand in the same batches."""
    engine = tiny_engine()
    drawing = rollouts(engine.tokenizer, rollouts=num_rollouts)
    method = adaptive(Stub(drawing.prompter, values), drawing, budget)
    outcomes = run_flows([(chain.id, method.label(chain)) for chain in CHAINS], engine)
    for chain, outcome in zip(CHAINS, outcomes, strict=True):
        limit = limit_of(engine, budget, chain, rollouts=num_rollouts)
        assert outcome.usage.computed_tokens <= limit
        assert isinstance(outcome.result, StepLabels) or outcome.usage.calls == 0


def test_real_replies_stay_within_their_bounds() -> None:
    engine = tiny_engine()
    requests = [
        replace(request, num_samples=1 + i % 3, max_tokens=1 + 5 * i)
        for i, request in enumerate(rollouts(engine.tokenizer).requests(CHAIN, [1, 3, 3, 5, 2, 4]))
    ]
    for request, reply in zip(requests, engine.sample(requests), strict=True):
        assert 0 < reply.usage.computed_tokens <= bound(request)
    trees = [next(Stub(rollouts(engine.tokenizer).prompter, ()).label(chain))[0] for chain in CHAINS]
    for tree, reply in zip(trees, engine.score(trees), strict=True):
        assert 0 < reply.usage.computed_tokens <= bound(tree)


def test_what_the_meter_forwards_and_closes() -> None:
    closed = []

    def asks() -> Flow[str]:
        try:
            yield from score([ScoreTree(shared_prefix=(1, 2), branches=(Branch(at=1, tokens=(3,)),))])
        except ContextTooLongError:
            return "too long"
        finally:
            closed.append(True)
        return "fits"

    meter = Meter(10, full=10, record="t")
    for most, expected in ((1, "too long"), (9, "fits")):
        (outcome,) = run_flows([("t", meter.through(asks()))], FakeEngine(max_positions=most))
        assert outcome.result == expected
    flow = meter.through(asks())
    next(flow)
    flow.close()
    assert closed == [True] * 3
    assert meter.left == 10 - meter.spent


def test_the_context_that_is_too_long_is_said() -> None:
    outcome = run([0.0] * 5, Recorder(texts=informative, max_positions=300))
    assert isinstance(outcome.result, ContextTooLongError)


def test_another_unit_is_refused() -> None:
    drawing = rollouts()
    method = adaptive(Stub(drawing.prompter, [1.0] * 5, unit="nat"), drawing, 9.0)
    with pytest.raises(ValueError, match="stub gives nat, expected log-odds"):
        run_flows([("t", method.label(CHAIN))], FakeEngine())


def test_more_budget_never_means_fewer_rollouts_for_this_chain() -> None:
    drawn = [
        sum(labels_of(run([1.0] * 5, budget=budget)).parts["rollouts"])
        for budget in (refused_budget([1.0] * 5), 0.8, 1.0, 2.0, UNLIMITED)
    ]
    assert all(less <= more for less, more in pairwise(drawn))
    assert drawn[0] < drawn[-1]


def test_it_is_registered_and_begins_with_evidence() -> None:
    options: dict[str, Any] = {"equivalence": equivalence()}
    with pytest.raises(ValueError, match="needs the budget"):
        make_method("adaptive", budget="20%", **options)
    engine = Recorder(texts=[RIGHT])
    made = [
        make_method(name, engine.tokenizer, **kind, **options)
        for name, kind in (
            ("evidence", {"label": "alone"}),
            ("adaptive", {"budget": "20%", "budget_share": UNLIMITED}),
        )
    ]
    first, labels = (
        labels_of(outcome) for outcome in run_flows([(m.name, m.label(CHAIN)) for m in made], engine)
    )
    assert labels.parts["first"] == first.values
