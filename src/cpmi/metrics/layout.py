"""Which step belongs to which chain, where the first errors are, and which chains share a problem.

Axes: C chains, N steps of all chains, G problems.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepLayout:
    """The chains that labels are evaluated on.

    Attributes:
        num_steps_C: S >= 1 of every chain.
        first_error_C: L, the 0-based index of the first wrong step; -1 for right chains.
        problem_C: index of the chain's problem, 0..G-1.
        fold_C: fold of that problem.
    """

    num_steps_C: Ints
    first_error_C: Ints
    problem_C: Ints
    fold_C: Ints

    def only(self, keep_C: Bools) -> StepLayout:
        """Some of the chains, their problems numbered anew in their order of appearance."""
        _, first_G, rank_C = np.unique(self.problem_C[keep_C], return_index=True, return_inverse=True)
        new_G = np.empty(len(first_G), dtype=np.int64)
        new_G[np.argsort(first_G)] = np.arange(len(first_G))
        return StepLayout(
            num_steps_C=self.num_steps_C[keep_C],
            first_error_C=self.first_error_C[keep_C],
            problem_C=new_G[rank_C],
            fold_C=self.fold_C[keep_C],
        )

    @property
    def num_chains(self) -> int:
        return len(self.num_steps_C)

    @property
    def num_problems(self) -> int:
        return int(self.problem_C.max()) + 1 if self.num_chains else 0

    @property
    def wrong_C(self) -> Bools:
        return np.asarray(self.first_error_C >= 0)

    @property
    def begin_C(self) -> Ints:
        """Where every chain's steps begin among the N."""
        return np.asarray(np.cumsum(self.num_steps_C) - self.num_steps_C)

    @property
    def chain_N(self) -> Ints:
        return np.repeat(np.arange(self.num_chains), self.num_steps_C)

    @property
    def index_N(self) -> Ints:
        """Every step's 0-based index in its chain."""
        return np.asarray(np.arange(int(self.num_steps_C.sum())) - self.begin_C[self.chain_N])

    @property
    def read_N(self) -> Bools:
        """Steps 0..L of wrong chains and all steps of right ones: what lies after an error is not read."""
        return np.asarray(~self.wrong_C[self.chain_N] | (self.index_N <= self.first_error_C[self.chain_N]))

    @property
    def is_first_error_N(self) -> Bools:
        return np.asarray(self.index_N == self.first_error_C[self.chain_N])

    @property
    def at_risk_N(self) -> Bools:
        """Steps 0..L of wrong chains."""
        return np.asarray(self.read_N & self.wrong_C[self.chain_N])
