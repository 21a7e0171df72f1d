r"""`parse_answer`: from a text to an `Answer`. Readers are tried from the most to the least specific."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from cpmi.answers.forms import Answer, Kind, Quantity, Root
from cpmi.answers.latex import MINUS_SIGNS, closing_brace, plain_text, unwrap, unwrap_text
from cpmi.answers.numerals import Mixed, Plain, Ratio, read_numeral
from cpmi.answers.scripts import LETTERS_OF_WORDS, is_foreign_word, readable
from cpmi.answers.structures import is_empty_set, is_infinite, read_structure
from cpmi.answers.units import PERCENT, Unit, currency_name, read_unit

_LABEL = r"[A-Z]{1,3}(?:_\{?\w+\}?)?"
_ASSIGNMENT = re.compile(
    r"(?!\\pi)(?P<name>\\?[A-Za-z]+(?:_\{\w+\}|_\w+)?'?(?:\([A-Za-z0-9]\))?|\([a-z](?:,\s*[a-z])+\)|\\text\s*\{[^{}]*\}"
    rf"|\\angle\s*[A-Z]+|\|[A-Z]+\||\\overline\{{[A-Z]+\}}|{_LABEL}\s*:\s*{_LABEL}|\\frac\{{{_LABEL}\}}\{{{_LABEL}\}})"
    r"\s*(?:=|\\in(?![a-z])|∈|\\approx(?![a-z])|≈)\s*(?=[^=\s])"
)
_IN_DOLLARS = re.compile(r"\$(?P<number>[^$A-Za-z]+)(?P<unit>\$[^$]+)")
_SIGN = re.compile(rf"(?P<minus>[{MINUS_SIGNS}])\s*|(?P<plus>\+)")
_CURRENCY = re.compile(r"(?:\\\$|\$|[€£¥₹]|\\pounds|\\text\{\\\$\}|USD )\s*")
_CHOICE = re.compile(r"\((?P<in>[A-Ja-j])\)|(?P<bare>[A-H])\)?")
_OPTION = re.compile(
    r"(?:\\(?:textbf|text|mathrm|mathbf|textrm)\s*\{\s*\(?(?P<in>[A-H])\)\s*\}"
    r"|\((?P<bare>[A-H])\)(?=\s|\\ |~)|(?P<dot>[A-H])[).](?=\s|\\ |~))"
    r"(?:\s|\\[ ,;:]|~|\\quad|\\qquad)*(?=[^\s})])"
)
_BASED = re.compile(
    rf"(?P<minus>[{MINUS_SIGNS}]?)(?P<digits>\d[\dA-F]*|[A-F][\dA-F]+)_\{{?(?P<base>[2-9]|1[0-6])\}}?"
)
_TIME = re.compile(
    r"\d{1,2}(?:\\!)?(?::|\{:\})(?:\\!)?[0-5]\d\s*(?:\\text\{\s*)?(?:[ap]\.?\s*m\.?)?\}?", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z][A-Za-z'’.-]*(?: [A-Za-z'’.-]+)*")
_ROOT_SIGN = re.compile(r"\\sqrt(?![a-z])\s*(?:\[(?P<degree>[2-9])\])?\s*|√|sqrt(?=\()")

MAX_LENGTH = 2_000
"""Characters beyond which a text is no answer."""
_MAX_DEPTH = 40


def parse_answer(text: str) -> Answer:
    """Read an answer. Never fails: what is none of the known kinds is an EXPRESSION or TEXT."""
    # The readers below look back and forth, and vowel signs of Arabic are dropped.
    if len(text) > 2 * MAX_LENGTH or len(text := readable(text)) > MAX_LENGTH:
        return Answer(text=text, kind=Kind.TEXT, core=text)
    return _parse(text)


@lru_cache(maxsize=8_192)
def _parse(text: str) -> Answer:
    peeled = unwrap(text)
    core, prefix, suffix = peeled.core, peeled.prefix, peeled.suffix
    if not core or _is_too_deep(core):
        return Answer(text=text, kind=Kind.TEXT, core=text)
    match = _OPTION.match(core)
    if match and _OPTION.match(core, match.end()):
        return Answer(text=text, kind=Kind.TEXT, core=text)  # several options
    if match and (rest := parse_answer(core[match.end() :])).kind is not Kind.TEXT:
        return replace(
            rest.wrapped(prefix + match.group(), suffix),
            text=text,
            option=match["in"] or match["bare"] or match["dot"],
        )
    name = ""
    if (match := _ASSIGNMENT.match(core)) and not _is_relation(core[match.end() :]):
        name = match["name"]
        prefix, core = prefix + match.group(), core[match.end() :]
    if (match := _IN_DOLLARS.fullmatch(core)) and (amount := _with_unit(match["number"], match["unit"])):
        return replace(amount.wrapped(prefix + "$", suffix), text=text, name=name)
    inner = unwrap_text(core)
    if inner and "{" not in inner.core:
        answer = _read_inside_text(inner.core).wrapped(inner.prefix, inner.suffix)
    else:
        answer = _read_core(core)
    return replace(answer.wrapped(prefix, suffix), text=text, name=name)


def _with_unit(number: str, written: str) -> Answer | None:
    r"""`28` and `$ %` of `$28$ %` as one quantity."""
    quantity, unit = parse_answer(number).quantity, read_unit(written.lstrip("$"))
    if quantity is None or quantity.unit.name or unit is None or not unit.name:
        return None
    quantity = replace(quantity, unit=unit)
    return Answer(text="", kind=_kind(quantity), core=number, suffix=written, quantity=quantity)


def _is_too_deep(text: str) -> bool:
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(depth, deepest)
    return deepest > _MAX_DEPTH


def _read_inside_text(core: str) -> Answer:
    peeled = unwrap(core)
    answer = _read_core(peeled.core) if peeled.core else Answer(text="", kind=Kind.TEXT)
    if answer.kind is Kind.EXPRESSION and _WORD.fullmatch(peeled.core):
        answer = replace(answer, kind=Kind.WORD)
    return answer.wrapped(peeled.prefix, peeled.suffix)


def _is_relation(text: str) -> bool:
    return "=" in text


def _read_core(core: str) -> Answer:
    if is_infinite(core) or is_empty_set(core):
        return Answer(text=core, kind=Kind.EXPRESSION, core=core)
    return (
        _read_choice(core)
        or _read_time(core)
        or _read_quantity(core)
        or _read_root(core)
        or read_structure(core, parse_answer)
        or _read_word(core)
        or Answer(text=core, kind=Kind.EXPRESSION if _is_formula(core) else Kind.TEXT, core=core)
    )


def _read_choice(core: str) -> Answer | None:
    match = _CHOICE.fullmatch(core)
    if match is None:
        return None
    letter = match["in"] or match["bare"]
    start = core.index(letter)
    return Answer(text=core, kind=Kind.CHOICE, prefix=core[:start], core=letter, suffix=core[start + 1 :])


def _read_time(core: str) -> Answer | None:
    if not _TIME.fullmatch(core):
        return None
    return Answer(text=core, kind=Kind.TIME, core=core)


def _read_quantity(core: str) -> Answer | None:
    """A signed number with currency or unit, as the whole text."""
    if match := _BASED.fullmatch(core):
        return _read_based(core, match)
    sign = _SIGN.match(core)
    index = sign.end() if sign else 0
    currency = _CURRENCY.match(core, index)
    index = currency.end() if currency else index
    inner_sign = _SIGN.match(core, index) if currency and not sign else None
    index = inner_sign.end() if inner_sign else index
    found = read_numeral(core, index)
    if found is None:
        return None
    numeral, end = found
    unit = read_unit(core[end:])
    if unit is None:
        return None
    if currency:
        if unit.name == PERCENT:
            return None
        unit = replace(unit, name=f"{currency_name(currency.group())} {unit.name}".strip())
    sign = sign or inner_sign
    minus = sign["minus"] if sign and sign["minus"] else ""
    inside = isinstance(numeral, Ratio) and numeral.minus_inside
    quantity = Quantity(
        numeral=numeral,
        negative=bool(minus) != inside,
        minus=minus or "-",
        plus="+" if sign and sign["plus"] else "",
        currency=currency.group() if currency else "",
        unit=unit,
    )
    kind = _kind(quantity)
    return Answer(text=core, kind=kind, core=core[:end], suffix=core[end:], quantity=quantity)


def _kind(quantity: Quantity) -> Kind:
    if quantity.unit.name == PERCENT:
        return Kind.PERCENT
    if quantity.currency:
        return Kind.MONEY
    if isinstance(quantity.numeral, Plain):
        return Kind.DECIMAL if quantity.numeral.decimals else Kind.INTEGER
    return Kind.MIXED if isinstance(quantity.numeral, Mixed) else Kind.FRACTION


def _read_based(core: str, match: re.Match[str]) -> Answer | None:
    digits, base, minus = match["digits"], int(match["base"]), match["minus"]
    if any(int(digit, 16) >= base for digit in digits):
        return None
    numeral = Plain(value=Fraction(int(digits, base)))
    quantity = Quantity(numeral=numeral, negative=bool(minus), minus=minus or "-", unit=Unit(), base=base)
    cut = len(minus + digits)
    return Answer(text=core, kind=Kind.BASED, core=core[:cut], suffix=core[cut:], quantity=quantity)


def _read_root(core: str) -> Answer | None:
    r"""`3\sqrt{2}`, `-\sqrt 5`, `\frac{\sqrt{3}}{4}`, `2√3/5`, with an optional unit."""
    sign = _SIGN.match(core)
    start = sign.end() if sign else 0
    if re.compile(r"\\[dt]?frac\s*\{").match(core, start):
        return _read_root_over(core, start, negative=bool(sign and sign["minus"]))
    factor = re.compile(r"(\d*)(\s*(?:\\cdot|\\times|\*|\\,)?\s*)").match(core, start)
    radical = _ROOT_SIGN.match(core, factor.end()) if factor else None
    if factor is None or radical is None:
        return None
    found = _radicand(core, radical.end())
    if found is None or factor[1] == "0":
        return None
    radicand, end, opening, closing = found
    below = re.compile(r"\s*/\s*([1-9]\d*)").match(core, end)
    tail = core[below.end() if below else end :]
    unit = read_unit(tail)
    if unit is None or unit.scale != 1 or (factor[2].strip() and not factor[1]):
        return None
    head = "{sign}{coefficient}" + _escaped(factor[2] + radical.group() + opening)
    pattern = head + "{radicand}" + _escaped(closing)
    if below:
        pattern += _escaped(core[end : below.start(1)]) + "{divisor}"
    root = Root(
        coefficient=int(factor[1] or 1),
        divisor=int(below[1]) if below else 1,
        radicand=radicand,
        degree=int(radical.groupdict().get("degree") or 2),
        negative=bool(sign and sign["minus"]),
        pattern=pattern,
        unit=unit,
    )
    cut = len(core) - len(tail)
    return Answer(text=core, kind=Kind.ROOT, core=core[:cut], suffix=tail, root=root)


def _read_root_over(core: str, start: int, *, negative: bool) -> Answer | None:
    r"""`\frac{c\sqrt{r}}{d}`."""
    opening = core.index("{", start)
    middle = closing_brace(core, opening)
    if middle is None:
        return None
    below = re.compile(r"\s*\{\s*([1-9]\d*)\s*\}|([1-9])").match(core, middle + 1)
    if below is None:
        return None
    above = _read_root(core[opening + 1 : middle])
    unit = read_unit(core[below.end() :])
    if above is None or above.root is None or above.suffix or above.root.divisor != 1:
        return None
    if unit is None or unit.scale != 1:
        return None
    # The sign stays where it is written: before the fraction or in its numerator.
    inner = above.root.pattern
    if above.root.negative and negative:
        return None
    outside = not above.root.negative
    if outside:
        inner = inner.replace("{sign}", "")
    pattern = ("{sign}" if outside else "") + _escaped(core[start : opening + 1]) + inner
    pattern += _escaped("}{") + "{divisor}" + _escaped("}")
    root = replace(
        above.root,
        divisor=int(below[1] or below[2]),
        negative=negative or above.root.negative,
        pattern=pattern,
        unit=unit,
    )
    cut = below.end()
    return Answer(text=core, kind=Kind.ROOT, core=core[:cut], suffix=core[cut:], root=root)


def _radicand(core: str, start: int) -> tuple[int, int, str, str] | None:
    """Radicand, index after it, and the brackets around it."""
    for opening, closing in ("{}", "()"):
        match = re.compile(rf"\{opening}\s*([1-9]\d*)\s*\{closing}").match(core, start)
        if match:
            return int(match[1]), match.end(), opening, closing
    # `\sqrt13` is the root of 1 times 3 in LaTeX, but whoever types it means 13; be silent on it.
    match = re.compile(r"([1-9])(?!\d)").match(core, start)
    if core[start - 1] == "√":
        match = re.compile(r"([1-9]\d*)").match(core, start)
    return (int(match[1]), match.end(), "", "") if match else None


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _read_word(core: str) -> Answer | None:
    text = plain_text(core)
    if is_foreign_word(text):
        return Answer(text=core, kind=Kind.WORD, core=core)
    if not _WORD.fullmatch(text):
        return None
    if len(text) < 3 and text.lower() not in ("no", "up", "ja"):
        return None
    if all(len(word) == 1 for word in text.split()):
        return None
    # Three letters without a vowel, such as xyz, are a product and not a word.
    if not re.search(r"[aeiouyAEIOUY]", text):
        return None
    return Answer(text=core, kind=Kind.WORD, core=core)


def _is_formula(core: str) -> bool:
    """Whether a text looks like mathematics rather than prose: no two plain words in a row."""
    bare = re.sub(r"\\(?:text|mbox|mathrm)\s*\{[^{}]*\}|\\[A-Za-z]+", " ", core)
    return not re.search(rf"[A-Za-z]{{3,}}[\s,]+[A-Za-z]{{2,}}|[{LETTERS_OF_WORDS}]", bare)
