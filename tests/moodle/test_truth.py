"""Everything of the recorded account that a token can reach is in the archive, and nothing of anybody else's."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from archive.entry import Fidelity, Visibility
from tests.moodle.fake import ME, PRIVATE, TOKEN, USER_KEY, FakeMoodle, truth
from tests.moodle.place import Place

TRUTH = truth()
OTHERS = ("Ngozi", "Bello", "Tomos", "Llewellyn", "Imogen", "Quill")
UNREACHED = {55, 56}  # forum posts: in a hidden course, and in one whose enrolment ended


@pytest.fixture
def harvested(place: Place) -> Place:
    report = place.harvest()
    assert report.failed == []
    assert report.missing == []
    return place


def sha1s(files: list[dict]) -> dict[str, str]:
    return {one["filename"]: one["sha1"] for one in files}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_blog_entries(harvested: Place):
    """All 18, drafts too: words, times, tags, who may see them, and each file by its SHA-1."""
    assert harvested.held()["post"] == TRUTH["counts"]["blog"]
    for one in TRUTH["blog"]:
        entry = harvested.entry(f"blog/{one['id']}")
        assert (entry.title, entry.status) == (one["subject"], one["publishstate"])
        assert (entry.published, entry.updated) == (at(one["created"]), at(one["lastmodified"]))
        assert set(entry.tags) == set(one["tags"])
        assert (entry.visibility is Visibility.PUBLIC) == (one["publishstate"] == "public")
        assert entry.author == "own"
        assert harvested.sha1s(entry) == sha1s(one["attachments"] + one["inline"])


def test_comments_on_the_blog(harvested: Place):
    """Each comment below its entry; other people's are marked as theirs."""
    said = [(e.content_html, e.author) for e in harvested.entries("comment") if "/blog/" in str(e.parent)]
    wanted = [
        (comment["content"], "own" if comment["userid"] == ME else "others")
        for one in TRUTH["blog"]
        for comment in one["comments"]
    ]
    assert sorted(said) == sorted(wanted)


def test_private_files(harvested: Place):
    """Seven files in four folders, byte for byte."""
    assert harvested.held()["file"] == TRUTH["counts"]["private_files"]
    assert harvested.held()["folder"] == 4
    for one in TRUTH["private_files"]:
        entry = harvested.entry(f"private-file/12{one['filepath']}{one['filename']}")
        assert harvested.sha1s(entry) == {one["filename"]: one["sha1"]}
        assert entry.updated == at(one["timemodified"])
    inner = harvested.entry("private-file/12/conferences/2023/poster.png")
    above = harvested.entry("private-folder/12/conferences/2023/")
    assert inner.parent == above.keys[0]
    assert above.parent == harvested.entry("private-folder/12/conferences/").keys[0]


def test_forum_posts(harvested: Place):
    """All that a token can reach: 14 of 16, with their files."""
    assert harvested.held()["forum-post"] == TRUTH["counts"]["forum_posts"] - len(UNREACHED)
    for one in TRUTH["forum_posts"]:
        if one["id"] in UNREACHED:
            continue
        entry = harvested.entry(f"forum-post/{one['id']}")
        assert (entry.title, entry.published) == (one["subject"], at(one["created"]))
        assert set(entry.tags) == set(one["tags"])
        assert harvested.sha1s(entry) == sha1s(one["attachments"])
        assert entry.extra["course"] == one["course_shortname"]


def test_of_the_post_that_was_answered_remain_date_length_and_whose(harvested: Place):
    """No word of it."""
    entry = harvested.entry("forum-post/3")
    answered = "Thoughtful. How would you evidence impact?"
    assert entry.extra["answers"] == {"date": "2026-11-22", "length": len(answered), "role": "another participant"}


def test_submissions(harvested: Place):
    """Each attempt with what was written, handed in, given back, and its grade."""
    for one in TRUTH["assignment_submissions"]:
        entry = harvested.entry(f"submission/{one['id']}")
        assert entry.status == one["status"]
        assert entry.extra["attempt"] == one["attemptnumber"] + 1
        assert one["onlinetext"] in entry.content_html
        assert one.get("feedback", "") in entry.content_html
        assert harvested.sha1s(entry) == sha1s(one["files"] + one.get("feedback_files", []))
        roles = {file.name: file.role for file in entry.files}
        assert {n for n, role in roles.items() if role == "feedback"} == set(sha1s(one.get("feedback_files", [])))
        if one["grade"] is not None:
            assert str(entry.extra["grade"]).startswith(f"{one['grade']:.2f}")
    work = harvested.entry("workshop-submission/1")
    assert harvested.sha1s(work) == sha1s(TRUTH["workshop_submissions"][0]["attachments"])
    assert harvested.held()["submission"] == len(TRUTH["assignment_submissions"]) + len(TRUTH["workshop_submissions"])


def test_badges(harvested: Place):
    """The baked picture, and beside it what proves it, with the day on which the site vouched for it."""
    for one in TRUTH["badges"]:
        entry = harvested.entry(f"badge/{one['uniquehash']}")
        assert entry.title == one["name"]
        picture, *proofs = entry.files
        assert picture.role == "original"
        assert harvested.sha1s(entry)[picture.name] == one["baked_sha1"]
        assert [file.name for file in proofs] == ["assertion.json", "badge-class.json", "issuer.json"]
        assert {file.role for file in proofs} == {"proof"}
        assert all(file.sha256 for file in proofs)
        assert entry.extra["seen_valid"] == "2026-11-22"
        assert entry.extra["recipient_is_owner"] is True


def test_prior_learning_plans_and_ratings(harvested: Place):
    """Evidence with its file and competencies, the plan, and how competencies were rated."""
    for one in TRUTH["evidence_of_prior_learning"]:
        entry = harvested.entry(f"prior-learning/{one['id']}")
        assert (entry.title, entry.extra["evidence_url"]) == (one["name"], one["url"])
        assert one["description"] in entry.content_html
        assert harvested.sha1s(entry) == sha1s(one["files"])
    rated = {e.extra["idnumber"]: e for e in harvested.entries("competency")}
    for one in TRUTH["user_competencies"]:
        entry = rated[one["idnumber"]]
        assert (entry.title, entry.extra["grade"]) == (one["shortname"], one["grade"])
        assert entry.extra["proficient"] == bool(one["proficiency"])
        assert entry.author == "about-me"
    assert "Clear evidence seen." in rated["CMALT-1"].content_html
    assert [e.title for e in harvested.entries("plan")] == [one["name"] for one in TRUTH["learning_plans"]]


def test_completions_and_enrolments(harvested: Place):
    """The completed course with its day; of the enrolments those that are open."""
    (one,) = TRUTH["course_completions"]
    (entry,) = harvested.entries("completion")
    assert (entry.extra["course"], entry.published) == (one["shortname"], at(one["timecompleted"]))
    reached = {e.extra["course"] for e in harvested.entries("enrolment")}
    assert reached == {one["shortname"] for one in TRUTH["enrolments"]} - {"OLDHID", "ENDED20"}


def test_database_and_glossary_entries(harvested: Place):
    """The owner's own, with values and files, without the small twins of pictures."""
    for one in TRUTH["database_entries"]:
        entry = harvested.entry(f"database-entry/{one['id']}")
        files = [file for part in one["contents"] for file in part["files"]]
        assert harvested.sha1s(entry) == sha1s(files)
        for part in one["contents"]:
            assert part["name"] in entry.extra["fields"]
        assert entry.extra["fields"]["Date"] == "2024-03-14"
        assert entry.extra["fields"]["Tags"] == "mentoring, accessibility"
    assert harvested.held()["database-entry"] == 2
    for one in TRUTH["glossary_entries"]:
        entry = harvested.entry(f"glossary-entry/{one['id']}")
        assert entry.title == one["concept"]
        assert harvested.sha1s(entry) == sha1s(one["attachments"])
    assert harvested.held()["glossary-entry"] == 2


def test_wiki_pages_of_the_owners_own_wikis(harvested: Place):
    """Of a shared page Moodle tells only its last editor, so none is taken for the owner's."""
    own = {one["id"]: one["title"] for one in TRUTH["wiki_pages"] if one["wikimode"] == "individual"}
    assert {int(e.native_id): e.title for e in harvested.entries("wiki-page")} == own
    journal = harvested.entry("wiki-page/3").content_html
    assert "[edit]" not in journal
    assert "Table of contents" not in journal


def test_nothing_of_other_people_is_kept(harvested: Place):
    """No name and no word of others, but for comments on the owner's things, which are marked as theirs."""
    for entry in harvested.entries():
        if entry.author == "others":
            assert entry.kind == "comment"
            continue
        assert entry.creator not in OTHERS
        kept = f"{entry} {harvested.raw(entry)}"
        assert [name for name in OTHERS if name in kept] == [], entry.keys
    written = b"".join(data for _, data in harvested.everything_written())
    for words in (
        b"How would you evidence impact",
        b"Does anyone use H5P",
        b"Welcome to the forum",
        b"Private feedback",
    ):
        assert words not in written


def test_copies_of_the_owners_own_site_name_the_original(harvested: Place):
    """They are seen as a feed sees: a richer sight of the same post replaces them."""
    copies = {e.native_id: e for e in harvested.entries("post") if "copy_of" in e.extra}
    assert {int(n) for n in copies} == {one["id"] for one in TRUTH["blog"] if one["module"] == "blog_external"}
    one = copies["50"]
    assert one.extra["copy_of"] == "https://rowan.example.org/2024/07/open-badges/"
    assert one.fidelity is Fidelity.FEED
    assert "guid:https://rowan.example.org/2024/07/open-badges/" in one.keys


@pytest.mark.parametrize("batches", [True, False])
def test_texts_are_whole(place: Place, fake: FakeMoodle, batches: bool):
    """A video stays in its post, and a name with an ampersand is not escaped twice."""
    fake.no_batches = not batches
    place.harvest()
    assert "youtube.com/embed" in place.entry("blog/13").content_html
    names = {e.title for e in place.entries("enrolment")}
    assert "Accessibility & inclusion: staff development" in names


def test_links_to_own_files_are_addresses(harvested: Place, fake: FakeMoodle):
    """What stands for an address becomes one, also where Moodle cleaned the name; no address holds a key."""
    entry = harvested.entry("blog/10")
    assert f'src="{fake.url}/pluginfile.php/1/blog/post/10/inline%20diagram.png"' in entry.content_html
    assert "@@PLUGINFILE@@" not in entry.content_html
    assert "webservice" not in entry.content_html


def test_the_report_names_what_a_token_does_not_reach(place: Place):
    """Hidden courses, ended enrolments, teachers' notes, messages; and what has them."""
    (note,) = place.harvest().notes
    for words in ("hidden courses", "enrolment has ended", "notes that teachers wrote", "messages", "moodle-export"):
        assert words in note


def test_no_secret_is_written_anywhere(place: Place, caplog: pytest.LogCaptureFixture):
    """Token, private token and file key: not in archive, index, state, logs or the report."""
    caplog.set_level(logging.DEBUG)
    report = place.harvest()
    place.harvest()
    secrets = (TOKEN, PRIVATE, USER_KEY)
    for path, data in place.everything_written():
        assert [s for s in secrets if s.encode() in data] == [], path
        assert not re.search(rb"sesskey=\w", data), path
    shown = caplog.text + repr(report) + repr(place.source())
    assert [s for s in secrets if s in shown] == []


def test_what_the_site_says_of_the_account_holds_no_key(place: Place, caplog: pytest.LogCaptureFixture):
    """It is taken out of the answer, and hidden wherever it might still show."""
    api, _ = place.source()._enter()
    assert USER_KEY not in repr(api.info())
    logging.getLogger("keepfolio.http").warning("here it is: %s", USER_KEY)
    assert USER_KEY not in caplog.text


def every_request(fake: FakeMoodle) -> Iterator[str]:
    for method, path, function in fake.asked:
        yield f"{method} {path} {function}"


def test_no_question_writes(place: Place, fake: FakeMoodle):
    """All goes by POST, and nothing of it changes the site."""
    place.harvest()
    list(place.source().check())
    functions = {function for _, _, function in fake.asked if function}
    writing = re.compile(r"_(add|create|update|delete|set|save|submit|mark|view|toggle|send|upload|block|confirm)_")
    assert functions
    assert [name for name in sorted(functions) if writing.search(name)] == []


def test_the_second_harvest_is_small(place: Place, fake: FakeMoodle):
    """Nothing new, at most 20 requests, and no file's bytes again."""
    first = place.harvest()
    assert fake.bodies
    before = place.state()
    fake.forget()
    second = place.harvest()
    requests = [one for one in fake.asked if one[0] != "inside"]
    assert len(requests) <= 20, list(every_request(fake))
    assert fake.bodies == []
    assert (second.created, second.updated, second.deleted, second.completed) == (0, 0, 0, 0)
    assert second.failed == []
    assert second.segments == []
    assert place.state() == before
    assert first.created == len(before)
