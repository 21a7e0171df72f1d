"""The stage of scoring: a chain in, a row of the table of scores out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from cpmi.errors import NotANumberError, RecordError
from cpmi.runs.journal import Journal
from cpmi.runs.records import Record
from cpmi.runs.results import ParquetTable, row_lines
from cpmi.runs.scheduler import Outcome
from cpmi.runs.score_table import SCHEMA, ScoreRow, score_rows
from cpmi.runs.stages import Harvest
from cpmi.types import Chain, StepScores
from cpmi.usage import Usage

Scorer = Callable[[Sequence[Chain]], Sequence[StepScores | RecordError | NotANumberError]]
"""Scores chains together, in their order; `cpmi.prm.scorer.PRM.score_chains`."""


class Scoring:
    """Scores the steps of chains; those of a chunk together. A kill costs the chunk at work."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.results = ParquetTable(SCHEMA)

    def prepare(self, record: Record[Chain]) -> Record[Chain]:
        return record

    def work(self, items: Sequence[Chain], journal: Journal) -> Sequence[Outcome[StepScores]]:
        """Score the chains of a chunk together."""
        del journal  # it keeps samples, and there are none
        return [
            Outcome(
                name=item.where,
                result=found,
                usage=found.usage if isinstance(found, StepScores) else Usage(),
            )
            for item, found in zip(items, self._scorer(items), strict=True)
        ]

    def harvest(self, done: Sequence[tuple[Chain, StepScores, Usage]]) -> Harvest:
        """The rows of the table of scores."""
        abstained: Counter[str] = Counter()
        for _, scores, _ in done:
            if scores.abstained is not None:
                abstained[scores.abstained] += scores.values.count(None)
        return Harvest(
            rows=row_lines(score_rows([ScoreRow(chain=chain, scores=scores) for chain, scores, _ in done])),
            num_chains=len(done),
            num_steps=sum(len(scores.values) for _, scores, _ in done),
            abstained=dict(sorted(abstained.items())),
        )
