"""Every claim beside what was measured of it, on real chains and on the world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from benchmarks import cost_figure
from benchmarks.claims.results import RIVAL, Results, turned
from benchmarks.claims.verdicts import FAILS, HOLDS, Verdict, better, differences, f1_of, less, saving
from benchmarks.cost_figure import TABLES, rows

from cpmi import numbers

REAL, WORLD = "real chains", "the world"
TIME, GENERATED = 0.84, 0.98  # what the publication saves
HYBRID_TIME, HYBRID_GENERATED = 0.70, 0.82
PAV_TIME = 1.17
QUALITY = "labels name the first error better than Monte Carlo's"
NOT_MEASURED = "not measured"
OURS = "ours, not published"


def lines(results: Results) -> list[Verdict]:
    """The publication's claims, then the same of `evidence`, then what was not measured."""
    return [
        *_contrast(results, "cpmi"),
        *_hybrid(results),
        *_pav(results),
        *_contrast(results, "evidence"),
        *_world(),
        *_left(),
    ]


def _three(
    name: str, time: float, generated: float, quality: Verdict, *, costs: tuple[str, str]
) -> Iterator[Verdict]:
    """The three claims about the labels of a method: time, generated tokens, quality.

    Args:
        name: of the method.
        time, generated: what is left of Monte Carlo's.
        quality: the last line, which says where all three were measured and whether README shows them.
        costs: of the first two lines.
    """
    published = name == "cpmi"
    where = {"setting": quality.setting, "shown": quality.shown}
    yield Verdict(
        claim=f"`{name}` takes 84 % less time",
        printed="84 %" if published else OURS,
        measured=less(time),
        verdict=saving(time, TIME),
        cost=costs[0],
        **where,
    )
    yield Verdict(
        claim=f"`{name}` generates 98 % fewer tokens",
        printed="98 %" if published else OURS,
        measured=less(generated) if generated else "none generated",
        verdict=saving(generated, GENERATED),
        cost=costs[1],
        **where,
    )
    yield replace(
        quality,
        claim=f"`{name}` {QUALITY}",
        printed="F1 34.6 against 27.7 (PRMs trained on them)" if published else OURS,
    )


def _contrast(results: Results, name: str) -> Iterator[Verdict]:
    time, generated = (results.share(name, what) for what in ("wall_s", "generated_tokens"))
    difference, cost = results.difference(name, RIVAL), _cost(results, name)
    quality = Verdict(
        claim="",
        printed="",
        measured=differences(difference),
        setting=REAL,
        verdict=better(difference["f1"]),
        cost=cost,
        short=f1_of(difference),
        shown=True,
    )
    per_step = numbers.two_digits(results.per_step(name, "generated_tokens"))
    yield from _three(name, time, generated, quality, costs=(cost, f"{per_step} generated tokens per step"))


def _hybrid(results: Results) -> Iterator[Verdict]:
    name = "hybrid"
    time, generated = (results.share(name, what) for what in ("wall_s", "generated_tokens"))
    yield Verdict(
        claim="the hybrid takes 70 % less time",
        printed="70 %",
        measured=less(time),
        setting=REAL,
        verdict=saving(time, HYBRID_TIME),
        cost=_cost(results, name),
    )
    yield Verdict(
        claim="the hybrid generates 82 % fewer tokens",
        printed="82 %",
        measured=less(generated),
        setting=REAL,
        verdict=saving(generated, HYBRID_GENERATED),
        cost=_cost(results, name),
    )
    for other, printed in ((RIVAL, "36.8 against 27.7"), ("cpmi", "36.8 against 34.6")):
        difference = results.difference(name, other)
        yield Verdict(
            claim=f"the hybrid's labels are better than those of `{other}`",
            printed=f"F1 {printed} (PRMs trained on them)",
            measured=differences(difference),
            setting=REAL,
            verdict=better(difference["f1"]),
            cost=_cost(results, name),
        )


def _pav(results: Results) -> Iterator[Verdict]:
    time = results.share("pav", "wall_s")
    yield Verdict(
        claim="`pav` takes 17 % more time than Monte Carlo",
        printed="17 % more",
        measured=less(time),
        setting=REAL,
        verdict=HOLDS if time >= PAV_TIME else FAILS,
        cost=_cost(results, "pav"),
    )


def _cost(results: Results, name: str) -> str:
    seconds, tokens = (results.per_step(name, what) for what in ("wall_s", "computed_tokens"))
    return f"{numbers.two_digits(seconds)} s and {tokens:,.0f} computed tokens per step"


def _world() -> Iterator[Verdict]:
    """From the table of the world, as `make bench-labels` wrote it."""
    table = (TABLES / "world.md").read_text("utf-8")
    spent, quality = rows(table, "computed tokens"), rows(table, "F1 gated")
    against = rows(table, "difference")
    f1 = quality["method"].index("F1")
    for name in ("cpmi", "evidence"):
        time = float(spent[name][4].rstrip("%")) / 100
        generated = _number(spent[name][0]) / _number(spent[RIVAL][0])
        cost = f"{spent[name][4]} of Monte Carlo's time, {spent[name][2]} of its computed tokens"
        quality_line = Verdict(
            claim="",
            printed="",
            measured=f"first-error F1 {quality[name][f1]} against {quality[RIVAL][f1]}",
            setting=WORLD,
            verdict=better(_f1_difference(against, name)),
            cost=cost,
        )
        yield from _three(name, time, generated, quality_line, costs=(cost, cost))


def _f1_difference(against: Mapping[str, Sequence[str]], name: str) -> dict[str, float]:
    """The method minus Monte Carlo, whichever way the table has it."""
    stated = against.get(f"{name} − {RIVAL}")
    value, low, high = cost_figure.numbers((stated or against[f"{RIVAL} − {name}"])[-1])
    found = {"value": value, "low": low, "high": high}
    return found if stated else turned(found)


def _number(cell: str) -> float:
    return float(cell.replace(",", ""))


def _left() -> Iterator[Verdict]:
    for claim, printed in (
        ("a PRM trained on `cpmi` labels beats one of Monte Carlo labels on PRMBench", "58.8 against 38.8"),
        ("the same in best-of-8 on MATH", "48.2 against 45.4"),
        (
            "few good negatives beat many: ProcessBench F1 by their number 0 / 1 / 4 / 12",
            "15.5 / 39.5 / 34.6 / 30.5",
        ),
    ):
        yield Verdict(
            claim=claim,
            printed=printed,
            measured="4B PRMs on 80,000 chains were not trained here",
            setting=NOT_MEASURED,
            verdict=NOT_MEASURED,
        )
