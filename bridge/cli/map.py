"""``map``: the owner's own tags, connected with sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from archive.errors import UsageError
from bridge.cli.common import command, interactive, printable, result, say, table
from bridge.cli.portfolio import GENERATION_HELP, desk_of_today

if TYPE_CHECKING:
    from bridge.building import Desk


@dataclass(frozen=True)
class Row:
    """A tag, how many items carry it, and the sections in which it cites or suggests them."""

    tag: str
    count: int
    cited: tuple[str, ...]
    suggested: tuple[str, ...]

    @property
    def sections(self) -> tuple[str, ...]:
        """All sections that the tag speaks for."""
        return tuple(dict.fromkeys((*self.cited, *self.suggested)))

    @property
    def in_words(self) -> str:
        """``2b suggests``, ``1a cites, 3a suggests``; ``-`` for none."""
        cites = [f"{section} cites" for section in self.cited]
        return ", ".join([*cites, *(f"{s} suggests" for s in self.suggested if s not in self.cited)]) or "-"

    def to_json(self) -> dict[str, object]:
        """One tag of ``map --json``."""
        return {
            "tag": self.tag,
            "count": self.count,
            "sections": list(self.sections),
            "cites": bool(self.cited),
            "cited": list(self.cited),
            "suggested": list(self.suggested),
        }


@command("map")
@click.argument("tag", required=False)
@click.argument("section", required=False)
@click.option("--cites", is_flag=True, help="Entries with the tag stand on the page; else they are only offered.")
@click.option("--remove", is_flag=True, help="Undo the connection of TAG and SECTION.")
@click.option("--generation", default="", help=GENERATION_HELP)
def map_(tag: str | None, section: str | None, cites: bool, remove: bool, generation: str) -> None:
    """
    Connect your own tags with the sections of the portfolio.

    Without arguments: your tags with how often you used them; on a terminal you are asked for each, one key at a time.
    With TAG: the sections that it speaks for. With TAG and SECTION: connect these two. The framework's own tags
    (cmalt-1a) cite by themselves; your other tags only suggest, unless you say --cites.
    """
    if (remove or cites) and not (tag and section):
        raise UsageError("Say which tag and which section.", mend="Such as: keepfolio map moodle 2b --cites")
    if remove and cites:
        raise UsageError("--remove and --cites do not go together.", mend="See: keepfolio map --help")
    desk = desk_of_today(generation)
    if tag and section and remove:
        _undo(desk, tag, section)
    elif tag and section:
        _do(desk, tag, section, cites=cites)
    elif tag:
        _tell(desk, tag)
    else:
        _all(desk)


def _do(desk: Desk, tag: str, section: str, *, cites: bool) -> None:
    row = _row_of(desk, tag)
    wanted = _connect(desk, row.tag, section, cites=cites)
    value = {"ok": True, "tag": row.tag, "section": wanted, "cites": cites, "count": row.count}

    def words() -> str:
        if not row.count:
            return (
                f"“{row.tag}” is connected with {wanted}, but nothing that is held carries that tag yet.\n"
                f"  Your tags: keepfolio map   To undo it: {_undoing(desk, row.tag, wanted)}"
            )
        items = "1 item" if row.count == 1 else f"{row.count} items"
        does = "cites" if cites else "suggests"
        return f"“{row.tag}” now {does} for {wanted}: {items}.\n  To undo it: {_undoing(desk, row.tag, wanted)}"

    result(value, words)


def _undo(desk: Desk, tag: str, section: str) -> None:
    from bridge.portfolio import mapping, tags

    wanted = mapping.citable(desk.framework, desk.generation.pathway, section).id
    path = desk.workspace.portfolio / tags.FILE_NAME
    before = tags.read(path)
    after = before.without(tag, wanted)
    if after == before:
        row = _row_of(desk, tag)
        raise UsageError(
            f"`keepfolio map` did not connect “{tag}” with {wanted}.",
            code="not-connected",
            unchanged="Nothing was changed.",
            mend=(
                "It stands in config.yaml (portfolio.tags or portfolio.suggest), or is the framework's own tag, which "
                "is taken away at its source."
                if wanted in row.sections
                else f"“{row.tag}” speaks for: {row.in_words}"
            ),
        )
    tags.write(path, after)
    result({"ok": True, "tag": tag, "section": wanted, "removed": True}, f"“{tag}” no longer speaks for {wanted}.")


def _undoing(desk: Desk, tag: str, section: str) -> str:
    import shlex

    which = f" --generation {desk.name}" if desk.name else ""
    return f"keepfolio map {shlex.quote(tag)} {section} --remove{which}"


def _tell(desk: Desk, tag: str) -> None:
    row = _row_of(desk, tag)

    def words() -> str:
        if not row.count and not row.sections:
            return f"Nothing that is held carries the tag “{tag}”. Your tags: keepfolio map"
        speaks = row.in_words if row.sections else "no section yet"
        return f"“{row.tag}” ({'1 item' if row.count == 1 else f'{row.count} items'}): {speaks}"

    result({"tags": [row.to_json()]}, words)


def _all(desk: Desk) -> None:
    rows = [_row(desk, tag, count) for tag, count in desk.connections.own_tags.most_common()]
    if interactive() and rows:
        _ask_for_each(desk, rows)
        return
    result({"tags": [row.to_json() for row in rows]}, lambda: _in_words(desk, rows))


def _row_of(desk: Desk, tag: str) -> Row:
    """Return what is known of a tag, spelled as the owner's posts spell it."""
    counts = desk.connections.own_tags
    spelled = next((known for known in counts if known.casefold() == tag.casefold()), tag)
    return _row(desk, spelled, counts.get(spelled, 0))


def _row(desk: Desk, tag: str, count: int) -> Row:
    from bridge.portfolio import mapping

    own = mapping.section_of_tag(desk.framework, desk.generation.pathway, tag)
    cited = desk.tags.citing(tag)
    return Row(tag, count, tuple(dict.fromkeys((*([own] if own else []), *cited))), desk.tags.suggesting(tag))


def _in_words(desk: Desk, rows: list[Row]) -> str:
    if not rows:
        return "Nothing that is held carries a tag yet."
    cells = [[row.tag, str(row.count), row.in_words] for row in rows]
    found = [f"  {f.message} {f.mend}" for f in desk.connections.findings]
    return "\n".join([table(["tag", "used", "section"], cells), *(["", *found] if found else [])])


def _ask_for_each(desk: Desk, rows: list[Row]) -> None:
    sections = [s for s in desk.framework.flat(desk.generation.pathway) if not s.gathers]
    keys = "abcdefghijklmnoprstuvwxyz"  # without q, which ends it
    choices = dict(zip(keys, sections, strict=False))
    say("The sections:")
    for key, section in choices.items():
        say(f"  {key}  {section.id:<14} {section.title}")
    say("For each press a section's letter, Enter to leave it, or q to end. What carries it is suggested there.")
    for row in rows:
        if row.sections:
            continue
        while True:
            say(f"{printable(row.tag)} ({row.count}): ")
            key = click.getchar()
            if key in ("q", "\x1b"):
                say("Ended here; what you chose is kept. To go on: keepfolio map   What is suggested: keepfolio gaps")
                return
            if key in ("\r", "\n", " "):
                break
            if key in choices:
                _connect(desk, row.tag, choices[key].id, cites=False)
                say(f"  -> {choices[key].id} {choices[key].title}")
                break
            say("  That is not one of the letters.")
    say("All tags are seen. What is suggested where: keepfolio gaps")


def _connect(desk: Desk, tag: str, section: str, *, cites: bool) -> str:
    from bridge.portfolio import mapping, tags

    wanted = mapping.citable(desk.framework, desk.generation.pathway, section).id
    path = desk.workspace.portfolio / tags.FILE_NAME
    tags.write(path, tags.read(path).with_tag(tag, wanted, cites=cites))
    return wanted
