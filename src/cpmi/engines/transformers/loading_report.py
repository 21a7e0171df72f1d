"""Judge the report of loading: which differences between a checkpoint and a model may be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cpmi.engines.transformers.locate import MERGE_HINT
from cpmi.errors import CheckpointError, ConfigError

# Parts of names that wrappers put before or between those of the model.
_WRAPPERS = frozenset(
    "_orig_mod module _fsdp_wrapped_module _checkpoint_wrapped_module base_layer original_module default "
    "modules_to_save".split()
)
_ADAPTER = re.compile(
    r"(^|[._])(lora|loha|lokr|hada|ia3|oft|boft|vera|dora)_|\.(base_layer|modules_to_save)\."
)
LM_HEADS = ("lm_head.", "embed_out.")
CLASSIFIER_HEADS = ("score.", "classifier.")
"""How the names of the tensors of output heads begin: of language models, of classifiers."""
_LAYER = re.compile(r"^(.*?)\.(\d+)\.(.*)$")
_NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")
_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadingReport:
    """What transformers says of a checkpoint and a model, after its own renaming, tying and ignore lists.

    Attributes:
        names: of the model's tensors.
        missing: of them, those that the checkpoint does not hold, so that they were drawn at random.
        mismatched: shapes in the checkpoint and in the model, by name; drawn at random as well.
        unexpected: tensors of the checkpoint that the model has no place for.
    """

    names: frozenset[str]
    missing: frozenset[str]
    mismatched: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]
    unexpected: frozenset[str]

    @classmethod
    def of(cls, model: Any, info: Mapping[str, Any]) -> LoadingReport:
        """The report of `from_pretrained(..., output_loading_info=True)`."""
        return cls(
            names=frozenset(model.state_dict()),
            missing=frozenset(info["missing_keys"]),
            mismatched={name: (tuple(a), tuple(b)) for name, a, b in info["mismatched_keys"]},
            unexpected=frozenset(info["unexpected_keys"]),
        )


def judge(
    report: LoadingReport, *, where: str, new: tuple[str, ...], ignore: re.Pattern[str] | None
) -> tuple[str, ...]:
    """Refuse a checkpoint whose model would hold weights that are not its own, or would lack some.

    Args:
        report: of loading.
        where: the model, as the user named it.
        new: how the names of a head begin that may be absent as a whole.
        ignore: the names of unexpected tensors that may be left out.

    Returns:
        The names of the tensors that are not used, as `grouped`; without the head that a new one replaces.

    Raises:
        CheckpointError: weights are missing, have another shape, or look like a part of the model that is not
            used.
    """
    head = frozenset(name for name in report.names if name.startswith(new))
    missing = report.missing - (head if head <= report.missing else frozenset())
    _expect_no_wrapper(report.unexpected, missing, where)
    if report.mismatched:
        name, (stored, expected) = min(report.mismatched.items())
        raise CheckpointError(
            "tensors have other shapes than the config describes",
            where=where,
            got=f"{name} {list(stored)}{_and_more(len(report.mismatched) - 1)}",
            expected=str(list(expected)),
            hint="Weights and config.json are of different models.",
        )
    if missing:
        raise CheckpointError(
            _what_is_missing(missing, report.names),
            where=where,
            got=f"no {', '.join(_some(grouped(missing)))}",
            expected=f"all {len(report.names)} tensors of the model",
            hint=_hint_for(missing),
        )
    left = frozenset(n for n in report.unexpected if ignore is None or not ignore.search(n))
    _expect_nothing_needed(left, report.names, where)
    return grouped(name for name in report.unexpected if not (new and name.startswith(LM_HEADS)))


def pattern_of(ignore_keys: str | None) -> re.Pattern[str] | None:
    """The option as a pattern.

    Raises:
        ConfigError: it is not a regular expression.
    """
    try:
        return None if ignore_keys is None else re.compile(ignore_keys)
    except re.error as error:
        raise ConfigError(
            "not a regular expression", where="option ignore_keys", got=repr(ignore_keys), expected=str(error)
        ) from error


def grouped(names: Iterable[str]) -> tuple[str, ...]:
    """Names with * for numbers, and how many tensors each is, if more than one; sorted."""
    counts = Counter(_NUMBER.sub("*", name) for name in names)
    return tuple(f"{name} ({n} tensors)" if n > 1 else name for name, n in sorted(counts.items()))


def _expect_no_wrapper(unexpected: frozenset[str], missing: frozenset[str], where: str) -> None:
    """Refuse names that are those of missing tensors but for what a wrapper or an adapter added."""
    for name in sorted(unexpected):
        parts = [part for part in name.split(".") if part not in _WRAPPERS]
        inner = next((found for i in range(len(parts)) if (found := ".".join(parts[i:])) in missing), None)
        if inner is None:
            continue
        if any(map(_ADAPTER.search, unexpected)):
            raise _not_merged(where, name)
        raise CheckpointError(
            "the names of the tensors have parts of a wrapper",
            where=where,
            got=f"{name}{_and_more(len(unexpected) - 1)}",
            expected=inner,
            hint="Save the model inside of the wrapper (torch.compile: model._orig_mod; DDP: model.module; "
            "peft: merge_and_unload()), or rename the tensors.",
        )


def _expect_nothing_needed(unexpected: frozenset[str], names: frozenset[str], where: str) -> None:
    """Refuse tensors that change what the model computes, though it has no place for them."""
    used = {_LAYER.sub(r"\1.*.\3", name) for name in names}
    for name in sorted(unexpected):
        if _ADAPTER.search(name):
            raise _not_merged(where, name)
        if _LAYER.sub(r"\1.*.\3", name) in used:
            raise CheckpointError(
                "holds more layers than its config describes",
                where=where,
                got=name,
                hint="Weights and config.json are of different models. If the layer is not part of the "
                "language model, name it by --ignore-keys.",
            )
        above = (name[: dot.start()] for dot in re.finditer(r"\.", name))
        if any(module in names or f"{module}.weight" in names for module in above):
            raise CheckpointError(
                "holds a tensor of a module that the model has without it, such as a bias or a scale",
                where=where,
                got=f"{name}{_and_more(len(unexpected) - 1)}",
                expected="a config.json that describes it",
                hint="Restore the config (quantization_config, biases); --ignore-keys leaves tensors out.",
            )


def _not_merged(where: str, name: str) -> CheckpointError:
    return CheckpointError(
        "holds the weights of an adapter that is not merged",
        where=where,
        got=name,
        expected="the weights of a whole model",
        hint=MERGE_HINT,
    )


def _what_is_missing(missing: frozenset[str], names: frozenset[str]) -> str:
    if all(_is_head(name) for name in missing):
        return "the checkpoint has no output head, or a part of it is absent"
    layers = {match[1] + "." + match[2] for name in missing if (match := _LAYER.match(name))}
    whole = [layer for layer in layers if {n for n in names if n.startswith(f"{layer}.")} <= missing]
    if whole:
        return f"{len(whole)} of the model's layers are absent from the checkpoint"
    return f"{len(missing)} tensors of the model are absent from the checkpoint"


def _hint_for(missing: frozenset[str]) -> str:
    if all(_is_head(name) for name in missing):
        if any(name.startswith(LM_HEADS) for name in missing):
            return (
                "It may be a model without head, or a reward model. Give the checkpoint of a causal language "
                "model; if its head is tied to the embeddings, config.json must say so: tie_word_embeddings."
            )
        return "Give a trained reward model; cpmi train makes one."
    return "Download or save it again: an index may lack a shard, or config.json is of another model."


def _is_head(name: str) -> bool:
    return name.startswith(LM_HEADS + CLASSIFIER_HEADS)


def _some(names: tuple[str, ...]) -> list[str]:
    more = len(names) - _SHOWN
    return [*names[:_SHOWN], *([f"{more} more"] if more > 0 else [])]


def _and_more(count: int) -> str:
    return f" and {count} more" if count else ""
