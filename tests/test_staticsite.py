"""The folder as a target: what is ours changes in one step, what is not is never touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from archive.errors import NeedsOwner
from connectors import staticsite
from connectors.contract import Action, Resource, TargetChanged, TargetRefused
from tests.publish.samples import MINUTES, PICTURE, PNG, Publisher, read, release


def publisher(folder: Path, **options: str) -> Publisher:
    return Publisher(staticsite.target("site", {"path": str(folder), **options}, None))


def test_the_page_stands_with_its_files_beside_it(tmp_path):
    """Uploads named in the text are links into files/, and the bytes are there."""
    publisher(tmp_path / "site").publish(release())
    page = (tmp_path / "site/index.html").read_text()
    assert f'src="files/{PICTURE.name}"' in page
    assert "keepfolio:" not in page
    assert (tmp_path / "site/files" / PICTURE.name).read_bytes() == PNG


def test_publishing_twice_plans_nothing(tmp_path):
    """The second plan is empty."""
    site = publisher(tmp_path)
    site.publish(release())
    assert site.plan(release()).actions == ()


def test_a_lost_record_is_found_again_in_the_folder(tmp_path):
    """Without receipts the folder's own list tells what is ours; nothing is written twice."""
    publisher(tmp_path).publish(release())
    again = publisher(tmp_path)
    assert again.plan(release()).actions == ()
    assert publisher(tmp_path).publish(release("New words.")).conflicts == ()


def test_what_is_not_shown_any_more_is_removed(tmp_path):
    """A file that the new release does not show goes; the other stays."""
    site = publisher(tmp_path)
    site.publish(release())
    plan = site.publish(release(uploads=(PICTURE,)))
    assert [(s.do, s.what) for s in plan.actions] == [("update", "index.html"), ("withdraw", MINUTES.name)]
    assert [p.name for p in (tmp_path / "files").iterdir()] == [PICTURE.name]


def test_an_edited_page_is_the_owners_decision(tmp_path):
    """A person's edit stops everything; each answer works."""
    site = publisher(tmp_path)
    site.publish(release())
    (tmp_path / "index.html").write_text("<p>Mine now</p>")
    with pytest.raises(NeedsOwner) as stop:
        site.publish(release("Newer."))
    assert stop.value.code == "edited"
    assert (tmp_path / "index.html").read_text() == "<p>Mine now</p>"
    site.publish(release("Newer."), keep="theirs")
    assert (tmp_path / "index.html").read_text() == "<p>Mine now</p>"
    assert site.plan(release("Newer.")).actions == ()
    with pytest.raises(NeedsOwner):
        site.publish(release("Newest."))
    site.publish(release("Newest."), keep="ours")
    assert "Newest." in (tmp_path / "index.html").read_text()
    site.publish(release("And on."))
    assert "And on." in (tmp_path / "index.html").read_text()


def test_a_page_that_is_not_ours_is_never_written_to(tmp_path):
    """No answer of the owner makes keepfolio write over a page that it did not write."""
    (tmp_path / "index.html").write_text("<p>A shop</p>")
    for keep in ("", "ours"):
        with pytest.raises(NeedsOwner) as stop:
            publisher(tmp_path).publish(release(), keep=keep)
        assert stop.value.code == "not-ours"
    assert (tmp_path / "index.html").read_text() == "<p>A shop</p>"
    assert not (tmp_path / "files").exists()


def test_a_folder_that_was_thrown_away_is_made_again(tmp_path):
    """A preview may be deleted as a whole; one page taken out of a folder that stands is somebody's choice."""
    site = publisher(tmp_path / "site")
    site.publish(release())
    shutil.rmtree(tmp_path / "site")
    site.publish(release())
    assert (tmp_path / "site/index.html").exists()
    (tmp_path / "site/index.html").unlink()
    with pytest.raises(NeedsOwner) as stop:
        site.publish(release())
    assert stop.value.code == "deleted"


def test_withdrawing_removes_ours_and_nothing_else(tmp_path):
    """What somebody else put into the folder stays."""
    site = publisher(tmp_path)
    site.publish(release())
    (tmp_path / "files/holiday.jpg").write_bytes(b"x")
    site.withdraw()
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["holiday.jpg"]
    assert site.agreed == {}


def test_an_edited_page_is_not_removed_unasked(tmp_path):
    """Withdrawing would destroy a person's words: that needs an answer."""
    site = publisher(tmp_path)
    site.publish(release())
    (tmp_path / "index.html").write_text("<p>Mine now</p>")
    with pytest.raises(NeedsOwner):
        site.withdraw()
    site.withdraw(keep="ours")
    assert not (tmp_path / "index.html").exists()


@pytest.mark.parametrize("name", ["../out.txt", "a/b.txt", "/etc/passwd", "..", ".keepfolio.json", ""])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    """A resource's name is one plain file name."""
    site = staticsite.target("site", {"path": str(tmp_path / "site")}, None)
    with pytest.raises(TargetRefused):
        site.execute(Action("create", Resource(name, "file", sha256=PICTURE.sha256), "new"), {}, read)
    assert not (tmp_path / "out.txt").exists()


def test_a_link_does_not_lead_out_of_the_folder(tmp_path):
    """A symbolic link in the place of files/ is refused, not followed."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site/files").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TargetRefused):
        publisher(tmp_path / "site").publish(release())
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_failed_write_leaves_the_old_page(tmp_path):
    """The new page takes the place of the old one whole or not at all, and leaves no temporary file."""
    site = publisher(tmp_path)
    site.publish(release())
    before = sorted(p.name for p in tmp_path.rglob("*"))

    def broken(digest):
        raise OSError("cut")

    action = Action("update", Resource(PICTURE.name, "file", sha256=PICTURE.sha256), "x", PICTURE.sha256)
    with pytest.raises(TargetRefused):
        site.target.execute(action, site.agreed, broken)
    assert sorted(p.name for p in tmp_path.rglob("*")) == before
    assert (tmp_path / "files" / PICTURE.name).read_bytes() == PNG


def test_a_change_after_the_plan_stops_the_action(tmp_path):
    """The base of an action is read again just before writing."""
    site = publisher(tmp_path)
    site.publish(release())
    (tmp_path / "index.html").write_text("<p>Just now</p>")
    page = site.target.shape(release("Newer."))[0]
    with pytest.raises(TargetChanged):
        site.target.execute(Action("update", page, "x", site.agreed["index.html"].returned), site.agreed, read)


def test_strangers_are_named_only_where_a_web_server_shows_the_folder(tmp_path):
    """A folder on the owner's disk makes nothing public; with an address everything new in it does."""
    assert publisher(tmp_path / "a").plan(release()).becomes_public == ()
    served = publisher(tmp_path / "b", url="https://example.org/me/")
    assert set(served.plan(release()).becomes_public) == {
        "https://example.org/me/",
        f"https://example.org/me/files/{PICTURE.name}",
        f"https://example.org/me/files/{MINUTES.name}",
    }


def test_only_the_public_edition_is_readable_by_others(tmp_path):
    """Files of another edition are the owner's alone."""
    publisher(tmp_path / "a").publish(release())
    publisher(tmp_path / "b", edition="assessor").publish(release(edition="assessor"))
    assert (tmp_path / "a/index.html").stat().st_mode & 0o777 == 0o644
    for path in [tmp_path / "b/index.html", tmp_path / "b/files" / PICTURE.name]:
        assert path.stat().st_mode & 0o077 == 0


def test_a_broken_list_of_ours_never_makes_a_page_ours(tmp_path):
    """A damaged marker file is no permission to write."""
    (tmp_path / "index.html").write_text("<p>A shop</p>")
    for text in ["{", "[]", json.dumps({"files": []})]:
        (tmp_path / staticsite.MARKER).write_text(text)
        with pytest.raises(NeedsOwner):
            publisher(tmp_path).publish(release())


def test_check_says_where_the_page_goes_or_what_is_in_the_way(tmp_path):
    """A finding each, with its mend."""
    assert [f.code for f in publisher(tmp_path / "new").target.check()] == ["ok"]
    (tmp_path / "index.html").write_text("<p>A shop</p>")
    [finding] = publisher(tmp_path).target.check()
    assert finding.code == "not-ours"
    assert finding.mend
