"""
What was built and what was published, sealed in the archive: rollback and "whose page is this" outlive the laptop.

A release is an entry of kind ``release`` from ``portfolio``, with its files; a receipt is an entry of kind ``receipt``
from ``target:NAME``, one for each thing at that target and one version for each time it was written. An earlier
generation, sealed when its review began, is a release too, by another key: whole, and of no edition.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from archive.entry import Digest, Entry, MediaFile, Visibility, canonical, format_time, parse_time
from archive.errors import UsageError
from archive.store import Archive
from archive.values import Origin, Stored
from bridge.portfolio import released
from bridge.portfolio.released import Released
from bridge.portfolio.renewal import seal
from bridge.publish.plan import THEIRS
from connectors.contract import Receipt, Release, Upload

if TYPE_CHECKING:
    from archive.writer import Writer
    from bridge.portfolio.model import Portfolio

RELEASES = Origin(name="portfolio", type="portfolio")


@dataclass(frozen=True)
class Published:
    """One receipt as it was sealed: ``release`` is the id of what was published, ``""`` for a withdrawal."""

    target: str
    release: Digest
    at: datetime
    receipt: Receipt


def seal_release(
    archive: Archive, release: Release, files: Mapping[Digest, Path], portfolio: Portfolio | None = None
) -> None:
    """
    Seal a release and its files, once.

    Args:
        archive: Where.

        release: What.

        files: Where the bytes that the archive does not hold lie.

        portfolio: What the release shows, for ``last_sections``; None for a preview without its files.
    """
    if archive.by_key(_release_key(release.id)):
        return
    with archive.append(RELEASES) as writer:
        for upload in release.uploads:
            _add(archive, writer, upload, files)
        raw = canonical({"format": "keepfolio-release/1", **asdict(release), **_sections(portfolio)})
        writer.put(_release_entry(release), raw, "json")
        writer.seal()


def load_release(archive: Archive, release: str) -> Release:
    """
    Return a sealed release by its id, or by as much of its beginning as is unique.

    Raises:
        UsageError: There is none, or more than one.
    """
    begins = _release_key(release)  # a page of ours that was harvested is of that kind too, and has other keys
    found = [s for s in archive.entries(kind="release") if any(key.startswith(begins) for key in s.entry.keys)]
    if len(found) != 1 or not release:
        raise UsageError(
            f"There {'is no' if not found else 'is more than one'} release {release!r} in the archive.",
            code="unknown-release",
            mend="See what was published: keepfolio rollback --list",
        )
    value = json.loads(archive.raw(found[0].id))
    value = {name: value[name] for name in Release.__dataclass_fields__}
    value["uploads"] = tuple(Upload(**upload) for upload in value["uploads"])
    return Release(**value)


def seal_generation(archive: Archive, sealed: seal.Sealed, at: datetime) -> bool:
    """Seal an earlier generation; False when it is sealed so already. An earlier seal of it stays beneath."""
    key = _generation_key(sealed.portfolio, sealed.name)
    if load_generation(archive, sealed.portfolio, sealed.name) == sealed:
        return False
    entry = Entry(
        keys=(key,),
        kind="release",
        native_id=sealed.name,
        title=f"{sealed.title}, as it was",
        language=sealed.language,
        visibility=Visibility.PRIVATE,
        updated=at,
        content_html=seal.text(sealed),
    )
    with archive.append(RELEASES) as writer:
        writer.put(entry, canonical(seal.value(sealed)), "json")
        writer.seal()
    return True


def load_generation(archive: Archive, portfolio: str, name: str) -> seal.Sealed | None:
    """Return an earlier generation as it was sealed, or None."""
    stored = _held(archive, _generation_key(portfolio, name))
    return seal.read(json.loads(archive.raw(stored.id))) if stored else None


def recorded_sections(archive: Archive, release: str) -> dict[str, Released]:
    """Return the sections of a sealed release by its whole id; none where it is not held."""
    stored = _held(archive, _release_key(release)) if release else None
    return released.read(json.loads(archive.raw(stored.id)).get("sections", ())) if stored else {}


def _held(archive: Archive, key: str) -> Stored | None:
    """Return what was sealed by a key that is one of its kind in the world, also where it came with another archive."""
    every = archive.entries(kind="release")
    return archive.by_key(key) or next(
        (s for s in every if any(k.startswith("imported:") and k.partition("/")[2] == key for k in s.entry.keys)), None
    )


def shown_by(archive: Archive, release: Release) -> tuple[str, ...]:
    """Return the ids of the entries that a release shows: those whose files it brings, those that it cites or lists."""
    stored = archive.by_key(_release_key(release.id))
    value = json.loads(archive.raw(stored.id)) if stored else {}
    sections = released.read(value.get("sections", ()))
    cited = [cited.entry for section in sections.values() for cited in section.evidence]
    files = [upload.evidence for upload in release.uploads if upload.evidence]
    return tuple(dict.fromkeys([*files, *cited, *value.get("shows", ())]))


def last_sections(archive: Archive, targets: Iterable[str], portfolio: str, edition: str) -> dict[str, Released]:
    """
    Return the sections of a portfolio as an edition of it was last published; none once it was withdrawn.

    What was published before its last review began are the words of the earlier generation, and stand in its seal.
    """
    began = _review_began(archive, portfolio)
    newest: tuple[datetime, list[Mapping[str, Any]]] | None = None
    for target in targets:
        for done in sorted(_of_pages(archive, target), key=lambda done: done.at, reverse=True):
            if not done.release:  # withdrawn: nothing of it is released any more
                break
            if began is not None and done.at <= began:
                break
            if done.receipt.extra.get(THEIRS):  # what stood there were a person's words
                continue
            stored = archive.by_key(_release_key(done.release))
            value = json.loads(archive.raw(stored.id)) if stored else {}
            if "sections" in value and (value["portfolio"], value["edition"]) == (portfolio, edition):
                if newest is None or done.at > newest[0]:
                    newest = done.at, value["sections"]
                break
    return released.read(newest[1]) if newest else {}


@contextmanager
def recording(
    archive: Archive, target: str, *, release: Digest, now: Callable[[], datetime]
) -> Iterator[Callable[[Receipt], None]]:
    """
    Give what seals the receipts of one run: those of files together, with the page that shows them or at the end.

    A file whose receipt a crash took is found again by its name, so that forty pictures need not be forty segments.
    """
    waiting: list[tuple[Receipt, datetime]] = []

    def flush() -> None:
        if waiting:
            _seal(archive, target, release, waiting)
            waiting.clear()

    def sealed(receipt: Receipt) -> None:
        waiting.append((receipt, now()))
        if receipt.kind == "page":
            flush()

    try:
        yield sealed
    finally:
        flush()


def seal_receipt(archive: Archive, target: str, receipt: Receipt, *, release: Digest, at: datetime) -> None:
    """Seal one receipt at once."""
    _seal(archive, target, release, [(receipt, at)])


def receipts(archive: Archive, target: str) -> dict[str, Receipt]:
    """Return what is agreed with a target now, by name; what was withdrawn is not in it."""
    newest = (_published(archive.raw(stored.id)) for stored in _sealed(archive, target))
    return {done.receipt.name: done.receipt for done in newest if done.receipt.returned}


def addresses_elsewhere(archive: Archive, targets: Iterable[str], target: str) -> set[str]:
    """Return the addresses that the other targets still show: withdrawing from this one must not break them."""
    others = (name for name in targets if name != target)
    return {receipt.url for name in others for receipt in receipts(archive, name).values()}


def history(archive: Archive, target: str) -> list[Published]:
    """Return every receipt of a target, oldest first."""
    versions = (
        _published(archive.raw(stored.id, number))
        for stored in _sealed(archive, target)
        for number in range(1, stored.version + 1)
    )
    return sorted(versions, key=lambda done: done.at)


def reader(archive: Archive, files: Mapping[Digest, Path]) -> Callable[[Digest], BinaryIO]:
    """Return what opens a file's bytes: from the archive, or from the build that has not been sealed."""

    def read(digest: Digest) -> BinaryIO:
        if archive.path_of(digest) is None and digest in files:
            return files[digest].open("rb")
        return archive.read(digest)

    return read


def _of_pages(archive: Archive, target: str) -> Iterator[Published]:
    """Yield all receipts of a target's pages."""
    for stored in _sealed(archive, target):
        if _published(archive.raw(stored.id)).receipt.kind == "page":
            yield from (_published(archive.raw(stored.id, number)) for number in range(1, stored.version + 1))


def _review_began(archive: Archive, portfolio: str) -> datetime | None:
    """Return when the newest of a portfolio's earlier generations was sealed; None where there is none."""
    begins = _generation_key(portfolio, "")
    sealed = (s for s in archive.entries(kind="release") if any(key.startswith(begins) for key in s.entry.keys))
    return max((s.entry.updated for s in sealed if s.entry.updated), default=None)


def _sections(portfolio: Portfolio | None) -> dict[str, Any]:
    if portfolio is None:
        return {}
    listed = [entry_id for panel in portfolio.panels for entry_id in panel.shows]
    return {"sections": released.record(portfolio), "shows": [*dict.fromkeys(listed)]}


def _sealed(archive: Archive, target: str) -> Iterator[Stored]:
    return archive.entries(source=_origin(target).name, kind="receipt")


def _seal(archive: Archive, target: str, release: Digest, done: Iterable[tuple[Receipt, datetime]]) -> None:
    with archive.append(_origin(target)) as writer:
        for receipt, at in done:
            entry, raw = _receipt_entry(target, release, receipt, at)
            writer.put(entry, raw, "json")
        writer.seal()


def _receipt_entry(target: str, release: Digest, receipt: Receipt, at: datetime) -> tuple[Entry, bytes]:
    value: dict[str, Any] = {
        "format": "keepfolio-receipt/1",
        "target": target,
        "release": release,
        "at": format_time(at),
        "receipt": asdict(receipt),
    }
    entry = Entry(
        keys=(f"receipt:{target}/{receipt.name}",),
        kind="receipt",
        native_id=receipt.name,
        title=f"{receipt.name} at {target}",
        url=receipt.url,
        status="published" if receipt.returned else "withdrawn",
        updated=at,
        content_html=f"<pre>{html.escape(json.dumps(value, indent=1, sort_keys=True))}</pre>",
    )
    return entry, canonical(value)


def _origin(target: str) -> Origin:
    return Origin(name=f"target:{target}", type="target")


def _published(raw: bytes) -> Published:
    value = json.loads(raw)
    return Published(value["target"], value["release"], parse_time(value["at"]), Receipt(**value["receipt"]))


def _release_key(release: Digest) -> str:
    return f"release:{release}"


def _generation_key(portfolio: str, name: str) -> str:
    return f"generation:{portfolio}/{name}"


def _release_entry(release: Release) -> Entry:
    return Entry(
        keys=(_release_key(release.id),),
        kind="release",
        native_id=release.id,
        title=release.title,
        language=release.language,
        status=release.edition,
        visibility=Visibility(release.edition),
        content_html=release.fragment,
        files=tuple(
            MediaFile(
                name=u.name,
                url=f"keepfolio:{u.name}",
                media_type=u.media_type,
                size=u.size,
                alt=u.alt,
                caption=u.title,
                sha256=u.sha256,
            )
            for u in release.uploads
        ),
    )


def _add(archive: Archive, writer: Writer, upload: Upload, files: Mapping[Digest, Path]) -> None:
    if archive.path_of(upload.sha256) is not None:
        return
    with files[upload.sha256].open("rb") as stream:
        writer.add_file(stream, name=upload.name, media_type=upload.media_type)
