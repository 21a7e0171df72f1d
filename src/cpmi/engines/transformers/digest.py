"""Digests that tell one model from another: over every byte of its weights, and over its config."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from transformers.utils import (
    CONFIG_NAME,
    GENERATION_CONFIG_NAME,
    SAFE_WEIGHTS_INDEX_NAME,
    SAFE_WEIGHTS_NAME,
)

from cpmi.digests import digest_of_file
from cpmi.engines.transformers.user_cache import add_to_table, read_table
from cpmi.errors import ModelNotFoundError

TABLE = "digests"
SMALL = 2**20  # bytes; hashing less takes no longer than looking it up


def digest_of_files(source: str | Path, *, verify: bool = False) -> str:
    """SHA-256 of a model on disk: config, generation config and the weights that transformers reads.

    The hashes of large files are kept in the user's cache, by path, size and times of change.

    Args:
        source: a folder in transformers form, or a GGUF file.
        verify: read every file, whatever the cache says.

    Returns:
        64 hexadecimal digits. They do not depend on the name of the folder or of the GGUF file.

    Raises:
        ModelNotFoundError: a file is absent or cannot be read.
    """
    path = Path(source)
    known = {} if verify else read_table(TABLE)
    fresh: dict[str, Any] = {}
    whole = hashlib.sha256()
    try:
        for file in _files_of(path) if path.is_dir() else (path,):
            name = file.relative_to(path).as_posix() if path.is_dir() else "gguf"
            whole.update(f"{name}\0{_sha256(file, known, fresh)}\n".encode())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelNotFoundError(
            "the model's files cannot be read", where=str(source), got=f"{type(error).__name__}: {error}"
        ) from error
    if fresh:
        add_to_table(TABLE, fresh)
    return whole.hexdigest()


def digest_of_state(model: Any) -> str:
    """SHA-256 of a model in memory: names, types, shapes and all bytes of its state, and its config.

    It differs from that of the files which the model was read from.
    """
    config = {name: value for name, value in model.config.to_dict().items() if name != "_name_or_path"}
    whole = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode())
    for name, tensor in sorted(model.state_dict().items()):
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        whole.update(f"\0{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        whole.update(flat.view(torch.uint8).numpy())
    return whole.hexdigest()


def weight_files(folder: Path) -> list[Path]:
    """The files from which transformers reads the weights of a folder; of several forms it prefers one.

    Raises:
        OSError, ValueError, KeyError: there are none, or config or index cannot be read.
    """
    return [path for path in _weights_of(folder) if path.suffix != ".json"]


def _files_of(folder: Path) -> Iterator[Path]:
    """All files that decide a model's numbers."""
    yield from (path for name in (CONFIG_NAME, GENERATION_CONFIG_NAME) if (path := folder / name).is_file())
    yield from _weights_of(folder)


def _weights_of(folder: Path) -> Iterator[Path]:
    """The files of the weights; the index first, if there is one."""
    chosen = json.loads((folder / CONFIG_NAME).read_text("utf-8")).get("transformers_weights")
    names = (SAFE_WEIGHTS_NAME, SAFE_WEIGHTS_INDEX_NAME)
    weights = next((folder / name for name in (chosen, *names) if name and (folder / name).is_file()), None)
    if weights is None:
        raise FileNotFoundError(f"none of {', '.join(names)}")
    yield weights
    if weights.name.endswith(".index.json"):
        shards = json.loads(weights.read_text("utf-8"))["weight_map"].values()
        yield from (folder / name for name in sorted(set(shards)))


def _sha256(file: Path, known: dict[str, Any], fresh: dict[str, Any]) -> str:
    """The hash of one file, from the cache if it has one; what was computed is added to `fresh`."""
    before = _stamp(file)
    name = str(file.resolve())
    if before[0] >= SMALL and isinstance(entry := known.get(name), list) and entry[:-1] == before:
        return str(entry[-1])
    found = digest_of_file(file)
    if before[0] >= SMALL and _stamp(file) == before:
        fresh[name] = [*before, found]
    return found


def _stamp(file: Path) -> list[int]:
    """Size, and when content and entry changed: a program can set the first time back, not the second."""
    stat = os.stat(file)
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
