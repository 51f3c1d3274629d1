"""
What Moodle's refusals mean, as a table: the word it answers with, what it says to a person, and what happens then.

Moodle refuses with status 200 and ``{"exception", "errorcode", "message"}`` (functions) or ``{"error", "errorcode"}``
(login and files). One crash has no ``errorcode``, and one ``errorcode`` is a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from archive.errors import KeepfolioError
from connectors.contract import SourceRefused, SourceUnavailable

NOTHING_LOST = "Everything harvested before is safe in your archive, and nothing was marked as deleted."
OTHER_WAYS = (
    "Ask the site for your data (Profile > Data requests > Export all of my personal data) and give keepfolio the zip "
    "as a source of type moodle-export; a blog can also be read by its RSS address."
)


class Then(StrEnum):
    """What the program does about a refusal."""

    LOGIN = "login"  # the credential is dead: nothing is asked any more until there is a new one
    STOP = "stop"  # nothing can be read now: this source ends here, the next run tries again
    AGAIN = "again"  # the same is asked again
    ASK = "ask"  # may mean either: whether the token still works is asked
    TELL = "tell"  # this is not read, and the report says why
    PASS = "pass"  # noqa: S105 - a usual answer: there is nothing to read
    FAIL = "fail"  # this one thing did not arrive; it is tried again in the next run


@dataclass(frozen=True)
class Refusal:
    """An answer that is no data."""

    code: str
    message: str = ""
    function: str = ""


@dataclass(frozen=True)
class Fault:
    """One row of the table."""

    then: Then
    means: str
    mend: str = ""
    code: str = ""  # our own word, where it becomes an error


_IN_A_BROWSER = "Log in with a browser"
_NEW_TOKEN = "Run: keepfolio login   (it shows how to get a new token)"  # noqa: S105 - no secret

FAULTS: Mapping[str, Fault] = {
    "invalidtoken": Fault(
        Then.LOGIN, "Moodle does not know this token any more: it ended, or was replaced.", _NEW_TOKEN, "wrong-token"
    ),
    "accessexception": Fault(Then.ASK, "This site does not let the token ask for that."),
    "invalidlogin": Fault(
        Then.LOGIN,
        "Moodle did not accept the user name and password. There are three reasons, and it does not tell them apart: "
        "the password is wrong; the account logs in by the institution's own page, so that Moodle knows no password of "
        "it; or the account is suspended.",
        "Look whether you can log in with a browser. If that leads to the institution's own page, hand a token over: "
        "keepfolio check shows how.",
        "wrong-password",
    ),
    "wsaccessusersuspended": Fault(
        Then.LOGIN,
        "This account is closed: Moodle says that its user is suspended.",
        "If that is a mistake, ask the institution's help desk; what you have is kept.",
        "account-closed",
    ),
    "wsaccessuserdeleted": Fault(
        Then.LOGIN, "This account does not exist any more.", "What you have is kept.", "account-closed"
    ),
    "servicenotavailable": Fault(
        Then.STOP, "The service for Moodle's app is switched off on this site.", OTHER_WAYS, "services-off"
    ),
    "enablewsdescription": Fault(Then.STOP, "Web services are switched off on this site.", OTHER_WAYS, "services-off"),
    "sitemaintenance": Fault(
        Then.STOP, "The site is under maintenance.", "Try again later; nothing needs to be done.", "maintenance"
    ),
    "upgraderunning": Fault(
        Then.STOP, "The site is being upgraded.", "Try again later; nothing needs to be done.", "maintenance"
    ),
    "forcepasswordchangenotice": Fault(
        Then.STOP,
        "Moodle wants you to change your password before it shows anything.",
        f"{_IN_A_BROWSER} and change it; then run the command again.",
        "asked-of-you",
    ),
    "sitepolicynotagreed": Fault(
        Then.STOP,
        "The site has a policy that you have not agreed to yet; until then it shows nothing.",
        f"{_IN_A_BROWSER} and answer it; then run the command again.",
        "asked-of-you",
    ),
    "usernotfullysetup": Fault(
        Then.STOP,
        "Moodle wants you to complete your profile before it shows anything.",
        f"{_IN_A_BROWSER} and fill in what it asks for; then run the command again.",
        "asked-of-you",
    ),
    "ex_unabletolock": Fault(Then.AGAIN, "Moodle was busy with another request of this account."),
    "errorcoursecontextnotvalid": Fault(
        Then.TELL, "A course is not open to you now: it is hidden, or something is asked of you first."
    ),
    "requireloginerror": Fault(Then.TELL, "A course or activity is not open to you now."),
    "nopermissions": Fault(Then.TELL, "This account may not read that."),
    "nopermissiontoviewgrades": Fault(Then.TELL, "This account may not read these grades."),
    "cannotviewreport": Fault(Then.PASS, "This account may not read that report."),
    "notenroled": Fault(Then.PASS, "Completion is not tracked for you in this course."),
    "nocriteriaset": Fault(Then.PASS, "The course has no criteria for completion."),
    "invalidrecord": Fault(Then.TELL, "Moodle has no such thing."),
    "blogdisable": Fault(Then.TELL, "Blogs are switched off on this site."),
    "badgesdisabled": Fault(Then.TELL, "Badges are switched off on this site."),
    "disabled": Fault(Then.TELL, "Messages are switched off on this site."),
    "competenciesarenotenabled": Fault(Then.TELL, "Competencies and learning plans are switched off on this site."),
    "notlicensed": Fault(Then.TELL, "A part of the site is not open to you."),
}

UNKNOWN = Fault(Then.FAIL, "Moodle answered with an error of its own.")

_INSIDE = {
    "forcepasswordchangenotice": Fault(
        Then.TELL,
        "Moodle wants you to change your password before it shows anything of a course.",
        "Log in with a browser, change it, and run the command again.",
    ),
    "policy": Fault(
        Then.TELL,
        "The site has a policy that you have not agreed to yet; until then it shows nothing of a course.",
        "Log in with a browser, read it, and run the command again.",
    ),
}


def refusal(value: object, function: str = "") -> Refusal | None:
    """Return what an answer refuses, or None where it is data."""
    if not isinstance(value, dict):
        return None
    if "exception" in value or ("errorcode" in value and "error" in value):
        message = value.get("message") or value.get("error") or ""
        return Refusal(str(value.get("errorcode") or ""), str(message), function)
    return None


def fault_of(said: Refusal) -> Fault:
    """Return the row for a refusal; what stands only in the message of a course's refusal has rows of its own."""
    if said.code == "errorcoursecontextnotvalid":
        for word, fault in _INSIDE.items():
            if word in said.message.casefold():
                return fault
    return FAULTS.get(said.code, UNKNOWN)


def error_of(fault: Fault, detail: str = "") -> KeepfolioError:
    """Return the error that ends a harvest; ``detail`` is added to what it says."""
    kind = SourceRefused if fault.then in {Then.LOGIN, Then.ASK} else SourceUnavailable
    return kind(f"{fault.means}{detail}", code=fault.code or "refused", unchanged=NOTHING_LOST, mend=fault.mend)


def dead_token(age_in_weeks: int | None = None) -> SourceRefused:
    """Return the error for a token that opens nothing any more, ``accessexception`` on the first question included."""
    aged = (
        f" keepfolio has known this token for {age_in_weeks} weeks, and Moodle ends one after 12."
        if age_in_weeks is not None and age_in_weeks >= 12
        else " Either it has ended (Moodle ends a token after 12 weeks), or the service for Moodle's app was switched "
        "off."
    )
    return SourceRefused(
        f"The token does not open this site any more.{aged}",
        code="wrong-token",
        unchanged=NOTHING_LOST,
        mend=f"{_NEW_TOKEN} If new ones are refused as well: {OTHER_WAYS}",
    )


def services_off() -> SourceUnavailable:
    """Return the error for 403 with nothing in it: web services, or the way they are spoken to (REST), are off."""
    return SourceUnavailable(
        "This site answers no program: web services, or REST, are switched off.",
        code="services-off",
        unchanged=NOTHING_LOST,
        mend=OTHER_WAYS,
    )


def plain(said: Refusal) -> str:
    """Return a refusal as a person reads it: our own sentence, or Moodle's where we know none."""
    fault = fault_of(said)
    if fault is UNKNOWN:
        return f"{fault.means} It says: {said.message or said.code or 'nothing'}"
    return f"{fault.means} {fault.mend}".strip()


def as_refusal(text: Any, function: str) -> Refusal:
    """Return the refusal inside of a batch's answer, which is JSON as text."""
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        value = {}
    value = value if isinstance(value, dict) else {}
    return Refusal(str(value.get("errorcode") or ""), str(value.get("message") or ""), function)
