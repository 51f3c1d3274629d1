"""What publishing left of some entries: uploads at targets, pages that name them, sealed releases and receipts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from archive.entry import Digest
from archive.errors import KeepfolioError, NeedsOwner
from archive.forget.traces import SHORTEST, forms
from archive.store import Archive, Stored
from bridge import awaiting, publish, publishing, releases, runs
from bridge.session import Session, now
from connectors.contract import Receipt


@dataclass(frozen=True)
class Shown:
    """
    A sealed page that shows one of the entries.

    ``uploads``: names of the files that it brought for them. ``live_at``: the targets that show this very page now.
    """

    id: str
    title: str
    uploads: tuple[str, ...] = ()
    live_at: tuple[str, ...] = ()


@dataclass(frozen=True)
class Withdrawal:
    """Uploads that can be taken down from a target: its plan, and what strangers find under which address."""

    target: str
    plan: publish.Plan
    agreed: Mapping[str, Receipt]

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(self.agreed[step.what].url or step.what for step in self.plan.actions)


@dataclass(frozen=True)
class NotReached:
    """Something that may still hold the entries: what, why it was not reached, and what mends it. In words."""

    what: str
    why: str
    mend: str = ""


def showing(session: Session, ids: Collection[str], texts: Iterable[str] = ()) -> tuple[Shown, ...]:
    """Return the sealed pages that cite one of the entries, bring a file of theirs, or say one of the texts."""
    archive = session.archive
    words = {form for text in texts if len(text) >= SHORTEST for form in forms(text)}
    current = _current(session)
    return tuple(
        Shown(stored.id, stored.entry.title, uploads, current.get(_release_id(stored), ()))
        for stored in archive.entries(kind="release")
        for shows, uploads in [_shows(archive, stored, ids, words)]
        if shows
    )


def withdrawals(session: Session, shown: Iterable[Shown]) -> tuple[tuple[Withdrawal, ...], tuple[NotReached, ...]]:
    """
    Look at every target that got a file of theirs; return what can be taken down, and what was not reached.

    What assessors are reading is not touched: it is among what was not reached.
    """
    wanted = {name for one in shown for name in one.uploads}
    found: list[Withdrawal] = []
    missed: list[NotReached] = []
    for target in session.config.targets if wanted else ():
        names = wanted & releases.receipts(session.archive, target).keys()
        if not names:
            continue
        try:
            found += _withdrawal(session, target, names)
        except KeepfolioError as problem:
            missed.append(
                NotReached(f"The files at {target}: {', '.join(sorted(names))}", problem.message, problem.mend)
            )
    return tuple(found), tuple(missed)


def take_down(session: Session, withdrawal: Withdrawal) -> tuple[Receipt, ...]:
    """
    Delete the uploads at the target, and seal what was done. The owner has agreed.

    Raises:
        KeepfolioError: The target cannot be reached, or changed since; what was done before is recorded.
    """
    archive = session.archive
    target = runs.open_target(session, withdrawal.target)
    try:
        with releases.recording(archive, withdrawal.target, release="", now=now) as sealed:
            return publish.execute(
                withdrawal.plan,
                None,
                target,
                withdrawal.agreed,
                releases.reader(archive, {}),
                sealed,
                approved=True,
            )
    finally:
        target.close()


def withdrawn_receipts(session: Session, shown: Iterable[Shown]) -> tuple[str, ...]:
    """Return the ids of the receipts of their files at all targets, as far as nothing of those stands any more."""
    names = {name for one in shown for name in one.uploads}
    keys = (f"receipt:{target}/{name}" for target in session.config.targets for name in sorted(names))
    held = filter(None, map(session.archive.by_key, keys))
    return tuple(stored.id for stored in held if stored.entry.status == "withdrawn")


def pages_naming(session: Session, shown: Iterable[Shown]) -> Iterator[tuple[str, str]]:
    """Yield target and address of each page that still shows one of the entries."""
    for target in sorted({name for one in shown for name in one.live_at}):
        pages = [r for r in releases.receipts(session.archive, target).values() if r.kind == "page"]
        yield from ((target, page.url) for page in pages)


def standing(session: Session) -> frozenset[str]:
    """Return the ids of what must not be lost while strangers see it: pages shown now, records of what is there."""
    archive = session.archive
    pages = (archive.by_key(f"release:{release}") for release in _current(session))
    return frozenset(
        stored.id
        for stored in (*pages, *archive.entries(kind="receipt"))
        if stored and stored.entry.status != "withdrawn"
    )


def _withdrawal(session: Session, name: str, names: Collection[str]) -> Iterator[Withdrawal]:
    runs.may_publish(session, name)
    archive = session.archive
    agreed = releases.receipts(archive, name)
    shared = releases.addresses_elsewhere(archive, session.config.targets, name)
    target = runs.open_target(session, name)
    try:
        whole, _ = publish.plan_withdrawal(name, target, agreed, keep="ours", shared=shared)
    finally:
        target.close()
    steps = tuple(step for step in whole.actions if step.what in names and step.kind == "file")
    if steps and (alone := awaiting.left_alone(session, name)):
        raise NeedsOwner(alone, mend=f"{awaiting.UNTIL}\nThen: keepfolio publish {name}")
    if steps:
        yield Withdrawal(name, replace(whole, actions=steps), agreed)


def _current(session: Session) -> dict[Digest, tuple[str, ...]]:
    """Return the releases that targets show now, by id."""
    found: dict[Digest, tuple[str, ...]] = {}
    for target in session.config.targets:
        pages = [r for r in releases.receipts(session.archive, target).values() if r.kind == "page"]
        order = publishing.published(session, target)
        if pages and order:
            found[order[0].release] = (*found.get(order[0].release, ()), target)
    return found


def _release_id(stored: Stored) -> str:
    return next((key.removeprefix("release:") for key in stored.entry.keys if key.startswith("release:")), "")


def _shows(
    archive: Archive, stored: Stored, ids: Collection[str], words: Collection[bytes]
) -> tuple[bool, tuple[str, ...]]:
    """Return whether a sealed page shows one of the entries, and the names of the uploads that it brought for them."""
    value = _sealed(archive, stored)
    uploads = tuple(u["name"] for u in value.get("uploads", ()) if u.get("evidence") in ids)
    cited = any(c["entry"] in ids for section in value.get("sections", ()) for c in section["evidence"])
    cited = cited or any(entry in ids for entry in value.get("texts", ()))  # an earlier generation's, word for word
    text = f"{value.get('fragment', '')} {value.get('document', '')} {stored.entry.title} {_content(archive, stored)}"
    said = text.encode("utf-8", "replace").lower()
    return bool(uploads) or cited or any(word in said for word in words), uploads


def _sealed(archive: Archive, stored: Stored) -> dict[str, Any]:
    """Return what a release of ours, or a sealed generation, says; ``{}`` for a page that was harvested."""
    if any(key.startswith("bundle:") for key in stored.entry.keys):  # its words are packed: its release has them
        page = archive.by_key(f"release:{json.loads(archive.raw(stored.id)).get('release', '')}")
        return _sealed(archive, page) if page else {}
    ours = _release_id(stored) or any(key.startswith("generation:") for key in stored.entry.keys)
    return dict(json.loads(archive.raw(stored.id))) if ours else {}


def _content(archive: Archive, stored: Stored) -> str:
    return " ".join(archive.version(stored.id, n).entry.content_html for n in range(1, stored.version + 1))
