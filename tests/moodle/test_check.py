"""What ``check`` tells: which ways are open on this very site, what is reached, what only a person can do."""

from __future__ import annotations

import pytest

from connectors.contract import Finding, SourceUnavailable
from connectors.moodle.probe import probe, root_of
from tests.moodle.fake import TOKEN, FakeMoodle, Reply
from tests.moodle.place import Place


def found(place: Place) -> dict[str, Finding]:
    return {one.code: one for one in place.source().check()}


def test_the_ways_are_named_with_the_sites_own_addresses(place: Place, fake: FakeMoodle):
    """Password, hand-over, data request, feed; and that the QR code is none."""
    said = found(place)
    assert {"moodle", "way-password", "way-handover", "way-qr", "way-zip", "way-rss", "login"} <= said.keys()
    assert f"{fake.url}/admin/tool/mobile/launch.php" in said["way-handover"].message
    assert "confirmed=1" in said["way-handover"].message
    assert "Log out first" in said["way-handover"].message
    assert f"{fake.url}/admin/tool/dataprivacy/mydatarequests.php" in said["way-zip"].mend
    assert said["login"].severity == "ok"
    assert "Rowan Ashby" in said["login"].message


def test_a_site_that_logs_in_by_browser_has_no_password_way(place: Place, fake: FakeMoodle):
    """And its hand-over needs no fresh login."""
    fake.public["typeoflogin"] = 2
    fake.public["identityproviders"] = [{"name": "Northshire account", "url": "https://sso.example"}]
    said = found(place)
    assert "way-password" not in said
    assert "Log out first" not in said["way-handover"].message
    assert "Northshire account" in said["single-sign-on"].message


@pytest.mark.parametrize(
    ("setting", "words"), [("enablewebservices", "Web services are"), ("enablemobilewebservice", "The service for")]
)
def test_a_site_without_services_has_the_zip_and_the_feed(place: Place, fake: FakeMoodle, setting: str, words: str):
    """The first is asked for by hand."""
    fake.public[setting] = 0
    fake.state = "off"
    said = found(place)
    assert words in said["services-off"].message or "switched off" in said["services-off"].message
    assert "way-handover" not in said
    assert {"way-zip", "way-rss", "ask-for-data"} <= said.keys()


def test_maintenance_is_said(place: Place, fake: FakeMoodle):
    """Without a login."""
    fake.public["maintenanceenabled"] = 1
    assert found(place)["maintenance"].severity in {"warning", "error"}


def test_a_site_that_is_closed_is_not_called_another_kind_of_site(place: Place, fake: FakeMoodle):
    """In maintenance begun at its server Moodle answers nothing else, and the address is right."""
    fake.spoil = lambda *_: Reply(503, b"<title>Closed</title>", {"Content-Type": "text/html", "Retry-After": "300"})
    said = found(place)
    assert said["maintenance"].severity == "error"
    assert "not-moodle" not in said


def test_a_missing_login_is_one_finding_among_others(place: Place, fake: FakeMoodle):
    """The ways are shown to whoever has none yet."""
    place.secrets = {}
    said = found(place)
    assert said["not-logged-in"].severity == "error"
    assert "way-handover" in said
    assert "ask-for-data" in said


def test_what_is_not_offered_is_a_warning(place: Place, fake: FakeMoodle):
    """Before the first harvest."""
    fake.absent.add("core_blog_get_entries")
    said = found(place)
    assert said["not-offered"].message.startswith("Blog entries")
    assert said["not-offered"].severity == "warning"


def test_only_a_person_can_do_some_things(place: Place, fake: FakeMoodle):
    """A checklist with the institution's own addresses."""
    said = found(place)
    assert fake.url in said["ask-for-data"].mend
    assert fake.url in said["badges-zip"].mend
    assert said["token-weeks"]


def test_no_finding_shows_a_secret(place: Place):
    """Nor does an error."""
    assert TOKEN not in repr(list(place.source().check()))


def test_what_is_no_moodle_is_said(place: Place, fake: FakeMoodle):
    """A front page in the place of an answer."""
    fake.spoil = lambda *_: Reply(404, b"<html><title>Welcome to nginx</title></html>")
    with pytest.raises(SourceUnavailable) as caught:
        probe(fake.url, place.http())
    assert caught.value.code == "not-moodle"
    assert list(found(place)) == ["not-moodle"]


def test_a_site_that_sends_programs_on_is_said(place: Place, fake: FakeMoodle):
    """Such as from http to https: with the address that it names."""
    fake.state = "moved"
    said = found(place)
    assert list(said) == ["moved"]
    assert "elsewhere.example" in said["moved"].message


def test_a_moodle_that_calls_itself_otherwise_is_said(place: Place, fake: FakeMoodle):
    """No token goes there."""
    fake.public["wwwroot"] = "https://another.example"
    assert found(place)["moved"].severity == "error"
    assert not [path for _, path, _ in fake.asked if "server.php" in path]


@pytest.mark.parametrize(
    "url",
    [
        "https://vle.example.ac.uk",
        "https://vle.example.ac.uk/",
        "https://vle.example.ac.uk/login/index.php",
        "https://vle.example.ac.uk/my/",
        "https://vle.example.ac.uk/my",
        "https://vle.example.ac.uk/course/view.php?id=5",
        "https://vle.example.ac.uk/?redirect=0",
    ],
)
def test_the_address_of_any_page_is_understood(url: str):
    """People copy what stands in the browser."""
    assert root_of(url) == "https://vle.example.ac.uk"


def test_a_moodle_in_a_folder_keeps_it():
    """Many stand below /moodle."""
    assert root_of("https://x.example/moodle/login/index.php") == "https://x.example/moodle"
