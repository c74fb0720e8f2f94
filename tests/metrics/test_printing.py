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


def test_a_score_on_other_features_says_so():
    seen = {"extractor": "digits", "weights_sha256": "0b", "precision": "bfloat16", "real_images": 10_000}
    rows = [{**ROW, "metric": "FD-embedded", "value": 0.5}, {**ROW, "metric": "class-agreement", "value": 0.9, **seen}]
    assert score_table(rows).splitlines()[-3:] == [
        "  class-agreement: against 10,000 test images of shapes",
        "  extractor embedded (weights 0a), 128 features, resize antialias, float32, seed 2",
        "  class-agreement: extractor digits (weights 0b), 128 features, resize antialias, bfloat16",
    ]
