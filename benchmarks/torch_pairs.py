"""Five models in PyTorch, layer for layer, with this package's training step: contestants of train_step.py.

    python torch_pairs.py dcgan --batch-size 128 --seconds 8 --compile --bfloat16
"""

import argparse

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from turns import Turns

PICTURES, CLASSES, LATENTS = (
    10_000,
    10,
    {"dcgan": 100, "sndcgan": 128, "sagan": 100, "wgan-gp": 100, "sngan-resnet": 128},
)


def plain(layer):
    return layer


class ConditionalNorm(nn.Module):
    """Batch normalisation with a scale and a shift for each class."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.scale, self.shift = nn.Embedding(CLASSES, channels), nn.Embedding(CLASSES, channels)

    def forward(self, x, labels):
        return self.norm(x) * self.scale(labels)[:, :, None, None] + self.shift(labels)[:, :, None, None]


class Attention(nn.Module):
    """Self-attention as in SAGAN, keys and values pooled."""

    def __init__(self, channels):
        super().__init__()

        def convolution(before, after):
            return spectral_norm(nn.Conv2d(before, after, 1, bias=False))

        self.query, self.key = convolution(channels, channels // 8), convolution(channels, channels // 8)
        self.value, self.output = convolution(channels, channels // 2), convolution(channels // 2, channels)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        queries = self.query(x).flatten(2)
        keys, values = (functional.max_pool2d(part(x), 2).flatten(2) for part in (self.key, self.value))
        weights = torch.softmax((queries.transpose(1, 2) @ keys).float(), -1).to(values.dtype)
        found = (values @ weights.transpose(1, 2)).unflatten(2, x.shape[2:])
        return x + self.gamma * self.output(found)


class UpBlock(nn.Module):
    """Doubles the side: conditional normalisation, rectifier, enlargement, convolution, and once more; a shortcut."""

    def __init__(self, channels):
        super().__init__()
        self.norms = nn.ModuleList(ConditionalNorm(channels) for _ in range(2))
        self.convolutions = nn.ModuleList(nn.Conv2d(channels, channels, 3, 1, 1) for _ in range(2))
        self.shortcut = nn.Conv2d(channels, channels, 1)

    def forward(self, x, labels):
        residual = functional.interpolate(self.norms[0](x, labels).relu(), scale_factor=2)
        residual = self.norms[1](self.convolutions[0](residual), labels).relu()
        return self.convolutions[1](residual) + self.shortcut(functional.interpolate(x, scale_factor=2))


class DownBlock(nn.Module):
    """Two normalised convolutions and a shortcut, pooled where the side is halved; the first one sees pixels."""

    def __init__(self, before, channels, first, down):
        super().__init__()
        self.first, self.down = first, down
        pairs = ((before, channels), (channels, channels))
        self.convolutions = nn.ModuleList(spectral_norm(nn.Conv2d(*pair, 3, 1, 1)) for pair in pairs)
        self.shortcut = spectral_norm(nn.Conv2d(before, channels, 1)) if down else plain

    def pooled(self, x):
        return functional.avg_pool2d(x, 2) if self.down else x

    def forward(self, x):
        residual = self.convolutions[0](x if self.first else x.relu())
        residual = self.pooled(self.convolutions[1](residual.relu()))
        return residual + (self.shortcut(self.pooled(x)) if self.first else self.pooled(self.shortcut(x)))


class ResidualGenerator(nn.Module):
    """Dense to 4x4, three blocks that double the side, normalisation that is not by class, 3x3 to three channels."""

    def __init__(self, model):
        super().__init__()
        self.dense = nn.Linear(LATENTS[model], 16 * 256)
        self.blocks = nn.ModuleList(UpBlock(256) for _ in range(3))
        self.norm, self.last = nn.BatchNorm2d(256), nn.Conv2d(256, 3, 3, 1, 1)

    def forward(self, latents, labels):
        x = self.dense(latents).unflatten(1, (-1, 4, 4)).contiguous(memory_format=torch.channels_last)
        for block in self.blocks:
            x = block(x, labels)
        return torch.tanh(self.last(self.norm(x).relu()).float())


class ResidualDiscriminator(nn.Module):
    """Four blocks, of which two halve the side, sum pooling, dense, and a projection."""

    def __init__(self, model):
        super().__init__()
        sizes = ((3, True), (128, True), (128, False), (128, False))
        self.blocks = nn.Sequential(*(DownBlock(before, 128, before == 3, down) for before, down in sizes))
        self.dense, self.classes = spectral_norm(nn.Linear(128, 1)), spectral_norm(nn.Embedding(CLASSES, 128))

    def forward(self, images, labels):
        features = self.blocks(images).relu().float().sum((2, 3))
        with torch.autocast(images.device.type, enabled=False):
            return self.dense(features) + (self.classes(labels) * features).sum(1, keepdim=True)


class Generator(nn.Module):
    """Dense to 4x4, transposed convolutions that double the side, (conditional) batch normalisation between them."""

    def __init__(self, model):
        super().__init__()
        self.sndcgan, self.conditional = model == "sndcgan", model == "sagan"
        wrapped = spectral_norm if model == "sagan" else plain
        widths = (512, 256, 128, 64) if self.sndcgan else (256, 128, 64)
        self.dense = wrapped(nn.Linear(LATENTS[model], 16 * widths[0], bias=False))
        self.norms = nn.ModuleList(map(ConditionalNorm if self.conditional else nn.BatchNorm2d, widths))
        pairs = zip(widths, widths[1:])
        self.ups = nn.ModuleList(wrapped(nn.ConvTranspose2d(*pair, 4, 2, 1, bias=False)) for pair in pairs)
        self.attention = Attention(64) if model == "sagan" else None
        last = nn.Conv2d(64, 3, 3, 1, 1) if self.sndcgan else nn.ConvTranspose2d(64, 3, 4, 2, 1)
        self.last = wrapped(last)

    def forward(self, latents, labels):
        x = self.dense(latents).unflatten(1, (-1, 4, 4)).contiguous(memory_format=torch.channels_last)
        for number, norm in enumerate(self.norms):
            x = self.ups[number - 1](x) if number else x
            x = norm(x, labels) if self.conditional else norm(x)
            x = functional.relu(x) if self.sndcgan else functional.leaky_relu(x, 0.2)
        x = self.attention(x) if self.attention else x
        return torch.tanh(self.last(x).float())


class Discriminator(nn.Module):
    """Convolutions that halve the side, with 3x3 ones between them in `sndcgan`, dense; a projection in `sagan`."""

    def __init__(self, model):
        super().__init__()
        wrapped = spectral_norm if model in ("sndcgan", "sagan") else plain
        layers, channels = [], 3
        for level in range(3):
            width = 64 * 2**level
            if model == "sndcgan":
                layers += [wrapped(nn.Conv2d(channels, width, 3, 1, 1)), nn.LeakyReLU(0.1)]
                layers += [wrapped(nn.Conv2d(width, 2 * width, 4, 2, 1)), nn.LeakyReLU(0.1)]
                channels = 2 * width
                continue
            normalized = level > 0 and model != "wgan-gp"
            layers += [wrapped(nn.Conv2d(channels, width, 4, 2, 1, bias=not normalized))]
            layers += [nn.BatchNorm2d(width)] if normalized else []
            layers += [nn.LeakyReLU(0.2)]
            layers += [Attention(width)] if model == "sagan" and level == 0 else []
            channels = width
        if model == "sndcgan":
            layers += [wrapped(nn.Conv2d(channels, channels, 3, 1, 1)), nn.LeakyReLU(0.1)]
        self.body, self.dense = nn.Sequential(*layers), wrapped(nn.Linear(16 * channels, 1))
        self.classes = wrapped(nn.Embedding(CLASSES, 16 * channels)) if model == "sagan" else None

    def forward(self, images, labels):
        features = self.body(images).flatten(1).float()
        with torch.autocast(images.device.type, enabled=False):
            logits = self.dense(features)
            return logits if self.classes is None else logits + (self.classes(labels) * features).sum(1, keepdim=True)


def losses(model):
    """The discriminator's loss of real and generated logits, and the generator's of the latter."""
    if model in ("sndcgan", "sngan-resnet"):
        return lambda real, fake: (1 - real).relu().mean() + (1 + fake).relu().mean(), lambda fake: -fake.mean()
    if model == "dcgan":
        return (
            lambda real, fake: (functional.softplus(real) - 0.9 * real).mean() + functional.softplus(fake).mean(),
            lambda fake: functional.softplus(-fake).mean(),
        )
    return lambda real, fake: fake.mean() - real.mean(), lambda fake: -fake.mean()


def gradient_penalty(critic, real, fake, labels):
    mixed = torch.lerp(real, fake, torch.rand(len(real), 1, 1, 1, device=real.device)).requires_grad_()
    (slopes,) = torch.autograd.grad(critic(mixed, labels).sum(), mixed, create_graph=True)
    return 10 * ((slopes.square().sum((1, 2, 3)).sqrt() - 1) ** 2).mean()


def make_step(options, device):
    """A function that makes one training step."""
    model, batch = options.model, options.batch_size
    rates = {"wgan-gp": (1e-4, 1e-4), "sndcgan": (2e-4, 2e-4), "sngan-resnet": (2e-4, 2e-4)}.get(model, (1e-4, 4e-4))
    betas = (0.0, 0.9) if model == "sngan-resnet" else (0.5, 0.999)
    residual = model == "sngan-resnet"
    parts = (ResidualGenerator, ResidualDiscriminator) if residual else (Generator, Discriminator)
    networks = [part(model).to(device, memory_format=torch.channels_last) for part in parts]
    optimizers = [
        torch.optim.Adam(network.parameters(), rate, betas, fused=True) for network, rate in zip(networks, rates)
    ]
    generator, discriminator = networks
    if options.compile:
        generator = torch.compile(generator)
        # A compiled function cannot be differentiated twice, as the penalty needs.
        discriminator = discriminator if model == "wgan-gp" else torch.compile(discriminator)
    images = torch.randint(0, 256, (PICTURES, 32, 32, 3), dtype=torch.uint8, device=device)
    classes = torch.randint(0, CLASSES, (PICTURES,), device=device)
    d_loss, g_loss = losses(model)
    rounds = 5 if model in ("wgan-gp", "sngan-resnet") else 1

    def minibatch():
        places = torch.randint(0, PICTURES, (batch,), device=device)
        return images[places].permute(0, 3, 1, 2) / 127.5 - 1.0, classes[places]

    def autocast():
        return torch.autocast(device, torch.bfloat16, enabled=options.bfloat16)

    def descend(optimizer, loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def step():
        for _ in range(rounds):
            real, labels = minibatch()
            with autocast():
                fake = generator(torch.randn(batch, LATENTS[model], device=device), labels)
                loss = d_loss(discriminator(real, labels), discriminator(fake.detach(), labels))
                if model == "wgan-gp":
                    loss = loss + gradient_penalty(discriminator, real, fake.detach(), labels)
            descend(optimizers[1], loss)
        with autocast():
            loss = g_loss(discriminator(fake, labels))
        descend(optimizers[0], loss)

    return step


def main():
    turns = Turns()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=LATENTS)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--bfloat16", action="store_true")
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    finish = torch.cuda.synchronize if device == "cuda" else lambda: None
    step = make_step(options, device)
    for _ in range(5):
        step()
    finish()

    at_once = 20 if device == "cuda" else 1

    def steps():
        for _ in range(at_once):
            step()
        finish()
        return at_once

    turns.take(steps, options.seconds)


if __name__ == "__main__":
    main()
