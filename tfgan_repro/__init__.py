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

What there is:

    config.TrainConfig        every choice of a run; `training.run.train` takes one and leaves a run directory
    models.named              DCGAN, SAGAN, WGANGP, ...: `keras.Model`s with a `train_step` of their own
    models.layers                 SpectralNormalization, SelfAttention, ConditionalBatchNormalization
    losses, penalties         plain functions of logits, and of the discriminator's slope
    data                      load_pictures: data sets, folders, archives and arrays by name
    metrics                   extractors, and the distances on their features; knows nothing of GANs
    runs.loading              load_generator, generate
    runs.evaluation           evaluate
    runs.comparison           compare: any set of pictures against any other
    sampling                  pictures, films and exports of a trained generator

`models.MODELS`, `models.LOSSES`, `models.PENALTIES`, `data.SOURCES` and `metrics.METRICS` list what can be chosen by
name, and take more. What a user can mend is an `errors.UserError`, one line with the value and what to do.
"""

__version__ = "0.1.0"
