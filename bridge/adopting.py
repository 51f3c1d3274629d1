"""
``adopt``: a portfolio page made by hand becomes a generation of the portfolio, word for word.

The page is only read. Its main part is kept as the owner's file ``adopted.html``, and sealed with the owner's other
words; that every word arrived is proved by comparing the word sequences before and after.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from archive.entry import Visibility
from archive.errors import KeepfolioError, UsageError
from bridge import owner
from bridge.portfolio import generation
from bridge.portfolio.model import PagePart, PageSection, Portfolio
from bridge.portfolio.ownerfile import save
from bridge.render import markdown, sanitise
from bridge.session import Session, now

FILE_NAME = "adopted.html"
LARGEST = 32_000_000  # bytes; a page with pictures inside its own text

MAIN_PARTS = (".entry-content", ".wp-block-post-content", "main article", "article", "main", "[role=main]", "body")
"""Where a page's own words are, most exact first: what WordPress themes, old and new, and other systems call it."""

NOT_THE_OWNERS = (
    "script, style, noscript, template, form, iframe, #comments, .comments-area, .sharedaddy, .jp-relatedposts"
)
"""What a site puts around or into the owner's words: never part of them."""


@dataclass(frozen=True)
class Adopted:
    """What was taken over: how many words, whether each is the same, and where it stands."""

    title: str
    words: int
    same: bool
    folder: Path


def adopt(session: Session, page: str, name: str) -> Adopted:
    """
    Take over the page at an address, or in a file, as the generation of that name.

    Raises:
        UsageError: The generation exists already, or the file does not.

        KeepfolioError: The page has no words of its own (a log-in page, a page that only a script fills).
    """
    folder = session.workspace.portfolio / name
    if (folder / generation.FILE_NAME).exists():
        raise UsageError(
            f"The generation {name} exists already.",
            code="generation-exists",
            unchanged="It is as it was.",
            mend="Give the old page another name: keepfolio adopt PAGE --name 2023",
        )
    source = _read(session, page)
    title, main = main_part(source)
    taken = main.decode(formatter="html")
    before, after = words_of(main), words_of(BeautifulSoup(taken, "lxml"))
    if not before:
        raise KeepfolioError(
            f"There are no words of a portfolio in {page}.",
            code="nothing-to-adopt",
            unchanged="Nothing was changed.",
            mend="If it needs a log-in, save the page from your browser and adopt that file.",
        )
    chosen = session.config.portfolio
    made = generation.new(
        folder, session.workspace.named(chosen.framework), chosen.pathway, started=now().date(), title=title
    )
    save(folder / FILE_NAME, _document(page, title, taken))
    generation.write(replace(made, state="closed"))
    owner.keep(session.archive, session.workspace)
    return Adopted(title, len(after), before == after, folder)


def is_adopted(folder: Path) -> bool:
    """Tell whether a generation was taken over from a page made by hand, and nothing was written into it since."""
    return (folder / FILE_NAME).is_file() and not any(folder.glob("*.md"))


def portfolio(taken: generation.Generation, owner_name: str, language: str, edition: Visibility) -> Portfolio:
    """Return an adopted generation as a page: the words as they were, under the page's own heading."""
    _, main = main_part((taken.folder / FILE_NAME).read_bytes())
    html = markdown.under(sanitise.prose(main.decode()), 2)
    words = len(sanitise.text(html).split())
    section = PageSection("portfolio", "Portfolio", 2, gathers=False, parts=(PagePart("", "", html),), words=words)
    return Portfolio(
        id=taken.portfolio,
        title=taken.title or f"{owner_name}: portfolio",
        subtitle="",
        owner=owner_name,
        language=language,
        edition=edition,
        sections=(section,),
        kept=(),
        pictures={},
        credits=(),
        words=words,
        figures=0,
        left_out=(),
    )


def main_part(html: str | bytes) -> tuple[str, Tag]:
    """Return the page's title and the part that holds the owner's words."""
    soup = BeautifulSoup(html, "lxml")
    for unwanted in soup.select(NOT_THE_OWNERS):
        unwanted.decompose()
    heading = soup.find("h1") or soup.find("title")
    title = heading.get_text(" ", strip=True) if heading else ""
    for selector in MAIN_PARTS:
        found = soup.select_one(selector)
        if found is not None and words_of(found):
            return title, found
    return title, soup


def words_of(part: Tag) -> list[str]:
    """Return the words of a part, in order, as a reader sees them."""
    return re.findall(r"\w+", part.get_text(" "))


def _read(session: Session, page: str) -> bytes:
    if "://" in page:
        answer = session.http.get(page, cap=LARGEST)
        if answer.status != 200:
            raise KeepfolioError(
                f"{page} answered {answer.status}.",
                code="page-not-found",
                unchanged="Nothing was changed.",
                mend="Open the address in your browser; if it needs a log-in, save the page and adopt that file.",
            )
        return answer.body
    path = Path(page).expanduser()
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", mend="Give the page's address, or a file saved from the browser.")
    return path.read_bytes()


def _document(page: str, title: str, taken: str) -> str:
    import html

    digest = hashlib.sha256(taken.encode()).hexdigest()
    return (
        f'<!doctype html>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f"<!-- Taken over from {html.escape(page)} on {now():%Y-%m-%d}, word for word; sha256 {digest} -->\n{taken}\n"
    )
