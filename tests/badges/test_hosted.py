"""What an issuer's site says of a badge, from a real server on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors.badges.assertion import Badge, of_json
from connectors.badges.hosted import ask
from connectors.http import Http
from tests.badges.baking import real
from tests.badges.issuer import Site

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    return Site(httpserver)


def test_a_badge_that_its_issuer_confirms(site: Site):
    """Valid, with the date, and with the bytes of all three parts: the proof."""
    seen = ask(site.badge, site.http(), NOW)
    assert (seen.state, seen.seen, seen.url) == ("valid", NOW, site.badge.hosted)
    assert json.loads(seen.assertion) == site.assertion
    assert json.loads(seen.badge_class)["type"] == "BadgeClass"
    assert json.loads(seen.issuer)["type"] == "Issuer"
    assert "Authorization" not in site.asked[0].headers


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Response('{"revoked":true}', 410, content_type="application/json"), "revoked"),
        (Response("", 410), "revoked"),
        (Response('{"id":"x","revoked":true,"revocationReason":"mistake"}'), "revoked"),
        (Response("Not found", 404), "gone"),
        (Response("<html><title>Log in</title></html>", 200, content_type="text/html"), "no-assertion"),
        (Response("forbidden", 403), "no-assertion"),
        (Response('{"hello": "world"}'), "no-assertion"),
        (Response("[" * 5000), "no-assertion"),
        (Response("busy", 503), "unreachable"),
        (Response(b"{" + b" " * 3_000_000), "unreachable"),
    ],
)
def test_what_is_no_confirmation(site: Site, answer: Response, state: str):
    """Each other answer has a state of its own, and none is an error."""
    site.answer = answer
    seen = ask(site.badge, site.http(), NOW)
    assert seen.state == state
    assert seen.why


def test_a_reason_for_revoking_is_told(site: Site):
    """In the issuer's words."""
    site.answer = Response('{"revoked":true,"revocationReason":"mistake"}')
    assert "mistake" in ask(site.badge, site.http(), NOW).why


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"id": "https://elsewhere.example/9"}, "another assertion"),
        ({"recipient": {"type": "email", "hashed": False, "identity": "x@y.example"}}, "another person"),
        ({"recipient": None}, "another person"),
        ({"badge": {"name": "Attendance"}}, "“Attendance”"),
    ],
)
def test_a_picture_that_claims_more_than_its_issuer_says(site: Site, change: dict[str, Any], word: str):
    """A good address baked into somebody else's or an embellished badge confirms nothing."""
    site.assertion |= change
    seen = ask(site.badge, site.http(), NOW)
    assert seen.state == "other"
    assert word in seen.why


def test_an_issuer_at_another_site_is_not_confirmed(site: Site):
    """Anybody can host an assertion that names a famous issuer."""
    for part in (site.assertion["badge"]["issuer"], real(site.url)["badge"]["issuer"]):
        part["id"] = "http://famous.invalid/issuer.json"
    seen = ask(of_json(site.assertion), site.http(), NOW)
    assert (seen.state, "famous.invalid" in seen.why) == ("other", True)


def test_an_expired_badge(site: Site):
    """Confirmed, and not valid any more."""
    site.assertion["expires"] = "2026-11-01"
    assert ask(site.badge, site.http(), NOW).state == "expired"


def test_a_bare_address_gets_its_words_from_the_site(site: Site):
    """Name and issuer of a badge of which only the address was baked in, also where the class has its own address."""
    site.assertion["badge"] = f"{site.url}/badges/badge_json.php?id=1"
    url = site.badge.hosted
    seen = ask(Badge(form="address", id=url, hosted=url), site.http(), NOW)
    assert seen.state == "valid"
    assert seen.badge
    assert seen.badge.name == "Digital Practice Champion"
    assert seen.badge.issuer.startswith("Northshire University")


def test_a_private_address_is_not_asked(site: Site):
    """A picture must not make this computer ask its neighbours."""
    seen = ask(site.badge, Http(attempts=1), NOW)
    assert seen.state == "not-asked"
    assert site.asked == []


def test_a_redirect_to_a_private_address_is_not_followed(site: Site):
    """Nor the site that the picture names."""
    site.answer = Response("", 302, headers={"Location": "http://127.0.0.2:9/inside"})
    assert ask(site.badge, site.http(), NOW).state == "not-asked"


def test_a_site_that_does_not_answer(site: Site):
    """A passing failure."""
    gone = replace(site.badge, hosted="http://127.0.0.1:1/assertion")
    assert ask(gone, Http(configured={"127.0.0.1:1"}, attempts=1), NOW).state == "unreachable"


def test_signed_badges_and_credentials_are_said_to_be_unchecked(site: Site):
    """No address, no confirmation; the words say which it is."""
    signed = of_json(real() | {"verify": {"type": "signed"}}, signed=True)
    assert "signature is not checked" in ask(signed, site.http(), NOW).why
    credential = of_json({"type": ["VerifiableCredential"], "credentialSubject": {}})
    assert "3.0" in ask(credential, site.http(), NOW).why
