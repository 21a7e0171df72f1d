"""Measure the kept labels against human first errors: `python -m benchmarks.claims.measure`; needs CPMI_DATA.

Writes the results that `benchmarks.claims.page` makes the page from, as JSON beside the labels: `test.json`
(all methods on the test half), `paired.json`, `all.json` (all chains), `consensus.json` and `costs.json`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.claims.costs import costs
from benchmarks.claims.derived import derive, read_counts
from benchmarks.claims.run import KEPT
from benchmarks.evidence_of_probe import labeled
from benchmarks.kept import restore
from benchmarks.labels_real import CHAINS, is_dev

from cpmi.answers import Equivalence
from cpmi.api.common import read_join
from cpmi.data import read_chains
from cpmi.evaluate import compare, evaluate_labels
from cpmi.runs.folder import claim
from cpmi.runs.manifest import Manifest, read_manifest
from cpmi.runs.table import TABLE_NAME, LabeledChain, encode, read_labels, read_schema
from cpmi.storage import write_json
from cpmi.targets import calibrate_labels, consensus_of, hybrid_of, read_targets
from cpmi.types import Chain
from cpmi.weights import Weights

NUM_SHARDS = 8
MONTE_CARLO = [f"monte_carlo-{shard}" for shard in range(NUM_SHARDS)]
OTHERS = ("cpmi", "net_gain", "judge")
CONTRAST = "evidence_contrast"
CURVES = ("roc", "histogram", "calibration")
NUM_FIRST = 1  # steps that the hybrid takes from Monte Carlo, as the publication's costs imply


def main() -> None:
    data = os.environ.get("CPMI_DATA")
    if not data:
        raise SystemExit("CPMI_DATA is not set: a folder with processbench/gsm8k.json and gsm8k/test.jsonl")
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else KEPT
    out.mkdir(parents=True, exist_ok=True)
    for name, result in measure(Path(data)).items():
        write_json(out / f"{name}.json", result)
        print(out / f"{name}.json")


def measure(data: Path, kept: Path = KEPT) -> dict[str, Any]:
    """All results, by the name of their file.

    Args:
        data: the folder of the data.
        kept: the folder of the kept runs.
    """
    with TemporaryDirectory() as folder:
        work = Restored(read(data), Path(folder), kept)
        evidence = work.run("evidence")
        test = [
            evidence, f"{evidence}:alone", *map(work.run, work.contrasts()), work.monte_carlo(),
            work.derived("pav"), work.derived("binary_search"), *map(work.run, OTHERS), work.hybrid(),
        ]  # fmt: skip
        whole = [work.all_evidence(), *work.on_all_chains()]
        return {
            "test": evaluated(test, work.folder),
            "all": evaluated([*whole, work.monte_carlo()], work.folder),
            "paired": paired(work),
            "consensus": consensus(work),
            "costs": costs(kept, work.folder, ("evidence", *work.contrasts(), *OTHERS)),
        }


def read(data: Path) -> dict[str, Chain]:
    """The chains with their golds, by id."""
    source, gold = CHAINS["processbench"]
    join = read_join(str(data / str(gold)), "stop")
    return {chain.id: join(chain) for chain in read_chains(data / source) if isinstance(chain, Chain)}


class Restored:
    """Folders of kept labels, made again as they are asked for."""

    def __init__(self, chains: Mapping[str, Chain], folder: Path, kept: Path) -> None:
        self.chains = chains
        self.folder = folder
        self._kept = kept

    def run(self, name: str, stems: Sequence[str] = ()) -> Path:
        if not (self.folder / name).exists():
            restore([self._kept / stem for stem in stems or [name]], self.chains, self.folder / name)
        return self.folder / name

    def contrasts(self) -> list[str]:
        """The run of `evidence` with a contrast model, where there is one."""
        return [CONTRAST] if (self._kept / f"{CONTRAST}.json").exists() else []

    def monte_carlo(self) -> Path:
        return self.run("monte_carlo", MONTE_CARLO)

    def derived(self, name: str) -> Path:
        """Labels of the test half by a method that draws what Monte Carlo has drawn."""
        counts = read_counts(self.monte_carlo(), first=1)
        counts |= read_counts(self.run("from_question"), first=0)
        return derive(name, self.of_half(dev=False), counts, self.folder / name)

    def of_half(self, *, dev: bool) -> list[Chain]:
        return [chain for chain in self.chains.values() if is_dev(chain.question) == dev]

    def hybrid(self) -> Path:
        out = self.folder / "hybrid"
        hybrid_of(self.monte_carlo(), self.run("cpmi"), out, num_first=NUM_FIRST)
        return out

    def half_of_monte_carlo(self, *, dev: bool) -> Path:
        """Monte Carlo's labels of one half, as a run of their own."""
        rows = [row for row in read_labels(self.monte_carlo()) if is_dev(row.chain.question) == dev]
        return self.written(f"monte_carlo-{'dev' if dev else 'test'}", rows, like=self.monte_carlo())

    def dev_evidence(self) -> Path:
        """`evidence` on dev with the weights that were fitted there; it was run with those of the package."""
        weights = Weights.read(self._kept / "evidence-weights.json")
        run = self.run("dev-evidence")
        with Equivalence() as equivalence:
            rows = [labeled(row, weights, equivalence) for row in read_labels(run)]
        return self.written("fitted-evidence", rows, like=run)

    def all_evidence(self) -> Path:
        """Both halves, with the same weights."""
        test = self.run("evidence")
        rows = [*read_labels(self.dev_evidence()), *read_labels(test)]
        return self.written("all-evidence", rows, like=test)

    def on_all_chains(self) -> list[Path]:
        """The methods that were run on both halves."""
        both = [name for name in OTHERS if (self._kept / f"dev-{name}.json").exists()]
        return [self.run(f"all-{name}", [f"dev-{name}", name]) for name in both]

    def written(self, name: str, rows: Sequence[LabeledChain], *, like: Path) -> Path:
        """A folder of some rows, with the facts of a run but for the problems its weights were fitted on."""
        made = read_manifest(like)
        assert made is not None
        facts = {**made.circumstances["facts"], "fitted_on": []}
        manifest = Manifest(
            determines={"stage": "label", "method": facts["method"], "made": name},
            circumstances={**made.circumstances, "facts": facts},
        )
        folder = self.folder / name
        if not folder.exists():
            with claim(folder, manifest, files=(TABLE_NAME,)):
                (folder / TABLE_NAME).write_bytes(encode(rows, read_schema(like)))
        return folder


def evaluated(runs: Sequence[str | Path], folder: Path) -> dict[str, Any]:
    """An evaluation without its curves; labels are named by their folders."""
    found = evaluate_labels(runs).to_json()
    labels = [row["name"] for row in found["rows"] if row["kind"] == "label"]
    names = dict(zip(labels, (Path(run).name for run in runs), strict=True))
    for row in found["rows"]:
        row["name"] = names.get(row["name"], row["name"])
        for left_out in (*CURVES, "folder"):
            del row[left_out]
    for difference in found["differences"]:
        difference["first"], difference["second"] = names[difference["first"]], names[difference["second"]]
    del found["findings"]
    return dict(json.loads(json.dumps(found).replace(f"{folder}/", "")))


def paired(work: Restored) -> dict[str, Any]:
    """Two label sets against Monte Carlo on the test half, with the chains it takes to decide."""
    rival = work.monte_carlo()
    found = {name: compare(work.run(name), rival) for name in ("evidence", *work.contrasts(), "cpmi")}
    dev = [work.dev_evidence(), work.half_of_monte_carlo(dev=True)]
    found["evidence, thresholds of dev"] = compare(
        work.run("evidence"), work.half_of_monte_carlo(dev=False), dev=dev
    )
    return {name: one.to_json()["measures"] for name, one in found.items()}


def consensus(work: Restored) -> dict[str, Any]:
    """What `evidence` and Monte Carlo agree on, each with the threshold of the best F1 on the dev half."""
    runs = {"evidence": work.run("evidence"), "monte_carlo": work.half_of_monte_carlo(dev=False)}
    rated = {"evidence": work.dev_evidence(), "monte_carlo": work.half_of_monte_carlo(dev=True)}
    made = {name: work.folder / f"targets-{name}" for name in runs}
    thresholds = {}
    for name, run in runs.items():
        calibrate_labels(run, made[name], map="platt", rated=rated[name])
        measured = evaluate_labels([run], dev=[rated[name]], num_draws=1).rows[0].f1
        assert measured is not None
        thresholds[name] = _in_targets(made[name], measured.thresholds[0])
    out = work.folder / "consensus"
    both = thresholds["evidence"], thresholds["monte_carlo"]
    agreed = consensus_of(made["evidence"], made["monte_carlo"], out, thresholds=both)
    kept = {row.chain.id for row in read_targets(out)}
    named = {name: dict(_named(folder, thresholds[name])) for name, folder in made.items()}
    named["consensus"] = {id: found for id, found in named["evidence"].items() if id in kept}
    return {
        "thresholds": thresholds,
        "sets": {name: _exact(list(found.values())) for name, found in named.items()},
        "agreed": {name: value for name, value in agreed.to_json().items() if name != "positions"},
    }


NONE = -1  # no error


def _in_targets(folder: Path, threshold: float | None) -> float:
    """A threshold of labels as one of the targets that a rising map made of them."""
    assert threshold is not None
    pairs = [pair for row in read_targets(folder) for pair in zip(row.labels, row.targets, strict=True)]
    known = [(label, target) for label, target in pairs if label is not None and target is not None]
    below = max((target for label, target in known if label < threshold), default=0.0)
    above = min((target for label, target in known if label >= threshold), default=1.0)
    return (below + above) / 2


def _named(folder: Path, threshold: float) -> Iterator[tuple[str, tuple[int, int]]]:
    """Chain -> first error by a threshold, and by the human ratings."""
    for row in read_targets(folder):
        below = (i for i, target in enumerate(row.targets) if target is not None and target < threshold)
        truth = row.chain.first_error
        assert isinstance(truth, int)
        yield row.chain.id, (next(below, NONE), truth)


def _exact(rows: Sequence[tuple[int, int]]) -> dict[str, int]:
    """Of how many wrong chains the first error is named, and of how many right ones none."""
    wrong = [named == truth for named, truth in rows if truth != NONE]
    right = [named == truth for named, truth in rows if truth == NONE]
    return {"num_wrong": len(wrong), "found": sum(wrong), "num_right": len(right), "passed": sum(right)}


if __name__ == "__main__":
    main()
