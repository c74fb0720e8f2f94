"""The notebooks run from the first cell to the last; what they show was made so."""

import json

import pytest
from conftest import PYTHON_PATH, ROOT

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_is_kept_as_it_ran_or_without_outputs(path):
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    counts = [cell["execution_count"] for cell in cells]
    outputs = [output for cell in cells for output in cell["outputs"]]
    if counts == [None] * len(cells):
        assert outputs == []
    else:
        assert counts == list(range(1, len(cells) + 1)), "from top to bottom, once"
        assert all(output["output_type"] != "error" and output.get("name") != "stderr" for output in outputs)
        assert any("image/png" in output.get("data", {}) for output in outputs)
    assert path.stat().st_size < 1_000_000


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(path, tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    kernelspec = pytest.importorskip("jupyter_client.kernelspec", reason="jupyter_client is not installed")
    import nbformat

    if "python3" not in kernelspec.find_kernel_specs():
        pytest.skip("no Python kernel is installed: python -m ipykernel install --sys-prefix")
    # The kernel is a process of its own; it sees this checkout.
    monkeypatch.setenv("PYTHONPATH", PYTHON_PATH)
    monkeypatch.setenv("NOTEBOOK_STEPS", "8")
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(tmp_path)}}
    done = nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    assert any(output.get("name") == "stdout" and output.text.strip() for output in outputs)
