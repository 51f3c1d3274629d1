"""The Leap2A writer alone: what it writes is built like what Mahara writes and what it was seen to import."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from lxml import etree

from archive.errors import UsageError
from connectors.mahara import leap2a_parts as parts
from connectors.mahara import leap2a_parts_resume as resume
from connectors.mahara import leap2a_write as leap2a
from connectors.mahara.leap2a_parts import About, Part
from tests.export.leap import ATOM, FIXTURES, SAFE, Leap, shape

DAY = datetime(2024, 3, 4, 9, 30, tzinfo=UTC)
PLAIN_ATOM = {"atom:content@type", "atom:published"}  # may stand anywhere; Mahara's person and notes have none
PICTURE = "export_info/files/9-chart.png"


def about(title: str, *tags: str) -> About:
    return About(title, DAY, DAY, tags)


FEED = leap2a.Feed("urn:uuid:1", "keepfolio: Jane", about("Jane"))

EVERY_KIND = (
    parts.person(
        about("Jane"), "<p>I teach</p>",
        [
            parts.Fact("website", "personalwebsite", "https://jane.example", label="Personal website"),
            parts.Fact("id", "socialprofile", "@jane", "twitter", "twitter"),
        ],
        [("address", "1 The Street"), ("town", "Old Quay")],
    ),
    parts.journal("artefact1", about("Journal"), "<p>About it</p>", ["artefact2", "artefact3"]),
    parts.journal_entry(
        "artefact2", about("Entry", "cpd", "Two words", "学习"),
        '<p>Naïve café 🎓 <img alt="a" rel="leap2:has_part" href="portfolio:artefact9"/></p>',
        "artefact1", ["artefact9"], draft=False,
    ),
    parts.journal_entry("artefact3", about("Draft"), "<p>Words</p>", "artefact1", [], draft=True),
    parts.note("artefact4", about("Note"), "<p>Words</p>", []),
    parts.plan("artefact5", about("Plan"), "Words", ["artefact6"]),
    parts.task("artefact6", about("Task"), "Words", "artefact5", done=True, due="2026-05-31"),
    parts.folder("artefact7", about("Folder"), "", "", ["artefact8"]),
    parts.folder("artefact8", about("Inner"), "Words", "artefact7", ["artefact9"]),
    parts.file("artefact9", about("chart ü.png"), "A chart", "artefact8", "image/png", PICTURE),
    parts.profile_text("artefact30", about("Occupation"), "occupation", "Learning technologist"),
    resume.text("artefact31", about("Interests"), "interest", "<p>Words</p>"),
    resume.text("artefact32", about("Work skills"), "workskill", "<p>Words</p>"),
    resume.section("artefact33", about("Education"), "educationhistory", ["resumecomposite-33-child-1"]),
    resume.row(
        "resumecomposite-33-child-1", about("Education Studies"), "educationhistory", "<p>Words</p>", ("artefact33", 1),
        dates=[("start", "Sept 2008"), ("end", "July 2011")], organisation="resumesibling-33-sibling-1-rel-supports",
        qualification="resumesibling-33-sibling-1-rel-supported_by",
    ),
    resume.named(
        "resumesibling-33-sibling-1-rel-supports", about("University"), "organization", "resumecomposite-33-child-1",
        "educationhistory",
    ),
    resume.named(
        "resumesibling-33-sibling-1-rel-supported_by", about("BA"), "achievement", "resumecomposite-33-child-1",
        "educationhistory", "Education Studies",
    ),
    resume.section("artefact34", about("Books"), "book", ["resumecomposite-34-child-1"]),
    resume.row(
        "resumecomposite-34-child-1", about("A book"), "book", "<p>Words</p>", ("artefact34", 1),
        dates=[("end", "2023")], role="Editor",
    ),
    parts.page(
        "view1", about("Page", "cmalt"),
        [
            parts.text_block("Words", '<p>“é” <img alt="a" rel="leap2:has_part" href="portfolio:artefact9"/></p>'),
            parts.entry_block("Entry", "artefact2"), parts.note_block("Note", "artefact4"),
            parts.picture_block("Chart", "artefact9"), parts.files_block("Files", ["artefact9"]),
            parts.plans_block("Plan", ["artefact5"]),
        ],
        "collection1", description="A line", instructions="Read it", cover="artefact9",
    ),
    parts.collection("collection1", about("Collection"), "Words", ["view1"], "artefact9"),
)  # fmt: skip


def written(tmp_path: Path, *given: Part, version: str = "22.04", members: dict[str, bytes] | None = None) -> Leap:
    path = tmp_path / f"{version}.zip"
    files = [leap2a.Member(name, len(data), lambda d=data: io.BytesIO(d)) for name, data in (members or {}).items()]
    with path.open("wb") as target:
        leap2a.write(target, leap2a.dialect(version), FEED, given, files)
    return Leap.of(path)


@pytest.fixture
def whole(tmp_path: Path) -> Leap:
    return written(tmp_path, *EVERY_KIND, members={PICTURE: b"png"})


@pytest.mark.parametrize(
    ("version", "fixture"),
    [
        ("19.10", "std"), ("22.04.3", "std"), ("22.10", "archiveorg"), ("22.10.0", "archiveorg"),
        ("23.04", "archiveorg"), ("26.04", "archiveorg"),
    ],
)  # fmt: skip
def test_vocabularies_are_named_as_that_mahara_knows_them(tmp_path: Path, version: str, fixture: str) -> None:
    """By the letter: a file with other names imports nothing. Files with these names were imported by real servers."""
    accepted = Leap.of(FIXTURES / f"leap2a-minimal-{fixture}-ns.zip")

    ours = written(tmp_path, version=version).root.nsmap

    assert {name: ours[name] for name in (None, "rdf", "leap2", "categories")} == {
        name: accepted.root.nsmap[name] for name in (None, "rdf", "leap2", "categories")
    }


def test_a_mahara_of_22_10_finds_its_own_extensions(tmp_path: Path) -> None:
    """Pages are read by the name of Mahara's extensions; it changed with 22.10."""
    real = etree.parse(FIXTURES / "real-export-22.10.xml", SAFE).getroot()

    assert written(tmp_path, version="22.10").root.nsmap["mahara"] == real.nsmap["mahara"]
    old = Leap.of(FIXTURES / "leap2a-minimal-std-ns.zip").root.nsmap["mahara"]
    assert written(tmp_path, version="22.04").root.nsmap["mahara"] == old


@pytest.mark.parametrize(
    "version", ["1.4", "19.04", "22.05", "latest", "22.10-beta", "22.10.0.0", "２２.10", "-1", "22.04 "]
)
def test_a_version_that_is_none_is_refused(version: str) -> None:
    """Nonsense, and what is older than the layout of pages that is written."""
    with pytest.raises(UsageError) as refused:
        leap2a.dialect(version)

    assert (refused.value.exit_code, refused.value.code) == (2, "mahara-version")
    assert refused.value.mend


def test_every_kind_is_built_as_mahara_builds_it(whole: Leap) -> None:
    """Nothing in an entry that Mahara's own export, or a file that it imported, does not have in one of that kind."""
    real = Leap.of(FIXTURES / "sam-all-2210.zip")
    accepted = Leap.of(FIXTURES / "leap2a-minimal-std-ns.zip")
    known: dict[str, set[str]] = {}
    for leap in (real, accepted):
        for entry in leap.entries:
            known.setdefault(leap.kind(entry), set()).update(shape(leap, entry))

    for entry in whole.entries:
        assert shape(whole, entry) - known[whole.kind(entry)] - PLAIN_ATOM == set()
    assert {whole.kind(entry) for entry in whole.entries} == {
        "person", "journal", "journal-entry", "note", "plan", "task", "folder", "file", "page", "collection", "about",
        "resume-text", "resume-section", "resume-row", "organisation", "qualification",
    }  # fmt: skip


def test_what_mahara_cannot_do_without_is_there(whole: Leap) -> None:
    """A version, or PHP 8.2 stops; Atom without a prefix, or it sees no title; the owner, or it asks more."""
    raw = etree.tostring(whole.root).decode()
    version = whole.root.find(f"{{{whole.root.nsmap['leap2']}}}version")

    assert version.text == "http://www.leapspecs.org/2010-07/2A/"
    assert "<entry><title>" in raw
    assert "ns0" not in raw
    assert "<mahara:view" in raw
    assert whole.root.findtext(f"{ATOM}author/{ATOM}uri") == "portfolio:artefactinternal"
    assert whole.kind(whole.by_id["portfolio:artefactinternal"]) == "person"
    assert all(entry.findtext(f"{ATOM}{name}") for entry in whole.entries for name in ("published", "updated"))


def test_nothing_dangles(whole: Leap) -> None:
    """Every link, picture, block and enclosure leads to an entry or a member, and every member is named."""
    assert whole.dangling() == []
    assert whole.members[PICTURE] == 3


def test_collections_have_links_without_a_prefix(whole: Leap) -> None:
    """Mahara finds the pages of a collection by ``has_part``, the entries of a journal by ``leap2:has_part``."""
    assert whole.links(whole.titled("Collection"), "has_part") == ["portfolio:view1"]
    assert whole.links(whole.titled("Page"), "is_part_of") == ["portfolio:collection1"]
    assert whole.links(whole.titled("Journal"), "leap2:has_part") == ["portfolio:artefact2", "portfolio:artefact3"]


def test_letters_survive_the_importer(whole: Leap) -> None:
    """An entry with a picture is read as Latin-1 there: its text is ASCII, in one element, and says the same words."""
    text = whole.text(whole.titled("Entry"))
    block = whole.blocks(whole.titled("Page"))[0][2]["text"]

    assert text.isascii()
    assert block.isascii()
    read = etree.HTML(text.encode("latin-1"))
    assert "Naïve café 🎓" in "".join(read.itertext())
    assert [part.tag for part in read.find("body")] == ["p"]


@pytest.mark.parametrize("loose", ["Words <em>in</em> none", "<p>One</p> <p>two</p>", "<em>One</em>", "<p>One</p>two"])
def test_no_word_stands_in_no_element(loose: str) -> None:
    """What stands beside the elements of a text, a space even, Mahara drops: it is put into one."""
    assert parts.ascii_html(loose) == f"<div>{loose}</div>"


def test_a_pages_picture_is_written_as_its_pattern_asks(whole: Leap) -> None:
    """Mahara finds pictures of a page by a pattern: ``rel`` and ``href`` side by side, and an id with digits."""
    import re

    text = whole.blocks(whole.titled("Page"))[0][2]["text"]

    assert re.findall(r'<(?:img[^>]+)rel="leap2:has_part" href="portfolio:artefact([\d]+)"(?:[^>]*)>', text) == ["9"]


def test_plans_are_plain_text(whole: Leap) -> None:
    """A plan with HTML is no plan to Mahara; a task has its day and whether it is done."""
    task = whole.titled("Task")
    leap2 = f"{{{whole.root.nsmap['leap2']}}}"

    assert whole.titled("Plan").find(f"{ATOM}content").get("type") is None
    assert (task.findtext(f"{leap2}date"), task.find(f"{leap2}date").get(f"{leap2}point")) == ("2026-05-31", "target")
    assert task.find(f"{leap2}status").get(f"{leap2}stage") == "completed"


def test_tags_keep_their_letters(whole: Leap) -> None:
    """The term is ASCII, as Leap2A asks; the label has the tag, which Mahara takes."""
    entry = whole.titled("Entry")

    assert whole.tags(entry) == ["cpd", "Two words", "学习"]
    assert all(c.get("term").isascii() and c.get("term") for c in entry.findall(f"{ATOM}category"))


def test_drafts_stay_drafts(whole: Leap) -> None:
    """Only an entry that is not ready says so."""
    unready = [e.findtext(f"{ATOM}title") for e in whole.entries if "Unready" in etree.tostring(e).decode()]

    assert unready == ["Draft"]


def test_what_xml_cannot_hold_is_left_out(tmp_path: Path) -> None:
    """Control characters in a title, a tag or a text do not break the file; long titles of blocks are cut."""
    bad = "a\x00\x0b\ud800b"
    page = parts.page("view1", about(bad, bad), [parts.text_block("t" * 300, f"<p>{bad}</p>")], "")

    leap = written(tmp_path, page, parts.note("artefact1", about(bad), f"<p>{bad}</p>", []))

    assert leap.tags(leap.by_id["portfolio:view1"]) == ["ab"]
    assert leap.text(leap.by_id["portfolio:artefact1"]) == "<p>ab</p>"
    assert len(leap.blocks(leap.by_id["portfolio:view1"])[0][1]) == 255


@pytest.mark.parametrize("name", ["../x", "export_info/files/../../x", "a\\b", "a b", "", "a+b"])
def test_a_member_with_an_odd_name_is_refused(tmp_path: Path, name: str) -> None:
    """Names in the zip are ours: no way out of it, and nothing that the importer decodes to something else."""
    with pytest.raises(ValueError, match="unsafe"):
        written(tmp_path, members={name: b"x"})


def test_the_same_parts_give_the_same_bytes(tmp_path: Path) -> None:
    """No clock and no machine in it."""

    def once(folder: str) -> bytes:
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, *EVERY_KIND, members={PICTURE: b"png" * 1000})
        return (tmp_path / folder / "22.04.zip").read_bytes()

    first, second = once("a"), once("b")

    assert first == second
    with ZipFile(io.BytesIO(first)) as packed:
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_parts_and_files_are_taken_one_by_one(tmp_path: Path) -> None:
    """Files are opened after the last part was written, each when its turn comes."""
    seen: list[Any] = []

    def entries() -> Any:
        for number in range(3):
            seen.append(number)
            yield parts.note(f"artefact{number}", about("n"), "<p>w</p>", [])

    def opened(name: str) -> Any:
        seen.append(name)
        return io.BytesIO(b"x")

    files = (leap2a.Member(name, 1, lambda n=name: opened(n)) for name in ("a", "b"))
    with (tmp_path / "x.zip").open("wb") as target:
        leap2a.write(target, leap2a.dialect("22.04"), FEED, entries(), files)

    assert seen == [0, 1, 2, "a", "b"]
