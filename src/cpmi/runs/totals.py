"""What a run came to: the reports of its chunks, added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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
    def of(cls, reports: Iterable[ChunkReport]) -> Totals:
        """Add up the reports of all chunks, in one pass."""
        numbers: Counter[str] = Counter()
        counts: dict[str, Counter[str]] = {name: Counter() for name in ("rejected", *_COUNTS)}
        usage, wall_s = Usage(), 0.0
        for report in reports:
            numbers.update({"num_chunks": 1, **{name: getattr(report, name) for name in _NUMBERS}})
            for name in _COUNTS:
                counts[name].update(getattr(report, name))
            counts["rejected"].update(reject.reason for reject in report.rejects)
            usage += report.usage
            wall_s += report.wall_s
        facts: dict[str, Any] = {name: numbers[name] for name in ("num_chunks", *_NUMBERS)}
        facts |= {name: dict(sorted(count.items())) for name, count in counts.items()}
        return cls(**facts, usage=usage, wall_s=wall_s)

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


_NUMBERS = (
    "num_records", "num_chains", "num_steps", "num_tokenization_mismatches", "num_cut_off", "num_timed_out",
)  # fmt: skip
_COUNTS = ("abstained", "missing_parts", "final_answers")
