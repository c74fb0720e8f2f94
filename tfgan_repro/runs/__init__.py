"""The run directory, its checkpoints, and what is loaded back from it; light, without the training loop."""
