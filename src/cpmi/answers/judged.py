"""Whether the final answer of a chain is right: the one place that decides it.

What its source says of the chain goes first. Else its stated answer is compared with all right answers: SAME
as any is right, DIFFERENT from all is wrong, and so is one that is SAME as a wrong answer that comes with the
problem. All else is undecided. Letters of a multiple choice are compared as they are; an answer that is none
of the options may be one in other words, and is undecided.
"""

from __future__ import annotations

from collections.abc import Sequence

from cpmi.answers.decimal_comma import Decimal, decimal_of
from cpmi.answers.equivalence import Equivalence
from cpmi.answers.stated import stated_answer
from cpmi.answers.verdicts import DIFFERENT, SAME, undecided
from cpmi.golds import LETTERS
from cpmi.types import Chain, Problem, Relation, Verdict

NO_GOLD = "no gold answer"
STATES_NO_ANSWER = "the last step states no answer"
NO_OPTION = "the answer is none of the options"


def judged(chain: Chain, equivalence: Equivalence) -> Verdict:
    """The verdict on the final answer of a chain; errors as `Equivalence.compare_many`."""
    return judged_all([chain], equivalence)[0]


def judged_all(chains: Sequence[Chain], equivalence: Equivalence) -> list[Verdict]:
    """`judged` for many chains, whose answers are compared together."""
    verdicts: dict[int, Verdict] = {}
    asked: dict[int, tuple[Chain, str]] = {}
    for index, chain in enumerate(chains):
        if chain.outcome is not None:
            verdicts[index] = SAME if chain.outcome else DIFFERENT
        elif chain.gold is None:
            verdicts[index] = undecided(NO_GOLD)
        elif (answer := stated_answer(chain, equivalence.grading)) is None:
            verdicts[index] = undecided(STATES_NO_ANSWER)
        else:
            asked[index] = (chain, answer)
    for decimal in dict.fromkeys(decimal_of(chain) for chain, _ in asked.values()):
        alike = {index: pair for index, pair in asked.items() if decimal_of(pair[0]) == decimal}
        verdicts.update(zip(alike, _compared(list(alike.values()), equivalence, decimal), strict=True))
    return [verdicts[index] for index in range(len(chains))]


def against_golds(
    problem: Problem | Chain,
    answers: Sequence[str],
    equivalence: Equivalence,
    decimal: Decimal = "point",
) -> list[Verdict]:
    """The verdicts on answers to a problem that has a gold; with options, on letters as of `answer_in`.

    Raises:
        ValueError: it has none.
        WorkerError, AnswerCheckError: as `Equivalence.compare_many`.
    """
    if problem.gold is None:
        raise ValueError(f"{problem.id}: answers are judged by a gold answer")
    return _compared([(problem, answer) for answer in answers], equivalence, decimal)


def _compared(
    asked: Sequence[tuple[Problem | Chain, str]], equivalence: Equivalence, decimal: Decimal
) -> list[Verdict]:
    golds = [(problem.gold or "", *problem.other_golds) for problem, _ in asked]
    open_ones = [index for index, (problem, _) in enumerate(asked) if not problem.options]
    pairs = [(gold, asked[index][1]) for index in open_ones for gold in golds[index]]
    found = iter(equivalence.compare_many(pairs, decimal))
    verdicts = {index: _any([next(found) for _ in golds[index]]) for index in open_ones}
    for index, verdict in verdicts.items():
        problem, answer = asked[index]
        if verdict.relation is Relation.UNDECIDED and problem.distractors:
            known = equivalence.compare_many([(wrong, answer) for wrong in problem.distractors], decimal)
            if any(one.relation is Relation.SAME for one in known):
                verdicts[index] = DIFFERENT
    return [
        verdicts[index] if index in verdicts else _of_choice(problem, answer)
        for index, (problem, answer) in enumerate(asked)
    ]


def _any(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on an answer that was compared with every gold."""
    for relation in (Relation.SAME, Relation.UNDECIDED):
        if (first := next((v for v in verdicts if v.relation is relation), None)) is not None:
            return first
    return DIFFERENT


def _of_choice(problem: Problem | Chain, answer: str) -> Verdict:
    if len(answer) != 1 or answer not in LETTERS[: len(problem.options)]:
        return undecided(NO_OPTION)
    return SAME if answer in (problem.gold, *problem.other_golds) else DIFFERENT
