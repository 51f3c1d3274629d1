"""Moodle's texts as HTML that stands alone: formats, addresses of files, and what must not be kept."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from archive.entry import JsonValue, MediaFile

PLAIN, MARKDOWN = 2, 4
PLACE = "@@PLUGINFILE@@/"
"""What stands in the texts of a blog for the address of a file of the same entry."""

_PLACED = re.compile(r"@@PLUGINFILE@@/([^\"'\s<>)]*)")
_TAG = re.compile(r"<[^<>]*>")  # one pass over any text: another < begins anew
_KEYED = re.compile(r"/tokenpluginfile\.php/[0-9A-Za-z]+/")
_TOKENED = re.compile(
    r"""(/(?:pluginfile|export_execute)\.php[^\s"'<>?]{0,1000}\?[^\s"'<>]{0,300}?)\b(?:ws|private|auth)?token=\w{32,}"""
)
"""A Moodle's file or calendar with the account's own key; addresses of other systems are left alone."""
_SESSION = re.compile(r"([?&;])sesskey=\w+")
_END = 253_402_300_800  # the year 10,000: people type anything into a field for dates
_CLEANED = re.compile(r"[\x00-\x1f\x7f&<>\"`|':\\/]")
_DROPPED = frozenset(
    {
        *("token", "privatetoken", "userprivateaccesskey", "sesskey", "authtoken", "key"),  # open something
        *("reviewer", "reviewerid"),  # what was said of the owner is kept, and not who said it
        *("urls", "html", "avatar", "profileurl", "userpictureurl", "listviewcontents"),  # the site's furniture
        *("canedit", "canmanage", "canmanageentry", "capabilities", "navigation", "commentarea"),
    }
)


def moment(seconds: object) -> datetime | None:
    """Return the aware time of Moodle's Unix seconds; 0 and nothing are no time."""
    number = int(str(seconds)) if str(seconds or "").isdecimal() else 0
    return datetime.fromtimestamp(number, UTC) if 0 < number < _END else None


def day(when: datetime | None) -> str:
    """Return the date as ``2024-03-14``, or ``""``."""
    return when.date().isoformat() if when else ""


def clean(text: str) -> str:
    """Return a text whose addresses hold no key, and are those at which a person with a browser finds the files."""
    keyless = _KEYED.sub("/pluginfile.php/", text.replace("/webservice/pluginfile.php/", "/pluginfile.php/"))
    return _TOKENED.sub(r"\1", keyless)


def as_html(text: object, form: object = 1) -> str:
    """
    Return a text as HTML, not sanitised.

    ``form`` is Moodle's: 0 its own (HTML in which a line end counts), 1 HTML, 2 plain, 4 Markdown.
    """
    given = clean(str(text or "").replace("\r\n", "\n"))
    number = int(str(form)) if str(form).isdecimal() else 1
    if number in {PLAIN, MARKDOWN}:
        return paragraphs(given)
    if number == 0 and given and not _TAG.search(given):
        return paragraphs(html.unescape(given))
    return given


def paragraphs(text: str) -> str:
    """Return plain text as paragraphs."""
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in parts if part)


def plain(text: str) -> str:
    """Return the words of HTML."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).replace("\xa0", " ").split())


def placed(text: str, files: Iterable[MediaFile]) -> tuple[str, list[str]]:
    """
    Return a text with the addresses of its own files in their places, and the names of those that are not there.

    A link may carry the name that a person gave; Moodle stored it without characters that it does not allow.
    """
    known = {file.name: file.url for file in files}
    lost: list[str] = []

    def address(found: re.Match[str]) -> str:
        name = unquote(found[1].partition("?")[0])
        url = known.get(name.rpartition("/")[2]) or known.get(_CLEANED.sub("", name))
        if url is None:
            lost.append(name)
        return url or found[0]

    return _PLACED.sub(address, text), lost


def scrubbed(value: Any) -> JsonValue:
    """Return an item of an answer without keys, sessions and the site's furniture."""
    if isinstance(value, dict):
        return {str(name): scrubbed(one) for name, one in value.items() if name not in _DROPPED}
    if isinstance(value, list):
        return [scrubbed(one) for one in value]
    return _SESSION.sub(r"\1", clean(value)) if isinstance(value, str) else value


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names with their values as a list; the values are HTML."""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{value}</dd>" for name, value in pairs if value)
    return f"<dl>{rows}</dl>" if rows else ""


def link(url: str, words: str = "") -> str:
    """Return a link as HTML."""
    return f'<a href="{html.escape(url)}">{html.escape(words or url)}</a>' if url else ""
