"""
Drives the export page: asks for everything, waits for it, and says where the zip is.

Three kinds of servers, told apart by what they answer: those that make the export while they are asked (20.10 and
later in JSON, earlier ones in a page for a frame), and those that queue it and write to the inbox.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin

from connectors.contract import Note, SourceUnavailable, Waiting
from connectors.http_address import same_site
from connectors.http_answer import Answer
from connectors.http_errors import unavailable
from connectors.http_json import find_json
from connectors.mahara.probe import Page, page, select
from connectors.mahara.session import MOVED, Session, lost
from connectors.mahara.watching import MAKE, WAITING, Clock, Stopped, Watch, data_of, server_time

EXPORT = "export/index.php"
INBOX = "module/multirecipientnotification/inbox.php"

INBOX_PAUSE, INBOX_LOOKS = 20.0, 30
"""The queue is worked off every six minutes at best: ten minutes are waited, then the owner comes back."""

_TRIED = 20  # messages of one look that may be about our export
_QUEUED = "Mahara has put the export into its queue: ten minutes at most are waited for it"
_SERVED = re.compile(r"""document\.location\s*=\s*['"]([^'"]*download\.php[^'"]*)['"]""")
_SERVERS_PATH = re.compile(r"(\?file=)/.*/(?=[^/]+/[^/]+\Z)")
"""What stands before the name of a zip when the session ended while it was made: a path that the site does not take."""
_LINK = re.compile(r"""['"]([^'"]*download\.php\?file=[^'"]+)['"]""")
_ARCHIVE = re.compile(r"""href=["']([^"']*downloadarchive\.php\?id=(\d+))["']""")

Events = Generator[Note | Waiting, None, "Outcome"]


@dataclass(frozen=True)
class ExportForm:
    """The form of the export page: what it sends by itself, and what it offers."""

    hidden: dict[str, str] = field(repr=False)
    submit: str
    formats: tuple[str, ...]
    private: bool
    pages: tuple[str, ...]
    collections: tuple[str, ...]


@dataclass(frozen=True)
class Ready:
    """The zip can be fetched, at this address from the site's root on; ``feedback``: all that others said is in it."""

    address: str
    feedback: bool = False


@dataclass(frozen=True)
class Queued:
    """The export is queued; its message will name a number that is none of these."""

    seen: frozenset[int]


Outcome = Ready | Queued | Stopped


def form_of(seen: Page) -> ExportForm | None:
    """Return the export form of a page, or None where it has none."""
    forms = select(seen.tree, '//form[@id="export" or @name="export"]')
    if not forms:
        return None
    form = forms[0]

    labels = {one.get("for"): " ".join("".join(one.itertext()).split()) for one in select(form, ".//label[@for]")}

    def titles(kind: str) -> tuple[str, ...]:
        boxes = select(form, f'.//input[@type="checkbox"][starts-with(@name, "{kind}_")]/@name')
        return tuple(labels.get(f"export_{box}", "") for box in boxes)

    hidden = {
        str(one.get("name")): str(one.get("value") or "")
        for one in select(form, './/input[@type="hidden"][@name]')
        if one.get("name") != "sesskey"
    }
    hidden.setdefault("pieform_export", "")
    submit = select(form, './/*[@name="submit"]/@value')
    return ExportForm(
        hidden,
        str(submit[0]) if submit else "Generate export",
        tuple(map(str, select(form, './/input[@type="radio"][@name="format"]/@value'))),
        bool(select(form, './/input[@name="includeprivatefeedback"]')),
        titles("view"),
        titles("collection"),
    )


def export_page(session: Session, seen: Page | None = None) -> ExportForm:
    """
    Return the export form.

    Raises:
        SourceUnavailable: The site shows something else first (``forced-page``), such as a privacy statement, or lets
            nobody export (``no-export``).
    """
    seen = seen or session.page(EXPORT)
    form = form_of(seen)
    if form is None:
        raise _no_form(session, seen)
    if form.formats and "leap" not in form.formats:
        raise unavailable(
            "This Mahara exports, but not as Leap2A, which is the kind that can be read.",
            code="no-export",
            mend="Ask the site's administrator to switch the Leap2A export on.",
        )
    return form


def make(session: Session, form: ExportForm, clock: Clock) -> Events:
    """
    Ask for an export of everything, with all feedback, and wait until it is made or queued.

    Raises:
        SourceUnavailable: It failed (``export-failed``, with what the site said), or was not heard of again
            (``export-lost``).
    """
    yield Waiting(WAITING)
    asked = {**form.hidden, "what": "all", "includefeedback": "on", "submit": form.submit}
    if form.private:
        asked["includeprivatefeedback"] = "on"
    if form.formats:
        asked["format"] = "leap"
    answer = session.post(EXPORT, asked)
    if answer.status in MOVED:
        return _queued(session, answer)
    seen = session.seen(answer)
    if form_of(seen) is not None or seen.refusals:
        raise _failed(seen.refusals)
    result = yield from Watch(session, clock, server_time(answer) or clock.now()).result()
    if isinstance(result, Stopped):
        return result
    if isinstance(result, str):
        return Ready(result, form.private)
    address, note = _address(session, result)
    if note:
        yield Note(note)
    return Ready(address, form.private)


def from_inbox(session: Session, seen: frozenset[int], clock: Clock) -> Events:
    """Look into the inbox for an export that was not there before, for ten minutes; ``Queued`` while there is none."""
    for look in range(INBOX_LOOKS):
        if look:
            clock.wait(clock.inbox_pause)
        if clock.stop():
            return Stopped()
        yield Waiting(_QUEUED)
        if found := _new_archive(session, seen):
            return Ready(found, feedback=True)  # the queue always includes it
    return Queued(seen)


def _new_archive(session: Session, seen: frozenset[int]) -> str:
    """
    Return where the newest export lies that was not there before, and that the site gives out; ``""`` for none.

    Anybody may have written a number into the inbox, higher than any that the site has.
    """
    new = sorted((found for found in _archives(session).items() if found[0] not in seen), reverse=True)
    return next((at for _, at in new[:_TRIED] if session.head(at).status == 200), "")


def _archives(session: Session) -> dict[int, str]:
    """
    Return the exports that the inbox names, by their number: the highest is the newest.

    What leads to another host is none.
    """
    found = {int(number): unescape(address) for address, number in _ARCHIVE.findall(session.page(INBOX).html)}
    return {number: session.site.inside(at) for number, at in found.items() if same_site(session.site.origin, at)}


# --- where it is --------------------------------------------------------------------------------------------------


def _address(session: Session, answer: Answer) -> tuple[str, str]:
    """Return where the zip lies, and what the owner should hear; whatever the answer is made of."""
    if answer.status in MOVED:
        raise _failed(session.arrived(answer).alerts)
    if find_json(answer.body) is None or answer.media_type == "text/html":
        return _address_in_page(session, answer)
    said = data_of(answer)
    address = said.get("serve_file")
    if not isinstance(address, str) or not address:
        told = said.get("message")
        raise _failed((str(told),) if told else ())
    progress = said.get("progress")
    status = str(progress.get("status") or "") if isinstance(progress, dict) else ""
    return _SERVERS_PATH.sub(r"\1", session.site.inside(address)), _noted(status)


def _address_in_page(session: Session, answer: Answer) -> tuple[str, str]:
    """20.04 and earlier stream a page into a frame; at its end a script names the zip."""
    html = answer.text
    found = _SERVED.search(html) or _LINK.search(html)
    if found is None:
        seen = page(answer)
        if seen.logged_in is False:
            raise lost()
        raise _failed(seen.refusals or (seen.heading,) if answer.ok else (f"HTTP {answer.status}", seen.heading))
    status = re.search(r"strexportgenerated\s*=\s*\"([^\"]*)\"", html)
    address = session.site.inside(urljoin(session.site.origin + MAKE, unescape(found[1]).replace("\\/", "/")))
    return address, _noted(status[1] if status else "")


def _noted(status: str) -> str:
    """Return what the owner should hear of a status: the site knows of errors, and tells nobody which."""
    if "error" not in status.lower():
        return ""
    return (
        f"Mahara says of this export: “{status}” It does not say which; if anything is missing, this report names it."
    )


# --- queued -----------------------------------------------------------------------------------------------------------


def _queued(session: Session, answer: Answer) -> Outcome:
    """Go where the form sends; with its word that the export is queued, note what is in the inbox already."""
    seen = session.arrived(answer)
    if not seen.successes:
        raise _failed(seen.alerts)
    return Queued(frozenset(_archives(session)))


# --- errors -----------------------------------------------------------------------------------------------------------


def _failed(said: tuple[str, ...]) -> SourceUnavailable:
    words = " ".join(word for word in said if word)
    return unavailable(
        "Mahara could not make the export" + (f": “{words}”" if words else ", and does not say why."),
        code="export-failed",
        mend="Try it in the browser (Main menu > Manage > Export). If it fails there too, tell the site's "
        "administrator; exporting single collections may work, harvested as files (type: mahara-export).",
    )


def _no_form(session: Session, seen: Page) -> SourceUnavailable:
    asks = bool(select(seen.tree, '//form[contains(@class, "pieform")]//input[@type="password" or @type="submit"]'))
    if asks or not seen.refusals:
        return unavailable(
            f"The login is right, but the site shows a page of its own first (“{seen.heading}”), such as a new "
            "password or a privacy statement.",
            code="forced-page",
            mend=f"Log in once with a browser, answer what it asks, and run the command again: {session.site.origin}",
        )
    return unavailable(
        f"This Mahara lets nobody export: “{' '.join(seen.refusals)}”",
        code="no-export",
        mend="Ask the site's administrator to switch the Leap2A export on.",
    )
