"""The chains as the browser of the page shows them: JSON values, rounded, with what its filters ask for."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cpmi.answers import Equivalence, Grading, stated_answer
from cpmi.answers.judged import STATES_NO_ANSWER
from cpmi.reports.runs import ReportedRun
from cpmi.runs.final_answers import OUTCOMES, final_answer_verdicts
from cpmi.runs.totals import NO_GOLD
from cpmi.types import Chain, StepLabels

MAX_BYTES = 2_300_000
"""Of all embedded chains as JSON: with plots and scripts the page then stays below 3 MB."""


DEFAULT = Grading()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChains:
    """The chains on the page.

    Attributes:
        chains: as JSON values; a field that is unknown is None.
        num_all: chains in all runs together.
        rule: why the others were left out; "" if all are there.
    """

    chains: tuple[dict[str, Any], ...]
    num_all: int
    rule: str

    @property
    def num_left_out(self) -> int:
        return self.num_all - len(self.chains)


def embed_chains(
    runs: Sequence[ReportedRun],
    *,
    max_chains: int,
    max_bytes: int = MAX_BYTES,
    grading: Grading = DEFAULT,
) -> ShownChains:
    """The first chains of the input, until there are `max_chains` or the page would be too heavy.

    Args:
        runs: read with rows of at least so many chains.
        max_chains, max_bytes: of the page.
        grading: how final answers are compared.
    """
    ids = list(dict.fromkeys(id for run in runs for id in run.num_steps_of))
    ranks = [_Ranks(run) for run in runs]
    kept: list[dict[str, Any]] = []
    num_bytes = 0
    with Equivalence(grading=grading) as equivalence:
        for id in islice(ids, max_chains):
            chain = _chain(id, runs, ranks, equivalence)
            num_bytes += len(json.dumps(chain, ensure_ascii=False, separators=(",", ":")).encode())
            if num_bytes > max_bytes and kept:
                break
            kept.append(chain)
    rule = ""
    if len(kept) < len(ids):
        limit = f"{max_chains:,} chains" if len(kept) == max_chains else f"{max_bytes / 1e6:.1f} MB of chains"
        rule = f"the first {len(kept):,} in the order of the input; a page holds at most {limit}"
    return ShownChains(chains=tuple(kept), num_all=len(ids), rule=rule)


class _Ranks:
    """Where a value stands among all labels of its run."""

    def __init__(self, run: ReportedRun) -> None:
        self._sorted = run.values_N

    def quantile(self, value: float | None) -> float | None:
        """0 for the lowest, 1 for the highest; equal values share the middle of their ranks."""
        if value is None:
            return None
        below, upto = bisect_left(self._sorted, value), bisect_right(self._sorted, value)
        return round((below + upto) / 2 / len(self._sorted), 3)


def _chain(
    id: str, runs: Sequence[ReportedRun], ranks: Sequence[_Ranks], equivalence: Equivalence
) -> dict[str, Any]:
    row = next(run.rows[id] for run in runs if id in run.rows)
    chain = row.chain
    labels = [
        _labels(rank, run.rows[id].labels) if id in run.rows else None
        for run, rank in zip(runs, ranks, strict=True)
    ]
    return {
        "id": id,
        "question": chain.question,
        "gold": chain.gold,
        **_final_answer(chain, equivalence),
        **_first_error(chain),
        "steps": list(chain.steps),
        "ratings": None if chain.ratings is None else [rating.value for rating in chain.ratings],
        "prints": _prints([run.rows[id].labels for run in runs if id in run.rows]),
        "disagree": _disagree(labels),
        "labels": labels,
    }


def _labels(ranks: _Ranks, labels: StepLabels) -> dict[str, Any]:
    made: dict[str, Any] = {
        "values": [_rounded(value) for value in labels.values],
        "quantiles": [ranks.quantile(value) for value in labels.values],
        "lowest": _lowest(labels.values),
        "abstained": {str(step): reason for step, reason in sorted(labels.abstained.items())},
        "candidates": [{"text": c.text, "origin": c.origin.value} for c in labels.candidates],
    }
    right = [v for c, v in zip(labels.candidates, labels.candidate_values, strict=False) if c.right]
    wrong = [v for c, v in zip(labels.candidates, labels.candidate_values, strict=False) if not c.right]
    if right and wrong:
        made["gold"] = [_rounded(max(column)) for column in zip(*right, strict=True)]
        made["wrong"] = [_rounded(max(column)) for column in zip(*wrong, strict=True)]
    if (counts := labels.rollout_counts) is not None:
        made["successes"] = [count[0] if count else 0 for count in counts]
        made["decided"] = [count[1] if count else 0 for count in counts]
    return made


def _first_error(chain: Chain) -> dict[str, int | str | None]:
    """Index of the first error and, where there is none or it is not known, what to say of that."""
    found = chain.first_error
    if isinstance(found, int) and found >= 0:
        return {"first_error": found, "no_error": ""}
    return {"first_error": None, "no_error": "no error" if found == -1 else f"first error unknown: {found}"}


def _final_answer(chain: Chain, equivalence: Equivalence) -> dict[str, str | None]:
    """The chain's own final answer, and whether it is right."""
    (verdict,) = final_answer_verdicts([chain], equivalence)
    unknown = verdict.reason in (NO_GOLD, STATES_NO_ANSWER)
    return {
        "answer": stated_answer(chain, equivalence.grading),
        "outcome": None if unknown else OUTCOMES[verdict.relation],
    }


def _prints(labels: Sequence[StepLabels]) -> list[bool]:
    """Which steps print the gold or a candidate: their labels follow from the print, not from the logic."""
    marks = [
        one.marks[name]
        for one in labels
        for name in ("mentions_gold", "mentions_candidate")
        if name in one.marks
    ]
    return [any(column) for column in zip(*marks, strict=True)]


def _lowest(values: Sequence[float | None]) -> list[int]:
    """The steps with the lowest label; several if they tie."""
    given = [value for value in values if value is not None]
    return [index for index, value in enumerate(values) if value is not None and value == min(given)]


def _disagree(labels: Sequence[Mapping[str, Any] | None]) -> bool:
    """Whether two methods have no weakest step in common. A method that abstains has no say."""
    weakest = [set(column["lowest"]) for column in labels if column is not None and column["lowest"]]
    return any(not one & other for index, one in enumerate(weakest) for other in weakest[:index])


def _rounded(value: float | None) -> float | None:
    """To a thousandth: what a page can show."""
    return None if value is None else round(value, 3)
