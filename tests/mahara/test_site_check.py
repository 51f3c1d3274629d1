"""What ``check`` tells of a Mahara, and that it only looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contract import Finding
from tests.mahara.account import Account


@pytest.fixture
def sam(tmp_path: Path) -> Iterator[Account]:
    account = Account(tmp_path)
    yield account
    account.close()


def told(sam: Account) -> dict[str, Finding]:
    return {finding.code: finding for finding in sam.source().check()}


def test_a_site_that_works_is_described(sam: Account):
    """What it is, that the login is right, and what its export lists."""
    found = told(sam)
    assert "Mahara 22.10" in found["mahara"].message
    assert found["login"].severity == "ok"
    assert "6 pages and 2 collections" in found["export"].message


def test_it_asks_for_three_pages_and_exports_nothing(sam: Account):
    """One of them is the login, which changes nothing."""
    told(sam)
    assert [line.partition("?")[0] for line in sam.mahara.asked] == [
        "GET module/mobileapi/json/info.php",
        "POST ",
        "GET export/index.php",
    ]
    assert sam.mahara.made() == 0


def test_the_way_by_hand_is_told_with_its_addresses(sam: Account):
    """Also when the login is not right: for many it is the only way."""
    sam.secret = "not-the-password"
    found = told(sam)
    assert f"{sam.mahara.url}export/index.php" in found["by-hand"].message
    assert "mahara-export" in found["by-hand"].message
    assert found["wrong-password"].severity == "error"


def test_a_version_that_nobody_outside_has_read_is_warned_of(sam: Account):
    """It is read all the same."""
    sam.mahara.version = "26.04"
    found = told(sam)
    assert found["unread-version"].severity == "warning"
    assert found["export"].severity == "ok"


def test_ways_in_are_named_where_the_site_names_them(sam: Account):
    """A site of SSO alone is told as one, and what to write."""
    sam.mahara.logins = ["sso"]
    found = told(sam)
    assert "SSO" in found["logins"].message
    assert "sso: true" in found["sso-only"].mend


def test_no_mahara_is_told_as_an_error(sam: Account):
    """And nothing else is asked."""
    sam.options["url"] = sam.mahara.url + "nowhere/"
    assert [finding.severity for finding in sam.source().check()] == ["error"]


def test_a_page_that_the_site_forces_is_told(sam: Account):
    """With its name."""
    sam.mahara.forced = True
    assert told(sam)["forced-page"].severity == "error"
