"""The types of arguments of public functions, checked where they come in.

`checked` reads the annotations of simple kinds; what is of another kind is checked by the function itself.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from cpmi.errors import ConfigError
from cpmi.shown import told

P = ParamSpec("P")
R = TypeVar("R")


class ArgumentError(ConfigError, TypeError):
    """An argument of a function is of the wrong type."""


def _is_path(value: object) -> bool:
    return isinstance(value, str | os.PathLike)


def _are_paths(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes) and all(map(_is_path, value))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "str": ("a text", lambda value: isinstance(value, str)),
    "str | Path": ("a path", _is_path),
    "Sequence[str | Path]": ("a list of paths", _are_paths),
    "int": ("a whole number", _is_whole),
    "float": ("a number", _is_number),
    "bool": ("True or False", lambda value: isinstance(value, bool)),
    "Decimal": ("point or comma", lambda value: value in ("point", "comma")),
}
"""By the annotation: what is expected, and whether a value is that."""
_NONE = " | None"


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which raises an `ArgumentError` for arguments that are not as `_KINDS` says.

    The module of the function has `from __future__ import annotations`, so that annotations are texts.
    """
    names = list(inspect.signature(function).parameters)
    kinds = {name: str(kind) for name, kind in function.__annotations__.items() if name in names}
    rules = {
        name: (kind.endswith(_NONE), *_KINDS[kind.removesuffix(_NONE)])
        for name, kind in kinds.items()
        if kind.removesuffix(_NONE) in _KINDS
    }

    @wraps(function)
    def with_checks(*args: P.args, **options: P.kwargs) -> R:
        for name, value in (*zip(names, args, strict=False), *options.items()):
            if name in rules:
                optional, expected, fits = rules[name]
                if not fits(value) and not (optional and value is None):
                    raise wrong_type(name, value, expected)
        return function(*args, **options)

    return with_checks


def expect_texts(name: str, values: Sequence[object]) -> None:
    """Check that a field is a sequence of texts, and not one text.

    Raises:
        ArgumentError: it is not.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Sequence):
        raise wrong_type(name, values, "a tuple of texts")
    for value in values:
        if not isinstance(value, str):
            raise wrong_type(name, value, "texts")


def wrong_type(name: str, value: object, expected: str) -> ArgumentError:
    """The error for an argument."""
    got = f"{type(value).__name__}: {told(value)}"
    return ArgumentError("is of the wrong type", where=f"argument {name}", got=got, expected=expected)
