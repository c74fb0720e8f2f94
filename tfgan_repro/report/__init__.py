"""Pictures made from a run directory: grids, animations, plots."""
