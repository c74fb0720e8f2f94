"""Tables of labels, read from bytes."""

import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.label_tables import LabelTable


def labels(text, column=None):
    table = LabelTable(text.encode() if isinstance(text, str) else text, "labels.csv")
    return table.labels(table.find(column))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_cells_are_parted_as_the_first_line_says(separator):
    text = f'file{separator}label\n"a{separator}1.png"{separator}cat, big; or so\n'.replace(
        "cat, big; or so", '"cat, big; or so"'
    )
    assert labels(text) == {f"a{separator}1.png": "cat, big; or so"}


def test_cells_may_hold_quotes_and_line_ends_and_be_missing():
    assert labels('file,label,more\r\n1.png,"say ""cat""\nor not",x\r\n\r\n2.png\r\n') == {
        "1.png": 'say "cat"\nor not',
        "2.png": "",
    }


def test_a_table_without_a_header_loses_no_row():
    assert labels("1.png,cat\n2.png,dog\n") == {"1.png": "cat", "2.png": "dog"}
    assert labels("1.png,cat,3\n2.png,dog,4\n", "2") == {"1.png": "cat", "2.png": "dog"}


def test_paths_of_windows_and_of_this_folder_are_understood():
    assert labels("file,label\na\\1.png,cat\n./a/2.png,dog\n") == {"a/1.png": "cat", "a/2.png": "dog"}


def test_names_that_are_no_utf_8_are_those_on_disk():
    assert labels(b"file,label\ncaf\xe9.png,cat\n") == {b"caf\xe9.png".decode("utf-8", "surrogateescape"): "cat"}


@pytest.mark.parametrize(
    ("header", "column", "found"),
    [
        ("file,label,age", None, ["label"]),
        ("File,Class,age", None, ["Class"]),
        ("file,species", None, ["species"]),
        ("species,file", None, ["species"]),
        ("file,species,number,chosen,confidence", None, ["species"]),
        ("file,species,age", None, []),
        ("file,species,age", "AGE", ["age"]),
        ("file,Cat,Dog", "Cat,dog", ["Cat", "Dog"]),
        ("file,Cat,Dog", "Cat,Eel", []),
        ("", None, []),
    ],
)
def test_columns_are_found(header, column, found):
    assert LabelTable(header.encode(), "labels.csv").find(column) == found


def test_only_attributes_are_read_together():
    with pytest.raises(UserError, match="labels.csv: Cat of 1.png is '7'; several columns must hold 0 or 1, or -1 or"):
        labels("file,Cat,Dog\n1.png,7,0\n", "Cat,Dog")


@pytest.mark.parametrize("value", ["1.0", "1.", "1", "1.000"])
def test_whole_numbers_are_the_same_with_and_without_a_point(value):
    assert labels(f"file,label\na,{value}\nb,1.5\nc,v1.0\n") == {"a": "1", "b": "1.5", "c": "v1.0"}


def test_what_is_no_table_is_one_line():
    with pytest.raises(UserError, match="labels.csv cannot be read as CSV: "):
        LabelTable(b"file,label\n1.png," + b"x" * 200_000 + b"\n", "labels.csv")
