"""Foresight of a labeling model: does it see the answers of right chains coming, before a step prints them?

It reads what `net_gain` measures: every candidate answer's log-probability after every prefix, the answer's
own tokens and its terminator, averaged over the cues in log space. Log space, because the labels are made of
exactly these numbers, and because a finished run holds them; a probability that is averaged so is at most the
plain mean over the cues. So foresight is a function of labeled chains: of those that
`cpmi.api.foresight` labels, or of a run folder.

Which chains and prefixes count, `cpmi.evaluate.right_chains` says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cpmi.answers import Equivalence, Grading
from cpmi.data import normalize_problem
from cpmi.errors import InputError
from cpmi.evaluate.bench import estimate
from cpmi.evaluate.findings import format_estimate
from cpmi.evaluate.result import Estimate, LeftOut
from cpmi.evaluate.right_chains import StepsToCome, steps_to_come
from cpmi.metrics import foresight as metrics
from cpmi.metrics.bootstrap import Weights, draw_problems
from cpmi.metrics.layout import Bools, Floats
from cpmi.runs.facts import facts_of
from cpmi.runs.grading import settled
from cpmi.runs.table import read_labels
from cpmi.types import StepLabels

DEFAULT_NUM_DRAWS = 2000
MAX_TO_COME = 8  # prefixes with so many steps to come, or more, share one row
SEES_ABOVE, BLIND_BELOW = 0.2, 0.05
"""A rule of thumb, on the ends of the interval: above the one it sees, below the other it does not."""

OTHER_PROBLEMS = "the same answers after the questions of other problems"
UNIFORM = "1 / (1 + number of wrong answers)"

Outlook = Literal["sees", "little", "blind", "unknown"]

_HINT = (
    "Give chains whose problems have a gold answer (--gold FILE) and which are rated without an error or end "
    "at that answer: reference solutions, or the chains of cpmi sample."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedChain:
    """A right chain and what the model said of its answers.

    Attributes:
        question: its problem.
        to_come: [P] from `steps_to_come`.
        labels: by `net_gain`.
        chance: how often the right answer leads without its problem; None for the uniform chance.
    """

    question: str
    to_come: StepsToCome
    labels: StepLabels
    chance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The prefixes with equally many steps to come.

    Attributes:
        to_come: how many; 0 where the last step shown is the first that prints the answer.
        or_more: whether those with more are among them.
        num_prefixes: at most one per chain, but for the row "or more".
        leads: at how many of them the best right form is above every wrong answer.
        share: mean probability of the equivalent gold forms among all candidates'.
        probability: mean probability of the equivalent gold forms.
    """

    to_come: int
    or_more: bool
    num_prefixes: int
    leads: Estimate
    share: Estimate
    probability: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """The result; every interval is of draws of problems.

    Attributes:
        foresight: `cpmi.metrics.foresight.foresight`; 0 by chance, 1 if the right answer always leads.
        outlook: "sees" if the interval lies above SEES_ABOVE, "blind" if it lies below BLIND_BELOW, "unknown"
            without an interval, else "little".
        finding: the same as a sentence.
        chance: how often the right answers lead without their problems, at the prefixes that count.
        chance_from: what was measured for that; UNIFORM where nothing was.
        at_question: how often they lead before any step.
        points: by steps to come.
        num_read: chains read.
        num_chains: chains used.
        num_problems: different problems among them.
        left_out: chains read and not used, by reason.
        num_draws, seed: of the intervals.
    """

    foresight: Estimate
    outlook: Outlook
    finding: str
    chance: Estimate
    chance_from: str
    at_question: Estimate
    points: tuple[Point, ...]
    num_read: int
    num_chains: int
    num_problems: int
    left_out: tuple[LeftOut, ...]
    num_draws: int
    seed: int

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def foresight_of_run(
    folder: str | Path,
    *,
    num_draws: int = DEFAULT_NUM_DRAWS,
    seed: int = 0,
    grading: Grading | None = None,
) -> Foresight:
    """Foresight from a run whose labels value answers, without a model; its chance is the uniform one.

    Args:
        folder: the run folder.
        num_draws: draws of problems behind every interval.
        seed: of these draws.
        grading: how final answers are compared; None for as in the run.

    Raises:
        RunError: the folder is no finished run.
        InputError: it is by another method, or no chain of it can be used.
    """
    rows = list(read_labels(folder))
    labels = rows[0].labels if rows else None
    if labels is None or not facts_of(Path(folder), method=labels.method, unit=labels.unit).values_answers:
        raise InputError(
            "foresight is read from labels that value answers after every prefix",
            where=str(folder),
            got="no chain" if labels is None else f"method {labels.method}",
            expected="a run by net_gain, evidence or probe",
        )
    chains: list[WatchedChain] = []
    left_out: Counter[str] = Counter()
    with Equivalence(grading=settled(grading, [folder])) as equivalence:
        for row in rows:
            to_come = steps_to_come(row.chain, equivalence)
            if isinstance(to_come, str):
                left_out[to_come] += 1
            else:
                question = row.chain.question
                chains.append(WatchedChain(question=question, to_come=to_come, labels=row.labels))
    return measure_foresight(chains, left_out=left_out, where=str(folder), num_draws=num_draws, seed=seed)


def measure_foresight(
    chains: Sequence[WatchedChain],
    *,
    left_out: Mapping[str, int],
    where: str,
    num_draws: int = DEFAULT_NUM_DRAWS,
    seed: int = 0,
) -> Foresight:
    """Foresight of a labeling model on right chains.

    Args:
        chains: the chains that count; those on which the method abstained are left out here.
        left_out: chains that do not count, by reason.
        where: the input, for messages.
        num_draws: draws of problems behind every interval.
        seed: of these draws.

    Raises:
        InputError: no chain is left.
    """
    lost = Counter(left_out)
    lost.update(chain.labels.abstained[0] for chain in chains if not chain.labels.candidate_values)
    used = [chain for chain in chains if chain.labels.candidate_values]
    if not used:
        raise no_chain(where, lost)
    prefixes, num_problems = _prefixes(used)
    weights_GD = draw_problems(num_problems, num_draws, seed)

    def mean(column_N: Floats, of_N: Bools) -> Estimate:
        return estimate(metrics.mean_over(column_N, of_N, prefixes, weights_GD), num_problems)

    found = estimate(metrics.foresight(prefixes, weights_GD), num_problems)
    outlook = _outlook(found)
    measured = [chain.chance is not None for chain in used]
    return Foresight(
        foresight=found,
        outlook=outlook,
        finding=_finding(found, outlook),
        chance=mean(prefixes.chance_N, prefixes.to_come_N >= 1),
        chance_from=OTHER_PROBLEMS if all(measured) else UNIFORM,
        at_question=mean(prefixes.leads_N, prefixes.at_question_N),
        points=_points(prefixes, weights_GD, num_problems),
        num_read=len(used) + lost.total(),
        num_chains=len(used),
        num_problems=num_problems,
        left_out=tuple(LeftOut(reason=reason, num_chains=count) for reason, count in lost.items()),
        num_draws=num_draws,
        seed=seed,
    )


def no_chain(where: str, left_out: Mapping[str, int]) -> InputError:
    """The error that no chain can be used, with the reasons."""
    reasons = "; ".join(f"{reason}: {count}" for reason, count in left_out.items())
    return InputError(
        "foresight needs right chains, and there is none",
        where=where,
        got=reasons or "no chain",
        expected="right chains whose steps, and not whose problems, print the gold answer",
        hint=_HINT,
    )


def standing_of(labels: StepLabels) -> metrics.Standing:
    """How the right answer stands at every prefix, from labels that value answers."""
    num_right = sum(candidate.right for candidate in labels.candidates)
    return metrics.standing(np.array(labels.candidate_values), num_right)


def _prefixes(chains: Iterable[WatchedChain]) -> tuple[metrics.Prefixes, int]:
    """The prefixes that are read, and how many problems they are on."""
    problems: dict[str, int] = {}
    rows: list[tuple[float, ...]] = []
    for chain in chains:
        problem = problems.setdefault(normalize_problem(chain.question), len(problems))
        found = standing_of(chain.labels)
        chance = chain.chance
        if chance is None:
            chance = metrics.uniform_chance(sum(not c.right for c in chain.labels.candidates))
        rows += [
            (left, found.probability_P[i], found.share_P[i], found.leads_P[i], chance, i == 0, problem)
            for i, left in enumerate(chain.to_come)
            if left is not None
        ]
    to_come, probability, share, leads, chance_N, at_question, problem_N = np.array(rows, np.float64).T
    prefixes = metrics.Prefixes(
        to_come_N=to_come.astype(np.int64),
        probability_N=probability,
        share_N=share,
        leads_N=leads,
        chance_N=chance_N,
        at_question_N=at_question.astype(np.bool_),
        problem_N=problem_N.astype(np.int64),
    )
    return prefixes, len(problems)


def _points(prefixes: metrics.Prefixes, weights_GD: Weights, num_problems: int) -> tuple[Point, ...]:
    capped_N = np.minimum(prefixes.to_come_N, MAX_TO_COME)
    columns = {
        "leads": prefixes.leads_N,
        "share": prefixes.share_N,
        "probability": prefixes.probability_N,
    }
    return tuple(
        Point(
            to_come=int(to_come),
            or_more=bool((prefixes.to_come_N > MAX_TO_COME).any() and to_come == MAX_TO_COME),
            num_prefixes=int((capped_N == to_come).sum()),
            **{
                name: estimate(
                    metrics.mean_over(column_N, capped_N == to_come, prefixes, weights_GD), num_problems
                )
                for name, column_N in columns.items()
            },
        )
        for to_come in np.unique(capped_N)
    )


def _outlook(found: Estimate) -> Outlook:
    if found.low is None or found.high is None:
        return "unknown"
    if found.low > SEES_ABOVE:
        return "sees"
    return "blind" if found.high < BLIND_BELOW else "little"


def _finding(found: Estimate, outlook: Outlook) -> str:
    sentences: Mapping[Outlook, str] = {
        "sees": "This model sees the answers of such chains coming: its contrast labels can tell steps "
        "that lead there from steps that do not. Whether they do, only ratings show. "
        + _rule("the whole interval is above", SEES_ABOVE),
        "little": "This model sees little of the answers of such chains coming, or the chains are too few "
        "to say; expect little of its contrast labels beyond whether a step prints the answer. "
        + _rule(f"the interval is neither above {SEES_ABOVE:.2f} nor below", BLIND_BELOW),
        "blind": "This model does not see the answers of such chains coming: its contrast labels can only "
        "see whether a step prints the answer. " + _rule("the whole interval is below", BLIND_BELOW),
        "unknown": f"What this model sees coming cannot be said ({found.note}).",
    }
    return f"Foresight {format_estimate(found)}. {sentences[outlook]}"


def _rule(where: str, threshold: float) -> str:
    return f"(Rule of thumb: {where} {threshold:.2f}.)"
