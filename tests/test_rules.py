import pytest

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"penalty": "gradient"}, "--penalty gradient punishes each image's own gradient"),
        ({"penalty": "r1"}, "choose --discriminator-normalization layer or none"),
        ({"generator_conditioning": "concatenation"}, "the label must be known to both networks or to none"),
        ({"discriminator_conditioning": "projection"}, "the label must be known to both networks or to none"),
        ({"loss": "wasserstein"}, "--loss wasserstein needs a bound on the critic's slope"),
        ({"model": "sndcgan", "discriminator_batches": "joint"}, "--discriminator-batches joint makes no difference"),
        ({"ema_start": 5}, "--ema-start 5 needs --ema-half-life"),
        ({"instance_noise_steps": 5}, "--instance-noise-steps 5 needs --instance-noise"),
        ({"momentum": 0.9}, "--momentum 0.9 does not go with --optimizer adam"),
        ({"model": "conv-fc", "attention": True}, "--attention does not go with --model conv-fc"),
        (
            {"model": "conv-fc", "discriminator_normalization": "batch"},
            "--discriminator-normalization batch does not go with --model conv-fc: it has no normalisation",
        ),
        (
            {
                "model": "conv-fc",
                "generator_conditioning": "batch-normalization",
                "discriminator_conditioning": "projection",
            },
            "--generator-conditioning batch-normalization does not go with --model conv-fc",
        ),
    ],
)
def test_contradictions_are_refused_with_their_reason(choices, message):
    with pytest.raises(UserError) as error:
        TrainConfig.from_choices(**choices)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "choices",
    [
        {"penalty": "gradient", "discriminator_normalization": "layer"},
        {"loss": "wasserstein", "weight_clip": 0.01},
        {"loss": "wasserstein", "spectral_normalization": "discriminator"},
        {"loss": "least-squares", "discriminator_batches": "joint"},
        {"generator_conditioning": "concatenation", "discriminator_conditioning": "classifier"},
        {"optimizer": "sgd", "momentum": 0.9},
        {"ema_half_life": 1000.0, "ema_start": 5},
    ],
)
def test_sensible_combinations_are_accepted(choices):
    TrainConfig.from_choices(**choices)
