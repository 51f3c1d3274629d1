"""The qualifications on the page: entries of that type, with what shows them: a link, a certificate, a badge. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from bridge.portfolio import wording
from bridge.portfolio.cpd import choosing, page, traces
from bridge.portfolio.cpd.record import Activity
from bridge.portfolio.editions import Edition
from bridge.portfolio.making import MakePanel
from bridge.portfolio.model import Held, PageSection, Panel

TYPE = "qualification"
PANEL = "qualifications"


def make(activities: Sequence[Activity]) -> MakePanel:
    """Return what makes the heading: the newest first; None where an edition may show none."""

    def made(_sections: Sequence[PageSection], edition: Edition) -> Panel | None:
        own = [one for one in choosing.done(activities) if one.type.casefold().rstrip("s") == TYPE]
        shown = [one for one in reversed(choosing.in_order(own)) if traces.may_show(one, edition)]
        if not shown:
            return None
        return Panel(PANEL, "Qualifications", str(Markup("\n").join(_Item(one, edition).html() for one in shown)))

    return made


@dataclass
class _Item:
    activity: Activity
    edition: Edition

    def html(self) -> Markup:
        one = self.activity
        pictures = [picture for name in one.evidence if (picture := self._picture(name)) is not None]
        rest = tuple(name for name in one.evidence if not _is_picture(self.edition.entries.get(name)))
        links = traces.Traces(self.edition, PANEL).of(replace(one, evidence=rest))
        given = ", ".join(part for part in (one.provider, page.days(one)) if part)
        said = Markup("<h3>{}</h3>\n<p>{}</p>").format(one.title, Markup("<br>").join([given, *links]))
        return Markup("\n").join([said, *pictures])

    def _picture(self, name: str) -> Markup | None:
        """Return a certificate, small, or the picture of a badge, if this edition may show it."""
        held = self.edition.entries.get(name)
        if held is None or not _is_picture(held) or not self.edition.picture(name):
            return None
        entry, shown = held.entry, self.edition.pictures[name]
        alt = shown.alt or f"{wording.kind(entry)}: {entry.title or self.activity.title}"
        small = shown.certificate or entry.kind != "badge"
        self.edition.pictures[name] = replace(shown, alt=alt, certificate=small, url="" if small else shown.url)
        return Markup('<p><img src="{}" alt="{}" title="{}"></p>').format(name, alt, shown.caption)


def _is_picture(held: Held | None) -> bool:
    return held is not None and held.entry.kind in wording.FILE_KINDS and any(map(wording.is_image, held.entry.files))
