"""An entry chosen as the text of a section: opened for that section, by the section's own rules, and no further."""

from __future__ import annotations

import pytest

from archive.entry import Visibility
from bridge.portfolio import chosen, narrative
from bridge.portfolio.gaps import gaps
from bridge.portfolio.gates import gates
from bridge.portfolio.mapping import connect
from bridge.portfolio.narrative import Cited, Narrative, Passage
from tests.portfolio.samples import CMALT, Bytes, assembled, item, picture

PRIVATE, ASSESSOR, PUBLIC = Visibility
TEXT = """<!-- wp:group --><div class="wp-block-group"><p>Before.</p>
<h2>Description:</h2><p>I compared 2 &lt; 3 systems.</p><h3>Numbers</h3><ul><li>one</li></ul></div><!-- /wp:group -->
<script>alert(1)</script><h2>Reflection</h2><p onclick="x()">I would <em>ask</em> first.</p>"""


def private_post(**fields):
    return item(1, "Draft of 1a", **{"visibility": PRIVATE, "status": "private", "content_html": TEXT, **fields})


def section_1a(held, *, ready=True, visibility=PUBLIC, passages=(), **fields):
    """Return the narratives with section 1a's text taken from an entry."""
    file = Narrative("1a", ready=ready, visibility=visibility, passages=passages, chosen="urn:uuid:x", **fields)
    return {"1a": chosen.filled(file, held, CMALT.section("cmalt", "1a"))}


def parts(portfolio):
    return {part.id: part.html for section in portfolio.sections if section.id == "1a" for part in section.parts}


def test_a_private_posts_text_fills_the_section_at_the_headings_of_its_parts():
    """Headings that are named like the parts split it; other headings stay below them; nothing in it runs."""
    held = private_post()

    found = parts(assembled([held], section_1a(held)))

    assert found["description"] == "<p>I compared 2 &lt; 3 systems.</p><h5>Numbers</h5><ul><li>one</li></ul>"
    assert found["reflection"] == "<p>I would <em>ask</em> first.</p>"
    assert found[""] == "<p>Before.</p>"


def test_loose_words_of_a_text_stay_words():
    """Text outside of any element, as old posts have it, is not read as HTML a second time."""
    held = private_post(content_html="<h2>Description</h2>Write &lt;b&gt; for bold")

    assert parts(assembled([held], section_1a(held)))["description"] == "Write &lt;b&gt; for bold"


@pytest.mark.parametrize(("ready", "visibility"), [(False, PUBLIC), (True, ASSESSOR), (True, PRIVATE)])
def test_the_sections_own_rules_decide_who_reads_it(ready, visibility):
    """A section that is not ready, or not for this edition, shows nothing of it; the owner's draft does."""
    held = private_post()
    narratives = section_1a(held, ready=ready, visibility=visibility)

    assert assembled([held], narratives).sections == ()
    assert "I compared" in parts(assembled([held], narratives, PRIVATE))["description"]


def test_it_is_opened_for_that_section_alone():
    """Cited elsewhere the post is as private as before; its title and address are nowhere."""
    held = private_post(url="https://blog.example.org/draft-of-1a/")
    passages = (Passage("description", "Description", f"Words, and [a link]({held.id})."),)
    narratives = section_1a(held) | {
        "1b": Narrative("1b", ready=True, visibility=PUBLIC, evidence=(Cited(held.id),), passages=passages)
    }

    found = assembled([held], narratives)

    assert [left.why for left in found.left_out] == ["it is private"]
    assert held.entry.title not in repr(found.sections)
    assert held.entry.url not in repr(found.sections)


def test_what_the_file_says_comes_first():
    """Words in the file and words of the entry stand under one heading; none are lost."""
    held = private_post()
    own = (Passage("reflection", "Reflection", "In short: ask."), Passage("own", "Own", "Mine."))

    found = parts(assembled([held], section_1a(held, passages=own)))

    assert found["reflection"] == "<p>In short: ask.</p><p>I would <em>ask</em> first.</p>"
    assert found["own"] == "<p>Mine.</p>"


def test_private_pictures_and_links_in_it_stay_private(tmp_path):
    """The choice opens words; a picture is opened with ``keepfolio mark``, and until then it is said to be left out."""
    held_bytes = Bytes(tmp_path)
    image = held_bytes.add("whiteboard.png", picture(60, 40), media_type="image/png")
    media = item(2, "Whiteboard", kind="media", visibility=PRIVATE, files=(image,), url="https://blog.example.org/wb/")
    held = private_post(
        content_html=f'<h2>Description</h2><p>Look: <a href="{image.url}"><img src="{image.url}" alt="names"></a> '
        '<a href="https://blog.example.org/wb/">there</a></p>'
    )

    closed = assembled([held, media], section_1a(held))
    opened = assembled([held, media], section_1a(held), marks={media.id: PUBLIC})

    assert parts(closed)["description"] == "<p>Look:  there</p>"
    assert closed.pictures == {}
    assert [(left.title, left.why) for left in closed.left_out] == [("Whiteboard", "it is private")]
    assert [shown.name for shown in opened.pictures.values()] == ["whiteboard.png"]


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (None, "is not in the archive"),
        (private_post(deleted=True), "was deleted at its source"),
        (private_post(status="trash"), "lies in the bin"),
        (private_post(author="others"), "written by somebody else"),
        (private_post(kind="workspace"), "is a workspace"),
        (private_post(content_html="<script>x</script>"), "has no words"),
    ],
)
def test_an_entry_that_cannot_be_the_text_holds_the_section_back(held, why):
    """The section is no empty one on the page: it is held back, and gaps and going live say why."""
    narratives = section_1a(held)
    entries = [held] if held else []
    public, draft = assembled(entries, narratives), assembled(entries, narratives, PRIVATE)

    assert public.sections == ()
    assert why in public.left_out[0].why
    assert [f.code for f in gates(public, narratives, CMALT, "cmalt") if f.section == "1a"] == ["unready"]
    connections = connect(entries, CMALT, "cmalt", {}, {}, narratives)
    found = gaps(
        framework=CMALT,
        pathway="cmalt",
        narratives=narratives,
        connections=connections,
        entries={},
        marks={},
        draft=draft,
    )
    assert [why in f.message for f in found if f.code == "text-missing"] == [True]


def test_a_sections_own_text_is_no_evidence_for_it():
    """A post tagged for the section whose text it is does not stand in its own list; elsewhere it does."""
    held = item(1, tags=("cmalt-1a", "cmalt-1b"))
    narratives = {"1a": Narrative("1a", chosen=held.id)}

    assert connect([held], CMALT, "cmalt", {}, {}, narratives).cited == {"1b": (held.id,)}


def test_the_choice_stands_in_front_matter(tmp_path):
    """``narrative: ID`` beside the other facts about the section."""
    (tmp_path / "1a.md").write_text("---\nsection: 1a\nnarrative: urn:uuid:1\n---\n")

    assert narrative.read(tmp_path, CMALT, "cmalt")["1a"].chosen == "urn:uuid:1"
