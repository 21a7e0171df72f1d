"""Write a report: the page, and the same content as JSON beside it."""

from __future__ import annotations

import shlex
from pathlib import Path

from cpmi.errors import InputError
from cpmi.reports.content import Report
from cpmi.reports.page import render
from cpmi.runs.products import json_product, write_products


def write_report(report: Report, out: Path, *, options: tuple[str, ...] = ()) -> Path:
    """Write `out` and, beside it, the JSON; return the path of the JSON.

    Args:
        report: what to write.
        out: the page, a name that ends in .html.
        options: flags it was made with beside the folders, for the command that the page prints.

    Raises:
        InputError: the name of the page does not end in .html.
        RunError: a file that is not a report is there.
        StorageError: the disk refused.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError("a page ends in .html", where="--out", got=str(out), expected="such as report.html")
    json_path = out.with_suffix(".json")
    words = ["cpmi", "report", *(str(run.folder) for run in report.runs), *options, "--out", str(out)]
    page = render(report, json_name=json_path.name, own_command=shlex.join(words))
    write_products({json_path: json_product(report.to_json()), out: page})
    return json_path
