"""The CPD record of a workspace: where it lies, what a person may call its entries, and what may stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import UsageError
from bridge import items
from bridge.portfolio import framework, generation
from bridge.portfolio.cpd import cells, choosing, file
from bridge.portfolio.cpd.record import Activity
from bridge.session import Session
from bridge.statefile import read_json, write_json

if TYPE_CHECKING:
    from bridge.building import Desk

_RANGE = re.compile(r"(\d{1,6})-(\d{1,6})")
_MOST_IN_A_RANGE = 2000


def path(session: Session) -> Path:
    """Return where the record lies."""
    return session.workspace.portfolio / file.FILE_NAME


def record(session: Session) -> tuple[Activity, ...]:
    """
    Return the record.

    Raises:
        ConfigError: The file has mistakes; all of them are in the message.
    """
    return file.read(path(session), session.config.language)


def update(session: Session, change: Callable[[tuple[Activity, ...]], Sequence[Activity]]) -> tuple[Activity, ...]:
    """Write what ``change`` makes of the record, one command at a time, and return it with the ids that were given."""
    from filelock import FileLock

    session.workspace.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(session.workspace.state / "cpd.lock"):
        file.write(path(session), change(record(session)))
        return record(session)


def added(session: Session, new: Sequence[Activity]) -> tuple[Activity, ...]:
    """Write new entries at the end of the record, and return them with their ids: their own where they are free."""

    def with_free_ids(before: tuple[Activity, ...]) -> Sequence[Activity]:
        taken = choosing.by_id(before)
        return (*before, *(replace(one, id="") if one.id in taken else one for one in new))

    return update(session, with_free_ids)[-len(new) :] if new else ()


def changed(session: Session, new: Iterable[Activity]) -> tuple[Activity, ...]:
    """Write entries in the place of those with the same ids, and return the record."""
    by_id = {one.id: one for one in new}
    return update(session, lambda before: [by_id.get(one.id, one) for one in before])


def remember_list(session: Session, activities: Iterable[Activity]) -> None:
    """Remember the order of a printed list, so that its numbers can be used."""
    write_json(_list_place(session), {"ids": [one.id for one in activities]})


def find(session: Session, activities: Sequence[Activity], item: str) -> Activity:
    """
    Return the one entry that is meant: by its number in the last list, its id, or words of its title.

    Raises:
        UsageError: Nothing matches, or several do; the message names them.
    """
    words = item.strip()
    known = choosing.by_id(activities)
    if words.isdigit():
        return _numbered(session, known, int(words))
    if words.casefold() in {name.casefold() for name in known}:
        return next(one for name, one in known.items() if name.casefold() == words.casefold())
    wanted = words.casefold().split()
    matches = [one for one in activities if wanted and all(word in one.title.casefold() for word in wanted)]
    exact = [one for one in matches if one.title.casefold() == words.casefold()]
    found = exact if len(exact) == 1 else matches
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"No CPD entry matches “{item}”.", code="no-such-item", mend="Run: keepfolio cpd list")
    named = "\n".join(f"  {one.id}: {one.on.isoformat()} {one.title}" for one in found[:8])
    more = f"\n  and {len(found) - 8} more" if len(found) > 8 else ""
    raise UsageError(
        f"“{item}” matches {len(found)} CPD entries:\n{named}{more}",
        code="ambiguous-item",
        mend="Use its id, its number in keepfolio cpd list, or more words of its title.",
    )


def several(session: Session, activities: Sequence[Activity], wanted: Sequence[str]) -> tuple[Activity, ...]:
    """
    Return the entries that are meant, each once; ``3-7`` stands for five numbers of the last list.

    Raises:
        UsageError: As ``find``.
    """
    names = [name for item in wanted for name in _each(item)]
    return tuple({one.id: one for one in (find(session, activities, name) for name in names)}.values())


def _each(item: str) -> Sequence[str]:
    ends = _RANGE.fullmatch(item.strip())
    if ends is None:
        return (item,)
    first, last = int(ends[1]), int(ends[2])
    if last < first or last - first >= _MOST_IN_A_RANGE:
        raise UsageError(f"{item} is no range of numbers.", mend="Write the smaller number first, such as 3-7.")
    return [str(number) for number in range(first, last + 1)]


def _numbered(session: Session, known: dict[str, Activity], number: int) -> Activity:
    ids = read_json(_list_place(session)).get("ids", [])
    if not 1 <= number <= len(ids) or ids[number - 1] not in known:
        raise UsageError(
            f"The last list of CPD entries has no number {number}.",
            code="no-such-item",
            mend="Run: keepfolio cpd list   and use a number of what it prints",
        )
    return known[ids[number - 1]]


def _list_place(session: Session) -> Path:
    return session.workspace.state / "last-cpd-list.json"


def evidence(session: Session, said: str) -> str:
    """
    Return how a record names a piece of evidence: the id of what is held, else the address that was given.

    Raises:
        UsageError: Nothing held matches, or several things do.
    """
    words = said.strip()
    if words.startswith(("http://", "https://")):
        try:
            return items.find(session.archive, session.workspace, words).id if session.has_archive() else words
        except UsageError as error:
            if error.code != "no-such-item":
                raise
            return cells.element(words)
    return items.find(session.existing_archive(), session.workspace, words).id


@dataclass
class Allowed:
    """The words that the owner's frameworks have for criteria and principles: of all portfolios that were begun."""

    desk: Desk

    def criteria(self, said: Iterable[str]) -> tuple[str, ...]:
        """
        Return ids of sections for what was said: ``1a``, ``cmalt-1a``.

        Raises:
            UsageError: One is in no framework; the message names the nearest.
        """
        return tuple(dict.fromkeys(self._one(word, self._criteria, "criterion") for word in said))

    def principles(self, said: Iterable[str]) -> tuple[str, ...]:
        """Return ids of principles; raises as ``criteria``."""
        return tuple(dict.fromkeys(self._one(word, self._principles, "principle") for word in said))

    def of_tags(self, tags: Iterable[str]) -> tuple[str, ...]:
        """Return the sections that tags name."""
        named = (one.section_for_tag(tag) for tag in tags for one in self._frameworks)
        return tuple(dict.fromkeys(name for name in named if name and name in self._criteria.values()))

    def _one(self, said: str, known: dict[str, str], what: str) -> str:
        word = said.strip().casefold()
        if word in known:
            return known[word]
        if tagged := self.of_tags([said]) if what == "criterion" else ():
            return tagged[0]
        near = [known[name] for name in get_close_matches(word, known, n=2, cutoff=0.5)]
        raise UsageError(
            f"There is no {what} {said!r} in your framework." + (f" Did you mean {' or '.join(near)}?" if near else ""),
            code=f"unknown-{what}",
            unchanged="Nothing was written.",
            mend=f"Name one of: {', '.join(dict.fromkeys(known.values())) or 'none: it has no such list'}",
        )

    @cached_property
    def _frameworks(self) -> tuple[framework.Framework, ...]:
        found = {self.desk.framework.id: self.desk.framework}
        for one in generation.every(self.desk.workspace.portfolio):
            other = framework.load(self.desk.workspace.placed(one.framework))
            found.setdefault(other.id, other)
        for one_of_them in list(found.values()):
            earlier = one_of_them.earlier
            while earlier is not None and earlier.id not in found:
                found[earlier.id] = earlier
                earlier = earlier.earlier
        return tuple(found.values())

    @cached_property
    def _criteria(self) -> dict[str, str]:
        portfolios = (self.desk.generation, *generation.every(self.desk.workspace.portfolio))
        pathways = dict.fromkeys(one.pathway for one in portfolios)
        found: dict[str, str] = {}
        for one in self._frameworks:
            ways = [way for way in pathways if not one.pathways or way in one.pathways] or list(one.pathways)
            for section in (section for way in ways for section in one.flat(way)):
                if not section.gathers and not section.kind:
                    found.setdefault(section.id.casefold(), section.id)
        return found

    def unknown(self, one: Activity) -> tuple[str, ...]:
        """Return the criteria and principles of an entry that are in no framework."""
        criteria = [name for name in one.criteria if name.casefold() not in self._criteria and not self.of_tags([name])]
        return (*criteria, *(name for name in one.principles if name.casefold() not in self._principles))

    @cached_property
    def _principles(self) -> dict[str, str]:
        return {p.id.casefold(): p.id for one in self._frameworks for p in one.principles}
