"""How two networks are trained against each other: one step, from a minibatch of real images to updated weights."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from tfgan_repro.backends.current import backend
from tfgan_repro.choices import as_whole
from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.models import AUGMENTATIONS, LOSSES, PENALTIES, drawing, generation
from tfgan_repro.models.augmentation import Augmentation
from tfgan_repro.models.keras_contract import KerasContract
from tfgan_repro.models.losses import as_adversarial_loss, class_cross_entropy, discriminator_metrics, mean_sign
from tfgan_repro.models.networks import (
    as_list,
    batch_normalizations,
    class_count_of,
    fitted,
    freeze_lower_layers,
    latent_shape_of,
    network_inputs,
    takes_labels,
)
from tfgan_repro.models.optimizers import OptimizerPair, make_optimizers, rate_of, twin
from tfgan_repro.models.options import NetworkChoices, TrainingChoices
from tfgan_repro.models.penalties import as_penalties
from tfgan_repro.models.rules import check_choices
from tfgan_repro.models.schedules import Schedules
from tfgan_repro.models.user_data import as_numpy_labels, refuse_weights
from tfgan_repro.scaling import scale
from tfgan_repro.types import Metrics, Network, Tensor


class Minibatch(NamedTuple):
    """Real images `[batch, height, width, channels]` in [-1, 1], and their labels int `[batch]` or None."""

    real_images: Tensor
    labels: Tensor | None


@keras.saving.register_keras_serializable("tfgan_repro")
class GAN(KerasContract):
    """A generator and a discriminator that are trained against each other.

    `compile` chooses how to train, `fit` trains on batches of real images, `generate` makes pictures. Calling the
    model calls its generator, which maps latents `[batch, latent_dim]` to images `[batch, height, width, channels]` in
    [-1, 1]; a conditional generator takes `[latents, labels]`.

    Args:
        generator: a Keras model from latents of any shape, or from latents and labels, to images in [-1, 1].
        discriminator: a Keras model from images, or from images and labels, to logits `[batch, 1]`, or to a pair of
            these and class logits `[batch, num_classes]`. Neither may end in a sigmoid or a softmax.
        latent_dim: length of a latent vector; needed only if the generator is not built yet.
        seed: of all random numbers drawn during training.

    Raises:
        UserError: the networks do not fit each other.

    Reference:
        Goodfellow et al. 2014, arXiv:1406.2661.
    """

    # What `compile` takes where nothing is said: the DCGAN paper's; a named model has its own.
    recipe: Mapping[str, Any] = {
        "generator_learning_rate": 2e-4,
        "discriminator_learning_rate": 2e-4,
        "label_smoothing": 0.0,
    }
    network_choices: Mapping[str, Any] = {}  # what the networks were built from, where that is known
    num_classes: int | None = None  # of the labels, where that is known

    def __init__(
        self,
        generator: Network,
        discriminator: Network,
        latent_dim: int | None = None,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if keras.config.image_data_format() != "channels_last":
            raise UserError(
                "images are [height, width, channels] here, and Keras is set to channels_first: call "
                "keras.config.set_image_data_format('channels_last') first"
            )
        self.image_shape, classes = fitted(generator, discriminator, latent_dim)
        self.generator, self.discriminator = generator, discriminator
        self.latent_shape = latent_shape_of(self.generator)
        self.conditional = takes_labels(self.generator)
        self.needs_labels = self.conditional or takes_labels(discriminator) or bool(classes)
        self.num_classes = classes or class_count_of(generator)
        if batch_normalizations(discriminator):
            # The one choice of networks of the user's own that can be seen, and that rules are about.
            self.network_choices = {"discriminator_normalization": "batch"}
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.step = self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False, name="step")
        self.images = None  # counted only for schedules
        self.average = None
        self.frozen_layers: list[int] = []
        self.built = True

    def compile(
        self,
        generator_optimizer: Any = None,
        discriminator_optimizer: Any = None,
        loss: Any = None,
        penalty: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool = backend.JIT_COMPILE,
        **choices: Any,
    ) -> None:
        """Choose how the networks are trained; whatever is not given here comes from the model's recipe.

        Args:
            generator_optimizer: a Keras optimiser, or the name of one. A schedule of learning rates that it has is the
                only one: it does not go with `learning_rate_decay_steps`.
            discriminator_optimizer: the same for the discriminator; different learning rates for the two are TTUR
                (Heusel et al. 2017).
            loss: a name in `tfgan_repro.models.LOSSES`, an `AdversarialLoss` or any object with its two methods, or a
                Keras loss.
            penalty: a name in `tfgan_repro.models.PENALTIES`, several names with weights ("r1:10,r2:5"), a function
                with the same arguments, or "none".
            run_eagerly: as in `keras.Model.compile`.
            steps_per_execution: as in `keras.Model.compile`: of so many steps Keras reports the last on TensorFlow, and
                an epoch's means are those of the reported steps.
            jit_compile: as in `keras.Model.compile`.
            **choices: the other fields of `TrainingChoices`: `generator_learning_rate`, `label_smoothing`, ...

        Raises:
            UserError: an unknown choice, or choices that contradict each other.
        """
        self.compiled = False  # until all of it is done: a mistake must not leave parts of two trainings side by side
        steps_per_execution = as_whole("steps_per_execution", steps_per_execution, 1)
        if isinstance(choices.get("optimizer"), keras.optimizers.Optimizer):
            raise UserError("a GAN has two optimizers: give generator_optimizer and discriminator_optimizer")
        for player, optimizer in (("generator", generator_optimizer), ("discriminator", discriminator_optimizer)):
            if rate := rate_of(optimizer):
                choices.setdefault(f"{player}_learning_rate", rate)
        self.choose(loss, penalty, choices)
        self.forget_layer("augmentation")
        self.augmentation = Augmentation(AUGMENTATIONS.several(self.techniques.augmentation), self.techniques)
        for place in self.frozen_layers:
            self.discriminator.layers[place].trainable = True
        self.frozen_layers = freeze_lower_layers(self.discriminator, self.techniques.freeze_discriminator)
        optimizers = make_optimizers(generator_optimizer, discriminator_optimizer, self.techniques)
        self.generator_optimizer, self.discriminator_optimizer = optimizers
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.fake_loss_optimizer = None
        if self.techniques.discriminator_updates == "separate":
            self.fake_loss_optimizer = twin(self.discriminator_optimizer)
            self.fake_loss_optimizer.build(self.discriminator.trainable_variables)
        if self.techniques.schedule_images and self.images is None:
            self.images = self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False, name="images")
        self.schedules = Schedules(self.techniques, self.step, self.images, optimizers, self.augmentation.probability)
        self.keep_average(self.techniques.ema_start if self.techniques.uses("ema_half_life") else None)
        super().compile(
            optimizer=OptimizerPair(*optimizers, *filter(None, [self.fake_loss_optimizer])),
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )
        self.learnable = self.learning = frozenset(map(id, self.trainable_variables))

    def choose(self, loss: Any, penalty: Any, choices: Mapping[str, Any]) -> None:
        """Take what `compile` is given of the losses and techniques, and the recipe's where nothing is."""
        given = {"loss": LOSSES.name_of(loss), "penalty": PENALTIES.name_of(penalty)}
        named = {name: value for name, value in given.items() if is_named(value)}
        self.own_parts = {name: value for name, value in given.items() if name not in named and value is not None}
        known = TrainingChoices.__dataclass_fields__
        for name in choices:
            if name in NetworkChoices.__dataclass_fields__:
                raise UserError(f"{name} is a choice of the networks: give it where a model is made, DCGAN({name}=...)")
            if name not in known:
                raise unknown_name("choice", name, [*known, "generator_optimizer", "discriminator_optimizer"])
        recipe = TrainingChoices(**{name: value for name, value in self.recipe.items() if name in known})
        made = {**vars(recipe), **choices, **named}
        # What has a name is checked as on the command line; about an object no rule can say anything.
        in_force = {name: value for name, value in made.items() if name not in self.own_parts}
        self.techniques = TrainingChoices(**{**made, **check_choices(in_force, self.network_choices)})
        self.adversarial_loss = as_adversarial_loss(self.own_parts.get("loss", self.techniques.loss))
        self.penalties = as_penalties(self.own_parts.get("penalty", self.techniques.penalty))
        # Of what has a name a rule says so.
        if self.techniques.discriminator_updates == "separate" and (self.penalties or not self.adversarial_loss.parts):
            raise UserError(
                "--discriminator-updates separate needs a loss that is a sum of one on real and one on generated "
                "images (`AdversarialLoss.parts`), such as non-saturating, and no penalty, which belongs to both"
            )

    @backend.on_all_replicas
    def train_step(self, data: Any) -> Metrics:
        """Update the discriminator on each minibatch, then the generator once (Goodfellow et al. 2014, algorithm 1).

        The last minibatch of generated images also serves the generator's update, which saves a forward pass; with
        `fresh_latents` new ones are drawn, as in algorithm 1. The generator is judged by the updated discriminator.
        Generated images get the labels of the real images in the minibatch, so that both have the same class
        frequencies.

        Args:
            data: float32 images `[discriminator_steps * batch, height, width, channels]` in [-1, 1] (uint8 ones are
                scaled), or a pair of images and int labels `[discriminator_steps * batch]`.

        Returns:
            Scalars: `d_loss` and `g_loss`, the adversarial losses; `d_real` and `d_fake`, the mean probability of being
            real that the discriminator assigns to real and to generated images before its update (its mean output if
            the loss has no probabilities); `d_accuracy`; `d_gradient_norm` and `g_gradient_norm`. Where they apply,
            also `penalty`; `d_class_loss` and `g_class_loss`; `distance`, a critic's estimate of the Wasserstein
            distance; `margin`, the mean lead of real over generated logits under a relativistic loss; `d_loss_real` and
            `d_loss_fake` of separate updates; `real_sign` and `augmentation_probability` (see `Augmentation`).
        """
        rounds = self.techniques.discriminator_steps
        minibatches = self.split_into_minibatches(data, rounds)

        def earlier_round(number: Tensor) -> None:
            minibatch = minibatches(number)
            self.update_discriminator(minibatch, self.draw_fake_images(minibatch))

        backend.repeat(rounds - 1, earlier_round)
        minibatch = minibatches(rounds - 1)
        weights = self.generator.trainable_variables
        fake_images, pull_back = backend.forward(lambda: self.draw_fake_images(minibatch), weights)
        metrics = self.update_discriminator(minibatch, fake_images)
        if self.techniques.fresh_latents:
            fake_images, pull_back = backend.forward(lambda: self.draw_fake_images(minibatch), weights)
        metrics |= self.update_generator(minibatch, fake_images, pull_back)
        batch = ops.shape(fake_images)[0] * backend.replicas()
        if self.average:
            self.average.update(self.generator, self.step, batch, self.schedules.now("ema_half_life"))
        metrics |= self.augmentation.follow(self.step, metrics.get("real_sign"), rounds * batch)
        self.schedules.advance(batch)
        return metrics

    def update_discriminator(self, minibatch: Minibatch, fake_images: Tensor) -> Metrics:
        """One descent step on the discriminator's loss; returns scalars to be logged.

        With separate updates the losses on real and on generated images have a step each, from the same weights.
        """
        variables = self.discriminator.trainable_variables
        optimizers = {"all": self.discriminator_optimizer}
        if self.fake_loss_optimizer:
            optimizers = {"real": self.discriminator_optimizer, "fake": self.fake_loss_optimizer}
        fake_images, gradients = ops.stop_gradient(fake_images), {}
        for part in optimizers:
            loss = partial(self.discriminator_loss, minibatch, fake_images, learn_from=part)
            gradients[part], metrics = backend.weight_gradients(loss, variables)
        norms = [backend.descend(optimizer, gradients[part], variables) for part, optimizer in optimizers.items()]
        metrics["d_gradient_norm"] = norms[0] if len(norms) == 1 else ops.norm(ops.stack(norms))
        bound = self.techniques.weight_clip
        if bound:
            for variable in variables:
                variable.assign(ops.clip(variable, -bound, bound))
        return metrics

    def update_generator(self, minibatch: Minibatch, fake_images: Tensor, pull_back: Callable) -> Metrics:
        """One descent step on the generator's loss; `pull_back` leads from the images' gradient to the weights'."""
        # The chain rule in two pieces: the discriminator's weight gradients, which nobody needs, are never computed.
        gradient, metrics = backend.image_gradient(lambda images: self.generator_loss(minibatch, images), fake_images)
        variables = self.generator.trainable_variables
        metrics["g_gradient_norm"] = backend.descend(self.generator_optimizer, pull_back(gradient), variables)
        return metrics

    def discriminator_loss(
        self, minibatch: Minibatch, fake_images: Tensor, training: bool = True, learn_from: str = "all"
    ) -> tuple[Tensor, Metrics]:
        """The discriminator's loss, a scalar, and scalars to be logged; `fake_images` of the real ones' shape.

        Its gradient is that of the loss on "all" images, or of its part on "real" or on "fake" ones.
        """
        techniques, loss, labels = self.techniques, self.adversarial_loss, minibatch.labels
        both = self.discriminate_both(minibatch, fake_images, training)
        (real_logits, real_classes), (fake_logits, fake_classes) = both
        if learn_from == "real":
            fake_logits, fake_classes = held(fake_logits), held(fake_classes)
        elif learn_from == "fake":
            real_logits, real_classes = held(real_logits), held(real_classes)
        metrics = discriminator_metrics(loss, real_logits, fake_logits)
        if techniques.augmentation_target:
            metrics["real_sign"] = mean_sign(loss, real_logits, fake_logits)
        total = loss.discriminator(*self.flip_labels(real_logits, fake_logits), techniques.label_smoothing)
        check_scalar(total, "discriminator's loss")
        metrics["d_loss"] = total
        if learn_from != "all" and loss.parts:
            on_real, on_fake = loss.parts
            metrics["d_loss_real"] = on_real(real_logits, techniques.label_smoothing)
            metrics["d_loss_fake"] = on_fake(fake_logits)
        if real_classes is not None:
            metrics["d_class_loss"] = class_cross_entropy(real_classes, labels)
            if techniques.class_loss == "both":
                metrics["d_class_loss"] += class_cross_entropy(fake_classes, labels)
            total += techniques.classifier_weight * metrics["d_class_loss"]
        if self.penalties and training:
            # As in the papers on augmentation, of the images themselves, through what is done to them.
            slope = backend.slope_of(lambda images: self.discriminate(self.augmented(images), labels)[0])
            for penalty, weight in self.penalties:
                value = penalty(slope, minibatch.real_images, fake_images, self.seed_generator)
                check_scalar(value, "penalty")
                metrics["penalty"] = metrics.get("penalty", 0.0) + value
                total += (self.schedules.now("penalty_weight") if weight is None else weight) * value
        return total, metrics

    def generator_loss(
        self, minibatch: Minibatch, fake_images: Tensor, training: bool = True
    ) -> tuple[Tensor, Metrics]:
        """The generator's loss, a scalar, and scalars to be logged; arguments as in `discriminator_loss`."""
        labels, real_logits = minibatch.labels, None
        fake_logits, class_logits = self.discriminate(self.augmented(fake_images), labels, training)
        if self.adversarial_loss.relativistic:
            real_logits, _ = self.discriminate(self.augmented(minibatch.real_images), labels, training)
        total = self.adversarial_loss.generator(fake_logits, real_logits)
        check_scalar(total, "generator's loss")
        metrics = {"g_loss": total}
        if class_logits is not None:
            metrics["g_class_loss"] = class_cross_entropy(class_logits, labels)
            total += self.techniques.classifier_weight * metrics["g_class_loss"]
        return total, metrics

    def split_into_minibatches(self, data: Any, count: int) -> Callable[[Any], Minibatch]:
        """The `Minibatch` of a number, of so many that follow each other in what a step is given."""
        images, labels, weights = keras.utils.unpack_x_y_sample_weight(data)
        refuse_weights(weights)
        images = scale(images) if images.dtype == "uint8" else ops.cast(images, "float32")
        # Some sets, such as Keras' own CIFAR-10, have labels as a column.
        labels = None if labels is None else ops.reshape(labels, (-1,) if count == 1 else (count, -1))
        if count == 1:
            return lambda number: Minibatch(backend.spread(images), labels)
        size = -1 if images.shape[0] is None else images.shape[0] // count
        images = ops.reshape(images, (count, size, *images.shape[1:]))
        return lambda number: Minibatch(backend.spread(images[number]), None if labels is None else labels[number])

    def draw_fake_images(self, minibatch: Minibatch) -> Tensor:
        """Images in training mode from new latents, as many as the real ones and of their labels."""
        latents = self.draw_latents(ops.shape(minibatch.real_images)[0])
        images = self.generator(network_inputs(self.generator, latents, minibatch.labels), training=True)
        return ops.cast(images, "float32")

    def draw_latents(self, count: Any) -> Tensor:
        """Standard normal latents `[count, latent_dim]`, the next of the model's own seeded sequence."""
        return drawing.normal((count, *self.latent_shape), seed=self.seed_generator)

    def discriminate_both(
        self, minibatch: Minibatch, fake_images: Tensor, training: bool
    ) -> tuple[tuple[Tensor, Tensor | None], tuple[Tensor, Tensor | None]]:
        """What `discriminate` gives for the augmented real and for the augmented generated images."""
        labels = minibatch.labels
        real_images, fake_images = self.augmented(minibatch.real_images), self.augmented(fake_images)
        if self.techniques.discriminator_batches == "separate":
            return self.discriminate(real_images, labels, training), self.discriminate(fake_images, labels, training)
        both = None if labels is None else ops.concatenate([labels, labels])
        logits, classes = self.discriminate(ops.concatenate([real_images, fake_images]), both, training)
        real_logits, fake_logits = ops.split(logits, 2)
        real_classes, fake_classes = (None, None) if classes is None else ops.split(classes, 2)
        return (real_logits, real_classes), (fake_logits, fake_classes)

    def discriminate(
        self, images: Tensor, labels: Tensor | None, training: bool = True
    ) -> tuple[Tensor, Tensor | None]:
        """The discriminator's logits `[batch, 1]`, and its class logits `[batch, num_classes]` or None."""
        outputs = self.discriminator(network_inputs(self.discriminator, images, labels), training=training)
        # Losses are computed in float32 whatever the networks are.
        logits, *classes = (ops.cast(part, "float32") for part in as_list(outputs))
        return logits, classes[0] if classes else None

    def augmented(self, images: Tensor) -> Tensor:
        """Images as the discriminator sees them: augmented, and with instance noise."""
        images = self.augmentation(images, seed=self.seed_generator)
        if self.techniques.uses("instance_noise"):
            images += self.schedules.now("instance_noise") * drawing.normal(ops.shape(images), seed=self.seed_generator)
        return images

    def flip_labels(self, real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
        """Both logits, with the real and the generated image of some random pairs taken for each other."""
        if not self.techniques.label_flipping:
            return real_logits, fake_logits
        flip = drawing.uniform(ops.shape(real_logits), seed=self.seed_generator) < self.techniques.label_flipping
        return ops.where(flip, fake_logits, real_logits), ops.where(flip, real_logits, fake_logits)

    @property
    def sampling_generator(self) -> Network:
        """The generator that pictures and scores are made with: the average of its weights where there is one."""
        return self.average.network if self.average else self.generator

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return self.generator(inputs, training=training)

    def test_step(self, data: Any) -> Metrics:
        """The losses on held-out images, with the networks as pictures are made with; for `validation_data`."""
        minibatch = self.split_into_minibatches(data, 1)(0)
        latents = self.draw_latents(ops.shape(minibatch.real_images)[0])
        fake_images = self.sampling_generator(network_inputs(self.generator, latents, minibatch.labels), training=False)
        _, metrics = self.discriminator_loss(minibatch, fake_images, training=False)
        return metrics | self.generator_loss(minibatch, fake_images, training=False)[1]

    def gradients(self, real_images: Tensor, labels: Tensor | None = None) -> tuple[list[Tensor], list[Tensor]]:
        """The generator's and the discriminator's gradients on a minibatch, as in a step before which nothing moves.

        Args:
            real_images: float32 `[batch, height, width, channels]` in [-1, 1].
            labels: int `[batch]`, or None.

        Returns:
            Two lists of gradients, in the order of the networks' trainable variables; zeros for a weight that a loss
            does not depend on.
        """
        self.require_compiled()

        def of_both() -> tuple[list[Tensor], list[Tensor]]:
            # Keras mixes no arrays with its tensors.
            parts = (None if part is None else ops.convert_to_tensor(part) for part in (real_images, labels))
            minibatch = Minibatch(*parts)
            weights = self.generator.trainable_variables, self.discriminator.trainable_variables
            fake_images, pull_back = backend.forward(lambda: self.draw_fake_images(minibatch), weights[0])
            gradients, _ = backend.weight_gradients(lambda: self.discriminator_loss(minibatch, fake_images), weights[1])
            gradient, _ = backend.image_gradient(lambda images: self.generator_loss(minibatch, images), fake_images)
            return whole(pull_back(gradient), weights[0]), whole(gradients, weights[1])

        return backend.without_effects(of_both, self.variables)

    def generate(self, count: int, labels: Any = None, seed: int = 0) -> np.ndarray:
        """Generate pictures, with the averaged weights where an average (EMA) is kept.

        Args:
            count: how many.
            labels: for a conditional model, int `[count]` or one class for all; None for all classes in turn.
            seed: of the latents; the same seed gives the same pictures.

        Returns:
            uint8 `[count, height, width, channels]`.

        Raises:
            UserError: labels for an unconditional model, or not `count` of them.
        """
        count, seed = as_whole("count", count, 1), as_whole("seed", seed)
        if not self.conditional and labels is not None:
            raise UserError("labels are for conditional models; this one makes pictures of no class in particular")
        wanted = as_numpy_labels(labels, count, self.num_classes) if self.conditional else None
        return generation.generate_images(self.refreshed_generator(), count, seed, wanted)

    def refreshed_generator(self) -> Network:
        """The sampling generator, with the batch statistics of its weights for equally frequent classes."""
        if self.conditional and self.num_classes is None:
            return self.sampling_generator
        return generation.sampling_generator(self, generation.equal_classes(self.generator, self.num_classes))


def is_named(value: Any) -> bool:
    """Whether a choice is made by name, several names among them, and not by an object."""
    several = value if isinstance(value, (list, tuple)) else ()
    return isinstance(value, (str, Mapping)) or bool(several) and all(isinstance(name, str) for name in several)


def whole(gradients: Sequence[Tensor | None], weights: Sequence[keras.Variable]) -> list[Tensor]:
    """Gradients as tensors of their weights' shapes: rows of an embedding put in place, zeros where there is none."""
    return [
        ops.zeros_like(weight) if gradient is None else ops.convert_to_tensor(gradient)
        for gradient, weight in zip(gradients, weights, strict=True)
    ]


def held(outputs: Tensor | None) -> Tensor | None:
    """Outputs that no gradient goes through."""
    return None if outputs is None else ops.stop_gradient(outputs)


def check_scalar(value: Tensor, name: str) -> None:
    """Raise a `UserError` where a loss or a penalty, perhaps of the user's own, gives no single number for a batch."""
    if getattr(value, "ndim", 0):
        raise UserError(f"the {name} gives {tuple(value.shape)} for a batch: let it give one number, such as the mean")
