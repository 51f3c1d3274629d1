"""What an export may say was deleted: only a whole, later one of all content."""

from __future__ import annotations

import pytest

from connectors.contract import SourceUnavailable
from connectors.wordpress.wxr import source
from tests.wordpress.wxr_samples import LATER, TAIL, Holds, context, export, item, taken

POST = "wordpress:blog.example.org/post"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "blog.xml"


@pytest.fixture
def before(path):
    """The cursor after an export with posts 1 and 2."""
    path.write_bytes(export(item(1), item(2)))
    return Holds(taken(source("x", {"path": path}, context())).cursor)


def harvest(path, known, **expected):
    here = source("x", {"path": path}, context())
    return here, taken(here, known, **expected)


def test_a_later_export_of_all_content_tells_what_is_gone(path, before):
    """Post 2 is not in it any more."""
    path.write_bytes(export(item(1), date=LATER))
    here, got = harvest(path, before)
    assert got.listed[POST] == {f"{POST}/1", "guid:https://blog.example.org/?p=1"}
    assert here.exists(f"{POST}/2") == "gone"
    assert here.exists(f"{POST}/1") == "unlisted"


def test_an_older_export_tells_nothing(path, before):
    """Somebody puts last year's file there: what was written since is not gone."""
    path.write_bytes(export(item(1), date="Thu, 01 Jan 2026 10:00:00 +0000"))
    here, got = harvest(path, before)
    assert got.listed == {}
    assert here.exists(f"{POST}/2") == "unknown"


def test_an_older_export_between_two_does_not_make_the_next_one_later(path, before):
    """What counts is the latest ever read."""
    path.write_bytes(export(item(1), item(2), item(3), date="Thu, 01 Jan 2026 10:00:00 +0000"))
    _, old = harvest(path, before)
    path.write_bytes(export(item(1), date="Fri, 02 Jan 2026 10:00:00 +0000"))
    assert harvest(path, Holds(old.cursor))[1].listed == {}


def test_a_full_export_says_nothing_of_other_systems(path, before):
    """A key of another site is not in it, and not gone."""
    path.write_bytes(export(item(1), date=LATER))
    here, _ = harvest(path, before)
    assert here.exists("wordpress:other.example.org/post/2") == "unknown"


def test_an_export_of_one_type_tells_nothing(path, before):
    """It holds only pages, or one author's posts; WordPress names no terms in it."""
    path.write_bytes(export(item(1), date=LATER, full=False))
    here, got = harvest(path, before)
    assert got.listed == {}
    assert here.exists(f"{POST}/2") == "unknown"


def test_an_export_that_ends_in_the_middle_tells_nothing_and_keeps_what_it_has(path, before):
    """The download stopped: the first post is there, the rest is not deleted; the error names the line."""
    whole = export(item(1), item(2), item(3), date=LATER)
    path.write_bytes(whole[: whole.index(b"Post 2") + 3])
    here, got = harvest(path, before, catching=SourceUnavailable)
    assert [e.title for e in got.of("post")] == ["Post 1"]
    assert got.listed == {}
    assert here.exists(f"{POST}/2") == "unknown"
    assert got.complete == len(got.found)
    assert "ends in the middle, at line" in got.error.message
    assert "Tools > Export" in got.error.mend


def test_an_export_that_lost_its_last_line_tells_nothing(path, before):
    """All items whole, but the end is missing: there may have been more."""
    path.write_bytes(export(item(1), date=LATER).removesuffix(TAIL.encode()))
    _, got = harvest(path, before, catching=SourceUnavailable)
    assert got.listed == {}
    assert got.error is not None


def test_a_broken_export_is_read_again_until_it_is_whole(path, before):
    """Its cursor is never taken for done."""
    path.write_bytes(export(item(1), date=LATER).removesuffix(TAIL.encode()))
    _, first = harvest(path, before, catching=SourceUnavailable)
    _, second = harvest(path, Holds(first.cursor or before.cursor), catching=SourceUnavailable)
    assert len(second.of("post")) == 1


def test_an_item_that_is_no_xml_is_one_failed_item(path, before):
    """All others arrive; it is named by its line; nothing counts as deleted."""
    path.write_bytes(export(item(1), item(2).replace("</guid>", ""), item(3), date=LATER))
    here, got = harvest(path, before)
    assert [e.title for e in got.of("post")] == ["Post 1", "Post 3"]
    (failed,) = got.failed
    assert "line 32 of blog.xml" in failed.what
    assert not failed.transient
    assert got.listed == {}
    assert here.exists(f"{POST}/2") == "unknown"


def test_a_stopped_harvest_is_not_a_finished_one(path):
    """Ctrl-C in the middle: the cursor stays where it was, and nothing is listed."""
    path.write_bytes(export(*(item(n) for n in range(1, 200))))
    seen = []
    here = source("x", {"path": path}, context(stop=lambda: len(seen) > 60))
    got = taken(_Counting(here, seen))
    assert 60 < len(got.found) < 199
    assert (got.cursor, got.listed) == ({}, {})


class _Counting:
    """Lets the test see how far the harvest is while it runs."""

    def __init__(self, inner, seen):
        self.inner, self.seen = inner, seen

    def harvest(self, known):
        for thing in self.inner.harvest(known):
            self.seen.append(thing)
            yield thing
