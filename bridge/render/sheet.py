"""A worksheet as a page to print."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bridge.render import markdown


def page(title: str, text: str, language: str) -> str:
    """
    Return a worksheet's Markdown as a document of its own, with ruled room for notes at its end.

    It loads nothing from anywhere. Links to what the archive holds are left as words: a sheet on paper leads nowhere.
    """
    environment = Environment(loader=PackageLoader("bridge.render"), autoescape=True, undefined=StrictUndefined)
    html = markdown.render(text, 0, links=lambda address: address if address.startswith("http") else None)
    safe = Markup(html)  # noqa: S704 - sanitised by the line above
    return environment.get_template("worksheet.html").render(title=title, text=safe, language=language)
