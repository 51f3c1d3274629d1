"""People in an edition: who did not agree stops it, wherever the name stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.entry import Entry, MediaFile, Visibility
from bridge import building
from tests.publish.folder import Folder

POST = Entry(
    keys=("guid:https://blog.example.org/?p=5",),
    kind="post",
    native_id="5",
    title="A workshop on captions",
    url="https://blog.example.org/captions/",
    status="publish",
    visibility=Visibility.PUBLIC,
    content_html="<p>It went well.</p>",
)
COMMENT = Entry(
    keys=("guid:https://blog.example.org/?p=5#comment-1",),
    kind="comment",
    native_id="1",
    title="Comment",
    creator="Ann Page",
    author="others",
    visibility=Visibility.PUBLIC,
    parent=POST.keys[0],
    content_html="<p>Thank you!</p>",
)
ABOUT_ME = Entry(
    keys=("guid:https://lou.example.org/?p=9",),
    kind="post",
    native_id="9",
    title="What I learned with Jane",
    url="https://lou.example.org/jane/",
    creator="Lou Example",
    author="about-me",
    status="publish",
    visibility=Visibility.PUBLIC,
    content_html="<p>She asked good questions.</p>",
)


@pytest.fixture
def jane(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "jane")
    folder.hold(POST, COMMENT)
    folder.write("1a", "I chose the tool.")
    return folder


def people(jane: Folder, *lines: str) -> None:
    (jane.root / "portfolio" / "people.yaml").write_text("people:\n" + "".join(f"  - {{{one}}}\n" for one in lines))


def gated(jane: Folder, edition: Visibility = Visibility.PUBLIC) -> list[tuple[str, str, str]]:
    desk = jane.desk()
    found = building.gates(desk, desk.portfolio(edition))
    desk.session.archive.close()
    wanted = [f for f in found if f.code.startswith(("person", "quoted"))]
    return [(f.code, f.severity, f.item) for f in wanted]


@pytest.mark.parametrize(
    ("permission", "public", "assessor"),
    [
        ("no", "error", "error"),
        ("asked", "error", "warning"),
        ('""', "error", "warning"),
        ("yes", None, None),
        ("not-needed", None, None),
    ],
)
def test_who_did_not_agree_stops_a_public_release(
    jane: Folder, permission: str, public: str | None, assessor: str | None
) -> None:
    """Assessors may read the name of somebody who was asked; of somebody who said no, nobody may."""
    people(jane, f"name: Sam Taylor, permission: {permission}")
    jane.write("1a", "I planned it with Sam\nTaylor.")
    for edition, severity in ((Visibility.PUBLIC, public), (Visibility.ASSESSOR, assessor), (Visibility.PRIVATE, None)):
        expected = [("person-no-permission", severity, "Sam Taylor")] if severity else []
        assert gated(jane, edition) == expected


def test_a_name_is_found_wherever_it_stands(tmp_path: Path) -> None:
    """In a heading, across markup, in a title, a why, a caption, an alternative text, a file's name and an address."""
    places = {
        "heading": {"more": 'title: "With Sam Taylor"\n'},
        "markup": {"words": "I asked *Sam* **Taylor** for it."},
        "link": {"words": "See [this](https://example.org/by/sam-taylor/)."},
        "mail": {"words": "[Ask](mailto:sam.taylor@example.org)"},
    }
    for name, how in places.items():
        folder = Folder(tmp_path / name)
        folder.hold(POST)
        people(folder_of(folder), "name: Sam Taylor, permission: no")
        folder.write("1a", how.get("words", "Words."), more=how.get("more", ""))
        assert ("person-no-permission", "error", "Sam Taylor") in gated(folder), name


def folder_of(folder: Folder) -> Folder:
    (folder.root / "portfolio").mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize(
    "file",
    [
        {"name": "sam-taylor-feedback.pdf"},
        {"name": "SamTaylor.pdf"},
        {"name": "notes.txt", "data": b"Feedback by Sam Taylor."},
    ],
)
def test_a_name_is_found_in_files_that_go_along(tmp_path: Path, file: dict) -> None:
    """In the file's name, and in the words inside of it."""
    folder = Folder(tmp_path / "jane")
    held = MediaFile(name=file["name"], url="file/1", media_type="application/octet-stream")
    entry = Entry(
        keys=("mahara:m.example/artefact1",), kind="file", native_id="1", title="Feedback", files=(held,),
    )  # fmt: skip
    [feedback] = folder.hold(entry, files={file["name"]: file.get("data", b"%PDF-1.4 nothing")})
    people(folder_of(folder), "name: Sam Taylor, permission: no")
    folder.mark(feedback, "public")
    folder.write("1a", "I asked for feedback.", evidence=(feedback,))
    assert ("person-no-permission", "error", "Sam Taylor") in gated(folder)


def test_personal_data_inside_a_file_is_found(tmp_path: Path) -> None:
    """What is written in an attached text is as public as the page."""
    folder = Folder(tmp_path / "jane")
    held = MediaFile(name="notes.txt", url="file/1", media_type="text/plain")
    entry = Entry(keys=("mahara:m.example/artefact1",), kind="file", native_id="1", title="Notes", files=(held,))
    [notes] = folder.hold(entry, files={"notes.txt": b"Student ID: 12345678"})
    folder.mark(notes, "public")
    folder.write("1a", "I took notes.", evidence=(notes,))
    desk = folder.desk()
    found = building.gates(desk, desk.portfolio(Visibility.PUBLIC))
    desk.session.archive.close()
    assert [(f.severity, f.item) for f in found if f.code == "personal-data"] == [("error", "notes.txt")]


def test_the_owner_may_let_one_name_stand(jane: Folder) -> None:
    """By the code and the name, in the section's file; another name is still refused."""
    people(jane, "name: Sam Taylor, permission: asked", "name: Ann Page, permission: asked")
    jane.write("1a", "With Sam Taylor and Ann Page.", more='waive: ["person-no-permission:sam taylor"]\n')
    assert gated(jane) == [("person-no-permission", "error", "Ann Page")]


def test_somebody_is_called_as_they_agreed(jane: Folder) -> None:
    """Their name in the place of what they agreed to is pointed out; the words themselves are nobody's name."""
    people(jane, 'name: Sam Taylor, permission: "yes", shown: Sam from the library')
    jane.write("1a", "I asked Sam from the library.")
    assert gated(jane) == []
    jane.write("1a", "I asked Sam Taylor from the library.")
    assert gated(jane) == [("person-as-shown", "error", "Sam Taylor")]


def test_whoever_the_archive_knows_is_asked_about(jane: Folder) -> None:
    """A commenter whom a text names, and of whom nothing is written down."""
    jane.write("1a", "Then Ann Page wrote to me.")
    assert gated(jane) == [("person-unknown", "warning", "Ann Page")]
    people(jane, 'name: Ann Page, permission: "yes"')
    assert gated(jane) == []


def test_whoever_the_cpd_record_names_is_asked_about(jane: Folder) -> None:
    """People of a CPD entry are known, too."""
    from datetime import date

    from bridge.portfolio.cpd import file
    from bridge.portfolio.cpd.record import Activity, With

    entry = Activity("c0001", date(2026, 3, 1), "A workshop", people=(With("Wole Adebayo", "speaker"),))
    file.write(jane.root / "portfolio" / "cpd.csv", [entry])
    jane.write("1a", "Wole Adebayo spoke.")
    assert gated(jane) == [("person-unknown", "warning", "Wole Adebayo")]


def test_being_quoted_by_another_needs_their_word(jane: Folder) -> None:
    """Evidence that somebody else wrote about the owner is cited with a permission that is written down."""
    [about] = jane.hold(ABOUT_ME)
    jane.write("1a", "I asked.", evidence=(about,))
    assert gated(jane) == [("quoted-by-others", "warning", "Lou Example")]
    people(jane, 'name: Lou Example, permission: "yes"')
    assert gated(jane) == []


def test_what_others_wrote_is_never_the_owners_evidence(jane: Folder) -> None:
    """An exemplar in the archive is in no edition, even when a section's file names it."""
    exemplar = Entry(**{**vars(ABOUT_ME), "keys": ("guid:https://other.example/cmalt",), "author": "others"})
    [held] = jane.hold(exemplar)
    jane.mark(held, "public")
    jane.write("1a", "I read it.", evidence=(held,))
    desk = jane.desk()
    portfolio = desk.portfolio(Visibility.PUBLIC)
    desk.session.archive.close()
    assert portfolio.evidence == 0
    assert [left.why for left in portfolio.left_out if left.id == held] == ["somebody else wrote it"]


def test_acknowledgements_stand_on_the_page(jane: Folder) -> None:
    """Once, with their role, and nobody who did not agree."""
    people(
        jane,
        'name: Sam Taylor, permission: "yes", role: read two drafts, acknowledge: true',
        "name: Ann Page, permission: asked, acknowledge: true",
    )
    desk = jane.desk()
    document = building.build(desk, Visibility.PUBLIC)[1].release.document
    desk.session.archive.close()
    assert document.count("Sam Taylor") == 1
    assert "Ann Page" not in document
