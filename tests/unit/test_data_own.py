"""cpmi's own form: what is written is read back."""

from dataclasses import replace
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpmi.data import read_chains, write_jsonl
from cpmi.data.shown_options import with_options_shown
from cpmi.errors import InputError, StorageError
from cpmi.golds import LETTERS
from cpmi.types import Chain, Rating

FULL = Chain(
    id="a/0",
    question="What is ½ + ½?\u2028 (A) 0 (B) 1",
    steps=("First.\n", " 1 "),
    gold="B",
    answer="\\frac{2}{2}",
    ratings=(Rating.RIGHT, Rating.NOT_JUDGED),
    values=(0.25, None),
    meta={"generator": "a model"},
    options=("0", "1"),
    other_golds=("A",),
    outcome=False,
    distractors=("2",),
)
BARE = Chain(id="b", question="1+1?", steps=("2",))

# Any text, half surrogate pairs too: JSON files in the wild hold them.
texts = st.text(st.characters(exclude_categories=()))
visible = texts.filter(lambda text: bool(text.strip()))


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    steps = tuple(draw(st.lists(visible, min_size=1, max_size=3)))
    column = {"min_size": len(steps), "max_size": len(steps)}
    number = st.none() | st.floats(allow_nan=False, allow_infinity=False)
    options = draw(st.just(()) | st.lists(visible, min_size=2, max_size=4).map(tuple))
    golds = st.sampled_from(LETTERS[: len(options)]) if options else visible
    gold = draw(st.none() | golds)
    return Chain(
        id=draw(visible),
        question=with_options_shown(draw(visible), options),
        steps=steps,
        gold=gold,
        options=options,
        other_golds=() if gold is None else tuple(draw(st.lists(golds, max_size=2))),
        outcome=draw(st.none() | st.booleans()),
        distractors=tuple(draw(st.lists(visible, max_size=2))),
        answer=draw(st.none() | texts),
        ratings=draw(st.none() | st.lists(st.sampled_from(Rating), **column).map(tuple)),
        values=draw(st.none() | st.lists(number, **column).map(tuple)),
        meta=draw(st.dictionaries(texts, texts, max_size=2)),
    )


@given(st.lists(chains(), min_size=1, max_size=3, unique_by=lambda chain: chain.id))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, written: list[Chain]) -> None:
    path = tmp_path_factory.getbasetemp() / "round_trip.jsonl"
    assert write_jsonl(written, path) == len(written)
    read = [replace(outcome, source="") for outcome in read_chains(path)]  # type: ignore[type-var]
    assert read == written


def test_optional_fields_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"question": "1+1?", "steps": ["2"], "gold": null}\n')
    (chain,) = read_chains(path)
    assert chain == Chain(id="own-0", question="1+1?", steps=("2",), source=f"{path}:1")


def test_parquet_gives_the_same(tmp_path: Path) -> None:
    text = pyarrow.string()
    columns = {
        "id": text,
        "question": text,
        "steps": pyarrow.list_(text),
        "gold": text,
        "answer": text,
        "ratings": pyarrow.list_(text),
        "values": pyarrow.list_(pyarrow.float64()),
        "options": pyarrow.list_(text),
        "other_golds": pyarrow.list_(text),
        "outcome": pyarrow.bool_(),
        "distractors": pyarrow.list_(text),
    }
    for meta in (pyarrow.map_(text, text), pyarrow.struct({"generator": text})):
        schema = pyarrow.schema(columns | {"meta": meta})
        rows = [{name: getattr(chain, name) for name in schema.names} for chain in (FULL, BARE)]
        for row in rows:
            row["meta"] = list(row["meta"].items()) if meta.id == pyarrow.lib.Type_MAP else dict(row["meta"])
        path = tmp_path / "own.parquet"
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), path)
        assert [replace(o, source="") for o in read_chains(path)] == [FULL, BARE]  # type: ignore[type-var]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    write_jsonl([BARE], path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"\[b\]: a value is not finite"):
        write_jsonl([FULL, replace(BARE, values=(float("nan"),))], path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(StorageError, match="cannot be written"):
        write_jsonl([BARE], tmp_path / "missing" / "own.jsonl")
