"""`python -m tfgan_repro.data`: see `tfgan_repro.cli.data`."""

from tfgan_repro.cli.data import script

if __name__ == "__main__":
    script()
