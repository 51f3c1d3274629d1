"""Zips of real old servers, harvested, against what the database of each held: 19.10, and 20.04."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archive.entry import Entry, format_time
from bridge.harvest import Report
from tests.mahara.place import FIXTURES, NOTHING, OF_1910, OF_2004, Place, changes

SITES = {OF_1910: "127.0.0.1:8191", OF_2004: "127.0.0.1:8204"}
TRUTHS = {OF_1910: "truth-sam-1910.json", OF_2004: "truth-sam-2004.json"}
KINDS = ("journal", "journal-entry", "file", "folder", "page", "collection", "note", "plan", "task", "comment")
NAMES_OF = {"journal-entry": "entries"}


@dataclass
class Old:
    """One zip after its harvest, and the truth about it."""

    place: Place
    report: Report
    truth: dict[str, Any]
    site: str

    def known(self, kind: str) -> list[dict[str, Any]]:
        return self.truth[NAMES_OF.get(kind, f"{kind}s")]

    def entry(self, kind: str, known: dict[str, Any]) -> Entry:
        start = {"page": "view", "collection": "collection"}.get(kind, "artefact")
        return self.place.entry(f"{start}{known['id']}", self.site)


@pytest.fixture(scope="module", params=[OF_1910, OF_2004])
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Old:
    place = Place(tmp_path_factory.mktemp("old"))
    place.drop(request.param)
    truth = json.loads((FIXTURES / TRUTHS[request.param]).read_text(encoding="utf-8"))
    return Old(place, place.harvest(), truth, SITES[request.param])


def test_every_count_is_that_of_the_database(old: Old) -> None:
    """Nothing failed, nothing is missing."""
    held = old.place.held()

    assert {kind: held[kind] for kind in KINDS} == {kind: len(old.known(kind)) for kind in KINDS}
    assert (old.report.failed, old.report.missing) == ([], [])


def test_every_file_has_the_bytes_that_the_server_had(old: Old) -> None:
    """By its number, though until 19.10 names begin with another, and 20.04 has every file twice."""
    assert dict(old.place.files()) == {f"artefact{f['id']}": f["sha256"] for f in old.known("file")}


@pytest.mark.parametrize("kind", ["journal", "journal-entry", "file", "folder", "collection", "note", "plan", "task"])
def test_titles_tags_and_dates_are_those_of_the_database(old: Old, kind: str) -> None:
    """To the second."""
    for known in old.known(kind):
        found = old.entry(kind, known)
        assert (found.title, sorted(found.tags)) == (known["title"], sorted(known["tags"]))
        assert found.published
        assert found.updated
        assert [format_time(found.published), format_time(found.updated)] == [
            f"{known[time].replace(' ', 'T')}Z" for time in ("ctime", "mtime")
        ]


def test_entries_keep_their_journal_state_and_files(old: Old) -> None:
    """What was attached and what was shown, a draft as a draft."""
    for known in old.known("journal-entry"):
        found = old.entry("journal-entry", known)
        assert found.parent == f"mahara:{old.site}/artefact{known['journal']}"
        assert found.status == ("publish" if known["published"] else "draft")
        assert found.extra.get("attachments", []) == [f"artefact{n}" for n in sorted(map(int, known["attachments"]))]
        shown = re.findall(r"<img[^>]*file=([0-9]+)", known["text"])
        assert found.extra.get("embedded", []) == [f"artefact{number}" for number in shown]


def test_pages_keep_their_blocks_and_collections_their_order(old: Old) -> None:
    """A count of blocks for each page; the pages of a collection one after the other."""
    for known in old.known("page"):
        found = old.entry("page", known)
        assert (found.title, len(found.extra.get("blocks", []))) == (known["title"], len(known["blocks"]))
    for known in old.known("collection"):
        assert old.entry("collection", known).extra["pages"] == [f"view{page}" for page in known["pages"]]


def test_nothing_is_new_the_second_time(old: Old) -> None:
    """Read again from its start, all of it is unchanged."""
    old.place.options["full"] = True

    assert changes(old.place.harvest()) == NOTHING


@pytest.mark.parametrize("count", [0, 13, 17])
def test_a_name_that_was_cut_badly_is_found_by_its_count(tmp_path: Path, count: int) -> None:
    """Its enclosure is empty: only the order of the files tells which it is."""
    place = Place(tmp_path)
    with zipfile.ZipFile(FIXTURES / OF_1910) as packed, zipfile.ZipFile(place.folder / "x.zip", "w") as out:
        for name in packed.namelist():
            data = packed.read(name)
            if name == "leap2a.xml":
                data, found = re.subn(rf'href="files/{count}-[^"]*"'.encode(), b'href=""', data)
                assert found == 1
            out.writestr(name, data)

    report = place.harvest()

    truth = json.loads((FIXTURES / TRUTHS[OF_1910]).read_text(encoding="utf-8"))
    assert report.failed == []
    assert dict(place.files()) == {f"artefact{f['id']}": f["sha256"] for f in truth["files"]}
