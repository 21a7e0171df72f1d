"""Best-of-N: what a reward model adds to majority vote when it chooses among chains.

`cpmi evaluate best-of-n` from Python. Chains are grouped by their problem's text, in the order of the table;
with N chains every problem counts the mean over its disjoint runs of N.

Axes: G problems, D draws of problems.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from cpmi.answers import Equivalence, Grading, decimal_of, judged_all, plain, stated_answer
from cpmi.data import normalize_problem, read_gold
from cpmi.errors import InputError
from cpmi.evaluate.bench import estimate
from cpmi.evaluate.best_of_n_result import AtN, BestOfN, BestOfNRow, BestOfNSample
from cpmi.evaluate.processbench import DEFAULT_NUM_DRAWS, check
from cpmi.evaluate.processbench_result import RowKind
from cpmi.evaluate.result import LeftOut
from cpmi.evaluate.scored import with_gold
from cpmi.metrics import best_of_n as choose
from cpmi.metrics.bootstrap import Measured, Weights, draw_problems, weighted_mean
from cpmi.runs.grading import settled
from cpmi.runs.matching import Chains
from cpmi.runs.score_table import ScoreRow, read_scores
from cpmi.runs.totals import NO_GOLD
from cpmi.types import Chain, Relation

MAJORITY, RANDOM, PASS, SHORTEST = "majority vote", "random pick", "pass@N", "shortest chain"
NO_ANSWER = "no answer"
OTHER_GOLDS = "the chains of the problem have different gold answers"
FEW_UNDECIDED = 0.02
_FEW_PROBLEMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Solution:
    """One scored chain and its final answer.

    Attributes:
        chain, scores, answer: as they are given.
        read: the answer with a decimal point, to be compared.
    """

    chain: Chain
    scores: tuple[float | None, ...]
    answer: str | None

    @property
    def read(self) -> str | None:
        return None if self.answer is None else plain(self.answer, decimal_of(self.chain))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """The same with its verdict and its class of equal answers."""

    solution: _Solution
    verdict: str
    scored: choose.ScoredAnswer


def evaluate_best_of_n(
    scores: Sequence[str | Path],
    *,
    gold: str | Path | None = None,
    num_draws: int = DEFAULT_NUM_DRAWS,
    seed: int = 0,
    grading: Grading | None = None,
) -> BestOfN:
    """Measure how often the chain that the scores choose is right.

    Args:
        scores: folders by `cpmi score`, or their tables; several chains a problem.
        gold: a file of gold answers, joined by the problem's text; chains that have one need none.
        num_draws: draws of problems with replacement, behind every interval and every difference.
        grading: how answers are compared; None for as the scores' folders say.
        seed: of these draws.

    Raises:
        ConfigError: no scores, or fewer than 1 draw.
        InputError: an id stands twice, or no problem has a gold answer or outcomes.
        RecordError: a chain's own gold answer is not that of the gold file.
        RunError: no table of scores.
    """
    check(scores, num_draws, "best-of-n")
    rows = [row for source in scores for row in read_scores(source)]
    where = ", ".join(map(str, scores))
    Chains.of(where, (row.chain for row in rows))  # every id once
    left_out: Counter[str] = Counter()
    grading = settled(grading, scores)
    chains = with_gold(rows, None if gold is None else read_gold(gold))
    answers = [stated_answer(chain, grading) for chain in chains]
    problems = _group(rows, chains, answers, left_out, where)
    ns = _sizes([len(chains) for chains in problems])
    kept = [chains[: _whole(len(chains), ns[-1])] for chains in problems if len(chains) >= ns[-1]]
    fewer = sum(len(chains) for chains in problems if len(chains) < ns[-1])
    left_out.update({f"on problems with fewer than {ns[-1]} chains": fewer} if fewer else {})
    surplus = sum(len(chains) for chains in problems) - fewer - sum(map(len, kept))
    left_out.update({f"beyond a multiple of {ns[-1]} on their problem": surplus} if surplus else {})
    with Equivalence(grading=grading) as equivalence:
        judged = [_judge(chains, equivalence) for chains in kept]
    verdicts = Counter(item.verdict for chains in judged for item in chains)
    return BestOfN(
        num_problems=len(judged),
        ns=ns,
        rows=_rows(judged, ns, draw_problems(len(judged), num_draws, seed)),
        verdicts=dict(sorted(verdicts.items())),
        left_out=tuple(LeftOut(reason=reason, num_chains=n) for reason, n in sorted(left_out.items())),
        num_draws=num_draws,
        seed=seed,
        percent=grading.percent,
        answer_check=grading.check,
        warnings=_warnings(judged, verdicts, ns),
        samples=tuple(_sample(index, item) for index, chains in enumerate(judged) for item in chains),
    )


def _group(
    rows: Sequence[ScoreRow],
    chains: Sequence[Chain],
    answers: Sequence[str | None],
    left_out: Counter[str],
    where: str,
) -> list[list[_Solution]]:
    """The chains of every problem that has a gold answer or outcomes, in order of appearance."""
    problems: dict[str, list[_Solution]] = {}
    for row, chain, answer in zip(rows, chains, answers, strict=True):
        if chain.gold is None and chain.outcome is None:
            left_out[NO_GOLD] += 1
            continue
        solution = _Solution(chain=chain, scores=row.scores.values, answer=answer)
        problems.setdefault(normalize_problem(chain.question), []).append(solution)
    usable = [chains for chains in problems.values() if _one_gold(chains, left_out)]
    if not usable:
        raise InputError(
            "no problem has one gold answer",
            where=where,
            got=f"{len(rows)} chains; {'; '.join(left_out)}",
            hint="Give --gold FILE; it is joined by the problem's text.",
        )
    return usable


def _one_gold(chains: Sequence[_Solution], left_out: Counter[str]) -> bool:
    """Whether all chains of a problem are judged by one gold answer; else they are left out and counted."""
    if len({(chain.chain.gold, chain.chain.other_golds) for chain in chains}) == 1:
        return True
    left_out[OTHER_GOLDS] += len(chains)
    return False


def _sizes(counts: Sequence[int]) -> tuple[int, ...]:
    """1, 2, 4, ... up to the median number of chains a problem."""
    most = sorted(counts)[len(counts) // 2]
    return tuple(1 << power for power in range(most.bit_length()))


def _whole(count: int, size: int) -> int:
    return count - count % size


def _judge(chains: Sequence[_Solution], equivalence: Equivalence) -> list[_Judged]:
    """Verdicts and classes of equal answers on one problem.

    An answer joins the first class whose first answer is SAME; texts that are equal are compared once. Chains
    of which only the outcome is known have no answer to vote for.
    """
    relations = [verdict.relation for verdict in judged_all([item.chain for item in chains], equivalence)]
    given = [None if item.chain.gold is None else item.read for item in chains]
    class_of = _classes(list(dict.fromkeys(answer for answer in given if answer is not None)), equivalence)
    votes = [None if answer is None else class_of[answer] for answer in given]
    right_votes = {vote for vote, found in zip(votes, relations, strict=True) if found is Relation.SAME}
    judged = []
    for solution, vote, relation in zip(chains, votes, relations, strict=True):
        is_told = solution.chain.outcome is not None
        verdict = NO_ANSWER if solution.answer is None and not is_told else relation.value
        # A class is right as a whole, so that a vote cannot be half right.
        right = relation is Relation.SAME if vote is None else vote in right_votes
        scored = choose.ScoredAnswer(
            right=right,
            vote=vote,
            scores=solution.scores,
            num_characters=sum(map(len, solution.chain.steps)),
        )
        judged.append(_Judged(solution=solution, verdict=verdict, scored=scored))
    return judged


def _classes(answers: Sequence[str], equivalence: Equivalence) -> dict[str, int]:
    first_of: list[str] = []
    class_of: dict[str, int] = {}
    for answer in answers:
        verdicts = equivalence.compare_many((first, answer) for first in first_of)
        same = (index for index, verdict in enumerate(verdicts) if verdict.relation is Relation.SAME)
        class_of[answer] = next(same, len(first_of))
        if class_of[answer] == len(first_of):
            first_of.append(answer)
    return class_of


def _measures() -> Mapping[str, tuple[RowKind, Callable[[choose.Group], float]]]:
    """Every row by its name."""
    chosen: dict[str, tuple[RowKind, Callable[[choose.Group], float]]] = {
        name: ("model", partial(choose.best, reduction=name)) for name in choose.REDUCTIONS
    }
    voted: dict[str, tuple[RowKind, Callable[[choose.Group], float]]] = {
        f"weighted majority, {name}": ("model", partial(choose.weighted_majority, reduction=name))
        for name in choose.REDUCTIONS
    }
    return {
        **chosen,
        **voted,
        MAJORITY: ("baseline", choose.majority),
        SHORTEST: ("baseline", choose.shortest),
        RANDOM: ("baseline", choose.random_pick),
        PASS: ("baseline", choose.any_right),
    }


def _rows(
    judged: Sequence[Sequence[_Judged]], ns: Sequence[int], weights_GD: Weights
) -> tuple[BestOfNRow, ...]:
    problems = [[item.scored for item in chains] for chains in judged]
    measures = _measures()
    every_G = np.ones(len(problems), dtype=np.bool_)

    def measured(n: int, measure: Callable[[choose.Group], float]) -> Measured:
        values_G = np.array([choose.averaged(chains, n, measure) for chains in problems])
        return weighted_mean(values_G, every_G, np.arange(len(problems)), weights_GD, "no problem")

    rivals = {n: measured(n, choose.majority) for n in ns}
    rows = []
    for name, (kind, measure) in measures.items():
        at = []
        for n in ns:
            found = measured(n, measure)
            difference = None if name == MAJORITY else estimate(found - rivals[n], len(problems))
            at.append(AtN(n=n, accuracy=estimate(found, len(problems)), to_majority=difference))
        rows.append(BestOfNRow(name=name, kind=kind, at=tuple(at)))
    return tuple(rows)


def _warnings(
    judged: Sequence[Sequence[_Judged]], verdicts: Mapping[str, int], ns: Sequence[int]
) -> tuple[str, ...]:
    warnings = []
    num_chains = sum(map(len, judged))
    undecided = verdicts.get(Relation.UNDECIDED.value, 0)
    if undecided > FEW_UNDECIDED * num_chains:
        warnings.append(f"{undecided} of {num_chains} answers are undecided and count as not right.")
    if ns[-1] == 1:
        warnings.append("One chain a problem: there is nothing to choose among.")
    if len(judged) < _FEW_PROBLEMS:
        warnings.append(f"Only {len(judged)} problems: the intervals are wide and themselves uncertain.")
    told = sum(item.solution.chain.gold is None for chains in judged for item in chains)
    if told:
        warnings.append(f"{told} chains are judged by their outcome alone: they have no vote.")
    unscored = sum(None in item.scored.scores for chains in judged for item in chains)
    if unscored:
        warnings.append(f"{unscored} chains hold a step without a score: they rank last and weigh nothing.")
    return tuple(warnings)


def _sample(problem: int, item: _Judged) -> BestOfNSample:
    return BestOfNSample(
        problem=problem,
        id=item.solution.chain.id,
        answer=item.solution.answer,
        verdict=item.verdict,
        vote=item.scored.vote,
        chain_scores={name: choose.chain_score(item.scored, name) for name in choose.REDUCTIONS},
    )
