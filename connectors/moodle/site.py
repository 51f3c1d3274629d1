"""
``type: moodle``: one account at one Moodle, read with the token of its mobile app.

First who the token belongs to and what the site offers it; then everything in few requests, because questions travel
in batches. Only what the owner wrote is kept: by author number, also where the owner teaches.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO, Literal, TypeAlias

from archive.entry import Json, Key, MediaFile
from connectors.contract import Checkpoint, Context, Failed, Finding, Known, SourceRefused, SourceUnavailable, Yield
from connectors.http_address import same_site
from connectors.http_errors import unavailable
from connectors.moodle import (
    activities,
    assignments,
    badges,
    blog,
    checking,
    competencies,
    completion,
    faults,
    forum,
    private,
    request,
)
from connectors.moodle import token as tokens
from connectors.moodle.api import Api, Call
from connectors.moodle.download import open_file
from connectors.moodle.probe import moved, probe, root_of, ways
from connectors.moodle.reading import Account, Reading, course_of
from connectors.moodle.request import Export

Verdict: TypeAlias = Literal["unlisted", "gone", "unknown"]
Family: TypeAlias = Callable[[Reading], Iterator[Yield]]

FAMILIES: Mapping[str, Family] = {
    "Blog entries": blog.read,
    "Private files": private.read,
    "Badges": badges.read,
    "Competencies": competencies.read,
    "Courses": completion.read,
    "Forum posts": forum.read,
    "Submissions": assignments.read,
    "Workshop submissions": assignments.workshops,
    "Database entries": activities.databases,
    "Glossary entries": activities.glossaries,
    "Wiki pages": activities.wikis,
}
_OF_ALL_COURSES = (
    ("Submissions", assignments.ASSIGNMENTS),
    ("Forum posts", forum.FORUMS),
    ("Database entries", activities.DATABASES),
    ("Glossary entries", activities.GLOSSARIES),
    ("Wiki pages", activities.WIKIS),
    ("Workshop submissions", assignments.WORKSHOPS),
)
_CONTENTS = "core_course_get_contents"
_ASKED_FOR = re.compile(
    r"moodle:(?P<site>.+?)/(?P<family>blog|badge|prior-learning|forum-post|private-file|private-folder)/(?P<id>.+)",
    re.DOTALL,
)
_STRANGE = (AttributeError, KeyError, IndexError, TypeError, ValueError)
"""What reading an answer of another shape raises."""
_KEPT = ("token", "context", "forums")


def source(name: str, options: Mapping[str, Any], context: Context) -> Moodle:
    """
    Return the source of an account at a Moodle.

    ``options``: ``url``; ``user`` (may be empty: then a token is needed); ``full`` (read every discussion again). The
    token is ``context.secret("token")`` (``TOKEN`` or ``TOKEN:PRIVATETOKEN``); without one ``secret("password")`` gets
    one.
    """
    return Moodle(name, options, context)


class Moodle:
    """One account, read-only. See ``connectors.contract.Source``."""

    def __init__(self, name: str, options: Mapping[str, Any], context: Context) -> None:
        self._name = name
        self._root = root_of(str(options["url"]))
        self._user = str(options.get("user") or "")
        self._full = bool(options.get("full"))
        self._context = context
        self._entering = threading.Lock()
        self._token: tokens.Token | None = None
        self._remembered: Json = {}  # the cursor of the last harvest, where there was one
        self._refused: SourceRefused | None = None
        self._api: Api | None = None
        self._who: Account | None = None
        self._info: dict[str, Any] = {}
        self._paths: set[str] | None = None
        self._walked = False

    # --- the contract -----------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Finding]:
        """Tell which ways are open and what is reached. Sends no writing question; Moodle takes all of them by POST."""
        try:
            found = probe(self._root, self._context.http)
        except SourceUnavailable as error:
            yield Finding(error.code, "error", error.message, error.mend)
            return
        yield from ways(found)
        if not same_site(self._root, found.root):
            elsewhere = moved(self._root, found.root)
            yield Finding(elsewhere.code, "error", elsewhere.message, elsewhere.mend)
            return
        try:
            api, _ = self._enter()
        except (SourceRefused, SourceUnavailable) as error:
            yield Finding(error.code, "error", error.message, error.mend)
        else:
            yield from checking.reached(api, self._info)
        yield from checking.checklist(found)

    def harvest(self, known: Known) -> Iterator[Yield]:
        """Yield what there is; see ``contract.Source``. The token is tried first; a dead one ends it at once."""
        self._remembered = state = {name: known.cursor[name] for name in _KEPT if name in known.cursor}
        api, who = self._enter()
        age = self._age()
        state |= {"token": age.to_json(), "context": who.context}
        reading = Reading(api, who, known, state, self._context.now(), full=self._full)
        if warning := age.warning():
            reading.note(warning)
        reading.note(checking.NEVER)
        try:
            self._open(reading)
        except _STRANGE as error:
            raise unavailable(
                f"{self._root} {_shape(error)}", code="unknown-shape", mend="Look for a newer keepfolio."
            ) from error
        for what, family in FAMILIES.items():
            yield from _understood(what, family, reading)
            yield from reading.told()
            yield Checkpoint(_copy(state))
            if self._context.stop():
                return

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream a file; see ``contract.Source``."""
        api, who = self._enter()
        return open_file(api, who.root, file)

    def exists(self, key: Key) -> Verdict:
        """Look once more, straight at a thing that its listing lacks."""
        found = _ASKED_FOR.match(key)
        if found is None:
            return "unknown"
        api, who = self._enter()
        if found["site"] != who.site:
            return "unknown"
        try:
            return self._look(api, who, found["family"], found["id"], key)
        except _STRANGE:
            return "unknown"

    def close(self) -> None:
        """Nothing is held open between requests; the session belongs to the caller."""

    # --- the owner's data, on request -------------------------------------------------------------------------------

    def export(self) -> Export | None:
        """Return the newest request for the owner's data; see ``connectors.moodle.request``."""
        return request.newest(*self._enter())

    def ask_for_export(self) -> Export:
        """Ask for the owner's data: people of the institution see it. Only by the owner's word."""
        return request.ask(*self._enter())

    def fetch_export(self, export: Export) -> BinaryIO:
        """Stream the zip of a request that is ready."""
        return request.fetch(*self._enter(), export)

    # --- how --------------------------------------------------------------------------------------------------------

    def _enter(self) -> tuple[Api, Account]:
        """Return the way in, asked for once: token, whose it is, and what it may ask."""
        with self._entering:
            if self._refused is not None:
                raise self._refused  # a password is never sent twice, nor a dead token
            if self._api is None or self._who is None:
                try:
                    self._api, self._who = self._log_in()
                except SourceRefused as error:
                    self._refused = error
                    raise
            return self._api, self._who

    def _log_in(self) -> tuple[Api, Account]:
        token = self._token = self._get_token()
        api = Api(self._context.http, self._root, token.value, dead=lambda: faults.dead_token(self._age().weeks))
        self._info = info = api.info()
        own = str(info.get("siteurl") or self._root).rstrip("/")
        if not same_site(self._root, own):
            raise moved(self._root, own)
        who = Account(own, int(info["userid"]), str(info.get("fullname") or ""))
        return api, replace(who, context=self._own_context(api, who))

    def _own_context(self, api: Api, who: Account) -> int:
        """Return the id of the person's context, by which files and much else are numbered; it never changes."""
        known = int(str(self._remembered.get("context") or 0))
        if known or not api.can(private.LIST):
            return known
        answer = api.call(private.LIST, **dict(private.folder(who).arguments))
        return 0 if isinstance(answer, faults.Refusal) else private.context(answer)

    def _age(self) -> tokens.Age:
        assert self._token is not None  # it is the first thing that is got
        return tokens.Age(self._remembered.get("token"), self._token, self._context.now())

    def _get_token(self) -> tokens.Token:
        http = self._context.http
        if handed := self._context.secret("token"):
            return tokens.parse(handed, http)
        if self._user and (password := self._context.secret("password")):
            return tokens.by_password(http, self._root, self._user, password)
        raise SourceRefused(
            f"There is no token for {self._name}, nor a user name and password to get one with.",
            code="not-logged-in",
            unchanged="Nothing was asked of the site.",
            mend=f"Run: keepfolio login {self._name}   (keepfolio check {self._name} tells which ways are open)",
        )

    def _open(self, reading: Reading) -> None:
        """Ask the two batches that everything else follows from: of the person, then of all open courses."""
        who, api = reading.who, reading.api
        asked = {
            "Courses": Call(completion.COURSES, {"userid": who.number, "returnusercount": 0}),
            "Blog entries": blog.first(who),
            "Private files": private.folder(who),
            "How many private files there are": private.counted(who),
            "Badges": badges.first(who),
            "Evidence of prior learning": competencies.first(who)[0],
            "Learning plans": competencies.first(who)[1],
        }
        opening = _offered(asked, reading)
        reading.opening = _good(opening, api.many(list(opening.values())), reading)
        courses = [course_of(one) for one in reading.opening.get(completion.COURSES) or ()]
        reading.courses = {course.number: course for course in courses}
        if not courses:
            return
        of_all = {what: Call(name, {"courseids": sorted(reading.courses)}) for what, name in _OF_ALL_COURSES}
        offered = _offered(of_all, reading)
        slim = [{"name": "excludecontents", "value": 1}]
        inside = [Call(_CONTENTS, {"courseid": number, "options": slim}) for number in sorted(reading.courses)]
        calls = [*offered.values(), *(inside if api.can(_CONTENTS) else ())]
        replies = api.many(calls)
        reading.activities = _good(offered, replies, reading)
        for answer, course in zip(replies[len(offered) :], sorted(reading.courses), strict=False):
            sections = reading.good(answer, f"Course “{reading.courses[course].name}”") or ()
            modules = [module for section in sections for module in section.get("modules") or ()]
            reading.contexts |= {
                (str(one.get("modname")), int(one.get("instance") or 0)): int(one.get("contextid") or 0)
                for one in modules
            }

    def _look(self, api: Api, who: Account, family: str, number: str, key: Key) -> Verdict:
        match family:
            case "blog":
                return blog.exists(api, who, number)
            case "badge":
                return badges.exists(self._context.http, api, who, number)
            case "prior-learning":
                return competencies.exists(api, number)
            case "forum-post":
                return forum.exists(api, number)
            case _:
                own = number.partition("/")[0] == str(who.context)
                return private.exists(self._all_paths(api, who), who, key) if own else "unknown"

    def _all_paths(self, api: Api, who: Account) -> set[str] | None:
        if not self._walked:
            self._paths, self._walked = private.paths(api, who), True
        return self._paths


def _understood(what: str, family: Family, reading: Reading) -> Iterator[Yield]:
    """Yield a family; an answer of a shape that no Moodle is known to give costs this family, and not the others."""
    try:
        yield from family(reading)
    except _STRANGE as error:
        yield Failed(
            what,
            f"The site {_shape(error)}",
            "Look for a newer keepfolio, and tell its makers which release of Moodle this is.",
        )


def _shape(error: Exception) -> str:
    return f"answered in a shape that keepfolio does not know ({type(error).__name__})."


def _offered(asked: Mapping[str, Call], reading: Reading) -> dict[str, Call]:
    """Return what the site offers of these; what it does not is said."""
    return {what: call for what, call in asked.items() if reading.offers(what, call.function)}


def _good(asked: Mapping[str, Call], replies: list[Any], reading: Reading) -> dict[str, Any]:
    """Return the good ones of the first replies, by function."""
    good = {
        call.function: reading.good(reply, what) for (what, call), reply in zip(asked.items(), replies, strict=False)
    }
    return {function: answer for function, answer in good.items() if answer is not None}


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(one) for name, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value
