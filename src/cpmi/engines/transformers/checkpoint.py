"""Read a model from disk whole: no tensor drawn at random, none left out unnoticed, every value finite.

The one place that loads weights: of labeling models, of reward models, and of bases to train.
"""

from __future__ import annotations

import re
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoTokenizer
from transformers.utils import CONFIG_NAME, logging
from transformers.utils.hub import cached_file

from cpmi.engines.transformers.digest import digest_of_files, weight_files
from cpmi.engines.transformers.loading_report import LoadingReport, judge, pattern_of
from cpmi.engines.transformers.locate import ADAPTER_CONFIG, Source, expect_no_adapter
from cpmi.engines.transformers.model_folder import expect_readable, expect_readable_tokenizer
from cpmi.engines.transformers.sizes import expect_plausible
from cpmi.engines.transformers.stored import (
    expect_all_of_gguf,
    expect_numbers_of_weights,
    expect_one_of_each,
    expect_whole_experts,
    quantization_of_gguf,
    stored_numbers,
    stored_types,
)
from cpmi.errors import CheckpointError, ModelError, ModelNotFoundError

OTHER_TASKS = ("ForSequenceClassification", "ForQuestionAnswering", "ForMultipleChoice", "RewardModel")
"""How classes of transformers end whose head is neither that of a language model nor of a step's score."""

_FILE_ERRORS = (OSError, ValueError, LookupError, TypeError, AttributeError, SafetensorError)
"""What reading an index and the heads of safetensors raises."""

_COLOR = re.compile(r"\x1b\[[0-9;]*m")


class ForeignCodeWarning(UserWarning):
    """A model comes with code of its own, and is loaded without it."""


class UnusedWeightsWarning(UserWarning):
    """A checkpoint holds tensors for which the model has no place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A model that was read whole.

    Attributes:
        model: in eval mode.
        digest: of its files, as `digest_of_files`.
        unused: names of stored tensors that the model does not use, as `grouped`.
        ignore_keys: as it was given.
        quantization: of the stored weights; None if there is none.
    """

    model: Any
    digest: str
    unused: tuple[str, ...]
    ignore_keys: str | None
    quantization: str | None = None

    @property
    def facts(self) -> dict[str, object]:
        """What a manifest keeps."""
        found = {
            "model_digest": self.digest,
            "quantization": self.quantization,
            "ignore_keys": self.ignore_keys,
            "unused_weights": list(self.unused),
        }
        return {name: fact for name, fact in found.items() if fact}


def read_config(source: Source) -> Any:
    """The config of a model; to be read first.

    Raises:
        CheckpointError: it is an adapter on the hub, or a file of the model is broken, or its weights are in
            a pickle, or are not of the sizes in the config.
        ModelNotFoundError: it cannot be read.
    """
    if source.gguf_file is None and source.is_local:
        expect_readable(Path(source.place), where=source.name)
    elif not source.is_local:
        with suppress(OSError):  # absent
            expect_no_adapter(source.name, cached_file(source.place, ADAPTER_CONFIG))
    config = _read(AutoConfig, source)[0]
    if getattr(config, "auto_map", None):
        message = (
            f"{source.name}: comes with code of its own (auto_map in {CONFIG_NAME}), which cpmi does not "
            f"run; it is read as the {config.model_type} of transformers"
        )
        warnings.warn(message, ForeignCodeWarning, stacklevel=3)
    _expect_plausible(source, config)
    return config


def read_tokenizer(source: Source) -> Any:
    """The tokenizer of a model.

    Raises:
        ModelNotFoundError: it cannot be read.
    """
    return _read(AutoTokenizer, source)[0]


_ONE_AT_A_TIME = threading.Lock()
"""Two loads at once leave transformers unable to tie weights for good (`findings/loaded_in_threads.sh`)."""


def read_checkpoint(
    source: Source,
    kind: Any,
    *,
    config: Any,
    dtype: torch.dtype,
    device: str = "cpu",
    new: tuple[str, ...] = (),
    ignore_keys: str | None = None,
    verify: bool = False,
    **options: Any,
) -> Checkpoint:
    """Load the weights of a model, refuse those that do not make it whole, and warn of unused ones.

    Args:
        source: as `locate_model`.
        kind: an auto class of transformers.
        config: by `read_config`.
        dtype, device: of the weights.
        new: how the names of a head begin that may be absent as a whole; it is then drawn at random.
        ignore_keys: a regular expression for names of stored tensors that may be left out.
        verify: hash all files again instead of trusting the user's cache.
        options: further ones of `from_pretrained`.

    Raises:
        CheckpointError: weights are missing, have another shape, are no numbers, or belong to another form of
            model.
        ModelNotFoundError: nothing can be read there.
        ConfigError: `ignore_keys` is not a regular expression.
    """
    ignore = pattern_of(ignore_keys)
    # Shapes that differ are refused below, by name.
    report_all = {"output_loading_info": True, "ignore_mismatched_sizes": True}
    options["use_safetensors"] = source.gguf_file is None or None  # a pickle is never read
    try:
        model, info = _read(kind, source, config=config, dtype=dtype, **report_all, **options)
    except ModelNotFoundError:
        # Experts that cannot be merged are not named in that error.
        if source.gguf_file is None and source.is_local:
            expect_whole_experts(_stored(source), where=source.name, alike=True)
        raise
    report = LoadingReport.of(model, info)
    unused = judge(report, where=source.name, new=new, ignore=ignore)
    if source.gguf_file is not None:
        expect_all_of_gguf(source.on_disk(), model, ignore, where=source.name)
    else:
        _expect_as_stored(model, report, source)
    model = _put(model, device, source).eval()
    _expect_finite(model, source)
    if unused:
        message = f"{source.name}: stored tensors that the model does not use: {', '.join(unused)}"
        warnings.warn(message, UnusedWeightsWarning, stacklevel=3)
    digest = digest_of_files(source.on_disk(), verify=verify)
    return Checkpoint(
        model=model,
        digest=digest,
        unused=unused,
        ignore_keys=ignore_keys,
        quantization=_quantization(model, source),
    )


def _quantization(model: Any, source: Source) -> str | None:
    if source.gguf_file is not None:
        return quantization_of_gguf(Path(source.on_disk()))
    quantizer = getattr(model, "hf_quantizer", None)
    return None if quantizer is None else str(quantizer.quantization_config.quant_method)


def _expect_as_stored(model: Any, report: LoadingReport, source: Source) -> None:
    """Refuse what the report of transformers does not show."""
    stored = _stored(source)
    expect_one_of_each(stored, report.names, model.base_model_prefix, where=source.name)
    expect_whole_experts(stored, where=source.name)
    if getattr(model, "hf_quantizer", None) is not None:
        return
    if quantization := getattr(model.config, "quantization_config", None):
        raise CheckpointError(
            "is quantized in a way that transformers does not know, and would read it as plain weights",
            where=source.name,
            got=f"quantization_config {quantization}"[:200],
            hint="Use the weights that are not quantized.",
        )
    floats = [name for name, tensor in model.state_dict().items() if tensor.is_floating_point()]
    expect_numbers_of_weights(stored, floats, where=source.name)


def _expect_finite(model: Any, source: Source) -> None:
    """Refuse weights with a value that is no number: every score would be none."""
    for name, weight in model.named_parameters():
        if not weight.is_floating_point() or not weight.numel():
            continue
        values = weight.detach() if weight.element_size() > 1 else weight.detach().float()
        if not torch.isfinite(torch.stack(values.aminmax())).all():  # carries NaN, and needs no copy
            raise CheckpointError(
                "weights hold values that are not finite",
                where=source.name,
                got=f"NaN or infinity in {name} as {str(weight.dtype).removeprefix('torch.')}",
                expected="numbers",
                hint="The file is damaged, its training diverged, or the dtype is too narrow: try float32.",
            )


def _read(kind: Any, source: Source, **options: Any) -> tuple[Any, dict[str, Any]]:
    """What an auto class of transformers reads, and the report of loading, if there is one."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with _ONE_AT_A_TIME:
            found = kind.from_pretrained(source.place, trust_remote_code=False, **source.options, **options)
    except Exception as error:
        raise _unreadable(source, error, tokenizer=kind is AutoTokenizer) from error
    return found if isinstance(found, tuple) else (found, {})


def _stored(source: Source) -> dict[str, str]:
    try:
        return stored_types(weight_files(source.on_disk()))
    except _FILE_ERRORS as error:
        raise _unreadable(source, error) from error


def _expect_plausible(source: Source, config: Any) -> None:
    """Before memory is taken; what comes from the hub is on disk only afterwards."""
    if source.gguf_file is None and source.is_local:
        try:
            num_tensors, num_elements = stored_numbers(weight_files(source.on_disk()))
        except _FILE_ERRORS as error:
            raise _unreadable(source, error) from error
        expect_plausible(config, num_tensors=num_tensors, num_elements=num_elements, where=source.name)


def _put(model: Any, device: str, source: Source) -> Any:
    try:
        return model.to(device)
    except torch.OutOfMemoryError as error:
        raise ModelError(
            "the model does not fit into the memory of the device",
            where=source.name,
            got=device,
            hint="Use --dtype bfloat16, a smaller model, or --device cpu.",
        ) from error


def _unreadable(source: Source, error: BaseException, *, tokenizer: bool = False) -> ModelError:
    """The error of files that transformers does not take, by what is wrong with them, if that is known."""
    if "custom code" in str(error):
        return ModelNotFoundError(
            "the model needs code that comes with its checkpoint, and cpmi runs no such code",
            where=source.name,
            got=f"auto_map in {CONFIG_NAME}",
            expected="an architecture of transformers",
        )
    if source.gguf_file is None:
        with suppress(OSError):  # nothing of it is on disk
            expect_readable(source.on_disk(), where=source.name)
            expect_readable_tokenizer(source.on_disk(), where=source.name)
    got = f"{type(error).__name__}: {' '.join(_COLOR.sub('', str(error)).split())[:300]}"
    if not source.is_local:
        return ModelNotFoundError(
            "no model can be read here",
            where=source.name,
            got=got,
            expected="an alias, a .gguf file, a folder with config.json and weights, or a hub id",
            hint="Check the name; a hub id needs a network.",
        )
    if tokenizer:
        return ModelNotFoundError(
            "the tokenizer cannot be read",
            where=source.name,
            got=got,
            expected="tokenizer.json and tokenizer_config.json beside the weights",
            hint="Save it with the model: tokenizer.save_pretrained(DIR).",
        )
    return ModelNotFoundError(
        "transformers cannot read this model",
        where=source.name,
        got=got,
        expected="a model of an architecture that the installed transformers knows",
        hint="Its config or its weights are damaged, or it needs another release or a package.",
    )
