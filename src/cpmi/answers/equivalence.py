r"""Equivalence of two answers: exact values first, else algebra in processes of their own.

Only SAME counts as right and only DIFFERENT may become a negative, so every doubt is UNDECIDED with a reason.
What becomes of a pair whose process does not answer: `cpmi.answers.pool`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType

from cpmi.answers.choices import compare_choices
from cpmi.answers.decimal_comma import Decimal, plain
from cpmi.answers.exact import compare_exactly
from cpmi.answers.exact_text import compare_texts
from cpmi.answers.grading import Grading
from cpmi.answers.own_check import OwnCheck
from cpmi.answers.pool import DIED, TIMED_OUT, Finding, WorkerPool
from cpmi.answers.symbolic import compare_symbolically
from cpmi.answers.without_percent import hangs_on_percent, without_percent
from cpmi.types import Relation, Verdict

Comparison = Callable[[str, str], Finding]

LIMIT_S = 1.5
_MAX_CACHED = 16_384


class Equivalence:
    r"""Compares answers. Use as a context manager: leaving it ends the workers.

    No process is started until a pair needs computer algebra.

    Args:
        deadline_s: seconds of processor time that one pair may take in a worker.
        num_workers: worker processes.
        inline: compare in this process, without a limit; for tests and for reference only.
        comparison: what a worker computes; a function of an importable module.
        grading: how answers are compared; the other arguments are for the grading by math.

    Raises:
        ValueError: a number is not positive.
        ConfigError: the function of the grading cannot be loaded.
    """

    def __init__(
        self,
        *,
        deadline_s: float = LIMIT_S,
        num_workers: int = 1,
        inline: bool = False,
        comparison: Comparison = compare_symbolically,
        grading: Grading = Grading(),  # noqa: B008  # frozen
    ) -> None:
        if deadline_s <= 0 or num_workers < 1:
            raise ValueError(f"deadline_s={deadline_s} and num_workers={num_workers} must be positive")
        self._inline = inline
        self._comparison = comparison
        self.grading = grading
        self._plain_check = _check_of(grading)
        name = f"{comparison.__module__}:{comparison.__qualname__}"
        self._pool = WorkerPool(name, limit_s=deadline_s, num_workers=num_workers)
        self._cache: dict[tuple[str, str], Verdict] = {}
        self._num_timed_out = 0

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
        self._pool.close()

    @property
    def num_workers_started(self) -> int:
        """Workers that this object may be running: 0 until a pair needs one."""
        return self._pool.num_running

    def take_num_timed_out(self) -> int:
        """How many pairs used up their processor time since this was last asked."""
        count, self._num_timed_out = self._num_timed_out, 0
        return count

    def compare(self, gold: str, answer: str, decimal: Decimal = "point") -> Verdict:
        """SAME, DIFFERENT, or UNDECIDED with a reason. Symmetric, but for a function of the user.

        Args and errors as `compare_many`.
        """
        return self.compare_many([(gold, answer)], decimal)[0]

    def compare_many(self, pairs: Iterable[tuple[str, str]], decimal: Decimal = "point") -> list[Verdict]:
        """One verdict a pair (gold, answer), in order; pairs that need a worker run on all of them at once.

        Args:
            pairs: of answers.
            decimal: what their numbers are written with, for math.

        Raises:
            WorkerError: the workers cannot be started, or are killed from outside again and again.
            AnswerCheckError: a function of the user fails.
        """
        if self._plain_check is not None:
            return [self._by(self._plain_check, pair) for pair in pairs]
        asked = [_ordered(plain(gold, decimal), plain(answer, decimal)) for gold, answer in pairs]
        found = self._decide(dict.fromkeys(asked))
        if self.grading.percent == "same":
            bare = {
                pair: _ordered(*map(without_percent, pair))
                for pair, verdict in found.items()
                if hangs_on_percent(pair, verdict)
            }
            as_numbers = self._decide(dict.fromkeys(bare.values()))
            found.update(
                (pair, as_numbers[b]) for pair, b in bare.items() if as_numbers[b].relation is Relation.SAME
            )
        return [found[pair] for pair in asked]

    def _by(self, check: Callable[[str, str], Verdict], pair: tuple[str, str]) -> Verdict:
        """The verdict of a check that takes no worker; a pair is asked once."""
        if (verdict := self._cache.get(pair)) is None:
            if len(self._cache) >= _MAX_CACHED:
                self._cache.clear()
            verdict = self._cache[pair] = check(*pair)
        return verdict

    def _decide(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Verdict]:
        """The verdicts on pairs that are all different, a percent sign taken as written."""
        found: dict[tuple[str, str], Verdict] = {}
        waiting: list[tuple[str, str]] = []
        for pair in pairs:
            verdict = self._cache.get(pair) or compare_exactly(*pair)
            if verdict is None:
                waiting.append(pair)
            else:
                found[pair] = verdict
        findings = [self._comparison(*p) for p in waiting] if self._inline else self._pool.ask(waiting)
        found.update((pair, _verdict(f)) for pair, f in zip(waiting, findings, strict=True))
        self._num_timed_out += sum(found[pair].reason == TIMED_OUT for pair in waiting)
        if len(self._cache) + len(found) > _MAX_CACHED:
            self._cache.clear()
        # A dead worker says little about the pair; ask again next time.
        self._cache.update((pair, v) for pair, v in found.items() if v.reason != DIED)
        return found


def _check_of(grading: Grading) -> Callable[[str, str], Verdict] | None:
    """The comparison that needs no worker; None for math."""
    named = {"math": None, "exact": compare_texts, "choice": compare_choices}
    return OwnCheck.load(grading.check).compare if grading.has_function else named[grading.check]


def _ordered(first: str, second: str) -> tuple[str, str]:
    """One order for both, so that the verdict cannot depend on it and the cache holds it once."""
    return (first, second) if first <= second else (second, first)


def _verdict(finding: Finding) -> Verdict:
    relation, reason = finding
    return Verdict(relation=Relation(relation), reason=reason)
