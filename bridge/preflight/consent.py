"""People: whoever an edition names, whether they agreed, and whom it thanks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from archive.entry import Visibility
from bridge.portfolio import named, people
from bridge.portfolio.gates import is_waived
from bridge.portfolio.making import MakePanel
from bridge.portfolio.naming import plain
from bridge.portfolio.people import AGREED, Person
from connectors.contract import Finding

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.model import Portfolio
    from bridge.portfolio.named import Named

_SAID = {"no": "said no", "asked": "has not answered yet", "": "was not asked"}


def of_desk(desk: Desk) -> tuple[Person, ...]:
    """
    Return the people whom the owner wrote down.

    Raises:
        ConfigError: people.yaml has a mistake; file and line are in the message.
    """
    return people.read(desk.workspace.portfolio / people.FILE_NAME)


def thanks(desk: Desk, _edition: Visibility) -> Iterator[MakePanel]:
    """Yield the acknowledgements, which are the same in all editions: those who agreed, and nothing else."""
    listed = of_desk(desk)
    if listed:
        yield lambda _sections, _shelf: people.acknowledgements(listed)


def gate(desk: Desk, portfolio: Portfolio) -> Iterator[Finding]:
    """Yield who is named without having agreed, and who is quoted; what a section's file waives is left out."""
    if portfolio.edition is Visibility.PRIVATE:
        return
    listed = of_desk(desk)
    found = (*_named(portfolio, listed), *_unlisted(desk, portfolio, listed), *_quoted(desk, portfolio, listed))
    within = {section.id: section.within or section.id for section in portfolio.sections}
    for finding in found:
        narrative = desk.narratives.get(within.get(finding.section, ""))
        if narrative is None or not is_waived(finding, narrative.waived):
            yield finding


def _named(portfolio: Portfolio, listed: tuple[Person, ...]) -> Iterator[Finding]:
    public = portfolio.edition is Visibility.PUBLIC
    for one in named.named(portfolio, listed):
        person = one.person
        agreed = person.permission in AGREED
        if agreed and plain(person.name) in plain(person.shown or person.name):
            continue
        severity: Literal["warning", "error"] = "error" if public or person.permission == "no" else "warning"
        if agreed:
            message = f"names {person.name}, who agreed to be called “{person.shown}”"
            mend = f"Write “{person.shown}” there"
            yield _finding("person-as-shown", severity, one, portfolio, message, mend)
        else:
            message = f"names {person.name}, who {_SAID[person.permission]}"
            called = people.allowed(person) or people.SOMEBODY
            yes = f'keepfolio people add "{person.name}" --permission yes'
            mend = f"Write “{called}” there; or, once they agreed: {yes}"
            yield _finding("person-no-permission", severity, one, portfolio, message, mend)


def _unlisted(desk: Desk, portfolio: Portfolio, listed: tuple[Person, ...]) -> Iterator[Finding]:
    for one in named.strangers(portfolio, _known(desk), listed):
        message = f"names {one.person.name}, of whom nothing is written down"
        mend = f'Ask them, then: keepfolio people add "{one.person.name}" --permission yes'
        yield _finding("person-unknown", "warning", one, portfolio, message, mend)


def _known(desk: Desk) -> Iterator[str]:
    """Yield the names that the archive and the CPD record know: others' entries and comments, and who took part."""
    yield from (h.entry.creator for h in desk.entries.all_light() if h.entry.creator and h.entry.author != "own")
    for activity in desk.record:
        yield from (somebody.name for somebody in activity.people)


def _quoted(desk: Desk, portfolio: Portfolio, listed: tuple[Person, ...]) -> Iterator[Finding]:
    """Yield evidence that somebody else wrote about the owner; their words on the page need their yes."""
    for section in portfolio.sections:
        for item in section.evidence:
            entry = desk.entries[item.entry_id].entry if item.entry_id in desk.entries else None
            if entry is None or entry.author != "about-me":
                continue
            writer = people.of_name(entry.creator, listed) if entry.creator else None
            if writer is not None and writer.permission in AGREED:
                continue
            who = entry.creator or "somebody else"
            message = f"cites “{item.title}”, which {who} wrote about you, and no permission is written down"
            mend = (
                f'keepfolio people add "{entry.creator or "THEIR NAME"}" --role "wrote {item.title}" --permission yes'
            )
            severity: Literal["warning", "error"] = "error" if item.kept or item.files else "warning"
            found = Finding("quoted-by-others", severity, f"{_place(section.id, portfolio)} {message}.", mend)
            yield Finding(found.code, severity, found.message, mend, section.id, entry.creator or item.title)


def _finding(
    code: str, severity: Literal["warning", "error"], one: Named, portfolio: Portfolio, message: str, mend: str
) -> Finding:
    said = f" (in {one.where}: “{one.words}”)"
    return Finding(
        code, severity, f"{_place(one.section, portfolio)} {message}{said}.", mend, one.section, one.person.name
    )


def _place(section: str, portfolio: Portfolio) -> str:
    """Return how a finding calls a section: ``1a``, or its heading."""
    if any(c.isdigit() for c in section[:2]):
        return section
    return next((s.title for s in portfolio.sections if s.id == section), "The page")
