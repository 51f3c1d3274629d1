"""The owner's own posts that carry a CPD tag, as offers for the CPD record: the post is the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archive.entry import Entry
from bridge import copies_of, cpd
from bridge.building import Desk
from bridge.cpd_offers import Offer
from bridge.portfolio import mapping
from bridge.portfolio.cpd.record import TYPES, Activity
from bridge.session import Session, now


def offers(session: Session) -> tuple[Offer, ...]:
    """
    Return an offer for each live post of the owner's with one of ``portfolio.cpd_tags``; of copies, for the original.

    ``cpd-reading`` gives the type, tags of the framework the criteria. The line is private, whoever reads the post.
    """
    archive = session.existing_archive()
    copies = copies_of.originals(archive.entries)
    allowed, found = cpd.Allowed(Desk(session)), []
    for stored in archive.entries():
        entry = stored.entry
        type_ = type_of(entry.tags, session.config.portfolio.cpd_tags)
        moment = entry.published or entry.updated
        if type_ is None or moment is None or stored.id in copies or not _counts(entry):
            continue
        activity = Activity(
            id="",
            on=moment.astimezone(session.config.zone).date(),
            title=" ".join(entry.title.split()) or "Untitled post",
            type=type_,
            criteria=allowed.of_tags(entry.tags),
            evidence=(stored.id,),
            seen=(stored.id,),
        )
        found.append(Offer(activity, stored.id))
    return tuple(found)


def _counts(entry: Entry) -> bool:
    """Say whether something is the owner's own, and out: neither in a bin nor of a day to come."""
    there = entry.status != "trash" and (entry.published is None or entry.published <= now())
    return there and entry.author == "own" and not mapping.never(entry) and entry.kind not in mapping.CONTAINERS


def type_of(tags: Iterable[str], cpd_tags: Iterable[str]) -> str | None:
    """Return the type that CPD tags give, ``""`` where they give none; None where there is no such tag."""
    wanted = {_plain(tag) for tag in cpd_tags}
    found: str | None = None
    for tag in map(_plain, tags):
        stem, _, last = tag.rpartition("-")
        if tag in wanted or (stem in wanted and last in TYPES):
            found = last if stem and last in TYPES else found or ""
    return found


def _plain(tag: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", tag.casefold()).strip("-")
