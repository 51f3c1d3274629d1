"""
Anything in any order, on the real archive and on a dict: after each step both hold the same, and nothing is damaged.

``make prove`` runs the same machine longer.
"""

from __future__ import annotations

import copy
import io
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from archive.care import copies, repair
from archive.care.fixity import verify
from archive.errors import ArchiveDamaged, NeedsOwner
from archive.forget import purge
from archive.store import Archive
from archive.values import Failure, Origin
from archive.writer import Writer
from tests.archive.damage import damage, sealed_files
from tests.archive.plain import Plain, Said
from tests.archive.readers import assert_valid_for_others, read_as_the_readme_says
from tests.crash.model import IN_MEMORY

SOURCES = {name: Origin(name, "wordpress", "https://b.org") for name in ("blog", "feed", "laptop")}
NUMBERS = st.integers(1, 4)
TITLES = st.sampled_from(["Moodle", "Café", "A lone \ud800"])
BYTES = st.sampled_from([None, b"", b"A" * 300, b"B" * 300])
"""The bytes of a picture: None, there is none; empty, it did not arrive."""


def codes(archive: Archive | Path) -> list[str]:
    """What is wrong; that something forgotten is still to be removed for good is what the rule ``redact`` leaves."""
    return [finding.code for finding in verify(archive, "deep").findings if finding.code != purge.UNFINISHED]


class Machine(RuleBasedStateMachine):
    """Rules are what a person, her sources and her computers do; a session of the writer is sealed or cut off."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.base = Path(tempfile.mkdtemp(prefix="kf-machine-", dir=IN_MEMORY))
        self.root, self.state = self.base / "archive", self.base / "state"
        self.archive = Archive.create(self.root, self.state)
        self.plain = Plain()
        self.told = 0

    def teardown(self) -> None:
        self.archive.close()
        assert_valid_for_others(self.root)
        shutil.rmtree(self.base)

    # --- what sources do --------------------------------------------------------------------------------------------

    @rule(source=st.sampled_from(["blog", "feed"]), number=NUMBERS, title=TITLES, picture=BYTES)
    def harvest(self, source: str, number: int, title: str, picture: bytes | None) -> None:
        """A thing is there, has changed, is seen more poorly, brings its picture late, or comes back."""
        with self.session(source) as writer:
            self.put(writer, source, number, title, picture)

    @rule(number=NUMBERS, other=NUMBERS, title=TITLES)
    def join(self, number: int, other: int, title: str) -> None:
        """A sight shows that two things are one."""
        with self.session("blog") as writer:
            self.put(writer, "blog", number, title, None, f"guid:{other}")

    @precondition(lambda self: self.plain.things)
    @rule(which=st.integers(0, 9), source=st.sampled_from(["blog", "feed"]))
    def delete(self, which: int, source: str) -> None:
        with self.session(source) as writer:
            writer.tombstone(self.one(which), "404")
            self.plain.delete(source, self.one(which))

    @rule(what=st.sampled_from(["a.jpg", "b.jpg"]), why=st.sampled_from(["404", "timed out"]))
    def fail(self, what: str, why: str) -> None:
        with self.session("blog") as writer:
            writer.fail(Failure("", what, why))
            self.plain.failures["blog", what] = why

    @rule(what=st.sampled_from(["a.jpg", "b.jpg"]))
    def clear(self, what: str) -> None:
        with self.session("blog") as writer:
            writer.clear(Failure("", what, ""))
            self.plain.failures.pop(("blog", what), None)

    # --- what the owner does ----------------------------------------------------------------------------------------

    @precondition(lambda self: self.plain.things)
    @rule(which=st.integers(0, 9), for_good=st.booleans())
    def redact(self, which: int, for_good: bool) -> None:
        with self.session("owner") as writer:
            writer.redact(self.one(which), for_good=for_good)
            self.plain.redact(self.one(which), for_good=for_good)

    @precondition(lambda self: self.plain.barred)
    @rule(which=st.integers(0, 9))
    def readmit(self, which: int) -> None:
        ids = sorted(set(self.plain.barred.values()))
        with self.session("owner") as writer:
            writer.readmit(ids[which % len(ids)])
            self.plain.readmit(ids[which % len(ids)])

    @precondition(lambda self: self.plain.things)
    @rule(which=st.integers(0, 9))
    def purge(self, which: int) -> None:
        """It is gone from every part, and what had been forgotten before goes with it."""
        thing = self.plain.things[self.one(which)]
        purge.purge(self.archive, purge.plan(self.archive, [thing.id]))
        self.plain.redact(thing.id, for_good=True)
        left = b"".join(path.read_bytes() for path in (self.root / "segments").rglob("*") if path.is_file())
        assert [raw for _, raw in thing.versions.values() if raw in left] == []
        assert purge.unfinished(self.root) == []

    @rule()
    def replicate(self) -> None:
        assert copies.replicate(self.archive, self.base / "copy").whole
        assert codes(self.base / "copy") == []
        assert verify(self.base / "copy").checked == verify(self.archive).checked

    @precondition(lambda self: self.parts())
    @rule(chance=st.integers(0, 1 << 16), times=st.integers(1, 4))
    def repair(self, chance: int, times: int) -> None:
        """The disk damages files; everything comes back from a copy."""
        self.replicate()
        self.archive.close()
        chances = random.Random(chance)
        for path in chances.sample(sealed_files(self.root), times):
            damage(self.root, chances, path)
        assert codes(self.root)
        repair.repair(self.root, self.state, [copies.opened(self.base / "copy")])
        assert codes(self.root) == []
        self.archive = Archive.open(self.root, self.state)

    # --- what goes wrong --------------------------------------------------------------------------------------------

    @rule(number=NUMBERS, title=TITLES)
    def stop_before_the_end(self, number: int, title: str) -> None:
        """The program ends before it has sealed: it was never there."""
        before = copy.deepcopy(self.plain)
        with self.archive.append(SOURCES["blog"]) as writer:
            writer.add_file(io.BytesIO(b"never sealed %d" % self.told), name="x.jpg")
            self.put(writer, "blog", number, title, None)
        self.plain = before

    @rule(number=NUMBERS, title=TITLES, picture=BYTES, moved=st.booleans())
    def kill_after_the_seal(self, number: int, title: str, picture: bytes | None, moved: bool) -> None:
        """All beside the archive is as before the run; if ``moved``, its newest part still waits in staging."""
        before, seen, sealed = self.base / "before", dict(self.plain.seen), set(self.parts())
        self.archive.close()
        shutil.copytree(self.state, before)
        self.archive = Archive.open(self.root, self.state)
        self.harvest("blog", number, title, picture)
        self.archive.close()
        shutil.rmtree(self.state)
        before.rename(self.state)
        for part in set(self.parts()) - sealed if moved else ():
            (self.root / "segments" / part).rename(self.root / "staging" / part)
        self.plain.seen = seen
        self.archive = Archive.open(self.root, self.state)

    @rule()
    def open_again(self) -> None:
        self.archive.close()
        self.archive = Archive.open(self.root, self.state)

    @rule()
    def lose_the_state(self) -> None:
        self.archive.close()
        shutil.rmtree(self.state)
        self.plain.forget_what_was_seen()
        self.archive = Archive.open(self.root, self.state)

    @precondition(lambda self: self.parts())
    @rule()
    def miss_the_newest_part(self) -> None:
        """It is not there yet, or lost: named, nothing is written, and when it is there again all is well."""
        newest = self.root / "segments" / self.parts()[-1]
        self.archive.close()
        newest.rename(self.base / "away")
        with Archive.open(self.root, self.state) as less:
            assert codes(less) == ["missing-segment"]
            with pytest.raises(ArchiveDamaged), less.append(SOURCES["blog"]):
                pass
        (self.base / "away").rename(newest)
        self.plain.forget_what_was_seen()
        self.archive = Archive.open(self.root, self.state)

    @rule(number=NUMBERS, title=TITLES, theirs=TITLES)
    def two_computers(self, number: int, title: str, theirs: str) -> None:
        """Both write to copies of one folder: nothing more is written until the owner joins them; then all is there."""
        there = self.base / "there"
        shutil.copytree(self.root, there)
        before = self.parts()
        self.told += 1
        with Archive.open(there, self.base / "their-state") as laptop, laptop.append(SOURCES["laptop"]) as writer:
            self.put(writer, "laptop", 10 + self.told, theirs, b"C" * 300)
            writer.seal()
        self.harvest("blog", number, title, None)
        self.archive.close()
        mine = self.parts()
        for part in sorted((there / "segments").iterdir()):
            if part.name not in mine:
                part.rename(self.root / "segments" / part.name)
        shutil.rmtree(there)
        if self.parts()[: len(mine)] != mine:
            self.plain.forget_what_was_seen()
        self.archive = Archive.open(self.root, self.state)
        if mine != before:
            assert codes(self.archive) == ["fork"]
            with pytest.raises(NeedsOwner), self.archive.append(SOURCES["blog"]):
                pass
            with self.archive.append(SOURCES["blog"], joining=True) as writer:
                writer.join()
                writer.seal()

    # --- what must be so --------------------------------------------------------------------------------------------

    @invariant()
    def both_hold_the_same(self) -> None:
        type(self).steps += 1
        held = {s.id: s for deleted in (False, True) for s in self.archive.entries(deleted=deleted)}
        assert held.keys() == self.plain.things.keys()
        for thing in self.plain.things.values():
            stored = self.archive.entry(thing.id)
            assert stored
            assert (stored.entry.title, stored.entry.content_html) == (thing.said.title, thing.said.content)
            assert (stored.version, stored.deleted) == (thing.version, bool(thing.deleted_by))
            assert set(stored.seen_by) == set(thing.sights)
            assert {f.url: f.sha256 for f in stored.entry.files} == thing.files
            assert {self.archive.by_key(key).id for key in thing.keys} == {thing.id}
            assert self.archive.raw(thing.id) == thing.raw
            for number, (title, raw) in thing.versions.items():
                assert self.archive.version(thing.id, number).entry.title == title
                assert self.archive.raw(thing.id, number) == raw
            assert all(self.archive.read(digest).read() for digest in thing.files.values() if digest)
        assert {(f.source, f.what): f.why for f in self.archive.failures()} == self.plain.failures

    @invariant()
    def nothing_is_damaged(self) -> None:
        assert codes(self.archive) == []

    @invariant()
    def the_index_is_the_one_built_anew(self) -> None:
        kept = self.archive.index.dump()
        self.archive.reindex()
        assert self.archive.index.dump() == kept

    @invariant()
    def the_readme_reader_finds_the_same(self) -> None:
        found = read_as_the_readme_says(self.root)
        live = {i: v["content"] for i, v in found.items() if "deletedBy" not in v}
        assert live == {i: t.said.content for i, t in self.plain.things.items() if not t.deleted_by}

    # --- inside -----------------------------------------------------------------------------------------------------

    def parts(self) -> list[str]:
        return sorted(path.name for path in (self.root / "segments").iterdir())

    def one(self, which: int) -> str:
        ids = sorted(self.plain.things)
        return ids[which % len(ids)]

    @contextmanager
    def session(self, name: str) -> Iterator[Writer]:
        """One run of the program, sealed."""
        with self.archive.append(SOURCES.get(name) or Origin(name, name)) as writer:
            yield writer
            writer.seal()

    def put(self, writer: Writer, source: str, number: int, title: str, picture: bytes | None, *more: str) -> None:
        """Offer a sight to both, and see that both call it the same."""
        self.told += 1
        said = Said(number, title, picture is not None)
        keys = (f"guid:{number}",) if source == "feed" else (f"guid:{number}", f"wordpress:{number}", *more)
        raw = b'{"told": %d}' % self.told
        files = {}
        if picture and not any(key in self.plain.barred for key in keys):
            files[said.url] = writer.add_file(io.BytesIO(picture), name="p.jpg")
        change = writer.put(said.entry(source, keys, files), raw)
        assert change == self.plain.see(source, said, keys, files, raw)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=10,
    stateful_step_count=22,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
