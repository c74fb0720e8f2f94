import tracemalloc

import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.images import ImageArray, as_image_set, at_once, draw, pixels_a_side, stored_images
from tfgan_repro.npz import read_npz

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 4, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES / 255, r"float64 from 0 to 1; expected uint8.*give \(images \* 255\).round"),
        (IMAGES * 1.0, r"float64 from 0 to 255; .*give images.round\(\).astype"),
        (IMAGES.astype(int), "images are int64; expected uint8 with values 0 to 255, or floats in"),
        (np.full((1, 2, 2, 3), np.nan), "NaN or infinity"),
        (IMAGES[0, 0], r"expected images .* received shape \(5, 3\)"),
        (IMAGES[0], r"array: an image of shape \(4, 5, 3\) is given in the place of a set"),
        (IMAGES[..., :2], r"received shape \(12, 4, 5, 2\)"),
        (None, "a NoneType is no set of images: give an array"),
        (iter(IMAGES), "is no set of images"),
        ([IMAGES[0], IMAGES[0, :3]], "images of several sizes make no array"),
    ],
)
def test_what_is_no_image_array_is_refused(images, message):
    with pytest.raises(UserError, match=message):
        ImageArray(images)


def test_grey_images_need_no_channel():
    assert ImageArray(IMAGES[..., 0]).images.shape == (12, 4, 5, 1)


def test_batches_are_all_images_in_order():
    np.testing.assert_array_equal(np.concatenate(list(ImageArray(IMAGES).batches(5))), IMAGES)


def test_a_batch_has_no_more_pixels_than_fit(monkeypatch):
    monkeypatch.setattr("tfgan_repro.metrics.images.MOST_AT_ONCE", 3 * IMAGES[0].nbytes)
    assert at_once(ImageArray(IMAGES), 2) == 2 and at_once(ImageArray(IMAGES), 100) == 3
    assert at_once(ImageArray(np.zeros((1, 99, 99, 3), np.uint8)), 100) == 1


def test_the_digest_is_of_content_and_shape_not_of_the_name():
    digest = ImageArray(IMAGES, "a").digest()
    assert ImageArray(IMAGES.copy(), "b").digest() == digest
    assert ImageArray(IMAGES.reshape(12, 5, 4, 3)).digest() != digest
    assert ImageArray(IMAGES[::-1]).digest() != digest


def test_draws_are_seeded_disjoint_and_complete():
    numbered = ImageArray(np.arange(12, dtype=np.uint8).reshape(12, 1, 1))
    chosen, rest = draw(numbered, 7, seed=1)
    chosen = chosen.images.ravel().tolist()
    assert sorted(chosen + rest.tolist()) == list(range(12)) and len(set(chosen)) == 7
    assert draw(numbered, 7, seed=1)[0].images.ravel().tolist() == chosen
    assert draw(numbered, 7, seed=2)[0].images.ravel().tolist() != chosen
    with pytest.raises(UserError, match="13 images needs as many from array; there are 12: choose --fid-samples 12 or"):
        draw(numbered, 13, seed=1)
    with pytest.raises(UserError, match="as many from set; there are 12 in its train split"):
        draw(ImageArray(numbered.images, "set", "train"), 13, seed=1)


@pytest.mark.parametrize("count, way_out", [(3, "choose --fid-samples 3 or fewer"), (1, "no score .* --test-percent")])
def test_more_images_than_there_are_lead_to_a_number_that_is_taken(count, way_out):
    images = ImageArray(np.zeros((count, 4, 4, 3), np.uint8), "pictures", "test")
    with pytest.raises(UserError, match=f"there (is|are) {count} in its test split: {way_out}"):
        draw(images, 4, seed=0)


def test_a_whole_set_is_neither_copied_for_its_digest_nor_drawn_as_a_copy():
    images = ImageArray(np.zeros((64, 128, 128, 1), np.uint8))
    tracemalloc.start()
    images.digest()
    drawn, rest = draw(images, 64, seed=0)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(drawn) == 64 and not len(rest)
    assert taken < images.images.nbytes / 2


def test_pictures_of_the_data_room_are_an_image_set():
    from tfgan_repro.data.pictures import Pictures

    images = as_image_set(Pictures("photographs", "test", IMAGES))
    assert (images.name, images.split, len(images)) == ("photographs", "test", 12)
    assert as_image_set(images) is images


def test_npz_files_of_images(tmp_path):
    np.savez(tmp_path / "a.npz", IMAGES)
    np.savez(tmp_path / "b.npz", images=IMAGES, labels=np.zeros(12))
    np.savez(tmp_path / "c.npz", pictures=IMAGES)
    for name in "abc":
        np.testing.assert_array_equal(stored_images(read_npz(tmp_path / f"{name}.npz"), name).images, IMAGES)
    for labels, kept in ((np.arange(12), True), (np.zeros(12), False), (np.arange(9), False)):
        np.savez(tmp_path / "l.npz", images=IMAGES, labels=labels)
        found = stored_images(read_npz(tmp_path / "l.npz"), "l.npz").labels
        assert (found is not None and found.tolist() == labels.tolist()) == kept
    np.savez(tmp_path / "d.npz", x=IMAGES, y=IMAGES)
    way_out = r"as a data set it is called npz:d\.npz"
    with pytest.raises(UserError, match=rf"d\.npz should hold one array `images`; it holds x, y; {way_out}"):
        stored_images(read_npz(tmp_path / "d.npz"), "d.npz")
    (tmp_path / "e.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:300])
    with pytest.raises(UserError, match=r"e\.npz cannot be read as \.npz"):
        read_npz(tmp_path / "e.npz")
    with pytest.raises(UserError, match=r"no such file: .*f\.npz"):
        read_npz(tmp_path / "f.npz")


def test_floats_in_the_networks_range_are_pixels():
    images = ImageArray((IMAGES / 127.5 - 1).astype(np.float32)).images
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, IMAGES)


@pytest.mark.parametrize(("shape", "size"), [((2, 8, 8, 3), 8), ((2, 8, 6, 1), [8, 6])])
def test_the_size_of_images_is_a_number_where_they_are_square(shape, size):
    assert pixels_a_side(ImageArray(np.zeros(shape, np.uint8))) == size
