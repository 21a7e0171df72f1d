"""A report as values: read from run folders, before any page is drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cpmi.answers import Grading
from cpmi.arguments import checked
from cpmi.digests import expect_sealed
from cpmi.errors import InputError
from cpmi.evaluate.best_of_n_result import BestOfN
from cpmi.evaluate.result import Evaluation
from cpmi.json_files import parse_json
from cpmi.machine import package_version
from cpmi.places import real
from cpmi.reports.chains import ShownChains, embed_chains
from cpmi.reports.runs import ReportedRun, common_folder, read_runs
from cpmi.reports.summary import Conclusion, Headline, headlines, statement, verdict
from cpmi.runs.grading import settled

FORMAT = 1
MAX_CHAINS = 300
NO_RATINGS = "These chains carry no ratings, so there is nothing to hold the labels against."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that the page shows and report.json holds.

    Attributes:
        runs: in the order of the evaluation's label rows and under their names, else as given; a run's place
            here is the index of its color.
        evaluation: None where the chains carry no ratings.
        statement: what was labeled, in a sentence.
        cards: the headline numbers.
        verdict: what follows.
        chains: those on the page.
        best_of_n: what a reward model from these labels does for choosing an answer; None if not given.
    """

    runs: tuple[ReportedRun, ...]
    evaluation: Evaluation | None
    statement: str
    cards: tuple[Headline, ...]
    verdict: Conclusion
    chains: ShownChains
    best_of_n: BestOfN | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for report.json."""
        return {
            "format": FORMAT,
            "cpmi": package_version("cpmi"),
            "statement": self.statement,
            "headlines": [asdict(card) for card in self.cards],
            "verdict": asdict(self.verdict),
            "runs": [run.facts() for run in self.runs],
            "evaluation": None if self.evaluation is None else self.evaluation.to_json(),
            "best_of_n": None if self.best_of_n is None else self.best_of_n.to_json(),
            "num_chains": self.chains.num_all,
            "num_chains_left_out": self.chains.num_left_out,
            "chains_shown": self.chains.rule or "all",
            "chains": list(self.chains.chains),
        }


@checked
def make_report(
    folders: Sequence[str | Path],
    *,
    evaluation: Evaluation | None = None,
    best_of_n: BestOfN | None = None,
    max_chains: int = MAX_CHAINS,
    grading: Grading | None = None,
) -> Report:
    """Read runs and bring together what is worth saying of them.

    Args:
        folders: run folders over the same chains.
        evaluation: of these runs; without it, it is computed if the chains are rated.
        best_of_n: by a reward model that was trained on labels of one of the runs.
        max_chains: chains in the browser at most.
        grading: how final answers are compared; None for as in the runs.

    Raises:
        InputError: the runs do not fit together, or the evaluation is of other runs.
        RunError: a folder holds no finished run.
    """
    if max_chains < 1:
        raise InputError("a page needs a chain", where="--max-chains", got=str(max_chains), expected=">= 1")
    paths = [Path(folder) for folder in folders]
    grading = settled(grading, paths)
    runs = read_runs(paths, max_chains)
    reason = NO_RATINGS
    if evaluation is None and any(run.is_rated for run in runs):
        evaluation, reason = _evaluate(paths, grading)
    if evaluation is not None:
        runs = _as_evaluated(runs, evaluation)
    shared = common_folder([run.folder for run in runs])
    runs = [replace(run, name=run.name.replace(shared, "")) for run in runs] if shared else runs
    chains = {id: num_steps for run in runs for id, num_steps in run.num_steps_of.items()}
    return Report(
        runs=tuple(runs),
        evaluation=evaluation,
        statement=statement(runs, len(chains), sum(chains.values())),
        cards=tuple(headlines(runs, evaluation)),
        verdict=verdict(runs, evaluation, reason, shared_folder=shared),
        chains=embed_chains(runs, max_chains=max_chains, grading=grading),
        best_of_n=best_of_n,
    )


def read_evaluation(path: Path) -> Evaluation:
    """The evaluation in a file.

    Raises:
        InputError: the file cannot be read or is not an evaluation.
        RunError: it has changed since it was written.
    """
    return Evaluation.from_json(_read_json(path, "evaluation.json"))


def read_best_of_n(path: Path) -> BestOfN:
    """The result of `cpmi evaluate best-of-n` in a file.

    Raises:
        InputError: the file cannot be read or is no such result.
        RunError: it has changed since it was written.
    """
    return BestOfN.from_json(_read_json(path, "best-of-n.json"))


def _read_json(path: Path, expected: str) -> Any:
    try:
        found = parse_json(path.read_bytes())
    except OSError as error:
        raise InputError("cannot be read", where=str(path), got=error.strerror or str(error)) from error
    except ValueError as error:
        raise InputError("not JSON", where=str(path), got=str(error), expected=expected) from error
    if isinstance(found, dict):
        expect_sealed(found, path)
    return found


def _evaluate(folders: Sequence[Path], grading: Grading) -> tuple[Evaluation | None, str]:
    """The evaluation, or why these ratings allow none: the page is worth having without."""
    from cpmi.evaluate import evaluate_labels

    try:
        return evaluate_labels(folders, grading=grading), ""
    except InputError as error:
        return None, f"They could not be held against their ratings: {error}."


def _as_evaluated(runs: Sequence[ReportedRun], evaluation: Evaluation) -> list[ReportedRun]:
    """The runs in the order of the label rows and under the rows' names.

    Raises:
        InputError: a row is of no run, or a run has no row.
    """
    fingerprints = {facts.folder: facts.fingerprint for facts in evaluation.runs}
    left = list(runs)
    ordered = []
    for row in evaluation.rows:
        if row.kind != "label":
            continue
        folder = row.folder or ""
        run = next((run for run in left if _is_of(run, folder, fingerprints.get(folder))), None)
        if run is None:
            raise _of_other_runs(f"a row of {folder or row.name}", runs)
        left.remove(run)
        ordered.append(replace(run, name=row.name))
    if left:
        raise _of_other_runs(f"no row of {left[0].folder}", runs)
    return ordered


def _is_of(run: ReportedRun, folder: str, fingerprint: str | None) -> bool:
    """By its folder, or by its fingerprint where the folder has moved since."""
    if real(folder) == real(run.folder):
        return True
    return fingerprint is not None and run.fact("fingerprint") == fingerprint


def _of_other_runs(got: str, runs: Sequence[ReportedRun]) -> InputError:
    return InputError(
        "the evaluation is of other runs",
        where="--evaluation",
        got=got,
        expected=", ".join(str(run.folder) for run in runs),
        hint="Leave --evaluation out to have it computed.",
    )
