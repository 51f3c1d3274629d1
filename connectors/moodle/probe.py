"""What a Moodle says of itself before anybody logs in, and which ways of getting a token it leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.entry import JsonValue
from connectors.contract import Finding, SourceUnavailable
from connectors.http import Http
from connectors.http_errors import unavailable
from connectors.moodle.api import insist_here, insist_open
from connectors.moodle.faults import OTHER_WAYS

_PAGE = re.compile(r"/(?:login|my|course|blog|user|mod|badges|admin|index\.php)(?:/.*)?$")
_ASK: JsonValue = [{"index": 0, "methodname": "tool_mobile_get_public_config", "args": {}}]

OWN_FORM, BROWSER, EMBEDDED = 1, 2, 3
"""``typeoflogin``: in the app's own form, in a browser, in a browser inside of the app."""


@dataclass(frozen=True)
class Probe:
    """
    A Moodle as a stranger sees it.

    ``root`` is its own address (``wwwroot``), ``launch`` where a browser hands a token over, ``login`` is
    ``typeoflogin``, ``providers`` are the institution's ways to log in (single sign-on).
    """

    root: str
    name: str = ""
    launch: str = ""
    login: int = OWN_FORM
    web_services: bool = True
    mobile: bool = True
    maintenance: bool = False
    login_form: bool = True
    providers: tuple[str, ...] = ()


def root_of(url: str) -> str:
    """Return the address of a site from that of any of its pages, without a slash at its end."""
    return _PAGE.sub("", url.strip().split("?", maxsplit=1)[0].rstrip("/"))


def probe(url: str, http: Http) -> Probe:
    """
    Ask a Moodle for its public settings; one request, without a login.

    Raises:
        SourceUnavailable: Nothing answers, or what answers is no Moodle (``not-moodle``).
    """
    root = root_of(url)
    answer = http.post(
        f"{root}/lib/ajax/service-nologin.php", {"info": "tool_mobile_get_public_config"}, json=_ASK, timeout=60
    )
    insist_here(root, answer)
    insist_open(answer)
    said = answer.json() if answer.ok else None
    first = said[0] if isinstance(said, list) and said else None
    found = first.get("data") if isinstance(first, dict) and not first.get("error") else None
    if not isinstance(found, dict) or not found.get("wwwroot"):
        raise unavailable(
            f"{root} does not answer as a Moodle does.",
            code="not-moodle",
            mend="Write the address of its front page into config.yaml, such as https://vle.example.ac.uk",
        )
    own = str(found["wwwroot"]).rstrip("/")
    providers = found.get("identityproviders")
    return Probe(
        root=own,
        name=str(found.get("sitename") or ""),
        launch=str(found.get("launchurl") or f"{own}/admin/tool/mobile/launch.php"),
        login=int(str(found.get("typeoflogin") or OWN_FORM)),
        web_services=bool(found.get("enablewebservices", 1)),
        mobile=bool(found.get("enablemobilewebservice", 1)),
        maintenance=bool(found.get("maintenanceenabled", 0)),
        login_form=bool(found.get("showloginform", 1)),
        providers=tuple(
            str(one.get("name") or "")
            for one in (providers if isinstance(providers, list) else ())
            if isinstance(one, dict)
        ),
    )


def moved(url: str, own: str) -> SourceUnavailable:
    """Return the error for a site whose own address lies at another host than the one that the owner wrote."""
    return unavailable(
        f"The Moodle at {url} calls itself {own}; a token is sent only to the host in config.yaml.",
        code="moved",
        mend=f"If {own} is right, write it into config.yaml.",
    )


def ways(found: Probe) -> Iterator[Finding]:
    """Yield which ways are open on this site, in words for a person, with their addresses."""
    yield Finding("moodle", "ok", f"{found.name or found.root} is a Moodle.")
    if found.maintenance:
        yield Finding("maintenance", "warning", "The site is under maintenance now.", "Try again later.")
    if not (found.web_services and found.mobile):
        what = "Web services are" if not found.web_services else "The service for Moodle's app is"
        yield Finding("services-off", "error", f"{what} switched off on this site, so no token can be had.", OTHER_WAYS)
    else:
        if found.login_form and found.login == OWN_FORM:
            yield Finding(
                "way-password",
                "note",
                "User name and password: open, if your account has a password of this Moodle's own. An account of the "
                "institution's single sign-on has none.",
                "Write `user:` below the source in config.yaml, then run: keepfolio login",
            )
        yield Finding("way-handover", "note", _hand_over(found), "Run: keepfolio login")
        if found.providers:
            yield Finding(
                "single-sign-on", "note", f"Here people also log in by {', '.join(filter(None, found.providers))}."
            )
        yield Finding(
            "way-qr", "note", "The QR code in your profile is for Moodle's app alone; keepfolio does not use it."
        )
    yield Finding(
        "way-zip",
        "note",
        "The data request: it also holds what a token never shows (hidden courses, ended enrolments, teachers' notes). "
        "Institutions may take days to approve it, so ask early.",
        f"Open {found.root}/admin/tool/dataprivacy/mydatarequests.php, ask for all of your personal data, and give "
        "keepfolio the zip as a source of type moodle-export.",
    )
    yield Finding(
        "way-rss",
        "note",
        "A blog also has an RSS address, where the site switched it on: without drafts and without files.",
        f"Open your blog at {found.root}/blog/index.php and copy the address of its RSS sign, for a source of type "
        "feed.",
    )


def _hand_over(found: Probe) -> str:
    page = f"(the page is {found.launch}; keepfolio login shows its whole address, which ends in confirmed=1)"
    if found.login == OWN_FORM:
        return (
            f"Hand-over by the browser {page}: open. Log out first, log in anew, and open that address as the very "
            "next page: this site gives a token only right after a login."
        )
    return f"Hand-over by the browser {page}: open. It works with the institution's single sign-on too."
