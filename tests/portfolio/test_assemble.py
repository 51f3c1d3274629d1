"""Assembling: what stands on the page of an edition, and what does not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.entry import MediaFile, Visibility
from bridge.portfolio.narrative import Cited, Narrative, Passage
from tests.portfolio.samples import AS_OF, assembled, item

PRIVATE, ASSESSOR, PUBLIC = Visibility


def words(section="1a", *, evidence=(), ready=True, visibility=PUBLIC, text="I did it.", **fields):
    """Return the narrative of a section whose parts are all written."""
    passages = tuple(Passage(part, part.title(), text) for part in ("description", "evidence", "reflection"))
    known = {"passages": passages, **fields}
    return {section: Narrative(section, ready=ready, visibility=visibility, evidence=tuple(evidence), **known)}


def section(portfolio, section_id="1a"):
    return next(s for s in portfolio.sections if s.id == section_id)


def test_a_section_has_its_parts_in_the_frameworks_order():
    """However the owner ordered them, every section shows the same parts in the same order, own headings last."""
    passages = (Passage("own", "Own", "x"), Passage("reflection", "Reflection", "y"), Passage("description", "D", "z"))

    found = section(assembled([], words(passages=passages)))

    assert [part.id for part in found.parts] == ["description", "reflection", "own"]


def test_evidence_says_what_it_is_when_and_why():
    """Title, kind, date in the owner's time zone and the owner's line stand with each piece."""
    late = item(1, "A post", published=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))

    (evidence,) = section(assembled([late], words(evidence=[Cited(late.id, "because")]))).evidence

    assert (evidence.title, evidence.kind, evidence.date, evidence.why) == (
        "A post",
        "Blog post",
        "1 July 2026",
        "because",
    )
    assert evidence.url == "https://blog.example.org/post-1/"


def test_a_heading_without_shown_sections_is_left_out():
    """A core area appears with the first of its sections that does."""
    found = assembled([], words("2b"))

    assert [s.id for s in found.sections] == ["2", "2b"]


@pytest.mark.parametrize(
    ("narratives", "why"),
    [
        (words(ready=False), "ready: true"),
        (words(visibility=PRIVATE), "visibility: private"),
        (words(visibility=ASSESSOR), "visibility: assessor"),
    ],
)
def test_a_section_goes_out_only_when_its_owner_said_so(narratives, why):
    """A section that is not ready, or not for this edition, is left out, and it is said why."""
    public = assembled([], narratives)

    assert public.sections == ()
    assert [(left.id, why in left.why) for left in public.left_out] == [("1a", True)]


def test_the_owners_draft_shows_what_is_missing():
    """The private edition has every section, and says where nothing is written yet."""
    draft = assembled([], {}, PRIVATE)

    assert len(draft.sections) == 17
    assert section(draft).placeholder
    assert all(part.placeholder for part in section(draft).parts)


def test_placeholders_are_in_no_edition_that_goes_out():
    """A part that says nothing yet has no heading on a page for others."""
    passages = (Passage("description", "Description", "I did."), Passage("reflection", "Reflection", "[TO DO]"))

    found = section(assembled([], words(passages=passages)))

    assert [part.id for part in found.parts] == ["description"]


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (item(1, visibility=PRIVATE), "private"),
        (item(1, deleted=True), "deleted at its source"),
        (item(1, status="trash"), "bin"),
        (item(1, author="others"), "somebody else"),
        (item(1, kind="comment"), "comment"),
        (item(1, published=datetime(2027, 1, 1, tzinfo=UTC)), "1 January 2027"),
    ],
)
def test_evidence_that_may_not_be_shown_is_left_out_with_the_reason(held, why):
    """A cited item that may not appear is named in ``left_out`` and nowhere on the page."""
    found = assembled([held], words(evidence=[Cited(held.id)]))

    assert section(found).evidence == ()
    assert [(left.id, left.section, why in left.why) for left in found.left_out] == [(held.id, "1a", True)]


def test_what_is_not_in_the_archive_is_left_out():
    """A cited id that the archive does not hold is said to be missing."""
    found = assembled([], words(evidence=[Cited("urn:uuid:none")]))

    assert "not in the archive" in found.left_out[0].why


def test_visibility_can_be_narrowed_for_one_section():
    """A public post cited with ``visibility: private`` is in that section's draft only; widening needs a mark."""
    public, private = item(1), item(2, visibility=PRIVATE)
    narratives = words(evidence=[Cited(public.id, visibility=PRIVATE), Cited(private.id, visibility=PUBLIC)])

    assert section(assembled([public, private], narratives)).evidence == ()
    assert len(section(assembled([public, private], narratives, PRIVATE)).evidence) == 2


def test_a_private_item_that_the_owner_opened_brings_its_text_and_files():
    """No public address shows it, so the page does: its text at the end, its files beside it."""
    file = MediaFile(name="a.pdf", url="https://m.example/1", media_type="application/pdf", sha256="a" * 64)
    held = item(1, visibility=PRIVATE, content_html="<h1>H</h1><script>x</script><p>Said.</p>", files=(file,))

    found = assembled([held], words(evidence=[Cited(held.id)]), marks={held.id: PUBLIC})

    (evidence,) = section(found).evidence
    assert (evidence.url, evidence.kept, [f.sha256 for f in evidence.files]) == ("", True, ["a" * 64])
    assert found.kept[0].html == "<h4>H</h4><p>Said.</p>"


def test_a_public_post_is_linked_and_nothing_is_brought_along():
    """What is public on the owner's site is linked."""
    file = MediaFile(name="a.pdf", url="https://b.example/a.pdf", media_type="application/pdf", sha256="a" * 64)
    held = item(1, files=(file,))

    (evidence,) = section(assembled([held], words(evidence=[Cited(held.id)]))).evidence

    assert (evidence.url, evidence.kept, evidence.files) == (held.entry.url, False, ())


def test_a_file_that_others_host_is_brought_along():
    """A public PDF on the owner's own host is linked; one elsewhere is brought along, for it may vanish."""
    file = MediaFile(name="a.pdf", url="https://uni.example/a.pdf", media_type="application/pdf", sha256="a" * 64)
    held = item(1, kind="media", files=(file,))
    narratives = words(evidence=[Cited(held.id)])

    (ours,) = section(assembled([held], narratives, own_hosts=frozenset({"uni.example"}))).evidence
    (theirs,) = section(assembled([held], narratives, own_hosts=frozenset({"blog.example"}))).evidence

    assert (ours.url, ours.files) == ("https://uni.example/a.pdf", ())
    assert (theirs.url, len(theirs.files)) == ("", 1)


def test_a_caption_makes_a_posts_picture_a_figure():
    """Pictures are figures, and a post's first picture becomes one when the owner gives it a caption."""
    file = MediaFile(name="a.png", url="https://b.example/a.png", media_type="image/png", sha256="a" * 64)
    post, picture = item(1, files=(file,)), item(2, kind="media", files=(file,))

    found = section(assembled([post, picture], words(evidence=[Cited(post.id, caption="Mine"), Cited(picture.id)])))

    assert [figure.caption for item in found.evidence for figure in item.figures] == ["Mine", "Post 2"]


def test_pictures_in_the_owners_text():
    """A picture named by its item or its address is shown from the archive; any other becomes a link."""
    file = MediaFile(name="a.png", url="https://b.example/a.png", media_type="image/png", sha256="a" * 64)
    held = item(2, kind="media", files=(file,))
    text = f"![one]({held.id})\n\n![two](https://b.example/a.png)\n\n![three](https://elsewhere.example/x.png)"

    found = assembled([held], words(text=text))

    assert set(found.pictures) == {held.id, "https://b.example/a.png"}
    assert '<a href="https://elsewhere.example/x.png">three</a>' in section(found).parts[0].html


def test_a_private_picture_in_the_owners_text_stays_private():
    """A picture that this edition may not show is not in it, whichever way the text names it."""
    file = MediaFile(name="a.png", url="https://b.example/a.png", media_type="image/png", sha256="a" * 64)
    held = item(2, kind="media", files=(file,), visibility=PRIVATE)
    text = f"![one]({held.id}) ![two](https://b.example/a.png)"

    found = assembled([held], words(text=text))

    assert found.pictures == {}
    assert "<img" not in section(found).parts[0].html


def test_links_to_items_lead_to_their_public_address():
    """``[my post](urn:uuid:...)`` becomes a link to the post; a private one keeps its words only."""
    public, private = item(1), item(2, visibility=PRIVATE)
    text = f"[one]({public.id}) and [two]({private.id})"

    html = section(assembled([public, private], words(text=text))).parts[0].html

    assert html == '<p><a href="https://blog.example.org/post-1/">one</a> and two</p>'


def test_the_owner_names_the_specialist_area():
    """The area's name stands in its heading, from the generation or the section file; criteria keep their letter."""
    narratives = words("specialist-1") | words("1a", title="My own heading")

    found = assembled([], narratives)

    assert section(found, "specialist-1").title == "Specialist Area 1: Accessible media"
    assert section(found, "1a").title == "1a: My own heading"


def test_equal_inputs_give_an_equal_portfolio():
    """Order of the archive, of the narratives and of marks makes no difference."""
    entries = [item(n, tags=("cmalt-1a",)) for n in range(1, 6)]
    narratives = words("1a") | words("2b")

    one = assembled(entries, narratives)
    two = assembled(entries[::-1], dict(reversed(narratives.items())))

    assert one == two


def test_words_are_counted_without_guidance_or_mark_up():
    """Counts are of the owner's words."""
    passages = (Passage("description", "Description", "One **two**\n\n- three\n- four"),)

    assert section(assembled([], words(passages=passages))).words == 4


def test_credits_name_each_picture_once():
    """A picture with maker or licence is credited once, though two sections show it."""
    file = MediaFile(name="a.png", url="", media_type="image/png", sha256="a" * 64, credit="Lou", licence="CC BY 4.0")
    held = item(1, kind="media", files=(file,))

    found = assembled([held], words("1a", evidence=[Cited(held.id)]) | words("2b", evidence=[Cited(held.id)]))

    assert [(c.credit, c.licence) for c in found.credits] == [("Lou", "CC BY 4.0")]


def test_a_post_of_the_future_appears_when_its_day_comes():
    """The same archive later shows the scheduled post."""
    held = item(1, published=datetime(2027, 1, 1, tzinfo=UTC))
    narratives = words(evidence=[Cited(held.id)])

    assert section(assembled([held], narratives)).evidence == ()
    assert section(assembled([held], narratives, as_of=AS_OF.replace(year=2027))).evidence


def test_the_title_is_the_owners_or_made_of_the_name():
    """The page's heading is the generation's title, else name and pathway."""
    from tests.portfolio.samples import GENERATION

    assert assembled([], {}).title == "Jane Example: CMALT portfolio"
    assert assembled([], {}, generation=replace(GENERATION, title="My work")).title == "My work"


def test_smaller_sizes_are_known_for_their_picture():
    """WordPress shows ``a-300x200.png`` of ``a.png`` in a text: it is the same picture, and as visible as that."""
    file = MediaFile(name="a.png", url="https://b.example/a.png", media_type="image/png", sha256="a" * 64)
    text = "![one](https://b.example/a-300x200.png)"

    shown = assembled([item(2, kind="media", files=(file,))], words(text=text))
    hidden = assembled([item(2, kind="media", files=(file,), visibility=PRIVATE)], words(text=text))

    assert list(shown.pictures) == ["https://b.example/a-300x200.png"]
    assert hidden.pictures == {}


def test_titles_in_another_language_say_so():
    """A German post on an English page is marked as German; British and American English are both English."""
    german, american = item(1, language="de-DE"), item(2, language="en-US")

    found = section(assembled([german, american], words(evidence=[Cited(german.id), Cited(american.id)])))

    assert [evidence.language for evidence in found.evidence] == ["de-DE", ""]


def test_a_mark_and_a_citation_hold_after_two_entries_became_one():
    """The archive joined two entries: an old id still names the one that is left, its mark counts, it stands once."""
    held = item(1, tags=("cmalt-1a",))
    old = "urn:uuid:old"
    narratives = words(evidence=[Cited(old, why="mine")])
    entries = {held.id: held, old: held}

    shown = assembled([held], narratives, by_id=entries)
    hidden = assembled([held], narratives, by_id=entries, marks={held.id: PUBLIC, old: PRIVATE})

    assert [evidence.why for evidence in section(shown).evidence] == ["mine"]
    assert section(hidden).evidence == ()


def test_a_colleagues_picture_is_not_shown():
    """A picture that somebody else put on a shared site is theirs: the owner's text may link it, not bring it along."""
    file = MediaFile(name="a.png", url="https://b.example/a.png", media_type="image/png", sha256="a" * 64)
    theirs = item(2, kind="media", files=(file,), author="others")

    assert assembled([theirs], words(text="![one](https://b.example/a.png)")).pictures == {}
