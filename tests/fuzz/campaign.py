"""What the campaigns share: tries of inputs, each one counted, and a table of what came of them.

A try ends *well* (in a word of the campaign's own, as "answer" or "chain"), *refused* (a CpmiError), or in a
fault: *traceback* (any other error), *slow* (more processor time than `LIMIT_S`), *silent* (the input is
gone without a word), *leftover* (a file that nobody owns) or *different* (other results than expected). A
campaign passes if it has no fault. It draws from its seed alone and calls only what users call, so it can
be run against an older build: `PYTHONPATH=OLD/src:. python -m tests.fuzz.NAME`.
"""

from __future__ import annotations

import argparse
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cpmi.errors import CpmiError

SEED = 20_26
LIMIT_S = 2.0
FAULTS = ("traceback", "slow", "silent", "leftover", "different")
KEPT = 20
"""Faults that are told with their input; the others are counted."""


@dataclass
class Campaign:
    """Tries of one campaign.

    Attributes:
        name: of the campaign.
        outcomes: how many tries of a kind ended in a word, by (kind, word).
        faults: the first ones, as lines for people.
        slowest_s: processor time of the slowest try.
    """

    name: str
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0

    def attempt(self, kind: str, given: object, work: Callable[[], str]) -> str:
        """Try one input.

        Args:
            kind: of the input, a row of the table.
            given: the input, shown with a fault.
            work: gives a word of the campaign's own, or one of `FAULTS`.

        Returns:
            How it ended.
        """
        start_s, told = time.process_time(), ""
        try:
            word = work()
        except CpmiError:
            word = "refused"
        except Exception as error:  # noqa: BLE001  whatever else comes is what a campaign looks for
            word, told = "traceback", f"{type(error).__name__}: {error} at {_place(error)}"
        took_s = time.process_time() - start_s
        self.slowest_s = max(self.slowest_s, took_s)
        if took_s > LIMIT_S and word not in FAULTS:
            word, told = "slow", f"{took_s:.1f} s"
        self.count(kind, word, given, told)
        return word

    def count(self, kind: str, word: str, given: object = "", told: str = "", number: int = 1) -> None:
        """Note `number` tries that ended in the same word."""
        self.outcomes[kind, word] += number
        if word in FAULTS and len(self.faults) < KEPT:
            self.faults.append(f"{kind}: {word} {told} <- {given!r:.300}")

    @property
    def num_faults(self) -> int:
        return sum(number for (_, word), number in self.outcomes.items() if word in FAULTS)

    def table(self) -> str:
        """Kinds by outcomes, then the faults."""
        kinds = list(dict.fromkeys(kind for kind, _ in self.outcomes))
        words = sorted({word for _, word in self.outcomes} - set(FAULTS))
        columns = [*words, *FAULTS]
        width = max([len(kind) for kind in kinds] + [len(self.name), 5])
        head = f"{self.name:<{width}}{'tried':>11}" + "".join(f"{word:>12}" for word in columns)
        lines = [head]
        for kind in [*kinds, "all"]:
            cells = [
                sum(n for (k, w), n in self.outcomes.items() if w == word and kind in (k, "all"))
                for word in columns
            ]
            lines.append(f"{kind:<{width}}{sum(cells):>11,}" + "".join(f"{cell:>12,}" for cell in cells))
        lines.append(f"slowest: {self.slowest_s:.2f} s of processor time")
        return "\n".join([*lines, *self.faults])


def drawn(seed: int, *parts: object) -> random.Random:
    """A generator of its own for a part of a campaign, so that parts can be run alone."""
    return random.Random(" ".join(map(str, (seed, *parts))))


def run_campaign(description: str | None, run: Callable[[int, int], Campaign], *, count: int) -> int:
    """The command line of a campaign; the exit status is 1 with a fault.

    Args:
        description: shown by --help.
        run: makes the campaign from a number of inputs and a seed.
        count: inputs of the long campaign.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=count, help="inputs [default: %(default)s]")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    start_s = time.perf_counter()
    campaign = run(given.count, given.seed)
    print(campaign.table())
    print(f"seed {given.seed}, {time.perf_counter() - start_s:.0f} s")
    return 1 if campaign.num_faults else 0


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/cpmi/" in frame.filename] or list(frames)
    return f"{ours[-1].filename.rsplit('/src/', 1)[-1]}:{ours[-1].lineno}"
