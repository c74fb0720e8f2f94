"""HTML whose text is escaped wherever it comes from."""

import html
from collections.abc import Iterable, Sequence
from typing import Any


class Markup(str):
    """HTML that is made already; any other string is text."""


def element(tag: str, *children: Any, **attributes: Any) -> Markup:
    """An element as `Markup`.

    Args:
        tag: its name.
        *children: text, `Markup`, or lists of these; None is nothing.
        **attributes: by name, with `_` for `-` and a trailing `_` left off; True stands alone, None and False are
            nothing.
    """
    words = [tag]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        words.append(name if value is True else f'{name}="{html.escape(str(value))}"')
    opened = f"<{' '.join(words)}>"
    if tag in ("img", "meta"):
        return Markup(opened)
    return Markup(f"{opened}{joined(children)}</{tag}>")


def joined(children: Iterable[Any]) -> Markup:
    """Children as `Markup`, one after the other."""
    parts: list[str] = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, (list, tuple)):
            parts.append(joined(child))
        else:
            parts.append(child if isinstance(child, Markup) else html.escape(str(child)))
    return Markup("".join(parts))


def table(caption: str, head: Iterable[str], rows: Iterable[Sequence], **attributes: Any) -> Markup:
    """A table with a caption, and headers for its columns and rows.

    Args:
        caption: what it shows.
        head: the columns' names.
        rows: lists of cells, the first of each names the row.
        **attributes: of the table.
    """
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", [element("th", name, scope="col") for name in head])),
            element(
                "tbody",
                [
                    element("tr", element("th", row[0], scope="row"), [element("td", cell) for cell in row[1:]])
                    for row in rows
                ],
            ),
            **attributes,
        ),
        class_="scroll",
        # What scrolls must be reached by the keyboard.
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def figure(picture: Any, caption: Any) -> Markup:
    """A picture with a caption below."""
    return element("figure", picture, element("figcaption", caption))
