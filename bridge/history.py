"""
What happened to the archive and to one entry of it, and what differs between two versions.

Pure: values in, values out. Times are aware and in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import SequenceMatcher, unified_diff
from itertools import groupby
from typing import Any

from archive.entry import Entry, Json, JsonValue, MediaFile, format_time, parse_time
from archive.store import Stored, Version

EVENTS = {
    "creation": "new",
    "update": "changed",
    "completion": "completed",
    "deletion": "deleted",
    "restoration": "restored",
    "failure": "failed",
    "failure-cleared": "settled",
}
"""What the archive calls an event, and what ``log`` counts it as."""

CONTEXT = 2
"""Unchanged lines shown before and after a change."""

LONGEST_TEXT = 2_000_000
"""Bytes of an own file that are compared word by word; a longer one is told to differ, and no more."""

_ALIKE = 0.4
_REACH = 5
_LONGEST_LINE = 20_000
_FIELDS = (
    "title", "kind", "status", "visibility", "published", "updated", "tags", "url", "creator", "author", "language",
)  # fmt: skip
_FILE_FIELDS = ("name", "media_type", "sha256", "alt", "caption", "licence", "credit")


@dataclass(frozen=True)
class Run:
    """One run that added something: ``counts`` by the words of ``EVENTS``, ``parts`` as (name, id), oldest first."""

    id: str
    time: datetime
    source: str
    type: str
    counts: Mapping[str, int]
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FileChange:
    """A file of an entry: ``added``, ``removed`` or ``changed``; what differs, by field, as (before, after)."""

    name: str
    change: str
    differing: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Difference:
    """What a person sees of the change from one version to another."""

    older: Stored
    newer: Stored
    fields: Mapping[str, tuple[JsonValue, JsonValue]]
    files: tuple[FileChange, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    markup_only: bool

    @property
    def is_empty(self) -> bool:
        return not (self.fields or self.files or self.markup_only or self.before != self.after)


@dataclass(frozen=True)
class Row:
    """A line of a comparison: ``mark`` is ``" "``, ``"-"``, ``"+"`` or, for lines left out, ``""``."""

    mark: str
    pieces: tuple[tuple[str, bool], ...] = ()
    """The line's text in order, each piece with whether it is what differs."""


# --- log ----------------------------------------------------------------------------------------------------------


def run_of(name: str, part_id: str, about: Mapping[str, Any]) -> Run:
    """Return what one part's ``run.json`` says; what it does not say, or says in another shape, is left empty."""
    origin = about.get("origin")
    source = origin if isinstance(origin, Mapping) else {}
    counts = about.get("counts")
    given = counts if isinstance(counts, Mapping) else {}
    return Run(
        id=str(about.get("run") or name),
        time=_moment(about.get("ended"), name),
        source=str(source.get("name", "")),
        type=str(source.get("type", "")),
        counts={word: int(given[event]) for event, word in EVENTS.items() if isinstance(given.get(event), int)},
        parts=((name, part_id),),
    )


def runs(parts: Iterable[Run], *, since: datetime | None = None, source: str = "") -> tuple[Run, ...]:
    """Put the parts of each run together; return the runs newest first."""
    together: dict[str, Run] = {}
    for part in parts:
        whole = together.pop(part.id, None)
        together[part.id] = _joined(whole, part) if whole else part
    wanted = (r for r in together.values() if (not source or r.source == source) and (not since or r.time >= since))
    return tuple(reversed(list(wanted)))


def run_json(run: Run) -> Json:
    """Return one row of ``log --json``."""
    return {
        "time": format_time(run.time),
        "source": run.source,
        "type": run.type,
        **{word: run.counts.get(word, 0) for word in EVENTS.values()},
        "parts": [{"name": name, "id": part_id} for name, part_id in run.parts],
    }


def events(
    versions: Iterable[Version], *, since: datetime | None = None, source: str = ""
) -> tuple[tuple[Version, str], ...]:
    """Return the events of an entry newest first, each in words."""
    told: list[tuple[Version, str]] = []
    title = None
    for version in versions:
        words = _EVENT_WORDS.get(version.event, version.event)
        if title not in {None, version.title}:
            words += f"; now called “{version.title}”"
        title = version.title
        if (not source or version.source == source) and (not since or version.when >= since):
            told.append((version, words))
    return tuple(reversed(told))


def event_json(version: Version) -> Json:
    """Return one event of ``log ITEM --json``."""
    return {
        "version": version.number,
        "event": version.event,
        "time": format_time(version.when),
        "source": version.source,
        "title": version.title,
        "why": version.why,
    }


_EVENT_WORDS = {
    "creation": "first kept",
    "update": "changed",
    "completion": "more of it arrived",
    "deletion": "deleted there, kept here",
    "restoration": "there again",
}


def _joined(one: Run, other: Run) -> Run:
    counts = {w: one.counts.get(w, 0) + other.counts.get(w, 0) for w in {**one.counts, **other.counts}}
    return replace(one, time=max(one.time, other.time), counts=counts, parts=one.parts + other.parts)


def _moment(ended: object, name: str) -> datetime:
    for text in (str(ended), name[7:23]):  # the part's name has its time as well
        with suppress(ValueError, OverflowError):
            return parse_time(text)
    return datetime.fromtimestamp(0, UTC)


# --- diff ---------------------------------------------------------------------------------------------------------


def chosen(numbers: Iterable[int], version: int | None, other: int | None) -> tuple[int | None, int]:
    """
    Return the older and the newer of the two versions to compare; None for the older if there is none before.

    ``version``: the newest when None. ``other``: the one before it when None. Numbers may have gaps: two entries that
    turned out to be one count on from the higher one.
    """
    known = sorted(set(numbers))
    newer = known[-1] if version is None else version
    if other is not None:
        return min(newer, other), max(newer, other)
    return max((n for n in known if n < newer), default=None), newer


def difference(older: Stored, newer: Stored, before: str, after: str) -> Difference:
    """
    Compare two versions of an entry. ``before`` and ``after`` are their readable texts (``readable``, or a file's own).

    ``markup_only``: the content differs, and no word that a person reads does.
    """
    lines = tuple(before.splitlines()), tuple(after.splitlines())
    markup = older.entry.content_html != newer.entry.content_html and lines[0] == lines[1]
    return Difference(
        older=older,
        newer=newer,
        fields=dict(_fields(older.entry, newer.entry)),
        files=tuple(_files(older.entry.files, newer.entry.files)),
        before=lines[0],
        after=lines[1],
        markup_only=markup,
    )


def difference_json(found: Difference) -> Json:
    """Return ``diff --json``; its ``text`` is a unified diff, a list of lines."""
    text: list[JsonValue] = [*unified_diff(found.before, found.after, n=CONTEXT, lineterm="")]
    return {
        "id": found.newer.id,
        "kind": found.newer.entry.kind,
        "title": found.newer.entry.title,
        "from": found.older.version,
        "to": found.newer.version,
        "changes": [
            {"field": name, "before": before, "after": after} for name, (before, after) in found.fields.items()
        ],
        "files": [
            {
                "name": file.name,
                "change": file.change,
                "before": file.differing.get("sha256", ("", ""))[0],
                "after": file.differing.get("sha256", ("", ""))[1],
                "differing": [*sorted(file.differing)],
            }
            for file in found.files
        ],
        "text": text[2:],  # without the two lines that name files
        "markup_only": found.markup_only,
    }


def first_json(only: Stored) -> Json:
    """Return ``diff --json`` for a version that nothing stands before."""
    about: Json = {"id": only.id, "kind": only.entry.kind, "title": only.entry.title, "from": None, "to": only.version}
    return {**about, "changes": [], "files": [], "text": [], "markup_only": False}


def readable(html: str) -> str:
    """Return the words of an entry's content, one line for each paragraph, heading, item or row."""
    if not html.strip():
        return ""
    from markdownify import markdownify

    try:
        text = str(markdownify(html, heading_style="ATX", escape_misc=False))
    except RecursionError:  # elements nested a thousand deep
        text = _plain(html)
    return "\n".join(line for line in map(str.rstrip, text.splitlines()) if line)


def plain_text(data: bytes) -> str | None:
    """Return the text of an own file; None for what is no text, or longer than ``LONGEST_TEXT``."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or len(data) > LONGEST_TEXT else text


def rows(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    """Yield the lines of two texts that differ, with the words that do, and a little of what stands around them."""
    groups = list(SequenceMatcher(None, before, after).get_grouped_opcodes(CONTEXT))
    for group in groups:
        if group[0][1] or group is not groups[0]:
            yield Row("")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (Row(" ", ((line, False),)) for line in before[i1:i2])
            else:
                yield from _replaced(before[i1:i2], after[j1:j2])
    if groups and groups[-1][-1][2] < len(before):
        yield Row("")


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    """Yield what went, then what came; a line that came in the place of one like it shows the words that differ."""
    old = [Row("-", ((line, True),)) for line in before]
    new = [Row("+", ((line, True),)) for line in after]
    free = 0
    for i, line in enumerate(before):
        for j in range(free, min(free + _REACH, len(after))):
            alike = _word_by_word(line, after[j])
            if alike:
                (old[i], new[j]), free = alike, j + 1
                break
    yield from old
    yield from new


def _word_by_word(one: str, other: str) -> tuple[Row, Row] | None:
    """Mark the words that differ; None for lines that have little in common, or are too long for it."""
    if max(len(one), len(other)) > _LONGEST_LINE:
        return None
    words, others = (re.findall(r"\s+|\w+|[^\w\s]", line) for line in (one, other))
    matcher = SequenceMatcher(None, words, others, autojunk=len(words) > 2_000)
    if matcher.quick_ratio() < _ALIKE or matcher.ratio() < _ALIKE:
        return None
    steps = matcher.get_opcodes()
    old = [("".join(words[i1:i2]), tag != "equal") for tag, i1, i2, _, _ in steps]
    new = [("".join(others[j1:j2]), tag != "equal") for tag, _, _, j1, j2 in steps]
    return Row("-", _smooth(old)), Row("+", _smooth(new))


def _smooth(pieces: Iterable[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """Take a space between two words that differ as differing, too, so that they are marked as one."""
    listed = [piece for piece in pieces if piece[0]]
    for n in range(1, len(listed) - 1):
        if listed[n][0].isspace() and listed[n - 1][1] and listed[n + 1][1]:
            listed[n] = (listed[n][0], True)
    grouped = groupby(listed, key=lambda piece: piece[1])
    return tuple(("".join(text for text, _ in group), differs) for differs, group in grouped)


def _fields(older: Entry, newer: Entry) -> Iterator[tuple[str, tuple[JsonValue, JsonValue]]]:
    for name in _FIELDS:
        before, after = _value(getattr(older, name)), _value(getattr(newer, name))
        if before != after:
            yield name, (before, after)


def _value(value: Any) -> JsonValue:
    if isinstance(value, datetime):
        return format_time(value)
    return list(value) if isinstance(value, tuple) else str(value or "")


def _files(older: Sequence[MediaFile], newer: Sequence[MediaFile]) -> Iterator[FileChange]:
    before, after = {f.url: f for f in older}, {f.url: f for f in newer}
    for url in dict.fromkeys((*before, *after)):
        one, other = before.get(url), after.get(url)
        differing = {name: (was, now) for name in _FILE_FIELDS if (was := _of(one, name)) != (now := _of(other, name))}
        if differing:
            change = "added" if one is None else "removed" if other is None else "changed"
            yield FileChange(_of(other or one, "name"), change, differing)


def _of(file: MediaFile | None, name: str) -> str:
    return str(getattr(file, name)) if file else ""


def _plain(html: str) -> str:
    from bs4 import BeautifulSoup

    return BeautifulSoup(html, "html.parser").get_text("\n")
