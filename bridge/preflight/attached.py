"""The words inside files that a page offers: they are read by everybody who opens them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from archive.entry import Visibility
from bridge.portfolio import naming, ownerfile, people, personal
from bridge.portfolio.gates import is_waived
from bridge.preflight.consent import of_desk
from bridge.render import sanitise
from connectors.contract import Finding

if TYPE_CHECKING:
    from bridge.building import Desk
    from bridge.portfolio.model import Portfolio, Shown

LARGEST = 20_000_000  # bytes: a larger file is mostly pictures
MOST_PAGES = 150
MOST_DRAWN = 5_000_000
"""Bytes that draw one page, and ten times as many for all: a few kB can be packed that take hours to read."""
_TEXTS = frozenset({".txt", ".md", ".csv", ".vtt", ".srt", ".ics", ".bib"})


def gate(desk: Desk, portfolio: Portfolio) -> Iterator[Finding]:
    """Yield personal data and people who did not agree in the files that an edition brings along."""
    if portfolio.edition is Visibility.PRIVATE:
        return
    refused = [one for one in of_desk(desk) if one.permission not in people.AGREED]
    names = naming.Names(tuple((one.name, *one.also) for one in refused), _owner(desk), families=False)
    for section in portfolio.sections:
        narrative = desk.narratives.get(section.within or section.id)
        waived = narrative.waived if narrative else frozenset()
        for file in {f.sha256: f for item in section.evidence for f in item.files}.values():
            for finding in _in_file(desk, file, names, refused, public=portfolio.edition is Visibility.PUBLIC):
                if not is_waived(finding, waived):
                    yield replace(finding, section=section.id)


def _in_file(
    desk: Desk, file: Shown, names: naming.Names, refused: list[people.Person], *, public: bool
) -> Iterator[Finding]:
    text = words(desk, file)
    config = desk.session.config
    mend = f'Cite another version of the file; or let it go: waive: ["personal-data:{file.name}"]'
    found = [one for one in personal.find(text, (*config.emails, config.messages.email)) if not one.own]
    if found:
        named = ", ".join(one.text for one in found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        message = f"{file.name} holds {found[0].kind} and the like: {named}."
        yield Finding("personal-data", "error", message, mend, item=file.name)
    for number, seen in names.find(text) if text else ():
        person = refused[number]
        severity: Literal["warning", "error"] = "error" if public or person.permission == "no" else "warning"
        agreed = f'keepfolio people add "{person.name}" --permission yes'
        mend = f"Cite another version of the file; or, once they agreed: {agreed}"
        message = f"{file.name} names {person.name}, who has not agreed (“{seen}”)."
        yield Finding("person-no-permission", severity, message, mend, item=person.name)


def words(desk: Desk, file: Shown) -> str:
    """
    Return the words of a text or PDF that an edition offers; ``""`` where they cannot be had cheaply.

    What was read of a PDF is kept beside the reduced pictures, by digest: whoever removes the file removes both.
    """
    ending = PurePosixPath(file.name).suffix.lower()
    path = desk.session.archive.path_of(file.sha256)
    if path is None or path.stat().st_size > LARGEST:
        return ""
    if ending in _TEXTS or file.media_type.startswith("text/"):
        return path.read_bytes().decode("utf-8", "replace")
    if ending != ".pdf":
        return ""
    kept = desk.workspace.build / ".cache" / f"{file.sha256}-words.txt"
    if not kept.is_file():
        ownerfile.save(kept, sanitise.encodable(_pdf(path)))
    return kept.read_text(encoding="utf-8")


def _pdf(path: Path) -> str:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is odd in a harvested PDF is nobody's news
    try:
        pages = pypdf.PdfReader(path).pages
        found, drawn = list[str](), 0
        for _, page in zip(range(MOST_PAGES), pages, strict=False):
            contents = page.get_contents()
            size = 0 if contents is None else len(contents.get_data())
            drawn += size
            if drawn > 10 * MOST_DRAWN:
                break
            if size <= MOST_DRAWN:
                found.append(page.extract_text())
        return "\n".join(found)
    except Exception:  # noqa: BLE001 - harvested bytes: a reader may stumble over them in any way
        return ""


def _owner(desk: Desk) -> tuple[str, ...]:
    owner = desk.session.config.owner.strip()
    return (owner,) if owner else ()
