"""Badges on the page: a picture, words in its place, a link to where strangers can check it, and no claim of ours."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from archive.entry import Visibility
from bridge.portfolio import badge_pages
from bridge.render import page
from tests.badges.baking import png, real_text
from tests.portfolio.samples import Bytes, Item, assembled, item, picture
from tests.portfolio.test_mahara_things import words

PUBLIC = Visibility.PUBLIC
VLE = "https://vle.example.ac.uk"
HOSTED = "https://badges.example.org/assertions/7"


def badge(number: int, key: str, *, files=(), **fields) -> Item:
    known = {"keys": (key,), "kind": "badge", "url": "", "visibility": Visibility.PRIVATE, "content_html": ""}
    return item(number, "Digital Practice Champion", files=files, **{**known, **fields})


def of_moodle(number: int = 1, **fields) -> Item:
    return badge(
        number, f"moodle:vle.example.ac.uk/badge/{number}", url=f"{VLE}/badges/badge.php?hash={number}", **fields
    )


def proof(of: Item, url: str, status: str = "valid") -> Item:
    parent = of.entry.keys[0]
    return item(
        90, "Confirmation", keys=(f"badge-proof:{url}",), kind="badge-proof", url=url, status=status, parent=parent
    )


def evidence(*entries: Item):
    marks = {held.id: PUBLIC for held in entries}
    found = assembled(list(entries), words(entries[0].id), marks=marks)
    return next(section for section in found.sections if section.id == "1a").evidence[0]


def rendered(held: Bytes, *entries: Item) -> BeautifulSoup:
    portfolio = assembled(list(entries), words(entries[0].id), marks={one.id: PUBLIC for one in entries})
    fragment = page.render(portfolio, held.path, held.folder / "build").release.fragment
    return BeautifulSoup(fragment, "html.parser")


@pytest.fixture
def held(tmp_path: Path) -> Bytes:
    return Bytes(tmp_path)


def test_a_badge_shows_its_picture_its_words_and_a_link(held: Bytes):
    """The link leads to the page at which its issuer shows it to strangers."""
    file = held.add("badge.png", png(real_text()), alt="Digital Practice Champion", role="original")
    champion = of_moodle(files=(file,), extra={"issuer": "Northshire", "seen_valid": "2026-11-01"})

    html = rendered(held, champion)

    assert html.find("img")["alt"] == "Digital Practice Champion"
    assert html.find("a", string="Digital Practice Champion")["href"] == champion.entry.url
    assert "Badge issued by Northshire" in html.get_text()


def test_a_mere_picture_of_a_badge_says_nothing_more(held: Bytes):
    """No link, and no word of ours that anybody verified or confirmed it."""
    nice = badge(1, f"badge:{'0' * 64}", files=(held.add("nice.png", picture(), role="original"),))

    html = rendered(held, nice)

    assert "Picture of a badge" in html.get_text()
    assert html.find("img")["alt"] == "Digital Practice Champion"
    assert html.find("a", string="Digital Practice Champion") is None
    assert not re.search(r"verif|confirm", str(html), re.IGNORECASE)


def test_a_page_behind_a_login_is_no_link():
    """A VLE's badge page counts only once a stranger was shown it; not after the site stopped vouching for it."""
    said = {"issuer": "Northshire"}

    assert evidence(of_moodle(extra=said)).url == ""
    assert evidence(of_moodle(extra={**said, "revoked_or_unknown": "2026-11-01"})).url == ""
    assert evidence(of_moodle(extra={**said, "seen_valid": "2026-11-01"})).url == f"{VLE}/badges/badge.php?hash=1"


def test_what_is_baked_in_names_the_place_where_it_can_be_checked():
    """The hosted assertion is the key of such a badge."""
    assert evidence(badge(1, f"badge:{HOSTED}", extra={"issuer": "Northshire"})).url == HOSTED


@pytest.mark.parametrize(
    "place",
    [
        "http://badges.example.org/7",
        "https://10.0.0.7/assertions/7",
        "https://[::1]/7",
        "https://[::1/7",
        "https://intranet/badges/7",
        "https://badges.northshire.internal./7",
        "https://user:pw@badges.example.org/7",
        "javascript:alert(1)",
        "urn:uuid:5",
    ],
)
def test_a_place_that_strangers_cannot_reach_is_no_link(place):
    """Anybody can bake any address into a picture."""
    assert evidence(badge(1, f"badge:{place}", extra={"issuer": "X"})).url == ""


def test_the_issuer_s_answer_gives_a_picture_its_link():
    """A picture from a blog in which a badge lies, once `badges --check` found where that is confirmed."""
    blog = item(1, "My badge", kind="media", files=())

    assert evidence(blog, proof(blog, HOSTED)).url == HOSTED
    assert evidence(blog, proof(blog, HOSTED, "revoked")).url == ""
    assert evidence(blog, proof(item(5), HOSTED)).url == ""


def test_a_badge_that_its_issuer_took_back_has_no_link():
    """Neither by its own words, nor by what was sealed before."""
    claimed = badge(1, f"badge:{HOSTED}", extra={"issuer": "Northshire"})
    gone = replace(claimed.entry, extra={"revoked_or_unknown": "2026-11-02"})

    assert evidence(claimed, proof(claimed, HOSTED, "revoked")).url == ""
    assert badge_pages.address(gone, HOSTED) == ""


def test_the_words_about_me_by_others_stand_on_the_line(held: Bytes):
    """In every edition, and above the text that comes along."""
    quoted = item(1, "What Lou saw", author="about-me", visibility=Visibility.PRIVATE, url="https://lou.example/r")

    for edition in Visibility:
        portfolio = assembled([quoted], words(quoted.id), edition, marks={quoted.id: PUBLIC})
        html = BeautifulSoup(
            page.render(portfolio, held.path, held.folder / "build").release.fragment, "html.parser"
        ).get_text()
        assert html.count("About me, by others: Blog post") == 2


def test_an_own_post_does_not_say_so():
    """It is what nobody else's words may be taken for."""
    assert evidence(item(1)).kind == "Blog post"
