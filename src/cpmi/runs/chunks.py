"""Chunks of work: fixed runs of consecutive input records, each stored once it is finished.

A chunk is what is batched, sharded, resumed and lost together. What it contains follows from the input
alone, so a plain run, a resumed one and merged shards store the same chunks; see `cpmi.runs.chunk_store`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from typing import Any, TypeVar

from cpmi.errors import ConfigError
from cpmi.usage import Usage

T = TypeVar("T")

DEFAULT_CHUNK_SIZE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of `count` equal parts of a run; `index` counts from 0. It owns every count-th chunk."""

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read "i/n".

        Raises:
            ConfigError: not two whole numbers with 0 <= i < n.
        """
        index, slash, count = text.partition("/")
        if slash and index.isdecimal() and count.isdecimal() and int(index) < int(count):
            return cls(index=int(index), count=int(count))
        raise ConfigError(
            "not a shard", where="option shard", got=repr(text), expected="i/n with i from 0 to n-1, as 0/3"
        )

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def owns(self, chunk_index: int) -> bool:
        return chunk_index % self.count == self.index


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A record, or a completion of one, that got no row.

    Attributes:
        id: its id, or None where it could not be read that far.
        source: file and line, as the reader says it.
        reason: the kind of failure, for counting; numbers in it are written N.
        message: the whole error.
    """

    id: str | None
    source: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkReport:
    """What a finished chunk holds.

    Attributes:
        chunk_index: its place in the input.
        num_records: input records in it, the rejected ones included.
        num_chains: rows stored.
        num_steps: steps of these rows.
        num_tokenization_mismatches: joins at which the tokenizer would cut the joined text differently.
        abstained: steps without a label, by reason.
        rejects: the records that got no row.
        usage: what its requests cost, the rejected records' included.
        wall_s: seconds from the first request to the last reply; what an earlier session spent on samples
            that are in the journal is in it.
        records_sha256: digest of the records it was made from.
        rows_sha256: digest of its rows.
        missing_parts: chains labeled without a part of their labels, by "part (reason)".
        final_answers: of a sampling run, chains by what became of their final answer.
        num_cut_off: of a sampling run, chains that were cut off by length.
        num_timed_out: pairs of answers whose comparison used up its processor time.
        fingerprint: of the run that made it.
    """

    chunk_index: int
    num_records: int
    num_chains: int
    num_steps: int
    num_tokenization_mismatches: int
    abstained: Mapping[str, int]
    rejects: tuple[Reject, ...]
    usage: Usage
    wall_s: float
    records_sha256: str
    rows_sha256: str
    missing_parts: Mapping[str, int] = field(default_factory=dict)
    final_answers: Mapping[str, int] = field(default_factory=dict)
    num_cut_off: int = 0
    num_timed_out: int = 0
    fingerprint: str = ""

    def to_facts(self) -> dict[str, Any]:
        """JSON values, as they are stored; costs that are 0 and facts that are rare are left out."""
        facts = {name: getattr(self, name) for name in _REQUIRED}
        rare = {name: value for name in _RARE if (value := getattr(self, name))}
        usage = {name: value for name, value in asdict(self.usage).items() if value}
        return {**facts, **rare, "rejects": [asdict(reject) for reject in self.rejects], "usage": usage}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> ChunkReport:
        """Back from `to_facts`."""
        rejects = tuple(Reject(**reject) for reject in facts["rejects"])
        return cls(**{**facts, "rejects": rejects, "usage": Usage(**facts["usage"])})


_RARE = ("missing_parts", "final_answers", "num_cut_off", "num_timed_out", "fingerprint")
_REQUIRED = tuple(field.name for field in fields(ChunkReport) if field.name not in _RARE)


def cut(records: Iterable[T], chunk_size: int) -> Iterator[tuple[int, Sequence[T]]]:
    """(chunk index, its records), in the order of the input; only the last chunk may be shorter."""
    remaining = iter(records)
    chunk_index = 0
    while chunk := list(islice(remaining, chunk_size)):
        yield chunk_index, chunk
        chunk_index += 1
