"""Muon (Jordan et al. 2024): momentum, orthogonalized by Newton-Schulz iterations.

torch's own always iterates in bfloat16, which processors without it compute thirty times slower; here the
iterations run in the dtype that is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.Optimizer):
    """For matrices; steps are scaled to the root mean square that AdamW's have (0.2)."""

    def __init__(
        self,
        parameters: Iterable[torch.Tensor],
        *,
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
        product_dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.product_dtype = product_dtype

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            by_shape = defaultdict(list)
            for matrix in group["params"]:
                by_shape[tuple(matrix.shape)].append(matrix)
            for matrices in by_shape.values():
                updates = []
                for matrix in matrices:
                    state = self.state[matrix]
                    running = state.setdefault("momentum", torch.zeros_like(matrix))
                    running.lerp_(matrix.grad, 1 - group["momentum"])
                    updates.append(matrix.grad.lerp(running, group["momentum"]))
                stacked = torch.stack(updates)
                orthogonal = orthogonalize(stacked.to(self.product_dtype)).to(stacked.dtype)
                scale = 0.2 * max(matrices[0].shape) ** 0.5
                for matrix, update in zip(matrices, orthogonal, strict=True):
                    matrix.mul_(1 - group["lr"] * group["weight_decay"])
                    matrix.add_(update, alpha=-group["lr"] * scale)


def orthogonalize(matrices: torch.Tensor, num_iterations: int = 5) -> torch.Tensor:
    """Each of the [N, R, C] matrices moved to about the nearest one with all singular values near 1."""
    a, b, c = _COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(num_iterations):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x
