import numpy as np
import pytest

from tfgan_repro.files import append_json_line
from tfgan_repro.report.grids import read_png
from tfgan_repro.report.plots import write_loss_plot, write_score_plot


@pytest.fixture
def run_dir(tmp_path):
    for step in (100, 200, 300):
        append_json_line(tmp_path / "log.jsonl", {"step": step, "d_loss": 1.0, "g_loss": step / 100})
    return tmp_path


def has_colour(picture, red, green, blue):
    return (np.abs(picture.astype(int) - (red, green, blue)).max(axis=2) < 12).sum() > 50


def test_both_losses_are_drawn(run_dir):
    picture = read_png(write_loss_plot(run_dir))
    assert picture.shape == (440, 770, 3)
    assert has_colour(picture, 0x00, 0x72, 0xB2) and has_colour(picture, 0xD5, 0x5E, 0x00)


def test_separate_losses_of_the_discriminator_are_drawn(run_dir):
    before = read_png(write_loss_plot(run_dir))
    assert not has_colour(before, 0x00, 0x9E, 0x73) and not has_colour(before, 0xCC, 0x79, 0xA7)
    append_json_line(run_dir / "log.jsonl", {"step": 400, "d_loss": 1, "g_loss": 4, "d_loss_real": 2, "d_loss_fake": 3})
    append_json_line(run_dir / "log.jsonl", {"step": 900, "d_loss": 1, "g_loss": 4, "d_loss_real": 3, "d_loss_fake": 2})
    after = read_png(write_loss_plot(run_dir))
    assert has_colour(after, 0x00, 0x9E, 0x73) and has_colour(after, 0xCC, 0x79, 0xA7)


def test_a_log_of_one_line_is_drawn_as_points(tmp_path):
    append_json_line(tmp_path / "log.jsonl", {"step": 30, "d_loss": -15.0, "g_loss": 8.0})
    inside = read_png(write_loss_plot(tmp_path))[:, 250:550].astype(int)  # without the legend
    for colour in ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)):
        assert (np.abs(inside - colour).max(axis=2) < 12).sum() > 20


def test_a_run_without_scores_has_no_score_plot(run_dir):
    assert write_score_plot(run_dir) is None


def test_scores_of_the_training_are_drawn_and_others_are_not(run_dir):
    protocol = {"metric": "FD-embedded", "extractor": "embedded", "features": 128, "real_vs_real": 0.1}
    counts = {"generated_images": 50, "real_images": 50}
    append_json_line(run_dir / "evaluations.jsonl", {"step": 1, "value": 7.0, **protocol, **counts})
    assert write_score_plot(run_dir) is None
    for step in (100, 200):
        row = {"step": step, "value": 500 / step, **protocol, **counts, "during_training": True}
        append_json_line(run_dir / "evaluations.jsonl", row)
    assert has_colour(read_png(write_score_plot(run_dir)), 0x00, 0x72, 0xB2)


def pale_pixels(picture):
    """How many have the band's colour, a fifth of the line's on white."""
    return (np.abs(picture.astype(int) - (0xCC, 0xE3, 0xF0)).max(axis=2) < 4).sum()


def test_the_interval_of_a_score_is_drawn(run_dir):
    """Twice the same curve: what differs is the band, in a pale blue."""
    pictures = []
    for interval in (None, [4.0, 6.0]):
        (run_dir / "evaluations.jsonl").unlink(missing_ok=True)
        for step in (100, 200, 300):
            row = {"step": step, "metric": "FID", "value": 5.0, "generated_images": 50, "real_images": 50}
            row.update({"real_vs_real": 1.0, "interval": interval, "during_training": True})
            append_json_line(run_dir / "evaluations.jsonl", row)
        pictures.append(pale_pixels(read_png(write_score_plot(run_dir))))
    assert pictures[1] > pictures[0] + 5000
