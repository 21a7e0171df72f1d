"""Options as fields: one declaration is the check, the flag with its help, and the recipe.

A field's name is the flag, with _ for -; its description is its help. Options are checked before anything is
loaded.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cpmi.errors import ConfigError

IGNORE_KEYS = "A regular expression: stored tensors that the model does not need."
"""The help of an option of every command that loads a model."""
PERCENT = "Whether 25% equals 25: undecided (no verdict), or same."
ANSWER_CHECK = (
    "How answers are compared: math (by value), exact (as texts), choice (letters), or your own function, "
    "module:function or file.py:function, which runs in this process."
)
"""The help of options of every command that compares answers."""

RENAMED = {"right_forms": "gold_forms", "unit_size": "chunk_size"}
"""Former names of options; they work in this release, with a notice."""

M = TypeVar("M", bound=BaseModel)


class RenamedOptionWarning(UserWarning):
    """An option was given by its former name."""


def option(panel: str, description: str, *flags: str, default: Any = None, **bounds: Any) -> Any:
    """A field with the place of its flag in the help, and its short forms."""
    place: dict[str, Any] = {"panel": panel, "flags": " ".join(flags)}
    return Field(default, description=description, json_schema_extra=place, **bounds)


class Options(BaseModel):
    """The options of a command. Fields made by `option` are flags; `input` is the argument.

    Raises:
        pydantic.ValidationError: from the constructor; `parse` raises a ConfigError.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

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


def _explain(error: ValidationError, known: Iterable[str], owner: str) -> ConfigError:
    """The first complaint in our words; the other options are named."""
    first, *others = error.errors()
    own = first.get("ctx", {}).get("error")
    if isinstance(own, ConfigError):
        return own
    name = ".".join(map(str, first["loc"]))
    also = ", ".join(".".join(map(str, other["loc"])) for other in others)
    hint = f"Also wrong: {also}." if also else None
    if first["type"] == "missing":
        return ConfigError("is missing", where=f"option {name}", hint=hint)
    if first["type"] == "extra_forbidden":
        return ConfigError(
            "does not exist",
            where=f"option {name}",
            expected=f"an option of {owner}: {', '.join(known)}",
            hint=hint,
        )
    expected = first["msg"].removeprefix("Input should be ")
    for long, short in (("greater than or equal to", "at least"), ("less than or equal to", "at most")):
        expected = expected.replace(long, short)
    return ConfigError(
        "does not fit", where=f"option {name}", got=repr(first["input"]), expected=expected, hint=hint
    )
