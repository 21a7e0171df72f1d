"""The command line that makes a run of labels again, read off its manifest."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from cpmi.methods import METHODS
from cpmi.runs.chunks import DEFAULT_CHUNK_SIZE
from cpmi.runs.manifest import Manifest
from cpmi.weights import Origin, shipped_for

_RUN = ("prompt", "seed", "percent")  # recorded among the options of the method, but of every run
_ENGINE = ("dtype", "path", "device", "batch_tokens", "ignore_keys")  # results depend on them
_USUAL = {"shard": "0/1", "on_error": "stop", "chunk_size": DEFAULT_CHUNK_SIZE}


def command(manifest: Manifest | None) -> str | None:
    """The command, quoted for a shell; options of the method are spelled out, weights unless shipped.

    An option that a method of this library has is a flag; others, and those that are no text and no number,
    are given as `-o NAME=VALUE`, which any method takes. None without a manifest.
    """
    if manifest is None:
        return None
    determines, circumstances = manifest.determines, manifest.circumstances
    method = circumstances.get("method") or determines.get("method")
    own = dict(determines.get("options") or {})
    own.pop("budget_share", None)  # the budget itself is among the circumstances
    of_run: dict[str, Any] = {
        "gold": circumstances.get("gold"),
        "model": circumstances.get("model"),
        "method": method,
        "out": circumstances.get("out"),
        "format": determines.get("format"),
        "columns": determines.get("columns"),
        "split_steps": determines.get("split_steps"),
        "limit": manifest.limit,
        "answer_check": circumstances.get("answer_check"),
    }
    rest = {name: own.pop(name, None) for name in _RUN}
    weights = _weights(own.pop("weights", None), manifest)
    own |= {name: circumstances.get(name) for name in ("prover", "contrast_model", "budget")}
    own |= {"price_per_million_tokens": circumstances.get("price_per_million_tokens"), "weights": weights}
    rest |= {name: (determines.get("model") or {}).get(name) for name in _ENGINE}
    rest |= {"threads": _threads(manifest)}
    found = {**circumstances, **determines}
    rest |= {name: found.get(name) for name, usual in _USUAL.items() if found.get(name) != usual}
    words = ["cpmi", "label", str(circumstances.get("input", "INPUT"))]
    return shlex.join([*words, *_flags(of_run), *_options(str(method), own), *_flags(rest)])


def _weights(weights: Any, manifest: Manifest) -> Any:
    """The file that they were read from, else their values; None for those that are used unless given."""
    digest = str((manifest.determines.get("model") or {}).get("model_digest", ""))
    if weights in (None, shipped_for(Origin(digest=digest)).to_json()):
        return None
    if (file := manifest.circumstances.get("weights")) is not None:
        return file
    problems = (manifest.circumstances.get("facts") or {}).get("fitted_on")
    return {**weights, "problems": problems} if problems else weights


def _threads(manifest: Manifest) -> Any:
    """The number of threads; None where there were several, one after the other."""
    numbers = manifest.circumstances.get("threads") or [
        (manifest.determines.get("model") or {}).get("threads")
    ]
    return numbers[0] if len(numbers) == 1 else None


def _flags(options: Mapping[str, Any]) -> Iterator[str]:
    for name, value in options.items():
        if value is not None:
            yield f"--{name.replace('_', '-')}"
            yield str(value)


def _options(method: str, options: Mapping[str, Any]) -> Iterator[str]:
    """Options of a method, as flags where it has some."""
    fields = METHODS[method].Options.model_fields if method in METHODS else {}
    for name, value in options.items():
        short = name.removeprefix("num_")  # as options were called in runs of format 0
        named = short if short in fields else name
        if value is None:
            continue
        if named in fields and isinstance(value, str | int | float) and not isinstance(value, bool):
            yield from _flags({named: value})
        else:
            yield from ("-o", f"{named}={_yaml(value)}")


def _yaml(value: Any) -> str:
    """As `-o` reads it: 1e-05 is a text in YAML, 1.0e-05 a number."""
    text = yaml.safe_dump([value], default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**9)
    return text.strip()[1:-1]
