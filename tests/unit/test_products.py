"""Single files: replaced only if they say that cpmi made them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cpmi.errors import RunError
from cpmi.runs.products import json_product, write_json_product, write_products


def test_ours_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"
    write_json_product(path, {"a": 1})
    write_json_product(path, {"a": 2})
    assert path.read_text() == json_product({"a": 2})
    assert os.listdir(path.parent) == ["file.json"]


@pytest.mark.parametrize("name", ["a.html", "a.json", "chains.jsonl"])
def test_of_files_that_belong_together_all_or_none_are_written(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"id": "world-test-0-00000/0"}\n')
    with pytest.raises(RunError, match="a file that cpmi did not write"):
        write_products({tmp_path / "0.json": json_product({}), tmp_path / name: "ours"})
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_text().startswith('{"id"')


def test_the_same_content_is_written_again(tmp_path: Path) -> None:
    write_products({tmp_path / "p.jsonl": "1\n2\n"})
    write_products({tmp_path / "p.jsonl": "1\n2\n"})
    with pytest.raises(RunError):
        write_products({tmp_path / "p.jsonl": "1\n2\n3\n"})
