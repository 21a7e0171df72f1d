import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpmi.steps import SplitText, StepRule, split_text

# Plain text rarely holds blank lines, so white space of all kinds is drawn often.
texts = st.text(
    alphabet=st.one_of(st.sampled_from("\n\r\t \u2028\u00a0\x1c"), st.sampled_from("ab."), st.characters())
)


@given(texts, st.sampled_from(StepRule))
def test_joining_gives_back_every_text(text: str, rule: StepRule) -> None:
    split = split_text(text, rule)
    assert split.join() == text
    assert all(step and step == step.strip() for step in split.steps)
    assert all(not separator.strip() for separator in split.separators)


@given(texts)
def test_lines_are_the_non_empty_lines(text: str) -> None:
    expected = tuple(line.strip() for line in text.split("\n") if line.strip())
    assert split_text(text, "line").steps == expected


def test_paragraphs_may_hold_lines() -> None:
    split = split_text("  First\nline.\n \t\n\nSecond.\n", StepRule.PARAGRAPH)
    assert split.steps == ("First\nline.", "Second.")
    assert split.separators == ("  ", "\n \t\n\n", "\n")


def test_windows_line_ends() -> None:
    assert split_text("a\r\nb\r\n\r\nc", "paragraph").steps == ("a\r\nb", "c")
    assert split_text("a\r\nb", "line").steps == ("a", "b")


def test_auto_takes_paragraphs_where_there_are_any() -> None:
    assert split_text("a\nb\n\nc").steps == ("a\nb", "c")
    assert split_text("\n\na\nb\n\n").steps == ("a", "b")
    assert split_text("a").steps == ("a",)


def test_blank_text_has_no_step() -> None:
    assert split_text(" \n\n ") == SplitText(steps=(), separators=(" \n\n ",))


def test_unknown_rule_and_wrong_number_of_separators() -> None:
    with pytest.raises(ValueError, match="sentence"):
        split_text("a", "sentence")
    with pytest.raises(ValueError, match="2 separators, not 1"):
        SplitText(steps=("a",), separators=("",))


def test_long_white_space_is_read_in_linear_time() -> None:
    text = "a" + " " * 200_000 + "b"
    assert split_text(text, "paragraph").steps == (text,)
