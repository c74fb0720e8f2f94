"""Train a GAN: `python train.py --help`."""

from tfgan_repro.cli.train import script

if __name__ == "__main__":
    script()
