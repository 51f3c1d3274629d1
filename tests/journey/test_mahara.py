"""Leaving a Mahara: with an export that the owner took, and with one that keepfolio fetches; nothing gets lost or out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.journey.owner import ROOT, Owner, sha256
from tests.mahara.fake import FakeMahara

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mahara"
FIRST, LATER = FIXTURES / "sam-all-2210.zip", FIXTURES / "sam-all-later-newns.zip"
BASELINE, AFTERWARDS = json.loads((FIXTURES / "truth-sam.json").read_text(encoding="utf-8")).values()


@pytest.fixture
def sam(new_owner: Callable[[str], Owner]) -> Owner:
    """A leaver who named her export to `init`, and nothing else."""
    owner = new_owner("sam")
    made = owner.run("init", str(owner.folder), "--export", str(FIRST), "--owner", "Sam Morgan")
    assert made.code == 0, made.err
    return owner


def in_exports(owner: Owner) -> Path:
    return owner.folder / "exports" / "mahara"


def by_number(owner: Owner, *words: str) -> dict[str, dict]:
    return {entry["native_id"]: entry for entry in owner.entries(*words)}


def expected(truth: dict) -> dict[str, int]:
    """Counts by kind that are read from the site's database."""
    counts = {"journal": "journals", "journal-entry": "entries", "file": "files", "folder": "folders"}
    counts |= {"page": "pages", "collection": "collections", "plan": "plans"}
    artefacts = {"task": "task", "note": "html", "comment": "comment", "annotation": "annotation"}
    return {kind: len(truth[name]) for kind, name in counts.items()} | {
        kind: truth["artefact_counts"][name] for kind, name in artefacts.items()
    }


def test_everything_of_an_export_is_held_and_a_second_harvest_takes_nothing(sam: Owner) -> None:
    """Counts, tags, drafts and bytes are those of the database; what no export holds is said; then nothing is new."""
    report = sam.harvest()
    entries = by_number(sam)
    second = sam.harvest()

    counts = Counter(entry["kind"] for entry in entries.values())
    assert {kind: counts[kind] for kind in expected(BASELINE)} == expected(BASELINE)
    assert report["created"] == len(entries)
    assert (report["failed"], report["missing"]) == ([], [])
    assert report["promised"] == report["held"]
    for truth in BASELINE["entries"]:
        entry = entries[f"artefact{truth['id']}"]
        assert (entry["title"], sorted(entry["tags"])) == (truth["title"], sorted(truth["tags"]))
        assert (entry["status"] == "draft") == (not truth["published"])
        assert entry["published"] == truth["created"] + "Z"
    assert {entry["visibility"] for entry in entries.values()} == {"private"}
    with zipfile.ZipFile(FIRST) as export:
        lying = {sha256(export.read(name)) for name in export.namelist() if name.startswith("export_info/files/")}
    held = [digest for entry in entries.values() if entry["kind"] == "file" for digest in entry["sha256"]]
    assert len(held) == len(BASELINE["files"])
    assert set(held) <= lying
    assert any("forums" in note for note in report["notes"])
    assert [second[what] for what in ("created", "updated", "deleted", "requests", "notes")] == [0, 0, 0, 0, []]
    sam.verify()


def test_a_later_export_brings_exactly_what_changed(sam: Owner) -> None:
    """Dropped beside the first, under whatever name: what is new, changed and gone, though its XML differs throughout."""
    sam.harvest()
    shutil.copyfile(LATER, in_exports(sam) / "again (1).zip")

    report = sam.harvest()

    assert [report[what] for what in ("failed", "missing")] == [[], []]
    entries, gone = by_number(sam), by_number(sam, "--deleted")
    assert set(gone) == {"artefact91", "artefact50"}
    assert {"artefact702", "artefact701", "view78"} <= set(entries)
    assert report["deleted"] == 2
    assert entries["artefact85"]["title"] != "H5P workshop for nursing staff"
    assert "cmalt-3b" in entries["artefact86"]["tags"]
    assert entries["artefact87"]["status"] == "publish"
    counts = Counter(entry["kind"] for entry in entries.values())
    assert {kind: counts[kind] for kind in expected(AFTERWARDS)} == expected(AFTERWARDS)
    assert sam.harvest()["updated"] == 0
    sam.verify()


def test_a_part_of_an_account_never_stands_for_all_of_it(sam: Owner) -> None:
    """An export of one collection, or of one page, deletes nothing and changes nothing."""
    sam.harvest()
    for name in ("sam-collection1-2210.zip", "sam-view9-nocomments-2210.zip"):
        shutil.copyfile(FIXTURES / name, in_exports(sam) / name)

    report = sam.harvest()

    assert [report[what] for what in ("created", "updated", "deleted")] == [0, 0, 0]


def opened_1a(sam: Owner) -> None:
    """Let the section 1a be ready and public, with a few words."""
    place = sam.folder / "portfolio" / "original" / "1a.md"
    text = place.read_text(encoding="utf-8").replace("ready: false", "ready: true")
    place.write_text(re.sub(r"(## \w+\n)", r"\1\nI weighed two tools.\n", text), encoding="utf-8")


def test_the_page_shows_what_the_owner_opened_and_nothing_else(sam: Owner) -> None:
    """Tags cite; a journal entry goes along with its picture once it is marked, the private ones stay at home."""
    sam.harvest()
    opened_1a(sam)
    closed = sam.ask("build", "--edition", "public", "--out", str(sam.folder / "build/closed"))
    sam.ask("mark", "Accessibility webinar", "public")

    built = sam.ask("build", "--edition", "public", "--out", str(sam.folder / "build/open"))
    own = sam.ask("build", "--edition", "private", "--out", str(sam.folder / "build/own"))

    assert (closed["evidence"], closed["figures"]) == (0, 0)
    assert built["evidence"] == 1
    page = (sam.folder / "build/open/index.html").read_text(encoding="utf-8")
    assert "accessible VLE design" in page
    assert re.search(r'<img src="files/kf-\w+-webinar-screenshot\.png" alt="Webinar screenshot"', page)
    assert "127.0.0.1" not in page  # not an address of the Mahara: strangers are not let in there
    shown = {path.name[12:] for path in (sam.folder / "build/open/files").iterdir()}
    assert shown == {"webinar-screenshot.png", "certificate-accessibility.png"}
    private = [e for e in sam.entries("--tag", "cmalt-1a") if e["title"] != "Accessibility webinar"]
    assert private
    assert not [entry for entry in private if entry["title"] in page]
    assert {left["id"] for left in built["left_out"] if left["why"] == "it is private"} >= {e["id"] for e in private}
    assert own["evidence"] > 10


def test_a_tag_on_a_folder_is_told_and_comments_are_no_evidence(sam: Owner) -> None:
    """What others said is never cited by a tag; a tag of the owner's that only a plan and its like carry is named."""
    (sam.folder / "portfolio" / "tags.yaml").write_text("cite: {3b: [cpd]}\n", encoding="utf-8")
    sam.harvest()

    findings = [f for f in sam.ask("gaps", code=0)["findings"] if f["code"] == "tag-on-container"]

    assert {re.search("“(.*?)”", f["message"])[1] for f in findings} == {
        "CPD evidence",
        "Certificates",
        "CPD journal",
        "CMALT renewal 2025",
    }
    draft = sam.ask("build", "--edition", "private", "--out", str(sam.folder / "build/own"))
    cited = (sam.folder / "build/own/index.html").read_text(encoding="utf-8")
    assert draft["evidence"]
    assert "Imported feedback" not in cited


def test_it_can_be_read_and_leave_again(sam: Owner, tmp_path: Path) -> None:
    """As pages and as Markdown: folders and collections hold what they hold, pictures are those of the archive."""
    sam.harvest()

    sam.ask("browse")
    sam.ask("export", "markdown", str(tmp_path / "notes"))
    blog = sam.run("export", "wxr", str(tmp_path / "blog"))

    entry = (tmp_path / "notes" / one(tmp_path / "notes", "*-accessibility-webinar-*.md")).read_text(encoding="utf-8")
    assert re.search(r"!\[Webinar screenshot\]\(\.\./\.\./media/\d+/\w+-webinar-screenshot\.png\)", entry)
    folder = (tmp_path / "notes" / one(tmp_path / "notes", "*-cpd-evidence-*.md")).read_text(encoding="utf-8")
    assert [line[:8] for line in folder.partition("## In it\n\n")[2].splitlines()][:2] == ["- [2024]", "- [h5p-p"]
    plan = (tmp_path / "notes" / "plans" / one(tmp_path / "notes/plans", "*-cmalt-renewal-*.md")).read_text("utf-8")
    assert re.findall(r"- \[(.*?)\]", plan) == [
        "Collect evidence for 1a",
        "Write future plans section",
        "Submit",
    ]
    pages = sam.folder / "archive" / "browse" / "entries"
    assert "segments/" in (pages / one(pages, "*/accessibility-webinar-*.html")).read_text(encoding="utf-8")
    assert re.search(r"In it:\n +folder +2024\n", sam.run("show", "CPD evidence").out)
    collection = min(pages.glob("*/cmalt-renewal-2025-*.html"), key=lambda path: "Plan" in path.read_text("utf-8"))
    assert "1a Constraints and benefits" in collection.read_text(encoding="utf-8").partition("In it")[2]
    assert "Left out: " in blog.err + blog.out
    sam.verify()


def one(root: Path, pattern: str) -> Path:
    (found,) = root.rglob(pattern)
    return found.relative_to(root)


def closing(owner: Owner, day: str) -> None:
    config = owner.folder / "config.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("    type: mahara-export\n", f"    type: mahara-export\n    closes: {day}\n"))


def test_an_export_is_read_after_the_account_closed(sam: Owner) -> None:
    """The day is for logging in: what lies here already is read at any time, and nothing more can be lost there."""
    closing(sam, "2020-01-01")

    assert sam.harvest()["created"] > 0
    assert sam.ask("status")["at_risk"] == []


def test_a_last_export_is_asked_for_before_the_day(sam: Owner) -> None:
    """Until the account closes, what is new there stands at risk."""
    sam.harvest()
    closing(sam, "2999-01-01")

    (risk,) = sam.ask("status")["at_risk"]

    assert "take a last export before then" in risk


def test_check_prints_the_clicks(sam: Owner) -> None:
    """Where a new export is made, by its address, and where to put it."""
    said = sam.run("check", "mahara")

    assert said.code == 0
    assert "http://127.0.0.1:8088/export/index.php" in said.out
    assert str(in_exports(sam)) in said.out


# --- a live one -----------------------------------------------------------------------------------------------------


@pytest.fixture
def mahara() -> Iterator[FakeMahara]:
    running = FakeMahara(FIRST)
    yield running
    running.close()


@pytest.fixture
def leaver(new_owner: Callable[[str], Owner], mahara: FakeMahara) -> Callable[..., Owner]:
    """Make an owner whose one source is the site; ``more`` are further keys of it."""

    def make(**more: object) -> Owner:
        owner = new_owner("leaver")
        source = {"type": "mahara", "url": mahara.url, **({} if "sso" in more else {"user": mahara.user}), **more}
        owner.configure(owner="Sam Morgan", timezone="Europe/London", sources={"mahara": source})
        return owner

    return make


def piped(owner: Owner, given: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with something on its standard input."""
    environment = {**owner.environment, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        owner.command(*words), cwd=owner.folder, env=environment, input=given, capture_output=True, text=True
    )


def test_logging_in_and_taking_everything(leaver: Callable[..., Owner], mahara: FakeMahara) -> None:
    """A password is tried at once; a harvest then holds what the same export dropped would give, and leaves no secret."""
    owner = leaver()

    told = piped(owner, f"{mahara.password}\n", "login", "mahara")
    first = owner.harvest()
    second = owner.harvest()
    loud = owner.run("harvest", "-vv", "--full")

    assert told.returncode == 0, told.stderr
    assert "Logged in as sam.morgan" in told.stdout
    assert mahara.password not in told.stdout + told.stderr
    counts = Counter(entry["kind"] for entry in owner.entries())
    assert {kind: counts[kind] for kind in expected(BASELINE)} == expected(BASELINE)
    assert (first["failed"], first["missing"]) == ([], [])
    assert [second[what] for what in ("created", "updated", "deleted")] == [0, 0, 0]
    secrets_file = owner.state / "secrets.json"
    assert mahara.password in secrets_file.read_text(encoding="utf-8")
    secrets_file.unlink()
    left = owner.everything_on_disk() + (loud.out + loud.err).encode()
    keys = [login.sesskey for login in mahara.sessions.values()]
    assert "download.php" in loud.err
    assert not [secret for secret in (mahara.password, *mahara.sessions, *keys) if secret.encode() in left]
    owner.verify()


def test_what_the_site_deleted_is_not_at_risk_though_an_old_export_promises_it(
    leaver: Callable[..., Owner], mahara: FakeMahara
) -> None:
    """Taken once by hand, and harvested from the site since: what went there is held, marked as deleted."""
    owner = leaver()
    owner.secrets["KEEPFOLIO_MAHARA_PASSWORD"] = mahara.password
    config = yaml.safe_load((owner.folder / "config.yaml").read_text(encoding="utf-8"))
    config["sources"]["taken"] = {"type": "mahara-export", "path": str(FIRST)}
    owner.configure(**config)
    owner.ask("harvest")
    mahara.archive = LATER

    first, second = owner.ask("harvest")["sources"], owner.ask("harvest")["sources"]

    assert sum(report["deleted"] for report in first) == 2
    assert [report["missing"] for report in (*first, *second)] == [[]] * 4
    assert set(by_number(owner, "--deleted")) == {"artefact91", "artefact50"}
    assert owner.ask("status")["at_risk"] == []


def test_a_note_is_said_once(leaver: Callable[..., Owner], mahara: FakeMahara) -> None:
    """What a site says of each export anew, its owner need not read every night; with -v she may."""
    owner = leaver()
    owner.secrets["KEEPFOLIO_MAHARA_PASSWORD"] = mahara.password
    mahara.status = "Export generated with some errors."

    first, second, third = owner.run("harvest"), owner.run("harvest"), owner.run("harvest", "-v")

    said = [re.findall("Note: .*some errors", answer.out) for answer in (first, second, third)]
    assert [len(found) for found in said] == [1, 0, 1]
    assert "1 note as after the last harvest" in second.out


def test_a_wrong_password_is_tried_once(leaver: Callable[..., Owner], mahara: FakeMahara) -> None:
    """It parks the source: five wrong ones would lock the account. `login` with the right one lets it go."""
    owner = leaver()
    owner.secrets["KEEPFOLIO_MAHARA_PASSWORD"] = "not-it"

    first, second = (owner.harvest(code=1) for _ in range(2))

    assert (first["error"]["code"], second["error"]["code"]) == ("wrong-password", "parked")
    for _ in range(5):  # another command that looks at everything
        assert "refused before" in owner.run("check").out
    assert mahara.tries == 1
    del owner.secrets["KEEPFOLIO_MAHARA_PASSWORD"]
    assert piped(owner, "still-not-it\n", "login", "mahara").returncode == 1
    assert mahara.tries == 2
    assert piped(owner, f"{mahara.password}\n", "login", "mahara").returncode == 0
    assert owner.harvest()["created"] > 0


def test_nobody_logs_in_after_the_closing_day(leaver: Callable[..., Owner], mahara: FakeMahara) -> None:
    """Not one request goes out."""
    owner = leaver(closes="2020-01-01")
    owner.secrets["KEEPFOLIO_MAHARA_PASSWORD"] = mahara.password

    report = owner.harvest(code=4)

    checked = owner.ask("check", "mahara")["findings"]
    told = piped(owner, f"{mahara.password}\n", "login", "mahara")

    assert report["error"]["code"] == "closed"
    assert [f["code"] for f in checked] == ["closed"]
    assert told.returncode == 4
    assert "closed on 1 January 2020" in told.stderr
    assert mahara.asked == []


def test_a_browser_s_login_is_taken_over(leaver: Callable[..., Owner], mahara: FakeMahara) -> None:
    """Cookie and User-Agent come in by two lines, are tried with a page, and stand nowhere but with the secrets."""
    browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    cookie = mahara.browser(browser)
    owner = leaver(sso=True)

    without = owner.harvest(code=1)
    told = piped(owner, f"mahara={cookie}\n{browser}\n", "login", "mahara")
    report = owner.harvest()

    assert without["error"]["code"] == "missing-secret"
    assert "keepfolio login mahara" in without["error"]["mend"]
    assert told.returncode == 0, told.stderr
    assert "navigator.userAgent" in told.stderr
    assert cookie not in told.stdout + told.stderr
    assert report["created"] > 0
    assert mahara.forms.get("", []) == []  # no password was sent: there is none
    (owner.state / "secrets.json").unlink()
    assert cookie.encode() not in owner.everything_on_disk()


def test_a_cookie_alone_is_refused(leaver: Callable[..., Owner], mahara: FakeMahara) -> None:
    """With another User-Agent the site would end the browser's own session, so nothing is sent without it."""
    cookie = mahara.browser("Mozilla/5.0 (X11)")
    owner = leaver(sso=True)

    told = piped(owner, f"mahara={cookie}\n", "login", "mahara")

    assert told.returncode == 2
    assert cookie not in told.stdout + told.stderr
    assert mahara.asked == []
    assert cookie in mahara.sessions
