"""Operations a second in products of large bfloat16 matrices, as a contestant of train_step.py."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from turns import Turns

SIDE = 4096


def main():
    turns = Turns()
    matrix = tf.cast(tf.random.normal((SIDE, SIDE)), tf.bfloat16)
    product = tf.function(lambda: tf.reduce_sum(tf.matmul(matrix, matrix)))

    def multiply():
        product().numpy()  # waits for the device
        return 2 * SIDE**3

    multiply()
    turns.take(multiply, seconds=2)


if __name__ == "__main__":
    main()
