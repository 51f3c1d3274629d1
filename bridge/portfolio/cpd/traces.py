"""What of an entry of the CPD record an edition may show: its line, the people in it, and what it left behind."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from archive.entry import Visibility
from bridge.addresses import on_the_web
from bridge.portfolio import editions, people
from bridge.portfolio.cpd.record import Activity, With
from bridge.portfolio.editions import Edition
from bridge.portfolio.model import Evidence, LeftOut
from bridge.portfolio.naming import Names
from bridge.portfolio.narrative import Cited

CANDIDATE = "a candidate"
"""How a page calls whom the owner assessed."""

ASSESSING = "assessing"
_LONGEST = 48
_LINK = Markup('<a href="{}">{}</a>')


def may_show(activity: Activity, edition: Edition) -> bool:
    """
    Say whether the line may stand in an edition at all.

    A line that was taken from a post has its title: opened with many others, it must not tell what the post hides.
    """
    return activity.visibility.openness >= edition.edition.openness and not _names_what_is_closed(activity, edition)


def _names_what_is_closed(activity: Activity, edition: Edition) -> bool:
    """Say whether the title is that of an entry of the archive which the edition may not show."""
    if edition.edition is Visibility.PRIVATE:
        return False
    held = (edition.entries.get(name) for name in (*activity.seen, *activity.evidence))
    return any(one is not None and _same(one.entry.title, activity.title) and not edition.may_show(one) for one in held)


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def title(activity: Activity, edition: Edition) -> str:
    """Return the title; of an assessment without the names of those who were assessed."""
    return _unnamed(activity.title, activity, edition, otherwise="An assessment")


def provider(activity: Activity, edition: Edition) -> str:
    """Return who offered it, likewise."""
    return _unnamed(activity.provider, activity, edition, otherwise="")


def reflection(activity: Activity, edition: Edition) -> str:
    """Return what the owner makes of it, likewise."""
    return _unnamed(activity.reflection, activity, edition, otherwise="")


def _unnamed(text: str, activity: Activity, edition: Edition, otherwise: str) -> str:
    """Take the names out of a text; where one stands there in another form, nothing of the text is left."""
    if edition.edition is Visibility.PRIVATE or activity.type.casefold() != ASSESSING:
        return text
    names = sorted((one.name for one in activity.people if one.name.strip()), key=len, reverse=True)
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", CANDIDATE, text, flags=re.IGNORECASE)
    return otherwise if any(Names(tuple((name,) for name in names)).find(text)) else text


def company(activity: Activity, known: Collection[people.Person], edition: Edition) -> str:
    """Return with whom it was done (``with a colleague (co-presenter)``); by name only those who agreed."""
    drafted = edition.edition is Visibility.PRIVATE
    if not activity.people or (activity.type.casefold() == ASSESSING and not drafted):
        return ""
    said = [_somebody(one, one.name if drafted else people.page_name(one.name, known)) for one in activity.people]
    *others, last = dict.fromkeys(said)
    return f"with {', '.join(others)} and {last}" if others else f"with {last}"


def _somebody(one: With, name: str) -> str:
    return f"{name} ({one.role})" if one.role else name


@dataclass
class Traces:
    """
    What entries left behind, as an edition may show it.

    ``along`` is what the page must bring with it, for nothing public shows it: it belongs to the section's evidence.
    """

    edition: Edition
    section: str
    others: Mapping[str, Activity] = field(default_factory=dict)
    along: dict[str, Evidence] = field(default_factory=dict)

    def of(self, activity: Activity) -> list[Markup]:
        """Return its traces as links, or as titles where nobody may follow one."""
        return [shown for name in activity.evidence if (shown := self._one(name)) is not None]

    def _one(self, name: str) -> Markup | None:
        if name in self.others and not name.startswith("urn:"):
            return Markup("see “{}”").format(title(self.others[name], self.edition))
        if name.startswith(("http://", "https://")):
            address = self.edition.link(name) if on_the_web(name) else None
            return _LINK.format(address, label(address)) if address else None
        held = self.edition.entries.get(name)
        if held is None:
            return None
        if why := self.edition.why_not(name, None):
            left = LeftOut(name, why, self.section, held.entry.title)
            if left not in self.edition.left_out:
                self.edition.left_out.append(left)
            return None
        words = held.entry.title or "Untitled"
        if address := self.edition.link(name):
            return _LINK.format(address, words)
        self.along.setdefault(held.id, editions.evidence(held, Cited(held.id), self.edition))
        return Markup("{}").format(words)


def label(address: str) -> str:
    """Return an address as a link says where it leads: without what every address has, and not too long."""
    parts = urlsplit(address)
    said = unquote(f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}")
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
