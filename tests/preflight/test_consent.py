"""People in an edition: who did not agree stops it, wherever the name stands."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import time_machine

from archive.entry import Entry, MediaFile, Visibility
from archive.errors import NeedsOwner
from bridge import building, publishing
from bridge.cli import main
from connectors.contract import Finding
from tests.publish.folder import Folder
from tests.publish.samples import PNG

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
    (jane.root / "portfolio").mkdir(parents=True, exist_ok=True)
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


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"more": 'title: "With Sam Taylor"\n'}, id="heading"),
        pytest.param({"words": "I asked *Sam* **Taylor** for it."}, id="across markup"),
        pytest.param({"words": "See [this](https://example.org/by/sam-taylor/)."}, id="address"),
        pytest.param({"words": "[Ask](mailto:sam.taylor@example.org)"}, id="mail address"),
        pytest.param({"post": {"title": "What Sam Taylor said"}}, id="title of evidence"),
        pytest.param({"why": "Sam Taylor saw it"}, id="why"),
        pytest.param({"picture": {"caption": "With Sam Taylor"}}, id="caption"),
        pytest.param({"picture": {"alt": "Sam Taylor at a desk"}}, id="alternative text"),
        pytest.param({"picture": {"name": "sam_taylor.png"}}, id="file name"),
        pytest.param({"kept": "<p>Then Sam<br>Taylor came.</p>"}, id="text that goes along"),
    ],
)
def test_a_name_is_found_wherever_it_stands(tmp_path: Path, how: dict) -> None:
    """On the page, and in what the page only tells to some: descriptions, names of files, addresses."""
    folder = Folder(tmp_path / "jane")
    shown = MediaFile(
        **{"name": "p.png", "url": "https://b.example/p.png", "media_type": "image/png"} | how.get("picture", {})
    )
    held = {
        "post": Entry(**vars(POST) | how.get("post", {})),
        "picture": Entry(**vars(POST) | {"kind": "media", "keys": ("guid:2",), "title": "A photo", "files": (shown,)}),
        "kept": Entry(
            **vars(POST) | {"visibility": Visibility.PRIVATE, "keys": ("guid:3",), "content_html": how.get("kept", "")}
        ),
    }
    [cited] = folder.hold(held[next((key for key in held if key in how), "post")], files={shown.name: PNG})
    folder.mark(cited, "public")
    people(folder, "name: Sam Taylor, permission: no")
    assert gated(folder) == []
    folder.write("1a", how.get("words", "Words."), evidence=(cited,), more=how.get("more", ""))
    path = folder.root / "portfolio" / "original" / "1a.md"
    path.write_text(path.read_text().replace("because", how.get("why", "because")))
    assert ("person-no-permission", "error", "Sam Taylor") in gated(folder)


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
    people(folder, "name: Sam Taylor, permission: no")
    folder.mark(feedback, "public")
    folder.write("1a", "I asked for feedback.", evidence=(feedback,))
    assert ("person-no-permission", "error", "Sam Taylor") in gated(folder)


def pdf(words: str) -> bytes:
    """The least that is a PDF with words in it."""
    text = f"BT /F1 12 Tf 72 700 Td ({words}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 7\n0000000000 65535 f \n" + rows
    return out + table + b"trailer << /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)


@pytest.mark.parametrize("data", [pdf("Feedback by Sam Taylor"), b"%PDF-1.7 broken"])
def test_words_of_a_pdf_are_read_where_they_can_be(tmp_path: Path, data: bytes) -> None:
    """A name inside a PDF is found, and found again in what was kept of it; a PDF that is none stops nothing."""
    folder = Folder(tmp_path / "jane")
    held = MediaFile(name="feedback.pdf", url="file/1", media_type="application/pdf")
    entry = Entry(keys=("mahara:m.example/artefact1",), kind="file", native_id="1", title="Feedback", files=(held,))
    [cited] = folder.hold(entry, files={"feedback.pdf": data})
    folder.mark(cited, "public")
    people(folder, "name: Sam Taylor, permission: no")
    folder.write("1a", "I asked.", evidence=(cited,))
    expected = [("person-no-permission", "error", "Sam Taylor")] if b"Sam" in data else []
    assert gated(folder) == gated(folder) == expected
    [kept] = (folder.root / "build" / ".cache").iterdir()
    assert kept.name[:64] == sha256(data).hexdigest()  # so that `purge` finds it
    assert kept.stat().st_mode & 0o777 == 0o600


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


def test_one_name_is_let_go_when_publishing(jane: Folder) -> None:
    """``--waive CODE:ITEM`` lets that one thing go, this once; the code alone lets all of its kind go."""
    found = tuple(Finding("person-no-permission", "error", f"1a names {who}.", item=who) for who in ("Sam T", "Ann P"))
    plan = jane.plan()
    prepared = replace(plan, plan=replace(plan.plan, live=True), unready=found)
    with pytest.raises(NeedsOwner, match="Ann P") as refused:
        publishing.insist_ready(prepared, ["person-no-permission:Sam T"])
    assert "names Sam T" not in refused.value.message
    publishing.insist_ready(prepared, ["person-no-permission:sam t", "person-no-permission:Ann P"])
    publishing.insist_ready(prepared, ["person-no-permission"])


def test_somebody_is_called_as_they_agreed(jane: Folder) -> None:
    """Their name in the place of what they agreed to is pointed out; the words themselves are nobody's name."""
    people(jane, 'name: Sam Taylor, permission: "yes", shown: Sam from the library')
    jane.write("1a", "I asked Sam from the library.")
    assert gated(jane) == []
    jane.write("1a", "I asked Sam Taylor from the library.")
    assert gated(jane) == [("person-as-shown", "error", "Sam Taylor")]
    people(jane, 'name: Sam Taylor, permission: "yes", shown: Dr Sam Taylor')
    assert gated(jane) == []


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


def test_the_list_is_kept_by_a_command(jane: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not said stays; a permission has the day on which it was given, or today."""

    def keepfolio(*words: str) -> dict:
        capsys.readouterr()
        with pytest.raises(SystemExit):
            main(["--workspace", str(jane.root), "people", *words, "--json"])
        return json.loads(capsys.readouterr().out)

    with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=False):
        keepfolio("add", "Sam Taylor", "--role", "read two drafts", "--permission", "asked", "--acknowledge")
        keepfolio("add", "Lou Example", "--permission", "no", "--date", "2026-12-24", "--shown", "a student")
        keepfolio("add", "sam taylor", "--permission", "yes", "--also", "Samantha Taylor")
    [sam, lou] = keepfolio("list")["people"]

    assert (sam["name"], sam["role"], sam["permission"], sam["on"]) == (
        "Sam Taylor",
        "read two drafts",
        "yes",
        "2027-03-01",
    )
    assert (sam["also"], sam["acknowledge"]) == (["Samantha Taylor"], True)
    assert (lou["permission"], lou["on"], lou["shown"]) == ("no", "2026-12-24", "a student")


def test_what_somebody_is_shown_as_hides_no_name_without_their_yes(jane: Folder) -> None:
    """Else their own name, written down as how they are shown, would let it pass."""
    people(jane, "name: Sam Taylor, permission: asked, shown: Sam Taylor", "name: Lou Okoro, shown: Lou Okoro")
    jane.write("1a", "I asked Sam Taylor and Lou Okoro.")
    assert gated(jane) == [
        ("person-no-permission", "error", "Sam Taylor"),
        ("person-no-permission", "error", "Lou Okoro"),
    ]


@pytest.mark.parametrize("shown", ["Sam Taylor", "Dr Taylor", "S. Taylor"])
def test_no_line_of_the_record_calls_somebody_so_without_their_yes(shown: str) -> None:
    """What names them in another form names them."""
    from bridge.portfolio.people import Person, page_name

    assert page_name("Sam Taylor", [Person("Sam Taylor", shown, permission="no")]) == "a colleague"
    assert page_name("Sam Taylor", [Person("Sam Taylor", shown, permission="yes")]) == shown
    assert page_name("Sam Taylor", [Person("Sam Taylor", "a librarian", permission="no")]) == "a librarian"


def test_a_name_in_a_heading_of_a_text_is_found(jane: Folder) -> None:
    """The owner's own headings become parts of a section, with a title of their own."""
    people(jane, 'name: Sam Taylor, permission: "no"')
    jane.write("1a", "I asked.\n\n## Feedback by Sam Taylor\n\nIt was kind.")
    assert gated(jane) == [("person-no-permission", "error", "Sam Taylor")]


def test_a_name_in_a_picture_credit_is_found(jane: Folder) -> None:
    """It stands below the picture, and again among the credits."""
    people(jane, 'name: Sam Taylor, permission: "no"')
    media = replace(
        POST,
        keys=("guid:https://blog.example.org/?p=7",),
        kind="media",
        title="A chart",
        files=(
            MediaFile(
                name="chart.png",
                url="https://blog.example.org/chart.png",
                media_type="image/png",
                alt="A chart",
                credit="Sam Taylor",
            ),
        ),
    )
    (held,) = jane.hold(media, files={"chart.png": PNG})
    jane.write("1a", "I chose.", evidence=[held])
    assert gated(jane) == [("person-no-permission", "error", "Sam Taylor")]


def test_a_text_that_only_a_panel_brings_along_is_read(jane: Folder) -> None:
    """Evidence of a qualification stands in full at the end of the page, though no section cites it."""
    from datetime import date

    from bridge.portfolio.cpd import file
    from bridge.portfolio.cpd.record import Activity

    people(jane, 'name: Sam Taylor, permission: "no"')
    diary = replace(
        POST,
        keys=("mahara:m.example.org/entry/1",),
        kind="journal-entry",
        title="My course",
        url="",
        visibility=Visibility.PRIVATE,
        content_html="<p>Sam Taylor helped me; sam@example.org.</p>",
    )
    (held,) = jane.hold(diary)
    jane.mark(held, "public")
    course = Activity(
        "c0001", date(2026, 3, 1), "A course", type="qualification", evidence=(held,), visibility=Visibility.PUBLIC
    )
    file.write(jane.root / "portfolio" / "cpd.csv", [course])
    assert gated(jane) == [
        ("personal-data", "error", "sam@example.org"),
        ("person-no-permission", "error", "Sam Taylor"),
    ]


def test_a_page_that_is_drawn_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kB can be packed that take hours to read; the pages beside it are read."""
    import pypdf

    from bridge.preflight import attached

    writer = pypdf.PdfWriter()
    for words in ("Lou Okoro" + " and" * 1000, "Feedback by Sam Taylor"):
        writer.append(io.BytesIO(pdf(words)))
    place = tmp_path / "p.pdf"
    writer.write(place)
    monkeypatch.setattr(attached, "MOST_DRAWN", 1000)
    assert "Sam Taylor" in attached._pdf(place)
    assert "Lou Okoro" not in attached._pdf(place)
