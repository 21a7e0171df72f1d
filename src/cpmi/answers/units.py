r"""What follows a number: `\%`, ` cm`, `^\circ`, `\text{ people}`, ` million`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from cpmi.answers.foreign_units import NO_UNIT_WORDS, foreign_unit, german_magnitude, german_name
from cpmi.answers.latex import plain_text

PERCENT = "%"
DOLLAR = "dollar"
DEGREE = "°"

_MAGNITUDES = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9,
               "trillion": 10**12}  # fmt: skip
_PERCENT = re.compile(
    r"\s*(?:\\%|%|\\?\s*(?:\\text\s*\{\s*)?(?:percentage|percent|per cent|pct|Prozent)\b\s*\}?)"
)
_CURRENCY = re.compile(r"\s*(?P<sign>\\?\$|[€£¥₹])")
_DEGREE = re.compile(r"\s*(?:\^\s*\{?\s*\\circ\s*\}?|°|\\degree)")
_BOXED_WORDS = re.compile(
    r"\s*(?:\\[,; ]|~)?\s*\\(?:text|textrm|textnormal|mathrm|mbox|textbf|textit|mathit)\s*\{[^{}]*\}"
)
_POWER = re.compile(r"\s*\^\s*(?:\{\s*[23]\s*\}|[23])|[²³]")
_BARE_WORDS = re.compile(r"(?P<gap>\s*)(?P<words>[A-Za-z][A-Za-z.'’-]*(?:(?:\s+|/)[A-Za-z][A-Za-z.'’-]*)*)")

_ALIASES = {
    "centimeter": "cm", "centimetre": "cm", "millimeter": "mm", "kilometer": "km", "kilometre": "km",
    "meter": "m", "metre": "m", "inche": "inch", "in": "inch", "feet": "foot", "ft": "foot", "yd": "yard",
    "mi": "mile", "hr": "hour", "h": "hour", "min": "minute", "sec": "second", "lb": "pound",
    "ounce": "oz", "gram": "g", "kilogram": "kg", "liter": "l", "litre": "l", "milliliter": "ml",
    "degree": "°", "people": "person", "children": "child", "gal": "gallon", "s": "second",
}  # fmt: skip
# Common measures and the factors to units that are often used instead.
_CONVERSIONS: dict[str, tuple[int, ...]] = {
    "second": (60, 3600), "minute": (60, 24 * 60), "hour": (60, 3600, 24), "day": (24, 7, 24 * 60),
    "week": (7, 52), "month": (12,), "year": (12, 52, 365),
    "mm": (10, 1000), "cm": (10, 100), "m": (100, 1000), "km": (1000,),
    "inch": (12, 36), "foot": (3, 12, 5280), "yard": (3, 36, 1760), "mile": (1760, 5280),
    "g": (1000,), "kg": (1000,), "oz": (16,), "pound": (16, 2000), "ml": (1000,), "l": (1000,),
    "cup": (2, 4, 16), "pint": (2, 4, 8), "quart": (2, 4), "gallon": (4, 8, 16),
    "cent": (100,), "dollar": (100,), "°": (), "mph": (), "kph": (),
    "pair": (2,), "score": (20,), "gross": (144,),
}  # fmt: skip
_ABBREVIATED = {"mile per hour": "mph", "km per hour": "kph", "kmh": "kph", "kmph": "kph", "euros": "euro"}
# Words after a number that make it something else than a quantity: `5 or more`, `101 base two`.
_NO_UNIT = (
    frozenset(
        """or and to by mod sqrt pi sin cos tan log ln if when is i x y z n k e than but not no nor neither
    greater least most under over above below beyond exceeding up upward upwards down between within
    almost nearly about around approximately approx roughly plus minus times divided multiplied multiple
    multiples half halves third thirds quarters double twice triple where unless except without other
    another better higher lower larger smaller bigger longer shorter maximum minimum maximal minimal
    through thru until till remainder factorial base binary octal hexadecimal modulo mille permille
    incorrect wrong false infinity infinite zero one two three four five six seven eight nine ten eleven
    twelve twenty thirty forty fifty hundreds thousands millions billions tens tenth tenths hundredth
    hundredths thousandth thousandths fourth fourths fifth fifths sixth sixths seventh sevenths eighth
    eighths ninth ninths bn mn mil""".split()
    )
    | frozenset(_MAGNITUDES)
    | NO_UNIT_WORDS
)
_SHORT_MAGNITUDES = frozenset("KMBT")
_NO_WORDS = re.compile(r"[\d=<>+*×±!:;&|]")
_POWER_WITHIN = re.compile(r"\^\s*\{?\s*[23]\s*\}?")
# A symbol whose first letter means another factor in the other case: mA, MHz.
_MILLI_OR_MEGA = re.compile(r"[mM][A-Z][a-z]?")
# Letters that may follow a number without being a variable, if a blank stands between.
_ONE_LETTER = frozenset("mgsLh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit read from the text after a number.

    Attributes:
        name: normalized ("%", "dollar", "cm^2", "person"), or "" for none.
        scale: what the written number is multiplied by (1/100 for percent, 10^6 for million).
        is_letter: it is one plain letter, and may be a variable.
    """

    name: str = ""
    scale: Fraction = Fraction(1)
    is_letter: bool = False

    @property
    def conversions(self) -> tuple[int, ...]:
        """Factors between this unit and others that its quantities are often stated in."""
        return _CONVERSIONS.get(self.name, ())


def read_unit(text: str) -> Unit | None:
    """The unit that is the whole `text`, or None if `text` is no unit. Blank text is the empty unit."""
    if not text.strip(" \\,;~"):
        return Unit()
    if match := _PERCENT.match(text):
        rest = text[match.end() :]
        if not rest.strip() or _is_words(rest):
            return Unit(name=PERCENT, scale=Fraction(1, 100))
        return None
    if match := _DEGREE.match(text):
        rest = plain_text(text[match.end() :])
        return Unit(name=DEGREE + rest.lower()) if rest in ("", "C", "F", "K") else None
    if match := _CURRENCY.fullmatch(text.rstrip()):
        return Unit(name=currency_name(match["sign"]))
    if not text.isascii() and (foreign := foreign_unit(text)) is not None:
        return Unit(name=foreign.name, scale=Fraction(foreign.scale))
    if not _is_words(text):
        return None
    unit = _named(text)
    return replace(unit, is_letter=True) if len(text.strip()) == 1 else unit


def unit_symbol(word: str) -> str:
    """The symbol of a unit that is called by its name or an abbreviation: `km` of `kilometers`."""
    return word if len(word) < 3 and word.lower() not in _ALIASES else _normalize_word(word)


def currency_name(sign: str) -> str:
    """The unit of an amount with this currency sign."""
    return {"€": "euro", "£": "£", "¥": "¥", "₹": "₹"}.get(sign.strip(" \\"), DOLLAR)


def _is_words(text: str) -> bool:
    """Whether `text` is words or `\\text{}` with an optional power, not variables or operators."""
    text = re.sub(r"^[-\s]+(?=[A-Za-z])", " ", text)
    if _changes_value(text):
        return False
    if match := _BOXED_WORDS.match(text):
        rest = text[match.end() :]
        power = _POWER.match(rest)
        return not (rest[power.end() :] if power else rest).strip()
    match = _BARE_WORDS.match(text)
    if match is None:
        return False
    rest = text[match.end() :]
    power = _POWER.match(rest)
    if (rest[power.end() :] if power else rest).strip():
        return False
    words = re.split(r"[\s/]+", match["words"])
    if len(words[0]) == 1:
        return bool(match["gap"]) and words[0] in _ONE_LETTER
    known = german_magnitude(words[0].lower()) is not None
    known = (
        known or _normalize_word(words[0]) in _CONVERSIONS or words[0].lower() in ("sq", "sq.", "cu", "cu.")
    )
    # `2xy` is a product and `2 apples` a count: an unknown word needs its blank and a vowel.
    return known or (bool(match["gap"]) and bool(re.search(r"[aeiouyAEIOUY]", words[0])))


def _changes_value(text: str) -> bool:
    """Whether words after a number say more than what is counted: a limit, a further number, an operation."""
    text = _POWER_WITHIN.sub("", plain_text(text))
    words = re.split(r"[^A-Za-z]+", text.strip())
    rest = words[1:] if words[0].lower() in _MAGNITUDES else words
    return (
        _NO_WORDS.search(text) is not None
        or words[0].lower() in ("squared", "cubed")
        or any(word.lower() in _NO_UNIT for word in rest)
        or not _SHORT_MAGNITUDES.isdisjoint(words)
    )


def _normalize_word(word: str) -> str:
    symbol = word.strip(".")
    word = symbol.lower()
    if (german := german_name(word)) is not None:
        return german
    if _MILLI_OR_MEGA.fullmatch(symbol) and word not in _CONVERSIONS:
        return symbol
    if len(word) > 2 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return _ALIASES.get(word, word)


def _named(text: str) -> Unit:
    power = ""
    if match := re.search(r"\^\s*\{?\s*([23])|([²³])", text):
        power = "^" + (match[1] or {"²": "2", "³": "3"}[match[2]])
        text = text[: match.start()] + re.sub(r"^[\s}]+", "", text[match.end() :])
    words = re.split(r"[\s-]+", plain_text(text).replace("/", " per ").strip(" -"))
    scale = Fraction(1)
    if words[0].lower() in _MAGNITUDES:
        scale = Fraction(_MAGNITUDES[words.pop(0).lower()])
    elif (magnitude := german_magnitude(words[0].lower())) is not None:
        scale = Fraction(magnitude)
        words.pop(0)
    for word, mark in (("square", "^2"), ("sq", "^2"), ("cubic", "^3"), ("squared", "^2"), ("cubed", "^3")):
        if word in (w.lower().strip(".") for w in words):
            words = [w for w in words if w.lower().strip(".") != word]
            power = mark
    name = " ".join(_normalize_word(word) for word in words if word)
    name = _ABBREVIATED.get(name, name)
    return Unit(name=name + power if name else "", scale=scale)
