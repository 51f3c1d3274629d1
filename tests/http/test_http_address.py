"""Which addresses may be asked, and where a password may go along."""

from __future__ import annotations

import pytest

from connectors.contract import SourceUnavailable
from connectors.http import Http
from connectors.http_address import guard, host_of, is_loopback, keeps_secret, may_carry_secret


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost:8080/", "http://10.1.2.3/", "https://192.168.0.1/", "http://172.16.0.1/",
     "http://169.254.169.254/", "http://[::1]/", "http://[fe80::1]/", "http://[fd00::1]/", "http://0.0.0.0/",
     "http://100.64.0.1/", "http://224.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://2130706433/"],
)  # fmt: skip
def test_discovered_links_do_not_lead_inside(url):
    """Whatever the spelling."""
    with pytest.raises(SourceUnavailable) as caught:
        guard(url)
    assert caught.value.code == "private-address"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "http:///x"])
def test_only_the_web_is_asked(url):
    with pytest.raises(SourceUnavailable) as caught:
        guard(url)
    assert caught.value.code == "bad-address"


def test_public_addresses_pass():
    guard("https://8.8.8.8/")


def test_a_configured_host_is_never_discovered(httpserver):
    """The owner named it: it may well be on this machine."""
    httpserver.expect_request("/").respond_with_data("x")
    http = Http(user_agent="t")
    with pytest.raises(SourceUnavailable):
        http.get(httpserver.url_for("/"), discovered=True)
    http.configure(httpserver.url_for("/"))
    assert http.get(httpserver.url_for("/"), discovered=True).ok


@pytest.mark.parametrize(
    ("before", "after", "keeps"),
    [
        ("https://b.org/a", "https://b.org/b", True),
        ("http://b.org/a", "https://b.org/a", True),
        ("https://b.org/a", "http://b.org/a", False),
        ("https://b.org/a", "https://www.b.org/a", False),
        ("https://b.org/a", "https://evil.org/a", False),
        ("http://b.org:8080/a", "http://b.org:8081/a", False),
    ],
)
def test_redirects_that_the_password_follows(before, after, keeps):
    """Same host, never from https to http."""
    assert keeps_secret(before, after) is keeps


def test_where_a_password_may_go():
    """By https, on this machine, or where the owner said so."""
    assert may_carry_secret("https://b.org/", frozenset())
    assert may_carry_secret("http://127.0.0.1:8081/", frozenset())
    assert not may_carry_secret("http://b.org/", frozenset())
    assert may_carry_secret("http://b.org/", frozenset({"b.org"}))
    assert is_loopback("http://localhost/")
    assert not is_loopback("http://localhost.example.org/")
    assert host_of("https://B.org:443/x") == "b.org"
