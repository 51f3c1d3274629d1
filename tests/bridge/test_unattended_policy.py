"""With nobody watching, a plan goes live only as far as its owner allowed."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.entry import Visibility
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.publish.plan import Plan, Step, Why
from bridge.publish.policy import decide
from bridge.render.page import render
from tests.portfolio.samples import Item, assembled, item

TAGGED = "tagged-public-posts"
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
    found = decide(TAGGED, plan(PAGE, FILE, public=public), before=TEXT, after=TEXT, covered=covered)

    assert found == decision


def test_tagged_public_posts_takes_nothing_down():
    """Something that vanished is for the owner to look at."""
    assert decide(TAGGED, plan(PAGE, OLD), before=TEXT, after=TEXT) == "preview"


def test_tagged_public_posts_needs_to_know_what_was_there():
    """A page whose earlier text is not known may hold any new word."""
    assert decide(TAGGED, plan(PAGE), after=TEXT) == "preview"
    assert decide(TAGGED, plan(PAGE)) == "preview"


# --- the whole page -------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=30).filter(
    lambda t: t.strip(" #-*")
)
SECTIONS = ("1a", "1b", "4a")


def section(name: str, words: str = "Words.", *, ready: bool = True, title: str = "", cites: tuple[Cited, ...] = ()):
    parts = (Passage("description", "Description", words), Passage("reflection", "Reflection", "I would ask first."))
    return Narrative(name, title=title, ready=ready, visibility=Visibility.PUBLIC, evidence=cites, passages=parts)


def posts(numbers) -> list[Item]:
    """Public posts that a tag makes evidence, for each section as many as the numbers say."""
    return [
        item(100 * at + n, tags=(f"cmalt-{name}",))
        for at, (name, count) in enumerate(numbers.items(), 1)
        for n in range(count)
    ]


def page(items, narratives, marks=None) -> str:
    portfolio = assembled(items, {n.section: n for n in narratives}, marks=marks)
    return render(portfolio, lambda _digest: Path(), Path()).release.fragment


BASE = [section(name) for name in SECTIONS]
BEFORE = page(posts(dict.fromkeys(SECTIONS, 1)), BASE)


def decided(after: str) -> str:
    return decide(TAGGED, plan(PAGE), before=BEFORE, after=after, covered=())


@given(st.fixed_dictionaries({name: st.integers(1, 4) for name in SECTIONS}))
def test_rows_of_public_posts_come_and_go(numbers):
    """However many public posts carry a section's tag, the page goes out by itself."""
    assert decided(page(posts(numbers), BASE)) == "publish"


@given(
    st.sampled_from(SECTIONS),
    WORDS,
    st.sampled_from(["words", "title", "why", "not ready", "new section", "last evidence", "draft", "kept text"]),
    st.fixed_dictionaries({name: st.integers(1, 3) for name in SECTIONS}),
)
def test_no_other_change_goes_out_by_itself(name, words, change, numbers):
    """A section's words, heading, reasons or readiness, and what is not public elsewhere, wait for their owner."""
    narratives = {n.section: n for n in BASE}
    marks: dict[str, Visibility] = {}
    items = posts(numbers)
    other = next(s for s in SECTIONS if s != name)
    match change:
        case "words":
            narratives[name] = section(name, f"Words. And {words}")
        case "title":
            narratives[name] = section(name, title=f"{words} x")
        case "why":
            narratives[name] = section(name, cites=(Cited(items[0].id, why=f"{words} x"),))
        case "not ready":
            narratives[name] = section(name, ready=False)
        case "new section":
            narratives["2a"] = section("2a", words)
        case "last evidence":
            items = [i for i in items if f"cmalt-{other}" not in i.entry.tags]
        case "draft" | "kept text":
            text = f"<p>{escape(words)} x</p>" if change == "kept text" else ""
            tagged = (f"cmalt-{name}",)
            more = item(
                999, words, visibility=Visibility.PRIVATE, status="draft", url="", tags=tagged, content_html=text
            )
            items, marks = [*items, more], {more.id: Visibility.PUBLIC}

    after = page(items, narratives.values(), marks)

    assert after != BEFORE
    assert decided(after) == "preview"


def test_all_is_all():
    """Whoever chose everything gets everything but conflicts."""
    assert decide("all", plan(PAGE, FILE, OLD, public=("https://b.example/kf-1.png",))) == "publish"
