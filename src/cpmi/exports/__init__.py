"""From label sets to data sets that other trainers read, each with a card that says what it is worth.

`export_labels(folder, out, to="parquet")` writes one.
"""

from cpmi.exports.export import Export, export_labels
from cpmi.exports.forms import FORMS, Form

__all__ = ["FORMS", "Export", "Form", "export_labels"]
