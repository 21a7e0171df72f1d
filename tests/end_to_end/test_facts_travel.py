"""Facts of labels travel with them: into targets, exports, training and evaluation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cpmi.data import problem_digest
from cpmi.digests import sealed
from cpmi.evaluate import evaluate_labels
from cpmi.exports import export_labels
from cpmi.facts import Facts
from cpmi.methods import METHODS
from cpmi.runs.facts import facts_of
from cpmi.runs.manifest import Manifest, write_manifest
from cpmi.targets import calibrate_labels, consensus_of, hybrid_of
from tests.end_to_end.rated_runs import chains, noise, write_run

pytest.importorskip("sklearn")
CHAINS = chains(120)


def run(folder: Path, method: str, **options: Any) -> Path:
    """A run of a method with the facts that its class states."""
    kind = METHODS[method]
    write_run(folder, CHAINS, noise(1, lowered=2), method=method, unit=kind.unit)
    facts = kind.facts(kind.Options(**options))
    circumstances = {"model": "small", "facts": facts.to_json()}
    write_manifest(folder, Manifest(determines={"method": method}, circumstances=circumstances))
    return folder


def success(folder: Path) -> Path:
    def rates(chain):
        return [min(1.0, max(0.0, 0.5 + value / 10)) for value in noise(2, lowered=2)(chain)]

    kind = METHODS["monte_carlo"]
    write_run(folder, CHAINS, rates, method="monte_carlo", unit=kind.unit)
    facts = kind.facts(kind.Options())
    write_manifest(folder, Manifest(determines={}, circumstances={"facts": facts.to_json()}))
    return folder


def marks(*folders: Path) -> list[bool]:
    return [facts.knows_answer for facts in evaluate_labels(list(folders), num_draws=10).runs]


def test_a_hybrid_with_evidence_reads_the_final_answer(tmp_path: Path) -> None:
    rollouts, evidence = success(tmp_path / "mc"), run(tmp_path / "evidence", "evidence")
    net_gain = run(tmp_path / "net_gain", "net_gain")
    hybrid_of(rollouts, evidence, tmp_path / "hybrid", num_first=1)
    hybrid_of(rollouts, net_gain, tmp_path / "other", num_first=1)
    assert marks(tmp_path / "hybrid", tmp_path / "other") == [True, False]


def test_evidence_alone_calibrated_does_not(tmp_path: Path) -> None:
    alone = run(tmp_path / "alone", "evidence", label="alone")
    whole = run(tmp_path / "whole", "evidence")
    for folder in (alone, whole):
        calibrate_labels(folder, folder / "targets", map="platt")
    folders = (alone, alone / "targets", whole, whole / "targets")
    assert marks(*folders) == [False, False, True, True]


def test_problems_that_weights_were_fitted_on_are_left_out_of_targets_too(tmp_path: Path) -> None:
    question = CHAINS[0].question
    weights = {"bias": 1.0, "least_number": 1.0, "mean": 1.0, "gain": 1.0}
    fitted = {**weights, "problems": [problem_digest(question)]}
    folder = run(tmp_path / "run", "evidence", weights=fitted)
    calibrate_labels(folder, tmp_path / "targets", map="robust")
    found = evaluate_labels([tmp_path / "targets"], num_draws=10)
    assert [item.num_chains for item in found.ground.left_out if "fitted" in item.reason] == [1]


def test_facts_reach_consensus_export_and_training(tmp_path: Path) -> None:
    from cpmi.api.training_input import read_training_input

    evidence, net_gain = run(tmp_path / "evidence", "evidence"), run(tmp_path / "net_gain", "net_gain")
    consensus_of(evidence, net_gain, tmp_path / "both")
    facts = facts_of(tmp_path / "both", method="", unit="")
    assert facts.reads_final_answer
    assert facts.method == "consensus (evidence, net_gain)"
    export_labels(tmp_path / "both", tmp_path / "export")
    assert json.loads((tmp_path / "export" / "export.json").read_text())["facts"]["reads_final_answer"]
    assert read_training_input(tmp_path / "both").facts["facts"]["reads_final_answer"]


def test_notices_reach_targets_and_what_is_said_of_them(tmp_path: Path) -> None:
    rollouts, evidence = success(tmp_path / "mc"), run(tmp_path / "evidence", "evidence")
    manifest = json.loads((evidence / "manifest.json").read_text())
    manifest["circumstances"]["facts"]["notices"] = ["weights fitted on X"]
    del manifest["sha256"]
    (evidence / "manifest.json").write_text(json.dumps(sealed(manifest)))
    hybrid = hybrid_of(rollouts, evidence, tmp_path / "hybrid", num_first=1)
    consensus_of(rollouts, evidence, tmp_path / "both")
    targets = calibrate_labels(evidence, tmp_path / "targets", map="robust")
    assert hybrid.notes[-1] == targets.notes[-1] == "weights fitted on X"
    for name in ("hybrid", "both", "targets"):
        facts = facts_of(tmp_path / name, method="", unit="")
        assert facts.notices == ("weights fitted on X",)
        assert facts.weights == "Qwen2.5-Coder-0.5B-Instruct Q4_K_M (chat)"


@pytest.mark.parametrize(
    ("method", "options", "expected"),
    [
        ("evidence", {}, True),
        ("evidence", {"label": "alone"}, False),
        ("adaptive", {"budget": 0.2}, True),
        ("net_gain", {"num_negatives": 5}, False),
        ("hybrid (monte_carlo, evidence)", {}, True),
        ("something of yours", {}, False),
    ],
)
def test_older_runs_without_facts(
    tmp_path: Path, method: str, options: dict[str, Any], expected: bool
) -> None:
    write_manifest(tmp_path, Manifest(determines={"options": options}, circumstances={"fitted_on": ["a1"]}))
    facts = facts_of(tmp_path, method=method, unit="nat")
    assert facts.reads_final_answer is expected
    assert facts.fitted_on == ("a1",)


def test_facts_survive_json() -> None:
    facts = Facts(method="m", unit="nat", features=("a", "b"), fitted_on=("x",), contexts="single_step")
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts
