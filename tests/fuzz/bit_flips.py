"""Flips single bits of everything that cpmi writes and reads again, and counts what becomes of each.

    python -m tests.fuzz.bit_flips --flips 400

A flip is *refused* (an error by name), *repaired* (a chunk that is made again: the results are those of the
intact one), *harmless* (the content is the same: `1e5` and `1E5`), *noticed* (a warning) or *silent*: other
values without a word. The last column must be 0.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from cpmi.api.world import write_problems
from cpmi.data import read_chains, read_problems, write_jsonl
from cpmi.digests import expect_folder_intact
from cpmi.engines.fake import FakeEngine
from cpmi.errors import CpmiError, RecordError
from cpmi.evaluate import evaluate_labels
from cpmi.evaluate.best_of_n_result import BestOfN
from cpmi.evaluate.storing import store
from cpmi.exports import export_labels
from cpmi.prm.card import Card, read_card
from cpmi.prm.checkpoints import last_checkpoint, seal_checkpoint
from cpmi.prm.layout import Layout
from cpmi.reports import read_best_of_n, read_evaluation
from cpmi.requests import SampleRequest
from cpmi.runs.folder import claim
from cpmi.runs.journal import Journal
from cpmi.runs.manifest import Manifest, read_manifest
from cpmi.runs.products import write_json_product
from cpmi.runs.score import Scoring
from cpmi.runs.score_table import read_scores
from cpmi.runs.spent import read_spent
from cpmi.runs.stages import run_stage
from cpmi.runs.table import read_labels
from cpmi.storage import write_json
from cpmi.targets import calibrate_labels, read_targets
from cpmi.types import StepScores
from cpmi.weights import Weights
from tests.end_to_end import tiny

SEED = 20_26
OUTCOMES = ("refused", "repaired", "harmless", "noticed", "silent")


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        name: of the kind.
        file: whose bits are flipped.
        read: what a reader gets from it, comparable.
        repairs: whether a damaged file is made again.
    """

    name: str
    file: Path
    read: Callable[[], object]
    repairs: bool = False


def kinds(folder: Path) -> list[Kind]:
    """One file of every kind, written into a folder."""
    labels = folder / "labels"
    chains = [tiny.chain(index, answer="7") for index in range(12)]
    tiny.run(labels, [*chains, tiny.chain(12, question="impossible")], on_error="skip")
    return [
        Kind("labels", labels / "labels.parquet", lambda: list(read_labels(labels))),
        Kind("usage", labels / "usage.json", lambda: read_spent(labels)),
        Kind("rejects", labels / "rejects.jsonl", lambda: expect_folder_intact(labels)),
        Kind("manifest", labels / "manifest.json", lambda: _facts(labels)),
        *_chunks(folder / "resumed"),
        *_made_of_labels(labels, folder),
        *_scores(folder / "scores"),
        *_results(folder),
        *_reward_model(folder / "prm"),
    ]


def _facts(folder: Path) -> object:
    manifest = read_manifest(folder)
    return None if manifest is None else manifest.to_json()


def _chunks(out: Path) -> Iterator[Kind]:
    chains = [tiny.chain(index) for index in range(10)]

    def resume(folder: Path) -> object:
        totals = tiny.run(folder, chains)
        return list(read_labels(folder)), replace(totals, wall_s=0.0, usage=replace(totals.usage, wall_s=0.0))

    def resume_a_copy() -> object:
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(interrupted, copy, dirs_exist_ok=True)
            return resume(Path(copy))

    interrupted = out.with_name("interrupted")
    with suppress(RecordError):
        tiny.run(interrupted, [*chains[:8], RecordError("torn")])
    yield Kind("chunks at work", interrupted / "work.jsonl", resume_a_copy, repairs=True)
    resume(out)
    yield Kind("chunks of a result", out / "chunks.jsonl", lambda: resume(out))
    yield _journal(out.with_name("journal.jsonl"))


def _journal(path: Path) -> Kind:
    requests = [SampleRequest(prompt=(65,), num_samples=3, max_tokens=4, seed=seed) for seed in range(3)]

    def replay() -> object:
        journal, engine = Journal(path), FakeEngine()
        return [reply.texts for one in requests for reply in journal.sample([one], engine.sample)]

    replay()
    return Kind("journal", path, replay, repairs=True)


def _made_of_labels(labels: Path, folder: Path) -> Iterator[Kind]:
    targets = folder / "targets"
    calibrate_labels(labels, targets, map="robust")
    yield Kind("targets", targets / "targets.parquet", lambda: list(read_targets(targets)))
    for form, name in (("parquet", "train.parquet"), ("math-shepherd", "train.jsonl")):
        out = folder / f"export {form}"
        export_labels(targets, out, to=form)  # type: ignore[arg-type]
        yield _chains_of(f"export {form}", out / name, out / name)


def _chains_of(name: str, file: Path, source: Path) -> Kind:
    return Kind(name, file, lambda: [_whole(chain) for chain in read_chains(source)])


def _whole(record: object) -> object:
    if isinstance(record, RecordError):
        raise record
    return record


def _scores(out: Path) -> Iterator[Kind]:
    rows = [tiny.chain(index) for index in range(8)]
    scoring = Scoring(lambda chains: [StepScores(values=(0.5,) * len(chain.steps)) for chain in chains])
    manifest = Manifest(determines={"stage": "score"}, circumstances={})
    run_stage(scoring, rows, out=out, manifest=manifest)
    yield Kind("scores", out / "scores.parquet", lambda: list(read_scores(out)))


def _results(folder: Path) -> Iterator[Kind]:
    sampled = folder / "sampled"
    with claim(sampled, Manifest(determines={"stage": "sample"}, circumstances={}), files=("chains.jsonl",)):
        write_jsonl((tiny.chain(index) for index in range(6)), sampled / "chains.jsonl")
    yield _chains_of("chains", sampled / "chains.jsonl", sampled)
    problems = folder / "problems.jsonl"
    write_problems(problems, num=6)
    yield Kind("problems of the world", problems, lambda: [_whole(one) for one in read_problems(problems)])
    weights = folder / "weights.json"
    write_json_product(weights, {**Weights(bias=0.25, least_number=1.5, mean=0.1, gain=2.0).to_json()})
    yield Kind("weights", weights, lambda: Weights.read(weights).to_json())
    evaluation = folder / "evaluation.json"
    write_json_product(evaluation, _evaluation(folder / "rated"))
    yield Kind("evaluation", evaluation, lambda: read_evaluation(evaluation))
    benchmark = folder / "benchmark"
    store(_best_of_n(), benchmark)
    file = benchmark / "best-of-n.json"
    yield Kind("best of N", file, lambda: read_best_of_n(file))


def _evaluation(folder: Path) -> dict[str, object]:
    from tests.end_to_end.rated_runs import chains, write_run

    with warnings.catch_warnings(action="ignore"):
        run = write_run(folder, chains(20), lambda chain: list(np.linspace(0, 1, len(chain.steps))))
        return evaluate_labels([run], num_draws=5).to_json()


def _best_of_n() -> BestOfN:
    return BestOfN(
        num_problems=3, ns=(1, 2), rows=(), verdicts={"same": 4, "different": 2}, left_out=(), num_draws=10,
        seed=0, warnings=(), samples=(),
    )  # fmt: skip


def _reward_model(out: Path) -> Iterator[Kind]:
    names = ("model.safetensors", "tokenizer.json", "prm.json")
    card = Card(layout=Layout(step_token="<s>"), step_token_id=3, threshold={"value": 0.5})
    with claim(out, Manifest(determines={"stage": "train"}, circumstances={}), files=names):
        for name in names[:2]:
            (out / name).write_bytes(random.Random(SEED).randbytes(500))
        write_json(out / "prm.json", card.to_json())
    for name in names:
        yield Kind(f"reward model: {name}", out / name, lambda: asdict(read_card(out)))
    checkpoint = out / "checkpoints" / "checkpoint-1"
    checkpoint.mkdir(parents=True)
    (checkpoint / "optimizer.pt").write_bytes(bytes(300))
    (checkpoint / "trainer_state.json").write_text(json.dumps({"global_step": 1}))
    seal_checkpoint(checkpoint)
    for name in ("optimizer.pt", "trainer_state.json"):
        file = checkpoint / name
        yield Kind(f"checkpoint: {name}", file, lambda: last_checkpoint(out), repairs=True)


def outcome(kind: Kind, expected: object) -> str:
    """What a reader makes of the file as it is."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            found = kind.read()
        except CpmiError:
            return "refused"
    if kind.repairs and found in (expected, None):
        return "repaired"
    if said:
        return "noticed"
    return "harmless" if found == expected else "silent"


def flip(kind: Kind, num_flips: int, seed: int) -> Counter[str]:
    """Flip bits of the file, one at a time, and count the outcomes; the file is as before in the end."""
    expected, content = kind.read(), kind.file.read_bytes()
    draw = random.Random(f"{seed} {kind.name}")
    found: Counter[str] = Counter()
    for _ in range(num_flips if content else 0):
        place, bit = draw.randrange(len(content)), draw.randrange(8)
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        kind.file.write_bytes(damaged)
        found[outcome(kind, expected)] += 1
    kind.file.write_bytes(content)
    return found


def campaign(num_flips: int, *, seed: int = SEED, only: str = "") -> dict[str, Counter[str]]:
    """The outcomes of every kind whose name has `only` in it."""
    folder = Path(tempfile.mkdtemp())
    try:
        return {kind.name: flip(kind, num_flips, seed) for kind in kinds(folder) if only in kind.name}
    finally:
        shutil.rmtree(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--flips", type=int, default=400, help="per kind")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="", help="kinds with this in their name")
    given = parser.parse_args()
    found = campaign(given.flips, seed=given.seed, only=given.only)
    print(f"{'kind':<32}" + "".join(f"{name:>10}" for name in OUTCOMES))
    for name, counts in found.items():
        print(f"{name:<32}" + "".join(f"{counts[one]:>10}" for one in OUTCOMES))
    return sum(counts["silent"] for counts in found.values())


if __name__ == "__main__":
    sys.exit(main())
