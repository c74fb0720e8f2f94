"""Operations a second in products of large matrices, as a contestant of train_step.py."""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from turns import Turns

SIDE = 4096


def main():
    turns = Turns()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("precision", choices=("bfloat16", "float32"))
    matrix = tf.cast(tf.random.normal((SIDE, SIDE)), parser.parse_args().precision)
    product = tf.function(lambda: tf.reduce_sum(tf.matmul(matrix, matrix)))

    def multiply():
        product().numpy()  # waits for the device
        return 2 * SIDE**3

    multiply()
    turns.take(multiply, seconds=2)


if __name__ == "__main__":
    main()
