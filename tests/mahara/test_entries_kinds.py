"""Every kind of thing: what it belongs to, who said it, what is attached, and what is missing."""

from __future__ import annotations

import pytest

from archive.entry import Fidelity, Visibility, fingerprint
from connectors.mahara.leap2a_entries import feedback_scope
from tests.mahara.leap_feeds import END, HEAD, SITE, entry, file_entry, made, read, real, xhtml


@pytest.fixture(scope="module")
def sam(tmp_path_factory):
    return real("sam-all-2210.zip", tmp_path_factory.mktemp("spool"))


def test_everything_is_private_and_of_an_export(sam):
    """A portfolio is nobody's business until its owner says so."""
    assert {e.visibility for e in sam.entries.values()} == {Visibility.PRIVATE}
    assert {e.fidelity for e in sam.entries.values()} == {Fidelity.EXPORT}


def test_every_thing_has_the_key_that_its_number_gives(sam):
    """Whatever export it is read from."""
    assert all(e.keys == (f"mahara:127.0.0.1:8088/{name}",) for name, e in sam.entries.items())
    assert {e.keys[0] for e in sam.entries.values()} == sam.survey.keys


def test_comments_are_others_and_nobody_is_named_as_their_author(sam):
    """Mahara writes "Imported feedback" there; whose it is, is not known. Feedback on an annotation has its author."""
    found = sam.of_kind("comment").values()
    assert {(c.author, c.creator) for c in found} == {("others", "")}
    assert {c.title for c in found if c.extra.get("audience") == "private"} == {"Comment"}
    assert sum(c.extra.get("audience") == "private" for c in found) == 1
    assert sam.entries["artefact109"].parent == sam.survey.key("artefact85")
    feedback = sam.entries["artefact111"]
    assert (feedback.author, feedback.creator, feedback.parent) == (
        "others",
        "Priya Shah",
        sam.survey.key("artefact104"),
    )


def test_no_listing_covers_what_others_said(sam):
    """An export without comments shows of none of them that it is gone."""
    scopes = {e.scope for e in sam.entries.values() if e.author == "others"}
    assert scopes == {feedback_scope(sam.survey.scope)}
    assert {e.scope for e in sam.entries.values() if e.author == "own"} == {sam.survey.scope}


def test_drafts_are_entries_only(sam):
    """Of an assessment the same word means that nobody may answer."""
    assert {name for name, e in sam.entries.items() if e.status == "draft"} == {"artefact87"}


def test_categories_with_a_scheme_are_no_tags(sam):
    """And a tag is what a person typed, not what Atom can hold."""
    tags = {tag for e in sam.entries.values() for tag in e.tags}
    assert "Communication & teamwork" in tags
    assert not tags & {"Blog", "Webpage", "Offline", "File", "Communication-teamwork", "Unready", "Self"}
    assert sum(len(e.tags) for e in sam.entries.values()) == 63
    assert len(tags) == 16


def test_a_profile_has_its_fields_and_address(sam):
    """By Mahara's names and labels; an address keeps its lines."""
    profile = sam.entries["artefactinternal"]
    fields = {f["type"]: f["value"] for f in profile.extra["persondata"] if f["type"] != "socialprofile"}
    assert fields["address"] == "Learning Innovation\nLibrary building"
    assert (fields["city"], fields["preferredname"]) == ("Northbridge", "Sam")
    assert {"type": "socialprofile", "label": "twitter", "service": "twitter", "value": "@sammorgan"} in profile.extra[
        "persondata"
    ]
    assert "<li><strong>Occupation" not in profile.content_html
    assert "<li><strong>First name:</strong> Sam</li>" in profile.content_html
    assert [f.name for f in profile.files] == ["profile.jpg"]


def test_rows_stand_in_the_order_that_the_owner_gave_them(tmp_path):
    """Not in that of the file."""
    section = entry(
        "artefact70", "resume", "book", content="<content/>", leap="selection",
        more='<link rel="leap2:has_part" href="portfolio:resumecomposite-70-child-1" leap2:display_order="2"/>'
        '<link rel="leap2:has_part" href="portfolio:resumecomposite-70-child-2" leap2:display_order="1"/>',
    )  # fmt: skip
    rows = "".join(
        entry(f"resumecomposite-70-child-{n}", "resume", "pseudo:book", title=f"Book {n}", content="<content/>",
              more=f'<link rel="leap2:is_part_of" href="portfolio:artefact70" leap2:display_order="{3 - n}"/>')
        for n in (1, 2)
    )  # fmt: skip
    found = made(section + rows, tmp_path).entries["artefact70"]
    assert found.content_html == "<ul><li>Book 2</li><li>Book 1</li></ul>"
    assert found.extra["rows"] == ["resumecomposite-70-child-2", "resumecomposite-70-child-1"]


def task(number: int, due: str, *, said: str = "words") -> str:
    day = f'<leap2:date leap2:point="target">{due}</leap2:date>'
    more = f'<link rel="leap2:is_part_of" href="portfolio:artefact98"/>{day}<leap2:status leap2:stage="planned"/>'
    return entry(
        f"artefact{number}", "plans", "task", title=f"Task {number}", leap="plan", more=more,
        content=f"<content>{said}</content>",
    )  # fmt: skip


def plan_of(*tasks: int) -> str:
    parts = "".join(f'<link rel="leap2:has_part" href="portfolio:artefact{n}"/>' for n in tasks)
    return entry(
        "artefact98", "plans", "plan", title="Plan", content="<content>Steps</content>", leap="plan", more=parts
    )


def test_another_day_is_another_version_of_a_task(tmp_path):
    """Its day stands in its text, where only what makes a version can stand; what was typed is kept apart."""
    early, late = (made(task(9, day), tmp_path).entries["artefact9"] for day in ("2024-12-01", "2025-02-28"))
    assert fingerprint(early) != fingerprint(late)
    assert late.content_html == "<p>words</p><p>Due: 28 February 2025</p>"
    assert (late.extra["target"], late.extra["description_html"]) == ("2025-02-28", "<p>words</p>")


def test_a_plan_lists_its_tasks_by_their_days(tmp_path):
    """In whatever order the database gave them: an unchanged plan is no new version, one with another task is."""
    tasks = [task(11, "2025-01-01"), task(12, "2024-01-01"), task(9, "2025-01-01"), task(8, "")]
    one, two = (made(plan_of(*order) + "".join(tasks), tmp_path).entries["artefact98"]
                for order in ((11, 12, 9, 8), (8, 9, 12, 11)))  # fmt: skip
    fewer = made(plan_of(11, 12, 9) + "".join(tasks), tmp_path).entries["artefact98"]
    listed = "<ol><li>Task 12</li><li>Task 9</li><li>Task 11</li><li>Task 8</li></ol>"
    assert one.content_html == two.content_html == f"<p>Steps</p>{listed}"
    assert one.extra["tasks"] == ["artefact12", "artefact9", "artefact11", "artefact8"]
    assert fingerprint(one) == fingerprint(two) != fingerprint(fewer)


def test_a_qualification_without_its_row_is_kept(tmp_path):
    """It cannot be folded into anything, and is not lost for it."""
    more = '<link rel="leap2:supports" href="portfolio:resumecomposite-70-child-1"/>'
    read = made(entry("resumesibling-70-sibling-1", "resume", "pseudo:book", title="MSc", more=more), tmp_path)
    assert [e.title for e in read.entries.values()] == ["MSc"]


def test_an_unknown_plugins_entry_is_kept_whole(tmp_path):
    """Its kind is Mahara's own name, its bytes are as they were."""
    more = (
        '<category term="cpd"/><link rel="leap2:is_part_of" href="portfolio:artefact7"/>'
        '<leap2:date leap2:point="start">2024-05-06</leap2:date><link rel="related" href="portfolio:artefact40"/>'
    )
    one = entry("artefact9", "cpds", "activity", title="Webinar", content="<content>2 hours</content>", more=more)
    log = entry("artefact7", "cpds", "cpd", title="Log")
    read = made(one + log + file_entry(40, "slides.png"), tmp_path, files={"40-slides.png": b"x"})
    found = read.entries["artefact9"]
    assert (found.kind, found.title, found.tags, found.content_html) == (
        "activity",
        "Webinar",
        ("cpd",),
        "<p>2 hours</p><p>2024-05-06</p>",
    )
    assert found.parent == read.survey.key("artefact7")
    assert found.extra["dates"] == [{"point": "start", "text": "2024-05-06"}]
    assert found.extra["mahara"] == "cpds/activity"
    assert [f.name for f in found.files] == ["slides.png"]
    assert read.found["artefact9"].raw.decode().strip() == one.strip()


def test_an_entry_of_another_system_has_the_kind_that_leap2a_gives_it(tmp_path):
    """And its text, whether it stands in the summary or in the content."""
    content = "<summary>short</summary><content>long</content>"
    read = made(entry("urn-1", type_="", leap="ability", content=content), tmp_path)
    found = read.entries["urn-1"]
    assert (found.kind, found.content_html) == ("ability", "<p>short</p><p>long</p>")


def test_a_file_without_bytes_is_an_entry_and_named_as_lost(tmp_path):
    """The export says that it exists; a later one may bring it."""
    read = made(file_entry(40, "here.png") + file_entry(41, "gone.png"), tmp_path, files={"40-here.png": b"four"})
    gone, here = read.entries["artefact41"].files[0], read.entries["artefact40"].files[0]
    assert (gone.name, gone.size, gone.stamp) == ("gone.png", None, "")
    assert here.size == 4
    assert here.stamp.startswith("4-")
    assert [one.words for one in read.survey.lost] == ["“gone.png” (file 41)"]
    assert set(read.survey.files) == {here.url}


def test_a_file_that_the_server_lost_is_known_from_its_folder(tmp_path):
    """Mahara leaves its entry out, and names it in the folder: it is no proof that it was deleted."""
    more = '<link rel="leap2:has_part" href="portfolio:artefact50"/>'
    read = made(entry("artefact30", "file", "folder", title="Evidence", more=more, leap="selection"), tmp_path)
    assert read.survey.key("artefact50") in read.survey.keys
    assert [one.words for one in read.survey.lost] == ["file or entry 50, which is in “Evidence”"]


def test_a_cut_name_is_found_by_its_number(tmp_path):
    """Its enclosure is empty then."""
    read = made(file_entry(40, "long", href=""), tmp_path, files={"40-lo": b"x"})
    assert read.entries["artefact40"].files[0].size == 1


def test_another_number_is_not_that_of_the_file(tmp_path):
    """Of a file that is named with another number than its own, bytes of that other name are the bytes, or none."""
    gone = made(file_entry(7, "a.png", href="export_info/files/0-a.png"), tmp_path, files={"7-other.png": b"other"})
    assert gone.entries["artefact7"].files[0].size is None


def test_a_picture_that_the_export_does_not_hold_is_a_file_without_bytes(tmp_path):
    """A gap that can be seen, and not a picture that is silently missing."""
    body = f'<img alt="a chart" src="{SITE}/artefact/file/download.php?file=77&amp;view=3"/>'
    read = made(entry("artefact1", content=xhtml(body)), tmp_path)
    (file,) = read.entries["artefact1"].files
    assert (file.name, file.url, file.size) == ("a chart", f"{SITE}/artefact/file/download.php?file=77", None)
    assert [one.words for one in read.survey.lost] == ["file 77, which “A title” shows or links to"]


def test_what_somebody_else_wrote_is_others(tmp_path):
    """Mahara names the author of a thing only where it is not the owner."""
    by = "<author><name>{}</name></author>"
    read = made(
        entry("artefact1", more=by.format("Priya")) + entry("artefact2", more=by.format("Sam Morgan")), tmp_path
    )
    one, two = read.entries["artefact1"], read.entries["artefact2"]
    assert (one.author, one.creator) == ("others", "Priya")
    assert (two.author, two.creator) == ("own", "Sam Morgan")


def feedback(name: str, kind: str = "comment") -> str:
    by = f"<author><name>{name}</name></author>" if name else ""
    return entry("artefact1", kind, kind, more=by + '<link rel="leap2:reflects_on" href="portfolio:artefact2"/>')


@pytest.mark.parametrize("kind", ["comment", "annotationfeedback", "peerassessment"])
def test_feedback_has_the_name_that_mahara_gives(tmp_path, kind):
    """Up to 20.04 comments have real names; one that is the owner's is another's, for she is never named."""
    for name in ("Priya", "Sam Morgan"):
        found = made(feedback(name, kind), tmp_path).entries["artefact1"]
        assert (found.author, found.creator) == ("others", name)


@pytest.mark.parametrize("name", ["Imported feedback", "Imported peer assessment"])
def test_words_in_place_of_a_name_name_nobody(tmp_path, name):
    """From 20.10, of everybody's feedback, the owner's too."""
    found = made(feedback(name), tmp_path).entries["artefact1"]
    assert (found.author, found.creator) == ("others", "")


def test_feedback_that_names_nobody_is_the_owners_answer(tmp_path):
    """In a file that Mahara wrote; of one from elsewhere nothing is known."""
    found = made(feedback(""), tmp_path).entries["artefact1"]
    assert (found.author, found.creator) == ("own", "Sam Morgan")
    (tmp_path / "x.xml").write_text((HEAD + feedback("") + END).replace(">Mahara</gen", ">Another</gen"))
    elsewhere = read(tmp_path / "x.xml", tmp_path).entries["artefact1"]
    assert (elsewhere.author, elsewhere.creator) == ("others", "")


def test_a_journal_knows_its_entries_where_they_do_not_name_it(tmp_path):
    """Mahara's importer asks the journal, so other programs name it only there."""
    journal = entry(
        "artefact8", "blog", "blog", more='<link rel="leap2:has_part" href="portfolio:artefact1"/>', leap="selection"
    )
    read = made(journal + entry("artefact1"), tmp_path)
    assert read.entries["artefact1"].parent == read.survey.key("artefact8")


def test_a_page_of_two_collections_is_of_neither(tmp_path):
    """It is in both, and each says so."""
    more = "".join(f'<link rel="is_part_of" href="portfolio:collection{n}"/>' for n in (1, 2))
    parts = (
        '<link rel="has_part" href="portfolio:view1"/><category term="Website" scheme="categories:selection_type#"/>'
    )
    two = "".join(entry(f"collection{n}", type_="", more=parts, leap="selection") for n in (1, 2))
    read = made(entry("view1", type_="", more=more + "<mahara:view/>", leap="selection") + two, tmp_path)
    assert read.entries["view1"].parent is None
    assert [read.entries[f"collection{n}"].extra["pages"] for n in (1, 2)] == [["view1"], ["view1"]]


@pytest.mark.parametrize("label", ['label="学習"', ""])
def test_a_tags_own_letters_are_in_its_label(tmp_path, label):
    read = made(entry("artefact1", more=f'<category term="-" {label}/>'), tmp_path)
    assert read.entries["artefact1"].tags == (("学習",) if label else ("-",))


@pytest.mark.parametrize("time", ["", "yesterday", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_is_none_is_no_time(tmp_path, time):
    """And not the end of the reading."""
    one = entry("artefact1").replace("2024-02-03T04:05:06+00:00", time)
    assert made(one, tmp_path).entries["artefact1"].updated is None
