"""What is behind an address: a WordPress with REST, with only XML-RPC or a feed, WordPress.com, or none of these."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from requests.utils import parse_header_links

from archive.entry import Json
from connectors.contract import Finding, SourceUnavailable
from connectors.http import Answer, Http
from connectors.http_address import host_of, same_site
from connectors.http_errors import page_title, unavailable
from connectors.http_json import find_json

Kind = Literal["rest", "xmlrpc", "feed", "wordpress.com", "none"]

API_REL = "https://api.w.org/"
INDEX_FIELDS = "name,home,url,namespaces,authentication,gmt_offset,timezone_string"
EXPORT = "Add it to config.yaml as a source with `type: wordpress-export` and `path: FILE`."
_HOME_CAP = 8 * 1024 * 1024
_FEEDS = ("application/rss+xml", "application/atom+xml")
_CHALLENGES = ("just a moment", "attention required", "checking your browser", "security check", "are you a robot")


@dataclass(frozen=True)
class Probe:
    """
    What an address turned out to be; ``""`` for what it does not have.

    ``api``, ``xmlrpc``, ``feed`` and ``application_passwords_url`` (the page that makes an application password) are
    addresses; ``home`` is the address by which visitors know the site.
    """

    kind: Kind
    home: str
    api: str = ""
    name: str = ""
    language: str = ""
    zone: str = ""
    xmlrpc: str = ""
    feed: str = ""
    application_passwords_url: str = ""
    findings: tuple[Finding, ...] = ()


def remembered(value: object) -> Probe | None:
    """Return the probe that ``to_json`` wrote into a cursor, or None."""
    if not isinstance(value, dict) or value.get("kind") not in {"rest", "xmlrpc", "feed"}:
        return None
    names = ("kind", "home", "api", "name", "language", "zone", "xmlrpc", "feed", "application_passwords_url")
    return Probe(**{name: value.get(name, "") for name in names})


def to_json(found: Probe) -> Json:
    """Return what is worth remembering between runs."""
    return {name: value for name, value in asdict(found).items() if name != "findings"}


def probe(url: str, http: Http) -> Probe:
    """
    Look at an address as a stranger, and say in ``findings`` what was found. Two or three requests, no password.

    Raises:
        SourceUnavailable: Nothing answers there.
    """
    url = url if "//" in url else f"https://{url}"
    trust(url, http)
    answer = http.get(url, cap=_HOME_CAP)
    page = _Head(answer)
    trust(url, http, answer.url, page.api, page.xmlrpc, page.feed_address)
    if _is_wordpress_com(answer.url, page.api):
        return Probe(
            "wordpress.com", answer.url, feed=page.feed_address, language=page.language, findings=(_WORDPRESS_COM,)
        )
    if challenge := _challenge(answer):
        return Probe("none", answer.url, findings=(challenge,))
    if page.api:
        return _with_rest(answer, page, http)
    return _without_rest(answer, page, http)


def trust(url: str, http: Http, *named: str) -> None:
    """
    Tell the session of the owner's own host, and of addresses that were named there.

    Any other address that an answer named stays a discovered one.
    """
    for address in (url if "//" in url else f"https://{url}", *named):
        if same_site(url, address):
            http.configure(address)


def moved(address: str) -> SourceUnavailable:
    """Return the error for a site that wants the password at a host that the owner did not write."""
    parts = urlsplit(address)
    return unavailable(
        f"The site names {host_of(address)} as the place to log in: that is not the address in config.yaml, so the "
        "password was not sent.",
        code="moved",
        mend=f"If that site is yours too, write its address into config.yaml: {parts.scheme}://{parts.netloc}",
    )


_WORDPRESS_COM = Finding(
    "wordpress-com",
    "warning",
    "This blog is hosted by WordPress.com, which gives no application passwords for harvesting.",
    f"In WordPress.com choose Tools > Export. {EXPORT}",
)

_XMLRPC_OFF = Finding(
    "xmlrpc-off",
    "note",
    "XML-RPC is switched off as well.",
    "A security plugin or the site's host closed it; opening REST again is the better way.",
)


def _with_rest(answer: Answer, page: _Head, http: Http) -> Probe:
    index = http.get(page.api, {"_fields": INDEX_FIELDS}, discovered=True)
    found = find_json(index.body)
    about = found.value if found else None
    findings = []
    if found and found.junk:
        findings.append(_noise(found.junk))
    if not isinstance(about, dict):
        findings.append(
            Finding(
                "rest-broken",
                "error",
                f"The site names its REST API, which answers {_what(index)} ({index.status}).",
                "A security check or a broken plugin stands in the way; look at the site's error log.",
            )
        )
        less = _without_rest(answer, page, http)
        return Probe(**{**_plain(less), "findings": (*findings, *less.findings)})
    if index.status in {401, 403}:
        findings.append(
            Finding(
                "rest-closed",
                "note",
                f"A plugin closes the REST API to strangers ({about.get('code')}): a login is needed.",
                "keepfolio login",
            )
        )
        about = {}
    elif not index.ok:
        raise index.not_json()
    else:
        findings.append(Finding("rest", "ok", f"{about.get('name') or answer.url} is a WordPress with REST API."))
    if "rest_route=" in page.api:
        findings.append(Finding("plain-permalinks", "note", "The site uses plain permalinks; that works."))
    approve = _approve_page(about)
    if about and not approve:
        findings.append(_passwords_off(page.api))
    return Probe(
        "rest",
        home=str(about.get("home") or answer.url),
        api=page.api,
        name=html.unescape(str(about.get("name") or "")),
        language=page.language,
        zone=str(about.get("timezone_string") or ""),
        xmlrpc=page.xmlrpc,
        feed=page.feed_address,
        application_passwords_url=approve,
        findings=tuple(findings),
    )


def _without_rest(answer: Answer, page: _Head, http: Http) -> Probe:
    home = answer.url
    closed: tuple[Finding, ...] = ()
    if page.xmlrpc and not _xmlrpc_answers(page.xmlrpc, http):
        closed = (_XMLRPC_OFF,)
    elif page.xmlrpc:
        said = Finding(
            "xmlrpc",
            "note",
            "The site has no REST API, but XML-RPC: reusable blocks and the alternative texts of pictures are missed.",
        )
        return Probe(
            "xmlrpc", home, language=page.language, xmlrpc=page.xmlrpc, feed=page.feed_address, findings=(said,)
        )
    if page.feed_address or page.is_feed:
        feed = page.feed_address or home
        said = Finding(
            "feed",
            "warning",
            "Only a feed was found: published posts alone, as the feed gives them.",
            f"If you can log in, bring WordPress's own export (Tools > Export). {EXPORT}",
        )
        return Probe("feed", home, language=page.language, feed=feed, findings=(said, *closed))
    said = Finding(
        "none",
        "error",
        f"{home} answers {_what(answer)} ({answer.status}): neither WordPress nor a feed.",
        f"Look at the address; or bring an export. {EXPORT}",
    )
    return Probe("none", home, language=page.language, findings=(said, *closed))


def _xmlrpc_answers(url: str, http: Http) -> bool:
    """WordPress answers a GET with 405 and a sentence of its own; hosts that closed it answer 403 or 404."""
    try:
        answer = http.get(url, discovered=True)
    except SourceUnavailable:
        return False
    return answer.status == 405 and b"XML-RPC" in answer.body


def _approve_page(about: Mapping[str, Any]) -> str:
    ways = about.get("authentication")
    way = ways.get("application-passwords") if isinstance(ways, dict) else None
    ends = way.get("endpoints") if isinstance(way, dict) else None
    return str(ends.get("authorization", "")) if isinstance(ends, dict) else ""


def _passwords_off(api: str) -> Finding:
    if urlsplit(api).scheme == "http":
        mend = "WordPress offers them only over https: ask the site's host for a certificate, then write https://."
    else:
        mend = "A plugin or the host switched them off (Wordfence: All Options > Disable application passwords)."
    return Finding("application-passwords-off", "warning", "Application passwords are off on this site.", mend)


def _noise(junk: str) -> Finding:
    return Finding(
        "noise",
        "note",
        f"The site prints text in front of its data: {' '.join(junk.split())[:120]}",
        "Set WP_DEBUG_DISPLAY to false in wp-config.php, or update the plugin named there.",
    )


def _challenge(answer: Answer) -> Finding | None:
    title = page_title(answer.body).lower()
    marked = "cf-mitigated" in {name.lower() for name in answer.headers}
    if not marked and not any(title.startswith(words) for words in _CHALLENGES):
        return None
    return Finding(
        "challenge",
        "error",
        f'The site answers with a security check ("{page_title(answer.body)}") in the place of its pages.',
        "Ask the site's host to let keepfolio through (its name stands in user_agent), or bring an export.",
    )


def _is_wordpress_com(url: str, api: str) -> bool:
    hosts = [(urlsplit(one).hostname or "") for one in (url, api)]
    return any(host == "public-api.wordpress.com" or host.endswith(".wordpress.com") for host in hosts)


def _what(answer: Answer) -> str:
    title = page_title(answer.body)
    return f'with a page called "{title}"' if title else "with something else"


def _plain(found: Probe) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}


class _Head(HTMLParser):
    """The links that a page or its headers name, and its language."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._base = answer.url
        self.api = self.xmlrpc = self.feed_address = self.language = ""
        self.is_feed = bool(re.match(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf:RDF)\b", answer.body))
        for link in parse_header_links(answer.headers.get("Link", "")):
            self._take(link.get("rel", ""), link.get("url", ""), link.get("type", ""))
        if answer.media_type in {"text/html", "application/xhtml+xml"}:
            self._read(answer.text)

    def _read(self, text: str) -> None:
        """Read as far as the head goes: a front page may be long, and posts hold links of their own."""
        end = re.search(r"</head\b|<body\b", text, re.IGNORECASE)
        self.feed(text[: end.start()] if end else text[:500_000])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = of.get("lang", "")
        elif tag == "link":
            self._take(of.get("rel", ""), of.get("href", ""), of.get("type", ""))

    def _take(self, rel: str, url: str, kind: str) -> None:
        rels = rel.lower().split()
        if API_REL in rels and not self.api:
            self.api = urljoin(self._base, url)
        elif "edituri" in rels and not self.xmlrpc:
            self.xmlrpc = urljoin(self._base, url).partition("?")[0]
        elif "alternate" in rels and kind in _FEEDS and not self.feed_address:
            self.feed_address = urljoin(self._base, url)
