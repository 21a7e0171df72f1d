"""Notice by their script that texts are in a language that prompts are not."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping

from cpmi.languages.language import Language

_LATIN = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")  # words; no letter of a formula, no LaTeX command
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


def advice(scripts: Mapping[str, int]) -> str:
    """Which option to give, where most questions are in another script than English prompts; else "".

    Args:
        scripts: how many questions are in every script, by `script_of`.
    """
    num = sum(scripts.values())
    for code, name in (("zh", "Chinese"), ("ar", "Arabic")):
        if 2 * (found := scripts.get(code, 0)) > num:
            return (
                f"{found:,} of {num:,} questions are in {name} script, and prompts are English by default: "
                f"give --language {code}"
            )
    return ""


def warn_of_language(questions: Iterable[str], language: Language) -> None:
    """Warn, with a LanguageWarning, where prompts are English and there is `advice`."""
    if language.code == "en" and (found := advice(Counter(map(script_of, questions)))):
        warnings.warn(found, LanguageWarning, stacklevel=2)
