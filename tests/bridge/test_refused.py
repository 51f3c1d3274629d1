"""A secret that was refused is sent once, whoever asks: a few wrong ones lock an account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge import doctor, publishing, refused, runs, setup_login, unattended
from bridge.session import Session
from connectors.contract import TargetRefused
from tests.bridge.doors import Door
from tests.bridge.test_unattended import blog, configure, never, site


@pytest.fixture
def door(httpserver, monkeypatch) -> Door:
    """A site that refuses everybody; the password in the environment is a wrong one."""
    monkeypatch.setenv("KEEPFOLIO_BLOG_PASSWORD", "hunter2")
    return Door(httpserver)


@pytest.fixture
def session(tmp_path: Path, door: Door) -> Callable[[], Session]:
    """A source and a target of one account; nothing was harvested yet."""
    return configure(tmp_path / "w", sources={"blog": blog(door)}, targets={"site": site(door)})


def codes(session: Session, *names: str) -> list[str]:
    return [f.code for _, f in doctor.examine(session, names) if f.severity == "error"]


def test_check_sends_a_refused_secret_once(session: Callable[[], Session], door: Door) -> None:
    """Also where there is no archive yet, and by every name of the account; the way out is named."""
    assert "wrong-password" in codes(session(), "blog")
    assert not session().has_archive()

    for names in (("blog",), ("site",), ("blog", "site")):
        assert set(codes(session(), *names)) == {"parked"}
    ((_, told),) = doctor.examine(session(), ("blog",))

    assert "keepfolio login blog" in told.mend
    assert "did not accept" in told.message
    assert door.logins == ["hunter2"]


def test_a_harvest_knows_what_a_check_was_told(session: Callable[[], Session], door: Door) -> None:
    """And the archive that it makes remembers it, so that `status` says so."""
    doctor.examine(session(), ("blog",))

    (report,) = runs.harvest_all(session(), ["blog"], progress=unattended.Silent, stop=never)

    assert report.error is not None
    assert report.error.code == "parked"
    assert session().archive.sources()["blog"].parked
    assert door.logins == ["hunter2"]


def test_a_check_knows_what_a_harvest_was_told(session: Callable[[], Session], door: Door) -> None:
    """One try is one try."""
    runs.harvest_all(session(), ["blog"], progress=unattended.Silent, stop=never)

    assert codes(session(), "blog") == ["parked"]
    assert door.logins == ["hunter2"]


def test_no_plan_sends_what_a_check_saw_refused(session: Callable[[], Session], door: Door) -> None:
    """A target's password is no other."""
    doctor.examine(session(), ("site",))

    with pytest.raises(TargetRefused, match="not asked any more"):
        publishing.prepare(session(), "site")

    assert door.logins == ["hunter2"]


def test_another_secret_is_tried_once(session: Callable[[], Session], door: Door, monkeypatch) -> None:
    """Each new one, and the one before it does not come back by that."""
    for password in ("hunter2", "hunter3"):
        monkeypatch.setenv("KEEPFOLIO_BLOG_PASSWORD", password)
        assert "wrong-password" in codes(session(), "blog")
        assert codes(session(), "blog") == ["parked"]

    assert door.logins == ["hunter2", "hunter3"]


def test_a_login_lets_the_same_secret_be_sent_again(session: Callable[[], Session], door: Door) -> None:
    """The owner's word counts: the site may have been set right meanwhile."""
    doctor.examine(session(), ("blog",))
    now = session()

    setup_login.keep_password("blog", "password", "hunter2", now.config, now.workspace)
    door.password = "hunter2"

    assert codes(session(), "blog") == []


def test_a_refusal_that_judged_no_secret_forbids_none(session: Callable[[], Session]) -> None:
    """Where a site has its passwords off, the same one will do once they are on."""
    now = session()
    refused.note("blog", "They are off.", "application-passwords-off", now.config, now.workspace)

    assert refused.why("blog", now.workspace) == "They are off."
    assert refused.stands("blog", now.config, now.workspace) == ""


def test_what_is_remembered_does_not_tell_the_secret(session: Callable[[], Session], tmp_path: Path) -> None:
    """Neither it nor a plain digest of it; and nothing of it lies in the owner's folder."""
    doctor.examine(session(), ("blog",))

    place = session().workspace.state / "refused.json"
    assert "hunter2" not in place.read_text()
    assert place.stat().st_mode & 0o077 == 0
    assert not list((tmp_path / "w").rglob("refused*"))
