"""What torch-fidelity answered; `fixtures/record_torch_fidelity.py` says how it was asked."""

from pathlib import Path

import numpy as np


class Recorded(dict):
    """Its answers by name; `arrays` are the two feature sets that it was given."""

    @property
    def arrays(self):
        random = np.random.RandomState(1)
        x = random.standard_normal((200, 24))
        return x, 0.9 * random.standard_normal((200, 24)) + 0.2


with np.load(Path(__file__).with_name("fixtures") / "torch_fidelity.npz") as stored:
    RECORDED = Recorded({name: stored[name] for name in stored.files})
