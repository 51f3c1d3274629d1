"""The whole way round: a Mahara's export is harvested, written for Mahara, and read again by our own reader."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from archive.entry import Entry
from bridge import runs
from bridge.export import Exported, Wanted, export
from bridge.render import sanitise
from bridge.session import Session
from bridge.workspace import Workspace
from tests.export.leap import FIXTURES, Leap
from tests.export.test_markdown import Silent

Things = dict[str, Entry]  # by key

STAYS = frozenset({"comment", "annotation", "annotationfeedback", "peerassessment"})
_NATIVE = re.compile(r"(?:artefact|view|collection)[0-9]+|resumecomposite-.*")
_SITE = re.compile(r'https?://[^"/]*/|(?<=file=)[0-9]+')


def harvested(folder: Path, package: Path, url: str = "") -> Session:
    """Return a workspace that took an export; one that we made names no site."""
    (folder / "exports").mkdir(parents=True)
    shutil.copy(package, folder / "exports" / "export.zip")
    (folder / "config.yaml").write_text(
        f"owner: Sam Morgan\nsources:\n  taken: {{type: mahara-export, path: exports/{url and f', url: {url!r}'}}}\n"
    )
    session = Session(Workspace(folder))
    runs.harvest_all(session, ["taken"], progress=Silent, stop=lambda: False)
    return session


def things(session: Session) -> Things:
    return {stored.entry.keys[0]: stored.entry for stored in session.archive.entries(content=True)}


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Things, Things, Exported]:
    """What was held at first, what is held after the way round, and what was said of the file between them."""
    folder = tmp_path_factory.mktemp("round")
    first = harvested(folder / "first", FIXTURES / "sam-all-2210.zip")
    done = export("leap2a", first, folder / "out", Wanted(version="22.10"))
    assert Leap.of(done.path).dangling() == []
    return things(first), things(harvested(folder / "second", done.path, "https://m.example.org/")), done


def of_kind(held: Things, *kinds: str) -> list[Entry]:
    return [entry for entry in held.values() if entry.kind in kinds]


def called(value: Any, entry: Entry, held: Things) -> Any:
    """Return a value with the titles of what it names, in place of numbers."""
    if isinstance(value, list):
        return [called(one, entry, held) for one in value]
    if isinstance(value, str) and _NATIVE.fullmatch(value):
        found = held.get(f"{entry.keys[0].rpartition('/')[0]}/{value}")
        return found.title if found else value
    return value


def above(entry: Entry, held: Things) -> str:
    return held[entry.parent].title if entry.parent in held else ""


def same(first: Things, second: Things, kinds: Iterable[str], *looks: Any) -> None:
    """Assert that things of some kinds look the same in both."""
    for kind in kinds:
        for look in looks:
            one, two = (Counter(repr(look(e, held)) for e in of_kind(held, kind)) for held in (first, second))
            assert one == two
            assert one


def test_every_thing_comes_back_as_what_it_was(trip: tuple[Things, Things, Exported]) -> None:
    """The same kinds and numbers; only what others wrote, and what the importer cannot take, is not there."""
    first, second, _ = trip

    counts = Counter(entry.kind for entry in first.values() if entry.kind not in STAYS)
    counts["page"] -= 2  # profile page and dashboard: each account has its own
    assert Counter(entry.kind for entry in second.values()) == counts


def test_entries_have_their_dates_tags_files_and_words(trip: tuple[Things, Things, Exported]) -> None:
    """Journal entries and notes are the same to the letter, but for the order of attributes and numbers of files."""
    first, second, _ = trip

    def words(entry: Entry, _: Things) -> object:
        tags = re.findall(r"<[^>]*>", _SITE.sub("", entry.content_html))
        return sanitise.text(entry.content_html), sorted("".join(sorted(tag)) for tag in tags)

    def facts(entry: Entry, held: Things) -> object:
        digests = sorted(file.sha256 for file in entry.files)
        return entry.title, entry.published, entry.updated, entry.status, entry.tags, digests, above(entry, held)

    same(first, second, ["journal-entry", "note"], words, facts)
    same(first, second, ["journal", "plan"], lambda e, _: (e.title, e.tags, sanitise.text(e.content_html), e.published))
    drafts = [entry.title for entry in of_kind(second, "journal-entry") if entry.status == "draft"]
    assert drafts == ["Draft: lecture capture policy"]


def test_files_lie_where_they_lay(trip: tuple[Things, Things, Exported]) -> None:
    """Two files of the same bytes and name are two, each with its folder, tags and description."""
    first, second, _ = trip

    same(
        first, second, ["file"],
        lambda e, held: (e.title, e.files[0].sha256, e.tags, above(e, held), e.published),
        lambda e, _: (e.title, sanitise.text(e.content_html)),
    )  # fmt: skip
    same(first, second, ["folder"], lambda e, held: (e.title, e.tags, above(e, held)))


def test_tasks_keep_their_day_and_order(trip: tuple[Things, Things, Exported]) -> None:
    """Whether they are done, when they are due, and which comes first."""
    first, second, _ = trip

    same(
        first, second, ["task"],
        lambda e, held: (e.title, e.status, e.extra.get("target"), above(e, held)), lambda e, _: e.content_html,
    )  # fmt: skip
    same(first, second, ["plan"], lambda e, held: called(e.extra.get("tasks"), e, held))


def test_pages_keep_their_blocks(trip: tuple[Things, Things, Exported]) -> None:
    """Type, title, place and settings of every block, and the collection; an annotation is a text."""
    first, second, _ = trip

    def blocks(entry: Entry, held: Things) -> object:
        found = []
        for block in entry.extra.get("blocks", []):
            kind = {"annotation": "text"}.get(block["type"], block["type"])
            place = [block[name] for name in ("title", "x", "y", "width", "height")]
            names = {"artefactid", "artefactids", "collection", "count", "tagsin", "videoid", "fields", "artefacttype"}
            settings = block["settings"]
            kept = {n: called(settings[n], entry, held) for n in sorted(names & settings.keys())}
            if kind in {"profileinfo", "text"}:
                kept.pop("artefactid", None)
            found.append((kind, place, kept))
        return entry.title, entry.tags, entry.extra.get("description"), above(entry, held), found

    one, two = ([blocks(e, held) for e in of_kind(held, "page")] for held in (first, second))
    titles = {"Profile page", "Dashboard page"}
    key = repr
    assert sorted((x for x in one if x[0] not in titles), key=key) == sorted(two, key=key)


def test_collections_keep_the_order_of_their_pages(trip: tuple[Things, Things, Exported]) -> None:
    """Pages, description, tags and cover."""
    first, second, _ = trip

    same(
        first, second, ["collection"],
        lambda e, held: (
            e.title, e.tags, e.extra.get("description"), called(e.extra.get("pages"), e, held),
            called(e.extra.get("cover"), e, held),
        ),
    )  # fmt: skip


def test_a_resume_comes_back_row_by_row(trip: tuple[Things, Things, Exported]) -> None:
    """Who it was with, what it led to, when, in which role, and the owner's words; sections in their order."""
    first, second, _ = trip
    names = ("organisation", "qualification", "role", "dates")

    same(
        first, second, ["resume-row"],
        lambda e, held: (e.title, above(e, held), [e.extra.get(n) for n in names], sanitise.text(e.content_html)),
    )  # fmt: skip
    sections = ["educationhistory", "employmenthistory", "certification", "book", "membership"]
    same(first, second, sections, lambda e, held: (e.title, called(e.extra.get("rows"), e, held)))
    texts = ["coverletter", "interest", "personalgoal", "careergoal", "workskill", "occupation", "industry"]
    same(first, second, texts, lambda e, _: (e.title, sanitise.text(e.content_html)))


def test_a_profile_keeps_what_is_not_the_accounts_own(trip: tuple[Things, Things, Exported]) -> None:
    """Introduction, websites, telephone, address, social profiles; no name and no e-mail address of the old account."""
    first, second, _ = trip
    ((one,), (two,)) = (of_kind(held, "profile") for held in (first, second))

    def told(entry: Entry) -> dict[str, str]:
        return {f"{f['type']} {f['value']}": f["value"] for f in entry.extra["persondata"]}

    lost = {name.split()[0] for name in told(one).keys() - told(two).keys()}
    assert lost == {"email", "firstname", "lastname", "preferredname", "country"}
    assert told(two).keys() - told(one).keys() == set()
    assert sanitise.text(two.content_html).count("Old Quay") == 1  # the introduction, without the list of the fields
    assert "learning technologist with interests in accessibility & assessment design" in sanitise.text(
        two.content_html
    )


def test_what_is_not_the_same_is_said(trip: tuple[Things, Things, Exported]) -> None:
    """Item by item, with the reason."""
    _, _, done = trip

    said = {(item.title, item.why.partition(":")[0].partition(",")[0]) for item in done.left_out}
    assert said == {
        ("Comment", "a comment"),
        ("Feedback", "somebody else wrote it"),
        ("Peer assessment", "somebody else wrote it"),
        ("Annotation", "Mahara's importer drops annotations; the page has its words as a text"),
        ("1a Constraints and benefits", "its block “Annotation 1a” (annotation) goes as a text"),
        ("Reflection on 1a", "Mahara's importer forgets of a note"),
        ("Profile page", "every account has one of its own"),
        ("Dashboard page", "every account has one of its own"),
        ("Sam", "names"),
        ("Education history", "Mahara's importer attaches no files to a résumé; the files themselves go"),
        (
            "Certifications, accreditations and awards",
            "Mahara's importer attaches no files to a résumé; the files themselves go",
        ),
    }
