"""Options of labeling methods: what every method's `Options` is made of.

A field's name is the flag (`gold_forms` is `--gold-forms`); its description, default and bounds are the help,
the documentation and the check. Options that several methods share are declared here once, in groups; a
method that wants another default redeclares the field with the same type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from cpmi.budget import Budget
from cpmi.weights import DEFAULT_WEIGHTS, Origin, Weights, shipped_for


class SecondModel:
    """Marks an option that names another model: the run loads it and lends it in the role of that name."""


class Circumstance:
    """Marks an option that says how much a run may cost: what it determines is recorded in another form."""


class MethodOptions(BaseModel):
    """The options of a method. Immutable; hashable values only.

    Attributes:
        method: the method whose options these are; set when its class is defined.
        former: former names of its options, beside those of `cpmi.options.RENAMED`.

    Raises:
        pydantic.ValidationError: an option does not exist or does not fit; `cpmi.config` explains it.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )
    method: ClassVar[Any]
    former: ClassVar[Mapping[str, str]] = {}

    def second_models(self) -> dict[str, str]:
        """The other models that these options name, by role."""
        return {
            name: value
            for name in type(self).marked(SecondModel)
            if (value := getattr(self, name)) is not None
        }

    def determining(self) -> dict[str, Any]:
        """The options that determine the labels, as JSON values. What is None has no effect."""
        apart = {*type(self).marked(SecondModel), *type(self).marked(Circumstance)}
        return self.model_dump(mode="json", exclude=apart, exclude_none=True)

    def used_for(self, model: Origin) -> MethodOptions:
        """The same options where defaults depend on the model and prompt that they are used for."""
        del model
        return self

    def notices(self, model: Origin) -> tuple[str, ...]:
        """What whoever uses the labels has to know of these options and the model they are used for."""
        del model
        return ()

    def recorded(self) -> dict[str, Any]:
        """What is recorded of the options beside what determines the labels, to give them again.

        Options that say how much a run may cost, and files that others were read from.
        """
        files = {name: getattr(getattr(self, name), "file", None) for name in type(self).model_fields}
        costs = {name: getattr(self, name) for name in type(self).marked(Circumstance)}
        return {name: value for name, value in {**files, **costs}.items() if value}

    def parsed_budget(self) -> Budget | None:
        """What the run may spend; None for a method without a budget."""
        return None

    @classmethod
    def marked(cls, kind: type) -> list[str]:
        """Names of the options that carry a mark."""
        return [
            name
            for name, field in cls.model_fields.items()
            if any(isinstance(mark, kind) for mark in field.metadata)
        ]


ModelName = Annotated[str | None, SecondModel()]
"""A model as on the command line, or None for the labeling model itself."""

NumNegatives = Annotated[int, Field(ge=1, description="wrong answers to compare with the gold answer")]
NumSampled = Annotated[int, Field(ge=0, description="answers sampled from the model to find wrong ones")]
NumIntermediate = Annotated[
    int, Field(ge=0, description="results inside the chain that may serve as wrong answers")
]
NumVariants = Annotated[int, Field(ge=1, le=4, description="wordings of the prompt to average over")]
NumGoldForms = Annotated[
    int, Field(ge=1, description="equivalent gold forms to score, the gold itself included")
]


def _read_weights(given: Any) -> Any:
    """Weights from a file's name or from a mapping of their names."""
    if isinstance(given, str):
        return replace(Weights.read(given), file=given)
    return Weights.of(given, where="option weights") if isinstance(given, Mapping) else given


WeightsFile = Annotated[
    Weights,
    BeforeValidator(_read_weights),
    PlainSerializer(lambda weights: weights.to_json()),
    Field(description="weights of the features: a JSON file by `cpmi fit`"),
]


class ContrastOptions(MethodOptions):
    """Which answers a contrast compares, and with how many wordings."""

    negatives: NumNegatives = 5
    sampled: NumSampled = 0
    intermediate: NumIntermediate = 1
    variants: NumVariants = 4
    gold_forms: NumGoldForms = 3


class RolloutOptions(MethodOptions):
    """How rollouts are drawn; the defaults are those of arXiv 2604.10660, but for `max_tokens` (there
    2,048)."""

    rollouts: int = Field(default=8, ge=1, description="rollouts per prefix")
    temperature: float = Field(default=0.6, ge=0, strict=False, description="temperature of rollouts")
    top_p: float = Field(default=0.95, gt=0, le=1, strict=False, description="nucleus mass of rollouts")
    max_tokens: int = Field(default=512, ge=1, description="maximum tokens per rollout")


class WeightedOptions(MethodOptions):
    """Weights of the features of evidence; unless given, those shipped for the model."""

    weights: WeightsFile = DEFAULT_WEIGHTS

    def used_for(self, model: Origin) -> MethodOptions:
        if "weights" in self.model_fields_set:
            return self
        return self.model_copy(update={"weights": shipped_for(model)})

    def notices(self, model: Origin) -> tuple[str, ...]:
        return (notice,) if (notice := self.weights.notice(model)) else ()
