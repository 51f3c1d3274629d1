"""
Asking a Moodle (from 4.4 on) for the owner's data, by token: the zip that source type ``moodle-export`` reads.

The only question of this connector that changes something: it makes a request, which people of the institution see
and mostly approve by hand, in days. So it is asked only where the owner said so, and never from a schedule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from archive.entry import MediaFile
from connectors.contract import FileGone, SourceUnavailable
from connectors.http_errors import unavailable
from connectors.moodle import faults, text
from connectors.moodle.api import Api
from connectors.moodle.download import open_file
from connectors.moodle.faults import Refusal
from connectors.moodle.reading import Account

ASK, LIST = "tool_dataprivacy_create_data_request", "tool_dataprivacy_get_data_requests"
EXPORT = 1
_READY, _CLOSED = 8, frozenset({5, 6, 7, 9, 10})
_THERE_IS_ONE = "errorrequestalreadyexists"


@dataclass(frozen=True)
class Export:
    """A request for the owner's data. ``status`` is in the site's own words; ``address`` empty until it is ready."""

    number: int
    status: str
    asked: datetime | None
    address: str = ""
    is_over: bool = False  # cancelled, refused, expired, or deleted

    @property
    def is_ready(self) -> bool:
        return bool(self.address)


def newest(api: Api, who: Account) -> Export | None:
    """
    Return the newest request, None where there is none.

    Raises:
        SourceUnavailable: The site does not offer it (``not-offered``), or does not answer.

        SourceRefused: The token is dead.
    """
    answer = _asked(api, who, LIST, userid=who.number)
    rows = [_export(one, who) for one in answer.get("requests") or () if one.get("type") == EXPORT]
    return max(rows, key=lambda one: one.number, default=None)


def ask(api: Api, who: Account) -> Export:
    """Ask for the data, or return the request that is open or ready already. Raises as ``newest``."""
    before = newest(api, who)
    if before and not before.is_over:
        return before
    _asked(api, who, ASK, type=EXPORT, comments="", foruserid=0)
    after = newest(api, who)
    if after is None or after == before:
        raise unavailable("The site took the request and does not list it.", code="not-listed", mend=_by_hand(who))
    return after


def fetch(api: Api, who: Account, export: Export) -> BinaryIO:
    """
    Stream the zip of a request that is ready; close it.

    Raises:
        FileGone: The site deleted it: such files are kept for some days only.

        SourceUnavailable, SourceRefused: As for every file.
    """
    if not export.is_ready:
        raise FileGone(f"The export is not ready: {export.status}.", mend=_by_hand(who))
    return open_file(api, who.root, MediaFile(name="export.zip", url=export.address, media_type="application/zip"))


def _asked(api: Api, who: Account, function: str, **arguments: Any) -> Any:
    if not api.can(function):
        raise _not_offered(who)
    answer = api.call(function, **arguments)
    if isinstance(answer, Refusal) and answer.code != _THERE_IS_ONE:
        raise unavailable(f"The site refused it: {faults.plain(answer)}", code="refused", mend=_by_hand(who))
    return answer


def _export(one: Any, who: Account) -> Export:
    number, status = int(one["id"]), int(one.get("status") or 0)
    ready = f"{who.root}/pluginfile.php/{who.context}/tool_dataprivacy/export/{number}/export.zip"
    return Export(
        number,
        str(one.get("statuslabel") or status),
        text.moment(one.get("timecreated")),
        ready if status == _READY and who.context else "",
        status in _CLOSED,
    )


def _not_offered(who: Account) -> SourceUnavailable:
    return unavailable(
        "This site does not let a token ask for the owner's data (Moodle 4.4 and later do).",
        code="not-offered",
        mend=_by_hand(who),
    )


def _by_hand(who: Account) -> str:
    return (
        f"Open {who.root}/admin/tool/dataprivacy/mydatarequests.php in a browser, ask there for all of your personal "
        "data, and give keepfolio the zip as a source of type moodle-export."
    )
