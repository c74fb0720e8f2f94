"""Score a trained generator: `python evaluate.py --help`."""

from tfgan_repro.cli.evaluate import script

if __name__ == "__main__":
    script()
