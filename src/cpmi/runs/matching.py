"""The chains of several runs, matched by id."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cpmi.data import normalize_problem
from cpmi.errors import InputError
from cpmi.types import Chain

NUM_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """The chains of one run by their ids, in its order."""

    folder: str
    by_id: Mapping[str, Chain]

    @classmethod
    def of(cls, folder: str | Path, chains: Iterable[Chain]) -> Chains:
        """Index them by id.

        Raises:
            InputError: two chains have the same id, or there is none.
        """
        by_id: dict[str, Chain] = {}
        for chain in chains:
            if by_id.setdefault(chain.id, chain) is not chain:
                raise InputError(
                    "two chains have the same id, so runs cannot be matched",
                    where=str(folder),
                    got=repr(chain.id),
                    hint="Give every chain of the input an id of its own and label it again.",
                )
        if not by_id:
            raise InputError("the run has no chain", where=str(folder), expected="at least one labeled chain")
        return cls(folder=str(folder), by_id=by_id)


def fold_of(problem: str) -> int:
    """sha256(problem text with runs of white space made one space) mod 5."""
    digest = hashlib.sha256(normalize_problem(problem).encode("utf-8", "surrogatepass")).hexdigest()
    return int(digest, 16) % NUM_FOLDS


def shared_ids(runs: Sequence[Chains], left_out: Counter[str]) -> list[str]:
    """The ids that every run has, in the order of the first; each of the others is counted once.

    Raises:
        InputError: the runs share none.
    """
    everywhere = set(runs[0].by_id).intersection(*(run.by_id for run in runs))
    for id in dict.fromkeys(id for run in runs for id in run.by_id):
        if id not in everywhere:
            absent = next(run for run in runs if id not in run.by_id)
            left_out[f"not in {absent.folder}"] += 1
    if not everywhere:
        raise InputError(
            "the runs share no chain",
            where=", ".join(run.folder for run in runs),
            got=f"ids such as {', '.join(repr(next(iter(run.by_id))) for run in runs)}",
            hint="Label the same input with every method.",
        )
    return [id for id in runs[0].by_id if id in everywhere]


def agreed(id: str, runs: Sequence[Chains]) -> Chain:
    """The chain, if all runs mean the same one; what only one run knows of it is taken from there.

    Raises:
        InputError: they disagree about its question, steps, ratings, gold or answer.
    """
    chain = runs[0].by_id[id]
    for run in runs[1:]:
        other = run.by_id[id]
        for name in ("question", "steps", "ratings", "gold", "answer"):
            mine, theirs = getattr(chain, name), getattr(other, name)
            if theirs is None or mine == theirs:
                continue
            if mine is not None:
                source = next(run for run in runs if getattr(run.by_id[id], name) == mine)
                raise _disagreement(id, name, mine, theirs, source.folder, run.folder)
            chain = replace(chain, **{name: theirs})
        chain = replace(chain, meta={**other.meta, **chain.meta})
    return chain


def _disagreement(id: str, name: str, mine: Any, theirs: Any, here: str, there: str) -> InputError:
    return InputError(
        f"the runs disagree about the {name} of chain {id!r}",
        where=f"{here} and {there}",
        got=f"{_short(mine)} and {_short(theirs)}",
        hint="Label the same input, with the same gold file, by every method.",
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}..."
