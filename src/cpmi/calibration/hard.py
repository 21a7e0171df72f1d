"""Hard labels of a chain: right until the first error, wrong there, nothing after it.

What follows an error is neither right nor wrong beyond doubt, and published filtering drops it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

AFTER_FIRST_ERROR = "after the first error"

Targets = Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class HardLabels:
    """Right, wrong or nothing for every step of a chain.

    Attributes:
        values: [S] True for right, False for the first error, None for nothing.
        reasons: step index -> why it is None; exactly these steps.

    Raises:
        ValueError: a step is None without a reason, or has both; or more than one is False.
    """

    values: tuple[bool | None, ...]
    reasons: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        nulls = {index for index, value in enumerate(self.values) if value is None}
        if nulls != set(self.reasons):
            raise ValueError(f"steps {sorted(nulls)} are None, steps {sorted(self.reasons)} have a reason")
        if self.values.count(False) > 1:
            raise ValueError(f"there is one first error at most: {self.values}")

    @property
    def first_error(self) -> int | None:
        """Its 0-based index, None if the chain has none."""
        return self.values.index(False) if False in self.values else None


def hard_by_threshold(targets: Targets, threshold: float, reasons: Mapping[int, str]) -> HardLabels:
    """The first step whose target is below the threshold is the first error; one without a target never is.

    Args:
        targets: [S] in [0, 1], None where there is none.
        threshold: of the targets.
        reasons: why targets are None, by step.
    """
    below = (index for index, target in enumerate(targets) if target is not None and target < threshold)
    return hard_by_first_error(targets, next(below, None), reasons)


def hard_by_first_error(targets: Targets, first_error: int | None, reasons: Mapping[int, str]) -> HardLabels:
    """Right before the first error and wrong there; all right if it is None.

    Args:
        targets: [S]; what has none gets no hard label.
        first_error: 0-based, of a step with a target.
        reasons: why targets are None, by step.
    """
    end = len(targets) if first_error is None else first_error + 1
    return HardLabels(
        values=tuple(
            None if target is None or index >= end else index != first_error
            for index, target in enumerate(targets)
        ),
        reasons={
            index: AFTER_FIRST_ERROR if index >= end else reasons[index]
            for index, target in enumerate(targets)
            if target is None or index >= end
        },
    )


def no_hard_labels(num_steps: int, reason: str) -> HardLabels:
    """Nothing is known of any step, for this reason."""
    return HardLabels(values=(None,) * num_steps, reasons=dict.fromkeys(range(num_steps), reason))
