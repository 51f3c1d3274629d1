"""Carrying out a plan: in order, each step recorded, nothing without the owner's word."""

from __future__ import annotations

import pytest

from archive.errors import NeedsOwner
from bridge.publish import execute, text_only
from connectors import staticsite
from tests.publish.samples import MINUTES, PICTURE, Publisher, read, release


@pytest.fixture
def site(tmp_path) -> Publisher:
    """A folder that a web server shows to strangers."""
    return Publisher(staticsite.target("site", {"path": str(tmp_path / "www"), "url": "https://e.org/me"}, None))


def test_the_page_comes_after_its_files_and_every_step_is_recorded(site):
    """Each receipt is handed over before the next action begins."""
    recorded: list[str] = []
    seen_at: dict[str, list[str]] = {}
    inner = site.target.execute

    def watched(action, agreed, read):
        seen_at[action.what.name] = list(recorded)
        return inner(action, agreed, read)

    site.target.execute = watched
    execute(site.plan(release()), release(), site.target, {}, read, lambda r: recorded.append(r.name), approved=True)
    assert recorded[-1] == "index.html"
    assert seen_at["index.html"] == recorded[:2]
    assert set(recorded) == {PICTURE.name, MINUTES.name, "index.html"}


def test_what_becomes_public_needs_the_owners_word(site, tmp_path):
    """Refused before anything is written; the message names what it is about."""
    with pytest.raises(NeedsOwner) as stop:
        site.publish(release(), approved=False)
    assert stop.value.code == "not-approved"
    assert "https://e.org/me/" in stop.value.message
    assert not (tmp_path / "www").exists()


def test_what_changes_nothing_for_strangers_needs_no_word(site):
    """Addresses that they reach already are no news; new words on them are for the gates."""
    site.publish(release())
    site.publish(release("New words."), approved=False)
    assert site.plan(release("New words.")).actions == ()


def test_a_plan_for_another_release_is_stale(site):
    """Exactly what the owner saw, or nothing."""
    plan = site.plan(release())
    with pytest.raises(NeedsOwner) as stop:
        site.execute(plan, release("Other."))
    assert stop.value.code == "stale-plan"
    assert site.agreed == {}


def test_a_plan_for_another_state_of_the_target_is_stale(site, tmp_path):
    """Somebody was there meanwhile."""
    plan = site.plan(release())
    (tmp_path / "www").mkdir()
    (tmp_path / "www/index.html").write_text("x")
    with pytest.raises(NeedsOwner) as stop:
        site.execute(plan, release())
    assert stop.value.code == "stale-plan"


def test_a_failure_leaves_what_was_done_recorded(site):
    """The next plan holds the rest and nothing twice."""

    def broken(digest):
        if digest == MINUTES.sha256:
            raise ValueError("broken")
        return read(digest)

    with pytest.raises(ValueError, match="broken"):
        execute(site.plan(release()), release(), site.target, {}, broken, site._sealed, approved=True)
    assert set(site.agreed) == {PICTURE.name}
    assert [step.what for step in site.publish(release()).actions] == [MINUTES.name, "index.html"]


def test_an_earlier_release_is_published_again(site, tmp_path):
    """Rolling back is publishing: the same plan, the same words as before, the files of then."""
    site.publish(release("One."))
    site.publish(release("Two.", uploads=(PICTURE,)))
    site.publish(release("One."))
    assert "One." in (tmp_path / "www/index.html").read_text()
    assert (tmp_path / "www/files" / MINUTES.name).exists()


@pytest.mark.parametrize("edition", ["private", "assessor"])
def test_other_editions_stay_where_strangers_cannot_look(site, tmp_path, edition):
    """Not to a folder on the web; to one on the owner's disk with all its files."""
    with pytest.raises(NeedsOwner) as stop:
        site.plan(release(edition=edition))
    assert stop.value.code == "not-for-the-public"
    private = Publisher(staticsite.target("site", {"path": str(tmp_path / "own"), "edition": edition}, None))
    private.publish(release(edition=edition), approved=False)
    assert (tmp_path / "own/files" / PICTURE.name).exists()


def test_the_text_alone_names_what_follows():
    """No upload and no address of one is left; captions stay."""
    made = text_only(release())
    assert made.uploads == ()
    for text in (made.fragment, made.document):
        assert "keepfolio:" not in text
        assert "<img" not in text
        assert "(Picture, follows when you publish: A chart)" in text
        assert "Figure: chart.png" in text
        assert "minutes.txt (file, follows when you publish)" in text
    assert made.id != release().id
    assert text_only(release()) == made


def test_a_release_without_files_is_its_own_preview():
    assert text_only(release(uploads=())) == release(uploads=())
