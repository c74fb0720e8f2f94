"""Run the notebooks in examples/ from the first cell to the last and keep what they show.

    python tools/run_notebooks.py examples/*.ipynb

It takes some minutes. What programs say on standard error is left out: progress, and remarks on the machine.
"""

import argparse
import base64
import io
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import nbclient
import nbformat
from PIL import Image
from thin_runs import COLOURS, with_palette

ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS = 3600


def make_small(output):
    """Give a picture of an output a palette, as the pictures of kept runs have."""
    data = output.get("data", {})
    if "image/png" in data:
        file = io.BytesIO()
        image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
        with_palette(image, COLOURS).save(file, "PNG", optimize=True)
        data["image/png"] = base64.b64encode(file.getvalue()).decode("ascii")
        data.pop("image/jpeg", None)  # the same picture again


def is_result(output):
    """Whether an output is what the notebook is about; TensorFlow's remarks may come on either stream.

    In a notebook progress is no text on standard error but HTML, which nothing else here is shown as.
    """
    if "text/html" in output.get("data", {}):
        return False
    return output.get("name") != "stderr" and not output.get("text", "").startswith("WARNING")


def run(path):
    """Run a notebook in place; it is written only if every cell has run."""
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder:
        place = {"metadata": {"path": folder}}
        nbclient.NotebookClient(notebook, timeout=MOST_SECONDS, kernel_name="python3", resources=place).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the time of each cell
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if is_result(output)]
            for output in cell.outputs:
                make_small(output)
    nbformat.write(notebook, path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK")
    # The kernels are processes of their own, and see this checkout.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    for path in parser.parse_args(arguments).notebooks:
        run(path)
        print(path)


if __name__ == "__main__":
    main()
