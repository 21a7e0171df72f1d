"""The notebook runs as it is committed, from a frame in memory to a trained reward model."""

from __future__ import annotations

from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
for needed in ("ipykernel", "pandas", "torch", "sklearn"):
    pytest.importorskip(needed)

NOTEBOOK = Path(__file__).parents[2] / "examples" / "own_data.ipynb"


def test_the_notebook_on_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    printed = "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )
    assert "columns          question = prompt, solution = response, gold = answer" in printed
    assert "200 of 200 chains" in printed, "progress shows"
    assert " 0 generated tokens" in printed
    assert "combined baseline" in printed
    assert (tmp_path / "run" / "prm" / "model.safetensors").exists()
