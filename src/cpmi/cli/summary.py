"""The summary that is at the end of a run: what was done, what was not and why, what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpmi.numbers import aligned, counts, duration, plural, short

if TYPE_CHECKING:
    from cpmi.runs.manifest import Manifest
    from cpmi.runs.totals import Totals
    from cpmi.targets import Calibrated, Consensus, Hybrid
    from cpmi.targets.fitting import Fitting


def summarize(totals: Totals, out: Path, *, price_per_hour: float | None = None) -> str:
    """The summary of a labeling run, as aligned lines of text."""
    usage = totals.usage
    rows = [
        ("chains labeled", f"{totals.num_chains:,}"),
        ("steps", f"{totals.num_steps:,}"),
        ("abstained", counts(totals.abstained, "step")),
        ("rejected", counts(totals.rejected, "record")),
    ]
    if totals.missing_parts:
        rows.append(("labeled without", counts(totals.missing_parts, "chain")))
    if totals.num_not_joined:
        rows.append(("gold not joined", plural(totals.num_not_joined, "record")))
    if totals.num_tokenization_mismatches:
        rows.append(
            (
                "tokenization",
                f"{totals.num_tokenization_mismatches:,} joins that the tokenizer would cut otherwise",
            )
        )
    rows += _timed_out(totals)
    rows += [
        ("unshared tokens", f"{usage.unshared_tokens:,}"),
        ("computed tokens", f"{usage.computed_tokens:,}"),
        ("generated tokens", f"{usage.generated_tokens:,}"),
        ("FLOPs", short(usage.flops)),
        ("wall time", _time(totals)),
        ("price", _price(totals, price_per_hour)),
        ("files", f"{out}/labels.parquet, manifest.json, usage.json, rejects.jsonl"),
    ]
    return aligned([*rows, *_notes(out)])


def _timed_out(totals: Totals) -> list[tuple[str, str]]:
    """The row on answers that no comparison decided in time; none without such a pair."""
    num = totals.num_timed_out
    return [("undecided", f"{plural(num, 'pair')} of answers: their comparison timed out")] if num else []


def _notes(out: Path) -> list[tuple[str, str]]:
    """What its manifest says of a run that its users have to know: of its path, its model, its weights."""
    from cpmi.runs.manifest import read_manifest

    if (manifest := read_manifest(out)) is None:
        return []
    facts = manifest.circumstances.get("facts") or {}
    model = manifest.determines.get("prm") or manifest.determines.get("model") or {}
    unused = model.get("unused_weights")
    return [
        *_computed_on(model, manifest.circumstances.get("threads") or []),
        *_plain_paths(manifest),
        *([("unused weights", ", ".join(unused))] if unused else []),
        *([("quantization", f"{kind} in the model's file")] if (kind := model.get("quantization")) else []),
        *(("note", notice) for notice in facts.get("notices", ())),
    ]


def _plain_paths(manifest: Manifest) -> list[tuple[str, str]]:
    """The models of the run that were computed by one forward pass per branch, at several times the cost."""
    from cpmi.runs.facts import PATHS

    reasons = {"model": manifest.circumstances, **manifest.circumstances.get(PATHS, {})}
    rows = []
    for role, facts in reasons.items():
        found = manifest.determines.get(role)
        reason = facts.get("path_reason")
        if reason or (isinstance(found, dict) and found.get("path") == "plain"):
            name = "path" if role == "model" else f"path of {role.replace('_', ' ')}"
            rows.append((name, f"plain: {reason or 'asked for'}"))
    return rows


def _computed_on(model: Mapping[str, Any], threads: Sequence[int]) -> list[tuple[str, str]]:
    """The device and the type that were taken, and the numbers of threads, one after the other."""
    names = [model.get("device_name") if model.get("device") == "cuda" else model.get("device")]
    device = [str(name) for name in (*names, model.get("dtype")) if name]
    if not device:
        return []
    several = len(threads) > 1
    used = f"{' then '.join(map(str, threads))} threads" if several else plural(sum(threads), "thread")
    rows = [("computed on", ", ".join([*device, *([used] if threads else [])]))]
    if several:
        said = "computed with several numbers of threads: last bits may differ from a run with one of them"
        rows.append(("note", said))
    return rows


def summarize_samples(totals: Totals, out: Path) -> str:
    """The summary of a sampling run, as aligned lines of text."""
    usage = totals.usage
    rate = totals.generated_per_s
    rows = [
        ("problems", f"{totals.num_records:,}"),
        ("chains", f"{totals.num_chains:,}"),
        ("steps", f"{totals.num_steps:,}"),
        ("right answers", _right_answers(totals.final_answers)),
        ("cut off by length", plural(totals.num_cut_off, "chain")),
        *_timed_out(totals),
        ("rejected", counts(totals.rejected, "record or completion", "records and completions")),
        ("generated tokens", f"{usage.generated_tokens:,}"),
        ("computed tokens", f"{usage.computed_tokens:,}"),
        ("FLOPs", short(usage.flops)),
        (
            "wall time",
            duration(totals.wall_s) + ("" if rate is None else f", {short(rate)} generated tokens/s"),
        ),
        ("files", f"{out}/chains.jsonl, manifest.json, usage.json, rejects.jsonl"),
        *_notes(out),
    ]
    return aligned(rows)


def summarize_scores(totals: Totals, out: Path) -> str:
    """The summary of a scoring run, as aligned lines of text."""
    usage = totals.usage
    rows = [
        ("chains scored", f"{totals.num_chains:,}"),
        ("steps", f"{totals.num_steps:,}"),
        ("without score", counts(totals.abstained, "step")),
        ("rejected", counts(totals.rejected, "record")),
        ("computed tokens", f"{usage.computed_tokens:,}"),
        ("unshared tokens", f"{usage.unshared_tokens:,}"),
        ("FLOPs", short(usage.flops)),
        ("wall time", _time(totals)),
        ("files", f"{out}/scores.parquet, manifest.json, usage.json, rejects.jsonl"),
        *_notes(out),
    ]
    return aligned(rows)


def summarize_targets(done: Calibrated) -> str:
    """The summary of a calibration, as aligned lines of text."""
    fitting = done.fitting
    rows = [
        ("chains", f"{done.num_chains:,}"),
        ("steps", f"{done.num_steps:,}"),
        ("map", _map(fitting)),
    ]
    if fitting.left_out:
        rows.append(("not fitted on", counts(fitting.left_out, "chain")))
    rows.append(("without target", counts(done.abstained, "step")))
    if done.hard is not None:
        rows.append(("hard labels", ", ".join(f"{count:,} {name}" for name, count in done.hard.items())))
    rows += [("note", note) for note in done.notes]
    rows.append(("files", f"{done.out}/targets.parquet, map.json, manifest.json"))
    return aligned(rows)


def summarize_consensus(done: Consensus, out: Path) -> str:
    """The summary of a consensus, as aligned lines of text and a table of disagreement by position."""
    whole = f"{done.share_of_chains_whole:.1%} ({done.num_whole_chains:,} of {done.num_chains:,})"
    rows = [
        ("first set", done.sources[0]),
        ("second set", done.sources[1]),
        ("steps kept", f"{done.share_of_steps:.1%} ({done.num_kept_steps:,} of {done.num_steps:,})"),
        ("chains whole", whole),
        ("chains kept", f"{done.num_kept_chains:,}"),
        ("chains dropped", counts(done.dropped, "chain")),
    ]
    if done.left_out:
        rows.append(("not in both", counts(done.left_out, "chain")))
    rows += [
        (
            f"step {position.index + 1}",
            f"{position.share:.1%} disagree ({position.num_disagreeing:,} of {position.num_compared:,})",
        )
        for position in done.positions
        if position.share is not None
    ]
    rows.append(("files", f"{out}/targets.parquet, consensus.json, manifest.json"))
    return aligned(rows)


def summarize_hybrid(done: Hybrid, out: Path) -> str:
    """The summary of a hybrid, as aligned lines of text."""
    first, rest = done.methods
    own, other = done.fits
    rows = [
        ("chains", f"{done.num_chains:,}"),
        ("steps", f"{done.num_steps:,}"),
        (
            "first steps",
            f"{done.num_from_first:,} of {first}, from the first {done.num_first:,} of every chain",
        ),
        ("others", f"{done.num_from_rest:,} of {rest}"),
        ("stood in", counts(done.stood_in, "step")),
        ("without target", counts(done.abstained, "step")),
        (f"map of {first}", "none, its success rates as they are" if own is None else _map(own)),
        (f"map of {rest}", _map(other)),
    ]
    if done.num_outside is not None:
        rows.append(
            (
                "outside",
                f"{done.num_outside:,} of {plural(done.num_from_rest, 'step')} of {rest} lie beyond the "
                "labels that its map was fitted on and get its lowest or highest target",
            )
        )
    if done.left_out:
        rows.append(("not in both", counts(done.left_out, "chain")))
    rows += [("note", note) for note in done.notes]
    rows.append(("files", f"{out}/targets.parquet, hybrid.json, manifest.json"))
    return aligned(rows)


def _map(fitting: Fitting) -> str:
    """Which map it is, and on how many steps it was fitted."""
    sizes = [fitted.num_steps for fitted in fitting.maps.values()]
    steps = f"{sizes[0]:,}" if len(sizes) == 1 else f"{min(sizes):,} to {max(sizes):,}"
    rated = " rated" if fitting.uses_ratings else ""
    return f"{fitting.name}, {fitting.how}; {steps}{rated} steps with a label"


def _right_answers(final_answers: Mapping[str, int]) -> str:
    """The share of right final answers among the chains whose problem has a gold answer."""
    from cpmi.runs.totals import NO_ANSWER, NO_GOLD
    from cpmi.types import Relation

    judged = {name: count for name, count in final_answers.items() if name != NO_GOLD}
    num_judged = sum(judged.values())
    if not num_judged:
        return "unknown, no problem has a gold answer"
    num_right = judged.get(Relation.SAME, 0)
    others = [
        (judged.get(Relation.DIFFERENT, 0), "wrong"),
        (judged.get(Relation.UNDECIDED, 0), "undecided"),
        (judged.get(NO_ANSWER, 0), "without an answer"),
        (final_answers.get(NO_GOLD, 0), "without a gold answer"),
    ]
    said = ", ".join(f"{count:,} {name}" for count, name in others if count)
    share = f"{num_right / num_judged:.1%} ({num_right:,} of {num_judged:,} chains)"
    return f"{share}; {said}" if said else share


def _time(totals: Totals) -> str:
    rate = totals.steps_per_s
    return duration(totals.wall_s) + ("" if rate is None else f", {short(rate)} steps/s")


def _price(totals: Totals, price_per_hour: float | None) -> str:
    if price_per_hour is None:
        return "not given; --price-per-hour P prints what a million steps cost"
    price = totals.price_per_million_steps(price_per_hour)
    if price is None:
        return "unknown, no step was labeled"
    return f"{price:,.2f} per million steps at {price_per_hour:g} an hour"
