r"""Near misses of expressions: one number, sign or function changed in the text.

A sum may lose the sign of a later term; a leading sign is kept, and so is the sign of a single term.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = re.compile(r"(?<![\d.A-Za-z_])(?<!_\{)\d+(?![\d]*\.\d)")
_BINARY_SIGN = re.compile(r"(?<=[\w)}\]])(\s*)([-+−])(\s*)(?=[\w\\(])")
_VARIABLE = re.compile(r"(?<![\\A-Za-z\d_^{])(?<!\d )(?:\\pi|[a-z])(?![A-Za-z])")
_FUNCTIONS = {"sin": "cos", "cos": "sin", "tan": "cot", "cot": "tan", "sec": "csc", "csc": "sec", "log": "ln",
              "ln": "log"}  # fmt: skip
_PI_ONLY = re.compile(r"\\pi|π")
_RELATIONS = {r"\le": r"\ge", r"\ge": r"\le", r"\leq": r"\geq", r"\geq": r"\leq", "<": ">", ">": "<"}
_RELATION = re.compile(r"\\(?:leq?|geq?)(?![a-z])|[<>]")


def near_expressions(core: str) -> Iterator[str]:
    """Candidates, most plausible first. Some may equal the original; the caller compares."""
    yield from _difference_turned(core)
    yield from _signs_flipped(core)
    numbers = list(_NUMBER.finditer(core))
    bases = [match for match in numbers if core[: match.start()].rstrip("{ ")[-1:] != "^"]
    exponents = [match for match in numbers if match not in bases]
    for shift in (1, -1):
        yield from _shifted(core, bases, shift)
    yield from _numbers_swapped(core, bases)
    yield from _peers(core)
    for shift in (1, -1):
        yield from _shifted(core, exponents, shift)
    yield from _coefficients_added(core)
    for factor in (2, 3):
        for match in bases:
            yield _put(core, match, str(int(match.group()) * factor))
    for shift in (2, 3, 4, 5):
        yield from _shifted(core, bases, shift)
    yield from _squared(core)
    if _PI_ONLY.fullmatch(core):
        yield from (rf"\frac{{{core}}}{{{n}}}" for n in (2, 3, 4, 6))
        yield from (f"{n}{core}" for n in (3, 4, 6))


def _put(core: str, match: re.Match[str], text: str) -> str:
    return core[: match.start()] + text + core[match.end() :]


def _signs_flipped(core: str) -> Iterator[str]:
    for match in reversed(list(_BINARY_SIGN.finditer(core))):
        if core[: match.start()].endswith("matrix}"):
            continue
        turned = "-" if match[2] == "+" else "+"
        yield _put(core, match, match[1] + turned + match[3])


def _squared(core: str) -> Iterator[str]:
    for match in _VARIABLE.finditer(core):
        # The square of i is a number, and a power keeps its exponent.
        if match.group() != "i" and not re.match(r"\s*[\^(]", core[match.end() :]):
            yield _put(core, match, match.group() + "^2")


def _difference_turned(core: str) -> Iterator[str]:
    """`q - p` for `p - q`."""
    if match := re.fullmatch(r"([a-z])(\s*-\s*)([a-z])", core):
        yield match[3] + match[2] + match[1]


def _shifted(core: str, numbers: list[re.Match[str]], shift: int) -> Iterator[str]:
    for match in numbers:
        number = int(match.group()) + shift
        # `1x` and `0x` are nobody's answer.
        is_factor = re.match(r"\s*[A-Za-z\\(]", core[match.end() :]) is not None
        is_power = core[: match.start()].rstrip("{ ").endswith("^")
        is_base = core[match.end() :].startswith("^")
        if number < 1 or (number == 1 and (is_factor or is_power or is_base)):
            continue
        yield _put(core, match, str(number))


def _numbers_swapped(core: str, numbers: list[re.Match[str]]) -> Iterator[str]:
    if len(numbers) < 2:
        return
    first, second = numbers[0], numbers[1]
    if first.group() != second.group() and "1" not in (first.group(), second.group()):
        middle = core[first.end() : second.start()]
        yield core[: first.start()] + second.group() + middle + first.group() + core[second.end() :]


def _peers(core: str) -> Iterator[str]:
    for match in re.finditer(r"\\(sin|cos|tan|cot|sec|csc|log|ln)(?![a-z])", core):
        yield _put(core, match, "\\" + _FUNCTIONS[match[1]])
    for match in _RELATION.finditer(core):
        yield _put(core, match, _RELATIONS[match.group()])


def _coefficients_added(core: str) -> Iterator[str]:
    for factor in ("2", "3"):
        for match in _VARIABLE.finditer(core):
            # i in `3 + i` and x in `\sin x` can carry a coefficient; a function's name cannot.
            if core[match.end() : match.end() + 1] != "(":
                yield _put(core, match, factor + match.group())
