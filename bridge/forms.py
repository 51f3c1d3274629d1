"""What ``build`` makes: one portfolio in the form, and with the sections, that its owner asks for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.entry import Visibility
from archive.errors import NeedsOwner, UsageError
from bridge import building, bundling, outfolder, views
from bridge.building import Desk
from bridge.portfolio.gates import UNFINISHED
from bridge.portfolio.model import Portfolio
from bridge.portfolio.wording import day
from bridge.render import documents, page
from bridge.render.outputs import pdf, share, single, words
from connectors import pages
from connectors.contract import Finding, Upload
from connectors.pages import slug

_ENDINGS = {"file": ".html", "pdf": ".pdf", "zip": ".zip", "text": ".txt"}


@dataclass(frozen=True)
class Wish:
    """
    What is asked for.

    Attributes:
        form: folder, file, pdf, zip or text.

        layout: flat or pages.

        sections: Their ids; empty: all.

        until: The last day of sharing, for the head of the page.

        budget: Bytes that a bundle may have; None: what the framework takes.

        out: Where to; None: a place in ``build/``, which keepfolio looks after.
    """

    edition: Visibility
    form: str = "folder"
    layout: str = "flat"
    sections: tuple[str, ...] = ()
    until: date | None = None
    budget: int | None = None
    out: Path | None = None


@dataclass(frozen=True)
class Made:
    """What was made: ``path`` is what a person opens, ``size`` counts all of it, in bytes."""

    portfolio: Portfolio
    built: page.Built
    path: Path
    size: int
    reduced: tuple[bundling.Reduced, ...] = ()
    notes: tuple[str, ...] = ()
    fits: bool = True


def make(desk: Desk, wish: Wish) -> Made:
    """
    Make it, and return what was made.

    Raises:
        UsageError: There is no such section, or something else lies where it should go.

        NeedsOwner: A section is not in this edition.
    """
    if wish.form == "pdf":
        pdf.require()
    bundled = wish.form == "zip" or (wish.form == "folder" and wish.edition is Visibility.ASSESSOR)
    desk = replace(desk, alone=True) if bundled else desk
    portfolio = _portfolio(desk, wish)
    built = building.rendered(desk, portfolio)
    if bundled:
        return _bundled(desk, wish, portfolio, built)
    if wish.form == "folder":
        return _in_folder(desk, wish, portfolio, built)
    return _in_file(desk, wish, portfolio, built)


def before_giving(desk: Desk, portfolio: Portfolio) -> tuple[Finding, ...]:
    """
    Return what publishing would refuse for people, rights and personal data: a file that is sent asks nobody.

    What is only unfinished is left out, and so is a draft, which its owner keeps.
    """
    if portfolio.edition is Visibility.PRIVATE:
        return ()
    found = building.gates(desk, portfolio)
    return tuple(one for one in found if one.severity == "error" and one.code not in UNFINISHED)


def _portfolio(desk: Desk, wish: Wish) -> Portfolio:
    whole = desk.portfolio(wish.edition)
    if not wish.sections:
        return whole
    here = share.found(whole, wish.sections)
    for one in wish.sections:
        if one not in here:
            section = desk.framework.section(
                desk.generation.pathway, one
            )  # there is none of that id: said with the nearest
            why = next((left.why for left in whole.left_out if left.section == one), "it has no file yet")
            raise NeedsOwner(
                f"“{section.title}” is not in the {wish.edition.value} edition: {why}.",
                code="not-in-edition",
                unchanged="Nothing was made.",
                mend=f"Open it there (visibility: {wish.edition.value}, ready: true): "
                f"{desk.generation.folder / f'{one}.md'}",
            )
    note = "a part of it"
    if wish.until:
        note += f", shared until {day(datetime.combine(wish.until, time(), UTC), UTC)}"
    return share.only(whole, wish.sections, note)


# --- where to -------------------------------------------------------------------------------------------------------


def _stem(desk: Desk, wish: Wish) -> str:
    """Return the name of a file that is given to others: whose it is, what of it, until when."""
    parts = [slug(desk.session.config.owner), "portfolio", *map(slug, wish.sections)]
    if wish.until:
        parts.append(f"until-{wish.until.isoformat()}")
    return "-".join(part for part in parts if part)


def _folder(desk: Desk, wish: Wish) -> Path:
    """Return the folder in ``build/`` for what is asked: one for each edition and form, and each other generation."""
    usual = desk.name in ("", Desk(desk.session).generation.name)
    parts = [desk.name if not usual else "", wish.edition.value, wish.form if wish.form != "folder" else ""]
    return desk.workspace.build / "-".join(part for part in (*parts, *map(slug, wish.sections)) if part)


def _place(desk: Desk, wish: Wish) -> Path:
    """
    Return where a single file goes.

    Raises:
        UsageError: A folder is there.
    """
    ending = _ENDINGS[wish.form]
    if wish.out is None:
        return _folder(desk, wish) / f"{_stem(desk, wish)}{ending}"
    if wish.out.is_dir():
        return wish.out / f"{_stem(desk, wish)}{ending}"
    if wish.out.suffix.lower() != ending:
        raise UsageError(
            f"A {wish.form} is a file that ends in {ending}.",
            unchanged="Nothing was written.",
            mend=f"--out {wish.out.with_suffix(ending)}",
        )
    return wish.out


def _deliver(wish: Wish, place: Path, content: bytes | Path, beside: Mapping[str, Path]) -> int:
    """Put a file, and those beside it, in their place; return how many bytes they are together."""
    with TemporaryDirectory() as spool:
        made = content if isinstance(content, Path) else Path(spool) / "made"
        if isinstance(content, bytes):
            made.write_bytes(content)
        wanted: dict[str, str | Path] = {place.name: made, **beside}
        total = sum(Path(path).stat().st_size for path in wanted.values())
        if wish.out is None:
            outfolder.fill(place.parent, wanted)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            _replace(place, made)
            if beside:
                first = next(iter(beside)).partition("/")[0]
                outfolder.fill(place.parent / first, {name.partition("/")[2]: path for name, path in beside.items()})
    return total


def _replace(place: Path, made: Path) -> None:
    part = place.with_name(f"{place.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(made.read_bytes())
    part.replace(place)


# --- the forms ------------------------------------------------------------------------------------------------------


def _bundled(desk: Desk, wish: Wish, portfolio: Portfolio, built: page.Built) -> Made:
    if wish.form == "folder":
        out = wish.out or _folder(desk, wish)
        made = bundling.bundle(desk, wish.edition, out, wish.budget, made=(portfolio, built), layout=wish.layout)
        return Made(portfolio, built, out / pages.INDEX, made.size, made.reduced, made.notes, made.fits)
    place = _place(desk, wish)
    with TemporaryDirectory() as spool:
        packed = Path(spool) / "made.zip"
        made = bundling.bundle(desk, wish.edition, packed, wish.budget, made=(portfolio, built), layout=wish.layout)
        _deliver(wish, place, packed, {})
    return Made(portfolio, built, place, made.size, made.reduced, made.notes, made.fits)


def _in_folder(desk: Desk, wish: Wish, portfolio: Portfolio, built: page.Built) -> Made:
    folder = wish.out or _folder(desk, wish)
    place = building.write(built, folder, wish.layout)
    size = sum((folder / name).stat().st_size for name in outfolder.made(folder))
    return Made(portfolio, built, place, size, notes=tuple(_notes(built)))


def _in_file(desk: Desk, wish: Wish, portfolio: Portfolio, built: page.Built) -> Made:
    document, uploads = built.release.document, {one.name: one for one in built.release.uploads}
    place, beside, notes = _place(desk, wish), {}, _notes(built)

    def path(upload: Upload) -> Path:
        return built.files[upload.sha256]

    if wish.form == "pdf":
        content = pdf.pdf(document, uploads, path)
    elif wish.form == "text":
        content = words.plain(document).encode()
    else:
        folder = f"{place.stem}-files"
        one = single.single(document, uploads, path, folder, wish.budget or single.MOST)
        content = one.html.encode()
        beside = {f"{folder}/{name}": file for name, file in one.beside.items()}
        if beside:
            notes.append(
                f"One file has no room for all that is attached: {views.counted(len(beside), 'file')} of it "
                f"{'lies' if len(beside) == 1 else 'lie'} beside it, in {folder}. Keep both together."
            )
    return Made(portfolio, built, place, _deliver(wish, place, content, beside), notes=tuple(notes))


def _notes(built: page.Built) -> list[str]:
    """Return what a person should know of the files that a form brings along."""
    return [
        f"{one.title} is signed, locked or damaged: it goes as it is, its author in it."
        for one in built.release.uploads
        if one.name.endswith(".pdf") and documents.says_who(built.files[one.sha256])
    ]
