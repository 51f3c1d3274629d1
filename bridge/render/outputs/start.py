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
    cited = (item for section in portfolio.sections for item in section.evidence if item.url)
    return tuple(dict.fromkeys((item.title, item.url) for item in cited))


def start_here(portfolio: Portfolio, files: Sequence[Lying], where: Mapping[str, str], *, linked: bool) -> str:
    """
    Return the first page.

    Args:
        portfolio: What the bundle holds.

        files: What lies in it beside the page.

        where: In which page a place is, where that is not ``index.html``.

        linked: Files can be opened from it, which readers of PDF mostly do not allow.
    """
    return _template().render(
        portfolio=portfolio, files=files, where=where, linked=linked, web=on_the_web(portfolio), style=_style()
    )


def contents(portfolio: Portfolio, own: Iterable[Lying], files: Iterable[Lying]) -> str:
    """Return the plain list of all that lies in the bundle."""
    lines = [portfolio.title, portfolio.subtitle, "", "What is here", ""]
    lines += [f"  {one.place}  ({one.told})\n    {one.title}" for one in (*own, *files)]
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
