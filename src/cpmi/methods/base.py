"""What a labeling method is: one class with its options, its facts and its flow.

Everything that is said of a method elsewhere (flags, help, refusals, manifest, documentation) is read off its
class. See CONTRIBUTING for a whole method in one file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import ClassVar

from cpmi.answers import Equivalence, OtherGolds
from cpmi.facts import Facts
from cpmi.flows import Flow
from cpmi.languages import ENGLISH, Language
from cpmi.methods.options import MethodOptions
from cpmi.prompts import Prompter, Style
from cpmi.requests import Role, Tokenizer
from cpmi.types import Chain, StepLabels


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Where a method comes from.

    Attributes:
        title: of the paper.
        authors: in BibTeX's form, "Family, Given and ...".
        arxiv: its number there, as "2604.10660".
        year: of publication.
    """

    title: str
    authors: str
    arxiv: str
    year: int

    @property
    def bibtex(self) -> str:
        """The entry for a bibliography."""
        return (
            f"@misc{{arxiv{self.arxiv.replace('.', '_')},\n  title = {{{self.title}}},\n"
            f"  author = {{{self.authors}}},\n  year = {{{self.year}}},\n  eprint = {{{self.arxiv}}},\n"
            f"  archivePrefix = {{arXiv}},\n  url = {{https://arxiv.org/abs/{self.arxiv}}}\n}}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a run lends to a method.

    Attributes:
        tokenizers: of the models by role: the labeling model is the "policy".
        equivalence: decides whether two answers are the same.
        prompt: the style of all prompts.
        language: of all prompts.
        seed: of all random draws.
        other_golds: gold answers of the run's problems, for wrong answers; None where there are none.
        budget_share: what may be spent per chain, as a share of full Monte Carlo; None without a budget.
    """

    tokenizers: Mapping[Role, Tokenizer]
    equivalence: Equivalence
    prompt: Style = "raw"
    language: Language = ENGLISH
    seed: int = 0
    other_golds: OtherGolds | None = None
    budget_share: float | None = None

    def prompter(self, role: Role = "policy") -> Prompter:
        """Text to tokens for the model in a role; errors as `Prompter`."""
        return Prompter(self.tokenizers[role], self.prompt, self.language)

    def playing(self, role: Role) -> Setup:
        """The same setup with the model of another role in the place of the labeling model."""
        return replace(self, tokenizers={**self.tokenizers, "policy": self.tokenizers[role]})


class Method(ABC):
    """A labeling method. A subclass declares the attributes below and writes `label`; the docstring's first
    line is its summary.

    Attributes:
        name: as on the command line and in tables.
        unit: of its labels: "nat", `cpmi.types.PROBABILITY` or `cpmi.types.LOG_ODDS`, or a unit of its own.
        columns: the columns of numbers that its labels carry in `parts`, always the same ones.
        needs_gold: whether a chain without a gold answer cannot be labeled; such chains are then rejected,
            unless their outcome is known.
        takes_outcome: whether a known outcome does in the place of a gold answer; a method that needs a gold
            and takes no outcome abstains on such chains.
        paper: where it was published; None for a method of this library.
        recommended: whether it is named first.
        Options: what it can be told.
        options: what it was told.
        setup: what the run lends it.
        prompter: text to tokens for the labeling model.

    Raises:
        UnsupportedModelError: from the constructor, a chat prompt for a model without a chat template.
    """

    name: ClassVar[str]
    unit: ClassVar[str]
    columns: ClassVar[tuple[str, ...]] = ()
    needs_gold: ClassVar[bool] = True
    takes_outcome: ClassVar[bool] = False
    paper: ClassVar[Paper | None] = None
    recommended: ClassVar[bool] = False

    class Options(MethodOptions):
        """No options."""

    options: MethodOptions

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "Options" not in cls.__dict__:
            cls.Options = type("Options", (cls.Options,), {})  # type: ignore[misc, assignment]
        cls.Options.method = cls

    def __init__(self, options: MethodOptions, setup: Setup) -> None:
        self.options = options
        self.setup = setup
        self.prompter = setup.prompter()

    @classmethod
    def facts(cls, options: MethodOptions) -> Facts:
        """Facts about the labels that these options make."""
        del options
        return Facts(method=cls.name, unit=cls.unit)

    @abstractmethod
    def label(self, chain: Chain) -> Flow[StepLabels]:
        """The labels of one chain: a generator that yields requests and is sent the replies."""


def defined_in(module: ModuleType) -> list[type[Method]]:
    """The methods that a module defines itself, in its order."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Method) and value.__module__ == module.__name__
    ]
