import imageio.v3 as imageio
import numpy as np
import pytest

from tfgan_repro.report.film import even, write_gif, write_mp4


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
