"""
The embedded target: a folder that any web server can serve.

``options``: ``path`` (the folder), ``url`` (where a web server shows it to strangers, if one does), ``edition``,
``layout`` (``pages``: a page for each area beside ``index.html``).

The folder gets ``index.html`` and ``files/NAME``; ``.keepfolio.json`` says which of them are ours and as what we left
them. Nothing else in the folder is touched, and an ``index.html`` that we did not write is never written to.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from archive.entry import Digest
from connectors.contract import (
    Action,
    Context,
    Finding,
    Receipt,
    Release,
    Remote,
    Resource,
    TargetChanged,
    TargetRefused,
)
from connectors.pages import split
from connectors.wanted import asked, with_addresses

PAGE = "index.html"
FILES = "files"
MARKER = ".keepfolio.json"
SAFE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


def target(name: str, options: Mapping[str, Any], context: Context) -> StaticSite:
    """Return the folder as a target; it needs nothing of the context."""
    del context
    url, edition, layout = (options.get(key) or "" for key in ("url", "edition", "layout"))
    return StaticSite(name, Path(options["path"]), url, edition or "public", layout or "flat")


class StaticSite:
    """A folder on this computer; see the module."""

    def __init__(self, name: str, folder: Path, url: str, edition: str, layout: str = "flat") -> None:
        self._name = name
        self._folder = folder
        self._url = url.rstrip("/")
        self._layout = layout
        self._mode = 0o644 if edition == "public" else 0o600

    def check(self) -> Iterator[Finding]:
        """Say whether the folder can be written to, and whether a page that is not ours is in the way."""
        here = next(p for p in (self._folder, *self._folder.absolute().parents) if p.exists())
        if not here.is_dir() or not os.access(here, os.W_OK):
            yield Finding(
                "not-writable", "error", f"{self._name}: nothing can be written to {here}.", f"chmod u+w {here}"
            )
        elif (self._folder / PAGE).exists() and PAGE not in self._ours():
            yield Finding(
                "not-ours",
                "error",
                f"{self._name}: {self._folder / PAGE} was not written by keepfolio and is never overwritten.",
                f"Choose another folder: path of the target {self._name} in config.yaml",
            )
        else:
            yield Finding("ok", "ok", f"{self._name}: the page goes to {self._folder / PAGE}.")

    def shape(self, release: Release) -> tuple[Resource, ...]:
        """Return the complete page, or its pages, and the files beside it; first what the contents lead to."""
        body = with_addresses(release.document, lambda name: f"{FILES}/{name}")
        texts = split(body) if self._layout == "pages" else {PAGE: body}
        page = Resource(PAGE, "page", body=texts.pop(PAGE), title=release.title)
        below = (Resource(name, "page", PAGE, text, title=release.title) for name, text in texts.items())
        files = (
            Resource(u.name, "file", PAGE, sha256=u.sha256, media_type=u.media_type, title=u.title, alt=u.alt)
            for u in release.uploads
        )
        return (*below, page, *files)

    def reach(self, resource: Resource, remote: Remote | None) -> str:
        """Strangers see the folder only where the configuration says at which address."""
        del remote
        return self._address(resource.name) if self._url else ""

    def observe(self, wanted: Iterable[Resource], agreed: Mapping[str, Receipt]) -> Mapping[str, Remote]:
        """Return what lies in the folder of the wanted and the agreed."""
        kinds = {receipt.name: receipt.kind for receipt in agreed.values()} | {r.name: r.kind for r in wanted}
        ours = self._ours()
        seen = (self._remote(name, kind, ours=name in ours or name in agreed) for name, kind in kinds.items())
        return {remote.name: remote for remote in seen if remote}

    def recognise(self, wanted: Iterable[Resource], observed: Mapping[str, Remote]) -> Mapping[str, Receipt]:
        """Return receipts for what is as the folder's own list says that we left it."""
        ours = self._ours()
        return {
            name: Receipt(name, remote.kind, name, remote.url, ours[name].get("sent", ""), remote.body)
            for name, remote in ((r.name, observed[r.name]) for r in wanted if r.name in observed)
            if name in ours and ours[name].get("body") == remote.body
        }

    def standing(self, agreed: Mapping[str, Receipt]) -> Mapping[str, Receipt]:
        """Return the receipts that still count: a preview that somebody threw away as a whole is simply made again."""
        if (self._folder / MARKER).exists():
            return agreed
        return {name: receipt for name, receipt in agreed.items() if self._place(name).exists()}

    def execute(self, action: Action, agreed: Mapping[str, Receipt], read: Callable[[Digest], BinaryIO]) -> Receipt:
        """Write or remove one file, whole or not at all."""
        what = action.what
        remote = self._remote(what.name, what.kind, ours=True)
        if (remote.body if remote else "") != action.base:
            raise TargetChanged(
                f"{self._place(what.name)} changed just now.",
                unchanged="It was left as it is.",
                mend=f"keepfolio plan {self._name}",
            )
        if action.do == "withdraw":
            return self._remove(agreed[what.name])
        try:
            body = self._write(what, read)
        except OSError as error:
            raise TargetRefused(
                f"{self._place(what.name)} cannot be written: {error.strerror or error}.",
                unchanged="What was there is still there.",
                mend=f"keepfolio check {self._name}",
            ) from error
        receipt = Receipt(what.name, what.kind, what.name, self._address(what.name), asked(what), body)
        self._note({**self._ours(), what.name: {"body": body, "sent": receipt.sent}})
        return receipt

    def close(self) -> None:
        """Nothing is open."""

    def _remove(self, receipt: Receipt) -> Receipt:
        self._place(receipt.name).unlink(missing_ok=True)
        left = self._ours()
        left.pop(receipt.name, None)
        self._note(left)
        return Receipt(receipt.name, receipt.kind, receipt.native_id, "", receipt.sent, "")

    def _write(self, what: Resource, read: Callable[[Digest], BinaryIO]) -> Digest:
        if what.kind == "page":
            return self._replace(self._place(what.name), iter([what.body.encode()]))
        with read(what.sha256) as stream:
            return self._replace(self._place(what.name), iter(lambda: stream.read(1 << 16), b""))

    def _replace(self, path: Path, chunks: Iterator[bytes]) -> Digest:
        """Put the bytes at ``path`` in one step: a web server shows the old file or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".kf-")
        try:
            with os.fdopen(handle, "wb") as out:
                for chunk in chunks:
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).chmod(self._mode)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest.hexdigest()

    def _remote(self, name: str, kind: Any, *, ours: bool) -> Remote | None:
        path = self._place(name)
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            body = hashlib.file_digest(stream, "sha256").hexdigest()
        text = path.read_text("utf-8", "replace") if kind == "page" else ""
        return Remote(name, kind, name, self._address(name), "", body, ours, text=text)

    def _place(self, name: str) -> Path:
        """A name is one plain file name; nothing leads out of the folder, not even a link somebody put there."""
        if not SAFE_NAME.fullmatch(name):
            raise TargetRefused(f"{name!r} is no name for a file.", unchanged="Nothing was written.")
        path = self._folder / name if _is_page(name) else self._folder / FILES / name
        if not path.resolve().is_relative_to(self._folder.resolve()):
            raise TargetRefused(
                f"{path} is a link that leads out of {self._folder}.",
                unchanged="Nothing was written.",
                mend=f"Remove the link: rm {path}",
            )
        return path

    def _address(self, name: str) -> str:
        if self._url:
            place = "" if name == PAGE else name if _is_page(name) else f"{FILES}/{name}"
            return f"{self._url}/{place}"
        return self._place(name).absolute().as_uri()

    def _ours(self) -> dict[str, dict[str, str]]:
        try:
            noted = json.loads((self._folder / MARKER).read_bytes())
        except (OSError, ValueError):
            return {}
        return noted["files"] if isinstance(noted, dict) and isinstance(noted.get("files"), dict) else {}

    def _note(self, ours: Mapping[str, Mapping[str, str]]) -> None:
        if not ours:
            (self._folder / MARKER).unlink(missing_ok=True)
            return
        note = {"what": "Written by keepfolio. It says which files here it may replace or remove.", "files": ours}
        text = json.dumps(note, indent=1, sort_keys=True) + "\n"
        self._replace(self._folder / MARKER, iter([text.encode()]))


def _is_page(name: str) -> bool:
    """Say whether a name is a page's: no upload is called so, for a browser would run it."""
    return name.endswith(".html")
