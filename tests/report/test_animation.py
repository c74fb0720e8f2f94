import imageio.v3 as imageio
import numpy as np
import pytest

from tfgan_repro.files import append_json_line
from tfgan_repro.report.animation import (
    MOST_FRAMES,
    even,
    frame_text,
    training_frames,
    write_gif,
    write_mp4,
    write_training_gif,
)
from tfgan_repro.report.grids import write_png


@pytest.fixture
def run_dir(tmp_path):
    """A run whose grids grow brighter."""
    (tmp_path / "samples").mkdir()
    for step in range(0, 120, 2):
        write_png(tmp_path / "samples" / f"step_{step:08d}.png", np.full((20, 120, 3), step * 2, np.uint8))
    return tmp_path


def test_frames_are_in_order_with_the_first_and_the_last(run_dir):
    frames = training_frames(run_dir / "samples")
    brightness = [int(frame[0, 0, 0]) for frame in frames]
    assert len(frames) == MOST_FRAMES
    assert brightness == sorted(brightness) and (brightness[0], brightness[-1]) == (0, 236)


def test_the_gif_moves_and_loops(run_dir):
    path = run_dir / "training.gif"
    write_training_gif(path, training_frames(run_dir / "samples"))
    frames = imageio.imread(path, index=None)
    assert len(frames) == MOST_FRAMES
    assert abs(int(frames[-1][0, 0, 0]) - 236) < 8 and frames[0][0, 0, 0] < 8
    assert imageio.immeta(path)["loop"] == 0


def test_a_run_without_grids_has_no_film(tmp_path):
    (tmp_path / "step_best.png").touch()  # a user's own
    write_training_gif(tmp_path / "training.gif", training_frames(tmp_path))
    assert not (tmp_path / "training.gif").exists()


def test_the_stamp_tells_the_step_and_the_score_known_by_then():
    rows = [{"step": 10, "metric": "FID", "value": 99.123}, {"step": 20, "metric": "FID", "value": 50.0}]
    assert frame_text(5, rows) == "step 5"
    assert frame_text(10, rows) == "step 10   FID 99.12"
    assert frame_text(1234, rows) == "step 1,234   FID 50.00"


def test_later_evaluations_do_not_mix_into_the_stamps(run_dir):
    samples, evaluations = run_dir / "samples", run_dir / "evaluations.jsonl"
    append_json_line(evaluations, {"step": 0, "metric": "FID", "value": 1.0})
    plain = training_frames(samples)[-1]
    np.testing.assert_array_equal(training_frames(samples, evaluations)[-1], plain)
    append_json_line(evaluations, {"step": 0, "metric": "FID", "value": 1.0, "during_training": True})
    assert not np.array_equal(training_frames(samples, evaluations)[-1], plain)


def test_grids_that_were_written_before_small_ones_were_enlarged_fit_into_the_film(tmp_path):
    (tmp_path / "samples").mkdir()
    for step, side in ((0, 20), (5, 60)):
        write_png(tmp_path / "samples" / f"step_{step:08d}.png", np.full((side, 6 * side, 3), 100, np.uint8))
    assert {frame.shape for frame in training_frames(tmp_path / "samples")} == {(78, 360, 3)}


def test_a_run_that_has_hardly_begun_has_one_frame(tmp_path):
    (tmp_path / "samples").mkdir()
    write_png(tmp_path / "samples" / "step_00000000.png", np.zeros((20, 120, 3), np.uint8))
    write_training_gif(tmp_path / "training.gif", training_frames(tmp_path / "samples"))
    assert len(imageio.imread(tmp_path / "training.gif", index=None)) == 1


def frames(count=5):
    """Frames that grow brighter, of odd sides."""
    return (np.full((31, 45, 3), 40 * number, np.uint8) for number in range(count))


def test_a_gif_has_all_frames_in_order_and_loops(tmp_path):
    write_gif(tmp_path / "x.gif", frames())
    read = imageio.imread(tmp_path / "x.gif", index=None)
    assert read.shape == (5, 31, 45, 3)
    np.testing.assert_allclose(read[:, 5, 5, 0], [0, 40, 80, 120, 160], atol=8)
    assert imageio.immeta(tmp_path / "x.gif")["loop"] == 0


def test_an_error_leaves_no_film(tmp_path):
    def failing():
        yield from frames(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_gif(tmp_path / "x.gif", failing())
    assert list(tmp_path.iterdir()) == []


def test_odd_sides_become_even_by_repeating_the_last_pixels():
    frame = np.arange(3 * 5 * 3).reshape(3, 5, 3)
    padded = even(frame)
    assert padded.shape == (4, 6, 3)
    np.testing.assert_array_equal(padded[:3, :5], frame)
    np.testing.assert_array_equal(padded[3, :5], frame[2])


def test_an_mp4_has_all_frames_in_order(tmp_path):
    pytest.importorskip("imageio_ffmpeg")
    write_mp4(tmp_path / "x.mp4", frames())
    read = np.stack(list(imageio.imiter(tmp_path / "x.mp4", plugin="FFMPEG")))
    assert read.shape == (5, 32, 46, 3)
    np.testing.assert_allclose(read[:, 5, 5, 0], [0, 40, 80, 120, 160], atol=8)
