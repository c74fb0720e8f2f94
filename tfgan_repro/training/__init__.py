"""One run: fit, callbacks, checkpoints, the run directory."""
