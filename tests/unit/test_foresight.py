"""Foresight: numbers worked out by hand, and scripted models that know all, nothing or what they read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import product
from math import log
from pathlib import Path

import numpy as np
import pytest

from cpmi.answers import Equivalence
from cpmi.api import foresight as api
from cpmi.api.label import label
from cpmi.engines.fake import FakeEngine
from cpmi.errors import ConfigError, InputError
from cpmi.evaluate.foresight import (
    MAX_TO_COME,
    OTHER_PROBLEMS,
    UNIFORM,
    Foresight,
    WatchedChain,
    foresight_of_run,
    measure_foresight,
)
from cpmi.evaluate.result import LeftOut
from cpmi.evaluate.right_chains import (
    ANOTHER_ANSWER,
    NEVER_PRINTED,
    PRINTED_IN_QUESTION,
    RATED_WRONG,
    steps_to_come,
)
from cpmi.metrics import foresight as metrics
from cpmi.types import Candidate, Chain, Origin, Rating, StepLabels

AS_THEY_ARE = np.ones((2, 1), dtype=np.uint16)
LOW = log(0.001)


def test_standing_adds_the_forms_up_and_leads_by_the_best_one() -> None:
    # Two forms of the right answer, two wrong answers, three prefixes.
    probability_AP = np.array([[0.2, 0.1, 0.3], [0.1, 0.1, 0.3], [0.25, 0.1, 0.2], [0.05, 0.1, 0.0001]])
    found = metrics.standing(np.log(probability_AP), 2)
    assert found.probability_P == pytest.approx([0.3, 0.2, 0.6])
    assert found.share_P == pytest.approx([0.3 / 0.6, 0.5, 0.6 / 0.8001])
    assert found.leads_P == pytest.approx([0, 1 / 3, 1])  # beaten; first with two others; alone in front


def prefixes(to_come: list[int], leads: list[float], chance: list[float]) -> metrics.Prefixes:
    nothing_N = np.zeros(len(to_come))
    return metrics.Prefixes(
        to_come_N=np.array(to_come),
        probability_N=nothing_N,
        share_N=nothing_N,
        leads_N=np.array(leads, np.float64),
        chance_N=np.array(chance, np.float64),
        at_question_N=np.zeros(len(to_come), np.bool_),
        problem_N=np.zeros(len(to_come), np.int64),
    )


def test_foresight_is_leading_beyond_chance() -> None:
    # (1 − 0.2 + 0 − 0.2 + 1 − 0.5) / (0.8 + 0.8 + 0.5); what is printed already does not count.
    found = metrics.foresight(prefixes([0, 1, 2, 1], [1, 1, 0, 1], [0.2, 0.2, 0.2, 0.5]), AS_THEY_ARE)
    assert found.value == pytest.approx(1.1 / 2.1)


def test_foresight_without_room_has_a_reason() -> None:
    found = metrics.foresight(prefixes([1], [1], [1]), AS_THEY_ARE)
    assert (found.value, found.reason) == (None, metrics.NO_ROOM)


@pytest.mark.parametrize(("num_wrong", "known"), product([1, 5, 20], [0.0, 0.4, 1.0]))
def test_foresight_is_the_share_that_is_known_with_however_many_wrong_answers(
    num_wrong: int, known: float
) -> None:
    # Who knows a share and guesses the rest, each guess the same for all candidates.
    chance = metrics.uniform_chance(num_wrong)
    leads = known + (1 - known) * chance
    assert metrics.foresight(prefixes([1], [leads], [chance]), AS_THEY_ARE).value == pytest.approx(known)


def chain(
    *steps: str, gold: str | None = "7", question: str = "Add up.", ratings: tuple[Rating, ...] | None = None
) -> Chain:
    return Chain(id="c", question=question, steps=steps, gold=gold, ratings=ratings)


RIGHT, WRONG, OPEN = Rating.RIGHT, Rating.WRONG, Rating.NOT_JUDGED


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        # The plain case; a last step that only restates the answer; an answer without an equals sign.
        (chain("1 + 2 = 3", "3 + 4 = 7"), (2, 1, 0)),
        (chain("1 + 2 = 3", "3 + 4 = 7", "So it is done.", "The answer is 7."), (2, 1, 0, None, None)),
        (chain("Take three.", "The answer is 7."), (2, 1, 0)),
        # Printed by the way before it is the result: what follows is not read.
        (chain("10 - 7 = 3", "3 + 1 = 4", "4 + 3 = 7"), (3, None, None, 0)),
        (chain("10 - 7 = 3", "The answer is 7."), (1, 0, None)),
        # Other forms count by value.
        (chain("1 / 4 = 0.25", "0.25 + 0.25 = 0.5", gold="1/2"), (2, 1, 0)),
        (chain("Red is too long.", "The answer is (B).", gold="B", question="(A) red (B) blue?"), (2, 1, 0)),
        # Ratings decide; without them the final answer does.
        (chain("3 + 4 = 7", "Done.", ratings=(RIGHT, Rating.NEUTRAL)), (1, 0, None)),
        (chain("3 + 4 = 7", "Done.", ratings=(OPEN, OPEN)), "the final answer is undecided"),
        (chain("3 + 4 = 7", "The answer is 7.", ratings=(RIGHT, WRONG)), RATED_WRONG),
        (chain("3 + 4 = 7", "The answer is 8.", ratings=(RIGHT, RIGHT)), ANOTHER_ANSWER),
        (chain("3 + 4 = 8"), ANOTHER_ANSWER),
        (chain("3 + 4 = 7", gold=None), "no gold answer"),
        (chain("3 + 4 = 7", question="Is it 7 or 8?"), PRINTED_IN_QUESTION),
        (chain("Three and four.", "It is plain.", ratings=(RIGHT, RIGHT)), NEVER_PRINTED),
    ],
)
def test_steps_to_come(chain: Chain, expected: tuple[int | None, ...] | str) -> None:
    found = steps_to_come(chain, Equivalence(inline=True))
    if isinstance(expected, str):
        assert isinstance(found, str)
        assert found.startswith(expected)
    else:
        assert found == expected


def watched(
    question: str, to_come: tuple[int | None, ...], gold: list[float], wrong: list[float]
) -> WatchedChain:
    """A chain whose gold and only wrong answer have these probabilities after every prefix."""
    labels = StepLabels(
        chain_id=question,
        method="net_gain",
        values=(0.0,) * (len(to_come) - 1),
        unit="nat",
        candidates=(Candidate(text="7", origin=Origin.GOLD), Candidate(text="8", origin=Origin.RULE)),
        candidate_values=(tuple(map(log, gold)), tuple(map(log, wrong))),
    )
    return WatchedChain(question=question, to_come=to_come, labels=labels)


def test_the_curve_of_two_chains() -> None:
    chains = [
        watched("p", (2, 1, 0, None), [0.1, 0.6, 0.9, 0.9], [0.3, 0.2, 0.1, 0.1]),
        watched("q", (1, 0), [0.2, 0.5], [0.6, 0.5]),
    ]
    found = measure_foresight(chains, left_out={"why": 3}, where="here", num_draws=50)
    assert (found.num_read, found.num_chains, found.num_problems) == (5, 2, 2)
    assert found.left_out == (LeftOut(reason="why", num_chains=3),)
    # Before the print the gold leads at 0, 1 and 0; chance is one half: (−0.5 + 0.5 − 0.5) / 1.5.
    assert found.foresight.value == pytest.approx(-1 / 3)
    assert (found.chance.value, found.chance_from) == (0.5, UNIFORM)
    assert found.at_question.value == 0
    curve = [
        (point.to_come, point.or_more, point.num_prefixes, point.leads.value, point.probability.value)
        for point in found.points
    ]
    assert [row[:3] for row in curve] == [(0, False, 2), (1, False, 2), (2, False, 1)]
    assert [row[3] for row in curve] == pytest.approx([0.75, 0.5, 0])  # a tie with one other counts half
    assert [row[4] for row in curve] == pytest.approx([0.7, 0.4, 0.1])
    assert [point.share.value for point in found.points] == pytest.approx([0.7, (0.75 + 0.25) / 2, 0.25])
    assert json.loads(json.dumps(found.to_json()))["foresight"]["value"] == found.foresight.value


def test_long_ways_stand_in_one_row() -> None:
    num = MAX_TO_COME + 3
    one = watched("p", tuple(range(num, -1, -1)), [0.9] * (num + 1), [0.1] * (num + 1))
    found = measure_foresight([one], left_out={}, where="here")
    last = found.points[-1]
    assert (last.to_come, last.or_more, last.num_prefixes) == (MAX_TO_COME, True, 4)
    # One problem cannot be drawn from.
    assert (found.outlook, found.foresight.low) == ("unknown", None)
    assert "a single problem" in found.finding


def problem(index: int) -> tuple[str, str, list[str]]:
    first, second, third = 11 + index, 12 + 2 * index, 60
    total, gold = first + second, first + second + third
    steps = [
        f"{first} + {second} = {total}",
        f"{total} + {third} = {gold}",
        f"The answer is {gold}",
    ]
    return f"Sum {first}, {second} and {third}.", str(gold), steps


def write(folder: Path, *, num: int = 6, gold: bool = True, changed: dict[str, object] | None = None) -> Path:
    records: list[dict[str, object]] = []
    for index in range(num):
        question, answer, steps = problem(index)
        record: dict[str, object] = {"id": f"c{index}", "question": question, "steps": steps}
        records.append({**record, **({"gold": answer} if gold else {}), **(changed or {})})
    path = folder / "chains.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def says(know: Callable[[str], str | None]) -> FakeEngine:
    """A model that is all but sure of the characters of what it knows, and of nothing else."""

    def logprob(context: tuple[int, ...], token: int) -> float:
        text, _, begun = "".join(map(chr, context)).rpartition(":")
        known = know(text.partition("Problem: ")[2])
        expected = None if known is None else f" {known}\n"
        return -0.01 if expected and expected.startswith(begun + chr(token)) else LOW

    return FakeEngine(logprob=logprob)


def sum_of_question(text: str) -> str:
    return str(sum(map(int, re.findall(r"\d+", text.partition("\nSolution")[0]))))


def last_result(text: str) -> str | None:
    results = re.findall(r"= (\d+)", text)
    return results[-1] if results else None


def measure(folder: Path, know: Callable[[str], str | None], **options: object) -> Foresight:
    return api.foresight(write(folder), model=says(know), **options)  # type: ignore[arg-type]


def test_who_knows_the_answer_from_the_question_has_foresight_1(tmp_path: Path) -> None:
    found = measure(tmp_path, sum_of_question)
    assert found.foresight.value == 1
    assert (found.outlook, found.chance_from) == ("sees", OTHER_PROBLEMS)
    assert found.at_question.value == 1
    assert [(point.to_come, point.num_prefixes) for point in found.points] == [(0, 6), (1, 6), (2, 6)]
    assert all(point.probability.value > 0.9 for point in found.points if point.probability.value)


@pytest.mark.parametrize("know", [lambda _: None, last_result, lambda _: "92"])
def test_who_knows_nothing_before_it_is_printed_has_foresight_0(
    tmp_path: Path, know: Callable[[str], str | None]
) -> None:
    found = measure(tmp_path, know)
    assert found.foresight.value == pytest.approx(0, abs=1e-9)
    assert found.outlook in ("blind", "little")
    if know is last_result:
        assert found.outlook == "blind"
        assert found.points[0].leads.value == 1


def test_from_a_finished_run(tmp_path: Path) -> None:
    chains = write(tmp_path)
    engine = says(sum_of_question)
    label(chains, model=engine, method="net_gain", out=tmp_path / "run")
    found = foresight_of_run(tmp_path / "run")
    assert (found.foresight.value, found.chance_from) == (1, UNIFORM)
    for method in ("evidence", "probe"):
        label(chains, model=engine, method=method, out=tmp_path / method)
        assert foresight_of_run(tmp_path / method).foresight.value == 1
    label(chains, model=engine, method="judge", out=tmp_path / "judged")
    with pytest.raises(InputError, match="value answers after every prefix"):
        foresight_of_run(tmp_path / "judged")


def test_one_chain_a_problem_until_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line + line.replace('"c', '"again') for line in lines) + "{broken")
    chosen = api.choose_chains(path, limit=3)
    assert [chain.id for chain, _ in chosen.chains] == ["c0", "c1", "c2"]
    assert chosen.left_out == {api.SAME_PROBLEM: 2}
    everything = api.choose_chains(path)
    assert len(everything.chains) == 6
    assert sum(everything.left_out.values()) == 7  # and the broken line


def test_a_chain_that_is_too_long_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path)
    with path.open("a") as file:
        long = {"id": "long", "question": "Sum up " + "all " * 900, "gold": "7", "steps": ["3 + 4 = 7"]}
        file.write(json.dumps(long) + "\n")
    engine = FakeEngine(max_positions=1500)
    found = api.foresight(path, model=engine)
    assert (found.num_chains, found.num_read) == (6, 7)
    assert [item.reason for item in found.left_out] == ["the chain does not fit into the model's context"]


@pytest.mark.parametrize(
    ("gold", "changed", "message"),
    [
        (False, {}, "no gold answer: 6"),
        (True, {"gold": "1000"}, f"{ANOTHER_ANSWER}: 6"),
        (True, {"ratings": ["right", "wrong", "right"]}, f"{RATED_WRONG}: 6"),
    ],
)
def test_no_right_chain_is_an_error_with_the_reasons(
    tmp_path: Path, gold: bool, changed: dict[str, object], message: str
) -> None:
    path = write(tmp_path, gold=gold, changed=changed)
    with pytest.raises(InputError, match=message):
        api.choose_chains(path)


def test_a_gold_file_is_joined(tmp_path: Path) -> None:
    golds = tmp_path / "gold.jsonl"
    golds.write_text(
        "".join(json.dumps({"question": q, "gold": g}) + "\n" for q, g, _ in map(problem, range(4)))
    )
    chosen = api.choose_chains(write(tmp_path, gold=False), gold=golds)
    assert (len(chosen.chains), chosen.left_out) == (4, {"no gold answer joined": 2})


def test_options_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'raw', 'chat' or 'short'"):
        api.foresight(write(tmp_path), model=FakeEngine(), prompt="long")
    with pytest.raises(ConfigError, match=r"option limit.*at least 1"):
        api.foresight(write(tmp_path), model=FakeEngine(), limit=0)
