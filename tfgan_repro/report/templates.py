"""The pages' templates: Jinja2, with every text escaped wherever it comes from."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """The templates of `tfgan_repro/report/templates/`; a name that a template misspells is an error."""
    return Environment(
        loader=PackageLoader("tfgan_repro.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(name: str, **values: Any) -> str:
    """A template's text.

    Args:
        name: the template's file.
        **values: what it shows, by the names that it uses.
    """
    return environment().get_template(name).render(**values)


def source(name: str) -> str:
    """A file beside the templates as it is: the style or the script of a page."""
    loader = environment().loader
    assert loader is not None
    return loader.get_source(environment(), name)[0]
