"""The owner's data, asked for by token."""

from __future__ import annotations

import pytest

from connectors.contract import FileGone, SourceUnavailable
from tests.moodle.fake import FakeMoodle
from tests.moodle.place import Place

PATH = "/pluginfile.php/12/tool_dataprivacy/export/1/export.zip"
MADE = "tool_dataprivacy_create_data_request"


def made(fake: FakeMoodle) -> int:
    return sum(function == MADE for _, _, function in fake.asked)


def test_a_request_is_made_waits_and_is_fetched(place: Place, fake: FakeMoodle):
    """In the site's own words, until its zip is there."""
    source = place.source()
    assert source.export() is None
    asked = source.ask_for_export()
    assert (asked.status, asked.is_ready) == ("Awaiting approval", False)
    with pytest.raises(FileGone):
        source.fetch_export(asked)
    fake.data_requests[0].update(status=8, statuslabel="Download ready")
    fake.files[PATH] = (b"PK...", "application/zip")
    ready = source.export()
    assert ready
    assert ready.is_ready
    with source.fetch_export(ready) as stream:
        assert stream.read() == b"PK..."


def test_an_open_request_is_not_made_twice(place: Place, fake: FakeMoodle):
    """People of the institution see each."""
    first = place.source().ask_for_export()
    assert place.source().ask_for_export() == first
    assert made(fake) == 1


def test_a_request_that_ran_out_is_made_anew(place: Place, fake: FakeMoodle):
    """Expired, refused or cancelled."""
    place.source().ask_for_export()
    fake.data_requests[0].update(status=9, statuslabel="Expired")
    assert place.source().ask_for_export().number == 2


def test_a_harvest_never_makes_one(place: Place, fake: FakeMoodle):
    """Nor does a check."""
    place.harvest()
    list(place.source().check())
    assert made(fake) == 0


def test_an_older_moodle_shows_the_way_by_hand(place: Place, fake: FakeMoodle):
    """With its own address."""
    fake.absent |= {MADE, "tool_dataprivacy_get_data_requests"}
    with pytest.raises(SourceUnavailable) as caught:
        place.source().ask_for_export()
    assert caught.value.code == "not-offered"
    assert f"{fake.url}/admin/tool/dataprivacy/mydatarequests.php" in caught.value.mend
