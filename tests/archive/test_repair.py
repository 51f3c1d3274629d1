"""Repair: what is right is never touched, what is not comes back from any copy that has it, and nothing else does."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from pathlib import Path

import pytest

from archive import segment
from archive.care import branches, copies
from archive.care.fixity import verify
from archive.care.repair import repair
from archive.care.trust import Told, decide
from archive.errors import NeedsOwner, UsageError
from archive.segment import Segment
from archive.store import Archive, Origin
from tests.archive.damage import bytes_of, damage, repaired_of_three, sealed_files
from tests.archive.make import keep, keep_with_file, picture, post

pytestmark = pytest.mark.damages  # here archives are damaged all the time; each test says what is left

FORMS = ("folder", "zip")


class Pair:
    """An archive and one copy of it, closed."""

    def __init__(self, base: Path, form: str) -> None:
        self.root, self.state, self.place = base / "archive", base / "state", base / "copy"
        with Archive.create(self.root, self.state) as archive:
            keep_with_file(archive, post(1, files=(picture(),)), b"some bytes of a picture" * 50)
            keep(archive, post(2), post(3, kind="comment", parent="wordpress:b.org/post/1"))
            keep(archive, post(4))
            copies.replicate(archive, self.place, form=form)
        self.wanted = bytes_of(self.root)
        self.parts = segment.names(self.root / "segments")

    def repair(self, *places: Path):
        return repair(self.root, self.state, [copies.opened(p) for p in places or (self.place,)])

    def folder(self, number: int) -> Path:
        return self.root / "segments" / self.parts[number]

    def assert_whole(self) -> None:
        assert bytes_of(self.root) == self.wanted
        with Archive.open(self.root, self.state) as archive:
            report = verify(archive, "deep")
            assert (report.ok, report.findings) == (True, ())
            assert {s.entry.native_id for s in archive.entries()} == {"1", "2", "3", "4"}


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path, "folder")


@pytest.fixture(params=FORMS)
def each_form(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    return Pair(tmp_path, request.param)


def quarantined(root: Path) -> list[bytes]:
    return [p.read_bytes() for p in (root / "quarantine").rglob("*") if p.is_file()]


def test_every_file_comes_back(each_form):
    """Each sealed file once, flipped, cut, zeroed or deleted: all at once."""
    pair = each_form
    chance = random.Random(7)
    for path in sealed_files(pair.root):
        damage(pair.root, chance, path)
    report = pair.repair()
    assert (report.ok, report.undecided) == (True, [])
    assert sorted(report.mended) == sorted(pair.wanted)
    pair.assert_whole()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_part_that_is_gone_comes_back_whole(each_form, number):
    """The first, one in between, and the newest; with no index or with one."""
    pair = each_form
    shutil.rmtree(pair.folder(number))
    report = pair.repair()
    assert (report.ok, report.brought) == (True, [pair.parts[number]])
    pair.assert_whole()


def test_three_copies_and_240_damages(tmp_path):
    """Each file hurt in at most two of them, and one part gone: all three are byte for byte what they were."""
    assert repaired_of_three(tmp_path, seed=2026, count=243) == 243


def test_what_is_right_is_never_touched(pair):
    """Not even rewritten with the same bytes."""
    hurt = next(pair.folder(1).rglob("*.html"))
    before = {p: p.stat() for p in pair.root.rglob("*") if p.is_file() and p != hurt}
    hurt.write_bytes(b"hurt")
    pair.repair()
    after = {p: p.stat() for p in before}
    assert {p: (s.st_ino, s.st_mtime_ns) for p, s in after.items()} == {
        p: (s.st_ino, s.st_mtime_ns) for p, s in before.items()
    }


def test_damaged_bytes_are_kept_apart(pair):
    """Somebody may still read something in them."""
    next(pair.folder(0).rglob("*.jpg")).write_bytes(b"half a picture")
    report = pair.repair()
    assert b"half a picture" in quarantined(pair.root)
    assert report.findings == ()


def test_bytes_that_no_copy_has_are_left_as_they_are(pair):
    """The copy is hurt in the same file: it is named, what else is hurt is mended, and nothing wrong comes over."""
    picture_, page = next(pair.folder(0).rglob("*.jpg")), next(pair.folder(1).rglob("*.html"))
    for path in (picture_, page):
        path.write_bytes(b"hurt here")
    (pair.place / picture_.relative_to(pair.root)).write_bytes(b"hurt there")
    report = pair.repair()
    assert not report.ok
    assert report.mended == [page.relative_to(pair.root).as_posix()]
    assert picture_.read_bytes() == b"hurt here"
    assert [f.path for f in report.findings] == [picture_.relative_to(pair.root).as_posix()]


def test_without_a_copy_strays_go_and_damage_is_named(pair):
    """What other programs left is moved away, not deleted."""
    strays = [
        pair.root / ".DS_Store",
        pair.root / "segments" / "Thumbs.db",
        pair.root / "segments" / f"{pair.parts[0]} (conflicted copy)" / "x",
        pair.folder(1) / "bag-info (1).txt",
        pair.folder(1) / "data" / ".DS_Store",
    ]
    for number, path in enumerate(strays):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"stray %d" % number)
    hurt = next(pair.folder(2).rglob("*.html"))
    hurt.write_bytes(b"hurt")
    report = repair(pair.root, pair.state)
    assert not any(path.exists() for path in strays)
    assert sorted(quarantined(pair.root)) == [b"stray %d" % n for n in range(len(strays))]
    assert [f.path for f in report.findings] == [hurt.relative_to(pair.root).as_posix()]
    assert repair(pair.root, pair.state, [copies.opened(pair.place)]).ok


@pytest.mark.parametrize("name", ["README.txt", "archive.json", "context.jsonld"])
@pytest.mark.parametrize("harm", ["gone", "hurt"])
def test_the_frame_comes_back(pair, name, harm):
    path = pair.root / name
    good = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"{}")
    report = pair.repair()
    if (name, harm) != ("README.txt", "hurt"):  # words for a person: nothing says what they were
        assert path.read_bytes() == good
    assert report.ok


def test_the_copy_of_another_archive_is_refused(pair, tmp_path):
    other = Pair(tmp_path / "other", "folder")
    hurt = next(pair.folder(0).rglob("*.jpg"))
    hurt.unlink()
    with pytest.raises(NeedsOwner) as problem:
        pair.repair(other.place)
    assert problem.value.code == "other-archive"
    assert not hurt.exists()


def forged(folder: Path) -> None:
    """Change a post in a part so that the part agrees with itself again."""
    page = next(folder.rglob("*.html"))
    page.write_bytes(page.read_bytes().replace(b"Words", b"Swords"))
    listed = segment.manifest(folder) | {page.relative_to(folder).as_posix(): _digest(page)}
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(listed.items()))
    (folder / "manifest-sha256.txt").write_text(lines)
    octets = sum((folder / path).stat().st_size for path in listed)
    info = (folder / "bag-info.txt").read_text().splitlines()
    info[-1] = f"Payload-Oxum: {octets}.{len(listed)}"
    (folder / "bag-info.txt").write_text("\n".join(info) + "\n")
    tags = segment.manifest(folder, "tagmanifest-sha256.txt")
    lines = "".join(f"{_digest(folder / tag)}  {tag}\n" for tag in tags)
    (folder / "tagmanifest-sha256.txt").write_text(lines)
    assert not list(segment.check(folder))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_forged_copy_of_an_older_part_is_not_believed(pair):
    """It agrees with itself, and the part after it names another."""
    forged(pair.place / "segments" / pair.parts[1])
    shutil.rmtree(pair.folder(1))
    report = pair.repair()
    assert not report.ok
    assert not any(b"Swords" in data for data in bytes_of(pair.root).values())


def test_a_forged_part_here_gives_way_to_the_one_that_is_named(pair):
    """Nothing in it is damaged by its own account."""
    forged(pair.folder(1))
    assert not verify(pair.root).ok
    assert pair.repair().ok
    pair.assert_whole()


def test_a_forged_newest_part_is_found_by_what_this_computer_remembers(pair):
    forged(pair.folder(2))
    assert verify(pair.root).ok
    assert pair.repair().ok
    pair.assert_whole()


def test_where_copies_differ_and_nothing_decides_neither_is_taken(pair, tmp_path):
    """The newest part, no memory, one against one; a third copy decides."""
    second = tmp_path / "second"
    shutil.copytree(pair.place, second)
    third = tmp_path / "third"
    shutil.copytree(pair.place, third)
    forged(second / "segments" / pair.parts[2])
    shutil.rmtree(pair.folder(2))
    shutil.rmtree(pair.state)
    report = pair.repair(pair.place, second)
    assert report.undecided == [pair.parts[2]]
    assert not pair.folder(2).exists()
    assert pair.repair(pair.place, second, third).brought == [pair.parts[2]]
    pair.assert_whole()


def part(name: str, mark: str, *parents: str, replaces: tuple[tuple[str, str], ...] = ()) -> Segment:
    return Segment(name, mark, parents, 0, 0, replaces)


def test_trust_runs_from_the_newest_back():
    """A later part that is trusted outvotes any number of copies; one that is not, does not."""
    told = [
        Told(part("1", "true"), 1),
        Told(part("1", "false"), 9),
        Told(part("2", "new", "true"), 1),
    ]
    assert decide(told)["1"] == part("1", "true")
    split = [*told, Told(part("2", "other", "false"), 1)]
    assert decide(split)["2"] is None
    assert decide(split)["1"] == part("1", "false")
    assert decide(split, remembered="new")["1"] == part("1", "true")


def test_a_part_in_anothers_place_is_named_by_the_id_of_that_one():
    told = [
        Told(part("1", "purged", replaces=(("true", "0"),)), 1),
        Told(part("1", "false"), 5),
        Told(part("2", "new", "true"), 1),
    ]
    assert decide(told)["1"].id == "purged"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
@pytest.mark.parametrize("what", ["data/records.jsonl", "tagmanifest-sha256.txt"])
def test_whatever_lies_in_a_files_place_is_moved_away(pair, kind, what, tmp_path):
    """A pipe would never end, a link may lead anywhere."""
    path = pair.folder(1) / what
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        (tmp_path / "elsewhere").write_bytes(b"x")
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.mkdir()
        (path / "in it").write_bytes(b"x")
    assert pair.repair().ok
    pair.assert_whole()


def test_a_file_in_place_of_a_folder(pair):
    folder = pair.folder(0) / "data" / "media"
    shutil.rmtree(folder)
    folder.write_bytes(b"x")
    assert pair.repair().ok
    pair.assert_whole()


def test_a_repair_that_was_cut_off_is_done_again(pair):
    """Half a part in the way, and a file that had not arrived yet."""
    shutil.rmtree(pair.folder(1))
    staged = pair.root / "staging" / pair.parts[1]
    staged.mkdir()
    (staged / "bagit.txt").write_bytes(b"half")
    (pair.root / "staging" / "incoming-0123").write_bytes(b"half")
    assert pair.repair().ok
    pair.assert_whole()
    assert not list((pair.root / "staging").iterdir())


def test_a_part_of_which_some_bytes_are_lost_comes_back_as_far_as_it_goes(pair):
    """A lost picture does not take the words with it."""
    name = pair.parts[0]
    next((pair.place / "segments" / name).rglob("*.jpg")).unlink()
    shutil.rmtree(pair.folder(0))
    report = pair.repair()
    assert (report.ok, report.brought) == (False, [name])
    assert {f.code for f in report.findings} == {"missing"}
    with Archive.open(pair.root, pair.state) as archive:
        assert {s.entry.native_id for s in archive.entries()} == {"1", "2", "3", "4"}


# --- two branches -------------------------------------------------------------------------------------------------


@pytest.fixture
def fork(pair, tmp_path):
    """Two computers have written to one synchronised folder: the archive has both newest parts."""
    with Archive.open(pair.place, tmp_path / "their-state") as there:
        keep(there, post(20))
    with Archive.open(pair.root, pair.state) as here:
        keep(here, post(21))
    new = max((pair.place / "segments").iterdir())
    shutil.copytree(new, pair.root / "segments" / new.name)
    with Archive.open(pair.root, pair.state) as archive:
        yield archive


def shown(archive: Archive) -> set[str]:
    return {s.entry.native_id for s in archive.entries()}


def test_both_branches_are_joined_by_choice(fork):
    with pytest.raises(NeedsOwner):
        keep(fork, post(22))
    branches.join(fork)
    keep(fork, post(22))
    assert shown(fork) == {"1", "2", "3", "4", "20", "21", "22"}
    assert (verify(fork).findings, len(fork.tips())) == ((), 1)


@pytest.mark.parametrize("which", [0, 1])
def test_one_branch_is_kept_by_choice_and_the_other_set_aside(fork, pair, which):
    """Nothing is deleted, the archive goes on, and no copy brings the other branch back."""
    tips = [s for s in fork.index.segments() if s.id in fork.tips()]
    kept, going = tips[which], tips[1 - which]
    copies.replicate(fork, pair.place)
    assert branches.keep(fork, kept.name) == (going.name,)
    assert verify(fork).findings == ()
    keep(fork, post(30))
    aside = fork.root / "quarantine" / "branches" / going.name
    assert not list(segment.check(aside))
    copied = copies.replicate(fork, pair.place)
    assert (copied.extra, copied.aside) == ([], [going.name])
    fork.close()
    assert pair.repair().brought == []
    with Archive.open(pair.root, pair.state) as again:
        assert len(shown(again) & {"20", "21"}) == 1
        assert "30" in shown(again)


@pytest.mark.parametrize("which", [0, 1])
def test_a_choice_that_was_cut_off_at_its_end_is_made(fork, pair, which, monkeypatch):
    """What was set aside is not missed afterwards."""
    tips = [s for s in fork.index.segments() if s.id in fork.tips()]

    def cut_off():
        raise KeyboardInterrupt

    monkeypatch.setattr(fork, "note_head", cut_off)
    with pytest.raises(KeyboardInterrupt):
        branches.keep(fork, tips[which].name)
    fork.close()
    with Archive.open(pair.root, pair.state) as again:
        keep(again, post(30))
        assert {"30", "1"} <= shown(again)
        assert len(again.tips()) == 1


def test_there_is_nothing_to_join_or_to_choose_without_a_fork(pair):
    with Archive.open(pair.root, pair.state) as archive:
        for act in (branches.join, lambda a: branches.keep(a, pair.parts[0])):
            with pytest.raises(UsageError) as problem:
                act(archive)
            assert problem.value.code == "no-fork"


def test_a_branch_that_is_none_is_named(fork, pair):
    before = sorted((pair.root / "segments").iterdir())
    with pytest.raises(UsageError) as problem:
        branches.keep(fork, pair.parts[0])
    assert problem.value.code == "no-branch"
    assert sorted((pair.root / "segments").iterdir()) == before


def test_what_was_purged_never_comes_back(pair):
    """A copy that still has the old part does not bring it back."""
    name = pair.parts[2]
    with Archive.open(pair.root, pair.state) as archive:
        old = archive.index.segments()[-1]
        with archive.append(Origin("blog", "wordpress")) as writer:
            writer.put(post(40), b"{}")
            new = writer.seal()
    folder = pair.root / "segments" / new
    info = (folder / "bag-info.txt").read_text().replace(f"Previous-Segment: {old.id}\n", "")
    parents = "".join(f"Previous-Segment: {p}\n" for p in old.parents)
    (folder / "bag-info.txt").write_text(f"Replaces-Segment: {old.id} {name}\n{parents}{info}")
    listed = segment.manifest(folder, "tagmanifest-sha256.txt")
    (folder / "tagmanifest-sha256.txt").write_text("".join(f"{_digest(folder / t)}  {t}\n" for t in listed))
    shutil.rmtree(pair.folder(2))
    shutil.rmtree(pair.state)
    report = pair.repair()
    assert (report.ok, report.brought) == (True, [])
    assert not pair.folder(2).exists()


def test_what_follows_a_part_that_was_set_aside_is_not_brought_over(fork, pair, tmp_path):
    """Another computer joined both branches and went on; here one of them was set aside, and all is well."""
    shutil.copytree(fork.root, tmp_path / "theirs")
    with Archive.open(tmp_path / "theirs", tmp_path / "state of theirs") as theirs:
        branches.join(theirs)
        keep_with_file(theirs, post(40, files=(picture("x.jpg"),)), b"more")
        copies.replicate(theirs, pair.place)
        more = segment.names(theirs.root / "segments")[-2:]
    tips = [s.name for s in fork.index.segments() if s.id in fork.tips()]
    [going] = branches.keep(fork, tips[0])
    keep(fork, post(41))
    assert verify(fork).findings == ()
    copied = copies.replicate(fork, pair.place)
    assert (copied.extra, copied.aside) == ([], sorted([going, *more]))
    before = bytes_of(fork.root)
    fork.close()
    report = pair.repair()
    assert (report.ok, report.brought, report.mended, report.undecided) == (True, [], [], [])
    assert bytes_of(pair.root) == before
