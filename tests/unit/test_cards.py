"""Metadata of cards as the Hub's own classes write and read them; licenses as somebody stated them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cpmi.cards import data_license, front_matter, license_section, model_license, size_category
from cpmi.errors import ConfigError
from cpmi.facts import DATA_SET, Ancestor, Facts, combined
from cpmi.runs.ancestors import ancestor_of_model, ancestors_of_input, expect_license

MIT = Ancestor(DATA_SET, "a.jsonl", "mit", "its README.md")
BY = Ancestor(DATA_SET, "owner/b", "cc-by-4.0", "option license", on_hub=True)
UNKNOWN = Ancestor("labeling model", "m", stated="no card")


def test_the_head_is_what_the_hub_writes_and_reads(tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    fields: dict[str, Any] = {
        "license": ["mit", "cc-by-4.0"],
        "language": ["en"],
        "size_categories": ["n<1K"],
        "tags": ["a", "no"],
        "configs": [{"config_name": "default", "data_files": "train.parquet"}],
        "task_ids": [],
    }
    text = front_matter(fields)
    kept = {name: value for name, value in fields.items() if value}
    assert hub.DatasetCard(text + "\n\n# x\n").data.to_dict() == kept
    assert hub.DatasetCardData(**kept).to_dict() == kept
    (tmp_path / "README.md").write_text(text + "\n")
    assert hub.metadata_load(tmp_path / "README.md") == kept


@pytest.mark.parametrize("text", ["no", "1.0", "a: b", "ä", "- x", "---", "#"])
def test_texts_stay_texts(text: str) -> None:
    hub = pytest.importorskip("huggingface_hub")
    assert hub.ModelCard(front_matter({"base_model": [text]}) + "\n").data.base_model == [text]


def test_licenses_that_differ_are_all_listed() -> None:
    assert data_license([MIT, MIT]) == "mit"
    assert data_license([MIT, BY, UNKNOWN]) == ["mit", "cc-by-4.0", "unknown"]
    assert data_license([]) == "unknown"
    assert model_license([MIT]) == {"license": "mit"}
    assert model_license([MIT, UNKNOWN]) == {"license": "unknown"}
    assert model_license([MIT, BY])["license_name"] == "mit-and-cc-by-4.0"
    text = license_section([MIT, BY, UNKNOWN])
    assert "| data set | owner/b | cc-by-4.0 | option license |" in text
    assert "| labeling model | m | unknown | no card |" in text
    assert "Unknown" in license_section([])


@pytest.mark.parametrize(
    ("num", "name"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**6, "1M<n<10M")]
)
def test_sizes(num: int, name: str) -> None:
    assert size_category(num) == name


def test_facts_carry_ancestors_and_languages() -> None:
    first = Facts(method="a", unit="nat", ancestors=(MIT,), languages=("en",))
    second = Facts(method="b", unit="nat", ancestors=(BY, MIT), languages=("de", "en"))
    assert Facts.from_json(json.loads(json.dumps(first.to_json()))) == first
    both = combined([first, second], method="c", unit="probability")
    assert (both.ancestors, both.languages) == ((MIT, BY), ("en", "de"))
    assert first.made_into("t", "probability").ancestors == (MIT,)
    assert first.licensed("cc0-1.0").ancestors == (
        Ancestor(DATA_SET, "a.jsonl", "cc0-1.0", "option license"),
    )
    assert Facts(method="a", unit="nat").licensed("mit").ancestors[0].license == "mit"
    older = {name: value for name, value in first.to_json().items() if name not in ("ancestors", "languages")}
    assert Facts.from_json(older).ancestors == ()


CARDS = {
    "---\nlicense: mit\n---\n": ("mit", "its README.md"),
    "---\r\nlicense: mit\r\n---\r\n": ("mit", "its README.md"),
    "---\nlicense:\n- mit\n- cc-by-4.0\n---\n": ("mit, cc-by-4.0", "its README.md"),
    "---\nlicense: other\nlicense_name: my-own\n---\n": ("my-own", "its README.md"),
    "---\nlanguage: en\n---\n": ("unknown", "its README.md states none"),
    "---\nlicense: 'a | b'\n---\n": ("unknown", "its README.md states no identifier of a license"),
    "---\nlicense: {a: b}\n---\n": ("unknown", "its README.md states no identifier of a license"),
    "---\n- license\n---\n": ("unknown", "its README.md states none"),
    "---\nlicense: [\n---\n": ("unknown", "the metadata of its README.md cannot be read"),
    "---\nlicense: !!python/name:os.system\n---\n": (
        "unknown",
        "the metadata of its README.md cannot be read",
    ),
    "license: mit\n": ("unknown", "its README.md has no metadata"),
}


@pytest.mark.parametrize("text", CARDS)
def test_the_license_beside_an_input(tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_bytes(text.encode())
    (tmp_path / "a.jsonl").write_text("{}\n")
    for source in (tmp_path / "a.jsonl", tmp_path):
        (found,) = ancestors_of_input(str(source))
        assert (found.license, found.stated) == CARDS[text]
        assert found.name == source.name
    model = ancestor_of_model(str(tmp_path), "base model")
    assert (model.license, model.stated) == CARDS[text]


def test_no_card_is_no_license(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    (tmp_path / "manifest.json").write_text('{"somebody": "else"}')
    assert ancestors_of_input(str(tmp_path / "a.jsonl")) == (Ancestor(DATA_SET, "a.jsonl", stated="no card"),)
    (tmp_path / "dataset_info.json").write_text('{"license": "cc0-1.0"}')
    (found,) = ancestors_of_input(str(tmp_path))
    assert (found.license, found.stated) == ("cc0-1.0", "its dataset_info.json")
    (found,) = ancestors_of_input("hf://owner/name/config:train")
    assert (found.name, found.license, found.on_hub) == ("owner/name", "unknown", True)


def test_the_option_names_the_license(tmp_path: Path) -> None:
    (found,) = ancestors_of_input(str(tmp_path), "cc-by-4.0")
    assert (found.license, found.stated) == ("cc-by-4.0", "option license")
    for wrong in ("", "a b", "x" * 65, "mit\n"):
        with pytest.raises(ConfigError, match="identifier of a license"):
            expect_license(wrong)


def test_models_by_name(tmp_path: Path) -> None:
    assert ancestor_of_model("embedded", "base model").license == "apache-2.0"
    (tmp_path / "config.json").write_text('{"_name_or_path": "owner/base"}')
    found = ancestor_of_model(str(tmp_path), "base model")
    assert (found.name, found.on_hub, found.license) == ("owner/base", True, "unknown")
