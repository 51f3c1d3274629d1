"""The website of the archive: everything is there, private, in step with the archive, proof against what comes in."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from archive import naming
from archive.entry import Visibility
from archive.errors import Locked, UsageError
from bridge import export as formats
from bridge import owner
from bridge.browse import site
from bridge.browse.folder import RECORD
from bridge.export import Wanted
from bridge.portfolio import marks
from tests.archive import make
from tests.browse.conftest import (
    EVIL_POST,
    EVIL_TAGS,
    GREETING,
    PHOTO,
    SCRIPT,
    SECOND,
    Place,
    comment,
    fill,
    local_links,
    png,
    soup,
    tree,
)


def words(page: Path) -> str:
    return " ".join(soup(page).get_text(" ").split())


def test_every_entry_has_a_page_with_its_text(full: Place) -> None:
    """Live and deleted, comments and files, each has one page, and it says what the entry says."""
    for stored in (*full.archive.entries(), *full.archive.entries(deleted=True)):
        assert full.page(stored.entry).is_file()

    assert "Hello, the second" in words(full.page(GREETING))
    assert "Still readable" in words(full.page(make.post(9)))


def test_no_link_on_any_page_leads_nowhere(full: Place) -> None:
    """Each page, picture, file and style that a page names is there."""
    for page in full.root.rglob("*.html"):
        for place in local_links(page):
            assert place.is_file(), f"{page.relative_to(full.root)}: {place}"


def test_only_the_owner_may_read_it(place: Place) -> None:
    """Folders 0700 and files 0600, whatever the umask says."""
    before = os.umask(0)
    try:
        place.keep(GREETING)
        place.browse()
    finally:
        os.umask(before)

    for path in (place.root, *place.root.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_every_page_says_that_it_is_private(full: Place) -> None:
    """Search engines are told to stay away, and a person whom it is for."""
    for page in full.root.rglob("*.html"):
        text = page.read_text("utf-8")
        assert '<meta name="robots" content="noindex, nofollow">' in text
        assert "Only for the owner" in text


def test_visibility_is_named_and_the_owners_mark_counts(place: Place) -> None:
    """Private, for assessors, public: on the page of an entry and in lists."""
    place.keep(GREETING, SECOND, make.post(6, title="For two"))
    stored = place.archive.by_key("wordpress:b.org/post/6")
    assert stored
    marks.mark(place.folder / "portfolio" / marks.FILE_NAME, stored.id, Visibility.ASSESSOR, "For two")
    place.browse()

    badges = {
        entry.title: soup(place.page(entry)).select_one(".b-under .b-badge").get_text()
        for entry in (GREETING, SECOND, stored.entry)
    }
    listed = words(place.root / "titles" / "f.html")
    assert badges == {GREETING.title: "Public", SECOND.title: "Private", "For two": "For assessors"}
    assert re.search(r"For two .* For assessors", listed)


def test_comments_stand_under_their_post(full: Place) -> None:
    """What others said is read where they said it; what waits for approval is named private."""
    said = soup(full.page(GREETING)).select(".b-comments > li")

    assert [item.h3.get_text() for item in said] == ["Ann, 15 March 2024", "Spam?, 16 March 2024"]
    assert "Private" in said[1].get_text()
    assert "Ann on “Naïve café: a greeting”" in words(full.page(comment(70, 1)))


def test_pictures_come_from_the_archive_and_others_become_links(full: Place) -> None:
    """WordPress's smaller size shows the original that is held; a picture elsewhere is never asked for."""
    page = soup(full.page(GREETING))
    [shown] = page.select(".b-text img")
    digest = full.archive.by_key(PHOTO.keys[0]).entry.files[0].sha256

    assert (full.page(GREETING).parent / shown["src"]).resolve() == full.archive.path_of(digest)
    assert page.find("a", href="https://tracker.example/pixel.gif").get_text() == "A pixel"


def test_links_to_what_is_held_stay_here(full: Place) -> None:
    """A link to one's own post leads to its page here; one to elsewhere stays."""
    page = soup(full.page(GREETING))

    held = page.find("a", string="the second")["href"]
    assert (full.page(GREETING).parent / held).resolve() == full.page(SECOND)
    assert page.find("a", string="away")["href"] == "https://elsewhere.example/x"


def test_a_picture_that_arrives_late_is_shown(place: Place) -> None:
    """A page is made anew when what its text asks for is held at last, though the entry itself did not change."""
    place.keep(GREETING)
    place.browse()
    assert not soup(place.page(GREETING)).select(".b-text img")

    place.keep(PHOTO, photo=png())
    place.browse()

    assert soup(place.page(GREETING)).select(".b-text img")


def test_earlier_versions_and_deletions_can_be_read(full: Place) -> None:
    """History tells every event; the text of before is a page, and so is the archive's own."""
    page = full.page(SECOND)
    events = soup(page).select(".b-history li")
    links = [link["href"] for link in events[0].select("a")]
    gone = soup(full.page(make.post(9))).select(".b-history li")[-1]

    assert ["First kept" in events[0].get_text(), "Changed" in events[1].get_text(), len(events)] == [True, True, 2]
    assert "Words of post 2" in words((page.parent / links[0]).resolve())
    assert (page.parent / links[1]).resolve().is_relative_to(full.archive.root / "segments")
    assert "Deleted at its source" in gone.get_text()
    assert "404 at its source" in gone.get_text()


def test_deleted_entries_are_listed_apart(full: Place) -> None:
    """They are in no other list, and in a list of their own."""
    page = full.page(make.post(9)).name
    lists = [p for p in full.root.rglob("*.html") if "entries" not in p.parts and page in p.read_text("utf-8")]

    assert [p.relative_to(full.root).as_posix() for p in lists] == ["deleted/all.html"]


def test_provenance_names_where_the_bytes_lie(full: Place) -> None:
    """Source, address, digests and places, so that a person finds the bytes by hand."""
    page = words(full.page(PHOTO))
    file = full.archive.by_key(PHOTO.keys[0]).entry.files[0]
    raw = re.search(r"segments/\S+\.json", page)

    assert f"SHA-256 {file.sha256}" in page
    assert full.archive.path_of(file.sha256).relative_to(full.archive.root).as_posix() in page
    assert raw
    assert (full.archive.root / raw[0]).read_bytes() == full.archive.raw(full.archive.by_key(PHOTO.keys[0]).id)


def test_lists_lead_to_everything(full: Place) -> None:
    """By year and month in the owner's time zone, tag, source, kind, section, title and word."""
    root = full.root
    tag = naming.short_hash("cpd")

    assert "The second, mended" in words(root / "dates" / "2023.html")
    assert "December" in words(root / "dates" / "2023.html")
    assert "Naïve café" in words(root / "tags" / f"cpd-{tag}.html")
    assert "Naïve café" in words(root / "titles" / "n.html")
    assert "Naïve café" in words(root / "words" / "c.html")
    assert "Naïve café" in words(next(root.glob("sections/1a-*.html")))
    assert "Blog post" in words(root / "kinds" / "index.html")
    assert "blog" in words(root / "sources" / "index.html")
    assert "E-mail" in words(root / "dates" / "undated.html")


def test_what_the_owner_cites_by_hand_is_in_its_section(place: Place) -> None:
    """Front matter counts as well as tags."""
    from bridge.building import Desk
    from bridge.portfolio import citing

    place.keep(SECOND)
    desk = Desk(place.session).begin()
    citing.cite(desk.generation.folder, "2b", place.archive.by_key(SECOND.keys[0]).id, SECOND.title, "why")
    place.browse()

    assert "The second" in words(next(place.root.glob("sections/2b-*.html")))
    assert "2b" in soup(place.page(SECOND)).select_one(".b-facts").get_text()


def test_a_mistake_in_the_owners_files_keeps_nothing_from_being_read(place: Place) -> None:
    """The pages are made without sections, and it is said why."""
    from bridge.building import Desk

    place.keep(GREETING)
    folder = Desk(place.session).begin().generation.folder
    (folder / "1a.md").write_text("---\nsection: [\n---\n")
    done = place.browse()

    assert place.page(GREETING).is_file()
    assert any("sections" in note for note in done.notes)


def test_the_owners_own_words_can_be_read(place: Place) -> None:
    """What she wrote in portfolio/ is in the archive, so it is on a page."""
    (place.folder / "portfolio").mkdir()
    (place.folder / "portfolio" / "notes.md").write_text("My <own> words\n")
    owner.keep(place.archive, place.session.workspace)
    place.browse()

    page = next(p for p in place.root.glob("entries/*/*.html") if "notes" in p.name)
    assert "My <own> words" in soup(page).select_one("pre").get_text()

    (place.folder / "portfolio" / "notes.md").write_text("Other words\n")
    owner.keep(place.archive, place.session.workspace)
    place.browse()

    assert "Other words" in soup(page).select_one("pre").get_text()
    before = soup(page.with_name(f"{page.stem}-v1.html"))
    assert "My <own> words" in before.select_one("pre").get_text()
    assert (page.parent / before.select_one(".b-files a")["href"]).resolve().read_text() == "My <own> words\n"


# --- in step ------------------------------------------------------------------------------------------------------


def test_nothing_is_written_twice(full: Place) -> None:
    """A second run over the same archive writes no file."""
    before = {path: path.stat().st_mtime_ns for path in full.root.rglob("*.*") if path.name != RECORD}
    done = full.browse()

    assert (done.written, done.removed) == (0, 0)
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_change_touches_only_what_shows_it(place: Place) -> None:
    """One changed post among many: its page, its version, the lists that name it, and the words of the search."""
    place.keep(*(make.post(n, title=f"Title {n}") for n in range(1, 40)))
    place.browse()
    pages = {p: p.stat().st_mtime_ns for p in place.root.glob("entries/*/*.html")}
    place.keep(make.post(7, title="Title 7", content_html="<p>New</p>"))
    place.browse()

    changed = [p for p, moment in pages.items() if p.stat().st_mtime_ns != moment]
    assert changed == [place.page(make.post(7))]


def test_what_grew_equals_what_is_made_anew(place: Place) -> None:
    """After any changes the folder holds the same bytes as one made at once."""
    place.keep(GREETING, make.post(9, title="Gone"), EVIL_POST)
    place.browse()
    fill(place)
    place.browse()
    grown = tree(place.root)
    for path in sorted(place.root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    place.browse()

    assert grown == tree(place.root)


def test_a_new_title_leaves_no_old_page(full: Place) -> None:
    """Its page has its title in its name; the one of before goes, and links follow."""
    before = full.page(SECOND)
    full.keep(replace(SECOND, title="Quite another", content_html="<p>Better words</p>"))
    done = full.browse()

    assert not before.exists()
    assert done.removed >= 1
    assert full.page(SECOND).name in full.page(GREETING).read_text("utf-8")


def test_what_is_not_wanted_any_more_goes(place: Place, tmp_path: Path) -> None:
    """What an earlier run showed and this one does not is removed, empty folders too."""
    place.keep(PHOTO, GREETING, SECOND, photo=png())
    out = tmp_path / "out"
    place.browse(out)
    assert list(out.glob("files/*/*"))
    place.browse(out, Wanted(kind="post"))

    assert not (out / "files").exists()
    assert len(list(out.glob("entries/*"))) == 2


def test_a_lost_or_cut_page_is_made_again(full: Place) -> None:
    """The folder may be changed by anybody; the next run mends it."""
    page = full.page(GREETING)
    whole = page.read_bytes()
    page.write_bytes(whole[:100])
    (full.root / "style.css").unlink()
    full.browse()

    assert page.read_bytes() == whole
    assert (full.root / "style.css").is_file()


def test_a_run_that_was_killed_is_completed(place: Place) -> None:
    """kill -9 early, in the middle and late; the next run leaves the very same folder, and nothing else."""
    fill(place)
    place.browse()
    wanted = tree(place.root)
    for count in (5, 25, 60):
        for path in sorted(place.root.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        code = (
            "import os, signal, sys\nfrom pathlib import Path\n"
            "from bridge.browse import site\nfrom bridge.session import Session\n"
            "from bridge.workspace import Workspace\n"
            "def stop(done, of):\n    if done == int(sys.argv[2]):\n        os.kill(os.getpid(), signal.SIGKILL)\n"
            "site.browse(Session(Workspace(Path(sys.argv[1]))), progress=stop)\n"
        )
        done = subprocess.run([sys.executable, "-c", code, str(place.folder), str(count)], cwd=Path.cwd())
        assert done.returncode == -signal.SIGKILL
        (place.root / "index.html.part").write_text("half")
        assert tree(place.root) != wanted
        place.browse()
        assert tree(place.root) == wanted


def test_only_one_run_makes_it(place: Place) -> None:
    """Two at once would step on each other."""
    from filelock import FileLock

    place.keep(GREETING)
    with FileLock(place.archive.state / "browse.lock"), pytest.raises(Locked):
        place.browse()


def test_a_text_that_cannot_be_read_is_named_and_tried_again(place: Place) -> None:
    """A missing file of the archive spoils one page, not the site; once it is back the page is whole."""
    place.keep(GREETING, SECOND)
    [readable] = [p for p in (place.folder / "archive").rglob("*.html") if "second" in p.name]
    whole = readable.read_bytes()
    readable.unlink()
    done = place.browse()
    [page] = place.root.glob("entries/*/the-second-*.html")
    assert "cannot be read" in words(page)
    assert any("The second" in note and "keepfolio verify" in note for note in done.notes)

    readable.write_bytes(whole)
    done = place.browse()

    assert "Words of post 2" in words(page)
    assert any("words" in p.read_text() for p in place.root.glob("search/000/w.js"))
    assert not done.notes


# --- what came in is hostile --------------------------------------------------------------------------------------


def test_no_page_but_the_search_has_a_script(full: Place) -> None:
    """Titles, tags, names and texts with scripts in them stay words, and every page forbids what it does not need."""
    for page in full.root.rglob("*.html"):
        html = soup(page)
        policy = html.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
        scripts = [tag.get("src") for tag in html.find_all("script")]
        assert scripts == (["search.js"] if page.name == "search.html" else []), page
        assert policy.startswith("default-src 'none'; ")
        assert ("script-src" in policy) == (page.name == "search.html")
        assert not html.find_all(["iframe", "svg", "style", "object", "embed", "base"])
        for tag in html.find_all(True):
            assert not [name for name in tag.attrs if name.startswith("on") or name == "style"], tag
            assert not str(tag.get("href", "")).startswith(("javascript:", "file:", "data:", "//")), tag
            assert not str(tag.get("src", "")).startswith(("http", "//")), tag


def test_names_from_outside_never_become_paths(full: Place) -> None:
    """Whatever a title or tag says, what is written is safe on every file system and lies in the folder."""
    for path in full.root.rglob("*"):
        name = path.relative_to(full.root).as_posix()
        assert path.name == RECORD or naming.is_safe(name, 120), name
    assert len(list(full.root.glob("tags/*.html"))) == 1 + len({*EVIL_TAGS, "cpd", "cmalt-1a"})
    assert not (full.folder / "x.html").exists()


def test_odd_input_stops_nothing(place: Place) -> None:
    """Lone surrogates, addresses that are none, titles of spaces, entries that belong to themselves or in a circle."""
    place.keep(
        make.post(1, tags=("\ud800",), content_html="<p>half \ud800 a sign</p>", url="http://[bad", language="x_?"),
        make.post(2, title="long " * 800, content_html='<a href="http://[bad">b</a><a href="//[x">c</a><li>loose'),
        make.post(3, title=" \n ", parent="wordpress:b.org/post/3"),
        make.post(4, parent="wordpress:b.org/post/5"),
        make.post(5, parent="wordpress:b.org/post/4"),
    )
    done = place.browse()

    assert done.entries == 5
    assert "half ? a sign" in words(place.page(make.post(1)))
    assert soup(place.page(make.post(3))).h1.get_text() == "(untitled)"


def test_the_data_of_the_search_holds_only_values(full: Place) -> None:
    """Each data file is one call with plain values: nothing ends the script, or begins another line of it."""
    for path in full.root.glob("search/**/*.js"):
        text = path.read_text("utf-8")
        call = re.fullmatch(r"keepfolio\((.*)\);\n", text)
        assert call
        assert text.isascii()
        assert "<" not in text
        json.loads(call[1])


def test_a_file_that_a_browser_might_run_is_not_linked(full: Place) -> None:
    """HTML is named with its place; a drawing is shown as a picture, where it runs nothing; a PDF is linked."""
    page = soup(full.page(EVIL_POST))
    files = {item.select_one(".b-name, a").get_text(): item for item in page.select(".b-files > li")}

    assert not files["../../evil.html"].find("a")
    assert "segments/" in files["../../evil.html"].get_text()
    assert not files["drawing.svg"].find("a")
    assert files["paper.pdf"].find("a")["href"].endswith(".pdf")


def test_a_record_with_evil_names_removes_nothing_outside(full: Place) -> None:
    """The record lies in a folder that others may have sent; what it names is checked before it is removed."""
    outside = full.folder / "archive" / "README.txt"
    record = full.root / RECORD
    value = json.loads(record.read_text())
    value["also"] = ["../README.txt", "/etc/hosts", "a/../../README.txt"]
    record.write_text(json.dumps(value))
    full.browse()

    assert outside.is_file()


def test_a_link_in_the_folder_is_not_followed(full: Place, tmp_path: Path) -> None:
    """A folder of ours that became a link could lead anywhere: nothing is written through it."""
    elsewhere = tmp_path / "elsewhere"
    (full.root / "titles").rename(elsewhere)
    (full.root / "titles").symlink_to(elsewhere)
    before = tree(elsewhere)
    full.keep(make.post(30, title="Nine"))

    with pytest.raises(UsageError, match="is there"):
        full.browse()
    assert tree(elsewhere) == before


# --- where it lies ------------------------------------------------------------------------------------------------


def test_a_folder_of_somebody_else_is_left_alone(place: Place, tmp_path: Path) -> None:
    """Something that no run of ours left: nothing is touched."""
    place.keep(GREETING)
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")

    with pytest.raises(UsageError) as refused:
        place.browse(out)
    assert refused.value.code == "folder-in-use"
    assert [p.name for p in out.iterdir()] == ["thesis.txt"]


def test_what_others_put_beside_our_pages_stays(full: Place) -> None:
    """A file of another name is not ours to remove."""
    (full.root / "my-notes.txt").write_text("mine")
    full.keep(make.post(31, title="More"))
    full.browse()

    assert (full.root / "my-notes.txt").read_text() == "mine"


def test_nothing_else_in_the_archive_is_written_to(place: Place) -> None:
    """--out in the archive would be lost, or count as damage."""
    place.keep(GREETING)

    with pytest.raises(UsageError, match="lies in the archive"):
        place.browse(place.folder / "archive" / "segments" / "x")


def test_the_archive_stays_valid(full: Place) -> None:
    """verify finds nothing wrong with an archive that holds its own pages."""
    from archive.care import fixity

    assert fixity.verify(full.archive).findings == ()


def test_an_export_stands_alone(full: Place, tmp_path: Path) -> None:
    """Every link stays in the folder, files have come along, and what a browser might run came as text."""
    out = tmp_path / "export"
    done = formats.export("browse", full.session, out, Wanted())

    for page in out.rglob("*.html"):
        for place in local_links(page):
            assert place.is_file(), f"{page}: {place}"
            assert place.is_relative_to(out), f"{page}: {place}"
    copies = {path.read_bytes(): path.name for path in out.glob("files/*/*")}
    assert copies[SCRIPT].endswith(".html.txt")
    assert copies[png()].endswith(".png")
    assert done.path == out / "index.html"
    assert done.bytes == sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    assert "Words of post 2" in words(next(out.glob("entries/*/*-v1.html")))


def test_a_choice_by_visibility_shows_nothing_else(full: Place, tmp_path: Path) -> None:
    """What is private is not in an export of the public: no entry, no file, no earlier version, no word to search."""
    full.keep(replace(SECOND, visibility=Visibility.PUBLIC, title="Open now", content_html="<p>Open words</p>"))
    out = tmp_path / "export"
    formats.export("browse", full.session, out, Wanted(visibility=Visibility.PUBLIC))
    everything = b"".join(tree(out).values())

    assert b"Open words" in everything
    for secret in (b"Better words", b"Words of post 2", b"Still readable", b"Evil words", b"Spam?", b"The second"):
        assert secret not in everything, secret


def test_progress_counts_to_the_end(place: Place) -> None:
    """A person sees how far it is."""
    place.keep(GREETING)
    told: list[tuple[int, int]] = []
    site.browse(place.session, progress=lambda done, of: told.append((done, of)))

    assert told[-1][0] == told[-1][1] == len(told)
