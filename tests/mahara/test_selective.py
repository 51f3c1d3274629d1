"""An export of some pages, after one of everything: it knows the words better, and less of what stands around them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mahara.leap_feeds import END, HEAD, entry, file_entry
from tests.mahara.place import ALL, NOTHING, PAGE, Place, changes

DASHBOARD = entry(
    "view7", type_="", leap="selection", more='<mahara:view mahara:type="dashboard"/>', title="My dashboard"
)
JOURNAL = entry("artefact8", "blog", "blog", title="Journal", leap="selection")
FOLDER = entry("artefact9", "file", "folder", title="Folder", leap="selection")
LATER = "2024-03-03T04:05:06+00:00"
SITE = "mahara.example"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def dropped(place: Place, name: str, entries: str, *, day: int) -> None:
    made = HEAD.replace("2024-01-02T03", f"2024-04-{day:02}T03").replace("1700000000", f"17000000{day:02}")
    (place.folder / name).mkdir()
    (place.folder / name / "leap2a.xml").write_text(made + entries + END, encoding="utf-8")


def inside(parent: str) -> str:
    return f'<link rel="leap2:is_part_of" href="portfolio:{parent}"/>'


def post(words: str, within: str = "") -> str:
    more = inside(within) if within else ""
    return entry("artefact1", title="Post", content=f"<content>{words}</content>", more=more)


def picture(within: str = "") -> str:
    return file_entry(2, "a.png").replace("</entry>", f"{inside(within) if within else ''}</entry>")


def changed(text: str) -> str:
    return text.replace("2024-02-03T04:05:06+00:00", LATER)


def test_what_an_export_of_some_pages_cannot_tell_stays(place: Place) -> None:
    """A rewritten entry is still in its journal, a renamed file in its folder: they are only not in that export."""
    whole = DASHBOARD + JOURNAL + FOLDER + post("first", "artefact8") + picture("artefact9")
    dropped(place, "whole", whole, day=1)
    place.harvest()
    dropped(place, "some", changed(post("second") + picture().replace(">a.png<", ">b.png<")), day=2)

    report = place.harvest()

    assert changes(report) == {"created": 0, "updated": 2, "deleted": 0}
    entry, file = place.entry("artefact1", SITE), place.entry("artefact2", SITE)
    assert (entry.content_html, entry.parent) == ("<p>second</p>", place.entry("artefact8", SITE).keys[0])
    assert (file.title, file.parent) == ("b.png", place.entry("artefact9", SITE).keys[0])
    assert changes(place.harvest()) == NOTHING


def test_an_export_of_everything_tells_what_belongs_to_nothing(place: Place) -> None:
    """A file that was taken out of its folder lies in none."""
    dropped(place, "one", DASHBOARD + FOLDER + picture("artefact9"), day=1)
    place.harvest()
    dropped(place, "two", DASHBOARD + FOLDER + changed(picture()), day=2)

    place.harvest()

    assert place.entry("artefact2", SITE).parent is None


def test_what_another_export_holds_is_not_missing(place: Place) -> None:
    """A page links to files that are not in its own export: the one of everything beside it has them."""
    place.drop(ALL)
    place.harvest()
    place.drop(PAGE)
    beside = place.harvest().notes
    (place.folder / ALL).unlink()

    alone = place.harvest().notes

    assert not any("not in it" in note for note in beside)
    assert any("2 things that are not in it" in note for note in alone)


def test_check_warns_of_nothing_that_another_export_holds(place: Place) -> None:
    """The owner has it, and can do nothing better."""
    place.drop(PAGE)
    alone = {finding.code for finding in place.check()}
    place.drop(ALL)

    assert "lost-files" in alone
    assert "lost-files" not in {finding.code for finding in place.check()}
