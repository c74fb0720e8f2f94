"""`python -m tfgan_repro.experiments`."""

from tfgan_repro.cli.experiments import script

if __name__ == "__main__":
    script()
