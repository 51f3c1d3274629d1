"""
A WordPress that answers only XML-RPC, as a source: posts, pages, files, comments and terms that the account may edit.

Missing by this route: reusable blocks and menus, alternative texts of pictures, when something was modified without
asking for everything. ``connectors.wordpress.site`` chooses it when REST is closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO, Literal, TypeVar

from archive.entry import Entry, Key, MediaFile
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
from connectors.http import Http
from connectors.wordpress import identity, xmlrpc_items
from connectors.wordpress.probe import trust
from connectors.wordpress.xmlrpc_calls import Blog, Calls, Fault, Struct, Unreadable, off
from connectors.wordpress.xmlrpc_items import Site

WINDOW = 50
_EMPTY_WINDOWS = 20
"""Windows without one post of this account before an author's list is taken to be at its end: others' are left out."""

_STATUSES = ["publish", "draft", "pending", "private", "trash"]
_SCHEDULED = ["future"]
"""Asked for alone: WordPress gives a scheduled post out as published, and only the question tells them apart."""
_FIELDS = ["post", "terms", "custom_fields"]
_TWIN = ["guid", "link", "post_status", "post_author", "post_modified_gmt", "post_name", "post_mime_type"]

T = TypeVar("T")
Window = Callable[[int, int], list[Struct]]


def source(name: str, options: Mapping[str, Any], context: Context) -> XmlrpcRoute:
    """
    Return the source of a site that answers only XML-RPC.

    Args:
        name: Its name in the configuration.

        options: ``endpoint``: the address of ``xmlrpc.php``, as the site named it; ``url``: the site, as the owner
            wrote it (default: the endpoint is what she wrote); ``user``; ``author`` (``me``: what it wrote itself).

        context: Network and password.

    Raises:
        SourceRefused: There is no user or no password; nothing was asked.
    """
    user, password = str(options.get("user") or ""), context.secret("password")
    if not user or not password:
        raise SourceRefused(
            f"XML-RPC tells nothing without a login, and there is no {'password' if user else 'user'} for {name}.",
            code="no-password" if user else "no-user",
            unchanged="Nothing was asked of the site.",
            mend=f"Run: keepfolio login {name}" if user else f"Write `user: ...` below {name} in config.yaml.",
        )
    only_me, endpoint = options.get("author") == "me", str(options["endpoint"])
    trust(str(options.get("url") or endpoint), context.http, endpoint)
    return XmlrpcRoute(endpoint, user, password, context.http, only_me=only_me, stop=context.stop)


class XmlrpcRoute:
    """
    One account on one site, by XML-RPC. See ``connectors.contract.Source``.

    Args:
        endpoint: The address of ``xmlrpc.php``.

        user: Login name.

        password: A real or an application password.

        http: The session.

        only_me: Leave out what others wrote.

        stop: True once the owner asked to stop.
    """

    def __init__(
        self,
        endpoint: str,
        user: str,
        password: str,
        http: Http,
        *,
        only_me: bool = False,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._only_me = only_me
        self._calls = Calls(endpoint, user, password, http)
        self._http = http
        self._stop = stop
        self._blog: Blog | None = None

    # --- the contract -------------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Finding]:
        """Log in, and tell what this route misses. XML-RPC has no GET: the login is a POST that changes nothing."""
        try:
            blog = self._calls.login()
        except (SourceRefused, SourceUnavailable) as error:
            yield Finding(error.code, "error", error.message, error.mend)
            return
        yield Finding("xmlrpc", "ok", f"XML-RPC answers, and the login to “{blog.title}” is right.")
        yield Finding(
            "xmlrpc-only",
            "warning",
            "By XML-RPC reusable blocks, menus and the alternative texts of pictures are not reached.",
            "Open REST on the site, or bring the export (Tools > Export) as a second source.",
        )
        if not blog.admin:
            yield Finding(
                "own-posts-only",
                "note",
                "This account is no administrator: only what it may edit is seen, and nothing is taken as deleted.",
            )

    def harvest(self, known: Known) -> Iterator[Yield]:
        """
        Yield everything that the account may edit, each time: XML-RPC cannot ask for changes.

        Raises:
            SourceRefused: The login was refused; nothing else was sent.

            SourceUnavailable: XML-RPC is off or stopped answering.
        """
        try:
            yield from self._everything(known)
        except Unreadable as error:
            raise off(f"An answer of XML-RPC cannot be read: {error}.") from None

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream a file; uploads ask nobody for a password."""
        return self._http.open(file.url, discovered=True)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Ask for one thing by its number: ``gone`` is a fault 404 under the login proved in this run."""
        number, kind = xmlrpc_items.number_and_kind(key)
        if self._blog is None or not number or kind in ("term", "user"):
            return "unknown"
        ask = self._calls.comment_exists if kind == "comment" else self._calls.post_exists
        try:
            return "unlisted" if ask(number) else "gone"
        except (Fault, Unreadable, SourceUnavailable):
            return "unknown"

    def close(self) -> None:
        """Nothing is kept open: the session is the caller's."""

    # --- reading ------------------------------------------------------------------------------------------------------

    def _everything(self, known: Known) -> Iterator[Yield]:
        blog = self._blog = self._calls.login()
        site = self._site(blog)
        yield from self._terms(site)
        for kind in self._or_nothing(self._calls.types):
            yield from self._posts(kind, site, blog, known)
            if self._stop():
                return
        yield from self._media(site, blog, known)
        yield from self._comments(site, blog, known)
        if not self._stop():
            yield Checkpoint({})

    def _site(self, blog: Blog) -> Site:
        people = self._or_nothing(self._calls.authors)
        names = {str(one.get("user_id")): str(one.get("display_name") or one.get("user_login") or "") for one in people}
        me = next((str(one.get("user_id")) for one in self._or_nothing(self._calls.me)), "")
        return Site(identity.site_key(blog.home), people=names, me=me)

    def _terms(self, site: Site) -> Iterator[Yield]:
        count = 0
        for one in self._calls.terms():
            yield Found(xmlrpc_items.term(one, site), xmlrpc_items.as_bytes(one), "json")
            count += 1
        yield Promised("term", count)

    def _posts(self, kind: str, site: Site, blog: Blog, known: Known) -> Iterator[Yield]:
        there = _There(kind)
        walks = []
        for statuses in (_STATUSES, _SCHEDULED):
            walk = _Walk(partial(self._window, kind, statuses), hidden=not blog.admin, statuses=statuses)
            walks.append(walk)
            for one, raw in walk.items(self._calls):
                entry = xmlrpc_items.post(one, site, scheduled=statuses is _SCHEDULED)
                site.note(int(entry.native_id), kind, entry.visibility)
                if not self._foreign(entry):
                    yield there.found(entry, raw)
                if walk.at_end_of_window:
                    yield Checkpoint(known.cursor)
                    if self._stop():
                        return
        yield from self._end(there, walks, site, blog)

    def _window(self, kind: str, statuses: list[str], number: int, offset: int) -> list[Struct]:
        return self._calls.posts(kind, statuses, number, offset, _FIELDS)

    def _media(self, site: Site, blog: Blog, known: Known) -> Iterator[Yield]:
        # the library has no guid, and posts have no file names: both are asked for
        twins: dict[str, Struct] = {}
        for one, _ in _Walk(self._attachments, hidden=not blog.admin).items(self._calls):
            twins[str(one.get("post_id"))] = one
        walk = _Walk(self._calls.media, hidden=False)
        there = _There("media")
        for one, raw in walk.items(self._calls):
            entry = xmlrpc_items.media(one, twins.pop(str(one.get("attachment_id")), {}), site)
            if not self._foreign(entry):
                yield there.found(entry, raw)
            if walk.at_end_of_window:
                yield Checkpoint(known.cursor)
                if self._stop():
                    return
        # files of one second have no fixed order in the library: those that fell between two windows are asked for
        for number, twin in twins.items():
            for one in self._or_nothing(partial(self._calls.media_item, int(number))):
                entry = xmlrpc_items.media(one, twin, site)
                if not self._foreign(entry):
                    yield there.found(entry, xmlrpc_items.as_bytes(one), "json")
        yield from self._end(there, [walk], site, blog)

    def _attachments(self, number: int, offset: int) -> list[Struct]:
        return self._calls.posts("attachment", ["inherit"], number, offset, _TWIN)

    def _comments(self, site: Site, blog: Blog, known: Known) -> Iterator[Yield]:
        walk = _Walk(self._calls.comments, hidden=False)
        there = _There("comment")
        for one, raw in walk.items(self._calls):
            entry = xmlrpc_items.comment(one, site)
            if entry is not None:
                yield there.found(entry, raw)
            if walk.at_end_of_window:
                yield Checkpoint(known.cursor)
        yield from self._end(there, [walk], site, blog)

    def _end(self, there: _There, walks: list[_Walk], site: Site, blog: Blog) -> Iterator[Yield]:
        """Tell which places of a list could not be read, or that the list is whole."""
        for walk in walks:
            for offset, why in walk.broken:
                key = self._name(there.kind, walk.statuses, offset, site)
                yield Failed(
                    what=f"{there.kind} {key.rpartition('/')[2] or f'at place {offset + 1} of the list'}",
                    why=f"The site's answer for it cannot be read: {why}.",
                    mend="Open it in WordPress's editor and save it again, or bring the export (Tools > Export).",
                    key=key,
                )
        whole = not any(walk.broken or walk.refused for walk in walks)
        if blog.admin and there.keys and whole and not self._stop():
            yield Listed(identity.scope(site.key, there.kind), frozenset(there.keys))
            for kind, count in there.counts.items():
                yield Promised(kind, count)

    def _name(self, kind: str, statuses: list[str], offset: int, site: Site) -> Key:
        """Return the key of a post that cannot be read whole: its number alone can."""
        if not statuses:
            return ""
        try:
            found = self._calls.posts(kind, statuses, 1, offset, ["post_id"])
        except (Fault, Unreadable, SourceUnavailable):
            return ""
        return identity.key(site.key, kind, found[0]["post_id"]) if found else ""

    def _foreign(self, entry: Entry) -> bool:
        return self._only_me and entry.author == "others"

    @staticmethod
    def _or_nothing(ask: Callable[[], list[T]]) -> list[T]:
        """Return what the account may see, which may be nothing."""
        try:
            return ask()
        except Fault:
            return []


class _There:
    """What a list was seen to hold: keys for what vanished since, counts for what the owner may expect."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.keys: set[Key] = set()
        self.counts: Counter[str] = Counter()

    def found(self, entry: Entry, raw: bytes, raw_type: Literal["json", "xml"] = "xml") -> Found:
        if self.keys.isdisjoint(entry.keys):
            self.counts[entry.kind] += 1
        self.keys.update(entry.keys)
        return Found(entry, raw, raw_type)


class _Walk:
    """
    Goes through a list window by window, and through a window that breaks in halves, down to the one that breaks it.

    Args:
        window: (number, offset) -> structs.

        hidden: The list leaves out what the account may not edit, so a short window is not its end.

        statuses: Of which posts it is a list; none for files and comments.
    """

    def __init__(self, window: Window, *, hidden: bool, statuses: list[str] | None = None) -> None:
        self.statuses = statuses or []
        self.broken: list[tuple[int, str]] = []
        self.refused = False
        self.at_end_of_window = False
        self._window = window
        self._hidden = hidden

    def items(self, calls: Calls) -> Iterator[tuple[Struct, bytes]]:
        offset, empty = 0, 0
        while empty < (_EMPTY_WINDOWS if self._hidden else 1):
            try:
                found, whole = self._read(calls, WINDOW, offset)
            except Fault:
                # "may not" of a list that this account does not have; a wrong password was told at login
                self.refused = True
                return
            for at, pair in enumerate(found, 1):
                self.at_end_of_window = at == len(found)
                yield pair
            empty = 0 if found else empty + 1
            if whole and len(found) < WINDOW and not self._hidden:
                return
            offset += WINDOW

    def _read(self, calls: Calls, number: int, offset: int) -> tuple[list[tuple[Struct, bytes]], bool]:
        """Return what a window holds with its bytes, and whether it could be read in one piece."""
        try:
            found = self._window(number, offset)
        except Unreadable as error:
            calls.alive()
            if number == 1:
                self.broken.append((offset, str(error)))
                return [], False
            half = number // 2
            first, _ = self._read(calls, half, offset)
            second, _ = self._read(calls, number - half, offset + half)
            return first + second, False
        raws = calls.raws()
        if len(raws) != len(found):
            raws = [xmlrpc_items.as_bytes(one) for one in found]
        return list(zip(found, raws, strict=True)), True
