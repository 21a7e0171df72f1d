"""What the results in a folder follow from. A benchmark started again goes on with the same settings only."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from cpmi.storage import make_folder, write_json

NAME = "settings.json"
CIRCUMSTANCES = ("out", "threads", "device", "timed")  # what may differ from one start to the next


def expect_same(out: Path, arguments: argparse.Namespace) -> None:
    """Remember the arguments in `out`, or hold them against those remembered.

    Raises:
        SystemExit: they differ.
    """
    asked = {name: str(value) for name, value in vars(arguments).items() if name not in CIRCUMSTANCES}
    make_folder(out)
    path = out / NAME
    if not path.exists():
        write_json(path, asked)
        return
    found = json.loads(path.read_text("utf-8"))
    other = sorted(name for name in asked.keys() | found.keys() if asked.get(name) != found.get(name))
    if other:
        said = "; ".join(f"{name} was {found.get(name)}, is {asked.get(name)}" for name in other)
        raise SystemExit(f"{path}: results with other settings stand there ({said}). Use another --out.")
