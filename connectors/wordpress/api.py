"""WordPress's REST API as it really answers: addresses, pages, totals, refusals, and noise in front of the data."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from connectors.contract import SourceRefused, SourceUnavailable
from connectors.http import DOCUMENT_CAP, Answer, Auth, Http
from connectors.http_errors import NOTHING_LOST, unavailable
from connectors.http_json import cut_items, find_json

log = logging.getLogger("keepfolio.wordpress")

PAGE = 100
Item = Mapping[str, Any]
Row = tuple[Item, bytes]
Params = Mapping[str, str | int]


class Denied(SourceUnavailable):
    """WordPress does not let this account ask that: the answer is a refusal, and says nothing about what exists."""

    default_code = "denied"


@dataclass(frozen=True)
class Page:
    """
    One page of a list: items with their own bytes, how many the server counts in all, and its clock.

    ``joined`` tells that nothing was lost between this page and the one before: each page begins with the last item of
    the one before (left out here), unless something moved meanwhile.
    """

    rows: list[Row]
    total: int
    at: datetime | None
    joined: bool = True


class Api:
    """
    One account at one site's REST API; only reads.

    Args:
        root: As the site names it in its ``Link`` header: ``.../wp-json/`` or ``.../index.php?rest_route=/``.
    """

    cap = DOCUMENT_CAP

    def __init__(self, http: Http, root: str, auth: Auth | None = None) -> None:
        self.http = http
        self.root = root
        self.auth = auth
        self.noise = ""

    def url(self, path: str) -> str:
        """Return the address of a route such as ``wp/v2/posts``; with plain permalinks it stands in the query."""
        return self.root + path

    def ask(self, path: str, params: Params | None = None) -> Answer:
        """Return the answer to a GET, of whatever status."""
        return self.http.get(self.url(path), params, auth=self.auth, cap=self.cap, discovered=True)

    def one(self, path: str, params: Params | None = None) -> Any:
        """
        Return the JSON of a good answer.

        Raises:
            Denied: 400, 401, 403 or 404, with WordPress's own word for it as ``code``.

            SourceUnavailable: There is no good answer.
        """
        answer = self.ask(path, params)
        self.insist(answer)
        found = find_json(answer.body)
        if found is None:
            raise answer.not_json()
        self._note(found.junk)
        return found.value

    def page(self, path: str, params: Params) -> Page:
        """Return one page of a list; raises as ``one`` does."""
        return self._page(self.ask(path, {"per_page": PAGE, **params}))

    def pages(self, path: str, params: Params) -> Iterator[Page]:
        """
        Yield all pages of a list in ascending order of id, requested two ahead.

        The end is where the server's count says, never a short page: for accounts that may not see everything, pages
        are short in the middle. What was added meanwhile makes further pages.
        """
        newest = self.page(path, params)
        last = newest.rows[-1:]
        yield newest
        step, at = PAGE - 1, PAGE - 1
        while at + 1 < newest.total:
            wanted = [{"per_page": PAGE, **params, "offset": n} for n in range(at, newest.total - 1, step)]
            at += step * len(wanted)
            # taken apart here: a thread that computes would hold up the one that writes, at each file
            for newest in map(self._page, self.http.ordered(partial(self.ask, path, asked) for asked in wanted)):
                joined = bool(last and newest.rows) and newest.rows[0][0]["id"] == last[0][0]["id"]
                last = newest.rows[-1:]
                yield replace(newest, rows=newest.rows[1:] if joined else newest.rows, joined=joined)

    def _page(self, answer: Answer) -> Page:
        self.insist(answer)
        rows = cut_items(answer.body)
        if rows is None:
            raise answer.not_json()
        if not answer.body.lstrip().startswith(b"["):
            self._note(answer.text.partition("[{")[0])
        total = answer.headers.get("X-WP-Total", "")
        if not total.isdecimal():
            raise unavailable(
                f"{answer.url.partition('?')[0]} does not say how long its list is.",
                code="no-total",
                mend="A cache or firewall in front of the site removes the header X-WP-Total.",
            )
        items: list[Row] = [(item, raw) for item, raw in rows if isinstance(item, dict)]
        return Page(items, int(total), server_time(answer))

    def insist(self, answer: Answer) -> None:
        """Raise where the answer is none; see ``one``."""
        if answer.ok:
            return
        code = error_code(answer)
        if answer.status in {400, 401, 403, 404, 410} and code:
            raise Denied(f"WordPress answered {answer.status} ({code}).", code=code, unchanged=NOTHING_LOST)
        if answer.status in {401, 403}:
            raise unavailable(
                f"The site's host refused the request ({answer.status}).",
                code="firewall",
                mend="A firewall or security plugin stands in front of the site; user_agent in config.yaml may help.",
            )
        if answer.status in {200, 404} or answer.media_type != "application/json":
            raise answer.not_json()
        raise unavailable(
            f"The site failed ({answer.status}, {code}).",
            code="server-error",
            mend="Try again later; if it stays so, look at the site's error log.",
        )

    def _note(self, junk: str) -> None:
        if junk.strip() and not self.noise:
            self.noise = " ".join(junk.split())[:200]
            log.warning("the site prints text in front of its data: %s", self.noise)


def error_code(answer: Answer) -> str:
    """Return WordPress's word for an error (``rest_post_invalid_id``), or ``""``."""
    found = find_json(answer.body)
    value = found.value if found else None
    code = value.get("code") if isinstance(value, dict) else None
    return code if isinstance(code, str) else ""


def server_time(answer: Answer) -> datetime | None:
    """Return the server's own clock."""
    try:
        return parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None


def refused(message: str, code: str, mend: str) -> SourceRefused:
    """Return the error that parks the source."""
    return SourceRefused(message, code=code, unchanged="Nothing in your archive was changed.", mend=mend)
