"""The stage of labeling: a chain in, a row of the table of labels out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cpmi.answers import Equivalence
from cpmi.methods import Method
from cpmi.methods.without_gold import labels_of
from cpmi.requests import Engines
from cpmi.runs.journal import Journal
from cpmi.runs.records import Join, Record, with_gold
from cpmi.runs.results import ParquetTable, row_lines
from cpmi.runs.scheduler import Outcome, run_flows
from cpmi.runs.stages import Harvest
from cpmi.runs.table import LabeledChain, label_rows, schema
from cpmi.types import Chain, StepLabels
from cpmi.usage import Usage


class Labeling:
    """Labels the steps of chains.

    Args:
        method: the method.
        engines: the model, or the models by their roles.
        join: gives a chain its gold answer; None where the input states it.
        equivalence: that of the method, to count the pairs that timed out; None if it compares no answers.
    """

    def __init__(
        self,
        method: Method,
        engines: Engines,
        *,
        join: Join | None = None,
        equivalence: Equivalence | None = None,
    ) -> None:
        self._equivalence = equivalence
        self._method = method
        self._engines = engines
        self._join = join
        self._columns = schema(method.name, method.columns)
        self.results = ParquetTable(self._columns)

    def prepare(self, record: Record[Chain]) -> Record[Chain]:
        return with_gold(record, self._join, required=self._method.needs_gold)

    def work(self, items: Sequence[Chain], journal: Journal) -> Sequence[Outcome[StepLabels]]:
        flows = [(item.where, labels_of(self._method, item)) for item in items]
        return run_flows(flows, self._engines, journal=journal)

    def harvest(self, done: Sequence[tuple[Chain, StepLabels, Usage]]) -> Harvest:
        """The rows of the table of labels."""
        rows = [
            LabeledChain(chain=chain, labels=replace(labels, usage=usage)) for chain, labels, usage in done
        ]
        abstained = Counter(reason for row in rows for reason in row.labels.abstained.values())
        missing_parts = Counter(
            f"{part} ({reason})" for row in rows for part, reason in row.labels.missing_parts.items()
        )
        return Harvest(
            rows=row_lines(label_rows(rows, self._columns)),
            num_chains=len(rows),
            num_steps=sum(len(row.labels.values) for row in rows),
            num_tokenization_mismatches=sum(row.labels.num_tokenization_mismatches for row in rows),
            abstained=dict(sorted(abstained.items())),
            missing_parts=dict(sorted(missing_parts.items())),
            num_timed_out=self._equivalence.take_num_timed_out() if self._equivalence else 0,
        )
