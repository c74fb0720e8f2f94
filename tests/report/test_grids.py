import numpy as np
import pytest

from tfgan_repro.report.grids import enlarged, image_grid, named_rows, read_png, stamped, unrepeated, write_png


def test_images_run_from_the_top_left_in_rows():
    images = np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 5, 3), np.uint8)
    grid, times = unrepeated(image_grid(images, columns=3))
    assert times == 3
    assert grid.shape == (2 * 6 + 2, 3 * 7 + 2, 3)
    centres = grid[[4, 10]][:, [4, 11, 18], 0]
    np.testing.assert_array_equal(centres, [[0, 1, 2], [3, 4, 5]])
    assert (grid[0] == 255).all() and (grid[:, 7] == 255).all()


def test_images_are_not_turned_or_recoloured():
    image = np.random.default_rng(0).integers(0, 256, (1, 4, 5, 3)).astype(np.uint8)
    np.testing.assert_array_equal(unrepeated(image_grid(image))[0][2:-2, 2:-2], image[0])


def test_an_incomplete_row_is_filled_with_paper():
    grid, _ = unrepeated(image_grid(np.zeros((3, 4, 4, 1), np.uint8)))
    assert grid.shape == (14, 14, 3)
    assert (grid[8:, 8:] == 255).all()


def test_a_stamp_lies_below_the_picture():
    picture = np.zeros((30, 200, 3), np.uint8)
    result = stamped(picture, "step 1,000")
    np.testing.assert_array_equal(result[:30], picture)
    strip = result[30:]
    assert strip.shape == (18, 200, 3) and strip.min() < 50 and (strip == 255).mean() > 0.7


def test_png_round_trip_of_colour_and_grey(tmp_path):
    for channels in (1, 3):
        picture = np.random.default_rng(0).integers(0, 256, (6, 7, channels)).astype(np.uint8)
        write_png(tmp_path / "x.png", picture)
        np.testing.assert_array_equal(read_png(tmp_path / "x.png"), np.broadcast_to(picture, (6, 7, 3)))


def test_every_row_has_its_name_to_the_left():
    grid = image_grid(np.zeros((6, 20, 20, 1), np.uint8), columns=2)
    named = named_rows(grid, ["cat", "a long name", "dog"])
    strip, pictures = np.split(named, [named.shape[1] - grid.shape[1]], axis=1)
    np.testing.assert_array_equal(pictures, grid)
    assert strip.shape[1] > 40
    ink = [np.argmax((part < 128).any(axis=(0, 2))) for part in np.array_split(strip, 3)]
    assert ink[1] < min(ink[0], ink[2]), "the long name begins further left, and none is cut off"
    assert 0 < ink[1]


def test_pixels_are_repeated_as_often_as_they_fit():
    picture = np.arange(2 * 3, dtype=np.uint8).reshape(2, 3, 1)
    large = enlarged(picture, 10)
    assert large.shape == (6, 9, 1)
    np.testing.assert_array_equal(large[1::3, 1::3], picture)
    np.testing.assert_array_equal(enlarged(picture, 2), picture)
    assert enlarged(picture, 1000).shape == (6, 9, 1), "at most three times"


@pytest.mark.parametrize(("size", "rows", "times"), [(28, 8, 2), (32, 8, 2), (32, 10, 2), (64, 8, 1)])
def test_a_grid_of_many_images_stays_on_a_page(size, rows, times):
    """Eight columns, and as many rows or one a class of ten."""
    images = np.random.default_rng(0).integers(0, 256, (8 * rows, size, size, 3)).astype(np.uint8)
    grid, found = unrepeated(image_grid(images, columns=8))
    assert found == times and grid.shape == (rows * (size + 2) + 2, 8 * (size + 2) + 2, 3)
