"""What one harvest knows: who asks, what the site offers, what was said, and what is remembered until the next one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.entry import Entry, Json, Key
from connectors.contract import Failed, Found, Known, Listed, Note, Yield
from connectors.moodle import faults, identity, text
from connectors.moodle.api import Api, Call
from connectors.moodle.faults import Refusal, Then

_CONTEXT = re.compile(r"/pluginfile\.php/(\d+)/course/")


@dataclass(frozen=True)
class Account:
    """The person that the token belongs to. ``root`` is the site's own address, ``context`` the id of their context."""

    root: str
    number: int
    name: str
    context: int = 0

    @property
    def site(self) -> str:
        return identity.site_key(self.root)


@dataclass(frozen=True)
class Course:
    """A course that is open to the account; ``context`` 0 where the site does not tell it."""

    number: int
    name: str
    short: str
    context: int
    about: Json = field(default_factory=dict)

    @property
    def extra(self) -> Json:
        """What an entry says of the course that it belongs to."""
        return {"course": self.short, "course_name": self.name}


def course_of(one: Any) -> Course:
    """Return a course of ``core_enrol_get_users_courses``."""
    found = _CONTEXT.search(str(one.get("courseimage") or ""))
    return Course(
        int(one["id"]),
        str(one.get("fullname") or one.get("displayname") or ""),
        str(one.get("shortname") or ""),
        int(found[1]) if found else 0,
        dict(one),
    )


@dataclass
class Reading:
    """
    One harvest. ``state`` becomes the cursor.

    ``contexts`` gives the context id of an activity by its kind and number (``("assign", 7)``).
    """

    api: Api
    who: Account
    known: Known
    state: Json
    now: datetime
    full: bool = False
    courses: dict[int, Course] = field(default_factory=dict)
    contexts: dict[tuple[str, int], int] = field(default_factory=dict)
    activities: dict[str, Any] = field(default_factory=dict)  # function -> its answer for all courses
    opening: dict[str, Any] = field(default_factory=dict)  # function -> the answer of the first batch
    _said: list[Note | Failed] = field(default_factory=list)

    def good(self, reply: Any, what: str, key: Key = "") -> Any:
        """Return data; of a refusal None, and what is to be said of it is said by ``told``."""
        if not isinstance(reply, Refusal):
            return reply
        fault = faults.fault_of(reply)
        if fault.then in {Then.TELL, Then.ASK}:
            self.note(f"{what}: {faults.plain(reply)}")
        elif fault.then is not Then.PASS:
            self.fail(what, faults.plain(reply), key)
        return None

    def fail(self, what: str, why: str, key: Key = "") -> None:
        """Say that something did not arrive; the next harvest tries again."""
        self._said.append(Failed(what, why, "It is tried again in the next harvest.", key))

    def note(self, words: str) -> None:
        """Say something once, for the report."""
        if Note(words) not in self._said:
            self._said.append(Note(words))

    def told(self) -> Iterator[Yield]:
        """Yield what was said since, once."""
        said, self._said = self._said, []
        yield from said

    def offers(self, what: str, *functions: str) -> bool:
        """Tell whether the site offers what is needed to read something; say so where it does not."""
        if self.api.can(*functions):
            return True
        self.note(f"{what}: this site does not offer it to Moodle's app, so it is not read by token.")
        return False

    def each(self, calls: list[Call], what: str | list[str]) -> list[Any]:
        """Return the answers, None for each that was refused; ``what`` they are about, one name for all or for each."""
        names = [what] * len(calls) if isinstance(what, str) else what
        return [self.good(reply, name) for reply, name in zip(self.api.many(calls), names, strict=True)]

    def course(self, number: object) -> Course:
        """Return an open course by its number."""
        one = int(str(number or 0))
        return self.courses.get(one, Course(one, "", "", 0))

    def mine(self, one: Any, name: str = "userid") -> bool:
        """Tell whether an item was written by the owner: by number, never by name or role."""
        return bool(one.get(name) == self.who.number)

    def scope(self, family: str) -> str:
        return identity.scope(self.who.site, self.who.context or self.who.number, family)

    @property
    def person(self) -> int:
        """What a person's things are numbered by: the id of their context."""
        return self.who.context or self.who.number

    def listed(self, family: str, keys: set[Key]) -> Listed:
        return Listed(self.scope(family), frozenset(keys))


def named(what: str, one: Any) -> str:
    """Return what a thing is called in a report."""
    return f"{what} “{one.get('name') or one.get('id')}”"


def found(entry: Entry, item: Any) -> Found:
    """
    Return an entry with its raw item.

    Moodle puts its answers into other answers as text, and secrets and other people's words into items of one's own:
    what is kept of an item is written anew, without them.
    """
    return Found(entry, json.dumps(text.scrubbed(item), ensure_ascii=False, sort_keys=True).encode())
