"""Which path computes a model, and why not the fast one: what its config decides.

A short test proves nothing about what depends on the length of a sequence or on a token's place in a packed
row, so that such models are known by their config.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from cpmi.errors import UnsupportedModelError

Path = Literal["tree", "plain"]
Asked = Literal["auto", "tree", "plain"]
PlainSampling = Literal["padded", "cached", "uncached"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How an engine computes a model.

    Attributes:
        asked: what the user asked for; "auto" takes the tree path where it is right.
        path: "tree" forwards every distinct token once, "plain" one sequence per branch.
        plain_sampling: how the plain path samples: prompts of any length in one padded batch, prompts of one
            length through the model's own `generate`, or without a cache; None where no way agrees with
            scoring.
        reason: why "auto" became the plain path.
        sampling_reason: why `plain_sampling` is None.
    """

    asked: Asked
    path: Path
    plain_sampling: PlainSampling | None
    reason: str | None = None
    sampling_reason: str | None = None

    def facts(self) -> dict[str, object]:
        """What a manifest keeps: asked and used path, and the reasons there are."""
        facts = {name: value for name, value in asdict(self).items() if value is not None}
        facts["path_asked"] = facts.pop("asked")
        if self.reason:
            facts["path_reason"] = facts.pop("reason")
        if self.path == "tree":
            del facts["plain_sampling"]
        return facts


def route_by_config(model: Any, asked: Asked, *, name: str) -> Route:
    """The route that a model's config allows.

    Args:
        model: a causal language model of transformers.
        asked: the path.
        name: of the model, for the error.

    Raises:
        UnsupportedModelError: the tree path was asked for, and the model's attention cannot branch; or no
            path computes the model.
    """
    if getattr(model.config, "num_hashes", None):
        raise UnsupportedModelError(
            "no path computes this model",
            where=name,
            got="attention that hashes tokens at random, in buckets by the length (num_hashes)",
        )
    reason = why_it_cannot_branch(model)
    if asked == "tree" and reason:
        raise cannot_branch(name, reason)
    return Route(
        asked=asked,
        path="plain" if asked == "plain" or reason else "tree",
        plain_sampling=plain_ways(model)[0],
        reason=reason if asked == "auto" else None,
    )


def cannot_branch(name: str, reason: str) -> UnsupportedModelError:
    """The error of a model that the tree path cannot compute."""
    return UnsupportedModelError(
        "the tree path cannot compute this model",
        where=name,
        got=reason,
        hint="Use --path plain, or --path auto, which chooses.",
    )


def why_it_cannot_branch(model: Any) -> str | None:
    """A reason if the config says that the tree path cannot compute this model, else None."""
    config = model.config.get_text_config()
    if not getattr(model, "_supports_attention_backend", False):
        return f"{type(model).__name__} does not take a custom attention function"
    kinds = _layer_kinds(config)
    if kinds - {"full_attention"}:
        return f"its layers are of the kinds {', '.join(sorted(kinds))}; only full attention can branch"
    window = getattr(config, "sliding_window", None)
    if not kinds and window and getattr(config, "use_sliding_window", True):
        return f"it attends in a sliding window of {window} tokens"
    if getattr(config, "attn_logit_softcapping", None):
        return "it caps attention logits"
    return _why_rows_matter(config)


def plain_ways(model: Any) -> tuple[PlainSampling, ...]:
    """Ways in which the plain path may sample, the fastest first; the self-test takes the first right one."""
    config = model.config.get_text_config()
    ways: list[PlainSampling] = []
    if not _layer_kinds(config) - {"full_attention", "sliding_attention"} and not _why_rows_matter(config):
        ways.append("padded")
    if hasattr(model, "generate") and model.can_generate():
        ways.append("cached")
    return (*ways, "uncached")


def _layer_kinds(config: Any) -> set[str]:
    return set(getattr(config, "layer_types", None) or ())


def _why_rows_matter(config: Any) -> str | None:
    """A reason if a token's numbers follow from its place in the row, or from the longest row of a batch."""
    if getattr(config, "attn_temperature_tuning", None):
        return (
            "it scales attention by a token's place in the row, not by its position (attn_temperature_tuning)"
        )
    if getattr(config, "log_scaling_n_floor", None):
        return "it scales attention by place in the row, not by position (log_scaling_n_floor)"
    rope = getattr(config, "rope_parameters", None) or {}
    nested = [rope] if "rope_type" in rope else [part for part in rope.values() if isinstance(part, dict)]
    for kind in (part.get("rope_type") for part in nested):
        if kind in ("dynamic", "longrope"):
            return f"its positions ({kind}) depend on the longest sequence of a batch"
    return None
