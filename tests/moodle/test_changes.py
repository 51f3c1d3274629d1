"""What changes at a Moodle between two harvests, and what is taken for a deletion."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from archive.errors import NeedsOwner
from connectors.moodle import private
from tests.contract.shelf import Shelf
from tests.moodle.fake import ME, FakeMoodle, Refuse, Reply
from tests.moodle.place import Place


@pytest.fixture(autouse=True)
def harvested(place: Place, fake: FakeMoodle) -> None:
    place.harvest()
    fake.forget()


def test_an_old_entry_that_was_edited_is_updated(place: Place, fake: FakeMoodle):
    """It stands far down in the list; one new version, and nothing else."""
    fake.entry(1).update(summary="<p>Rewritten.</p>", lastmodified=1795400000)
    report = place.harvest()
    assert (report.created, report.updated, report.deleted) == (0, 1, 0)
    assert place.entry("blog/1").content_html == "<p>Rewritten.</p>"


def test_a_new_grade_is_a_new_version(place: Place, fake: FakeMoodle):
    """Also where the submission itself did not move."""
    fake.answer("mod_assign_get_submission_status", assignid=1)["feedback"]["gradefordisplay"] = "75.00 / 100.00"
    assert place.harvest().updated == 1
    assert place.entry("submission/2").extra["grade"] == "75.00 / 100.00"


def test_what_a_group_handed_in_is_called_that(place: Place, fake: FakeMoodle):
    """Moodle 4.5.6 keeps it without an author: another member may have written all of it."""
    assert "group_work" not in place.entry("submission/5").extra
    last = fake.answer("mod_assign_get_submission_status", assignid=7)["lastattempt"]
    last["teamsubmission"] = {**last["submission"], "id": 77, "userid": 0, "groupid": 2}
    place.harvest()
    assert place.entry("submission/77").extra["group_work"] is True


def test_an_edited_post_is_noticed_though_its_discussion_did_not_move(place: Place, fake: FakeMoodle):
    """Moodle moves a discussion's time only when somebody answers."""
    other = fake.answer("mod_forum_get_forum_discussions", forumid=1)["discussions"][0]
    assert other["discussion"] != 1
    other["timemodified"] += 10  # the one that is edited is not among the newest
    place.harvest()
    thread = fake.answer("mod_forum_get_discussion_posts", discussionid=1)
    next(one for one in thread["posts"] if one["id"] == 3)["message"] = "<p>Better words.</p>"
    assert place.harvest().updated == 1
    assert place.entry("forum-post/3").content_html == "<p>Better words.</p>"


def test_a_first_answer_in_a_quiet_discussion_is_found(place: Place, fake: FakeMoodle):
    """In a discussion that was not read before."""
    row = next(
        one
        for one in fake.answer("mod_forum_get_forum_discussions", forumid=4)["discussions"]
        if one["userid"] != ME and not one["numreplies"]
    )
    row.update(numreplies=1, timemodified=1795400000)
    thread = copy.deepcopy(fake.answer("mod_forum_get_discussion_posts", discussionid=1))
    for number, one in enumerate(thread["posts"]):
        one.update(id=900 + number, discussionid=row["discussion"], parentid=900 if number else None)
    fake.answers["mod_forum_get_discussion_posts", frozenset(
        {("discussionid", str(row["discussion"])), ("includeinlineattachments", "1")}
    )] = thread  # fmt: skip
    place.harvest()
    assert place.entry("forum-post/902").extra["discussion"] == row["discussion"]


def test_quiet_discussions_of_others_are_not_read_again(place: Place, fake: FakeMoodle):
    """A full harvest reads them."""
    welcome = fake.answer("mod_forum_get_forum_discussions", forumid=2)["discussions"][0]
    welcome["timemodified"] += 10  # the others of that forum are older now
    place.harvest()

    def read() -> int:
        fake.forget()
        place.harvest()
        return sum(function == "mod_forum_get_discussion_posts" for _, _, function in fake.asked)

    few = read()
    place.options["full"] = True
    assert few < read()


def test_a_file_that_changed_is_fetched_alone(place: Place, fake: FakeMoodle):
    """By size and time of the listing; the earlier bytes stay in the archive."""
    path = "/pluginfile.php/12/user/private/empty.txt"
    before = place.entry("private-file/12/empty.txt").files[0].sha256
    fake.files[path] = (b"no longer empty", "text/plain")
    row = next(one for one in fake.private_folder()["files"] if one["filename"] == "empty.txt")
    row.update(filesize=15, timemodified=1795400000)
    assert place.harvest().updated == 1
    assert fake.bodies == [path]
    with place.archive.read(place.entry("private-file/12/empty.txt").files[0].sha256) as stream:
        assert stream.read() == b"no longer empty"
    assert place.archive.path_of(before)


def test_a_deleted_entry_is_proved_gone(place: Place, fake: FakeMoodle):
    """By a second, direct look."""
    fake.blog.remove(fake.entry(4))
    assert place.harvest().deleted == 1
    assert place.is_deleted("blog/4")


def test_a_deleted_private_file_is_proved_gone(place: Place, fake: FakeMoodle):
    """By a second walk through all folders that agrees with what Moodle counts."""
    files = fake.private_folder("/photos/")["files"]
    files.clear()
    fake.answer("core_user_get_private_files_info")["filecount"] = 6
    assert place.harvest().deleted == 1
    assert place.is_deleted("private-file/12/photos/workshop photo.jpg")


def test_fewer_private_files_than_counted_prove_nothing(place: Place, fake: FakeMoodle):
    """It is said, and nothing is taken for deleted."""
    fake.private_folder("/photos/")["files"].clear()
    report = place.harvest()
    assert report.deleted == 0
    assert "Private files: Moodle counts 7, and 6 can be listed." in report.notes


def test_deleted_evidence_is_proved_gone(place: Place, fake: FakeMoodle):
    """``invalidrecord`` for its own number."""
    rows = fake.answer("tool_lp_data_for_user_evidence_list_page")["evidence"]
    rows[:] = [one for one in rows if one["id"] != 2]
    fake.answers.pop(("tool_lp_data_for_user_evidence_page", frozenset({("id", "2")})))
    assert place.harvest().deleted == 1
    assert place.is_deleted("prior-learning/2")


def test_a_revoked_badge_is_gone_when_the_site_vouches_no_more(place: Place, fake: FakeMoodle):
    """Picture and proofs stay in the archive."""
    rows = fake.answer("core_badges_get_user_badges")["badges"]
    unique = rows.pop()["uniquehash"]
    fake.open_pages[f"/badges/assertion.php?b={unique}&obversion=2"] = (410, b'{"revoked":true}', "application/json")
    assert place.harvest().deleted == 1
    assert place.is_deleted(f"badge/{unique}")


def test_a_badge_that_is_revoked_at_first_sight_is_not_called_valid(place: Place, fake: FakeMoodle):
    """The picture is kept as a picture, and the report says so."""
    (one, *_) = fake.answer("core_badges_get_user_badges")["badges"]
    unique = one["uniquehash"]
    fake.open_pages[f"/badges/assertion.php?b={unique}&obversion=2"] = (410, b'{"revoked":true}', "application/json")
    one["name"] = "Renamed"
    one["timemodified"] += 1
    report = place.harvest()
    entry = place.entry(f"badge/{unique}")
    assert "seen_valid" not in entry.extra
    assert entry.extra["revoked_or_unknown"] == "2026-11-22"
    assert [note for note in report.notes if "Renamed" in note]
    assert report.failed == []


@pytest.mark.parametrize("course", [2, 3])
def test_a_course_that_is_hidden_deletes_nothing(place: Place, fake: FakeMoodle, course: int):
    """Posts and submissions vanish from sight, all at once: no deletion, no brake, no failure."""
    before = place.state()
    fake.hidden.add(course)
    report = place.harvest()
    assert (report.deleted, report.failed) == (0, [])
    assert place.state() == before


def test_a_post_that_moodle_does_not_know_any_more_is_gone(place: Place, fake: FakeMoodle):
    """The forum is open, the discussion too, and the post is in neither."""
    thread = fake.answer("mod_forum_get_discussion_posts", discussionid=1)
    thread["posts"] = [one for one in thread["posts"] if one["id"] != 3]
    assert place.harvest().deleted == 1
    assert place.is_deleted("forum-post/3")


def test_a_discussion_behind_a_closed_door_deletes_nothing(place: Place, fake: FakeMoodle):
    """A group or a date closed it: its posts are not listed, and Moodle does not say that they do not exist."""
    rows = fake.answer("mod_forum_get_forum_discussions", forumid=1)
    rows["discussions"] = [one for one in rows["discussions"] if one["discussion"] != 1]
    fake.refused["mod_forum_get_discussion_post"] = Refuse("noviewdiscussionspermission")
    report = place.harvest()
    assert (report.deleted, report.failed) == (0, [])


def test_a_blog_that_lost_most_of_its_entries_waits_for_the_owner(place: Place, fake: FakeMoodle):
    """The brake: nothing is deleted without a word."""
    del fake.blog[:12]
    with pytest.raises(NeedsOwner):
        place.harvest()
    assert {s.deleted for s in place.archive.entries()} == {False}


def test_a_copy_that_moodle_drops_deletes_nothing(place: Place, fake: FakeMoodle):
    """It may have joined the entry of the owner's own site, which stands."""
    fake.blog.remove(fake.entry(50))
    assert place.harvest().deleted == 0


def test_a_file_that_failed_is_tried_again(place: Place, fake: FakeMoodle):
    """The entry is kept at once, its bytes in the next harvest."""
    fake.entry(16)["attachmentfiles"] = [
        {
            "filename": "new.txt",
            "filesize": 3,
            "timemodified": 5,
            "fileurl": "https://vle.northshire.example/webservice/pluginfile.php/1/blog/attachment/16/new.txt",
            "mimetype": "text/plain",
        }
    ]
    fake.files["/pluginfile.php/1/blog/attachment/16/new.txt"] = (b"four", "text/plain")
    report = place.harvest()
    assert ["new.txt" in one.what for one in report.failed] == [True]
    fake.files["/pluginfile.php/1/blog/attachment/16/new.txt"] = (b"abc", "text/plain")
    assert place.harvest().failed == []
    assert place.sha1s(place.entry("blog/16"))


def test_a_badge_whose_proof_did_not_come_is_asked_about_again(place: Place, fake: FakeMoodle):
    """A page in the place of its proof ends nothing; it is kept once the site answers."""
    one = fake.answer("core_badges_get_user_badges")["badges"][0]
    one.update(name="Renamed", timemodified=1795400000)
    page = f"/badges/assertion.php?b={one['uniquehash']}&obversion=2"
    kept = fake.open_pages[page]
    fake.open_pages[page] = (200, b"<html><title>Log in</title></html>", "text/html")
    report = place.harvest()
    assert [failed.what for failed in report.failed] == ["Badge “Renamed”"]
    assert report.deleted == 0
    fake.open_pages[page] = kept
    place.now = datetime(2026, 12, 1, tzinfo=UTC)
    assert place.harvest().failed == []
    entry = place.entry(f"badge/{one['uniquehash']}")
    assert (entry.title, entry.extra["seen_valid"]) == ("Renamed", "2026-12-01")


def test_a_badge_whose_file_failed_is_offered_again(place: Place, fake: FakeMoodle):
    """Though nothing of it changed since."""
    one = fake.answer("core_badges_get_user_badges")["badges"][0]
    one.update(name="Renamed", timemodified=1795400000)
    path = f"/pluginfile.php/12/badges/userbadge/{one['id']}/{one['uniquehash']}"
    kept = fake.files.pop(path)
    fake.spoil = lambda _m, asked, _f: Reply(500) if asked == f"/webservice{path}" else None
    assert place.harvest().failed
    fake.files[path], fake.spoil = kept, lambda *_: None
    assert place.harvest().failed == []
    assert all(file.sha256 for file in place.entry(f"badge/{one['uniquehash']}").files)


def test_a_badge_without_public_proof_is_a_picture(place: Place, fake: FakeMoodle):
    """Some sites show strangers nothing; it is said, and not called valid."""
    one = fake.answer("core_badges_get_user_badges")["badges"][0]
    one.update(name="Renamed", timemodified=1795400000)
    fake.open_pages[f"/badges/assertion.php?b={one['uniquehash']}&obversion=2"] = (403, b"", "text/html")
    report = place.harvest()
    assert report.failed == []
    assert [note for note in report.notes if "only its picture" in note]
    entry = place.entry(f"badge/{one['uniquehash']}")
    assert [file.role for file in entry.files] == ["original"]
    assert "seen_valid" not in entry.extra


def test_a_badge_that_the_owner_hid_is_not_gone(place: Place, fake: FakeMoodle):
    """Not listed, and the site still vouches for it."""
    unique = fake.answer("core_badges_get_user_badges")["badges"].pop()["uniquehash"]
    assert place.harvest().deleted == 0
    assert not place.is_deleted(f"badge/{unique}")


# --- what is listed -------------------------------------------------------------------------------------------------


def listed(place: Place) -> set[str]:
    """The last words of the scopes that a harvest proves complete."""
    return {scope.partition("/12/")[2] for scope in Shelf().harvest(place.source()).listed}


def test_what_came_whole_is_listed(place: Place):
    """Each forum by itself; submissions never: they vanish with their course."""
    assert listed(place) == {
        *("blog", "private-files", "badges", "prior-learning"),
        *(f"forum{number}/posts" for number in range(1, 7)),
    }


def test_a_forum_of_which_a_discussion_failed_is_not_listed(place: Place, fake: FakeMoodle):
    """Nor taken for read: the next harvest reads all of it again."""
    broken = fake.answer("mod_forum_get_discussion_posts", discussionid=1)
    kept = dict(broken)
    broken.clear()
    broken.update(exception="Error", message="Call to a member function on null")
    shelf = Shelf()
    report = shelf.harvest(place.source())
    assert {scope.partition("/12/")[2] for scope in report.listed} & {"forum1/posts", "forum2/posts"} == {
        "forum2/posts"
    }
    broken.clear()
    broken.update(kept)
    shelf.harvest(place.source())
    assert len(shelf.of("forum-post")) == 14


def test_private_files_that_do_not_add_up_are_not_listed(place: Place, fake: FakeMoodle):
    """By neither look."""
    fake.private_folder("/photos/")["files"].clear()
    assert "private-files" not in listed(place)
    api, who = place.source()._enter()
    assert private.paths(api, who) is None
    fake.answer("core_user_get_private_files_info")["filecount"] = 6
    assert "private-files" in listed(place)
    assert private.paths(api, who)


def test_only_what_may_have_an_answer_is_asked(place: Place, fake: FakeMoodle):
    """Completion where it is tracked for the owner, wikis that are one person's, badges that changed."""
    place.harvest()
    functions = [function for _, _, function in fake.asked]
    assert functions.count("core_completion_get_course_completion_status") == 1
    assert functions.count("mod_wiki_get_subwikis") == 3
    assert not [path for _, path, _ in fake.asked if path.startswith("/badges/")]
