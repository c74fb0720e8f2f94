"""The labelling page in a real browser (keys, clicks, undo, the downloaded CSV), and contact sheets."""

import re
import shutil
import time
import types

import numpy as np
import pytest
from labelled_pictures import write_pictures
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.labels import views
from tfgan_repro.labels.label_files import read_all_labels
from tfgan_repro.labels.views import thumbnail, write_labelling_page

# Names that would break out of markup, a script, an attribute or a CSV cell.
HOSTILE = [
    "</script><script>document.title='hacked'</script>.png".replace("/", "\u2215"),
    "<img src=x onerror=document.title='hacked'>.png",
    'a "quoted", name.png',
    "new\nline.png",
    "<!--<script>.png",
    "${document.title='hacked'}`.png",
    "ünïcode 猫 &amp; %41 \u2028.png",
]
CLASSES = ["dark", "fair", '<b>"x" & y']


@pytest.fixture
def pictures(tmp_path):
    """A folder of seven pictures with hostile names."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index, name in enumerate(HOSTILE):
        pixels = np.full((30, 20 + 10 * index, 3), 30 * index, np.uint8)
        Image.fromarray(pixels).save(folder / name)
    return folder


@pytest.fixture
def browser(tmp_path):
    """A headless Chromium that saves its downloads under `tmp_path / "downloads"`."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is needed to drive a browser")
    program = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
    driver = shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("no Chromium with its chromedriver on this machine")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    options.add_argument(f"--user-data-dir={tmp_path / 'profile'}")
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path / "downloads")})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(driver)
    chrome = webdriver.Chrome(options=options, service=service)
    yield chrome
    chrome.quit()


def write(path, folder, files=HOSTILE, classes=CLASSES, first=""):
    """Write a page of pictures, the first of which may be labelled."""
    rows = [[file, "" if index else first, str(index + 1), "random"] for index, file in enumerate(files)]
    write_labelling_page(path, folder, ["file", "hair", "number", "chosen"], rows, 1, classes)


def open_page(browser, path, folder, **options):
    write(path, folder, **options)
    browser.get(path.as_uri())


def element(browser, name):
    return browser.find_element("id", name)


def press(browser, *keys):
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def state(browser):
    """What a person sees: the number of the picture, the pressed class, how many are done."""
    number = int(element(browser, "place").text.split()[1])
    pressed = browser.find_elements("css selector", "#classes [aria-pressed=true]")
    labelled = int(element(browser, "count").text.split()[0])
    assert float(element(browser, "progress").get_attribute("value")) == labelled
    return number, pressed[0].get_attribute("data-label") if pressed else None, labelled


def downloaded(tmp_path, seconds=30):
    path = tmp_path / "downloads" / "labels.csv"
    end = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.1)
    return path


def errors(browser):
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_pictures_are_labelled_by_key_and_by_click(browser, pictures, tmp_path):
    open_page(browser, tmp_path / "page.html", pictures)
    assert state(browser) == (1, None, 0) and not element(browser, "download").is_enabled()
    press(browser, "1", "2")
    assert state(browser) == (3, None, 2)
    buttons = browser.find_elements("css selector", "#classes button")
    # The key's number stands before the name; a class may be called anything.
    assert [button.get_attribute("data-label") for button in buttons] == CLASSES
    buttons[2].click()
    assert state(browser) == (4, None, 3)
    press(browser, "\ue014")  # right arrow: no label
    press(browser, "3", "9")  # nine is no class
    assert state(browser) == (6, None, 4)
    press(browser, "u")
    assert state(browser) == (5, None, 3)
    element(browser, "undo").click()
    assert state(browser) == (3, None, 2)
    press(browser, "1", "\ue012", "\ue012", "\ue012")
    assert state(browser) == (1, "dark", 3)
    press(browser, "2")  # changed: on to the next without a label
    assert state(browser) == (4, None, 3)
    press(browser, "d")
    received = read_all_labels([downloaded(tmp_path)])
    # What was passed by is not in the table, as if it had never been shown.
    assert received.classes == {HOSTILE[0]: "fair", HOSTILE[1]: "fair", HOSTILE[2]: "dark"}
    assert received.seen == received.random == set(HOSTILE[:3]) and received.column == "hair"
    assert errors(browser) == [] and browser.title == "Label pictures"


def test_none_of_the_classes_is_an_answer_too(browser, pictures, tmp_path):
    open_page(browser, tmp_path / "page.html", pictures)
    press(browser, "1", "0")
    element(browser, "none").click()
    assert state(browser) == (4, None, 3)
    press(browser, "\ue012")
    assert element(browser, "none").get_attribute("aria-pressed") == "true"
    press(browser, "u", "d")
    received = read_all_labels([downloaded(tmp_path)])
    assert received.classes == {HOSTILE[0]: "dark"} and received.seen == set(HOSTILE[:2])


def test_names_of_files_are_not_shown_and_come_back_as_they_were(browser, pictures, tmp_path):
    """A name often tells the class."""
    open_page(browser, tmp_path / "page.html", pictures)
    for name in HOSTILE:
        text = browser.execute_script("return document.querySelector('main').outerHTML")
        assert ".png" not in text and ".png" not in browser.title
        assert element(browser, "picture").get_property("naturalWidth") == 20 + 10 * HOSTILE.index(name)
        press(browser, "3")
    assert "All pictures are done" in element(browser, "message").text
    element(browser, "download").click()
    assert read_all_labels([downloaded(tmp_path)]).classes == dict.fromkeys(HOSTILE, CLASSES[2])
    assert errors(browser) == [] and browser.title == "Label pictures"


def test_labels_survive_a_reload_and_are_there_from_the_csv(browser, pictures, tmp_path):
    open_page(browser, tmp_path / "page.html", pictures, first="fair")
    assert state(browser) == (2, None, 1)
    press(browser, "1", "1")
    browser.refresh()
    assert state(browser) == (4, None, 3)
    open_page(browser, tmp_path / "other.html", pictures, files=HOSTILE[:3])
    assert state(browser) == (1, None, 0)


def test_it_fits_a_phone_and_obeys_the_colour_scheme(browser, pictures, tmp_path):
    open_page(browser, tmp_path / "page.html", pictures, classes=[f"class number {index}" for index in range(8)])
    backgrounds = set()
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        backgrounds.add(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert backgrounds == {"rgb(255, 255, 255)", "rgb(22, 22, 22)"}
    phone = {"width": 360, "height": 720, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    heights = [button.size["height"] for button in browser.find_elements("css selector", ".tools button")]
    assert min(heights) >= 44
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.set_window_size(1000, 900)
    open_page(browser, tmp_path / "page.html", pictures)
    places = [button.rect for button in browser.find_elements("css selector", "#classes button")]
    assert min(place["height"] for place in places) >= 64 and min(place["width"] for place in places) >= 150
    middle = (places[0]["x"] + places[-1]["x"] + places[-1]["width"]) / 2
    assert middle == pytest.approx(browser.execute_script("return document.documentElement.clientWidth") / 2, abs=2)


def test_every_control_can_be_reached_by_tab(browser, pictures, tmp_path):
    open_page(browser, tmp_path / "page.html", pictures)
    press(browser, "1", "\ue012")
    reached = []
    for _ in range(6):
        press(browser, "\ue004")
        focused = browser.switch_to.active_element
        reached.append(focused.get_attribute("data-label") or focused.get_attribute("id"))
    # The first picture has none before it.
    assert reached == [*CLASSES, "next", "none", "undo"]
    browser.find_elements("css selector", "#classes button")[1].send_keys("\ue007")  # enter on a button
    assert state(browser)[2] == 1


def test_the_last_choices_can_be_corrected(browser, pictures, tmp_path):
    open_page(browser, tmp_path / "page.html", pictures)
    assert not element(browser, "last").is_displayed()
    press(browser, "1", "2", "0", "1", "1", "2", "3")
    recent = browser.find_elements("css selector", "#recent button")
    assert [button.text for button in recent] == [CLASSES[2], "fair", "dark", "dark", "none of these", "fair"]
    images = browser.find_elements("css selector", "#recent img")
    assert [image.get_property("naturalWidth") for image in images] == [80, 70, 60, 50, 40, 30]
    recent[3].click()
    assert state(browser) == (4, "dark", 7)
    press(browser, "2")
    assert browser.find_elements("css selector", "#recent button")[0].text == "fair"
    press(browser, "u")
    assert state(browser) == (4, "dark", 7)


def test_nothing_is_loaded_from_elsewhere(pictures, tmp_path):
    write(tmp_path / "page.html", pictures)
    text = (tmp_path / "page.html").read_text()
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?!data:)[a-z]+:""", text) and "http" not in text.lower().replace(
        "http-equiv", ""
    )
    assert "default-src 'none'" in text and text.count("data:image/jpeg;base64,") == len(HOSTILE)
    # That with the data and that with the code: no name ends one or begins another.
    assert text.count("<script") == text.count("</script>") == 2 and "<!--" not in text


@pytest.mark.parametrize(
    ("classes", "first", "message"),
    [
        (["a"], "", "--classes a: name two classes or more"),
        (["a", "a"], "", "each once"),
        (["a", ""], "", "two classes or more"),
        (["a", "b"], "c", "the CSV has the label 'c', which --classes does not name"),
    ],
)
def test_classes_that_cannot_be_chosen_are_refused(tmp_path, classes, first, message):
    with pytest.raises(UserError, match=message):
        write(tmp_path / "page.html", tmp_path, ["x.png"], classes, first)
    assert list(tmp_path.iterdir()) == []


def test_shares_are_dark_on_light_where_none_is_large(tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(views, "write_figure", lambda figure, path: figures.append(figure))
    quality = {"confusion": [[4, 6], [3, 7]], "accuracy": 0.55, "judged_on": 20}
    views.write_confusion_plot(tmp_path / "a.png", types.SimpleNamespace(classes=("a", "b"), quality=quality))
    (axes,) = figures[0].axes
    assert {text.get_text(): text.get_color() for text in axes.texts} == {
        "40%": "black", "60%": "white", "30%": "black", "70%": "white"
    }  # fmt: skip


def test_photographs_are_shown_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the orientation: turn by a quarter
    Image.new("RGB", (80, 40)).save(tmp_path / "a.jpg", exif=exif)
    assert thumbnail(tmp_path / "a.jpg", 112).size == (40, 80)


def test_pictures_that_cannot_be_shown_are_refused(tmp_path):
    (file,) = list(write_pictures(tmp_path, 1, ["red"]))
    for name in (file, "raw\udcff.png"):
        (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(UserError, match="cannot be decoded"):
        write(tmp_path / "page.html", tmp_path, [file])
    with pytest.raises(UserError, match="is no text"):
        write(tmp_path / "page.html", tmp_path, ["raw\udcff.png"])
    assert not (tmp_path / "page.html").exists()
