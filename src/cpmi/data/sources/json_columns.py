"""Columns that `datasets` 5 typed as Json: stored as text, and known by the metadata of the schema only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from cpmi.data.sources.plain_values import Unreadable

Decode = Callable[[object], object]
_METADATA_KEY = b"huggingface"


def json_decoders(metadata: Mapping[bytes, bytes] | None) -> dict[str, Decode]:
    """What decodes the columns that hold Json somewhere; nothing for all others, and without the metadata."""
    try:
        features = json.loads((metadata or {})[_METADATA_KEY])["info"]["features"]
    except (KeyError, TypeError, ValueError):
        return {}
    if not isinstance(features, dict):
        return {}
    found = {name: _decoder(feature) for name, feature in features.items()}
    return {name: decode for name, decode in found.items() if decode is not None}


def _decoder(feature: object) -> Decode | None:
    """Of a feature; None if there is no Json in it."""
    if isinstance(feature, list):
        return _each(_decoder(feature[0])) if len(feature) == 1 else None
    if not isinstance(feature, dict):
        return None
    kind = feature.get("_type")
    if not isinstance(kind, str):  # a struct, whose features are its items
        return _struct(feature)
    if kind == "Json":
        return _decode if feature.get("decode", True) else None
    return _each(_decoder(feature["feature"])) if "feature" in feature else None


def _decode(value: object) -> object:
    if value is None:
        return None
    try:
        return json.loads(value)  # type: ignore[arg-type]  # a TypeError is told below
    except (TypeError, ValueError, RecursionError) as error:
        return Unreadable(f"a Json column that is not JSON: {error}")


def _each(decode: Decode | None) -> Decode | None:
    if decode is None:
        return None

    def decode_items(value: object) -> object:
        if not isinstance(value, list):
            return value
        return [decode(item) for item in value]

    return decode_items


def _struct(features: Mapping[str, object]) -> Decode | None:
    found = {name: decode for name, item in features.items() if (decode := _decoder(item)) is not None}
    if not found:
        return None

    def decode_fields(value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {name: found[name](item) if name in found else item for name, item in value.items()}

    return decode_fields
