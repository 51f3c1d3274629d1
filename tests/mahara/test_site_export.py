"""Driving the export of a Mahara, in each of the ways in which one works or fails."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.contract import Checkpoint, FileGone, Found, Note, SourceUnavailable
from connectors.mahara import making, watching
from connectors.mahara.site import QUEUE_KEPT, ZIP_KEPT
from tests.mahara.account import Account
from tests.mahara.fake import FakeMahara
from tests.mahara.fake.server import BAD
from tests.mahara.place import ALL, FIXTURES, LEAP_ONLY

FORM = "export/index.php"


@pytest.fixture
def sam(tmp_path: Path) -> Iterator[Account]:
    account = Account(tmp_path)
    yield account
    account.close()


def failed(sam: Account) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        sam.harvest()
    return caught.value


# --- made while we wait ----------------------------------------------------------------------------------------------


def test_everything_is_asked_for(sam: Account):
    """All data, with public and private feedback."""
    sam.harvest()
    asked = sam.mahara.forms[FORM][0]
    assert {name: asked.get(name) for name in ("what", "includefeedback", "includeprivatefeedback")} == {
        "what": "all",
        "includefeedback": "on",
        "includeprivatefeedback": "on",
    }


def test_a_harvest_is_six_requests(sam: Account):
    """What it is, the login, the form, its sending, the making, the zip."""
    sam.harvest()
    assert [line.partition("?")[0] for line in sam.mahara.asked] == [
        "GET module/mobileapi/json/info.php",
        "POST ",
        f"GET {FORM}",
        f"POST {FORM}",
        "POST export/download.php",
        "GET export/download.php",
    ]


def test_progress_is_shown_while_it_is_made(sam: Account):
    """The site is asked from beside, with the same session."""
    sam.mahara.looks = 4
    sam.harvest()
    percents = list(dict.fromkeys(one.percent for one in sam.waited if "HTML" in one.what))
    assert percents == [0, 25, 50, 75]


@pytest.mark.parametrize("status", [502, 504])
def test_a_proxy_that_gives_up_does_not_end_the_harvest(sam: Account, status: int):
    """The server goes on: the zip is found by the moment at which it was begun."""
    sam.mahara.gateway = status
    assert sam.harvest().created
    assert sam.mahara.made() == 1


def test_an_export_that_is_not_found_again_is_told(sam: Account, monkeypatch: pytest.MonkeyPatch):
    """With the ways on that are left."""
    monkeypatch.setattr(watching, "STILL", 3)
    sam.mahara.gateway, sam.mahara.gone = 504, True
    error = failed(sam)
    assert error.code == "export-lost"
    assert "mahara-export" in error.mend
    assert sam.mahara.made() == 1


def test_errors_that_the_site_admits_are_passed_on(sam: Account):
    """As a hint: what is missing is found by comparing."""
    sam.mahara.status = BAD
    report = sam.harvest()
    assert any(BAD in note for note in report.notes)
    assert report.created


def test_no_error_and_no_zip_is_a_failure(sam: Account):
    """Mahara says ``"error": false`` then too."""
    sam.mahara.nothing_made = "Failed to zip the export file"
    error = failed(sam)
    assert error.code == "export-failed"
    assert sam.mahara.nothing_made in error.message


def test_a_crash_answered_with_200_is_a_failure(sam: Account):
    """A fatal error of PHP is a page of HTML like any other."""
    sam.mahara.crash = True
    assert failed(sam).code == "export-failed"


def test_a_zip_at_another_host_is_refused(sam: Account):
    """Nothing is asked there: the cookie would go along."""
    other = FakeMahara(FIXTURES / ALL)
    try:
        sam.mahara.elsewhere = other.url
        assert failed(sam).code == "elsewhere"
        assert other.asked == []
    finally:
        other.close()


@pytest.mark.parametrize("version", ["20.04", "19.10"])
def test_older_forms_work(sam: Account, version: str):
    """An answer into a frame, whose script names the zip; and a choice of formats before that."""
    sam.mahara.version = version
    assert len(sam.harvest().created) == len(sam.shelf.entries) > 90
    assert sam.mahara.forms[FORM][0].get("format") == ("leap" if version == "19.10" else None)


def test_the_owner_can_stop_while_it_is_made(sam: Account):
    """Without waiting for the server, and without an error."""
    sam.mahara.looks = 2
    stopped = threading.Event()
    shown = []
    for one in sam.source(stop=stopped.is_set).harvest(sam.shelf):
        shown.append(one)
        stopped.set()
    assert len(shown) == 1
    assert sam.mahara.asked[-1].startswith("POST")


# --- the zip ----------------------------------------------------------------------------------------------------------


def test_a_cut_download_goes_on_where_it_was(sam: Account):
    """Byte for byte, in the same run."""
    sam.mahara.cut_zip = [100_000, 300_000]
    assert sam.harvest().created
    assert sum("download.php?file=" in line for line in sam.mahara.asked) == 3


def test_a_download_that_failed_is_taken_up_by_the_next_run(sam: Account):
    """The site keeps the zip: it does not make another one."""
    sam.mahara.cut_zip = [1000] * 50
    assert failed(sam).code == "cut"
    sam.mahara.cut_zip = []
    assert sam.harvest().created
    assert sam.mahara.made() == 1
    assert "zip" not in sam.shelf.cursor


@pytest.mark.parametrize("why", ["old", "gone"])
def test_a_zip_that_is_old_or_gone_is_made_anew(sam: Account, why: str):
    """After six hours it says too little; after a day the site throws it away."""
    sam.mahara.cut_zip = [1000] * 50
    failed(sam)
    sam.mahara.cut_zip = []
    if why == "old":
        sam.later = ZIP_KEPT
    else:
        sam.mahara.zips.clear()
    made = sam.mahara.made()
    assert sam.harvest().created
    assert sam.mahara.made() == made + 1


def test_a_harvest_that_was_completed_asks_for_a_new_export(sam: Account):
    """Else nothing new would ever be seen."""
    sam.harvest()
    sam.harvest()
    assert sam.mahara.made() == 2


def test_a_zip_that_cannot_be_read_is_not_taken_twice(sam: Account, tmp_path: Path):
    """Only a new one mends it."""
    broken = tmp_path / "broken.zip"
    broken.write_bytes(sam.mahara.archive.read_bytes()[:200_000])
    sam.mahara.archive = broken
    assert failed(sam).mend.startswith("Run the command again")
    sam.mahara.archive = sam.mahara.originals
    assert sam.harvest().created
    assert sam.mahara.made() == 2


def test_a_deletion_is_proved_by_the_next_export(sam: Account):
    """What it has no more is gone, feedback too: it is always asked for."""
    sam.harvest()
    sam.mahara.archive = FIXTURES / "sam-all-later-newns.zip"
    assert {(entry.kind, entry.native_id) for entry in sam.harvest().gone} == {
        ("journal-entry", "artefact91"),
        ("file", "artefact50"),
    }


def test_feedback_that_vanished_is_gone(sam: Account):
    """All of it is asked for, so an export without any proves that there is none."""
    sam.harvest()
    sam.mahara.archive = FIXTURES / LEAP_ONLY
    assert Counter(entry.kind for entry in sam.harvest().gone)["comment"] == 5


def test_an_old_form_proves_nothing_of_feedback(sam: Account):
    """It cannot be asked for private feedback: what an export lacks of it may still be there."""
    sam.harvest()
    sam.mahara.version, sam.mahara.archive = "20.04", FIXTURES / LEAP_ONLY
    assert Counter(entry.kind for entry in sam.harvest().gone)["comment"] == 0


def test_a_harvest_that_was_killed_reads_the_same_zip_again(sam: Account):
    """After some of it was kept, too."""
    cursors = []
    for one in sam.source().harvest(sam.shelf):
        if isinstance(one, Checkpoint):
            cursors.append(dict(one.cursor))
        if len(cursors) == 2:
            break
    sam.shelf.cursor = cursors[-1]
    assert sam.harvest().created
    assert sam.mahara.made() == 1


# --- files that the export lacks --------------------------------------------------------------------------------------


def test_a_file_that_the_export_lacks_is_asked_of_the_site(sam: Account, tmp_path: Path):
    """Mahara leaves out what it cannot copy, and may still hold it; a page of HTML that was uploaded is a file too."""
    sam.without(tmp_path, "34")
    source = sam.source()
    sam.shelf.harvest(source)
    entry = sam.shelf.of("file")["artefact34"]
    with source.open(entry.files[0]) as stream:
        found = sam.mahara.file("34")
        assert found is not None
        assert stream.read() == found[1]


def test_a_file_that_the_site_lacks_too_is_gone(sam: Account, tmp_path: Path):
    """With a mend; and the others still come."""
    sam.without(tmp_path, "34")
    sam.mahara.lost_files = {"34"}
    source = sam.source()
    sam.shelf.harvest(source)
    with pytest.raises(FileGone) as caught:
        source.open(sam.shelf.of("file")["artefact34"].files[0])
    assert caught.value.mend


def test_a_page_in_its_place_is_no_file(sam: Account, tmp_path: Path):
    """Whatever it says, it is not what was uploaded."""
    sam.without(tmp_path, "34")
    sam.mahara.page_instead = True
    source = sam.source()
    sam.shelf.harvest(source)
    with pytest.raises(FileGone):
        source.open(sam.shelf.of("file")["artefact34"].files[0])


def test_a_file_is_not_gone_because_the_session_is(sam: Account, tmp_path: Path):
    """It is asked for again in the next run."""
    sam.without(tmp_path, "34")
    source = sam.source()
    sam.shelf.harvest(source)
    sam.mahara.sessions.clear()
    with pytest.raises(SourceUnavailable) as caught:
        source.open(sam.shelf.of("file")["artefact34"].files[0])
    assert caught.value.code == "session-lost"


# --- queued -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def queued(sam: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setattr(making, "INBOX_LOOKS", 3)
    sam.mahara.queue = True
    sam.mahara.archives = [3]  # of some other day
    return sam


def test_an_export_in_the_queue_is_waited_for(queued: Account):
    """Its message comes while we look."""
    source = queued.source()
    for one in source.harvest(queued.shelf):
        if "queue" in getattr(one, "what", ""):
            queued.mahara.work_off()
    assert queued.mahara.made() == 2
    assert any("downloadarchive.php?id=8" in line for line in queued.mahara.asked)


def test_an_export_that_stays_in_the_queue_is_for_the_next_run(queued: Account):
    """The owner is told; the old zip in the inbox is not taken for it; nothing is queued twice."""
    error = failed(queued)
    assert error.code == "export-queued"
    assert "keepfolio harvest sam" in error.mend
    assert failed(queued).code == "export-queued"
    assert queued.mahara.waiting == 1
    assert not any("downloadarchive" in line for line in queued.mahara.asked)


def test_the_next_run_takes_it(queued: Account):
    """From the inbox, and forgets the queue."""
    failed(queued)
    queued.mahara.work_off()
    queued.later = QUEUE_KEPT - timedelta(minutes=1)
    assert queued.harvest().created
    assert len(queued.mahara.forms[FORM]) == 1
    assert "queue" not in queued.shelf.cursor


def test_a_link_in_somebody_elses_message_is_no_export(queued: Account):
    """Anybody may write to the inbox."""
    failed(queued)
    queued.mahara.mail = '<a href="https://evil.example/downloadarchive.php?id=98">your export</a>'
    queued.mahara.mail += f'<a href="{queued.mahara.url}downloadarchive.php?id=99">your export</a>'
    queued.mahara.work_off()
    assert queued.harvest().created


def test_after_a_day_it_is_queued_anew(queued: Account):
    """The site has thrown the first one away by then."""
    failed(queued)
    queued.later = QUEUE_KEPT
    failed(queued)
    assert queued.mahara.waiting == 2


def test_only_what_stayed_missing_is_told(sam: Account, tmp_path: Path):
    """What the site gave out by itself is here: the report does not speak of it."""
    sam.without(tmp_path, "34", "35")
    sam.mahara.lost_files = {"34"}
    source, notes = sam.source(), []
    for one in source.harvest(sam.shelf):
        if isinstance(one, Note):
            notes.append(one.text)
        elif isinstance(one, Found):
            for file in one.entry.files:
                with contextlib.suppress(FileGone):
                    source.open(file).close()
    assert [("(file 34)" in note, "(file 35)" in note) for note in notes if "nothing else brought" in note] == [
        (True, False)
    ]


def test_that_there_are_no_comments_is_no_news_when_all_were_asked_for(sam: Account):
    """Nothing that the owner could tick would bring any."""
    sam.mahara.archive = FIXTURES / LEAP_ONLY
    assert not any("comments" in note and "tick" in note for note in sam.harvest().notes)


def test_a_number_that_somebody_wrote_before_hides_no_export(queued: Account):
    """However high it is: the site's own is told from it by being new, and by being given out."""
    queued.mahara.mail = f'<a href="{queued.mahara.url}downloadarchive.php?id=999999">your export</a>'
    failed(queued)
    queued.mahara.work_off()
    assert queued.harvest().created
    assert queued.mahara.made() == 2
