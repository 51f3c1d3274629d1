"""The account of issue 4: 300 entries, 13 journals, folders seven deep, and names that make trouble."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.mahara import generated
from tests.mahara.place import NOTHING, Place, changes

SITE = "mahara.example.org"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_all_of_it_arrives(place: Place) -> None:
    """Every entry, every folder, every journal of whatever title, and each file with its very bytes."""
    plan = generated.odd()
    digests = generated.write(place.folder / "export.zip", plan)

    report = place.harvest()

    assert dict(place.held()) == {
        "journal-entry": 300, "journal": 13, "folder": 7, "file": len(generated.NAMES), "page": 3, "comment": 2,
        "profile": 1,
    }  # fmt: skip
    assert (report.failed, report.missing) == ([], [])
    assert dict(place.files()) == {f"artefact{number}": digest for number, digest in digests.items()}


def test_the_generator_writes_the_traps(tmp_path: Path) -> None:
    """Enclosures that were lost, names that are no UTF-8, control characters, all of it twice: as on a real server."""
    plan = generated.odd()
    generated.write(tmp_path / "export.zip", plan)
    files = {file.title[:4]: file for file in plan.files}

    data = (tmp_path / "export.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "export.zip") as packed:
        names, xml = packed.namelist(), packed.read("leap2a.xml")

    for cut in (files["学学学学"], files["cut "]):
        assert (len(cut.stored), cut.enclosure) == (245, "")
        assert data.count(cut.stored) == 4  # its two copies, at their heads and in the list of files
    assert "\t" in files["with"].enclosure
    assert b"\a" not in xml
    assert [len(name.rpartition("/")[2]) for name in names if "-long " in name] == [245, 255]
    for title in ("bell\a.txt", "new\nline.txt", ".", "..", " leading and trailing spaces "):
        assert any(name.endswith(f"-{title}") for name in names)
    flat = [name.split("-")[0] for name in names if name.count("/") == 2 and "-max" not in name]
    assert {number for number in flat if flat.count(number) > 1} == {
        f"export_info/files/{file.number}" for file in plan.files if not file.folder and file.stored != file.again
    }
    assert any(not file.folder and file.stored != file.again for file in plan.files)


def test_names_stay_titles_and_never_become_paths(place: Place, tmp_path: Path) -> None:
    """As the owner called them, on one line and without control characters; nothing appears outside of the archive."""
    before = set(tmp_path.iterdir())
    generated.write(place.folder / "export.zip", generated.odd())

    place.harvest()

    names = {stored.entry.files[0].name for stored in place.archive.entries(kind="file")}
    plain = str.maketrans({"\t": " ", "\n": " ", "\a": None})
    assert names == {name.translate(plain).strip() for name in generated.NAMES}
    assert set(tmp_path.iterdir()) == before
    assert list(place.spool.iterdir()) == []


def test_folders_and_journals_keep_their_order(place: Place) -> None:
    """Each folder in the one above it, and each entry in its own of two journals of one title."""
    plan = generated.odd()
    generated.write(place.folder / "export.zip", plan)

    place.harvest()

    deepest = place.entry(f"artefact{plan.folders[-1]}", SITE)
    above = 0
    while deepest.parent:
        deepest, above = place.entry(deepest.parent.rpartition("/")[2], SITE), above + 1
    assert above == 6
    titles = [stored.entry.title for stored in place.archive.entries(kind="journal")]
    assert len(titles) - len(set(titles)) == 1
    for number in plan.numbers:
        assert place.entry(f"artefact{number}", SITE).parent == f"mahara:{SITE}/artefact{plan.journal_of(number)}"


def test_an_edit_and_a_deletion_among_many(place: Place) -> None:
    """One retitled, one deleted: one update, one deletion."""
    plan = generated.odd()
    generated.write(place.folder / "1.zip", plan)
    place.harvest()
    plan.retitled, plan.without = {1005: "Another title"}, frozenset({1007})
    plan.made, plan.when = plan.made + 86_400, "2026-01-02T10:00:00+00:00"
    generated.write(place.folder / "2.zip", plan)

    report = place.harvest()

    assert changes(report) == {"created": 0, "updated": 1, "deleted": 1}
    assert place.is_deleted("artefact1007", SITE)
    assert changes(place.harvest()) == NOTHING
