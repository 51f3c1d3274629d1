"""What a token shows and what a data request shows of one account is one set of entries."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from archive.entry import Fidelity
from connectors.moodle.export_keys import cut_names
from tests.moodle.export_place import TRUTH, Saved, rewritten, sha1s
from tests.moodle.fake import FakeMoodle
from tests.moodle.place import Place

WRITTEN = re.compile(rb"https:(\\*/)\1vle\.northshire\.example")
"""The site's address in JSON, and in JSON within JSON."""


@pytest.fixture
def saved(place: Place, tmp_path: Path) -> Saved:
    """The data request of the same account at the same site, into the same archive."""

    def moved(name: str, data: bytes) -> bytes:
        here = place.fake.url.encode()
        return WRITTEN.sub(lambda m: here.replace(b"/", m[1]), data) if name.endswith((".json", ".js")) else data

    return Saved(tmp_path / "saved", rewritten(tmp_path / "export.zip", moved), place.archive)


@pytest.fixture(params=["token first", "zip first"])
def both(request: pytest.FixtureRequest, place: Place, saved: Saved) -> Place:
    """Both harvests, in one order or the other."""
    runs = [place.harvest, saved.harvest]
    for run in runs if request.param == "token first" else reversed(runs):
        assert run().failed == []
    return place


def test_everything_of_the_answer_sheet_once(both: Place) -> None:
    """All counts are the answer sheet's: what neither route has is exactly the shared wikis' pages."""
    counts, held = TRUTH["counts"], both.held()
    own = sum(one["wikimode"] == "individual" for one in TRUTH["wiki_pages"])
    assert {kind: held[kind] for kind in held if kind not in {"comment", "folder", "note"}} == {
        "post": counts["blog"],
        "file": counts["private_files"],
        "forum-post": counts["forum_posts"],
        "submission": counts["assignment_submissions"] + counts["workshop_submissions"],
        "badge": counts["badges"],
        "prior-learning": counts["evidence_of_prior_learning"],
        "competency": counts["user_competencies"],
        "plan": counts["learning_plans"],
        "completion": counts["course_completions"],
        "enrolment": counts["enrolments"],
        "database-entry": counts["database_entries"],
        "glossary-entry": counts["glossary_entries"],
        "wiki-page": own,
    }
    assert held["folder"] == 4
    assert held["note"] == 3


def test_comments_join_by_their_words(both: Place) -> None:
    """A data request has no numbers of comments; each is there once, with whose it is."""
    said = [(e.content_html, e.author) for e in both.entries("comment") if "/blog/" in str(e.parent)]
    wanted = [
        (one["content"], "own" if one["userid"] == TRUTH["user"]["id"] else "others")
        for entry in TRUTH["blog"]
        for one in entry["comments"]
    ]
    assert sorted(said) == sorted(wanted)
    assert both.held()["comment"] == 8


def test_every_file_of_the_answer_sheet_is_reached_by_either(both: Place) -> None:
    """Its SHA-1 is that of bytes in the archive, and each entry has each of its files once."""
    for one in TRUTH["blog"]:
        assert both.sha1s(both.entry(f"blog/{one['id']}")) == sha1s(one["attachments"] + one["inline"])
    for one in TRUTH["forum_posts"]:
        assert both.sha1s(both.entry(f"forum-post/{one['id']}")) == sha1s(one["attachments"])
    for one in TRUTH["assignment_submissions"]:
        entry = both.entry(f"submission/{one['id']}")
        assert both.sha1s(entry) == sha1s(one["files"] + one.get("feedback_files", []))
    for one in TRUTH["private_files"]:
        entry = both.entry(f"private-file/12{one['filepath']}{one['filename']}")
        assert both.sha1s(entry) == sha1s([one])
    for one in TRUTH["badges"]:
        entry = both.entry(f"badge/{one['uniquehash']}")
        assert both.sha1s(entry)[entry.files[0].name] == one["baked_sha1"]
    addresses = [(e.keys[0], file.url) for e in both.entries() for file in e.files]
    assert [pair for pair, count in Counter(addresses).items() if count > 1] == []
    lacking = [(e.title, file.name) for e in both.entries() for file in e.files if not file.sha256]
    assert lacking == []


def test_a_file_is_at_one_address_by_both(both: Place) -> None:
    """Else an entry would show it twice. (One picture is in blog entry 15 twice, in its text and attached.)"""
    twice = [
        (e.title, name)
        for e in both.entries()
        for name, count in Counter((f.name, f.sha256) for f in e.files if "/post/15/" not in f.url).items()
        if count > 1
    ]
    assert twice == []


def test_the_token_s_values_stay(both: Place) -> None:
    """Whichever came first: times to the second, grades with their maximum, proofs of badges."""
    only_in_the_zip = {"forum-post/55", "forum-post/56"}
    poorer = {
        e.keys[0].removeprefix(f"moodle:{both.site}/")
        for e in both.entries()
        if e.fidelity is not Fidelity.FULL and e.kind not in {"note", "enrolment"} and "copy_of" not in e.extra
    }
    assert poorer == only_in_the_zip
    post = both.entry("blog/15")
    assert post.published is not None
    assert "times" not in post.extra
    assert str(both.entry("submission/2").extra["grade"]) != "72.50"


def test_what_only_one_of_them_shows(place: Place, saved: Saved) -> None:
    """The zip adds to the token's things exactly these."""
    place.harvest()
    before = {e.keys[0] for e in place.entries()}
    saved.harvest()
    new = Counter(e.kind for e in place.entries() if e.keys[0] not in before)
    assert new == {"forum-post": 2, "note": 3, "enrolment": 2}


def test_they_do_not_take_turns(both: Place, saved: Saved) -> None:
    """Each harvested again, nothing changes and nothing is deleted."""
    before = both.state()
    saved.options["full"] = True
    saved.harvest()
    both.harvest()
    saved.harvest()
    assert both.state() == before


LONG = "long-name-" * 24 + ".txt"
CUT = "long-name-" * 8 + "long-na - 93bc6eab8b.txt"
"""How Moodle 4.5.6 wrote it into a data request."""


def test_a_private_file_with_a_long_name_joins_its_cut_name(place: Place, fake: FakeMoodle) -> None:
    """A data request cuts names of more than 100 characters."""
    row = next(one for one in fake.private_folder()["files"] if one["filename"] == "empty.txt")
    row["filename"] = LONG
    place.harvest()
    assert place.entry(f"private-file/12/{CUT}").native_id == f"/{LONG}"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/short.txt", ()),
        (f"/{'n' * 101}", (f"/{'n' * 87} - ",)),
        (f"/{'ŵ' * 97}.txt", (f"/{'ŵ' * 87} - ", f"/{'ŵ' * 87} - ")),
        (f"/{'f' * 120}/a.txt", (f"/{'f' * 86} - ",)),
    ],
)
def test_only_what_is_too_long_is_cut(path: str, kept: tuple[str, ...]) -> None:
    """To 100 characters, not bytes; a folder's path counts as one name."""
    found = cut_names(path)
    assert len(found) == len(kept)
    assert all(one.startswith(begin) for one, begin in zip(found, kept, strict=True))
