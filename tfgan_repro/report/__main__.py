"""`python -m tfgan_repro.report`."""

from tfgan_repro.cli.report import script

if __name__ == "__main__":
    script()
