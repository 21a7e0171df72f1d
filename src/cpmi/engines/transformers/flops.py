"""Floating-point operations and parameters of a decoder, from its weights; a multiply and an add are two.

Counted are the matrix products and short convolutions of the body, the vocabulary rows, and attention (scores
and weighted sum) over the query-key pairs that were computed. Of a mixture of experts a token passes its
router and the experts chosen for it, so that a share of the experts' weights is counted. Norms, activations,
rotations and the scans of recurrent layers are left out, as is usual. `benchmarks/families.py` compares every
family of transformers with torch's own counter.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from transformers.pytorch_utils import Conv1D

from cpmi.errors import UnsupportedModelError

# How modules and configs of transformers name the number of experts a token passes.
_TOP_K = re.compile(r"(num_)?experts_per_tok(en)?|(num_)?(moe_)?(router_)?top_?k(_experts)?|moe_k")
_OUTPUT_PROJECTIONS = ("o_proj", "out_proj", "dense", "c_proj", "Wo")
# Modules whose parameters of two dimensions are no matrices: tables, and recurrences.
_NO_MATRICES = re.compile(r"Embed|Norm|Mamba|Mixer|Delta|Rwkv|LSTM|SSM|RG?LRU|Compressor")
_ATTENTION = re.compile(r"Attention|MLA$")
_NO_PAIRS = re.compile(r"Linear|Lightning|Delta|Cross|Vision|Rwkv")
# Towers of other inputs, and attention over the states of an encoder: text alone passes none of them.
_NOT_OF_TEXT = re.compile(
    r"(^|[._])(vision|visual|image|img|audio|speech|multi_modal|multimodal|mm)($|[._])"
    r"|encoder_attn|crossattention|cross_attn($|\.)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlopModel:
    """FLOPs a token through the body, a vocabulary row, a query-key pair over all layers."""

    per_token: int
    per_row: int
    per_pair: int

    def total(self, *, tokens: int, rows: int, pairs: int) -> int:
        return tokens * self.per_token + rows * self.per_row + pairs * self.per_pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Sizes of a model.

    Attributes:
        total: all parameters; tied ones count once.
        active: those that a token of text passes: all but the experts that are not chosen for it, towers of
            other inputs, and attention over an encoder's states.
    """

    total: int
    active: int


def flop_model(model: Any, head: torch.nn.Module | None) -> FlopModel:
    """Read the sizes off a decoder.

    Args:
        model: on any device, "meta" included.
        head: what is not run at every token: its rows are counted apart. None counts it with the body.
    """
    shares = _active_shares(model)
    per_token, per_pair = 0.0, 0
    for name, module in model.named_modules():
        share = shares.get(name, 1.0)
        if module is head or not share:
            continue
        computed = (1.0 if _computes_all(module) else share) * _repeats(model, name)
        per_token += computed * _multiplied(module, in_experts=name in shares)
        per_pair += _per_pair(module) * _repeats(model, name)
    rows = 0 if head is None else sum(weight.numel() for weight in head.parameters() if weight.ndim > 1)
    return FlopModel(per_token=round(2 * per_token), per_row=2 * rows, per_pair=per_pair)


def parameters(model: Any) -> Parameters:
    """Total and active parameters of a model on any device, "meta" included."""
    shares = _active_shares(model)
    idle = sum(
        (1 - shares[name]) * parameter.numel()
        for name, module in model.named_modules()
        if name in shares
        for parameter in module.parameters(recurse=False)
    )
    total = sum(parameter.numel() for parameter in model.parameters())
    return Parameters(total=total, active=total - round(idle))


def _multiplied(module: torch.nn.Module, *, in_experts: bool) -> int:
    """How many of a module's own weights a token is multiplied with."""
    if isinstance(module, torch.nn.Embedding):
        return 0
    own = module.parameters(recurse=False)
    if isinstance(module, torch.nn.Linear | Conv1D | torch.nn.Conv1d):
        return module.weight.numel()
    if (
        in_experts or "Experts" in type(module).__name__
    ):  # a stack of matrices, and of biases of one dimension less
        sizes = {weight.ndim: 0 for weight in own}
        for weight in module.parameters(recurse=False):
            sizes[weight.ndim] += weight.numel()
        return sizes[max(sizes)] if sizes else 0
    if _NO_MATRICES.search(type(module).__name__):
        return 0
    # Routers and the like; the gates of a gated linear recurrent unit are one matrix per head.
    dimensions = (2, 3) if type(module).__name__.endswith("Rglru") else (2,)
    return sum(weight.numel() for weight in own if weight.ndim in dimensions)


def _active_shares(model: Any) -> dict[str, float]:
    """The share of its weights that a token of text passes, by the names of modules where it is not all."""
    modules = dict(model.named_modules())
    shares: dict[str, float] = {}
    for name, module in modules.items():
        if _NOT_OF_TEXT.search(name):
            shares[name] = 0.0
        elif "CrossAttentionDecoderLayer" in type(module).__name__:  # left out where there is no image
            shares.update((inner, 0.0) for inner, _ in module.named_modules(prefix=name))
        elif (count := _num_experts(name, module)) is not None:
            parent = modules[name.rpartition(".")[0]]
            # Some choose also among experts that compute nothing.
            count += getattr(model.config.get_text_config(), "zero_expert_num", 0)
            share = min(1.0, _top_k(model, module, parent) / count)
            shares.update((inner, share) for inner, _ in module.named_modules(prefix=name))
    return shares


def _repeats(model: Any, name: str) -> int:
    """How often a token passes a module: the stacks of hierarchical models, biases computed per head."""
    if name.endswith(".rel_logits_proj"):
        return int(model.get_submodule(name.rpartition(".")[0]).num_heads)
    high = getattr(model.config, "H_cycles", 1)
    if "H_module." in name:
        return int(high)
    return int(high * model.config.L_cycles) if "L_module." in name else 1


def _num_experts(name: str, module: torch.nn.Module) -> int | None:
    """How many experts a module holds that a router chooses from; None if it is something else."""
    own_name = name.rpartition(".")[2]
    if own_name == "experts" and isinstance(module, torch.nn.ModuleList | torch.nn.ModuleDict):
        return len(module)
    if "Experts" not in type(module).__name__ or "shared" in own_name:
        return None
    stacks = [weight.shape[0] for weight in module.parameters(recurse=False) if weight.ndim > 2]
    return getattr(module, "num_experts", stacks[0] if stacks else None)


def _computes_all(module: torch.nn.Module) -> bool:
    """Whether these are experts that never see who was chosen (Llama 4), so that every one computes."""
    return "Experts" in type(module).__name__ and len(inspect.signature(module.forward).parameters) == 1


def _top_k(model: Any, experts: torch.nn.Module, parent: torch.nn.Module) -> int:
    """Experts that a token passes: as the module says, its block, the block's router, or the config."""
    for owner in (experts, parent, *parent.children(), model.config.get_text_config()):
        for name, value in vars(owner).items():
            if _TOP_K.fullmatch(name) and isinstance(value, int):
                return value
    raise UnsupportedModelError(
        "the cost of this mixture of experts is unknown",
        where=type(parent).__name__,
        got="no number of experts per token, in the module or the config",
    )


def _per_pair(module: torch.nn.Module) -> int:
    """FLOPs of one query-key pair in one attention module; 0 for any other module."""
    kind = type(module).__name__
    heads, size = getattr(module, "n_heads", 0), getattr(module, "head_dim", 0)
    if kind.endswith("Indexer"):  # a score per head, and their weighted sum
        return 2 * heads * (size + 1)
    if not _ATTENTION.search(kind) or _NO_PAIRS.search(kind):
        return 0
    width = next(_value_widths(module), 0)
    value = getattr(module, "v_head_dim", None) or getattr(module, "head_dim", None) or 1
    key = getattr(module, "qk_head_dim", None) or getattr(module, "head_dim", None) or value
    times = 2 if hasattr(module, "lambda_q1") else 1  # differential attention: two of them
    return times * (2 * width + 2 * math.ceil(width * key / value))


def _value_widths(module: torch.nn.Module) -> Iterator[int]:
    """Heads times size of a value: what an attention module's output projection takes."""
    for name in _OUTPUT_PROJECTIONS:
        projection = getattr(module, name, None)
        if isinstance(projection, torch.nn.Linear):
            yield projection.in_features
        elif isinstance(projection, Conv1D):
            yield projection.weight.shape[0]
    if isinstance(
        value := getattr(module, "value", None), torch.nn.Linear
    ):  # BERT's output is another module
        yield value.out_features
    heads, size = getattr(module, "num_heads", None), getattr(module, "head_dim", None)
    if heads and size:
        yield heads * size
