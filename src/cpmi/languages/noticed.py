"""Notice by their script that texts are in a language that prompts are not."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable

from cpmi.languages.language import Language

_LATIN = re.compile(r"(?<![\\A-Za-z])[A-Za-z]")  # one for every word or name, none for a LaTeX command
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3]+")


class LanguageWarning(UserWarning):
    """Questions are in another language than the prompts, as their script says."""


def script_of(text: str) -> str:
    """ "zh" or "ar" where most words of a text are in Chinese or Arabic script, else ""."""
    if text.isascii():
        return ""
    latin = len(_LATIN.findall(text))
    # A Chinese word has about two characters; Japanese mixes them with its own.
    if len(_HAN.findall(text)) > 2 * latin and not _KANA.search(text):
        return "zh"
    return "ar" if len(_ARABIC.findall(text)) > latin else ""


def advice(questions: Iterable[str], language: Language) -> str:
    """Which option to give, where prompts are English and most questions visibly not; else ""."""
    if language.code != "en":
        return ""
    scripts = [script_of(question) for question in questions]
    for code, name in (("zh", "Chinese"), ("ar", "Arabic")):
        if 2 * scripts.count(code) > len(scripts):
            return (
                f"{scripts.count(code):,} of {len(scripts):,} questions are in {name} script, the prompts in "
                f"English: give --language {code}"
            )
    return ""


def warn_of_language(questions: Iterable[str], language: Language) -> None:
    """Warn, with a LanguageWarning, where there is `advice`."""
    if found := advice(questions, language):
        warnings.warn(found, LanguageWarning, stacklevel=2)
