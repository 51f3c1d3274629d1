"""What ``keepfolio check`` tells about a Mahara: which way in is open, what its export offers, and the way by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol
from urllib.parse import urlsplit

from connectors.contract import Finding, SourceRefused, SourceUnavailable
from connectors.http_address import is_loopback
from connectors.mahara import making
from connectors.mahara.probe import NEWEST_READ, Page, Site
from connectors.mahara.reading_told import clicks
from connectors.mahara.session import Session


class Entered(Protocol):
    """A session, and the export page that it saw."""

    @property
    def session(self) -> Session: ...
    @property
    def page(self) -> Page: ...


def findings(site_of: Callable[[], Site], enter: Callable[[Site], Entered]) -> Iterator[Finding]:
    """Yield what a person should know. Asks for three pages, and sends the login once."""
    try:
        site = site_of()
    except SourceUnavailable as error:
        yield _wrong(error)
        return
    yield from _about(site)
    try:
        entered = enter(site)
        form = making.export_page(entered.session, entered.page)
    except (SourceRefused, SourceUnavailable) as error:
        yield _wrong(error)
    else:
        yield Finding("login", "ok", f"The login is right: Mahara knows you as user {entered.session.user}.")
        yield Finding(
            "export",
            "ok",
            f"The export page is there. It lists {_count(len(form.pages), 'page')} and "
            f"{_count(len(form.collections), 'collection')}; a harvest takes everything, journals and files too.",
        )
        yield Finding(
            "export-when",
            "note",
            "Each harvest lets Mahara make a new export, from seconds to some minutes; a site may also put it into a "
            "queue, which shows only when it is asked for.",
        )
    yield by_hand(site.origin)


def by_hand(origin: str) -> Finding:
    """Return the clicks with which the owner makes the export herself; ``origin`` ends in ``/``."""
    return Finding(
        "by-hand",
        "note",
        f"The same by hand: {clicks(origin)} If the site queues it, the link to the zip comes to "
        f"{origin}{making.INBOX}. Put the zip into a folder, and name that folder as a source of type mahara-export.",
    )


def _about(site: Site) -> Iterator[Finding]:
    called = f"“{site.name}”, " if site.name else ""
    yield Finding("mahara", "ok", f"{called}Mahara {site.version or 'of a version it does not tell'} at {site.origin}")
    if site.unread:
        yield Finding(
            "unread-version",
            "warning",
            f"Mahara {site.version} is newer than {NEWEST_READ[0]}.{NEWEST_READ[1]:02}, the last one whose inner "
            "working is public: it is read with care, and may still answer in new ways.",
            "If a harvest fails, make the export by hand, and tell us the version and the message.",
        )
    if urlsplit(site.origin).scheme == "http" and not is_loopback(site.origin):
        yield Finding(
            "no-tls",
            "warning",
            "The site is reached without TLS: everything, also a password, can be read on the way.",
            "Try https:// in its address in config.yaml.",
        )
    if site.logins is not None:
        ways = {"basic": "with a password", "sso": "through your institution (SSO)", "manual": "by a token"}
        yield Finding(
            "logins",
            "note",
            f"Ways in: {', '.join(ways.get(way, way) for way in sorted(site.logins)) or 'none named'}.",
        )


def _wrong(error: SourceRefused | SourceUnavailable) -> Finding:
    return Finding(error.code, "error", error.message, error.mend)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
