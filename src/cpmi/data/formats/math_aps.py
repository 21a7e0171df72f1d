"""MATH-APS, flat: the visited prefixes of a problem's search tree, each with a success rate.

A prefix is the question and the steps so far, as one text; the question alone is the first. One chain
comes of each prefix that no other extends. Its steps are the differences from each prefix to the next
longer one, to the character, so that `question + "".join(steps)` is the prefix again; its values are the
success rates after each step. Where one prefix stands several times with different rates, it is reported
and its value is None.

Source: Luo et al., "Improve Mathematical Reasoning in Language Models by Automated Process Supervision"
(arXiv 2406.06592); the form of github.com/openreasoner/openr.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.record import RawRecord, describe
from cpmi.errors import RecordError
from cpmi.types import Chain


def _recognize(fields: Mapping[str, object]) -> bool:
    return {"question", "final_answer"} <= fields.keys() and isinstance(fields.get("reasoning_steps"), list)


def _read_record(record: RawRecord) -> Iterator[ReadOutcome]:
    base_id = f"math_aps-{record.stem}-{record.index}"
    record = record.named(base_id)
    question, gold = record.text("question"), record.text("final_answer")
    rates: dict[str, list[float]] = {}
    for visit in record.objects("reasoning_steps"):
        prefix = visit.text("solution_prefix")
        if not prefix.startswith(question):
            raise visit.error(
                "the prefix does not begin with the question",
                got=describe(prefix),
                expected=describe(question),
            )
        rates.setdefault(prefix, []).append(success_rate(visit))
    for prefix, found in rates.items():
        if len(set(found)) > 1:
            yield record.error(
                "one prefix has several success rates",
                got=f"{', '.join(map(str, found))} for {describe(prefix[-40:])}",
                expected="one rate a prefix",
            )
    for number, chain in enumerate(_chains(rates, question)):
        try:
            yield Chain(
                id=f"{base_id}/{number}",
                question=question,
                steps=tuple(
                    longer[len(shorter) :] for shorter, longer in zip((question, *chain), chain, strict=False)
                ),
                gold=gold,
                values=tuple(rates[prefix][0] if len(set(rates[prefix])) == 1 else None for prefix in chain),
                source=record.source,
            )
        except RecordError as error:  # the other chains are fine
            yield error


def success_rate(record: RawRecord) -> float:
    """The `mc_value` of a prefix.

    Raises:
        RecordError: it is missing or no number from 0 to 1.
    """
    rate = record.number("mc_value")
    if not 0 <= rate <= 1:
        raise record.wrong("mc_value", rate, "a number from 0 to 1")
    return rate


def _chains(rates: Mapping[str, object], question: str) -> Iterator[tuple[str, ...]]:
    """For each prefix that no other extends, the prefixes on the way to it, in order of the input."""
    way_to: dict[str, tuple[str, ...]] = {}
    extended: set[str] = set()
    way: tuple[str, ...] = ()
    # In sorted order every text comes after its prefixes and before anything that is not its extension.
    for prefix in sorted(rates):
        while way and not prefix.startswith(way[-1]):
            way = way[:-1]
        extended.update(way[-1:])
        if prefix != question:
            way = (*way, prefix)
            way_to[prefix] = way
    for prefix in rates:
        if prefix in way_to and prefix not in extended:
            yield way_to[prefix]


MATH_APS = Format(
    name="math_aps",
    summary="MATH-APS, flat: question, final_answer, reasoning_steps = list of {solution_prefix, mc_value}",
    recognize=_recognize,
    read=each(_read_record),
)
