"""Everything that lies there as one set of entries: each thing once, from the richest and newest that shows it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote
from zoneinfo import ZoneInfo

from archive.entry import Key, MediaFile
from archive.errors import UsageError
from connectors.contract import Failed, FileGone, Found, SourceUnavailable
from connectors.http_address import same_site
from connectors.moodle import (
    export_activities,
    export_attempts,
    export_badges,
    export_courses,
    export_leap2a,
    export_personal,
    export_rss,
    identity,
)
from connectors.moodle.export_find import DOWNLOAD_AGAIN, Lying
from connectors.moodle.export_leap2a import Leap
from connectors.moodle.export_making import Maker
from connectors.moodle.export_rss import Post
from connectors.moodle.export_times import Clock
from connectors.moodle.export_tree import Tree
from connectors.packs import Member, Pack


@dataclass(frozen=True)
class Wanted:
    """What the owner wrote in the configuration: site, user (name, number, e-mail address), zone. Each may be empty."""

    root: str
    user: str
    zone: tzinfo | None


@dataclass(frozen=True)
class Request:
    """One data request that is the owner's: where from and when it was made."""

    tree: Tree
    root: str
    made: datetime
    clock: Clock


@dataclass
class Reading:
    """
    The owner's things out of all that lies there.

    ``files`` are by address; ``aside`` names what is of other sites or people; ``left_out`` counts what may be other
    people's.
    """

    root: str = ""
    requests: list[Request] = field(default_factory=list)
    things: dict[Key, Found] = field(default_factory=dict)
    files: dict[str, tuple[Pack, str]] = field(default_factory=dict)
    failed: list[Failed] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    _by_key: dict[Key, Key] = field(default_factory=dict)

    @property
    def person(self) -> int:
        newest = self.requests[0].tree.person if self.requests else None
        return newest.number if newest else 0

    @property
    def unread(self) -> int:
        """How many things have a time that could not be read."""
        return sum("times" in one.entry.extra for one in self.things.values())

    def add(self, one: Found, *, completing: bool = True) -> None:
        """
        Take a thing; of one that is known already its keys, and where it is ``completing`` files of other names.

        An older request completes nothing: a file that it has and the newer one has not may have been taken away.
        """
        at = next((self._by_key[key] for key in one.entry.keys if key in self._by_key), one.entry.keys[0])
        known = self.things.get(at)
        self.things[at] = one if known is None else _joined(known, one, completing=completing)
        self._by_key |= dict.fromkeys(one.entry.keys, at)


def read(lying: Lying, wanted: Wanted) -> Reading:
    """
    Return the owner's things.

    Raises:
        UsageError: They are of several people or sites and none was chosen, or no site is named in them.

        SourceUnavailable: The only export is damaged.
    """
    reading = Reading(failed=[Failed(name, e.message, e.mend, transient=False) for name, e in lying.damaged])
    reading.requests = sorted(_requests(lying, wanted, reading), key=lambda one: one.made, reverse=True)
    _one_person(reading.requests)
    leaps, posts = _leaps(lying, wanted, reading), list(_posts(lying, wanted, reading))
    pictures = [one for pack in lying.badges for one in export_badges.pictures(pack)]
    roots = [
        *(one.root for one in reading.requests),
        *(one.root for one in leaps),
        *(one.root for _, one in posts),
        *(one.root for one in pictures),
    ]
    reading.root = next(filter(None, (wanted.root, *roots)), "")
    if not roots:
        raise UsageError(
            "What lies there is of another site or another person: " + ", ".join(reading.aside or ["nothing readable"]),
            code="no-export",
            mend="See url: and user: of this source in config.yaml.",
        )
    forums: dict[str, int] = {}
    for request in reading.requests:
        forums = {**_of_request(request, reading), **forums}
    for leap in leaps:
        _of_leap(leap, reading, forums)
    emails = tuple(mail for one in reading.requests for mail in Maker(one.tree, one.root, one.clock).emails)
    for picture in pictures:
        found = export_badges.found(picture, identity.site_key(reading.root), reading.person, emails)
        _offer(reading, found, {file.url: (picture.pack, picture.member.name) for file in found.entry.files})
    for _, post in posts:
        reading.add(export_rss.found(post, reading.person))
    return reading


def digest(packs: Iterable[Pack], wanted: Wanted) -> str:
    """Return what differs when any of it does, or what is wanted of it."""
    said = [wanted.root, wanted.user, str(wanted.zone), *sorted(pack.digest() for pack in packs)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


# --- data requests --------------------------------------------------------------------------------------------------


def _requests(lying: Lying, wanted: Wanted, reading: Reading) -> Iterator[Request]:
    for pack in lying.requests:
        tree = Tree(pack)
        try:
            profile = tree.profile
        except (SourceUnavailable, FileGone) as error:
            reading.failed.append(Failed(pack.name, error.message, error.mend or DOWNLOAD_AGAIN, transient=False))
            continue
        if profile is None:
            why = "It says of nobody, or of several people, whose it is."
            reading.failed.append(Failed(pack.name, why, DOWNLOAD_AGAIN, transient=False))
            continue
        root = _root(tree, wanted)
        if not root or not _is_wanted(tree, wanted):
            reading.aside.append(pack.name)
            continue
        clock = Clock(_zone(profile.value.get("timezone")) or wanted.zone)
        yield Request(tree, root, _made(tree, clock, lying.made.get(pack.name, 0.0)), clock)


def _root(tree: Tree, wanted: Wanted) -> str:
    """Return the site's address; ``""`` where the export is of another one than is wanted."""
    own = [root for root in tree.roots if same_site(wanted.root or root, root)]
    if wanted.root:
        return (own[0] if own else wanted.root) if own or not tree.roots else ""
    if len(tree.roots) != 1:
        raise UsageError(
            f"{tree.pack.name} does not say for certain which site it is of.",
            code="which-site",
            mend="Write the address of your Moodle as url: of this source in config.yaml.",
        )
    return own[0]


def _is_wanted(tree: Tree, wanted: Wanted) -> bool:
    given = tree.profile.value if tree.profile else {}
    names = {str(given.get("username")), str(given.get("email")), tree.name, str(tree.number or "")}
    return not wanted.user or wanted.user.casefold() in {name.casefold() for name in names}


def _one_person(requests: list[Request]) -> None:
    people = {
        (identity.site_key(one.root), str(one.tree.profile.value["username"])): one
        for one in requests
        if one.tree.profile
    }
    if len(people) > 1:
        there = ", ".join(f"{name} at {one.root} ({one.tree.pack.name})" for (_, name), one in people.items())
        raise UsageError(
            f"Exports of several people or sites lie there: {there}.",
            code="several-accounts",
            mend="Write yours as url: and user: of this source in config.yaml.",
        )


def _zone(name: object) -> tzinfo | None:
    """Return the zone that the owner chose in Moodle; ``99`` is the server's, which is not told."""
    try:
        return ZoneInfo(str(name)) if "/" in str(name) or name == "UTC" else None
    except (ValueError, OSError, KeyError):
        return None


def _made(tree: Tree, clock: Clock, saved: float) -> datetime:
    """Return when an export was asked for: the newest request that it names; else when the file was saved."""
    asked = [
        when
        for one in tree.documents
        if one.place == tree.person and isinstance(one.value, dict)
        for row in one.value.values()
        if isinstance(row, dict) and row.keys() >= {"creationmethod", "timecreated", "type"}
        if (when := clock.read(row["timecreated"])) is not None
    ]
    return max(asked, default=datetime.fromtimestamp(saved, UTC))


def _of_request(request: Request, reading: Reading) -> Mapping[str, int]:
    maker = Maker(request.tree, request.root, request.clock)
    for part in (export_personal, export_courses, export_attempts, export_activities):
        for found in part.read(maker):
            reading.add(found, completing=False)
    for one in request.tree.files:
        reading.files.setdefault(maker.addresses.url(one), (request.tree.pack, one.member))
    reading.failed += request.tree.failed
    for what, count in maker.left_out.items():
        reading.left_out[what] = max(count, reading.left_out.get(what, 0))
    return maker.forums


# --- the others -----------------------------------------------------------------------------------------------------


def _leaps(lying: Lying, wanted: Wanted, reading: Reading) -> list[Leap]:
    """Return the Leap2A zips of the owner: of the person of the data request, or the only one there."""
    found = []
    known = {(identity.site_key(one.root), one.tree.number or None) for one in reading.requests}
    for pack in lying.leap2a:
        leap = export_leap2a.open_leap(pack)
        if leap is None:
            lying.others.append(pack.name)
            continue
        mine = not wanted.root or same_site(wanted.root, leap.root)
        if mine and known:
            site = identity.site_key(leap.root)
            mine = (site, leap.number) in known or (
                (site, None) in known and leap.person == reading.requests[0].tree.name
            )
        elif mine and wanted.user:
            mine = wanted.user.casefold() in {str(leap.number), leap.person.casefold()}
        if mine:
            found.append(leap)
        else:
            reading.aside.append(pack.name)
    if not known and len({(leap.root, leap.number) for leap in found}) > 1:
        there = ", ".join(f"{leap.person}, number {leap.number} ({leap.pack.name})" for leap in found)
        raise UsageError(
            f"Exports of several people or sites lie there: {there}.",
            code="several-accounts",
            mend="Write yours as url: and user: (the number) of this source in config.yaml.",
        )
    return found


def _of_leap(leap: Leap, reading: Reading, forums: Mapping[str, int]) -> None:
    held = {(one.name, one.stamp) for request in reading.requests for one in request.tree.files}
    try:
        for one in export_leap2a.read(leap, reading.person):
            if isinstance(one, Failed):
                reading.failed.append(one)
                continue
            found, members = one
            entry = found.entry
            if entry.kind == "file" and {(file.name, file.stamp) for file in entry.files} <= held:
                continue  # a file of an attempt, which the data request has in its place
            if entry.kind == "forum-post" and (place := forums.get(entry.native_id)):
                found, members = _in_forum(found, members, f"{leap.root}/pluginfile.php/{place}/mod_forum/attachment")
            _offer(reading, found, {url: (leap.pack, member.name) for url, member in members.items()})
    except (SourceUnavailable, FileGone) as error:
        reading.failed.append(Failed(leap.pack.name, error.message, error.mend or DOWNLOAD_AGAIN, transient=False))


def _in_forum(found: Found, members: Mapping[str, Member], area: str) -> tuple[Found, dict[str, Member]]:
    """Return a post whose files have the addresses by which a token knows them."""
    entry = found.entry
    moved = {file.url: f"{area}/{entry.native_id}/{quote(file.name)}" for file in entry.files}
    files = tuple(replace(file, url=moved[file.url]) for file in entry.files)
    return replace(found, entry=replace(entry, files=files)), {moved[url]: one for url, one in members.items()}


def _posts(lying: Lying, wanted: Wanted, reading: Reading) -> Iterator[tuple[Pack, Post]]:
    """Yield the owner's entries of saved feeds. Who wrote one, only its first words tell."""
    read: list[tuple[Pack, Post]] = []
    for pack in lying.feeds:
        try:
            read += [(pack, post) for post in export_rss.posts(pack)]
        except (SourceUnavailable, FileGone) as error:
            reading.failed.append(Failed(pack.name, error.message, error.mend or DOWNLOAD_AGAIN, transient=False))
    names = {post.name for _, post in read}
    owner = reading.requests[0].tree.name if reading.requests else wanted.user
    if not owner and len(names) == 1:
        owner = next(iter(names))
    for pack, post in read:
        if post.name == owner and (not wanted.root or same_site(wanted.root, post.root)):
            yield pack, post
        elif pack.name not in reading.aside:
            reading.aside.append(pack.name)


def _offer(reading: Reading, found: Found, files: Mapping[str, tuple[Pack, str]]) -> None:
    reading.add(found)
    for url, where in files.items():
        reading.files.setdefault(url, where)


def _joined(known: Found, more: Found, *, completing: bool) -> Found:
    names = {file.name for file in known.entry.files}
    files: tuple[MediaFile, ...] = tuple(file for file in more.entry.files if completing and file.name not in names)
    keys = tuple(dict.fromkeys((*known.entry.keys, *more.entry.keys)))
    return replace(known, entry=replace(known.entry, keys=keys, files=(*known.entry.files, *files)))
