"""What the reading finds in real exports is what the site's database holds."""

from __future__ import annotations

import pytest

from archive.entry import fingerprint, to_json
from tests.mahara.leap_feeds import FIXTURES, FULL, Read, real

PLAIN = (
    *("academicgoal", "academicskill", "annotation", "book", "careergoal", "certification", "coverletter"),
    *("educationhistory", "employmenthistory", "folder", "industry", "interest", "membership", "occupation"),
    *("personalgoal", "personalskill", "plan", "task", "workskill"),
)
FILES = ("image", "file", "audio", "video", "archive", "profileicon")


@pytest.fixture(scope="module")
def reads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Read]:
    names = sorted(path.name for path in FIXTURES.glob("sam-*.zip"))
    return {name: real(name, tmp_path_factory.mktemp("spool")) for name in names}


@pytest.fixture(params=sorted(FULL))
def full(request: pytest.FixtureRequest, reads: dict[str, Read]) -> tuple[Read, dict]:
    return reads[request.param], FULL[request.param]


def names(numbers: list[int], start: str = "artefact") -> list[str]:
    return [f"{start}{number}" for number in numbers]


def test_journals_and_how_many_entries_each_has_are_those_of_the_database(full):
    """Every journal is there, the empty one too, with its tags."""
    read, truth = full
    journals = read.of_kind("journal")
    entries = read.of_kind("journal-entry").values()
    found = {
        name: (journal.title, sorted(journal.tags), sum(e.parent == journal.keys[0] for e in entries))
        for name, journal in journals.items()
    }
    assert found == {f"artefact{j['id']}": (j["title"], sorted(j["tags"]), j["entries"]) for j in truth["journals"]}


def test_journal_entries_have_their_dates_tags_state_attachments_and_pictures(full):
    """Nothing of an entry differs from the database: what is attached and what is shown are told apart."""
    read, truth = full
    assert set(read.of_kind("journal-entry")) == set(names([e["id"] for e in truth["entries"]]))
    for known in truth["entries"]:
        found = read.entries[f"artefact{known['id']}"]
        assert found.title == known["title"]
        assert found.parent == read.survey.key(f"artefact{known['journal']}")
        assert found.status == ("publish" if known["published"] else "draft")
        assert found.published.isoformat() == known["created"] + "+00:00"
        assert found.updated.isoformat() == known["modified"] + "+00:00"
        assert sorted(found.tags) == sorted(known["tags"])
        assert found.extra.get("attachments", []) == names(sorted(known["attachments"]))
        assert found.extra.get("embedded", []) == names(known["embedded"])
        files = [f"artefact{f.url.rpartition('=')[2]}" for f in found.files]
        assert sorted(files) == sorted(names(list({*known["attachments"], *known["embedded"]})))


def test_files_have_their_sizes_folders_types_and_tags(full):
    """Every file is there with the size of its bytes, in its folder."""
    read, truth = full
    assert set(read.of_kind("file")) == set(names([f["id"] for f in truth["files"]]))
    assert len(read.survey.files) == len(truth["files"])
    assert read.survey.lost == []
    for known in truth["files"]:
        found = read.entries[f"artefact{known['id']}"]
        (file,) = found.files
        assert (found.title, file.name, file.size, file.role) == (
            known["title"],
            known["title"],
            known["size"],
            "original",
        )
        assert found.parent == (read.survey.key(f"artefact{known['folder']}") if known["folder"] else None)
        assert sorted(found.tags) == sorted(known["tags"])
        assert found.extra["mahara"] == f"file/{known['type']}"
        assert file.media_type.partition("/")[0] == known["mimetype"].partition("/")[0]
        with read.package.open(read.survey.files[file.url]) as stream:
            assert len(stream.read()) == known["size"]


def test_folders_lie_in_their_folders(full):
    read, truth = full
    assert {
        name: (folder.title, folder.parent, sorted(folder.tags)) for name, folder in read.of_kind("folder").items()
    } == {
        f"artefact{f['id']}": (
            f["title"],
            read.survey.key(f"artefact{f['parent']}") if f["parent"] else None,
            sorted(f["tags"]),
        )
        for f in truth["folders"]
    }


def test_pages_have_their_blocks(full):
    """All pages of every type, each with the types of its blocks."""
    read, truth = full
    assert set(read.of_kind("page")) == {f"view{p['id']}" for p in truth["pages"]}
    for known in truth["pages"]:
        found = read.entries[f"view{known['id']}"]
        assert found.title == known["title"]
        assert found.extra["mahara"] == f"view/{known['type']}"
        assert sorted(found.tags) == sorted(known["tags"])
        assert sorted(b["type"] for b in found.extra["blocks"]) == sorted(known["blocks"])


def test_collections_have_their_pages_in_order(full):
    """The order of pages is content, and each page of one collection has it as its parent."""
    read, truth = full
    found = read.of_kind("collection")
    assert {name: (c.title, sorted(c.tags), c.extra["pages"]) for name, c in found.items()} == {
        f"collection{c['id']}": (c["title"], sorted(c["tags"]), [f"view{p}" for p in c["pages"]])
        for c in truth["collections"]
    }
    for known in truth["collections"]:
        for page in known["pages"]:
            assert read.entries[f"view{page}"].parent == read.survey.key(f"collection{known['id']}")


def test_plans_have_their_tasks_with_day_and_state(full):
    read, truth = full
    assert set(read.of_kind("plan")) == set(names([p["id"] for p in truth["plans"]]))
    for plan in truth["plans"]:
        assert read.entries[f"artefact{plan['id']}"].extra.get("tasks", []) == names([t["id"] for t in plan["tasks"]])
        for known in plan["tasks"]:
            task = read.entries[f"artefact{known['id']}"]
            assert (task.title, task.kind, task.parent) == (
                known["title"],
                "task",
                read.survey.key(f"artefact{plan['id']}"),
            )
            assert task.extra["target"] == known["due"]
            assert task.status == ("completed" if known["completed"] else "planned")


def test_every_other_type_is_counted_as_the_database_counts_it(full):
    """What the export can hold of each type of artefact is there; only what others said may be left out."""
    read, truth = full
    counts = truth["artefact_counts"]
    found = read.survey.numbers
    assert len(found["file"]) == sum(counts.get(name, 0) for name in FILES)
    for kind, name in (("journal", "blog"), ("journal-entry", "blogpost"), ("note", "html")):
        assert len(found[kind]) == counts[name]
    for name in PLAIN:
        assert len(found[name]) == counts[name], name
    assert len(found["profile"]) == 1
    for name in ("comment", "annotationfeedback", "peerassessment"):
        assert len(found.get(name, ())) in {0, counts[name]}


def test_the_résumé_has_ten_rows_under_its_sections_with_their_dates(full):
    """Organisation and qualification are in the row and not beside it."""
    read, _ = full
    rows = read.of_kind("resume-row")
    assert len(rows) == 10
    assert "resume-part" not in read.survey.numbers
    row = rows["resumecomposite-70-child-1"]
    assert row.parent == read.survey.key("artefact70")
    assert row.extra["organisation"] == "University of Easthaven"
    assert row.extra["qualification"] == "BA (Hons)"
    assert "Sept 2008 – July 2011" in row.content_html
    assert read.found[row.native_id].raw.count(b"<entry>") == 3
    assert read.entries["artefact70"].extra["rows"] == ["resumecomposite-70-child-1", "resumecomposite-70-child-2"]
    assert [f.name for f in read.entries["artefact70"].files] == ["fellowship-letter.pdf"]


def test_a_full_export_is_known_by_its_dashboard(reads):
    """Selective exports never are full, and prove nothing."""
    selective = {"sam-collection1-2210.zip", "sam-view9-nocomments-2210.zip"}
    assert {name for name, read in reads.items() if not read.survey.full} == selective


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("sam-collection1-2210.zip", {"page": 4, "collection": 1, "file": 17, "journal": 3, "comment": 4}),
        ("sam-view9-nocomments-2210.zip", {"page": 1, "file": 5, "note": 1, "annotation": 1}),
    ],
)
def test_a_selective_export_gives_what_it_holds(reads, name, kinds):
    """And no entry of it lacks anything that is in the file."""
    read = reads[name]
    assert {kind: len(read.survey.numbers[kind]) for kind in kinds} == kinds
    assert read.failed == []


def test_a_page_exported_alone_has_no_collection(reads):
    """It names one that is not there: nothing is said of where it belongs."""
    assert reads["sam-view9-nocomments-2210.zip"].entries["view9"].parent == ""


def test_pictures_that_a_selective_export_forgot_are_named(reads):
    """A block shows entries of a journal that are not in the export: their pictures are said to be missing."""
    read = reads["sam-view9-nocomments-2210.zip"]
    assert any("file 34" in lost.words for lost in read.survey.lost)
    missing = next(f for f in read.entries["view9"].files if f.url.endswith("file=34"))
    assert (missing.size, missing.stamp) == (None, "")


def test_two_generations_of_namespaces_give_equal_entries(reads):
    """The same account written by 22.04 and 22.10 is the same to the last fingerprint."""
    ours = reads["sam-leap-only-2210.zip"].entries
    theirs = reads["sam-leap-only-derived-2204-ns.zip"].entries
    assert ours.keys() == theirs.keys()
    for name, found in ours.items():
        assert to_json(theirs[name]) == to_json(found)


def test_what_did_not_change_has_the_same_fingerprint_in_a_later_export(reads):
    """Edited, retagged and published things differ, and the pages that show them; nothing else does."""
    before, after = reads["sam-all-2210.zip"].entries, reads["sam-all-later-newns.zip"].entries
    changed = {n for n in before.keys() & after.keys() if fingerprint(before[n]) != fingerprint(after[n])}
    shows_them = {"view8", "view9", "view10", "view11"}  # navigation, tagged entries, an entry, recent entries
    assert changed - shows_them == {"collection1", "artefact85", "artefact86", "artefact87"}
    assert before.keys() - after.keys() == {"artefact50", "artefact91"}
    assert after.keys() - before.keys() == {"artefact701", "artefact702", "view78"}


def test_an_administrators_export_gives_the_same_pages_as_the_owners(reads):
    """Though of a journal Mahara draws fewer entries for others than for the owner: nothing differs."""
    own, bulk = reads["sam-all-2210.zip"].entries, reads["sam-leap-only-2210.zip"].entries
    differ = {n for n in own.keys() & bulk.keys() if fingerprint(own[n]) != fingerprint(bulk[n])}
    assert differ == set()


def test_no_text_holds_a_name_or_number_of_the_export(reads):
    """Neither namespaces nor its own short addresses."""
    for read in reads.values():
        for found in read.entries.values():
            assert '"portfolio:' not in found.content_html
            assert "xmlns" not in found.content_html
            assert "leap2:" not in found.content_html
            assert "/export/" not in found.content_html


@pytest.mark.parametrize("name", ["leap2a-minimal-std-ns.zip", "leap2a-minimal-archiveorg-ns.zip"])
def test_a_file_written_by_another_program_is_read(name, tmp_path):
    """With ids of its own, paths of its own, and one div instead of two."""
    read = real(name, tmp_path)
    assert {e.kind for e in read.entries.values()} == {
        "profile",
        "journal",
        "journal-entry",
        "file",
        "page",
        "collection",
    }
    entry = read.entries["entry1"]
    assert entry.tags == ("Two words", "cmalt-1a", "cpd")
    assert entry.content_html.startswith("<p>Body with <strong>markup</strong> and an image: <img")
    assert [(f.name, f.size is not None) for f in entry.files] == [("evidence ü.png", True)]
    assert entry.parent == read.survey.key("journal1")
    page = read.entries["page1"]
    assert page.parent == read.survey.key("collection1")
    for words in ("Page description.", "Rendered page for other readers.", "Statement written by our program."):
        assert words in page.content_html
