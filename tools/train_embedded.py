"""Train the embedded classifier on CIFAR-10 and write its folded weights into the package.

    python tools/train_embedded.py [--epochs 40] [--output tfgan_repro/metrics/embedded_weights.npz]
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from tfgan_repro.metrics.embedded import IMAGE_SIZE, embedded_network

BATCH_SIZE = 128


def augmented(images, labels, seed):
    def augment(image, label):
        image = tf.pad(image, [[4, 4], [4, 4], [0, 0]], "REFLECT")
        image = tf.image.random_crop(image, [IMAGE_SIZE, IMAGE_SIZE, 3])
        return tf.image.random_flip_left_right(image), label

    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images), seed=seed)
    dataset = dataset.map(augment, tf.data.AUTOTUNE).batch(BATCH_SIZE, drop_remainder=True)
    return dataset.map(scaled).prefetch(tf.data.AUTOTUNE)


def scaled(images, labels):
    return tf.cast(images, tf.float32) / 127.5 - 1, tf.one_hot(labels, 10)


def folded_weights(model):
    """The weights of `embedded_network(folded=True)` from a trained unfolded one, by layer name."""
    weights = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            norm = model.get_layer(f"{layer.name}_bn")
            gamma, beta, mean, variance = (np.asarray(value, np.float64) for value in norm.get_weights())
            scale = gamma / np.sqrt(variance + norm.epsilon)
            weights[f"{layer.name}/kernel"] = np.asarray(layer.kernel, np.float64) * scale
            weights[f"{layer.name}/bias"] = beta - mean * scale
        elif isinstance(layer, keras.layers.Dense):
            weights[f"{layer.name}/kernel"], weights[f"{layer.name}/bias"] = layer.get_weights()
    return {name: value.astype(np.float16) for name, value in weights.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="tfgan_repro/metrics/embedded_weights.npz")
    args = parser.parse_args()
    keras.utils.set_random_seed(args.seed)
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    (images, labels), (test_images, test_labels) = (
        tfds.as_numpy(tfds.load("cifar10", split=split, batch_size=-1, as_supervised=True))
        for split in ("train", "test")
    )
    model = embedded_network(folded=False)
    print("parameters", model.count_params())
    steps = args.epochs * (len(images) // BATCH_SIZE)
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-3, steps, alpha=1e-3, warmup_target=0.1, warmup_steps=steps // 10
    )
    classifier = keras.Model(model.input, model.output["logits"])
    classifier.compile(
        keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, weight_decay=5e-4),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        metrics=["accuracy"],
    )
    test = tf.data.Dataset.from_tensor_slices((test_images, test_labels)).batch(500).map(scaled)
    classifier.fit(augmented(images, labels, args.seed), validation_data=test, epochs=args.epochs, verbose=2)

    weights = folded_weights(model)
    np.savez_compressed(args.output, **weights)
    keras.mixed_precision.set_global_policy("float32")
    folded = embedded_network()
    for layer in folded.layers:
        if layer.weights:
            layer.set_weights([weights[f"{layer.name}/kernel"], weights[f"{layer.name}/bias"]])
    logits = folded.predict(test_images / 127.5 - 1, batch_size=500, verbose=0)["logits"]
    accuracy = np.mean(logits.argmax(1) == test_labels)
    print(f"test accuracy of the folded float16 weights: {accuracy:.4f}")
    print(f"size: {os.path.getsize(args.output) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
