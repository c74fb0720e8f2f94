"""Make pictures with a trained generator: `python -m tfgan_repro.generate --help`."""

from tfgan_repro.cli.generate import script

if __name__ == "__main__":
    script()
