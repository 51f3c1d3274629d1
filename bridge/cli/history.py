"""``log`` and ``diff``: what happened, and what changed."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, printable, result, settings, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.entry import JsonValue
    from archive.store import Archive, Stored
    from bridge.history import Difference, FileChange, Run
    from bridge.session import Session


@command("log")
@click.argument("item", required=False)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only from this day on: 2026-03-01.")
@click.option("--source", default="", help="Only what this source brought; `workspace` is your own files.")
def log(item: str | None, since: datetime | None, source: str) -> None:
    """
    Tell what was added to the archive, newest first; one line for each time. With -v, also the ids of what was added.

    With ITEM (a number of the last list, an id, an address, or words of the title): what happened to that one thing.
    """
    from zoneinfo import ZoneInfo

    from bridge.cli.opened import opened

    session = opened()
    archive = session.existing_archive()
    begin = since.replace(tzinfo=ZoneInfo(session.config.timezone)) if since else None
    if item is None:
        _log_of_all(session, archive, begin, source)
    else:
        _log_of_one(session, archive, item, begin, source)


def _log_of_all(session: Session, archive: Archive, since: datetime | None, source: str) -> None:
    from archive.errors import UsageError
    from bridge import history

    found = history.runs(_parts(archive.root / "segments"), since=since, source=source)
    if source and not found and not any(run.source == source for run in _parts(archive.root / "segments")):
        raise UsageError(f"Nothing came from a source called {source}.", mend="See what did: keepfolio log")
    result({"runs": [history.run_json(run) for run in found]}, lambda: _runs_in_words(found, session.config.timezone))


def _parts(folder: Path) -> Iterator[Run]:
    from archive import segment
    from archive.errors import ArchiveDamaged
    from bridge import history

    for name in segment.names(folder):
        part = segment.read(folder / name)
        try:
            about = segment.run(folder / name)
        except (OSError, ValueError, RecursionError) as problem:
            raise ArchiveDamaged(
                f"A file of your archive is missing or damaged: {folder / name / segment.RUN}.",
                unchanged="Nothing was changed.",
                mend="Run: keepfolio verify",
            ) from problem
        yield history.run_of(name, part.id, about if isinstance(about, dict) else {})


def _runs_in_words(found: tuple[Run, ...], timezone: str) -> str:
    if not found:
        return "Nothing was added."
    rows = []
    for run in found:
        said = [f"{number:,} {_COUNTED.get(word, word)}" for word, number in run.counts.items() if number]
        row = [_when(run.time, timezone), _source(run.source), ", ".join(said) or "files only"]
        if settings().verbose:
            ids = [part_id[:8] for _, part_id in run.parts]
            row.append(ids[-1] + (f" and {len(ids) - 1} more" if len(ids) > 1 else ""))
        rows.append(row)
    return table(["when", "from", "what", *(["id"] if settings().verbose else [])], rows, give_way=(2, 1))


_COUNTED = {"restored": "there again", "failed": "did not arrive", "settled": "arrived after all or accepted"}


def _log_of_one(session: Session, archive: Archive, item: str, since: datetime | None, source: str) -> None:
    from bridge import history, views
    from bridge.items import find

    stored = find(archive, session.workspace, item)
    found = history.events(archive.versions(stored.id), since=since, source=source)
    value = {
        "id": stored.id,
        "kind": stored.entry.kind,
        "title": stored.entry.title,
        "events": [history.event_json(version) for version, _ in found],
    }

    def words() -> str:
        if not found:
            return "Nothing happened to it."
        rows = [
            [
                _when(version.when, session.config.timezone),
                str(version.number),
                _source(version.source),
                what + (f" ({version.why})" if version.why else ""),
            ]
            for version, what in found
        ]
        return f"{views.called(archive, stored)}\n\n" + table(
            ["when", "version", "from", "what"], rows, give_way=(3, 2)
        )

    result(value, words)


@command("diff")
@click.argument("item")
@click.option("--version", "number", type=int, help="The later version of the two (default: the newest).")
@click.option("--with", "other", type=int, help="The version to compare it with (default: the one before).")
def diff(item: str, number: int | None, other: int | None) -> None:
    """
    Show what changed between two versions of one thing: facts, files and words.

    ITEM is a number of the last list, an id, an address, or words of the title; an own file is named by its place, such
    as portfolio/original/1a.md. Lines that went are marked with -, lines that came with +; [-these-] and {+those+} are
    the words that differ.
    """
    from archive.errors import UsageError
    from bridge import history, views
    from bridge.cli.opened import opened
    from bridge.items import find, version

    session = opened()
    archive = session.existing_archive()
    stored = find(archive, session.workspace, item)
    older, newer = history.chosen((v.number for v in archive.versions(stored.id)), number, other)
    if older == newer:
        raise UsageError("That is one version, not two.", mend="Name two: --version N --with M")
    late = version(archive, stored, newer)
    title = views.called(archive, late)
    if older is None:
        nothing = f"“{title}” has nothing before version {newer}: there is nothing to compare it with."
        result(history.first_json(late), nothing)
        return
    early = version(archive, stored, older)
    found = history.difference(early, late, *_texts(archive, early, late))
    if settings().json:
        result(history.difference_json(found), "")
    else:
        click.echo(_painted(_in_words(found, title, session.config.timezone)))


def _texts(archive: Archive, *versions: Stored) -> tuple[str, ...]:
    """Return what a person reads of each version; nothing where one of them is no text."""
    from bridge import history, owner

    if versions[0].entry.kind != owner.KIND:
        return tuple(history.readable(v.entry.content_html) for v in versions)
    texts = [_own_text(archive, v) for v in versions]
    return tuple(t or "" for t in texts) if None not in texts else ("",) * len(texts)


def _own_text(archive: Archive, stored: Stored) -> str | None:
    from bridge import history

    digest = stored.entry.files[0].sha256 if stored.entry.files else ""
    if archive.path_of(digest) is None:
        return None
    with archive.read(digest) as stream:
        return history.plain_text(stream.read(history.LONGEST_TEXT + 1))


Line = tuple[str, tuple[tuple[str, bool], ...]]
"""A mark, and the pieces of a line with whether each differs. Without a mark it is a line of our own."""


def _in_words(found: Difference, title: str, timezone: str) -> Iterator[Line]:
    from bridge import history, owner

    def ours(text: str) -> Line:
        return "", ((text, False),)

    def whole(mark: str, text: str) -> Line:
        return mark, ((text, False),)

    ends = [
        f"version {s.version} ({_when(s.changed, timezone)}, {_source(s.source)})" for s in (found.older, found.newer)
    ]
    yield ours(title)
    yield ours(f"from {ends[0]} to {ends[1]}")
    for name, values in found.fields.items():
        before, after = (_value(name, value, timezone) for value in values)
        if before != after:  # a moment may differ by less than a minute
            yield ours("")
            yield ours(f"{_NAMES.get(name, name)}:")
            yield from (whole(mark, words) for mark, words in (("-", before), ("+", after)) if words)
    own_text = found.newer.entry.kind == owner.KIND and found.before != found.after
    if found.files and not own_text:
        yield ours("")
        yield ours("files:")
        for file in found.files:
            yield from (whole(mark, words) for mark, words in _file_words(file))
    if found.before != found.after:
        yield ours("")
        yield ours("text:")
        for row in history.rows(found.before, found.after):
            yield (row.mark, row.pieces) if row.mark else ours("  …")
    if found.markup_only:
        yield ours("")
        yield ours("The words are the same; only how they are set out differs.")
    if found.is_empty:
        yield ours("")
        yield ours("Nothing that a person reads differs.")


def _value(name: str, value: JsonValue, timezone: str) -> str:
    from archive.entry import parse_time

    if value and name in {"published", "updated"}:
        return _when(parse_time(str(value)), timezone)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _file_words(file: FileChange) -> Iterator[tuple[str, str]]:
    if file.change == "changed":
        for field, sides in file.differing.items():
            said = [side[:8] or "not held" if field == "sha256" else side for side in sides]
            label = "bytes" if field == "sha256" else field
            yield from ((mark, f"{file.name}, {label}: {side}") for mark, side in zip("-+", said, strict=True))
        return
    held = "".join(file.differing.get("sha256", ("", "")))[:8] or "not held"
    yield "+" if file.change == "added" else "-", f"{file.name} ({held})"


def _painted(lines: Iterable[Line]) -> str:
    """Return lines as text, wrapped and coloured for a terminal; nothing is told by colour alone."""
    import os
    import shutil
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    on_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns
    out = StringIO()
    console = Console(
        file=out, width=width, force_terminal=on_terminal, highlight=False, no_color="NO_COLOR" in os.environ
    )
    for mark, pieces in lines:
        style = _STYLES[mark]
        text = Text()
        for words, differs in _bracketed(mark, pieces):
            text.append(printable(words), f"bold {style}" if differs else style)
        before = Text(f"{mark} " if mark else "", style)
        rows = text.wrap(console, width - len(before)) if on_terminal else [text]
        for row in rows or [text]:
            row.rstrip()
            console.print(before + row, soft_wrap=True)
    return out.getvalue().rstrip("\n")


def _bracketed(mark: str, pieces: tuple[tuple[str, bool], ...]) -> Iterator[tuple[str, bool]]:
    """Put marks around the words that differ, where others of their line do not."""
    partly = len({differs for _, differs in pieces}) > 1
    for words, differs in pieces:
        yield (f"{_OPEN[mark]}{words}{_CLOSE[mark]}" if partly and differs else words), differs


_OPEN = {"-": "[-", "+": "{+"}
_CLOSE = {"-": "-]", "+": "+}"}
_STYLES = {"": "", " ": "", "-": "red", "+": "green"}
_NAMES = {"url": "address", "updated": "changed", "creator": "written by", "author": "whose"}


# --- both ---------------------------------------------------------------------------------------------------------


def _when(moment: datetime, timezone: str) -> str:
    from zoneinfo import ZoneInfo

    from bridge import views

    return f"{views.day(moment, timezone)}, {moment.astimezone(ZoneInfo(timezone)):%H:%M}"


def _source(name: str) -> str:
    """Return what a person calls who brought something."""
    if name.startswith("target:"):
        return name.removeprefix("target:")
    return {"workspace": "your own files", "portfolio": "your portfolio", "": "unknown"}.get(name, name)
