"""The Markdown files of the project and what stands in them, for the tests of the documents."""

import re
import shlex
from typing import NamedTuple

from conftest import ROOT

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Each is tfgan-NAME; the first two are NAME.py in a checkout, the others python -m tfgan_repro.NAME.
PROGRAMS = ("train", "evaluate", "generate", "data", "labels", "experiments", "report")
COMMAND = re.compile(r"^(python|tfgan-\w+|make)( |$)")


def documents():
    """The paths of all Markdown files."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


def prose(text):
    """A document without its code blocks."""
    return FENCE.sub("", text)


def blocks(path, language):
    """The code blocks of a language, in their order."""
    return [code for found, code in FENCE.findall(path.read_text(encoding="utf-8")) if found == language]


class Command(NamedTuple):
    """A documented command: the file it stands in, and its words."""

    file: str
    words: tuple


def commands():
    """Every command with an option or an argument, of the shell blocks, of running text and of the Makefile."""
    found = []
    for path in [*documents(), ROOT / "Makefile"]:
        text = path.read_text(encoding="utf-8").replace("\t$(BIN)/", "")
        codes = [text] if path.suffix != ".md" else blocks(path, "sh")
        lines = [line for code in codes for line in code.replace("\\\n", " ").splitlines()]
        # What is broken over two lines of the text is one command.
        lines += [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose(text))]
        for line in filter(COMMAND.match, lines):
            words = tuple(word for word in shlex.split(line, comments=True) if word != "[options]")
            if len(words) > (3 if words[1:2] == ("-m",) else 2 if words[0] == "python" else 1):
                found.append(Command(path.name, words))
    return found
