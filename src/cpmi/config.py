"""The options of `cpmi label` and `cpmi sample`, from flags, a YAML recipe or Python.

They are checked before anything is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cpmi.errors import ConfigError
from cpmi.evidence import Weights
from cpmi.prm.options import BATCH_TOKENS
from cpmi.runs.budget import Budget
from cpmi.runs.chunks import DEFAULT_CHUNK_SIZE, Shard

Method = Literal[
    "evidence", "cpmi", "net_gain", "judge", "probe", "monte_carlo", "binary_search", "pav", "adaptive"
]

_CONTRAST = ("negatives", "sampled", "intermediate", "variants")
_ROLLOUTS = ("rollouts", "temperature", "top_p", "max_tokens")
METHOD_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "cpmi": ("context", *_CONTRAST),
    "evidence": ("label", "gold_forms", "weights", "prover", *_CONTRAST),
    "net_gain": ("pool", "label", "gold_forms", *_CONTRAST),
    "judge": ("label", "variants"),
    "probe": ("label", "gold_forms", *_CONTRAST),
    "monte_carlo": ("label", "first_steps", *_ROLLOUTS),
    "binary_search": _ROLLOUTS,
    "pav": ("prover", "best_of", "alpha", *_ROLLOUTS),
    "adaptive": ("budget", "price_per_million_tokens", "weights", *_ROLLOUTS),
}
"""Options that not every method has."""

_LABELS: Mapping[str, tuple[str, ...]] = {
    "evidence": ("posterior", "alone"),
    "net_gain": ("value", "gain"),
    "judge": ("margin", "first_error"),
    "probe": ("value", "gain", "margin", "mean", "least", "numbers", "least_number", "least_result"),
    "monte_carlo": ("soft", "hard"),
}
_NUMBERS = ("negatives", "sampled", "intermediate", "variants", "gold_forms", "rollouts")

ENGINE_OPTIONS = ("dtype", "path", "device", "batch_tokens", "threads")
"""Options of the engine, not of the method."""

_ROLLOUT_DEFAULTS = {"rollouts": 8, "temperature": 0.6, "top_p": 0.95, "max_tokens": 512}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "evidence": {
        "negatives": 2,
        "sampled": 0,
        "intermediate": 0,
        "gold_forms": 1,
        "variants": 1,
        "label": "posterior",
    },
    "cpmi": {"negatives": 4, "sampled": 8, "intermediate": 0, "context": "single_step"},
    "net_gain": {
        "negatives": 5,
        "sampled": 0,
        "intermediate": 1,
        "gold_forms": 3,
        "pool": "max",
        "label": "value",
    },
    "judge": {"label": "margin"},
    "probe": {"negatives": 5, "sampled": 0, "intermediate": 1, "gold_forms": 3, "label": "least_number"},
    "monte_carlo": {"label": "soft", **_ROLLOUT_DEFAULTS},
    "binary_search": _ROLLOUT_DEFAULTS,
    "pav": {"alpha": 1.0, "best_of": 4, **_ROLLOUT_DEFAULTS},
    "adaptive": _ROLLOUT_DEFAULTS,
}
_NOT_FOR_THE_METHOD = ("prover", "budget", "price_per_million_tokens")
"""Options of one method that it takes in another form: as an engine, or as a share of the input's cost."""

_OWN_PROVER = {"best_of": 1}
"""What pav has by default where the prover is a model of its own."""


class RunConfig(BaseModel):
    """What every run that makes a model work can be told. Names are the flags', with _ for -.

    Raises:
        pydantic.ValidationError: from the constructor; `parse` says the same as a ConfigError.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    input: str
    out: str
    model: str

    limit: int | None = Field(default=None, ge=1)
    shard: str = "0/1"
    on_error: Literal["stop", "skip"] = "stop"
    overwrite: bool = False

    seed: int = Field(default=0, ge=0)
    prompt: Literal["raw", "chat", "short"] = "raw"

    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    path: Literal["tree", "plain"] = "tree"
    device: str = "cpu"
    threads: int | None = Field(default=None, ge=1)
    batch_tokens: int | None = Field(default=None, ge=1)
    chunk_size: int = Field(default=DEFAULT_CHUNK_SIZE, ge=1)

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Self:
        """Check options; those that are None count as not given.

        Raises:
            ConfigError: an option is unknown, missing, of the wrong kind, or contradicts another.
        """
        try:
            return cls(**{name: value for name, value in options.items() if value is not None})
        except ValidationError as error:
            raise _explain(error, cls) from error

    @model_validator(mode="after")
    def _check_shard(self) -> Self:
        Shard.parse(self.shard)
        return self

    def engine_options(self) -> dict[str, Any]:
        """The options that `cpmi.engines.transformers.load_engine` takes, beside the model."""
        return {name: getattr(self, name) for name in ENGINE_OPTIONS}

    def run_options(self) -> dict[str, Any]:
        """The options that `cpmi.runs.stages.run_stage` takes, beside the work itself."""
        names = ("limit", "chunk_size", "on_error", "overwrite")
        own = {name: getattr(self, name) for name in names}
        return {**own, "out": Path(self.out), "shard": Shard.parse(self.shard)}


class LabelConfig(RunConfig):
    """Everything that `cpmi label` can be told."""

    method: Method

    gold: str | None = None
    format: str | None = None
    negatives: int = Field(default=4, ge=1)
    sampled: int = Field(default=8, ge=0)
    intermediate: int = Field(default=0, ge=0)
    variants: int = Field(default=4, ge=1, le=4)
    context: Literal["single_step", "prefix", "leave_one_out"] | None = None
    pool: Literal["max", "logsumexp"] | None = None
    label: (
        Literal[
            "value", "gain", "margin", "first_error", "soft", "hard",
            "mean", "least", "numbers", "least_number", "least_result", "posterior", "alone",
        ]
        | None
    ) = None  # fmt: skip
    gold_forms: int | None = Field(default=None, ge=1)
    rollouts: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, strict=False)
    top_p: float | None = Field(default=None, gt=0, le=1, strict=False)
    max_tokens: int | None = Field(default=None, ge=1)
    first_steps: int | None = Field(default=None, ge=1)
    prover: str | None = None
    best_of: int | None = Field(default=None, ge=1)
    alpha: float | None = Field(default=None, ge=0, strict=False)
    weights: str | None = None
    budget: str | int | None = None
    price_per_million_tokens: float | None = Field(default=None, gt=0, strict=False)
    price_per_hour: float | None = Field(default=None, ge=0, strict=False)

    @model_validator(mode="before")
    @classmethod
    def _fill_by_method(cls, options: Any) -> Any:
        """Refuse the other methods' options, then fill in what this method has by default."""
        method = options.get("method") if isinstance(options, Mapping) else None
        if not isinstance(method, str) or method not in get_args(Method):
            return options  # the field's own check says what is wrong
        for name in dict.fromkeys(name for names in METHOD_OPTIONS.values() for name in names):
            owners = [other for other, names in METHOD_OPTIONS.items() if name in names]
            if method not in owners and options.get(name) is not None:
                raise ConfigError(
                    f"contradicts method {method}",
                    where=f"option {name}",
                    got=repr(options[name]),
                    expected=f"this option with method {' or '.join(owners)} only",
                    hint=f"Leave it out, or use --method {owners[0]}.",
                )
        own_prover = _OWN_PROVER if method == "pav" and options.get("prover") else {}
        return {**_DEFAULTS[method], **own_prover, **own_prompt(options.get("model")), **options}

    @model_validator(mode="after")
    def _check_label(self) -> Self:
        expected = _LABELS.get(self.method, (None,))
        if self.label not in expected:
            raise ConfigError(
                f"contradicts method {self.method}",
                where="option label",
                got=repr(self.label),
                expected=" or ".join(map(repr, expected)),
            )
        return self

    @model_validator(mode="after")
    def _check_budget(self) -> Self:
        if self.parsed_budget() is not None and self.path == "plain":
            raise ConfigError(
                "contradicts method adaptive",
                where="option path",
                got="'plain'",
                expected="'tree': only there is it known before a request what it can cost at most",
            )
        return self

    def parsed_budget(self) -> Budget | None:
        """What may be spent, or None if the method has no budget; errors as `Budget.parse`."""
        if "budget" not in METHOD_OPTIONS[self.method]:
            return None
        text = None if self.budget is None else str(self.budget)
        return Budget.parse(text, price=self.price_per_million_tokens)

    def full_cost_options(self) -> dict[str, Any]:
        """The options of rollouts that the cost of full Monte Carlo follows from."""
        return {"num_rollouts": self.rollouts, "max_tokens": self.max_tokens}

    def method_options(self) -> dict[str, Any]:
        """The options that `cpmi.labelers.make_labeler` takes, but for the share that a budget comes to."""
        names = [name for name in METHOD_OPTIONS[self.method] if name not in _NOT_FOR_THE_METHOD]
        # What was not given and has no default says nothing, so that it does not make another run of a run.
        own: dict[str, Any] = {name: value for name in names if (value := getattr(self, name)) is not None}
        if self.weights is not None:  # what they are determines the labels, not where they stand
            own["weights"] = Weights.read(self.weights).to_json()
        named = {f"num_{name}" if name in _NUMBERS else name: value for name, value in own.items()}
        return {**named, "prompt": self.prompt, "seed": self.seed}


class SampleConfig(RunConfig):
    """Everything that `cpmi sample` can be told; `input` is the problems."""

    num_samples: int = Field(default=1, ge=1)
    temperature: float = Field(default=0.8, ge=0, strict=False)
    top_p: float = Field(default=1.0, gt=0, le=1, strict=False)
    max_tokens: int = Field(default=512, ge=1)
    split_steps: Literal["auto", "line", "paragraph"] = "auto"

    @model_validator(mode="before")
    @classmethod
    def _fill_by_model(cls, options: Any) -> Any:
        return {**own_prompt(options.get("model")), **options} if isinstance(options, Mapping) else options

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

    def sampler_options(self) -> dict[str, Any]:
        """The options that `cpmi.sampling.Sampler` takes."""
        names = ("num_samples", "temperature", "top_p", "max_tokens", "split_steps", "seed")
        return {name: getattr(self, name) for name in names}


class ScoreConfig(BaseModel):
    """The options of `cpmi score`. Names are the flags', with _ for -.

    Raises:
        pydantic.ValidationError: from the constructor; `parse` raises a ConfigError.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    input: str
    prm: str = Field(description="A reward model by cpmi train.")
    out: str = Field(description="The run folder; an interrupted run there is resumed.")
    format: str | None = Field(default=None, description="The input's format, if it is not recognized.")
    limit: int | None = Field(default=None, ge=1, description="Maximum number of records to read.")
    shard: str = Field(default="0/1", description="Process only part i of n, as 0/3; see cpmi merge.")
    on_error: Literal["stop", "skip"] = Field(
        default="stop", description="At a record that fails: stop or skip."
    )
    overwrite: bool = Field(default=False, description="Replace the run in --out.")
    dtype: Literal["float32", "bfloat16", "float16"] = Field(
        default="float32", description="float32, bfloat16 or float16."
    )
    path: Literal["shared", "plain"] = Field(
        default="shared", description="shared: chains of one question compute it once; or plain."
    )
    device: str = Field(default="cpu", description="cpu or cuda.")
    threads: int | None = Field(default=None, ge=1, description="Number of threads.")
    batch_tokens: int = Field(default=BATCH_TOKENS, ge=1, description="Tokens per batch, padding included.")
    chunk_size: int = Field(
        default=256, ge=1, description="Records per chunk; chains of one question share it within a chunk."
    )

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Self:
        """Check options; those that are None count as not given.

        Raises:
            ConfigError: an option is unknown, missing, of the wrong kind, or not a shard.
        """
        given = {name: value for name, value in options.items() if value is not None}
        try:
            config = cls(**given)
        except ValidationError as error:
            raise _explain(error, cls) from error
        Shard.parse(config.shard)
        return config

    def model_options(self) -> dict[str, Any]:
        """The options that `cpmi.PRM.from_pretrained` takes, besides the folder."""
        return {name: getattr(self, name) for name in ("device", "dtype", "path", "batch_tokens")}

    def run_options(self) -> dict[str, Any]:
        """The options that `cpmi.runs.stages.run_stage` takes, besides the work itself."""
        own = {name: getattr(self, name) for name in ("limit", "chunk_size", "on_error", "overwrite")}
        return {**own, "out": Path(self.out), "shard": Shard.parse(self.shard)}


def own_prompt(model: object) -> dict[str, str]:
    """The prompt style that a model was made for, where it is known by its name."""
    return {"prompt": "short"} if model == "embedded" else {}


def read_recipe(path: str | Path) -> dict[str, Any]:
    """The options in a YAML recipe, unchecked but for their names.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or is no mapping of option names.
    """
    try:
        recipe = yaml.safe_load(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("the recipe cannot be read", where=str(path), got=str(error)) from error
    except yaml.YAMLError as error:
        raise ConfigError(
            "the recipe is not YAML", where=str(path), got=" ".join(str(error).split())
        ) from error
    if recipe is None:
        return {}
    if not isinstance(recipe, dict) or not all(isinstance(name, str) for name in recipe):
        raise ConfigError(
            "a recipe maps option names to values",
            where=str(path),
            got=type(recipe).__name__,
            expected="lines such as `method: cpmi`",
        )
    return {name.replace("-", "_"): value for name, value in recipe.items()}


def _explain(error: ValidationError, config: type[BaseModel]) -> ConfigError:
    """The first complaint in cpmi's words; the other options are named."""
    first, *others = error.errors()
    own = first.get("ctx", {}).get("error")
    if isinstance(own, ConfigError):
        return own
    name = ".".join(map(str, first["loc"]))
    also = ", ".join(".".join(map(str, other["loc"])) for other in others)
    hint = f"Also wrong: {also}." if also else None
    if first["type"] == "missing":
        return ConfigError("is missing", where=f"option {name}", hint=hint)
    if first["type"] == "extra_forbidden":
        return ConfigError(
            "does not exist",
            where=f"option {name}",
            expected=f"one of {', '.join(config.model_fields)}",
            hint=hint,
        )
    expected = first["msg"].removeprefix("Input should be ")
    return ConfigError(
        "does not fit", where=f"option {name}", got=repr(first["input"]), expected=expected, hint=hint
    )
