"""What people see of users' texts: no control or direction character, and not more than fits a screen."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cpmi.api.check import check
from cpmi.cli import app, terminal
from cpmi.errors import InputError, RecordError
from cpmi.reports.content import make_report
from cpmi.reports.page import render
from cpmi.runs.table import LabeledChain, encode, schema
from cpmi.shown import in_line, printable, printable_json
from cpmi.types import Chain, StepLabels

BAD = "\x1b]0;owned\x07\r\x08\x7f\x9b\u061c\u200b\u200f\u2028\u2029\u202e\u2066\ufeff\U000e0041"
TEXTS = st.text(st.one_of(st.sampled_from(BAD + "\n\t\u200d"), st.characters(exclude_categories=["Cn"])))
DRAWN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"


def misleading(text: str) -> list[str]:
    """The characters that must not leave, but for line feeds."""
    return [
        character
        for character in text
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        and character not in "\n\u200c\u200d" + DRAWN
        and not 0x13430 <= ord(character) <= 0x1343F  # signs that place hieroglyphs
    ]


def run(tmp_path: Path, text: str) -> Path:
    """A finished run of one chain in which every text is the given one."""
    chain = Chain(id=text, question=text, steps=(text,), gold=text, answer=text)
    labels = StepLabels(chain_id=text, method="m", values=(0.5,), unit="nat")
    rows = [LabeledChain(chain=chain, labels=labels)]
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "labels.parquet").write_bytes(encode(rows, schema("m", ())))
    return tmp_path


@given(TEXTS)
def test_nothing_misleading_is_left_and_nothing_else_is_changed(text):
    assert misleading(printable(text)) in ([], ["\t"] * text.count("\t"))
    assert misleading(in_line(text)) == []
    assert "\n" not in in_line(text)
    if not misleading(text) and not {"\u200c", "\u200d"} & {*text} and not {*text} & {*"ᅟᅠㅤﾠ"}:
        assert printable(text) == text


@pytest.mark.parametrize("text", ["می\u200cخواهم", "👩\u200d👩\u200d👧", "क्\u200dष", "e\u0301", "۝ 5"])
def test_what_scripts_need_stays(text):
    assert printable(text) == in_line(text) == text


@pytest.mark.parametrize("text", ["pass\u200dword", "\u200d7", "7\u200c"])
def test_a_joiner_beside_ascii_only_misleads(text):
    assert "\\u200" in printable(text)


@given(TEXTS)
def test_messages_are_safe_wherever_the_text_stands(text):
    error = InputError(text, where=text, got=text, expected=text, hint=text)
    assert misleading(str(error).replace("\t", "")) == []
    assert error.got == text


@given(st.dictionaries(TEXTS, TEXTS))
def test_json_is_read_back_as_it_was(value):
    text = printable_json(value)
    assert misleading(text) == []
    assert json.loads(text) == value


def test_a_message_is_cut_with_the_length_of_what_was_cut():
    said = str(RecordError("too long", where="file:1", got="7" * 10_000_000))
    assert len(said) < 2_500
    assert said.endswith("77... [10,000,000 characters])")


@given(TEXTS.filter(str.strip))
def test_the_terminal_escapes_all_that_is_printed(text):
    from rich.table import Table
    from rich.text import Text

    console = terminal.out(width=80)
    table = Table()
    table.add_column(text)
    table.add_row(Text(text))
    with console.capture() as captured:
        console.print(text, Text(text), table)
        console.rule(text)
    assert misleading(captured.get()) == []


def test_inspect_prints_no_control_character(tmp_path):
    folder = run(tmp_path / "run", BAD)
    result = CliRunner().invoke(app, ["inspect", str(folder)])
    assert result.exit_code == 0, result.output
    assert misleading(result.output) == []
    assert r"\x1b]0;owned\x07" in result.output
    missing = CliRunner().invoke(app, ["inspect", str(folder), BAD * 2])
    assert missing.exit_code == 2
    assert misleading(missing.output) == []


@pytest.mark.parametrize("args", [["inspect", BAD], [BAD], ["label", f"--{BAD}"], ["check", "--limit", BAD]])
def test_wrong_use_prints_no_control_character(args):
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 2
    assert misleading(result.output) == []


def test_what_check_prints_and_the_page_are_safe(tmp_path):
    record = {"question": f"q {BAD}", "steps": [f"s {BAD}"], "gold": "7"}
    assert misleading(str(check([record]))) == []
    report = make_report([run(tmp_path / "run", BAD)])
    page = render(report, json_name="r.json", own_command="cpmi")
    assert misleading(page.replace("\t", "")) == []
