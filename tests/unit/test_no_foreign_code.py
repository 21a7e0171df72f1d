"""No code of a checkpoint is ever run, and nobody is asked: every loading call says so itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import cpmi

SOURCE = Path(cpmi.__file__).parent
LOADING = ("from_pretrained", "from_config")
OWN = {("api/score.py", "PRM")}
"""Classes of cpmi that have a method of such a name."""


def calls(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOADING:
            yield node


def is_closed(call: ast.Call) -> bool:
    given = {word.arg: word.value for word in call.keywords}
    value = given.get("trust_remote_code")
    return isinstance(value, ast.Constant) and value.value is False


def test_every_loading_call_says_that_no_code_is_trusted() -> None:
    found = 0
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        for call in calls(path.read_text("utf-8")):
            assert isinstance(call.func, ast.Attribute)
            owner = call.func.value.id if isinstance(call.func.value, ast.Name) else ""
            if (name, owner) in OWN:
                continue
            found += 1
            assert is_closed(call), f"{name}:{call.lineno} may ask on the standard input"
    assert found >= 2


def test_what_the_check_finds() -> None:
    (open_,) = calls("AutoModel.from_pretrained('x', **options)")
    (trusting,) = calls("AutoModel.from_pretrained('x', trust_remote_code=True)")
    (closed,) = calls("AutoModel.from_pretrained('x', trust_remote_code=False)")
    assert (is_closed(open_), is_closed(trusting), is_closed(closed)) == (False, False, True)
