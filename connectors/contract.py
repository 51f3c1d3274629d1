"""
What a source and a target promise, and the values they exchange. Read this before you write a connector.

A **source** is one account on one system, read-only. A **target** is one place where a portfolio is shown.
Connectors know ``archive.entry`` and ``archive.errors`` and nothing else of the program: they yield values, and never
touch the archive, print, prompt, or decide what is new. All that they get from outside comes in a ``Context``.

Rules that ``tests/contract/`` asks of every source:

- the second harvest of an unchanged source yields nothing that is stored;
- paging loses and repeats nothing while the source changes underneath;
- a connection cut at any byte leaves a valid archive, and the next run completes it;
- dates come out aware; the digest of every file is that of the served bytes;
- no secret reaches logs, errors, traces or the archive; a login page answered with 200 is not content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, TypeAlias

from archive.entry import Digest, Entry, Json, Key, MediaFile
from archive.errors import KeepfolioError

if TYPE_CHECKING:
    from connectors.http import Http

# --- what a source yields -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """An entry, and its bytes as the source sent them, cut from the answer without re-encoding."""

    entry: Entry
    raw: bytes
    raw_type: Literal["json", "xml", "html", "txt"] = "json"


@dataclass(frozen=True)
class Listed:
    """
    All that exists in a scope now, after a listing that ended as promised.

    Never yielded for a listing that was refused, cut or empty without proof: deciding what vanished is harvest's work.
    """

    scope: str
    keys: frozenset[Key]


@dataclass(frozen=True)
class Promised:
    """How many things of a kind the source says that it holds for this account: what the owner may expect to hold."""

    kind: str
    count: int


@dataclass(frozen=True)
class Failed:
    """
    One item did not arrive.

    ``transient`` items are offered again in the next run (``Known.retry``); a permanent one stands in status and gaps
    until the owner accepts it.
    """

    what: str
    why: str
    mend: str = ""
    key: Key = ""
    transient: bool = True


@dataclass(frozen=True)
class Checkpoint:
    """Everything yielded before it is complete; ``cursor`` is sealed with it or dropped with it."""

    cursor: Json


@dataclass(frozen=True)
class Note:
    """What the owner should know of this harvest, such as what this way cannot give. Stands in its report."""

    text: str


@dataclass(frozen=True)
class Waiting:
    """The system makes something ready, such as an export. Shown while it lasts, and kept nowhere."""

    what: str
    percent: int | None = None


Yield: TypeAlias = Found | Listed | Promised | Failed | Checkpoint | Note | Waiting


@dataclass(frozen=True)
class Finding:
    """
    What a check found, for a person, with its mend.

    ``severity``: ``ok`` works, ``note`` good to know, ``warning`` something will be missed, ``error`` cannot go on.
    ``item``: the one thing that it is about, as the owner may name it to waive it: a person, a picture's title.
    """

    code: str
    severity: Literal["ok", "note", "warning", "error"]
    message: str
    mend: str = ""
    section: str = ""
    item: str = ""


class Known(Protocol):
    """What the archive holds of this source; read-only."""

    @property
    def cursor(self) -> Json:
        """The cursor of the newest complete checkpoint; ``{}`` in a first harvest."""

    @property
    def retry(self) -> frozenset[Key]:
        """Keys that failed for a passing reason: worth another try even if their stamp is known."""

    def stamp(self, key: Key) -> str:
        """Return the stamp with which the key was last seen by this source, or ``""``."""

    def keys(self, scope: str) -> frozenset[Key]:
        """Return the keys of all live entries that this source has seen in the scope, every key of each."""


class Source(Protocol):
    """One account, read-only."""

    def check(self) -> Iterable[Finding]:
        """
        Tell a person, in words, what is reached on the route found, and what is missed.

        Changes nothing there: sends GET, HEAD and PROPFIND, and POST only where there is no other way to log in or to
        ask.
        """

    def harvest(self, known: Known) -> Iterator[Yield]:
        """
        Yield what exists, what changed, and what failed. May repeat itself, in any order.

        Raises:
            SourceRefused: The credential was refused. Tried once, by one route; nothing else is sent.

            SourceUnavailable: The site cannot be reached or answers nonsense. What was yielded before is good.
        """

    def open(self, file: MediaFile) -> BinaryIO:
        """
        Stream the bytes of a file, adding the secret where the system needs one. Called from two threads.

        Raises:
            FileGone: The source says that it does not exist (404, 410, not in the export).

            SourceUnavailable: A passing failure; the file is offered again.
        """

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Say of a key that vanished from its listing: kept but unlisted, proved gone, or not to be told."""

    def close(self) -> None:
        """Let go of connections and temporary files."""


# --- what a target shows --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Upload:
    """
    A file that a release shows. ``name`` is ``kf-<8 hex of sha256>-name.ext``: unique, lower case, ASCII.

    ``sha256`` is that of the bytes to upload, which may be a reduced copy; the original stays in the archive.
    """

    name: str
    sha256: Digest
    size: int
    media_type: str
    title: str = ""
    alt: str = ""
    evidence: str = ""  # the id of the entry that it belongs to


@dataclass(frozen=True)
class Release:
    """
    One sealed build of a portfolio: what a target is asked to show.

    Both texts name uploads as ``keepfolio:NAME``. Same portfolio, same bytes: no build date and no program version.

    Attributes:
        id: Digest over everything below.

        fragment: The portfolio as theme-neutral semantic HTML, sanitised, without ``<html>`` or ``<h1>``.

        document: The same as a complete page that stands alone, with its own style.

        portfolio: Which portfolio this is (a UUID): a page's marker carries it, so that a page is known to be ours.
    """

    id: Digest
    portfolio: str
    edition: Literal["private", "assessor", "public"]
    title: str
    language: str
    fragment: str
    document: str
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True)
class Resource:
    """
    One thing that a target shall hold: a page, or a file.

    ``body`` is a page's text, with uploads named ``keepfolio:NAME``; a file's bytes are read by ``sha256``.
    """

    name: str
    kind: Literal["page", "file"]
    parent: str = ""
    body: str = ""
    sha256: Digest = ""
    media_type: str = ""
    title: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Receipt:
    """
    What an executed action left at the target: last *agreed*, not last seen. Sealed in the archive.

    ``sent`` is the digest of what was sent, ``returned`` of what the system gave back (systems rewrite what they store:
    the base of conflict detection), ``revision`` the system's own revision number, ``url`` where strangers find it.
    """

    name: str
    kind: Literal["page", "file"]
    native_id: str
    url: str
    sent: Digest
    returned: Digest
    revision: str = ""
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Remote:
    """
    A resource as the target holds it now.

    ``body`` is the digest of its raw text or bytes; ``ours``: a receipt or our marker names it.
    """

    name: str
    kind: Literal["page", "file"]
    native_id: str
    url: str
    revision: str
    body: Digest
    ours: bool
    status: str = ""  # the system's own word: draft, publish
    text: str = ""  # the raw text of a page, for showing what a person edited


@dataclass(frozen=True)
class Action:
    """
    One step of a plan.

    ``base`` is the digest of what must still be there when it is executed, ``""`` for nothing. A ``conflict`` is never
    executed: the owner decides.
    """

    do: Literal["create", "update", "withdraw", "conflict"]
    what: Resource
    why: str
    base: Digest = ""


class Target(Protocol):
    """One place where a portfolio is shown."""

    def check(self) -> Iterable[Finding]:
        """Tell a person what may be written there, and what not. Sends only GET and HEAD."""

    def shape(self, release: Release) -> tuple[Resource, ...]:
        """Return what the target shall hold for this release. Pure: no network, no clock, no disk."""

    def observe(self, wanted: Iterable[Resource], agreed: Mapping[str, Receipt]) -> Mapping[str, Remote]:
        """Return what the target holds of these and of what was agreed, by name. Reads only (GET and HEAD)."""

    def reach(self, resource: Resource, remote: Remote | None) -> str:
        """Return where strangers find a resource once it is there (or a file's name); ``""`` where they do not."""

    def recognise(self, wanted: Iterable[Resource], observed: Mapping[str, Remote]) -> Mapping[str, Receipt]:
        """Return receipts for what carries our mark and is as we left it, though its record was lost."""

    def standing(self, agreed: Mapping[str, Receipt]) -> Mapping[str, Receipt]:
        """Return the receipts that still count: all, but where a target can be thrown away as a whole (a folder)."""

    def execute(self, action: Action, agreed: Mapping[str, Receipt], read: Callable[[Digest], BinaryIO]) -> Receipt:
        """
        Do one action and read the result back. ``agreed`` holds the receipts so far, those of this run included.

        Raises:
            TargetChanged: What is there is not the action's base any more; nothing was written.

            TargetRefused: The system does not let this account do it.

            SourceRefused: The credential was refused, here as in every other call that asks the system; nothing else
                is sent.
        """

    def close(self) -> None:
        """Let go of connections."""


# --- what comes from outside ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Context:
    """
    All that a connector gets from outside; it opens no socket, secret or temporary file of its own.

    Attributes:
        http: The polite session.

        secret: ``secret("password")`` or ``secret("token")`` of this source or target; ``""`` where none is stored.

        spool: A folder for temporary files, emptied by the caller.

        now: The clock; aware, UTC.

        stop: True once the owner asked to stop; a connector ends at its next checkpoint.
    """

    http: Http
    secret: Callable[[str], str]
    spool: Path
    now: Callable[[], datetime]
    stop: Callable[[], bool]


# --- errors ---------------------------------------------------------------------------------------------------------


class SourceUnavailable(KeepfolioError):
    """The system cannot be reached, or answers what it should not; the next run completes the work."""

    default_code = "unavailable"


class SourceRefused(KeepfolioError):
    """The system refused the credential, of a source or a target; it is parked until ``keepfolio login``."""

    default_code = "refused"


class FileGone(KeepfolioError):
    """The system says that a file does not exist, though it lists it."""

    default_code = "file-gone"


class TargetChanged(KeepfolioError):
    """Someone changed the resource on the site since the plan was made."""

    exit_code = 4
    default_code = "target-changed"


class TargetRefused(KeepfolioError):
    """The system does not let this account do it."""

    default_code = "target-refused"
