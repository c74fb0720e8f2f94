"""A page of runs, and what stands in it."""

from html.parser import HTMLParser

from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.report.page import build_page
from tfgan_repro.report.runs import find_runs


def page_of(folder):
    return build_page(find_runs(folder), EXPERIMENTS, folder.name)


class Reader(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]
