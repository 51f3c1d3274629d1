"""Property: what is private is in no edition for others, whatever the archive, the marks and the citations."""

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.entry import Visibility
from bridge.portfolio.marks import effective
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.render.page import render
from tests.portfolio.samples import Bytes, assembled, item, picture

SECTIONS = ("context", "1a", "2b", "3a")
LEVELS = st.sampled_from(Visibility)


@st.composite
def archives(draw):
    """Draw items with secrets of their own: a word in the title, one in the text, and files that no other has."""
    return [
        {
            "number": number,
            "kind": draw(st.sampled_from(["post", "media", "journal-entry", "page"])),
            "visibility": draw(LEVELS),
            "status": draw(st.sampled_from(["publish", "draft", "trash"])),
            "deleted": draw(st.booleans()),
            "tags": tuple(draw(st.lists(st.sampled_from([f"cmalt-{s}" for s in SECTIONS]), max_size=2))),
            "mark": draw(st.none() | LEVELS),
            "file": draw(st.sampled_from(["", "png", "pdf"])),
        }
        for number in range(1, draw(st.integers(1, 5)) + 1)
    ]


def built(folder, drawn):
    """Return the items with their files, and the owner's marks."""
    held, marks = Bytes(folder), {}
    items = []
    for d in drawn:
        number = d["number"]
        files = ()
        if d["file"] == "png":
            files = (
                held.add(f"file-secret{number}.png", picture(40, 30, f"#0000{number:02x}"), media_type="image/png"),
            )
        elif d["file"] == "pdf":
            files = (
                held.add(f"file-secret{number}.pdf", b"%PDF " + str(number).encode(), media_type="application/pdf"),
            )
        address = files[0].url if files else ""
        made = item(
            number,
            f"title-secret{number}",
            kind=d["kind"],
            visibility=d["visibility"],
            status=d["status"],
            deleted=d["deleted"],
            tags=d["tags"],
            files=files,
            url=f"https://blog.example.org/url-secret{number}/",
            content_html=f'<p>text-secret{number}</p><img src="{address}" alt="alt-secret{number}">',
        )
        items.append(made)
        if d["mark"] is not None:
            marks[made.id] = d["mark"]
    return held, items, marks


@given(
    drawn=archives(),
    edition=st.sampled_from([Visibility.ASSESSOR, Visibility.PUBLIC]),
    chosen=st.lists(
        st.tuples(st.sampled_from(SECTIONS), st.integers(1, 5), st.none() | LEVELS, st.booleans()), max_size=8
    ),
    shown=st.lists(st.tuples(st.sampled_from(SECTIONS), st.integers(1, 5)), max_size=4),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_private_items_are_in_no_edition_for_others(drawn, edition, chosen, shown):
    """Neither title, text, address, description nor bytes of an item reach an edition above its visibility."""
    with tempfile.TemporaryDirectory() as name:
        held, items, marks = built(Path(name), drawn)
        narratives = {}
        for section in SECTIONS:
            evidence = tuple(
                Cited(item(n).id, "why", narrowed, "caption" if caption else "")
                for s, n, narrowed, caption in chosen
                if s == section
            )
            text = "Words. " + " ".join(f"![]({item(n).id}) [here]({item(n).id})" for s, n in shown if s == section)
            passages = (Passage("description", "Description", text),)
            narratives[section] = Narrative(
                section, ready=True, visibility=Visibility.PUBLIC, evidence=evidence, passages=passages
            )

        page = render(assembled(items, narratives, edition, marks=marks), held.path, Path(name) / "build")

        everything = page.release.document + page.release.fragment + repr(page.release.uploads)
        for one in items:
            if effective(one, marks).openness < edition.openness:
                assert f"secret{one.entry.native_id}" not in everything
                assert one.id not in everything
                assert not any(upload.evidence == one.id for upload in page.release.uploads)


@given(drawn=archives())
@settings(max_examples=25, deadline=None)
def test_sections_that_are_not_ready_are_in_no_edition_for_others(drawn):
    """What the owner has not called ready stays with the owner, its evidence included."""
    with tempfile.TemporaryDirectory() as name:
        held, items, marks = built(Path(name), drawn)
        ready = Narrative(
            "1a", ready=True, visibility=Visibility.PUBLIC, passages=(Passage("description", "D", "Shown."),)
        )
        hidden = replace(ready, section="2b", ready=False, passages=(Passage("description", "D", "draft-words"),))

        page = render(assembled(items, {"1a": ready, "2b": hidden}, marks=marks), held.path, Path(name) / "build")

        assert "draft-words" not in page.release.document
        assert "kf-2b" not in page.release.document
