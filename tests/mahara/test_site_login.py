"""Getting into a Mahara: once, with nothing said to strangers, and in plain words when it does not work."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.entry import MediaFile
from connectors.contract import Checkpoint, SourceRefused, SourceUnavailable, Yield
from connectors.http import Http
from connectors.mahara.probe import Site
from connectors.mahara.session import Session
from tests.mahara.account import Account
from tests.mahara.fake.server import LOCKED, STEM, TRIES


@pytest.fixture
def sam(tmp_path: Path) -> Iterator[Account]:
    account = Account(tmp_path)
    yield account
    account.close()


def refused(sam: Account, kind: type[Exception] = SourceRefused):
    with pytest.raises(kind) as caught:
        sam.harvest()
    return caught.value


def test_a_wrong_password_is_sent_once(sam: Account):
    """Whatever is asked of the source afterwards: five wrong passwords would lock the account."""
    sam.secret = "not-the-password"
    source = sam.source()
    for _ in range(3):
        with pytest.raises(SourceRefused) as caught:
            list(source.harvest(sam.shelf))
    with pytest.raises(SourceRefused):
        source.open(MediaFile(url=f"{sam.mahara.url}artefact/file/download.php?file=34", name="a.png"))
    assert caught.value.code == "wrong-password"
    assert sam.mahara.tries == sam.logins() == 1


def test_what_the_site_says_is_passed_on_as_words(sam: Account):
    """Its own alert, without HTML; never the password."""
    sam.secret = "not-the-password"
    error = refused(sam)
    assert "You have not provided the correct credentials" in error.message
    assert "<" not in error.message
    assert sam.secret not in f"{error.message}{error.mend}"


def test_a_locked_account_is_told_as_one(sam: Account):
    """The password may be right: the owner waits, and changes nothing."""
    sam.mahara.tries = TRIES
    error = refused(sam)
    assert error.code == "locked"
    assert LOCKED in error.message


def test_a_suspended_account_is_told_as_one(sam: Account):
    """Only an administrator can open it again."""
    sam.mahara.suspended = "Your account has been suspended as of Sunday, 22 November 2026."
    error = refused(sam)
    assert error.code == "account-closed"
    assert sam.mahara.suspended in error.message


CLOSED = "The site is temporarily closed for a database upgrade. Site administrators may log in."


def test_a_closed_site_refuses_no_password(sam: Account):
    """It says of a right one, too, that it is wrong: the source is only not to be reached, and is asked again."""
    sam.mahara.closed = CLOSED
    error = refused(sam, SourceUnavailable)
    assert error.code == "site-closed"
    assert CLOSED in error.message
    assert "credentials" not in error.message
    sam.mahara.closed = ""
    assert sam.harvest().created


def test_a_site_that_closes_meanwhile_is_told_as_one(sam: Account):
    """Every page is the login page then."""
    run = sam.source().harvest(sam.shelf)
    next(run)
    sam.mahara.closed = CLOSED
    with pytest.raises(SourceUnavailable) as caught:
        list(run)
    assert caught.value.code == "site-closed"


def test_a_site_of_sso_alone_gets_no_password(sam: Account):
    """It has no use for one: the way in is named instead."""
    sam.mahara.logins = ["sso"]
    error = refused(sam, SourceUnavailable)
    assert error.code == "sso-only"
    assert "sso: true" in error.mend
    assert sam.logins() == 0


def test_plain_http_carries_no_password():
    """The form is a secret, though it is no header: nothing leaves."""
    http = Http()
    there = Site("http://mahara.example/", "http://mahara.example/")
    with pytest.raises(SourceUnavailable) as caught:
        Session(http, there).log_in("sam", "secret-secret")
    assert caught.value.code == "insecure"
    assert http.sent.requests == 0


@pytest.mark.parametrize(("user", "secret", "code"), [("", "x", "no-user"), ("sam", "", "no-password")])
def test_without_a_login_nothing_is_asked(sam: Account, user: str, secret: str, code: str):
    """Mahara shows an export to its owner alone."""
    sam.options["user"], sam.secret = user, secret
    assert refused(sam).code == code
    assert sam.mahara.asked == []


def test_a_whole_run_logs_in_once(sam: Account, tmp_path: Path):
    """Harvest, and files that are asked of the site: one login."""
    sam.without(tmp_path, "34")
    report = sam.harvest()
    source = sam.source()
    shelf = sam.shelf
    shelf.harvest(source)
    file = next(e.files[0] for e in shelf.of("file").values() if e.native_id == "artefact34")
    for _ in range(2):
        with source.open(file) as stream:
            assert stream.read()
    assert report.created
    assert sam.logins() == 2  # one for each of the two runs


def test_a_page_that_the_site_forces_is_for_the_browser(sam: Account):
    """Logged in, and no export form: the owner answers it once herself."""
    sam.mahara.forced = True
    error = refused(sam, SourceUnavailable)
    assert error.code == "forced-page"
    assert "browser" in error.mend
    assert "Legal" in error.message


@pytest.mark.parametrize("at", ["export/index.php", "export/download.php"])
def test_a_session_that_ends_is_not_begun_again(sam: Account, at: str):
    """Somewhere on the way: an error that says so, nothing lost, and no second login."""
    sam.mahara.end_session_at = at
    error = refused(sam, SourceUnavailable)
    assert error.code == "session-lost"
    assert error.unchanged
    assert sam.logins() == 1


def kept(sam: Account, run: Iterator[Yield]) -> Iterator[Yield]:
    """Keep each checkpoint at once, as the archive does it."""
    for one in run:
        if isinstance(one, Checkpoint):
            sam.shelf.cursor = dict(one.cursor)
        yield one


def test_a_session_that_ends_while_the_export_is_made_is_told(sam: Account):
    """A script answers a stranger with 200 and an error: that is no progress. The next run takes what was made."""
    sam.mahara.looks = 3
    run = sam.source().harvest(sam.shelf)
    next(one for one in run if "HTML" in getattr(one, "what", ""))
    sam.mahara.sessions.clear()
    with pytest.raises(SourceUnavailable) as caught:
        list(kept(sam, run))
    assert caught.value.code == "session-lost"
    assert sam.logins() == 1
    assert sam.harvest().created
    assert (sam.logins(), sam.mahara.made()) == (2, 1)


def test_the_inbox_of_a_lost_session_is_no_inbox(sam: Account):
    """A login page answered with 200 holds no messages, but it is not an empty inbox."""
    sam.mahara.queue = True
    sam.mahara.end_session_at = "module/multirecipientnotification/inbox.php"
    assert refused(sam, SourceUnavailable).code == "session-lost"


def test_each_answer_may_give_a_new_cookie(sam: Account):
    """The newest one is sent: an old one would be a stranger's."""
    sam.mahara.rotate = True
    assert sam.harvest().created


def test_the_cookie_has_whatever_name(sam: Account):
    """Sites put a prefix of their own in front."""
    sam.mahara.cookie = "uniportfoliomahara"
    assert sam.harvest().created


def test_a_site_that_hides_its_version_is_known_by_its_front_page(sam: Account):
    """Older versions, and those whose door for the mobile app is closed."""
    sam.mahara.info = False
    assert sam.harvest().created


@pytest.mark.parametrize("page", ["index.php", "index.php?login", "?login"])
def test_the_address_of_the_front_page_will_do(sam: Account, page: str):
    """It is what the browser shows."""
    sam.options["url"] = sam.mahara.url + page
    assert sam.harvest().created


def test_a_site_that_calls_itself_otherwise_gets_no_password(sam: Account):
    """The owner is told the address that it names."""
    sam.mahara.wwwroot = "https://portfolio.example/"
    error = refused(sam, SourceUnavailable)
    assert error.code == "moved"
    assert "url: https://portfolio.example" in error.mend
    assert sam.logins() == 0


class TestAddressesThatTheSiteNames:
    SITE = Site("https://mahara.example/portfolio/", "http://www.mahara.example/")

    def test_the_same_host_is_asked_where_the_owner_wrote(self):
        """``www.`` and http make no difference: the path is taken, never the host."""
        assert self.SITE.inside("http://www.mahara.example/export/download.php?file=1/a.zip") == (
            "export/download.php?file=1/a.zip"
        )

    @pytest.mark.parametrize(
        "there", ["https://evil.example/a.zip", "//evil.example/a", "https://mahara.example:8443/"]
    )
    def test_another_host_is_refused(self, there: str):
        """A cookie would travel there."""
        with pytest.raises(SourceUnavailable) as caught:
            self.SITE.inside(there)
        assert caught.value.code == "elsewhere"

    @pytest.mark.parametrize("version", ["23.10", "26.04", "24.04.1"])
    def test_versions_that_nobody_outside_has_read_are_known(self, version: str):
        """Up to 23.04 the source is public."""
        assert replace(self.SITE, version=version).unread
        assert not replace(self.SITE, version="22.10").unread
        assert not replace(self.SITE, version="").unread


def test_no_key_of_the_session_shows_in_logs(sam: Account, caplog: pytest.LogCaptureFixture):
    """It stands in the address of each look at the progress; the cookie stands in every header."""
    caplog.set_level(logging.DEBUG)
    sam.mahara.looks = 2
    sam.harvest()
    assert any("sesskey=" in line for line in sam.mahara.asked)
    assert "download-progress" in caplog.text
    assert STEM not in caplog.text


def test_the_login_form_is_not_looked_for_in_the_page(sam: Account):
    """It stands in a script: whoever parses the page for it finds nothing."""
    html = sam.source()._context.http.get(sam.mahara.url).text
    assert "login_username" in re.sub(r"\\", "", html)
    assert '<input type="password"' not in html
