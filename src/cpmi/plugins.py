"""Find a labeling method by the name a user gives: of this library, installed, in a module, or in a file.

What is said of options that a method lacks, and of a method that is not given, is here too.

Installed methods are entry points of the group `cpmi.methods`: they are listed from the metadata of their
packages and loaded only when they are chosen.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic.fields import FieldInfo

from cpmi.digests import digest_of_file
from cpmi.errors import ConfigError, did_you_mean
from cpmi.importing import loaded, module_of
from cpmi.methods import METHODS, Method
from cpmi.methods.base import defined_in
from cpmi.methods.describe import summary
from cpmi.methods.options import MethodOptions
from cpmi.options import also_missing

GROUP = "cpmi.methods"
_WHERE = "option method"
_HINT = "`cpmi methods` lists them; a method of your own is ./my_method.py or package.module:Class."


def installed() -> dict[str, EntryPoint]:
    """Methods of installed packages by name, not loaded; names of this library's methods are not replaced."""
    found = entry_points(group=GROUP)
    return {
        entry.name: entry
        for entry in sorted(found, key=lambda entry: entry.name)
        if entry.name not in METHODS
    }


def find_method(name: str) -> type[Method]:
    """The method that is meant.

    Args:
        name: "evidence", the name of an installed method, "package.module:Class", "./my_method.py" or
            "./my_method.py:Class".

    Raises:
        ConfigError: there is no such method, it cannot be loaded, or it is not a `Method`.
    """
    if name in METHODS:
        return METHODS[name]
    if file := re.fullmatch(r"(?P<path>.+\.py)(:(?P<class>\w+))?", name):
        return _in_module(_module(file["path"], name), file["class"] or "", name)
    if (entry := installed().get(name)) is not None:
        return _expect_method(loaded(entry.load, given=name, where=_WHERE, noun="method"), name)
    module, colon, attribute = name.partition(":")
    if colon:
        return _in_module(_module(module, name), attribute, name)
    known = [*METHODS, *installed()]
    hint = " ".join(filter(None, (did_you_mean(name, known), _HINT)))
    raise ConfigError("no such method", where=_WHERE, got=repr(name), expected=", ".join(known), hint=hint)


def _owners_of(name: str) -> list[str]:
    """The methods of this library that have an option."""
    return [method.name for method in METHODS.values() if name in method.Options.model_fields]


def no_method(others: Mapping[str, FieldInfo]) -> ConfigError:
    """The error that lists the methods with a line each, the recommended one first."""
    width = max(map(len, METHODS))
    lines = [f"  {name:<{width}}  {summary(method)}" for name, method in METHODS.items()]
    known = "\n".join(["`cpmi methods NAME` describes one:", *lines])
    also = also_missing(others)
    return ConfigError(
        "is missing",
        where="option method",
        expected=f"one of the methods below, as --method {next(iter(METHODS))}",
        hint=f"{also}\n{known}" if also else known,
    )


def method_of(method: object) -> tuple[type[Method], str]:
    """The class, and the name by which the command line would find it."""
    if isinstance(method, str):
        return find_method(method), method
    chosen = method.method if isinstance(method, MethodOptions) else method
    if isinstance(chosen, type) and issubclass(chosen, Method):
        return chosen, chosen.name
    raise ConfigError(
        "not a method",
        where="option method",
        got=repr(method),
        expected="a name, a subclass of cpmi.Method, or its Options",
    )


def expect_none(own: Mapping[str, Any], method: type[Method]) -> None:
    """Refuse options beside those that were given as one object."""
    if own:
        raise ConfigError(
            "options of the method are given twice",
            where=f"option {next(iter(own))}",
            expected=f"all of them in {method.__name__}.Options(...)",
        )


def expect_known(own: Mapping[str, Any], method: type[Method], *, of_run: Iterable[str]) -> None:
    """Refuse an option of other methods by naming them.

    Args:
        own: options by name, none of them one of the run.
        method: what has to have them.
        of_run: the options that every run has, for what may have been meant.
    """
    for name in own:
        if name in method.Options.model_fields:
            continue
        owners = _owners_of(name)
        has = ", ".join(method.Options.model_fields) or "no option"
        others = f"; {', '.join(owners)} {'have' if len(owners) > 1 else 'has'} it" if owners else ""
        raise ConfigError(
            f"method {method.name} has no option {name}{others}",
            where=f"option {name}",
            got=repr(own[name]),
            expected=f"an option of {method.name}: {has}",
            hint=did_you_mean(name, (*method.Options.model_fields, *of_run))
            or "Leave it out, or choose another --method.",
        )


def source_of(method: type[Method]) -> dict[str, str] | None:
    """Module and digest of the file of a method from outside, which its labels depend on; None inside."""
    if method.__module__.partition(".")[0] == "cpmi":
        return None
    file = Path(inspect.getfile(method))
    return {"class": method.__qualname__, "file": file.name, "sha256": digest_of_file(file)}


def _module(module: str, name: str) -> ModuleType:
    return module_of(module, given=name, where=_WHERE, noun="method")


def _in_module(module: ModuleType, attribute: str, name: str) -> type[Method]:
    """The class of that name, or the only method that the module defines."""
    if attribute:
        return _expect_method(getattr(module, attribute, None), name)
    own = defined_in(module)
    if len(own) != 1:
        raise ConfigError(
            "the file does not define one method",
            where=_WHERE,
            got=", ".join(cls.__name__ for cls in own) or "no subclass of cpmi.Method",
            expected=f"one subclass of cpmi.Method, or {name}:Class",
        )
    return _expect_method(own[0], name)


def _expect_method(found: object, name: str) -> type[Method]:
    if not (inspect.isclass(found) and issubclass(found, Method)):
        raise ConfigError(
            "not a method", where=_WHERE, got=f"{name!r}, {found!r}", expected="a subclass of cpmi.Method"
        )
    missing = [attribute for attribute in ("name", "unit") if not hasattr(found, attribute)]
    if missing or inspect.isabstract(found):
        raise ConfigError(
            "the method is not complete",
            where=f"{_WHERE} {name!r}",
            got=f"no {', '.join([*missing, *sorted(found.__abstractmethods__)])}",
            expected="name, unit and label",
        )
    return found
