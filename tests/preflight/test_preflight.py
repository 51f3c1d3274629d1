"""The whole preflight, by its command: what a triage would send back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from pytest_httpserver import HTTPServer

from archive.entry import Entry, MediaFile, Visibility
from bridge import releases
from bridge.building import Desk
from bridge.cli import main
from bridge.preflight import findings_for_gaps
from connectors.contract import Receipt
from tests.preflight.test_links import LOGIN, PAGE
from tests.publish.folder import Folder

DAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


def post(url: str = "https://blog.example.org/captions/", **fields: Any) -> Entry:
    known: dict[str, Any] = {
        "keys": (f"guid:{url}",),
        "kind": "post",
        "native_id": "5",
        "title": "A workshop on captions",
        "url": url,
        "status": "publish",
        "visibility": Visibility.PUBLIC,
        "content_html": "<p>It went well.</p>",
    }
    return Entry(**{**known, **fields})


@pytest.fixture
def site(httpserver: HTTPServer) -> str:
    return httpserver.url_for("").rstrip("/")


@pytest.fixture
def jane(tmp_path: Path, site: str) -> Folder:
    """Her blog is the test's server, so that its pages may be asked; all sections are written."""
    folder = Folder(tmp_path / "jane")
    folder.session()
    (folder.root / "config.yaml").write_text(
        "owner: Jane Example\ntimezone: Europe/London\nemails: [jane@example.org]\n"
        "roles:\n  - {title: Technologist, place: Northshire University, from: 2021-09-01}\n"
        f"sources:\n  blog: {{type: wordpress, url: '{site}', user: jane, insecure: true}}\n"
        f"targets:\n  site: {{type: wordpress, url: '{site}', user: jane, insecure: true}}\n"
        "  folder: {type: static, path: site, edition: assessor}\n"
    )
    return folder


def complete(jane: Folder, *, words: str = "I chose it.", evidence: tuple[str, ...] = ()) -> None:
    """Write every section that the pathway asks for, each with the same evidence."""
    desk = jane.desk()
    for section in desk.framework.flat("cmalt"):
        if not section.gathers:
            jane.write(section.id, words, evidence=evidence)
    desk.session.archive.close()


def answer(jane: Folder, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["--workspace", str(jane.root), "preflight", "--json", *words])
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def codes(value: dict[str, Any], severity: str = "error") -> set[str]:
    return {finding["code"] for finding in value["findings"] if finding["severity"] == severity}


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".cache" not in path.parts}


def test_a_whole_portfolio_is_ready_for_triage(jane: Folder, httpserver: HTTPServer, site: str, capsys) -> None:
    """Every section there, every link alive: exit 0, and no promise that it will pass."""
    httpserver.expect_request("/captions/").respond_with_data(PAGE, content_type="text/html")
    complete(jane, evidence=tuple(jane.hold(post(f"{site}/captions/"))))

    code, value = answer(jane, capsys)

    assert (code, value["ready"], codes(value)) == (0, True, set())
    with pytest.raises(SystemExit):
        main(["--workspace", str(jane.root), "preflight", "--offline"])
    said = capsys.readouterr().out
    assert "Ready for triage" in said
    assert "will pass" not in said


def test_a_missing_section_is_named(jane: Folder, capsys) -> None:
    """A hole gives its name, and exit 4: the owner decides."""
    complete(jane)
    (jane.root / "portfolio" / "original" / "3a.md").write_text("---\nsection: 3a\nvisibility: public\n---\n")

    code, value = answer(jane, capsys, "--offline")

    assert code == 4
    assert "3a" in {f["section"] for f in value["findings"] if f["severity"] == "error"}


@pytest.mark.parametrize(
    ("status", "page", "code"), [(404, PAGE, "link-dead"), (200, LOGIN, "link-login"), (401, "", "link-login")]
)
def test_a_link_that_strangers_cannot_open(
    jane: Folder, httpserver: HTTPServer, site: str, capsys, status: int, page: str, code: str
) -> None:
    """Dead, or behind a login: said with its section, and remembered when nobody asks again."""
    httpserver.expect_request("/captions/").respond_with_data(page, status=status, content_type="text/html")
    complete(jane, evidence=tuple(jane.hold(post(f"{site}/captions/"))))

    exit_code, online = answer(jane, capsys)
    asked = len(httpserver.log)
    _, offline = answer(jane, capsys, "--offline")

    assert exit_code == 4
    assert codes(online) == codes(offline) == {code}
    assert asked == len(httpserver.log) == 1
    desk = Desk(jane.session())
    assert code in {finding.code for finding in findings_for_gaps(desk)}
    desk.session.archive.close()


def test_each_address_is_asked_once(jane: Folder, httpserver: HTTPServer, site: str, capsys) -> None:
    """However often it stands on the page, and whichever place of it a link means."""
    httpserver.expect_request("/captions/").respond_with_data(PAGE, content_type="text/html")
    words = f"[One]({site}/captions/#a) and [two]({site}/captions/#b)."
    complete(jane, words=words, evidence=tuple(jane.hold(post(f"{site}/captions/"))))

    _, value = answer(jane, capsys, "--links")

    assert len(httpserver.log) == 1
    assert list(value["links"]) == [f"{site}/captions/"]


def test_a_host_that_fails_alike_is_told_once(jane: Folder, httpserver: HTTPServer, site: str, capsys) -> None:
    """Five dead addresses of one site are one thing to mend, with all the sections that link them."""
    held = [post(f"{site}/{n}/", keys=(f"guid:{n}",)) for n in range(5)]
    httpserver.expect_request("/0/").respond_with_data(PAGE, content_type="text/html")
    for n in range(1, 5):
        httpserver.expect_request(f"/{n}/").respond_with_data("", status=404)
    ids = jane.hold(*held)
    complete(jane, evidence=tuple(ids[:3]))
    jane.write("1b", "I chose.", evidence=tuple(ids[3:]))

    _, value = answer(jane, capsys)

    [dead] = [f for f in value["findings"] if f["code"] == "link-dead"]
    assert "4 addresses of 127.0.0.1" in dead["message"]
    assert "1b" in dead["message"]


def test_a_passing_fault_counts_when_it_does_not_pass(jane: Folder, httpserver: HTTPServer, site: str, capsys) -> None:
    """A site that is down today may be up tomorrow; if it is not, assessors will not get there either."""
    httpserver.expect_request("/captions/").respond_with_data("", status=500)
    complete(jane, evidence=tuple(jane.hold(post(f"{site}/captions/"))))

    with time_machine.travel(DAY, tick=False):
        first = answer(jane, capsys)
    with time_machine.travel(DAY.replace(day=24), tick=False):
        second = answer(jane, capsys)

    assert [first[0], second[0]] == [0, 4]
    assert "failing since 22 November 2026" in json.dumps(second[1])


def test_faults_of_the_page_are_named(jane: Folder, capsys) -> None:
    """A heading with nothing under it, an anchor that leads nowhere, a link that says nothing."""
    complete(jane, words="See [here](#nowhere).\n\n### Next Steps")

    code, value = answer(jane, capsys, "--offline")

    assert code == 4
    assert "anchor-dead" in codes(value)
    assert {"heading-without-content", "link-says-nothing"} <= codes(value, "warning") | codes(value)


def test_a_bundle_that_is_too_large_is_refused(jane: Folder, capsys) -> None:
    """More than the body takes is an error, more than it advises a warning; a proprietary format is pointed out."""
    held = [
        MediaFile(name="slides.pptx", url="f/1", media_type="application/vnd.ms-powerpoint"),
        MediaFile(name="film.mp4", url="f/2", media_type="video/mp4"),
    ]
    data = {"slides.pptx": b"P" * 11_000_000, "film.mp4": b"M" * 16_000_000}
    ids = [
        jane.hold(
            Entry(
                keys=(f"mahara:m.example/artefact{n}",), kind="file", native_id=str(n), title=file.name, files=(file,)
            ),
            files=data,
        )[0]
        for n, file in enumerate(held)
    ]
    complete(jane)
    for number, held_id in enumerate(ids):
        jane.mark(held_id, "assessor")
        jane.write("1a", "I showed it.", evidence=ids[: number + 1])
        _, value = answer(jane, capsys, "--offline")
        assert "format" in codes(value, "warning")
        assert ("large" in codes(value, "warning"), "too-large" in codes(value)) == ((True, False), (False, True))[
            number
        ]
    desk = Desk(jane.session())
    assert {f.item for f in findings_for_gaps(desk) if f.code == "file-large"} == {"slides.pptx", "film.mp4"}
    desk.session.archive.close()


def test_evidence_on_others_sites_is_listed(jane: Folder, capsys) -> None:
    """What is not hosted by the owner may go; a note lists it."""
    elsewhere = post("https://other.example/captions/")
    complete(jane, words="I chose it.", evidence=tuple(jane.hold(elsewhere)))

    _, value = answer(jane, capsys, "--offline")

    [note] = [f for f in value["findings"] if f["code"] == "evidence-outside"]
    assert "https://other.example/captions/" in note["message"]


def test_nothing_is_written_and_no_other_site_is_asked(jane: Folder, httpserver: HTTPServer, site: str, capsys) -> None:
    """Only GET of what the page links; the archive and the owner's files stay as they were."""
    httpserver.expect_request("/captions/").respond_with_data(PAGE, content_type="text/html")
    complete(jane, evidence=tuple(jane.hold(post(f"{site}/captions/"))))
    before = contents(jane.root)

    answer(jane, capsys)

    after = contents(jane.root)
    assert after == before
    assert {(r.method, r.path) for r, _ in httpserver.log} == {("GET", "/captions/")}


def test_open_comments_stand_before_a_resubmission(jane: Folder, capsys) -> None:
    """What assessors asked for and nobody answered is an error once it was referred; their words stay out."""
    complete(jane)
    folder = jane.root / "portfolio" / "original"
    (folder / "comments.yaml").write_text("comments:\n  - {section: 1a, by: Assessor 1, text: Say what you did.}\n")
    _, before = answer(jane, capsys, "--offline")
    path = folder / "generation.yaml"
    path.write_text(path.read_text().replace("state: draft", "state: referred"))
    code, after = answer(jane, capsys, "--offline")

    assert "open-comments" in codes(before, "warning")
    assert (code, "open-comments" in codes(after)) == (4, True)
    assert "Say what you did" not in json.dumps(after)


@pytest.mark.parametrize(("status", "page", "open_"), [(200, PAGE, True), (200, LOGIN, False), (404, "", False)])
def test_the_page_itself_must_be_open_to_strangers(
    jane: Folder, httpserver: HTTPServer, site: str, capsys, status: int, page: str, open_: bool
) -> None:
    """The address that goes into the form is asked, too; only one that answers is called open there."""
    httpserver.expect_request("/my-portfolio/").respond_with_data(page, status=status, content_type="text/html")
    complete(jane)
    session = jane.session()
    receipt = Receipt("page", "page", "12", f"{site}/my-portfolio/", "0" * 64, "0" * 64)
    releases.seal_receipt(session.archive, "site", receipt, release="", at=DAY)
    session.archive.close()

    _, value = answer(jane, capsys, "site")
    _, sheet = answer(jane, capsys, "site", "--form")

    assert ("page-unreachable" in codes(value)) is not open_
    filled = {field["id"]: field["value"] for field in sheet["form"]}
    assert filled["link"] == f"{site}/my-portfolio/"
    assert filled["access-information"] == ("The page is open: no account and no password is needed." if open_ else "")


# --- the form ---------------------------------------------------------------------------------------------------------


def test_the_form_is_filled_from_what_is_known(jane: Folder, site: str, capsys) -> None:
    """Name, organisation, pathway, kind of submission, address; what nobody told is empty and named."""
    complete(jane)
    _, value = answer(jane, capsys, "site", "--form")
    filled = {field["id"]: field["value"] for field in value["form"]}
    assert filled == {
        "name": "Jane Example",
        "email": "jane@example.org",
        "organisation": "Northshire University",
        "pathway": "CMALT",
        "submission-type": "first submission",
        "link": f"{site}/cmalt-portfolio/",
        "access-information": "",
    }
    assert [field["id"] for field in value["form"] if field["missing"]] == ["access-information"]


@pytest.mark.parametrize(("state", "kind"), [("referred", "resubmission"), ("resubmitted", "resubmission")])
def test_the_form_knows_a_resubmission(jane: Folder, capsys, state: str, kind: str) -> None:
    """By what became of the portfolio so far."""
    complete(jane)
    path = jane.root / "portfolio" / "original" / "generation.yaml"
    path.write_text(path.read_text().replace("state: draft", f"state: {state}"))
    _, value = answer(jane, capsys, "--form")
    assert {f["id"]: f["value"] for f in value["form"]}["submission-type"] == kind


def test_the_form_in_a_file(jane: Folder, tmp_path: Path, capsys) -> None:
    """As a sheet to copy from, readable by its owner only."""
    complete(jane)
    answer(jane, capsys, "--form", str(tmp_path / "form.txt"))
    text = (tmp_path / "form.txt").read_text()
    assert "Jane Example" in text
    assert "(empty: name a target" in text
    assert (tmp_path / "form.txt").stat().st_mode & 0o777 == 0o600


def test_the_form_knows_where_a_folder_is_served(jane: Folder, capsys) -> None:
    """``url`` of a static target fills the link; without it the sheet says where to write it."""
    [empty] = [f for f in answer(jane, capsys, "folder", "--form")[1]["form"] if f["id"] == "link"]
    config = jane.root / "config.yaml"
    config.write_text(config.read_text().replace("path: site,", "path: site, url: 'https://jane.example.org/p/',"))
    [full] = [f for f in answer(jane, capsys, "folder", "--form")[1]["form"] if f["id"] == "link"]

    assert (empty["value"], "`url:` under folder" in empty["missing"]) == ("", True)
    assert full["value"] == "https://jane.example.org/p/"


def test_a_served_folder_is_asked_as_a_stranger(jane: Folder, httpserver: HTTPServer, site: str, capsys) -> None:
    """Once something was put there, its address is asked, too: a page that answers nobody stops the hand-in."""
    httpserver.expect_request("/portfolio/").respond_with_data("", status=404)
    config = jane.root / "config.yaml"
    config.write_text(config.read_text().replace("path: site,", f"path: site, url: '{site}/portfolio/',"))
    config.write_text(config.read_text().replace("edition: assessor", "edition: public"))
    complete(jane, evidence=tuple(jane.hold(post(f"{site}/captions/"))))
    jane.publish("folder")

    assert "page-unreachable" in codes(answer(jane, capsys, "folder")[1])
