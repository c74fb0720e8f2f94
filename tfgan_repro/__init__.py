"""Five reports on training GANs, reproduced in Keras 3 on TensorFlow 2.

From the command line:

    python train.py --model dcgan --dataset cifar10
    python evaluate.py --checkpoint RUN --fid-samples 1000
    python -m tfgan_repro.generate --checkpoint RUN --output grid.png

From Python:

    import keras
    from tfgan_repro.data import load_pictures
    from tfgan_repro.data.pipeline import training_batches
    from tfgan_repro.models.named import DCGAN

    gan = DCGAN(image_shape=(32, 32, 3))
    gan.compile(keras.optimizers.Adam(1e-4, 0.5), keras.optimizers.Adam(4e-4, 0.5), label_smoothing=0.1)
    gan.fit(training_batches(load_pictures("shapes"), batch_size=128), steps_per_epoch=1000)
"""

__version__ = "0.1.0"
