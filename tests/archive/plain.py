"""The archive as a dict: what must be held after anything was done, said a second time and as plainly as can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from archive.entry import Entry, Fidelity, MediaFile, with_digests
from archive.identity import entry_id

RICH = {"feed": Fidelity.FEED, "blog": Fidelity.FULL, "laptop": Fidelity.FULL}


class Said(NamedTuple):
    """What a source shows of a thing; two that are equal are one version."""

    number: int
    title: str
    picture: bool

    @property
    def url(self) -> str:
        return f"https://b.org/{self.number}.jpg"

    @property
    def kind(self) -> str:
        return "comment" if self.number % 3 == 0 else "post"

    @property
    def content(self) -> str:
        return f"<p>{self.title} 🎓</p>\r\n"

    def entry(self, source: str, keys: Iterable[str], files: Mapping[str, str]) -> Entry:
        picture = MediaFile(name=f"{self.number}.jpg", url=self.url)
        entry = Entry(
            keys=tuple(keys), kind=self.kind, native_id=str(self.number), title=self.title, content_html=self.content,
            files=(picture,) if self.picture else (), fidelity=RICH[source], scope="all", parent="guid:0",
        )  # fmt: skip
        return with_digests(entry, files)


@dataclass
class Thing:
    """One entry: ``made`` orders things by when they came; ``versions`` are title and raw bytes by number."""

    id: str
    made: int
    said: Said
    rich: Fidelity
    keys: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    version: int = 1
    versions: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    sights: dict[str, Said] = field(default_factory=dict)
    deleted_by: str = ""
    moved: bool = False  # joined with a better one just now

    @property
    def raw(self) -> bytes:
        return self.versions[self.version][1]


@dataclass
class Plain:
    """All things by id, and what else is remembered."""

    things: dict[str, Thing] = field(default_factory=dict)
    barred: dict[str, str] = field(default_factory=dict)  # key -> the id it was forgotten with
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    seen: dict[tuple[str, str], Said] = field(default_factory=dict)  # sights not worth a record; not in the archive
    made: int = 0

    def see(self, source: str, said: Said, keys: tuple[str, ...], files: Mapping[str, str], raw: bytes) -> str:
        """Take in a sight; return what it must be called."""
        if any(key in self.barred for key in keys):
            return "forgotten"
        found = [thing for thing in self.things.values() if not set(thing.keys).isdisjoint(keys)]
        if not found:
            self._create(source, said, keys, files, raw)
            return "created"
        thing = found[0] if len(found) == 1 else self._joined(*found)
        return self._judge(thing, source, said, keys, files, raw, joined=len(found) > 1)

    def delete(self, source: str, some_id: str) -> None:
        thing = self.things[some_id]
        thing.deleted_by = thing.deleted_by or source

    def redact(self, some_id: str, *, for_good: bool) -> None:
        thing = self.things.pop(some_id)
        if for_good:
            self.barred |= dict.fromkeys(thing.keys, some_id)
        self.seen = {pair: said for pair, said in self.seen.items() if pair[1] != some_id}

    def readmit(self, some_id: str) -> None:
        self.barred = {key: was for key, was in self.barred.items() if was != some_id}

    def forget_what_was_seen(self) -> None:
        """What lies beside the archive was lost."""
        self.seen.clear()

    def _create(self, source: str, said: Said, keys: tuple[str, ...], files: Mapping[str, str], raw: bytes) -> None:
        self.made += 1
        thing = Thing(entry_id(keys[0]), self.made, said, RICH[source], list(keys))
        thing.files = {said.url: files.get(said.url, "")} if said.picture else {}
        thing.versions[1] = (said.title, raw)
        thing.sights[source] = said
        self.things[thing.id] = thing

    def _judge(
        self, thing: Thing, source: str, said: Said, keys: Iterable[str], files: Mapping[str, str], raw: bytes,
        *, joined: bool,
    ) -> str:  # fmt: skip
        before = self.seen.get((source, thing.id)) or thing.sights.get(source)
        rich = RICH[source]
        offered = {said.url: files.get(said.url, "")} if said.picture else {}
        other_bytes = any(d and thing.files.get(url, d) not in {"", d} for url, d in offered.items())
        differs = said != thing.said
        best = max([thing.rich, *(RICH[name] for name, sight in thing.sights.items() if sight == thing.said)])
        fresh = (other_bytes or (differs and before != said)) and rich >= best
        back = bool(thing.deleted_by) and (source == thing.deleted_by or before != said)
        had, was = (dict(thing.files), list(thing.keys)), thing.raw
        thing.keys += [key for key in dict.fromkeys(keys) if key not in thing.keys]
        if fresh:
            thing.files = {url: d or thing.files.get(url, "") for url, d in offered.items()}
            thing.said, thing.rich = said, rich
        else:
            thing.files |= {url: d or thing.files.get(url, "") for url, d in offered.items()}
            thing.rich = thing.rich if differs else max(thing.rich, rich)
        if fresh or other_bytes:
            thing.version += not thing.moved  # two things became one, and that is news at once: one version
            thing.versions[thing.version] = (thing.said.title, raw if fresh else was)
        new = back or fresh or other_bytes or (thing.files, thing.keys) != had or before is None or joined
        if new:
            self.seen.pop((source, thing.id), None)
            thing.sights[source] = said
        elif before != said:
            self.seen[source, thing.id] = said
        thing.moved = False
        if back:
            thing.deleted_by = ""
            return "restored"
        if fresh or other_bytes:
            return "updated"
        return "completed" if new else "unchanged"

    def _joined(self, one: Thing, other: Thing) -> Thing:
        """Two things turned out to be one: the elder stays, with what the better one shows."""
        elder, younger = sorted((one, other), key=lambda thing: thing.made)
        better = max((elder, younger), key=lambda thing: (not thing.deleted_by, thing.rich))
        poorer = elder if better is younger else younger
        thing = replace(
            elder,
            said=better.said,
            rich=better.rich,
            keys=elder.keys + [key for key in younger.keys if key not in elder.keys],
            files={**poorer.files, **better.files},
            sights={**younger.sights, **elder.sights},
            deleted_by=better.deleted_by,
        )
        if better is younger and better.said != elder.said:
            thing.moved = True
            thing.version += 1
            thing.versions = {**elder.versions, thing.version: (better.said.title, better.raw)}
        del self.things[younger.id]
        self.things[thing.id] = thing
        return thing
