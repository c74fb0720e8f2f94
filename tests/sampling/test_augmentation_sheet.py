import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.sampling.augmentation_sheet import augmentation_sheet

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)


@pytest.mark.parametrize(("names", "rows"), [("ada,ada-cutout", 4), ("color,ada-blit", 4), ("translation", 2)])
def test_a_row_a_probability_below_the_images_as_they_are(names, rows):
    sheet = augmentation_sheet(IMAGES, names)
    height = rows * (16 + 2) + 2
    assert sheet.shape[0] % height == 0 and sheet.shape[2] == 3
    times = sheet.shape[0] // height
    grid = sheet[::times, -times * (4 * 18 + 2) :: times]
    np.testing.assert_array_equal(grid[2:18, 2:18], IMAGES[0])
    below = [grid[2 + 18 * row : 18 + 18 * row, 2:74] for row in range(rows)]
    assert all((below[0] != each).any() for each in below[1:])


def test_an_unknown_augmentation_is_refused():
    with pytest.raises(UserError, match="unknown augmentation 'adda'"):
        augmentation_sheet(IMAGES, "adda")
