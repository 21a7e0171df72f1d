"""Evidence without a contrast, on real chains: `python -m benchmarks.without_contrast`; needs CPMI_DATA.

The kept labels of `evidence` are read again as if no chain had a wrong answer to compare with: by the weights
fitted for that on the dev half. Printed are these weights, and the measures of the test half against those of
the whole label, paired.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.claims.measure import Restored, read
from benchmarks.claims.run import KEPT
from benchmarks.evidence_of_probe import labeled

from cpmi.answers import Equivalence
from cpmi.evaluate import Comparison, compare
from cpmi.runs.table import read_labels
from cpmi.targets.weights import fit_rows

NAME = "evidence_without_contrast"


def main() -> None:
    data = os.environ.get("CPMI_DATA")
    if not data:
        raise SystemExit("CPMI_DATA is not set: a folder with processbench/gsm8k.json and gsm8k/test.jsonl")
    with TemporaryDirectory() as folder:
        work = Restored(read(Path(data)), Path(folder), KEPT)
        weights = fit_rows(read_labels(work.run("dev-evidence")), where="dev").weights.without_contrast
        assert weights is not None
        print("weights", weights.to_json())
        whole = work.run("evidence")
        with Equivalence() as equivalence:
            rows = [labeled(row, weights, equivalence) for row in read_labels(whole)]
        reduced = work.written(NAME, rows, like=whole)
        show("the whole label", "without a contrast", compare(whole, reduced))
        show("without contrast, alone", "Monte Carlo", compare(f"{reduced}:alone", work.monte_carlo()))
        show("without a contrast", "Monte Carlo", compare(reduced, work.monte_carlo()))


def show(first: str, second: str, found: Comparison) -> None:
    print(f"\n{first} - {second}, {found.evaluation.ground.num_chains} chains")
    for measure in found.measures:
        difference = measure.difference
        print(
            f"{measure.name:22} {measure.first.value:.3f} {measure.second.value:.3f} "
            f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
        )


if __name__ == "__main__":
    main()
