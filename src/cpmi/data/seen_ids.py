"""Which ids a source has used, in about 9 bytes of memory per id."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from hashlib import blake2b

_NUM_RUNS = 4096


class SeenIds:
    """A set of ids by their digests of 64 bits (BLAKE2b), kept in sorted runs.

    The chance that two of n different ids have the same digest is n² / 2⁶⁵: 3e-8 for a million. The later one
    would be taken for a repetition, in every run alike: an error that names the record.
    """

    def __init__(self) -> None:
        self._runs = [array("Q") for _ in range(_NUM_RUNS)]

    def add(self, record_id: str) -> bool:
        """Add an id; False if it was there."""
        found = blake2b(record_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        digest = int.from_bytes(found, "big")
        run = self._runs[digest % _NUM_RUNS]
        place = bisect_left(run, digest)
        if place < len(run) and run[place] == digest:
            return False
        run.insert(place, digest)
        return True
