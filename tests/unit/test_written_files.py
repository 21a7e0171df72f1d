"""Every file that the source writes goes through `cpmi.storage`, but for a few that have a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import cpmi

SOURCE = Path(cpmi.__file__).parent
METHODS = {
    "write_text", "write_bytes", "mkdir", "rmdir", "rename", "unlink", "touch", "symlink_to", "savefig",
    "save_pretrained", "save_to_disk", "save_file", "save_model", "to_parquet", "to_csv", "to_json_file",
}  # fmt: skip
FUNCTIONS = {
    "os": {"open", "replace", "rename", "remove", "unlink", "mkdir", "makedirs", "rmdir", "truncate", "link"},
    "shutil": {"copy", "copy2", "copyfile", "copytree", "move", "rmtree"},
    "tempfile": {"mkstemp", "mkdtemp", "TemporaryFile", "NamedTemporaryFile", "TemporaryDirectory"},
    "torch": {"save"},
    "json": {"dump"},
    "pq": {"write_table"},
}
_OWN = "a file that is appended to, or taken away as a whole; its errors are StorageErrors"
_UNPACKED = "a temporary file that only this process reads"
_STAGED = "a library writes into a subfolder that `adopt` takes over file by file; errors by `saving`"
REASONS = {
    "storage.py": "the place itself",
    "runs/chunk_file.py open": _OWN,
    "runs/chunk_store.py unlink": _OWN,
    "runs/journal.py open": _OWN,
    "runs/journal.py unlink": _OWN,
    "runs/lock.py os.open": "the lock, which the kernel has to know",
    "runs/folder.py os.replace": "takes over what is staged",
    "runs/folder.py rmdir": "a folder that is empty",
    "prm/checkpoints.py rmdir": "a folder that is empty",
    "prm/train.py save_pretrained": _STAGED,
    "prm/train.py save_model": _STAGED,
    "prm/trainer.py save_model": _STAGED,
    "exports/forms.py save_to_disk": _STAGED,
    "reports/svg.py savefig": "into memory",
    "data/sources/pipes.py tempfile.NamedTemporaryFile": _UNPACKED,
    "data/sources/memory.py tempfile.NamedTemporaryFile": _UNPACKED,
    "data/sources/parquet.py tempfile.TemporaryFile": _UNPACKED,
    "answers/pool.py tempfile.TemporaryFile": _UNPACKED,
}


def writes(text: str) -> Iterator[str]:
    """The calls of a module that change files, by their names."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        owner, name = _named(node.func)
        if name in FUNCTIONS.get(owner, ()) and "os.devnull" not in map(ast.unparse, node.args):
            yield f"{owner}.{name}"
        elif (name in METHODS and owner != "") or (name == "open" and _opens_to_write(node)):
            yield name


def _named(called: ast.expr) -> tuple[str, str]:
    """Of whom a function is, "" for its own, and its name."""
    if isinstance(called, ast.Attribute):
        return called.value.id if isinstance(called.value, ast.Name) else "?", called.attr
    return "", called.id if isinstance(called, ast.Name) else ""


def _opens_to_write(node: ast.Call) -> bool:
    """By the mode, the second argument of the function and the first of the method."""
    is_method = isinstance(node.func, ast.Attribute) and _named(node.func)[0] not in ("io", "os")
    given = [*node.args[0 if is_method else 1 :], *(word.value for word in node.keywords)]
    modes = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return any(set(mode) & set("wax+") and set(mode) <= set("rwaxbt+") for mode in modes)


def test_all_writes_go_through_storage() -> None:
    found = set()
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        found |= {name if name in REASONS else f"{name} {call}" for call in writes(path.read_text("utf-8"))}
    assert sorted(found - set(REASONS)) == []
    assert sorted(set(REASONS) - found) == []


def test_what_counts_as_a_write() -> None:
    lines = """
open("a", "w"); path.open("wb"); path.open(); open("a"); open(fd, mode="a"); os.open(p, os.O_RDWR)
path.write_text("x"); write_text(path, "x"); torch.save(x, p); figure.savefig(p); "a".replace("b", "c")
os.replace(a, b); shutil.rmtree(a); shutil.copyfileobj(a, b); model.save_pretrained(p)
"""
    said = "open open open os.open write_text torch.save savefig os.replace shutil.rmtree save_pretrained"
    assert list(writes(lines)) == said.split()
