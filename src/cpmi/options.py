"""Options as fields: one declaration is the check, the flag with its help, and the recipe.

A field's name is the flag, with _ for -; its description is its help. Options are checked before anything is
loaded.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from cpmi.errors import ConfigError, did_you_mean
from cpmi.shown import told

IGNORE_KEYS = "A regular expression: stored tensors that the model does not need."
"""The help of an option of every command that loads a model."""
LICENSE = "The license of the input's texts, as mit or cc-by-4.0; by default as its card says, else unknown."
PERCENT = "Whether 25% equals 25: undecided (no verdict), or same."
ANSWER_CHECK = (
    "How answers are compared: math (by value), exact (as texts), choice (letters), or your own function, "
    "module:function or file.py:function, which runs in this process."
)
"""The help of options of every command that compares answers."""

DECIMAL = "What decimals are written with: point (7.5), or comma (7,5)."
"""The help of an option of every command that reads or samples chains."""

RENAMED = {"right_forms": "gold_forms", "unit_size": "chunk_size"}
"""Former names of options; they work in this release, with a notice."""

M = TypeVar("M", bound=BaseModel)


class RenamedOptionWarning(UserWarning):
    """An option was given by its former name."""


def option(
    panel: str, description: str, *flags: str, default: Any = None, advice: str = "", **bounds: Any
) -> Any:
    """A field with the place of its flag in the help, its short forms, and what is said if it is missing."""
    place: dict[str, Any] = {"panel": panel, "flags": " ".join(flags), "advice": advice}
    return Field(default, description=description, json_schema_extra=place, **bounds)


class Options(BaseModel):
    """The options of a command. Fields made by `option` are flags; `input` is the argument.

    Raises:
        pydantic.ValidationError: from the constructor; `parse` raises a ConfigError.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Self:
        """Check options; those that are None count as not given.

        Raises:
            ConfigError: an option does not exist, is missing, does not fit, or contradicts another.
        """
        return validated(cls, given(options), "this command")


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that have a value, by their names of today."""
    found = {name: value for name, value in options.items() if value is not None}
    return with_names_of_today(found, RENAMED)


def with_names_of_today(options: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """Options given by a former name, under the new one, with a notice; one that has both keeps the new."""
    found = dict(options)
    for old in renamed.keys() & found.keys():
        new = renamed[old]
        message = f"option {old} is now {new}; the former name works in this release only"
        warnings.warn(message, RenamedOptionWarning, stacklevel=4)
        found.setdefault(new, found.pop(old))
    return found


def validated(kind: type[M], options: Mapping[str, Any], owner: str) -> M:
    """The options as an instance of their class.

    Raises:
        ConfigError: they do not fit it; options of `owner` are meant.
    """
    try:
        return kind(**options)
    except ValidationError as error:
        raise _explain(error, kind.model_fields, owner) from error


def _explain(error: ValidationError, known: Mapping[str, FieldInfo], owner: str) -> ConfigError:
    """The first complaint in our words; the other options are named."""
    first, *others = error.errors()
    missing = [".".join(map(str, found["loc"])) for found in (first, *others) if found["type"] == "missing"]
    own = first.get("ctx", {}).get("error")
    if isinstance(own, ConfigError):
        return own
    name = ".".join(map(str, first["loc"]))
    if missing:
        return _missing(missing, known)
    also = ", ".join(".".join(map(str, other["loc"])) for other in others)
    hint = f"Also wrong: {also}." if also else None
    if first["type"] == "extra_forbidden":
        return ConfigError(
            "does not exist",
            where=f"option {name}",
            expected=f"an option of {owner}: {', '.join(known)}",
            hint=did_you_mean(name, known) or hint,
        )
    expected = first["msg"].removeprefix("Input should be ")
    for long, short in (("greater than or equal to", "at least"), ("less than or equal to", "at most")):
        expected = expected.replace(long, short)
    if first["type"] == "literal_error":
        hint = did_you_mean(first["input"], get_args(known[name].annotation)) or hint
    return ConfigError(
        "does not fit", where=f"option {name}", got=told(first["input"]), expected=expected, hint=hint
    )


def _missing(names: Sequence[str], known: Mapping[str, FieldInfo]) -> ConfigError:
    """The error that says of every missing option what it is, and of the first one what is recommended."""
    first, *others = names
    place = known[first].json_schema_extra if first in known else None
    advice = str(place.get("advice", "")) if isinstance(place, Mapping) else ""
    also = also_missing({name: known[name] for name in others if name in known})
    return ConfigError(
        "is missing",
        where=f"option {first}",
        expected=meaning(known[first]) if first in known else None,
        hint=" ".join(filter(None, (advice, also))) or None,
    )


def also_missing(fields: Mapping[str, FieldInfo]) -> str:
    """What further options are missing, and what each is; "" without any."""
    said = "; ".join(f"{name} ({meaning(field)})" for name, field in fields.items())
    return f"Also missing: {said}." if said else ""


def meaning(field: FieldInfo) -> str:
    """The help of an option as a part of a sentence."""
    text = str(field.description).rstrip(".")
    return text[:1].lower() + text[1:]
