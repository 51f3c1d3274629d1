"""What badges claim is read from every form in which issuers write it, and none of it is believed."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.badges.assertion import NoAssertionError, is_for, of_json, read
from connectors.badges.baked import Baked
from tests.badges.baking import OWNER, SITE, jws, real, real_text


def of(text: str):
    return read(Baked(text, "openbadges"))


def test_moodles_assertion():
    """All that a row shows, from the real badge; ``verify`` in the place of ``verification`` is understood."""
    badge = of(real_text())
    assert badge.form == "assertion"
    assert badge.name == "Digital Practice Champion"
    assert badge.issuer == "Northshire University Learning & Teaching Academy"
    assert badge.issued == datetime(2026, 11, 22, 0, 30, 40, tzinfo=UTC)
    assert badge.expires is None
    assert badge.hosted.startswith(f"{SITE}/badges/assertion.php?b=5c40f9b2")
    assert badge.badge_class == f"{SITE}/badges/badge_json.php?id=1"
    assert badge.issuer_profile == f"{SITE}/badges/issuer_json.php?id=1"
    assert badge.criteria.startswith("Nominated by a head of department.")
    assert badge.tags == ("CPD", "digital practice")


def test_the_recipient_is_recognised_by_salted_hash():
    """The owner's address, of several, in any case; nobody else's; and no answer without one to compare."""
    badge = of(real_text())
    assert is_for(badge, ["old@example.org", OWNER.upper()]) is True
    assert is_for(badge, ["somebody@else.example"]) is False
    assert is_for(badge, []) is None


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
@pytest.mark.parametrize("salt", ["", "pepper"])
def test_both_hashes_with_and_without_salt(algorithm: str, salt: str):
    """What the standard allows."""
    digest = hashlib.new(algorithm, f"{OWNER}{salt}".encode()).hexdigest()
    identity = {"type": "email", "hashed": True, "identity": f"{algorithm}${digest.upper()}", "salt": salt}
    assert is_for(of_json({"recipient": identity}), [OWNER]) is True


@pytest.mark.parametrize(
    ("recipient", "told"),
    [
        ({"type": "email", "hashed": False, "identity": f"mailto:{OWNER}"}, True),
        ({"type": "email", "hashed": False, "identity": "x@y.example"}, False),
        ({"type": "url", "hashed": False, "identity": "https://me.example"}, None),
        ({"type": "email", "hashed": True, "identity": "whirlpool$12"}, None),
        ({"type": "email"}, None),
        (None, None),
    ],
)
def test_recipients_in_the_open_and_of_other_kinds(recipient: object, told: bool | None):
    """What cannot be compared is not said to be anybody's."""
    assert is_for(of_json({"recipient": recipient}), [OWNER]) is told


def test_version_0_5_and_1_0():
    """A recipient beside its salt; a date in seconds; a badge class by its address."""
    digest = hashlib.sha256(f"{OWNER}s".encode()).hexdigest()
    old = of_json({"recipient": f"sha256${digest}", "salt": "s", "badge": {"name": "B", "issuer": {"name": "I"}}})
    assert (old.name, old.issuer, is_for(old, [OWNER])) == ("B", "I", True)
    one = of_json({"uid": "7", "badge": "https://b.example/class", "issuedOn": 1359217910,
                   "verify": {"type": "hosted", "url": "https://b.example/7"}})  # fmt: skip
    assert (one.id, one.badge_class, one.hosted) == ("7", "https://b.example/class", "https://b.example/7")
    assert one.issued == datetime(2013, 1, 26, 16, 31, 50, tzinfo=UTC)


def test_version_2_0_names_its_own_address():
    """``HostedBadge`` without an address: the id is the address."""
    assert (
        of_json({"id": "https://b.example/7", "verification": {"type": "HostedBadge"}}).hosted == "https://b.example/7"
    )


def test_a_signed_badge_is_read_and_not_called_checked():
    """Its payload is shown; it names no hosted address, so that nothing can be confirmed."""
    badge = of(jws({**real(), "verify": {"type": "signed", "url": f"{SITE}/key"}}))
    assert badge.form == "signed"
    assert badge.name == "Digital Practice Champion"
    assert badge.hosted == ""


def test_a_bare_address():
    """All that some bakers put in."""
    badge = of(" https://b.example/7 ")
    assert (badge.form, badge.hosted, badge.name) == ("address", "https://b.example/7", "")


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_credential_of_3_0_is_recognised(wrapped: bool):
    """As JSON or inside a JWT: read as far as it goes, under a form of its own."""
    value = {
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "id": "urn:uuid:1",
        "issuer": {"id": "https://i.example", "name": "Issuer"},
        "validFrom": "2026-01-02T00:00:00Z",
        "validUntil": "2027-01-02",
        "credentialSubject": {"achievement": {"name": "Three", "criteria": {"narrative": "Do it."}}},
    }
    text = jws({"vc": value}) if wrapped else json.dumps(value)
    badge = read(Baked(text, "openbadgecredential"))
    assert (badge.form, badge.name, badge.issuer, badge.criteria) == ("credential", "Three", "Issuer", "Do it.")
    assert badge.expires == datetime(2027, 1, 2, tzinfo=UTC)
    assert badge.hosted == ""


@pytest.mark.parametrize("text", ["", "hello", "[1]", "a.b.c", "{", "{" * 100_000, '{"a":' + "[" * 50_000, "ftp://x/y"])
def test_nonsense_is_one_error(text: str):
    """Whatever was baked in."""
    with pytest.raises(NoAssertionError):
        of(text)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "https://", "http://[", "https://a b"]
)
def test_only_web_addresses_are_addresses(address: str):
    """What would be asked later is looked at here."""
    badge = of_json({"verify": {"type": "hosted", "url": address}, "badge": {"issuer": address}})
    assert (badge.hosted, badge.issuer_profile) == ("", "")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ["id", "type", "badge", "recipient", "verify", "verification", "issuedOn", "expires", "evidence", "issuer",
           "credentialSubject", "vc", "validFrom"]  # fmt: skip


@given(st.dictionaries(st.sampled_from(_FIELDS), json_values))
def test_no_shape_breaks_the_reader(value: dict):
    """Fields of any type, in any place."""
    is_for(of_json(value), [OWNER])


def test_a_day_beyond_the_calendar_is_no_time():
    """The first day of the year 1, east of Greenwich, is before all that a clock can show."""
    assert of_json({"issuedOn": "0001-01-01T00:00:00+14:00"}).issued is None


def test_a_signed_text_of_nothing_but_brackets_is_no_assertion():
    """Its header is read, too, and may be made to exhaust the reader."""
    header = base64.urlsafe_b64encode(b"[" * 200_000).decode()
    with pytest.raises(NoAssertionError):
        of(f"{header}.e30.x")


def test_half_a_character_in_a_salt_matches_nobody():
    """JSON can hold what is no text in any encoding."""
    badge = of('{"recipient": {"type": "email", "identity": "sha256$ab", "salt": "\\ud800", "hashed": true}}')
    assert is_for(badge, [OWNER]) is False


@pytest.mark.parametrize("address", ["https://a.example:99999999/", "https://a.example/" + "x" * 5000])
def test_what_nobody_can_ask_is_no_address(address: str):
    """A port that no machine has, and an address longer than any server takes."""
    badge = of_json({"badge": address, "verify": {"type": "hosted", "url": address}})
    assert (badge.hosted, badge.badge_class) == ("", "")


def test_half_a_character_can_be_written_down():
    """A name that no encoding has would end the run in which it is kept or shown."""
    badge = of('{"id": "urn:\\ud800", "badge": {"name": "A\\udfff", "description": "\\ud83d\\ude00"}}')
    assert (badge.id, badge.name, badge.description) == ("urn:?", "A?", "😀")
