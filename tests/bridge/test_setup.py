"""From nothing to a folder that can harvest: asked, or told by options; never over what is there."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from archive.errors import UsageError
from bridge import secrets, setup, setup_login, setup_site
from bridge.config import load
from bridge.setup import Answers
from connectors.contract import SourceUnavailable
from connectors.http import Http
from connectors.wordpress.probe import Probe

TODAY = date(2026, 11, 22)
EXPORT = "<rss><channel><title>My blog</title></channel></rss>"
KEEPFOLIO = [sys.executable, "-m", "bridge.cli"]


def keepfolio(*words: str, given: str | None = None, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*KEEPFOLIO, *words],
        input=given,
        stdin=None if given is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


# --- writing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        Answers(),
        Answers(
            owner='Jane "J" O\'Brien: #1 ✓\nx',
            url="https://b.example/?a=b",
            kind="wordpress",
            user="yes",
            writable=True,
        ),
        Answers(url="https://b.example", kind="wordpress", closes=date(2027, 7, 31), renewal=True, pathway="senior"),
        Answers(url="https://b.example/feed/", kind="feed", closes=date(2027, 7, 31)),
    ],
)
def test_what_is_written_is_a_good_configuration(tmp_path, answers):
    """Whatever the answers, the file that comes of them loads, and says what was answered."""
    setup.write(answers, tmp_path / "p", today=TODAY)

    config = load(tmp_path / "p/config.yaml")

    blog = config.sources.get("blog")
    assert config.owner == answers.owner
    assert (blog.url if blog else "") == answers.url
    assert getattr(blog, "user", "") == answers.user
    assert (blog.closes if blog else None) == answers.closes
    assert config.portfolio.framework == ("cmalt-review" if answers.renewal else "cmalt")
    assert config.portfolio.pathway == answers.pathway
    assert config.schedule.publish.unattended == "off"
    assert ("site" in config.targets) == answers.writable


def test_all_is_private_and_nothing_is_ready(tmp_path):
    """Folders are 0700, files 0600; section files stand ready for the owner's words, none of them for going live."""
    written = setup.write(Answers(), tmp_path / "p", today=TODAY)

    for path in (tmp_path / "p").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert sorted(p.name for p in (tmp_path / "p").iterdir()) == ["config.yaml", "portfolio"]
    there = set(files(tmp_path / "p"))
    assert {"config.yaml", "portfolio/original/generation.yaml", "portfolio/original/1a.md"} <= there
    assert sorted(written.files) == sorted(p for p in (tmp_path / "p").rglob("*") if p.is_file())
    assert "ready: false" in (tmp_path / "p/portfolio/original/1a.md").read_text()


def test_a_renewal_has_a_generation_of_its_own(tmp_path):
    """The review's own sections stand in a folder beside which the earlier portfolio has its place."""
    setup.write(Answers(renewal=True), tmp_path / "p", today=TODAY)

    assert "portfolio/review-1/summary.md" in files(tmp_path / "p")


@pytest.mark.parametrize("held", ["config.yaml", "archive/x", "portfolio/original/1a.md"])
def test_a_workspace_is_never_overwritten(tmp_path, held):
    """A folder with a configuration, or the rest of a workspace, stays as it is, byte for byte."""
    (tmp_path / held).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / held).write_text("mine")

    with pytest.raises(UsageError) as raised:
        setup.write(Answers(), tmp_path, today=TODAY)

    assert raised.value.code == "workspace-exists"
    assert files(tmp_path) == [held]
    assert (tmp_path / held).read_text() == "mine"


def test_a_folder_with_other_things_is_fine(tmp_path):
    """Documents that lie in the folder already are left alone."""
    (tmp_path / "notes.txt").write_text("mine")

    setup.write(Answers(), tmp_path, today=TODAY)

    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_export_file_is_copied_in(tmp_path):
    """A file from the downloads folder is copied and stays there, too; a folder of exports is only named."""
    export = tmp_path / "my blog.xml"
    export.write_text("<rss/>")

    written = setup.write(Answers(export=export), tmp_path / "p", today=TODAY)

    assert written.copied == (tmp_path / "p/exports/my blog.xml",)
    assert load(tmp_path / "p/config.yaml").sources["blog"].path == written.copied[0]
    assert export.is_file()

    setup.write(Answers(export=tmp_path), tmp_path / "q", today=TODAY)
    assert load(tmp_path / "q/config.yaml").sources["blog"].path == tmp_path


def test_a_missing_export_writes_nothing(tmp_path):
    """A wrong path is told before anything is made."""
    with pytest.raises(UsageError, match="There is no file"):
        setup.write(Answers(export=tmp_path / "none.xml"), tmp_path / "p", today=TODAY)

    assert not (tmp_path / "p").exists()


# --- the site -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["", "my blog", "ftp://b.example", "https://"])
def test_what_is_no_address_is_not_asked(address):
    """A slip of the pen is told before a request goes out."""
    with pytest.raises(UsageError, match="not the address of a website"):
        setup_site.discover(address, lambda _: pytest.fail("asked"))


def test_an_address_with_a_password_is_refused_and_not_repeated():
    """A password in the address is not sent, and not shown."""
    with pytest.raises(UsageError) as raised:
        setup_site.discover("https://jane:hunter2@b.example", lambda _: pytest.fail("asked"))

    assert "hunter2" not in str(vars(raised.value))


def test_https_is_tried_before_http(httpserver):
    """Without a scheme, https comes first; a site that has only http is found all the same."""
    httpserver.expect_request("/").respond_with_data(
        '<link rel="alternate" type="application/rss+xml" href="/feed/">', content_type="text/html"
    )

    url, found = setup_site.discover(f"localhost:{httpserver.port}", lambda _: Http(attempts=1))

    assert (url, found.kind) == (f"http://localhost:{httpserver.port}", "feed")


def test_a_site_that_does_not_answer(tmp_path):
    """Nothing is written when nobody answers; the error is the first one, of https."""
    done = keepfolio("init", str(tmp_path / "p"), "--url", "http://127.0.0.1:1")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("https://b.example/wp-admin/authorize-application.php", ".php?app_name=keepfolio&app_id="),
        ("https://www.b.example/?page=auth", "?page=auth&app_name=keepfolio&app_id="),
    ],
)
def test_the_approve_page(named, expected):
    """WordPress's own page gets our name and an id that stays the same."""
    page = setup_site.approve_page(
        Probe("rest", "https://b.example", application_passwords_url=named), "https://b.example"
    )

    assert page.startswith(named)
    assert expected in page
    assert re.search(r"app_id=[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-", page)


@pytest.mark.parametrize(
    "named",
    [
        "",
        "file:///etc/passwd",
        "javascript://b.example/%0aalert(1)",
        "vscode://b.example/x",
        "https://evil.example/wp-admin/authorize-application.php",
        "https://b.example.evil.example/",
        "https://b.example@evil.example/",
        "https://jane:pw@b.example/",
        "https://b.example:8443/",
        "https://b.example/\x1b]0;x\x07",
        "https://b.example/ --option",
        "https://[b.example/",
        "//b.example/",
        "/wp-admin/authorize-application.php",
    ],
)
def test_only_a_page_at_the_owner_s_own_host_is_opened(named):
    """Whatever a site names as its page, no other program, host or terminal code comes of it."""
    assert (
        setup_site.approve_page(Probe("rest", "https://b.example", application_passwords_url=named), "b.example") == ""
    )


def test_a_foreign_page_is_not_even_shown(monkeypatch, capsys):
    """Without a page to trust, the owner is told where it is in WordPress, and no browser opens."""
    from bridge.cli import init, login

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(login.click, "launch", lambda page: pytest.fail(f"opened {page}"))
    found = Probe("rest", "https://b.example", application_passwords_url="https://evil.example/")
    with init.click.Context(init.init):
        login.approval(setup_site.approve_page(found, "https://b.example"), "https://b.example")

    said = capsys.readouterr().err
    assert "Users > Profile" in said
    assert "evil" not in said


def test_a_feed_becomes_a_source(tmp_path, httpserver):
    """A site with only a feed is read by its feed, and its owner is told where an export is found."""
    httpserver.expect_request("/").respond_with_data(
        '<link rel="alternate" type="application/rss+xml" href="/rss.xml">', content_type="text/html"
    )

    done = keepfolio("init", str(tmp_path / "p"), "--url", httpserver.url_for("/"))

    assert done.returncode == 0, done.stderr
    assert load(tmp_path / "p/config.yaml").sources["blog"].url == httpserver.url_for("/rss.xml")
    assert "Tools > Export" in done.stderr


def test_nothing_to_harvest_is_an_error(tmp_path, httpserver):
    """An address that is neither a WordPress nor a feed makes no folder, unless an export comes with it."""
    httpserver.expect_request("/").respond_with_data("<h1>Hello</h1>", content_type="text/html")
    (tmp_path / "b.xml").write_text(EXPORT)

    done = keepfolio("init", str(tmp_path / "p"), "--url", httpserver.url_for("/"))
    assert done.returncode == 1
    assert not (tmp_path / "p").exists()

    done = keepfolio("init", str(tmp_path / "p"), "--url", httpserver.url_for("/"), "--export", str(tmp_path / "b.xml"))
    assert done.returncode == 0, done.stderr
    assert load(tmp_path / "p/config.yaml").sources["blog"].type == "wordpress-export"


def test_init_without_anybody_to_ask(tmp_path):
    """In a script without a terminal, what is missing is told with the option that gives it."""
    done = keepfolio("init", str(tmp_path / "p"))

    assert done.returncode == 2
    assert "--url" in done.stderr
    assert not (tmp_path / "p").exists()


def test_init_by_options_as_json(tmp_path):
    """Every answer has an option; the result is one JSON value that names what was made and copied."""
    (tmp_path / "b.xml").write_text(EXPORT)

    words = "--renewal --pathway senior --closes 2027-07-31 --owner Jane --export"
    done = keepfolio("--json", "init", str(tmp_path / "p"), *words.split(), str(tmp_path / "b.xml"))

    value = json.loads(done.stdout)
    config = load(tmp_path / "p/config.yaml")
    assert done.stderr == ""
    assert (value["ok"], value["copied"]) == (True, ["exports/b.xml"])
    assert sorted([*value["files"], *value["copied"]]) == files(tmp_path / "p")
    assert (config.owner, config.portfolio.pathway) == ("Jane", "senior")
    assert config.sources["blog"].closes == date(2027, 7, 31)


def test_an_export_is_looked_at_before_anything_is_written(tmp_path):
    """A file that is no export is refused."""
    (tmp_path / "b.xml").write_text("my shopping list")

    done = keepfolio("init", str(tmp_path / "p"), "--export", str(tmp_path / "b.xml"))

    assert done.returncode == 2
    assert "not an export of WordPress, Mahara" in done.stderr
    assert not (tmp_path / "p").exists()


def test_a_slip_in_a_terminal_is_asked_for_again(tmp_path):
    """A name that no site has, and a file that is no export, do not end the questions; config.yaml is not named yet."""
    (tmp_path / "list.txt").write_text("my shopping list")
    (tmp_path / "b.xml").write_text(EXPORT)

    shown = Terminal([*KEEPFOLIO, "init", str(tmp_path / "p")]).answer(
        ("Your name", "Jane"),
        ("address of your blog", "http://127.0.0.1:1"),
        ("address of your blog", str(tmp_path / "list.txt")),
        ("address of your blog", str(tmp_path / "b.xml")),
        ("renewal", "n"),
        ("Which CMALT", "cmalt"),
        ("closes", ""),
    )

    before = shown.partition("Made")[0]  # a long path is wrapped behind the word
    assert before.count("That did not work") == 2
    assert "config.yaml" not in before
    assert load(tmp_path / "p/config.yaml").sources["blog"].type == "wordpress-export"


def rest_without_passwords(httpserver):
    """Serve the root of a WordPress in production at http: no application passwords."""
    api = httpserver.url_for("/wp-json/")
    httpserver.expect_request("/").respond_with_data(
        f'<link rel="https://api.w.org/" href="{api}">', content_type="text/html"
    )
    httpserver.expect_request("/wp-json/").respond_with_json(
        {"name": "B", "url": httpserver.url_for("/"), "namespaces": ["wp/v2"], "authentication": {}}
    )


def test_a_site_without_application_passwords_is_told_before_one_is_sent(tmp_path, httpserver):
    """The cause is http; the ways out are https, the export and what is public; no page is named that is not there."""
    rest_without_passwords(httpserver)

    done = keepfolio(
        *("init", str(tmp_path / "p"), "--url", httpserver.url_for("/"), "--user", "jane"),
        KEEPFOLIO_BLOG_PASSWORD="abcd efgh",
    )

    assert done.returncode == 1
    assert all(word in done.stderr for word in ("over https", "wordpress-export", "public"))
    assert "Users > Profile" not in done.stderr
    assert not any("Authorization" in request.headers for request, _ in httpserver.log)


def test_login_at_a_site_without_application_passwords(tmp_path, httpserver):
    """`login` says so, too, and asks for no password."""
    rest_without_passwords(httpserver)
    setup.write(Answers(url=httpserver.url_for("/"), kind="wordpress", user="jane"), tmp_path / "p", today=TODAY)

    done = keepfolio("login", "blog", "--workspace", str(tmp_path / "p"), given="abcd efgh\n")

    assert done.returncode == 1
    assert "over https" in done.stderr
    assert not any("Authorization" in request.headers for request, _ in httpserver.log)


def test_check_at_a_site_without_application_passwords(tmp_path, httpserver):
    """`check` names the cause and the ways out, and no page of WordPress that is not there."""
    rest_without_passwords(httpserver)
    httpserver.expect_request("/wp-json/wp/v2/users/me").respond_with_json({"code": "rest_not_logged_in"}, status=401)
    setup.write(Answers(url=httpserver.url_for("/"), kind="wordpress", user="jane"), tmp_path / "p", today=TODAY)

    done = keepfolio("check", "blog", "--workspace", str(tmp_path / "p"), KEEPFOLIO_BLOG_PASSWORD="abcd efgh")

    assert done.returncode == 1
    assert all(word in done.stdout for word in ("over https", "wordpress-export", "public"))
    assert "Users > Profile" not in done.stdout


# --- with a real WordPress ------------------------------------------------------------------------------------------


@pytest.mark.server
def test_a_password_from_the_environment_is_tried(tmp_path, wordpress):
    """A good one is used and not stored again; a wrong one stops with nothing written, after one try."""
    words = ("init", str(tmp_path / "p"), "--url", wordpress.url, "--user", "author")
    before = login_requests(wordpress)

    done = keepfolio(*words, KEEPFOLIO_BLOG_PASSWORD="wrong wrong wrong")
    assert done.returncode == 1
    assert "wrong wrong" not in done.stderr
    assert not (tmp_path / "p").exists()
    assert login_requests(wordpress) - before == 1

    done = keepfolio(*words, KEEPFOLIO_BLOG_PASSWORD=wordpress.password("author"))
    assert done.returncode == 0, done.stderr
    assert "Logged in as" in done.stderr
    assert "keepfolio login" not in done.stdout
    assert load(tmp_path / "p/config.yaml").sources["blog"].user == "author"
    assert not secrets.secrets_file().exists()


@pytest.mark.server
@pytest.mark.parametrize(("role", "may"), [("author", False), ("editor", True)])
def test_a_page_is_only_planned_where_the_account_may_make_one(tmp_path, wordpress, role, may):
    """An author gets no target on the site, and is told of the way to paste; an editor gets one."""
    done = keepfolio(
        *("init", str(tmp_path / "p"), "--url", wordpress.url, "--user", role),
        KEEPFOLIO_BLOG_PASSWORD=wordpress.password(role),
    )

    config = load(tmp_path / "p/config.yaml")
    assert ("site" in config.targets) == may
    assert ("--paste" in done.stderr) == (not may)
    assert config.schedule.publish.targets == (("site",) if may else ("preview",))


def login_requests(site) -> int:
    return site.access_log.read_text().count("users/me")


@pytest.mark.server
def test_login_stores_what_works(tmp_path, wordpress):
    """`login` reads the password from a pipe, tries it once, stores it, and lets the source be asked again."""
    keepfolio("init", str(tmp_path / "p"), "--url", wordpress.url, "--user", "author")
    there = ("--workspace", str(tmp_path / "p"))
    from bridge.session import Session
    from bridge.workspace import Workspace

    archive = Session(Workspace(tmp_path / "p")).archive
    archive.remember("blog", parked="refused")

    done = keepfolio("login", "blog", *there, given="wrong wrong\n")
    assert done.returncode == 1
    assert not secrets.secrets_file().exists()

    done = keepfolio("login", "site", *there, given=wordpress.password("author") + "\n")
    assert done.returncode == 0, done.stderr
    assert wordpress.password("author") not in done.stdout + done.stderr
    config = load(tmp_path / "p/config.yaml")
    assert secrets.lookup("blog", "password", config).reveal() == wordpress.password("author")
    assert not Session(Workspace(tmp_path / "p")).archive.sources()["blog"].parked

    done = keepfolio("login", "blog", "--forget", *there)
    assert done.returncode == 0
    assert secrets.lookup("blog", "password", config) is None


@pytest.mark.server
def test_init_in_a_terminal(tmp_path, wordpress):
    """A person answers questions; a password is not shown, a wrong one can be mended, and WordPress's page is named."""
    password = wordpress.password("editor")
    shown = Terminal([*KEEPFOLIO, "init", str(tmp_path / "p")]).answer(
        ("Your name", "Jane Example"),
        ("address of your blog", wordpress.url),
        ("Your user name", "editor"),
        ("Application password", "wrong wrong"),
        ("Application password", password),
        ("renewal", "n"),
        ("Which CMALT", "senior"),
        ("closes", "soon"),
        ("closes", "2027-07-31"),
    )

    config = load(tmp_path / "p/config.yaml")
    assert "authorize-application.php?app_name=keepfolio&app_id=" in shown
    assert "That did not work" in shown
    assert password not in shown
    assert "wrong wrong" not in shown
    assert "Nothing was sent anywhere" in shown
    assert config.owner == "Jane Example"
    assert config.sources["blog"].closes == date(2027, 7, 31)
    assert config.portfolio.pathway == "senior"
    assert secrets.lookup("site", "password", config).reveal() == password


class Terminal:
    """A program at a real terminal (a pty), answered when it asks."""

    def __init__(self, command: list[str]) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, {**os.environ, "TERM": "dumb"})
        self.shown = ""

    def answer(self, *talk: tuple[str, str]) -> str:
        """Wait for each question in turn and type the answer; return all that was shown, to the end."""
        seen = 0
        for question, said in talk:
            while question not in self.shown[seen:] or not self.shown.rstrip(" ").endswith(":"):
                assert self.read(), f"it ended before it asked {question!r}:\n{self.shown}"
            seen = len(self.shown)
            os.write(self.terminal, f"{said}\n".encode())
        while self.read():
            pass
        _, status = os.waitpid(self.pid, 0)
        assert status == 0, self.shown
        os.close(self.terminal)
        return self.shown

    def read(self) -> bool:
        assert select.select([self.terminal], [], [], 60)[0], f"it waits for something else:\n{self.shown}"
        try:
            part = os.read(self.terminal, 65536)
        except OSError:  # Linux says EIO when the other end is closed
            part = b""
        self.shown += part.decode("utf-8", "replace")
        return bool(part)


def test_a_source_without_a_login_needs_none(tmp_path):
    """`login` of a feed, or of a name that is not there, says so."""
    setup.write(Answers(url="https://b.example/feed/", kind="feed"), tmp_path / "p", today=TODAY)
    config = load(tmp_path / "p/config.yaml")

    with pytest.raises(UsageError, match="takes no login"):
        setup_login.needs_login("blog", config)
    with pytest.raises(UsageError, match="it has: blog, preview"):
        setup_login.needs_login("log", config)


def test_a_site_without_a_way_in_does_not_get_the_password(httpserver):
    """Where no login is possible, the password stays here."""
    httpserver.expect_request("/").respond_with_data("<h1>Hello</h1>", content_type="text/html")

    with pytest.raises(SourceUnavailable, match="was not sent"):
        setup_login.try_password(httpserver.url_for("/"), "jane", "hunter2-setup", Http(attempts=1))

    assert not any("Authorization" in request.headers for request, _ in httpserver.log)
