"""Score two folders with this package and with the tools that others use, all of them on one network.

    python -m venv others
    others/bin/pip install torch torchvision torch-fidelity clean-fid pytorch-fid
    python benchmarks/against_references.py --python others/bin/python --inception-weights FILE

The folders are, unless named, CIFAR-10's test images and training images with noise. The network is the 2015 one as
far as the weights reach; what lies behind them has random weights, the same for all. Written is a table as it stands
in docs/scores.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "metrics")]
# What our values are called, by the resize; each tool has its own.
TF1, CLEAN, HALF_PIXEL = "tf1-bilinear", "clean", "half-pixel centres"


def write_state(folded, shapes, path):
    """The PyTorch port's state dictionary as `.npz`, from folded weights; what they lack is random."""
    from random_inception import random_tensor

    from tfgan_repro.metrics.inception_weights import EPSILON, pytorch_names
    from tfgan_repro.npz import read_npz

    folded = read_npz(folded)
    state = {name: random_tensor(name, shape) for name, shape in shapes.items()}
    for module, layer in pytorch_names().items():
        if f"{layer}/kernel" in folded:
            bias = folded[f"{layer}/bias"]
            state[f"{module}.conv.weight"] = np.ascontiguousarray(folded[f"{layer}/kernel"].transpose(3, 2, 0, 1))
            state[f"{module}.bn.weight"], state[f"{module}.bn.bias"] = np.ones_like(bias), bias
            state[f"{module}.bn.running_mean"] = np.zeros_like(bias)
            state[f"{module}.bn.running_var"] = np.full_like(bias, 1 - EPSILON)
    np.savez(path, **state)
    return state


def references(options):
    """The other tools' side: scores as {tool: {metric: value}}."""
    import torch
    from pytorch_fid import fid_score, inception
    from torch_fidelity import feature_extractor_inceptionv3 as port

    torch.set_num_threads(options.threads)
    load, port.FeatureExtractorInceptionV3.load_state_dict = (
        port.FeatureExtractorInceptionV3.load_state_dict,
        lambda *args: None,
    )
    port.load_state_dict_from_url = lambda *args, **choices: None
    bare = port.FeatureExtractorInceptionV3("bare", ["2048"], verbose=False).state_dict()
    port.FeatureExtractorInceptionV3.load_state_dict = load
    counters = {name: value for name, value in bare.items() if name.endswith("num_batches_tracked")}
    shapes = {name: tuple(value.shape) for name, value in bare.items() if name not in counters}
    arrays = write_state(options.inception_weights, shapes, options.state)
    state = {**counters, **{name: torch.from_numpy(value) for name, value in arrays.items()}}
    weights = str(options.state.with_suffix(".pth"))
    torch.save(state, weights)
    inception.load_state_dict_from_url = lambda *args, **choices: state

    def wanted(tool):
        return options.tool in ("all", tool)

    scores = {}
    if wanted("torch-fidelity"):
        scores["torch-fidelity"] = torch_fidelity_scores(options, weights)
    if wanted("pytorch-fid"):
        folders = [str(options.real), str(options.fake)]
        value = fid_score.calculate_fid_given_paths(folders, 20, torch.device("cpu"), options.features, 0)
        scores["pytorch-fid"] = {"FID": value}
    if wanted("clean-fid"):
        scores["clean-fid"] = clean_fid_scores(options)
    return {tool: {name: float(value) for name, value in values.items()} for tool, values in scores.items()}


def torch_fidelity_scores(options, weights):
    import torch_fidelity

    real, fake, layer = str(options.real), str(options.fake), str(options.features)
    common = {
        "feature_extractor": "inception-v3-compat",  # its precision and recall are on VGG-16 otherwise
        "feature_extractor_weights_path": weights,
        "cuda": False,
        "cache": False,
        "verbose": False,
        "batch_size": 20,
    }
    results = torch_fidelity.calculate_metrics(
        input1=fake,
        input2=real,
        fid=True,
        kid=True,
        prc=True,
        kid_subsets=1,
        kid_subset_size=options.count,
        feature_layer_fid=layer,
        feature_layer_kid=layer,
        feature_layer_prc=layer,
        **common,
    )
    scores = {
        "FID": results["frechet_inception_distance"],
        "KID": results["kernel_inception_distance_mean"],
        "precision": results["precision"],
        "recall": results["recall"],
    }
    if options.logits:
        results = torch_fidelity.calculate_metrics(
            input1=str(options.logits_folder), isc=True, samples_shuffle=False, **common
        )
        scores["IS"] = results["inception_score_mean"]
    return scores


def clean_fid_scores(options):
    import torch
    from cleanfid import fid as clean_fid
    from pytorch_fid import inception

    block = inception.InceptionV3.BLOCK_INDEX_BY_DIM[options.features]
    network = inception.InceptionV3([block], resize_input=False, normalize_input=False).eval()

    def extract(pixels):
        return network((pixels - 128) / 128)[0].mean((2, 3))

    sides = [
        clean_fid.get_folder_features(
            str(folder), extract, 0, batch_size=20, device=torch.device("cpu"), verbose=False
        )
        for folder in (options.real, options.fake)
    ]
    return {"FID": clean_fid.fid_from_feats(*sides), "KID": clean_fid.kernel_distance(*sides, 1)}


def own(options):
    """This package's side: scores as {resize: {metric: value}}."""
    import keras
    from keras import ops

    from tfgan_repro.metrics import ImageFolder, KerasExtractor, Reference, inception_score
    from tfgan_repro.metrics.inception import InceptionExtractor, inception_network
    from tfgan_repro.metrics.inception_weights import read_weights
    from tfgan_repro.metrics.networks import set_weights

    def half_pixel(images, size):
        return ops.image.resize(ops.cast(images, "float32"), (size, size), "bilinear", data_format="channels_last")

    network = inception_network((options.features,))
    set_weights(network, read_weights(options.state), options.state)
    network = keras.Model(network.input, network.output[str(options.features)])
    extractors = {
        TF1: InceptionExtractor(options.state, options.features),
        CLEAN: InceptionExtractor(options.state, options.features, "clean"),
        HALF_PIXEL: KerasExtractor(network, resize=half_pixel, mean=0.5, std=0.5, name="half-pixel"),
    }
    found = {}
    needed = {resize for _, tool, resize, _ in ROWS if options.tool in ("all", tool)}
    for name, extractor in extractors.items():
        if name not in needed:
            continue
        metrics = {TF1: ("fid", "kid", "prdc"), CLEAN: ("fid", "kid"), HALF_PIXEL: ("fid",)}[name]
        rows = Reference(extractor, ImageFolder(options.real), metrics=metrics).scores(ImageFolder(options.fake))
        found[name] = {
            row["metric"].split("-")[0].replace("FD", "FID").replace("KD", "KID"): row["value"] for row in rows
        }
    if options.logits and TF1 in needed:
        extractor = InceptionExtractor(options.state, 2048, logits=True)
        logits = np.concatenate([part["logits"] for part in extractor.outputs(ImageFolder(options.logits_folder))])
        found[TF1]["IS"] = inception_score(logits, seed=None).mean()
    return found


# Metric, tool, the resize with which ours is comparable, and what must be known.
ROWS = (
    ("FID", "torch-fidelity", TF1, ""),
    ("KID", "torch-fidelity", TF1, "one subset of all images"),
    ("precision", "torch-fidelity", TF1, "k = 3, Inception's features; the paper's are VGG-16's"),
    ("recall", "torch-fidelity", TF1, "the same"),
    ("IS", "torch-fidelity", TF1, "files in their order; otherwise each shuffles in its own"),
    ("FID", "clean-fid", CLEAN, "`--resize clean`"),
    ("KID", "clean-fid", CLEAN, "`--resize clean`"),
    ("FID", "pytorch-fid", HALF_PIXEL, "its resize and scaling in a function of our own"),
    ("FID", "pytorch-fid", TF1, "another definition: half-pixel centres, pixels to [-1, 1] by 2 x - 1"),
)


def table(theirs, ours, features):
    lines = ["| metric | tool | theirs | ours | difference | |", "|---|---|---|---|---|---|"]
    for metric, tool, resize, note in ROWS:
        if metric not in theirs.get(tool, {}):
            continue
        other, value = theirs[tool][metric], ours[resize][metric]
        change = "0" if value == other else f"{value / other - 1:+.1e}" if other else f"{value - other:+.1e}"
        label = metric if metric == "IS" else f"{metric}-{features}"
        lines.append(f"| {label} | {tool} | {other:.6f} | {value:.6f} | {change} | {note} |")
    return "\n".join(lines)


def write_folders(options, folder):
    """CIFAR-10's test images, and training images with noise, as PNG files."""
    from PIL import Image

    from tfgan_repro.data import load_pictures

    random = np.random.default_rng(0)
    for name, split, noise in (("real", "test", 0), ("fake", "train", 8)):
        (folder / name).mkdir()
        images = np.asarray(load_pictures("cifar10", split).images[: options.count])
        images = np.clip(images + noise * random.standard_normal(images.shape), 0, 255).astype(np.uint8)
        for index, image in enumerate(images):
            Image.fromarray(image).save(folder / name / f"{index:05}.png")
    return folder / "real", folder / "fake"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="the Python of the environment with the other tools")
    parser.add_argument("--inception-weights", required=True, metavar="FILE", help="an .npz of folded weights")
    parser.add_argument("--real", type=Path, metavar="FOLDER")
    parser.add_argument("--fake", type=Path, metavar="FOLDER")
    parser.add_argument("--count", type=int, default=1000, help="images a folder, where none is named (1000)")
    parser.add_argument("--features", type=int, default=768, choices=(64, 192, 768, 2048), help="(768)")
    parser.add_argument("--logits", type=int, default=100, help="images in the Inception Score; 0 for none (100)")
    tools = ("all", "torch-fidelity", "pytorch-fid", "clean-fid")
    parser.add_argument("--tool", choices=tools, default="all", help="against which (all)")
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch (2)")
    parser.add_argument("--state", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--logits-folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.state:  # the other tools' side
        print(json.dumps(references(options)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if not (options.real and options.fake):
            options.real, options.fake = write_folders(options, folder)
        options.state, options.logits_folder = folder / "state.npz", folder / "logits"
        options.logits_folder.mkdir()
        for file in sorted(options.fake.iterdir())[: options.logits]:
            (options.logits_folder / file.name).symlink_to(file.resolve())
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in vars(options).items()]
        answer = subprocess.run([options.python, __file__, *arguments], stdout=subprocess.PIPE, check=True, text=True)
        theirs = json.loads(answer.stdout.strip().splitlines()[-1])
        print(json.dumps(theirs), file=sys.stderr)
        ours = own(options)
        print(json.dumps(ours), file=sys.stderr)
    print(table(theirs, ours, options.features))


if __name__ == "__main__":
    main()
