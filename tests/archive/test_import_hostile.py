"""What comes from elsewhere may wish us harm: refused in words, nothing written outside, the archive as it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.chronicle import LONGEST_LINE
from archive.errors import KeepfolioError
from archive.export import bagit, ocfl
from archive.importing.foreign import recognise
from archive.importing.taking import foresee, take
from archive.store import Archive
from tests.archive.conftest import Shelf
from tests.archive.histories import lines_of
from tests.archive.make import keep, keep_with_file, picture, post

pytestmark = pytest.mark.damages  # the hostile ones are archives, too


class Bag:
    """A bag to be spoiled, and sealed again so that only the harm is wrong with it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.records = root / "data/records.jsonl"
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in self.records.read_bytes().splitlines()]

    def write_lines(self) -> None:
        self.records.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in self.lines))

    def seal(self, more: str = "", oxum: str = "") -> None:
        """Make manifests and size true again."""
        files = sorted(p for p in (self.root / "data").rglob("*") if p.is_file() and not p.is_symlink())
        listed = "".join(f"{_sha(p)}  {p.relative_to(self.root).as_posix()}\n" for p in files) + more
        (self.root / "manifest-sha256.txt").write_text(listed)
        info = (self.root / "bag-info.txt").read_text().splitlines()[:-1]
        octets = oxum or f"{sum(p.stat().st_size for p in files)}.{len(files)}"
        (self.root / "bag-info.txt").write_text("\n".join([*info, f"Payload-Oxum: {octets}"]) + "\n")
        tags = ("README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt")
        listed = "".join(f"{_sha(self.root / name)}  {name}\n" for name in tags)
        (self.root / "tagmanifest-sha256.txt").write_text(listed)


@pytest.fixture
def bag(archive: Archive, tmp_path: Path) -> Bag:
    keep_with_file(archive, post(1, files=(picture(),)), b"bytes")
    keep(archive, post(2))
    return Bag(bagit.write(archive, tmp_path / "theirs" / "bag").path)


@pytest.fixture
def mine(shelf: Shelf) -> Archive:
    archive = shelf.create("mine")
    keep(archive, post(9))
    return archive


def assert_refused(mine: Archive, path: Path, words: str, tmp_path: Path) -> None:
    """Refused, in words, by a dry run, too; nothing of mine or around it has changed."""
    before, around = lines_of(mine), _around(tmp_path, path)
    for attempt in (take, foresee):
        with pytest.raises(KeepfolioError, match=words) as refused:
            attempt(mine, recognise(path))
        assert refused.value.unchanged == "Your archive is as it was."
    assert lines_of(mine) == before
    assert _around(tmp_path, path) == around


def _line(**given: Any) -> Callable[[Bag], None]:
    """A line with other values: ``entry__title`` is a field of its entry."""

    def spoil(bag: Bag) -> None:
        for name, value in given.items():
            *above, field = name.split("__")
            where: Any = bag.lines[0]
            for step in above:
                where = where[step]
            where[field] = value
        bag.write_lines()
        bag.seal()

    return spoil


def _deep(bag: Bag) -> None:
    bag.records.write_bytes(b'{"event":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n")
    bag.seal()


def _somewhat_deep(bag: Bag) -> None:
    value: Any = "x"
    for _ in range(200):
        value = [value]
    _line(entry__extra={"deep": value})(bag)


def _long_garbage(bag: Bag) -> None:
    bag.records.write_bytes(b"x" * 1_000_000 + b"\n")
    bag.seal()


def _too_long(bag: Bag) -> None:
    _line(entry__title="x" * (LONGEST_LINE + 1))(bag)


def _other_oxum(bag: Bag) -> None:
    bag.seal(oxum="1.1")


def _lying_digest(bag: Bag) -> None:
    page = next(bag.root.glob("data/posts/2024/*.html"))
    page.write_bytes(page.read_bytes()[:-1] + b"X")


def _missing_file(bag: Bag) -> None:
    next(bag.root.glob("data/media/*/*")).unlink()


def _no_bag_info(bag: Bag) -> None:
    (bag.root / "bag-info.txt").unlink()


def _only_listed(bag: Bag) -> None:
    bag.seal(more=f"{'0' * 64}  data/gone.txt\n")


def _missing_records(bag: Bag) -> None:
    bag.records.unlink()
    bag.seal()


def _extra_file(bag: Bag) -> None:
    (bag.root / "data/extra.txt").write_text("not listed")


def _climbing_manifest(bag: Bag) -> None:
    bag.seal(more=f"{'0' * 64}  data/../../secret.txt\n")


def _absolute_manifest(bag: Bag) -> None:
    bag.seal(more=f"{'0' * 64}  /etc/passwd\n")


def _climbing_tags(bag: Bag) -> None:
    tags = bag.root / "tagmanifest-sha256.txt"
    secret = bag.root.parent / "secret.txt"
    secret.write_text("secret")
    tags.write_text(tags.read_text() + f"{_sha(secret)}  ../secret.txt\n")


def _linked_file(bag: Bag) -> None:
    target = next(bag.root.glob("data/media/*/*"))
    data = target.read_bytes()
    target.unlink()
    (bag.root.parent / "outside.bin").write_bytes(data)
    target.symlink_to(bag.root.parent / "outside.bin")


def _linked_folder(bag: Bag) -> None:
    (bag.root / "data/media").rename(bag.root.parent / "moved")
    (bag.root / "data/media").symlink_to(bag.root.parent / "moved")


def _pipe(bag: Bag) -> None:
    page = next(bag.root.glob("data/posts/2024/*.html"))
    page.unlink()
    os.mkfifo(page)


def _same_name(bag: Bag) -> None:
    page = next(bag.root.glob("data/posts/2024/*.html"))
    shutil.copy(page, page.with_name(page.name.upper()))
    bag.seal()


def _broken_manifest(bag: Bag) -> None:
    (bag.root / "manifest-sha256.txt").write_bytes(b"\xff\xfe no manifest\n")


def _page_without_mark(bag: Bag) -> None:
    (bag.root / bag.lines[0]["readable"]["path"]).write_text("<html>no mark")
    bag.seal()


def _other_raw(bag: Bag) -> None:
    (bag.root / bag.lines[0]["raw"]["path"]).write_bytes(b"x" * bag.lines[0]["raw"]["size"])
    bag.seal()


def _nan(bag: Bag) -> None:
    _line(entry__extra={"n": float("nan")})(bag)


HARMS: dict[str, tuple[Callable[[Bag], None], str]] = {
    "deep": (_deep, "no record"),
    "somewhat deep": (_somewhat_deep, "no record"),
    "a million characters of nothing": (_long_garbage, "no record"),
    "a line without end": (_too_long, "more than 16 MB"),
    "not a number": (_nan, "no record"),
    "another size": (_other_oxum, "promises another size"),
    "a digest that lies": (_lying_digest, "is not what was stored"),
    "a missing file": (_missing_file, "is missing"),
    "no bag-info.txt": (_no_bag_info, "bag-info.txt is missing"),
    "a file that is only listed": (_only_listed, "gone.txt is missing"),
    "no records": (_missing_records, "records.jsonl is missing"),
    "an extra file": (_extra_file, "is not in its list"),
    "a manifest that climbs": (_climbing_manifest, "outside of its folder"),
    "an absolute manifest": (_absolute_manifest, "outside of its folder"),
    "tags that climb": (_climbing_tags, "elsewhere"),
    "a manifest that is none": (_broken_manifest, "cannot be read"),
    "a link": (_linked_file, "is a link"),
    "a linked folder": (_linked_folder, "is a link"),
    "a pipe": (_pipe, "is no ordinary file"),
    "two names in one": (_same_name, "is called like"),
    "a raw place that climbs": (_line(raw__path="data/../../../etc/passwd"), "is not in its list"),
    "an absolute raw place": (_line(raw__path="/etc/passwd"), "is not in its list"),
    "a page outside": (_line(readable__path="../../outside.html"), "is not in its list"),
    "a negative offset": (_line(raw__offset=-5), "“raw” cannot be right"),
    "a size that eats memory": (_line(raw__size=1 << 50), "“raw” cannot be right"),
    "another entry's id": (_line(id="urn:uuid:00000000-0000-5000-8000-000000000000"), "“id” cannot be right"),
    "no time": (_line(eventTime="yesterday"), "“eventTime” cannot be right"),
    "a naive time": (_line(changed="2024-01-01T00:00:00"), "“changed” cannot be right"),
    "a time beyond time": (_line(entry__published="9999-12-31T23:59:59-14:00"), "“published” cannot be right"),
    "no keys": (_line(entry__keys=[]), "“keys” cannot be right"),
    "a key that is no text": (_line(entry__keys=[5]), "“keys” cannot be right"),
    "half a character in a key": (_line(entry__keys=["\ud800"]), "“keys” cannot be right"),
    "a title that is no text": (_line(entry__title={"a": 1}), "“title” cannot be right"),
    "an unheard-of visibility": (_line(entry__visibility="everybody"), "“visibility” cannot be right"),
    "an unheard-of fidelity": (_line(entry__fidelity="divine"), "“fidelity” cannot be right"),
    "a version that is no number": (_line(version="1"), "“version” cannot be right"),
    "seen by nothing": (_line(seenBy=["blog"]), "“seenBy” cannot be right"),
    "a file that is nowhere": (_line(files=[]), "“files” cannot be right"),
    "a decision about no id": (_line(event="redaction", entry=None, ids=["x"]), "“entry” cannot be right"),
    "a page that is none": (_page_without_mark, "is not what was stored"),
    "other raw bytes": (_other_raw, "is not what was stored"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_bag_that_wishes_harm_is_refused(mine: Archive, bag: Bag, tmp_path: Path, harm: str) -> None:
    """Each kind of harm is named; nothing is taken, nothing is written outside."""
    spoil, words = HARMS[harm]
    spoil(bag)
    assert_refused(mine, bag.root, words, tmp_path)


def test_a_title_of_a_million_characters_does_no_harm(mine: Archive, bag: Bag) -> None:
    """It is only long: names on disk are cut, the title is kept."""
    _line(entry__title="x" * 1_000_000)(bag)
    take(mine, recognise(bag.root))
    assert len(mine.entry(bag.lines[0]["id"]).entry.title) == 1_000_000  # type: ignore[union-attr] # it is there


def test_a_name_from_elsewhere_is_shown_harmless(mine: Archive, bag: Bag) -> None:
    """An error that names a place shows no control characters, and not a book."""
    _line(raw__path="data/\x1b[31m" + "x" * 900)(bag)
    with pytest.raises(KeepfolioError) as refused:
        take(mine, recognise(bag.root))
    assert "\x1b" not in refused.value.message
    assert len(refused.value.message) < 400


def test_a_newer_format_is_told(mine: Archive, bag: Bag) -> None:
    """What a later program wrote is not guessed at."""
    about = bag.root / "data/archive.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"version": 2}))
    bag.seal()
    with pytest.raises(KeepfolioError, match="newer keepfolio"):
        take(mine, recognise(bag.root))


# --- another archive, and OCFL ------------------------------------------------------------------------------------


def _archive_link(root: Path) -> None:
    next(root.glob("segments/*/data/media")).rename(root.parent / "moved-media")
    next(root.glob("segments/*/data")).joinpath("media").symlink_to(root.parent / "moved-media")


def _archive_flip(root: Path) -> None:
    page = next(root.glob("segments/*/data/posts/2024/*.html"))
    page.write_bytes(page.read_bytes()[:-2] + b"XX")


def _archive_gap(root: Path) -> None:
    shutil.rmtree(min(root.glob("segments/*")))


def _archive_tag(root: Path) -> None:
    next(root.glob("segments/*/bag-info.txt")).write_bytes(b"\xff")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_archive_link, "is a link"),
        (_archive_flip, "is damaged"),
        (_archive_gap, "follows a part that is missing"),
        (_archive_tag, "cannot be read"),
    ],
)
def test_an_archive_that_is_not_whole_is_refused(
    shelf: Shelf, mine: Archive, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    """A copy that lost something on its way is not taken in part."""
    theirs = shelf.create("theirs")
    keep_with_file(theirs, post(1, files=(picture(),)), b"bytes")
    keep(theirs, post(2))
    theirs.close()
    spoil(theirs.root)
    assert_refused(mine, theirs.root, words, tmp_path)


def _inventory(root: Path, change: Callable[[dict[str, Any]], None], object_id: str = ocfl.HISTORY) -> None:
    path = root / ocfl.object_path(object_id) / "inventory.json"
    value = json.loads(path.read_bytes())
    change(value)
    path.write_text(json.dumps(value))
    path.with_name("inventory.json.sha256").write_text(f"{_sha(path)} inventory.json\n")


def _climbs(value: dict[str, Any]) -> None:
    digest = next(iter(value["manifest"]))
    value["manifest"][digest] = ["v1/content/../../../../../../outside.txt"]


def _ocfl_climbs(root: Path) -> None:
    _inventory(root, _climbs)


def _ocfl_nonsense(root: Path) -> None:
    _inventory(root, lambda value: value.update(versions=[1]))


def _ocfl_other_id(root: Path) -> None:
    _inventory(root, lambda value: value.update(id="info:other"))


def _ocfl_sidecar(root: Path) -> None:
    path = next(root.glob("*/*/*/urn*/inventory.json"))
    path.write_bytes(path.read_bytes() + b" ")


def _ocfl_flip(root: Path) -> None:
    page = next(root.rglob("*.html"))
    page.write_bytes(page.read_bytes()[:-2] + b"XX")


def _ocfl_gone(root: Path) -> None:
    shutil.rmtree(next(root.glob("*/*/*/urn*")))


def _ocfl_link(root: Path) -> None:
    page = next(root.rglob("*.html"))
    page.rename(root.parent / "moved.html")
    page.symlink_to(root.parent / "moved.html")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_ocfl_climbs, "list of files that cannot be read"),
        (_ocfl_nonsense, "list of files that cannot be read"),
        (_ocfl_other_id, "list of files that cannot be read"),
        (_ocfl_sidecar, "list of files that is not what was stored"),
        (_ocfl_flip, "is not what was stored"),
        (_ocfl_gone, "is missing"),
        (_ocfl_link, "is a link"),
    ],
)
def test_a_storage_root_that_is_not_whole_is_refused(
    mine: Archive, archive: Archive, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    """Inventories that lie, lead outside, or miss something."""
    keep(archive, post(1), post(2))
    root = ocfl.write(archive, tmp_path / "theirs" / "ocfl").path
    (tmp_path / "theirs" / "outside.txt").write_text("outside")
    spoil(root)
    assert_refused(mine, root, words, tmp_path)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _around(tmp_path: Path, theirs: Path) -> dict[str, int]:
    """What lies around: everything but the index beside my archive."""
    found = (p for p in tmp_path.rglob("*") if p.is_file() and not p.is_relative_to(tmp_path / "state"))
    return {str(p): p.stat().st_size for p in found if not p.is_relative_to(theirs)}
