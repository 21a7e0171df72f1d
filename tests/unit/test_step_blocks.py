import pytest

from cpmi.steps import BlockKind, find_blocks, split_steps, split_text

BLOCKS = [
    ("code", "```\na\n\nb\n```"),
    ("code", "```python {.x}\na\n\n~~~\n\n``\n```"),
    ("code", "~~~~\na\n\n~~~\n\nb\n~~~~~"),
    ("code", "````md\n```\na\n```\n\nb\n````"),
    ("code", "```\r\na\r\n\r\nb\r\n```"),
    ("formula", "\\[\na\n\nb\n\\]"),
    ("formula", "\\[ a \\\\[2pt]\n\n\\] "),
    ("formula", "\\[ \\begin{cases}\na\n\nb\n\\end{cases}\\]"),
    ("formula", "$$\na\n\nb\n$$"),
    ("formula", "$$\n\na\n\n$$"),
    ("formula", "$$ a\n\n\nb $$"),
    ("environment", "\\begin{align*}\na\n\nb\n\\end{align*}"),
    ("environment", "\\begin{align}\n\\begin{array}{cc}\na\n\nb\n\\end{array}\n\nc\n\\end{align}"),
    ("environment", "\\begin {equation}\na\n\n\\begin{split} b \\end{equation}"),
    ("table", "| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 | 4 |"),
    ("table", "a | b\n-- | --\n1 | 2"),
    ("quote", "> a\n>\n> b"),
]


@pytest.mark.parametrize(("kind", "block"), BLOCKS)
@pytest.mark.parametrize("rule", ["paragraph", "line", "sentence", "auto"])
def test_a_block_stays_whole(kind: str, block: str, rule: str) -> None:
    block = block.strip()
    split = split_text(f"Before it.\n\n{block}\n\nAfter it.", rule)
    assert split.steps == ("Before it.", block, "After it.")
    if "\n\n" in block:
        assert split.kept == (BlockKind(kind),)
    (found,) = find_blocks(f"Before\n{block}\nAfter")
    assert (found.kind, found.begin, found.end) == (kind, 7, 7 + len(block))


def test_a_block_stays_whole_under_numbered() -> None:
    text = "1. a\n```\n2. b\n\n3. c\n```\n2. d\n\n\\[\n3. e\n\\]"
    assert split_steps(text, "numbered") == (text[: text.index("2. d") - 1], text[text.index("2. d") :])


def test_regex_cuts_blocks() -> None:
    assert split_steps("\\[\na\n\nb\n\\]", r"regex:\n\n") == ("\\[\na", "b\n\\]")


def test_the_rest_of_the_last_line_belongs_to_the_block() -> None:
    assert split_steps("We get\n\\[\nx\n\\] or 5.\nSo", "line") == ("We get", "\\[\nx\n\\] or 5.", "So")


def test_code_without_an_end_reaches_to_the_end() -> None:
    assert split_steps("a\n\n```python\nb\n\nc\n\n``\n", "paragraph") == ("a", "```python\nb\n\nc\n\n``")


@pytest.mark.parametrize(
    "opener",
    [
        "We get \\[ x", "\\[\nx", "$$\nx", "It costs $$ 5", "\\begin{align}\nx",
        "\\begin{align} x \\end{cases}", "`` a", "x \\] y", "\\end{align}", "| a | b |", "a `\\[` b",
        "x \\\\[2pt] y", "\\$$ x",
    ],
)  # fmt: skip
def test_an_opener_without_its_end_swallows_nothing(opener: str) -> None:
    following = (
        "b",
        "\\[\nc\n\nd\n\\]",
        "e",
        "$$\nf\n\ng\n$$",
        "h",
        "$$ i $$",
        "\\begin{b}\nj\n\nk\n\\end{b}",
        "l",
    )
    text = "\n\n".join([opener, *following])
    assert split_steps(text, "paragraph") == (opener, *following)


def test_two_strays_far_from_each_other_swallow_nothing() -> None:
    for text in ("X \\[ a\n\nb\n\nX \\] c", "It costs $$5\n\nb\n\nor $$7 now"):
        assert split_steps(text, "paragraph") == tuple(text.split("\n\n"))


@pytest.mark.parametrize("name", ["proof", "document", "enumerate", "solution", "Theorem"])
def test_environments_of_prose_are_cut(name: str) -> None:
    text = f"\\begin{{{name}}}\na\n\n\\[\nb\n\nc\n\\]\n\nd\n\\end{{{name}}}"
    assert len(split_steps(text, "paragraph")) == 3


@pytest.mark.parametrize("text", ["|x| = |y|\n|x - 1| = |2|\nor not", "a - b\n- - -\nc | d", "a > b\nc"])
def test_what_looks_like_a_table_or_quote(text: str) -> None:
    assert split_steps(text, "line") == tuple(text.split("\n"))


@pytest.mark.parametrize("colon", [":", "：", ":**", "*: *"])
@pytest.mark.parametrize(
    "items",
    [
        ("- a", "- b"),
        ("* a", "* b", "  c"),
        ("1. a", "2. b"),
        ("1) a", "   - x", "2) b"),
        ("(a) a", "(b) b"),
        ("1、一", "2、二"),
        ("- a", "  \\[", "  x", "  \\]", "- b"),
    ],
)
def test_a_tight_list_goes_with_its_lead_in(colon: str, items: tuple[str, ...]) -> None:
    lead, tight = f"We have{colon}".strip(), "\n".join(items)
    text = f"Before\n\n{lead}\n\n{tight}\n\nAfter"
    split = split_text(text, "paragraph")
    assert split.steps == ("Before", f"{lead}\n\n{tight}", "After")
    assert split.kept == (BlockKind.LIST,)
    assert split_steps(text, "auto") == split.steps


def test_under_finer_rules_every_item_is_a_step() -> None:
    text = "We have:\n\n- a\n- b"
    for rule in ("line", "sentence", "auto"):
        assert split_steps(text, rule) == ("We have:", "- a", "- b")


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("We have:", "- a", "- b", "- c"),  # a loose list
        ("We have:", "- a\n- b", "- c\n- d"),
        ("Steps:", "1. a\n   - x", "2. b\n   - y"),
        ("We have.", "- a\n- b"),  # no colon
        ("We have:", "- a", "b"),  # one item
        ("We have:", "a - b\nc - d"),
        ("We have:", "-1 is a\n-2 is b"),
        ("We have:", "```\n- a\n- b\n```"),
    ],
)
def test_other_paragraphs_do_not_go_together(paragraphs: tuple[str, ...]) -> None:
    assert split_steps("\n\n".join(paragraphs), "paragraph") == paragraphs
