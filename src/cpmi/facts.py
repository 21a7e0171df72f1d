"""What is true of a set of labels or targets, whoever made it. Travels in the manifest.

A method states these facts of its labels once; `calibrate`, `consensus`, `hybrid`, `export`, `train` and
`evaluate` read them there and never ask for a method's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

Contexts = Literal["prefix", "single_step", "leave_one_out"]
_LISTS = ("features", "fitted_on", "notices", "languages")

UNKNOWN_LICENSE = "unknown"
DATA_SET, BASE_MODEL = "data set", "base model"
"""Kinds of ancestors that cards name in their metadata."""
BY_OPTION = "option license"


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A data set or a model that labels or weights come from, with its license.

    Attributes:
        kind: "data set", "labeling model", "base model" and the like.
        name: a hub id, or the last part of a path: a card is published, and paths are nobody's business.
        license: an identifier as the Hub has them, as mit, or several; "unknown" where nothing states one.
        stated: what states it, in words; for an unknown one, what was looked at.
        on_hub: whether the name is that of a repository of the Hub.
    """

    kind: str
    name: str
    license: str = UNKNOWN_LICENSE
    stated: str = ""
    on_hub: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts about labels.

    Attributes:
        method: the name to show; options that make another label of it are part of the name.
        unit: of the labels, as in `StepLabels.unit`.
        reads_final_answer: whether the labels depend on the chain's final answer being right, which a reward
            model does not know: they are compared with baselines that know it too.
        contexts: what the P contexts of `candidate_values` show. Only prefixes continue each other.
        values_answers: whether `candidate_values` holds log-probabilities of answers after every prefix, from
            which foresight can be read.
        cost_reference: whether the costs of other runs are given as a share of this one's.
        features: columns of `parts` that `cpmi fit` fits weights to; none for most methods.
        fitted_on: digests of the problems on which weights were fitted; labels are not evaluated there.
        weights: the model and prompt on which the weights were fitted; "" without weights.
        notices: what whoever uses the labels has to know, and whoever uses what is made from them.
        ancestors: the data sets and models that they come from, with their licenses.
        languages: of the prompts around the texts, as ISO 639-1 has them.
    """

    method: str
    unit: str
    reads_final_answer: bool = False
    contexts: Contexts = "prefix"
    values_answers: bool = False
    cost_reference: bool = False
    features: tuple[str, ...] = ()
    fitted_on: tuple[str, ...] = ()
    weights: str = ""
    notices: tuple[str, ...] = ()
    ancestors: tuple[Ancestor, ...] = ()
    languages: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON values for a manifest."""
        lists = {name: list(getattr(self, name)) for name in _LISTS}
        return asdict(self) | lists | {"ancestors": [asdict(ancestor) for ancestor in self.ancestors]}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Facts:
        """Raises: KeyError or TypeError for anything but facts."""
        known = {field.name: facts[field.name] for field in fields(cls) if field.name in facts}
        lists = {name: tuple(known.get(name, ())) for name in _LISTS}
        ancestors = tuple(Ancestor(**ancestor) for ancestor in known.get("ancestors", ()))
        return cls(**{**known, **lists, "ancestors": ancestors})

    def with_fitted_on(self, problems: tuple[str, ...]) -> Facts:
        """The same facts of labels by weights that were fitted on other problems, by an unknown model."""
        return replace(self, fitted_on=problems, weights="")

    def licensed(self, license: str | None) -> Facts:
        """The same facts with the license of the texts as somebody states it now; None changes nothing."""
        return self if license is None else replace(self, ancestors=with_license(self.ancestors, license))

    def made_into(self, method: str, unit: str) -> Facts:
        """The facts of targets made from these labels: what the labels depend on, the targets depend on."""
        return replace(
            self, method=method, unit=unit, values_answers=False, cost_reference=False, features=()
        )


def with_license(ancestors: Sequence[Ancestor], license: str) -> tuple[Ancestor, ...]:
    """The ancestors with this license for every data set; one that is not named where none is."""
    others = tuple(
        replace(one, license=license, stated=BY_OPTION) if one.kind == DATA_SET else one for one in ancestors
    )
    named = any(one.kind == DATA_SET for one in ancestors)
    return others if named else (Ancestor(DATA_SET, "", license, BY_OPTION), *others)


def combined(sources: Sequence[Facts], *, method: str, unit: str) -> Facts:
    """The facts of what is put together from several label sets.

    Args:
        sources: at least one.
        method: the name to show.
        unit: of the result.
    """
    first = sources[0].made_into(method, unit)
    return replace(
        first,
        reads_final_answer=any(source.reads_final_answer for source in sources),
        fitted_on=tuple(sorted({digest for source in sources for digest in source.fitted_on})),
        weights=", ".join(dict.fromkeys(source.weights for source in sources if source.weights)),
        notices=tuple(dict.fromkeys(notice for source in sources for notice in source.notices)),
        ancestors=tuple(dict.fromkeys(ancestor for source in sources for ancestor in source.ancestors)),
        languages=tuple(dict.fromkeys(language for source in sources for language in source.languages)),
    )
