r"""Mutations of an answer: characters, tokens, wrappers, units, signs, digits, nesting, scripts, cuts."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

MAX_CHARACTERS = 100_000

Mutation = Callable[[random.Random, str, Sequence[str]], str]

_TOKEN = re.compile(r"\\[A-Za-z]+|\d+|[A-Za-z]+|\s+|.", re.S)
_DIGITS = re.compile(r"\d+")
_CHARACTERS = "0123456789+-*/^_=<>.,;:!?%$&#|~'\"()[]{}\\ \n\txyneiπ√∞°²−×·½٣５一ñß\u200f\u0301\x00\x1b\ud800"
_WRAPPERS = (
    (r"\boxed{", "}"), ("$", "$"), (r"\(", r"\)"), (r"\text{", "}"), (r"\mathbf{", "}"), (r"\left(",
    r"\right)"),
    ("(", ")"), ("{", "}"), (r"\{", r"\}"), ("[", ")"), ("x = ", ""), ("**", "**"), ("`", "`"), (r"\pm ", ""),
    (r"\sqrt{", "}"), (r"\frac{", "}{7}"), (r"\frac{1}{", "}"), (r"\left|", r"\right|"), (r"\overline{", "}"),
    ("(B) ", ""), (r"\textbf{(C)}\ ", ""), ("the ", ""), (r"\begin{pmatrix}", r"\\ 1\end{pmatrix}"), ("",
    "!"),
    (r"\sum_{i=1}^{9} ", ""), (r"\int_0^1 ", " dx"), (r"\lim_{x \to 0} ", ""), (r"\log_2 ", ""), (r"\sin ",
    ""),
    (r"\frac{d}{dx} ", ""), ("-7 \\mod ", ""), ("", r" \pmod 3"), ("", "_5"), (r"\gcd(", ", 12)"), ("about ",
    ""),
    (r"\displaystyle ", ""), (r"\,", r"\,"), ("x \\le ", ""), ("f(x) = ", ""), ("x \\in ", ""),
)  # fmt: skip
_UNITS = (
    " cm", r"\text{ cm}^2", "%", r"\%", " m/s^2", r" m s^{-2}", " kWh", " J", " °C", " K", r"^\circ",
    " hours",
    " square units", " mod 3", " million", "€", " dollars per hour", r"\text{ or more}", " N", " kN", "元",
    " Meter",
    " كم", r" \mathrm{km/h}", " mol", r"\ \text{units}", " pm",
)  # fmt: skip
_JOINS = (
    ", ",
    " and ",
    " or ",
    "+",
    "-",
    " = ",
    "/",
    "^",
    " \\cdot ",
    r" \cup ",
    ":",
    " ",
    " \\le ",
    "!",
    "; ",
)
_DEEP = (
    "(",
    "{",
    "[",
    r"\sqrt{",
    r"\frac{1}{",
    "-",
    "x^{",
    r"\sin(",
    "|",
    r"\text{",
    "(A) ",
    "x=",
    r"\left(",
    "$",
)
_CLOSING = {"(": ")", "{": "}", "[": "]", "|": "|", "$": "$"}
_EXPONENTS = ("^{99}", "^{9999}", "^{9^{9}}", "!", "!!", "e9999", "e99999", "^{-1}", "^{1/3}", "^{0.5}",
              "^{x}", "^^2",
              r"\times 10^{308}", r"\times 10^{-99999}", "^{1000000007}")  # fmt: skip


def mutated(random_: random.Random, text: str, others: Sequence[str]) -> str:
    """The text after one to three mutations; others are answers that pieces are taken from."""
    for _ in range(random_.choice((1, 1, 1, 2, 2, 3))):
        text = random_.choice(MUTATIONS)(random_, text, others)[:MAX_CHARACTERS]
    return text


def _character(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    at = random_.randrange(len(text) + 1)
    how = random_.randrange(4)
    if how == 0:
        return text[:at] + text[at + 1 :]
    if how == 1:
        return text[:at] + random_.choice(_CHARACTERS) + text[at:]
    if how == 2:
        return text[:at] + random_.choice(_CHARACTERS) + text[at + 1 :]
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _tokens(random_: random.Random, text: str, others: Sequence[str]) -> str:
    tokens = _TOKEN.findall(text) or [""]
    foreign = _TOKEN.findall(random_.choice(others)) or [""]
    at, from_ = random_.randrange(len(tokens)), random_.randrange(len(tokens))
    how = random_.randrange(4)
    if how == 0:
        tokens[at], tokens[from_] = tokens[from_], tokens[at]
    elif how == 1:
        tokens[at] = random_.choice(foreign)
    elif how == 2:
        tokens.insert(at, random_.choice(foreign))
    else:
        tokens[at] = tokens[at] * random_.choice((2, 3, 50))
    return "".join(tokens)


def _wrapper(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    before, behind = random_.choice(_WRAPPERS)
    return before + text + behind


def _unit(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    return text + random_.choice(_UNITS)


def _sign(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    return (
        random_.choice(("-", "+", "−", "--", "- ", r"\pm", r"\$", "$-", "-$", "~", "<", r"\approx ")) + text
    )


def _long_digits(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    times = random_.choice((2, 5, 30, 150, 400, 1_000, 4_301, 10_000))
    numbers = list(_DIGITS.finditer(text))
    if not numbers:
        return text + "7" * times
    number = random_.choice(numbers)
    return text[: number.start()] + number.group() * times + text[number.end() :]


def _digits(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    """Another number in the place of one."""
    numbers = list(_DIGITS.finditer(text))
    if not numbers:
        return text + str(random_.randrange(1_000))
    number = random_.choice(numbers)
    value = int(number.group()[:100])
    new = random_.choice(
        (value + 1, value * 10, -value, value * value, 0, f"{value}.0", f"{value}.5", f"0{value}")
    )
    return f"{text[: number.start()]}{new}{text[number.end() :]}"


def _nesting(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    times = random_.choice((2, 5, 20, 45, 70, 200, 600))
    opening = random_.choice(_DEEP)
    return opening * times + text + _CLOSING.get(opening[-1], "") * times


def _scripts(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    zero = random_.choice((0x660, 0x6F0, 0xFF10, 0x966, 0x1D7CE))
    to = str.maketrans({48 + digit: zero + digit for digit in range(10)})
    return random_.choice(
        (text.translate(to), text.replace(".", ","), text.replace("-", "−"), text.upper(), text.swapcase(),
         "答案是" + text, text + " Stück", "ال" + text, text.replace(" ", "\u00a0"), text.replace("(", "（"))
    )  # fmt: skip


def _cut(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    at = random_.randrange(len(text) + 1)
    return text[:at] if random_.random() < 0.5 else text[at:]


def _joined(random_: random.Random, text: str, others: Sequence[str]) -> str:
    pieces = [text, random_.choice(others)]
    random_.shuffle(pieces)
    times = random_.choice((1, 1, 1, 1, 12, 60))
    return (random_.choice(_JOINS) if times == 1 else ",").join(pieces * times)


def _exponent(random_: random.Random, text: str, _others: Sequence[str]) -> str:
    power = random_.choice(_EXPONENTS)
    return f"({text}){power}" if random_.random() < 0.5 else text + power


MUTATIONS: tuple[Mutation, ...] = (
    _character, _character, _tokens, _tokens, _wrapper, _wrapper, _unit, _sign, _long_digits, _digits,
    _nesting,
    _scripts, _cut, _joined, _exponent,
)  # fmt: skip
