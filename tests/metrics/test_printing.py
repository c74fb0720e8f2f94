"""Scores for people."""

from tfgan_repro.metrics.printing import in_print, score_table

ROW = {
    "real_vs_real": 0.00004, "step": 3, "generated_images": 10, "real_images": 10, "dataset": "shapes", "split": "test",
    "extractor": "embedded", "weights_sha256": "0a", "features": 128, "resize": "antialias", "precision": "float32",
    "seed": 2,
}  # fmt: skip


def test_kid_is_printed_times_a_thousand_and_says_so():
    kid = {**ROW, "metric": "KD-embedded", "value": 0.00123, "standard_deviation": 0.0005}
    table = score_table([{**ROW, "metric": "FD-embedded", "value": 0.00123}, kid])
    assert table.splitlines()[1].split()[:2] == ["FD-embedded", "0.00123"]
    assert table.splitlines()[2].split() == ["KD-embedded", "x", "1,000", "1.230", "+-", "0.500", "0.04"]
    assert in_print("KID-full") == ("KID-full x 1,000", 1000) and in_print("FID") == ("FID", 1)
