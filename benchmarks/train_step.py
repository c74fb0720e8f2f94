"""Steps a second of a training, measured against others in one run and in turns (see turns.py).

    python benchmarks/train_step.py --torch-python other-venv/bin/python
    python benchmarks/train_step.py --models dcgan --only ours GradientTape --seconds 10

All train the same networks on the same kind of random 32x32 pictures, which come through each way's usual pipeline:

    ours             this package with its defaults: bfloat16 where the device has units for it
    ours float32
    jax              this package on JAX, where that is installed
    jax float32
    train_on_batch   the tutorials' loop in Keras: the discriminator on real images, on generated ones, and the
                     generator through it, three calls a step; cannot express a gradient penalty
    GradientTape     `train_step` as the Keras examples of GANs write it
    torch eager      PyTorch, layer for layer, in the environment named by --torch-python
    torch compile    the same, its networks compiled
    torch eager bfloat16, torch compile bfloat16    with autocast

A step is one update of the generator; those of wgan-gp and sngan-resnet have five of the discriminator before it.
Products of large matrices take turns as well. What they reach in bfloat16 is the ceiling that ours is a share of, by
the operations that a step counts; how much faster that is than in float32 is all that the precision alone can bring.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from turns import ROOT, compete, python_path, ratio, report

MODELS = ("dcgan", "sndcgan", "sagan", "wgan-gp", "sngan-resnet")
OURS = ("ours", "ours float32", "jax", "jax float32")
TUTORIALS = ("train_on_batch", "GradientTape")
WITHOUT_TUTORIAL = {
    ("train_on_batch", "wgan-gp"),
    ("train_on_batch", "sngan-resnet"),
    ("GradientTape", "sngan-resnet"),
}
TORCH = ("torch eager", "torch compile", "torch eager bfloat16", "torch compile bfloat16")
CEILING = "products"
CEILINGS = (CEILING, "products float32")
DEFAULT = (*OURS, *TUTORIALS, *TORCH[:2], *CEILINGS)
ALL = (*OURS, *TUTORIALS, *TORCH, *CEILINGS)


def command(name, model, options):
    """What starts a contestant."""
    words = ["--batch-size", options.batch_size, "--seconds", options.seconds]
    if name in TORCH:
        precision = ["--bfloat16"] if name.endswith("bfloat16") else []
        compiled = ["--compile"] if "compile" in name else []
        return [options.torch_python, ROOT / "benchmarks/torch_pairs.py", model, *words, *precision, *compiled]
    if name in CEILINGS:
        return [sys.executable, ROOT / "benchmarks/matrix_products.py", "bfloat16" if name == CEILING else "float32"]
    if name in TUTORIALS:
        return [sys.executable, ROOT / "benchmarks/tutorials.py", name, model, *words]
    precision = "float32" if name.endswith("float32") else "auto"
    return [sys.executable, ROOT / "benchmarks/own_steps.py", model, *words, "--precision", precision]


def environment(name):
    return {"KERAS_BACKEND": "jax" if name.startswith("jax") else "tensorflow", "PYTHONPATH": python_path()}


def operations(model, batch_size):
    """Of one step, counted by TensorFlow in a process of its own."""
    words = [sys.executable, ROOT / "benchmarks/own_steps.py", model, "--batch-size", batch_size, "--count"]
    variables = {**os.environ, **environment("ours")}
    done = subprocess.run(list(map(str, words)), env=variables, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout)


def say_share(rates, model, batch_size):
    """Print which share of the ceiling ours has reached."""
    count = operations(model, batch_size)
    share, least, most = (f"{100 * count * value:.0f}" for value in ratio(rates, "ours", CEILING))
    print(f"a step has {count / 1e9:.1f} GFLOP; ours reaches {share} % of the ceiling  (rounds: {least} to {most})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--only", nargs="+", choices=ALL, default=DEFAULT, metavar="CONTESTANT")
    parser.add_argument("--batch-size", type=int, default=128, help="(128)")
    parser.add_argument("--rounds", type=int, default=5, help="(5)")
    parser.add_argument("--seconds", type=float, default=8, help="of a turn, at least (8)")
    parser.add_argument("--torch-python", help="the Python of an environment with torch")
    parser.add_argument("--json", type=Path, metavar="FILE", help="append a line a model with all rates")
    options = parser.parse_args()
    for model in options.models:
        names = [name for name in options.only if name not in TORCH or options.torch_python]
        names = [name for name in names if (name, model) not in WITHOUT_TUTORIAL]
        print(f"{model}, batch {options.batch_size}", flush=True)
        commands = {name: command(name, model, options) for name in names}
        rates = compete(commands, options.rounds, {name: environment(name) for name in names})
        report({name: values for name, values in rates.items() if name not in CEILINGS}, "steps/s", OURS)
        if {"ours", CEILING} <= rates.keys():
            say_share(rates, model, options.batch_size)
        ceilings = {name: [value / 1e9 for value in rates[name]] for name in CEILINGS if name in rates}
        report(ceilings, "GFLOP/s", (CEILING,))
        if options.json:
            medians = {name: statistics.median(values) for name, values in rates.items()}
            line = {"model": model, "batch": options.batch_size, "steps_per_second": medians, "rounds": rates}
            with open(options.json, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
