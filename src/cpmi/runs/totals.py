"""What a run came to: the reports of its chunks, added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cpmi.answers.judged import NO_GOLD as NO_GOLD
from cpmi.runs.chunks import ChunkReport
from cpmi.usage import Usage

NOT_JOINED = "no gold answer joined"
"""Reasons under which records are rejected: without a gold file, and with one that lacks the problem."""

NO_ANSWER = "no answer"
"""Among `final_answers`, beside the words of a verdict and NO_GOLD: the chain states no final answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sum over chunks.

    Attributes:
        num_chunks: finished chunks.
        num_records: input records read, the rejected ones included.
        num_chains: chains labeled or sampled.
        num_steps: steps of these chains.
        num_tokenization_mismatches: joins at which the tokenizer would cut the joined text differently.
        abstained: steps without a label, by reason.
        rejected: records without a row, by reason.
        usage: what all requests cost.
        wall_s: seconds of work, over all sessions and shards; loading the model is not in it.
        missing_parts: chains labeled without a part of their labels, by "part (reason)".
        final_answers: of a sampling run, chains by what became of their final answer.
        num_cut_off: of a sampling run, chains that were cut off by length.
        num_timed_out: pairs of answers whose comparison used up its processor time; such a pair is
            UNDECIDED, and asked once per session.
    """

    num_chunks: int
    num_records: int
    num_chains: int
    num_steps: int
    num_tokenization_mismatches: int
    abstained: Mapping[str, int]
    rejected: Mapping[str, int]
    usage: Usage
    wall_s: float
    missing_parts: Mapping[str, int] = field(default_factory=dict)
    final_answers: Mapping[str, int] = field(default_factory=dict)
    num_cut_off: int = 0
    num_timed_out: int = 0

    @classmethod
    def of(cls, reports: Sequence[ChunkReport]) -> Totals:
        """Add up the reports of all chunks."""
        rejected = Counter(reject.reason for report in reports for reject in report.rejects)
        return cls(
            num_chunks=len(reports),
            num_records=sum(report.num_records for report in reports),
            num_chains=sum(report.num_chains for report in reports),
            num_steps=sum(report.num_steps for report in reports),
            num_tokenization_mismatches=sum(report.num_tokenization_mismatches for report in reports),
            abstained=_sum(report.abstained for report in reports),
            rejected=dict(sorted(rejected.items())),
            usage=sum((report.usage for report in reports), Usage()),
            wall_s=sum(report.wall_s for report in reports),
            missing_parts=_sum(report.missing_parts for report in reports),
            final_answers=_sum(report.final_answers for report in reports),
            num_cut_off=sum(report.num_cut_off for report in reports),
            num_timed_out=sum(report.num_timed_out for report in reports),
        )

    @property
    def num_not_joined(self) -> int:
        """Records whose problem the gold file lacks."""
        return self.rejected.get(NOT_JOINED, 0)

    @property
    def steps_per_s(self) -> float | None:
        """Steps labeled per second of labeling; None if no time was measured."""
        return self.num_steps / self.wall_s if self.wall_s > 0 else None

    @property
    def generated_per_s(self) -> float | None:
        """Tokens generated per second of work; None if no time was measured."""
        return self.usage.generated_tokens / self.wall_s if self.wall_s > 0 else None

    def price_per_million_steps(self, price_per_hour: float) -> float | None:
        """Price of a million steps on a machine of this price an hour; None without a step."""
        if not self.num_steps:
            return None
        return price_per_hour * self.wall_s / 3600 / self.num_steps * 1e6

    def to_json(self) -> dict[str, Any]:
        """The same facts for `usage.json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Totals:
        """What `to_json` gave; a TypeError or KeyError for anything else."""
        return cls(**{**facts, "usage": Usage(**facts["usage"])})


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))
