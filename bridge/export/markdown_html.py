"""Harvested HTML, without anything that runs: what Markdown and other systems are given."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import nh3
from bs4 import BeautifulSoup, Tag

from bridge.render import sanitise

BLOCKS = {
    "address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
    "ul",
}  # fmt: skip
TABLES = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
_INLINE = {"a", "b", "br", "code", "del", "em", "i", "img", "kbd", "q", "s", "samp", "strong", "sub", "sup"}
_EMBEDS = {"audio", "embed", "iframe", "object", "video", "source"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "audio": {"src"},
    "code": {"class"},
    "embed": {"src"},
    "iframe": {"src", "title"},
    "img": {"src", "alt", "title"},
    "object": {"data"},
    "ol": {"start"},
    "pre": {"class"},
    "source": {"src"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "video": {"src"},
}
_NO_WORDS_OF_A_READER = {"script", "style", "template", "noscript"}
_CAPTION = re.compile(
    r"\[caption\b[^\]]*\]\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.{0,4000}?)\[/caption\](?:\s*<br ?/?>)?",
    re.DOTALL,
)
"""How WordPress writes a figure in a post that was never in its block editor, and in every export."""
_EMBED = re.compile(r"\[embed\b[^\]]{0,200}\](.{0,2000}?)\[/embed\]")
_BARE = re.compile(r"\s*(https?://[^\s<>\"]+)\s*")
"""An address that is all the words there are: how the block editor writes a video or a post of elsewhere."""


def safe_soup(html: str) -> BeautifulSoup:
    """Return HTML without anything that runs: words, lists, tables, pictures; links where frames and players were."""
    safe = nh3.clean(
        _EMBED.sub(r"\1", _CAPTION.sub(r"<figure>\1<figcaption>\2</figcaption></figure>", sanitise.encodable(html))),
        tags=BLOCKS | TABLES | _INLINE | _EMBEDS,
        clean_content_tags=_NO_WORDS_OF_A_READER,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "data", "keepfolio"},  # the last: uploads of our own pages
        link_rel=None,
    )
    soup = BeautifulSoup(safe, "html.parser")
    for embed in soup.find_all(list(_EMBEDS - {"source"})):
        _as_link(soup, embed)
    for text in soup.find_all(string=lambda text: _BARE.fullmatch(text or "") is not None):
        if text.find_parent(["a", "pre", "code"]) is None:
            link = soup.new_tag("a", href=text.strip())
            link.string = text.strip()
            text.replace_with(link)
    return soup


def _as_link(soup: BeautifulSoup, embed: Tag) -> None:
    """Put a link where a frame or player was; what stands inside it for those who cannot see it stays."""
    inner = embed.find("source")
    address = next((str(v) for v in (embed.get("src"), embed.get("data")) if v), "")
    address = address or (str(inner.get("src") or "") if isinstance(inner, Tag) else "")
    for source in embed.find_all("source"):
        source.unwrap()
    if address and not embed.find("a"):
        link = soup.new_tag("a", href=address)
        host = urlsplit(address).hostname if "://" in address else ""
        link.string = str(embed.get("title") or "") or f"{embed.name.replace('iframe', 'embedded')}: {host or address}"
        embed.insert_before(link)
        embed.insert_before(" ")
    embed.name, embed.attrs = "span", {}
