"""See how chains are understood before anything is paid for: `cpmi check` from Python."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from statistics import quantiles
from typing import Any

from cpmi.answers import (
    Equivalence,
    Grading,
    decimal_of,
    extract_answer,
    judged_all,
    stated_answer,
    texts_wanted,
)
from cpmi.answers.decimal_comma import looks_like_comma
from cpmi.answers.extract import BY_PLACE
from cpmi.api.checked import Checked, CheckedChain
from cpmi.api.common import join_of
from cpmi.config import CheckConfig
from cpmi.data import locate, normalize_problem, opened, read_gold
from cpmi.data.seen_ids import SeenIds
from cpmi.data.sources.memory import Records, named
from cpmi.data.sources.pipes import at_rest
from cpmi.errors import CpmiError, InputError, RecordError
from cpmi.languages.noticed import advice, script_of
from cpmi.runs.final_answers import OUTCOMES, final_answer_verdicts
from cpmi.runs.records import as_record
from cpmi.runs.totals import NO_GOLD as NO_GOLD_GIVEN
from cpmi.types import Chain, Relation

NO_GOLD = "no gold"
"""The outcome of a chain whose answer there is nothing to compare with."""

_HOW_TO_RUN = re.compile(r",? or use --on-error skip[^.]*")
_AT_ONCE = 256  # chains whose answers are compared together
_MANY = 10  # chains from which on it is strange that all answers agree


@dataclass(slots=True)
class _Tally:
    """Counts over all chains."""

    num_steps: list[int] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    no_gold: int = 0
    rated_right_answer_wrong: int = 0
    rated_wrong_answer_right: int = 0
    outcome_against_gold: int = 0
    gold_in_question: int = 0
    comma_golds: int = 0
    scripts: Counter[str] = field(default_factory=Counter)
    gold_errors: tuple[RecordError, ...] = ()
    repeated: int = 0
    several_golds: int = 0
    seen: SeenIds = field(default_factory=SeenIds)
    questions: SeenIds = field(default_factory=SeenIds)
    golds: SeenIds = field(default_factory=SeenIds)
    doubtful: SeenIds = field(default_factory=SeenIds)


def check(input: Records, *, gold: str | Path | None = None, **options: Any) -> Checked:
    """Read chains and say how they are understood; no model is loaded.

    Args:
        input: a file, a folder, or the id of a dataset; or records in memory, as `cpmi.label`.
        gold: a file of problems and answers, joined by the problem's text.
        options: the other options of `cpmi check`, with _ for -.

    Raises:
        ConfigError: an option does not exist or does not fit.
        InputError: the input cannot be read.
        UnknownFormatError: its records are of no known kind, or several columns could be the same.
    """
    with named(input) as source:
        given = {"input": source, "gold": None if gold is None else str(gold), **options}
        return run_check(CheckConfig.parse(given))


def run_check(config: CheckConfig) -> Checked:
    """`check` for options that are checked already."""
    with at_rest(config.input, config.gold):
        return _checked(config)


def _checked(config: CheckConfig) -> Checked:
    source = locate(config.input)
    form, chains = opened(source, **config.reading())
    golds = None if config.gold is None else read_gold(config.gold)
    join = None if golds is None else join_of(golds, str(config.gold))
    tally = _Tally(gold_errors=() if golds is None else golds.errors)

    def usable() -> Iterator[Chain]:
        for chain in islice(chains, config.limit):
            try:
                found = as_record(chain).content
                if isinstance(found, CpmiError):
                    raise found
                yield found if join is None else join(found)
            except RecordError as error:
                tally.rejected[error.what] += 1
                tally.examples.setdefault(error.what, _advice_for_check(error))

    first = _count(usable(), tally, config.grading)
    if first is None and not tally.rejected:
        raise InputError("no record can be read", where=str(config.input))
    return Checked(
        source=config.input,
        format=form.name,
        columns=form.columns,
        num_chains=len(tally.num_steps),
        num_steps=sum(tally.num_steps),
        steps=_spread(tally.num_steps),
        outcomes=dict(tally.outcomes),
        rejected=dict(tally.rejected),
        examples=tally.examples,
        first=first,
        warnings=tuple(_warnings(tally)),
    )


def _advice_for_check(error: RecordError) -> str:
    """The message without what only a run can be told."""
    return _HOW_TO_RUN.sub("", str(error))


def _count(chains: Iterable[Chain], tally: _Tally, grading: Grading) -> CheckedChain | None:
    """Tally all chains; the first one as it is understood."""
    first = None
    left = iter(chains)
    with Equivalence(grading=grading) as equivalence:
        while batch := list(islice(left, _AT_ONCE)):
            verdicts = final_answer_verdicts(batch, equivalence)
            tally.outcome_against_gold += _num_contradictions(batch, equivalence)
            for chain, verdict in zip(batch, verdicts, strict=True):
                outcome = NO_GOLD if verdict.reason == NO_GOLD_GIVEN else OUTCOMES[verdict.relation]
                first = first or understood(chain, outcome, grading)
                _add(tally, chain, outcome, verdict.relation)
    return first


def understood(chain: Chain, outcome: str, grading: Grading) -> CheckedChain:
    """The chain with the answer that it states, and the rule that found it; `outcome` is in words."""
    answer = stated_answer(chain, grading)
    if answer is None or chain.answer is not None:
        rule = "" if answer is None else "column"
    else:  # an option may be named where no rule finds an answer
        found = extract_answer(chain.steps[-1], decimal_of(chain))
        rule = "option" if found is None else found.rule
        if texts_wanted(chain, grading) is not None and (found is None or found.rule in BY_PLACE):
            rule = "as_written"
    return CheckedChain(chain=chain, answer=answer, rule=rule, outcome=outcome)


def _num_contradictions(chains: Iterable[Chain], equivalence: Equivalence) -> int:
    """Chains whose outcome is not what their answer and their gold say."""
    told = [chain for chain in chains if chain.outcome is not None and chain.gold is not None]
    verdicts = judged_all([replace(chain, outcome=None) for chain in told], equivalence)
    opposite = {True: Relation.DIFFERENT, False: Relation.SAME}
    return sum(
        verdict.relation is opposite[bool(chain.outcome)]
        for chain, verdict in zip(told, verdicts, strict=True)
    )


def _add(tally: _Tally, chain: Chain, outcome: str, relation: Relation) -> None:
    tally.num_steps.append(len(chain.steps))
    tally.outcomes[outcome] += 1
    tally.no_gold += chain.gold is None and chain.outcome is None
    tally.repeated += not tally.seen.add("\n\n".join((chain.question, *chain.steps)))
    if chain.gold is not None:
        question = normalize_problem(chain.question)
        is_new = tally.questions.add(question)
        if tally.golds.add(f"{question}\0{chain.gold}") and not is_new:
            tally.several_golds += tally.doubtful.add(question)
        tally.comma_golds += decimal_of(chain) == "point" and looks_like_comma(chain.gold)
    error = chain.first_error
    if isinstance(error, int):
        tally.rated_right_answer_wrong += error == -1 and relation is Relation.DIFFERENT
        tally.rated_wrong_answer_right += error != -1 and relation is Relation.SAME
    tally.scripts[script_of(chain.question)] += 1
    if chain.gold and len(chain.gold) > 1:
        tally.gold_in_question += f" {chain.gold} " in f" {chain.question} "


def _spread(num_steps: list[int]) -> tuple[float, ...] | None:
    if not num_steps:
        return None
    quarters = quantiles(num_steps, n=4, method="inclusive") if len(num_steps) > 1 else num_steps * 3
    return (min(num_steps), *quarters, max(num_steps))


def _warnings(tally: _Tally) -> Iterator[str]:
    num = len(tally.num_steps)
    decided = {name: count for name, count in tally.outcomes.items() if name in ("right", "wrong")}
    if sum(decided.values()) >= _MANY and len(decided) == 1:
        name, count = next(iter(decided.items()))
        which = "all" if count == num else f"of {num:,} chains all that can be compared,"
        yield f"{which} {count:,} final answers are {name}: is a column of golds one of answers?"
    if tally.gold_errors:
        num_bad, first = len(tally.gold_errors), tally.gold_errors[0]
        yield f"{num_bad:,} records of the gold file cannot be used, first: {first}"
    if tally.no_gold:
        yield f"{tally.no_gold:,} of {num:,} chains have no gold; --gold FILE joins golds by the question"
    if tally.several_golds:
        questions = "question has" if tally.several_golds == 1 else "questions have"
        yield f"{tally.several_golds:,} {questions} several golds in the input"
    if tally.outcome_against_gold:
        yield f"{tally.outcome_against_gold:,} outcomes are not what the answer and the gold say"
    if tally.rated_right_answer_wrong:
        yield f"{tally.rated_right_answer_wrong:,} chains are rated right and end in a wrong answer"
    if tally.rated_wrong_answer_right:
        yield f"{tally.rated_wrong_answer_right:,} chains are rated wrong and end in the right answer"
    if num and tally.gold_in_question > num / 2:
        yield f"{tally.gold_in_question:,} of {num:,} questions contain their gold answer"
    past = next((reason for reason in tally.rejected if "points outside the chain" in reason), None)
    if past is not None:
        yield f"{tally.rejected[past]:,} error indices point outside their chains: do they count from 1?"
    if tally.comma_golds:
        yield (
            f"{tally.comma_golds:,} of {num:,} golds look like decimals with a comma: "
            "--decimal comma reads them so"
        )
    if found := advice(tally.scripts):
        yield f"{found} to label or sample"
    outside = next((reason for reason in tally.rejected if "points outside the options" in reason), None)
    if outside is not None:
        yield f"{tally.rejected[outside]:,} golds point outside their options: do they count from 1?"
    if tally.repeated:
        yield f"{tally.repeated:,} of {num:,} chains repeat another word for word; each is paid for"
    one_step = sum(1 for steps in tally.num_steps if steps == 1)
    if num and one_step > num / 2:
        yield f"{one_step:,} of {num:,} chains are one step; --split-steps cuts them otherwise"
