"""How a Mahara's things are called where they are counted, listed and shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.entry import Entry
from archive.store import Archive, Origin
from bridge import contents, views


def thing(kind: str, number: str, **fields) -> Entry:
    return Entry(keys=(f"mahara:m.example/{number}",), kind=kind, native_id=number, **{"status": "publish", **fields})


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive", tmp_path / "state")


def keep(archive: Archive, *entries: Entry) -> None:
    with archive.append(Origin("mahara", "mahara-export")) as writer:
        for entry in entries:
            writer.put(entry, b"<x/>", "xml")
        writer.seal()


def test_counts_speak_of_what_a_person_knows():
    """Thirteen sections of a résumé are counted together, and plurals are words."""
    said = views.counts({"journal-entry": 2, "educationhistory": 1, "coverletter": 1, "personalskill": 1, "profile": 1})

    assert said == "3 résumé sections, 2 journal entries and 1 part of the profile"


def test_a_word_on_something_is_called_after_it(archive):
    """A Mahara calls every comment “Comment”: what it is about tells them apart."""
    page = thing("page", "view9", title="1a")
    comment = thing("comment", "artefact5", title="Comment", author="others", parent=page.keys[0])
    keep(archive, page, comment)

    (stored,) = archive.entries(kind="comment")

    assert views.called(archive, stored) == "Somebody on “1a”"


def test_nothing_of_a_mahara_is_called_published():
    """Its word for what is no draft would frighten: nobody has published it."""
    assert views.status_of(thing("page", "view9")) == ""
    assert views.status_of(thing("journal-entry", "artefact1", status="draft")) == "draft"
    assert views.status_of(Entry(keys=("guid:1",), kind="post", native_id="1", status="publish")) == "publish"


@pytest.mark.parametrize(
    "mend",
    [
        "Run keepfolio login for this source, then wait.",
        "Run keepfolio login, then wait.",
        "Run keepfolio login m, then wait.",
    ],
)
def test_a_mend_names_the_source(mend):
    """A connector does not know what it is called; who reads its mend can copy the command."""
    assert views.naming(mend, "m") == "Run keepfolio login m, then wait."


@pytest.mark.parametrize(
    ("target", "said"), [("2025-02-01", "1 February 2025"), ("some day", "some day"), (None, ""), (7, "")]
)
def test_a_task_has_a_day(target, said):
    """Written out where it is one, as it stands where it is none."""
    assert views.due(thing("task", "artefact99", extra={"target": target})) == said


def test_a_collection_keeps_its_order_and_a_folder_has_one(archive):
    """Pages stand as their owner put them, also one that is in two collections; folders come before files, by name."""
    folder = thing("folder", "artefact30", title="CPD")
    collection = thing("collection", "collection1", title="CMALT", extra={"pages": ["view9", "view8", "view404"]})
    keep(
        archive,
        folder,
        collection,
        thing("page", "view8", title="A", parent=collection.keys[0]),
        thing("page", "view9", title="B"),
        thing("file", "artefact34", title="b.png", parent=folder.keys[0]),
        thing("folder", "artefact31", title="z", parent=folder.keys[0]),
        thing("file", "artefact35", title="A.png", parent=folder.keys[0]),
    )

    def titles(kind: str, title: str) -> list[str]:
        (stored,) = (one for one in archive.entries(kind=kind) if one.entry.title == title)
        return [one.entry.title for one in contents.inside(archive, stored)]

    assert titles("collection", "CMALT") == ["B", "A"]
    assert titles("folder", "CPD") == ["z", "A.png", "b.png"]
    assert titles("page", "A") == []
