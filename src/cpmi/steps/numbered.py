"""Find the lines at which the numbered steps of a text begin.

A text may number several things. Its steps are the lines that say "Step" (or the like) if there are any, else
the first list that has at least two numbers in a row. Within a list of the same kind of marker (indentation,
brackets, heading, bold), a new "1." begins a list inside the step, which ends where the outer one goes on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cpmi.steps.spans import Spans

_WORDS = (
    "step|schritt|étape|etape|paso|passo|шаг|bước|langkah|adım|stap|krok|"
    "단계|ステップ|手順|步骤|步驟|الخطوة|خطوة|مرحله|گام"
)
_SPELLED = {
    word: number
    for words in (
        "one two three four five six seven eight nine ten eleven twelve",
        "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "الأولى الثانية الثالثة الرابعة الخامسة السادسة السابعة الثامنة التاسعة العاشرة",
    )
    for number, word in enumerate(words.split(), start=1)
}
_HAN_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
_CIRCLED = {chr(0x2460 + index): index + 1 for index in range(20)}

_ROMAN = {
    roman: number
    for number, roman in enumerate("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv".split(), start=1)
}

_MARKER = re.compile(
    rf"""^(?P<indent>[^\S\n]*+)(?P<hash>\#{{1,6}}[^\S\n]++)?
    (?:
        (?:[-*+•][^\S\n]++)?(?P<bold>[*_]{{1,3}}+)?(?P<bracket>[(\[])?
            (?P<word>{_WORDS})[^\S\n]*+\#?(?P<step>\d{{1,4}}|[^\W\d_]++)
            (?P<after>[*_]*+[^\S\n]*+(?:[.:-](?!\d)|[：)\]、—–→]|[*_]+|\r?$))?
      | [*_]*+第[^\S\n]*+(?P<han>\d{{1,4}}|[一二三四五六七八九十]{{1,3}})[^\S\n]*+步
      | (?P<emphasis>[*_]{{1,3}}+)?(?P<open>[(（]?)(?P<number>\d{{1,4}}|[ivx]{{2,5}}|[A-Za-z])
            (?P<close>\\?[.)](?=\s|[*_]|$|[\u3040-\u9fff])|[）]|[、．](?!\d{{1,3}}[、．]))
      | (?P<circled>[①-⑳])
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Marker:
    """A numbered line: where its marker begins, what the markers of its list have in common, its number."""

    begin: int
    style: tuple[object, ...]
    number: int

    @property
    def says_step(self) -> bool:
        """Whether the marker has the word "step" and not only a number."""
        return self.style[0] == "step"


@dataclass(slots=True)
class _Lists:
    """The lists of one style, those inside others last; a list is the places where its items begin."""

    open: list[tuple[int, list[int]]] = field(default_factory=list)  # the number expected next
    expected: Counter[int] = field(default_factory=Counter)
    first: list[int] = field(default_factory=list)

    def add(self, marker: Marker) -> None:
        if marker.says_step:
            self._add_step(marker)
        elif self.expected[marker.number]:
            while True:
                number, places = self.open.pop()
                self.expected[number] -= 1
                if number == marker.number:
                    break
            self._expect(marker, places)
        elif marker.number in (0, 1):
            self._expect(marker, [])

    def _add_step(self, marker: Marker) -> None:
        """Steps that say so may leave out numbers, and do not lie in each other."""
        number, places = self.open.pop() if self.open else (0, [])
        if marker.number >= number:
            self._expect(marker, places)
        else:
            self.open.append((number, places))

    def _expect(self, marker: Marker, places: list[int]) -> None:
        places.append(marker.begin)
        self.first = self.first or places
        self.open.append((marker.number + 1, places))
        self.expected[marker.number + 1] += 1


def numbered_lines(text: str, taken: Spans) -> list[int]:
    """Where the numbered steps of `text` begin, ascending; empty if it has none.

    Args:
        text: without white space around it.
        taken: blocks, whose lines do not count.
    """
    found: dict[tuple[object, ...], _Lists] = {}
    for marker in markers(text):
        if marker.begin not in taken:
            found.setdefault(marker.style, _Lists()).add(marker)
    series = [
        (style[0] != "step", lists.first)
        for style, lists in found.items()
        if len(lists.first) >= (1 if style[0] == "step" else 2)
    ]
    return min(series, key=lambda one: (one[0], one[1][0]), default=(True, []))[1]


def markers(text: str) -> Iterator[Marker]:
    """The numbered lines of `text`; one that begins with "i" is given as a letter and as a Roman number."""
    for match in _MARKER.finditer(text):
        begin = match.end("indent")
        style = _style(match)
        number = _number(match)
        if number is not None:
            yield Marker(begin, style, number)
        roman = _ROMAN.get((match["number"] or "").lower())
        if roman is not None:
            yield Marker(begin, ("roman", *style), roman)


def _style(match: re.Match[str]) -> tuple[object, ...]:
    heading = match["hash"] is not None
    if match["word"] or match["han"]:
        return ("step", heading)
    indent = len(match["indent"].expandtabs(4))
    if match["circled"]:
        return ("circled", heading, indent)
    label = match["number"]
    kind = "number" if label.isdecimal() else "upper" if label.isupper() else "lower"
    return (kind, heading, match["emphasis"], indent, match["open"], match["close"])


def _number(match: re.Match[str]) -> int | None:
    """The number of a marker; letters count from 1. None if it is none."""
    if match["han"]:
        return _han_number(match["han"])
    if match["circled"]:
        return _CIRCLED[match["circled"]]
    if match["word"]:
        step = match["step"]
        stands_out = match["hash"] or match["bold"] or match["after"] is not None
        number = int(step) if step.isdecimal() else _SPELLED.get(step.lower())
        return number if stands_out else None
    label = match["number"]
    if label.isdecimal():
        return int(label)
    return ord(label.lower()) - ord("a") + 1 if len(label) == 1 else None


def _han_number(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return None
    value = 10 * _HAN_DIGITS.get(tens, 1) if ten else 0
    return value + (_HAN_DIGITS[ones] if ones else 0)
