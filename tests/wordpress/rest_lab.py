"""What the REST tests share: a source for a role, and the truth as it stands in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from connectors.contract import Context
from connectors.http import Http
from connectors.wordpress.site import WordPress, source
from tests.contract.suite import context
from tests.servers.site import Site

NO_DATE = "0000-00-00 00:00:00"


def session() -> Http:
    return Http(user_agent="keepfolio/test", attempts=3, backoff=0.001)


def lab_context(password: str = "", *, http: Http | None = None, stop: Callable[[], bool] = lambda: False) -> Context:
    return context(http or session(), stop=stop, secret=password)


def blog(site: Site, role: str = "admin", *, password: str | None = None, http: Http | None = None, **options: Any
         ) -> WordPress:  # fmt: skip
    """Return the source for an account; ``role=""`` is a stranger."""
    secret = password if password is not None else (site.password(role) if role else "")
    named = {"user": role} if role else {}
    return source("blog", {"url": site.url, **named, **options}, lab_context(secret, http=http))


def rows(site: Site, query: str) -> list[list[str]]:
    return site.sql(query)


def when(text: str) -> datetime | None:
    """Read a ``*_gmt`` column."""
    return None if text == NO_DATE else datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
