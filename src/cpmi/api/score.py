"""Score the steps of chains by a trained reward model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpmi.api.training_input import OnError

if TYPE_CHECKING:
    from cpmi.prm.scorer import PRM
    from cpmi.runs.manifest import Manifest
    from cpmi.runs.score_table import ScoreRow
    from cpmi.types import Chain

STAGE = "score"
_MODEL_OPTIONS = ("device", "dtype", "path", "batch_tokens")
_CHAINS_AT_ONCE = 256  # within which chains of one question find each other and lengths are sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Scores of a file of chains.

    Attributes:
        out: the folder.
        num_chains, num_steps: scored.
        steps_truncated: steps without a score: they exceed the model's context.
        chains_truncated: chains that have such steps.
        left_out: malformed records, and chains whose text holds the step token, by reason.
        wall_s: seconds of scoring.
    """

    out: Path
    num_chains: int
    num_steps: int
    steps_truncated: int
    chains_truncated: int
    left_out: Mapping[str, int]
    wall_s: float


def score(
    input: str | Path,
    *,
    prm: str | Path | PRM,
    out: str | Path,
    format: str | None = None,
    limit: int | None = None,
    on_error: OnError = "stop",
    overwrite: bool = False,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    **options: Any,
) -> Scored:
    """Write `scores.parquet` and `manifest.json`: P(correct) of every step of every chain.

    Args:
        input: chains of any known format.
        prm: a folder by `cpmi train`, or one that is loaded.
        out: the folder.
        format: of the input, where it is not recognized.
        limit: read this many records only.
        on_error: "stop" at a malformed record or at a chain whose text holds the step token, or "skip" it
            and count it.
        overwrite: replace scores that stand there.
        threads: of torch; None leaves its own choice.
        progress: told how many chains are done.
        options: device, dtype, path, batch_tokens, as `PRM.from_pretrained`; none for one that is loaded.

    Raises:
        InputError: the input or the reward model cannot be read.
        ConfigError: an option does not fit.
        RunError: the folder holds something else.
        StorageError: the disk refused.
    """
    import time

    from cpmi.data import locate, read_chains
    from cpmi.runs.score_table import write_scores

    chosen = _checked(prm, options, limit=limit, threads=threads)
    folder = Path(out)
    chains = read_chains(locate(input), format=format)
    expect_free(folder, overwrite=overwrite)
    at_work = _loaded(prm, threads, chosen)
    left_out: Counter[str] = Counter()
    kept = _usable(islice(chains, limit), at_work, on_error, left_out)
    counts: Counter[str] = Counter()
    began = time.perf_counter()
    _begin(folder, _manifest(at_work, input=str(input), prm=str(prm), out=folder, limit=limit))
    write_scores(_rows(at_work, kept, counts, progress), folder)
    return Scored(
        out=folder,
        num_chains=counts["chains"],
        num_steps=counts["steps"],
        steps_truncated=counts["lost"],
        chains_truncated=counts["cut"],
        left_out=left_out,
        wall_s=time.perf_counter() - began,
    )


def _rows(
    prm: PRM, chains: Iterator[Chain], counts: Counter[str], progress: Callable[[int], None] | None
) -> Iterator[ScoreRow]:
    """The rows of all chains, group by group; what becomes of their steps is counted."""
    from cpmi.runs.score_table import ScoreRow

    while group := list(islice(chains, _CHAINS_AT_ONCE)):
        for chain, found in zip(group, score_chains(prm, group), strict=True):
            num_lost = found.count(None)
            counts.update(chains=1, steps=len(found) - num_lost, lost=num_lost, cut=int(num_lost > 0))
            yield ScoreRow.of(chain, found)
        if progress is not None:
            progress(counts["chains"])


def score_chains(prm: PRM, chains: Sequence[Chain]) -> list[tuple[float | None, ...]]:
    """The scores of chains of which some may be too long: None for the steps that do not fit."""
    num_fitting = [prm.num_fitting(chain) for chain in chains]
    cut = [
        replace(chain, steps=chain.steps[:num], ratings=None, values=None)
        for chain, num in zip(chains, num_fitting, strict=True)
        if num > 0
    ]
    found = iter(prm.score(cut))
    return [
        (*(next(found) if num > 0 else ()), *[None] * (len(chain.steps) - num))
        for chain, num in zip(chains, num_fitting, strict=True)
    ]


def expect_free(out: Path, *, overwrite: bool) -> None:
    """Check, before any work, that scores may be written there.

    Raises:
        RunError: the folder holds something else, or scores that nobody asked to replace.
    """
    from cpmi.errors import RunError
    from cpmi.runs.manifest import MANIFEST_NAME, read_manifest
    from cpmi.runs.score_table import SCORES_NAME

    try:
        there = read_manifest(out)
    except RunError:
        if not overwrite:
            raise
        there = None
    if there is not None and there.stage != STAGE:
        raise RunError(
            "the folder holds a run of another kind",
            where=str(out / MANIFEST_NAME),
            got=there.stage,
            hint="Use another --out: scores stand in a folder of their own.",
        )
    if (out / SCORES_NAME).exists() and not overwrite:
        raise RunError(
            f"the folder holds {SCORES_NAME}",
            where=str(out),
            hint="Use another --out, or --overwrite to replace it.",
        )


def _loaded(prm: str | Path | PRM, threads: int | None, options: Mapping[str, Any]) -> PRM:
    from cpmi.prm.card import read_card

    if isinstance(prm, str | Path):
        read_card(prm)  # a wrong folder should not cost the loading of torch
    import torch

    from cpmi.prm.scorer import PRM

    if threads:
        torch.set_num_threads(threads)
    if isinstance(prm, PRM):
        return prm
    return PRM.from_pretrained(prm, **options)


def _checked(
    prm: str | Path | PRM, options: Mapping[str, Any], *, limit: int | None, threads: int | None
) -> dict[str, Any]:
    """The options that were given: known ones, and none for a model that is loaded."""
    from cpmi.errors import ConfigError
    from cpmi.prm.options import expect_threads

    expect_threads(threads)
    if limit is not None and limit < 1:
        raise ConfigError("does not fit", where="option limit", got=str(limit), expected="1 or more")
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in _MODEL_OPTIONS:
            raise ConfigError(
                "does not exist", where=f"option {name}", expected=f"one of {', '.join(_MODEL_OPTIONS)}"
            )
        if not isinstance(prm, str | Path):
            raise ConfigError(
                "a reward model that is loaded takes no such option",
                where=f"option {name}",
                got=repr(given[name]),
                hint="Give it to PRM.from_pretrained, or name the folder instead.",
            )
    return given


def _usable(records: Iterator[Any], prm: PRM, on_error: OnError, left_out: Counter[str]) -> Iterator[Chain]:
    from cpmi.errors import RecordError

    for record in records:
        try:
            if isinstance(record, RecordError):
                raise record
            prm.expect_readable(record)
        except RecordError as error:
            if on_error == "stop":
                raise
            left_out[error.what] += 1
        else:
            yield record


def _begin(folder: Path, manifest: Manifest) -> None:
    """The manifest first, without old scores: where scores stand, they are of the manifest beside them."""
    from cpmi.runs.manifest import write_manifest
    from cpmi.runs.score_table import SCORES_NAME
    from cpmi.runs.storage import make_folder, remove_leftovers

    make_folder(folder)
    remove_leftovers(folder)
    (folder / SCORES_NAME).unlink(missing_ok=True)
    write_manifest(folder, manifest)


def _manifest(at_work: PRM, *, input: str, prm: str, out: Path, limit: int | None) -> Manifest:
    from cpmi.data import locate
    from cpmi.machine import describe_machine, package_version, software_versions
    from cpmi.runs.checksum import checksum
    from cpmi.runs.manifest import Manifest

    input_sum = checksum(locate(input))
    return Manifest(
        determines={
            "stage": STAGE,
            "cpmi": package_version("cpmi"),
            "versions": software_versions(),
            "input_sha256": None if input_sum is None else input_sum.sha256,
            "limit": limit,
            "prm": at_work.describe(),
        },
        circumstances={"input": input, "model": prm, "out": str(out), "machine": describe_machine()},
    )
