"""Options from YAML: a recipe, `--recipe FILE`, and the value of an option, `-o NAME=VALUE`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cpmi.errors import ConfigError
from cpmi.json_files import repeated_name

_MOST = 10_000
"""Values of a recipe, those that an alias repeats counted each time."""


class _Loader(yaml.SafeLoader):
    """The safe loader, which also refuses what names an entry twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if (twice := repeated_name(name for name in names if name != "<<")) is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"the entry {twice!r} appears twice", node.start_mark
            )
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found


def read_yaml(text: str) -> Any:
    """The value of a text in YAML, as the safe loader reads it.

    Raises:
        ValueError: it is not YAML, names an entry twice, is nested too deeply or holds itself, a value is not
            what its tag says, or a number has too many digits.
    """
    try:
        value = yaml.load(text, _Loader)
        if sum(1 for _ in _values(value)) > _MOST:
            raise ValueError(f"more than {_MOST:,} values")
        return value
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except (
        AttributeError,
        KeyError,
        TypeError,
        OverflowError,
    ) as error:  # of PyYAML, for a tag on another text
        raise ValueError(f"a value is not what its tag says: {error}") from error
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error


def _values(value: Any) -> Iterator[Any]:
    """All values inside, at most one more than `_MOST`."""
    waiting = [value]
    for _ in range(_MOST + 1):
        if not waiting:
            return
        yield (found := waiting.pop())
        if isinstance(found, dict):
            waiting += [*found, *found.values()]
        elif isinstance(found, list | tuple | set):
            waiting += found


def read_recipe(path: str | Path) -> dict[str, Any]:
    """The options in a YAML recipe, unchecked but for their names.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or is no mapping of option names.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError("the recipe cannot be read", where=str(path), got=str(error)) from error
    try:
        recipe = read_yaml(text)
    except ValueError as error:
        raise ConfigError("the recipe is not YAML", where=str(path), got=str(error)) from error
    if recipe is None:
        return {}
    if not isinstance(recipe, dict) or not all(isinstance(name, str) for name in recipe):
        raise ConfigError(
            "a recipe maps option names to values",
            where=str(path),
            got=type(recipe).__name__,
            expected="lines such as `method: cpmi`",
        )
    return {name.replace("-", "_"): value for name, value in recipe.items()}
