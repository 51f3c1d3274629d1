"""How a VLE's things are called where they are counted, listed and shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.entry import Entry
from archive.store import Archive, Stored
from bridge import views
from bridge.particulars import particulars

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def thing(kind: str, *, system: str = "moodle:vle.example", **fields) -> Entry:
    return Entry(keys=(f"{system}/{kind}/1",), kind=kind, native_id="1", **fields)


def stored(entry: Entry) -> Stored:
    return Stored("urn:1", entry, 1, ("vle",), deleted=False, first_seen=NOW, changed=NOW, source="vle")


def test_counts_speak_of_what_a_person_knows():
    """Whatever a system calls it."""
    said = views.counts({"submission": 3, "competency": 2, "prior-learning": 1, "enrolment": 4})

    assert said == (
        "4 courses taken part in, 3 pieces of submitted work, 2 rated competencies and 1 piece of prior learning"
    )


def test_a_post_is_called_with_its_forum(tmp_path):
    """“Re: Welcome” alone tells nobody anything."""
    archive = Archive.create(tmp_path / "archive", tmp_path / "state")
    post = stored(thing("forum-post", title="Re: Welcome", extra={"forum": "Course forum"}))

    assert views.called(archive, post) == "Re: Welcome in Course forum"


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (
            {"answers": {"date": "2024-03-04", "length": 1200, "role": "another participant"}},
            ("answers", "a post of another participant, 4 March 2024, 1,200 characters"),
        ),
        ({"answers": {"role": "myself"}}, ("answers", "a post of your own")),
        ({"attempt": 2}, ("attempt", "2")),
        ({"graded": "2024-05-01"}, ("graded", "1 May 2024")),
        ({"seen_valid": "2026-11-22"}, ("confirmed", "22 November 2026")),
        ({"recipient_is_owner": False}, ("given to", "somebody else")),
        ({"issuer": "Northshire"}, ("issued by", "Northshire")),
    ],
)
def test_what_stands_beside_a_text_is_told(extra, said):
    """In words, and days written out."""
    assert particulars(thing("x", extra=extra)) == [said]


def test_other_systems_words_are_left_alone():
    """A Mahara's ``grade`` may be anything; and what is empty says nothing."""
    assert particulars(thing("x", system="mahara:m.example", extra={"grade": "A"})) == []
    assert particulars(thing("x", extra={"grade": "", "attempt": None, "private_reply": False})) == []


def test_why_it_is_not_public():
    """In words about the account, not “private”."""
    assert "lets no stranger in" in views.not_public(thing("post", status="site"))
    assert views.status_of(thing("post", status="site")) == "seen by the site's users"
