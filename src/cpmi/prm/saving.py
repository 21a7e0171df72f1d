"""What the disk refuses while transformers, torch and safetensors write, as a StorageError.

Each of them has an error of its own for it: torch.save a RuntimeError, safetensors a SafetensorError.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from cpmi.errors import CpmiError, StorageError
from cpmi.storage import refused


@contextmanager
def saving(folder: Path) -> Iterator[None]:
    """A block that writes into a folder and does nothing else that the system could refuse.

    Raises:
        StorageError: the disk refused; with the name of the file where the library tells it.
    """
    try:
        yield
    except CpmiError:
        raise
    except OSError as error:
        raise refused(Path(error.filename or folder), error) from error
    except SafetensorError as error:
        raise _refused(folder, error) from error
    except RuntimeError as error:
        if not _is_of_torch_save(error):
            raise
        raise _refused(folder, error) from error


def _is_of_torch_save(error: RuntimeError) -> bool:
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__") == "torch.serialization" for frame, _ in frames)


def _refused(folder: Path, error: Exception) -> StorageError:
    return StorageError(
        "cannot be written",
        where=str(folder),
        got=" ".join(str(error).split())[:300],
        hint="Look for free space and permissions there, then continue with --resume.",
    )
