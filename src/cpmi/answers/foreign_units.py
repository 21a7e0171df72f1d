"""What follows a number in Chinese, German and Arabic: units, counted things, words of magnitude."""

from __future__ import annotations

import re
from typing import NamedTuple

_GERMAN = {
    "stunde": "hour", "stunden": "hour", "std": "hour", "minuten": "minute", "sekunde": "second",
    "sekunden": "second", "tag": "day", "tage": "day", "tagen": "day", "woche": "week", "wochen": "week",
    "monat": "month", "monate": "month", "monaten": "month", "jahr": "year", "jahre": "year",
    "jahren": "year", "zentimeter": "cm", "quadratmeter": "m^2", "quadratzentimeter": "cm^2",
    "kubikmeter": "m^3", "kubikzentimeter": "cm^3", "gramm": "g", "kilogramm": "kg", "grad": "°",
    "kilometern": "km", "metern": "m", "millilitern": "ml", "personen": "person", "kinder": "child",
    "kindern": "child",
}  # fmt: skip
_CHINESE = {
    "块": "元", "块钱": "元", "元钱": "元", "人民币": "元", "美元": "dollar", "美分": "cent", "欧元": "euro",
    "厘米": "cm", "米": "m", "千米": "km", "公里": "km", "毫米": "mm", "平方米": "m^2", "平方厘米": "cm^2",
    "平方千米": "km^2", "平方公里": "km^2", "立方米": "m^3", "立方厘米": "cm^3", "千克": "kg", "公斤": "kg",
    "克": "g", "升": "l", "毫升": "ml", "小时": "hour", "个小时": "hour", "分钟": "minute", "分": "",
    "秒": "second", "秒钟": "second", "天": "day", "周": "week", "星期": "week", "个星期": "week",
    "个月": "month", "年": "year", "度": "°", "个": "", "人": "person", "个人": "person", "名": "",
}  # fmt: skip
_ARABIC = {
    "دولار": "dollar", "دولارات": "dollar", "يورو": "euro", "سم": "cm", "سنتيمتر": "cm", "متر": "m",
    "أمتار": "m", "امتار": "m", "كم": "km", "كيلومتر": "km", "كيلومترات": "km", "ملم": "mm",
    "كجم": "kg", "كغ": "kg", "كغم": "kg", "كيلوغرام": "kg", "كيلوجرام": "kg", "غرام": "g", "جرام": "g",
    "لتر": "l", "لترات": "l", "ساعة": "hour", "ساعات": "hour", "دقيقة": "minute", "دقائق": "minute",
    "ثانية": "second", "ثوان": "second", "ثواني": "second", "يوم": "day", "أيام": "day", "ايام": "day",
    "أسبوع": "week", "أسابيع": "week", "شهر": "month", "أشهر": "month", "سنة": "year", "سنوات": "year",
    "عام": "year", "أعوام": "year", "درجة": "°", "درجات": "°", "دراهم": "درهم", "دنانير": "دينار",
    "ريالات": "ريال", "جنيهات": "جنيه", "شخص": "person", "أشخاص": "person", "سم^2": "cm^2", "م^2": "m^2",
    "سم^3": "cm^3", "م^3": "m^3", "م": "m",
}  # fmt: skip
_MAGNITUDES = {
    "tausend": 10**3, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9, "billionen": 10**12,
    "mio": 10**6, "mrd": 10**9,
    "ألف": 10**3, "الف": 10**3, "آلاف": 10**3, "مليون": 10**6, "ملايين": 10**6, "مليار": 10**9,
    "مليارات": 10**9,
}  # fmt: skip
_CHINESE_MAGNITUDES = (("万亿", 10**12), ("千万", 10**7), ("百万", 10**6), ("十万", 10**5), ("亿", 10**8),
                       ("万", 10**4), ("千", 10**3), ("百", 10**2))  # fmt: skip
_HAN = re.compile(r"[\u3400-\u9fff]+(?:/[\u3400-\u9fff]+)?")
_LETTER = r"[A-Za-zÀ-ÖØ-öø-ÿ\u0620-\u064a\u066e-\u06d3]"
_WORDS = re.compile(rf"{_LETTER}+\.?(?:[ /-]{_LETTER}+\.?)*")
_ARABIC_LETTER = re.compile(r"[\u0620-\u06d3]")
_POWER = {"²": "^2", "³": "^3"}
# Words after a number that make it something else than a quantity.
_NO_UNIT_HAN = re.compile(r"[多余几半至到减加乘除或和不]|以上|以下|左右|分之|次方|进制")
NO_UNIT_WORDS = frozenset(
    "oder und bis plus mal geteilt mehr weniger als mindestens höchstens etwa ungefähr circa rund "
    "hälfte drittel viertel fünftel zehntel hundertstel hoch wurzel zu von prozentpunkte "
    "أو و من إلى الى على في أكثر أقل أكبر أصغر تقريبا حوالي نصف ضعف ضرب زائد ناقص مضروبا ثلث ربع".split()
)


class ForeignUnit(NamedTuple):
    """A unit's name as `cpmi.answers.units` has it, and what the number before it is multiplied by."""

    name: str
    scale: int = 1


def foreign_unit(text: str) -> ForeignUnit | None:
    """The unit that a text with letters beyond ASCII is; None if it is none."""
    has_gap = text[:1].isspace()
    text = text.strip()
    power = _POWER.get(text[-1:], "")
    words = text.rstrip("²³").strip()
    if _HAN.fullmatch(words):
        return None if power or _NO_UNIT_HAN.search(words) else _chinese(words)
    if not (has_gap or _ARABIC_LETTER.match(words)) or not _WORDS.fullmatch(words):
        return None
    if not NO_UNIT_WORDS.isdisjoint(re.split(r"[ /-]", words.lower())):
        return None
    scale, *rest = words.split(" ")
    magnitude = _MAGNITUDES.get(scale.lower().rstrip("."))
    if magnitude is not None:
        words = " ".join(rest)
    name = _arabic(words) if _ARABIC_LETTER.search(words) else words.lower().rstrip(".")
    return ForeignUnit(_ARABIC.get(name + power, name + power), magnitude or 1)


def german_name(word: str) -> str | None:
    """The name of a German unit in lower case; None if it is none that is known."""
    return _GERMAN.get(word)


def german_magnitude(word: str) -> int | None:
    """10^6 for `millionen`, in lower case; None for other words."""
    return _MAGNITUDES.get(word.rstrip("."))


def _chinese(words: str) -> ForeignUnit:
    if words in _CHINESE:
        return ForeignUnit(_CHINESE[words])
    for word, magnitude in _CHINESE_MAGNITUDES:
        if words.startswith(word):
            rest = words.removeprefix(word)
            return ForeignUnit(_CHINESE.get(rest, rest), magnitude)
    # A counted thing counts the same with its measure word and without.
    return ForeignUnit(words.removeprefix("个") if len(words) > 2 else words)


def _arabic(words: str) -> str:
    """Without the article and the ending of what is counted: `دينارا` is `دينار`."""
    names = []
    for word in words.split(" "):
        bare = word.removeprefix("ال") if len(word) > 4 else word
        bare = bare[:-1] if len(bare) > 3 and bare.endswith("ا") else bare
        names.append(_ARABIC.get(bare, bare))
    squares = {"مربع": "^2", "مربعة": "^2", "مكعب": "^3", "مكعبة": "^3"}
    if len(names) > 1 and names[-1] in squares:
        return " ".join(names[:-1]) + squares[names[-1]]
    return " ".join(names)
