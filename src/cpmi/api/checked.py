"""An input as it is understood, and the words for it: of `cpmi check`, a part in the first lines of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cpmi import numbers
from cpmi.data.formats.own import optional_fields
from cpmi.golds import LETTERS
from cpmi.shown import printable
from cpmi.types import Chain

_CUT = 300  # characters of a text
_SHOWN = 8  # steps of the first chain


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedChain:
    """One chain as it is understood.

    Attributes:
        chain: with its gold joined.
        answer: that it states; None if none was found.
        rule: by which it was found: "column", "option", "as_written" (the end of the chain, for the
            check `exact`), or a rule of `cpmi.answers.extract_answer`.
        outcome: "right", "wrong", "undecided" or "no gold".
    """

    chain: Chain
    answer: str | None
    rule: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is known of an input before a model is loaded.

    Attributes:
        source: as it was given.
        format: how its records are read.
        columns: which column is what, in words; "" for a known format.
        num_chains: chains that can be used.
        num_steps: their steps.
        steps: least, lower quartile, median, upper quartile and most steps of a chain; None without chains.
        outcomes: "right", "wrong", "undecided", "no gold" -> how many final answers.
        rejected: reason -> how many records or chains.
        examples: reason -> the first one, as a message.
        first: the first usable chain; None without any.
        warnings: what looks wrong, with counts.
    """

    source: str
    format: str
    columns: str
    num_chains: int
    num_steps: int
    steps: tuple[float, ...] | None
    outcomes: Mapping[str, int]
    rejected: Mapping[str, int]
    examples: Mapping[str, str]
    first: CheckedChain | None
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        """What `cpmi check` prints."""
        return "\n".join([lines(self), *(printable(f"! {sentence}") for sentence in self.warnings)])

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        first = self.first
        return {
            "source": self.source,
            "format": self.format,
            "columns": self.columns,
            "num_chains": self.num_chains,
            "num_steps": self.num_steps,
            "steps_per_chain": None if self.steps is None else list(self.steps),
            "final_answers": dict(self.outcomes),
            "rejected": dict(self.rejected),
            "examples": dict(self.examples),
            "first": None
            if first is None
            else {
                "id": first.chain.id,
                "question": first.chain.question,
                "steps": list(first.chain.steps),
                "answer": first.answer,
                "found_by": first.rule,
                "gold": first.chain.gold,
                **optional_fields(first.chain),
                "final_answer": first.outcome,
                "meta": dict(first.chain.meta),
            },
            "warnings": list(self.warnings),
        }


def lines(found: Checked) -> str:
    """What is shown, but for the warnings."""
    facts = numbers.aligned(_facts(found))
    chain = "" if found.first is None else f"\n\n{numbers.aligned(_chain(found.first))}"
    return printable(facts + chain)


def answer_facts(first: CheckedChain) -> list[tuple[str, str]]:
    """What a chain states, its gold, and whether they agree."""
    stated = "none found in the last step" if first.answer is None else f"{first.answer} (by {first.rule})"
    return [("stated answer", stated), *_compared_with(first)]


def _compared_with(first: CheckedChain) -> Iterator[tuple[str, str]]:
    """What there is to compare the stated answer with."""
    chain = first.chain
    if chain.options:
        shown = zip(LETTERS, chain.options, strict=False)
        yield "options", short("; ".join(f"{letter}. {text}" for letter, text in shown))
    if chain.gold is not None:
        yield "gold", f"{chain.gold}: the stated answer is {first.outcome}"
    elif chain.outcome is None:
        yield "gold", "none"
    if chain.outcome is not None:
        yield "outcome", "right" if chain.outcome else "wrong"
    for name, texts in (("other golds", chain.other_golds), ("wrong answers", chain.distractors)):
        if texts:
            yield name, short("; ".join(texts))


def short(text: str, most: int = _CUT) -> str:
    """The text in one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _facts(found: Checked) -> list[tuple[str, str]]:
    rows = [("input", found.source), ("format", found.format)]
    if found.columns:
        rows.append(("columns", found.columns))
    rows += [
        ("chains", f"{found.num_chains:,}, {numbers.plural(found.num_steps, 'step')}"),
        ("steps per chain", _spread(found)),
        ("final answers", _outcomes(found)),
        ("rejected", numbers.counts(found.rejected, "record")),
    ]
    return [*rows, *(("", f"first: {example}") for example in found.examples.values())]


def _outcomes(found: Checked) -> str:
    return numbers.listed([f"{count:,} {name}" for name, count in found.outcomes.items()]) or "none"


def _spread(found: Checked) -> str:
    if found.steps is None:
        return numbers.NOTHING
    least, low, median, high, most = found.steps
    return f"{least:g} to {most:g}, median {median:g}, half of them {low:g} to {high:g}"


def _chain(first: CheckedChain) -> list[tuple[str, str]]:
    chain = first.chain
    steps = [(f"step {index}", short(step)) for index, step in enumerate(chain.steps[:_SHOWN], start=1)]
    if len(chain.steps) > _SHOWN:
        steps.append(("", f"and {numbers.plural(len(chain.steps) - _SHOWN, 'more step')}"))
    return [
        ("first chain", chain.id),
        ("question", short(chain.question)),
        *steps,
        *answer_facts(first),
        *([("meta", ", ".join(chain.meta))] if chain.meta else []),
    ]
