"""The rules of change, as laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from archive.entry import Entry, Fidelity, MediaFile, fingerprint
from archive.identity import Change, Held, Sight, Verdict, entry_id, joined, judge, sight_of

START = datetime(2024, 1, 1, tzinfo=UTC)
KEYS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=3, unique=True).map(tuple)
FILES = st.lists(
    st.builds(
        MediaFile,
        name=st.just("f"),
        url=st.sampled_from(["u1", "u2"]),
        stamp=st.sampled_from(["", "s1"]),
        sha256=st.sampled_from(["", "1" * 64, "2" * 64]),
    ),
    max_size=2,
    unique_by=lambda f: f.url,
).map(tuple)
ENTRIES = st.builds(
    Entry,
    keys=KEYS,
    kind=st.just("post"),
    native_id=st.just("1"),
    title=st.sampled_from(["one", "two"]),
    files=FILES,
    fidelity=st.sampled_from(Fidelity),
    updated=st.sampled_from([None, START, START.replace(year=2025)]),
    stamp=st.sampled_from(["", "x"]),
)
SOURCES = st.sampled_from(["blog", "feed"])
SIGHTS = st.lists(st.tuples(SOURCES, ENTRIES), min_size=1, max_size=8)


def absorb(held: Held | None, source: str, entry: Entry) -> tuple[Verdict, Held]:
    """Do with a verdict what the store does."""
    verdict = judge(entry, source, held)
    seen = {**(held.sights if held else {}), source: sight_of(entry)}
    if held is None:
        return verdict, Held(
            id="x", entry=entry, fingerprint=fingerprint(entry), version=1, origin=source, sights=seen, first_seen=START
        )
    changed = verdict.change is not Change.UNCHANGED
    return verdict, replace(
        held,
        entry=verdict.entry if changed else held.entry,
        fingerprint=fingerprint(entry) if verdict.fresh else held.fingerprint,
        version=held.version + verdict.new_version,
        origin=source if verdict.fresh else held.origin,
        sights=seen,
        deleted_by="" if verdict.change is Change.RESTORED else held.deleted_by,
    )


def after(sights) -> Held:
    held = None
    for source, entry in sights:
        _, held = absorb(held, source, entry)
    assert held is not None
    return held


@given(SIGHTS)
def test_the_same_sight_again_is_unchanged(sights):
    """Whatever came before: what was just shown is no news."""
    source, entry = sights[-1]
    assert judge(entry, source, after(sights)).change is Change.UNCHANGED


@given(SIGHTS)
def test_two_sources_never_take_turns(sights):
    """When every source shows what it showed last, a whole round stores nothing but, at most, missing files once."""
    last = dict(sights)
    held = after(sights)
    for _ in range(2):
        for source, entry in last.items():
            _, held = absorb(held, source, entry)
    bytes_differ = any(
        len({f.sha256 for e in last.values() for f in e.files if f.url == url and f.sha256}) > 1 for url in ("u1", "u2")
    )
    if not bytes_differ:
        assert {judge(e, s, held).change for s, e in last.items()} == {Change.UNCHANGED}


@given(SIGHTS, SOURCES, ENTRIES)
def test_a_poorer_sight_never_touches_the_words(sights, source, entry):
    held = after(sights)
    verdict = judge(entry, source, held)
    if entry.fidelity < held.entry.fidelity:
        assert not verdict.fresh
        assert verdict.entry.title == held.entry.title


@given(SIGHTS, SOURCES, ENTRIES)
def test_keys_and_digests_are_never_lost(sights, source, entry):
    """Keys keep their order, first the first; a held digest goes only when other bytes, or another version, came."""
    held = after(sights)
    verdict = judge(entry, source, held)
    assert verdict.entry.keys[: len(held.entry.keys)] == held.entry.keys
    if verdict.change is not Change.UNCHANGED:
        assert set(entry.keys) <= set(verdict.entry.keys)
    if not verdict.new_version:
        kept = {f.url: f.sha256 for f in verdict.entry.files}
        assert all(kept[f.url] == f.sha256 for f in held.entry.files if f.sha256)


@given(SIGHTS, ENTRIES)
def test_one_source_as_rich_as_before_is_believed(sights, entry):
    """With one source of one richness, a new version comes if and only if the fingerprint or held bytes differ."""
    sights = [("blog", replace(e, fidelity=Fidelity.FULL)) for _, e in sights]
    entry = replace(entry, fidelity=Fidelity.FULL)
    held = after(sights)
    known = {f.url: f.sha256 for f in held.entry.files}
    bytes_differ = any(f.sha256 and known.get(f.url) not in (None, "", f.sha256) for f in entry.files)
    news = fingerprint(entry) != held.fingerprint or bytes_differ
    assert judge(entry, "blog", held).new_version == news


@given(SIGHTS, SOURCES, ENTRIES)
def test_what_was_deleted_lives_again_when_its_source_shows_it(sights, source, entry):
    held = replace(after(sights), deleted_by=source)
    assert judge(entry, source, held).change is Change.RESTORED


@given(SIGHTS, SIGHTS)
def test_joining_does_not_depend_on_the_order(one, other):
    first = replace(after(one), id="1", first_seen=START)
    second = replace(after(other), id="2", first_seen=START.replace(year=2025))
    a, b = joined(first, second), joined(second, first)
    assert a == b
    assert a.id == "1"
    assert set(a.entry.keys) == {*first.entry.keys, *second.entry.keys}
    assert a.entry.title in (first.entry.title, second.entry.title)
    assert a.entry.fidelity == max(first.entry.fidelity, second.entry.fidelity)


def test_a_file_with_the_same_stamp_keeps_its_digest_in_a_new_version():
    """It did not travel again because it need not; one with another stamp is missing until it arrives."""
    entry = Entry(keys=("a",), kind="post", native_id="1", title="old")
    held = after([("blog", replace(entry, files=(MediaFile(name="f", url="u", stamp="s", size=3, sha256="1" * 64),)))])
    same = judge(replace(entry, title="new", files=(MediaFile(name="f", url="u", stamp="s"),)), "blog", held)
    other = judge(replace(entry, title="new", files=(MediaFile(name="f", url="u", stamp="t"),)), "blog", held)
    assert (same.change, same.entry.files[0].sha256, same.entry.files[0].size) == (Change.UPDATED, "1" * 64, 3)
    assert other.entry.files[0].sha256 == ""


def test_an_older_export_does_not_replace_a_newer_one():
    """Of two sources that see equally well, the one whose thing is older is not believed."""
    new = Entry(keys=("a",), kind="post", native_id="1", title="new", updated=START.replace(year=2025))
    held = after([("export-2025", new)])
    verdict = judge(replace(new, title="old", updated=START), "export-2024", held)
    assert (verdict.change, verdict.entry.title) == (Change.COMPLETED, "new")


def test_what_a_source_knows_first_makes_the_id():
    """The same key gives the same id on every machine."""
    assert entry_id("guid:https://b.org/?p=5") == "urn:uuid:3418b71c-d30c-5cbc-8659-d476e2eafd3b"
    assert entry_id("a") != entry_id("b")


def test_a_sight_is_what_the_route_showed():
    entry = Entry(keys=("a",), kind="post", native_id="1", scope="posts", stamp="s")
    assert sight_of(entry) == Sight(Fidelity.FULL, "posts", "s", fingerprint(entry))
