"""Prompts of every language: the tree path, in which branches share the prefix, equals the plain one."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import cpmi
import tests.tiny_model as tiny
from cpmi.languages import LANGUAGES
from cpmi.types import Chain

TOLERANCE_NAT = 2e-3  # of a sum over an answer's tokens
CHAINS = {
    "en": Chain(id="a", question="How many?", steps=("Two and 1.5.", "So 3.5."), gold="3.5"),
    "zh": Chain(id="a", question="多少千克？", steps=("２千克和1.5千克。", "共3.5千克。"), gold="3.5千克"),
    "de": Chain(id="a", question="Wie viel?", steps=("2 kg und 1,5 kg.", "Also 3,5 kg."), gold="3,5"),
    "ar": Chain(id="a", question="كم المجموع؟", steps=("٢ و١٫٥.", "إذن ٣٫٥."), gold="٣٫٥"),
}


OPTIONS = {
    "net_gain": {"variants": 2, "negatives": 1, "gold_forms": 1},
    "cpmi": {"variants": 2, "negatives": 1, "sampled": 0},
    "judge": {"variants": 2},
}


@pytest.mark.parametrize("method", OPTIONS)
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.filterwarnings("error::UserWarning")
def test_tree_equals_plain(code: str, method: str, tmp_path: Path) -> None:
    values = {}
    for path in ("tree", "plain"):
        (row,) = cpmi.label(
            [CHAINS[code]],
            model=tiny.engine(path=path),
            method=method,
            out=tmp_path / path,
            language=code,
            **OPTIONS[method],
            decimal="comma" if code == "de" else "point",
        )
        values[path] = row.labels.values
        others = [c.text for c in row.labels.candidates if not c.right]
        mark = {"de": ",", "ar": "٫"}.get(code, ".")
        assert all(mark in text for text in others), others
    assert None not in values["tree"]
    assert values["tree"] == pytest.approx(values["plain"], abs=TOLERANCE_NAT)
