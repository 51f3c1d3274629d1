"""With nobody watching, a plan goes live only as far as its owner allowed."""

from __future__ import annotations

import pytest

from bridge.publish.plan import Plan, Step, Why
from bridge.publish.policy import decide

PAGE = Step("update", "page", "page", Why.CHANGED, "base")
FILE = Step("create", "kf-1.png", "file", Why.NEW)
OLD = Step("withdraw", "kf-2.png", "file", Why.UNUSED)
CONFLICT = Step("conflict", "page", "page", Why.EDITED)
TEXT = '<p>See <a href="https://old.example/a">the post</a> <img src="keepfolio:a.png"></p>'


def plan(*steps: Step, public: tuple[str, ...] = ()) -> Plan:
    return Plan("site", "release", "observed", becomes_public=public, live=True, actions=steps)


@pytest.mark.parametrize("policy", ["off", "mend-links", "tagged-public-posts", "all", "whatever"])
def test_a_conflict_always_waits(policy):
    """What a person edited is nobody's to decide but the owner's."""
    assert decide(policy, plan(CONFLICT, PAGE), before=TEXT, after=TEXT) == "preview"


@pytest.mark.parametrize("policy", ["off", "whatever", ""])
def test_off_is_off(policy):
    """Without a choice, and with one that nobody knows, everything waits."""
    assert decide(policy, plan(PAGE), before=TEXT, after=TEXT) == "preview"


@pytest.mark.parametrize(
    ("after", "decision"),
    [
        (TEXT.replace("https://old.example/a", "https://new.example/b"), "publish"),
        (TEXT.replace("the post", "my post"), "preview"),
        (TEXT.replace("keepfolio:a.png", "keepfolio:b.png"), "preview"),
        (TEXT.replace("https://old.example/a", "keepfolio:a.pdf"), "preview"),
        (TEXT.replace("https://old.example/a", "javascript:alert(1)"), "preview"),
    ],
)
def test_mend_links_changes_addresses_of_links_alone(after, decision):
    """A moved link goes out; a word, a picture or another kind of address does not."""
    assert decide("mend-links", plan(PAGE), before=TEXT, after=after) == decision


@pytest.mark.parametrize("steps", [(PAGE, FILE), (PAGE, OLD), (Step("create", "page", "page", Why.NEW),)])
def test_mend_links_touches_nothing_but_the_page(steps):
    """No file goes up or comes down, and no page is made."""
    assert decide("mend-links", plan(*steps), before=TEXT, after=TEXT) == "preview"


def test_mend_links_needs_to_know_what_was_there():
    """Without the text of before, nothing can be said to be the same."""
    assert decide("mend-links", plan(PAGE)) == "preview"


@pytest.mark.parametrize(
    ("public", "covered", "decision"),
    [
        ((), (), "publish"),
        (("a",), ("a", "b"), "publish"),
        (("a", "c"), ("a", "b"), "preview"),
        (("a",), None, "preview"),
    ],
)
def test_tagged_public_posts_opens_nothing_new(public, covered, decision):
    """Only what strangers can reach already may be shown again."""
    assert decide("tagged-public-posts", plan(PAGE, FILE, public=public), covered=covered) == decision


def test_tagged_public_posts_takes_nothing_down():
    """Something that vanished is for the owner to look at."""
    assert decide("tagged-public-posts", plan(PAGE, OLD)) == "preview"


def test_all_is_all():
    """Whoever chose everything gets everything but conflicts."""
    assert decide("all", plan(PAGE, FILE, OLD, public=("https://b.example/kf-1.png",))) == "publish"
