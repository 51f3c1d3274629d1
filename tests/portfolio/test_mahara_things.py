"""Things of a Mahara on the page: files known by a number behind the ``?``, and kinds that only hold other things."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.entry import MediaFile, Visibility
from bridge.addresses import of_file
from bridge.portfolio import wording
from bridge.portfolio.mapping import connect
from bridge.portfolio.narrative import Cited, Narrative, Passage
from tests.portfolio.samples import CMALT, Item, assembled, item

SITE = "https://mahara.example"


def file(number: int, name: str) -> MediaFile:
    address = f"{SITE}/artefact/file/download.php?file={number}"
    return MediaFile(name=name, url=address, media_type="image/png", sha256=f"{number:064x}")


def thing(number: int, kind: str, title: str, **fields) -> Item:
    known = {
        "keys": (f"mahara:mahara.example/artefact{number}",),
        "url": f"{SITE}/artefact/artefact.php?artefact={number}",
        "visibility": Visibility.PRIVATE,
    }
    return item(number, title, kind=kind, **{**known, **fields})


def words(*cited: str) -> dict[str, Narrative]:
    text = Passage("description", "Description", "Words.")
    return {
        "1a": Narrative(
            "1a",
            ready=True,
            visibility=Visibility.PUBLIC,
            passages=(text,),
            evidence=tuple(Cited(one) for one in cited),
        )
    }


def test_a_number_is_another_file():
    """Where a program serves files, the number says which; where the site does, a size is the same picture."""
    assert of_file(f"{SITE}/artefact/file/download.php?file=34") != of_file(
        f"{SITE}/artefact/file/download.php?file=35"
    )
    assert of_file("https://b.example/a-300x200.png?w=640#x") == of_file("https://b.example/a.png")
    assert of_file("https://b.example/?attachment_id=5") != of_file("https://b.example/?attachment_id=6")


def test_an_opened_entry_shows_its_own_picture_and_no_other():
    """Two files differ by their number alone: the one in the text goes along, the private other one does not."""
    shown, other = file(34, "workshop.png"), file(35, "salary.png")
    entry = thing(84, "journal-entry", "Webinar", files=(shown,), content_html=f'<p>x <img src="{shown.url}"></p>')
    secret = thing(35, "file", "salary.png", files=(other,))
    sneaky = thing(85, "journal-entry", "Sneaky", content_html=f'<p>y <img src="{other.url}"></p>')

    marks = {entry.id: Visibility.PUBLIC, sneaky.id: Visibility.PUBLIC}
    found = assembled([secret, entry, sneaky], words(entry.id, sneaky.id), marks=marks)

    assert {p.sha256 for p in found.pictures.values()} == {shown.sha256}
    assert any(left.id == secret.id and "private" in left.why for left in found.left_out)


def test_attached_pictures_go_along():
    """A picture that the text of an opened entry shows stays in it; one that is only attached becomes a figure."""
    shown, attached = file(34, "workshop.png"), file(3, "certificate.png")
    entry = thing(84, "journal-entry", "W", files=(shown, attached), content_html=f'<p>x <img src="{shown.url}"></p>')

    found = assembled([entry], words(entry.id), marks={entry.id: Visibility.PUBLIC})

    (evidence,) = next(s for s in found.sections if s.id == "1a").evidence
    assert [(figure.sha256, figure.caption) for figure in evidence.figures] == [(attached.sha256, "certificate.png")]
    assert [p.sha256 for p in found.pictures.values()] == [shown.sha256]


def test_a_private_entry_is_in_no_public_edition():
    """Nothing of a Mahara is public by itself, its address included."""
    entry = thing(84, "journal-entry", "Webinar", files=(file(34, "workshop.png"),))

    found = assembled([entry], words(entry.id))

    assert "Webinar" not in repr(found.sections)
    assert "mahara.example" not in repr(found.sections)


def test_addresses_that_ask_for_a_login_stay_at_home():
    """An opened entry links to nothing that a stranger could not open; the owner's draft keeps its links."""
    note = thing(90, "note", "Note")
    text = f'<p>See <a href="{note.entry.url}">my note</a> and <a href="https://alt.example/">ALT</a>.</p>'
    entry = thing(84, "journal-entry", "Webinar", content_html=text)
    marks = {entry.id: Visibility.PUBLIC, note.id: Visibility.PUBLIC}

    public = assembled([entry, note], words(entry.id), marks=marks)
    draft = assembled([entry, note], words(entry.id), Visibility.PRIVATE, marks=marks)

    assert "alt.example" in public.kept[0].html
    assert "my note" in public.kept[0].html
    assert "mahara.example" not in public.kept[0].html
    assert note.entry.url in draft.kept[0].html


def test_an_upload_of_a_blog_keeps_its_link():
    """A WordPress serves its uploads to anybody: one that the owner opened may be linked."""
    upload = item(7, kind="media", url="https://blog.example.org/scan.pdf", visibility=Visibility.PRIVATE)
    text = f'<p>See <a href="{upload.entry.url}">the scan</a>.</p>'
    entry = thing(84, "journal-entry", "Webinar", content_html=text)

    found = assembled([entry, upload], words(entry.id), marks=dict.fromkeys((entry.id, upload.id), Visibility.PUBLIC))

    assert upload.entry.url in found.kept[0].html


@pytest.mark.parametrize("kind", ["journal", "folder", "collection", "plan"])
def test_what_only_holds_things_is_no_evidence_by_a_tag(kind):
    """A tag on a folder or its like cites and suggests nothing, and says so; what is in it is cited by its own tag."""
    holder = thing(30, kind, "CPD", tags=("cmalt-1a", "cpd"))
    inside = thing(84, "journal-entry", "Webinar", tags=("cmalt-1a",))

    found = connect([holder, inside], CMALT, "cmalt", {}, {"3a": ["cpd"]})

    assert found.cited == {"1a": (inside.id,)}
    assert not found.suggested
    assert [(f.code, f.severity) for f in found.findings] == [("tag-on-container", "note")]
    assert f"The {kind} “CPD”" in found.findings[0].message


def test_the_owner_may_cite_one_by_hand():
    """A collection that the owner names is cited: her word stands."""
    holder = thing(30, "collection", "CMALT renewal")

    found = connect([holder], CMALT, "cmalt", {}, {}, words(holder.id))

    assert found.cited == {"1a": (holder.id,)}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("journal-entry", "Journal entry"),
        ("page", "Page"),
        ("note", "Note"),
        ("plan", "Plan"),
        ("task", "Task"),
        ("collection", "Collection"),
        ("educationhistory", "Education history"),
        ("resume-row", "Résumé entry"),
        ("annotationfeedback", "Feedback"),
        ("profile", "Profile"),
    ],
)
def test_kinds_have_names(kind, said):
    """A reader of the page meets words, and none of Mahara's own names for its tables."""
    assert wording.kind(thing(1, kind, "x").entry) == said


def test_a_wordpress_page_is_a_web_page():
    """The same kind of another system keeps its name."""
    assert wording.kind(item(1, kind="page", published=datetime(2026, 1, 1, tzinfo=UTC)).entry) == "Web page"
