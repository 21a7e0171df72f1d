"""The stage of labeling: a chain in, a row of the table of labels out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cpmi.flows import Flow, Labeler
from cpmi.runs.records import Join, Record, with_gold
from cpmi.runs.results import LabelTable
from cpmi.runs.stages import Harvest
from cpmi.runs.table import LabeledTrajectory, encode, schema
from cpmi.types import StepLabels, Trajectory
from cpmi.usage import Usage


class Labeling:
    """Labels the steps of chains.

    Args:
        labeler: the method.
        join: gives a trajectory its gold answer; None where the input states it.
    """

    def __init__(self, labeler: Labeler, *, join: Join | None = None) -> None:
        self._labeler = labeler
        self._join = join
        self._columns = schema(labeler.name, labeler.part_names)
        self.results = LabelTable(self._columns)

    def prepare(self, record: Record[Trajectory]) -> Record[Trajectory]:
        return with_gold(record, self._join, required=self._labeler.needs_gold)

    def flow(self, item: Trajectory) -> Flow[StepLabels]:
        return self._labeler.label(item)

    def harvest(self, done: Sequence[tuple[Trajectory, StepLabels, Usage]]) -> Harvest:
        rows = [
            LabeledTrajectory(trajectory=trajectory, labels=replace(labels, usage=usage))
            for trajectory, labels, usage in done
        ]
        abstained = Counter(reason for row in rows for reason in row.labels.abstained.values())
        return Harvest(
            rows=encode(rows, self._columns),
            num_chains=len(rows),
            num_steps=sum(len(row.labels.values) for row in rows),
            num_joint_differences=sum(row.labels.num_joint_differences for row in rows),
            abstained=dict(sorted(abstained.items())),
        )
