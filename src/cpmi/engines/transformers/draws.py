"""Draw tokens: temperature, nucleus and the inverse of the cumulated distribution, for all rows at once.

Letters: B rows, V vocabulary, W tokens looked at.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from cpmi.engines.transformers.finite import expect_numbers

# Tokens looked at before the rest of the vocabulary is sorted for the rows that need it: a model's nucleus
# is nearly always narrow, and sorting a whole vocabulary costs more than a small model's forward.
GUESSES = (32, 512)

Floats = npt.NDArray[np.float64]


def uniforms(seed: int, sample_index: int, count: int) -> list[float]:
    """The random numbers of one sample, one a token: a function of seed and sample index alone."""
    generator = np.random.Generator(np.random.PCG64([seed, sample_index]))
    drawn: list[float] = generator.random(count).tolist()
    return drawn


def draw(logits_BV: torch.Tensor, temperature_B: Floats, top_p_B: Floats, uniform_B: Floats) -> list[int]:
    """One token a row: the one at `uniform` of the nucleus' mass, most probable tokens first.

    Args:
        temperature_B: 0 takes the most probable token.
        top_p_B: the nucleus is the fewest tokens whose mass reaches it.
        uniform_B: in [0, 1).

    Raises:
        NotANumberError: of a row, the logits are NaN, or one is infinite.
    """
    if not len(logits_BV):
        return []
    tokens_B = np.empty(len(logits_BV), dtype=np.int64)
    greedy = np.flatnonzero(temperature_B == 0)
    if len(greedy):
        highest = _rows(logits_BV, greedy).max(-1)
        expect_numbers(highest.values.tolist(), "logits", dtype=logits_BV.dtype)
        tokens_B[greedy] = highest.indices.cpu().numpy()
    left = np.flatnonzero(temperature_B != 0)
    if len(left):
        scaled_BV = _rows(logits_BV, left).float() / _column(temperature_B[left], logits_BV).float()
        norm_B1 = scaled_BV.logsumexp(-1, keepdim=True)
        expect_numbers(norm_B1[:, 0].tolist(), "logits", dtype=logits_BV.dtype)
        for size in (*GUESSES, logits_BV.shape[-1]):
            chosen_B, settled_B = _inverse_cdf(scaled_BV, norm_B1, size, top_p_B[left], uniform_B[left])
            tokens_B[left[settled_B]] = chosen_B[settled_B]
            waiting = np.flatnonzero(~settled_B)
            if not len(waiting):
                break
            left = left[waiting]
            scaled_BV, norm_B1 = _rows(scaled_BV, waiting), _rows(norm_B1, waiting)
    drawn: list[int] = tokens_B.tolist()
    return drawn


def _inverse_cdf(
    scaled_BV: torch.Tensor, norm_B1: torch.Tensor, size: int, top_p_B: Floats, uniform_B: Floats
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The chosen token of every row, and whether the `size` most probable tokens settle it, [B] each."""
    whole = size >= scaled_BV.shape[-1]
    if whole:
        top_BW, tokens_BW = scaled_BV.sort(descending=True, stable=True)
    else:
        top_BW, tokens_BW = scaled_BV.topk(size)
    mass_BW = (top_BW - norm_B1).exp().double().cumsum(-1)
    top_p_B1, uniform_B1 = _column(top_p_B, mass_BW), _column(uniform_B, mass_BW)
    seen_B1 = mass_BW[:, -1:]
    last_B1 = (mass_BW < torch.minimum(top_p_B1, seen_B1)).sum(-1, keepdim=True)
    # A nucleus of everything has the mass 1, however little of it was looked at.
    total_B1 = torch.where(top_p_B1 >= 1, torch.ones_like(seen_B1), mass_BW.gather(1, last_B1))
    target_B1 = uniform_B1 * total_B1
    chosen_B1 = torch.minimum((mass_BW <= target_B1).sum(-1, keepdim=True), last_B1)
    settled_B1 = torch.where(top_p_B1 >= 1, target_B1 < seen_B1, seen_B1 >= top_p_B1) | whole
    chosen_B = tokens_BW.gather(1, chosen_B1)[:, 0]
    return chosen_B.cpu().numpy(), settled_B1[:, 0].cpu().numpy()


def _rows(values: torch.Tensor, index: npt.NDArray[np.int64]) -> torch.Tensor:
    """The chosen rows; all of them are not copied."""
    if len(index) == len(values):
        return values
    return values[torch.from_numpy(index).to(values.device)]


def _column(values_B: Floats, like: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values_B)).to(like.device)[:, None]
