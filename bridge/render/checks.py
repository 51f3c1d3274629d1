"""
What a browser's own checker passes and a person notices: checks of a finished page.

axe finds most of what WCAG asks for, and passed a picture called ``image1.png``, a link called "click here", a table
without headings, an anchor that leads nowhere and an id that stands twice. These checks find such things. They read a
page (or a fragment of one) as text; what only a browser can tell (reflow, contrast) is not asked here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

LONGEST_ALT = 250  # characters: what a screen reader says in one breath
LONGEST_ITALICS = 25  # words: a title or an emphasis is shorter
LONGEST_CAPITALS = 6  # words
SAYS_NOTHING = frozenset(
    [
        *("click here", "click", "here", "see here", "link", "this", "this link", "this page"),
        *("read more", "more", "more info", "details", "page", "website", "download"),
    ]
)
DOCUMENTS = frozenset(
    [
        *("pdf", "doc", "docx", "odt", "rtf", "txt", "md", "csv", "ppt", "pptx", "odp"),
        *("xls", "xlsx", "ods", "epub", "zip", "ics", "bib"),
    ]
)
"""Endings of what opens elsewhere than in the page: its link says so, and how large it is."""

_HEADINGS = re.compile("^h[1-6]$")
_FILE_NAME = re.compile(r"^\S+\.(?:png|jpe?g|gif|webp|svg|avif|heic|tiff?|bmp)$", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"^(?:https?://|www\.)\S+$", re.IGNORECASE)
_SIZE = re.compile(r"\d\s?(?:bytes?|[kMG]i?B)\b", re.IGNORECASE)
_LANGUAGE = re.compile(r"^[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$")
_CONTENT = ["img", "svg", "table", "video", "audio", "iframe", "object", "math", "hr", "input"]


@dataclass(frozen=True)
class Fault:
    """One thing to mend. ``where`` names the heading above it and how it begins."""

    code: str
    message: str
    where: str


def check(html: str, *, base: Path | None = None) -> Iterator[Fault]:
    """
    Yield what is wrong with a page.

    Args:
        html: A whole document, or a fragment; a fragment is not asked for its language.

        base: The folder that the page lies in: files that it names must be there.
    """
    page = BeautifulSoup(html, "lxml" if re.search(r"<html\b", html, re.IGNORECASE) else "html.parser")
    for look in (_language, _ids, _headings, _pictures, _tables, _links, _recordings, _letters):
        yield from look(page)
    if base is not None:
        yield from _files(page, base)


def figures_per_1000_words(html: str) -> float:
    """Return how many pictures and drawings a page has for 1,000 words; real portfolios have 1 to 2."""
    page = BeautifulSoup(html, "html.parser")
    for outside in page(["nav", "style", "script", "head"]):
        outside.decompose()
    figures = len(page.find_all(["img", "svg", "video"]))
    for drawing in page.find_all("svg"):
        drawing.decompose()
    words = len(page.get_text(" ").split())
    return 1000 * figures / words if words else 0.0


def _language(page: BeautifulSoup) -> Iterator[Fault]:
    root = page.find("html")
    if isinstance(root, Tag) and not root.get("lang"):
        yield Fault("lang-missing", "The page does not say which language it is in", "<html>")
    for tag in page.find_all(lang=True):
        if not _LANGUAGE.match(_value(tag, "lang")):
            yield Fault("lang-invalid", f"“{_value(tag, 'lang')}” is no language tag", _where(tag))


def _ids(page: BeautifulSoup) -> Iterator[Fault]:
    counted = Counter(_value(tag, "id") for tag in page.find_all(id=True))
    yield from (
        Fault("id-twice", f"{times} things are called “{name}”", f"#{name}")
        for name, times in counted.items()
        if times > 1
    )


def _headings(page: BeautifulSoup) -> Iterator[Fault]:
    headings = page.find_all(_HEADINGS)
    above = 0
    for number, heading in enumerate(headings):
        level = int(heading.name[1])
        if above and level > above + 1:
            yield Fault("heading-skips", f"A heading of level {level} follows one of level {above}", _where(heading))
        above = level
        following = headings[number + 1] if number + 1 < len(headings) else None
        if not _words(heading) and not heading.find("img", alt=True):
            yield Fault("heading-empty", "A heading has no words", _where(heading))
        elif (following is None or int(following.name[1]) <= level) and not _has_content(heading, following):
            yield Fault("heading-without-content", f"Nothing stands under “{_words(heading)}”", _where(heading))
    if sum(heading.name == "h1" for heading in headings) > 1:
        yield Fault("h1-twice", "The page has more than one main heading", _where(page.find_all("h1")[1]))


def _has_content(heading: Tag, following: Tag | None) -> bool:
    """Say whether anything can be read or seen before the next heading; a way back to the contents is nothing."""
    for node in heading.next_elements:
        if node is following:
            return False
        if isinstance(node, Tag):
            if node.name in _CONTENT:
                return True
        elif type(node) is NavigableString and node.strip() and heading not in node.parents and not _is_furniture(node):
            return True
    return False


def _is_furniture(node: NavigableString) -> bool:
    return any(
        parent.name in {"footer", "nav", "script", "style"} or "kf-back" in parent.get_attribute_list("class")
        for parent in node.parents
    )


def _pictures(page: BeautifulSoup) -> Iterator[Fault]:
    for image in page.find_all("img"):
        alt = _value(image, "alt").strip()
        link = image.find_parent("a")
        speaks = image.find_parent("figure") is not None or (link is not None and not _words(link))
        if not image.has_attr("alt") or (not alt and speaks):
            yield Fault("alt-missing", "A picture has no description", _where(image))
        elif _FILE_NAME.match(alt) or alt == PurePosixPath(urlsplit(_value(image, "src")).path).stem != "":
            yield Fault("alt-file-name", f"A picture is described by the name of its file, “{alt}”", _where(image))
        elif len(alt) > LONGEST_ALT:
            message = f"A description has {len(alt)} characters; more than {LONGEST_ALT} belong in the text"
            yield Fault("alt-long", message, _where(image))
    for drawing in page.find_all("svg"):
        name = drawing.find("title", recursive=False)
        if not drawing.has_attr("aria-hidden") and not (name and _words(name)):
            yield Fault("alt-missing", "A drawing has no name", _where(drawing))


def _tables(page: BeautifulSoup) -> Iterator[Fault]:
    for found in page.find_all("table"):
        if _value(found, "role") in {"presentation", "none"}:
            continue
        heads = found.find_all("th")
        if not heads:
            yield Fault("table-without-headings", "A table has no headings for its rows or columns", _where(found))
        elif not all(head.get("scope") or head.get("id") for head in heads):
            yield Fault("table-without-scope", "A heading of a table does not say what it heads", _where(found))
        if not _has_caption(found):
            yield Fault("table-without-caption", "A table does not say what it shows", _where(found))


def _has_caption(table: Tag) -> bool:
    caption = table.find("caption")
    if caption is not None and _words(caption):
        return True
    outer = table.find_parent(attrs={"role": "region"}) or table.find_parent("figure")
    if any(tag is not None and (tag.get("aria-label") or tag.get("aria-labelledby")) for tag in (table, outer)):
        return True
    below = outer.find("figcaption") if outer is not None else None
    return below is not None and bool(_words(below))


def _links(page: BeautifulSoup) -> Iterator[Fault]:
    ids = {_value(tag, "id") for tag in page.find_all(id=True)} | {
        _value(tag, "name") for tag in page.find_all("a", attrs={"name": True})
    }
    for link in page.find_all("a"):
        address = _value(link, "href").strip()
        fault = partial(Fault, where=_where(link))
        words = _said(link)
        if not address or address == "#":
            if not link.has_attr("name") and not link.has_attr("id"):
                yield fault("link-leads-nowhere", f"The link “{words}” has no address")
            continue
        if address.startswith("#") and unquote(address[1:]) not in ids:
            yield fault("anchor-dead", f"The link “{words}” leads to “{address}”, which is not on the page")
        if not words or words.lower().strip(" .…»›>") in SAYS_NOTHING:
            yield fault("link-says-nothing", f"The link “{words}” does not say where it leads")
        elif _BARE_ADDRESS.match(words):
            yield fault("link-is-address", f"A link is called by its bare address, {words}")
        yield from _file_link(link, address, words)


def _file_link(link: Tag, address: str, words: str) -> Iterator[Fault]:
    """A file that lies elsewhere may have any size; its format can be told."""
    parts = urlsplit(address)
    ending = PurePosixPath(parts.path).suffix.lower().lstrip(".")
    if ending not in DOCUMENTS:
        return
    if not re.search(rf"\b{ending}\b", words, re.IGNORECASE):
        yield Fault("file-format", f"The link “{words}” does not say that it leads to a {ending.upper()}", _where(link))
    if not parts.netloc and not _SIZE.search(words):
        yield Fault("file-size", f"The link “{words}” does not say how large the file is", _where(link))


def _recordings(page: BeautifulSoup) -> Iterator[Fault]:
    for recording in page.find_all(["video", "audio"]):
        captions = recording.find("track", kind=re.compile("^(captions|subtitles)$"))
        if recording.name == "video" and captions is None:
            yield Fault("video-without-captions", "A video has no captions", _where(recording))
        if recording.has_attr("autoplay"):
            yield Fault("autoplay", "A recording starts by itself", _where(recording))


def _letters(page: BeautifulSoup) -> Iterator[Fault]:
    for italic in page.find_all(["em", "i", "cite"]):
        words = len(_words(italic).split())
        if words > LONGEST_ITALICS:
            yield Fault(
                "italics", f"{words} words in a row are in italics, which many find hard to read", _where(italic)
            )
    for text in page.find_all(string=True):
        if type(text) is not NavigableString or text.find_parent(["pre", "code", "style", "script"]):
            continue
        for run in _CAPITALS.finditer(text):
            yield Fault(
                "capitals", f"{len(run[0].split())} words in a row are in capitals: “{run[0][:60]}”", _where(text)
            )


_SHOUTED = r"[^\W\d_a-zß-öø-ÿ]{2,}"
_CAPITALS = re.compile(rf"(?<![^\W\d_])(?:{_SHOUTED}[ \n,.;:!?'’-]+){{{LONGEST_CAPITALS - 1},}}{_SHOUTED}(?![^\W\d_])")


def _files(page: BeautifulSoup, base: Path) -> Iterator[Fault]:
    for tag in page.find_all(lambda tag: tag.has_attr("href") or tag.has_attr("src")):
        address = urlsplit(_value(tag, "src") or _value(tag, "href"))
        if address.scheme or address.netloc or not address.path:
            continue
        place = base / unquote(address.path).lstrip("/")
        place = place / "index.html" if place.is_dir() else place
        if not place.is_file():
            yield Fault("file-missing", f"{address.path} is not there", _where(tag))
        elif address.fragment and place.suffix == ".html":
            other = BeautifulSoup(place.read_text(encoding="utf-8"), "html.parser")
            if other.find(id=unquote(address.fragment)) is None:
                message = f"{address.path} has no place called “{address.fragment}”"
                yield Fault("anchor-dead", message, _where(tag))


def _value(tag: Tag, name: str) -> str:
    value = tag.get(name) or ""
    return " ".join(value) if isinstance(value, list) else value


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _said(link: Tag) -> str:
    """Return the words of a link as a screen reader says them."""
    alts = [_value(image, "alt") for image in link.find_all("img")]
    return _value(link, "aria-label") or " ".join(filter(None, [_words(link), *alts]))


def _where(node: Tag | NavigableString) -> str:
    heading = node if isinstance(node, Tag) and _HEADINGS.match(node.name) else node.find_previous(_HEADINGS)
    above = f"under “{_words(heading)}”" if isinstance(heading, Tag) and heading is not node else "at the top"
    return f"{above}: {' '.join(str(node).split())[:80]}"
