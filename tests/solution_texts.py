"""Solutions built from pieces, with the steps that every rule must give known by construction.

A solution is a row of elements (prose, formulas, code, tables, lists, quotes) in one language. Every element
knows what it is under each rule; blank lines lie between elements, so what a solution is follows by putting
them in a row.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

LANGUAGES = ("en", "de", "zh", "ar")


@dataclass(frozen=True)
class Element:
    """A piece of a solution, and its own pieces under three rules. `text` has no white space around it."""

    text: str
    paragraphs: tuple[str, ...]
    lines: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Solution:
    """A text and its steps by rule; `num_thinking` of them are a thought (the same text under every rule)."""

    text: str
    steps: dict[str, tuple[str, ...]]
    thinking: str | None
    formulas: tuple[str, ...]
    name: str = field(default="")


_SENTENCES = {
    "en": (
        "Mr. Lee has {a}.{b} kg of flour, e.g. for bread, and Dr. Ray has {b} kg.",
        "By Fig. {a} and Eq. ({b}), the ratio is approx. {a}.{b} percent.",
        "So ${a}! + {b}! = n$ holds.",
        "Is it {a}?",
        "No, it is not!",
        "J. F. Kennedy paid ${a}.{b}0 for No. {b}.",
        "Then \\(f(x) = {a}. \\text{{ Now }} x = {b}\\) follows.",
        "We write `a. B = {a}` in code.",
        "The values are {a}, {b}, ..., {c}.",
        'She said "That is {a}."',
        "The value 2.5 is less than {c} vs. 1.5 before.",
        "The shop in the U.S. sold {a} of them at 5 p.m. on that day.",
        "Hence the center is at point O.",
        "It weighs {a} lb. and is {b} ft. long.",
        "However, {a} {b} is not a number... so we go on.",
    ),
    "de": (
        "Herr Dr. Maier hat {a},{b} kg Mehl, z. B. für Brot, bzw. {b} kg Zucker.",
        "Nach Abb. {a} und Gl. ({b}) sind es ca. {a} Prozent.",
        "Am {a}. Oktober kamen d.h. im {b}. Schritt alle an.",
        "Ist das {a}?",
        "Nein, das stimmt nicht!",
        "Daraus folgt ${a} + {b} = n$ für alle n.",
        "Die Länge beträgt u. a. {a} Meter, vgl. S. {b} im Buch.",
        "Sie sagte: „Das sind {a}.“",
        "Also sind es {a} Mio. Euro im Jahr.",
        "Wir rechnen {a} - {b} usw. bis zum Ende.",
    ),
    "zh": (
        "小明有{a}.{b}公斤苹果。",
        "那么总共是{a}吗？",
        "所以\\(x = {a}。{b}\\)成立！",
        "他说：“一共{a}个。”",
        "比例约为{a}.{b}%，即{b}份。",
        "因此答案不是{a}（见第{b}页）。",
    ),
    "ar": (
        "لدى أحمد {a}.{b} كيلوغرام من التفاح.",
        "هل المجموع هو {a}؟",
        "إذن \\(x = {a}. {b}\\) صحيح!",
        "النسبة هي {a}.{b} بالمئة تقريبا.",
        "نحصل على {b} قطعة في اليوم ۔",
    ),
}
_LEADS = {
    "en": ("We now get the following:", "This gives **the values**:", "Consider these cases:"),
    "de": ("Damit erhalten wir Folgendes:", "Es gibt diese Fälle:"),
    "zh": ("我们得到：", "分以下情况："),
    "ar": ("نحصل على ما يلي:", "لدينا الحالات التالية:"),
}
_STEP_WORDS = {"en": "Step", "de": "Schritt", "zh": "步骤", "ar": "الخطوة"}


class Builder:
    """Draws solutions in one language.

    Args:
        language: one of LANGUAGES.
        seed: of all draws.
    """

    def __init__(self, language: str, seed: int) -> None:
        self._random = random.Random(f"{language}/{seed}")
        self._language = language
        self._formulas: list[str] = []

    def solution(self) -> Solution:
        """The next solution."""
        self._formulas = []
        thinks = self._random.random() < 0.4
        thought = self._elements(self._random.randint(1, 4)) if thinks else []
        preamble = self._elements(self._random.randint(0, 2))
        groups = self._numbered_groups() if self._random.random() < 0.7 else []
        if not groups:
            preamble += self._elements(self._random.randint(2, 5))
        return self._assembled(thought, preamble, groups)

    def _assembled(
        self, thought: list[Element], preamble: list[Element], groups: list[list[Element]]
    ) -> Solution:
        final = [*preamble, *(element for group in groups for element in group)]
        steps = {
            "paragraph": tuple(piece for element in (*thought, *final) for piece in element.paragraphs),
            "line": tuple(piece for element in (*thought, *final) for piece in element.lines),
            "sentence": tuple(piece for element in (*thought, *final) for piece in element.sentences),
        }
        thinking = self._joined(thought) if thought else None
        numbered = [self._joined(preamble)] if preamble else []
        numbered += [self._joined(group) for group in groups]
        body = numbered[0] + "".join(self._blank_line() + text for text in numbered[1:])
        steps["numbered"] = (*([thinking] if thinking else []), *(numbered if len(groups) > 0 else [body]))
        many = len(thought) > 1 or len(final) > 1 or any(len(e.paragraphs) > 1 for e in (*thought, *final))
        steps["auto"] = steps["paragraph"] if many else steps["line"]
        return Solution(self._tagged(thinking, body), steps, thinking, tuple(self._formulas))

    def _tagged(self, thinking: str | None, body: str) -> str:
        if thinking is None:
            return self._random.choice(["", "\n", "  "]) + body + self._random.choice(["", "\n", " \r\n"])
        begin, end = self._random.choice(
            [
                ("<think>\n", "\n</think>\n\n"),
                ("<think>", "</think>"),
                ("\n<thinking> ", " </thinking>\n"),
                ("", "\n</think>\n\n"),
                ("<|begin_of_thought|>\n\n", "\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\n"),
                ("<reasoning>\n", "\n</reasoning>\n"),
            ]
        )
        closing = "\n\n<|end_of_solution|>" if "solution" in end else ""
        return begin + thinking + end + body + closing

    def _joined(self, elements: list[Element]) -> str:
        return elements[0].text + "".join(self._blank_line() + element.text for element in elements[1:])

    def _blank_line(self) -> str:
        return self._random.choice(["\n\n", "\n\n", "\n \n", "\r\n\r\n", "\n\t\n\n", "\n\n\n\n"])

    def _elements(self, number: int) -> list[Element]:
        kinds: list[Callable[[], Element]] = [
            self._prose, self._prose, self._prose_in_lines, self._formula, self._formula, self._code,
            self._formula_in_prose, self._code_after_line, self._table, self._tight_list, self._loose_list,
            self._quote, self._stray,
        ]  # fmt: skip
        return [self._random.choice(kinds)() for _ in range(number)]

    def _numbered_groups(self) -> list[list[Element]]:
        word = _STEP_WORDS[self._language]
        style = self._random.choice(
            [
                "{word} {n}:",
                "**{word} {n}**",
                "### {word} {n}",
                "{word} {n}.",
                "{n}.",
                "{n})",
                "({letter})",
                "**{n}.**",
            ]
            + (["第{n}步："] if self._language == "zh" else [])
        )
        groups = []
        for number in range(1, self._random.randint(3, 6)):
            marker = style.format(word=word, n=number, letter="abcdefg"[number - 1])
            sentence = self._sentence()
            line = f"{marker} {sentence}"
            groups.append(
                [Element(line, (line,), (line,), (line,)), *self._elements(self._random.randint(0, 2))]
            )
        return groups

    def _sentence(self) -> str:
        pattern = self._random.choice(_SENTENCES[self._language])
        return pattern.format(*(), a=self._number(), b=self._number(), c=self._number())

    def _number(self) -> int:
        return self._random.randint(2, 29)

    def _sentences(self) -> list[str]:
        return [self._sentence() for _ in range(self._random.randint(1, 4))]

    def _lead(self) -> str:
        return self._random.choice(_LEADS[self._language])

    def _prose(self) -> Element:
        sentences = self._sentences()
        text = ("" if self._language == "zh" else self._random.choice([" ", "  "])).join(sentences)
        return Element(text, (text,), (text,), tuple(sentences))

    def _prose_in_lines(self) -> Element:
        sentences = self._sentences()
        text = self._random.choice(["\n", "\r\n", " \n\t"]).join(sentences)
        return Element(text, (text,), tuple(sentences), tuple(sentences))

    def _stray(self) -> Element:
        """An opener without its end."""
        text = self._random.choice(
            [
                "X \\[ {a} + {b}",
                "X costs $$ {a}, no more",
                "X \\begin{{align*}} {a}",
                "X \\] {a}",
                "X `{a} and ``",
            ]
        ).format(a=self._number(), b=self._number())
        return _whole(text)

    def _display(self) -> str:
        a, b = self._number(), self._number()
        text = self._random.choice(
            [
                "\\[\nx = {a}. Y = {b}\n\\]",
                "\\[\nx = {a}\n\n= {b}\n\\]",
                "\\[ \\begin{{cases}} {a} & x \\\\[2pt]\n\n- {b} & y \\end{{cases}} \\]",
                "$$\nx = {a} + {b}\n$$",
                "$$\nx = {a}\n\n  + {b}\n$$",
                "\\begin{{align*}}\n{a} \\\\\n\n\\begin{{pmatrix}}\n{b}\n\\end{{pmatrix}}\n\\end{{align*}}",
            ]
        ).format(a=a, b=b)
        self._formulas.append(text)
        return text

    def _formula(self) -> Element:
        return _whole(self._display())

    def _formula_in_prose(self) -> Element:
        lead, formula, after = self._lead(), self._display(), self._sentence()
        if after[0].isalpha() and self._random.random() < 0.5:
            text = f"{lead}\n{formula}\n{after}"
            return Element(text, (text,), (lead, formula, after), (f"{lead}\n{formula}", after))
        text = f"{lead}\n{formula}"
        return Element(text, (text,), (lead, formula), (text,))

    def _code_block(self) -> str:
        fence = self._random.choice(["```", "~~~", "````"])
        info = self._random.choice(["", "python", "python {.numbered}", " text"])
        body = self._random.choice(
            [
                "x = {a}\n\n# Step 2: print. It. Now.\nprint(x + {b})",
                "def f(n):\n\n    return n * {a}\n\n\n1. no\n\n2. item",
                "s = '\\\\[ $$'\n\n<think>\n{b}",
                "a | b\n--|--\n\n> {a}",
            ]
        ).format(a=self._number(), b=self._number())
        return f"{fence}{info}\n{body}\n{fence}"

    def _code(self) -> Element:
        return _whole(self._code_block())

    def _code_after_line(self) -> Element:
        lead, code = self._lead(), self._code_block()
        text = f"{lead}\n{code}"
        return Element(text, (text,), (lead, code), (lead, code))

    def _table(self) -> Element:
        a, b = self._number(), self._number()
        return _whole(
            self._random.choice(
                [
                    "| n | value |\n|---|:-:|\n| {a} | It is. So {b} |\n| {b} | 3. |",
                    "n | f(n)\n-- | --\n{a} | {b}\n{b} | {a}",
                ]
            ).format(a=a, b=b)
        )

    def _items(self) -> list[list[str]]:
        return [self._sentences()[:2] for _ in range(self._random.randint(2, 5))]

    def _tight_list(self) -> Element:
        lead, items = self._lead(), self._items()
        bullet, space = self._random.choice(["-", "*", "•"]), "" if self._language == "zh" else " "
        lines = [f"{bullet} {space.join(sentences)}" for sentences in items]
        text = lead + self._random.choice(["\n", "\n\n"]) + "\n".join(lines)
        pieces = [piece for sentences in items for piece in (f"{bullet} {sentences[0]}", *sentences[1:])]
        return Element(text, (text,), (lead, *lines), (lead, *pieces))

    def _loose_list(self) -> Element:
        lead, items = self._lead(), self._items()
        lines = [f"+ {sentences[0]}" for sentences in items]
        return Element("\n\n".join([lead, *lines]), (lead, *lines), (lead, *lines), (lead, *lines))

    def _quote(self) -> Element:
        return _whole("\n".join(f"> {sentence}" for sentence in self._sentences()))


def _whole(text: str) -> Element:
    return Element(text, (text,), (text,), (text,))
