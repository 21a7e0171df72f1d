"""Tell a dot that ends a sentence from that of an abbreviation, an initial or an ordinal number."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Something always follows these.
_NEVER_LAST = _words(
    "e.g i.e eg ie vs cf viz approx ca resp incl excl w.r.t i.i.d s.t u.s u.k a.k.a ph.d max avg est dept "
    "z.b d.h u.a o.ä u.ä i.d.r z.t u.u i.a s.o s.u o.b.d.a bzw vgl sog ggf evtl inkl exkl bspw insb bes "
    "entspr mind mio mrd tsd jhd gem lt zzgl abzgl p.ej p.ex c.-à-d"
)
_TITLES = _words("Mr Mrs Ms Dr Prof St Hr Fr Gen Col Capt Lt Sgt Rev Hon Mt Mme Mlle Sra Dipl Ing")
_LETTERS = "دأ"  # Dr. and Prof.
# A number, a letter or a formula follows these.
_BEFORE_LABEL = _words(
    "fig figs eq eqs eqn eqns sec sect ch chap vol art thm lem def prop cor tab app abb gl gln kap aufg"
)
# A number or a formula follows these; else they are words at the end of a sentence.
_BEFORE_NUMBER = _BEFORE_LABEL | _words(
    "no nos p pp ex al ed nr s bd abs bsp ziff tel str "
    "jan feb mar apr jun jul aug sep sept oct nov dec ft yd mi lb lbs oz hr hrs min std"
)
_NUMBER_FOLLOWS = re.compile(r"\(?\d|\\\(|\$|#\d|[IVX]+\b")
_LABEL_FOLLOWS = re.compile(r"\(?[A-Z]\b(?!['’])")
_LABELED = _words(
    "option options choice choices answer point points angle set sets case figure line part step vertex "
    "node team player person box bag event circle side theorem group type class section statement letter "
    "matrix room column row city town graph region area plane machine train car company method punkt fall "
    "menge antwort winkel seite figur gruppe ecke strecke aussage"
)
_ORDINAL_FOLLOWS = re.compile(
    r"(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jahrhundert)\b"
)
_BEFORE_ORDINAL = re.compile(
    r"\b(?:der|die|das|des|dem|den|am|im|vom|zum|zur|beim|ins|ein|eine|einen|einem|einer|jeder|jede|jedes|jeden|"
    r"jedem|dieser|diese|dieses|diesem|diesen)\s+\d{1,2}\Z",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?:\.[^\W\d_]+)*\Z")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[^\S\n]+\Z")
_LETTER_AND_DOT = re.compile(r"[^\W\d_]\.")
_LETTER_BEFORE = re.compile(r"(?<![^\W_])[^\W\d_]\.\s?\Z")
_SENTENCE_BEFORE = re.compile(r"""(?:\A|[.!?:]["”’)*]*\s|[。！？：，；、\n])\s*\Z""")
_REACH = 24  # characters that are looked at before a dot


def dot_of_abbreviation(text: str, dot: int, following: int) -> bool:
    """Whether the dot at `dot` belongs to the word before it, if the text goes on at `following`."""
    before = text[max(0, dot - _REACH) : dot]
    match = _LAST_WORD.search(before)
    if match is None:
        ordinal = before[-1:].isdecimal() and text[following : following + 1].isalpha()
        return ordinal and bool(_ORDINAL_FOLLOWS.match(text, following) or _BEFORE_ORDINAL.search(before))
    word = match.group()
    if len(word) == 1:
        return _is_initial(word, before[: match.start()], text, following, at_begin=dot < _REACH)
    if word.lower() in _NEVER_LAST or word in _TITLES:
        return True
    if word.lower() in _BEFORE_LABEL and _LABEL_FOLLOWS.match(text, following):
        return True
    before_number = word.lower() in _BEFORE_NUMBER or word.endswith("str")
    return before_number and bool(_NUMBER_FOLLOWS.match(text, following))


def _is_initial(letter: str, before: str, text: str, following: int, *, at_begin: bool) -> bool:
    """Whether a letter is an initial ("J. Smith") or half an abbreviation ("z. B."), not a variable."""
    word = _WORD_BEFORE.search(before)
    if letter.isupper() and word is not None and word.group(1).lower() in _LABELED:
        return False
    if _LETTER_AND_DOT.match(text, following) or _LETTER_BEFORE.search(before):
        return True
    if letter.lower() in _BEFORE_NUMBER and _NUMBER_FOLLOWS.match(text, following):
        return True
    if letter in _LETTERS:
        return True
    if not letter.isupper() or not text[following : following + 1].isalpha():
        return False
    if word is None:
        return bool(_SENTENCE_BEFORE.search(before)) and (bool(before) or at_begin)
    return word.group(1)[:1].isupper()
