"""What an evaluation shows and what it does not, as plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cpmi import numbers
from cpmi.evaluate.costs import MONTE_CARLO
from cpmi.evaluate.result import Cost, Difference, Estimate, EvaluationRow, Ground

FEW_WRONG = 100
_MANY_UNDECIDED = 0.1


def format_estimate(estimate: Estimate, *, signed: bool = False) -> str:
    """`0.58 [0.55, 0.61]`; differences with sign and three digits; "none" without a value."""
    if estimate.value is None:
        return "none"
    return _said(estimate, 1, 3 if signed else 2, signed=signed)


def format_percent(estimate: Estimate | None, *, interval: bool = True, signed: bool = False) -> str:
    """`58.1 [55.0, 61.2]`, in percent; differences with sign; a dash without a value."""
    if estimate is None or estimate.value is None:
        return numbers.NOTHING
    return _said(estimate if interval else replace(estimate, low=None), 100, 1, signed=signed)


def _said(estimate: Estimate, scale: float, digits: int, *, signed: bool) -> str:
    value, low, high = (
        None if number is None else scale * number for number in (estimate.value, estimate.low, estimate.high)
    )
    text = numbers.signed(value, digits) if signed else numbers.decimal(value, digits)
    return f"{text} {numbers.interval(low, high, digits, plus=signed)}".strip()


def find(
    rows: Sequence[EvaluationRow], differences: Sequence[Difference], monte_carlo: str | None
) -> tuple[str, ...]:
    """For every label: what it adds to the combined baseline, and how it stands to Monte Carlo.

    Args:
        rows: all rows.
        differences: every pair of labels.
        monte_carlo: name of the row of the Monte Carlo run, if there is one.
    """
    sentences = []
    for row in rows:
        if row.kind != "label":
            continue
        sentences.append(f"{row.name}: {_gain_sentence(row)}")
        if monte_carlo is not None and row.name != monte_carlo:
            against = _against(row.name, monte_carlo, differences)
            sentences.append(f"{row.name} against {monte_carlo}: {against}{_price(row.cost)}.")
    return tuple(sentences)


def marked(row: EvaluationRow) -> str:
    """A row's name, with a star where it uses final-answer correctness."""
    return f"{row.name} *" if row.knows_answer else row.name


def warn(ground: Ground, rows: Sequence[EvaluationRow], fit_notes: Sequence[str]) -> tuple[str, ...]:
    """Why the numbers prove less than they seem to."""
    warnings = []
    told = [row.name for row in rows if row.kind == "label" and row.knows_answer]
    if told:
        verb = "uses" if len(told) == 1 else "use"
        warnings.append(
            f"{', '.join(told)} {verb} final-answer correctness, and rows without * do not: their "
            "first-error accuracy and F1 compare with other rows marked * and with gated F1 only."
        )
    if ground.num_wrong < FEW_WRONG:
        warnings.append(
            f"Only {ground.num_wrong} wrong chains: the intervals are wide and themselves uncertain. A claim "
            "about a label needs hundreds of wrong chains; this few can find a bug, not a better method."
        )
    if not ground.num_right:
        warnings.append("There is no right chain, so no first-error F1.")
    if not ground.num_pairs:
        warnings.append("No two wrong chains have first errors at different places, so no concordance.")
    if ground.num_answers_undecided > _MANY_UNDECIDED * ground.num_chains:
        reasons = "; ".join(f"{reason}: {count}" for reason, count in ground.answers_undecided.items())
        warnings.append(
            f"{ground.num_answers_undecided} of {ground.num_chains} final answers are undecided ({reasons}), "
            "which weakens the gated F1 and the row `outcome`."
        )
    warnings += [f"Fitting in {note}." for note in fit_notes]
    return tuple(warnings)


def monte_carlo_row(names: Sequence[str], methods: Sequence[str]) -> str | None:
    """Name of the first row whose method is Monte Carlo."""
    return next((n for n, method in zip(names, methods, strict=True) if method == MONTE_CARLO), None)


def _gain_sentence(row: EvaluationRow) -> str:
    if row.gain is None or row.gain.concordance.value is None:
        reason = "it is no label" if row.gain is None else row.gain.concordance.note
        return f"what it adds to the combined baseline cannot be said ({reason})."
    gain = row.gain.concordance
    head = f"adds {format_estimate(gain, signed=True)} concordance to the combined baseline; "
    if gain.above_zero:
        return (
            head
            + "the interval lies above 0, so it tells about steps what their place, number and length do not."
        )
    if gain.below_zero:
        return head + "the interval lies below 0, so the combined baseline is better without it."
    if gain.low is None:
        return head + "without an interval that shows nothing."
    return head + "the interval holds 0, so nothing is shown beyond place, number and length of the steps."


@dataclass(frozen=True, slots=True)
class _Comparison:
    measure: str
    estimate: Estimate


def _against(name: str, rival: str, differences: Sequence[Difference]) -> str:
    below, above, open_ = [], [], []
    for comparison in _comparisons(name, rival, differences):
        text = f"{comparison.measure} ({format_estimate(comparison.estimate, signed=True)})"
        if comparison.estimate.below_zero:
            below.append(text)
        elif comparison.estimate.above_zero:
            above.append(text)
        else:
            open_.append(text)
    parts = [("below in ", below), ("above in ", above), ("not told apart in ", open_)]
    return "; ".join(head + ", ".join(texts) for head, texts in parts if texts) or "cannot be compared"


def _comparisons(name: str, rival: str, differences: Sequence[Difference]) -> list[_Comparison]:
    """Name minus rival; a difference that was taken the other way is turned around."""
    for difference in differences:
        if {difference.first, difference.second} == {name, rival}:
            found = [
                _Comparison("concordance", difference.concordance),
                _Comparison("first-error accuracy", difference.first_error_accuracy),
                _Comparison("first-error F1", difference.f1),
            ]
            if difference.first == rival:
                found = [_Comparison(item.measure, _negative(item.estimate)) for item in found]
            return [item for item in found if item.estimate.value is not None]
    return []


def _negative(estimate: Estimate) -> Estimate:
    def minus(number: float | None) -> float | None:
        return None if number is None else -number

    return Estimate(
        value=minus(estimate.value), low=minus(estimate.high), high=minus(estimate.low), note=estimate.note
    )


def _price(cost: Cost | None) -> str:
    if cost is None or cost.to_monte_carlo is None:
        return ""
    ratios = cost.to_monte_carlo
    parts = [
        f"{numbers.two_digits(ratio)} of the {what}"
        for ratio, what in ((ratios.wall_s, "time"), (ratios.generated_tokens, "generated tokens"))
        if ratio is not None
    ]
    return f"; at {' and '.join(parts)}" if parts else ""
