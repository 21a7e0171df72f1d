"""A labeled chain as text: every step with its label, from red for low to green for high.

It says the same without color, and fits into 80 columns.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from cpmi.runs.table import LabeledChain
from cpmi.shown import in_line, printable
from cpmi.types import Rating, StepLabels

_RED, _GRAY, _GREEN = (214, 72, 60), (150, 150, 150), (64, 168, 84)
_RATING_MARKS = {
    Rating.RIGHT: "✓ right",
    Rating.NEUTRAL: "· neutral",
    Rating.WRONG: "✗ wrong",
    Rating.NOT_JUDGED: "not judged",
}
_MARK_TEXTS = {"mentions_gold": "prints the gold", "mentions_candidate": "prints a candidate"}


def show_chain(console: Console, row: LabeledChain) -> None:
    """Print the chain: head, question, candidates, then step by step, counted from 1."""
    chain, labels = row.chain, row.labels
    console.print(Text(in_line(chain.id), style="bold"), Text(f"by {labels.method}, {_cost(labels)}", "dim"))
    console.print()
    _print_indented(console, chain.question, indent=2)
    console.print()
    for name, answer in (("gold", chain.gold), ("chain's answer", chain.answer)):
        if answer is not None:
            console.print(f"{name}: {in_line(answer)}")
    if labels.candidates:
        console.print(
            "candidates: " + ", ".join(f"{in_line(c.text)} ({c.origin.value})" for c in labels.candidates)
        )
    if labels.rejected_candidates:
        refused = ", ".join(f"{reason} {count}" for reason, count in labels.rejected_candidates.items())
        console.print(Text(f"refused as candidates: {refused}", "dim"))
    console.print()
    console.print(Text(f"step  label in {labels.unit}", "dim"))
    for index, step in enumerate(chain.steps):
        rating = None if chain.ratings is None else chain.ratings[index]
        _show_step(console, index, step, labels, rating)


def _show_step(console: Console, index: int, step: str, labels: StepLabels, rating: Rating | None) -> None:
    value = labels.values[index]
    color = color_of(value, labels.values)
    head = Text(f"{index + 1:>4}  ")
    head.append("none" if value is None else f"{value:+.3f}", style=f"bold {color}")
    notes = [] if rating is None else [_RATING_MARKS[rating]]
    notes += [
        text for name, text in _MARK_TEXTS.items() if labels.marks.get(name, ())[index : index + 1] == (True,)
    ]
    if index in labels.abstained:
        notes.append(f"abstained: {labels.abstained[index]}")
    if notes:
        head.append("  " + ", ".join(notes), style="dim")
    console.print(head)
    _print_indented(console, step, indent=6, style=color)


def _print_indented(console: Console, text: str, *, indent: int, style: str = "") -> None:
    for line in Text(printable(text.strip()), style=style).wrap(console, console.width - indent):
        line.rstrip()
        console.print(Text(" " * indent) + line)


def color_of(value: float | None, values: tuple[float | None, ...]) -> str:
    """The color of a label among those of its chain: 0 is gray, the largest in size is pure red or green."""
    scale = max((abs(other) for other in values if other is not None), default=0.0)
    if value is None or not scale:
        return "rgb({},{},{})".format(*_GRAY)
    end = _GREEN if value > 0 else _RED
    share = abs(value) / scale
    mixed = [round(gray + share * (pure - gray)) for gray, pure in zip(_GRAY, end, strict=True)]
    return "rgb({},{},{})".format(*mixed)


def _cost(labels: StepLabels) -> str:
    usage = labels.usage
    return f"{usage.computed_tokens:,} computed tokens, {usage.generated_tokens:,} generated"
