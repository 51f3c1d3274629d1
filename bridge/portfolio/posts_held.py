"""The posts that the owner held, as a short list below the contextual statement: title, place, dates. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

from markupsafe import Markup

from archive.entry import Visibility
from bridge.portfolio.cpd import counting
from bridge.portfolio.editions import Edition
from bridge.portfolio.making import Make
from bridge.portfolio.model import PagePart, PageSection

PART = "posts-held"


Window = tuple[date | None, date | None]


class Post(counting.Post, Protocol):
    """A post as ``config.Role`` has it, with who may see it. ``end`` is None while it is held."""

    @property
    def visibility(self) -> str: ...


def make(posts: Sequence[Post], window: Window) -> Make:
    """
    Return what puts the posts of a time, both ends included, below a section's own text.

    What the section says of posts already, in the words of an earlier release, gives way: their owner may have closed
    one of them since.
    """

    def made(section: PageSection, edition: Edition) -> tuple[PageSection, ...]:
        today = edition.as_of.astimezone(edition.zone).date()
        shown = [
            post
            for post in within(posts, window)
            if post.start <= today and Visibility(post.visibility).openness >= edition.edition.openness
        ]
        own = [part for part in section.parts if part.id != PART]
        listed = [PagePart(PART, "Posts held", _list(in_order(shown, today)))] if shown else []
        return (replace(section, parts=tuple(sorted([*own, *listed], key=lambda part: part.id == "evidence"))),)

    return made


def within(posts: Iterable[Post], window: Window) -> Iterator[Post]:
    """Yield the posts that were held on a day of the window at least."""
    first, last = window
    for post in posts:
        if (last is None or post.start <= last) and (first is None or post.end is None or post.end >= first):
            yield post


def in_order(posts: Iterable[Post], today: date) -> list[Post]:
    """Return posts with those of today first, and the newest first of these and of the others."""
    newest = sorted(posts, key=lambda post: post.start, reverse=True)
    return sorted(newest, key=lambda post: post.end is not None and post.end < today)


def dates(post: Post) -> str:
    """Return when it was held: ``since September 2021``, ``March to May 2020``, ``May 2019 to July 2021``."""
    begun = f"{post.start:%B %Y}"
    if post.end is None:
        return f"since {begun}"
    if f"{post.end:%B %Y}" == begun:
        return begun
    return f"{post.start:%B}{'' if post.start.year == post.end.year else f' {post.start.year}'} to {post.end:%B %Y}"


def _list(posts: Iterable[Post]) -> str:
    said = (", ".join(part for part in (post.title, post.place, dates(post)) if part) for post in posts)
    return str(Markup("<ul>\n{}\n</ul>").format(Markup("\n").join(Markup("<li>{}</li>").format(one) for one in said)))
