"""``cite``, ``mark`` and ``adopt``: what belongs to the portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archive.entry import Visibility
from bridge.cli.common import command, printable, result, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.building import Desk
    from bridge.marking import GoesAlong
    from bridge.portfolio.model import Held

EDITIONS = click.Choice([v.value for v in Visibility])
GENERATION_HELP = "Another portfolio or an earlier one, by its folder's name (default: the one you are working on)."


@command("cite")
@click.argument("section")
@click.argument("item")
@click.option("--why", help="One line on why it is evidence for this section; one that is there stays without it.")
@click.option("--principle", "principles", multiple=True, help="A principle that it shows, by its id; may be repeated.")
@click.option("--remove", is_flag=True, help="Take the citation back.")
@click.option("--generation", default="", help=GENERATION_HELP)
def cite(section: str, item: str, why: str | None, principles: tuple[str, ...], remove: bool, generation: str) -> None:
    """
    Cite something as evidence for a section.

    ITEM is a number of the last list, an id, an address, or words of the title. The choice stands in the section's
    own file in portfolio/, where you may edit it.
    """
    from bridge.items import find
    from bridge.portfolio import citing, mapping, marks

    desk = desk_of_today(generation).begin()
    wanted = mapping.citable(desk.framework, desk.generation.pathway, section)
    shown = [_principle(desk, name) for name in principles] or None
    written = desk.narratives.get(wanted.id)
    file = written.path.stem if written else wanted.id  # an earlier edition of the framework may have named it
    stored = find(desk.session.existing_archive(), desk.workspace, item)
    if not remove:
        _insist_on_own(stored, "cited")
    title = stored.entry.title or stored.entry.native_id
    already = citing.cites(desk.generation.folder, file, stored.id)
    if remove:
        path = citing.uncite(desk.generation.folder, file, stored.id)
    else:
        path = citing.cite(desk.generation.folder, file, stored.id, title, why, shown)
    seen = marks.effective(stored, marks.settled(desk.marks, desk.entries))
    value = {
        "ok": True,
        "section": wanted.id,
        "id": stored.id,
        "title": title,
        "file": str(path),
        "visibility": seen.value,
    }

    def words() -> str:
        same = already and why is None and shown is None
        done = "No longer cited" if remove else "Already cited" if same else "Cited"
        where = f" --generation {generation}" if generation else ""
        lines = [f"{done} for {wanted.id}: “{printable(title)}”."]
        if seen is Visibility.PRIVATE and not remove:
            lines.append(
                "  It is private, so it is in no public edition. To cite something else instead: "
                f"keepfolio cite {wanted.id} {stored.id} --remove{where}"
            )
            lines.append(f"  To put its text on the public page: keepfolio mark {stored.id} public")
        return "\n".join(lines)

    result(value, words)


@command("mark")
@click.argument("item")
@click.argument("visibility", type=EDITIONS)
def mark(item: str, visibility: str) -> None:
    """
    Say who may see something: private, assessor or public.

    Nothing becomes visible by this alone: it only decides in which editions the item may appear.
    """
    from bridge import marking
    from bridge.items import find
    from bridge.portfolio import marks

    desk = desk_of_today()
    readers = Visibility(visibility)
    stored = find(desk.session.existing_archive(), desk.workspace, item)
    if readers is not Visibility.PRIVATE:
        _insist_on_own(stored, f"marked {visibility}")
    title = stored.entry.title or stored.entry.native_id
    marks.mark(desk.workspace.portfolio / marks.FILE_NAME, stored.id, readers, title)
    decided = marks.settled(desk.marks, desk.entries)
    opens = readers is not Visibility.PRIVATE and stored.entry.visibility.openness < readers.openness
    along = marking.goes_along(stored, desk.entries, decided, readers) if opens else marking.GoesAlong()
    value = {
        "ok": True,
        "id": stored.id,
        "title": title,
        "visibility": visibility,
        "shows": [{"id": one.id, "kind": one.entry.kind, "title": one.entry.title} for one in along.words],
        "files": list(along.files),
    }

    def words() -> str:
        lines = [f"“{printable(title)}” is now marked {visibility}."]
        if opens:
            lines += _opened_in_words(stored, along, readers)
        lines += _kept_back(stored, marking.shown_by_opened(stored, desk.entries, decided, readers), readers)
        return "\n".join(lines)

    result(value, words)


def _principle(desk: Desk, said: str) -> str:
    """Return the id of a principle that a person names."""
    from difflib import get_close_matches

    from archive.errors import UsageError

    known = [principle.id for principle in desk.framework.principles]
    if said in known:
        return said
    near = get_close_matches(said, known, n=1)
    raise UsageError(
        f"{desk.framework.id} has no principle {said!r}." + (f" Did you mean {near[0]}?" if near else ""),
        code="unknown-principle",
        unchanged="Nothing was changed.",
        mend=f"Its principles are: {', '.join(known)}" if known else "Leave --principle away.",
    )


def _insist_on_own(stored: Held, done: str) -> None:
    """Refuse others' words and what is no evidence at once: no page would ever show it."""
    from archive.errors import UsageError
    from bridge.portfolio.mapping import never

    if why := never(stored.entry):
        raise UsageError(
            f"“{printable(stored.entry.title or stored.entry.native_id)}” cannot be {done}: {why}.",
            code="not-evidence",
            unchanged="Nothing was changed.",
            mend="Cite what you made yourself; others' words stay with it in your archive, and on no page.",
        )


def _opened_in_words(stored: Held, along: GoesAlong, readers: Visibility) -> list[str]:
    from bridge import views
    from bridge.portfolio.wording import FILE_KINDS

    whom = "everybody" if readers is Visibility.PUBLIC else "your assessors"
    what = "it" if stored.entry.kind in FILE_KINDS else "its text"
    careful = f"  Careful: at its source it is {views.not_public(stored.entry)}. Where a section cites it, {what}"
    lines = [f"{careful} will stand on the page for {whom}."]
    if along.closed is not None:
        lines.append(
            f"  Not yet: it shows “{_name(along.closed)}”, which you closed by a mark of its own. "
            "Until you open that, too, this stays out."
        )
    by_noun: dict[str, list[str]] = {}
    for one in along.words:
        by_noun.setdefault(views.KIND_NAMES.get(one.entry.kind, one.entry.kind), []).append(f"“{_name(one)}”")
    if by_noun:
        lines.append("  With it go the words of other entries, for they stand in it:")
        lines += [f"    {views.counted(len(names), noun)}: {views.sentence(names)}" for noun, names in by_noun.items()]
    if along.files:
        files = views.sentence(printable(name) for name in along.files)
        go = "goes" if len(along.files) == 1 else "go"
        lines.append(f"  With it {go} {views.counted(len(along.files), 'file')}: {files}")
    if by_noun or len(along.files) > 1:
        lines.append("  Mark one of them private, and a file stays away; but words then keep all of this back.")
    return [*lines, f"  To take that back: keepfolio mark {stored.id} private"]


def _kept_back(stored: Held, outer: Sequence[Held], readers: Visibility) -> list[str]:
    """Say what becomes of opened entries that show something which was closed."""
    from bridge import views
    from bridge.portfolio.wording import FILE_KINDS

    if not outer:
        return []
    names = views.sentence(f"“{_name(one)}”" for one in outer)
    if stored.entry.kind in FILE_KINDS:
        return [f"  It goes along with {names} no more."]
    whom = "to you alone" if readers is Visibility.PRIVATE else "no further than to your assessors"
    return [f"  Its words stand in {names}, which for that reason is shown {whom} from now on."]


def _name(held: Held) -> str:
    return printable(held.entry.title or held.entry.native_id)


@command("adopt")
@click.argument("page", metavar="URL|FILE")
@click.option("--name", default="original", help="The generation's name; its folder in portfolio/.")
def adopt(page: str, name: str) -> None:
    """
    Take over a portfolio page made by hand, word for word, as a generation of your portfolio.

    The page on your site is only read, and never written to.
    """
    from bridge import adopting, views
    from bridge.cli.opened import opened

    taken = adopting.adopt(opened(), page, name)
    value = {
        "ok": True,
        "words": taken.words,
        "same": taken.same,
        "folder": str(taken.folder),
        "title": taken.title,
        "missing": list(taken.missing),
        "left_out": list(taken.left_out),
    }

    def words() -> str:
        proved = "each of them as it was" if taken.same else "but NOT all as they were"
        lines = [f"Taken over: “{printable(taken.title)}”, {views.counted(taken.words, 'word')}, {proved}."]
        if taken.left_out:
            lines.append(f"  Left out, for a portfolio page cannot hold it: {views.sentence(taken.left_out)}.")
        if taken.missing:
            first = " ".join(taken.missing[:12]) + (" ..." if len(taken.missing) > 12 else "")
            lines.append(f"  {views.counted(len(taken.missing), 'word')} of it: {printable(first)}")
        return "\n".join([*lines, f"  {taken.folder}"])

    result(value, words)


def desk_of_today(name: str = "") -> Desk:
    """Return what a build reads, for the generation of that name; where nothing is held yet, that is said."""
    from bridge.building import Desk
    from bridge.cli.opened import opened

    session = opened()
    if not session.has_archive():
        say("Nothing is held yet; run keepfolio harvest to fill the portfolio from your sources.")
    return Desk(session, name)
