"""Everything of a real account that a data request holds is in the archive, and nothing of anybody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.entry import Fidelity, Visibility
from tests.moodle.export_place import TRUTH, Saved, sha1s

OTHERS = (
    *("Ngozi", "Tomos", "Llewellyn", "Imogen"),
    *("How would you evidence impact", "may I quote you", "Does anyone use H5P"),  # posts
    *("See you at ALT-C", "14 hours between March", "Chat line"),  # messages
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """A harvest that nobody changes afterwards."""
    saved = Saved(tmp_path_factory.mktemp("saved"))
    report = saved.harvest()
    assert report.failed == []
    assert report.missing == []
    return saved


def at(seconds: int) -> datetime:
    """A moment as the zip tells it: to the minute."""
    return datetime.fromtimestamp(seconds - seconds % 60, UTC)


def test_blog_entries(saved: Saved) -> None:
    """All 18, drafts too, with tags and each file by its SHA-1; local times became UTC ones."""
    assert saved.held()["post"] == TRUTH["counts"]["blog"]
    for one in TRUTH["blog"]:
        entry = saved.entry(f"blog/{one['id']}")
        assert (entry.title, entry.status) == (one["subject"], one["publishstate"])
        assert set(entry.tags) == set(one["tags"])
        assert (entry.visibility is Visibility.PUBLIC) == (one["publishstate"] == "public")
        assert saved.sha1s(entry) == sha1s(one["attachments"] + one["inline"])
        if one["id"] != 15:  # see below
            assert (entry.published, entry.updated) == (at(one["created"]), at(one["lastmodified"]))


def test_a_time_in_the_hour_that_comes_twice_is_none(saved: Saved) -> None:
    """Half past one in the night in which clocks go back: the words are kept."""
    entry = saved.entry("blog/15")
    assert (entry.published, entry.updated) == (None, None)
    assert entry.extra["times"] == dict.fromkeys(("created", "modified"), "Sunday, 26 October 2025, 1:30 AM")


def test_links_lead_to_files_again(saved: Saved) -> None:
    """Paths inside of the zip became the site's addresses, also that with a name as a person wrote it."""
    content = saved.entry("blog/10").content_html
    assert 'src="https://vle.northshire.example/pluginfile.php/1/blog/post/10/inline%20diagram.png"' in content
    assert (
        'href="https://vle.northshire.example/pluginfile.php/1/blog/post/10/notes%20%20queries%20%231.txt"' in content
    )
    assert {file.url for file in saved.entry("blog/10").files} <= set(content.split('"'))


def test_links_whose_folders_lost_their_mark_lead_to_files(saved: Saved) -> None:
    """The path of a database's file says ``/1/7/``; on the disk it is ``_1/_7/``."""
    content = saved.entry("database-entry/1").content_html
    assert 'href="https://vle.northshire.example/pluginfile.php/31/mod_data/content/7/mentoring%20log.csv"' in content
    assert 'alt="Alt text for photo"' in content


def test_no_path_of_the_zip_is_left_in_a_text(saved: Saved) -> None:
    """None was uncertain here."""
    assert [e.title for e in saved.entries() if "_files" in e.content_html or "lost_links" in e.extra] == []


def test_comments_are_marked_as_whose_they_are(saved: Saved) -> None:
    """By number, not by name."""
    said = [(e.content_html, e.author) for e in saved.entries("comment") if "/blog/2" in str(e.parent)]
    assert sorted(said) == [
        ("<p>Done – thank you.</p>", "own"),
        ("Great summary, diolch!", "others"),
        ("Please add the session link.", "others"),
    ]


def test_private_files(saved: Saved) -> None:
    """Seven in four folders, byte for byte; a folder that is called 2023 has its name back."""
    assert saved.held()["file"] == TRUTH["counts"]["private_files"]
    for one in TRUTH["private_files"]:
        entry = saved.entry(f"private-file/12{one['filepath']}{one['filename']}")
        assert saved.sha1s(entry) == {one["filename"]: one["sha1"]}
    assert saved.held()["folder"] == 4
    inner = saved.entry("private-file/12/conferences/2023/poster.png")
    assert inner.parent == saved.entry("private-folder/12/conferences/2023/").keys[0]


def test_forum_posts(saved: Saved) -> None:
    """All 16, those in a hidden course and of an ended enrolment too; to the second, as their folders tell."""
    assert saved.held()["forum-post"] == TRUTH["counts"]["forum_posts"] == 16
    for one in TRUTH["forum_posts"]:
        entry = saved.entry(f"forum-post/{one['id']}")
        assert entry.title == one["subject"]
        assert entry.published == datetime.fromtimestamp(one["created"], UTC)
        assert set(entry.tags) == set(one["tags"])
        assert (entry.extra["course"], entry.extra["forum"]) == (one["course_shortname"], one["forum_name"])
        assert entry.extra["discussion"] == one["discussion"]


def test_of_the_post_that_was_answered_remain_date_length_and_whose(saved: Saved) -> None:
    """No word of it."""
    length = len("Thoughtful. How would you evidence impact?")
    answered = saved.entry("forum-post/3").extra["answers"]
    assert answered == {"date": "2026-11-22", "length": length, "role": "another participant"}


def test_submissions(saved: Saved) -> None:
    """Each attempt with what was written, handed in and given back; what was never handed in is none."""
    for one in TRUTH["assignment_submissions"]:
        entries = [
            e for e in saved.entries("submission")
            if e.extra.get("assignment") == one["name"]
            and e.extra["course"] == one["course_shortname"]
            and e.extra["attempt"] == one["attemptnumber"] + 1
        ]  # fmt: skip
        (entry,) = entries
        assert entry.status == one["status"]
        assert one["onlinetext"] in entry.content_html
        assert one.get("feedback", "") in entry.content_html
        assert saved.sha1s(entry) == sha1s(one["files"] + one.get("feedback_files", []))
        assert {f.name for f in entry.files if f.role == "feedback"} == set(sha1s(one.get("feedback_files", [])))
        if one["grade"] is not None:
            assert entry.extra["grade"] == f"{one['grade']:.2f}"
    work = saved.entry("workshop-submission/1")
    assert saved.sha1s(work) == sha1s(TRUTH["workshop_submissions"][0]["attachments"])
    assert saved.held()["submission"] == len(TRUTH["assignment_submissions"]) + 1


def test_badges(saved: Saved) -> None:
    """The baked picture, and what is baked into it."""
    for one in TRUTH["badges"]:
        entry = saved.entry(f"badge/{one['uniquehash']}")
        assert entry.title == one["name"]
        assert set(saved.sha1s(entry).values()) == {one["baked_sha1"]}
        assert entry.published == datetime.fromtimestamp(one["dateissued"], UTC)
        assert entry.extra["recipient_is_owner"] is True
        assert "seen_valid" not in entry.extra


def test_prior_learning_plans_and_ratings(saved: Saved) -> None:
    """Evidence with its file, the plan, and the two of four competencies that were rated."""
    for one in TRUTH["evidence_of_prior_learning"]:
        entry = saved.entry(f"prior-learning/{one['id']}")
        assert (entry.title, entry.extra["evidence_url"]) == (one["name"], one["url"])
        assert saved.sha1s(entry) == sha1s(one["files"])
    assert [e.title for e in saved.entries("plan")] == [one["name"] for one in TRUTH["learning_plans"]]
    rated = {e.extra["idnumber"]: e for e in saved.entries("competency")}
    assert {name: e.extra["proficient"] for name, e in rated.items()} == {
        one["idnumber"]: bool(one["proficiency"]) for one in TRUTH["user_competencies"]
    }
    assert "Clear evidence seen." in rated["CMALT-1"].content_html


def test_databases_glossaries_and_wikis(saved: Saved) -> None:
    """Moodle writes whose an entry is into the wrong folder; it is found. Pages of shared wikis are left out."""
    assert saved.held()["database-entry"] == TRUTH["counts"]["database_entries"]
    for one in TRUTH["database_entries"]:
        entry = saved.entry(f"database-entry/{one['id']}")
        assert (entry.extra["database"], entry.extra["course"]) == (one["name"], one["course_shortname"])
        assert saved.sha1s(entry) == sha1s([file for content in one["contents"] for file in content["files"]])
        assert "<dt>Date</dt><dd>2024-03-14</dd>" in entry.content_html
    for one in TRUTH["glossary_entries"]:
        entry = saved.entry(f"glossary-entry/{one['id']}")
        assert entry.title == one["concept"]
        assert saved.sha1s(entry) == sha1s(one["attachments"])
    own = {one["id"] for one in TRUTH["wiki_pages"] if one["wikimode"] == "individual"}
    assert {int(e.native_id) for e in saved.entries("wiki-page")} == own
    assert "[edit]" not in saved.entry("wiki-page/3").content_html


def test_completions_and_enrolments(saved: Saved) -> None:
    """The completed course with its day; all six courses, hidden and ended ones too."""
    (one,) = TRUTH["course_completions"]
    (entry,) = saved.entries("completion")
    assert (entry.extra["course"], entry.published) == (one["shortname"], at(one["timecompleted"]))
    assert {e.extra["course"] for e in saved.entries("enrolment")} == {e["shortname"] for e in TRUTH["enrolments"]}


def test_what_teachers_wrote_about_the_owner(saved: Saved) -> None:
    """Others' words, private, without their number."""
    notes = saved.entries("note")
    assert sorted(e.content_html for e in notes) == [
        "<p>Personal: follow up.</p>",
        "<p>Presented at the staff festival.</p>",
        "<p>Recommended as mentor.</p>",
    ]
    assert {(e.author, e.visibility, e.creator) for e in notes} == {("others", Visibility.PRIVATE, "")}


def test_nothing_of_other_people(saved: Saved) -> None:
    """No name, no post, no message of theirs; and nobody's number."""
    kept = saved.kept()
    assert [word for word in OTHERS if word in kept] == []
    assert "usermodified" not in kept
    assert '"grader"' not in kept


def test_nothing_is_as_rich_as_by_token(saved: Saved) -> None:
    """A token's sight replaces these."""
    assert max(entry.fidelity for entry in saved.entries()) is Fidelity.EXPORT


def test_a_second_harvest_is_silent(saved: Saved) -> None:
    """Nothing new, and nothing that could be taken for a deletion."""
    before = {stored.id: stored.version for stored in saved.archive.entries()}
    report = saved.harvest()
    assert report.failed == []
    assert {stored.id: stored.version for stored in saved.archive.entries()} == before
    assert not any(stored.deleted for stored in saved.archive.entries(deleted=True))


def test_a_second_and_later_request_beside_the_first(tmp_path: Path) -> None:
    """Two zips of one account are one set of entries."""
    folder = tmp_path / "all"
    folder.mkdir()
    for name in ("export.zip", "export (1).zip"):
        (folder / name).write_bytes(Saved(tmp_path / name.replace(" ", "")).options["path"].read_bytes())
    both = Saved(tmp_path / "both", folder)
    report = both.harvest()
    assert report.failed == []
    assert both.held()["forum-post"] == 16
    assert both.held()["post"] == 18
