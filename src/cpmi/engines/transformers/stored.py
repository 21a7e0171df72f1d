"""What a checkpoint stores, read from its headers: what transformers would take silently is refused here.

transformers renames stored tensors to those of the model and reports the difference. Some things are in no
report: two stored tensors of one name, whole numbers cast to weights without their scale, the numbers of
experts, which are stacked in order, and what it does not read of a GGUF file.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any

from safetensors import safe_open

from cpmi.errors import CheckpointError

_EXPERT = re.compile(r"^(.*\bexperts)\.(\d+)\.(.*)$")
_ROPE_FACTORS = re.compile(r"^rope_(freqs|factors_long|factors_short)\.weight$")
_WHOLE = re.compile(r"^(torch\.)?(u?int\d+|[IU]\d+|bool|BOOL)$")


def stored_types(files: Iterable[Path]) -> dict[str, str]:
    """The names of the stored tensors with their types; no values are read.

    Raises:
        SafetensorError, OSError: a file is damaged.
    """
    found: dict[str, str] = {}
    for file in files:
        with safe_open(file, framework="pt") as opened:
            found |= {name: opened.get_slice(name).get_dtype() for name in opened.keys()}  # noqa: SIM118
    return found


def stored_numbers(files: Iterable[Path]) -> tuple[int, int]:
    """How many tensors are stored, and how many numbers they hold; errors as `stored_types`."""
    num_tensors = num_elements = 0
    for file in files:
        with safe_open(file, framework="pt") as opened:
            shapes = [opened.get_slice(name).get_shape() for name in opened.keys()]  # noqa: SIM118
        num_tensors += len(shapes)
        num_elements += sum(map(math.prod, shapes))
    return num_tensors, num_elements


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


def expect_whole_experts(stored: Mapping[str, str], *, where: str, alike: bool = False) -> None:
    """Refuse experts of which a number is absent: the next would take its place.

    Args:
        alike: refuse as well where one part of the experts has more of them than another; a few architectures
            store it so.

    Raises:
        CheckpointError: one is absent.
    """
    groups: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for name in stored:
        if match := _EXPERT.match(name):
            groups[match[1]][match[3]].add(int(match[2]))
    for group, parts in groups.items():
        highest = max(max(numbers) for numbers in parts.values())
        for part, numbers in sorted(parts.items()):
            if lost := set(range(1 + (highest if alike else max(numbers)))) - numbers:
                raise CheckpointError(
                    "weights of experts are absent from the checkpoint",
                    where=where,
                    got=f"no {group}.{min(lost)}.{part}",
                    expected="every part of every expert",
                    hint="Download or save it again: an index may lack a shard.",
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


def quantization_of_gguf(file: Path) -> str:
    """How most weights of a GGUF file are stored, as the file says: "Q4_K_M", "F16"."""
    from gguf import LlamaFileType
    from transformers.integrations.gguf.reader import read_gguf_metadata

    kind = read_gguf_metadata(str(file))[0].get("general.file_type")
    if kind is None:
        return "of a type that the file does not name"
    try:
        return LlamaFileType(kind).name.removeprefix("MOSTLY_").removeprefix("ALL_")
    except ValueError:  # younger than the installed gguf
        return f"file type {kind}"


def expect_all_of_gguf(file: Path, model: Any, ignore: re.Pattern[str] | None, *, where: str) -> None:
    """Refuse a GGUF file that holds what transformers leaves out when it makes a model of it.

    Args:
        ignore: names of tensors that may be left out.

    Raises:
        CheckpointError: it holds factors or a scaling of rotary positions, or biases, that the model has not.
    """
    from transformers.integrations.gguf.reader import read_gguf_metadata

    metadata, names = read_gguf_metadata(str(file))
    left = [name for name in names if ignore is None or not ignore.search(name)]
    rope = getattr(model.config.get_text_config(), "rope_parameters", None) or {}
    scaling = metadata.get(f"{metadata['general.architecture']}.rope.scaling.type", "none")
    lost = [name for name in left if _ROPE_FACTORS.match(name)]
    if rope.get("rope_type", "default") == "default" and scaling != "none":
        lost.append(f"rope.scaling.type {scaling}")
    biases = [name for name in left if name.startswith("blk.") and name.endswith(".bias")]
    if biases and not any("bias" in name for name, _ in model.named_parameters()):
        lost += biases
    if lost:
        raise CheckpointError(
            "holds what transformers does not read of a GGUF file",
            where=where,
            got=f"{lost[0]}{f' and {len(lost) - 1} more' if len(lost) > 1 else ''}",
            hint="Without it the model computes something else. Use its checkpoint in transformers form.",
        )
