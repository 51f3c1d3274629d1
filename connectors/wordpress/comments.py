"""Reads comments and pingbacks: all but spam, and never their writers' e-mail, address or agent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archive.entry import Key
from connectors.contract import Found, Listed, Promised, Yield
from connectors.wordpress import identity, items
from connectors.wordpress.account import Account
from connectors.wordpress.api import Item, Page, Params, Row
from connectors.wordpress.reading import Reading, chunks, resolve

PATH = "wp/v2/comments"
NAME = "comment"


class CommentReader:
    """
    Reads what was said under posts.

    A comment has no time of change and no cheap list of changes: the newest hundred are read each time, with the
    total; everything is read when the numbers do not add up. ``own`` reads only what stands under the account's posts.
    """

    def __init__(self, reading: Reading, account: Account, *, own: bool) -> None:
        self._r = reading
        self._own = own
        self._moderates = "moderate_comments" in account.can
        self._all_types = "edit_posts" in account.can
        self._before = reading.kind(NAME)
        self._counts: dict[str, int] = dict(self._before.get("counts", {}))
        self._mode = f"{'edit' if self._moderates else 'view'}-{'own' if own else 'all'}"

    def read(self) -> Iterator[Yield]:
        """Yield what is new or changed, and what exists where everything was read."""
        newest = self._r.api.page(PATH, {**self._params(), "orderby": "id", "order": "desc"})
        binned = self._bin()
        highest = int(self._before.get("highest", 0))
        new = [item for item, _ in newest.rows if int(item["id"]) > highest]
        ours = [item for item, _ in self._ours(newest) if int(item["id"]) > highest]
        adds_up = (
            self._before.get("mode") == self._mode
            and newest.total == self._before.get("total", -1) + len(new)
            and binned == self._before.get("binned", -1)
            and not self._r.full
        )
        top = max([highest, *(int(item["id"]) for item, _ in newest.rows)])
        if adds_up:
            yield from self._found(newest)
            for item in ours:
                kind = identity.kind_of(str(item.get("type", "")))
                self._counts[kind] = self._counts.get(kind, 0) + 1
        else:
            yield from self._everything(newest.total)
        yield from self._below(self._r.touched)
        for kind in sorted(self._counts):
            yield Promised(kind, self._counts[kind])
        self._r.complete(NAME, mode=self._mode, total=newest.total, binned=binned, highest=top, counts=self._counts)
        yield from self._r.checkpoint()

    def _params(self) -> dict[str, str | int]:
        params: dict[str, str | int] = {"_fields": ",".join(items.COMMENT_FIELDS), "orderby": "id", "order": "asc"}
        if self._all_types:
            params["type"] = "all"
        if self._moderates:
            params |= {"context": "edit", "status": "all"}  # approved and waiting; neither spam nor bin
        return params

    def _bin(self) -> int:
        if not self._moderates:
            return 0
        asked = {**self._params(), "status": "trash", "per_page": 1, "_fields": "id"}
        return self._r.api.page(PATH, asked).total

    def _everything(self, total: int) -> Iterator[Yield]:
        self._counts = {}
        listed: set[Key] = set()
        read, joined = 0, True
        for page in self._lists():
            read, joined = read + len(page.rows), joined and page.joined
            for item, _ in self._ours(page):
                kind = identity.kind_of(str(item.get("type", "")))
                listed.update(identity.keys("", self._r.site.key, kind, int(item["id"])))
                self._counts[kind] = self._counts.get(kind, 0) + 1
            yield from self._found(page)
            yield from self._r.checkpoint()
        counted = joined and (self._own or read == total + self._bin())
        if counted and self._before.get("mode", self._mode) == self._mode:
            yield Listed(identity.scope(self._r.site.key, NAME), frozenset(listed))

    def _lists(self) -> Iterator[Page]:
        statuses = ("all", "trash") if self._moderates else ("",)
        for status in statuses:
            params: Params = {**self._params(), **({"status": status} if status else {})}
            if not self._own:
                yield from self._r.api.pages(PATH, params)
                continue
            for some in chunks(self._r.seen):
                yield from self._r.api.pages(PATH, {**params, "post": ",".join(map(str, some))})

    def _below(self, posts: Iterable[int]) -> Iterator[Yield]:
        """Yield the comments of posts that changed: they are as public as those."""
        for some in chunks(posts):
            for page in self._r.api.pages(PATH, {**self._params(), "post": ",".join(map(str, some))}):
                yield from self._found(page, all_of_them=True)

    def _found(self, page: Page, *, all_of_them: bool = False) -> Iterator[Found]:
        rows = [row for row in self._ours(page) if all_of_them or self._changed(row[0])]
        resolve(self._r, {int(item.get("post") or 0) for item, _ in rows})
        for item, raw in rows:
            yield Found(items.comment(item, self._r.site), items.safe(item, raw))

    def _ours(self, page: Page) -> list[Row]:
        return [
            (item, raw)
            for item, raw in page.rows
            if item.get("status") != "spam" and (not self._own or int(item.get("post") or 0) in self._r.seen)
        ]

    def _changed(self, item: Item) -> bool:
        kind = identity.kind_of(str(item.get("type", "")))
        return self._r.differs(identity.key(self._r.site.key, kind, int(item["id"])), items.comment_stamp(item))
