"""``replicate`` and ``repair``: copies in other places, and mending the archive from them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import command, interactive, leave, result, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.care.copies import Form, Replicated
    from archive.care.repair import Repaired
    from archive.entry import Json
    from bridge.copies import Keys
    from bridge.session import Session

SECONDS_BETWEEN_LINES = 2
KEY_HELP = "The file with the key of an encrypted copy."


@command("replicate")
@click.argument("dest", required=False, type=click.Path(path_type=Path))
@click.option("--zip", "zipped", is_flag=True, help="One ZIP file for each time something was added.")
@click.option("--encrypt", is_flag=True, help="Encrypted ZIP files, for a place that others hold the key to.")
@click.option("--to", "recipients", multiple=True, metavar="KEY", help="Encrypt for this public key (age1...).")
@click.option("--new-key", is_flag=True, help="Print a new pair of keys, to be kept on paper; nothing is stored.")
@click.option("--forget", is_flag=True, help="Do not think of the copy in DEST any more; it stays as it is.")
def replicate(
    dest: Path | None, zipped: bool, encrypt: bool, recipients: tuple[str, ...], new_key: bool, forget: bool
) -> None:
    """
    Keep a copy of the whole archive in the folder DEST: another disk, a network drive, a synchronised folder.

    Your own files (config.yaml and portfolio/) are kept first, so that one copy brings everything back. What the copy
    lacks is added, what it has is never changed, nothing is deleted from it; run it again whenever you like. The form
    is chosen at the first time. Without DEST: every copy that was made before and can be reached now.

    With --encrypt and no --to you are asked for a passphrase. Without it, or the private key, nobody can read the copy.
    """
    from archive.errors import UsageError
    from bridge import copies
    from bridge.cli.opened import opened

    if new_key:
        _print_new_key()
        return
    if forget:
        _forget(dest, alone=not (zipped or encrypt or recipients))
        return
    if zipped and (encrypt or recipients):
        raise UsageError("An encrypted copy is made of ZIP files already.", mend="Leave --zip out.")
    form: Form | None = "age" if encrypt or recipients else "zip" if zipped else None
    session = opened()
    if dest is None:
        _replicate_all(session)
        return
    done = copies.replicate(session, dest, form=form, recipients=recipients, keys=copy_keys(None), progress=_progress())
    result(_replicated_json(done), lambda: _replicated_in_words(session, done))
    leave(_code(done))


def _forget(dest: Path | None, *, alone: bool) -> None:
    from archive.errors import UsageError
    from bridge import copies
    from bridge.cli.opened import opened

    if dest is None or not alone:
        raise UsageError(
            "--forget takes the place of one copy, and nothing else.", mend="keepfolio replicate --forget DEST"
        )
    copy = copies.forget(opened(), dest)
    lines = [f"Forgotten: the copy in {copy.place}. What lies there was not touched, and may still be of use."]
    if copy.to:
        lines.append(f"To go on with it one day: keepfolio replicate {copy.place} --to {' --to '.join(copy.to)}")
    result({"ok": True, "forgotten": str(copy.place)}, "\n".join(lines))


def _replicate_all(session: Session) -> None:
    """Bring every copy up to date that was made before and can be reached now."""
    from archive.errors import UsageError
    from bridge import copies

    known, there = copies.known(session), copies.attached(session)
    if not known:
        raise UsageError("Say where to put the copy.", code="no-place", mend="Run: keepfolio replicate FOLDER")
    done = [copies.replicate(session, copy.place, keys=copy_keys(None), progress=_progress()) for copy in there]
    away = [copy.place for copy in known if copy not in there]

    def words() -> str:
        lines = [_replicated_in_words(session, one) for one in done]
        return "\n".join([*lines, *(f"Not connected now, and left as it is: {place}" for place in away)])

    value: Json = {
        "copies": [_replicated_json(one) for one in done],
        "away": [str(place) for place in away],
        "ok": not away and all(one.whole for one in done),
    }
    result(value, words)
    leave(max([3 if away else 0, *map(_code, done)]))


def _code(done: Replicated) -> int:
    return 5 if done.damaged else 3 if done.broken else 0


def copy_keys(file: Path | None) -> Keys:
    """Return what may open a copy: the key file of the command, and this person if there is one."""
    from bridge.copies import Keys

    return Keys(file, _asked if interactive() else None)


def _asked(question: str, new: bool) -> str:
    return str(click.prompt(question, hide_input=True, confirmation_prompt=new, err=True))


def _print_new_key() -> None:
    from bridge import copykeys

    private, public = copykeys.new_key()
    words = f"""\
Private key, which opens your copies. Print it or write it down, and keep it apart from them; it is stored nowhere:

  {private}

Public key, which encrypts them. It is no secret:

  {public}

Run: keepfolio replicate FOLDER --to {public}"""
    result({"private": private, "public": public}, words)


def _progress() -> Callable[[int, int], None]:
    """Return what tells how far it is: nothing of what is quickly done, then a line every few seconds."""
    told = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal told
        if done < of and time.monotonic() - told > SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            say(f"Copied {done} of {of} parts ...")

    return tell


def _replicated_json(done: Replicated) -> Json:
    return {
        "place": str(done.place),
        "form": done.form,
        "added": list(done.added),
        "removed": list(done.removed),
        "lacking_here": list(done.extra),
        "parts": done.parts,
        "bytes": done.bytes,
        "damaged": [{"code": f.code, "path": f.path} for f in done.damaged],
        "mended": list(done.mended),
        "differing": [{"code": f.code, "path": f.path} for f in done.broken],
        "ok": done.whole,
    }


def _replicated_in_words(session: Session, done: Replicated) -> str:
    from bridge import copies, views

    lines = []
    if done.added:
        lines.append(f"Copied to {done.place}: {views.counted(len(done.added), 'part')} ({views.size(done.bytes)}).")
    elif done.whole and not done.mended:
        lines.append(f"The copy in {done.place} has everything already.")
    if done.added and done.whole:
        lines.append("Each was read back and is what your archive holds. The copy is complete.")
    lines += [f"Written anew in the copy: {path}" for path in done.mended]
    lines += [f"Removed from the copy, because something was purged from it: {name}" for name in done.removed]
    if done.damaged:
        lines.append("DAMAGED in your archive, so not copied:")
        lines += [f"  {f.path} {FINDINGS.get(f.code, f.code)}" for f in done.damaged]
        lines.append("  Run: keepfolio repair --from COPY")
    if done.broken:
        lines.append("Not as it should be in the copy, and left alone:")
        lines += [f"  {f.path} {FINDINGS.get(f.code, f.code)}" for f in done.broken]
        lines.append(f"  Move what is named out of {done.place}, then run the same command again.")
    if done.extra:
        lines.append(f"This copy has {views.counted(len(done.extra), 'part')} that your archive lacks.")
        lines.append(f"  To bring them over: keepfolio repair --from {done.place}")
    lines += [f"Careful: {risk}" for risk in copies.risks(session)]
    return "\n".join(lines)


@command("repair")
@click.option(
    "--from", "places", multiple=True, type=click.Path(path_type=Path), metavar="COPY", help="A copy to mend from."
)
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help=KEY_HELP)
@click.option("--join", is_flag=True, help="Go on with what both computers have written.")
@click.option(
    "--keep", metavar="NAME", help="Go on with the branch that has NAME as its newest part; set the other aside."
)
@click.option("--without-lost", is_flag=True, help="Go on without what is missing and no copy has.")
def repair(places: tuple[Path, ...], key: Path | None, join: bool, keep: str | None, without_lost: bool) -> None:
    """
    Mend the archive from copies: --from may stand several times.

    Only bytes that are exactly what was stored come back; what is good is not touched. Damaged files, and files that
    other programs left, are moved to archive/quarantine/ and never deleted. Exit code 5 when damage remains.

    When two computers have written to one archive at once: --join goes on with both, --keep with one.
    """
    from archive.errors import UsageError
    from bridge import copies
    from bridge.cli.opened import opened

    if sum((bool(places), join, keep is not None, without_lost)) > 1:
        raise UsageError(
            "One at a time, please: --from, --join, --keep or --without-lost.", mend="See: keepfolio repair --help"
        )
    session = opened()
    if without_lost:
        lost = session.existing_archive().give_up_missing()
        told = "The archive goes on without what is missing. keepfolio verify still names it."
        result({"ok": True, "given_up": lost}, told if lost else "Nothing is missing as a whole.")
    elif join:
        name = copies.join(session)
        result({"ok": True, "joined": name}, "Joined: from now on the archive goes on with everything that both wrote.")
    elif keep is not None:
        going = copies.keep_branch(session, keep)
        words = [f"Set aside in archive/quarantine/branches: {name}" for name in going]
        result({"ok": True, "set_aside": list(going)}, "\n".join([f"The archive goes on from {keep}.", *words]))
    else:
        done = copies.mend(session, places, copy_keys(key))
        result(repaired_json(done), lambda: _repaired_in_words(session, done, places))
        leave(0 if done.ok else 5)


def repaired_json(done: Repaired) -> Json:
    """Return what a repair did, as JSON."""
    return {
        "ok": done.ok,
        "mended": list(done.mended),
        "brought": list(done.brought),
        "moved": list(done.moved),
        "undecided": list(done.undecided),
        "findings": [{"code": f.code, "path": f.path, "expected": f.expected, "found": f.found} for f in done.findings],
    }


def _repaired_in_words(session: Session, done: Repaired, places: tuple[Path, ...]) -> str:
    from archive.care.fixity import HARMLESS

    lines = [f"Mended: {path}" for path in done.mended]
    lines += [f"Brought back whole: {name}" for name in done.brought]
    lines += [f"Moved to archive/quarantine: {path}" for path in done.moved]
    lines += [f"Left alone, because the copies do not agree on it: {name}" for name in done.undecided]
    wrong = [f for f in done.findings if f.code not in HARMLESS]
    forked = any(f.code == "fork" for f in done.findings)
    if done.ok:
        said = "everything in the archive is what was stored."
        lines.append(said.capitalize() if forked else f"All is well: {said}")
    else:
        lines.append("STILL DAMAGED:")
        lines += [f"  {f.path} {FINDINGS.get(f.code, f.code)}" for f in wrong]
        lines.append(_where_from(session, places))
    if forked:
        lines.append("Two computers have written at once. Run: keepfolio repair --join   (or --keep NAME)")
    return "\n".join(lines)


def _where_from(session: Session, places: tuple[Path, ...]) -> str:
    from bridge import copies

    tried = {copies.settled(place) for place in places}
    other = next(
        (c.place for c in copies.known_beside(session.workspace.archive) if c.place not in tried and c.place.is_dir()),
        None,
    )
    if other:
        return f"  To bring it back: keepfolio repair --from {other}"
    if places:
        return "  None of these copies has the right bytes. Keep this folder, and look for another copy of it."
    return "  To bring it back: keepfolio repair --from COPY"


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
    "purge-unfinished": "still holds what you had removed; run: keepfolio purge",
    "stray": "was put there by another program, and does no harm",
    "permissions": "can be read by other people on this computer",
    "fork": "was written by two computers at once; both are kept",
    "differs": "is not what your archive holds",
    "incomplete": "lacks parts of what your archive holds",
    "removed-since": "holds what you have removed from your archive since",
    "unchecked": "is encrypted, and was not written by this computer: only with its key can it be checked",
}
"""What the codes of findings say to a person."""
