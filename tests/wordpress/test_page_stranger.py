"""With a stranger's eyes: what answers before the owner agreed, after it, and after a withdrawal."""

from __future__ import annotations

import pytest

from archive.errors import NeedsOwner
from bridge.publish import text_only
from connectors.contract import Release
from tests.publish.samples import MINUTES, PICTURE, release
from tests.wordpress.publishing import edit, empty, methods, publisher, raw, status, stranger

pytestmark = pytest.mark.server

WORD = "Zymurgy"  # in no other text of the site


def places(site) -> str:
    """Everything where a stranger could come across a page or a file of it."""
    rest = f"{site.url}/wp-json/wp/v2"
    asked = [
        stranger(f"{rest}/pages", per_page=100),
        stranger(f"{rest}/media", per_page=100),
        stranger(f"{rest}/search", search=WORD),
        stranger(f"{site.url}/", s=WORD),
        stranger(f"{site.url}/feed/"),
        stranger(f"{site.url}/comments/feed/"),
        stranger(f"{site.url}/wp-sitemap.xml"),
        stranger(f"{site.url}/wp-sitemap-posts-page-1.xml"),
    ]
    return "\n".join(answer.text.replace(f"s={WORD}", "") for answer in asked)


def shows(site, made, wanted: Release) -> list[str]:
    """What of a release the places let a stranger see: its words, its files, its address."""
    seen = places(site)
    marks = [f"{WORD} matters", *(u.name for u in wanted.uploads), made.target._slug]
    return [mark for mark in marks if mark in seen]


@pytest.fixture(autouse=True)
def nothing_of_others(empty_wordpress):
    """Files are known by their bytes, and words are searched for: what an earlier test left would be found."""
    yield
    empty(empty_wordpress)


def test_nothing_is_sent_before_the_owner_agreed(empty_wordpress, tmp_path):
    """A plan that makes something public is refused without approval, and no writing request leaves."""
    site = publisher(empty_wordpress, tmp_path)
    wanted = release(f"{WORD} matters.")
    with methods(empty_wordpress) as seen, pytest.raises(NeedsOwner) as stop:
        site.publish(wanted, approved=False)
    assert stop.value.code == "not-approved"
    assert PICTURE.name in str(stop.value)
    assert set(seen) <= {"GET", "HEAD"}
    assert shows(empty_wordpress, site, wanted) == []


def test_a_draft_to_look_at_shows_a_stranger_nothing(empty_wordpress, tmp_path):
    """The text alone needs no approval: no file goes up, and the places of the pictures are marked."""
    site = publisher(empty_wordpress, tmp_path)
    wanted = release(f"{WORD} matters.")
    plan = site.publish(text_only(wanted), approved=False)
    assert plan.becomes_public == ()
    assert not plan.live
    text = raw(empty_wordpress, site)
    assert "(Picture, follows when you publish: A chart)" in text
    assert "Figure: chart.png" in text
    assert "minutes.txt (file, follows when you publish)" in text
    assert shows(empty_wordpress, site, wanted) == []
    assert stranger(site.agreed["page"].url).status_code == 404


def test_what_was_agreed_to_and_nothing_else_becomes_public(empty_wordpress, tmp_path):
    """The addresses that answer afterwards are those that the plan named; the draft's text is not among them."""
    site = publisher(empty_wordpress, tmp_path)
    wanted = release(f"{WORD} matters.")
    plan = site.publish(wanted)
    assert set(plan.becomes_public) == {PICTURE.name, MINUTES.name}
    assert {stranger(site.agreed[name].url).status_code for name in plan.becomes_public} == {200}
    seen = places(empty_wordpress)
    assert f"{WORD} matters" not in seen
    assert site.target._slug not in seen
    assert stranger(site.agreed["page"].url).status_code == 404


def test_a_page_that_begins_live_is_named_in_the_plan(empty_wordpress, tmp_path):
    """Its address is one of the things that the owner agrees to."""
    site = publisher(empty_wordpress, tmp_path, status="publish")
    wanted = release(f"{WORD} matters.")
    plan = site.publish(wanted)
    assert plan.live
    assert site.agreed["page"].url in plan.becomes_public
    assert WORD in stranger(site.agreed["page"].url).text
    assert set(shows(empty_wordpress, site, wanted)) >= {f"{WORD} matters", site.target._slug}


def test_after_withdrawal_no_address_answers(empty_wordpress, tmp_path):
    """The page is a draft again, its files are gone, and no list names them."""
    site = publisher(empty_wordpress, tmp_path, status="publish")
    wanted = release(f"{WORD} matters.")
    site.publish(wanted)
    addresses = [receipt.url for receipt in site.agreed.values()]
    assert {stranger(address).status_code for address in addresses} == {200}
    site.withdraw()
    assert {stranger(address).status_code for address in addresses} == {404}
    assert shows(empty_wordpress, site, wanted) == []
    assert status(empty_wordpress, site) == "draft"
    assert site.withdraw().actions == ()


def test_publishing_after_a_withdrawal_makes_the_page_whole_again(empty_wordpress, tmp_path):
    """The files get addresses anew, and the text shows those; the page stays the draft that it is."""
    site = publisher(empty_wordpress, tmp_path)
    site.publish(release())
    site.withdraw()
    site.publish(release())
    assert site.agreed[PICTURE.name].url in raw(empty_wordpress, site)
    assert stranger(site.agreed[PICTURE.name].url).ok
    assert site.plan(release()).actions == ()


@pytest.mark.parametrize("edition", ["private", "assessor"])
def test_other_editions_never_reach_strangers(empty_wordpress, tmp_path, edition):
    """Their files never go up; their text only into a page that is not open."""
    site = publisher(empty_wordpress, tmp_path)
    wanted = release(f"{WORD} matters.", edition=edition)
    plan = site.publish(wanted, approved=True)
    assert plan.becomes_public == ()
    assert shows(empty_wordpress, site, wanted) == []
    edit(empty_wordpress, site, status="publish")
    with pytest.raises(NeedsOwner) as stop:
        site.publish(release("New.", edition=edition))
    assert stop.value.code == "not-for-the-public"
    with pytest.raises(NeedsOwner):
        publisher(empty_wordpress, tmp_path, status="publish").publish(wanted)
