"""One run, from a configuration to a finished run directory."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_repro.data import load_pictures
from tfgan_repro.data.pipeline import training_batches
from tfgan_repro.errors import UserError
from tfgan_repro.metrics.extractors import find_extractor
from tfgan_repro.metrics.score import Reference
from tfgan_repro.models import MODELS
from tfgan_repro.report.animation import write_training_gif
from tfgan_repro.report.grids import write_png
from tfgan_repro.report.plots import write_loss_plot, write_score_plot
from tfgan_repro.training.callbacks import Checkpoints, SampleGrids, Scores, TrainingLog
from tfgan_repro.training.device import configure, resolve_precision
from tfgan_repro.training.generation import generate_images
from tfgan_repro.training.progress import TrainingProgress
from tfgan_repro.training.run_directory import RunDirectory, check_free

FINAL_IMAGES = 10
# Seeds of what is drawn beside the training, the same for every run, so that runs can be compared.
GRID_SEED, SCORE_SEED, FINAL_SEED = 1, 2, 3


def build_gan(config, image_shape):
    """The untrained networks of a configuration.

    Args:
        config: a `TrainConfig`.
        image_shape: `(height, width, channels)`.

    Raises:
        UserError: the networks cannot make that image size.
    """
    return MODELS.load(config.model)(
        image_shape=image_shape, latent_dim=config.latent_dim, width=config.width, seed=config.seed
    )


def compile_gan(gan, config):
    """Give a `GAN` its optimisers, loss and techniques from a configuration."""

    def adam(learning_rate):
        return keras.optimizers.Adam(learning_rate, config.beta_1, config.beta_2)

    gan.compile(
        adam(config.generator_learning_rate),
        adam(config.discriminator_learning_rate),
        loss=config.loss,
        label_smoothing=config.label_smoothing,
        discriminator_steps=config.discriminator_steps,
    )


def prepare(config):
    """Everything that can fail before a run directory is made.

    Args:
        config: a `TrainConfig`.

    Returns:
        The operative configuration, the training `Pictures` and the compiled `GAN`.

    Raises:
        UserError: something does not fit.
    """
    config = dataclasses.replace(config, precision=resolve_precision(config.precision))
    configure(config.precision, config.seed)
    pictures = load_pictures(config.dataset, "train", config.data_dir, config.image_size)
    images_per_step = config.batch_size * config.discriminator_steps
    if images_per_step > len(pictures):
        raise UserError(
            f"--batch-size {config.batch_size} times --discriminator-steps {config.discriminator_steps} is "
            f"{images_per_step} images a step; {config.dataset} has only {len(pictures)}"
        )
    gan = build_gan(config, pictures.image_shape)
    compile_gan(gan, config)
    return config, pictures, gan


def make_reference(config, pictures):
    """The real images that the configuration's scores compare with: the test split."""
    extractor = find_extractor(config.extractor, config.inception_weights, config.features, config.resize)
    test = load_pictures(config.dataset, "test", config.data_dir, config.image_size)
    return Reference(extractor, test, config.fid_samples, baseline=pictures, seed=SCORE_SEED)


def train(config):
    """Train a GAN and leave a finished run directory behind.

    Args:
        config: a `TrainConfig`.

    Returns:
        The `RunDirectory`.

    Raises:
        UserError: anything that the user can mend; nothing is left half-written.
    """
    # Early, so that nobody waits for the data to be told.
    check_free(config)
    config, pictures, gan = prepare(config)
    reference = make_reference(config, pictures) if config.fid_every else None
    run = RunDirectory.create(config, pictures.image_shape)
    images_per_step = config.batch_size * config.discriminator_steps
    board = tf.summary.create_file_writer(str(run.tensorboard))
    progress = TrainingProgress(images_per_step)
    callbacks = [
        TrainingLog(run, board, config.log_every, images_per_step),
        SampleGrids(run, board, GRID_SEED),
        Checkpoints(run, config.checkpoint_every),
        progress,
    ]
    if reference:
        callbacks.append(Scores(run, board, config.fid_every, reference, config.fid_samples))
    try:
        gan.fit(
            training_batches(pictures, images_per_step, config.seed, config.flip),
            steps_per_epoch=config.steps,
            callbacks=callbacks,
            shuffle=False,  # the pipeline has
            verbose=0,
        )
    finally:
        progress.close()
        board.close()
    finish(run, gan)
    return run


def finish(run, gan):
    """Make the pictures of a run that has ended: GIF, plots, ten single images."""
    write_training_gif(run.path)
    write_loss_plot(run.path)
    write_score_plot(run.path)
    for index, image in enumerate(generate_images(gan.generator, FINAL_IMAGES, FINAL_SEED)):
        write_png(run.final_images / f"{index:02d}.png", image)
