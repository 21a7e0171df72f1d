"""`export_labels`: a run of labels or a folder of targets in, a data set with its card out.

`export.json` and the card come first and the data last: where the data stand, the export is complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from cpmi.answers import Grading
from cpmi.arguments import checked
from cpmi.errors import ConfigError, RunError, did_you_mean
from cpmi.exports.card import CardFacts, facts_json, write_card
from cpmi.exports.forms import (
    FORMS,
    LINES_NAME,
    NOT_WRITABLE,
    PARQUET_NAME,
    Form,
    fits_math_shepherd,
    write_form,
)
from cpmi.exports.hub import check_hub_name, push_to_hub
from cpmi.exports.quality import Quality, measure_quality
from cpmi.exports.rows import Exported, read_export
from cpmi.extras import needed
from cpmi.runs.ancestors import expect_license
from cpmi.runs.facts import facts_of
from cpmi.runs.folder import STAGED, adopt, claim, expect_claimable
from cpmi.runs.grading import circumstance, determining, settled
from cpmi.runs.manifest import Manifest, read_manifest
from cpmi.runs.spent import read_spent
from cpmi.storage import write_json, write_text

FACTS_NAME, CARD_NAME = "export.json", "README.md"
_FILE_OF = {"parquet": PARQUET_NAME, "jsonl": LINES_NAME, "math-shepherd": LINES_NAME, "datasets": ""}
_FILES = (FACTS_NAME, PARQUET_NAME, LINES_NAME, CARD_NAME)
"""What an export writes, beside the files of `datasets`, which are adopted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What an export came to.

    Attributes:
        folder: with the data, the card and `export.json`.
        data: the file of the data, or the folder where that is the data set.
        exported: the rows and what is not among them.
        quality: of the labels, beside what needs no model; None without ratings.
        address: on the Hub; None if it was not uploaded.
    """

    folder: Path
    data: Path
    exported: Exported
    quality: Quality | None
    address: str | None


@checked
def export_labels(
    folder: str | Path,
    out: str | Path,
    *,
    to: Form = "parquet",
    threshold: float | None = None,
    push: str | None = None,
    private: bool = False,
    grading: Grading | None = None,
    license: str | None = None,
    overwrite: bool = False,
) -> Export:
    """Write labels or targets in a form that trainers read, with a data card.

    Args:
        folder: a finished run of labels, or targets by `cpmi calibrate`, `consensus` or `hybrid`.
        out: a folder for the data.
        to: "parquet", "datasets" or "jsonl" (all in the stepwise form), or "math-shepherd".
        threshold: see `cpmi.exports.rows.read_export`.
        push: OWNER/NAME of a data set on the Hugging Face Hub to upload it to.
        private: make that private if it is created.
        grading: how answers are compared for the quality on the card; None for as in the run.
        license: of the texts; None for as recorded when they were labeled.
        overwrite: replace an export with other settings in `out`.

    Raises:
        ConfigError: a form, a name or a license that does not exist, or what `read_export` says.
        InputError: there is no chain, or no step is decided.
        RunError: `folder` is neither a run nor targets, or `out` holds something else.
        MissingDependencyError: `datasets` or `huggingface_hub` is needed and not installed.
        StorageError: the disk or the Hub refused.
    """
    folder, out = Path(folder), Path(out)
    _check(to, push, license)
    expect_claimable(out, _FILES)
    exported = _read(folder, threshold, to)
    manifest = read_manifest(folder)
    grading = settled(grading, [folder])
    facts = _facts(exported, folder, to, manifest, grading, license)
    determines = {
        "stage": "export",
        "options": {"to": to, "threshold": threshold, "percent": grading.percent},
        "labels": None if manifest is None else manifest.fingerprint,
        **determining(grading),
        **_stated(license),
    }
    made = Manifest(determines=determines, circumstances={"labels": str(folder), **circumstance(grading)})
    with claim(out, made, files=_FILES, overwrite=overwrite):
        write_json(out / FACTS_NAME, facts_json(facts, exported))
        write_text(out / CARD_NAME, write_card(facts, exported))
        name = write_form(exported.rows, to, out / STAGED if to == "datasets" else out)
        if to == "datasets":
            adopt(out)
    return Export(
        folder=out,
        data=out / name if name else out,
        exported=exported,
        quality=facts.quality,
        address=None if push is None else push_to_hub(out, push, private=private),
    )


def _facts(
    exported: Exported,
    folder: Path,
    to: Form,
    manifest: Manifest | None,
    grading: Grading,
    license: str | None,
) -> CardFacts:
    methods = exported.methods
    labels = facts_of(folder, method=", ".join(methods), unit="")
    return CardFacts(
        form=to,
        file=_FILE_OF[to],
        methods=methods,
        model=None if manifest is None else manifest.model,
        fingerprint=None if manifest is None else manifest.fingerprint,
        labels=labels.licensed(license),
        spent=read_spent(folder),
        quality=measure_quality(exported.rated, grading),
    )


def _stated(license: str | None) -> dict[str, str]:
    return {} if license is None else {"license": license}


def _check(to: str, push: str | None, license: str | None) -> None:
    expect_license(license)
    if to not in FORMS:
        raise ConfigError(
            "no such form",
            where="option to",
            got=to,
            expected=", ".join(FORMS),
            hint=did_you_mean(to, FORMS),
        )
    if push is not None:
        check_hub_name(push)
    if push is not None and to == "datasets":
        raise ConfigError(
            "a folder of save_to_disk cannot be loaded from the Hub",
            where="options to and push-to-hub",
            hint="Use --to parquet: datasets.load_dataset reads it from there.",
        )
    with needed():
        if to == "datasets":
            import_module("datasets")
        if push is not None:
            import_module("huggingface_hub")


def _read(folder: Path, threshold: float | None, to: Form) -> Exported:
    """The rows that the form can hold; how many it cannot is said among the chains left out."""
    exported = read_export(folder, threshold, fits=fits_math_shepherd if to == "math-shepherd" else None)
    if not exported.num_unfit:
        return exported
    if not exported.rows:
        raise RunError(
            "no chain can be written in this form",
            where=str(folder),
            got=f"{NOT_WRITABLE}: {exported.num_unfit}",
            hint="Use --to parquet, which holds any text.",
        )
    left_out = {**exported.left_out, NOT_WRITABLE: exported.num_unfit}
    return replace(exported, left_out=dict(sorted(left_out.items())))
