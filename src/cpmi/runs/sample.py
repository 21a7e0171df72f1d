"""The stage of sampling: a problem in, the chains that a model writes for it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cpmi.data import to_line
from cpmi.errors import RecordError
from cpmi.requests import Engines
from cpmi.runs.journal import Journal
from cpmi.runs.records import Record, reject_of
from cpmi.runs.results import ChainLines
from cpmi.runs.scheduler import Outcome, run_flows
from cpmi.runs.stages import Harvest
from cpmi.runs.totals import NO_ANSWER, NO_GOLD
from cpmi.sampling import FINAL_ANSWER, Sampler
from cpmi.types import Chain, Problem
from cpmi.usage import Usage


class Sampling:
    """Lets a model solve problems. A completion without a step is rejected; its problem's others stand."""

    def __init__(self, sampler: Sampler, engines: Engines) -> None:
        self._sampler = sampler
        self._engines = engines
        self.results = ChainLines()

    def prepare(self, record: Record[Problem]) -> Record[Problem]:
        return record

    def work(
        self, items: Sequence[Problem], journal: Journal
    ) -> Sequence[Outcome[tuple[Chain | RecordError, ...]]]:
        flows = [(item.where, self._sampler.sample(item)) for item in items]
        return run_flows(flows, self._engines, journal=journal)

    def harvest(self, done: Sequence[tuple[Problem, tuple[Chain | RecordError, ...], Usage]]) -> Harvest:
        """The lines of the file of chains."""
        drawn = [(problem, chain) for problem, chains, _ in done for chain in chains]
        chains = [chain for _, chain in drawn if isinstance(chain, Chain)]
        final_answers = Counter(map(_final_answer, chains))
        return Harvest(
            rows=b"".join(map(to_line, chains)),
            num_chains=len(chains),
            num_steps=sum(len(chain.steps) for chain in chains),
            final_answers=dict(sorted(final_answers.items())),
            num_cut_off=sum(chain.cut_off for chain in chains),
            num_timed_out=self._sampler.equivalence.take_num_timed_out(),
            rejects=tuple(
                reject_of(chain, id=chain.record_id, source=problem.source)
                for problem, chain in drawn
                if isinstance(chain, RecordError)
            ),
        )


def _final_answer(chain: Chain) -> str:
    """How the chain counts: by its verdict, if there could be one."""
    if chain.gold is None:
        return NO_GOLD
    return NO_ANSWER if chain.answer is None else chain.meta[FINAL_ANSWER]
