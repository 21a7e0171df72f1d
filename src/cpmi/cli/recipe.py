"""Options from a YAML recipe: `--recipe FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cpmi.errors import ConfigError


def read_recipe(path: str | Path) -> dict[str, Any]:
    """The options in a YAML recipe, unchecked but for their names.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or is no mapping of option names.
    """
    try:
        recipe = yaml.safe_load(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("the recipe cannot be read", where=str(path), got=str(error)) from error
    except yaml.YAMLError as error:
        raise ConfigError(
            "the recipe is not YAML", where=str(path), got=" ".join(str(error).split())
        ) from error
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
