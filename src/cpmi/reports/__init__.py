"""Runs and what became of them as one page that needs nothing else, and the same content as JSON.

`make_report(folders)` reads, `write_report(report, out)` writes the page and the JSON beside it.
"""

from cpmi.reports.content import MAX_CHAINS, Report, make_report, read_best_of_n, read_evaluation
from cpmi.reports.writing import write_report

__all__ = ["MAX_CHAINS", "Report", "make_report", "read_best_of_n", "read_evaluation", "write_report"]
