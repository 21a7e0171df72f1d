"""Records that a program holds, in the place of a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cpmi
from cpmi.data import read_chains
from cpmi.engines.fake import FakeEngine
from cpmi.errors import InputError, RecordError
from cpmi.types import Chain, Problem

RECORDS = [
    {"prompt": f"What is {n} and one?", "completion": f"It is {n}.\n\nSo {n + 1}.", "answer": n + 1, "n": n}
    for n in range(5)
]


def label(records: Any, out: Path, **options: Any) -> cpmi.Run:
    return cpmi.label(records, model=FakeEngine(), method="judge", out=out, **options)


def as_file(folder: Path) -> Path:
    path = folder / "record.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in RECORDS))
    return path


def frame() -> Any:
    return pytest.importorskip("pandas").DataFrame(RECORDS)


def dataset() -> Any:
    return pytest.importorskip("datasets").Dataset.from_list(RECORDS)


@pytest.mark.parametrize("made", [lambda: RECORDS, lambda: iter(RECORDS), frame, dataset])
def test_labels_are_those_of_the_same_file(made: Callable[[], Any], tmp_path: Path) -> None:
    before = set(Path("/tmp").glob("cpmi-*.jsonl"))
    from_memory = list(label(made(), tmp_path / "memory"))
    from_file = list(label(as_file(tmp_path), tmp_path / "file"))
    assert [row.labels for row in from_memory] == [row.labels for row in from_file]
    assert [row.chain.id for row in from_memory] == [f"record-{n}" for n in range(5)]
    assert [replace(row.chain, source="") for row in from_memory] == [
        replace(row.chain, source="") for row in from_file
    ]
    assert set(Path("/tmp").glob("cpmi-*.jsonl")) <= before


def test_chains_in_memory(tmp_path: Path) -> None:
    chains = [chain for chain in read_chains(as_file(tmp_path)) if isinstance(chain, Chain)]
    found = [row.chain for row in label(chains, tmp_path / "out")]
    assert [replace(chain, source="") for chain in found] == [replace(chain, source="") for chain in chains]


def test_the_same_records_resume_a_run(tmp_path: Path) -> None:
    label(RECORDS, tmp_path / "out", chunk_size=2)
    first = (tmp_path / "out" / "labels.parquet").read_bytes()
    label(RECORDS, tmp_path / "out", chunk_size=2)
    assert (tmp_path / "out" / "labels.parquet").read_bytes() == first
    with pytest.raises(cpmi.CpmiError, match="input_sha256"):
        label(RECORDS[:-1], tmp_path / "out", chunk_size=2)


def test_a_bad_record_is_named_by_its_place(tmp_path: Path) -> None:
    records = [RECORDS[0], {**RECORDS[1], "completion": None}]
    with pytest.raises(RecordError, match=r"<records \w+>:2 .*there is no solution at 'completion'"):
        label(records, tmp_path / "out")


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ({"prompt": "q"}, "the input is one object"),
        (3, "neither a path nor records"),
        (["a"], "a record is no object"),
        ([{"prompt": b"q"}], "the format is not recognized"),
        ([{"prompt": float("inf"), "completion": "a"}], "JSON has no form for"),
        ([], "empty"),
    ],
)
def test_what_is_no_input(records: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        label(records, tmp_path / "out")


def test_missing_numbers_of_a_frame_are_null() -> None:
    pandas = pytest.importorskip("pandas")
    made = pandas.DataFrame([RECORDS[0], {**RECORDS[1], "answer": None}])
    found = cpmi.check(made)
    assert (found.num_chains, found.outcomes) == (2, {"right": 1, "no gold": 1})


def test_problems_in_memory(tmp_path: Path) -> None:
    problems = [Problem(id="a", question="1+1?", gold="2"), Problem(id="b", question="2+2?")]
    run = cpmi.sample(problems, model=FakeEngine(texts=["It is 2."]), out=tmp_path / "out")
    assert [chain.id.partition("/")[0] for chain in run] == ["a", "b"]


def test_tables_for_other_libraries(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("datasets")
    run = label(RECORDS, tmp_path / "out")
    rows = list(run)
    table = run.to_pandas()
    assert list(table["id"]) == [row.chain.id for row in rows]
    assert [tuple(values) for values in table["label"]] == [row.labels.values for row in rows]
    made = run.to_dataset()
    assert list(made["question"]) == [row.chain.question for row in rows]
    assert [json.loads(text) for text in made["meta"]] == [dict(row.chain.meta) for row in rows]


def test_values_that_are_not_used_do_no_harm() -> None:
    """As the images of a data set."""
    rows = [{**record, "image": b"1"} for record in RECORDS]
    assert cpmi.check(rows).outcomes == {"right": 5}
    used = cpmi.check(rows, columns={"gold": "image"})
    assert (used.num_chains, list(used.rejected)) == (0, ["the field 'image' is not usable"])


def test_images_are_not_decoded(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "prompt": datasets.Value("string"),
            "completion": datasets.Value("string"),
            "image": datasets.Image(),
        }
    )
    image = {"bytes": b"no image", "path": None}
    rows = [{"prompt": "q", "completion": text, "image": image} for text in ("a", "b")]
    made = datasets.Dataset.from_list(rows, features=features)
    made.save_to_disk(str(tmp_path / "saved"))
    assert cpmi.check(made).num_chains == cpmi.check(tmp_path / "saved").num_chains == 2
