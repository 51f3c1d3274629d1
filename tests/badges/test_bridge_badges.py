"""``keepfolio badges``: what is held, what it is worth, and the proof that outlives the issuer's site."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from archive.entry import Entry, MediaFile
from archive.store import Archive, Origin
from bridge import badges, badges_told
from connectors.http import Http
from tests.badges.baking import OWNER, png, real, real_text, svg
from tests.badges.issuer import Site

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
Hold = Callable[..., str]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive", tmp_path / "state")


@pytest.fixture
def hold(archive: Archive) -> Hold:
    def put(number: int, picture: bytes | None, *, kind: str = "badge", name: str = "badge.png", **more: Any) -> str:
        with archive.append(Origin("vle", "moodle")) as writer:
            files: tuple[MediaFile, ...] = ()
            if picture is not None:
                digest = writer.add_file(io.BytesIO(picture), name=name, media_type="")
                files = (MediaFile(name=name, url=f"x:{number}", sha256=digest),)
            entry = Entry(keys=(f"moodle:vle/{kind}/{number}",), kind=kind, native_id=str(number), files=files, **more)
            writer.put(entry, b"{}")
            writer.seal()
        stored = archive.by_key(f"moodle:vle/{kind}/{number}")
        assert stored
        return stored.id

    return put


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    return Site(httpserver)


def only(rows: tuple[badges.Row, ...]) -> badges.Row:
    assert len(rows) == 1
    return rows[0]


def codes(rows: tuple[badges.Row, ...], emails: tuple[str, ...] = (OWNER,)) -> list[str]:
    return [finding.code for finding in badges_told.findings(rows, emails, NOW)]


def test_a_held_badge_is_a_claim_until_its_issuer_was_asked(archive: Archive, hold: Hold):
    """What it says of itself is shown, and that nobody has confirmed it."""
    hold(1, png(real_text()), title="From the list")
    rows = badges.look(archive, [OWNER])
    row = only(rows)
    assert (row.name, row.mine, row.baked) == ("Digital Practice Champion", True, "assertion")
    assert badges_told.standing(row, NOW) == "claimed"
    assert codes(rows) == ["badge-unproved"]


def test_a_picture_without_an_assertion_is_a_picture(archive: Archive, hold: Hold):
    """Never confirmed, never claimed: whatever its entry is called."""
    hold(1, png(), title="Champion of everything")
    rows = badges.look(archive, [OWNER])
    assert badges_told.standing(only(rows), NOW) == "picture"
    assert badges_told.in_words(only(rows), NOW) == "a picture only"
    assert codes(rows) == ["badge-picture-only"]


def test_badges_are_found_in_any_entry_and_told_once(archive: Archive, hold: Hold):
    """The PNG among the private files and the badge of the list are one; pictures of other entries are none."""
    private = hold(7, png(real_text()), kind="file")
    badge = hold(1, png(real_text(), packed=True))
    hold(8, png(), kind="file")
    hold(9, svg(json.dumps({"badge": {"name": "An SVG"}})), kind="post", name="x.svg")
    rows = {row.name: row for row in badges.look(archive, [])}
    assert set(rows) == {"Digital Practice Champion", "An SVG"}
    assert (rows["Digital Practice Champion"].stored.id, rows["Digital Practice Champion"].also) == (badge, (private,))


def test_others_badges_are_not_listed(archive: Archive, hold: Hold):
    """A picture in somebody else's comment is not the owner's badge."""
    hold(1, png(real_text()), kind="comment", author="others")
    assert badges.look(archive, [OWNER]) == ()


def test_somebody_elses_badge_is_told(archive: Archive, hold: Hold):
    """And without any address of the owner, that it cannot be told."""
    hold(1, png(real_text()))
    assert "badge-of-somebody-else" in codes(badges.look(archive, ["x@y.example"]), ("x@y.example",))
    assert "no-emails" in codes(badges.look(archive, []), ())


@pytest.mark.parametrize("picture", [png("gibberish"), png("a" * 5_000_000), b"\x89PNG\r\n\x1a\n", None])
def test_one_bad_badge_ends_nothing(archive: Archive, hold: Hold, picture: bytes | None):
    """It is a row and a finding; the others are told as ever."""
    hold(1, picture)
    hold(2, png(real_text()))
    rows = badges.check(archive, Http(attempts=1), [OWNER], NOW)
    assert [row.badge is None for row in rows] == [True, False]
    assert "badge-damaged" in codes(rows)


def test_the_confirmation_is_sealed_and_outlives_the_site(archive: Archive, hold: Hold, site: Site):
    """Assertion, class and issuer with the day, below the badge; a silent site later changes nothing of it."""
    badge = hold(1, png(real_text(site.url)))
    row = only(badges.check(archive, site.http(), [OWNER], NOW))
    assert badges_told.standing(row, NOW) == "confirmed"
    later = NOW + timedelta(days=400)
    site.answer = Response("Not found", 404)
    for rows in (badges.look(archive, [OWNER]), badges.check(archive, site.http(), [OWNER], later)):
        assert badges_told.standing(only(rows), later) == "confirmed"
        assert "22 November 2026" in badges_told.in_words(only(rows), later)
    proof = next(archive.entries(kind="badge-proof", content=True))
    parent = archive.by_key(proof.entry.parent or "")
    assert parent
    assert parent.id == badge
    assert [file.name for file in proof.entry.files] == ["assertion.json", "badge-class.json", "issuer.json"]
    with archive.read(proof.entry.files[0].sha256) as stream:
        assert json.load(stream) == site.assertion
    assert "22 November 2026" in proof.entry.content_html


def test_asking_again_on_the_same_day_seals_nothing(archive: Archive, hold: Hold, site: Site):
    """Another day is news: the badge was valid then, too; the first day stays known."""
    hold(1, png(real_text(site.url)))
    badges.check(archive, site.http(), [OWNER], NOW)
    head = archive.head
    badges.check(archive, site.http(), [OWNER], NOW + timedelta(hours=3))
    assert archive.head == head
    row = only(badges.check(archive, site.http(), [OWNER], NOW + timedelta(days=1)))
    assert row.proof
    assert (row.proof.first, row.proof.last) == (NOW, NOW + timedelta(days=1))


def test_a_revoked_badge_is_not_confirmed_any_more_and_keeps_its_proof(archive: Archive, hold: Hold, site: Site):
    """The issuer's last word counts, and what was confirmed before is still held."""
    hold(1, png(real_text(site.url)))
    badges.check(archive, site.http(), [OWNER], NOW)
    site.answer = Response('{"revoked":true}', 410)
    badges.check(archive, site.http(), [OWNER], NOW + timedelta(days=1))
    row = only(badges.look(archive, [OWNER]))
    assert badges_told.standing(row, NOW) == "revoked"
    assert row.proof
    assert (row.proof.last, len(row.proof.files)) == (NOW, 3)


def test_nothing_is_sealed_of_what_was_never_confirmed(archive: Archive, hold: Hold, site: Site):
    """A login page or a refusal is no proof of anything."""
    hold(1, png(real_text(site.url)))
    for answer in (Response("<html>Log in</html>"), Response('{"revoked":true}', 410), Response("busy", 503)):
        site.answer = answer
        rows = badges.check(archive, site.http(), [OWNER], NOW)
        assert badges_told.standing(only(rows), NOW) != "confirmed"
    assert list(archive.entries(kind="badge-proof")) == []


def test_a_proof_that_the_source_brought_along_counts(archive: Archive):
    """Moodle's connector keeps the issuer's answer with the badge, and knows the account's address."""
    with archive.append(Origin("vle", "moodle")) as writer:
        picture = writer.add_file(io.BytesIO(png(real_text())), name="b.png", media_type="image/png")
        answer = writer.add_file(io.BytesIO(real_text().encode()), name="assertion.json", media_type="application/json")
        files = (
            MediaFile(name="b.png", url="x:1", sha256=picture),
            MediaFile(name="assertion.json", url="x:2", role="proof", sha256=answer),
        )
        extra = {"seen_valid": "2026-11-20", "recipient_is_owner": True}
        writer.put(Entry(keys=("moodle:1",), kind="badge", native_id="1", files=files, extra=extra), b"{}")
        writer.seal()
    row = only(badges.look(archive, []))
    assert (badges_told.standing(row, NOW), row.mine) == ("confirmed", True)
    assert "20 November 2026" in badges_told.in_words(row, NOW)


def test_an_expired_badge_says_so(archive: Archive, hold: Hold, site: Site):
    """Confirmed and over: both."""
    site.assertion["expires"] = "2026-11-01"
    text = json.dumps(real(site.url) | {"expires": "2026-11-01"})
    hold(1, png(text))
    row = only(badges.check(archive, site.http(), [OWNER], NOW))
    assert badges_told.standing(row, NOW) == "expired"
    assert badges_told.in_words(row, NOW).endswith("; expired")


def test_an_end_that_the_issuer_set_later_counts(archive: Archive, hold: Hold, site: Site):
    """The picture knows nothing of it; what was sealed does."""
    site.assertion["expires"] = "2026-11-01"
    hold(1, png(real_text(site.url)))
    badges.check(archive, site.http(), [OWNER], NOW)
    assert badges_told.standing(only(badges.look(archive, [OWNER])), NOW) == "expired"


def test_json_is_json(archive: Archive, hold: Hold, site: Site):
    """Every field, also where there is nothing to tell."""
    hold(1, png(real_text(site.url)))
    hold(2, None, title="Lost")
    rows = badges.check(archive, site.http(), [OWNER], NOW)
    value = json.loads(json.dumps(badges_told.to_json(rows, badges_told.findings(rows, [OWNER], NOW), NOW)))
    told = {badge["name"]: badge for badge in value["badges"]}
    champion = told["Digital Practice Champion"]
    assert (champion["standing"], champion["recipient"]["mine"]) == ("confirmed", True)
    assert champion["proof"]["last_seen"] == "2026-11-22T09:00:00Z"
    assert told["Lost"]["standing"] == "picture"


def test_a_signed_badge_and_a_credential_are_said_to_be_unchecked(archive: Archive, hold: Hold):
    """Neither is confirmed by being readable."""
    hold(1, png(json.dumps({"type": ["VerifiableCredential"], "id": "urn:x"}), keyword="openbadgecredential"))
    assert "not checked here" in badges_told.in_words(only(badges.look(archive, [])), NOW)
