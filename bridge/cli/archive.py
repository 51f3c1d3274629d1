"""``verify``, ``restore`` and ``accept``: the archive itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, leave, result, say, settings
from bridge.cli.copies import FINDINGS, KEY_HELP

if TYPE_CHECKING:
    from archive.care.fixity import Level, Report
    from archive.entry import Json
    from archive.segment import Finding
    from archive.store import Archive, Stored
    from bridge.owner import Returned
    from bridge.session import Session
    from bridge.workspace import Workspace


@command("verify")
@click.option("--quick", is_flag=True, help="Only that everything is there, in its order and length.")
@click.option("--deep", is_flag=True, help="Read every byte, and also take every record apart.")
@click.option("--sample", type=click.IntRange(1, 100), metavar="PERCENT", help="Read this share of the bytes.")
@click.option("--copy", "place", type=click.Path(path_type=Path), metavar="DEST", help="Check this copy instead.")
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help=KEY_HELP)
def verify(quick: bool, deep: bool, sample: int | None, place: Path | None, key: Path | None) -> None:
    """
    Check that every byte in the archive is what was stored.

    Exit code 5 when something is damaged, 3 when a copy lacks something, 4 when two computers have written at once;
    files that others left in the folder (.DS_Store) are named and do no harm.
    """
    from archive.care import fixity
    from archive.errors import UsageError

    if quick + deep + (sample is not None) > 1:
        raise UsageError(
            "--quick, --deep and --sample are three ways: choose one.", mend="See: keepfolio verify --help"
        )
    level: fixity.Level = "quick" if quick else "deep" if deep else "full"
    report = _copy_checked(place, level, sample, key) if place else _archive_checked(level, sample)
    if report is None:
        result(
            {"ok": True, "checked": {"segments": 0, "files": 0, "bytes": 0}, "findings": []},
            "There is no archive yet, so nothing can be damaged.",
        )
        return
    value: Json = {
        "ok": report.ok,
        "checked": dict(report.checked),
        "findings": [
            {"code": f.code, "path": f.path, "expected": f.expected, "found": f.found} for f in report.findings
        ],
    }
    result(value, lambda: _in_words(report, place, level, sample))
    leave(_code(report))


def _archive_checked(level: Level, sample: int | None) -> Report | None:
    """Verify the archive and note it; one that is too damaged to be opened is checked by itself."""
    from archive.care import fixity, fixity_log
    from archive.errors import ArchiveDamaged
    from bridge.cli.opened import opened

    session = opened()
    if not session.has_archive():
        return None
    try:
        archive = session.archive
    except ArchiveDamaged:
        report = fixity.verify(session.workspace.archive, level, sample)
        if report.ok:  # what is wrong is not what verify looks at: say that
            raise
        return report
    report = fixity.verify(archive, level, sample=sample)
    fixity_log.note(archive.root, report, f"sample {sample}" if sample else level, archive.head, disk=archive.disk)
    return report


def _copy_checked(place: Path, level: Level, sample: int | None, key: Path | None) -> Report:
    """Verify a copy; that needs no workspace, and knows more with one."""
    from archive.errors import UsageError
    from bridge import copies
    from bridge.cli.copies import copy_keys
    from bridge.cli.opened import opened

    try:
        session = opened()
    except UsageError:
        session = None
    return copies.verify(session, place, level, sample, copy_keys(key))


def _code(report: Report) -> int:
    """Return 5 for damage, 3 for a copy that is only not up to date, 4 for a fork: the owner decides on that."""
    from archive.care.fixity import HARMLESS
    from bridge.copies import NOT_UP_TO_DATE

    codes = {f.code for f in report.findings}
    if not report.ok and codes - HARMLESS - NOT_UP_TO_DATE:
        return 5
    return 3 if not report.ok else 4 if "fork" in codes else 0


def _in_words(report: Report, place: Path | None, level: Level, sample: int | None) -> str:
    from archive.care.fixity import HARMLESS
    from bridge.copies import NOT_UP_TO_DATE

    damage = [f for f in report.findings if f.code not in HARMLESS | NOT_UP_TO_DATE]
    lines = [_head(report, bool(damage), level, sample)] if damage or report.checked["files"] else []
    lines += [_finding(finding) for finding in damage]
    if damage:
        lines.append("  Unchanged: verify only reads.")
    if any(f.code == "purge-unfinished" for f in damage):
        lines.append("  To end the removal that was cut off: keepfolio purge")
    if any(f.code != "purge-unfinished" for f in damage):
        lines.append(
            f"  Move what is named out of the copy, then: keepfolio replicate {place}"
            if place
            else "  To bring it back from a copy: keepfolio repair --from COPY"
        )
    lines += _not_up_to_date(report, place)
    if any(f.code == "fork" for f in report.findings) and not place:
        lines.append("TWO COMPUTERS have written at once, and both are kept. Nothing is added until you decide.")
        lines.append("  To go on with both: keepfolio repair --join   (or with one: --keep NAME)")
    lines += [_finding(f) for f in report.findings if f.code in HARMLESS - {"fork"}]
    return "\n".join(lines or ["There is nothing in the archive yet, so nothing can be damaged."])


def _head(report: Report, damaged: bool, level: Level, sample: int | None) -> str:
    from bridge import views

    files, size = views.counted(report.checked["files"], "file"), views.size(report.checked["bytes"])
    if damaged:
        return f"DAMAGED: of {files} these are not what was stored:"
    if level == "quick":
        return f"All there, in order and length: {files}, {size}. The bytes were not read: keepfolio verify"
    if sample:
        return f"No damage in a sample: about {sample} % of {files} ({size}) were read, the others were not."
    each = "each what was stored."
    return f"Every byte is good: {files}, {size}, {each}" if not report.ok else f"All is well: {files}, {size}, {each}"


def _finding(finding: Finding) -> str:
    """Return a finding as a line; digests say nothing to a person and stand in --json."""
    known = [v for v in (finding.expected, finding.found) if v and len(v) < 64 and finding.code != "fork"]
    detail = f" (expected {finding.expected}, found {finding.found})" if len(known) == 2 else ""
    return f"  {finding.path} {FINDINGS.get(finding.code, finding.code)}{detail}"


def _not_up_to_date(report: Report, place: Path | None) -> list[str]:
    """Return what a copy lacks, and what it holds too much."""
    lines = []
    for finding in report.findings:
        if finding.code == "incomplete" and finding.expected:
            lacking = int(finding.expected) - int(finding.found)
            lines.append(f"INCOMPLETE: this copy lacks {lacking} of {finding.expected} parts of your archive.")
        elif finding.code == "incomplete":
            lines.append("INCOMPLETE: nothing is in this copy yet.")
    if removed := [f for f in report.findings if f.code == "removed-since"]:
        lines.append("This copy still holds what you have removed from your archive since:")
        lines += [f"  {finding.path}" for finding in removed]
    return [*lines, f"  To bring it up to date: keepfolio replicate {place}"] if lines else []


@command("restore")
@click.argument("item", required=False)
@click.option("--removed", is_flag=True, help="Also files of your own that you had removed yourself.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where to put an entry's files.")
@click.option("--version", "number", type=int, help="An earlier version of the entry.")
@click.option("--from", "copy", type=click.Path(path_type=Path), help="Bring the archive itself back from this copy.")
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help=KEY_HELP)
def restore(
    item: str | None, removed: bool, out: Path | None, number: int | None, copy: Path | None, key: Path | None
) -> None:
    """
    Give back what the archive holds.

    Without ITEM: your own files (config.yaml and portfolio/), as they were last kept; files that are there and differ
    are left alone and named. After a folder was lost, all it needs is archive/: keepfolio restore --workspace DIR

    With --from COPY: first the archive itself, from a copy of any form, into an empty folder; then your own files.

    With ITEM: that entry's text and files, into the folder of --out. An own file is named by its place, such as
    portfolio/original/1a.md, and --version gives an earlier one.
    """
    from archive.errors import UsageError

    if copy and item is not None:
        raise UsageError("--from brings back all of it, not one item.", mend="Leave ITEM or --from out.")
    if copy:
        _restore_all(copy, key, removed=removed)
    elif item is None:
        _restore_workspace(removed=removed)
    else:
        _restore_entry(item, out, number)


def _restore_workspace(*, removed: bool) -> None:
    from archive.errors import UsageError
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
    returned = _own_files_back(session, removed=removed)
    result(_returned_json(returned), lambda: "\n".join(_returned_in_words(returned)))


def _own_files_back(session: Session, *, removed: bool) -> Returned:
    from bridge import owner

    returned = owner.give_back(session.existing_archive(), session.workspace, removed=removed)
    _only_for_the_owner(session.workspace)
    return returned


def _returned_json(returned: Returned) -> Json:
    return {"written": list(returned.written), "differing": list(returned.differing), "ok": not returned.differing}


def _returned_in_words(returned: Returned) -> list[str]:
    lines = [f"Given back: {name}" for name in returned.written] or ["Nothing was missing."]
    return [*lines, *(f"Left alone, because it differs from what is kept: {name}" for name in returned.differing)]


def _restore_all(place: Path, key: Path | None, *, removed: bool) -> None:
    """Bring back the archive from a copy, then the owner's files."""
    from bridge import copies
    from bridge.cli.copies import copy_keys, repaired_json
    from bridge.session import Session
    from bridge.workspace import Workspace

    root = (settings().workspace or Path.cwd()).expanduser().resolve()
    session = Session(Workspace(root))
    brought = copies.bring_back(session.workspace.archive, place, copy_keys(key))
    older = copies.forget_lost_head(session)
    returned = _own_files_back(session, removed=removed)
    value = {**_returned_json(returned), "archive": repaired_json(brought), "older": older}
    value["ok"] = brought.ok and not returned.differing

    def words() -> str:
        from bridge import views

        lines = [f"The archive came back: {views.counted(len(brought.brought), 'part')}."]
        if older:
            lines.append("This computer knew of more than this copy has; the next harvest fetches what it can.")
        lines += _returned_in_words(returned)
        if not brought.ok:
            lines.append("DAMAGED in the copy, and so not whole here:")
            lines += [f"  {f.path} {FINDINGS.get(f.code, f.code)}" for f in brought.findings]
            lines.append(f"  From another copy: keepfolio repair --from COPY --workspace {root}")
        return "\n".join(lines)

    result(value, words)
    leave(0 if brought.ok else 5)


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

    from archive.errors import ArchiveDamaged, UsageError
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
        with open(place, "x", encoding="utf-8", errors="replace", newline="", opener=private) as text:
            text.write(entry.content_html)
        written.append(str(place))
    for file in entry.files:
        if file.sha256:
            if archive.path_of(file.sha256) is None:
                raise ArchiveDamaged(
                    f"The archive names {file.name}, and does not hold it.",
                    unchanged="What was written before stays.",
                    mend="Run `keepfolio verify --deep` to see more.",
                )
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
