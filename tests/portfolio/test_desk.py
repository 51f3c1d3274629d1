"""A desk: what a command reads of a folder is read once, and by the next command anew."""

from __future__ import annotations

from collections import Counter

from archive.entry import Visibility
from bridge.building import Desk
from bridge.portfolio import framework
from bridge.session import Session
from bridge.workspace import Workspace


def test_a_desk_puts_each_edition_together_once(rowan):
    """Reports ask for the draft several times; it is one value, and another edition is another one."""
    desk = Desk(Session(Workspace(rowan.folder))).begin()

    draft = desk.portfolio(Visibility.PRIVATE)

    assert desk.portfolio(Visibility.PRIVATE) is draft
    assert desk.portfolio(Visibility.PUBLIC).edition is Visibility.PUBLIC


def test_the_next_desk_sees_what_was_written_meanwhile(rowan):
    """Nothing that belongs to the owner is remembered beyond a command: a service runs for months."""
    rowan.says("build")
    before = Desk(Session(Workspace(rowan.folder)))
    assert "Moved again." not in str(before.portfolio(Visibility.PRIVATE))

    rowan.writes("context", "ready: true\n", "Moved again.")

    assert "Moved again." in str(Desk(Session(Workspace(rowan.folder))).portfolio(Visibility.PRIVATE))


def test_an_owners_framework_is_read_anew(tmp_path):
    """What comes with keepfolio is read once; a file of the owner's may change at any time."""
    path = tmp_path / "mine.yaml"
    head = "schema: framework/1\nid: mine\nbody: Me\nedition: one\nlanguage: en\nchecked_on: 2026-01-01\n"
    rest = "source: me\nsources: {me: My own}\nsections:\n  - {id: one, title: One}\n"
    path.write_text(f"{head}title: Mine\n{rest}")
    assert framework.load(path).title == "Mine"

    path.write_text(f"{head}title: Ours\n{rest}")

    assert framework.load(path).title == "Ours"
    assert framework.load("cmalt") is framework.load("cmalt")


def test_kinds_are_counted_as_they_are_listed(rowan):
    """What ``status`` counts is what ``list`` shows, without reading any of it."""
    archive = Session(Workspace(rowan.folder)).archive

    assert archive.kinds() == Counter(stored.entry.kind for stored in archive.entries())
    assert archive.kinds()["post"] > 0
