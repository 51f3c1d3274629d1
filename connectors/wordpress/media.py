"""
The files of a portfolio in a WordPress media library: each is there once, under a slug that tells its bytes.

What the site does not take by its type is offered as plain text or inside a ``.zip``. WordPress says so with a 500, as
it does of a full disk: only its words tell the two apart, and what is not known to be about the type is tried again in
the next publish.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from archive.entry import Digest, canonical
from connectors.contract import Receipt, Remote, Resource, TargetChanged
from connectors.wanted import REFUSED, asked
from connectors.wordpress.desk import Desk, error_of

FIELDS = {"_fields": "id,slug,source_url,title,alt_text"}
_BATCH = 50
_CHUNK = 1 << 16
_AS_TEXT = frozenset({"application/json", "application/xml", "message/rfc822", "application/mbox"})
_NOT_TAKEN = frozenset({"rest_upload_sideload_error", "rest_upload_unknown_error"})
_ABOUT_TYPE = re.compile(
    r"file type|dateityp|type de fichier|tipo de (?:archivo|arquivo|ficheiro)|tipo di file|tipus de fitxer|"
    r"bestandstype|filtyp|typ\w* (?:pliku|souboru|súboru)|plik\w* tego typu|tiedostotyyp|math o ffeil|тип\w* файл",
    re.IGNORECASE,
)
"""How WordPress says in the languages of Europe that it is the type: it gives no word for programs."""


class Library:
    """The uploads of one target."""

    def __init__(self, desk: Desk, spool: Path) -> None:
        self._desk = desk
        self._spool = spool

    def observe(self, wanted: Iterable[str], agreed: Mapping[str, Receipt]) -> Iterator[Remote]:
        """Yield what is there of the wanted names and of the agreed: by number, and by slug where no receipt is."""
        by_id = {int(receipt.native_id): name for name, receipt in agreed.items() if receipt.native_id}
        for ids in _batches(sorted(by_id)):
            for item in self._desk.list("media", {"include": ",".join(map(str, ids)), **FIELDS}):
                yield _remote(by_id[item["id"]], item)
        by_slug = {slug_of(name): name for name in wanted if name not in agreed}
        for slugs in _batches(sorted(by_slug)):
            seen = set()
            for item in self._desk.list("media", {"slug": ",".join(slugs), "orderby": "id", "order": "asc", **FIELDS}):
                if item["slug"] in by_slug and item["slug"] not in seen:
                    seen.add(item["slug"])
                    yield _remote(by_slug[item["slug"]], item)
        for name, receipt in agreed.items():
            if receipt.extra.get(REFUSED):  # nothing is there, and that is what was agreed
                yield Remote(name, "file", "", "", "", receipt.returned, ours=True)

    def create(self, what: Resource, read: Callable[[Digest], BinaryIO]) -> Receipt:
        """Upload a file, unless it is there from a run whose record was lost."""
        there = next(self.observe([what.name], {}), None)
        if there is not None:
            return self.update(what, there)
        refused = ""
        for offer in _offers(what, read, self._spool):
            with offer.open() as body:
                params = {"slug": slug_of(what.name), "title": what.title or what.name, "alt_text": what.alt}
                answer = self._desk.upload(body, offer.name, offer.md5, params)
            code, message = error_of(answer)
            if answer.ok:
                return _receipt(what, answer.json())
            if code not in _NOT_TAKEN or not _ABOUT_TYPE.search(message):
                raise self._desk.refusal(answer)
            refused = refused or message
        return Receipt(what.name, "file", "", "", asked(what), "0" * 64, extra={REFUSED: refused or "refused"})

    def update(self, what: Resource, there: Remote) -> Receipt:
        """Say anew what a file is called and shows."""
        item = self._desk.write(f"media/{there.native_id}", {"title": what.title or what.name, "alt_text": what.alt})
        return _receipt(what, item)

    def withdraw(self, receipt: Receipt) -> Receipt:
        """Delete a file for good: only then no stranger finds it."""
        if receipt.native_id:
            self._desk.delete(f"media/{receipt.native_id}")
        return Receipt(receipt.name, "file", receipt.native_id, "", receipt.sent, "")

    def still_there(self, name: str, receipt: Receipt, base: Digest) -> Remote:
        """Return what an action starts from. Raises ``TargetChanged`` when it is another."""
        there = next(self.observe([name], {name: receipt}), None)
        if there is None or there.body != base:
            raise TargetChanged(f"{name} was changed on the site just now.", unchanged="It was left as it is.")
        return there


class _Offer:
    """One way of offering a file: a name, which says the type, and the bytes, which are read twice."""

    def __init__(self, name: str, opened: Callable[[], BinaryIO]) -> None:
        self.name = name
        self.open = opened

    @property
    def md5(self) -> str:
        with self.open() as body:
            digest = hashlib.md5(usedforsecurity=False)
            for chunk in iter(lambda: body.read(_CHUNK), b""):
                digest.update(chunk)
        return digest.hexdigest()


def slug_of(name: str) -> str:
    """Return the media item's slug: unique to the upload's name, and so to its bytes."""
    return name.replace(".", "-").replace("_", "-")


def _offers(what: Resource, read: Callable[[Digest], BinaryIO], spool: Path) -> Iterator[_Offer]:
    """As it is; then as text, if a person can read it so; then packed. A picture is shown, and so only as it is."""
    yield _Offer(what.name, lambda: read(what.sha256))
    if what.media_type.startswith("image/"):
        return
    plain = what.name.replace(".", "-")  # of two endings WordPress would spell the first one anew
    if what.media_type.startswith("text/") or what.media_type in _AS_TEXT:
        yield _Offer(f"{plain}.txt", lambda: read(what.sha256))
    yield _Offer(f"{plain}.zip", lambda: _packed(what, read, spool))


def _packed(what: Resource, read: Callable[[Digest], BinaryIO], spool: Path) -> BinaryIO:
    """A zip with the one file in it; the same bytes each time."""
    out = TemporaryFile(dir=spool)  # noqa: SIM115 - the caller closes it
    with (
        read(what.sha256) as body,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open(zipfile.ZipInfo(what.name), "w", force_zip64=True) as member,
    ):
        shutil.copyfileobj(body, member)
    out.seek(0)
    return out


def _remote(name: str, item: Mapping[str, Any]) -> Remote:
    return Remote(name, "file", str(item["id"]), item["source_url"], "", _body(item), ours=True)


def _receipt(what: Resource, item: Any) -> Receipt:
    return Receipt(what.name, "file", str(item["id"]), item["source_url"], asked(what), _body(item))


def _body(item: Mapping[str, Any]) -> Digest:
    """WordPress replaces no bytes under an address: number and address stand for them."""
    return hashlib.sha256(canonical([item["id"], item["source_url"]])).hexdigest()


def _batches(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
