"""
A Content Collection by WebDAV as a source: type ``blackboard``.

The whole tree is walked in every harvest, because a folder's date says nothing of what lies deeper; that costs one
short request for each folder. Bodies are fetched for what is new or has another stamp.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, Literal

from archive.entry import Entry, Fidelity, Key, MediaFile
from archive.errors import UsageError
from connectors.blackboard import identity
from connectors.blackboard.advice import by_hand, counted
from connectors.blackboard.body import Sized
from connectors.blackboard.webdav import (
    TAKE_THE_ZIP,
    Denied,
    Listing,
    NotThere,
    Thing,
    is_there,
    listing,
    refused,
)
from connectors.contract import (
    Checkpoint,
    Context,
    Failed,
    Finding,
    Found,
    Known,
    Listed,
    Promised,
    SourceRefused,
    SourceUnavailable,
    Yield,
)
from connectors.http_errors import NOTHING_LOST

MAX_DEPTH, MAX_FOLDERS = 64, 100_000
"""Folders inside folders, and all of them; more has only a server whose folders contain themselves."""
_AT_ONCE = 100
"""Entries between two checkpoints: their files are fetched there."""


def source(name: str, options: Mapping[str, Any], context: Context) -> BlackboardSource:
    """
    Return the source of a Content Collection.

    Args:
        name: Its name in the configuration.

        options: ``url``: any address of the Blackboard; ``user``: the user name there; ``path``: the folder to keep
            (default: ``users/USER/``); ``full``: compare everything.

        context: Network, and the secret ``password``.

    Raises:
        UsageError: There is no user name.
    """
    user = str(options.get("user") or "")
    if not user:
        raise UsageError(
            f"{name}: a Content Collection needs your Blackboard user name.",
            code="no-user",
            mend="Write it as user: in config.yaml, then run: keepfolio login " + name,
        )
    url = str(options["url"])
    context.http.configure(url)
    path = str(options.get("path") or "") or identity.path_of(url) or f"users/{user}/"
    return BlackboardSource(name, url, user, path, context, full=bool(options.get("full")))


@dataclass
class _Walk:
    """How far a harvest got: what was seen, and whether every folder could be looked into."""

    whole: bool = True
    keys: set[Key] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: {"file": 0, "folder": 0})
    depth: int = 0
    since: int = 0  # entries since the last checkpoint


class BlackboardSource:
    """One folder of a Content Collection and all below it. See ``connectors.contract.Source``."""

    def __init__(self, name: str, url: str, user: str, path: str, context: Context, *, full: bool = False) -> None:
        self._name = name
        self._url = url
        self._user = user
        self._root = "".join(f"{identity.written(part)}/" for part in path.split("/") if part)
        self._http = context.http
        self._secret: Callable[[str], str] = context.secret
        self._stop = context.stop
        self._full = full
        self._proved = False  # a good listing came in this run: "not there" is the account's, not a stranger's, answer

    # --- the contract -------------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Finding]:
        """Tell what lies in the top folder, and what WebDAV does not give. Sends one PROPFIND, which only reads."""
        try:
            top = self._top(self._ask(self._root))
        except (SourceRefused, SourceUnavailable) as error:
            yield Finding(error.code, "error", error.message, error.mend)
        else:
            folders = sum(thing.folder for thing in top)
            yield Finding(
                "content-collection",
                "ok",
                f"Your folder {identity.plain(self._root)} answers. At its top it has {counted(folders, 'folder')} and "
                f"{counted(len(top) - folders, 'file')}.",
            )
        yield from by_hand(self._url, self._user)

    def harvest(self, known: Known) -> Iterator[Yield]:
        """
        Yield every folder, and every file that is new or changed.

        Raises:
            SourceRefused: The user name or password was refused.

            SourceUnavailable: A login page, a cut connection or nonsense came. What was yielded before is good.
        """
        walk = _Walk()
        level = [self._root]
        while level:
            deeper: list[str] = []
            answers = self._http.ordered(partial(self._ask, folder) for folder in level)
            for folder, answer in zip(level, answers, strict=True):
                things = yield from self._inside(folder, answer, walk)
                yield from self._entries(folder, things, known, walk)
                deeper += [f"{folder}{thing.name}/" for thing in things if thing.folder and not thing.denied]
                if self._stop():
                    yield Checkpoint({})
                    return
            walk.depth += 1
            level = deeper
            if deeper and (walk.depth > MAX_DEPTH or walk.counts["folder"] > MAX_FOLDERS):
                yield Failed("folders inside of folders", "There are more than can be; the rest was not looked into.")
                walk.whole = False
                break
        for kind, count in walk.counts.items():
            yield Promised(kind, count)
        if walk.whole:
            yield Listed(self._scope, frozenset(walk.keys))
        yield Checkpoint({})

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream a file; a login page in its place, or another number of bytes than was listed, is an error."""
        if not file.url.startswith(identity.address(self._url, self._root)):
            raise SourceUnavailable(f"{file.url} does not lie in your folder.", code="bad-address")
        expected = file.media_type if file.size is None else ""  # the length tells better than the type
        try:
            stream = self._http.open(file.url, auth=self._auth(), expect=expected)
        except SourceUnavailable as error:
            if error.code == "status-401":
                raise refused(file.url) from error
            raise
        return Sized.buffered(stream, file.size, _not_the_file(file))

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Say ``gone`` of what the server does not have (404, 410), in a run in which the login was good."""
        begin = identity.key(self._url, self._root) + "/"
        if not self._proved or not key.startswith(begin):
            return "unknown"
        found = is_there(self._http, identity.address(self._url, self._root) + key.removeprefix(begin), self._auth())
        return "unknown" if found is None else "unlisted" if found else "gone"

    def close(self) -> None:
        """Nothing is kept open: the session is the caller's."""

    def __repr__(self) -> str:
        return f"BlackboardSource({self._name!r}, {identity.address(self._url, self._root)!r})"

    # --- walking ------------------------------------------------------------------------------------------------------

    @property
    def _scope(self) -> str:
        return f"{identity.key(self._url, self._root)}/content"

    def _auth(self) -> tuple[str, str]:
        return self._user, self._secret("password")

    def _ask(self, folder: str) -> Listing:
        return listing(self._http, identity.address(self._url, folder), self._auth())

    def _top(self, answer: Listing) -> tuple[Thing, ...]:
        """Return what the folder of the configuration holds; there is nothing to go on with when it cannot be had."""
        folder = identity.plain(self._root)
        if isinstance(answer, NotThere):
            raise SourceUnavailable(
                f"There is no folder {folder} on that Blackboard ({answer.status}).",
                code="no-folder",
                unchanged=NOTHING_LOST,
                mend="Look at user: and path: in config.yaml. If your account was closed: " + TAKE_THE_ZIP,
            )
        if isinstance(answer, Denied):
            raise SourceUnavailable(
                f"That Blackboard does not let you open {folder} by WebDAV ({answer.status}).",
                code="forbidden",
                unchanged=NOTHING_LOST,
                mend=TAKE_THE_ZIP,
            )
        self._proved = True
        return answer

    def _inside(self, folder: str, answer: Listing, walk: _Walk) -> Generator[Yield, None, tuple[Thing, ...]]:
        """Return what a folder holds: nothing where it went away just now, or is shut, which is said."""
        if folder == self._root:
            return self._top(answer)
        if isinstance(answer, tuple):
            return answer
        walk.whole = False
        if isinstance(answer, Denied):
            why = f"Blackboard does not let you look into it ({answer.status})."
            yield Failed(f"folder {identity.plain(folder)}", why, mend=TAKE_THE_ZIP, transient=False)
        return ()

    def _entries(self, folder: str, things: tuple[Thing, ...], known: Known, walk: _Walk) -> Iterator[Yield]:
        for thing in things:
            entry = self._entry(folder, thing)
            key = entry.keys[0]
            walk.keys.add(key)
            walk.counts[entry.kind] += 1
            if thing.denied:
                walk.whole = False
                why = f"Blackboard does not let you read it ({thing.denied})."
                yield Failed(f"{entry.kind} {entry.native_id}", why, mend=TAKE_THE_ZIP, key=key, transient=False)
                continue
            if not self._full and entry.stamp and known.stamp(key) == entry.stamp and key not in known.retry:
                continue
            yield Found(entry, thing.raw, "xml")
            walk.since += 1
            if walk.since >= _AT_ONCE:
                walk.since = 0
                yield Checkpoint({})

    def _entry(self, folder: str, thing: Thing) -> Entry:
        path = f"{folder}{thing.name}"
        url = identity.address(self._url, path)
        name = identity.plain(thing.name)
        file = MediaFile(
            name=name,
            url=url,
            media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
            size=thing.size,
            stamp=thing.stamp,
            role="original",
        )
        return Entry(
            keys=(identity.key(self._url, path),),
            kind="folder" if thing.folder else "file",
            native_id=identity.plain(path),
            title=name,
            url=f"{url}/" if thing.folder else url,
            published=None if thing.folder else _first(thing),
            updated=thing.modified,
            files=() if thing.folder else (file,),
            parent=None if folder == self._root else identity.key(self._url, folder),
            fidelity=Fidelity.FULL,
            scope=self._scope,
            stamp=thing.stamp,
        )


def _not_the_file(file: MediaFile) -> SourceUnavailable:
    # a hosted Blackboard sends on to where the file is stored, so redirects are followed; one may lead to a login page
    return SourceUnavailable(
        f"{file.name} came with another length than its list says: a login page, or it was changed just now.",
        code="not-the-file",
        unchanged=NOTHING_LOST,
        mend="The next harvest asks for it again.",
    )


def _first(thing: Thing) -> datetime | None:
    """Return when a file came into being: a copy that was restored is "created" after its last change."""
    return min((moment for moment in (thing.created, thing.modified) if moment), default=None)
