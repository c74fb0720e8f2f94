"""How two networks play against each other: what is computed, whatever the backend."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import keras
from keras import ops

from tfgan_repro import drawing
from tfgan_repro.backends import backend_module
from tfgan_repro.models.losses import AdversarialLoss, accuracy, class_cross_entropy, reported_loss
from tfgan_repro.models import LOSSES, PENALTIES
from tfgan_repro.models.augmentation import augment
from tfgan_repro.models.average import MovingAverage
from tfgan_repro.models.gradients import LastGradients
from tfgan_repro.models.techniques import Techniques
from tfgan_repro.types import Batches, Network, Tensor

if TYPE_CHECKING:
    import tensorflow as tf

step, loop = (backend_module(f"tfgan_repro.models.{{}}_{part}") for part in ("step", "fit"))


class GAN(keras.Model):
    """A generator and a discriminator, trained by `fit` on batches of real images.

    Calling the model generates: latents `[batch, latent_dim]` to images `[batch, height, width, channels]` in [-1, 1];
    a conditional one takes `[latents, labels]`.

    Args:
        generator: a Keras model from latents, or from latents and labels, to images.
        discriminator: a Keras model from images, or from images and labels, to logits `[batch, 1]`, or to these and
            class logits `[batch, num_classes]`.
        seed: of all that is drawn during training.
    """

    def __init__(self, generator: Network, discriminator: Network, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.latent_dim = generator.inputs[0].shape[-1]
        self.conditional = len(generator.inputs) == 2
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.step = self.add_weight(shape=(), dtype="int", initializer="zeros", trainable=False, name="step")
        self.learning_rate_scale = self.add_weight(
            shape=(), dtype="float32", initializer="ones", trainable=False, autocast=False, name="learning_rate_scale"
        )
        self.average: MovingAverage | None = None
        self.traced: list[tuple[tf.Graph, int]] = []  # see `tensorflow_step.traced`
        self.built = True

    def compile(
        self,
        generator_optimizer: keras.optimizers.Optimizer,
        discriminator_optimizer: keras.optimizers.Optimizer,
        loss: str = "non-saturating",
        jit_compile: bool = False,
        **choices: Any,
    ) -> None:
        """Choose how the networks are trained.

        Args:
            generator_optimizer: a Keras optimiser.
            discriminator_optimizer: another one; two learning rates make TTUR (Heusel et al. 2017).
            loss: a name in `tfgan_repro.models.LOSSES`.
            jit_compile: XLA, which is slower than TensorFlow's own kernels on CPU, so that Keras' "auto" is not left
                to choose it.
            **choices: fields of `Techniques`, and whatever else `keras.Model.compile` takes.
        """
        own = {name: choices.pop(name) for name in Techniques.__dataclass_fields__ if name in choices}
        super().compile(jit_compile=jit_compile, **choices)
        self.techniques = Techniques(**own)
        self.adversarial_loss: AdversarialLoss = LOSSES.load(loss)
        self.penalty = PENALTIES.load(self.techniques.penalty) if self.techniques.penalty != "none" else None
        policies = self.techniques.augmentation
        self.policies = () if policies == "none" else tuple(policies.split(","))
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        generator_optimizer.build(self.generator.trainable_variables)
        discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.generator_gradients = LastGradients(self.generator)
        self.discriminator_gradients = LastGradients(self.discriminator)
        # A user's own schedule is left alone.
        rates = [optimizer.learning_rate for optimizer in (generator_optimizer, discriminator_optimizer)]
        rates = [rate for rate in rates if isinstance(rate, keras.Variable)]
        self.learning_rates = [(rate, float(ops.convert_to_numpy(rate))) for rate in rates]
        if self.techniques.ema_half_life:
            self.average = MovingAverage(self.generator, self.techniques.ema_half_life, self.techniques.ema_start)

    @property
    def sampling_generator(self) -> Network:
        """The generator that pictures and scores are made with: the average of its weights where there is one."""
        return self.average.network if self.average else self.generator

    def fit(self, batches: Batches, **options: Any) -> keras.callbacks.History:
        """Train on what `tfgan_repro.data.pipeline.training_batches` gives, or on any dataset of such batches.

        Options are those of `keras.Model.fit`, of which JAX knows `steps_per_epoch`, `callbacks`, `shuffle` and
        `verbose`.
        """
        return loop.fit(self, batches, **options)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return self.generator(inputs, training=training)

    def train_step(self, data: Tensor | tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Update the discriminator on each minibatch, then the generator once (Goodfellow et al. 2014, algorithm 1).

        Args:
            data: float32 `[discriminator_steps * batch, height, width, channels]` in [-1, 1], or these with int labels
                `[discriminator_steps * batch]`. Generated images get the labels of the real ones that they meet, so
                that classes are as frequent among them.

        Returns:
            A dictionary of scalars: `d_loss`, `g_loss`; `d_real` and `d_fake`, the mean probability of being real that
            the discriminator gives either kind before its update (its mean output under losses whose outputs are no
            probabilities); `d_accuracy`; `d_gradient_norm`, `g_gradient_norm`; with these techniques also `penalty`,
            `d_class_loss` and `g_class_loss`.
        """
        return step.train_step(self, *(data if isinstance(data, (tuple, list)) else (data, None)))

    def draw_latents(self, count: int) -> Tensor:
        """Standard normal latents `[count, latent_dim]`, the next of the model's own seeded sequence."""
        return drawing.normal((count, self.latent_dim), seed=self.seed_generator)

    def generate(self, count: int, labels: Tensor | None) -> Tensor:
        """Images `[count, height, width, channels]` in training mode from new latents, of the labels' classes."""
        latents = self.draw_latents(count)
        return self.generator([latents, labels] if self.conditional else latents, training=True)

    def discriminate(self, images: Tensor, labels: Tensor | None) -> Sequence[Tensor | None]:
        """The discriminator's logits in training mode, and its class logits or None."""
        inputs = [images, labels] if len(self.discriminator.inputs) == 2 else images
        outputs = self.discriminator(inputs, training=True)
        return outputs if isinstance(outputs, (list, tuple)) else (outputs, None)

    def shown(self, images: Tensor) -> Tensor:
        """Images as the discriminator sees them: augmented and noisy."""
        images = augment(images, self.policies, self.seed_generator)
        if self.techniques.instance_noise:
            spread = self.techniques.instance_noise * self.remaining(self.techniques.instance_noise_steps)
            images += spread * drawing.normal(ops.shape(images), seed=self.seed_generator)
        return images

    def remaining(self, steps: int) -> Tensor:
        """What is left of something that falls linearly from 1 to 0 over so many generator updates; 1 for 0 steps."""
        return ops.maximum(1.0 - ops.cast(self.step, "float32") / steps, 0.0) if steps else 1.0

    def discriminator_loss(
        self,
        real_images: Tensor,
        fake_images: Tensor,
        labels: Tensor | None,
        slope_of: Callable[[Callable[[Tensor], Tensor]], Callable[[Tensor], Tensor]],
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The discriminator's loss.

        Args:
            real_images: `[batch, height, width, channels]`.
            fake_images: of the same shape.
            labels: of both, `[batch]`, or None.
            slope_of: from a function of images to the function that gives its gradient with respect to them.

        Returns:
            The loss, a scalar to descend on, and a dictionary of scalars to be logged.
        """
        techniques, loss = self.techniques, self.adversarial_loss
        real_images, fake_images = self.shown(real_images), self.shown(fake_images)
        if techniques.discriminator_batches == "joint":
            both = None if labels is None else ops.concatenate([labels, labels])
            logits, class_logits = self.discriminate(ops.concatenate([real_images, fake_images]), both)
            real_logits, fake_logits = ops.split(logits, 2)
            class_logits = None if class_logits is None else ops.split(class_logits, 2)[0]
        else:
            real_logits, class_logits = self.discriminate(real_images, labels)
            fake_logits, _ = self.discriminate(fake_images, labels)
        metrics = {
            "d_real": ops.mean(self.judged(real_logits)),
            "d_fake": ops.mean(self.judged(fake_logits)),
            "d_accuracy": accuracy(loss, real_logits, fake_logits),
        }
        taken_for_real, taken_for_fake = self.flipped(real_logits, fake_logits)
        total = loss.real(taken_for_real, techniques.label_smoothing) + loss.fake(taken_for_fake)
        metrics["d_loss"] = reported_loss(loss, real_logits, fake_logits, total)
        if class_logits is not None:
            metrics["d_class_loss"] = class_cross_entropy(class_logits, labels)
            total += techniques.classifier_weight * metrics["d_class_loss"]
        if self.penalty is not None:
            slope = slope_of(lambda images: self.discriminate(images, labels)[0])
            metrics["penalty"] = self.penalty(slope, real_images, fake_images, self.seed_generator)
            total += techniques.penalty_weight * metrics["penalty"]
        return total, metrics

    def judged(self, logits: Tensor) -> Tensor:
        """Probabilities of being real where the loss knows them, else the outputs themselves."""
        probability = self.adversarial_loss.probability
        return logits if probability is None else probability(logits)

    def flipped(self, real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
        """Both logits, with real and generated images of some random pairs taken for each other."""
        if not self.techniques.label_flipping:
            return real_logits, fake_logits
        coins = drawing.uniform(ops.shape(real_logits), seed=self.seed_generator)
        flip = coins < self.techniques.label_flipping
        return ops.where(flip, fake_logits, real_logits), ops.where(flip, real_logits, fake_logits)

    def generator_loss(self, fake_images: Tensor, labels: Tensor | None) -> tuple[Tensor, dict[str, Tensor]]:
        """The generator's loss, and a dictionary of scalars to be logged; arguments as in `discriminator_loss`."""
        fake_logits, class_logits = self.discriminate(self.shown(fake_images), labels)
        total = self.adversarial_loss.generator(fake_logits)
        metrics = {"g_loss": total}
        if class_logits is not None:
            metrics["g_class_loss"] = class_cross_entropy(class_logits, labels)
            total += self.techniques.classifier_weight * metrics["g_class_loss"]
        return total, metrics

    def before_updates(self) -> None:
        """Set the learning rates of this step."""
        scale = self.learning_rate_scale * self.remaining(self.techniques.learning_rate_decay_steps)
        for rate, start in self.learning_rates:
            rate.assign(start * scale)

    def after_discriminator_update(self) -> None:
        """Clip the critic's weights where that is asked for."""
        bound = self.techniques.weight_clip
        for variable in self.discriminator.trainable_variables if bound else ():
            variable.assign(ops.clip(variable, -bound, bound))

    def after_generator_update(self, images: int) -> None:
        """Count the step and move the average on by so many images."""
        if self.average:
            self.average.update(self.generator, self.step, images)
        self.step.assign_add(1)
