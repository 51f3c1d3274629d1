"""
``adopt``: a portfolio page made by hand becomes a generation of the portfolio, word for word.

The page is only read. Its main part is kept as the owner's file ``adopted.html``, and sealed with the owner's other
words; that every word arrived is proved by comparing the words of the source's main part, as a reader sees them, with
those of the page that is built of it.
"""

from __future__ import annotations

import hashlib
import html
import re
import shlex
from collections import Counter
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from archive.entry import Visibility
from archive.errors import KeepfolioError, UsageError
from bridge import owner, views
from bridge.portfolio import generation
from bridge.portfolio.model import PagePart, PageSection, Portfolio
from bridge.portfolio.ownerfile import save
from bridge.render import markdown, sanitise
from bridge.render.page import render
from bridge.session import Session, now

if TYPE_CHECKING:
    from bs4 import Tag

FILE_NAME = "adopted.html"
LARGEST = 32_000_000  # bytes; a page with pictures inside its own text

MAIN_PARTS = (".entry-content", ".wp-block-post-content", "main article", "article", "main", "[role=main]", "body")
"""Where a page's own words are, most exact first: what WordPress themes, old and new, and other systems call it."""

NOT_THE_OWNERS = "script, style, noscript, template, [hidden], #comments, .comments-area, .sharedaddy, .jp-relatedposts"
"""What no reader sees, and what a site puts around or into the owner's words: never part of them."""

NOT_TAKEN = {
    "form": "form",
    "iframe": "embedded frame",
    "object, embed": "embedded object",
    "svg": "vector drawing",
    "math": "formula",
}
"""What a portfolio page cannot hold, by what a person calls it. It is left out, and the owner is told."""

BLOCKS = (
    "address, article, aside, blockquote, caption, dd, details, div, dl, dt, fieldset, figcaption, figure, footer, "
    "form, h1, h2, h3, h4, h5, h6, header, hr, iframe, li, main, nav, ol, option, p, pre, section, summary, table, td, "
    "th, tr, ul"
)
"""Elements at whose edges a word ends; inside others, as in ``<b>A</b>ccess``, a word goes on."""

ONLY_A_DIVISION = "address, article, aside, dd, details, dl, dt, fieldset, footer, header, main, nav, section, summary"


@dataclass(frozen=True)
class Adopted:
    """
    What was taken over.

    Attributes:
        words: How many words of the source stand on the built page.

        same: Each word that a reader of the source sees stands there, in order.

        missing: Words of the source that do not.

        left_out: What of the source a portfolio page cannot hold, in words: ``1 form``.
    """

    title: str
    words: int
    same: bool
    folder: Path
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def adopt(session: Session, page: str, name: str) -> Adopted:
    """
    Take over the page at an address, or in a file, as the generation of that name.

    Raises:
        UsageError: The file is not there or no page, or the generation exists already.

        KeepfolioError: The page has no words of its own (a log-in page, a page that only a script fills).
    """
    source = _read(session, page)
    title, main = main_part(source)
    title = title or unquote(PurePosixPath(urlsplit(page).path or page).stem)
    kept = _without_what_is_not_taken(main)
    if not words_of(kept):
        raise KeepfolioError(
            f"There are no words of a portfolio in {page}.",
            code="nothing-to-adopt",
            unchanged="Nothing was changed.",
            mend="If it needs a log-in, save the page from your browser and adopt that file.",
        )
    folder = session.workspace.portfolio / name
    if (folder / generation.FILE_NAME).exists():
        raise UsageError(
            f"The generation {name} exists already.",
            code="generation-exists",
            unchanged="It is as it was.",
            mend=f"Give the old page another name: keepfolio adopt {shlex.quote(page)} --name old",
        )
    chosen = session.config.portfolio
    made = generation.new(folder, chosen.framework, chosen.pathway, started=session.today, title=title)
    save(folder / FILE_NAME, _document(page, title, kept.decode(formatter="html")))
    made = replace(made, state="closed")
    generation.write(made)
    owner.keep(session.archive, session.workspace)
    return _proved(session, made, main)


def _proved(session: Session, made: generation.Generation, main: Tag) -> Adopted:
    """Build the page, and compare what a reader sees there with what a reader saw in the source."""
    from bs4 import BeautifulSoup

    built = render(
        portfolio(made, session.config.owner, session.config.language, Visibility.PRIVATE),
        Path,  # an adopted page shows no files of the archive
        session.workspace.build,
    )
    before, after = words_of(_described(main)), words_of(BeautifulSoup(built.release.fragment, "lxml"))
    missing = tuple((Counter(before) - Counter(after)).elements())
    same = f" {' '.join(before)} " in f" {' '.join(after)} "
    left_out = tuple(views.counted(n, noun) for kind, noun in NOT_TAKEN.items() if (n := len(main.select(kind))))
    return Adopted(made.title, len(words_of(main)) - len(missing), same, made.folder, missing, left_out)


def _described(main: Tag) -> Tag:
    """Return a part with the description of each picture in its place: a page loads none from elsewhere."""
    described = copy(main)
    for picture in described.select("img"):
        linked = picture.parent is not None and picture.parent.name == "a"
        elsewhere = str(picture.get("src", "")).startswith(("http://", "https://"))
        picture.replace_with((str(picture.get("alt", "")) or "Picture") if linked or elsewhere else "")
    return described


def _without_what_is_not_taken(main: Tag) -> Tag:
    kept = copy(main)
    for part in kept.select(", ".join(NOT_TAKEN)):
        part.decompose()
    return kept


def taken_over(portfolio: Path) -> tuple[generation.Generation, ...]:
    """Return the generations that were taken over from pages made by hand, oldest first."""
    return tuple(one for one in generation.every(portfolio) if is_adopted(one.folder))


def is_adopted(folder: Path) -> bool:
    """Tell whether a generation was taken over from a page made by hand, and nothing was written into it since."""
    return (folder / FILE_NAME).is_file() and not any(folder.glob("*.md"))


def portfolio(taken: generation.Generation, owner_name: str, language: str, edition: Visibility) -> Portfolio:
    """Return an adopted generation as a page: the words as they were, under the page's own heading."""
    text = markdown.under(safe(taken), 2)
    words = len(sanitise.text(text).split())
    section = PageSection("portfolio", "Portfolio", 2, gathers=False, parts=(PagePart("", "", text),), words=words)
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


def safe(taken: generation.Generation) -> str:
    """Return what was taken over as safe HTML, its pictures by their addresses."""
    main = taken_main(taken)
    for part in main.select(ONLY_A_DIVISION):
        part.name = "div"  # the page knows no such element, and without any its words would run into the next
    return sanitise.prose(main.decode())


def taken_main(taken: generation.Generation) -> Tag:
    """Return the part of the taken page that holds its owner's words."""
    return main_part((taken.folder / FILE_NAME).read_bytes())[1]


def passage(taken: generation.Generation, heading: str) -> str:
    """Return what stands on an adopted page under the first heading with these words, as text; "" where none has."""
    found = next(
        (h for h in taken_main(taken).select("h1, h2, h3, h4, h5, h6") if heading in h.get_text(" ").casefold()), None
    )
    said: list[str] = []
    for after in found.find_all_next() if found is not None else ():
        if re.fullmatch(r"h[1-6]", after.name) and found is not None and after.name <= found.name:
            break
        if after.name in ("p", "li", "td"):
            said.append(after.get_text(" ", strip=True))
    return "\n\n".join(text for text in said if text)


def main_part(source: str | bytes) -> tuple[str, Tag]:
    """Return the page's title and the part that holds the owner's words."""
    from bs4 import BeautifulSoup  # imported here: it is slow to come, and few pages were taken over

    soup = BeautifulSoup(source, "lxml")
    for unwanted in soup.select(NOT_THE_OWNERS):
        unwanted.decompose()
    heading = soup.find("h1") or soup.find("title")
    title = heading.get_text(" ", strip=True) if heading else ""
    for selector in MAIN_PARTS:
        found = soup.select_one(selector)
        if found is not None and words_of(_without_what_is_not_taken(found)):
            return title, found
    return title, soup


def words_of(part: Tag) -> list[str]:
    """Return the words of a part, in order, as a reader sees them."""
    seen = copy(part)
    for line_end in seen.select("br"):
        line_end.replace_with(" ")
    for block in seen.select(BLOCKS):
        block.insert_before(" ")
        block.insert_after(" ")
    return re.findall(r"\w+", seen.get_text())


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
        return _page(page, answer.body)
    path = Path(page).expanduser()
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", mend="Give the page's address, or a file saved from the browser.")
    if path.stat().st_size > LARGEST:
        raise _no_page(page)
    return _page(page, path.read_bytes())


def _page(page: str, body: bytes) -> bytes:
    """Return a page as HTML: plain text becomes paragraphs, and what is neither is refused."""
    utf16 = body[:2] in (b"\xff\xfe", b"\xfe\xff")
    start = body[:65536]
    if not utf16 and (start.startswith((b"%PDF", b"{\\rtf")) or re.search(rb"[\0-\x08\x0e-\x1a]", start)):
        raise _no_page(page)
    text = body.decode("utf-16" if utf16 else "utf-8", "replace")
    if re.search(r"<(?:rss|feed|wp:)\b", text[:2000]):
        raise _no_page(page)
    if re.search(r"<(?:html|body|main|article|section|div|p|h[1-6]|table|ul|ol)\b", text, re.IGNORECASE):
        return text.encode() if utf16 else body
    paragraphs = (html.escape(part.strip()) for part in re.split(r"\n\s*\n", text))
    return "".join(f"<p>{part}</p>\n" for part in paragraphs if part).encode()


def _no_page(page: str) -> UsageError:
    return UsageError(
        f"{page} is no web page: neither HTML nor plain text.",
        code="no-page",
        unchanged="Nothing was changed.",
        mend="Save the portfolio from your browser (Save page as, HTML only), and adopt that file.",
    )


def _document(page: str, title: str, taken: str) -> str:
    digest = hashlib.sha256(taken.encode()).hexdigest()
    return (
        f'<!doctype html>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f"<!-- Taken over from {html.escape(page)} on {now():%Y-%m-%d}, word for word; sha256 {digest} -->\n{taken}\n"
    )
