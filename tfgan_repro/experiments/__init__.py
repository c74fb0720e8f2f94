"""The reports' experiments: what each claims, what it is trained with, and how it is run."""
