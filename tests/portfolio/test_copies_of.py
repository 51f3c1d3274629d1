"""Copies that a Moodle makes of the owner's own posts are no second piece of evidence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.entry import Fidelity, Visibility
from bridge.copies_of import originals
from bridge.portfolio.gaps import gaps
from bridge.portfolio.mapping import Connections, connect
from bridge.portfolio.narrative import Narrative
from tests.portfolio.samples import CMALT, Item, assembled, item

ADDRESS = "https://blog.example.org/2024/07/open-badges/"
POST = item(1, "Open badges", url=ADDRESS)


def copy(number: int = 9, of: object = ADDRESS, **fields) -> Item:
    known = {
        "keys": (f"moodle:vle.example/blog/{number}",),
        "url": of if isinstance(of, str) else ADDRESS,
        "extra": {"copy_of": of},
        "fidelity": Fidelity.FEED,
        "published": datetime(2026, 3, 2, tzinfo=UTC),
    }
    return item(number, "Open badges", **{**known, **fields})


def found(*entries: Item) -> dict[str, str]:
    return originals(lambda: entries)


def connected(*entries: Item) -> Connections:
    return connect(entries, CMALT, "cmalt", {}, {"3a": ["badges"]}, copies=found(*entries))


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        ADDRESS.rstrip("/"),
        ADDRESS.replace("//", "//www.", 1),
        ADDRESS.replace("https", "http"),
        ADDRESS.replace("blog.example", "Blog.Example"),
        f"{ADDRESS}#more",
    ],
)
def test_the_original_is_found_by_its_address(address):
    """However a feed spells it."""
    assert found(copy(of=address), POST) == {copy().id: POST.id}


@pytest.mark.parametrize(
    "address",
    [
        "https://blog.example.org/2024/07/open-badges-2/",
        "https://other.example.org/2024/07/open-badges/",
        "https://blog.example.org/?p=2",
        "",
        "2024/07/open-badges",
        "https://[::1/",
        ["https://blog.example.org/"],
        None,
    ],
)
def test_another_address_is_another_post(address):
    """And what is no address is none, whatever a source sends."""
    assert found(copy(of=address), POST, item(2, url="https://blog.example.org/?p=1"), item(3, url="")) == {}


@pytest.mark.parametrize(
    "other",
    [
        item(1, url=ADDRESS, deleted=True),
        item(1, url=ADDRESS, status="trash"),
        item(1, url=ADDRESS, author="others"),
        item(1, url=f"{ADDRESS}#comment-5", kind="comment"),
        item(1, url=ADDRESS, kind="journal"),
        copy(1),
    ],
    ids=["deleted", "in the bin", "of others", "a comment", "a journal", "a copy"],
)
def test_what_is_no_original(other):
    """Then the copy is all that there is, and evidence like any other."""
    tagged = copy(tags=("cmalt-1a", "badges"))

    assert tagged.id not in found(tagged, other)
    assert connected(tagged, other).cited == {"1a": (tagged.id,)}
    assert connected(tagged, other).suggested == {"3a": (tagged.id,)}


def test_a_copy_that_was_deleted_is_none():
    """Its tags went with it."""
    assert found(copy(deleted=True), POST) == {}


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_originals_the_one_seen_best_counts(turned):
    """The blog by its login, not the blog by its feed; in whatever order they are met."""
    feed = item(0, url=ADDRESS, fidelity=Fidelity.FEED)
    both = (feed, POST) if turned else (POST, feed)

    assert found(copy(), *both) == {copy().id: POST.id}


def test_a_tag_of_the_copy_cites_the_original():
    """Once, whether one of them carries the tag or both."""
    on_the_copy = connected(copy(tags=("cmalt-1a",)), POST)
    on_both = connected(copy(tags=("cmalt-1a",)), item(1, url=ADDRESS, tags=("cmalt-1a",)))

    assert on_the_copy.cited == on_both.cited == {"1a": (POST.id,)}


def test_a_copy_of_a_sections_own_text_is_no_evidence_for_it():
    """The section says it already."""
    entries = copy(tags=("cmalt-1a", "cmalt-1b")), POST
    narratives = {"1a": Narrative("1a", chosen=POST.id)}

    assert connect(entries, CMALT, "cmalt", {}, {}, narratives, found(*entries)).cited == {"1b": (POST.id,)}


def test_gaps_suggest_the_original_alone():
    """And nothing where the original is cited already."""
    suggested, tagged = copy(tags=("badges",)), item(1, "Open badges", url=ADDRESS, tags=("cmalt-3a",))

    assert connected(suggested, POST).suggested == {"3a": (POST.id,)}
    assert connected(suggested, tagged).suggested == {}

    entries = (suggested, POST)
    told = gaps(
        framework=CMALT,
        pathway="cmalt",
        narratives={},
        connections=connected(*entries),
        entries={one.id: one for one in entries},
        marks={},
        draft=assembled(entries, {}, Visibility.PRIVATE),
    )
    assert [f.mend.count("“Open badges”") for f in told if "Your tags suggest" in f.mend] == [1]
