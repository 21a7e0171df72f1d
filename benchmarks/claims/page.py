"""Write docs/claims.md and the head of it in README: `make claims`. Needs no data and no model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.claims.lines import REAL, lines
from benchmarks.claims.price import H100, NUM_ROLLOUTS, QWEN3_8B, Assumptions, price, tokens_per_s
from benchmarks.claims.results import RIVAL, Results
from benchmarks.cost_figure import TABLES, rows

from cpmi import numbers
from cpmi.evaluate.findings import format_estimate
from cpmi.evaluate.result import Estimate
from cpmi.storage import write_text

ROOT = Path(__file__).parents[2]
PAGE, README = ROOT / "docs" / "claims.md", ROOT / "README.md"
TEMPLATE = Path(__file__).with_name("page_template.md")
BEGIN, END = "<!-- claims: written by make claims -->\n", "<!-- end of claims -->"
METHODS = (
    "evidence", "monte_carlo", "pav", "binary_search", "cpmi", "net_gain", "judge", "hybrid", "consensus",
)  # fmt: skip
NAMES = {
    "all-evidence": "`evidence`",
    "evidence_contrast": "`evidence --contrast-model`",
    "hybrid": "`hybrid`: first step by `monte_carlo`, rest by `cpmi`",
    "consensus": "`consensus` of `evidence` and `monte_carlo`",
}
SHOWN = ("evidence", "monte_carlo", "cpmi", "length")  # in README
GAIN = "gain over the combined baseline"
DOLLARS_PER_CORE_HOUR = 0.04  # what clouds ask for a virtual core; an assumption
ASSUMED = Assumptions()


def main() -> None:
    write(Results.read(), PAGE, README)


def write(results: Results, page: Path, readme: Path) -> None:
    """Write the page, and its head between two marks of README."""
    write_text(page, text(results))
    write_text(readme, with_head(readme.read_text("utf-8"), results))


def with_head(readme: str, results: Results) -> str:
    """README with the head of the page between its marks."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"README.md has no place between {BEGIN.strip()} and {END}")
    return f"{before}{begin}{head(results)}\n{end}{after}"


def head(results: Results) -> str:
    """What README shows of it: the claims about two labels, and a few rows of the test half."""
    claims = [
        (line.claim, line.printed, line.short or line.measured, f"**{line.verdict}**")
        for line in lines(results)
        if line.setting == REAL and line.shown
    ]
    rows = {row["name"]: row for row in results.test["rows"]}
    quality = [
        (
            f"{_name(name) if rows[name]['kind'] == 'label' else f'no model: {name} of the step'}",
            _said(rows[name]["concordance"]),
            _said(rows[name]["f1"]["f1"]),
            _said((rows[name]["gain"] or {}).get("concordance"), signed=True),
        )
        for name in SHOWN
    ]
    return "\n\n".join(
        (
            _table(("claim", "printed", "measured on real chains", "verdict"), claims),
            _table(("on real chains²", "concordance index³", "first-error F1", GAIN), quality),
        )
    )


def text(results: Results) -> str:
    """The page."""
    run = results.manifests["evidence"]
    facts, ground, whole = run["determines"]["model"], results.test["ground"], results.all["ground"]
    timed, agreed = results.costs["timed"][RIVAL], results.consensus["agreed"]
    return TEMPLATE.read_text("utf-8").format(
        model=run["circumstances"]["model"],
        quantization=facts.get("quantization", "not quantized"),
        dtype=facts["dtype"],
        torch=facts["torch"],
        cpu=results.costs["machine"]["cpu"],
        num_wrong=ground["num_wrong"],
        num_right=ground["num_right"],
        num_steps=f"{ground['num_steps']:,}",
        all_wrong=whole["num_wrong"],
        all_right=whole["num_right"],
        num_timed=timed["num_chains"],
        num_timed_steps=timed["num_steps"],
        num_equal=results.costs["same_counts"]["num_equal"],
        num_prefixes=results.costs["same_counts"]["num_prefixes"],
        core_hour=f"{DOLLARS_PER_CORE_HOUR:.2f}",
        num_agreed=agreed["num_whole_chains"],
        num_compared=agreed["num_chains"],
        claims=_claims(results),
        decided=_decided(results),
        quality=_quality(results.test),
        tuned=_tuned(),
        adding=_adding(results),
        longest=_said(results.row("outcome + longest step")["f1_gated"]["f1"]),
        costs=_costs(results),
        all=_quality(results.all),
        consensus=_consensus(results),
        digests=_digests(results),
        **_card(results),
    )


def _claims(results: Results) -> str:
    return _table(
        ("claim", "printed", "measured", "on", "verdict", "cost there"),
        [
            (line.claim, line.printed, line.measured, line.setting, f"**{line.verdict}**", line.cost)
            for line in lines(results)
        ],
    )


def _decided(results: Results) -> str:
    """How many rated chains would decide each difference to Monte Carlo."""
    return _table(
        ("minus Monte Carlo", "measure", "difference", "detectable", "chains that decide it"),
        [
            (
                _name(name),
                measure["name"],
                _said(measure["difference"], signed=True),
                numbers.decimal(measure["detectable"], 3),
                numbers.NOTHING
                if measure["num_chains_needed"] is None
                else f"{measure['num_chains_needed']:,}",
            )
            for name, measures in results.paired.items()
            for measure in measures
        ],
    )


def _quality(evaluation: Mapping[str, Any]) -> str:
    def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
        gain = row["gain"] or {}
        return (
            f"{_name(row['name']) if row['kind'] == 'label' else row['name']}{' *' * row['knows_answer']}",
            _said(row["concordance"]),
            _said(row["first_error_accuracy"]),
            _said((row["f1"] or {}).get("f1")),
            _said(row["f1_gated"]["f1"]),
            _said(gain.get("concordance"), signed=True),
            _said(gain.get("f1"), signed=True),
            _said(row["auroc"]),
        )

    heading = (
        "method", "concordance", "first-error accuracy", "F1", "F1 gated", "gain in concordance",
        "gain in F1", "AUROC",
    )  # fmt: skip
    return _table(heading, map(cells, evaluation["rows"]))


def _adding(results: Results) -> str:
    """The labels that are shown to add to the combined baseline in F1."""
    shown = [
        row["name"] for row in results.test["rows"] if (row["gain"] or {}).get("f1", {}).get("low", 0) > 0
    ]
    return numbers.listed([_name(name) for name in shown]) or "none of them"


def _tuned() -> str:
    """`evidence` with a contrast model tuned for foresight, as an earlier build measured it."""
    table = rows((TABLES / "real-coder05b-prover.md").read_text("utf-8"), "F1 gated")
    heading, row = table["method"], table["evidence *"]
    names = {"C": "concordance", "first error": "first-error accuracy", "F1": "F1", "F1 gated": "F1 gated"}
    return "; ".join(f"{said} {row[heading.index(name)]}" for name, said in names.items())


def _costs(results: Results) -> str:
    def cells(name: str) -> tuple[str, ...]:
        seconds = results.per_step(name, "wall_s")
        whole = results.costs["test"].get(name)
        return (
            _name(name),
            f"{results.per_step(name, 'generated_tokens'):,.1f}",
            f"{results.per_step(name, 'computed_tokens'):,.1f}",
            f"{results.share(name, 'computed_tokens'):.1%}",
            numbers.NOTHING if whole is None else _percent(whole["computed_tokens"]["ratio"]),
            f"{seconds:.3f}",
            f"{results.share(name, 'wall_s'):.1%}",
            f"{seconds * 1e6 / 3600 * DOLLARS_PER_CORE_HOUR:,.0f}",
        )

    heading = (
        "method", "generated tokens per step", "computed", "of Monte Carlo's", "on the whole half",
        "s per step", "of Monte Carlo's", "$ per million steps",
    )  # fmt: skip
    return _table(heading, map(cells, METHODS))


def _consensus(results: Results) -> str:
    return _table(
        ("hard labels", "wrong and right chains", "first error found", "right chains passed"),
        [
            (
                _name(name),
                f"{found['num_wrong']} and {found['num_right']}",
                _of(found["found"], found["num_wrong"]),
                _of(found["passed"], found["num_right"]),
            )
            for name, found in results.consensus["sets"].items()
        ],
    )


def _card(results: Results) -> dict[str, str]:
    """The table of prices and what is said of it."""
    rival = results.timed(RIVAL)
    length = rival["unshared_tokens"] / (rival["num_steps"] * NUM_ROLLOUTS)
    found = {
        name: price({**results.timed(name), "sequence_tokens": length}, assumed=ASSUMED) for name in METHODS
    }
    heading = (
        "method", "computed tokens per step (measured)", "generated (measured)",
        "hours of scoring (computed)", "hours of generating (computed)", "$ (computed)", "of Monte Carlo's",
    )  # fmt: skip
    prices = [
        (
            _name(name),
            f"{results.per_step(name, 'computed_tokens'):,.0f}",
            f"{results.per_step(name, 'generated_tokens'):,.0f}",
            f"{of.scoring_h:.2f}",
            f"{of.generating_h:.2f}",
            f"{of.dollars:,.2f}",
            f"{of.hours / found[RIVAL].hours:.1%}",
        )
        for name, of in found.items()
    ]
    return {
        "prices": _table(heading, prices),
        "shape": QWEN3_8B.name,
        "card": H100.name,
        "tflops": f"{H100.flops / 1e12:,.0f}",
        "bandwidth": f"{H100.bandwidth / 1e12:.2f}",
        "share": f"{ASSUMED.share:.0%}",
        "hour": f"{ASSUMED.dollars_per_hour:.2f}",
        "length": f"{length:,.0f}",
        "rate": f"{tokens_per_s(length):,.0f}",
    }


def _digests(results: Results) -> str:
    """The models by name, and how their digests begin."""
    found = {
        Path(str(made["circumstances"][name])).name: str(made["determines"][role]["model_digest"])
        for made in results.manifests.values()
        for name, role in (("model", "model"), ("contrast_model", "contrast_model"))
        if made["circumstances"].get(name) and role in made["determines"]
    }
    return ", ".join(f"{name} {digest[:16]}…" for name, digest in sorted(found.items()))


def _name(name: str) -> str:
    return NAMES.get(name, name if "," in name else f"`{name}`")


def _said(estimate: Mapping[str, Any] | None, *, signed: bool = False) -> str:
    return numbers.NOTHING if estimate is None else format_estimate(Estimate(**estimate), signed=signed)


def _percent(ratio: Mapping[str, float]) -> str:
    return f"{ratio['value']:.1%} [{ratio['low']:.1%}, {ratio['high']:.1%}]"


def _of(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else numbers.NOTHING


def _table(heading: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    rows = (heading, ["---"] * len(heading), *cells)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    main()
