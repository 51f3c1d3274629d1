"""A browser's session handed over: only whole, never to the browser's harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contract import SourceRefused
from connectors.mahara import handover
from tests.mahara.account import AGENT, Account


@pytest.fixture
def sam(tmp_path: Path) -> Iterator[Account]:
    account = Account(tmp_path)
    account.mahara.logins = ["sso"]
    account.options = {"url": account.mahara.url, "sso": True}
    yield account
    account.close()


def test_a_session_is_taken_over(sam: Account):
    """The whole harvest, as the browser, and without any login; the browser stays in."""
    value = sam.mahara.browser(AGENT)
    sam.secret = handover.pack(f"mahara={value}", AGENT)
    assert sam.harvest().created
    assert sam.logins() == 0
    assert value in sam.mahara.sessions


def test_another_user_agent_is_refused_with_words(sam: Account):
    """The site has ended the session by then, so nothing else is tried."""
    sam.secret = handover.pack(f"mahara={sam.mahara.browser(AGENT)}", f"{AGENT} more")
    source = sam.source()
    for _ in range(2):
        with pytest.raises(SourceRefused) as caught:
            list(source.harvest(sam.shelf))
    assert caught.value.code == "session-refused"
    assert "User-Agent" in caught.value.message
    assert sum("export/index.php" in line for line in sam.mahara.asked) == 1


def test_a_session_that_ended_is_refused(sam: Account):
    """A login page with 200 is not taken for an account without anything."""
    sam.secret = handover.pack("mahara=0123456789abcdef0123", AGENT)
    with pytest.raises(SourceRefused):
        sam.harvest()


@pytest.mark.parametrize("secret", ["", "{}", "mahara=abc", '{"cookies": {"mahara": "abc"}, "user_agent": ""}'])
def test_half_a_hand_over_asks_for_nothing(sam: Account, secret: str):
    """A cookie without its User-Agent would end the session in the browser."""
    sam.secret = secret
    with pytest.raises(SourceRefused):
        sam.harvest()
    assert sam.mahara.asked == []


class TestPacking:
    @pytest.mark.parametrize(
        "cookie",
        ["mahara=abc", "Cookie: mahara=abc", "  mahara=abc; ", "abc", '"mahara=abc"'],
    )
    def test_a_cookie_is_taken_as_people_copy_it(self, cookie: str):
        """A header, a pair, or the value alone."""
        found = handover.unpack(handover.pack(cookie, f'"{AGENT}"'))
        assert (found.cookies, found.user_agent) == ({"mahara": "abc"}, AGENT)

    def test_several_cookies_stay_together(self):
        """A site may need more than one, and name its own otherwise."""
        found = handover.unpack(handover.pack("unimahara=abc; balancer=n2", AGENT))
        assert found.cookies == {"unimahara": "abc", "balancer": "n2"}

    @pytest.mark.parametrize("agent", ["", "  ", '""'])
    def test_without_user_agent_it_is_refused(self, agent: str):
        """And the owner learns why."""
        with pytest.raises(SourceRefused) as caught:
            handover.pack("mahara=abc", agent)
        assert caught.value.code == "no-user-agent"
        assert "end your session in the browser too" in caught.value.message

    @pytest.mark.parametrize("cookie", ["", "mahara=a b", "mahara=a\r\nX-Evil: 1", "=abc"])
    def test_what_is_no_cookie_is_refused(self, cookie: str):
        """Nothing of it may become a header of its own."""
        with pytest.raises(SourceRefused) as caught:
            handover.pack(cookie, AGENT)
        assert caught.value.code == "bad-cookie"

    def test_a_hand_over_does_not_show(self):
        """Not when it is printed by mistake."""
        assert "abc" not in repr(handover.unpack(handover.pack("mahara=abc", AGENT)))


def test_the_steps_name_the_browsers():
    """And what is copied from them."""
    steps = " ".join(handover.STEPS)
    for word in ("Firefox", "Chrome", "Edge", "Safari", "Storage", "Application", "Cookies", "navigator.userAgent"):
        assert word in steps
