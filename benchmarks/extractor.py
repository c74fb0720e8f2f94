"""How fast the 2015 network's features are made, measured against others in one run and in turns.

    python benchmarks/extractor.py --torch-python other-venv/bin/python
    python benchmarks/extractor.py --memory 10000
    python benchmarks/extractor.py --depths 24
    python benchmarks/extractor.py --distances
    python benchmarks/extractor.py --precision-change 1000 --inception-weights FILE
    python benchmarks/extractor.py --precision-layers 24 --inception-weights FILE

The first measures images a second, in turns (see turns.py). All compute 2048 features (of random weights) of the same
32x32 images:

    float32    this package
    bfloat16   this package, where the processor has bfloat16 units
    predict    Keras' own InceptionV3: images resized with tf.image.resize, then `predict`, as tutorials do
    torch      torch-fidelity's network, else pytorch-fid's, in the environment named by --torch-python
"""

import argparse
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from turns import ROOT, Turns, compete, report

BATCH_SIZE = 50


def pictures(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def own(precision, features=2048):
    """This package's extractor, with random weights: the name 2015 is for the real ones."""
    sys.path.insert(0, str(ROOT))
    import keras

    from tfgan_repro.metrics.extractor import KerasExtractor
    from tfgan_repro.metrics.inception import inception_network

    network = inception_network((features,), "mixed_bfloat16" if precision == "bfloat16" else "float32")
    random = np.random.default_rng(0)
    for variable in network.weights:
        variable.assign(random.normal(0.0, (2 / max(np.prod(variable.shape[:-1]), 1)) ** 0.5, variable.shape))
    network = keras.Model(network.input, {"features": network.output[str(features)]})
    return KerasExtractor(
        network, resize="tf1-bilinear", mean=128 / 255, std=128 / 255, name="random", precision=precision
    )


def keras_predict():
    import keras
    import tensorflow as tf

    network = keras.applications.InceptionV3(include_top=False, weights=None, pooling="avg", input_shape=(299, 299, 3))

    def extract(images):
        resized = tf.image.resize(images, (299, 299))
        return network.predict(keras.applications.inception_v3.preprocess_input(resized), verbose=0)

    return extract


def torch_network():
    from unittest.mock import MagicMock

    import torch

    # torch-fidelity imports torchvision for other networks than this one.
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.functional", "torchvision.datasets"):
        try:
            __import__(name)
        except ImportError:
            sys.modules[name] = MagicMock()
    try:
        import torch_fidelity.feature_extractor_inceptionv3 as module

        module.load_state_dict_from_url = lambda *args, **options: None
        module.FeatureExtractorInceptionV3.load_state_dict = lambda *args: None
        network = module.FeatureExtractorInceptionV3("random", ["2048"], verbose=False)
    except ImportError:
        from pytorch_fid import inception

        inception.load_state_dict_from_url = lambda *args, **options: inception.fid_inception_v3().state_dict()
        network = inception.InceptionV3([3]).eval()
        run, network = network, lambda images: run(images / 255)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = network.to(device) if hasattr(network, "to") else network

    def extract(images):
        batches = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).split(BATCH_SIZE)
        with torch.inference_mode():
            results = [network(batch.to(device))[0].cpu().numpy() for batch in batches]
        return np.concatenate(results).reshape(len(images), -1)

    return extract


CONTESTANTS = {
    "float32": lambda: own("float32"),
    "bfloat16": lambda: own("bfloat16"),
    "predict": keras_predict,
    "torch": torch_network,
}


def work(name, count):
    """Be a contestant."""
    turns = Turns()
    extract, images = CONTESTANTS[name](), pictures(count)
    assert extract(images).shape == (count, 2048)
    turns.take(lambda: len(extract(images)))


def measure_memory(count):
    """The peak of a process that extracts, keeps the features and computes a distance."""
    from tfgan_repro.metrics.features import extract
    from tfgan_repro.metrics.frechet import gaussian_distance

    extractor = own("float32")
    images = pictures(count)
    start = time.perf_counter()
    result = extract(images, extractor)
    gaussian_distance(result.gaussian, result.gaussian)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{count} images in {time.perf_counter() - start:.0f} s, peak {peak:.2f} GB, images themselves included")


def measure_depths(count, rounds):
    """Processor seconds an image for each number of features; the least of some rounds, in turns."""
    from tfgan_repro.metrics.inception import FEATURE_LAYERS

    images, seconds = pictures(count), {}
    extractors = {features: own("float32", features) for features in FEATURE_LAYERS}
    for extractor in extractors.values():
        extractor(images[: extractor.batch_size])  # compiles
    for _ in range(rounds):
        for features, extractor in extractors.items():
            start = time.process_time()
            extractor(images)
            seconds.setdefault(features, []).append((time.process_time() - start) / count)
    for features, values in seconds.items():
        print(f"{features} features: {min(values):.4f} processor seconds an image, {max(values):.4f} at most")


def measure_distances():
    """The Frechet distance at 2048 features against scipy's general matrix root."""
    import scipy.linalg

    from tfgan_repro.metrics.frechet import gaussian_distance
    from tfgan_repro.metrics.statistics import Gaussian

    random_state = np.random.default_rng(0)
    for count in (4000, 1000):
        first, second = (Gaussian.of_features(random_state.normal(size=(count, 2048))) for _ in range(2))
        start = time.perf_counter()
        value = gaussian_distance(first, second)
        ours = time.perf_counter() - start
        start = time.perf_counter()
        root = scipy.linalg.sqrtm(first.covariance @ second.covariance)
        difference = first.mean - second.mean
        theirs_value = difference @ difference + first.trace + second.trace - 2 * np.trace(root).real
        theirs = time.perf_counter() - start
        print(f"{count} images: {ours:.2f} s ({value:.6f}); with sqrtm {theirs:.2f} s ({theirs_value:.6f})")


def measure_precision_change(count, weights):
    """What bfloat16, in all layers or in the last blocks, does to real CIFAR-10 training images' score."""
    sys.path.insert(0, str(ROOT))
    from tfgan_repro.data import load_pictures
    from tfgan_repro.metrics.extractor_choice import find_extractor
    from tfgan_repro.metrics.score import Reference

    test, train = (load_pictures("cifar10", split) for split in ("test", "train"))
    network = exact_network(weights)
    blocks = blocks_of(network)
    extractors = {
        "float32": find_extractor("2015", weights, features=768),
        "bfloat16": find_extractor("2015", weights, features=768, precision="bfloat16"),
        "bfloat16 from mixed_3 on": mixed_extractor(network, blocks[blocks.index("mixed_3") :]),
    }
    values = {}
    for name, extractor in extractors.items():
        start = time.process_time()
        values[name] = Reference(extractor, test, count, train).real_vs_real
        seconds, change = time.process_time() - start, 100 * (values[name] / values["float32"] - 1)
        print(f"FID-768, {name}: {values[name]:.6f} ({change:+.3f} %; {seconds:.0f} processor seconds)", flush=True)


def block_of(layer):
    """The convolution or block that a layer of the 2015 network belongs to."""
    first, _, rest = layer.partition("_")
    return layer if first != "mixed" else f"mixed_{rest.split('_')[0]}" if rest[:1].isdigit() else "mixed"


def blocks_of(network):
    """The names of a network's convolutions and blocks, from the image on."""
    return list(dict.fromkeys(block_of(layer.name) for layer in network.layers if layer.weights))


def exact_network(weights):
    """The 2015 network up to its 768 features, in float32."""
    from tfgan_repro.metrics import read_weights
    from tfgan_repro.metrics.inception import inception_network
    from tfgan_repro.metrics.networks import set_weights

    network = inception_network((768,))
    set_weights(network, read_weights(weights), weights)
    return network


def mixed_extractor(exact, blocks):
    """An extractor of the same 768 features with bfloat16 in some blocks."""
    import keras

    from tfgan_repro.metrics import KerasExtractor

    def clone(layer):
        policy = "mixed_bfloat16" if block_of(layer.name) in blocks and layer.weights else "float32"
        return type(layer).from_config({**layer.get_config(), "dtype": policy})

    network = keras.models.clone_model(exact, clone_function=clone)
    network.set_weights(exact.get_weights())
    network = keras.Model(network.input, network.output["768"])
    precision = f"bfloat16 in {', '.join(blocks)}"
    return KerasExtractor(
        network, resize="tf1-bilinear", mean=128 / 255, std=128 / 255, name="mixed", precision=precision
    )


def measure_precision_layers(count, weights):
    """What bfloat16 in some layers saves, and what it does to 768 features of CIFAR-10's test images."""
    sys.path.insert(0, str(ROOT))
    from tfgan_repro.data import load_pictures

    exact = exact_network(weights)
    images = np.asarray(load_pictures("cifar10", "test").images[:count])

    def measured(blocks):
        extractor = mixed_extractor(exact, blocks)
        features = extractor(images)  # compiles
        start = time.process_time()
        extractor(images)
        return features, (time.process_time() - start) / count

    blocks = blocks_of(exact)
    features, seconds = measured(())
    spread = np.linalg.norm(features - features.mean(axis=0))
    print(f"float32: {seconds:.4f} processor seconds an image")
    first, later = blocks.index("mixed"), blocks.index("mixed_3")
    groups = [blocks, blocks[:first], blocks[first:later], blocks[later:], *([block] for block in blocks)]
    for group in groups:
        changed, mixed = measured(group)
        error = np.linalg.norm(changed - features) / spread
        print(f"{group[0]} to {group[-1]}: {mixed / seconds:.2f} of the time, error {100 * error:.2f} %", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="images a round (200)")
    parser.add_argument("--rounds", type=int, default=5, help="(5)")
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--torch-python", help="the Python of an environment with torch and torch-fidelity")
    parser.add_argument("--memory", type=int, metavar="N", help="measure the peak memory of N images")
    parser.add_argument("--depths", type=int, metavar="N", help="measure each number of features on N images")
    parser.add_argument("--distances", action="store_true", help="measure the Frechet distance")
    parser.add_argument("--precision-change", type=int, metavar="N", help="measure what bfloat16 does to a score")
    parser.add_argument("--precision-layers", type=int, metavar="N", help="measure it layer by layer on N images")
    parser.add_argument("--inception-weights", metavar="FILE", help="for the precisions")
    parser.add_argument("--worker", choices=CONTESTANTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return work(options.worker, options.count)
    sys.path.insert(0, str(ROOT))
    if options.memory or options.depths or options.precision_change or options.precision_layers:
        from tfgan_repro import cli

        cli.import_backend()  # without its start-up messages
    if options.memory:
        return measure_memory(options.memory)
    if options.depths:
        return measure_depths(options.depths, options.rounds)
    if options.distances:
        return measure_distances()
    if options.precision_change:
        return measure_precision_change(options.precision_change, options.inception_weights)
    if options.precision_layers:
        return measure_precision_layers(options.precision_layers, options.inception_weights)
    pythons = {"torch": options.torch_python}
    commands = {
        name: [pythons.get(name, sys.executable), __file__, "--worker", name, "--count", options.count]
        for name in options.only
        if name != "torch" or options.torch_python
    }
    report(compete(commands, options.rounds), "images/s", ("float32", "bfloat16"))


if __name__ == "__main__":
    main()
