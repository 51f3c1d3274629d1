"""``verify``, ``restore`` and ``accept``: the archive itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, leave, result, say, settings

if TYPE_CHECKING:
    from archive.entry import Json
    from archive.store import Archive, Stored
    from bridge.workspace import Workspace


@command("verify")
@click.option("--quick", is_flag=True, help="Only that everything is there, in its order and length.")
@click.option("--deep", is_flag=True, help="Read every byte, and also take every record apart.")
@click.option("--sample", type=click.IntRange(1, 100), metavar="PERCENT", help="Read this share of the bytes.")
def verify(quick: bool, deep: bool, sample: int | None) -> None:
    """
    Check that every byte in the archive is what was stored.

    Exit code 5 when something is damaged; files that others left in the folder (.DS_Store) are named and do no harm.
    """
    from archive import fixity
    from bridge.cli.opened import opened

    session = opened()
    if not session.has_archive():
        result(
            {"ok": True, "checked": {"segments": 0, "files": 0, "bytes": 0}, "findings": []},
            "There is no archive yet, so nothing can be damaged.",
        )
        return
    level: fixity.Level = "quick" if quick else "deep" if deep else "full"
    report = fixity.verify(session.archive, level, sample=sample)
    value: Json = {
        "ok": report.ok,
        "checked": dict(report.checked),
        "findings": [
            {"code": f.code, "path": f.path, "expected": f.expected, "found": f.found} for f in report.findings
        ],
    }
    result(value, lambda: _in_words(report))
    leave(0 if report.ok else 5)


FINDINGS = {
    "missing": "is missing",
    "damaged": "is not what was stored",
    "unreadable": "cannot be read",
    "size": "has another length than it had",
    "missing-segment": "is missing as a whole, with everything that was stored then",
    "missing-reference": "is missing, and something else refers to it",
    "damaged-reference": "is not what something else refers to",
    "record": "lists what cannot be understood",
    "unsafe-name": "has a name that does not belong here",
    "context": "is not what was stored",
    "stray": "was put there by another program, and does no harm",
    "permissions": "can be read by other people on this computer",
    "fork": "was written by two computers at once; both are kept",
}
"""What the codes of findings say to a person."""


def _in_words(report: object) -> str:
    from archive.fixity import Report
    from bridge import views

    assert isinstance(report, Report)
    checked = report.checked
    head = (
        f"All is well: {views.counted(checked['files'], 'file')}, {views.size(checked['bytes'])}, each what was stored."
        if report.ok
        else f"DAMAGED: of {views.counted(checked['files'], 'file')} these are not what was stored:"
    )
    lines = [head]
    for finding in report.findings:
        detail = f" (expected {finding.expected}, found {finding.found})" if finding.expected or finding.found else ""
        lines.append(f"  {finding.path} {FINDINGS.get(finding.code, finding.code)}{detail}")
    if not report.ok:
        lines.append("  Unchanged: verify only reads. Keep this folder, and fetch a copy of it from elsewhere.")
    return "\n".join(lines)


@command("restore")
@click.argument("item", required=False)
@click.option("--removed", is_flag=True, help="Also files of your own that you had removed yourself.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where to put an entry's files.")
@click.option("--version", "number", type=int, help="An earlier version of the entry.")
def restore(item: str | None, removed: bool, out: Path | None, number: int | None) -> None:
    """
    Give back what the archive holds.

    Without ITEM: your own files (config.yaml and portfolio/), as they were last kept; files that are there and differ
    are left alone and named. After a folder was lost, all it needs is archive/: keepfolio restore --workspace DIR

    With ITEM: that entry's text and files, into the folder of --out. An own file is named by its place, such as
    portfolio/original/1a.md, and --version gives an earlier one.
    """
    if item is None:
        _restore_workspace(removed=removed)
    else:
        _restore_entry(item, out, number)


def _restore_workspace(*, removed: bool) -> None:
    from archive.errors import UsageError
    from bridge import owner
    from bridge.session import Session
    from bridge.workspace import Workspace

    root = (settings().workspace or Path.cwd()).expanduser().resolve()
    session = Session(Workspace(root))
    if not session.has_archive():
        raise UsageError(
            f"There is no archive in {root}, so there is nothing to give back.",
            code="no-archive",
            unchanged="Nothing was written.",
            mend="Put the copy of your folder archive there; or name its folder: keepfolio restore --workspace DIR",
        )
    returned = owner.give_back(session.existing_archive(), session.workspace, removed=removed)
    _only_for_the_owner(session.workspace)
    value = {"written": list(returned.written), "differing": list(returned.differing), "ok": not returned.differing}

    def words() -> str:
        lines = [f"Given back: {name}" for name in returned.written] or ["Nothing was missing."]
        lines += [f"Left alone, because it differs from what is kept: {name}" for name in returned.differing]
        return "\n".join(lines)

    result(value, words)


def _only_for_the_owner(workspace: Workspace) -> None:
    """Close the folders to other people: one that was made on the way, or copied from elsewhere, may be open."""
    folders = [path for path in workspace.portfolio.rglob("*") if path.is_dir() and not path.is_symlink()]
    for folder in (workspace.archive, workspace.portfolio, *folders):
        if folder.is_dir():
            folder.chmod(0o700)


def _restore_entry(item: str, out: Path | None, number: int | None) -> None:
    from archive.errors import UsageError
    from bridge.cli.opened import opened
    from bridge.items import find, version

    if out is None:
        raise UsageError("Say where to put it.", mend="Add: --out FOLDER")
    session = opened()
    archive = session.existing_archive()
    stored = version(archive, find(archive, session.workspace, item), number)
    written = _write_entry(archive, stored, out)
    result({"written": written, "ok": True}, "\n".join(f"Written: {path}" for path in written))


def _write_entry(archive: Archive, stored: Stored, out: Path) -> list[str]:
    """Write an entry's text and files into a folder, each by its own name; never over something that is there."""
    import itertools
    import os
    import shutil
    from pathlib import PurePath

    from archive.errors import UsageError
    from archive.naming import slug

    def private(path: str, flags: int) -> int:
        return os.open(path, flags, 0o600)

    def free(stem: str, suffix: str) -> Path:
        names = (f"{stem}{f'-{n}' if n > 1 else ''}{suffix}" for n in itertools.count(1))
        return next(out / name for name in names if not os.path.lexists(out / name))

    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file, not a folder.", unchanged="It is as it was.", mend="Name a folder.")
    for folder in reversed([p for p in (out, *out.parents) if not p.exists()]):
        folder.mkdir(mode=0o700)
    written: list[str] = []
    entry = stored.entry
    if entry.content_html:
        place = free(slug(entry.title) or slug(entry.kind) or "entry", ".html")
        with open(place, "x", encoding="utf-8", opener=private) as text:
            text.write(entry.content_html)
        written.append(str(place))
    for file in entry.files:
        if file.sha256:
            name = PurePath(file.name)
            place = free(slug(name.stem, 80) or "file", f".{slug(name.suffix)}" if slug(name.suffix) else "")
            with archive.read(file.sha256) as stream, open(place, "xb", opener=private) as target:
                shutil.copyfileobj(stream, target)
            written.append(str(place))
    return written


@command("accept")
@click.argument("words", nargs=-1, metavar="[WORDS]...")
def accept(words: tuple[str, ...]) -> None:
    """
    Accept that something cannot be had, so that it is not reported again.

    Without WORDS: list what stands. With WORDS: accept each item that has them in its description.
    """
    from archive.store import Origin
    from bridge import views
    from bridge.cli.opened import opened

    session = opened()
    archive = session.existing_archive()
    standing = list(archive.failures())
    wanted = [f for f in standing if words and all(w.casefold() in f.what.casefold() for w in words)]
    for failure in wanted:
        with archive.append(Origin(name=failure.source, type="accept")) as writer:
            writer.clear(failure)
            writer.seal()
    shown = wanted if words else standing
    value = {
        "ok": bool(shown) or not words,
        "accepted": bool(wanted),
        "items": [{"source": f.source, "what": f.what, "why": f.why} for f in shown],
    }

    def in_words() -> str:
        if not shown:
            return "Nothing of that name stands." if words else "Nothing is missing."
        head = "Accepted:" if words else "These could not be had:"
        return "\n".join([head, *(f"  {line}" for line in views.failures(shown))])

    result(value, in_words)
    if words and not shown:
        say("See what stands with: keepfolio accept")
        leave(2)
