"""Ways to a token: a password, a link that the browser hands over, a browser's cookie; and how old it may become."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest

from archive.entry import MediaFile
from archive.errors import UsageError
from connectors.contract import SourceRefused, SourceUnavailable
from connectors.moodle import handover
from connectors.moodle import token as tokens
from tests.contract.shelf import Shelf
from tests.moodle.fake import FIXTURES, PASSWORD, PRIVATE, TOKEN, FakeMoodle
from tests.moodle.place import Place

ROOT = "https://vle.northshire.example"
RECORDED_PASSPORT = "12345.678"
PAGE = FIXTURES / "files" / "973f4959af9b464c2898.html"
LINK = (
    "moodlemobile://token=MjEyMDJiYWE0Mzk2YTliZWYzZWQ3ZDZiZWJjNmM0YWU6Ojo3YTExY2E1ZTAwMDAwMDAwMDAwMDAwMDAwMDBhNWIxNzo6"
    "OlBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFA="
)


def test_a_recorded_link_is_taken():
    """Its sign is that of the site and of our question."""
    assert handover.accept(LINK, ROOT, RECORDED_PASSPORT) == f"{TOKEN}:{PRIVATE}"


@pytest.mark.parametrize(
    "text",
    [
        f"  {LINK}\n",
        LINK.partition("token=")[2],
        LINK.replace("=", "%3D").replace("token%3D", "token="),
        f'<p>x</p><a id="launchapp" href="{LINK}">Open the app</a>',
        f"&lt;a href=&quot;{LINK}&quot;&gt;",
    ],
    ids=["link", "base64", "escaped", "page", "escaped page"],
)
def test_whatever_a_person_brings_is_read(text: str):
    """The link, only its end, or a page that holds it."""
    assert handover.accept(text, ROOT, RECORDED_PASSPORT).startswith(TOKEN)


def test_the_saved_page_of_a_real_moodle_is_read():
    """Whole, with all that a browser saves."""
    assert handover.accept(PAGE.read_text(encoding="utf-8"), ROOT, RECORDED_PASSPORT).startswith(TOKEN)


def test_a_link_without_private_token_is_taken():
    """Sites on plain http, and administrators, get none."""
    sign = hashlib.md5(f"{ROOT}7".encode()).hexdigest()
    text = base64.b64encode(f"{sign}:::{TOKEN}".encode()).decode()
    assert handover.accept(text, ROOT, "7") == TOKEN


@pytest.mark.parametrize(
    ("text", "root", "passport", "code"),
    [
        (LINK, "https://another.example", RECORDED_PASSPORT, "other-site"),
        (LINK, ROOT, "1", "other-site"),
        (LINK, ROOT, "", "no-passport"),
        ("https://vle.northshire.example/my/", ROOT, RECORDED_PASSPORT, "no-token-in-it"),
        ("", ROOT, RECORDED_PASSPORT, "no-token-in-it"),
        ("moodlemobile://token=" + "A" * 60, ROOT, RECORDED_PASSPORT, "no-token-in-it"),
    ],
)
def test_what_cannot_be_checked_is_refused(text: str, root: str, passport: str, code: str):
    """Another site's token, the answer to another question, or no token at all; and no error shows it."""
    with pytest.raises(UsageError) as caught:
        handover.accept(text, root, passport)
    assert caught.value.code == code
    assert caught.value.mend
    assert TOKEN not in f"{caught.value.message} {caught.value.mend}"


def test_each_question_is_another():
    """And asks for the page whose link can be copied."""
    one, other = handover.begin(ROOT), handover.begin(ROOT)
    assert one.passport != other.passport
    assert one.passport not in repr(one).replace(one.address, "")
    assert one.address.startswith(f"{ROOT}/admin/tool/mobile/launch.php?service=moodle_mobile_app&passport=")
    assert one.address.endswith("&urlscheme=moodlemobile&confirmed=1")


def test_the_steps_are_sentences():
    """To be printed one below the other."""
    assert all(step[0].isupper() and len(step) < 200 for step in handover.STEPS)
    assert "Log out" in handover.STEPS[0]


def test_a_password_gets_a_token(place: Place):
    """With the private one beside it; neither shows in a repr."""
    found = tokens.by_password(place.http(), place.fake.url, "rashby", PASSWORD)
    assert found.text == f"{TOKEN}:{PRIVATE}"
    assert TOKEN not in repr(found)


def test_a_refused_password_is_sent_once_and_explained(place: Place, fake: FakeMoodle):
    """Moodle says the same word for three reasons: all are named, and the source is parked."""
    place.options["user"] = "rashby"
    place.secrets = {"password": "wrong"}
    with pytest.raises(SourceRefused) as caught:
        place.harvest()
    assert len(fake.asked) == 1
    assert caught.value.code == "wrong-password"
    for words in ("the password is wrong", "institution's own page", "suspended"):
        assert words in caught.value.message
    assert place.archive.sources()["vle"].parked


def test_a_password_harvests(place: Place):
    """As a token does."""
    place.options["user"] = "rashby"
    place.secrets = {"password": PASSWORD}
    assert place.harvest().failed == []
    assert place.held()["post"] == 18


@pytest.mark.parametrize(
    ("state", "kind", "code"),
    [
        ("off", SourceUnavailable, "services-off"),
        ("mobile-off", SourceUnavailable, "services-off"),
        ("maintenance", SourceUnavailable, "maintenance"),
        ("moved", SourceUnavailable, "moved"),
        ("suspended", SourceRefused, "wrong-password"),
    ],
)
def test_why_a_password_gets_no_token(place: Place, fake: FakeMoodle, state, kind, code):
    """A site that gives none is no reason to forget the password."""
    fake.state = state
    with pytest.raises(kind) as caught:
        tokens.by_password(place.http(), fake.url, "rashby", PASSWORD)
    assert caught.value.code == code


def test_the_token_goes_before_the_password(place: Place, fake: FakeMoodle):
    """Where both are kept."""
    place.options["user"] = "rashby"
    place.secrets = {"token": TOKEN, "password": "wrong"}
    assert place.harvest().failed == []
    assert "/login/token.php" not in {path for _, path, _ in fake.asked}


def test_without_either_the_way_is_shown(place: Place, fake: FakeMoodle):
    """Nothing is sent."""
    place.secrets = {}
    with pytest.raises(SourceRefused) as caught:
        place.harvest()
    assert "keepfolio login vle" in caught.value.mend
    assert fake.asked == []


def test_a_whole_link_kept_as_a_token_is_not_sent(place: Place, fake: FakeMoodle):
    """It was never checked."""
    place.secrets = {"token": LINK}
    with pytest.raises(SourceRefused) as caught:
        place.harvest()
    assert caught.value.code == "wrong-token"
    assert fake.asked == []


@pytest.mark.parametrize("cookie", ["{}", "MoodleSession={}", " MoodleSession={}; "])
def test_a_cookie_gets_a_token(place: Place, fake: FakeMoodle, cookie: str):
    """From the address that the site would send the browser to."""
    found = tokens.by_cookie(place.http(), fake.url, cookie.format(fake.cookie))
    assert found.value == TOKEN


def test_a_dead_cookie_is_said(place: Place, fake: FakeMoodle):
    """The site wants a login; its page is not followed."""
    with pytest.raises(SourceRefused) as caught:
        tokens.by_cookie(place.http(), fake.url, "dead")
    assert caught.value.code == "not-logged-in"
    assert len(fake.asked) == 1


def test_a_site_that_wants_a_fresh_login_is_said(place: Place, fake: FakeMoodle):
    """404 for everybody who looked at a page since."""
    fake.state = "launch-off"
    with pytest.raises(SourceRefused) as caught:
        tokens.by_cookie(place.http(), fake.url, fake.cookie)
    assert "right after a login" in caught.value.message


@pytest.mark.parametrize(("weeks", "warned"), [(0, False), (9, False), (10, True), (11, True)])
def test_an_old_token_is_spoken_of(place: Place, weeks: int, warned: bool):
    """From its tenth week on; its age is counted from the first harvest."""
    place.harvest()
    place.now += timedelta(weeks=weeks)
    notes = [note for note in place.harvest().notes if "12 weeks after its first day" in note]
    assert bool(notes) == warned
    if notes:
        assert "14 February 2027" in notes[0]


def test_a_token_that_ended_by_age_is_said_to_have(place: Place, fake: FakeMoodle):
    """Its age is known from the cursor."""
    place.harvest()
    place.now += timedelta(weeks=13)
    fake.state = "expired"
    with pytest.raises(SourceRefused) as caught:
        place.harvest()
    assert "for 13 weeks" in caught.value.message


def test_a_new_token_is_young(place: Place, fake: FakeMoodle):
    """The first day belongs to the token, not to the account."""
    place.harvest()
    place.now += timedelta(weeks=11)
    fake.token = TOKEN[::-1]
    place.secrets = {"token": fake.token}
    assert [note for note in place.harvest().notes if "12 weeks after" in note] == []


def test_a_token_never_goes_by_plain_http_to_another_machine(place: Place):
    """Unless the owner said so: it was not sent."""
    place.options["url"] = "http://vle.northshire.example"
    with pytest.raises(SourceUnavailable) as caught:
        place.harvest()
    assert caught.value.code == "insecure"


def test_a_site_that_calls_itself_otherwise_gets_no_further_question(place: Place, fake: FakeMoodle):
    """The token belongs to the host that the owner wrote."""
    fake.info["siteurl"] = "https://another.example"
    with pytest.raises(SourceUnavailable) as caught:
        place.harvest()
    assert caught.value.code == "moved"
    assert len(fake.asked) == 1


def test_what_was_refused_is_not_sent_again_by_the_same_source(place: Place, fake: FakeMoodle):
    """Not for a file, nor for a second look."""
    place.options["user"] = "rashby"
    place.secrets = {"password": "wrong"}
    source = place.source()
    file = MediaFile(name="x", url=f"{fake.url}/pluginfile.php/1/x")
    for ask in (
        lambda: list(source.harvest(Shelf())),
        lambda: source.open(file),
        lambda: source.exists(f"moodle:{place.site}/blog/1"),
    ):
        with pytest.raises(SourceRefused):
            ask()
    assert len(fake.asked) == 1
