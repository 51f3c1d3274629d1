"""What ``check`` tells of dropped exports: whose, what is in them, what is missing, and how to make a new one."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.mahara import generated
from tests.mahara.place import ALL, FIXTURES, LEAP_ONLY, PAGE, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def told(place: Place) -> dict[str, str]:
    return {f.code: f"{f.severity}: {f.message} {f.mend}".strip() for f in place.check()}


def test_a_whole_export(place: Place) -> None:
    """Whose it is, from where and when, how much is in it, and the clicks to the next at that very site."""
    place.drop(ALL)

    said = told(place)

    assert set(said) == {"export", "not-in-any-export", "new-export"}
    assert said["export"].startswith(
        f"ok: {ALL}: All data of Sam Morgan (user 2) at http://127.0.0.1:8088, made 21 November"
    )
    for count in (
        "4 journals",
        "14 journal entries",
        "8 pages",
        "2 collections",
        "19 files",
        "4 folders",
        "5 comments",
    ):
        assert count in said["export"]
    assert "http://127.0.0.1:8088/export/index.php" in said["new-export"]
    assert str(place.folder) in said["new-export"]


def test_nothing_there_yet(place: Place) -> None:
    """The clicks, with the address that the owner gave."""
    place.options["url"] = "https://mahara.example.org/"

    said = told(place)

    assert set(said) == {"no-export"}
    assert said["no-export"].startswith("error: ")
    assert "https://mahara.example.org/export/index.php" in said["no-export"]
    assert "Generate export" in said["no-export"]


def test_a_selective_export(place: Place) -> None:
    """Says that it is one, and how to get all."""
    place.drop(PAGE)

    assert "All my data" in told(place)["partial-export"]


def test_an_administrators_export(place: Place) -> None:
    """Says that it never has comments."""
    with zipfile.ZipFile(place.folder / "all.zip", "w") as out:
        out.write(FIXTURES / LEAP_ONLY, "users/mahara-export-leap-user2.zip")

    said = told(place)

    assert "comments" in said["administrators-export"]
    assert "“Include comments”" in said["no-feedback"]
    assert "“Include feedback”" in said["no-feedback"]
    assert "all.zip > users/" in said["export"]


def test_an_institutions_export(place: Place) -> None:
    """Of many people: some are named, and what it is."""
    with zipfile.ZipFile(place.folder / "all.zip", "w") as out:
        for number in range(12):
            generated.write(place.folder / "one", generated.Plan(entries=1, user=number, person=f"P{number}"))
            out.write(place.folder / "one", f"users/mahara-export-leap-user{number}.zip")
    (place.folder / "one").unlink()

    said = told(place)

    assert "P0 (0)" in said["several-people"]
    assert "and 2 more" in said["several-people"]
    assert "administrators-export" in said
    assert [path for path in place.spool.rglob("*") if path.is_file()] == []


def test_lost_files_and_broken_entries(place: Place) -> None:
    """What Mahara calls “some errors”, by name."""
    with zipfile.ZipFile(FIXTURES / LEAP_ONLY) as packed, zipfile.ZipFile(place.folder / "hurt.zip", "w") as out:
        xml = packed.read("leap2a.xml").replace(b"<title>Sprint 3</title>", b"<title>Sprint 3</tit>")
        out.writestr("leap2a.xml", xml)
        for info in packed.infolist()[1:]:
            if "47-podcast" not in info.filename:
                out.writestr(info, packed.read(info))

    said = told(place)

    assert "podcast-interview.mp3" in said["lost-files"]
    assert said["lost-files"].startswith("warning: hurt.zip names ")
    assert "1 entry cannot be read" in said["unreadable-items"]


def test_what_else_lies_there(place: Place) -> None:
    """Half a download is a warning; other files are named and left alone."""
    place.drop(ALL)
    (place.folder / "mahara-export.zip").write_bytes((FIXTURES / LEAP_ONLY).read_bytes()[:5000])
    (place.folder / "notes.txt").write_text("mine")

    said = told(place)

    assert said["export-damaged"].startswith("warning: mahara-export.zip is not a whole zip file")
    assert "notes.txt" in said["other-files"]


def test_several_people(place: Place) -> None:
    """An error that names them, and where to choose."""
    shutil.copyfile(FIXTURES / ALL, place.folder / "sam.zip")
    generated.write(place.folder / "jo.zip", generated.Plan(entries=1, wwwroot="http://127.0.0.1:8088"))

    said = told(place)

    assert said["several-people"].startswith(
        "error: These exports are of several people: Sam Morgan (2), Jo Example (7)."
    )
    assert "user:" in said["several-people"]


def test_checking_changes_nothing(place: Place) -> None:
    """Nothing is left behind, and the exports are as they were."""
    place.drop(ALL)
    before = (place.folder / ALL).stat()

    place.check()

    after = (place.folder / ALL).stat()
    assert (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
    assert list(place.spool.iterdir()) == []
