"""Leaving a VLE: a Moodle by token and by what it hands out, a Blackboard by packages and by WebDAV; no secret stays."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.blackboard.packing import PORTFOLIO, pack
from tests.blackboard.webdav_server import HARD_NAMES, Server, fill, serving
from tests.blackboard.webdav_server import PASSWORD as DAV_PASSWORD
from tests.blackboard.webdav_server import USER as DAV_USER
from tests.bridge.test_setup import Terminal
from tests.journey.owner import ROOT, Owner
from tests.moodle.export_place import rewritten
from tests.moodle.fake import FIXTURES, PASSWORD, PRIVATE, TOKEN, USER_KEY, FakeMoodle, truth

BADGES = FIXTURES / "exports" / "badges.zip"
WRITTEN = re.compile(rb"https:(\\*/)\1vle\.northshire\.example")
"""The recorded site's address in JSON, and in JSON within JSON."""
SECRETS = (PASSWORD, TOKEN, PRIVATE, USER_KEY)


@pytest.fixture
def moodle() -> Iterator[FakeMoodle]:
    site = FakeMoodle()
    yield site
    site.close()


@pytest.fixture
def rowan(new_owner: Callable[[str], Owner], moodle: FakeMoodle) -> Callable[..., Owner]:
    """Make an owner whose one source is the Moodle; ``more`` are further keys of it."""

    def make(**more: object) -> Owner:
        owner = new_owner("rowan")
        source = {"type": "moodle", "url": moodle.url, **more}
        owner.configure(owner="Rowan Ashby", emails=["rashby@northshire.example"], sources={"vle": source})
        return owner

    return make


def piped(owner: Owner, given: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with something on its standard input."""
    return subprocess.run(
        owner.command(*words),
        cwd=owner.folder,
        env={**owner.environment, "PYTHONPATH": str(ROOT)},
        input=given,
        capture_output=True,
        text=True,
    )


def data_request(folder: Path, moodle: FakeMoodle) -> Path:
    """The zip that the site gives on request, as this fake's own."""
    here = moodle.url.encode()
    folder.mkdir(parents=True, exist_ok=True)
    return rewritten(
        folder / "export.zip",
        lambda name, data: (
            WRITTEN.sub(lambda m: here.replace(b"/", m[1]), data) if name.endswith((".json", ".js")) else data
        ),
    )


def held_sha1s(owner: Owner) -> set[str]:
    """The SHA-1 of every file that the archive holds."""
    files = (owner.folder / "archive" / "segments").rglob("*")
    return {hashlib.sha1(path.read_bytes()).hexdigest() for path in files if path.is_file()}


def left_behind(owner: Owner, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    """The secrets that stand anywhere on disk, the place for secrets left out."""
    (owner.state / "secrets.json").unlink(missing_ok=True)
    disk = owner.everything_on_disk()
    return [secret for secret in secrets if secret.encode() in disk]


# --- Moodle ---------------------------------------------------------------------------------------------------------


def test_everything_of_an_account_before_it_closes(new_owner: Callable[[str], Owner], moodle: FakeMoodle) -> None:
    """Address, password, harvest, the zip put beside it: the answer sheet is held, once each, and no secret is left."""
    owner = new_owner("rowan")
    made = owner.run("init", str(owner.folder), "--url", f"{moodle.url}/my/", "--user", "rashby", "--owner", "Rowan")
    assert made.code == 0, made.err
    assert "keepfolio login vle" in made.out

    told = piped(owner, f"{PASSWORD}\n", "login", "vle")
    first = owner.harvest()
    config = (owner.folder / "config.yaml").read_text("utf-8")
    taken = "sources:\n  taken: {type: moodle-export, path: exports/vle}\n"
    (owner.folder / "config.yaml").write_text(config.replace("sources:\n", taken), "utf-8")
    data_request(owner.folder / "exports" / "vle", moodle)
    second = owner.harvest("taken")
    moodle.forget()
    again = owner.harvest("vle")
    loud = owner.run("harvest", "-vv", "--full")

    assert told.returncode == 0, told.stderr
    assert "Logged in as Rowan Ashby." in told.stdout
    assert "12 weeks" in told.stdout
    assert (first["failed"], second["failed"], first["missing"]) == ([], [], [])
    assert [again[what] for what in ("created", "updated", "deleted")] == [0, 0, 0]
    assert again["requests"] <= 20
    assert moodle.bodies == []
    counts, sheet = Counter(entry["kind"] for entry in owner.entries()), truth()["counts"]
    assert counts["post"] == sheet["blog"]
    assert counts["forum-post"] == sheet["forum_posts"]
    assert counts["badge"] == sheet["badges"]
    assert counts["file"] == sheet["private_files"]
    assert counts["submission"] == sheet["assignment_submissions"] + sheet["workshop_submissions"]
    private = {one["sha1"] for one in truth()["private_files"] if one.get("sha1")}
    assert private
    assert private <= held_sha1s(owner)
    said = f"{told.stdout}{told.stderr}{loud.out}{loud.err}{made.out}{made.err}"
    assert not [secret for secret in SECRETS if secret in said]
    assert "server.php" in loud.err
    stored = json.loads((owner.state / "secrets.json").read_text("utf-8"))
    assert list(stored.values()) == [TOKEN]  # neither the password nor the token that opens a browser's session
    owner.verify()
    assert left_behind(owner) == []


def asked_by_login(owner: Owner, moodle: FakeMoodle, *words: str) -> tuple[int, str, str]:
    """Log in as a script does: read the address, open it, give the link back."""
    process = subprocess.Popen(
        owner.command("login", *words),
        cwd=owner.folder,
        env={**owner.environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    seen = ""
    while (found := re.search(r"launch\.php\?\S*passport=(\d+)\S*confirmed=1", seen)) is None:
        line = process.stderr.readline()
        assert line, seen
        seen += line
    out, err = process.communicate(f"{moodle.link(found[1])}\n")
    return process.returncode, out, seen + err


def test_a_browser_hands_a_token_over(rowan: Callable[..., Owner], moodle: FakeMoodle) -> None:
    """The way of single sign-on: steps with this site's own address, a link that answers this question and no other."""
    owner = rowan()

    without = owner.harvest(code=1)
    old = piped(owner, f"{moodle.link('1')}\n", "login", "vle")
    code, out, err = asked_by_login(owner, moodle, "vle")
    report = owner.harvest()

    assert without["error"]["code"] == "missing-secret"
    assert "keepfolio login vle" in without["error"]["mend"]
    assert old.returncode == 2
    assert "answers an older question" in old.stderr
    assert code == 0, err
    assert f"{moodle.url}/admin/tool/mobile/launch.php" in err
    assert f"{moodle.url}/login/index.php" in err
    assert report["created"] > 70
    assert not [secret for secret in SECRETS if secret in out + err + old.stdout + old.stderr]
    assert left_behind(owner) == []


def test_a_cookie_is_as_good(rowan: Callable[..., Owner], moodle: FakeMoodle) -> None:
    """And is not kept: the token that came of it is."""
    owner = rowan()

    told = piped(owner, f"MoodleSession={moodle.cookie}\n", "login", "vle")

    assert told.returncode == 0, told.stderr
    assert TOKEN in (owner.state / "secrets.json").read_text("utf-8")
    assert left_behind(owner, (*SECRETS, moodle.cookie)) == []


def test_a_refused_password_is_sent_once_and_the_browser_named(rowan: Callable[..., Owner], moodle: FakeMoodle) -> None:
    """Moodle does not tell a wrong password from an account of single sign-on, so that way is shown."""
    owner = rowan(user="rashby")

    told = piped(owner, "not-it\n", "login", "vle")

    assert told.returncode == 1
    assert "keepfolio login vle --browser" in told.stderr
    assert [path for _, path, _ in moodle.asked].count("/login/token.php") == 1
    assert asked_by_login(owner, moodle, "vle", "--browser")[0] == 0
    assert owner.harvest()["created"] > 70


def test_check_helps_before_anybody_logged_in(rowan: Callable[..., Owner], moodle: FakeMoodle) -> None:
    """The ways that are open here, and what only a person can do, with this site's addresses; no run is spoilt by it."""
    owner = rowan()

    said = owner.run("check", "vle")
    owner.secrets["KEEPFOLIO_VLE_TOKEN"] = TOKEN

    assert said.code == 1
    for words in ("Hand-over by the browser", "keepfolio login vle", "There is no token for vle", "badges.zip"):
        assert words in said.out
    assert f"{moodle.url}/admin/tool/dataprivacy/mydatarequests.php" in said.out
    assert owner.harvest()["created"] > 70
    assert "The token opens the account of Rowan Ashby." in owner.run("check", "vle").out


def test_a_dead_token_parks_the_source(rowan: Callable[..., Owner], moodle: FakeMoodle) -> None:
    """It is sent once; nothing is lost or marked as deleted, and a new login lets the source go."""
    owner = rowan(user="rashby")
    piped(owner, f"{PASSWORD}\n", "login", "vle")
    owner.harvest()
    held = owner.entries()
    moodle.state = "expired"

    first = owner.harvest(code=1)
    moodle.forget()
    second = owner.harvest(code=1)

    assert (first["error"]["code"], second["error"]["code"]) == ("wrong-token", "parked")
    assert moodle.asked == []
    assert owner.entries() == held
    assert "not asked any more" in owner.run("status").out
    moodle.state = "on"
    assert piped(owner, f"{PASSWORD}\n", "login", "vle").returncode == 0
    assert owner.harvest()["deleted"] == 0


def test_nobody_logs_in_after_the_closing_day(rowan: Callable[..., Owner], moodle: FakeMoodle) -> None:
    """Not one request goes out, for a harvest or for a request of data."""
    owner = rowan(closes="2020-01-01")
    owner.secrets["KEEPFOLIO_VLE_TOKEN"] = TOKEN

    assert owner.harvest(code=4)["error"]["code"] == "closed"
    assert owner.run("harvest", "vle", "--request-export").code == 4
    assert moodle.asked == []


def test_an_old_token_is_at_risk(rowan: Callable[..., Owner], monkeypatch: pytest.MonkeyPatch) -> None:
    """From its tenth week on the door says on which day it ends."""
    from bridge import overview
    from bridge.session import Session
    from bridge.workspace import Workspace

    owner = rowan()
    owner.secrets["KEEPFOLIO_VLE_TOKEN"] = TOKEN
    owner.harvest()
    monkeypatch.setenv("KEEPFOLIO_STATE", str(owner.state))

    def risks(weeks: int) -> list[str]:
        monkeypatch.setattr(overview, "now", lambda: datetime.now(UTC) + timedelta(weeks=weeks))
        return [one for one in overview.at_risk(Session(Workspace(owner.folder))) if "its token has ended" in one]

    assert risks(9) == []
    (risk,) = risks(10)
    ends = datetime.now(UTC) + timedelta(weeks=12)
    assert f"{ends:%B %Y}" in risk
    assert "keepfolio login vle" in risk


@pytest.fixture
def harvested(rowan: Callable[..., Owner]) -> Owner:
    owner = rowan()
    owner.secrets["KEEPFOLIO_VLE_TOKEN"] = TOKEN
    owner.harvest()
    return owner


def test_things_are_called_what_they_are(harvested: Owner) -> None:
    """Forum posts with their forum, attempts with grade and feedback, badges with issuer and day."""
    listed = harvested.run("list").out
    post = next(one for one in harvested.entries("--kind", "forum-post") if one["title"].startswith("Re: "))
    attempt = next(one for one in harvested.entries("--kind", "submission") if "(attempt 2)" in one["title"])
    (badge, *_) = harvested.entries("--kind", "badge")

    def shown(entry: dict) -> str:
        return harvested.run("show", entry["id"]).out

    forum = harvested.ask("show", post["id"])["extra"]["forum"]
    assert f"{post['title']} in {forum}" in listed
    assert re.search(
        r"answers +a post of (another participant|your own), \d+ \w+ \d{4}, [\d,]+ characters", shown(post)
    )
    assert re.search(r"attempt +2\n", shown(attempt))
    assert re.search(r"grade +\S", shown(attempt))
    assert "## Feedback" in shown(attempt)
    assert re.search(r"issued by +\S", shown(badge))
    assert re.search(r"confirmed +\d+ \w+ \d{4}", shown(badge))
    remark = next(one for one in harvested.entries("--kind", "comment") if "Ngozi" in shown(one))
    assert re.search(r"whose +somebody else's words\n", shown(remark))
    assert re.search(r"whose +about you\n", shown(harvested.entries("--kind", "competency")[0]))
    assert "whose" not in shown(post)
    assert "2 rated competencies" in harvested.run("status").out
    harvested.ask("browse")
    pages = "".join(p.read_text("utf-8") for p in (harvested.folder / "archive/browse/entries").rglob("*.html"))
    assert "<dt>Issued by</dt>" in pages
    assert "Evidence of prior learning" in pages


def test_badges_are_told(harvested: Owner) -> None:
    """Whose they are by the owner's addresses, and who confirmed them on which day."""
    rows = harvested.ask("badges")["badges"]

    assert len(rows) == truth()["counts"]["badges"]
    assert {row["recipient"]["mine"] for row in rows} == {True}
    assert all(row["proof"] for row in rows if row["standing"] == "confirmed")
    assert "confirmed" in {row["standing"] for row in rows}


def test_a_picture_of_a_badge_is_called_one(new_owner: Callable[[str], Owner]) -> None:
    """From badges.zip and beside it: what is baked is a claim until its issuer confirms it, and a picture is a picture."""
    owner = new_owner("rowan")
    folder = owner.folder / "exports"
    folder.mkdir()
    shutil.copyfile(BADGES, folder / "badges (1).zip")
    picture = io.BytesIO()
    Image.new("RGB", (9, 9)).save(picture, "PNG")
    (folder / "screenshot.png").write_bytes(picture.getvalue())
    owner.configure(owner="Rowan", sources={"taken": {"type": "moodle-export", "path": "exports"}})
    owner.harvest()

    told = owner.run("badges")
    rows = {row["name"]: row["standing"] for row in owner.ask("badges")["badges"]}

    assert rows.pop("screenshot") == "picture"
    assert set(rows.values()) == {"claimed"}
    assert "a picture only" in told.out
    assert "keepfolio badges --check" in told.out
    owner.ask("browse")
    assert (owner.folder / "archive/browse/kinds").is_dir()
    said = "".join(p.read_text("utf-8") for p in (owner.folder / "archive/browse/entries").rglob("*.html"))
    assert re.findall(r"<h1[^>]*>([^<]+)</h1>\s*<p[^>]*>Picture of a badge", said) == ["screenshot"]


def test_what_others_said_is_not_on_the_page(harvested: Owner) -> None:
    """An attempt that its owner opens goes along without its feedback; nothing else of the account does."""
    attempt = next(one for one in harvested.entries("--kind", "submission") if "(attempt 2)" in one["title"])
    whole = harvested.ask("show", attempt["id"])
    feedback = re.sub(r"<[^>]+>", " ", whole["extra"]["feedback_html"]).split()
    (harvested.folder / "portfolio").mkdir(exist_ok=True)
    harvested.ask("build")  # makes the files for the sections
    harvested.run("cite", "1a", attempt["id"], "--why", "What I handed in")
    harvested.run("mark", attempt["id"], "public")
    place = harvested.folder / "portfolio" / "original" / "1a.md"
    text = place.read_text("utf-8").replace("ready: false", "ready: true")
    place.write_text(re.sub(r"(## \w+\n)", r"\1\nI weighed two tools.\n", text), "utf-8")

    built = harvested.ask("build", "--edition", "public", "--out", str(harvested.folder / "build/open"))

    page = (harvested.folder / "build/open/index.html").read_text("utf-8")
    assert built["evidence"] == 1
    assert whole["title"] in page
    assert len(feedback) > 3
    assert " ".join(feedback[:4]) not in re.sub(r"\s+", " ", page)
    assert "127.0.0.1" not in page
    returned = {one["name"].lower() for one in whole["attachments"] if "feedback" in one["name"].lower()}
    assert not [name for name in returned if name in page.lower()]


# --- the data request -----------------------------------------------------------------------------------------------


def test_the_data_is_asked_for_only_by_a_yes(rowan: Callable[..., Owner], moodle: FakeMoodle) -> None:
    """Nobody at the keyboard, or a no: nothing is asked for. A yes asks once; when it is ready it is fetched."""
    owner = rowan()
    owner.secrets["KEEPFOLIO_VLE_TOKEN"] = TOKEN
    asking = "tool_dataprivacy_create_data_request"

    alone = owner.run("harvest", "vle", "--request-export")
    assert alone.code == 4
    assert owner.run("harvest", "--request-export").code == 2  # which one?
    assert owner.run("harvest", "vle", "--request-export", "--full").code == 2
    assert asking not in {function for _, _, function in moodle.asked}

    command = [
        "env",
        *(f"{k}={v}" for k, v in owner.environment.items() if k.startswith(("KEEPFOLIO", "HOME", "PYTHON"))),
    ]
    command += [f"PYTHONPATH={ROOT}", *owner.command("--workspace", str(owner.folder), "harvest", "vle")]
    shown = Terminal([*command, "--request-export"]).answer(("Ask for it?", "y"))
    assert "may take days" in shown
    assert asking in {function for _, _, function in moodle.asked}
    assert "Run this again later" in shown or "Saved " in shown


def test_what_is_ready_is_fetched(rowan: Callable[..., Owner], moodle: FakeMoodle) -> None:
    """Without a question, for nothing is asked of anybody; the zip is the one that a harvest then reads."""
    owner = rowan()
    owner.secrets["KEEPFOLIO_VLE_TOKEN"] = TOKEN
    moodle.data_requests = [moodle.data_request]
    data = data_request(owner.folder.parent / "there", moodle).read_bytes()
    address = f"/pluginfile.php/12/tool_dataprivacy/export/{moodle.data_request['id']}/export.zip"
    moodle.files[address] = (data, "application/zip")

    saved = owner.ask("harvest", "vle", "--request-export")["export"]

    assert saved["asked"] is False
    path = Path(saved["path"])
    assert path.parent == owner.folder / "exports" / "vle"
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o077 == 0
    moodle.forget()
    assert "exports/vle" in owner.run("harvest", "vle", "--request-export").out
    assert not [one for _, one, _ in moodle.asked if one.endswith(".zip")]  # it is here already


# --- Blackboard -----------------------------------------------------------------------------------------------------


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Server]:
    root = tmp_path / "collection"
    root.mkdir()
    fill(root)
    with serving(root) as server:
        yield server


def test_a_content_collection_by_webdav(new_owner: Callable[[str], Owner], collection: Server) -> None:
    """Login tried once, every name right, what a page links to fetched; the password is nowhere but with the secrets."""
    owner = new_owner("rowan")
    part = {"type": "blackboard", "url": collection.url, "user": DAV_USER}
    owner.configure(owner="Rowan Ashby", sources={"elp": part})

    before = owner.run("check", "elp")
    wrong = piped(owner, "not-it\n", "login", "elp")
    told = piped(owner, f"{DAV_PASSWORD}\n", "login", "elp")
    report = owner.harvest()
    again = owner.harvest()
    checked = owner.run("check", "elp")

    assert "There is no password for elp" in before.out
    assert "Open each one and save or print it" in before.out
    assert wrong.returncode == 1
    assert told.returncode == 0, told.stderr
    assert report["failed"] == []
    assert {one["title"] for one in owner.entries("--kind", "file")} == set(HARD_NAMES)
    assert again["created"] == 0
    assert f"{collection.url}/ultra/" in checked.out  # the list of what only a person can take out
    said = f"{wrong.stderr}{told.stdout}{told.stderr}{checked.out}{checked.err}"
    assert DAV_PASSWORD not in said
    owner.verify()
    assert left_behind(owner, (DAV_PASSWORD,)) == []


def test_an_address_and_a_package(new_owner: Callable[[str], Owner], tmp_path: Path) -> None:
    """`init` knows a Blackboard by its address, and takes a package beside it; nothing is asked of the network."""
    owner = new_owner("rowan")
    package = pack(tmp_path / "Portfolio.zip", PORTFOLIO)

    made = owner.run(
        *("init", str(owner.folder), "--url", "https://elp.northshire.example/ultra/course", "--export", str(package))
    )
    report = owner.harvest()

    assert made.code == 0, made.err
    config = (owner.folder / "config.yaml").read_text("utf-8")
    assert "type: blackboard-export" in config
    assert '"https://elp.northshire.example"' in config
    assert report["created"] > 3
    assert "https://elp.northshire.example/ultra/" in owner.run("check", "vle").out


def test_links_that_will_vanish_are_told_and_fetched(new_owner: Callable[[str], Owner], collection: Server) -> None:
    """A post that links into a Content Collection: named by gaps and at risk; --linked takes what answers strangers."""
    owner = new_owner("rowan")
    collection.before = lambda _, path: (
        ("200 OK", [("Content-Type", "application/pdf")], b"%PDF-1.4 mine") if path.endswith("open.pdf") else None
    )
    url = f"{collection.url}/bbcswebdav"
    posts = owner.folder / "exports" / "taken"
    page = f'<p>My <a href="{url}/xid-1/open.pdf">plan</a> and <a href="{url}/users/x/shut.pdf">notes</a>.</p>'
    pack(posts / "Portfolio.zip", {"index.html": page.encode(), "a/b.txt": b"b"})
    owner.configure(
        sources={
            "taken": {"type": "blackboard-export", "path": "exports/taken"},
            "elp": {"type": "blackboard", "url": collection.url, "user": DAV_USER},
        }
    )
    owner.ask("harvest", "taken")

    findings = [one for one in owner.ask("gaps")["findings"] if one["code"] == "will-vanish"]
    risk = next(one for one in owner.ask("status")["at_risk"] if "Blackboard" in one)
    done = owner.ask("harvest", "--linked", code=3)["linked"]
    left = [one for one in owner.ask("gaps")["findings"] if one["code"] == "will-vanish"]

    assert {one["mend"] for one in findings} == {"Run: keepfolio harvest --linked"}
    assert len(findings) == 2
    assert risk.startswith("2 files in Blackboard")
    assert {one["url"].rpartition("/")[2]: one["state"] for one in done} == {
        "open.pdf": "kept",
        "shut.pdf": "needs-login",
    }
    assert len(left) == 1
    assert owner.run("harvest", "taken", "--linked").code == 2
    owner.verify()
