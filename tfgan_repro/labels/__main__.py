"""`python -m tfgan_repro.labels`."""

from tfgan_repro.cli.labels import script

script()
