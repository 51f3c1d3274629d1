"""What a person is told of exports: what they hold, what is missing in them, and how to get it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archive.entry import Key
from archive.errors import KeepfolioError, UsageError
from connectors.contract import Failed, Finding
from connectors.mahara.leap2a_package import EXPORT_AGAIN
from connectors.mahara.leap2a_survey import FEEDBACK, Lost, Survey

NOT_IN_ANY = (
    "No export from Mahara holds these: group pages, group files and group forums; feedback that you gave on other "
    "people's pages; pages that others shared with you; who wrote a comment (Mahara up to 20.04 does say it); sharing "
    "rules and secret addresses; SmartEvidence; empty collections; the days on which tasks start. Save what you need "
    "of them by hand."
)
NO_FEEDBACK = (
    "{name} holds no comments and no other feedback. If there is any, tick “Include comments” (in older versions: "
    "“Include feedback”) when you export; an administrator's export never has it."
)
_SHOWN = 5
_WORDS = {
    "journal": "journal",
    "journal-entry": "journal entry",
    "page": "page",
    "collection": "collection",
    "file": "file",
    "folder": "folder",
    "plan": "plan",
    "task": "task",
    "note": "note",
    "comment": "comment",
    "annotation": "annotation",
    "annotationfeedback": "annotation comment",
    "peerassessment": "peer assessment",
}


def clicks(wwwroot: str = "") -> str:
    """Return the way to a new export, with the site's own address where it is known."""
    page = f" and open {wwwroot.rstrip('/')}/export/index.php" if wwwroot else ""
    return (
        f"Log in to Mahara{page} (main menu > Manage > Export), choose “All my data”, tick “Include comments” and "
        "“Include private comments” (older versions call them feedback), press “Generate export”, and save the zip."
    )


def found(name: str, survey: Survey, missing: Sequence[Lost]) -> Iterator[Finding]:
    """Yield what is to be said of one export; ``missing`` is what it names and none of them holds."""
    head = survey.head
    when = f", made {head.exported.day} {head.exported:%B %Y}" if head.exported else ""
    number = f" (user {head.user})" if head.user else ""
    whose = f"{head.person or 'somebody'}{number} at {head.wwwroot or 'an unknown site'}"
    what = "All data" if survey.full else "Some pages or collections"
    yield Finding("export", "ok", f"{name}: {what} of {whose}{when}: {counted(survey.numbers)}.")
    if not survey.full:
        yield Finding("partial-export", "note", _selective(name), clicks(head.wwwroot))
    if survey.full and FEEDBACK.isdisjoint(survey.numbers):
        yield Finding("no-feedback", "note", NO_FEEDBACK.format(name=name), clicks(head.wwwroot))
    if survey.broken:
        yield Finding("export-cut", "warning", f"{name}: {survey.broken}", EXPORT_AGAIN)
    if survey.unreadable:
        yield Finding(
            "unreadable-items", "warning", f"{name}: {_many(survey.unreadable, 'entry')} cannot be read.", EXPORT_AGAIN
        )
    if missing:
        said = f"{_lost(name, missing)}: {_some([one.words for one in missing])}."
        yield Finding("lost-files", "warning", said, clicks(head.wwwroot))


def notes(
    exports: Sequence[tuple[str, Survey]], *, first: bool, older: bool, all_feedback: bool = False
) -> Iterator[str]:
    """
    Yield what the report of a harvest says of exports that were read for the first time.

    ``first``: none of this account was read before; what no export can hold is said once and not every night.
    ``older``: a later export of all data was read before these. ``all_feedback``: it was asked for.
    """
    if first:
        yield NOT_IN_ANY
    if older and exports[-1][1].full:
        name = exports[-1][0]
        yield f"{name} is older than an export that was read before: only what was never seen was taken of it."
    if not any(survey.full for _, survey in exports):
        yield f"{_selective(exports[-1][0])} {clicks(exports[-1][1].head.wwwroot)}"
    elif not all_feedback and all(FEEDBACK.isdisjoint(survey.numbers) for _, survey in exports):
        yield NO_FEEDBACK.format(name=exports[-1][0])
    for name, survey in exports:
        if survey.full and survey.head.exported is None:
            yield (
                f"{name} does not say when it was made, or names a day that is yet to come: what is new in it is "
                "taken, and nothing counts as deleted because it is not in it."
            )


def lost(name: str, missing: Sequence[Lost]) -> str:
    """Return what the report of a harvest says of what an export names, and what came from nowhere else either."""
    return f"{_lost(name, missing)}, and nothing else brought: {_some([one.words for one in missing])}."


def damage(name: str, error: KeepfolioError) -> str:
    """Return what is wrong with an export, with its name."""
    return error.message if name in error.message else f"{name}: {error.message}"


def failed(name: str, error: KeepfolioError) -> Failed:
    """Return an export that cannot be read, as one that did not arrive."""
    return Failed(what=f"the export {name}", why=error.message, mend=error.mend)


def other_account(person: str, user: str, wwwroot: str) -> UsageError:
    """Return the error for an export of somebody else than those that this source has read so far."""
    number = f" (user {user})" if user else ""
    return UsageError(
        f"This is the account of {person or 'somebody'}{number} at {wwwroot or 'an unknown site'}, and not the one "
        "that was harvested here so far.",
        code="other-account",
        unchanged="Nothing was taken from it.",
        mend="If it is somebody else's, take it away, or log in as yourself. If it is yours too, make it a source of "
        "its own, with another name, in config.yaml.",
    )


def counted(numbers: Mapping[str, set[Key]]) -> str:
    """Return how many there are of each kind, in words."""
    named = [_many(len(numbers[kind]), word) for kind, word in _WORDS.items() if numbers.get(kind)]
    rest = sum(len(keys) for kind, keys in numbers.items() if kind not in _WORDS)
    return ", ".join([*named, *([f"{_many(rest, 'part')} of profile and résumé"] if rest else [])]) or "nothing"


def _selective(name: str) -> str:
    return (
        f"{name} is an export of some pages or collections only: what they do not show is not in it, and it cannot "
        "tell what was deleted."
    )


def _lost(name: str, missing: Sequence[Lost]) -> str:
    count = len(missing)
    return f"{name} names {_many(count, 'thing')} that {'is' if count == 1 else 'are'} not in it"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _many(count: int, what: str) -> str:
    if count == 1:
        return f"1 {what}"
    return f"{count} {what[:-1]}ies" if what.endswith("y") else f"{count} {what}s"
