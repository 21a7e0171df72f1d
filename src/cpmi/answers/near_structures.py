r"""Near misses of tuples, lists, sets, intervals, ratios and times."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from cpmi.answers.forms import Answer, Kind
from cpmi.answers.structures import is_infinite

NearMisses = Callable[[str], list[str]]

_PER_ENTRY = 6


def near_structures(answer: Answer, near: NearMisses) -> Iterator[str]:
    """Candidates for a structure, most plausible first; `near` gives those of an entry, and is asked once."""
    near = cache(near)
    if answer.kind is Kind.INTERVAL:
        yield from _near_intervals(answer, near)
        return
    texts = tuple(part.text for part in answer.parts)
    if answer.kind in (Kind.TUPLE, Kind.RATIO):
        yield answer.with_parts(texts[::-1])
        yield answer.with_parts(texts[1:] + texts[:1])
    flipped = tuple(_sign_flipped(part) for part in answer.parts)
    if answer.kind is not Kind.RATIO:
        for index, text in enumerate(flipped):
            if text is not None:
                yield answer.with_parts(_replaced(texts, index, text))
    for rank in range(_PER_ENTRY):
        for index, part in enumerate(answer.parts):
            options = near(part.text)
            if rank >= len(options) or (answer.kind is Kind.RATIO and options[rank].strip() == "0"):
                continue
            if answer.kind is Kind.TUPLE or options[rank] not in texts:
                yield answer.with_parts(_replaced(texts, index, options[rank]))
    if answer.kind in (Kind.LIST, Kind.SET) and len(texts) > 2:
        yield answer.with_parts(texts[:-1], (*answer.seams[:-2], answer.seams[-1]))


def _replaced(texts: tuple[str, ...], index: int, text: str) -> tuple[str, ...]:
    return (*texts[:index], text, *texts[index + 1 :])


def _sign_flipped(part: Answer) -> str | None:
    """The entry with its sign turned; None for zero and what has no one sign."""
    if part.quantity is not None and part.quantity.amount:
        core = part.quantity.write(-part.quantity.amount)
        return None if core is None else part.with_core(core)
    if part.root is not None:
        return part.with_core(part.core[1:] if part.root.negative else "-" + part.core)
    return None


def _near_intervals(answer: Answer, near: NearMisses) -> Iterator[str]:
    texts = tuple(part.text for part in answer.parts)
    for index, part in enumerate(answer.parts):
        if not is_infinite(part.core):
            yield answer.with_parts(texts, _toggled(answer.seams, index))
    if len(texts) == 2 and len({is_infinite(part.core) for part in answer.parts}) == 1:
        yield answer.with_parts(texts, _toggled(_toggled(answer.seams, 0), 1))
    if len(texts) == 2 and (mirrored := _mirrored(answer)):
        yield mirrored
    for index, part in enumerate(answer.parts):
        flipped = _sign_flipped(part)
        if flipped is not None:
            yield answer.with_parts(_replaced(texts, index, flipped))
    for rank in range(_PER_ENTRY):
        for index, part in enumerate(answer.parts):
            options = [] if is_infinite(part.core) else near(part.text)
            if rank < len(options):
                yield answer.with_parts(_replaced(texts, index, options[rank]))


def _toggled(seams: tuple[str, ...], index: int) -> tuple[str, ...]:
    """The bracket at endpoint `index` turned from open to closed or back."""
    place = index if index % 2 == 0 else index + 1
    before, after = ("([", "[(") if index % 2 == 0 else (")]", "])")
    table = str.maketrans(before, after)
    return (*seams[:place], seams[place].translate(table), *seams[place + 1 :])


def _mirrored(answer: Answer) -> str | None:
    r"""`(-\infty, 3]` for `[3, \infty)` and back: the inequality turned around."""
    first, second = answer.parts
    if is_infinite(first.core) == is_infinite(second.core):
        return None
    swap = str.maketrans("()[]", ")(][")
    if is_infinite(second.core):
        texts = ("-" + second.text.lstrip("+"), first.text)
    else:
        texts = (second.text, first.text.lstrip("-−"))
    # `\left(` and `\right)` keep their words; only the brackets change sides.
    seams = answer.seams
    opening = seams[0].translate(swap), seams[2].translate(swap)
    brackets = [re.sub(r"\\left|\\right", "", text).strip() for text in opening]
    left = seams[0].replace(brackets[0].translate(swap), brackets[1])
    right = seams[2].replace(brackets[1].translate(swap), brackets[0])
    return answer.with_parts(texts, (left, seams[1], right))


def near_times(answer: Answer) -> Iterator[str]:
    """Clock times an hour, some minutes or half a day off."""
    match = re.match(r"(\d{1,2})((?:\\!)?(?::|\{:\})(?:\\!)?)(\d\d)", answer.core)
    if match is None:
        return
    rest = answer.core[match.end() :]
    twelve = bool(rest.strip())
    width = len(match[1]) if match[1][0] == "0" else 1
    clock = int(match[1]) * 60 + int(match[3])
    for shift in (60, -60, 10, -10, 30, -30, 5, -5, 15, -15):
        moved = (clock + shift) % (12 * 60 if twelve else 24 * 60)
        hours, minutes = divmod(moved, 60)
        hours = 12 if twelve and hours == 0 else hours
        yield answer.with_core(f"{hours:0{width}d}{match[2]}{minutes:02d}{rest}")
    if twelve:
        turned = rest.translate(str.maketrans("aApP", "pPaA"))
        yield answer.with_core(match.group() + turned)
