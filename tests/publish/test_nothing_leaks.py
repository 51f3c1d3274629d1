"""Property: nothing of what is private is in anything that a target is sent, or that a plan says, by any way in."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.entry import Visibility
from bridge.portfolio import chosen, released
from bridge.portfolio.marks import effective
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.publish import make_plan, text_only
from bridge.render.page import render
from connectors.staticsite import StaticSite
from connectors.wordpress.page import WordPressPage
from tests.portfolio.samples import CMALT, assembled, item
from tests.portfolio.test_nothing_leaks import SECTIONS, archives, built

TEXT_ITEM = 9  # the one whose words the owner chose as a section's text
STATES = st.sampled_from([(ready, seen) for ready in (True, False) for seen in Visibility])

WORDPRESS = WordPressPage(
    "site",
    {"url": "https://blog.example.org", "user": "jane", "page": "cmalt", "status": "publish"},
    desk=None,  # type: ignore[arg-type] # only what is pure is asked
    library=None,  # type: ignore[arg-type]
)


def everywhere(items) -> str:
    """Return a text that shows and links every item, in every way that a text can."""
    ways = []
    for one in items:
        ways.append(f"![]({one.id}) [words]({one.id}) [words]({one.entry.url})")
        ways += [f"![]({file.url}) [words]({file.url})" for file in one.entry.files]
    return "Words. " + " ".join(ways)


def linking(one, items):
    """Return an item whose harvested text shows and links all others, as a blog's posts do."""
    links = "".join(f'<p><a href="{other.entry.url}">there</a></p>' for other in items)
    pictures = "".join(f'<img src="{file.url}">' for other in items for file in other.entry.files)
    return replace(one, entry=replace(one.entry, content_html=f"{one.entry.content_html}{links}{pictures}"))


def all_that_leaves(release, folder: Path) -> str:
    """Return every byte that both targets and the plans for them hold: pages, names, titles, digests, addresses."""
    leaving = [repr(release.uploads), release.title]
    for made in (release, text_only(release)):
        for target in (WORDPRESS, StaticSite("preview", folder, "https://jane.example.org", "public")):
            wanted = target.shape(made)
            plan = make_plan("site", made, wanted, {}, {}, reach=target.reach)
            leaving += [repr(resource) for resource in wanted] + [json.dumps(plan.to_json())]
    return "\n".join(leaving)


def secrets_of(one) -> list[str]:
    """Return what tells of an item: its number stands in title, text, address, file name and description."""
    digests = [part for file in one.entry.files for part in (file.sha256, f"kf-{file.sha256[:8]}")]
    return [f"secret{one.entry.native_id}", one.id, *digests]


@given(
    drawn=archives(),
    edition=st.sampled_from([Visibility.ASSESSOR, Visibility.PUBLIC]),
    states=st.fixed_dictionaries(dict.fromkeys(SECTIONS, STATES)),
    citing=st.lists(
        st.tuples(st.sampled_from(SECTIONS), st.integers(1, 5), st.none() | st.sampled_from(Visibility), st.booleans()),
        max_size=8,
    ),
    text_of=st.sampled_from(["", *SECTIONS]),
    released_before=st.booleans(),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_nothing_private_leaves(drawn, edition, states, citing, text_of, released_before):
    """
    Whatever the archive holds, and whichever way something could come in: cited, tagged, shown, linked, linked from a
    text that is brought along, in the text of a chosen entry, or kept from a release in which it was public.
    """
    with tempfile.TemporaryDirectory() as name:
        held, items, marks = built(Path(name), drawn)
        items = [linking(one, items) for one in items]
        text = linking(
            item(
                TEXT_ITEM,
                f"title-secret{TEXT_ITEM}",
                visibility=Visibility.PRIVATE,
                url=f"https://blog.example.org/url-secret{TEXT_ITEM}/",
                content_html="<h2>Description</h2><p>chosen-words</p>",
            ),
            items,
        )
        narratives = {}
        for section, (ready, seen) in states.items():
            narratives[section] = Narrative(
                section,
                ready=ready,
                visibility=seen,
                evidence=tuple(
                    Cited(item(n).id, "why", narrowed, "caption" if caption else "")
                    for s, n, narrowed, caption in citing
                    if s == section
                ),
                passages=(Passage("description", "Description", f"{section}-words {everywhere([*items, text])}"),),
                chosen=text.id if section == text_of else "",
            )
            if section == text_of:
                narratives[section] = chosen.filled(narratives[section], text, CMALT.section("cmalt", section))
        before = {}
        if released_before:  # when everything was open
            open_marks = {one.id: Visibility.PUBLIC for one in items}
            open_narratives = {
                s: replace(n, ready=True, visibility=Visibility.PUBLIC, evidence=tuple(map(_unnarrowed, n.evidence)))
                for s, n in narratives.items()
            }
            opened = assembled([*items, text], open_narratives, edition, marks=open_marks)
            before = released.read(json.loads(json.dumps(released.record(opened))))

        portfolio = assembled([*items, text], narratives, edition, marks=marks, released=before)
        leaves = all_that_leaves(render(portfolio, held.path, Path(name) / "build").release, Path(name) / "site")

        for one in [*items, text]:
            if effective(one, marks).openness < edition.openness:
                assert not [secret for secret in secrets_of(one) if secret in leaves]
        for section, (ready, seen) in states.items():
            if seen.openness < edition.openness or not (ready or released_before):
                assert f"{section}-words" not in leaves
                assert text_of != section or "chosen-words" not in leaves


def _unnarrowed(citation: Cited) -> Cited:
    return replace(citation, visibility=None)
