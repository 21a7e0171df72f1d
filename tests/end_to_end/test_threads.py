"""Threads of one process may label at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import cpmi

pytest.importorskip("torch")

ROWS = [{"question": f"{n} + 5?", "response": f"It is {n + 5}", "answer": n + 5} for n in range(3)]


def test_threads_load_at_once() -> None:
    """Without a lock most of these models have no output head; see findings/loaded_in_threads.sh."""
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(cpmi.load_engine, ["embedded"] * 12))
    for engine in engines:
        engine.close()


def test_threads_label_at_once(tmp_path: Path) -> None:
    def values(name: str) -> list[tuple[float | None, ...]]:
        run = cpmi.label(ROWS, model="embedded", method="judge", out=tmp_path / name, progress=False)
        return [row.labels.values for row in run]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(values, ["first", "second"])
    assert first == second == values("alone")
