"""Code of the user by its name: a module, or a file of Python."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from cpmi.digests import digest_of_bytes
from cpmi.errors import ConfigError

T = TypeVar("T")


def module_of(module: str, *, given: str, where: str, noun: str) -> ModuleType:
    """The module of a name, "package.module" or "path/file.py".

    Args:
        module: its name.
        given: what the user gave, of which the name is a part.
        where: the option that it was given to.
        noun: what the user wants from it, as "method".

    Raises:
        ConfigError: there is none, or importing it fails.
    """
    if not module.endswith(".py"):
        return loaded(lambda: importlib.import_module(module), given=given, where=where, noun=noun)
    file = Path(module)
    if not file.is_file():
        raise ConfigError(
            "no such file", where=where, got=repr(given), expected=f"a Python file with the {noun}"
        )
    digest = digest_of_bytes(str(file.resolve()).encode())[:12]
    module_name = f"_cpmi_{noun.replace(' ', '_')}_{file.stem}_{digest}"
    spec = importlib.util.spec_from_file_location(module_name, file)
    if spec is None or spec.loader is None:
        raise ConfigError("not a Python file", where=where, got=repr(given))
    made = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = made  # pydantic and inspect look a class up there
    loader = spec.loader
    loaded(lambda: loader.exec_module(made), given=given, where=where, noun=noun)
    return made


def loaded(load: Callable[[], T], *, given: str, where: str, noun: str) -> T:
    """What `load` returns.

    Raises:
        ConfigError: it fails, for whatever reason: the code is not ours.
    """
    try:
        return load()
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"the {noun} cannot be loaded",
            where=where,
            got=f"{type(error).__name__}: {error}",
            expected=f"code that imports, for {given!r}",
            hint="--debug shows the traceback.",
        ) from error
