"""Look at the files of a model's folder before transformers does: what is broken there is named as it is.

Only the heads of files are read. Weights in pickles are refused by name, and never unpickled: that runs what
is written in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from transformers.utils import (
    CONFIG_NAME,
    GENERATION_CONFIG_NAME,
    SAFE_WEIGHTS_INDEX_NAME,
    SAFE_WEIGHTS_NAME,
)

from cpmi.errors import CheckpointError, ModelNotFoundError

TOKENIZER_NAME = "tokenizer.json"
_TOKENIZER_NAMES = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
_NO_WEIGHTS = ("training_args.bin", "optimizer.pt", "scheduler.pt", "scaler.pt", "rng_state.pth")
_POINTER = b"version https://git-lfs"
_DOWNLOAD = "Download or save it again."
_CONVERT = (
    "A pickle runs code when it is read. Where you trust it, convert it once: load it with transformers "
    "(AutoModelForCausalLM.from_pretrained(DIR)) and save it by save_pretrained, which writes safetensors."
)


def read_config_file(folder: Path, *, where: str) -> dict[str, Any]:
    """The content of config.json.

    Raises:
        CheckpointError: it is not the config of a model of transformers.
    """
    config = _json_object(folder / CONFIG_NAME, where)
    if not isinstance(kind := config.get("model_type"), str):
        raise CheckpointError(
            f"{CONFIG_NAME} names no architecture",
            where=where,
            got="no model_type" if kind is None else f"model_type {kind!r}",
            expected='a name of transformers, such as "llama"',
            hint="Restore the config that the model was saved with.",
        )
    names = config.get("architectures")
    if names is not None and not (isinstance(names, list) and all(isinstance(n, str) for n in names)):
        raise CheckpointError(
            f"architectures in {CONFIG_NAME} is no list of names",
            where=where,
            got=repr(names)[:80],
            expected='such as ["LlamaForCausalLM"]',
        )
    return config


def expect_readable(folder: Path, *, where: str) -> None:
    """Refuse a folder whose files cannot be what they are called.

    Args:
        folder: with a config.json.
        where: the model, as the user named it.

    Raises:
        CheckpointError: a file is broken, a pickle, or a pointer to a file that was not downloaded.
        ModelNotFoundError: there are no weights.
    """
    config = read_config_file(folder, where=where)
    for name in (GENERATION_CONFIG_NAME, *_TOKENIZER_NAMES):
        if (folder / name).is_file():
            _json_object(folder / name, where)
    if (folder / TOKENIZER_NAME).is_file():
        _expect_content(folder / TOKENIZER_NAME, where)
    for file in weights_of(folder, config, where=where):
        _expect_safetensors(file, where)


def expect_readable_tokenizer(folder: Path, *, where: str) -> None:
    """Refuse a tokenizer.json that is none; it is large, and parsed only where a tokenizer was not read.

    Raises:
        CheckpointError: it is not a JSON object.
    """
    if (folder / TOKENIZER_NAME).is_file():
        _json_object(folder / TOKENIZER_NAME, where)


def weights_of(folder: Path, config: dict[str, Any], *, where: str) -> Iterator[Path]:
    """The files of the weights, without an index; errors as `expect_readable`."""
    chosen = config.get("transformers_weights")
    if chosen is not None and not _is_name(chosen):
        raise CheckpointError(
            f"transformers_weights in {CONFIG_NAME} is no name of a file", where=where, got=repr(chosen)[:80]
        )
    names = (SAFE_WEIGHTS_NAME, SAFE_WEIGHTS_INDEX_NAME) if chosen is None else (chosen,)
    weights = next((folder / name for name in names if (folder / name).is_file()), None)
    if weights is None:
        raise _no_weights(folder, where)
    if weights.suffix in _PICKLES:
        raise _pickle(weights, where)
    if not weights.name.endswith(".index.json"):
        yield weights
        return
    shards = _json_object(weights, where).get("weight_map")
    if not isinstance(shards, dict) or not shards or not all(map(_is_name, shards.values())):
        raise CheckpointError(
            f"{weights.name} is no index of weights",
            where=where,
            got=repr(shards)[:80],
            expected="weight_map, from names of tensors to names of files in the folder",
            hint=_DOWNLOAD,
        )
    for name in sorted(set(shards.values())):
        if not (folder / name).is_file():
            raise CheckpointError(
                "a file of the weights is absent",
                where=where,
                got=f"no {name}, which {weights.name} names",
                hint="Download it: all files of the index belong to the model.",
            )
        yield folder / name


def _is_name(name: object) -> bool:
    """Whether it names a file inside a folder."""
    return (
        isinstance(name, str) and bool(name) and not Path(name).is_absolute() and ".." not in Path(name).parts
    )


def _no_weights(folder: Path, where: str) -> CheckpointError | ModelNotFoundError:
    for file in sorted(folder.iterdir()):
        if file.suffix in _PICKLES and file.name not in _NO_WEIGHTS:
            return _pickle(file, where)
    others = sorted(file.name for file in folder.glob("*.safetensors"))
    hint = "Several files of weights need their index." if others else "Download or save it whole."
    return ModelNotFoundError(
        "this folder holds no weights",
        where=where,
        got=", ".join(others or sorted(file.name for file in folder.iterdir()))[:200],
        expected=f"{SAFE_WEIGHTS_NAME}, or files with {SAFE_WEIGHTS_INDEX_NAME}",
        hint=hint,
    )


def _pickle(file: Path, where: str) -> CheckpointError:
    return CheckpointError(
        "the weights are in a pickle, which cpmi does not read",
        where=where,
        got=file.name,
        expected=SAFE_WEIGHTS_NAME,
        hint=_CONVERT,
    )


def _expect_safetensors(file: Path, where: str) -> None:
    """The first eight bytes are the length of a header of JSON, which says where the tensors end."""
    _expect_content(file, where)
    size = file.stat().st_size
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        header = opened.read(length) if 2 <= length <= size - 8 else b""
    try:
        spans = [
            entry["data_offsets"][1] for name, entry in json.loads(header).items() if name != "__metadata__"
        ]
        whole = 8 + length + max(spans, default=0)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise CheckpointError(
            f"{file.name} is not a file of safetensors, or its beginning is damaged",
            where=where,
            hint=_DOWNLOAD,
        ) from None
    if size != whole:
        raise CheckpointError(
            f"{file.name} is cut off" if size < whole else f"{file.name} is longer than its tensors",
            where=where,
            got=f"{size:,} bytes",
            expected=f"{whole:,}",
            hint=_DOWNLOAD,
        )


def _expect_content(file: Path, where: str) -> None:
    with file.open("rb") as opened:
        start = opened.read(len(_POINTER))
    if start == _POINTER:
        raise CheckpointError(
            f"{file.name} is a pointer of Git LFS and not the file itself",
            where=where,
            got=f"{file.stat().st_size} bytes of text",
            hint="Fetch the files: git lfs pull, in the repository of the model.",
        )
    if not start:
        raise CheckpointError(f"{file.name} is empty", where=where, hint=_DOWNLOAD)


def _json_object(file: Path, where: str) -> dict[str, Any]:
    _expect_content(file, where)
    try:
        found = json.loads(file.read_text("utf-8"))
    except RecursionError:
        fault = "it nests too deep"
    except ValueError as error:
        fault = str(error)[:120]
    else:
        if isinstance(found, dict):
            return found
        fault = f"a {type(found).__name__}"
    raise CheckpointError(
        f"{file.name} is not a JSON object", where=where, got=fault, hint="Restore or download it again."
    )
