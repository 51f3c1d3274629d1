"""Setting up for somebody who leaves a Moodle or a Blackboard: by address, or by what it handed out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.errors import UsageError
from bridge import setup_export, setup_site
from bridge.config import load
from connectors.http import Http
from connectors.moodle.probe import Probe
from tests.blackboard.packing import COURSE, PORTFOLIO, pack
from tests.bridge.test_setup import EXPORT, KEEPFOLIO, Terminal, keepfolio
from tests.moodle.fake import FIXTURES, PASSWORD, TOKEN, FakeMoodle

EXPORTS = FIXTURES / "exports"
MAHARA = Path(__file__).parents[1] / "fixtures" / "mahara" / "sam-leap-only-2210.zip"


@pytest.fixture
def moodle() -> Iterator[FakeMoodle]:
    site = FakeMoodle()
    yield site
    site.close()


def session(_url: str) -> Http:
    return Http(attempts=1)


@pytest.mark.parametrize("path", ["", "/my/", "/course/view.php?id=3", "/login/index.php"])
def test_any_page_of_a_moodle_leads_to_it(moodle, path):
    """A person copies the address of the page that is open; no login is tried."""
    url, found = setup_site.discover(moodle.url + path, session)

    assert isinstance(found, Probe)
    assert url == moodle.url
    assert "/login/token.php" not in {asked for _, asked, _ in moodle.asked}


@pytest.mark.parametrize("path", ["/ultra/course", "/webapps/portal/x.jsp", "/bbcswebdav/users/jane/"])
def test_a_blackboard_is_known_by_its_address(path):
    """Without a question."""
    found = setup_site.discover(f"elp.northshire.example{path}", lambda _: Http(attempts=1))

    assert found == ("https://elp.northshire.example", setup_site.Blackboard("https://elp.northshire.example"))


def test_a_blackboard_is_known_by_what_its_front_page_says(httpserver):
    """In the headers of its answers."""
    httpserver.expect_request("/").respond_with_data("Welcome", headers={"X-Blackboard-product": "Blackboard Learn"})

    _, found = setup_site.discover(httpserver.url_for("/"), session)

    assert isinstance(found, setup_site.Blackboard)


def test_exports_are_told_apart(tmp_path):
    """By what is in it, Moodle's Leap2A and Mahara's too; a zip of anything is Blackboard's only by the address."""
    (tmp_path / "blog.xml").write_text(EXPORT)
    course = pack(tmp_path / "course.zip", COURSE)
    anything = pack(tmp_path / "anything.zip", PORTFOLIO)

    kinds = {path.name: setup_export.look_at_export(path) for path in sorted(EXPORTS.iterdir())}

    assert set(kinds.values()) == {"moodle-export"}
    assert len(kinds) > 4
    assert setup_export.look_at_export(MAHARA) == "mahara-export"
    assert setup_export.look_at_export(tmp_path / "blog.xml") == "wordpress-export"
    assert setup_export.look_at_export(course) == "blackboard-export"
    assert setup_export.look_at_export(anything, "elp.northshire.example/ultra/") == "blackboard-export"
    with pytest.raises(UsageError, match=r"is not an export of WordPress"):
        setup_export.look_at_export(anything, "https://vle.example")


def test_a_data_request_alone_is_enough(tmp_path):
    """It is copied into a folder where later ones are put beside it, and the harvest reads it."""
    done = keepfolio("--json", "init", str(tmp_path / "p"), "--export", str(EXPORTS / "gdpr-export.zip"))

    source = load(tmp_path / "p/config.yaml").sources["vle"]
    assert json.loads(done.stdout)["copied"] == ["exports/vle/gdpr-export.zip"]
    assert (source.type, source.path) == ("moodle-export", tmp_path / "p/exports/vle")


@pytest.mark.parametrize(("words", "kind"), [((), "moodle"), (("--no-login",), "moodle-export")])
def test_an_address_alone(tmp_path, moodle, words, kind):
    """Without a user name the browser hands a token over; without a login the data request is the way."""
    done = keepfolio("init", str(tmp_path / "p"), "--url", moodle.url, *words)

    source = load(tmp_path / "p/config.yaml").sources["vle"]
    assert (source.type, source.url) == (kind, moodle.url)
    assert ("keepfolio login vle" if kind == "moodle" else "keepfolio check vle") in done.stdout


def test_a_moodle_that_lets_no_program_in(tmp_path, moodle):
    """No source that can never work is written."""
    moodle.public["enablemobilewebservice"] = 0

    done = keepfolio("init", str(tmp_path / "p"), "--url", moodle.url, "--user", "rashby")

    assert load(tmp_path / "p/config.yaml").sources["vle"].type == "moodle-export"
    assert "switched off" in done.stderr


def test_a_person_logs_in_and_the_password_is_not_kept(tmp_path, moodle):
    """A wrong one is asked for again; what is stored is the token."""
    shown = Terminal([*KEEPFOLIO, "init", str(tmp_path / "p")]).answer(
        ("Your name", "Rowan"),
        ("address of your blog, Mahara or VLE", moodle.url),
        ("Your user name there", "rashby"),
        ("Your password there", "not-it"),
        ("Your password there", PASSWORD),
        ("three-year renewal", "n"),
        ("Which CMALT", "cmalt"),
        ("The day on which", ""),
    )

    from bridge import secrets

    kept = secrets.secrets_file().read_text("utf-8")
    assert "That did not work" in shown
    assert TOKEN in kept
    assert PASSWORD not in kept + shown


def test_an_export_of_another_system_is_refused(tmp_path, moodle):
    """An address of a Moodle with an export of a Mahara would leave one of them out: that is said."""
    shutil.copyfile(MAHARA, tmp_path / "m.zip")

    done = keepfolio("init", str(tmp_path / "p"), "--url", moodle.url, "--export", str(tmp_path / "m.zip"))

    assert done.returncode == 2
    assert "the export is one of a Mahara" in done.stderr
    assert not (tmp_path / "p").exists()


def test_a_token_belongs_to_its_site():
    """Two portfolios that call their Moodle “vle” do not share a token; source and command agree on what is needed."""
    from bridge import secrets, setup_login
    from bridge.config import parse

    one, other = (
        parse(f"sources: {{vle: {{type: moodle, url: 'https://{host}.example'}}}}", "config.yaml", Path("/w"))
        for host in ("a", "b")
    )

    assert secrets.account_of("vle", one) != secrets.account_of("vle", other)
    assert setup_login.needs_login("vle", one).what == "token"


def test_a_password_is_not_stored_untried(tmp_path, moodle):
    """A Moodle's password is only good for getting a token."""
    config = f"sources: {{vle: {{type: moodle, url: '{moodle.url}', user: rashby}}}}"
    (tmp_path / "config.yaml").write_text(config)

    done = keepfolio("login", "vle", "--no-test", "--workspace", str(tmp_path), given=f"{PASSWORD}\n")
    stored = keepfolio("login", "vle", "--token", "--no-test", "--workspace", str(tmp_path), given=f"{TOKEN}\n")

    assert done.returncode == 2
    assert "Leave --no-test out" in done.stderr
    assert stored.returncode == 0, stored.stderr
    assert moodle.asked == []
