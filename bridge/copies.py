"""The owner's copies: where they are, what they hold, and bringing everything back from one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive import layout, segment
from archive.care import branches, copies, fixity, repair
from archive.care.copies import KEY, Replicated
from archive.care.fixity import Level, Report
from archive.care.places import Form, Through
from archive.care.repair import Repaired
from archive.entry import format_time
from archive.errors import ArchiveDamaged, KeepfolioError, NeedsOwner, UsageError
from archive.filesystem import FileSystem, explained
from archive.segment import Finding
from archive.store import Archive
from bridge import copykeys, copymemory, owner, secrets
from bridge.config import Config
from bridge.copymemory import Copy, known_beside, remember, remembered
from bridge.place import place_warnings
from bridge.session import Session, now
from bridge.workspace import state_root

__all__ = [
    "NOT_UP_TO_DATE",
    "Copy",
    "Keys",
    "Replicated",
    "behind",
    "bring_back",
    "forget",
    "forget_lost_head",
    "join",
    "keep_branch",
    "known",
    "known_beside",
    "mend",
    "opened",
    "overview_line",
    "replicate",
    "risks",
    "settled",
    "summary_json",
    "verify",
]


SHORTEST = 12
"""Characters of a passphrase."""


@dataclass(frozen=True)
class Keys:
    """
    What may open or seal an encrypted copy: a key file, and who to ask for a passphrase.

    ``ask`` gets words for the question and whether it is a new passphrase; None where nobody can be asked.
    """

    file: Path | None = None
    ask: Callable[[str, bool], str] | None = None


def settled(place: Path) -> Path:
    """Return a place as it is remembered: whole, and without steps back and forth."""
    return Path(os.path.abspath(place.expanduser()))  # noqa: PTH100 - resolve() would follow a link to a disk


# --- what is known --------------------------------------------------------------------------------------------------


def known(session: Session) -> list[Copy]:
    """Return the copies that this computer has made, by place."""
    if not session.has_archive():
        return []
    return sorted(remembered(session).values(), key=lambda copy: copy.place)


def behind(session: Session, copy: Copy) -> int:
    """Return how many parts the archive has that the copy had not when it was last brought up to date."""
    return max(0, session.archive.summary().segments - copy.parts)


def attached(session: Session) -> list[Copy]:
    """Return the known copies that can be reached now."""
    return [copy for copy in known(session) if copy.place.is_dir()]


def keep_up(session: Session) -> list[str]:
    """
    Bring every copy up to date that can be reached now and is behind; return, in words, what could not be done.

    Nobody is asked for a key: a copy that was begun with public keys needs none.
    """
    problems = []
    for copy in attached(session):
        if not behind(session, copy):
            continue
        try:
            done = replicate(session, copy.place)
        except KeepfolioError as error:
            problems.append(f"the copy in {copy.place} was not brought up to date: {error.message}")
        else:
            problems += [] if done.whole else [f"the copy in {copy.place} is not complete: keepfolio replicate"]
    return problems


def overview_line(session: Session) -> str:
    """Return one line on the copies, for the door and ``status``: the best that is there, and what is wrong."""
    found = known(session)
    if not found:
        return "Copies: none. One more disk, and nothing depends on this one: keepfolio replicate FOLDER"
    damaged = [copy for copy in found if copy.sound is False]
    good = [copy for copy in found if copy not in damaged]
    here = [copy for copy in good if copy.place.is_dir()]
    said = [f"not connected now: {_state(session, copy)}" for copy in good if copy not in here]
    said += [f"DAMAGED: {copy.place} (keepfolio verify --copy {copy.place})" for copy in damaged]
    if here:
        best = max(here, key=lambda copy: (-behind(session, copy), copy.at))
        said.insert(0, f"{'the best is ' if len(found) > 1 else ''}{_state(session, best)}")
    many = f"{len(found)}; " if len(found) > 1 else ""
    return f"Copies: {many}{'; '.join(said)}."


def _state(session: Session, copy: Copy) -> str:
    lacking = behind(session, copy)
    state = f"{lacking} {'part' if lacking == 1 else 'parts'} behind" if lacking else "complete"
    return f"{copy.place}, last on {copy.at:%Y-%m-%d}, {state}"


def risks(session: Session) -> list[str]:
    """Return, in words, what speaks against where archive and copies lie; nothing while one lies well."""
    places = [session.workspace.root, *(copy.place for copy in known(session) if copy.sound is not False)]
    badly = [place for place in places if place_warnings(place)]
    if len(badly) < len(places):
        return []
    only = "the only copy of it lies" if len(places) == 1 else "every copy of it lies"
    return [f"your whole archive: {only} where others may close the door ({', '.join(map(str, places))})"]


def summary_json(session: Session) -> list[dict[str, Any]]:
    """Return the copies for ``status --json``."""
    return [
        {
            "place": str(copy.place),
            "form": copy.form,
            "last": format_time(copy.at),
            "head": copy.head[0],
            "behind": behind(session, copy),
            "verified": format_time(copy.verified) if copy.verified else None,
            "sound": copy.sound,
            "attached": copy.place.is_dir(),
        }
        for copy in known(session)
    ]


# --- making one -----------------------------------------------------------------------------------------------------


def replicate(
    session: Session,
    place: Path,
    *,
    form: Form | None = None,
    recipients: Sequence[str] = (),
    keys: Keys = Keys(),
    progress: Callable[[int, int], None] = lambda done, of: None,  # noqa: ARG005 - named for the caller
) -> Replicated:
    """
    Seal the owner's own files, then bring a copy up to date, or begin one.

    ``recipients`` are for a copy that begins; later ones are sealed for those that it was begun with.

    Raises: see ``archive.care.copies.replicate``; UsageError also for keys that cannot be used.
    """
    place = settled(place)
    archive = session.existing_archive()
    before = remembered(session).get(str(place))
    if before and not place.exists():
        raise KeepfolioError(
            f"The copy in {place} is not there.",
            code="not-there",
            unchanged="Nothing was written.",
            mend=f"Connect its disk. To begin a new copy there: keepfolio replicate --forget {place}",
        )
    with contextlib.suppress(NeedsOwner, ArchiveDamaged):  # what is there deserves a copy all the more
        owner.keep(archive, session.workspace)
    form = form or (copies.form_of(place) if place.is_dir() else None) or (before.form if before else None)
    to, beside = _recipients(session.config, place, before, tuple(recipients), keys) if form == "age" else ((), {})
    seal = copykeys.sealing(to) if to else None
    known_damaged = before is not None and before.sound is False
    done = copies.replicate(
        archive, place, form=form, seal=seal, beside=beside, thorough=known_damaged, progress=progress
    )
    sound = None if known_damaged and done.form == "folder" and done.whole else before.sound if before else None
    head = archive.index.segments()[-1:] if done.whole else []
    known_head = (head[0].id, head[0].name) if head else before.head if before else ("", "")
    remember(
        session,
        Copy(
            place=place,
            form=done.form,
            at=now().replace(microsecond=0),
            head=known_head,
            parts=done.parts,
            to=to,
            verified=before.verified if before else None,
            sound=sound,
            digests={
                name: digest
                for name, digest in {**(before.digests if before else {}), **done.digests}.items()
                if name not in done.removed
            },
        ),
    )
    return done


def _recipients(
    config: Config, place: Path, before: Copy | None, wanted: tuple[str, ...], keys: Keys
) -> tuple[tuple[str, ...], dict[str, bytes]]:
    """Return the public keys to seal for, and the locked key that shall lie in a copy made with a passphrase."""
    if before and before.to:
        if wanted and set(wanted) != set(before.to):
            raise UsageError(
                f"The copy in {place} was made for other keys.",
                code="other-keys",
                unchanged="Nothing was written.",
                mend="Leave --to out, or begin another copy in another folder.",
            )
        return before.to, {}
    if wanted:
        return wanted, {}
    if (place / KEY).is_file():
        identities = copykeys.identities_in((place / KEY).read_bytes(), lambda: _passphrase(config, keys, new=False))
        return tuple(str(identity.to_public()) for identity in identities), {}
    if (place / "archive.json").is_file() and copies.form_of(place):
        raise UsageError(
            f"Which keys the copy in {place} was made for is not known on this computer.",
            code="no-key",
            unchanged="Nothing was written.",
            mend="Name the public key: --to age1...",
        )
    passphrase = _passphrase(config, keys, new=True)
    if len(passphrase) < SHORTEST:
        raise UsageError(
            f"The passphrase is too short: whoever has the copy may try many. Use {SHORTEST} characters or more.",
            code="weak-passphrase",
            unchanged="Nothing was written.",
            mend="Take four words that have nothing to do with each other.",
        )
    locked = copykeys.new_locked_key(passphrase)
    return (locked.public,), {KEY: locked.file}


# --- opening one ----------------------------------------------------------------------------------------------------


def opened(place: Path, config: Config | None = None, keys: Keys = Keys()) -> copies.Copy:
    """Open a copy; an encrypted one with the key file, the chain of secrets, or a passphrase; else only its names."""
    place = settled(place)
    found = copies.opened(place)
    if found.form != "age":
        return found
    return copies.opened(place, _unseal(found.place, config or Config(), keys))


def _unseal(place: Path, config: Config, keys: Keys) -> Through | None:
    def passphrase() -> str:
        return _passphrase(config, keys, new=False)

    if keys.file:
        return copykeys.unsealing(copykeys.identities_in(copykeys.read_key_file(keys.file), passphrase))
    if secret := secrets.lookup(copykeys.NAME, "key", config):
        return copykeys.unsealing(copykeys.identities_in(secret.reveal().encode(), passphrase))
    if (place / KEY).is_file() and (keys.ask or secrets.lookup(copykeys.NAME, "password", config)):
        return copykeys.unsealing(copykeys.identities_in(copykeys.read_key_file(place / KEY), passphrase))
    return None


def _passphrase(config: Config, keys: Keys, *, new: bool) -> str:
    if secret := secrets.lookup(copykeys.NAME, "password", config):
        return secret.reveal()
    typed = keys.ask("Passphrase of this copy", new) if keys.ask else ""
    if not typed:
        raise UsageError(
            "The copy needs a passphrase, and there is nobody to ask.",
            code="missing-secret",
            unchanged="Nothing was written.",
            mend=f"Set {secrets.variable(copykeys.NAME, 'password')} in the environment, or name a key: --to age1...",
        )
    return typed


# --- checking, mending, bringing back -------------------------------------------------------------------------------


def verify(
    session: Session | None,
    place: Path,
    level: Level,
    sample: float | None,
    keys: Keys = Keys(),
) -> Report:
    """
    Check a copy, and remember when; without a session it is checked by itself.

    Not ``ok`` either when it lacks parts of the archive that is known here, or holds what was removed there: findings
    of the codes in ``NOT_UP_TO_DATE``.
    """
    place = settled(place)
    archive = _readable(session)
    before = {copy.place: copy for copy in known_beside(session.workspace.archive)}.get(place) if session else None
    with opened(place, session.config if session else None, keys) as copy:
        head = before.head if before else ("", "")
        sealed = copy.form == "age" and _unseal(copy.place, session.config if session else Config(), keys) is None
        if sealed and before and before.digests:
            report = fixity.verify_sealed(copy, before.digests)
        else:
            report = fixity.verify_copy(copy, level, sample, remembered=head)
        compared = _compared(archive if archive and archive.id == copy.id else None, copy)
        parts = len(copy.names())
    if session and archive and before:
        lacking = archive.summary().segments - sum(int(f.expected) - int(f.found) for f in compared if f.expected)
        remember(
            session,
            replace(before, verified=now().replace(microsecond=0), sound=report.ok, parts=min(parts, lacking)),
        )
    return replace(report, ok=False, findings=(*compared, *report.findings)) if compared else report


NOT_UP_TO_DATE = frozenset({"incomplete", "removed-since"})
"""Codes of findings of ``verify`` about a copy whose bytes are good, and that ``replicate`` mends."""


def _readable(session: Session | None) -> Archive | None:
    """Return the archive unless it is too damaged to be opened: a copy can be checked all the same."""
    if session is None or not session.has_archive():
        return None
    with contextlib.suppress(ArchiveDamaged):
        return session.archive
    return None


def _compared(archive: Archive | None, copy: copies.Copy) -> list[Finding]:
    """Return what a copy lacks of an archive, and what it holds that was removed there."""
    there = set(copy.names())
    if archive is None:
        return [] if there else [Finding("incomplete", copy.folder.name)]
    names = {part.name for part in archive.index.segments()}
    findings = []
    if lacking := names - there:
        findings.append(Finding("incomplete", copy.folder.name, str(len(names)), str(len(names) - len(lacking))))
    replaced = sorted(name for name in there - names if archive.index.standing(name) != name)
    return findings + [Finding("removed-since", copy.relative(name)) for name in replaced]


def forget(session: Session, place: Path) -> Copy:
    """
    Let go of a copy: this computer does not bring it up to date any more. The copy stays as it is.

    Raises:
        UsageError: No copy is remembered at that place.
    """
    place = settled(place)
    if copy := remembered(session).get(str(place)) if session.has_archive() else None:
        copymemory.forget(session, copy)
        return copy
    raise UsageError(
        f"No copy in {place} is remembered.",
        code="no-such-copy",
        unchanged="Nothing was changed.",
        mend="See which are: keepfolio status --json",
    )


def mend(session: Session, places: Sequence[Path], keys: Keys = Keys()) -> Repaired:
    """Mend the archive from these copies, as far as they go; see ``archive.care.repair.repair``."""
    root = session.workspace.archive
    if not (root.is_dir() and (session.has_archive() or segment.names(root / "segments"))):
        raise KeepfolioError(
            f"There is no archive in {root}.",
            code="no-archive",
            unchanged="Nothing was changed.",
            mend="To bring the whole of it back from a copy: keepfolio restore --from COPY",
        )
    with ExitStack() as stack:
        opened_copies = [stack.enter_context(opened(place, None, keys)) for place in places]
        return repair.repair(root, state_root() / "archives", opened_copies)


def join(session: Session) -> str:
    """Go on from every branch; return the name of the part that joins them."""
    return branches.join(session.existing_archive())


def keep_branch(session: Session, name: str) -> tuple[str, ...]:
    """Go on from one branch; return the names of the parts that were set aside."""
    return branches.keep(session.existing_archive(), name)


def bring_back(root: Path, place: Path, keys: Keys = Keys()) -> Repaired:
    """
    Put the archive of a copy in an empty place; interrupted, it goes on where it stopped.

    Raises:
        NeedsOwner: There is another archive (``other-archive``).

        UsageError: There is something else.
    """
    disk = FileSystem()
    with opened(place, None, keys) as copy, explained(root):
        if (root / "archive.json").is_file():
            if str(layout.about_of(root)["id"]) != copy.id:
                raise NeedsOwner(
                    f"There is another archive in {root}.",
                    code="other-archive",
                    unchanged="Nothing was changed.",
                    mend="Bring it back into an empty folder: keepfolio restore --from COPY --workspace DIR",
                )
        else:
            _begin(disk, root, copy)
        return repair.repair(root, state_root() / "archives", [copy])


def _begin(disk: FileSystem, root: Path, copy: copies.Copy) -> None:
    if root.exists() and not layout.is_unfinished(root):
        raise UsageError(
            f"There is something in {root} already.",
            code="exists",
            unchanged="Nothing was written.",
            mend="Bring it back into an empty folder: keepfolio restore --from COPY --workspace DIR",
        )
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in layout.FOLDERS:
        if not (root / name).is_dir():
            disk.mkdir(root / name)
    for name in layout.FRAME.values():  # archive.json last: it makes it an archive
        if (copy.place / name).is_file():
            disk.write_over(root / name, (copy.place / name).read_bytes())
    disk.sync_folder(root)
    disk.sync_folder(root.parent)


def forget_lost_head(session: Session) -> bool:
    """
    After the archive came back from a copy: go on from what it has, and tell whether this computer knew of more.

    What came after it is offered again by its sources.
    """
    return bool(session.existing_archive().forget_lost_head())
