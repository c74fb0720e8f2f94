"""The CSV of labels."""

import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.labels.label_files import Labels, is_synthesised, read_all_labels, read_table, write_table

NAMES = ["a, b.png", 'say "x".png', "new\nline.png", "ünïcode 猫.png", " space .png", "=1+1.png", "raw\udcff.png"]


def save(path, text):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read_labels(path, column=None):
    return read_all_labels([path], column).classes


def test_any_file_name_survives(tmp_path):
    path = tmp_path / "labels.csv"
    write_table(path, ["file", "hair"], [[name, "black"] for name in NAMES])
    assert read_labels(path) == dict.fromkeys(NAMES, "black")
    assert b"raw\xff.png" in path.read_bytes()


@pytest.mark.parametrize("text", [
    "file,label,number\na.png, black ,1\nb.png,,2\n",
    "\ufefffile;label\r\na.png;black\r\nb.png;\r\n\r\n",
    "file\tlabel\na.png\tblack\n",
    "Image_ID,label\na.png,black\n",
    '"file";"label"\n"a.png";"black"\n',
])  # fmt: skip
def test_what_spreadsheets_write_is_read_and_empty_labels_left_out(tmp_path, text):
    assert read_labels(save(tmp_path / "a.csv", text)) == {"a.png": "black"}


def test_utf_16_is_read_as_spreadsheets_export_it(tmp_path):
    (tmp_path / "labels.csv").write_bytes("file\tlabel\r\na.png\tcaf\u00e9\r\n".encode("utf-16"))
    assert read_all_labels([tmp_path / "labels.csv"]).classes == {"a.png": "caf\u00e9"}


def test_words_in_the_older_encoding_of_windows_are_text_and_names_of_files_stay_bytes(tmp_path):
    text = "file;couleur du caf\u00e9\n\u00e9t\u00e9.png;br\u00fbl\u00e9\n"
    path = save(tmp_path / "labels.csv", text.encode("cp1252"))
    labels = read_all_labels([path])
    assert labels.classes == {"\udce9t\udce9.png": "br\u00fbl\u00e9"} and labels.column == "couleur du caf\u00e9"


def test_attribute_columns_become_one_label(tmp_path):
    text = "file,Male,Black,Blond,Brown\n1,1,1,0,0\n2,0,-1,-1.0,1.0\n3,1,1,1,0\n4,0,0,0,0\n"
    path = save(tmp_path / "a.csv", text)
    assert read_labels(path, "Black, Blond,Brown") == {"1": "Black", "2": "Brown"}
    assert read_labels(path, "Male") == {"1": "1", "2": "0", "3": "1", "4": "0"}
    with pytest.raises(UserError, match="has 4 columns of labels; choose with --label-column: Male, Black"):
        read_labels(path)
    with pytest.raises(UserError, match="'Male'|Male"):
        read_labels(path, "Mal")
    save(path, "file,a,b\n1,1,yes\n")
    with pytest.raises(UserError, match="b of 1 is 'yes'; several columns must hold 0 or 1"):
        read_labels(path, "a,b")


def test_later_tables_correct_earlier_ones(tmp_path):
    first = save(tmp_path / "1.csv", "file,hair\na,black\nb,red\n")
    second = save(tmp_path / "2.csv", "file,hair,number,chosen\nb,pink,1,unsure\nc,red,2,random\nd,,3,random\n")
    both = read_all_labels([first, second])
    assert both == Labels({"a": "black", "b": "pink", "c": "red"}, "hair", {"a", "b", "c", "d"}, {"c", "d"})
    none = save(tmp_path / "none.csv", "file,hair\na,\n")
    assert read_all_labels([first, none]) == Labels({"b": "red"}, "hair", {"a", "b"})
    other = save(tmp_path / "3.csv", "file,colour\nd,red\n")
    assert read_all_labels([first, other]).column == "label"
    assert read_all_labels([]) == Labels()


def test_labels_that_a_classifier_gave_are_not_taken_for_people_s(tmp_path):
    path = save(tmp_path / "labels.csv", "file,hair,confidence\na,black,0.93\n")
    with pytest.raises(UserError, match="labels.csv was written by apply"):
        read_all_labels([path])
    assert is_synthesised(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must begin with the header file,<column>"),
        ("picture,label\na,b\n", "begins with 'picture,label'"),
        ("file\na\n", "must begin with the header"),
        ("file,label\na,b,c\n", "row 2 has 3 cells, the header 2"),
        ('file,label\na,"b\n', "cannot be read as CSV"),
        ("file,label\na,b\na,c\n", "gives a two labels: 'b' and 'c'"),
        ("file,confidence\na,1\n", "was written by apply"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "must begin with the header"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = save(tmp_path / "labels.csv", content)
    with pytest.raises(UserError, match=message):
        read_labels(path)
    assert is_synthesised(path) == ("confidence" in str(content))


def test_an_absent_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(UserError, match="cannot be read as CSV: .*directory"):
        read_table(tmp_path)
