"""Measure whether a model sees the answers of chains coming, before it labels them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cpmi.answers import Equivalence, Grading
from cpmi.api.common import engine_at_work, read_join, ready_engine
from cpmi.config import DoctorConfig
from cpmi.data import locate, normalize_problem, read_chains
from cpmi.errors import CpmiError, RecordError
from cpmi.evaluate.foresight import Foresight, WatchedChain, measure_foresight, no_chain, standing_of
from cpmi.evaluate.right_chains import StepsToCome, steps_to_come
from cpmi.languages import ENGLISH, Language
from cpmi.languages.noticed import warn_of_language
from cpmi.methods import Method, NetGain, Setup
from cpmi.prompts import Style
from cpmi.requests import Engine
from cpmi.runs.records import Join, as_record, reject_of, with_gold
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain, StepLabels

ChosenChain = tuple[Chain, StepsToCome]

NUM_OTHER_PROBLEMS = 3
"""After how many other problems' questions the candidates of a chain are scored, for chance."""

SAME_PROBLEM = "another chain on its problem is used"
DEFAULT = Grading()
_GROUP = 8  # chains whose requests fill batches together


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenChains:
    """Right chains on different problems, and what became of the others that were read.

    Attributes:
        chains: each with its steps to come.
        left_out: chains that were read and do not count, by reason.
        where: the input.
    """

    chains: tuple[ChosenChain, ...]
    left_out: Mapping[str, int]
    where: str


def foresight(
    data: str | Path,
    *,
    model: str | PathLike[str] | Engine,
    gold: str | Path | None = None,
    limit: int | None = None,
    prompt: str | None = None,
    language: str | None = None,
    grading: Grading = DEFAULT,
    **options: Any,
) -> Foresight:
    """Does the model see the answers of right chains coming?

    Args:
        data: chains: a file, a folder, or the id of a dataset.
        model: a model's name or folder, or an engine that is ready (which the caller closes).
        gold: a file of problems and answers, joined by the problem's text.
        limit: maximum number of right chains, one per problem; 50 by default.
        prompt: "raw", "chat" or "short"; by default what `cpmi label` takes for the model.
        language: of the prompts: "en" (by default), "zh", "de" or "ar".
        grading: how answers are compared.
        options: of the engine.

    Raises:
        ConfigError: an option does not fit.
        InputError: the files cannot be read, or no chain can be used.
        ModelError: the model cannot be loaded or asked.
    """
    ready = ready_engine(model, options)
    named = str(model) if ready is None else ready.name
    config = DoctorConfig.parse(
        {
            "model": named,
            "prompt": prompt,
            "language": language,
            "data": str(data),
            "limit": limit,
            **grading.facts,
        }
    )
    chosen = choose_chains(data, gold=gold, limit=config.limit, grading=config.grading)
    with engine_at_work(ready, config.model, options) as engine:
        return watch(chosen, engine, prompt=config.prompt, grading=config.grading, language=config.spoken)


def choose_chains(
    data: str | Path,
    *,
    gold: str | Path | None = None,
    limit: int | None = None,
    grading: Grading = DEFAULT,
    reading: Mapping[str, Any] = MappingProxyType({}),
) -> ChosenChains:
    """The first right chain of each of the first `limit` problems that have one; None for all.

    One per problem, because chains on one problem say much the same of a labeling model. `reading` is how
    they are read, as `cpmi.data.read_chains` takes it.

    Raises:
        InputError: a file cannot be read, or no chain can be used.
    """
    join = None if gold is None else read_join(str(gold), "skip")
    chosen: dict[str, ChosenChain] = {}
    left_out: Counter[str] = Counter()
    with Equivalence(grading=grading) as equivalence:
        for record in read_chains(locate(str(data)), **reading):
            found = _counted(record, join, equivalence)
            problem = "" if isinstance(found, str) else normalize_problem(found[0].question)
            if isinstance(found, str):
                left_out[found] += 1
            elif problem in chosen:
                left_out[SAME_PROBLEM] += 1
            else:
                chosen[problem] = found
            if len(chosen) == limit:
                break
    if not chosen:
        raise no_chain(str(data), left_out)
    return ChosenChains(chains=tuple(chosen.values()), left_out=dict(left_out), where=str(data))


def watch(
    chosen: ChosenChains,
    engine: Engine,
    *,
    prompt: Style = "raw",
    grading: Grading = DEFAULT,
    language: Language = ENGLISH,
) -> Foresight:
    """Ask an engine for the answers' probabilities at every prefix of the chosen chains.

    The candidates are the gold with up to two other forms of it and up to five near misses made by rule:
    these follow from the gold alone, so a model that only copies what the steps print gains and loses
    little. Chance is measured on the same candidates after the questions of other problems, with no step
    shown: some wrong answers are less probable than the right one by their look alone, and others more.

    Raises:
        InputError: the method abstains on every chain.
        UnsupportedModelError: a chat prompt for a model without a chat template.
        ModelError: the engine fails.
    """
    warn_of_language([chain.question for chain, _ in chosen.chains], language)
    left_out = Counter(chosen.left_out)
    watched: list[WatchedChain] = []
    with Equivalence(grading=grading) as equivalence:
        setup = Setup(
            tokenizers={"policy": engine.tokenizer},
            equivalence=equivalence,
            prompt=prompt,
            language=language,
        )
        method = NetGain(NetGain.Options(intermediate=0), setup)
        for first in range(0, len(chosen.chains), _GROUP):
            group = range(first, min(first + _GROUP, len(chosen.chains)))
            for found in _watch_group(group, chosen.chains, method, engine):
                if isinstance(found, str):
                    left_out[found] += 1
                else:
                    watched.append(found)
    return measure_foresight(watched, left_out=left_out, where=chosen.where)


def _watch_group(
    group: Sequence[int], chains: Sequence[ChosenChain], method: Method, engine: Engine
) -> Iterator[WatchedChain | str]:
    """The chains of a group with their labels and chances, or why the model cannot take them."""
    asked = [[_as_right(chains[index][0]), *_elsewhere(index, chains)] for index in group]
    flows = [(asking.where, method.label(asking)) for several in asked for asking in several]
    outcomes = iter(run_flows(flows, engine))
    for index, several in zip(group, asked, strict=True):
        own, *others = (next(outcomes).result for _ in several)
        if isinstance(own, CpmiError):
            yield _reason(own)
        else:
            chain, to_come = chains[index]
            yield WatchedChain(question=chain.question, to_come=to_come, labels=own, chance=_chance(others))


def _counted(record: Chain | RecordError, join: Join | None, equivalence: Equivalence) -> ChosenChain | str:
    """A chain that counts, or why there is none."""
    content = with_gold(as_record(record), join).content
    if isinstance(content, CpmiError):
        return _reason(content)
    to_come = steps_to_come(content, equivalence)
    return to_come if isinstance(to_come, str) else (content, to_come)


def _reason(error: CpmiError) -> str:
    """The kind of failure, as run folders count them."""
    return reject_of(error, id=None, source="").reason


def _as_right(chain: Chain) -> Chain:
    """The chain with the gold as its answer, so that its own answer is no candidate."""
    return replace(chain, answer=chain.gold)


def _elsewhere(index: int, chains: Sequence[ChosenChain]) -> list[Chain]:
    """A chain's gold under the questions of other problems, those with a gold of like length first.

    Like length, because to expect a number of about the right size is not to see it coming.
    """
    mine = chains[index][0]
    following = (chains[(index + shift) % len(chains)][0] for shift in range(1, len(chains)))
    others = [other for other in following if other.gold != mine.gold]
    others.sort(key=lambda other: abs(len(other.gold or "") - len(mine.gold or "")))
    return [
        replace(_as_right(mine), question=other.question, steps=mine.steps[:1], ratings=None, values=None)
        for other in islice(others, NUM_OTHER_PROBLEMS)
    ]


def _chance(results: Iterable[StepLabels | CpmiError]) -> float | None:
    """How often the right answer leads before any step, or None if nothing could be asked."""
    leads = [
        float(standing_of(labels).leads_P[0])
        for labels in results
        if not isinstance(labels, CpmiError) and labels.candidate_values
    ]
    return sum(leads) / len(leads) if leads else None
