"""
What an edition may show of the archive: the one place that decides it, for evidence, pictures and links alike.

An item appears only in editions at or below its own visibility.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from urllib.parse import urlsplit

from archive.entry import Digest, Entry, MediaFile, Visibility
from bridge.addresses import of_file, on_the_web
from bridge.portfolio import badge_pages, licences, within, wording
from bridge.portfolio.certificates import is_certificate
from bridge.portfolio.mapping import NEVER_EVIDENCE, never
from bridge.portfolio.marks import Marks, effective
from bridge.portfolio.model import Entries, Evidence, Held, KeptText, LeftOut, Shown
from bridge.portfolio.narrative import Cited
from bridge.portfolio.ownwords import own_files, own_words
from bridge.render import markdown, sanitise

_BEHIND_A_LOGIN = ("mahara:", "moodle:", "blackboard:")
"""Systems, by their keys, that show nothing to strangers."""


@dataclass
class Edition:
    """
    What one edition may show of the archive, and what was taken from it and left out so far.

    ``pictures`` are those shown inside texts, ``kept`` the texts that the page brings along.
    """

    entries: Entries
    marks: Marks
    edition: Visibility
    as_of: datetime
    zone: tzinfo
    own_hosts: frozenset[str]
    language: str
    left_out: list[LeftOut] = field(default_factory=list)
    pictures: dict[str, Shown] = field(default_factory=dict)
    kept: dict[str, KeptText] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_url: dict[str, list[tuple[Held, MediaFile]]] = {}
        self._places: dict[str, list[Held]] = {}
        self._certificates: set[Digest] = set()
        self._closed_files = within.closed_files(self.entries, self.marks, self.edition)
        self.badges = badge_pages.answers(held.entry for held in self.entries.values())
        for held in self.entries.values():
            if held.entry.url and held.entry.kind not in NEVER_EVIDENCE:
                self._places.setdefault(_place(held.entry.url), []).append(held)
            for file in held.entry.files:
                if file.sha256 and file.url:
                    self._by_url.setdefault(of_file(file.url), []).append((held, file))
                if file.sha256 and is_certificate(held.entry, file):
                    self._certificates.add(file.sha256)

    def visibility(self, held: Held, narrowed: Visibility | None = None) -> Visibility:
        """Return who may see an item; a section may narrow that, never widen it."""
        return min(effective(held, self.marks), narrowed or Visibility.PUBLIC, key=lambda v: v.openness)

    def may_show(self, held: Held, narrowed: Visibility | None = None) -> bool:
        return self.visibility(held, narrowed).openness >= self.edition.openness

    def why_not(self, entry_id: str, narrowed: Visibility | None) -> str:
        """Say why an entry is not on the page; "" when it is."""
        held = self.entries.get(entry_id)
        if held is None:
            return "it is not in the archive"
        entry = held.entry
        if held.deleted:
            return "it was deleted at its source (your archive still has it)"
        if entry.status == "trash":
            return "it lies in the bin of its site"
        if why := never(entry):
            return why
        if entry.published is not None and entry.published > self.as_of:
            return f"it appears only on {wording.day(entry.published, self.zone)}"
        if not self.may_show(held, narrowed):
            return "it is private" if self.edition is Visibility.PUBLIC else "you have not opened it to assessors"
        why = self.shows_closed(held)
        return f"it {why}" if why else ""

    def shows_closed(self, held: Held) -> str:
        """Say which entry closed by name stands in another's text, and keeps it back; "" where none does."""
        inner = within.closed(held, self.entries, self.marks, self.edition)
        return f"shows “{inner.entry.title}”, which you marked {self.marks[inner.id].value}" if inner else ""

    def is_certificate(self, file: MediaFile) -> bool:
        """Say whether a file is a certificate, here or wherever else the archive holds the same bytes."""
        return file.sha256 in self._certificates

    def files(self, held: Held) -> list[MediaFile]:
        """Return the files that go along with an entry: its own, but for those that their owner closed by name."""
        return [file for file in own_files(held.entry) if file.sha256 not in self._closed_files]

    def picture(self, address: str) -> str | None:
        """Return the address of a picture in a text if this edition may show it, and note it down; "" if it may not."""
        candidates = list(self._candidates(address))
        for held, file in candidates:
            own = held.entry.author != "others" and not held.deleted and held.entry.status != "trash"
            open_ = self.may_show(held) and file.sha256 not in self._closed_files
            if own and open_ and wording.is_image(file):
                self.pictures[address] = _shown(held, file, self)
                return address
        if not candidates:
            return None
        held = candidates[0][0]
        why = self.why_not(held.id, None) or "it is no picture that can be shown"
        self._leave_out(LeftOut(held.id, why, title=held.entry.title))
        return ""

    def _leave_out(self, what: LeftOut) -> None:
        if what not in self.left_out:  # a picture may stand in several texts
            self.left_out.append(what)

    def link(self, address: str) -> str | None:
        """
        Return where a link in a text leads: an entry's id becomes its public address, a private one's goes.

        But in the owner's own draft no link leads to the original of a certificate.
        """
        if not address.startswith("urn:"):
            return address if self._may_name(address) else None
        held = self.entries.get(address)
        if held is None or self.why_not(address, None) or self._is_original(held):
            return None
        return on_the_web(held.entry.url) or None if held.entry.visibility is Visibility.PUBLIC else None

    def web_link(self, address: str) -> str | None:
        """Do the same for a harvested text: its relative addresses lead nowhere from here."""
        return self.link(address) if address.startswith(("http://", "https://", "mailto:")) else None

    def _may_name(self, address: str) -> bool:
        """
        Say whether an address may stand on the page: not one of an item that this edition may not show.

        Nor, but in the owner's own draft, one that asks for a login: the owner's mark opens the item here, not there.
        """
        files = self._by_url.get(of_file(address), ())
        places = self._places.get(_place(address), ())
        drafted = self.edition is Visibility.PRIVATE
        if not drafted and any(self.is_certificate(file) for _, file in files):
            return False
        if any(map(self._is_original, places)):
            return False
        known = [*places, *(held for held, _ in files)]
        return not known or any(self.may_show(held) and (drafted or not _is_locked(held)) for held in known)

    def _is_original(self, held: Held) -> bool:
        """Say whether an entry is a certificate itself, whole; a badge's address is its issuer's word."""
        if self.edition is Visibility.PRIVATE or held.entry.kind not in wording.FILE_KINDS - {"badge"}:
            return False
        return any(map(self.is_certificate, held.entry.files))

    def _candidates(self, address: str) -> Iterable[tuple[Held, MediaFile]]:
        held = self.entries.get(address)
        if held is not None:
            return [(held, file) for file in held.entry.files if file.sha256]
        return self._by_url.get(of_file(address), ())

    def foreign(self, language: str) -> str:
        """Return a language that is not the page's, so that a screen reader changes its voice; else ""."""
        same = language.partition("-")[0].lower() == self.language.partition("-")[0].lower()
        return "" if same else language

    def is_ours(self, url: str) -> bool:
        return not self.own_hosts or (urlsplit(url).hostname or "") in self.own_hosts


def evidence(held: Held, citation: Cited, edition: Edition) -> Evidence:
    """Return how a piece of evidence stands on the page. That it may is the caller's to ask first (``why_not``)."""
    entry = held.entry
    public = entry.visibility is Visibility.PUBLIC
    files = edition.files(held)
    images = [file for file in files if wording.is_image(file)]
    kind, date = wording.described(entry), wording.day(entry.published, edition.zone)
    url, kept, brought, figures, attached = "", False, [], [], []
    if entry.kind in wording.FILE_KINDS:
        figures = images[:1]
        main = next((file for file in files if file not in figures), None)
        if main is not None and not figures:
            place = on_the_web(main.url) if public and not edition.is_certificate(main) else ""
            url = place if place and edition.is_ours(place) else ""
            brought = [] if url else [main]
        url = url or badge_pages.address(entry, edition.badges.get(entry.keys[0]))
    else:
        figures = images[:1] if citation.caption else []
        url = on_the_web(entry.url) if public else ""
        if not url:
            brought = [file for file in files if file not in images]
            kept = _keep(held, kind, date, edition)
            attached = [image for image in _beside(entry, images) if image not in figures]
    return Evidence(
        entry_id=held.id,
        title=entry.title or f"Untitled {kind.lower()}",
        kind=kind,
        date=date,
        why=citation.why,
        url=url,
        kept=kept,
        files=tuple(_shown(held, file, edition) for file in brought),
        figures=(
            *(_shown(held, file, edition, citation.caption) for file in figures),
            *(_shown(held, file, edition, sanitise.text(file.caption) or file.name) for file in attached),
        ),
        visibility=edition.visibility(held, citation.visibility),
        language=edition.foreign(entry.language),
    )


def _beside(entry: Entry, images: list[MediaFile]) -> list[MediaFile]:
    """Return the pictures that are attached to a text and not shown in it."""
    if not images:
        return []
    shown = {of_file(address) for address in markdown.pictures_in(sanitise.prose(own_words(entry)))}
    return [image for image in images if of_file(image.url) not in shown]


def _keep(held: Held, kind: str, date: str, edition: Edition) -> bool:
    """Bring the text of an item along that no public address shows; False when it has no text."""
    if held.id in edition.kept:
        return True
    own = {of_file(file.url): file for file in edition.files(held) if wording.is_image(file)}

    def picture(address: str) -> str | None:
        if of_file(address) not in own:
            return edition.picture(address)
        edition.pictures[address] = _shown(held, own[of_file(address)], edition)
        return address

    safe = sanitise.prose(own_words(held.entry))
    html = markdown.under(safe, 3, pictures=picture, links=edition.web_link)
    if not sanitise.text(html):
        return False
    title = held.entry.title or f"Untitled {kind.lower()}"
    edition.kept[held.id] = KeptText(held.id, title, kind, date, html, edition.foreign(held.entry.language))
    return True


def _is_locked(held: Held) -> bool:
    """Say whether an item's address lets in nobody without a login, whatever its owner decides here."""
    return held.entry.keys[0].startswith(_BEHIND_A_LOGIN) and held.entry.visibility is not Visibility.PUBLIC


def _place(address: str) -> str:
    """Return an address as it is compared: without the place on the page that it leads to."""
    return address.partition("#")[0].rstrip("/")


def _shown(held: Held, file: MediaFile, edition: Edition, caption: str = "") -> Shown:
    entry: Entry = held.entry
    certificate = edition.is_certificate(file)
    return Shown(
        entry_id=held.id,
        sha256=file.sha256,
        name=file.name,
        media_type=file.media_type,
        url="" if certificate or _is_locked(held) else file.url,
        alt=file.alt,
        caption=caption or sanitise.text(file.caption) or (entry.title if entry.kind in wording.FILE_KINDS else ""),
        credit=sanitise.text(file.credit),
        licence=licences.named(sanitise.text(file.licence)).name,
        certificate=certificate,
    )
