"""How an input is understood, seen from its first chain or problem: what a run shows before it costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from cpmi.answers import Equivalence, Grading
from cpmi.api.check import understood
from cpmi.api.checked import CheckedChain
from cpmi.api.common import join_of
from cpmi.data import locate, opened, read_gold, read_problems
from cpmi.errors import AnswerCheckError, RecordError
from cpmi.runs.final_answers import OUTCOMES, final_answer_verdicts
from cpmi.types import Chain, Problem, Relation

_LOOKED_AT = 100  # records, of which one may be usable
Item = TypeVar("Item", bound=Chain | Problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstChain:
    """What is known of an input of chains after its first usable record.

    Attributes:
        source: as it was given.
        format: how its records are read.
        columns: which column is what, in words; "" for a known format.
        split: the rule by which texts are cut into steps; "" where the records give the steps.
        first: the first usable chain; None if none of the first records is one.
    """

    source: str
    format: str
    columns: str
    split: str
    first: CheckedChain | None


def first_chain(
    source: str,
    *,
    reading: Mapping[str, Any],
    gold: str | Path | None = None,
    grading: Grading | None = None,
) -> FirstChain:
    """Read the first usable chain of an input.

    Args:
        source: as `cpmi.data.read_chains` takes it.
        reading: how it is read: the other arguments of `read_chains`.
        gold: a file of problems and answers, joined by the problem's text.
        grading: how answers are compared; by default as math.

    Raises:
        InputError: the input or the gold file cannot be read.
        UnknownFormatError: its records are of no known kind, or several columns could be the same.
    """
    form, chains = opened(locate(source), **reading)
    join = None if gold is None else join_of(read_gold(gold), str(gold))
    first = _first(chains)
    if first is not None and join is not None:
        try:
            first = join(first)
        except RecordError:  # the run says it
            join = None
    by_rule = form.name == "columns" and "steps = " not in form.columns
    return FirstChain(
        source=source,
        format=form.name,
        columns=form.columns,
        split=str(reading.get("split_steps") or "auto") if by_rule else "",
        first=None if first is None else _checked(first, grading or Grading()),
    )


def first_problem(source: str, *, reading: Mapping[str, Any]) -> Problem | None:
    """The first usable problem of an input; args and errors as `cpmi.data.read_problems`."""
    return _first(read_problems(locate(source), **reading))


def _first(found: Iterable[Item | RecordError]) -> Item | None:
    usable = (item for item in islice(found, _LOOKED_AT) if not isinstance(item, RecordError))
    return next(usable, None)


def _checked(chain: Chain, grading: Grading) -> CheckedChain:
    try:
        with Equivalence(grading=grading) as equivalence:
            (verdict,) = final_answer_verdicts([chain], equivalence)
    except AnswerCheckError:  # the run says it
        return understood(chain, OUTCOMES[Relation.UNDECIDED], grading)
    return understood(chain, OUTCOMES[verdict.relation], grading)
