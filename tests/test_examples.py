"""The notebooks run from the first cell to the last, and are kept without outputs."""

import json

import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_is_kept_without_outputs(path):
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert cells and all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(path, tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    kernelspec = pytest.importorskip("jupyter_client.kernelspec", reason="jupyter_client is not installed")
    import nbformat

    if "python3" not in kernelspec.find_kernel_specs():
        pytest.skip("no Python kernel is installed: python -m ipykernel install --sys-prefix")
    # The kernel is a process of its own; it sees this checkout.
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(tmp_path)}}
    done = nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    assert any(output.get("name") == "stdout" and output.text.strip() for output in outputs)
