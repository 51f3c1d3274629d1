"""``list`` and ``show``: what is held."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archive.entry import Json, Visibility
from bridge.cli.common import command, leave, printable, result, settings, table

if TYPE_CHECKING:
    from archive.entry import Entry
    from archive.store import Stored


@command("list")
@click.option("--source", default="", help="Only what this source saw.")
@click.option("--kind", default="", help="Only this kind: post, page, media, comment, term ...")
@click.option("--tag", default="", help="Only what carries this tag.")
@click.option("--visibility", type=click.Choice([v.value for v in Visibility]), help="Only what may be seen by these.")
@click.option("--deleted", is_flag=True, help="Only what the source has deleted; the bytes are still held.")
def list_(source: str, kind: str, tag: str, visibility: str | None, deleted: bool) -> None:
    """
    List what is held, the bin included, oldest first.

    The numbers can be used wherever a command asks for an ITEM. What describes a site rather than being yours (terms,
    settings, users) and what keepfolio keeps for itself are listed when --kind names them; --json lists them always.
    """
    from bridge import views
    from bridge.cli.opened import opened
    from bridge.items import HIDDEN_KINDS, remember_list
    from bridge.marking import owner_marks
    from bridge.portfolio import marks

    session = opened()
    archive = session.existing_archive()
    own = owner_marks(session)
    rows: list[Json] = []
    shown: list[list[str]] = []
    for stored in archive.entries(source=source, kind=kind, tag=tag, deleted=deleted):
        seen = marks.effective(stored, own)
        hidden = not settings().json and not kind and stored.entry.kind in HIDDEN_KINDS
        if hidden or visibility not in (None, seen):
            continue
        rows.append(views.entry_json(stored, seen))
        shown.append(
            [
                views.short_day(stored.entry.published, session.config.timezone),
                ", ".join(word for word in (views.kind_of(stored.entry), _unusual(stored.entry)) if word),
                seen.value,
                views.called(archive, stored),
            ]
        )
    if not settings().json:
        remember_list(session.workspace, [str(row["id"]) for row in rows])
    result({"entries": rows}, lambda: _as_table(shown))


def _as_table(rows: list[list[str]]) -> str:
    if not rows:
        return "Nothing matches."
    cells = [[str(number), *row] for number, row in enumerate(rows, 1)]
    return table(["#", "date", "kind", "visibility", "title"], cells, give_way=(4, 2, 3))


def _unusual(entry: Entry) -> str:
    """Return a status that a person needs telling: not that what is published is published."""
    from bridge import views

    return "" if entry.status == "publish" else views.status_of(entry)


@command("show")
@click.argument("item")
@click.option("--version", "number", type=int, help="An earlier version, by its number.")
@click.option("--raw", is_flag=True, help="Print the bytes as the source sent them.")
def show(item: str, number: int | None, raw: bool) -> None:
    """
    Show one thing whole.

    ITEM is a number of the last list, an id, an address, or words of the title.
    """
    from bridge import copies_of, views
    from bridge.cli.opened import opened
    from bridge.contents import inside
    from bridge.items import find, version
    from bridge.marking import owner_marks
    from bridge.portfolio import marks

    session = opened()
    archive = session.existing_archive()
    stored = version(archive, find(archive, session.workspace, item), number)
    if raw:
        sys.stdout.buffer.write(archive.raw(stored.id, stored.version))
        leave(0)
    seen = marks.effective(stored, owner_marks(session))
    value = views.show_json(archive, stored, seen)

    def words() -> str:
        first = copies_of.original(archive, stored)
        original = f"{views.called(archive, first)} ({first.id})" if first else ""
        shown = _in_words(value, stored, views.called(archive, stored), session.config.timezone, original)
        held = [f"  {one.entry.kind:<14} {printable(views.called(archive, one))}" for one in inside(archive, stored)]
        return "\n".join([shown, "", "In it:", *held]) if held else shown

    result(value, words)


def _in_words(value: Json, stored: Stored, title: str, timezone: str, original: str) -> str:
    from archive.entry import parse_time
    from bridge import views
    from bridge.particulars import particulars

    def when(name: str) -> str:
        text = value[name]
        return views.day(parse_time(text), timezone) if isinstance(text, str) else ""

    facts = [
        ("kind", views.kind_of(stored.entry)),
        ("status", views.status_of(stored.entry)),
        ("visibility", value["visibility"]),
        ("whose", {"others": "somebody else's words", "about-me": "about you"}.get(stored.entry.author, "")),
        ("published", when("published")),
        ("due", views.due(stored.entry)),
        *particulars(stored.entry, original),
        ("changed", when("updated")),
        ("deleted", "there, and kept here" if value["deleted"] else ""),
        ("tags", ", ".join(str(t) for t in _items(value["tags"]))),
        ("address", value["url"]),
        ("from", ", ".join(str(s) for s in _items(value["seen_by"]))),
        ("id", value["id"]),
    ]
    lines = [printable(f"{title}, {when('published')}" if title == "(untitled)" and when("published") else title), ""]
    lines += [f"  {name:<10} {printable(str(fact))}" for name, fact in facts if fact]
    for file in _items(value["attachments"]):
        assert isinstance(file, dict)
        held = f"archive/{file['path']}" if file["path"] else "not held"
        lines.append(f"  {'file':<10} {printable(str(file['name']))}  {held}")
    # a file that arrived late, or a deletion, is an event of a version and no version of its own
    numbers = {version["version"] for version in _items(value["versions"]) if isinstance(version, dict)}
    if len(numbers) > 1:
        lines.append(f"  {'versions':<10} {len(numbers)} (see --version N)")
    text = _plain_text(str(value["content_html"]))
    return "\n".join([*lines, "", text]).rstrip()


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _plain_text(html: str) -> str:
    """Return the words of an entry as Markdown, for a terminal."""
    if not html.strip():
        return ""
    from markdownify import markdownify

    text = str(markdownify(html, heading_style="ATX", escape_misc=False))
    return "\n".join(printable(line) for line in text.strip().splitlines())
