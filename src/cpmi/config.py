"""The options of commands that make a model work, however they are given.

`cpmi.options` says what a field is to the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, InstanceOf, field_validator, model_validator

from cpmi.answers import Decimal
from cpmi.answers.options import GradingConfig
from cpmi.budget import Budget
from cpmi.errors import ConfigError
from cpmi.facts import Facts
from cpmi.languages import LANGUAGES, Language, LanguageCode
from cpmi.methods import Method
from cpmi.methods.options import MethodOptions
from cpmi.options import (
    DECIMAL,
    IGNORE_KEYS,
    LICENSE,
    Options,
    given,
    option,
    validated,
    with_names_of_today,
)
from cpmi.plugins import expect_known, expect_none, method_of, no_method
from cpmi.prm.options import BATCH_TOKENS, TrainOptions
from cpmi.prompts import expect_known_words
from cpmi.runs.chunks import DEFAULT_CHUNK_SIZE, Shard

ENGINE_OPTIONS = ("dtype", "path", "device", "batch_tokens", "threads", "ignore_keys", "verify")
"""Options of the engine, not of the method."""

_RUN, _MODEL, _WORK, _INPUT = "Run", "Model", "Work", "Input"
_SOURCES = "A file, a folder, a quoted pattern, - (standard input), or hf://OWNER/NAME[/CONFIG][:SPLIT]."
_STEP_RULES = "paragraph, line, numbered, sentence, regex:PATTERN, or auto (paragraphs if any, else lines)"


class WeightsConfig(Options):
    """The options of every command that loads a model of any kind."""

    dtype: Literal["auto", "float32", "bfloat16", "float16"] = option(
        _MODEL, "float32, bfloat16, float16, or auto: bfloat16 on a GPU, else float32.", default="auto"
    )
    device: str = option(_MODEL, "cpu, cuda, cuda:N, or auto: a GPU if there is one.", default="auto")
    threads: int | None = option(_MODEL, "Number of threads.", ge=1)
    ignore_keys: str | None = option(_MODEL, IGNORE_KEYS)
    verify: bool = option(
        _MODEL, "Hash the model's files again instead of trusting the cache of hashes.", default=False
    )


class ModelConfig(WeightsConfig):
    """The options of every command that loads a language model."""

    model: str = option(
        _RUN,
        "A hub id, a folder, a GGUF file, embedded or smollm2-135m.",
        "-m",
        default=...,
        advice="Recommended: a model that solves such problems itself, which cpmi doctor --data measures; "
        "embedded, which ships with cpmi, solves those of the demo only.",
    )
    prompt: Literal["raw", "chat", "short"] = option(
        _MODEL, "Prompt style: raw, chat (the model's template) or short (for embedded).", default="raw"
    )
    language: LanguageCode = option(
        _MODEL, "Language of the prompts: en, zh (Chinese), de (German) or ar (Arabic).", default="en"
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_by_model(cls, options: Any) -> Any:
        return {**own_prompt(options.get("model")), **options} if isinstance(options, Mapping) else options

    @model_validator(mode="after")
    def _check_language(self) -> Self:
        expect_known_words(self.prompt, self.spoken)
        return self

    @property
    def spoken(self) -> Language:
        """The language of the prompts."""
        return LANGUAGES[self.language]

    def engine_options(self) -> dict[str, Any]:
        """The options that `cpmi.engines.transformers.load_engine` takes, besides the model."""
        names = (name for name in ENGINE_OPTIONS if name in type(self).model_fields)
        return {name: getattr(self, name) for name in names}


class StageConfig(Options):
    """The options of every run over records, in chunks and shards."""

    input: str = Field(description=_SOURCES)
    out: str = option(_RUN, "The run folder; an interrupted run there is resumed.", "-o", default=...)
    limit: int | None = option(_RUN, "Maximum number of chains (or problems) to read.", ge=1)
    shard: str = option(_RUN, "Process only part i of n, as 0/3; see cpmi merge.", default="0/1")
    on_error: Literal["stop", "skip"] = option(_RUN, "At a record that fails: stop or skip.", default="stop")
    overwrite: bool = option(_RUN, "Replace the run in --out.", default=False)
    chunk_size: int = option(_WORK, "Records per chunk.", default=DEFAULT_CHUNK_SIZE, ge=1)

    @model_validator(mode="after")
    def _check_shard(self) -> Self:
        Shard.parse(self.shard)
        return self

    def run_options(self) -> dict[str, Any]:
        """The options that `cpmi.runs.stages.run_stage` takes, besides the work itself."""
        names = ("limit", "chunk_size", "on_error", "overwrite")
        own = {name: getattr(self, name) for name in names}
        return {**own, "out": Path(self.out), "shard": Shard.parse(self.shard)}


class RecordsConfig(Options):
    """How records are read: the options of every command that takes chains or problems of any kind."""

    format: str | None = option(_INPUT, "The input's format, if it is not recognized.")
    columns: str | None = option(
        _INPUT, "What is where, if the names do not say it: question=prompt,solution=output,gold=meta.answer"
    )

    @field_validator("columns", mode="before")
    @classmethod
    def _columns_as_text(cls, given: Any) -> Any:
        """Python may give a mapping from roles to paths."""
        from cpmi.data.columns import columns_text  # takes time to import, and is seldom asked for

        return columns_text(given) if isinstance(given, str | Mapping) else given


class ChainsConfig(RecordsConfig):
    """How records are read as chains: the options of every command that takes chains of any kind."""

    split_steps: str | None = option(_INPUT, f"What a step is: turn, {_STEP_RULES}.")
    decimal: Decimal = option(_INPUT, DECIMAL, default="point")

    @model_validator(mode="after")
    def _check_input(self) -> Self:
        if self.columns is not None or self.split_steps is not None:
            from cpmi.data.reading import check_reading  # takes time to import, and is seldom asked for

            check_reading(format=self.format, columns=self.columns, split_steps=self.split_steps or "auto")
        return self

    def reading(self) -> dict[str, Any]:
        """The options that `cpmi.data.read_chains` takes, besides the source."""
        comma = None if self.decimal == "point" else self.decimal
        chosen = {"columns": self.columns, "split_steps": self.split_steps, "decimal": comma}
        return {"format": self.format, **{name: value for name, value in chosen.items() if value is not None}}


class CheckConfig(ChainsConfig, GradingConfig):
    """The options of `cpmi check`."""

    input: str = Field(description=_SOURCES)
    gold: str | None = option(_INPUT, "A file of problems and answers, joined by the problem's text.")
    limit: int | None = option(_INPUT, "Maximum number of chains (or problems) to read.", ge=1)
    as_json: bool = option(_INPUT, "Print JSON.", default=False)


class RunConfig(StageConfig, ModelConfig, GradingConfig):
    """The options of every run of a language model."""

    seed: int = option(_RUN, "Random seed.", default=0, ge=0)
    path: Literal["auto", "tree", "plain"] = option(
        _MODEL, "auto; tree; or plain: one forward pass per sequence.", default="auto"
    )
    batch_tokens: int | None = option(_MODEL, "Tokens per batch.", ge=1)
    license: str | None = option(_INPUT, LICENSE)


class LabelConfig(RunConfig, ChainsConfig):
    """The options of `cpmi label`: those of the run, and in `options` those of the method."""

    method: str = option(_RUN, "A labeling method; `cpmi methods` lists and describes them.", default=...)
    out: str = option(_RUN, "The run folder; an interrupted run there is resumed.", default=...)
    gold: str | None = option(_RUN, "A file of problems and answers, joined by the problem's text.")
    price_per_hour: float | None = option(
        _WORK, "Price of the machine per hour, for the summary.", ge=0, strict=False
    )
    options: InstanceOf[MethodOptions]

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Self:
        """Check options; those that no run has are the method's. Those that are None count as not given.

        Args:
            options: by name; `method` is a name, a class or the method's options.

        Raises:
            ConfigError: as `Options.parse`; the method does not exist or has no such option.
        """
        run = given(options)
        method = run.pop("method", None)
        if method is None:
            raise no_method({name: cls.model_fields[name] for name in _missing(cls, run)})
        own = {name: run.pop(name) for name in list(run) if name not in cls.model_fields}
        chosen, named = method_of(method)
        if taken := sorted(chosen.Options.model_fields.keys() & cls.model_fields.keys()):
            raise ConfigError(
                f"method {chosen.name} declares an option that every run has",
                where=f"option {taken[0]}",
                expected="another name in its Options",
            )
        own = with_names_of_today(own, chosen.Options.former)
        if isinstance(method, MethodOptions):
            expect_none(own, chosen)
            parsed: MethodOptions = method
        else:
            expect_known(own, chosen, of_run=cls.model_fields)
            parsed = validated(chosen.Options, own, f"method {chosen.name}")
        return validated(cls, {**run, "method": named, "options": parsed}, "cpmi label")

    @model_validator(mode="after")
    def _check_budget(self) -> Self:
        if self.budget is not None and self.path == "plain":
            raise ConfigError(
                f"contradicts method {self.method}",
                where="option path",
                got="'plain'",
                expected="'tree': only there is it known before a request what it can cost at most",
            )
        return self

    @property
    def method_class(self) -> type[Method]:
        """The method that was chosen."""
        method: type[Method] = self.options.method
        return method

    @property
    def facts(self) -> Facts:
        """What is true of the labels that will be made."""
        return self.method_class.facts(self.options)

    @property
    def budget(self) -> Budget | None:
        """What may be spent; None for a method without a budget. Errors as `Budget.parse`."""
        return self.options.parsed_budget()


class SampleConfig(RunConfig, RecordsConfig):
    """The options of `cpmi sample`; `input` is the problems."""

    num_samples: int = option("Samples", "Chains per problem.", "-n", default=1, ge=1)
    temperature: float = option(
        "Samples", "Sampling temperature; 0 is greedy.", default=0.8, ge=0, strict=False
    )
    top_p: float = option("Samples", "Nucleus mass.", default=1.0, gt=0, le=1, strict=False)
    max_tokens: int = option("Samples", "Maximum tokens per chain.", default=512, ge=1)
    decimal: Decimal = option("Samples", DECIMAL, default="point")
    split_steps: str = option("Samples", f"What a step is: {_STEP_RULES}.", default="auto")

    @model_validator(mode="after")
    def _check_rule(self) -> Self:
        from cpmi.data.reading import check_reading
        from cpmi.steps import StepRule

        StepRule.parse(self.split_steps)
        check_reading(**self.reading())
        return self

    @model_validator(mode="after")
    def _expect_different_samples(self) -> Self:
        if self.temperature == 0 and self.num_samples > 1:
            raise ConfigError(
                "contradicts temperature 0",
                where="option num_samples",
                got=str(self.num_samples),
                expected="1: without a temperature, all samples of a problem are the same",
                hint="Raise --temperature.",
            )
        return self

    def reading(self) -> dict[str, Any]:
        """The options that `cpmi.data.read_problems` takes, besides the source."""
        return {"format": self.format, "columns": self.columns}

    def sampler_options(self) -> dict[str, Any]:
        """The options that `cpmi.sampling.Sampler` takes."""
        names = ("num_samples", "temperature", "top_p", "max_tokens", "split_steps", "seed")
        decimal = {} if self.decimal == "point" else {"decimal": self.decimal}
        return {**{name: getattr(self, name) for name in names}, **decimal}


class TrainConfig(TrainOptions, ChainsConfig):
    """The options of `cpmi train`: those that decide the weights, and those of the run."""

    input: str = Field(
        description="A folder of targets (cpmi calibrate, consensus, hybrid), a run of evidence, adaptive, "
        "monte_carlo or binary_search, or rated chains (a file or hf://OWNER/NAME)."
    )
    base: str = option(
        _RUN,
        "A hub id, a folder (also of a PRM), a GGUF file, embedded or smollm2-135m.",
        "-b",
        default=...,
        advice="Recommended: a small causal model that reads such problems well; embedded, which ships with "
        "cpmi, reads those of the demo only.",
    )
    out: str = option(_RUN, "The output folder.", "-o", default=...)
    on_error: Literal["stop", "skip"] = option(_RUN, "At a record that fails: stop or skip.", default="stop")
    resume: bool = option(_RUN, "Continue an interrupted run from its last checkpoint.", default=False)
    overwrite: bool = option(_RUN, "Replace the training run in --out; not with --resume.", default=False)
    threads: int | None = option(_RUN, "Number of threads.", ge=1)
    license: str | None = option(_INPUT, LICENSE)

    @model_validator(mode="after")
    def _expect_not_both(self) -> Self:
        if self.resume and self.overwrite:
            raise ConfigError(
                "contradicts overwrite",
                where="option resume",
                got="both",
                expected="one of them: overwriting removes what could be continued",
            )
        return self


class DoctorConfig(ModelConfig, ChainsConfig, GradingConfig):
    """The options of `cpmi doctor`; those of foresight need `data`."""

    data: str | None = option("Foresight", "Chains to measure foresight on: a file, a folder or a hub id.")
    gold: str | None = option("Foresight", "A file of problems and answers, joined by the problem's text.")
    limit: int = option("Foresight", "Maximum number of right chains, one per problem.", default=50, ge=1)
    out: str | None = option("Foresight", "Write the foresight to this JSON file.", "-o")

    @model_validator(mode="before")
    @classmethod
    def _expect_data(cls, options: Any) -> Any:
        known = {**GradingConfig.model_fields, **ChainsConfig.model_fields}
        for name in ("gold", "limit", "prompt", "language", "out", *known):
            if name in options and "data" not in options:
                raise ConfigError(
                    "has no effect without --data", where=f"option {name}", hint="Give --data FILE too."
                )
        return options


class ScoreConfig(StageConfig, WeightsConfig, ChainsConfig):
    """The options of `cpmi score`."""

    prm: str = option(
        _RUN, "A reward model by cpmi train.", default=..., advice="cpmi train INPUT --base MODEL makes one."
    )
    path: Literal["shared", "plain"] = option(
        _MODEL, "shared: chains of one question compute it once; or plain.", default="shared"
    )
    batch_tokens: int = option(_MODEL, "Tokens per batch, padding included.", default=BATCH_TOKENS, ge=1)
    chunk_size: int = option(
        _WORK, "Records per chunk; chains of one question share it within a chunk.", default=256, ge=1
    )

    def model_options(self) -> dict[str, Any]:
        """The options that `cpmi.PRM.from_pretrained` takes, besides the folder."""
        names = ("device", "dtype", "path", "batch_tokens", "ignore_keys", "verify")
        return {name: getattr(self, name) for name in names}


def own_prompt(model: object) -> dict[str, str]:
    """The prompt style that a model was made for, where it is known by its name."""
    return {"prompt": "short"} if model == "embedded" else {}


def _missing(config: type[Options], options: Mapping[str, Any]) -> list[str]:
    """The options that are required and not given, but for those of a method."""
    fields = config.model_fields.items()
    apart = ("method", "options")
    return [name for name, field in fields if field.is_required() and name not in (*apart, *options)]
