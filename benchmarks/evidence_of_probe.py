"""The label `evidence` from a finished `probe` run, without a model: one forward tree tells all of it.

Weights are fitted on the dev half of the run and frozen; the label stands on the test half. The contrast of
`probe` asks with two cues and five wrong answers, where `evidence` asks with one and two, so the weight of
`gain` is another.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from benchmarks.labels_real import is_dev

from cpmi.answers import Equivalence
from cpmi.beliefs import log_prior, step_log_odds, with_answer
from cpmi.methods import Evidence
from cpmi.methods.contrast import own_answer
from cpmi.runs.manifest import read_manifest, write_manifest
from cpmi.runs.results import USAGE_NAME
from cpmi.runs.table import TABLE_NAME, LabeledChain, encode, read_labels, schema
from cpmi.storage import replacing
from cpmi.targets.weights import fit_rows
from cpmi.types import LOG_ODDS, StepLabels
from cpmi.weights import FEATURES, SurpriseWeights, Weights

PARTS = (*FEATURES, "alone")


def derive(probe: Path, out: Path, *, contrast_model: Path | None = None) -> Weights:
    """Write the labels of the test half as a run folder whose cost is that of the whole probe.

    Args:
        probe: of the labeling model.
        out: the folder.
        contrast_model: the probe of the model that reads the gain, over the same chains.
    """
    gains = {} if contrast_model is None else {r.chain.id: r.labels for r in read_labels(contrast_model)}
    rows = [with_readings(row, gains.get(row.chain.id)) for row in read_labels(probe)]
    weights = fit_rows((row for row in rows if is_dev(row.chain.question)), where=str(probe)).weights
    with Equivalence() as equivalence:
        test = [labeled(row, weights, equivalence) for row in rows if not is_dev(row.chain.question)]
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(probe / USAGE_NAME, out / USAGE_NAME)
    made_from = read_manifest(probe)
    assert made_from is not None
    facts = Evidence.facts(Evidence.Options(weights=weights)).to_json()
    circumstances = {**made_from.circumstances, "facts": facts}
    write_manifest(out, replace(made_from, circumstances=circumstances))
    with replacing(out / TABLE_NAME) as file:
        file.write(encode(test, schema(Evidence.name, PARTS)))
    return weights


def with_readings(row: LabeledChain, contrast_model: StepLabels | None) -> LabeledChain:
    kept = {name: row.labels.parts[name] for name in FEATURES if name in row.labels.parts}
    if contrast_model is not None and kept:
        if contrast_model.abstained:
            raise SystemExit(f"{row.chain.id}: one label set abstained, the other did not")
        kept["gain"] = contrast_model.parts["gain"]
    return replace(row, labels=replace(row.labels, method=Evidence.name, parts=kept))


def labeled(row: LabeledChain, weights: Weights | SurpriseWeights, equivalence: Equivalence) -> LabeledChain:
    """As `cpmi.methods.evidence` labels a chain from the same readings."""
    if row.labels.abstained:
        return replace(row, labels=replace(row.labels, unit=LOG_ODDS))
    alone_S = weights.log_odds(row.labels.parts)
    belief_J = with_answer(log_prior(alone_S), own_answer(row.chain, equivalence))
    values_S = step_log_odds(belief_J)
    assert np.isfinite(values_S).all()
    return replace(
        row,
        labels=replace(
            row.labels,
            unit=LOG_ODDS,
            values=tuple(values_S.tolist()),
            parts={**row.labels.parts, "alone": tuple(alone_S.tolist())},
        ),
    )
