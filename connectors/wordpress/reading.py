"""
One harvest over REST: what to ask, in which order, and what the answers prove.

Three ways through a post type, from dear to cheap. *First*: whole items, page by page. *Sweep*: stamps of everything,
then the whole items that differ. *Changes*: the newest changes and the total in one request; if the numbers do not add
up, a sweep. What exists is proved (``Listed``) only by a listing under which nothing moved, and that saw as many
things as the server counts, but for those that WordPress is known to keep from an account (``Route.hidden``). What is
counted and never given stays promised, and is looked for again in the next harvest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.entry import Entry, Json, Key, format_time, parse_time
from connectors.contract import Checkpoint, Failed, Found, Known, Listed, Promised, SourceUnavailable, Yield
from connectors.wordpress import identity, items
from connectors.wordpress.account import Route
from connectors.wordpress.api import PAGE, Api, Denied, Item, Page

Stamps = dict[int, tuple[tuple[Key, ...], str]]
"""Keys and stamp by number."""

WINDOW = 20
OVERLAP = timedelta(hours=3)
PASSES = 3


class Stop(Exception):
    """Ends a harvest at a checkpoint."""


@dataclass
class Reading:
    """
    What one harvest knows so far. ``state`` becomes the cursor: it holds of each kind what was true when it was last
    complete, and nothing of a kind that is not.
    """

    api: Api
    site: items.Site
    known: Known
    state: Json
    stop: Callable[[], bool]
    routes: list[Route]
    full: bool = False
    zone: str = ""
    touched: set[int] = field(default_factory=set)  # posts that changed: their files' visibility may have
    seen: set[int] = field(default_factory=set)  # posts of this account, for comments of an own-only account

    def kind(self, name: str) -> dict[str, Any]:
        """Return what the cursor remembers of a kind when it was last complete; ``{}`` for nothing."""
        kinds = self.state.get("kinds")
        remembered = kinds.get(name) if isinstance(kinds, dict) else None
        return remembered if isinstance(remembered, dict) else {}

    def complete(self, name: str, **what: Any) -> None:
        kinds = self.state.setdefault("kinds", {})
        assert isinstance(kinds, dict)  # nothing else is ever put there
        kinds[name] = what

    def begin(self, name: str) -> None:
        """Forget a kind until it is complete again: a harvest that dies meanwhile must compare everything."""
        kinds = self.state.get("kinds")
        if isinstance(kinds, dict):
            kinds.pop(name, None)

    def checkpoint(self) -> Iterator[Yield]:
        """Yield a checkpoint, and end there if the owner asked for it."""
        yield Checkpoint(_copy(self.state))
        if self.stop():
            raise Stop

    def held(self, kind: str) -> dict[int, Key]:
        """Return the numbers that the archive holds of a kind, with their keys."""
        prefix = identity.key(self.site.key, kind, "")
        keys = self.known.keys(identity.scope(self.site.key, kind))
        return {int(k[len(prefix) :]): k for k in keys if k.startswith(prefix) and k[len(prefix) :].isdecimal()}

    def differs(self, key: Key, stamp: str) -> bool:
        """Tell whether a thing is worth being offered; in a full harvest all are, and the archive compares."""
        return self.full or self.known.stamp(key) != stamp or key in self.known.retry


class PostReader:
    """Reads one post type; files (``media``) are one of them."""

    def __init__(self, reading: Reading, route: Route) -> None:
        self._r = reading
        self._route = route
        self._fields = (items.MEDIA_FIELDS if route.kind == "media" else items.POST_FIELDS) + tuple(route.taxonomies)
        self._held = reading.held(route.kind)
        self._before = reading.kind(route.kind)
        self._releases = set(self._before.get("releases", ()))
        self._uncounted = int(self._before.get("uncounted", 0))
        self._newest: str = self._before.get("newest", "")
        self._all = route.kind == "media" and not self._before

    def read(self) -> Iterator[Yield]:
        """Yield what is new or changed, and what exists where that was counted."""
        self._r.seen |= set(self._held)
        proven = self._before.get("mode") == self._route.mode
        if not self._held and not proven:
            yield from self._first()
        elif self._r.full or not proven or self._lost_retries():
            yield from self._sweep()
        else:
            yield from self._changes()

    # --- three ways -------------------------------------------------------------------------------------------------

    def _first(self) -> Iterator[Yield]:
        self._r.begin(self._route.kind)
        found: set[int] = set()
        listed: set[Key] = set()
        page, whole = Page([], 0, None), True
        try:
            for page in self._r.api.pages(self._route.path, self._params(self._fields)):
                whole = whole and page.joined
                for item in self._found(page):
                    found.add(int(item.entry.native_id))
                    listed.update(item.entry.keys)
                    yield item
                yield from self._r.checkpoint()
        except SourceUnavailable as error:
            if error.code != "too-large":
                raise
            whole = False  # a hundred of these posts are too much for one answer
        if whole and len(found) == page.total:
            yield from self._done(page.total, listed)
        else:  # something came or went while we were reading
            yield from self._sweep(already=found)

    def _sweep(self, already: set[int] | None = None) -> Iterator[Yield]:
        mode = self._before.get("mode", self._route.mode)
        self._r.begin(self._route.kind)
        fetched = already or set()
        rows: Stamps = {}
        total, still = 0, False
        for _ in range(PASSES):
            before, (rows, total, joined) = rows, self._stamps()
            yield from self._fetch(self._differing(rows, fetched))
            fetched |= set(rows)
            still = joined and (len(rows) == total or rows.keys() == before.keys())
            if still:
                break
        if len(rows) < total and self._route.edit:
            yield from self._hidden(rows)
        missed = total - len(rows)
        self._uncounted = max(0, min(missed, self._route.hidden))
        if not still or missed > self._route.hidden:
            # the site moves faster than we read, or keeps something back: it stays promised, and is looked for again
            yield self._promised(total)
            yield from self._r.checkpoint()
        elif mode == self._route.mode:
            yield from self._done(total, {key for keys, _ in rows.values() for key in keys})
        else:  # the site shows us less than before, or more: nothing is proved of what we held
            yield self._promised(total)
            self._r.complete(self._route.kind, **self._memory(total))
            yield from self._r.checkpoint()

    def _hidden(self, rows: Stamps) -> Iterator[Yield]:
        """Read as a visitor what is counted but not given for editing, as the privacy policy is to an editor."""
        visitor = PostReader(self._r, replace(self._route, edit=False))
        more, _, _ = visitor._stamps()
        unseen = {number: what for number, what in more.items() if number not in rows}
        rows |= unseen
        yield from visitor._fetch(self._differing(unseen, set()))

    def _changes(self) -> Iterator[Yield]:
        window = self._r.api.page(
            self._route.path,
            {**self._params(items.STAMP_FIELDS), "orderby": "modified", "order": "desc", "per_page": WINDOW},
        )
        rows = self._rows(window)
        changed = set(self._differing(rows, set()))
        if not self._conclusive(window, changed):
            since = parse_time(self._newest) - OVERLAP if self._newest else None
            # modified_after is read in the site's own time unless it carries a zone, and is blind for an hour in autumn
            more = {"modified_after": format_time(since)} if since else {}
            for page in self._r.api.pages(self._route.path, {**self._params(items.STAMP_FIELDS), **more}):
                changed.update(self._differing(self._rows(page), set()))
        changed |= self._retries()
        new = changed - set(self._held)
        if window.total != self._before.get("total", -1) + len(new):
            yield from self._sweep()
            return
        yield from self._fetch(sorted(changed))
        yield self._promised(window.total)
        self._r.complete(self._route.kind, **self._memory(window.total))

    # --- asking -----------------------------------------------------------------------------------------------------

    def _params(self, fields: Iterable[str]) -> dict[str, str | int]:
        return {**self._route.params(fields), "orderby": "id", "order": "asc"}

    def _stamps(self) -> tuple[Stamps, int, bool]:
        """Return keys and stamp of everything, how many the server counts, and whether nothing moved meanwhile."""
        rows: Stamps = {}
        total, joined = 0, True
        for page in self._r.api.pages(self._route.path, self._params(items.STAMP_FIELDS)):
            rows |= self._rows(page)
            total, joined = page.total, joined and page.joined
        return rows, total, joined

    def _rows(self, page: Page) -> Stamps:
        rows: Stamps = {}
        for item, _ in page.rows:
            self._note(item)
            keys = items.keys(item, self._r.site, self._route.kind)
            rows[int(item["id"])] = (keys, items.stamp(item, page.at, edit=self._route.edit))
        return rows

    def _fetch(self, numbers: Iterable[int]) -> Iterator[Yield]:
        """Yield whole items by number, a hundred a request, with a checkpoint after each."""
        for some in chunks(numbers):
            yield from self._whole(some)
            # a first harvest that was killed has nothing yet that could have become private since
            if not self._r.full:  # in a full one all files and comments are offered anyway
                self._r.touched |= set(some) if self._before else set(some) & set(self._held)
            yield from self._r.checkpoint()

    def _whole(self, numbers: list[int]) -> Iterator[Yield]:
        """Yield items by number in one answer; by halves where that is too large, as with pictures inside of posts."""
        try:
            page = self._r.api.page(
                self._route.path, {**self._params(self._fields), "include": ",".join(map(str, numbers))}
            )
        except SourceUnavailable as error:
            if error.code != "too-large":
                raise
            half = len(numbers) // 2
            if half:
                yield from self._whole(numbers[:half])
                yield from self._whole(numbers[half:])
            else:
                key = identity.key(self._r.site.key, self._route.kind, numbers[0])
                yield Failed(f"{self._route.kind} {numbers[0]}", error.message, key=key, transient=False)
            return
        yield from self._found(page)

    def attached_to(self, posts: set[int]) -> Iterator[Yield]:
        """Yield the files of posts that changed: they are as public as those."""
        for some in chunks(posts):
            params = {**self._params(self._fields), "parent": ",".join(map(str, some))}
            for page in self._r.api.pages(self._route.path, params):
                yield from self._found(page)

    def _found(self, page: Page) -> Iterator[Found]:
        if self._route.kind == "media":
            resolve(self._r, {int(item.get("post") or 0) for item, _ in page.rows})
        make = items.media if self._route.kind == "media" else items.post
        for item, raw in page.rows:
            self._note(item)
            entry: Entry = make(item, self._r.site, self._route, page.at)
            if entry.kind == "release":
                self._releases.add(int(entry.native_id))
            yield Found(entry, items.safe(item, raw))

    # --- judging ----------------------------------------------------------------------------------------------------

    def _note(self, item: Item) -> None:
        self._r.site.saw(item, self._route)
        if self._route.kind != "media":
            self._r.seen.add(int(item["id"]))
        changed = items.moment(item.get("modified_gmt"))
        if changed is not None:
            self._newest = max(self._newest, format_time(changed))

    def _differing(self, rows: Stamps, fetched: set[int]) -> list[int]:
        return [n for n, (keys, stamp) in rows.items() if n not in fetched and self._wanted(keys, stamp)]

    def _wanted(self, keys: tuple[Key, ...], stamp: str) -> bool:
        return self._all or self._r.differs(keys[-1], stamp) or any(key in self._r.known.retry for key in keys)

    def _conclusive(self, window: Page, changed: set[int]) -> bool:
        """
        Tell whether no change can hide below the newest twenty.

        They are sorted by the site's local time. None can hide if the window shows everything, or ends with something
        unchanged that is older than each change; unless the clocks went back since the last harvest, and a later
        change has an earlier time.
        """
        if len(window.rows) == window.total:
            return True
        if self._clocks_went_back(window.at):
            return False
        oldest = window.rows[-1][0] if window.rows else None
        if oldest is None or int(oldest["id"]) in changed:
            return False
        times = [str(item["modified_gmt"]) for item, _ in window.rows if int(item["id"]) in changed]
        return all(str(oldest["modified_gmt"]) < time for time in times)

    def _clocks_went_back(self, now: datetime | None) -> bool:
        then = self._before.get("at")
        if not (then and now and self._r.zone):
            return False
        try:
            zone = ZoneInfo(self._r.zone)
        except (ZoneInfoNotFoundError, ValueError):
            return False
        before = (parse_time(str(then)) - OVERLAP).astimezone(zone).utcoffset()
        after = now.astimezone(zone).utcoffset()
        return before is not None and after is not None and after < before

    def _retries(self) -> set[int]:
        prefix = identity.key(self._r.site.key, self._route.kind, "")
        tails = (key[len(prefix) :] for key in self._r.known.retry if key.startswith(prefix))
        return {int(tail) for tail in tails if tail.isdecimal()}

    def _lost_retries(self) -> bool:
        """Tell whether something of this kind is to be tried again whose number only a sweep finds."""
        mine = self._r.known.keys(identity.scope(self._r.site.key, self._route.kind))
        return any(not key.startswith("wordpress:") and key in mine for key in self._r.known.retry)

    def _promised(self, total: int) -> Promised:
        return Promised(self._route.kind, max(0, total - self._uncounted - len(self._releases)))

    def _memory(self, total: int) -> dict[str, Any]:
        at = self._r.state.get("at")
        return {
            "mode": self._route.mode,
            "total": total,
            "uncounted": self._uncounted,
            "newest": self._newest,
            "releases": sorted(self._releases),
            "at": at,
        }

    def _done(self, total: int, listed: set[Key]) -> Iterator[Yield]:
        if self._route.kind != "media" and not listed.issuperset(self._held.values()):
            # WordPress gives the files of a purged post to nobody, and moves no time of theirs: all are read anew
            self._r.begin("media")
        yield self._promised(total)
        yield Listed(identity.scope(self._r.site.key, self._route.kind), frozenset(listed))
        self._r.complete(self._route.kind, **self._memory(total))
        yield from self._r.checkpoint()


def resolve(reading: Reading, numbers: set[int]) -> None:
    """Find out, of posts that files and comments belong to, their kind and whether strangers may read them."""
    site = reading.site
    unknown = {n for n in numbers if n and n not in site.shown}
    for route in reading.routes:
        if route.kind == "media":
            continue
        for some in chunks(unknown):
            params: dict[str, str | int] = {"include": ",".join(map(str, some)), "context": "view"}
            if route.edit and not route.own:
                params = {**params, **route.params(())}
            params["_fields"] = "id,status,content.protected"
            try:
                page = reading.api.page(route.path, params)
            except Denied:
                continue
            for item, _ in page.rows:
                site.saw(item, route)
                unknown.discard(int(item["id"]))
        if not unknown:
            return
    for number in unknown:  # nobody shows it to us: it is not public
        site.shown[number] = False


def chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Yield the numbers in order, as many at a time as one request may name."""
    waiting = sorted(numbers)
    for start in range(0, len(waiting), PAGE):
        yield waiting[start : start + PAGE]


def _copy(state: Json) -> Json:
    return {name: (dict(value) if isinstance(value, dict) else value) for name, value in state.items()}
