"""Taking a history from elsewhere into an archive, as ``archive.importing.merging`` plans it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from archive.chronicle import Chronicle, Told
from archive.entry import Digest, Json, from_json
from archive.errors import UsageError
from archive.importing.foreign import Copied
from archive.importing.here import TYPE, addresses
from archive.importing.merging import Batch, Plan, Refused
from archive.importing.together import Step
from archive.store import Archive
from archive.values import Origin
from archive.version import Found, Places
from archive.writer import Writer

SOURCE = "import"


@dataclass
class Report:
    """
    What an import did, or would do.

    ``created``, ``updated`` and ``unchanged`` count entries of the other archive, ``files`` and ``bytes`` the files
    that were not here; ``refused`` names what was not taken, ``parts`` what was sealed. ``stopped``: it was interrupted
    and goes on from there when it is run again.
    """

    archive: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    events: int = 0
    files: int = 0
    bytes: int = 0
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    stopped: bool = False


def take(archive: Archive, theirs: Chronicle, *, stop: Callable[[], bool] = lambda: False) -> Report:
    """
    Take a history in. It is compared with its manifests first; nothing is taken of one that is not whole.

    Raises:
        UsageError: It is a copy of this very archive (``same-archive``).

        KeepfolioError: It is not whole (``not-whole``), or the disk fails.

        Locked, ArchiveDamaged, NeedsOwner: as ``Archive.append``.
    """
    _insist_other(archive, theirs)
    theirs.check()
    with archive.append(Origin(SOURCE, TYPE, theirs.id)) as writer:
        plan = Plan(archive, theirs)
        taking = _Taking(archive, theirs, writer)
        report, done = Report(theirs.id), _Count()
        about: Json = {"archive": theirs.id, "sources": {**addresses(theirs)}}
        for batch in plan.batches():
            if stop():
                report.stopped = True
                break
            taking.keep(batch)
            done.add(batch)
            if writer.full or batch.decides:
                report.parts += _sealed(writer, about)
        if done.events:
            report.parts += _sealed(writer, about)
        if not report.stopped:
            for name, ended in plan.new_sources.items():
                archive.memory.update(name, {"harvested": ended})
    done.tell(report, plan)
    report.files, report.bytes = taking.files, taking.bytes
    return report


def foresee(archive: Archive, theirs: Chronicle) -> Report:
    """Say what ``take`` would do, and write nothing. Raises as ``take`` does."""
    _insist_other(archive, theirs)
    theirs.check()
    plan, report, done = Plan(archive, theirs), Report(theirs.id), _Count()
    sizes: dict[Digest, int] = {}
    for batch in plan.batches():
        done.add(batch)
        for step in batch.steps:
            wanted = _wanted(step)
            sizes |= {d: int(file.place["size"]) for d, file in _offered(step).items() if d in wanted}
    new = {digest: size for digest, size in sizes.items() if archive.index.blob(digest) is None}
    done.tell(report, plan)
    report.files, report.bytes = len(new), sum(new.values())
    return report


@dataclass
class _Count:
    created: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    events: int = 0

    def add(self, batch: Batch) -> None:
        self.events += len(batch.steps)
        if batch.entry:
            (self.created if batch.is_new else self.updated).add(batch.entry)

    def tell(self, report: Report, plan: Plan) -> None:
        report.events = self.events
        report.created, report.updated = plan.count(self.created), plan.count(self.updated)
        report.unchanged = 0 if report.stopped else plan.entries - report.created - report.updated
        report.refused, report.notes = list(plan.refused.values()), plan.notes


class _Taking:
    """Writes steps."""

    def __init__(self, archive: Archive, theirs: Chronicle, writer: Writer) -> None:
        self.files = self.bytes = 0
        self._index = archive.index
        self._theirs = theirs
        self._writer = writer
        self._places: dict[tuple[object, ...], Places] = {}

    def keep(self, batch: Batch) -> None:
        for step in batch.steps:
            self._keep_files(step)
            if "entry" not in step.line:
                self._writer.replay(step.line)
            elif step.told is None or step.places != (None, None) or "raw" not in step.told.value:
                self._writer.replay(step.line, step.places)
            else:
                self._keep_version(step.line, step.told)

    def _keep_version(self, line: Mapping[str, Any], told: Told) -> None:
        lies = told.version_bytes
        places = self._places.get(lies)
        if places is None:
            entry = replace(from_json(line["entry"]), content_html=told.content())
            self._places[lies] = self._writer.replay(line, Found(entry, told.raw(), told.raw_type))
        else:
            self._writer.replay(line, places)

    def _keep_files(self, step: Step) -> None:
        wanted = _wanted(step)
        for digest, file in _offered(step).items():
            if digest in wanted and self._index.blob(digest) is None:
                self._keep_file(file, *wanted[digest])

    def _keep_file(self, file: _Offered, name: str, media_type: str) -> None:
        with file.told.file(file.place) as stream:
            found = self._writer.add_file(stream, name=name, media_type=media_type)
        if found != file.place["sha256"]:
            raise self._theirs.broken(str(file.place["path"]))
        self.files += 1
        self.bytes += int(file.place["size"])


class _Offered(NamedTuple):
    told: Told
    place: Mapping[str, Any]


def _offered(step: Step) -> dict[Digest, _Offered]:
    """Return the files that a step can bring, by digest."""
    return {f["sha256"]: _Offered(told, f) for told in step.sources for f in told.value.get("files", ())}


def _wanted(step: Step) -> dict[Digest, tuple[str, str]]:
    """Return the files that a step needs, by digest, each with its name and type."""
    if "entry" not in step.line:
        return {f["sha256"]: (f.get("originalName", ""), f.get("mediaType", "")) for f in step.line.get("files", ())}
    files = step.line["entry"].get("files", ())
    return {f["sha256"]: (f["name"], f.get("media_type", "")) for f in files if f.get("sha256")}


def _sealed(writer: Writer, about: Json) -> list[str]:
    sealed = writer.seal(about)
    return [sealed] if sealed else []


def _insist_other(archive: Archive, theirs: Chronicle) -> None:
    if isinstance(theirs, Copied) and theirs.id == archive.id:
        raise UsageError(
            f"{theirs.where} is a copy of this very archive.",
            code="same-archive",
            unchanged="Nothing was changed.",
            mend=f"To bring back from it what is missing or damaged here: keepfolio repair --from {theirs.where}",
        )
