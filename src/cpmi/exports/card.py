"""The data card that is written with an export: README.md as the Hugging Face Hub shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cpmi import numbers
from cpmi.cards import data_license, front_matter, hub_ids, license_section, size_category
from cpmi.evaluate.findings import format_percent
from cpmi.exports.forms import Form
from cpmi.exports.quality import Quality
from cpmi.exports.rows import Exported
from cpmi.facts import DATA_SET, Facts
from cpmi.machine import package_version
from cpmi.runs.spent import Spent

_COLUMNS = (
    ("prompt, completions", "the problem and the steps"),
    ("labels", "true: the step is right"),
    ("targets", "soft targets in [0, 1]; null where the labels are no probabilities"),
    ("values, unit", "the method's own labels; null where two methods were put together"),
    ("successes, trials", "right rollouts among the decided ones; null where the method has none"),
    ("method", "what made the labels, with the map of targets"),
    ("id, gold, answer, ratings, meta, source", "of the chain, where they are known"),
    ("unshared_, computed_, generated_tokens", "what the labels of the chain cost; null for targets"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What the card says, and `export.json` beside it.

    Attributes:
        form: of the data.
        file: its name, "" where the folder itself is the data set.
        methods: the labeling methods.
        model: the labeling model; None if no manifest names it.
        fingerprint: of the run that was exported; None without a manifest.
        labels: what is true of them.
        spent: what the labels cost; None if that is not known.
        quality: None without ratings.
    """

    form: Form
    file: str
    methods: tuple[str, ...]
    model: str | None
    fingerprint: str | None
    labels: Facts
    spent: Spent | None
    quality: Quality | None


def facts_json(facts: CardFacts, exported: Exported) -> dict[str, Any]:
    """The same facts as JSON values."""
    return {
        "cpmi": package_version("cpmi"),
        "form": facts.form,
        "file": facts.file,
        "methods": list(facts.methods),
        "model": facts.model,
        "fingerprint": facts.fingerprint,
        "facts": facts.labels.to_json(),
        "rule": exported.rule,
        "num_chains": len(exported.rows),
        "num_steps": exported.num_steps,
        "num_wrong_steps": exported.num_wrong_steps,
        "left_out": dict(exported.left_out),
        "cut": dict(exported.cut),
        "num_cut_chains": exported.num_cut_chains,
        "num_decided_cut": exported.num_decided_cut,
        "spent": None if facts.spent is None else facts.spent.to_json(),
        "quality": None if facts.quality is None else facts.quality.to_json(),
    }


def write_card(facts: CardFacts, exported: Exported) -> str:
    """The text of README.md."""
    sections = [
        front_matter(metadata(facts, len(exported.rows))),
        "# Step labels",
        _what(facts, exported),
        _left_out(exported),
        _cost(facts.spent),
        _quality(facts.quality),
        _how(facts),
        license_section(facts.labels.ancestors),
    ]
    return "\n\n".join(sections) + "\n"


def metadata(facts: CardFacts, num_rows: int) -> dict[str, Any]:
    """What the Hub reads at the head of the card."""
    ancestors = facts.labels.ancestors
    return {
        "license": data_license(ancestors),
        "language": list(facts.labels.languages),
        "annotations_creators": ["machine-generated"],
        "task_categories": ["token-classification"],
        "size_categories": [size_category(num_rows)],
        "source_datasets": hub_ids(ancestors, DATA_SET),
        "tags": ["process-reward-model", "step-labels", "cpmi"],
        "configs": [{"config_name": "default", "data_files": facts.file}] if facts.file else [],
    }


def _what(facts: CardFacts, exported: Exported) -> str:
    num_steps, num_wrong = exported.num_steps, exported.num_wrong_steps
    return _table(
        "",
        "",
        [
            ("method", "; ".join(facts.methods)),
            ("labeling model", facts.model or "not known"),
            ("a step is right if", exported.rule),
            ("labels depend on final-answer correctness", "yes" if facts.labels.reads_final_answer else "no"),
            ("problems that weights were fitted on", f"{len(facts.labels.fitted_on):,}"),
            ("chains", f"{len(exported.rows):,}"),
            ("steps", f"{num_steps:,}, of them {num_wrong:,} wrong ({num_wrong / num_steps:.1%})"),
            ("fingerprint of the labels", facts.fingerprint or "not known"),
            ("made with", f"cpmi {package_version('cpmi')}"),
        ],
    ) + (
        "\n\nThe labels were computed, not given by people. The texts keep the license of the data set "
        "that they come from: see below."
    )


def _left_out(exported: Exported) -> str:
    if not exported.left_out and not exported.num_cut_chains:
        return "## What is not here\n\nNothing: every step of every chain has a label."
    rows = [(f"chain left out: {reason}", f"{n:,} chains") for reason, n in exported.left_out.items()]
    rows += [(f"steps cut: {reason}", f"{n:,} steps") for reason, n in exported.cut.items()]
    text = "## What is not here\n\n" + _table("reason", "", rows)
    text += (
        f"\n\n{exported.num_cut_chains:,} chains were cut before their first step without a label; of the "
        f"steps that this cost, {exported.num_decided_cut:,} have a label of their own."
    )
    return text


def _cost(spent: Spent | None) -> str:
    if spent is None:
        return "## Cost\n\nNot known."
    usage = spent.usage
    rows = [
        ("steps labeled", f"{spent.num_steps:,}"),
        ("time", numbers.duration(spent.wall_s)),
        ("generated tokens", f"{usage.generated_tokens:,}"),
        ("computed tokens", f"{usage.computed_tokens:,}"),
        ("tokens without prefix sharing", f"{usage.unshared_tokens:,}"),
        ("FLOPs", numbers.short(usage.flops)),
    ]
    return "## Cost\n\nOf labeling, all chains of the run included.\n\n" + _table("", "", rows)


def _quality(quality: Quality | None) -> str:
    if quality is None:
        return "## Quality\n\nNot measured: no chain is rated up to its first error."
    return f"## Quality\n\n{quality_table(quality)}"


def quality_table(quality: Quality) -> str:
    """What was measured, beside the baselines that need no model, each with its interval."""
    head = (
        f"{quality.num_wrong:,} wrong and {quality.num_right:,} right chains on "
        f"{quality.num_problems:,} problems are rated. First-error F1 is the harmonic mean of the accuracy "
        "on wrong chains and that on right ones; in brackets 95 % intervals over problems. Rows with * "
        "use final-answer correctness and are compared with each other only.\n\n"
    )
    lines = ["| | F1, % | wrong chains, % | right chains, % |", "|---|---|---|---|"]
    for row in quality.rows:
        name = f"{row.name} *" if row.knows_answer else row.name
        name += f" ({row.note})" if row.note else ""
        cells = " | ".join(
            f"– ({item.note})" if item.value is None else format_percent(item)
            for item in (row.f1, row.acc_err, row.acc_corr)
        )
        lines.append(f"| {name} | {cells} |")
    return head + "\n".join(lines)


def _how(facts: CardFacts) -> str:
    source = facts.file or "FOLDER"
    load = {
        "parquet": f'load_dataset("parquet", data_files="{source}")',
        "jsonl": f'load_dataset("json", data_files="{source}")',
        "math-shepherd": f'load_dataset("json", data_files="{source}")',
        "datasets": f'load_from_disk("{source}")',
    }[facts.form]
    text = (
        f"## Use\n\n```python\nimport datasets\n\nrows = datasets.{load}\n```\n\nor "
        f'`from cpmi.data import read_chains; read_chains("{source}")`.\n\n'
    )
    if facts.form == "math-shepherd":
        return text + (
            "`input` holds the problem and the steps, a tag after each; `label` has + (right) or - (wrong) "
            "in its place. This form has no place for soft targets and counts."
        )
    return text + _table("column", "", _COLUMNS)


def _table(first: str, second: str, rows: Sequence[tuple[str, str]]) -> str:
    cells = "\n".join(f"| {_cell(name)} | {_cell(text)} |" for name, text in rows)
    return f"| {first} | {second} |\n|---|---|\n{cells}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
