"""The fast path: forward every distinct token of a batch of trees once.

Equal to the plain path (`naive.py`) up to float rounding; a test holds them together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from cpmi.engines.transformers.attention import NAME, attention_of, plan
from cpmi.engines.transformers.pack import PackedBatch

ROWS_AT_ONCE = 128  # vocabulary rows normalized together: bounds the float32 copy


def score_batch(model: Any, batch: PackedBatch) -> list[list[list[float]]]:
    """Log-probabilities of a packed batch, [trees][branches][scored tokens]; nat."""
    device = next(model.parameters()).device
    tokens = torch.tensor([[t for tree in batch.trees for t in tree.tokens]], device=device)
    positions = torch.tensor([[p for tree in batch.trees for p in tree.positions]], device=device)
    nodes_E = np.array(
        [
            node + offset
            for tree, offset in zip(batch.trees, batch.offsets, strict=True)
            for node, _ in tree.edges
        ],
        dtype=np.int64,
    )
    targets_E = torch.tensor([token for tree in batch.trees for _, token in tree.edges], device=device)
    rows_R, row_of_E = np.unique(nodes_E, return_inverse=True)
    with torch.inference_mode(), attention_of(model, NAME):
        logits_RV = model(
            input_ids=tokens,
            position_ids=positions,
            use_cache=False,
            logits_to_keep=torch.from_numpy(rows_R).to(device),
            tree_plan=plan(batch, device),
        ).logits[0]
        norm_R = torch.cat([part.float().logsumexp(-1) for part in logits_RV.split(ROWS_AT_ONCE)])
        row_E = torch.from_numpy(row_of_E).to(device)
        logprob_E = (logits_RV[row_E, targets_E].float() - norm_R[row_E]).tolist()
    results, first = [], 0
    for tree in batch.trees:
        own = logprob_E[first : first + len(tree.edges)]
        first += len(tree.edges)
        results.append([[own[edge] for edge in edges] for edges in tree.branch_edges])
    return results
