"""Copies in other places: complete, verified, never changed, and the same every time."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pyrage
import pytest

from archive import segment
from archive.care import copies
from archive.care.copies import replicate
from archive.care.fixity import verify, verify_copy, verify_sealed
from archive.care.places import FOLDER, SUFFIX, at
from archive.care.repair import repair
from archive.errors import ArchiveDamaged, KeepfolioError, NeedsOwner, UsageError
from archive.filesystem import FileSystem
from archive.forget import purge, traces
from archive.store import Archive
from tests.archive.damage import bytes_of
from tests.archive.make import keep, keep_with_file, picture, post
from tests.conftest import IN_CI

FORMS = ("folder", "zip", "age")
KEY = pyrage.x25519.Identity.generate()


def seal(plain, out):
    pyrage.encrypt_io(plain, out, [KEY.to_public()])


def unseal(sealed, out):
    pyrage.decrypt_io(sealed, out, [KEY])


def opened(place: Path) -> copies.Copy:
    return copies.opened(place, unseal)


def copied(archive: Archive, place: Path, form: str | None = None, **more) -> copies.Replicated:
    return replicate(archive, place, form=form, seal=seal, **more)


def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def unpacked(copy: copies.Copy) -> dict[str, bytes]:
    """All bytes of a copy's parts, by the paths that they have in an archive."""
    found = {}
    for name in copy.names():
        for path in copy.members(name):
            with copy.open(name, path) as file:
                found[f"segments/{name}/{path}"] = file.read()
    return found


@pytest.fixture
def filled(archive: Archive) -> Archive:
    keep_with_file(archive, post(1, files=(picture(),)), b"some bytes of a picture" * 100)
    keep(archive, post(2), post(3, kind="comment", parent="wordpress:b.org/post/1"))
    keep(archive, post(4))
    return archive


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_holds_every_byte(filled, place, form):
    """Whatever its form: what comes out of it is what is in the archive, and verify says so."""
    done = copied(filled, place, form)
    assert (done.whole, len(done.added), done.parts, done.head) == (True, 3, 3, filled.head)
    with opened(place) as copy:
        assert copy.form == form
        assert copy.id == filled.id
        assert unpacked(copy) == bytes_of(filled.root)
        report = verify_copy(copy, "deep")
    assert (report.ok, report.findings) == (True, ())
    assert report.checked == verify(filled, "deep").checked


@pytest.mark.parametrize("form", FORMS)
def test_the_second_time_only_what_is_new_travels(filled, place, form):
    """What is there is not written again, and the form need not be named again."""
    copied(filled, place, form)
    before = everything(place)
    assert copied(filled, place).added == []
    assert everything(place) == before
    keep(filled, post(5))
    assert len(copied(filled, place).added) == 1
    after = everything(place)
    assert {path: after[path] for path in before} == before


def test_zips_are_the_same_byte_for_byte(filled, tmp_path):
    """Made twice, from files of other dates and in other folders."""
    copied(filled, tmp_path / "one", "zip")
    for path in filled.root.rglob("*"):
        os.utime(path, (1, 1))
    copied(filled, tmp_path / "two", "zip")
    assert everything(tmp_path / "one") == everything(tmp_path / "two")


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs coreutils")
def test_a_stranger_can_unpack_and_check_a_zip(filled, place, tmp_path):
    """Nothing but unzip and sha256sum; stored, not compressed, so that a damaged one can still be read in part."""
    copied(filled, place, "zip")
    for packed in (place / "zips").iterdir():
        with zipfile.ZipFile(packed) as file:
            assert {member.compress_type for member in file.infolist()} == {zipfile.ZIP_STORED}
            file.extractall(tmp_path / "out")
        command = ["sha256sum", "--quiet", "-c", "tagmanifest-sha256.txt", "manifest-sha256.txt"]
        subprocess.run(command, cwd=tmp_path / "out" / packed.stem, check=True)


def test_a_folder_copy_is_an_archive(filled, place, shelf):
    """It can be opened where it lies, and shows the same."""
    copied(filled, place)
    there = shelf._kept(Archive.open(place, shelf.folder / "other-state"))
    assert [s.entry for s in there.entries()] == [s.entry for s in filled.entries()]


@pytest.mark.damages
@pytest.mark.parametrize("form", FORMS)
def test_what_is_damaged_here_is_never_copied(filled, place, form, damage):
    """It is named, the rest is copied, and once it is mended the next run completes the copy."""
    hurt = max((damage(filled) / "segments").glob("000002*/data/records.jsonl"))
    good = hurt.read_bytes()
    hurt.write_bytes(good[:-2] + b"}}")
    done = copied(filled, place, form)
    assert [f.path for f in done.damaged] == [hurt.relative_to(filled.root).as_posix()]
    assert (len(done.added), done.whole) == (2, False)
    hurt.write_bytes(good)
    assert [name[:6] for name in copied(filled, place).added] == ["000002"]
    assert verify_copy(opened(place)).ok


class Cut(FileSystem):
    """A disk that is pulled out after some calls."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.left = calls

    def _use(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(5, "Input/output error")

    def create(self, path):
        self._use()
        return super().create(path)

    def write(self, descriptor, data):
        self._use()
        super().write(descriptor, data)

    def _rename(self, source, target):
        self._use()
        super()._rename(source, target)

    def sync(self, descriptor):
        self._use()


@pytest.mark.parametrize("form", FORMS)
def test_pulled_out_at_any_moment_the_next_run_completes_it(filled, tmp_path, form):
    """At every call: what is in the copy under its name is whole, and nothing has to be tidied by hand."""
    calls, done, said = 0, False, []
    while not done:
        place = tmp_path / f"cut-{calls}"
        try:
            copied(filled, place, form, disk=Cut(calls))
            done = True
        except KeepfolioError as problem:
            said.append(problem.code)
        if (place / "archive.json").is_file():
            for name in (copy := opened(place)).names():
                with copy.unpacked(name) as folder:
                    assert not list(segment.check(folder))
        assert copied(filled, place, form).whole
        assert unpacked(opened(place)) == bytes_of(filled.root)
        assert not list((place / "staging").iterdir())
        shutil.rmtree(place)
        calls += 7
    assert calls > 40
    assert set(said) == {"disk-error"}


def test_a_disk_that_does_not_keep_what_it_is_given(filled, place):
    """The file is read back before it gets its name."""

    class Liar(FileSystem):
        def write(self, descriptor, data):
            super().write(descriptor, bytes(len(data)) if len(data) > 3000 else data)

    with pytest.raises(ArchiveDamaged) as problem:
        copied(filled, place, "zip", disk=Liar())
    assert problem.value.code == "not-kept"
    assert not any(n.startswith("000001") for n in at(place, filled.id, "zip").names())


def test_a_copy_of_another_archive_is_refused(filled, place, shelf):
    other = shelf.create("other")
    keep(other, post(9))
    copied(other, place)
    before = everything(place)
    with pytest.raises(NeedsOwner) as problem:
        copied(filled, place)
    assert problem.value.code == "other-archive"
    assert everything(place) == before


@pytest.mark.parametrize("below", ["", "segments", "staging/copy", "browse/copy"])
def test_a_place_inside_the_archive_is_refused(filled, below):
    """By another name, too: a link that leads there."""
    before = everything(filled.root)
    link = filled.root.parent / "link"
    link.symlink_to(filled.root)
    for root in (filled.root, link):
        with pytest.raises(UsageError) as problem:
            copied(filled, root / below)
        assert problem.value.code == "inside-archive"
    assert everything(filled.root) == before


def test_a_folder_with_something_else_is_refused(filled, place):
    place.mkdir()
    (place / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(UsageError) as problem:
        copied(filled, place)
    assert problem.value.code == "exists"
    assert list(place.iterdir()) == [place / "holiday.jpg"]


def test_a_disk_that_is_not_connected_is_not_made_up(filled, tmp_path):
    """Else the copy would lie on this very disk, under the name of the other."""
    with pytest.raises(KeepfolioError) as problem:
        copied(filled, tmp_path / "media" / "disk" / "keepfolio")
    assert problem.value.code == "not-there"
    assert not (tmp_path / "media").exists()


def test_another_form_is_refused(filled, place):
    copied(filled, place, "zip")
    with pytest.raises(UsageError) as problem:
        copied(filled, place, "folder")
    assert problem.value.code == "other-form"


def test_what_the_copy_has_more_is_said_and_kept(filled, place, shelf):
    """The archive was put back from an older copy, say: what it lacks stays where it is."""
    copied(filled, place)
    newest = max((filled.root / "segments").iterdir())
    shutil.rmtree(newest)
    older = shelf.reopen(filled, shelf.folder / "new-state")
    done = copied(older, place)
    assert done.extra == [newest.name]
    assert verify_copy(opened(place)).ok


@pytest.mark.damages
def test_what_differs_in_a_zip_copy_is_said_and_left_alone(filled, place):
    """A part that is not ours under one of our names, and one that another program left unfinished."""
    copied(filled, place, "zip")
    names = opened(place).names()
    first, second = (place / opened(place).relative(name) for name in names[:2])
    first.write_bytes(second.read_bytes())
    second.write_bytes(second.read_bytes()[:1000])
    before = everything(place)
    done = copied(filled, place)
    assert not done.whole
    assert {f.path.split("/")[1] for f in done.broken} == {first.name, second.name}
    assert everything(place) == before


@pytest.mark.damages
def test_another_part_under_one_of_our_names_is_left_alone(filled, place):
    """It agrees with itself, so it is somebody's."""
    copied(filled, place)
    first, second = sorted((place / "segments").iterdir())[:2]
    shutil.rmtree(first)
    shutil.copytree(second, first)
    before = everything(place)
    done = copied(filled, place, thorough=True)
    assert [(f.code, f.path) for f in done.broken] == [("differs", f"segments/{first.name}")]
    assert (done.mended, everything(place)) == ([], before)


@pytest.mark.damages
@pytest.mark.parametrize("what", ["data/records.jsonl", "manifest-sha256.txt", "tagmanifest-sha256.txt", "*.jpg"])
@pytest.mark.parametrize("harm", ["flip", "cut", "gone", "folder", "link"])
def test_a_damaged_file_of_a_folder_copy_is_written_anew(filled, place, tmp_path, what, harm):
    """And what stood there lies in the copy's quarantine."""
    copied(filled, place)
    sealed = bytes_of(place)
    hurt = next((place / "segments").glob(f"000001*/{what}"), None) or next((place / "segments").rglob(what))
    data = hurt.read_bytes()
    hurt.unlink()
    if harm == "flip":
        hurt.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    elif harm == "cut":
        hurt.write_bytes(data[:-1])
    elif harm == "folder":
        hurt.mkdir()
        (hurt / "in it").write_bytes(b"x")
    elif harm == "link":
        (tmp_path / "elsewhere").write_bytes(data)
        hurt.symlink_to(tmp_path / "elsewhere")
    done = copied(filled, place, thorough=True)
    path = hurt.relative_to(place).as_posix()
    assert (done.mended, done.broken, done.whole) == ([path], [], True)
    assert bytes_of(place) == sealed
    assert verify_copy(opened(place), "deep").findings == ()
    moved = list((place / "quarantine").glob(f"*/{path}"))
    assert len(moved) == (harm != "gone")
    assert not list((place / "staging").iterdir())


@pytest.mark.damages
def test_what_is_missing_in_a_folder_copy_is_seen_without_reading_it(filled, place):
    """Any run writes it anew: that is what somebody does who moved a damaged file away."""
    copied(filled, place)
    sealed = bytes_of(place)
    next((place / "segments").rglob("*.jpg")).unlink()
    shutil.rmtree(min((place / "segments").iterdir()) / "data" / "posts")
    assert copied(filled, place).whole
    assert bytes_of(place) == sealed
    assert not (place / "quarantine").exists()


@pytest.mark.damages
@pytest.mark.parametrize("kind", ["link", "file"])
def test_what_stands_in_a_folders_place_makes_way(filled, place, tmp_path, kind):
    """A link leads elsewhere, even where the same files are."""
    copied(filled, place)
    sealed = bytes_of(place)
    folder = min((place / "segments").iterdir()) / "data" / "media"
    folder.rename(tmp_path / "elsewhere")
    if kind == "link":
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.write_bytes(b"x")
    assert copied(filled, place).whole
    assert bytes_of(place) == sealed
    assert not folder.is_symlink()
    assert len(list((place / "quarantine").glob("*/segments/*/data/media"))) == 1


@pytest.mark.damages
def test_a_copy_is_not_mended_from_what_is_damaged_here(filled, place, damage):
    """What the copy has may be the better one."""
    copied(filled, place)
    name = min((damage(filled) / "segments").iterdir()).name
    page = next((place / "segments" / name).rglob("*.html"))
    page.unlink()
    (filled.root / "segments" / name / "data/records.jsonl").write_bytes(b"no")
    before = everything(place)
    done = copied(filled, place)
    assert (done.mended, [f.path for f in done.damaged]) == ([], [f"segments/{name}/data/records.jsonl"])
    assert everything(place) == before


@pytest.mark.damages
def test_what_is_removed_for_good_leaves_the_quarantine_of_a_copy(filled, place):
    """There it lay because it was damaged; what stays is what is damaged of other parts."""
    copied(filled, place)
    going, staying = (next((place / "segments").glob(f"{n}*/data/posts/**/*.html")) for n in ("000001", "000003"))
    for path in (going, staying):
        path.write_bytes(path.read_bytes().replace(b"Words", b"Sword"))
    assert len(copied(filled, place, thorough=True).mended) == 2
    purge.purge(filled, purge.plan(filled, [filled.by_key("wordpress:b.org/post/1").id]))
    assert len(copied(filled, place).removed) == 1
    left = [p.relative_to(place).parts[2:] for p in (place / "quarantine").rglob("*") if p.is_file()]
    assert left == [staying.relative_to(place).parts]


@pytest.mark.damages
def test_a_mending_that_was_cut_off_is_done_again(filled, place):
    """Nothing is lost in between, and nothing is left in the way."""

    class Disk(FileSystem):
        def rename(self, source, target):
            super().rename(source, target)
            if "quarantine" in str(target):
                raise KeyboardInterrupt

    copied(filled, place)
    sealed = bytes_of(place)
    next((place / "segments").rglob("*.jpg")).write_bytes(b"damaged")
    with pytest.raises(KeyboardInterrupt):
        copied(filled, place, disk=Disk())
    assert copied(filled, place).whole
    assert bytes_of(place) == sealed
    assert [p.read_bytes() for p in (place / "quarantine").rglob("*.jpg")] == [b"damaged"]
    assert not list((place / "staging").iterdir())


@pytest.mark.damages
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
def test_damage_in_a_copy_is_found(filled, place, form, harm):
    """Of any form, and of an encrypted one without its key, too."""
    done = copied(filled, place, form)
    name = opened(place).names()[1]
    hurt = place / opened(place).relative(name)
    hurt = next(hurt.rglob("*.html")) if form == "folder" else hurt
    if harm == "gone":
        hurt.unlink()
    else:
        data = bytearray(hurt.read_bytes())
        data[len(data) // 2] ^= 1
        hurt.write_bytes(bytes(data) if harm == "flip" else bytes(data[:-1]))
    assert not _checked(place).ok
    if form == "age":
        assert not verify_sealed(copies.opened(place), done.digests).ok


def _checked(place: Path):
    def forgiving(sealed, out):
        try:
            unseal(sealed, out)
        except OSError as problem:
            raise ArchiveDamaged("no") from problem

    return verify_copy(copies.opened(place, forgiving))


@pytest.mark.damages
def test_the_newest_part_missing_in_a_copy_is_noticed_by_what_is_remembered(filled, place):
    copied(filled, place, "zip")
    newest = filled.index.segments()[-1]
    opened(place).path(newest.name).unlink()
    assert verify_copy(opened(place)).ok
    [finding] = verify_copy(opened(place), remembered=(newest.id, newest.name)).findings
    assert finding.code == "missing-segment"


def hostile(name: str, kind: str) -> list[tuple[str, bytes]]:
    return {
        "leads outside": [(f"{name}/data/../../../evil", b"x")],
        "absolute": [("/tmp/evil", b"x")],
        "another part": [("000009-20260101T000000Z-x-0000/bagit.txt", b"x")],
        "a tag file of its own": [(f"{name}/extra.txt", b"x")],
        "twice the same": [(f"{name}/bagit.txt", b"x"), (f"{name}/bagit.txt", b"y")],
        "Windows": [(f"{name}/data/..\\..\\evil", b"x")],
    }[kind]


@pytest.mark.damages
@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "kind", ["leads outside", "absolute", "another part", "a tag file of its own", "twice the same", "Windows"]
)
def test_a_hostile_zip_is_damage_and_writes_nothing(filled, place, kind, tmp_path):
    copied(filled, place, "zip")
    name = opened(place).names()[0]
    with zipfile.ZipFile(opened(place).path(name), "w") as packed:
        for path, data in hostile(name, kind):
            packed.writestr(path, data)
    before = everything(tmp_path)
    assert [f.code for f in verify_copy(opened(place)).findings] == ["damaged"]
    assert everything(tmp_path) == before


@pytest.mark.damages
def test_a_zip_bomb_is_not_unpacked(filled, place):
    """Ours unpack to what they are long: one that would become more is none of ours."""
    copied(filled, place, "zip")
    name = opened(place).names()[0]
    with zipfile.ZipFile(opened(place).path(name), "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{name}/data/zeros", bytes(50_000_000))
    with pytest.raises(ArchiveDamaged):
        opened(place).members(name)


def test_what_an_encrypted_copy_names_and_what_not(filled, place):
    """Without the key: the names of the parts, and nothing of what is in them."""
    copied(filled, place, "age")
    copy = copies.opened(place)
    assert copy.names() == segment.names(filled.root / "segments")
    with pytest.raises(UsageError) as problem:
        copy.members(copy.names()[0])
    assert problem.value.code == "no-key"
    sealed = b"".join(p.read_bytes() for p in (place / "zips").iterdir())
    assert b"Post 1" not in sealed
    assert b"bagit" not in sealed


@pytest.mark.skipif(not IN_CI and not shutil.which("age"), reason="needs the program age")
def test_another_program_opens_it(filled, place, tmp_path):
    copied(filled, place, "age")
    key = tmp_path / "key"
    key.write_text(f"{KEY}\n")
    for sealed in (place / "zips").iterdir():
        subprocess.run(["age", "-d", "-i", key, "-o", tmp_path / sealed.stem, sealed], check=True)
        assert zipfile.is_zipfile(tmp_path / sealed.stem)


@pytest.mark.parametrize("form", FORMS)
def test_only_a_replaced_part_can_be_dropped_by_name(filled, place, form):
    """``drop`` takes a part's name and nothing that leads elsewhere."""
    copied(filled, place, form)
    copy = opened(place)
    for name in ("..", "../..", "segments", "archive.json", f"../x{SUFFIX['zip']}"):
        with pytest.raises(KeyError):
            copy.drop(name)
    first = copy.names()[0]
    copy.drop(first)
    assert first not in copy.names()
    copied(filled, place)  # and it comes back, for what is left behind must be whole


def test_digests_are_those_of_the_files_written(filled, place):
    done = copied(filled, place, "age")
    for name, digest in done.digests.items():
        assert hashlib.sha256(opened(place).path(name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("form", FORMS)
def test_what_was_purged_goes_from_the_copy_too(filled, place, form):
    """The part in its place comes first, then the replaced one goes; nothing else does."""
    copied(filled, place, form)
    [victim] = [s for s in filled.entries() if s.entry.native_id == "2"]
    before = unpacked(opened(place))
    purge.purge(filled, purge.plan(filled, [victim.id]))
    done = copied(filled, place)
    assert [name[:6] for name in done.removed] == ["000002"]
    assert (done.whole, done.extra) == (True, [])
    after = unpacked(opened(place))
    assert after == bytes_of(filled.root)
    assert b"Words of post 2" not in b"".join(after.values())
    assert b"Words of post 2" in b"".join(before.values())
    assert verify_copy(opened(place), "deep").findings == ()
    assert copied(filled, place).removed == []


@pytest.mark.damages
def test_a_replaced_part_stays_while_the_new_one_is_not_there(filled, place, damage):
    """The part in its place was hurt before it could be copied: what the copy has is all that is left."""
    copied(filled, place)
    [victim] = [s for s in filled.entries() if s.entry.native_id == "2"]
    purge.purge(filled, purge.plan(filled, [victim.id]))
    for path in (damage(filled) / "segments").glob("000002*/data/run.json"):
        path.write_bytes(b"{}")
    done = copied(filled, place)
    assert done.removed == []
    assert [name[:6] for name in opened(place).names()].count("000002") == 1


def _part_that_says_it_stands_for(archive: Archive, place: Path, digest: str, others: list[str]) -> str:
    """Add a part to a copy by hand; return its name."""
    name = "000099-20260101T000000Z-blog-abcd"
    info = segment.info(place / "segments" / segment.names(place / "segments")[-1])
    pairs = [(k, v) for k, vs in info.items() if k not in {"Payload-Oxum", "Previous-Segment"} for v in vs]
    pairs += [("Previous-Segment", archive.head), *(("Replaces-Segment", f"{digest} {other}") for other in others)]
    staging = segment.Staging(FileSystem(), place, name)
    staging.begin()
    staging.seal({"run": "x", "origin": {"name": "blog", "type": "wordpress"}}, pairs)
    return name


def test_no_part_goes_because_another_names_it(filled, place, shelf):
    """A part of a copy that claims places in our archive, without naming the digests, takes nothing away."""
    copied(filled, place)
    names, titles = segment.names(filled.root / "segments"), [s.entry.title for s in filled.entries()]
    brought = _part_that_says_it_stands_for(filled, place, "0" * 64, names)
    filled.close()
    with opened(place) as copy:
        assert repair(filled.root, shelf.state, [copy]).brought == [brought]
    again = shelf.reopen(filled)
    assert [s.entry.title for s in again.entries(content=True)] == titles
    assert segment.names(again.root / "segments") == [*names, brought]
    assert purge.unfinished(again.root) == []


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_what_was_replaced_leaves_a_copy_only_when_all_of_the_new_part_is_there(
    filled, place, form, monkeypatch, damage
):
    """A copy that was cut off in between, and whose disk then lost a byte of the new part, keeps the old one."""
    damage(filled)
    copied(filled, place, form)
    purge.purge(filled, purge.plan(filled, [filled.by_key("wordpress:b.org/post/3").id]))
    with monkeypatch.context() as cut_off:
        cut_off.setattr(copies._Run, "_remove_replaced", lambda *_: None)
        new = [n for n in copied(filled, place).added if "-blog-" in n]
    path = place / FOLDER[form] / f"{new[0]}{SUFFIX[form]}"
    path = path / "data" / "records.jsonl" if form == "folder" else path
    data = bytearray(path.read_bytes())
    at_word = data.index(b"Post 2")
    data[at_word] ^= 1
    path.write_bytes(data)
    done = copied(filled, place)
    assert (done.removed, done.whole) == ([], False)


def test_a_part_that_leaves_a_copy_leaves_it_at_once(filled, place):
    """Cut off while a replaced part is being removed, no half of it stands among the others; the rest goes later."""

    class Disk(FileSystem):
        def remove_tree(self, path):
            raise KeyboardInterrupt

    copied(filled, place)
    planned = purge.plan(filled, [filled.by_key("wordpress:b.org/post/3").id])
    purge.purge(filled, planned)
    with pytest.raises(KeyboardInterrupt):
        copied(filled, place, disk=Disk())
    assert all(f.code == "purge-unfinished" for f in verify(place).findings)
    copied(filled, place)
    assert verify(place).findings == ()
    assert [t for t in traces.prove(place, planned.ids, planned.digests | planned.raws) if t.kind != "text"] == []


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_who_has_not_heard_of_a_purge_does_not_bring_it_back(archive, place, tmp_path, form):
    """Another computer purged it from its archive and from the copy; ours is told that the copy has more."""
    keep(archive, post(1), post(2, title="Words to be purged"))
    shutil.copytree(archive.root, tmp_path / "laptop")
    laptop = Archive.open(tmp_path / "laptop", tmp_path / "laptop-state")
    purge.purge(laptop, purge.plan(laptop, [laptop.by_key(post(2).keys[0]).id]))
    assert copies.replicate(laptop, place, form=form).whole
    laptop.close()
    before = copies.opened(place).names()
    done = copies.replicate(archive, place)
    assert copies.opened(place).names() == before
    assert done.added == []
    assert len(done.extra) == 2
