"""The curves of a run: its losses, of the lines of its log, and its scores, of those of its evaluations."""

from typing import Any

# Of the curves of a log, by what they are called.
LOSS_CURVES = {
    "discriminator": "d_loss",
    "generator": "g_loss",
    "discriminator, real images": "d_loss_real",
    "discriminator, generated images": "d_loss_fake",
}


def losses_of(log: list[dict[str, Any]]) -> dict[str, list[tuple[int, float]]]:
    """The curves of both networks' losses by name, of the lines of a `log.jsonl`.

    With separate updates of the discriminator its loss on either kind of images has a curve as well.
    """
    curves = {name: [(row["step"], row[key]) for row in log if key in row] for name, key in LOSS_CURVES.items()}
    return {name: points for name, points in curves.items() if points}


def curve_of(evaluations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The scores made during training: one protocol, so that they can be compared.

    Evaluations of images that were no numbers, which have no value, are left out.
    """
    return [row for row in evaluations if row.get("during_training") and row["value"] is not None]
