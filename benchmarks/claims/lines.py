"""Every claim beside what was measured of it, on real chains and on the world."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import cost_figure
from benchmarks.claims.results import RIVAL, Results
from benchmarks.claims.verdicts import FAILS, HOLDS, OPEN, Verdict, better, differences, f1_of, less, saving
from benchmarks.cost_figure import TABLES, rows

from cpmi import numbers

REAL, WORLD = "real chains", "the world"
SOURCE = "arXiv 2604.10660"
TIME, GENERATED = 0.84, 0.98  # what the publication saves
HYBRID_TIME, HYBRID_GENERATED = 0.70, 0.82
PAV_TIME = 1.17
QUALITY = "labels name the first error better than Monte Carlo's"
NOT_MEASURED = "not measured"
OURS = "ours, not published"


def lines(results: Results) -> list[Verdict]:
    """The publication's claims, then the same of `evidence`, then what was not measured."""
    return [
        *_contrast(results, "cpmi", printed_by=SOURCE),
        *_hybrid(results),
        *_pav(results),
        *_contrast(results, "evidence", printed_by=OURS),
        *_world(),
        *_left(),
    ]


def _contrast(results: Results, name: str, *, printed_by: str) -> Iterator[Verdict]:
    published = printed_by == SOURCE
    time, generated = (results.share(name, what) for what in ("wall_s", "generated_tokens"))
    yield Verdict(
        claim=f"`{name}` takes 84 % less time",
        printed="84 %" if published else OURS,
        measured=less(time),
        setting=REAL,
        verdict=saving(time, TIME),
        cost=_cost(results, name),
        shown=True,
    )
    yield Verdict(
        claim=f"`{name}` generates 98 % fewer tokens",
        printed="98 %" if published else OURS,
        measured=less(generated) if generated else "none generated",
        setting=REAL,
        verdict=saving(generated, GENERATED),
        cost=f"{numbers.two_digits(results.per_step(name, 'generated_tokens'))} generated tokens per step",
        shown=True,
    )
    difference = results.difference(name, RIVAL)
    yield Verdict(
        claim=f"`{name}` {QUALITY}",
        printed="F1 34.6 against 27.7 (PRMs trained on them)" if published else OURS,
        measured=differences(difference),
        setting=REAL,
        verdict=better(difference["f1"]),
        cost=_cost(results, name),
        short=f1_of(difference),
        shown=True,
    )


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
        published = name == "cpmi"
        cost = f"{spent[name][4]} of Monte Carlo's time, {spent[name][2]} of its computed tokens"
        yield Verdict(
            claim=f"`{name}` takes 84 % less time",
            printed="84 %" if published else OURS,
            measured=less(time),
            setting=WORLD,
            verdict=saving(time, TIME),
            cost=cost,
        )
        yield Verdict(
            claim=f"`{name}` generates 98 % fewer tokens",
            printed="98 %" if published else OURS,
            measured=less(generated) if generated else "none generated",
            setting=WORLD,
            verdict=saving(generated, GENERATED),
            cost=cost,
        )
        found = against.get(f"{name} − {RIVAL}") or against[f"{RIVAL} − {name}"]
        reverse = f"{name} − {RIVAL}" not in against
        yield Verdict(
            claim=f"`{name}` {QUALITY}",
            printed="F1 34.6 against 27.7 (PRMs trained on them)" if published else OURS,
            measured=f"first-error F1 {quality[name][f1]} against {quality[RIVAL][f1]}",
            setting=WORLD,
            verdict=_better_in_world(found[-1], reverse=reverse),
            cost=cost,
        )


def _better_in_world(cell: str, *, reverse: bool) -> str:
    _, low, high = cost_figure.numbers(cell)
    if reverse:
        low, high = -high, -low
    return HOLDS if low > 0 else FAILS if high < 0 else OPEN


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
