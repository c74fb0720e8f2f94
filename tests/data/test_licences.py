import pytest

from tfgan_repro.data.licences import data_licence


@pytest.mark.parametrize("name", ["celeb_a", "tfds:celeb_a", "tfds:celeb_a:2.1.0", "svhn", "tfds:svhn_cropped:3.1.0"])
def test_a_licence_is_known_by_whatever_name_a_set_goes(name):
    assert "for non-commercial" in data_licence(name)


def test_a_folder_that_is_called_as_a_set_is_not_that_set():
    assert "not known" in data_licence("folder:celeb_a")
