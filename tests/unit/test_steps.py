import gc
import pickle
import re
from time import process_time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cpmi
from cpmi.errors import ConfigError
from cpmi.shown import in_line
from cpmi.steps import SplitText, StepRule, Unsplit, find_blocks, split_steps, split_text, splitter
from tests.text_strategies import structured, texts

RULES = (*StepRule.NAMED, StepRule.parse(r"regex:\n\n|(?=Step)"), StepRule.parse("regex:x*|a"))


@settings(deadline=None)
@given(st.one_of(texts, structured), st.sampled_from(RULES))
def test_joining_gives_back_every_text(text: str, rule: StepRule) -> None:
    split = split_text(text, rule)
    assert split.join() == text
    assert all(step and step == step.strip() for step in split.steps)
    assert (split.unsplit is None) == (len(split.steps) > 1)


@given(texts, st.sampled_from(StepRule.NAMED))
def test_without_a_thought_separators_are_white_space(text: str, rule: StepRule) -> None:
    assume(not any(character in text for character in "<[◁"))
    assert all(not separator.strip() for separator in split_text(text, rule).separators)


@given(texts)
def test_lines_are_the_non_empty_lines(text: str) -> None:
    assume(not find_blocks(text) and not any(character in text for character in "<[◁"))
    expected = tuple(line.strip() for line in text.split("\n") if line.strip())
    assert split_text(text, "line").steps == expected


@given(st.one_of(texts, structured))
def test_every_break_of_a_paragraph_is_one_of_its_finer_rules(text: str) -> None:
    """Lists apart, which `paragraph` keeps whole and finer rules do not, finer rules only cut more."""
    paragraphs, lines, sentences = (split_text(text, rule) for rule in ("paragraph", "line", "sentence"))
    assert len(paragraphs.steps) <= len(lines.steps)
    assert len(paragraphs.steps) <= len(sentences.steps)


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
    blank = SplitText(steps=(), separators=(" \n\n ",), unsplit=Unsplit.BLANK)
    assert split_text(" \n\n ") == blank


def test_wrong_numbers_of_separators_and_flags() -> None:
    with pytest.raises(ValueError, match="2 separators, not 1"):
        SplitText(steps=("a",), separators=("",))
    with pytest.raises(ValueError, match="as many flags, not 2"):
        SplitText(steps=("a",), separators=("", ""), thinking=(True, False))


@pytest.mark.parametrize("rule", ["words", "", "Line", "line:2", "regex", "regex:", "paragraph:", "turn\n"])
def test_an_unknown_rule_is_refused_with_the_choices(rule: str) -> None:
    with pytest.raises(
        ConfigError, match=r"paragraph, line, numbered, sentence, auto or regex:PATTERN"
    ) as error:
        splitter(rule)
    assert f"got {in_line(rule[:8])}" in str(error.value)


def test_a_rule_of_another_type_is_refused() -> None:
    with pytest.raises(ConfigError, match="got 3"):
        split_text("a", 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(", "unterminated subpattern"),
        ("a**", "multiple repeat"),
        ("(?<=a+)", "look-behind"),
        ("x" * 1001, "1,001"),
    ],
)
def test_a_bad_regular_expression_is_refused(pattern: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        StepRule.parse(f"regex:{pattern}")


def test_a_rule_is_written_as_it_is_read() -> None:
    for text in ("line", "auto", "regex:a:b"):
        assert str(StepRule.parse(text)) == text


def test_public_names() -> None:
    assert cpmi.split_steps("a\nb\n\nc") == ("a\nb", "c") == split_steps("a\nb\n\nc", StepRule.PARAGRAPH)
    assert pickle.loads(pickle.dumps(splitter("line")))("a\nb").steps == ("a", "b")


@pytest.mark.parametrize(
    ("text", "rule", "why"),
    [
        ("a\nb", "paragraph", Unsplit.NO_BLANK_LINE),
        ("a b", "auto", Unsplit.ONE_LINE),
        ("a b", "line", Unsplit.ONE_LINE),
        ("a\n\nb", "numbered", Unsplit.NO_NUMBERS),
        ("No end", "sentence", Unsplit.ONE_SENTENCE),
        ("a b", "regex:c", Unsplit.NO_MATCH),
        ("a b", "regex:.+", Unsplit.ONLY_SEPARATORS),
        ("<think>\n</think>", "line", Unsplit.ONLY_SEPARATORS),
        ("```\na\n\nb\n```", "auto", Unsplit.IN_BLOCK),
        ("", "line", Unsplit.BLANK),
        ("a\nb", "line", None),
    ],
)
def test_it_says_why_a_text_was_not_split(text: str, rule: str, why: Unsplit | None) -> None:
    assert split_text(text, rule).unsplit == why


def test_long_white_space_is_read_in_linear_time() -> None:
    text = "a" + " " * 200_000 + "b"
    assert split_text(text, "paragraph").steps == (text,)


@pytest.mark.parametrize("rule", [*StepRule.NAMED, StepRule.parse(r"regex:\n+|(?= )")], ids=str)
@pytest.mark.parametrize(
    "piece",
    [
        "a ", "\n", " ", "a\n\n", r"\[ ", r"\] ", "$$\n\n", r"\begin{a}", r"\begin{a}\end{b}", "```\n",
        "`", "``a", "$a", r"\( ", "|a\n", "|-\n", "> a\n", "- a\n", "a:\n\n- a\n- b\n\n", "1. a\n",
        "5. a\n", "1. a\n2. b\n", "Step 2: a\nStep 1: b\n", "A. ", "a.a.", "x! ", "(((", "***",
        "<think>\n", "</think> ", "<think>\n</think>\n", "。", "...a", "# a\n", "①\n",
    ],
)  # fmt: skip
def test_time_is_linear(piece: str, rule: StepRule) -> None:
    def seconds(characters: int) -> float:
        text = "a" + piece * (characters // len(piece))
        found = []
        gc.freeze()  # a collection of what other tests left would be timed too
        for _ in range(2):
            start = process_time()
            split_text(text, rule)
            found.append(process_time() - start)
        return min(found)

    # Eight times the text takes about 8 times as long; 64 times if each piece looked at all that follow.
    assert seconds(32_000) < 30 * max(seconds(4_000), 0.002)


@pytest.mark.parametrize("rule", [*StepRule.NAMED, StepRule.parse(r"regex:\n\n")], ids=str)
def test_a_chain_of_2000_steps_and_60k_tokens(rule: StepRule) -> None:
    steps = [
        f"Step {number}: We add {number} and get the number, e.g. by hand. "
        f"So it is\n\\[\nx = {number}.5\n\n+ 1\n\\]"
        for number in range(1, 2001)
    ]
    text = "\n\n".join(steps)
    start = process_time()
    split = split_text(text, rule)
    assert process_time() - start < 2.0  # measured: 0.1 to 0.3 s
    assert split.join() == text
    number = {"line": 4000, "sentence": 4000, "regex": 4000}.get(rule.name, 2000)
    assert len(split.steps) == number
    if rule.name in ("paragraph", "numbered", "auto"):
        assert list(split.steps) == steps
    assert len(re.findall(r"\w+|[^\w\s]", text)) > 60_000
