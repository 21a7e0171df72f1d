"""What announces an answer in Chinese, German and Arabic, in texts that `readable` has made."""

from __future__ import annotations

import re

_LINE = r"^[ \t>*\#-]*"
_STARS = r"\s?\*{0,2}\s?"

_ZH_FINAL = r"(?:(?:最终|最后|正确|标准|参考)的?)?"
_ZH_IS = r"(?:就是|应该是|应该为|应当是|应当为|应是|应为|等于|是|为|=|:)"
# `答案是多少` asks; `答案是：否` answers.
_ZH_ASKS = r"(?!\s?(?:多少|什么|怎|几|不是|不对|否(?![\s.。]*(?:\n|\Z))))"
_CHINESE = re.compile(
    rf"(?P<answer_heading>^[ \t]*\#{{1,6}}\s?{_ZH_FINAL}答案\s?:?\s?$)"
    rf"|(?P<answer_line>{_LINE}(?:【{_ZH_FINAL}答案】\s?:?|{_ZH_FINAL}(?:答案|答){_STARS}:))"
    rf"|(?P<the_answer_is>{_ZH_FINAL}答案{_STARS}{_ZH_IS}\s?:?{_ZH_ASKS}|(?:最终|最后)的?结果{_STARS}{_ZH_IS}\s?:?{_ZH_ASKS}"
    rf"|正确的?选项{_STARS}{_ZH_IS}\s?:?"
    rf"|(?:故|因此|所以|应该|应|答案)[, ]*选择?{_STARS}[是为]?\s?:?(?=\s?\*{{0,2}}\(?[A-H]))"
    rf"|(?P<last_result>结果{_STARS}{_ZH_IS}\s?:?)",
    re.M,
)

_DE_FINAL = r"(?:(?:endgültige|finale|abschließende|korrekte|richtige|gesuchte)[nrs]?\s)?"
_DE_ANSWER = rf"{_DE_FINAL}(?:antwort(?:satz)?|endergebnis|endantwort)\b(?:\sauf\sdie\s(?:frage|aufgabe))?"
_DE_SO = r"(?:\s(?:also|daher|somit|damit|demnach|folglich|nun))?"
_DE_IS = r"(?:ist|sind|lautet|lauten|beträgt|wäre)"
_GERMAN = re.compile(
    rf"(?P<answer_heading>^[ \t]*\#{{1,6}}\s?{_DE_FINAL}(?:antwort|endergebnis|ergebnis)\s?:?\s?$)"
    rf"|(?P<answer_line>{_LINE}(?:die\s|das\s)?(?:{_DE_ANSWER}|ergebnis){_STARS}:)"
    rf"|(?P<is_the_answer>\s{_DE_IS}{_DE_SO}\s(?:die|das|unsere?)\s(?:{_DE_ANSWER}|ergebnis|lösung)(?=[.!\n]|\s*\Z))"
    rf"|(?P<the_answer_is>\b{_DE_ANSWER}(?:{_STARS}[=:]|\*{{0,2}}\s{_DE_IS}\b{_DE_SO}\s?:?)"
    rf"|\b{_DE_IS}{_DE_SO}\s(?:die|das|unsere?)\s{_DE_ANSWER}{_DE_SO}\s?:?"
    rf"|\brichtige\s(?:option|auswahl)\s(?:ist|lautet)\s?:?"
    r"|\brichtig\sist\s(?:also\s|daher\s|somit\s)?(?:die\s)?(?:antwort|option|möglichkeit)\s?:?(?=\s\*{0,2}\(?(?-i:[A-H])\b))"
    rf"|(?P<last_result>\b(?:ergebnis|lösung|lösungsmenge)\b\*{{0,2}}\s{_DE_IS}\b{_DE_SO}\s?:?"
    rf"|\b{_DE_IS}{_DE_SO}\s(?:das|die)\s(?:gesuchte\s)?(?:ergebnis|lösung|lösungsmenge)\b\s?:?)",
    re.M | re.I,
)

_AR_FINAL = r"(?:\s(?:النهائية?|الصحيحة?|الأخيرة?|المطلوبة?))?"
_AR_ANSWER = rf"(?:الجواب|ال[إا]جابة){_AR_FINAL}"
_AR_RESULT = r"(?:الناتج|النتيجة)\sالنهائية?"
_AR_IS = r"(?:هو|هي|يساوي|تساوي|=|:)"
_ARABIC = re.compile(
    rf"(?P<answer_heading>^[ \t]*\#{{1,6}}\s?{_AR_ANSWER}\s?:?\s?$)"
    rf"|(?P<answer_line>{_LINE}(?:{_AR_ANSWER}|{_AR_RESULT}){_STARS}:)"
    rf"|(?P<the_answer_is>(?:{_AR_ANSWER}|{_AR_RESULT}|الخيار\sالصحيح){_STARS}{_AR_IS}\s?:?)"
    rf"|(?P<last_result>(?:الناتج|النتيجة|الحل){_STARS}(?:هو|هي|يساوي|تساوي)\s?:?)",
    re.M,
)

# What the announcements of a language contain, found fast.
_LANGUAGES = (
    (re.compile(r"答|结果|选"), _CHINESE),
    (re.compile(r"[Aa]ntwort|[Ee]rgebnis|[Ll]ösung|[Rr]ichtig"), _GERMAN),
    (re.compile(r"جواب|جابة|ناتج|نتيجة|خيار|الحل"), _ARABIC),
)
FINAL = re.compile(r"final|最终|最后|end(?:g|erg|ant)|نهائي", re.I)
"""An announcement with it announces the final answer."""

CHECK = re.compile(r"(?:检查|检验|验证|核对|验算)(?:一下)?\s*\Z")
"""What is before an announcement that only checks an answer."""


def announcements(text: str, start: int = 0) -> list[re.Match[str]]:
    """The announcements from `start` on, named by their groups as those of English.

    A `last_result` is an announcement only in the last line of a text: `das Ergebnis ist 7` is said of steps
    as well.
    """
    found: list[re.Match[str]] = []
    for cue, pattern in _LANGUAGES:
        first = cue.search(text, start)
        if first is not None:
            # As much before the cue as an announcement has there, in its line.
            begin = max(start, text.rfind("\n", 0, first.start()) + 1)
            found.extend(pattern.finditer(text, begin))
    return found
