import pytest

from cpmi.steps import split_steps

STYLES = [
    "Step {n}: ", "step {n}. ", "**Step {n}**\n", "**Step {n}:** ", "### Step {n}\n",
    "### Step {n}: ", "Step #{n}: ", "{n}. ", "{n}) ", "({n}) ", "**{n}.** ", "## {n}. ", "{n}、",
    "（{n}）", "  {n}. ", "STEP {n} - ", "__Step {n}__ ", "Schritt {n}: ", "第{n}步：",
    "步骤{n}：", "الخطوة {n}: ", "ステップ{n}：", "Étape {n} : ", "Paso {n}: ",
]  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("space", ["\n", "\n\n", "\r\n\r\n"])
def test_styles(style: str, space: str) -> None:
    steps = [style.format(n=number) + f"2.5 is here.{space}2.5 is more." for number in range(1, 12)]
    steps = [steps[0].strip(), *(step.strip() for step in steps[1:])]
    assert split_steps(space.join(steps), "numbered") == tuple(steps)
    assert split_steps(space.join(["Preamble:", *steps]), "numbered") == ("Preamble:", *steps)


@pytest.mark.parametrize(
    "steps",
    [
        ("(a) one", "(b) two", "(c) three"),
        ("a) one", "b) two"),
        ("a. one", "b. two"),
        ("A) one", "B) two"),
        ("① one", "② two"),
        ("第一步：一", "第二步：二", "第三步：三"),
        ("Step One: a", "Step Two: b", "Step Three: c"),
        ("الخطوة الأولى: a", "الخطوة الثانية: b"),
        ("الخطوة ١: a", "الخطوة ٢: b"),
        ("Step 0: a", "Step 1: b"),
        ("Step 1\na", "Step 2\nb"),
        ("- Step 1: a", "- Step 2: b"),
        ("*Step 1*: a", "*Step 2*: b"),
        ("[Step 1] a", "[Step 2] b"),
        ("Step 1 → a", "Step 2 → b"),
        ("1\\. a", "2\\. b"),
        ("(i) a", "(ii) b", "(iii) c", "(iv) d", "(v) e", "(vi) f"),
        ("**I.** a", "**II.** b", "**III.** c"),
        ("Step 3: a", "Step 4: b", "Step 6: c"),
        ("0. a", "1. b"),
    ],
)
def test_letters_and_words(steps: tuple[str, ...]) -> None:
    assert split_steps("\n".join(steps), "numbered") == steps


@pytest.mark.parametrize(
    "steps",
    [
        ("Step 1: We list\n1. a\n2. b\n3. c", "Step 2: We add\n1. d\n2. e", "Step 3: Step 1 gave a."),
        ("1. We list\n   1. a\n   2. b", "2. We add\n   - 3. c"),
        ("1. We list\n1. a\n2. b\n3. c", "2. We add"),
        ("1. We list\n(a) a\n(b) b", "2. We add\n(a) c"),
        ("(a) We list\n1. a\n2. b", "(b) We add"),
        ("1. We list\n1) a\n2) b", "2. We add"),
        ("**1.** We list\n1. a\n2. b", "**2.** We add"),
        ("1. One\n2.5 is more\n12. December\n3.", "2. Two\n7. a\n5. b", "3. Three"),
        ("Step 1: a\nStep 2 gives 3.\nStep 1: again", "Step 2: b\nStep 2: c"),
        ("1. a\n```\n2. b\n3. c\n```", "2. d\n\\[\n3. e\n\\]", "3. f\n> 4. g"),
    ],
)
def test_what_is_inside_a_step_does_not_cut(steps: tuple[str, ...]) -> None:
    assert split_steps("\n".join(steps), "numbered") == steps


@pytest.mark.parametrize(
    "text",
    [
        "2.5 is more\n3.5 is less",
        "3. Oktober\n4. November",
        "1. Only one",
        "Step 2 gives 5.\nStep 3 gives 6.",
        "1990. It was\n1991. It is",
        "a\n\nb",
        "e. g. this\nf. this",
    ],
)
def test_no_numbered_steps(text: str) -> None:
    assert split_steps(text, "numbered") == (text,)
