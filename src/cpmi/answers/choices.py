"""Answers to a multiple choice as letters: "(B)", "B. Paris", "option B" and "Paris" are all B."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cpmi.answers.exact import compare_exactly
from cpmi.answers.extract import BY_PLACE, extract_answer
from cpmi.answers.latex import unwrap
from cpmi.answers.prose import first_sentence
from cpmi.answers.verdicts import DIFFERENT, SAME, undecided
from cpmi.answers.words import normalize_words
from cpmi.golds import LETTERS
from cpmi.types import Relation, Verdict

_SURELY = r"(?:(?:clearly|obviously|definitely|certainly|surely|indeed|simply|thus|therefore)\s+)?"
_NOUN = r"(?:option|choice|answer|antwort|möglichkeit)"
_WORDS = rf"{_SURELY}(?:(?:the\s+)?(?:correct\s+)?{_NOUN}\s+(?:is\s+)?)?{_SURELY}"
_ALONE = re.compile(rf"{_WORDS}[(\[]?\s*([A-Za-z])\s*[)\]]?\s*[.:]?", re.IGNORECASE)
_BEFORE_TEXT = re.compile(r"(?:[(\[]\s*([A-Za-z])\s*[)\]]|([A-Za-z])\s*[).:])[\s:.–-]*(?=\S)", re.DOTALL)
_IS_CHOSEN = re.compile(
    r"\b(?:(?i:choose|pick|select|option|choice|answer)(?i:\s+is|:)?)\s+\**[(\[]?([A-Z])[)\]]?(?=[\s.,;:*]|$)"
)
_LETTER = r"[(\[]?(?-i:([A-Z]))[)\]]?"
_SEVERAL = re.compile(
    rf"\b(?:answers?(?:\s+(?:is|are))?|(?:choices?|options?)\s+(?:is|are))\s*:?\s*\**\s*{_LETTER}"
    rf"(?:,?\s*(?:\bor\b|\band\b|&|/)|,|\?\s*no,?)\s*{_LETTER}(?![\w'])",
    re.IGNORECASE,
)
_ONE = re.compile(rf"\banswer(?:\s+is)?\s*:?\s*\**\s*{_LETTER}(?![\w'])", re.IGNORECASE)
_ANSWER_LINE = re.compile(
    rf"^\W*(?:the\s+)?(?:final\s+|correct\s+)?(?:answer|choice)\s*(?:is\b|:)\s*:?\s*\**{_LETTER}(?=[\s.,;:*]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_IS_RIGHT = re.compile(
    r"(?<![\w'])[(\[]?([A-Z])[)\]]?\**\s+(?i:is)\s+(?i:the\s+)?(?i:right|correct|answer|best)\b"
)
_RULES_OUT = re.compile(
    r"\b(?:not|nor|never|cannot|wrong|incorrect|except|eliminat\w+|rul\w+ out|unlike)\b|n['’]t\b",
    re.IGNORECASE,
)
_ENDING = re.compile(
    rf".*\b(?:is|are|be)\b:?\s+{_SURELY}([^\n]{{1,200}})$"
)  # the last "is" of a line, and what follows
_FONT = re.compile(r"\\(?:text|textbf|textrm|textit|textnormal|mathrm|mathbf|mathit|mbox|bf)\s*\{([^{}]*)\}")
# The letters of options in Arabic, in their order: (أ), (ب), (ج), (د), (هـ), (و); a word is none.
_ARABIC = re.compile(r"\A[(\[]?\s*([أابجدهو])ـ?\s*(?:[)\]][.:]?|\Z)")
_LATIN = {"أ": "A", "ا": "A", "ب": "B", "ج": "C", "د": "D", "ه": "E", "و": "F"}
_TWO_WITH_TEXTS = re.compile(r"\W{0,9}\(([A-Z])\)[^.\n]{0,80}?\b(?:or|and)\s+\(([A-Z])\)")
_IN_BRACKETS = re.compile(r"[(\[]\s*([A-Z])\s*[)\]]")
_MAX_LINE = 400
_MAX_LONGER = 200  # characters that a number may be written in more than the option's


def letter_alone(text: str) -> str | None:
    """The letter that an answer is, upper case: of "(b)", "B.", "option B" and the like; else None."""
    found = _ALONE.fullmatch(_bare(text))
    return found[1].upper() if found else None


def _bare(text: str) -> str:
    """An answer without what is around it: stars, dollars, a font, in which Arabic letters are Latin ones."""
    core = unwrap(text).core.strip().strip("*").strip()
    if "\\" in core:
        core = _FONT.sub(r"\1", core).replace("\\ ", " ").strip()
    return _ARABIC.sub(lambda found: f"({_LATIN[found[1]]})", core)


def letter_of(text: str, options: Sequence[str]) -> str | None:
    """The letter of the option that an answer names, by its letter, its text or both.

    None where it names none, where letter and text disagree, and where it could be two: a text that two
    options have, or a letter that is the text of another option.
    """
    letters = LETTERS[: len(options)]
    core = _bare(text)
    named = _BEFORE_TEXT.match(core)
    letter = (named[1] or named[2]).upper() if named else ""
    if named and letter in letters and not any(_are_same_words(core, option) for option in options):
        found = letters_of_text(core[named.end() :], options)
        agrees = found == {letter} or _begins_with(core[named.end() :], options[letters.index(letter)])
        return letter if agrees else None
    found = letters_of_text(core, options) | letters_of_text(unwrap(text).core, options)
    if (alone := letter_alone(core)) is not None and alone in letters:
        found.add(alone)
    return found.pop() if len(found) == 1 else None


def letter_or_text(answer: str, options: Sequence[str]) -> str:
    """The letter of the option that an answer names; the answer itself where it names none."""
    return (letter_of(answer, options) if options else None) or answer


def letters_of_text(text: str, options: Sequence[str]) -> set[str]:
    """The letters of the options that have this text."""
    return {letter for letter, option in zip(LETTERS, options, strict=False) if _is_same(text, option)}


def stated_choice(text: str, options: Sequence[str]) -> str | None:
    """The letter of the option that a text states as its answer, or an answer that is none of the options.

    Several letters ("B or C") are none. It is what is announced, else the last line if that is an option,
    else a letter that is chosen in it ("so I choose (B)"), else what it ends with ("so it is Paris"). None if
    the text states no answer.
    """
    letters = LETTERS[: len(options)]
    for several in _SEVERAL.finditer(text):
        settled_later = _ONE.search(text, several.end()) is not None
        if several[1] != several[2] and {several[1], several[2]} <= set(letters) and not settled_later:
            return several.group()
    lines = [line.strip() for line in text.strip().splitlines()]
    if lines and (both := _TWO_WITH_TEXTS.match(lines[-1])) and both[1] != both[2]:
        return lines[-1]
    found = extract_answer(text)
    if found is not None and found.rule in BY_PLACE:
        announced: set[str] = set(_ANSWER_LINE.findall(text)) & set(letters)
        if len(announced) == 1:
            return announced.pop()
    tried = [lines[-1]] if lines else []
    if found is not None:
        tried.insert(0 if found.rule not in BY_PLACE else len(tried), found.text)
    if (found is None or found.rule in BY_PLACE) and (letter := _named_once(lines, options)):
        # `(B) 11`, and a remark on another one.
        tried.insert(0, letter)
    for answer in tried:
        if (letter := letter_of(answer, options)) is not None:
            return letter
    letter = _chosen(lines[-1], options) if lines else None
    return letter or (None if found is None else found.text)


def _named_once(lines: Sequence[str], options: Sequence[str]) -> str | None:
    """The one letter that lines begin with together with its text, `(B) 11`; of a list of options, none."""
    found: str | None = None
    for line in dict.fromkeys(lines):
        if _BEFORE_TEXT.match(_bare(line[:_MAX_LINE])):
            sentence = first_sentence(line[:_MAX_LINE])
            several = len(set(_IN_BRACKETS.findall(sentence))) > 1
            letter = None if several else letter_of(sentence, options)
            if letter is None or found not in (None, letter):
                return None
            found = letter
    return found


def _chosen(line: str, options: Sequence[str]) -> str | None:
    """The letter that a line chooses in words, if it is one; of a line that rules something out, none."""
    if _RULES_OUT.search(line):
        return None
    letters = LETTERS[: len(options)]
    found = {letter for rule in (_IS_CHOSEN, _IS_RIGHT) for letter in rule.findall(line) if letter in letters}
    if not found and (ending := _ENDING.match(line)):
        found = {letter_of(ending[1], options) or ""}
    return found.pop() or None if len(found) == 1 else None


def compare_choices(first: str, second: str) -> Verdict:
    """The comparison `choice`: letters are SAME or DIFFERENT; what is no letter is UNDECIDED."""
    letters = letter_alone(first), letter_alone(second)
    if None in letters:
        return undecided("not a letter of a choice")
    return SAME if letters[0] == letters[1] else DIFFERENT


def _is_same(text: str, option: str) -> bool:
    """Whether an answer is the text of an option, or the same number."""
    if _are_same_words(text, option):
        return True
    if len(text) > len(option) + _MAX_LONGER:
        return False
    verdict = compare_exactly(text, option)
    return verdict is not None and verdict.relation is Relation.SAME


def _are_same_words(text: str, option: str) -> bool:
    """Letter by letter, but for case, an article and a final period."""
    return normalize_words(text) == normalize_words(option)


def _begins_with(text: str, option: str) -> bool:
    words, wanted = normalize_words(text), normalize_words(option)
    return bool(wanted) and re.match(rf"{re.escape(wanted)}(?!\w)", words) is not None
