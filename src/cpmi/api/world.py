"""Problems of the world, and exact ratings of chains that answer them, as files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpmi.data import read_chains, to_line
from cpmi.embedded.world import LEVELS, Split, draw_records, rate_chain
from cpmi.errors import ConfigError, RecordError
from cpmi.runs.products import write_lines_product
from cpmi.types import Chain, Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """Rated chains.

    Attributes:
        num_chains: written.
        num_wrong: of them with a wrong step.
        steps: how many have each rating.
    """

    num_chains: int
    num_wrong: int
    steps: Mapping[Rating, int]


def write_problems(
    out: str | Path, *, num: int, split: str = Split.TEST, level: int | None = None, seed: int = 0
) -> None:
    """Draw problems into a JSONL file.

    Args:
        out: the file.
        num: how many.
        split: "train", "dev" or "test".
        level: 0 to 3; None for 1 to 3 by chance.
        seed: other seeds give other problems.

    Raises:
        ConfigError: no such split or level.
        StorageError: the file cannot be written.
    """
    if split not in tuple(Split):
        raise ConfigError("does not fit", where="option split", got=split, expected=", ".join(Split))
    if level is not None and level not in LEVELS:
        raise ConfigError("does not fit", where="option level", got=str(level), expected="0, 1, 2 or 3")
    records = draw_records(num, split=split, seed=seed, level=level)
    write_lines_product(Path(out), "".join(json.dumps(record) + "\n" for record in records))


def rate(chains: str | Path, *, out: str | Path) -> Rated:
    """Rate every step of chains exactly, from the text alone, and write them to a JSONL file.

    Raises:
        InputError: the chains cannot be read.
        RecordError: a record is malformed, or its question is not a problem of the world.
        StorageError: the file cannot be written.
    """
    rated = list(_rated(chains))
    write_lines_product(Path(out), b"".join(map(to_line, rated)).decode())
    return Rated(
        num_chains=len(rated),
        num_wrong=sum(Rating.WRONG in (chain.ratings or ()) for chain in rated),
        steps=Counter(rating for chain in rated for rating in chain.ratings or ()),
    )


def _rated(chains: str | Path) -> Iterator[Chain]:
    for read in read_chains(str(chains)):
        if isinstance(read, RecordError):
            raise read
        yield rate_chain(read)
