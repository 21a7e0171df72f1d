"""`cpmi`, `net_gain` and `judge` equal loops written from their formulas, over one forward an answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tests.tiny_model as tiny
from cpmi.answers import Equivalence
from cpmi.engines.transformers.naive import score_sequence
from cpmi.languages import ENGLISH
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain
from tests.methods import make_method

TOLERANCE_NAT = 1e-4

TRAJECTORY = Chain(
    id="t",
    question="A crate holds 12 bottles. Mia fills 3 crates and drops 5 bottles. How many are left?",
    steps=("Three crates hold 3 * 12 = 36 bottles.", "36 - 5 = 31 are left.\n", "  The answer is 32."),
    gold="31",
)


def label(engine, method: str, **options):
    with Equivalence() as equivalence:
        labeler = make_method(method, engine.tokenizer, equivalence=equivalence, **options)
        return run_flows([("t", labeler.label(TRAJECTORY))], engine)[0].result


def question_tokens(engine, template: str, prompt: str) -> tuple[int, ...]:
    text = f"{template}\n\nProblem: {TRAJECTORY.question}\n"
    if prompt == "raw":
        return engine.tokenizer.prefix + engine.tokenizer.encode(text + "\nSolution:\n")
    return engine.tokenizer.encode(engine.tokenizer.chat_frame(text)[0])


def mean_logprob(engine, before: tuple[int, ...], answer: tuple[int, ...]) -> float:
    return math.fsum(score_sequence(engine.model, before + answer)[-len(answer) :]) / len(answer)


def steps_shown(context: str) -> tuple[Callable[[int], list[int]], Callable[[int], list[int]]]:
    """For step i (from 0): which steps stand in the context with it, and which in the one without it."""
    everything = range(len(TRAJECTORY.steps))
    return {
        "single_step": (lambda i: [i], lambda _: []),
        "prefix": (lambda i: list(range(i + 1)), lambda i: list(range(i))),
        "leave_one_out": (lambda _: list(everything), lambda i: [j for j in everything if j != i]),
    }[context]


def cpmi_by_the_formula(
    engine, context: str, prompt: str, golds: list[str], wrongs: list[str], templates=ENGLISH.templates
) -> list[float]:
    encode = engine.tokenizer.encode
    steps = [encode(step.strip() + "\n") for step in TRAJECTORY.steps]
    shown_with, shown_without = steps_shown(context)
    labels = []
    for i in range(len(steps)):
        total = 0.0
        for template in templates:
            question = question_tokens(engine, template, prompt)
            with_step = question + tuple(t for j in shown_with(i) for t in steps[j])
            without = question + tuple(t for j in shown_without(i) for t in steps[j])

            def gain(answer: str, here=with_step, there=without) -> float:
                tokens = encode("The answer is:") + encode(f" {answer}")
                return mean_logprob(engine, here, tokens) - mean_logprob(engine, there, tokens)

            total += gain(golds[0]) - sum(gain(wrong) for wrong in wrongs) / len(wrongs)
        labels.append(total / len(templates))
    return labels


def net_by_the_formula(
    engine, pool: str, prompt: str, golds: list[str], wrongs: list[str], cues=ENGLISH.cues
) -> list[float]:
    encode = engine.tokenizer.encode
    question = question_tokens(engine, ENGLISH.templates[0], prompt)
    end = encode("\n" if prompt == "raw" else engine.tokenizer.chat_frame("?")[1])
    pooled = max if pool == "max" else lambda values: math.log(sum(math.exp(v) for v in values))
    net = []
    for i in range(len(TRAJECTORY.steps) + 1):
        shown = tuple(t for step in TRAJECTORY.steps[:i] for t in encode(step.strip() + "\n"))
        total = 0.0
        for cue in cues:
            before_answer = question + shown + encode(cue)

            def summed(answer: str, before=before_answer) -> float:
                tokens = encode(f" {answer}") + end
                return math.fsum(score_sequence(engine.model, before + tokens)[-len(tokens) :])

            total += pooled([summed(g) for g in golds]) - pooled([summed(w) for w in wrongs])
        net.append(total / len(cues))
    return net


def judged_by_the_formula(engine, prompt: str, judgments) -> tuple[list[float], list[float]]:
    """Margins and first-error scores, by one forward a step, wording and marker."""
    encode = engine.tokenizer.encode
    before = question_tokens(engine, ENGLISH.judge, prompt)
    margins, scores, log_right_before = [], [], 0.0
    for step in TRAJECTORY.steps:
        before += encode(step.strip() + "\n")
        right, wrong = (
            math.fsum(
                math.fsum(
                    score_sequence(engine.model, before + encode(j[0]) + encode(j[i]))[-len(encode(j[i])) :]
                )
                for j in judgments
            )
            / len(judgments)
            for i in (1, 2)
        )
        both = math.log(math.exp(right) + math.exp(wrong))
        margins.append(right - wrong)
        scores.append(wrong - both + log_right_before)
        log_right_before += right - both
    return margins, scores


def candidates(labels) -> tuple[list[str], list[str]]:
    right = [c.text for c in labels.candidates if c.right]
    return right, [c.text for c in labels.candidates if not c.right]


def close(found, expected) -> bool:
    return max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= TOLERANCE_NAT


@pytest.mark.parametrize("prompt", ["raw", "chat"])
@pytest.mark.parametrize("context", ["single_step", "prefix", "leave_one_out"])
def test_cpmi_on_a_tiny_model(context, prompt):
    engine = tiny.engine()
    labels = label(engine, "cpmi", sampled=0, context=context, prompt=prompt)
    assert len(labels.candidates) == 5
    expected = cpmi_by_the_formula(engine, context, prompt, *candidates(labels))
    assert max(map(abs, expected)) > 100 * TOLERANCE_NAT
    assert close(labels.values, expected)


@pytest.mark.parametrize("prompt", ["raw", "chat"])
@pytest.mark.parametrize("pool", ["max", "logsumexp"])
def test_net_gain_on_a_tiny_model(pool, prompt):
    engine = tiny.engine()
    labels = label(engine, "net_gain", pool=pool, prompt=prompt)
    right, wrong = candidates(labels)
    assert wrong[0] == "32", "the chain's own wrong answer comes first"
    net = net_by_the_formula(engine, pool, prompt, right, wrong)
    assert close(labels.parts["net"], net)
    assert close(labels.parts["value"], [v - net[0] for v in net[1:]])
    assert close(labels.parts["gain"], [b - a for a, b in pairwise(net)])


@pytest.mark.parametrize("prompt", ["raw", "chat"])
def test_judge_on_a_tiny_model(prompt):
    engine = tiny.engine()
    margins, scores = judged_by_the_formula(engine, prompt, ENGLISH.judgments)
    labels = label(engine, "judge", prompt=prompt)
    assert max(map(abs, margins)) > 100 * TOLERANCE_NAT
    assert close(labels.values, margins)
    assert close(labels.parts["first_error"], scores)
    assert close(label(engine, "judge", prompt=prompt, label="first_error").values, [-s for s in scores])


def test_judge_on_smollm2(smollm2):
    labels = label(smollm2, "judge", variants=2)
    margins, scores = judged_by_the_formula(smollm2, "raw", ENGLISH.judgments[:2])
    assert close(labels.values, margins)
    assert close(labels.parts["first_error"], scores)


@pytest.mark.parametrize("context", ["single_step", "prefix", "leave_one_out"])
def test_cpmi_on_smollm2(smollm2, context):
    labels = label(smollm2, "cpmi", sampled=0, context=context, variants=1, negatives=2)
    expected = cpmi_by_the_formula(
        smollm2, context, "raw", *candidates(labels), templates=ENGLISH.templates[:1]
    )
    assert close(labels.values, expected)


def test_net_gain_on_smollm2(smollm2):
    labels = label(smollm2, "net_gain", variants=2, negatives=2)
    expected = net_by_the_formula(smollm2, "max", "raw", *candidates(labels), cues=ENGLISH.cues[:2])
    assert close(labels.parts["net"], expected)


@pytest.mark.parametrize("method", ["cpmi", "net_gain"])
def test_parts_hold_together(method):
    """What is stored is enough to recompute the label, and each step's log-probability is the model's own."""
    engine = tiny.engine()
    options = {"context": "prefix"} if method == "cpmi" else {}
    labels = label(engine, method, **options)
    encode = engine.tokenizer.encode
    before = question_tokens(engine, ENGLISH.templates[0], "raw")
    for i, step in enumerate(TRAJECTORY.steps):
        tokens = encode(step.strip() + "\n")
        own = score_sequence(engine.model, before + tokens)[-len(tokens) :]
        assert labels.parts["step_logprob"][i] == pytest.approx(math.fsum(own), abs=5e-4)
        assert labels.parts["step_tokens"][i] == len(tokens)
        before += tokens
    if method == "cpmi":
        terms = zip(labels.parts["gold_gain"], labels.parts["wrong_gain"], strict=True)
        assert labels.values == pytest.approx([gold - wrong for gold, wrong in terms])
        values = labels.candidate_values
        gain = [[b - a for a, b in pairwise(v)] for v in values]
        again = [g - sum(w) / len(w) for g, *w in zip(*gain, strict=True)]
        assert labels.values == pytest.approx(again, abs=1e-6)


def test_gold_forms_are_pooled_not_contrasted():
    engine = tiny.engine()
    chain = replace(TRAJECTORY, gold="1/2")
    with Equivalence() as equivalence:
        labeler = make_method("net_gain", engine.tokenizer, equivalence=equivalence, gold_forms=3)
        labels = run_flows([("t", labeler.label(chain))], engine)[0].result
    right, wrong = candidates(labels)
    assert right[0] == "1/2"
    assert len(right) == 3
    assert close(labels.parts["net"], net_by_the_formula(engine, "max", "raw", right, wrong))


def test_marks_say_which_steps_print_an_answer():
    labels = label(tiny.engine(), "net_gain")
    assert labels.marks["mentions_gold"] == (False, True, False)
    assert labels.marks["mentions_candidate"] == (False, True, True)
    with Equivalence() as equivalence:
        assert equivalence.compare("31", "32").relation == "different"
