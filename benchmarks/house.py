"""Code lines by room (without comments, docstrings, blanks), what is too long, and missing docstrings.

python -m benchmarks.house [FOLDER]
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "cpmi"
MAX_FUNCTION, MAX_PARAMETERS, MAX_FILE = 60, 12, 400
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(text: str) -> int:
    """Lines that hold code."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {
        line
        for token in tokens
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    strings = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node.value.value, str)
    ]
    return len(lines - {line for node in strings for line in range(node.lineno, (node.end_lineno or 0) + 1)})


def rooms(source: Path = SOURCE) -> Counter[str]:
    """Code lines by the folder below the package; "." for its own files."""
    found: Counter[str] = Counter()
    for path in source.rglob("*.py"):
        room = path.relative_to(source).parts[0] if path.parent != source else "."
        found[room] += code_lines(path.read_text("utf-8"))
    return found


def complaints(source: Path = SOURCE) -> Iterator[str]:
    """Files, functions and parameter lists that are too long, and public names without a docstring."""
    for path in sorted(source.rglob("*.py")):
        text = path.read_text("utf-8")
        where = path.relative_to(source)
        if text.count("\n") > MAX_FILE:
            yield f"{where}: {text.count(chr(10))} lines"
        tree = ast.parse(text)
        if ast.get_docstring(tree) is None and text.strip():
            yield f"{where}: no docstring"
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield from (f"{where}:{node.lineno} {node.name}: {said}" for said in _too_long(node))
        for owner in (tree, *(node for node in tree.body if _is_public(node, ast.ClassDef))):
            for node in owner.body:
                if _is_public(node, (*Function.__args__, ast.ClassDef)) and not _is_documented(node, owner):
                    yield f"{where}:{node.lineno} {node.name}: no docstring"


def _too_long(node: Function) -> Iterator[str]:
    length = (node.end_lineno or 0) - node.lineno + 1
    if length > MAX_FUNCTION:
        yield f"{length} lines"
    number = len(node.args.args) + len(node.args.kwonlyargs) + len(node.args.posonlyargs)
    if number > MAX_PARAMETERS:
        yield f"{number} parameters"


def _is_public(node: ast.AST, kinds: type | tuple[type, ...]) -> bool:
    return isinstance(node, kinds) and not node.name.startswith("_")


def _is_documented(node: ast.AST, owner: ast.AST) -> bool:
    """Methods that implement a documented interface, and properties that name themselves, need no words."""
    if ast.get_docstring(node) is not None:
        return True
    short = (node.end_lineno or 0) - node.lineno <= 4
    return isinstance(owner, ast.ClassDef) and (bool(owner.bases) or short)


if __name__ == "__main__":
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    counted = rooms(source)
    for room, lines in sorted(counted.items()):
        print(f"{room:12} {lines:6,}")
    print(f"{'in all':12} {counted.total():6,}")
    print("\n".join(complaints(source)))
