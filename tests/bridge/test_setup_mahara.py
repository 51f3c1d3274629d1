"""Setting up for somebody who leaves a Mahara: by its address or by its export, with words for the way out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from archive.errors import UsageError
from bridge import secrets, setup, setup_export, setup_login, setup_site
from bridge.config import load
from bridge.setup import Answers
from connectors.http import Http
from connectors.mahara.probe import Site
from connectors.wordpress.probe import Probe
from tests.bridge.test_setup import EXPORT, KEEPFOLIO, TODAY, Terminal, keepfolio
from tests.mahara.fake import FakeMahara

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mahara"
ZIP = FIXTURES / "sam-all-2210.zip"


@pytest.fixture
def mahara() -> Iterator[FakeMahara]:
    running = FakeMahara(ZIP)
    yield running
    running.close()


def session(_url: str) -> Http:
    return Http(attempts=1)


# --- what lies there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "index.php", "export/index.php?x=1", "view/index.php"])
def test_any_page_of_a_mahara_leads_to_it(mahara, path):
    """A person copies the address of the page that is open; what is set up is the site's own address."""
    url, found = setup_site.discover(mahara.url + path, session)

    assert isinstance(found, Site)
    assert url == mahara.url.rstrip("/")
    assert mahara.forms == {}


def test_a_blog_is_looked_at_as_before():
    """A site that is no Mahara is asked for nothing that only a Mahara has."""
    with HTTPServer() as blog:  # of its own: nobody else's late question is counted
        blog.expect_request("/").respond_with_data(
            '<link rel="alternate" type="application/rss+xml" href="/feed/">', content_type="text/html"
        )

        _, found = setup_site.discover(blog.url_for("/"), session)

        assert isinstance(found, Probe)
        assert [request.path for request, _ in blog.log] == ["/"]


def test_exports_are_told_apart(tmp_path):
    """A zip, a folder of zips and a bare XML are known by what is in them; a shopping list is neither."""
    (tmp_path / "blog.xml").write_text(EXPORT)
    (tmp_path / "list.txt").write_text("bread")
    shutil.copyfile(ZIP, tmp_path / "no name at all")
    (tmp_path / "taken").mkdir()
    shutil.copyfile(ZIP, tmp_path / "taken" / "a.zip")

    kinds = [setup_export.look_at_export(tmp_path / name) for name in ("blog.xml", "no name at all", "taken")]

    assert kinds == ["wordpress-export", "mahara-export", "mahara-export"]
    with pytest.raises(UsageError) as raised:
        setup_export.look_at_export(tmp_path / "list.txt")
    assert "Mahara" in raised.value.mend


def test_a_saved_login_page_is_called_what_it_is(tmp_path):
    """Who was logged out saved a web page with the name of a zip: the words say so."""
    (tmp_path / "mahara-export.zip").write_text("<!DOCTYPE html><html><title>Log in to Mahara</title></html>")

    with pytest.raises(UsageError, match="web page"):
        setup_export.look_at_export(tmp_path / "mahara-export.zip")


# --- what is written ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        Answers(kind="mahara", url="https://m.example", user="sam: #1", closes=date(2027, 7, 31)),
        Answers(kind="mahara", url="https://m.example", sso=True),
        Answers(kind="mahara", url="https://m.example", user="sam", export=ZIP, export_type="mahara-export"),
        Answers(url="https://m.example", export_type="mahara-export", closes=date(2027, 7, 31)),
        Answers(kind="wordpress", url="https://b.example", export=ZIP, export_type="mahara-export"),
        Answers(kind="moodle", url="https://m.example", closes=date(2027, 7, 31)),
        Answers(kind="moodle", url="https://m.example", user="sam", export=ZIP, export_type="moodle-export"),
        Answers(url="https://m.example", export_type="moodle-export", closes=date(2027, 7, 31)),
        Answers(kind="blackboard", url="https://b.example", user="sam: #1"),
        Answers(url="https://b.example", user="sam", export=ZIP, export_type="blackboard-export"),
    ],
)
def test_what_is_written_is_a_good_configuration(tmp_path, answers):
    """Whatever the answers, the file that comes of them loads; the day of closing stands with what it closes."""
    setup.write(answers, tmp_path / "p", today=TODAY)

    sources = load(tmp_path / "p/config.yaml").sources
    names = {answers.site_name} if answers.kind else set()
    assert set(sources) == names | {answers.export_name} - {""}
    if answers.kind == "mahara":
        live = sources["mahara"]
        assert (live.type, live.url, live.user, live.sso) == ("mahara", answers.url, answers.user, answers.sso)
    if answers.kind in ("moodle", "blackboard"):
        live = sources["vle"]
        assert (live.type, live.url, live.user) == (answers.kind, answers.url, answers.user)
    if answers.is_put_beside:
        taken = sources[answers.export_name]
        assert taken.type == answers.export_type
        assert taken.path == tmp_path / "p/exports" / ("mahara" if answers.export_type == "mahara-export" else "vle")
        assert taken.path.is_dir()
    assert [source.closes for source in sources.values() if source.closes] == [answers.closes] * bool(answers.closes)


# --- by options -----------------------------------------------------------------------------------------------------


def test_an_export_alone_is_enough(tmp_path):
    """The zip is copied into a folder where later ones are put beside it; nothing else is asked."""
    done = keepfolio("--json", "init", str(tmp_path / "p"), "--export", str(ZIP), "--closes", "2027-07-31")

    value = json.loads(done.stdout)
    source = load(tmp_path / "p/config.yaml").sources["mahara"]
    assert value["copied"] == [f"exports/mahara/{ZIP.name}"]
    assert (source.type, source.closes) == ("mahara-export", date(2027, 7, 31))
    assert (source.path / ZIP.name).read_bytes() == ZIP.read_bytes()


def test_an_address_alone_waits_for_the_export(tmp_path, mahara):
    """Without a user name nobody can log in: a folder stands ready, and the clicks are a command away."""
    done = keepfolio("init", str(tmp_path / "p"), "--url", mahara.url)

    source = load(tmp_path / "p/config.yaml").sources["mahara"]
    assert (source.type, source.url + "/") == ("mahara-export", mahara.url)
    assert "keepfolio check mahara" in done.stdout
    checked = keepfolio("check", "mahara", "--workspace", str(tmp_path / "p"))
    assert f"{mahara.url}export/index.php" in checked.stdout


def test_an_export_is_known_by_the_address_that_the_site_gives_itself(tmp_path, mahara):
    """Exports carry the site's own address, which may differ from the one that the owner typed."""
    mahara.wwwroot = f"{mahara.url}mahara/"

    keepfolio("init", str(tmp_path / "p"), "--url", mahara.url)

    assert load(tmp_path / "p/config.yaml").sources["mahara"].url == f"{mahara.url}mahara"


def test_a_user_name_makes_it_a_live_source(tmp_path, mahara):
    """A password from the environment is tried once, and not stored again; a wrong one stops with nothing written."""
    words = ("init", str(tmp_path / "p"), "--url", mahara.url, "--user", mahara.user)

    wrong = keepfolio(*words, KEEPFOLIO_MAHARA_PASSWORD="not-it-at-all")
    assert wrong.returncode == 1
    assert "not-it-at-all" not in wrong.stderr
    assert mahara.tries == 1
    assert not (tmp_path / "p").exists()

    done = keepfolio(*words, KEEPFOLIO_MAHARA_PASSWORD=mahara.password)
    assert done.returncode == 0, done.stderr
    assert "Logged in as" in done.stderr
    assert load(tmp_path / "p/config.yaml").sources["mahara"].user == mahara.user
    assert not secrets.secrets_file().exists()


def test_a_site_with_single_sign_on_only(tmp_path, mahara):
    """Where no password lets in, the browser's login is the way, and no password is sent."""
    mahara.logins = ["sso"]

    done = keepfolio(
        *("init", str(tmp_path / "p"), "--url", mahara.url, "--user", mahara.user), KEEPFOLIO_MAHARA_PASSWORD="secret-x"
    )

    assert done.returncode == 0, done.stderr
    assert load(tmp_path / "p/config.yaml").sources["mahara"].sso
    assert "keepfolio login mahara" in done.stdout
    assert mahara.forms == {}


def test_two_systems_at_once_are_refused(tmp_path, mahara):
    """An address of a Mahara with an export of a WordPress would leave one of them out: that is said."""
    (tmp_path / "b.xml").write_text(EXPORT)

    done = keepfolio("init", str(tmp_path / "p"), "--url", mahara.url, "--export", str(tmp_path / "b.xml"))

    assert done.returncode == 2
    assert "add the other in config.yaml" in done.stderr


# --- asked ----------------------------------------------------------------------------------------------------------


def test_a_person_brings_the_export(tmp_path, mahara):
    """The two ways are told, and a path that is no export is asked for again."""
    (tmp_path / "list.txt").write_text("bread")

    shown = Terminal([*KEEPFOLIO, "init", str(tmp_path / "p")]).answer(
        ("Your name", "Sam"),
        ("address of your blog, Mahara or VLE", mahara.url),
        ("path of the export file", str(tmp_path / "list.txt")),
        ("path of the export file", str(ZIP)),
        ("renewal", "n"),
        ("Which CMALT", "cmalt"),
        ("closes", "2027-07-31"),
    )

    source = load(tmp_path / "p/config.yaml").sources["mahara"]
    assert "Two ways lead out" in shown
    assert "That did not work" in shown
    assert (source.type, source.closes) == ("mahara-export", date(2027, 7, 31))
    assert mahara.forms == {}


def test_a_person_logs_in(tmp_path, mahara):
    """A wrong password may be typed once more, and no third time; none is shown."""
    shown = Terminal([*KEEPFOLIO, "init", str(tmp_path / "p")]).answer(
        ("Your name", "Sam"),
        ("address of your blog, Mahara or VLE", mahara.url),
        ("path of the export file", ""),
        ("user name", mahara.user),
        ("password", "not-it-at-all"),
        ("password", mahara.password),
        ("renewal", "n"),
        ("Which CMALT", "cmalt"),
        ("closes", ""),
    )

    config = load(tmp_path / "p/config.yaml")
    assert mahara.password not in shown
    assert "not-it-at-all" not in shown
    assert secrets.lookup("mahara", "password", config).reveal() == mahara.password


@pytest.mark.parametrize(("says", "kind"), [("y", "mahara"), ("n", "mahara-export")])
def test_a_person_behind_single_sign_on(tmp_path, mahara, says, kind):
    """No password is asked for; the browser's login is offered, and without it a folder waits for the export."""
    mahara.logins = ["sso"]

    shown = Terminal([*KEEPFOLIO, "init", str(tmp_path / "p")]).answer(
        ("Your name", "Sam"),
        ("address of your blog, Mahara or VLE", mahara.url),
        ("path of the export file", ""),
        ("login of your browser", says),
        ("renewal", "n"),
        ("Which CMALT", "cmalt"),
        ("closes", ""),
    )

    assert load(tmp_path / "p/config.yaml").sources["mahara"].type == kind
    assert "through a page of your institution" in shown
    assert mahara.forms == {}


# --- logging in -----------------------------------------------------------------------------------------------------


def test_what_takes_a_login(tmp_path):
    """A live Mahara takes a password, or with `sso` a browser's login; an export takes none."""
    (tmp_path / "config.yaml").write_text(
        """
sources:
  a: {type: mahara, url: "https://m.example", user: sam}
  b: {type: mahara, url: "https://m.example", sso: true}
  c: {type: mahara-export, path: x, url: "https://m.example", user: sam}
"""
    )
    config = load(tmp_path / "config.yaml")

    assert [setup_login.needs_login(name, config).what for name in "ab"] == ["password", "token"]
    assert [secrets.account_of(name, config) for name in "ab"] == ["sam@m.example", "browser@m.example"]
    with pytest.raises(UsageError, match="takes no login"):
        setup_login.needs_login("c", config)
