"""What lies beside the portfolio in a bundle: a first page that says how to read it, and a list of what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from bridge.portfolio.model import Portfolio
from bridge.portfolio.wording import size
from bridge.render.outline import outline

_IMAGES = frozenset({"PNG", "JPG", "JPEG", "GIF", "WEBP", "SVG"})


@dataclass(frozen=True)
class Lying:
    """A file of the bundle: its place in it, what it is, its bytes, and how many it had before; 0: as many."""

    place: str
    title: str
    size: int
    before: int = 0

    @property
    def kind(self) -> str:
        """Return its format: ``PDF``."""
        return self.place.rpartition(".")[2].upper()

    @property
    def told(self) -> str:
        """Return its size in words."""
        return f"{size(self.size)}, made smaller from {size(self.before)}" if self.before else size(self.size)


def on_the_web(portfolio: Portfolio) -> tuple[tuple[str, str], ...]:
    """Return title and address of the evidence that is not in the bundle but on the web, each once."""
    cited = (item for section in portfolio.sections for item in section.evidence)
    web = (item for item in cited if item.url.startswith(("http://", "https://")))
    return tuple(dict.fromkeys((_line(item.title), _line(item.url)) for item in web))


def _line(text: str) -> str:
    """Return a harvested text on one line: in a list of lines it must not make others."""
    return " ".join(text.split())


def start_here(portfolio: Portfolio, files: Sequence[Lying], where: Mapping[str, str], *, linked: bool) -> str:
    """
    Return the first page.

    Args:
        portfolio: What the bundle holds.

        files: What lies in it beside the page.

        where: In which page a place is, where that is not ``index.html``.

        linked: Files can be opened from it, which readers of PDF mostly do not allow.
    """
    in_order = sorted(files, key=lambda one: (one.title.casefold(), one.place))
    web = on_the_web(portfolio)
    return _template().render(
        portfolio=portfolio,
        amounts=_amounts(portfolio, len(files), len(web)),
        headings=outline(portfolio),
        files=in_order,
        documents=[one for one in in_order if one.kind not in _IMAGES],
        images=[one for one in in_order if one.kind in _IMAGES],
        where=where,
        linked=linked,
        web=web,
        style=_style(),
    )


def _amounts(portfolio: Portfolio, files: int, web: int) -> str:
    """Return how much there is to read, so that a reader can plan the time: ``11,511 words, 17 pictures ...``."""
    counted = (
        (portfolio.words, "word"),
        (portfolio.figures, "picture"),
        (portfolio.evidence, "piece of evidence"),
        (files, "file"),
        (web, "page on the web"),
    )
    said = (f"{many:,} {what if many == 1 else _several(what)}" for many, what in counted if many)
    return f"{', '.join(said)}."


def _several(what: str) -> str:
    first, _, rest = what.partition(" ")
    return f"{first}s {rest}".strip()


def contents(portfolio: Portfolio, own: Iterable[Lying], files: Iterable[Lying]) -> str:
    """Return the plain list of all that lies in the bundle."""
    lines = [portfolio.title, portfolio.subtitle, "", "What is here", ""]
    lines += [f"  {one.place}  ({one.told})\n    {_line(one.title)}" for one in (*own, *files)]
    web = on_the_web(portfolio)
    if web:
        lines += ["", "What the portfolio cites on the web; all else is in these files", ""]
        lines += [f"  {title}\n    {address}" for title, address in web]
    return "\n".join(lines) + "\n"


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(resources("bridge.render.outputs").joinpath("start.html").read_text("utf-8"))


@cache
def _style() -> Markup:
    return Markup(resources("bridge.render.outputs").joinpath("start.css").read_text("utf-8"))  # noqa: S704 - ours
