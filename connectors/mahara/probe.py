"""What a Mahara says of itself to anybody, and what each of its pages says of who is looking at it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from lxml import etree

from connectors.contract import SourceUnavailable
from connectors.http import Http
from connectors.http_address import same_site
from connectors.http_answer import Answer
from connectors.http_errors import unavailable
from connectors.http_json import find_json

NEWEST_READ = (23, 4)
"""The newest version whose source is public: what later ones answer, nobody outside could read."""

_INFO = "module/mobileapi/json/info.php"
_GENERATOR = re.compile(r"Mahara\s+([0-9][\w.]*)")
_SAYS = re.compile(r"'(sesskey|wwwroot|loggedin|userid)'\s*:\s*'?([^',\s]*)'?")


@dataclass(frozen=True)
class Site:
    """
    A Mahara.

    Attributes:
        origin: Where it is asked, ends in ``/``: at the host that the owner wrote.

        wwwroot: How it calls itself, ends in ``/``.

        version: Such as ``22.10``; ``""`` when it does not tell.

        logins: ``basic``, ``sso``, ``manual``; None when it does not tell.
    """

    origin: str
    wwwroot: str
    version: str = ""
    name: str = ""
    logins: frozenset[str] | None = None

    @property
    def password_works(self) -> bool:
        """Whether the site's own login form lets anybody in; True when it does not tell."""
        return self.logins is None or "basic" in self.logins

    @property
    def unread(self) -> bool:
        """Whether it is newer than any version that could be read from outside."""
        found = re.match(r"(\d+)\.(\d+)", self.version)
        return found is not None and (int(found[1]), int(found[2])) > NEWEST_READ

    def inside(self, address: str) -> str:
        """
        Return an address that the site named, from its own root on: ``export/download.php?file=1/a.zip``.

        Raises:
            SourceUnavailable: It lies at another host (``elsewhere``): nothing is sent there.
        """
        parts = urlsplit(address)
        if parts.netloc and not same_site(self.origin, address):
            raise unavailable(
                f"The site sends to {parts.netloc}, which is not the host of its address in config.yaml; nothing was "
                "sent there.",
                code="elsewhere",
                mend="If your Mahara has moved there, write that address as `url` in config.yaml.",
            )
        path = parts.path
        for root in (self.wwwroot, self.origin):
            if path.startswith(urlsplit(root).path):
                path = path.removeprefix(urlsplit(root).path)
                break
        return path.lstrip("/") + (f"?{parts.query}" if parts.query else "")


@dataclass(frozen=True)
class Page:
    """
    A page of HTML from Mahara.

    ``logged_in`` is None where the page does not say so: it is not Mahara's.
    """

    html: str = field(repr=False)
    logged_in: bool | None
    user: str
    sesskey: str = field(repr=False)
    wwwroot: str

    @cached_property
    def tree(self) -> etree._Element:
        parser = lxml.html.HTMLParser(encoding="utf-8")
        return lxml.html.document_fromstring(self.html.encode("utf-8", "replace") or b"<html></html>", parser=parser)

    @property
    def alerts(self) -> tuple[str, ...]:
        """What the site tells the person, in her language, without HTML, each once."""
        return self._words('//*[contains(concat(" ", @class, " "), " alert ")]')

    @property
    def refusals(self) -> tuple[str, ...]:
        """Alerts of the kind that says no."""
        return self._words('//*[contains(@class, "alert-danger") or contains(@class, "alert-warning")]')

    @property
    def closed(self) -> str:
        """
        What stands at the top of every page while the administrator has closed the site; ``""`` while it is open.

        Nothing else is said there to who is not logged in (theme/raw/templates/header.tpl, 19.10 to 22.10).
        """
        found = self._words('//*[contains(@class, "site-message") and contains(@class, "alert-danger")]')
        return "" if self.logged_in else " ".join(found)

    @property
    def successes(self) -> tuple[str, ...]:
        """Alerts of the kind that says that something was done."""
        return self._words('//*[@id="messages"]//*[contains(@class, "alert-success")]')

    @property
    def heading(self) -> str:
        return next(iter(self._words("//h1")), "") or next(iter(self._words("//title")), "")

    def _words(self, path: str) -> tuple[str, ...]:
        found = select(self.tree, path)
        said = (" ".join("".join(one.itertext()).split())[:300] for one in found)
        return tuple(dict.fromkeys(words for words in said if words))


def select(within: etree._Element, path: str) -> list[Any]:
    """Return the elements, or the values of attributes, that an XPath finds."""
    found = within.xpath(path)
    return found if isinstance(found, list) else []


def page(answer: Answer) -> Page:
    """Return what a page says of who looks at it; any body will do."""
    said = dict[str, str]()
    for name, value in _SAYS.findall(answer.text):
        said.setdefault(name, value)
    state = said.get("loggedin")
    return Page(
        answer.text,
        None if state not in {"0", "1"} else state == "1",
        said.get("userid", ""),
        said.get("sesskey", ""),
        said.get("wwwroot", ""),
    )


def probe(url: str, http: Http) -> Site:
    """
    Return what lies at the address that the owner wrote: two requests at most, without any secret.

    Raises:
        SourceUnavailable: No answer; or none of a Mahara (``no-mahara``); or the site lies at another host (``moved``).
    """
    http.configure(url)
    root = _ended(re.sub(r"([^/]+\.php\b|\?).*$", "", url))  # a page of it, as the browser shows it, will do
    answer = http.get(root + _INFO)
    if not answer.url.endswith(_INFO):
        return _by_front_page(root, http)
    origin = answer.url.removesuffix(_INFO)
    found = find_json(answer.body) if answer.ok else None
    said = found.value if found else None
    if not isinstance(said, dict) or "maharaversion" not in said:
        return _by_front_page(root, http)
    logins = said.get("logintypes")
    return _at(
        root,
        http,
        Site(
            origin,
            _ended(str(said.get("wwwroot") or origin)),
            str(said["maharaversion"]),
            str(said.get("sitename") or ""),
            frozenset(map(str, logins)) if isinstance(logins, list) else None,
        ),
    )


def _by_front_page(root: str, http: Http) -> Site:
    """Older versions, and sites that hide the way of the mobile app, are known by their front page."""
    answer = http.get(root)
    seen = page(answer)
    version = _GENERATOR.search(answer.text[:5000])
    if not answer.ok or (version is None and seen.logged_in is None):
        raise unavailable(
            f"No Mahara answers at {root} ({answer.status}).",
            code="no-mahara",
            mend="Open the address in a browser, and write the one of Mahara's front page as `url` in config.yaml.",
        )
    origin = answer.url.partition("?")[0]
    origin = origin if origin.endswith("/") else origin.rpartition("/")[0] + "/"
    return _at(root, http, Site(origin, _ended(seen.wwwroot or origin), version[1] if version else ""))


def _at(root: str, http: Http, site: Site) -> Site:
    """Return the site when it lies at the host that the owner named: a login goes nowhere else."""
    for where in (site.origin, site.wwwroot):
        if not same_site(root, where):
            raise moved(where)
    http.configure(site.origin)  # the same host, with www. or without
    return site


def moved(where: str) -> SourceUnavailable:
    """Return the error for a Mahara that calls itself by another host's name."""
    return unavailable(
        f"This Mahara calls itself {where}, which is not the host in config.yaml. No password was sent.",
        code="moved",
        mend=f"If that is your Mahara, write `url: {where.rstrip('/')}` in config.yaml.",
    )


def _ended(address: str) -> str:
    return address if address.endswith("/") else f"{address}/"
