"""
Writes a WordPress export (WXR 1.2), as Tools > Export does, one item at a time. Values in, bytes out.

The one difference is on purpose: the channel has no ``pubDate``. Only an export with a date proves what a site does not
have any more, and what an archive holds of a site proves nothing of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, BinaryIO, TypeAlias

from lxml import etree

VERSION = "1.2"
NAMESPACES = {
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "wp": "http://wordpress.org/export/1.2/",
}
NO_TIME = "0000-00-00 00:00:00"

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Xml: TypeAlias = Any  # lxml's incremental writer has no public type


@dataclass(frozen=True)
class Author:
    """Somebody who writes: no e-mail, which is never held."""

    number: int
    login: str
    name: str


@dataclass(frozen=True)
class Term:
    """A category, tag or other term. ``slug`` and ``parent`` (a slug, too) as WordPress spells them in addresses."""

    number: int
    taxonomy: str
    slug: str
    name: str
    parent: str = ""
    description: str = ""


@dataclass(frozen=True)
class Channel:
    """The site that the export is of. Terms come parents first."""

    title: str
    url: str
    description: str = ""
    language: str = ""
    authors: tuple[Author, ...] = ()
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Times:
    """``YYYY-MM-DD HH:MM:SS``, or ``NO_TIME``; ``date`` and ``modified`` are local times of the site."""

    date: str = NO_TIME
    date_gmt: str = NO_TIME
    modified: str = NO_TIME
    modified_gmt: str = NO_TIME

    def a_second_later(self) -> Times:
        """Return the times with another local one (none after the last); in UTC, which orders all, nothing moves."""
        try:
            return replace(self, date=(datetime.fromisoformat(self.date) + timedelta(seconds=1)).isoformat(" "))
        except OverflowError:
            return replace(self, date=NO_TIME)


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment or pingback; ``approved`` is WordPress's word: ``1``, ``0``, ``trash``, ``post-trashed``."""

    number: int
    author: str
    author_url: str = ""
    times: Times = Times()
    content: str = ""
    approved: str = "1"
    type: str = "comment"
    parent: int = 0
    user: int = 0


@dataclass(frozen=True, kw_only=True)
class Item:
    """
    A post, page, file or thing of another type, with WordPress's own words.

    ``comments_open`` and ``pings_open`` are ``open``, ``closed``, or ``""`` for what is usual on the new site.
    """

    number: int
    type: str
    title: str = ""
    link: str = ""
    guid: str = ""
    creator: str = ""
    published: datetime | None = None
    content: str = ""
    excerpt: str = ""
    times: Times = Times()
    comments_open: str = ""
    pings_open: str = ""
    slug: str = ""
    status: str = "publish"
    parent: int = 0
    menu_order: int = 0
    sticky: bool = False
    attachment_url: str = ""
    terms: tuple[Term, ...] = ()
    meta: tuple[tuple[str, str], ...] = ()
    comments: tuple[Comment, ...] = ()


@dataclass
class Written:
    """What went into the file. ``repaired`` items had characters that XML cannot hold; they were left out."""

    items: int = 0
    comments: int = 0
    repaired: int = 0


def write(out: BinaryIO, channel: Channel, items: Iterable[Item]) -> Written:
    """Write an export; items are taken one at a time."""
    written = Written()
    with etree.xmlfile(out, encoding="UTF-8") as xml:
        xml.write_declaration()
        paper = _Paper(xml)
        with xml.element("rss", {"version": "2.0"}, nsmap=NAMESPACES), paper.element("channel"):
            _head(paper, channel)
            for item in items:
                paper.repaired = False
                with paper.element("item"):
                    _item(paper, item)
                written.items += 1
                written.comments += len(item.comments)
                written.repaired += paper.repaired
    return written


def well_formed(text: str) -> str:
    """Return the text without characters that XML cannot hold."""
    return _NOT_IN_XML.sub("", text)


class _Paper:
    """The file as it is written: short names for elements, and a note when a character had to go."""

    def __init__(self, xml: Xml) -> None:
        self.repaired = False
        self._xml = xml

    @contextmanager
    def element(self, name: str, attributes: dict[str, str] | None = None) -> Iterator[None]:
        given = {key: self._clean(value) for key, value in (attributes or {}).items()}
        with self._xml.element(_tag(name), given):
            yield
        self._xml.write("\n")

    def text(self, name: str, value: str | int, attributes: dict[str, str] | None = None) -> None:
        with self.element(name, attributes):
            self._xml.write(self._clean(str(value)))

    def data(self, name: str, value: str, attributes: dict[str, str] | None = None) -> None:
        """Write a text as CDATA: WordPress's simplest reader expects it so."""
        cleaned = self._clean(value)
        body = cleaned.rstrip("]")  # lxml 6.1 reads past the end of a CDATA that ends in one bracket
        with self.element(name, attributes):
            self._xml.write(etree.CDATA(body))
            self._xml.write(cleaned[len(body) :])

    def _clean(self, value: str) -> str:
        cleaned = well_formed(value)
        self.repaired = self.repaired or cleaned != value
        return cleaned


def _tag(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local


def _head(paper: _Paper, channel: Channel) -> None:
    for name, value in (
        ("title", channel.title),
        ("link", channel.url),
        ("description", channel.description),
        ("language", channel.language),
        ("wp:wxr_version", VERSION),
        ("wp:base_site_url", channel.url),
        ("wp:base_blog_url", channel.url),
    ):
        paper.text(name, value)
    for author in channel.authors:
        _author(paper, author)
    for term in channel.terms:
        _term(paper, term)
    paper.text("generator", "https://wordpress.org/?v=6.1")  # readers look here for the dialect, not for the program


def _author(paper: _Paper, author: Author) -> None:
    with paper.element("wp:author"):
        paper.text("wp:author_id", author.number)
        paper.data("wp:author_login", author.login)
        paper.data("wp:author_email", "")
        paper.data("wp:author_display_name", author.name)
        paper.data("wp:author_first_name", "")
        paper.data("wp:author_last_name", "")


def _term(paper: _Paper, term: Term) -> None:
    """Categories and tags have elements of their own, with names of their own."""
    if term.taxonomy == "category":
        element, names = "wp:category", ("wp:category_nicename", "wp:category_parent", "wp:cat_name")
        description = "wp:category_description"
    elif term.taxonomy == "post_tag":
        element, names, description = "wp:tag", ("wp:tag_slug", "", "wp:tag_name"), "wp:tag_description"
    else:
        element, names = "wp:term", ("wp:term_slug", "wp:term_parent", "wp:term_name")
        description = "wp:term_description"
    with paper.element(element):
        paper.text("wp:term_id", term.number)
        if element == "wp:term":
            paper.data("wp:term_taxonomy", term.taxonomy)
        for name, value in zip(names, (term.slug, term.parent, term.name), strict=True):
            if name:
                paper.data(name, value)
        if term.description:
            paper.data(description, term.description)


def _item(paper: _Paper, item: Item) -> None:
    paper.data("title", item.title)
    paper.text("link", item.link)
    paper.text("pubDate", format_datetime(item.published.astimezone(UTC)) if item.published else "")
    paper.data("dc:creator", item.creator)
    paper.text("guid", item.guid, {"isPermaLink": "false"})
    paper.text("description", "")
    paper.data("content:encoded", item.content)
    paper.data("excerpt:encoded", item.excerpt)
    paper.text("wp:post_id", item.number)
    for name, value in (
        ("wp:post_date", item.times.date),
        ("wp:post_date_gmt", item.times.date_gmt),
        ("wp:post_modified", item.times.modified),
        ("wp:post_modified_gmt", item.times.modified_gmt),
        ("wp:comment_status", item.comments_open),
        ("wp:ping_status", item.pings_open),
        ("wp:post_name", item.slug),
        ("wp:status", item.status),
    ):
        paper.data(name, value)
    paper.text("wp:post_parent", item.parent)
    paper.text("wp:menu_order", item.menu_order)
    paper.data("wp:post_type", item.type)
    paper.data("wp:post_password", "")
    paper.text("wp:is_sticky", int(item.sticky))
    if item.attachment_url:
        paper.data("wp:attachment_url", item.attachment_url)
    for term in item.terms:
        paper.data("category", term.name, {"domain": term.taxonomy, "nicename": term.slug})
    for key, text in item.meta:
        with paper.element("wp:postmeta"):
            paper.data("wp:meta_key", key)
            paper.data("wp:meta_value", text)
    for comment in item.comments:
        _comment(paper, comment)


def _comment(paper: _Paper, comment: Comment) -> None:
    with paper.element("wp:comment"):
        paper.text("wp:comment_id", comment.number)
        paper.data("wp:comment_author", comment.author)
        paper.data("wp:comment_author_email", "")
        paper.text("wp:comment_author_url", comment.author_url)
        paper.data("wp:comment_author_IP", "")
        paper.data("wp:comment_date", comment.times.date)
        paper.data("wp:comment_date_gmt", comment.times.date_gmt)
        paper.data("wp:comment_content", comment.content)
        paper.data("wp:comment_approved", comment.approved)
        paper.data("wp:comment_type", comment.type)
        paper.text("wp:comment_parent", comment.parent)
        paper.text("wp:comment_user_id", comment.user)
