"""Upload an export to the Hugging Face Hub."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from cpmi.errors import ConfigError, StorageError
from cpmi.extras import needed
from cpmi.runs.manifest import MANIFEST_NAME

_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def check_hub_name(name: str) -> None:
    """Refuse what is not OWNER/NAME.

    Raises:
        ConfigError: it is not.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            "the name of the data set is not usable",
            where="option push-to-hub",
            got=repr(name),
            expected="OWNER/NAME",
        )


def push_to_hub(folder: Path, name: str, *, private: bool = False) -> str:
    """Create the data set's repository if there is none, and upload the folder into it.

    Args:
        folder: of the export, with its card.
        name: OWNER/NAME.
        private: of a repository that is created; one that exists stays as it is.

    Returns:
        Its address.

    Raises:
        ConfigError: the name is not usable.
        MissingDependencyError: `huggingface_hub` is not installed.
        StorageError: the Hub refused, or cannot be reached.
    """
    check_hub_name(name)
    with needed():
        hub = importlib.import_module("huggingface_hub")
    refusals: tuple[type[Exception], ...] = (OSError, ValueError, *_network_errors())
    api = hub.HfApi()
    try:
        address = api.create_repo(name, repo_type="dataset", private=private or None, exist_ok=True)
        api.upload_folder(
            repo_id=name,
            repo_type="dataset",
            folder_path=str(folder),
            ignore_patterns=[MANIFEST_NAME],  # it names local paths
            commit_message="Step labels by cpmi",
        )
    except refusals as error:
        raise StorageError(
            "the data set could not be uploaded",
            where=name,
            got=str(error),
            hint=f"The export stands complete in {folder}. Log in with: hf auth login",
        ) from error
    return str(address)


def _network_errors() -> list[type[Exception]]:
    """What huggingface-hub lets through where no connection can be made, by the client that it stands on."""
    errors: list[type[Exception]] = []
    for client in ("httpx", "httpx2"):
        try:
            errors.append(importlib.import_module(client).HTTPError)
        except ImportError:
            continue
    return errors
