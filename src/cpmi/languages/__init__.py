"""What cpmi says to a model, one file per language."""

from typing import Literal, get_args

from cpmi.languages.arabic import ARABIC
from cpmi.languages.chinese import CHINESE
from cpmi.languages.english import ENGLISH
from cpmi.languages.german import GERMAN
from cpmi.languages.language import Judgment, Language

LanguageCode = Literal["en", "zh", "de", "ar"]

LANGUAGES = {language.code: language for language in (ENGLISH, CHINESE, GERMAN, ARABIC)}
"""By their codes, those of `LanguageCode`."""

assert tuple(LANGUAGES) == get_args(LanguageCode)

__all__ = ["ARABIC", "CHINESE", "ENGLISH", "GERMAN", "LANGUAGES", "Judgment", "Language", "LanguageCode"]
