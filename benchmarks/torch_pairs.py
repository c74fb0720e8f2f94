"""`dcgan` and `sndcgan` in PyTorch, layer for layer, with this package's training step: what JAX is measured against.

Run by `accelerator.py`: `python torch_pairs.py dcgan 128 eager|compile SECONDS` prints the steps a second.
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm


def generator(widths, last):
    """Dense to 4x4, transposed convolutions that double the side, batch normalisation between them."""
    layers = [nn.Linear(LATENTS[widths[0]], 16 * widths[0], bias=False), nn.Unflatten(1, (widths[0], 4, 4))]
    for before, after in zip(widths, widths[1:]):
        layers += [nn.BatchNorm2d(before), RECTIFIER[last](), nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False)]
    layers += [nn.BatchNorm2d(widths[-1]), RECTIFIER[last]()]
    layers += [nn.ConvTranspose2d(64, 3, 4, 2, 1)] if last == "transposed" else [nn.Conv2d(64, 3, 3, 1, 1)]
    return nn.Sequential(*layers, nn.Tanh())


LATENTS = {256: 100, 512: 128}
RECTIFIER = {"transposed": lambda: nn.LeakyReLU(0.2), "plain": nn.ReLU}


def dcgan():
    discriminator = nn.Sequential(
        *(nn.Conv2d(3, 64, 4, 2, 1), nn.LeakyReLU(0.2)),
        *(nn.Conv2d(64, 128, 4, 2, 1, bias=False), nn.BatchNorm2d(128), nn.LeakyReLU(0.2)),
        *(nn.Conv2d(128, 256, 4, 2, 1, bias=False), nn.BatchNorm2d(256), nn.LeakyReLU(0.2)),
        *(nn.Flatten(), nn.Linear(4096, 1)),
    )
    return generator((256, 128, 64), "transposed"), discriminator, 100, (1e-4, 4e-4)


def sndcgan():
    layers, channels = [], 3
    for level in range(3):
        width = 64 * 2**level
        layers += [spectral_norm(nn.Conv2d(channels, width, 3, 1, 1)), nn.LeakyReLU(0.1)]
        layers += [spectral_norm(nn.Conv2d(width, 2 * width, 4, 2, 1)), nn.LeakyReLU(0.1)]
        channels = 2 * width
    layers += [spectral_norm(nn.Conv2d(512, 512, 3, 1, 1)), nn.LeakyReLU(0.1)]
    layers += [nn.Flatten(), spectral_norm(nn.Linear(8192, 1))]
    return generator((512, 256, 128, 64), "plain"), nn.Sequential(*layers), 128, (2e-4, 2e-4)


def losses(name):
    """The discriminator's loss of real and generated logits, and the generator's."""
    if name == "sndcgan":
        return lambda real, fake: (1 - real).relu().mean() + (1 + fake).relu().mean(), lambda fake: -fake.mean()
    return (
        lambda real, fake: (functional.softplus(real) - 0.9 * real).mean() + functional.softplus(fake).mean(),
        lambda fake: functional.softplus(-fake).mean(),
    )


def main(name, batch, mode, seconds):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    generator_network, discriminator, latent_dim, rates = {"dcgan": dcgan, "sndcgan": sndcgan}[name]()
    networks = [network.to(device, memory_format=torch.channels_last) for network in (generator_network, discriminator)]
    optimizers = [
        torch.optim.Adam(network.parameters(), rate, (0.5, 0.999), fused=device == "cuda")
        for network, rate in zip(networks, rates)
    ]
    images = torch.randint(0, 256, (10_000, 32, 32, 3), dtype=torch.uint8, device=device)
    d_loss, g_loss = losses(name)

    def forward_backward():
        real = images[torch.randint(0, len(images), (batch,), device=device)].permute(0, 3, 1, 2) / 127.5 - 1.0
        with torch.autocast(device, torch.bfloat16):
            fake = networks[0](torch.randn(batch, latent_dim, device=device))
            loss = d_loss(networks[1](real).float(), networks[1](fake.detach()).float())
        optimizers[1].zero_grad()
        loss.backward()
        optimizers[1].step()
        with torch.autocast(device, torch.bfloat16):
            loss = g_loss(networks[1](fake).float())
        optimizers[0].zero_grad()
        loss.backward()
        optimizers[0].step()

    if mode == "compile":
        networks[:] = [torch.compile(network) for network in networks]
    finish = torch.cuda.synchronize if device == "cuda" else lambda: None
    for _ in range(5 if device == "cuda" else 1):
        forward_backward()
    finish()
    start, steps = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        for _ in range(20 if device == "cuda" else 1):
            forward_backward()
            steps += 1
        finish()
    print(steps / (time.monotonic() - start))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
