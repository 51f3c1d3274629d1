"""What stands between a plan and the site: gates, what was closed since, and words for the owner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archive.entry import Entry, Visibility
from archive.errors import NeedsOwner
from bridge import publishing, unattended
from bridge.cli import plans
from connectors.contract import Finding
from tests.publish.folder import Folder

DRAFT = Entry(
    keys=("guid:https://blog.example.org/?p=7",),
    kind="post",
    native_id="7",
    title="A draft of mine",
    status="draft",
    visibility=Visibility.PRIVATE,
    content_html="<p>Words that no page of mine shows.</p>",
)
INNER = Entry(
    keys=("mahara:m.example/artefact1",),
    kind="journal-entry",
    native_id="artefact1",
    title="Sprint 4",
    visibility=Visibility.PRIVATE,
    content_html="<p>We moved forty courses in a week.</p>",
)
OUTER = replace(
    INNER,
    keys=("mahara:m.example/view9",),
    kind="page",
    native_id="view9",
    title="My page",
    content_html="<h2>Tagged entries</h2><h3>Sprint 4</h3><p>We moved forty courses in a week.</p>",
)
UNREADY = Finding("unready", "error", "2a is left out.", section="2a")


@pytest.fixture
def jane(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "jane")
    folder.hold(DRAFT)
    folder.write("1a", "First words.")
    return folder


def live(prepared: publishing.Prepared, *, actions: bool = True) -> publishing.Prepared:
    """The same plan, as it would be for a page that strangers read."""
    plan = replace(prepared.plan, live=True, actions=prepared.plan.actions if actions else ())
    return replace(prepared, plan=plan, unready=(UNREADY,))


def test_a_folder_may_be_unfinished_and_gives_nobody_away(jane: Folder) -> None:
    """Other sections lack their words, which stops no folder; an address of somebody in it does, until it is let go."""
    jane.publish()
    jane.write("1a", "Ask ann@elsewhere.example about it.")

    prepared = jane.plan()

    assert {f.code for f in prepared.unready} > {"unready", "personal-data"}
    with pytest.raises(NeedsOwner) as refused:
        publishing.insist_ready(prepared)
    assert "ann@elsewhere.example" in refused.value.message
    assert "2a" not in refused.value.message
    publishing.insist_ready(prepared, ["personal-data:ann@elsewhere.example"])


def test_what_is_not_ready_is_refused_by_its_code(jane: Folder) -> None:
    """A gate refuses; waiving another kind does not help; waiving this kind does."""
    prepared = live(jane.plan())

    with pytest.raises(NeedsOwner, match="unready") as refused:
        publishing.insist_ready(prepared, ("personal-data",))
    publishing.insist_ready(prepared, ("unready",))

    assert "--waive unready" in refused.value.mend
    assert "Not ready" in plans.in_words(prepared)


def test_a_plan_parts_what_refuses_it_from_what_is_only_open(jane: Folder) -> None:
    """A folder may be unfinished: the plan does not say that it is refused for that, as publishing does not."""
    open_, refused = "Still open, which stops nothing here:", "Not ready, so it is refused:"
    unfinished = plans.in_words(jane.plan())
    assert refused not in unfinished
    assert "To settle before the page goes live:" in unfinished

    jane.write("1a", "Ask ann@elsewhere.example about it.")
    before, said = plans.in_words(jane.plan()).split(refused)
    stops, rest = said.split(open_)

    assert open_ not in before
    assert "[personal-data]" in stops
    assert "[unready]" not in stops
    assert "[unready]" in rest
    assert "[personal-data]" not in rest
    assert open_ not in plans.in_words(live(jane.plan()))


def test_a_page_that_needs_nothing_is_not_refused(jane: Folder) -> None:
    """Gates stand before doing something, not before doing nothing."""
    publishing.insist_ready(live(jane.plan(), actions=False))


def test_a_draft_says_what_is_to_be_settled_before_it_goes_live(jane: Folder) -> None:
    """Nothing is refused, and nothing is kept from the owner."""
    prepared = replace(jane.plan(), unready=(UNREADY,))

    publishing.insist_ready(prepared)

    assert "before the page goes live" in plans.in_words(prepared)
    assert "2a is left out" in plans.in_words(prepared)


def test_a_plan_names_whose_text_it_opens(jane: Folder) -> None:
    """A draft that the owner marked public stands on the page with its text: the plan says so."""
    (draft,) = jane.hold(DRAFT)
    jane.mark(draft, "public")
    jane.write("1a", "First words.", evidence=(draft,))

    prepared = jane.plan()

    assert prepared.opened == ("A draft of mine",)
    assert "“A draft of mine”" in plans.in_words(prepared)


def test_a_plan_names_whose_text_stands_within_another(jane: Folder) -> None:
    """A page of a Mahara opens the words of the entries that it shows: the plan names each of them."""
    _, outer = jane.hold(INNER, OUTER)
    jane.mark(outer, "public")
    jane.write("1a", "First words.", evidence=(outer,))

    assert set(jane.plan().opened) == {"My page", "Sprint 4"}


@pytest.mark.parametrize(("more", "became"), [("Sprint 4", 0), ("Sprint 5", 4)])
def test_a_page_that_drew_in_more_waits_under_every_policy(jane: Folder, more: str, became: int) -> None:
    """An opened page of a Mahara grows by itself: an entry that no release has shown waits for the owner's word."""
    another = replace(
        INNER,
        keys=("mahara:m.example/artefact2",),
        native_id="artefact2",
        title="Sprint 5",
        content_html="<p>What the fifth sprint cost us all.</p>",
    )
    grown = INNER.content_html if more == INNER.title else another.content_html
    (outer, *_) = jane.hold(OUTER, INNER, another)
    config = jane.root / "config.yaml"
    config.write_text(config.read_text() + "schedule:\n  publish: {monthly: '1 04:00', unattended: all}\n")
    waive = "waive: [unready, placeholder, missing, rule]\n"
    for section in (s.id for s in jane.desk().framework.flat("cmalt") if not s.gathers):
        jane.write(section, "First words.", evidence=(outer,) if section == "1a" else (), more=waive)
    jane.mark(outer, "public")
    jane.publish()

    jane.hold(replace(OUTER, content_html=f"{OUTER.content_html}{grown}"))

    outcome = unattended.publish(jane.session())
    assert (outcome.code, "published" in outcome.text) == (became, became == 0)


def test_an_earlier_version_does_not_bring_back_words_within_a_page(jane: Folder) -> None:
    """Rollback refuses a release of a page that shows an entry which its owner closed by name since."""
    inner, outer = jane.hold(INNER, OUTER)
    jane.mark(outer, "public")
    jane.write("1a", "First words.", evidence=(outer,))
    jane.publish()
    jane.write("1a", "Second words.")
    jane.publish()
    jane.mark(inner, "private")
    session = jane.session()

    with pytest.raises(NeedsOwner, match="My page"):
        publishing.prepare(session, "preview", release=publishing.earlier_release(session, "preview", ""))


def test_an_earlier_version_does_not_bring_back_what_was_closed_since(jane: Folder) -> None:
    """Rollback refuses a release that cites what is private now, names it, and sends nothing."""
    (draft,) = jane.hold(DRAFT)
    jane.mark(draft, "public")
    jane.write("1a", "First words.", evidence=(draft,))
    jane.publish()
    jane.write("1a", "Second words.")
    jane.publish()
    jane.mark(draft, "private")
    page = jane.page
    session = jane.session()

    with pytest.raises(NeedsOwner, match="A draft of mine"):
        publishing.prepare(session, "preview", release=publishing.earlier_release(session, "preview", ""))

    assert jane.page == page


def test_an_earlier_version_comes_back_whole(jane: Folder) -> None:
    """What is still open is published again, word for word."""
    jane.publish()
    first = jane.page
    jane.write("1a", "Words that I regret.")
    jane.publish()
    session = jane.session()

    earlier = publishing.earlier_release(session, "preview", "")
    publishing.carry_out(publishing.prepare(session, "preview", release=earlier), approved=True)

    assert jane.page == first
    assert publishing.published(session, "preview")[0].release == earlier.id
