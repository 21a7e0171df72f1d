import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpmi.steps import parts, split_text
from tests.text_strategies import structured, texts


@given(st.one_of(texts, structured))
def test_parts_join_to_the_text(text: str) -> None:
    told = parts(text)
    assert told.join() == text
    assert all(part.text and part.text == part.text.strip() for part in told.parts)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("<think>", "</think>"),
        ("<think>\n", "\n</think>\n\n"),
        ("\n <thinking>", "</thinking>"),
        ("<Think>", "</THINK>"),
        ("<reasoning>\n", "\n</reasoning>\n"),
        ("<thought>", "</thought>"),
        ("[THINK]", "[/THINK]"),
        ("◁think▷", "◁/think▷"),
        ("", "</think>"),
        ("<|begin_of_thought|>\n\n", "\n\n<|end_of_thought|>\n\n"),
        ("<|begin_of_thought|>", "<|end_of_thought|>\n<|begin_of_solution|>"),
    ],
)
def test_tags_are_separators(begin: str, end: str) -> None:
    text = f"{begin}Hm.\n\n2 + 2?{end}It is 4.\n\nDone."
    told = parts(text)
    assert (told.thinking, told.final, told.cut_off) == (("Hm.\n\n2 + 2?",), "It is 4.\n\nDone.", False)
    split = split_text(text, "paragraph")
    assert split.steps == ("Hm.", "2 + 2?", "It is 4.", "Done.")
    assert split.thinking == (True, True, False, False)
    assert split.thinking_steps == ("Hm.", "2 + 2?")
    assert split.final_steps == ("It is 4.", "Done.")
    assert split.separators == (begin, "\n\n", end, "\n\n", "")


def test_the_tag_that_ends_the_solution_is_a_separator() -> None:
    text = "<|begin_of_thought|>a<|end_of_thought|><|begin_of_solution|>b<|end_of_solution|>\n"
    told = parts(text)
    assert (told.thinking, told.final) == (("a",), "b")
    assert told.separators[-1] == "<|end_of_solution|>\n"


def test_a_thought_without_an_end_has_no_final_part() -> None:
    told = parts("<think>\nHm.\n\n2 + 2")
    assert (told.thinking, told.final, told.cut_off) == (("Hm.\n\n2 + 2",), None, True)
    split = split_text("<think>\nHm.\n\n2 + 2")
    assert split.cut_off
    assert split.thinking == (True, True)
    assert split.final_steps == ()


def test_an_empty_thought_and_an_empty_final_part() -> None:
    told = parts("<think>\n\n</think>\n\nIt is 4.")
    assert (told.thinking, told.final, told.cut_off) == ((), "It is 4.", False)
    told = parts("<think>Hm.</think>\n")
    assert (told.thinking, told.final, told.cut_off) == (("Hm.",), None, False)
    assert parts("<think>").cut_off


def test_several_thoughts_and_text_before() -> None:
    told = parts("Sure.\n<think>a</think>b\n<think>c</think>\nd")
    assert [(part.text, part.thinking) for part in told.parts] == [
        ("Sure.", False), ("a", True), ("b", False), ("c", True), ("d", False),
    ]  # fmt: skip
    assert told.final == "d"


@pytest.mark.parametrize(
    "text",
    [
        "No tags at all",
        "We write the tag <think> in a line",
        "```\n<think>\na\n```\nb",
        "The tag is `</think>` here",
        "x < think > y",
    ],
)
def test_no_thought(text: str) -> None:
    told = parts(text)
    assert (told.thinking, told.final, told.cut_off) == ((), text, False)


def test_a_thought_ends_at_its_first_end_also_in_code_that_is_not_closed() -> None:
    told = parts("<think>\n```python\nx = 1\n</think>\n```python\ny\n```\n")
    assert told.thinking == ("```python\nx = 1",)
    assert split_text("<think>\n```python\nx = 1\n\n</think>\n\nyes\n\nno").steps == (
        "```python\nx = 1",
        "yes",
        "no",
    )


def test_code_may_begin_right_after_a_thought() -> None:
    told = parts("<think>```\na</think>```\n<think>\nb\n```")
    assert (told.thinking, told.final) == (("```\na",), "```\n<think>\nb\n```")


def test_parts_are_cut_each_for_itself() -> None:
    assert split_text("<think>\\[ a\n\nb</think>\nc \\]\n\nd").steps == ("\\[ a", "b", "c \\]", "d")
    assert split_text("<think>a\nb</think>c").steps == ("a", "b", "c")
