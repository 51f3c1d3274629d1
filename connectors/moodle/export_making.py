"""What all entries of one data-request zip have in common: whose, from where, when, and how much is known."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.entry import Authorship, Entry, Fidelity, Json, Key, MediaFile, Visibility, canonical
from connectors.contract import Found
from connectors.moodle import export_badges, export_keys, identity, text
from connectors.moodle.export_address import Addresses
from connectors.moodle.export_times import Clock, is_none
from connectors.moodle.export_tree import Document, Place, Stored, Tree, without
from connectors.packs import Member

OTHER_PEOPLE = frozenset(
    {
        "grader",
        "usermodified",
        "modifierid",
        "actionuserid",
        "reviewerid",
        "reviewer",
        "author",
        "issuer",
        "relateduserid",
    }
)
"""Fields with numbers of other people: what they said about the owner is kept, who they are is not."""

_BOX = re.compile(r'^<div class="(?:no-overflow|text_to_html)">(.*)</div>$', re.DOTALL)


@dataclass
class Maker:
    """
    Makes the entries of one export.

    ``root`` is the site's address; ``left_out`` counts what was not certain to be own; ``forums`` are the contexts in
    which own posts stand, by their numbers.
    """

    tree: Tree
    root: str
    clock: Clock
    left_out: dict[str, int] = field(default_factory=dict)
    forums: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site = identity.site_key(self.root)
        self.person = self.tree.person.number if self.tree.person else 0
        self.addresses = Addresses(self.tree, self.root)

    def found(
        self,
        raw: Any,
        *,
        keys: tuple[Key, ...],
        kind: str,
        family: str,
        native_id: str,
        title: str,
        created: object = None,
        modified: object = None,
        published: datetime | None = None,
        url: str = "",
        status: str = "",
        visibility: Visibility = Visibility.PRIVATE,
        author: Authorship = "own",
        creator: str | None = None,
        content: str = "",
        files: Iterable[MediaFile] = (),
        parent: Key | None = None,
        tags: Iterable[str] = (),
        fidelity: Fidelity = Fidelity.EXPORT,
        extra: Json | None = None,
    ) -> Found:
        """Return an entry; a text whose files cannot be found, or a time that cannot be read, stands in ``extra``."""
        linked, lost = self.addresses.linked(content)
        unread = {
            name: str(words)
            for name, words in (("created", created), ("modified", modified))
            if not is_none(words) and self.clock.read(words) is None
        }
        more: Json = {
            **(extra or {}),
            **({"lost_links": list(lost)} if lost else {}),
            **({"times": dict(unread)} if unread else {}),
        }
        entry = Entry(
            keys=keys,
            kind=kind,
            native_id=native_id,
            title=title,
            url=url,
            creator=self.tree.name if creator is None else creator,
            status=status,
            visibility=visibility,
            author=author,
            published=published or self.clock.read(created),
            updated=self.clock.read(modified),
            content_html=linked,
            files=tuple({file.url: file for file in files}.values()),
            parent=parent,
            tags=tuple(tags),
            fidelity=fidelity,
            scope=export_keys.scope(self.site, self.person, family),
            extra=more,
        )
        return Found(entry, canonical(without(raw, OTHER_PEOPLE)), "json")

    @property
    def emails(self) -> tuple[str, ...]:
        """The owner's address, to which badges were given."""
        given = self.tree.profile.value.get("email") if self.tree.profile else ""
        return (str(given),) if given else ()

    def baked(self, one: Stored) -> export_badges.Picture:
        """Return a badge's picture with what is baked into it."""
        return export_badges.look(self.tree.pack, Member(one.member, one.size, one.stamp))

    def course(self, place: Place) -> Json:
        """Return what an entry says of the course that it belongs to."""
        one = self.tree.near(place, "shortname", "fullname")
        if one is None or one == self.tree.site:
            return {}
        return {"course": plain(one.value["shortname"]), "course_name": plain(one.value["fullname"])}

    def activity(self, place: Place) -> str:
        """Return the name of an activity: in full where the export has it, else as its folder is called."""
        value = self.tree.at(place, ())
        return plain(value.get("name")) if isinstance(value, dict) and value.get("name") else place.label

    def files(self, one: Document, area: str = "") -> list[MediaFile]:
        """Return the files beside a document, of all areas or of one."""
        stored = self.tree.below(one.place, one.folder)
        return [self.addresses.media(each) for each in stored if not area or each.area == area]

    def tags(self, one: Document) -> list[str]:
        """Return the tags beside a document."""
        tags = self.tree.at(one.place, one.folder, "tags.json")
        return [plain(tag) for tag in tags] if isinstance(tags, list) else []

    def comments(
        self, place: Place, folder: tuple[str, ...], parent: Key, title: str, url: str = ""
    ) -> Iterator[Found]:
        """Yield the comments on a thing; other people's are marked as theirs."""
        saying = export_keys.Saying(self.site, parent)
        for one in self.tree.documents_in(place, folder):
            rows = one.value.get("comments") if one.has("comments") else None
            for row in rows if isinstance(rows, list) else ():
                words = unboxed(text.as_html(row.get("content"), row.get("contentformat", 1)))
                own = bool(self.tree.number) and row.get("userid") == self.tree.number
                key = saying.key(words, own=own)
                yield self.found(
                    row,
                    keys=(key,),
                    kind="comment",
                    family="comments",
                    native_id=key.rpartition("/")[2],
                    title=f"Comment on {title}",
                    url=url,
                    created=row.get("time"),
                    author="own" if own else "others",
                    creator=None if own else "",
                    content=words,
                    parent=parent,
                )

    def guarded(self, one: Document, made: Iterator[Found]) -> Iterator[Found]:
        """Yield what is made of a document; one of a shape that no Moodle is known to write costs itself alone."""
        try:
            yield from made
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            self.tree.fail(one.below, f"It has a shape that keepfolio does not know ({type(error).__name__}).")

    def leave_out(self, what: str) -> None:
        """Count something that may be another person's."""
        self.left_out[what] = self.left_out.get(what, 0) + 1


def plain(words: object) -> str:
    """Return a name without the escapes that Moodle puts into names."""
    return html.unescape(str(words or ""))


def last_number(folder: str) -> str:
    """Return the ``N`` of a folder ``<name> (N)``, or ``""``."""
    begin, _, number = folder.removesuffix(")").rpartition("(")
    return number if folder.endswith(")") and begin and number.isdigit() else ""


def unboxed(words: str) -> str:
    """Return a text without the boxes that Moodle draws around it."""
    while inside := _BOX.match(words.strip()):
        words = inside[1]
    return words
