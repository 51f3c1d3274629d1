"""Badges, Leap2A zips and feeds; several people; whose things stand in a data request; and what a check tells."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.entry import Fidelity
from archive.errors import UsageError
from tests.moodle.export_place import FIXTURES, REQUEST, TRUTH, USER, Saved, rewritten, sha1s, with_more

COURSE = "System _.1/Category Learning amp; Teaching… _.11/Course PG Certificate in Learni… _.17"
FORUM = f"{COURSE}/Forum Reflections forum _.26"
GLOSSARY = f"{COURSE}/Glossary Learning technology gl… _.30"
DATABASE = f"{COURSE}/Database CPD log (database) _.31"
ASSIGNMENT = f"{COURSE}/Assignment Portfolio task 1 cri… _.27"


def put(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(FIXTURES / name, folder / name)
    return folder


# --- alone ----------------------------------------------------------------------------------------------------------


def test_badges_zip(tmp_path: Path) -> None:
    """Each picture is a badge, known by what is baked into it."""
    saved = Saved(tmp_path, FIXTURES / "badges.zip")
    saved.harvest()
    for one in TRUTH["badges"]:
        entry = saved.entry(f"badge/{one['uniquehash']}")
        assert (entry.title, entry.creator) == (one["name"], "Northshire University Learning & Teaching Academy")
        assert list(saved.sha1s(entry).values()) == [one["baked_sha1"]]
    assert saved.held() == {"badge": 2}


def test_a_picture_without_an_assertion_is_a_picture(tmp_path: Path) -> None:
    """It is kept, and nothing is said of it."""
    with zipfile.ZipFile(REQUEST) as packed:
        (name,) = [n for n in packed.namelist() if n.endswith("/userevidence/_2/poster.png")]
        (tmp_path / "poster.png").write_bytes(packed.read(name))
    saved = Saved(tmp_path / "s", tmp_path / "poster.png")
    saved.harvest()
    (entry,) = saved.entries()
    assert (entry.kind, entry.title, entry.creator, entry.extra) == ("badge", "poster", "", {})
    assert entry.keys[0].startswith("badge:")


def test_a_forum_post_by_leap2a(tmp_path: Path) -> None:
    """The key of a token, the words without the table around them, and the file that a data request lacks."""
    saved = Saved(tmp_path, FIXTURES / "leap2a-forum.zip")
    saved.harvest()
    entry = saved.entry("forum-post/3")
    assert entry.content_html == "<p>With student survey data – attached.</p>"
    assert entry.published == datetime(2026, 11, 22, 0, 30, 28, tzinfo=UTC)
    assert list(saved.sha1s(entry)) == ["mentoring log.csv"]
    assert entry.fidelity is Fidelity.VIEW


def test_a_thread_by_leap2a_has_only_the_owner_s_posts(tmp_path: Path) -> None:
    """Moodle exports whole threads; another person's post is known by its first line, or by its author."""
    with zipfile.ZipFile(FIXTURES / "leap2a-forum.zip") as packed:
        feed = packed.read("leap2a.xml").decode()
    entry = feed[feed.index("<entry><id>portfolio:forumpost3") : feed.index("</feed>")]
    theirs = entry.replace("forumpost3", "forumpost2").replace("by Rowan Ashby", "by Imogen Vale")
    named = entry.replace("forumpost3", "forumpost4").replace("by Rowan Ashby -", "")
    named = named.replace("<entry>", "<entry><author><name>Imogen Vale</name></author>")
    with zipfile.ZipFile(tmp_path / "thread.zip", "w") as out:
        out.writestr("leap2a.xml", feed.replace("</feed>", f"{theirs}{named}</feed>"))
        out.writestr("files/mentoring log.csv", b"x")
    saved = Saved(tmp_path / "s", tmp_path / "thread.zip")
    saved.harvest()
    assert [e.native_id for e in saved.entries("forum-post")] == ["3"]
    assert "Imogen" not in saved.kept()


@pytest.mark.parametrize("name", ["Mary Rowan Ashby", "Rowan Ashby-Vale", "Rowan Ashbyson", "McRowan Ashby"])
def test_a_longer_name_in_a_thread_is_another_person(tmp_path: Path, name: str) -> None:
    """Ann Lee is neither Joann Lee nor Ann Leeson."""
    with zipfile.ZipFile(FIXTURES / "leap2a-forum.zip") as packed:
        feed = packed.read("leap2a.xml").decode().replace("by Rowan Ashby -", f"by {name} -")
    with zipfile.ZipFile(tmp_path / "thread.zip", "w") as out:
        out.writestr("leap2a.xml", feed)
    saved = Saved(tmp_path / "s", tmp_path / "thread.zip")
    saved.harvest()
    assert saved.entries("forum-post") == []


@pytest.mark.parametrize("byline", ["gan Rowan Ashby - ", "par Rowan Ashby, ", "Rowan Ashby – "])
def test_the_owner_is_known_in_other_languages(tmp_path: Path, byline: str) -> None:
    """Before a name stands one word or none, behind it what ends it."""
    with zipfile.ZipFile(FIXTURES / "leap2a-forum.zip") as packed:
        feed = packed.read("leap2a.xml").decode().replace("by Rowan Ashby - ", byline)
    with zipfile.ZipFile(tmp_path / "thread.zip", "w") as out:
        out.writestr("leap2a.xml", feed)
    saved = Saved(tmp_path / "s", tmp_path / "thread.zip")
    saved.harvest()
    assert [e.native_id for e in saved.entries("forum-post")] == ["3"]


def test_a_text_by_leap2a_stays_escaped(tmp_path: Path) -> None:
    """What is written as text never becomes a tag."""
    with zipfile.ZipFile(FIXTURES / "leap2a-forum.zip") as packed:
        feed = packed.read("leap2a.xml").decode().replace("&lt;p&gt;With", "&amp;lt;script&amp;gt;&lt;p&gt;With")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as out:
        out.writestr("leap2a.xml", feed)
    saved = Saved(tmp_path / "s", tmp_path / "x.zip")
    saved.harvest()
    assert saved.entry("forum-post/3").content_html.startswith("&lt;script&gt;<p>With")


def test_a_database_entry_and_a_file_by_leap2a(tmp_path: Path) -> None:
    """No placeholder of the site's template is left, and links lead to the files."""
    saved = Saved(tmp_path / "s", put(tmp_path / "in", "leap2a-data.zip", "leap2a-assign.zip"))
    saved.harvest()
    entry = saved.entry("database-entry/1")
    assert "##" not in entry.content_html
    assert {file.url for file in entry.files} <= set(entry.content_html.split('"'))
    assert set(saved.sha1s(entry)) == {"mentoring log.csv", "workshop photo.jpg"}
    assert saved.entry("stored-file/184").title == "observation-feedback.pdf"


def test_the_feed_of_a_blog(tmp_path: Path) -> None:
    """Ten entries with a token's keys; “by NAME.” is no part of their words, the time is that of the last change."""
    saved = Saved(tmp_path, FIXTURES / "blog.rss.xml")
    saved.harvest()
    known = {one["id"]: one for one in TRUTH["blog"]}
    entries = saved.entries("post")
    assert len(entries) == 10
    for entry in entries:
        one = known[int(entry.native_id)]
        assert (entry.title, set(entry.tags)) == (one["subject"], set(one["tags"]))
        assert entry.updated == datetime.fromtimestamp(one["lastmodified"], UTC)
        assert (entry.published, entry.fidelity) == (None, Fidelity.FEED)
        assert "Rowan Ashby" not in entry.content_html
    assert saved.entry("blog/16").content_html == "<p>Plan for the three-year review.</p>"


def test_a_feed_of_everybody_needs_a_name(tmp_path: Path) -> None:
    """Without one nobody's entries are taken for the owner's."""
    feed = (FIXTURES / "blog.rss.xml").read_text().replace("by Rowan Ashby.", "by Imogen Vale.", 3)
    (tmp_path / "rss.xml").write_text(feed)
    with pytest.raises(UsageError):
        Saved(tmp_path / "a", tmp_path / "rss.xml").harvest()
    saved = Saved(tmp_path / "b", tmp_path / "rss.xml")
    saved.options["user"] = "Rowan Ashby"
    saved.harvest()
    assert saved.held() == {"post": 7}


# --- together -------------------------------------------------------------------------------------------------------


def test_all_in_one_folder_are_one_set(tmp_path: Path) -> None:
    """Of each thing the richest; Leap2A adds the file of a forum post, at the address by which a token knows it."""
    alone, together = Saved(tmp_path / "alone"), Saved(tmp_path / "all", FIXTURES)
    alone.harvest()
    assert together.harvest().failed == []
    assert together.held() == alone.held()
    (post,) = [one for one in TRUTH["forum_posts"] if one["id"] == 3]
    entry = together.entry("forum-post/3")
    assert together.sha1s(entry) == sha1s(post["attachments"])
    address = "https://vle.northshire.example/pluginfile.php/26/mod_forum/attachment/3/mentoring%20log.csv"
    assert [file.url for file in entry.files] == [address]
    assert all(len(e.files) == 1 for e in together.entries("badge"))


def test_what_a_newer_request_has_not_any_more_does_not_come_back(tmp_path: Path) -> None:
    """A file taken away from an entry stays away; an entry that only the older one has is kept."""
    folder = put(tmp_path / "in", "gdpr-export.zip")

    def later(name: str, data: bytes) -> bytes | None:
        if name.endswith("/attachment/_7/mentoring log.csv") or "Untagged note (14)" in name:
            return None
        return data.replace(b"22 November 2026", b"29 November 2026") if "/Data requests/" in name else data

    rewritten(folder / "a.zip", later)
    saved = Saved(tmp_path / "s", folder)
    saved.harvest()
    assert saved.entry("blog/7").files == ()
    assert saved.entry("blog/14").title == "Untagged note"


# --- whose ----------------------------------------------------------------------------------------------------------


def somebody(path: Path) -> Path:
    """The data request of another person."""

    def change(name: str, data: bytes) -> bytes:
        return data.replace(b'"rashby"', b'"ivale"') if name == f"{USER}/data.json" else data

    return rewritten(path, change)


def test_exports_of_two_people_need_a_choice(tmp_path: Path) -> None:
    """One's things never become the other's."""
    folder = put(tmp_path / "in", "gdpr-export.zip")
    somebody(folder / "other.zip")
    saved = Saved(tmp_path / "s", folder)
    with pytest.raises(UsageError) as caught:
        saved.harvest()
    assert caught.value.code == "several-accounts"
    saved.options["user"] = "rashby"
    saved.harvest()
    assert saved.held()["post"] == 18
    assert "other.zip" in {f.code: f.message for f in saved.check()}["other-accounts"]


def test_an_export_of_another_site_is_left_alone(tmp_path: Path) -> None:
    """It says its address in Moodle's own notices."""
    saved = Saved(tmp_path)
    saved.options["url"] = "https://vle.elsewhere.example"
    with pytest.raises(UsageError) as caught:
        saved.harvest()
    assert "gdpr-export.zip" in caught.value.message


def test_an_export_without_any_address_needs_one(tmp_path: Path) -> None:
    """Keys need the site; it is not guessed."""

    def change(name: str, data: bytes) -> bytes | None:
        return None if "/Notifications/" in name or "/Messages/" in name else data

    saved = Saved(tmp_path / "s", rewritten(tmp_path / "x.zip", change))
    with pytest.raises(UsageError) as caught:
        saved.harvest()
    assert caught.value.code == "which-site"
    saved.options["url"] = "https://vle.northshire.example"
    saved.harvest()
    assert saved.held()["post"] == 18


def test_flags_are_read_in_the_language_of_the_export(tmp_path: Path) -> None:
    """Yes and no are learned from the profile: who asks has confirmed his account, and is not deleted."""

    def change(name: str, data: bytes) -> bytes:
        return data.replace(b'"Yes"', b'"Ydy"').replace(b'"No"', b'"Nac ydy"') if name.endswith(".json") else data

    saved = Saved(tmp_path / "s", rewritten(tmp_path / "x.zip", change))
    saved.harvest()
    assert saved.held()["forum-post"] == 16
    assert saved.held()["completion"] == 1
    assert "may I quote you" not in saved.kept()


def test_others_entries_beside_a_comment_of_the_owner_are_left_out(tmp_path: Path) -> None:
    """Moodle exports a glossary entry and a database entry of others whom the owner answered."""
    with zipfile.ZipFile(REQUEST) as packed:
        glossary = json.loads(packed.read(f"{GLOSSARY}/data.json"))
    said = {"comments": [{"content": "Nice", "contentformat": "0", "time": "-", "userid": 3}]}
    theirs = {"concept": "Scaffolding", "definition": "<p>Theirs</p>", "timecreated": "-", "timemodified": "-"}
    glossary["entries"].append(theirs)
    more = {
        f"{GLOSSARY}/data.json": glossary,
        f"{GLOSSARY}/Entries/Scaffolding (77)/Comments/data.json": said,
        f"{DATABASE}/_88/data.json": {"userid": 6, "timecreated": "-", "timemodified": "-", "approved": "Yes"},
        f"{DATABASE}/_88/_881/data.json": {"field": {"name": "A", "type": "text"}, "content": "Theirs too"},
    }
    saved = Saved(tmp_path / "s", with_more(tmp_path / "x.zip", more))
    saved.harvest()
    assert saved.held()["glossary-entry"] == saved.held()["database-entry"] == 2
    assert "Theirs" not in saved.kept()
    told = " ".join(f.message for f in saved.check())
    assert "glossary entry (1)" in told
    assert "database entry (1)" in told


def test_what_a_teacher_s_export_has_of_students_is_left_out(tmp_path: Path) -> None:
    """Attempts that the owner graded stand a folder deeper; notes about others have another number."""
    status = {
        "timecreated": "-",
        "timemodified": "-",
        "status": "Submitted for grading",
        "attemptnumber": 9,
        "latest": "Yes",
    }
    note = {"content": "Weak start", "publishstate": "draft", "userid": 6, "usermodified": 3, "datecreated": "-"}
    more = {
        f"{ASSIGNMENT}/Student _6/attempt 1/submission/data.json": status,
        f"{ASSIGNMENT}/Student _6/attempt 1/Submission Text/data.json": {"text": "A student's words"},
        f"{COURSE}/Notes/draft/usernote-6.json": note,
    }
    saved = Saved(tmp_path / "s", with_more(tmp_path / "x.zip", more))
    saved.harvest()
    assert saved.held()["submission"] == 7
    assert saved.held()["note"] == 3
    assert "A student's words" not in saved.kept()
    assert "Weak start" not in saved.kept()


def test_a_glossary_entry_without_a_number_is_kept(tmp_path: Path) -> None:
    """No tag, no file, no comment: Moodle gives it no number, and only an author's own is exported so."""

    def change(name: str, data: bytes) -> bytes | None:
        return None if name.startswith(f"{GLOSSARY}/Entries/") else data

    saved = Saved(tmp_path / "s", rewritten(tmp_path / "x.zip", change))
    saved.harvest()
    assert sorted(e.title for e in saved.entries("glossary-entry")) == ["Community of practice"] * 2


def test_an_inline_file_of_an_answer_is_not_the_first_post_s(tmp_path: Path) -> None:
    """Answers lie inside of what they answer."""
    start = f"{FORUM}/Discussions/1-Week 1 reflection/Posts/1795307428-Week 1 reflection-1"
    answer = f"{start}/1795307428-Re Week 1 reflection-2/1795307428-Re Week 1 reflection-3"
    files = {f"{start}/_files/post/_1/a.png": b"a", f"{answer}/_files/post/_3/b.png": b"b"}
    saved = Saved(tmp_path / "s", with_more(tmp_path / "x.zip", files))
    saved.harvest()
    assert [file.name for file in saved.entry("forum-post/1").files] == ["a.png"]
    address = "https://vle.northshire.example/pluginfile.php/26/mod_forum/post/3/b.png"
    assert [file.url for file in saved.entry("forum-post/3").files] == [address]


# --- times and checks -----------------------------------------------------------------------------------------------


def test_the_zone_chosen_in_moodle_comes_first(tmp_path: Path) -> None:
    """That of the owner's computer only where Moodle has none; then without it days stay days."""
    saved = Saved(tmp_path / "a")
    saved.options["timezone"] = "America/New_York"
    saved.harvest()
    assert saved.entry("blog/2").published == datetime(2023, 9, 11, 9, 30, tzinfo=UTC)

    def server_s(name: str, data: bytes) -> bytes:
        return data.replace(b'"Europe\\/London"', b'"99"') if name == f"{USER}/data.json" else data

    path = rewritten(tmp_path / "x.zip", server_s)
    there = Saved(tmp_path / "b", path)
    there.options["timezone"] = "America/New_York"
    there.harvest()
    assert there.entry("blog/2").published == datetime(2023, 9, 11, 14, 30, tzinfo=UTC)
    nowhere = Saved(tmp_path / "c", path)
    nowhere.options["timezone"] = ""
    nowhere.harvest()
    entry = nowhere.entry("blog/2")
    assert entry.published is None
    assert entry.extra["times"] == dict.fromkeys(("created", "modified"), "Monday, 11 September 2023, 10:30 AM")


def test_a_check_tells_whose_when_how_much_and_what_to_do(tmp_path: Path) -> None:
    """With the institution's own addresses."""
    told = {finding.code: finding for finding in Saved(tmp_path).check()}
    assert "Rowan Ashby at https://vle.northshire.example, made on 2026-11-22" in told["data-request"].message
    assert "forum posts 16" in told["found"].message
    assert "files attached to forum posts" in " ".join(f.message for f in Saved(tmp_path / "x").check())
    assert "https://vle.northshire.example/admin/tool/dataprivacy/mydatarequests.php" in told["ask-for-data"].mend
    assert "https://vle.northshire.example/badges/mybadges.php" in told["badges-zip"].mend


def test_a_check_of_nothing_tells_the_way(tmp_path: Path) -> None:
    """An error, and where to ask."""
    saved = Saved(tmp_path / "s", tmp_path / "none.zip")
    saved.options["url"] = "https://vle.northshire.example"
    told = {finding.code: finding for finding in saved.check()}
    assert told["no-export"].severity == "error"
    assert "https://vle.northshire.example/admin/tool/dataprivacy/mydatarequests.php" in told["no-export"].mend


def test_unchanged_exports_are_not_read_again(tmp_path: Path) -> None:
    """Only what they promise is told."""
    saved = Saved(tmp_path)
    saved.harvest()
    source = saved.source()
    kinds = {type(one).__name__ for one in source.harvest(saved.archive.known("old"))}
    assert kinds == {"Promised"}
