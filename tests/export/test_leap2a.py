"""``export leap2a``: what of an archive goes into the file, as what, and what is said about the rest."""

from __future__ import annotations

import hashlib
import os
import re
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree

from archive.entry import Entry, MediaFile, Visibility, with_digests
from archive.errors import UsageError
from archive.store import Origin
from bridge import demo, runs
from bridge.export import Exported, Wanted, export
from bridge.session import Session
from bridge.workspace import Workspace
from tests.archive.make import keep, keep_with_file, picture, post, raw_of
from tests.export.leap import ATOM, Leap
from tests.export.test_markdown import Silent

Do = Callable[..., tuple[Exported, Leap]]

MAHARA = Origin("mahara", "mahara", "https://mahara.example.org")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    folder = tmp_path / "jane"
    folder.mkdir()
    (folder / "config.yaml").write_text("owner: Jane Example\n")
    return Session(Workspace(folder))


@pytest.fixture
def do(session: Session, tmp_path: Path) -> Do:
    def run(**wanted: object) -> tuple[Exported, Leap]:
        done = export("leap2a", session, tmp_path / "out", Wanted(**wanted))  # type: ignore[arg-type]
        return done, Leap.of(done.path)

    return run


def thing(kind: str, number: int, **given: object) -> Entry:
    values: dict[str, object] = {
        "keys": (f"mahara:m.example.org/artefact{number}",),
        "kind": kind,
        "native_id": str(number),
        "title": f"{kind} {number}",
        "published": datetime(2024, 5, number % 28 + 1, 10, tzinfo=UTC),
        "content_html": f"<p>Words of {kind} {number}</p>",
        **given,
    }
    return Entry(**values)  # type: ignore[arg-type]


def keep_file(session: Session, entry: Entry, data: bytes) -> None:
    with session.archive.append(MAHARA) as writer:
        import io

        digest = writer.add_file(io.BytesIO(data), name=entry.files[0].name)
        writer.put(with_digests(entry, {entry.files[0].url: digest}), raw_of(entry))
        writer.seal()


def stored_file(name: str, url: str = "") -> tuple[MediaFile, ...]:
    return (MediaFile(name=name, url=url or f"https://m.example.org/{name}", media_type="application/pdf"),)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, harvested: a blog, its media, and a portfolio that cites them."""
    folder = tmp_path_factory.mktemp("sample") / "rowan"
    runs.harvest_all(Session(demo.prepare(folder)), ["blog"], progress=Silent, stop=lambda: False)
    return folder


def test_the_sample_goes_with_its_portfolio(sample: Path, tmp_path: Path) -> None:
    """Posts as a journal, pages, files with their bytes, and a page for each section in one collection."""
    session = Session(Workspace(sample))

    done = export("leap2a", session, tmp_path / "out", Wanted(version="22.10"))

    leap = Leap.of(done.path)
    assert leap.dangling() == []
    live = list(session.archive.entries())
    own = [one.entry for one in live if one.entry.author == "own" and one.entry.status != "trash"]
    posts = [entry.title for entry in own if entry.kind == "post"]
    shown = [leap.by_id[one].findtext(f"{ATOM}title") for one in leap.ids("journal-entry")]
    assert sorted(shown) == sorted(posts)
    assert len(leap.links(leap.by_id[leap.ids("journal")[0]], "leap2:has_part")) == len(posts) > 30
    assert done.files == len(leap.ids("file")) == len([e for e in own if e.kind == "media"])
    assert done.entries == len([e for e in own if e.kind in {"post", "page", "media"}])
    assert done.bytes == done.path.stat().st_size
    held = {file.sha256 for entry in own for file in entry.files}
    with ZipFile(done.path) as packed:
        assert {hashlib.sha256(packed.read(name)).hexdigest() for name in leap.members if name != "leap2a.xml"} == held
    (collection,) = leap.ids("collection")
    pages = leap.links(leap.by_id[collection], "has_part")
    titles = [leap.by_id[page].findtext(f"{ATOM}title") for page in pages]
    assert titles[0] == "Contextual Statement"
    assert titles[1].startswith("1a: ")
    assert all(leap.links(leap.by_id[page], "is_part_of") == [collection] for page in pages)


def test_a_section_shows_its_evidence(sample: Path, tmp_path: Path) -> None:
    """The owner's words, the list of the evidence with the reasons, then the entries and pictures themselves."""
    done = export("leap2a", Session(Workspace(sample)), tmp_path / "out", Wanted())

    leap = Leap.of(done.path)
    (page,) = [p for p in leap.ids("page") if leap.by_id[p].findtext(f"{ATOM}title").startswith("1a: ")]
    blocks = leap.blocks(leap.by_id[page])
    assert [(kind, title) for kind, title, _ in blocks[:3]] == [
        ("text", "Description"), ("text", "Reflection"), ("text", "Evidence"),
    ]  # fmt: skip
    assert "Three ways to record a lecture, and how we chose" in blocks[2][2]["text"]
    cited = [leap.by_id[settings["artefactid"]] for kind, _, settings in blocks if kind == "blogpost"]
    assert "Three ways to record a lecture, and how we chose" in [e.findtext(f"{ATOM}title") for e in cited]
    shown = [leap.by_id[settings["artefactid"]] for kind, _, settings in blocks if kind == "image"]
    assert [leap.kind(entry) for entry in shown] == ["file"]


def test_a_public_export_is_the_public_edition(sample: Path, tmp_path: Path) -> None:
    """Nothing private in it: no private post, no section that its owner has not opened."""
    done = export("leap2a", Session(Workspace(sample)), tmp_path / "out", Wanted(visibility=Visibility.PUBLIC))

    leap = Leap.of(done.path)
    titles = [entry.findtext(f"{ATOM}title") for entry in leap.entries]
    assert "After the meeting" not in titles
    assert "Three ways to record a lecture, and how we chose" in titles
    assert "After the meeting" not in etree.tostring(leap.root).decode()
    assert leap.dangling() == []


def test_a_post_brings_its_pictures_dates_and_tags(session: Session, do: Do) -> None:
    """A picture in a text is named by its id and attached; dates and tags stay; other links stay whole."""
    media = post(9, kind="media", title="Photo", files=(picture(alt="A photo"),), content_html="", tags=("seen",))
    keep_with_file(session.archive, media, b"jpeg")
    text = (
        '<p>Look: <a href="https://b.org/uploads/photo.jpg"><img src="/uploads/photo-300x200.jpg" alt="a > b"></a> '
        '<a href="/about/">about</a> <a href="javascript:x()">bad</a> <iframe src="https://v.example.org/1"></iframe></p>'
    )
    changed = datetime(2024, 6, 1, tzinfo=UTC)
    keep(session.archive, post(1, content_html=text, tags=("cpd", "Two words"), updated=changed))

    _, leap = do()

    entry, file = leap.titled("Post 1"), leap.titled("photo.jpg")
    (file_id,) = leap.ids("file")
    assert leap.links(entry, "related") == [file_id]
    assert f'<img alt="a &gt; b" rel="leap2:has_part" href="{file_id}"/>' in leap.text(entry)
    assert f'<a rel="leap2:has_part" href="{file_id}">' in leap.text(entry)
    assert 'href="https://b.org/about/"' in leap.text(entry)
    assert 'href="https://v.example.org/1"' in leap.text(entry)
    assert "javascript" not in leap.text(entry)
    assert entry.findtext(f"{ATOM}published") == "2024-03-02T09:30:00+00:00"
    assert entry.findtext(f"{ATOM}updated") == "2024-06-01T00:00:00+00:00"
    assert (leap.tags(entry), leap.tags(file)) == (["cpd", "Two words"], ["seen"])
    assert leap.dangling() == []


def test_a_pages_links_to_files_stay_whole(session: Session, do: Do) -> None:
    """Mahara turns only pictures of a page into its own: a link keeps its address, and its file stands below."""
    media = post(9, kind="media", files=(picture("a.pdf", media_type="application/pdf"),), content_html="")
    keep_with_file(session.archive, media, b"%PDF")
    keep(
        session.archive,
        post(1, kind="page", title="About", content_html='<p><a href="/uploads/a.pdf">the file</a></p>'),
    )

    _, leap = do()

    blocks = leap.blocks(leap.titled("About"))
    assert 'href="https://b.org/uploads/a.pdf"' in blocks[0][2]["text"]
    assert blocks[1] == ("filedownload", "Files", {"artefactids": leap.ids("file")})


def test_a_mahara_goes_back_as_it_came(session: Session, do: Do) -> None:
    """Two journals of one source, notes, plans with tasks, files in folders in folders: each where it was."""
    one, two, plan, outer, inner = (f"mahara:m.example.org/artefact{n}" for n in (1, 2, 10, 20, 21))
    keep(
        session.archive,
        thing("journal-entry", 3, parent=one, status="draft"), thing("journal-entry", 4, parent=two),
        thing("journal", 1), thing("journal", 2), thing("note", 5),
        thing("task", 11, parent=plan, status="completed", extra={"target": "2026-05-31"}), thing("plan", 10),
        thing("folder", 21, parent=outer), thing("folder", 20),
        origin=MAHARA,
    )  # fmt: skip
    keep_file(session, thing("file", 30, parent=inner, files=stored_file("a.pdf"), content_html=""), b"%PDF")

    done, leap = do()

    def inside(title: str) -> list[str]:
        return [leap.by_id[i].findtext(f"{ATOM}title") for i in leap.links(leap.titled(title), "leap2:has_part")]

    assert [inside(name) for name in ("journal 1", "journal 2", "plan 10", "folder 20", "folder 21")] == [
        ["journal-entry 3"], ["journal-entry 4"], ["task 11"], ["folder 21"], ["a.pdf"],
    ]  # fmt: skip
    kinds = {leap.kind(entry) for entry in leap.entries}
    assert kinds == {"person", "journal", "journal-entry", "note", "plan", "task", "folder", "file"}
    assert "Unready" in etree.tostring(leap.titled("journal-entry 3")).decode()
    assert "Unready" not in etree.tostring(leap.titled("journal-entry 4")).decode()
    assert (done.entries, done.left_out, leap.dangling()) == (10, (), [])


def test_what_cannot_go_is_named(session: Session, do: Do) -> None:
    """Comments, what others wrote, the bin, files that are not held: each with its reason, and none of it inside."""
    keep(
        session.archive,
        post(1),
        thing("comment", 5, title="", parent="guid:https://b.org/?p=1"),
        post(2, author="others"),
        post(3, status="trash"),
        post(4, kind="media", title="Lost", files=(picture(),), content_html=""),
        thing("term", 6, title="cpd", content_html=""),
    )

    done, leap = do()

    assert {(item.title, re.split(r"[ ,]", item.why)[0]) for item in done.left_out} == {
        ("comment 5", "a"), ("Post 2", "somebody"), ("Post 3", "it"), ("Lost", "the"),
    }  # fmt: skip
    assert (done.entries, done.files, leap.dangling()) == (1, 0, [])


def test_notes_say_what_a_reader_must_know(session: Session, do: Do) -> None:
    """Where to import, that a second import doubles, and that there is no portfolio in it, with the way to one."""
    keep(session.archive, post(1))

    done, leap = do(version="22.10")

    said = " ".join(done.notes)
    assert all(words in said for words in ("Mahara 22.10", "Import it once", "new copies", "keepfolio build"))
    assert leap.ids("collection") == []


def test_a_choice_has_no_portfolio(sample: Path, tmp_path: Path) -> None:
    """What is chosen by tag goes alone, with the pictures that it shows."""
    done = export("leap2a", Session(Workspace(sample)), tmp_path / "out", Wanted(tag="cmalt-1c"))

    leap = Leap.of(done.path)
    assert {leap.kind(entry) for entry in leap.entries} == {"person", "journal", "journal-entry", "file"}
    assert (len(leap.ids("journal-entry")), leap.dangling()) == (2, [])
    assert any("everything only" in note for note in done.notes)


def test_a_wrong_version_writes_nothing(session: Session, tmp_path: Path) -> None:
    """Refused before the folder is made."""
    keep(session.archive, post(1))

    with pytest.raises(UsageError, match="no version"):
        export("leap2a", session, tmp_path / "out", Wanted(version="newest"))

    assert not (tmp_path / "out").exists()


def test_the_same_archive_gives_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    """Twice the same file, readable by its owner alone."""
    first = export("leap2a", Session(Workspace(sample)), tmp_path / "a", Wanted()).path
    second = export("leap2a", Session(Workspace(sample)), tmp_path / "b", Wanted()).path

    assert first.read_bytes() == second.read_bytes()
    assert (first.stat().st_mode & 0o777, first.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_picture_inside_its_text_is_named(session: Session, do: Do) -> None:
    """A picture that is written into the text itself has no file that Mahara could take: said, not lost in silence."""
    keep(session.archive, post(1, content_html='<p>A <img src="data:image/png;base64,AAAA" alt="chart"> B</p>'))

    done, leap = do()

    assert [("1 of its pictures" in item.why, item.title) for item in done.left_out] == [(True, "Post 1")]
    assert "<p>A chart B</p>" in leap.text(leap.titled("Post 1"))


def test_half_a_file_is_not_left(session: Session, tmp_path: Path) -> None:
    """When the disk takes no more, no file stays that looks whole."""
    media = post(9, kind="media", files=(picture(),), content_html="")
    keep_with_file(session.archive, media, os.urandom(2_000_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            export("leap2a", session, tmp_path / "out", Wanted())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["../../evil.sh", "a\\b+c d.pdf", "Ü 学习.png", ".htaccess", "x" * 300 + ".pdf", "."])
def test_any_name_of_a_file_is_found_by_the_importer(session: Session, do: Do, name: str) -> None:
    """Mahara decodes the name in the feed and opens that member: ours need no decoding and lead nowhere else."""
    file = MediaFile(name=name, url="https://b.org/f", media_type="application/pdf")
    keep_with_file(session.archive, post(9, kind="media", files=(file,), content_html=""), b"x")

    done, leap = do()

    (member,) = set(leap.members) - {"leap2a.xml"}
    (entry,) = [leap.by_id[one] for one in leap.ids("file")]
    assert leap.links(entry, "enclosure") == [member]
    assert re.fullmatch(r"export_info/files/[0-9]+-[a-z0-9._-]+", member)
    assert (done.files, "/" in entry.findtext(f"{ATOM}title"), leap.dangling()) == (1, False, [])


def test_one_picture_goes_once(session: Session, do: Do) -> None:
    """The same bytes under two addresses are one file in Mahara, shown by both posts."""
    for number, name in ((8, "a.jpg"), (9, "b.jpg")):
        keep_with_file(session.archive, post(number, kind="media", files=(picture(name),), content_html=""), b"same")
    keep(
        session.archive, *(post(n, content_html=f'<img src="/uploads/{name}.jpg">') for n, name in ((1, "a"), (2, "b")))
    )

    done, leap = do()

    assert (done.files, len(leap.ids("file")), len(leap.members)) == (1, 1, 2)
    assert (
        leap.links(leap.titled("Post 1"), "related") == leap.links(leap.titled("Post 2"), "related") == leap.ids("file")
    )
