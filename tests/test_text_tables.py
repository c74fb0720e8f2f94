"""Tables as text."""

from tfgan_repro.text_tables import aligned

ROWS = [("name", "count"), ("a long one", "5"), ("b", "1,000")]


def test_columns_are_as_wide_as_their_widest_cell():
    assert aligned(ROWS) == ["name        count", "a long one  5", "b           1,000"]


def test_numbers_stand_to_the_right():
    assert aligned(ROWS, numbers=True) == ["name        count", "a long one      5", "b           1,000"]
