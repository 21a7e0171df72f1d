r"""Equivalence of two answers: exact values first, else algebra in workers that can be killed.

Only SAME counts as right and only DIFFERENT may become a negative, so every doubt is UNDECIDED with a reason.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import TYPE_CHECKING

from cpmi.answers.exact import compare_exactly
from cpmi.answers.symbolic import Finding, compare_symbolically, prepare_worker
from cpmi.answers.verdicts import undecided
from cpmi.types import Relation, Verdict

if TYPE_CHECKING:
    from pebble import ProcessFuture, ProcessPool

Comparison = Callable[[str, str], Finding]

_MAX_CACHED = 200_000
TIMED_OUT, DIED = "timed out", "worker died"
PATIENCE = 3.0  # how much longer the second try of a pair may take


class Equivalence:
    """Compares answers. Use as a context manager: leaving it ends the workers.

    No process is started until a pair needs computer algebra.

    Args:
        deadline_s: seconds one pair may take in a worker before the worker is killed.
        num_workers: worker processes.
        inline: compare in this process, without deadline; for tests and for reference only.
        comparison: what a worker computes; a module-level function.
    """

    def __init__(
        self,
        *,
        deadline_s: float = 5.0,
        num_workers: int = 1,
        inline: bool = False,
        comparison: Comparison = compare_symbolically,
    ) -> None:
        if deadline_s <= 0 or num_workers < 1:
            raise ValueError(f"deadline_s={deadline_s} and num_workers={num_workers} must be positive")
        self._deadline_s = deadline_s
        self._num_workers = num_workers
        self._inline = inline
        self._comparison = comparison
        self._pool: ProcessPool | None = None
        self._cache: dict[tuple[str, str], Verdict] = {}

    def __enter__(self) -> Equivalence:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers. The object can be used again; it then starts new ones."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    @property
    def num_workers_started(self) -> int:
        """Workers that this object may be running: 0 until a pair needs one."""
        return 0 if self._pool is None else self._num_workers

    def compare(self, first: str, second: str) -> Verdict:
        """SAME, DIFFERENT, or UNDECIDED with a reason. Symmetric."""
        return self.compare_many([(first, second)])[0]

    def compare_many(self, pairs: Iterable[tuple[str, str]]) -> list[Verdict]:
        """One verdict a pair, in order; pairs that need a worker run on all of them at once."""
        asked = [_ordered(first, second) for first, second in pairs]
        found: dict[tuple[str, str], Verdict] = {}
        waiting: dict[tuple[str, str], ProcessFuture[Finding]] = {}
        for pair in asked:
            if pair in found or pair in waiting:
                continue
            verdict = self._cache.get(pair) or compare_exactly(*pair)
            if verdict is not None:
                found[pair] = verdict
            elif self._inline:
                found[pair] = _verdict(self._comparison(*pair))
            else:
                waiting[pair] = self._schedule(pair)
        for pair, future in waiting.items():
            found[pair] = _await(future)
        # A busy machine must not decide: what did not finish is asked once more, alone and patiently.
        for pair in [pair for pair in waiting if found[pair].reason in (TIMED_OUT, DIED)]:
            found[pair] = _await(self._schedule(pair, patience=PATIENCE))
        self._remember(found)
        return [found[pair] for pair in asked]

    def _schedule(self, pair: tuple[str, str], patience: float = 1.0) -> ProcessFuture[Finding]:
        if self._pool is None:
            from pebble import ProcessPool  # slow to import, and rarely needed

            self._pool = ProcessPool(
                max_workers=self._num_workers, initializer=prepare_worker, context=_context()
            )
        return self._pool.schedule(self._comparison, args=list(pair), timeout=patience * self._deadline_s)

    def _remember(self, found: dict[tuple[str, str], Verdict]) -> None:
        if len(self._cache) + len(found) > _MAX_CACHED:
            self._cache.clear()
        # A dead worker says nothing about the pair; ask again next time.
        self._cache.update((pair, v) for pair, v in found.items() if v.reason != DIED)


def _context() -> multiprocessing.context.BaseContext:
    """Never plain fork: forking beside torch's threads can freeze the child on a lock it inherits."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # The server loads sympy once, so a worker that replaces a killed one is ready at once.
    context.set_forkserver_preload(["cpmi.answers.symbolic", "sympy"])
    return context


def _ordered(first: str, second: str) -> tuple[str, str]:
    """One order for both, so that the verdict cannot depend on it and the cache holds it once."""
    return (first, second) if first <= second else (second, first)


def _await(future: ProcessFuture[Finding]) -> Verdict:
    from pebble import ProcessExpired

    try:
        return _verdict(future.result())
    except FutureTimeoutError:
        return undecided(TIMED_OUT)
    except ProcessExpired:
        return undecided(DIED)


def _verdict(finding: Finding) -> Verdict:
    relation, reason = finding
    return Verdict(relation=Relation(relation), reason=reason)
