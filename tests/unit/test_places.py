"""What a path is, in the words of every command; JSON, YAML and arguments of any form."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import cpmi
from cpmi.cli import app
from cpmi.cli.recipe import read_recipe, read_yaml
from cpmi.errors import ConfigError, InputError, RecordError, RunError
from cpmi.evaluate import evaluate_labels
from cpmi.evaluate.folders import read_folder
from cpmi.json_files import parse_json
from cpmi.places import look
from cpmi.runs.manifest import read_manifest
from cpmi.types import Chain
from cpmi.weights import Weights
from tests import report_runs
from tests.scored_chains import scored, table

VERBS = (
    ["inspect", "{}"], ["export", "{}", "--out", "o"], ["fit", "{}", "--out", "w.json"],
    ["calibrate", "{}", "--out", "o"], ["report", "{}", "--out", "r.html"], ["evaluate", "labels", "{}"],
    ["compare", "{}", "{}x"], ["consensus", "{}", "{}x", "--out", "o"], ["merge", "{}", "--out", "o"],
    ["hybrid", "{}", "{}x", "--first", "1", "--out", "o"], ["evaluate", "best-of-n", "{}"],
)  # fmt: skip


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "file.jsonl").write_text("{}\n")
    (tmp_path / "line\nbreak").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    return tmp_path


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("file.jsonl", "got a file"),
        ("line\nbreak", r"line\nbreak"),
        ("empty", "got an empty folder"),
        ("broken", "got a link that leads nowhere"),
        ("loop", "loop"),
        ("nothing", "there is no such folder"),
        ("n\0ul", "null byte"),
    ],
)
def test_a_wrong_path_is_wrong_use_in_every_command(
    given: Path, words: list[str], name: str, said: str
) -> None:
    result = CliRunner().invoke(app, [word.format(given / name) for word in words])
    assert result.exit_code == 2, result.output
    assert said in result.output or "table of scores" in result.output
    assert isinstance(result.exception, SystemExit)
    assert list((given / "here").iterdir()) == []


def test_a_folder_of_another_kind_is_named_with_what_takes_it(tmp_path: Path) -> None:
    folder = table(tmp_path / "scores", [scored("a", [0.5, 0.6])])
    result = CliRunner().invoke(app, ["inspect", str(folder)])
    assert "the folder holds scores, not labels" in result.output.replace("\n", " ")
    assert look(folder).kinds == {"scores"}


def test_parts_are_those_of_the_table_not_of_the_first_chain(tmp_path: Path) -> None:
    folder = report_runs.write_runs(tmp_path, report_runs.chains(8))[0]
    found = read_folder(Path(f"{folder}:gold_gain"), "evaluated")
    assert len(found.rows) == 8
    with pytest.raises(InputError, match=r"no such part \(got gold_gian.*Did you mean gold_gain"):
        read_folder(Path(f"{folder}:gold_gian"), "evaluated")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 3_000 + "]" * 3_000, "nested deeper"), ("[" * 101 + "]" * 101, "nested deeper"),
        ('{"a": 1, "a": 2}', "'a' appears twice"), ('{"a": NaN}', "NaN"), ("-Infinity", "Infinity"),
        ("9" * 5_000, "a number of 5,000 digits"), ("{\0}", "property name"), ("", "Expecting value"),
    ],
)  # fmt: skip
def test_json_is_read_strictly(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        parse_json(text)
    (tmp_path / "weights.json").write_text(text)
    with pytest.raises(ConfigError, match=said):
        Weights.read(tmp_path / "weights.json")
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(RunError, match="not the manifest of a cpmi run"):
        read_manifest(tmp_path)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse_json('\ufeff{"a": [1.5]}'.encode()) == {"a": [1.5]}


@pytest.mark.parametrize("text", ["[]", "3", '{"determines": [], "circumstances": {}}', '{"format": 1e999}'])
def test_a_manifest_of_another_shape_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(RunError, match="not the manifest of a cpmi run"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limit: 1\nlimit: 2", "'limit' appears twice"), ("limit: " + "9" * 5_000, "digits"),
        ("limit: 2024-99-99", "month"), ("a: !!timestamp x", "not what its tag says"),
        ("a: [1", "not YAML"), ("a: &a [*a]", "more than"), ("1: 2", "option names"), ("[1]", "option names"),
    ],
)  # fmt: skip
def test_a_recipe_of_any_form_is_an_error_in_words(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(text)
    with pytest.raises(ConfigError, match="recipe") as error:
        read_recipe(tmp_path / "recipe.yaml")
    assert said in str(error.value)


def test_anchors_that_repeat_a_little_are_fine() -> None:
    assert read_yaml("a: &a [1]\nb: [*a, *a]") == {"a": [1], "b": [[1], [1]]}


def test_a_whole_number_above_all_floats_is_no_weight(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text('{"bias": 1' + "0" * 400 + ', "least_number": 1, "mean": 1, "gain": 1}')
    with pytest.raises(ConfigError, match="not a number"):
        Weights.read(tmp_path / "w.json")


WRONG = (None, 5, b"x", object, {}, 1.5)


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_wrong_type_is_told_by_the_name_of_the_argument(value: object, tmp_path: Path) -> None:
    for call, name in (
        (lambda: cpmi.split_steps(value), "text"),
        (lambda: Chain.from_text("q", value), "solution"),
        (lambda: Chain(id="i", question=value, steps=("s",)), "question"),
        (lambda: Chain(id="i", question="q", steps=(value,)), "steps"),
        (lambda: cpmi.same_answer("7", value), "second"),
        (lambda: cpmi.extract_answer("x is 7", decimal=value), "decimal"),
        (lambda: cpmi.export(value, tmp_path), "folder"),
        (lambda: cpmi.compare(value, "x"), "first"),
        (lambda: cpmi.report(value), "folders"),
        (lambda: cpmi.fit("x", value), "out"),
        (lambda: cpmi.evaluate_labels(["x"], num_draws=str(value)), "num_draws"),
    ):
        with pytest.raises(TypeError, match=f"argument {name}: is of the wrong type") as error:
            call()
        assert isinstance(error.value, ConfigError)


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_wrong_method_model_or_input_is_an_error_of_ours(value: object, tmp_path: Path) -> None:
    records = [{"question": "q", "steps": ["s"], "gold": "1"}]
    for call in (
        lambda: cpmi.check(value),
        lambda: cpmi.label(records, model="m", method=value, out=tmp_path / "o"),
        lambda: cpmi.label(records, model=value, method="cpmi", out=tmp_path / "o"),
        lambda: cpmi.score(records, prm=value, out=tmp_path / "o"),
        lambda: cpmi.PRM.from_pretrained(value),
    ):
        with pytest.raises((ConfigError, InputError, RecordError)):
            call()


def test_an_unknown_decimal_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected point or comma"):
        cpmi.extract_answer("x is 7", decimal="foo")  # type: ignore[arg-type]


def test_a_loop_of_links_is_no_run() -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        evaluate_labels(["nowhere/at/all"])
