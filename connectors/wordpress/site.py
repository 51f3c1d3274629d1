"""
``type: wordpress``: one site, by the best way that it offers.

REST with a login, REST as a stranger, XML-RPC, or the feed: found out once, remembered in the cursor, and found out
anew when the remembered way does not answer any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO, Literal

from archive.entry import Json, Key, MediaFile
from connectors.contract import Checkpoint, Context, Finding, Known, Source, SourceUnavailable, Yield
from connectors.http_address import same_site
from connectors.wordpress.probe import Probe, moved, probe, remembered, to_json, trust
from connectors.wordpress.rest import Rest

_MOVED = frozenset({"moved", "not-json", "rest_no_route", "name-not-found", "redirect-loop"})
"""What a remembered address answers when the site has moved its API."""


def source(name: str, options: Mapping[str, Any], context: Context) -> WordPress:
    """
    Return the source of a WordPress site.

    ``options``: ``url``; ``user`` (whose application password ``context.secret("password")`` gives); ``author``
    (``me``: only what this account wrote); ``full`` (compare everything, not only what seems to have changed).
    """
    return WordPress(name, options, context)


class WordPress:
    """A site, read by whichever way it offers. See ``connectors.contract.Source``."""

    def __init__(self, name: str, options: Mapping[str, Any], context: Context) -> None:
        self._name = name
        self._options = options
        self._context = context
        self._source: Source | None = None
        self._begun = False

    def check(self) -> Iterable[Finding]:
        """Tell what the site is, by which way it is read, and what will be missed."""
        found = self._probe()
        if found.kind in {"none", "wordpress.com"}:
            yield from found.findings
            return
        if found.kind != "rest":
            yield from found.findings
        yield from self._by(found).check()

    def harvest(self, known: Known) -> Iterator[Yield]:
        """
        Yield what there is, by the way that is remembered or found.

        Raises:
            SourceRefused: The login was refused; nothing else was asked.

            SourceUnavailable: Nothing answers, or nothing that can be read.
        """
        found = remembered(known.cursor.get("found"))
        if found is not None and not (found.kind == "feed" and self._context.secret("password")):
            try:
                yield from self._harvest(found, known)
            except SourceUnavailable as error:
                if error.code not in _MOVED or self._begun:
                    raise
            else:
                return
        yield from self._harvest(self._readable(), known)

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream a file; see ``contract.Source``."""
        return self._chosen().open(file)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Say what became of a key; see ``contract.Source``."""
        return self._chosen().exists(key)

    def close(self) -> None:
        """Let go of what the chosen way holds."""
        if self._source is not None:
            self._source.close()

    # --- how --------------------------------------------------------------------------------------------------------

    def _harvest(self, found: Probe, known: Known) -> Iterator[Yield]:
        """Harvest by the way found; its cursor stands beside what is remembered of the way."""
        inner = _Inner(known, found.kind)
        self._begun = False
        for item in self._by(found).harvest(inner):
            self._begun = True
            yield _outer(item, found) if isinstance(item, Checkpoint) else item

    def _probe(self) -> Probe:
        """Return what the site offers to us: XML-RPC and a closed REST need a login; without one the feed is left."""
        found = probe(str(self._options["url"]), self._context.http)
        closed = found.kind == "xmlrpc" or any(finding.code == "rest-closed" for finding in found.findings)
        if closed and found.feed and not self._context.secret("password"):
            return replace(found, kind="feed")
        return found

    def _readable(self) -> Probe:
        found = self._probe()
        if found.kind in {"none", "wordpress.com"}:
            why = found.findings[0]
            raise SourceUnavailable(
                why.message, code=why.code, unchanged="Nothing in your archive was changed.", mend=why.mend
            )
        return found

    def _chosen(self) -> Source:
        return self._source or self._by(self._readable())

    def _by(self, found: Probe) -> Source:
        self._source = self._make(found)
        return self._source

    def _make(self, found: Probe) -> Source:
        url = str(self._options["url"])
        trust(url, self._context.http, found.home, found.api, found.xmlrpc, found.feed)
        door = {"rest": found.api, "xmlrpc": found.xmlrpc}.get(found.kind, "")
        if door and self._context.secret("password") and not same_site(url, door):
            raise moved(door)
        if found.kind == "rest":
            return Rest(self._name, self._options, self._context, found)
        if found.kind == "xmlrpc":
            from connectors.wordpress import xmlrpc

            return xmlrpc.source(self._name, {**self._options, "endpoint": found.xmlrpc}, self._context)
        from connectors.feed import FeedSource

        return FeedSource(found.feed, self._context, full=bool(self._options.get("full")))


class _Inner:
    """What the archive knows, with the cursor of one way; a cursor of another way means nothing to it."""

    def __init__(self, known: Known, kind: str) -> None:
        self._known = known
        inner = known.cursor.get("inner")
        same = known.cursor.get("way") == kind and isinstance(inner, dict)
        self._cursor: Json = dict(inner) if same and isinstance(inner, dict) else {}

    @property
    def cursor(self) -> Json:
        return self._cursor

    @property
    def retry(self) -> frozenset[Key]:
        return self._known.retry

    def stamp(self, key: Key) -> str:
        return self._known.stamp(key)

    def keys(self, scope: str) -> frozenset[Key]:
        return self._known.keys(scope)


def _outer(checkpoint: Checkpoint, found: Probe) -> Checkpoint:
    return Checkpoint({"way": found.kind, "found": to_json(found), "inner": checkpoint.cursor})
