"""The page in headless Chromium: nothing is complained of, the table sorts, and it looks right."""

import html
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from made_runs import make_grid, make_run
from pages import Reader, page_of

from tfgan_repro.report.grids import read_png, write_png

WINDOWS = (320, 360, 768, 1400)
QUARTERS = np.array([[[200, 40, 40], [40, 160, 40]], [[40, 40, 200], [220, 200, 40]]], np.uint8)


def chromium(path, *options, width=1200, height=900):
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no chromium here: apt-get install chromium")
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--hide-scrollbars"]
    return subprocess.run(
        [browser, *words, f"--window-size={width},{height}", *options, path.as_uri()],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )


def unprotected(page):
    """The page lets no script run but its own; a copy of it that lets others."""
    return re.sub(r"<meta http-equiv[^>]*>", "", page)


def write_with_script(path, page, script):
    path.write_text(unprotected(page).replace("</body>", f"<script>{script}</script></body>"))


def answer_of(done):
    """What a script left in the page's root element."""
    (attributes, *_) = Reader(done.stdout).all("html")
    return json.loads(attributes["data-answer"])


PROBE = """
const button = document.querySelectorAll("table.sortable th button")[5];
const order = () => [...document.querySelectorAll("table.sortable tbody tr")].map((row) => row.cells[5].textContent);
const answer = {before: order()};
button.click();
answer.rising = order();
button.click();
answer.falling = order();
answer.sorted = button.parentElement.getAttribute("aria-sort");
const selects = document.querySelectorAll("#compare select");
selects.forEach((select, number) => { select.selectedIndex = number + 1; select.dispatchEvent(new Event("change")); });
answer.pair = [...document.querySelectorAll("#compare .pair h4")].map((title) => title.textContent);
answer.broken = [...document.images].filter((image) => image.complete && !image.naturalWidth).length;
answer.images = document.images.length;
answer.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
document.documentElement.dataset.answer = JSON.stringify(answer);
"""


def test_in_a_browser_the_table_sorts_images_load_and_nothing_is_complained_of(tmp_path):
    for name, value in (("one", 10.0), ("two", 9.5), ("three", 0.0123)):
        make_run(tmp_path, f"runs/{name}", {5: value * 2, 10: value})
    make_run(tmp_path, "runs/unscored", {})
    page = page_of(tmp_path / "runs")
    (tmp_path / "page.html").write_text(page)
    assert "CONSOLE" not in chromium(tmp_path / "page.html", "--dump-dom").stderr
    write_with_script(tmp_path / "probed.html", page, PROBE)
    answer = answer_of(chromium(tmp_path / "probed.html", "--dump-dom", "--virtual-time-budget=5000", width=500))
    assert answer["rising"] == ["0.0123", "9.500", "10.000", "–"] and answer["sorted"] == "descending"
    assert answer["falling"] == ["10.000", "9.500", "0.0123", "–"]
    assert answer["pair"] == ["one", "three"]
    assert answer["images"] > 10 and answer["broken"] == 0
    assert answer["wide"] <= 0


PLACES = """
const place = (selector) => {
  const {left, top, right, bottom} = document.querySelector(selector).getBoundingClientRect();
  return [left, top, right, bottom].map(Math.round);
};
addEventListener("load", () => {
  document.documentElement.dataset.answer = JSON.stringify({
    title: place("h1"),
    table: place("table.sortable"),
    grid: place('img[alt$="at step 10"]'),
    curve: place("figure svg"),
    bottom: document.documentElement.scrollHeight,
  });
});
"""
TALL = 4800  # pixels, so that the whole page is within the window


def apart(pixels, color):
    """How far each pixel is from a colour, `[height, width]`."""
    return np.abs(pixels.astype(int) - color).max(axis=-1)


@pytest.mark.parametrize(
    ("scheme", "paper", "line"),
    [(1, (255, 255, 255), (0, 114, 178)), (0, (22, 22, 22), (98, 181, 236))],
    ids=["light", "dark"],
)
def test_a_screenshot_shows_text_pictures_and_curves(tmp_path, scheme, paper, line):
    """The grid's four colours lie where they belong, writing stands out, and a curve is drawn in its colour."""
    for name in ("one", "two"):
        make_run(tmp_path, f"runs/{name}", {5: 2.0, 10: 1.0})
    for grid in tmp_path.glob("runs/*/samples/*.png"):
        write_png(grid, np.kron(QUARTERS, np.ones((80, 80, 1), np.uint8)))
    page = page_of(tmp_path / "runs")
    write_with_script(tmp_path / "page.html", page, PLACES)
    light_or_dark = f"--blink-settings=preferredColorScheme={scheme}"
    places = answer_of(chromium(tmp_path / "page.html", light_or_dark, "--dump-dom", height=TALL))
    assert places["bottom"] < TALL
    chromium(tmp_path / "page.html", light_or_dark, f"--screenshot={tmp_path / 'page.png'}", height=TALL)
    screen = read_png(tmp_path / "page.png")[..., :3]

    def shown(place):
        left, top, right, bottom = places[place]
        return screen[top:bottom, left:right]

    assert np.median(apart(screen, paper)) == 0
    for place in ("title", "table"):
        assert 0.005 < (apart(shown(place), paper) > 140).mean() < 0.3, place
    grid = shown("grid")
    # What was enlarged in the file is so again in the browser, whose own factor is 3.
    assert grid.shape == (240, 240, 3)
    for row in (0, 1):
        for column in (0, 1):
            quarter = grid[120 * row : 120 * row + 120, 120 * column : 120 * column + 120]
            assert np.median(apart(quarter, QUARTERS[row, column])) <= 8
    assert (apart(shown("curve"), line) < 30).sum() > 100


WIDTHS = """
addEventListener("load", () => {
  const wide = [...document.querySelectorAll("iframe")].map(({contentDocument: inner}) => {
    for (const details of inner.querySelectorAll("details")) details.open = true;
    const beyond = [...inner.querySelectorAll("img, svg, figure")].filter(
      (item) => item.getBoundingClientRect().right > inner.documentElement.clientWidth);
    return [inner.documentElement.scrollWidth - inner.documentElement.clientWidth, beyond.length];
  });
  document.documentElement.dataset.answer = JSON.stringify(wide);
});
"""


def test_the_page_does_not_scroll_sideways_on_a_phone_a_tablet_or_a_screen(tmp_path):
    """In a frame, because a browser's window is never as narrow as a phone."""
    make_grid(tmp_path / "runs", "adam-vs-sgd", adam=(1.0, 1.1), sgd=(2.0, 2.2))
    make_run(tmp_path, "runs/" + "-".join(["a-name-that-is-longer-than-a-phone-is-wide"] * 2), {5: 1.0, 10: 0.9})
    page = html.escape(unprotected(page_of(tmp_path / "runs")))
    frames = "".join(f'<iframe width="{width}" height="640" srcdoc="{page}"></iframe>' for width in WINDOWS)
    (tmp_path / "phones.html").write_text(f"<!DOCTYPE html><script>{WIDTHS}</script>{frames}")
    done = chromium(tmp_path / "phones.html", "--dump-dom", "--virtual-time-budget=5000")
    assert answer_of(done) == len(WINDOWS) * [[0, 0]]
