import pytest

from cpmi.steps import split_steps

ONE_SENTENCE = [
    "Mr. Smith and Mrs. Jones met Dr. Brown at St. Paul.",
    "The ratio is 2.5 to 3.75, i.e. less than e.g. 4.0 in total.",
    "By Fig. 3, Eq. (4) and No. 5, cf. Sec. 2 and p. 7, this holds.",
    "Arsenal vs. Chelsea ended 2:1.",
    "J. F. Kennedy and George W. Bush were presidents.",
    "The terms 1, 2, ..., 10 and a, b, … are listed.",
    "Well... maybe not.",
    "It is 10 ft. long and weighs 5 lb. 3 oz. in all.",
    "We have 5! + 3! = 126 and n! = 2.",
    "Here $f(x) = 2. \\text{ Now } g(x)$ and \\(x = 2. Y = 3\\) are formulas.",
    "The code `a = b. C = d! E` runs.",
    "See https://example.org/a.B?c=D for details.",
    "Version 2.0.1 of the file a.txt is here.",
    "He said (see p. 3. of the book) that it holds.",
    "The set {1, 2, 3, . . .} is infinite.",
    "Damit gilt z. B. 3 > 2, d. h. u. a. das Ziel ist erreicht, bzw. fast.",
    "Am 3. Oktober und im 2. Schritt sind es ca. 5 Mio. Euro.",
    "Vgl. Abb. 3 und S. 7 im Buch.",
    "In Fig. A, Eq. (B) and Sec. C we see it.",
    "Prof. Dr. h. c. Müller wohnt in der Hauptstr. 5 in Bonn.",
    "قال د. أحمد إن 3.5 صحيح.",
    "The company in the U.S. has approx. 300 employees.",
    "It costs $3.50 or $4.",
    "比例为2.5，即“两倍半”。",
    "قيمة النسبة هي 2.5 تقريبا.",
    "a sentence that is\nwrapped over\nThree lines.",
    "Therefore we get\n\\[\nx = 5. Y = 3\n\\]\nwhere x is the number.",
    "Step 3. Compute the sum.",
    "12. Compute the sum.",
    "A. Twelve",
]


@pytest.mark.parametrize("text", ONE_SENTENCE)
def test_no_sentence_ends_inside(text: str) -> None:
    assert split_steps(text, "sentence") == (text,)


@pytest.mark.parametrize("text", [text for text in ONE_SENTENCE if text[-1] in ".。"])
def test_the_sentence_ends_where_it_ends(text: str) -> None:
    following = "然后" if text[-1] == "。" else "Then 2 follows."
    space = "" if text[-1] == "。" else " "
    assert split_steps(text + space + following, "sentence") == (text, following)


@pytest.mark.parametrize(
    "sentences",
    [
        ("It is 5.", "Then 3 more come.", "3 of them go."),
        ("The answer is no.", "Is it?", "Yes!", "So be it."),
        ("The center is at point O.", "The radius is r.", "We are done."),
        ("The center is at point O.", "J. F. Kennedy was there.", "The author J. R. Tolkien came."),
        ("The answer is Option B.", "Because of that, A fails."),
        ("The bus left at 5 p.m.", "It came at 6 a.m. on Monday."),
        ("There are apples, pears, etc.", "We count them."),
        ('She said "It is 5."', '"Is it?" he asked.'),
        ("(It is 5.)", "[It is 6.]", "**Done.**", "Then more."),
        ("We are done?!", "Hmm...", "Let me think.", "Wait…", "No."),
        ("So $x = 5.$", "Then \\(y = 6.\\)", "Both hold."),
        ("It costs $5.", "Then $6 are left.", "Now $7."),
        ("We get x = 3.", "y is then 4.", "So x < y."),
        ("The result is 120!", "We did it."),
        ("The cat sat on 5.", "\\(x\\) is 3.", "$y$ is 4."),
        ("Das sind 5.", "Dann folgt „Ja.“", "Nein!", "Ist z. B. 3 richtig?", "Ja usw.", "Nun ist Schluss."),
        ("هل هذا صحيح؟", "نعم، 2.5 هو الجواب.", "انتهى ۔", "شكرا!"),
        ("यह पाँच है।", "हाँ।"),
        ("¿Es cinco?", "¡Sí!", "Bien."),
        ("The sum is 5.", "a is odd.", "a = 5 holds.", "i + 1 is even."),
        ("It is no.", "A cat is here."),
        ("It is 3.", "Пять больше.", "Да."),
    ],
)
@pytest.mark.parametrize("space", [" ", "  ", "\n", "\r\n", "\n\n"])
def test_sentences(sentences: tuple[str, ...], space: str) -> None:
    assert split_steps(space.join(sentences), "sentence") == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ("是的。", "对吗？", "不！", "“好的。”", "（结束。）", "完了"),
        ("选一个。", "A.选项，B.也是。"),
        ("答案是5.", "然后是6!", "对吗?", "是。"),
        ("そうです。", "2.5です。", "はい！？", "終わり｡"),
        ("أهذا هو؟", "نعم۔", "انتهى"),
    ],
)
def test_full_width_ends_need_no_space(sentences: tuple[str, ...]) -> None:
    assert split_steps("".join(sentences), "sentence") == sentences


@pytest.mark.parametrize(
    "pieces",
    [
        ("First:", "- one. Two", "- Three"),
        ("## Heading", "Text goes on.", "### Next", "More"),
        ("He has 5 apples", "She has 6", "So they have 11"),
        ("Code:", "```\na. B\n\nC! D\n```", "then text"),
        ("Rows:", "| a | It is. So |\n|---|---|\n| 1 | 2 |", "after"),
        ("> One. Two.\n> Three.", "Four."),
        ("We get\n\\[ x \\]", "So it is 3."),
        ("1. Look at it.", "It is 3.", "2. Go on."),
    ],
)
def test_lines_that_end_a_sentence(pieces: tuple[str, ...]) -> None:
    if pieces[1] == "- one. Two":
        pieces = ("First:", "- one.", "Two", "- Three")
        assert split_steps("First:\n- one. Two\n- Three", "sentence") == pieces
    else:
        assert split_steps("\n".join(pieces), "sentence") == pieces
