"""What a checkpoint stores, read from its headers: what transformers would take silently is refused here.

transformers renames stored tensors to those of the model and reports the difference. Three things are in no
report: two stored tensors of one name, whole numbers cast to weights without their scale, and the numbers of
experts, which are stacked in order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from pathlib import Path

import torch
from safetensors import safe_open

from cpmi.errors import CheckpointError

_EXPERT = re.compile(r"^(.*\bexperts)\.(\d+)\.(.*)$")
_WHOLE = re.compile(r"^(torch\.)?(u?int\d+|[IU]\d+|bool|BOOL)$")


def stored_types(files: Iterable[Path]) -> dict[str, str]:
    """The names of the stored tensors with their types; no values are read.

    Raises:
        SafetensorError, OSError, RuntimeError: a file is damaged.
    """
    found: dict[str, str] = {}
    for file in files:
        if file.suffix == ".safetensors":
            with safe_open(file, framework="pt") as opened:
                found |= {name: opened.get_slice(name).get_dtype() for name in opened.keys()}  # noqa: SIM118
        else:
            state = torch.load(file, map_location="meta", weights_only=True)
            items = state.items() if isinstance(state, Mapping) else ()
            found |= {str(name): str(getattr(value, "dtype", "")) for name, value in items}
    return found


def expect_one_of_each(stored: Mapping[str, str], used: Set[str], prefix: str, *, where: str) -> None:
    """Refuse a checkpoint that stores a tensor both with and without the prefix of the model's body.

    Args:
        used: names of the model's tensors.
        prefix: of its body.

    Raises:
        CheckpointError: transformers would take one of the two and not say which.
    """
    for name in stored:
        longer = f"{prefix}.{name}"
        if longer in stored and (longer in used) != (name in used):
            raise CheckpointError(
                "stores the same tensor under two names",
                where=where,
                got=f"{name} and {longer}",
                expected="one of them",
                hint="Remove the copies that are not meant and save it again.",
            )


def expect_whole_experts(stored: Mapping[str, str], *, where: str) -> None:
    """Refuse experts of which a number or a part is absent: the others would take its place.

    Raises:
        CheckpointError: one is absent.
    """
    groups: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name in stored:
        if match := _EXPERT.match(name):
            groups[match[1]][int(match[2])].add(match[3])
    for group, experts in groups.items():
        parts = set.union(*experts.values())
        for number in range(max(experts) + 1):
            if lost := sorted(parts - experts.get(number, set())):
                raise CheckpointError(
                    "weights of experts are absent from the checkpoint",
                    where=where,
                    got=f"{max(experts) + 1} experts without {group}.{number}.{lost[0]}",
                    expected="every part of every expert",
                    hint="Download or save it again; an index may lack a shard.",
                )


def expect_numbers_of_weights(stored: Mapping[str, str], used: Iterable[str], *, where: str) -> None:
    """Refuse whole numbers where the model multiplies by weights: quantized ones without a quantizer.

    Args:
        used: names of the model's floating-point tensors.

    Raises:
        CheckpointError: a tensor of whole numbers would be cast.
    """
    for name in used:
        if _WHOLE.match(stored.get(name, "")):
            raise CheckpointError(
                "stores whole numbers as weights, and its config names no quantization that is known",
                where=where,
                got=f"{name} of type {stored[name]}",
                expected="floating-point weights, or a quantization_config that transformers supports",
            )
