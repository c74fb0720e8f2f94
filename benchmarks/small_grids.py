"""What the convolutions of `tfgan_repro.backends.small_grids` cost in bfloat16 beside Keras', in turns in one process.

    python benchmarks/small_grids.py --batch-size 128

A line a convolution: the outputs with both gradients, medians of the rounds, and whether the package takes products.
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

from tfgan_repro.backends import small_grids

# Layer, side of its inputs, input and output channels, size of the kernel, stride: those of dcgan, then of sndcgan.
SHAPES = [
    ("Conv2D", 16, 64, 128, 4, 2),
    ("Conv2D", 8, 128, 256, 4, 2),
    ("Conv2DTranspose", 4, 256, 128, 4, 2),
    ("Conv2D", 16, 128, 128, 3, 1),
    ("Conv2D", 16, 128, 256, 4, 2),
    ("Conv2D", 8, 256, 256, 3, 1),
    ("Conv2D", 8, 256, 512, 4, 2),
    ("Conv2D", 4, 512, 512, 3, 1),
    ("Conv2DTranspose", 4, 512, 256, 4, 2),
    ("Conv2DTranspose", 8, 256, 128, 4, 2),
]


def derivatives(function, images, kernel, stride):
    @tf.function
    def both(images, kernel):
        with tf.GradientTape() as tape:
            tape.watch([images, kernel])
            outputs = function(images, kernel, stride)
        return tape.gradient(outputs, [images, kernel], output_gradients=outputs)

    return lambda: [gradient.numpy() for gradient in both(images, kernel)]


def milliseconds(work):
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch-size", type=int, default=128, help="(128)")
    parser.add_argument("--rounds", type=int, default=9, help="(9)")
    options = parser.parse_args()
    for layer, side, channels_in, channels_out, size, stride in SHAPES:
        down = layer == "Conv2D"
        images = tf.cast(tf.random.normal((options.batch_size, side, side, channels_in)), "bfloat16")
        channels = (channels_in, channels_out) if down else (channels_out, channels_in)
        kernel = tf.cast(tf.random.normal((size, size, *channels)), "bfloat16")
        ours = small_grids.convolution if down else small_grids.transposed
        operation = keras.ops.conv if down else keras.ops.conv_transpose
        contestants = [
            derivatives(ours, images, kernel, stride),
            derivatives(lambda *arguments, operation=operation: operation(*arguments, "same"), images, kernel, stride),
        ]
        times = [[milliseconds(work) for work in contestants] for _ in range(options.rounds + 2)][2:]
        products, convolutions = map(statistics.median, zip(*times))
        ratio = statistics.median(theirs / our for our, theirs in times)
        width = side // stride if down else side
        taken = "taken" if small_grids.pays(width, channels_in, channels_out, size, stride, "bfloat16") else "not taken"
        print(
            f"{layer:<15} {side:2}x{side:<2} {channels_in:3} to {channels_out:3} channels, {size}x{size} by {stride}: "
            f"products {products:6.1f} ms, Keras {convolutions:6.1f} ms, {ratio:.2f} times, {taken}",
            flush=True,
        )


if __name__ == "__main__":
    main()
