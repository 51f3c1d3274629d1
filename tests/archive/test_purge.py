"""What is removed for good is gone from every byte, and nothing else is."""

from __future__ import annotations

import errno
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from archive import segment
from archive.care import copies
from archive.care.branches import join
from archive.care.fixity import verify
from archive.care.repair import repair
from archive.entry import with_digests
from archive.errors import ArchiveDamaged, KeepfolioError, Locked, NeedsOwner
from archive.export import bagit
from archive.filesystem import FileSystem
from archive.forget import purge, traces
from archive.identity import Change, entry_id
from archive.store import Archive
from archive.values import Failure, Origin
from tests.archive.make import BLOG, FEED, keep, keep_with_file, picture, poorer, post, raw_of
from tests.archive.readers import read_as_the_readme_says

SECRET = "Ms Ashdown's appraisal"


def secret(**given):
    return post(7, **{"title": SECRET, "url": "https://b.org/appraisal/", "files": (picture("letter.jpg"),), **given})


def comment(number, words, parent="wordpress:b.org/post/1"):
    return post(number, kind="comment", keys=(f"wordpress:b.org/comment/{number}",), title=words, parent=parent,
                author="others", content_html=f"<p>{words}</p>")  # fmt: skip


def id_of(archive, key):
    return archive.by_key(key).id


def gone_after(archive, *ids, why=""):
    """Purge, and return the plan; afterwards nothing is found of it but mentions, and all is well."""
    planned = purge.plan(archive, ids)
    purge.purge(archive, planned, why)
    left = traces.prove(archive.root, planned.ids, planned.digests | planned.raws, planned.texts)
    assert [t for t in left if t.kind != "text"] == []
    assert purge.unfinished(archive.root) == []
    report = verify(archive, "deep")
    assert report.findings == ()
    return planned


def everything(root: Path) -> bytes:
    return b"\n".join(p.read_bytes() + str(p).encode() for p in sorted(root.rglob("*")) if p.is_file())


def state_of(archive):
    return {s.id: s for s in archive.entries(content=True)}


@pytest.fixture
def filled(archive):
    """A secret in three parts and four versions of file classes, between others."""
    keep(archive, post(1), comment(11, "Well said"), comment(12, "I, Mallory, object"), comment(13, "Thanks"))
    keep_with_file(archive, secret(), b"scanned letter")
    with archive.append(BLOG) as writer:
        writer.put(post(2), raw_of(post(2)))
        writer.put(secret(content_html="<p>Second thoughts</p>"), raw_of(secret()) + b" ")
        writer.fail(Failure("", f"file photo.jpg of “{SECRET}”", "404", key=secret().keys[1]))
        writer.seal()
    with archive.append(BLOG) as writer:
        writer.clear(Failure("blog", f"file photo.jpg of “{SECRET}”", ""))
        writer.tombstone(id_of(archive, secret().keys[0]), "gone there")
        writer.seal()
    keep(archive, post(3))
    return archive


def test_an_entry_goes_from_every_part_and_all_else_stays(filled):
    before = state_of(filled)
    planned = gone_after(filled, id_of(filled, secret().keys[0]), why="asked")
    assert [g.title for g in planned.entries] == [SECRET]
    assert len(planned.parts) == 3
    assert state_of(filled) == before  # it was deleted at its source already, so it is not among these
    assert filled.entry(planned.entries[0].id) is None
    assert not list(filled.entries(deleted=True))
    left = everything(filled.root)
    for words in (b"Ashdown", b"appraisal", b"Second thoughts", b"scanned letter", b"letter.jpg", b"?p=7"):
        assert words not in left


def test_the_plan_changes_nothing(filled):
    before = everything(filled.root)
    purge.plan(filled, [id_of(filled, secret().keys[0])])
    assert everything(filled.root) == before


def test_what_is_not_held_cannot_be_planned(filled):
    with pytest.raises(KeyError):
        purge.plan(filled, ["urn:uuid:nothing"])


def test_the_index_is_the_one_that_the_parts_give(filled):
    gone_after(filled, id_of(filled, secret().keys[0]))
    kept = filled.index.dump()
    filled.reindex()
    assert filled.index.dump() == kept


def test_one_comment_goes_from_the_file_that_it_shares(filled):
    """The others stay where they were: they are found by offset."""
    wanted, others = comment(12, "").keys[0], (comment(11, "").keys[0], comment(13, "").keys[0])
    raws = [filled.raw(id_of(filled, key)) for key in others]
    gone_after(filled, id_of(filled, wanted))
    assert b"Mallory" not in everything(filled.root)
    assert [filled.raw(id_of(filled, key)) for key in others] == raws


def test_the_last_comment_takes_the_file_along(filled):
    gone_after(filled, *(id_of(filled, comment(n, "").keys[0]) for n in (11, 12, 13)))
    assert list((filled.root / "segments").glob("*/data/comments")) == []


def test_a_file_that_another_entry_needs_stays(archive):
    """Its home goes, the bytes stay, and the index still finds them."""
    other = post(8, files=(picture("same.jpg"),))
    _, digest = keep_with_file(archive, secret(), b"shared bytes")
    keep_with_file(archive, other, b"shared bytes")
    planned = gone_after(archive, id_of(archive, secret().keys[0]))
    assert planned.digests == frozenset()
    assert planned.kept == {digest: (id_of(archive, other.keys[0]),)}
    with archive.read(digest) as stream:
        assert stream.read() == b"shared bytes"
    assert b"originalName" not in (min((archive.root / "segments").iterdir()) / segment.RECORDS).read_bytes()
    gone_after(archive, id_of(archive, other.keys[0]))
    assert archive.path_of(digest) is None


def test_a_file_that_came_before_its_entry_goes_too(archive):
    """It was sealed alone, and only a later part says whose it is."""
    with archive.append(BLOG) as writer:
        digest = writer.add_file(io.BytesIO(b"scanned letter"), name="letter.jpg")
        writer.add_file(io.BytesIO(b"somebody else's"), name="else.jpg")
        writer.seal()
    keep(archive, with_digests(secret(), {picture("letter.jpg").url: digest}))
    gone_after(archive, id_of(archive, secret().keys[0]))
    left = everything(archive.root)
    assert b"scanned letter" not in left
    assert b"somebody else's" in left


def test_bytes_that_another_entry_has_as_well_are_no_trace(archive):
    """Two items that a source sent byte for byte alike: one goes."""
    with archive.append(BLOG) as writer:
        writer.put(secret(files=()), b"{}")
        writer.put(post(2), b"{}")
        writer.seal()
    assert gone_after(archive, id_of(archive, secret().keys[0])).raws == frozenset()
    assert archive.raw(id_of(archive, post(2).keys[0])) == b"{}"


def test_two_ids_that_were_one_thing_go_together(archive):
    """Each was kept under a name of its own before a third sight showed that they are one."""
    feed = poorer(post(7, keys=("guid:https://b.org/?p=7",), title="As the feed says"))
    site = secret(keys=("wordpress:b.org/post/7",), files=())
    keep(archive, feed, origin=FEED)
    keep(archive, site)
    keep(archive, secret(files=()))
    planned = gone_after(archive, id_of(archive, secret().keys[0]))
    assert planned.ids >= {entry_id(k) for k in secret().keys}
    assert b"As the feed says" not in everything(archive.root)


def test_its_source_cannot_bring_it_back(filled):
    """Under any of its keys, by any source; and not even its address is remembered."""
    gone_after(filled, id_of(filled, secret().keys[0]))
    again = [secret(), secret(keys=secret().keys[1:], title="Renamed appraisal")]
    before = everything(filled.root)
    for one in again:
        with filled.append(FEED) as writer:
            assert writer.put(one, raw_of(one)) is Change.FORGOTTEN
            writer.fail(Failure("", f"file of “{SECRET}”", "404", key=one.keys[0]))
            assert writer.seal() is None
    assert everything(filled.root) == before
    filled.close()
    assert b"?p=7" not in everything(filled.state)
    assert b"Ashdown" not in everything(filled.state)


def test_what_is_let_in_again_is_kept_again(filled):
    planned = gone_after(filled, id_of(filled, secret().keys[0]))
    with filled.append(BLOG) as writer:
        writer.readmit(planned.entries[0].id)
        writer.seal()
    assert keep_with_file(filled, secret(), b"scanned letter")[0] is Change.CREATED
    assert purge.unfinished(filled.root) == []
    gone_after(filled, planned.entries[0].id)


def test_own_files_may_come_again(archive):
    """What the owner saves anew under the same name is a new file."""
    own = post(9, kind="workspace", keys=("workspace:config.yaml",), title="config.yaml")
    keep(archive, own)
    gone_after(archive, id_of(archive, own.keys[0]))
    assert keep(archive, own) == [Change.CREATED]
    assert purge.unfinished(archive.root) == []
    assert verify(archive, "deep").findings == ()


def test_twice_in_a_row(filled, shelf):
    """A part that was sealed anew is sealed anew again; references from later parts still find it."""
    keep(filled, replace(post(1), url="https://b.org/moved/"))  # refers back to nothing
    with filled.append(FEED) as writer:  # a poorer sight: its line names the raw bytes of the first part
        writer.put(poorer(post(1)), b"{}")
        writer.seal()
    gone_after(filled, id_of(filled, comment(12, "").keys[0]))
    gone_after(filled, id_of(filled, comment(11, "").keys[0]))
    first = min((filled.root / "segments").iterdir())
    assert len(segment.read(first).replaces) == 2
    head, raws = filled.head, {s.id: filled.raw(s.id) for s in filled.entries()}
    again = shelf.reopen(filled)
    assert again.head == head
    assert {s.id: again.raw(s.id) for s in again.entries()} == raws
    assert again.version(id_of(again, post(1).keys[0]), 1).entry.content_html == post(1).content_html
    keep(again, post(4))
    assert verify(again, "deep").findings == ()


def test_what_is_remembered_of_the_sources_stays(filled, shelf):
    """Only the removed is offered again; all else is known, now and after opening anew."""
    gone_after(filled, id_of(filled, comment(12, "").keys[0]), id_of(filled, post(3).keys[0]))
    for reopened in (False, True):
        archive = shelf.reopen(filled) if reopened else filled
        assert archive.known("blog").stamp(post(1).keys[0]) == post(1).stamp
        assert archive.known("blog").stamp(post(3).keys[0]) == ""
    archive.close()
    assert b"comment/12" not in everything(archive.state)
    assert b"comment/13" in everything(archive.state)


def test_a_stranger_sees_nothing_of_it(filled):
    gone_after(filled, id_of(filled, secret().keys[0]))
    read = read_as_the_readme_says(filled.root)
    assert {i: line["content"] for i, line in read.items()} == {
        i: s.entry.content_html for i, s in state_of(filled).items()
    }


def test_mentions_are_told_apart(filled):
    """A title in somebody else's words is no trace: it is named, with whose it is."""
    keep(filled, post(4, content_html=f"<p>See {SECRET}.</p>"))
    planned = gone_after(filled, id_of(filled, secret().keys[0]))
    [mention] = traces.prove(filled.root, planned.ids, planned.digests, planned.texts)
    assert (mention.kind, mention.found, mention.entry) == ("text", SECRET, id_of(filled, post(4).keys[0]))


@pytest.mark.parametrize("what", ["id", "file", "raw", "comment", "digest"])
def test_the_proof_can_fail(filled, damage, what):
    """Each kind of leftover is found."""
    first = min((damage(filled) / "segments").iterdir()) / "data"
    planned = purge.plan(filled, [id_of(filled, secret().keys[0]), id_of(filled, comment(12, "").keys[0])])
    held = filled.raw(id_of(filled, comment(12, "").keys[0]))
    raw = filled.raw(planned.entries[0].id)
    purge.purge(filled, planned)
    first = min((filled.root / "segments").iterdir()) / "data"
    left = {
        "id": ("posts/a.json", planned.entries[0].id.encode()),
        "file": ("media/x", b"scanned letter"),
        "raw": ("posts/a.json", raw),
        "comment": ("comments/2.jsonl", b"{}\n" + held + b"\n"),
        "digest": ("posts/a.html", min(planned.digests).encode()),
    }[what]
    (first / left[0]).parent.mkdir(exist_ok=True)
    (first / left[0]).write_bytes(left[1])
    found = traces.prove(filled.root, planned.ids, planned.digests | planned.raws)
    assert [t.path.partition("/data/")[2] for t in found] == [left[0]]


def test_a_mention_across_two_pieces_of_a_large_file_is_found(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * ((1 << 20) - 6) + SECRET.encode() + b"y" * 100)
    assert [t.found for t in traces.mentions(tmp_path, [SECRET])] == [SECRET]


# --- refused before anything ----------------------------------------------------------------------------------------


def test_a_damaged_part_is_refused(filled, damage):
    planned = purge.plan(filled, [id_of(filled, secret().keys[0])])
    [media] = damage(filled).glob("segments/*/data/media/*/*")
    media.write_bytes(b"scanned lettex")
    before = everything(filled.root)
    with pytest.raises(ArchiveDamaged) as refused:
        purge.purge(filled, planned)
    assert "media" in refused.value.message
    assert everything(filled.root) == before


def test_while_another_run_writes_it_is_refused(filled):
    planned = purge.plan(filled, [id_of(filled, secret().keys[0])])
    before = everything(filled.root)
    with filled.append(BLOG), pytest.raises(Locked):
        purge.purge(filled, planned)
    assert everything(filled.root) == before


def test_a_fork_is_refused(filled, shelf, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(filled.root, copy)
    with Archive.open(copy, tmp_path / "other-state") as there:
        keep(there, post(20))
        [extra] = set(segment.names(copy / "segments")) - set(segment.names(filled.root / "segments"))
    keep(filled, post(21))
    shutil.copytree(copy / "segments" / extra, filled.root / "segments" / extra)
    shutil.rmtree(copy)
    again = shelf.reopen(filled)
    planned = purge.plan(again, [id_of(again, secret().keys[0])])
    before = everything(again.root)
    with pytest.raises(NeedsOwner):
        purge.purge(again, planned)
    assert everything(again.root) == before


def test_what_another_computer_wrote_meanwhile_goes_too(filled, shelf, tmp_path):
    """It did not know of the decision; once both branches are joined, that holds for what it added, too."""
    copy = tmp_path / "copy"
    shutil.copytree(filled.root, copy)
    gone_after(filled, id_of(filled, secret().keys[0]))
    with Archive.open(copy, tmp_path / "other-state") as there:
        keep(there, post(20))
        keep(there, secret(title="Ms Ashdown once more"))  # the seventh part: in order it comes after the decision
    for name in set(segment.names(copy / "segments")) - {s.name for s in filled.index.segments()}:
        if name.startswith(("000006", "000007")):
            shutil.copytree(copy / "segments" / name, filled.root / "segments" / name)
    shutil.rmtree(copy)
    again = shelf.reopen(filled)
    with again.append(BLOG, joining=True) as writer:
        writer.join()
        writer.seal()
    assert [f.code for f in purge.unfinished(again.root)] == [purge.UNFINISHED]

    purge.complete(again)

    assert b"Ashdown" not in everything(again.root)
    assert again.by_key(post(20).keys[0]) is not None
    assert verify(again, "deep").findings == ()


def test_a_file_that_two_computers_had_kept_goes_from_both_parts(filled, shelf, tmp_path):
    """Each had fetched it before they were joined, and only one of them knows whose it is."""
    name = min(segment.names(filled.root / "segments"))
    copy = tmp_path / "copy"
    shutil.copytree(
        filled.root, copy, ignore=lambda folder, names: [n for n in names if n[:6] > "000001" and n[6:7] == "-"]
    )
    with Archive.open(copy, tmp_path / "other-state") as there, there.append(BLOG) as writer:
        writer.add_file(io.BytesIO(b"scanned letter"), name="letter.jpg")
        writer.seal()
    [theirs] = set(segment.names(copy / "segments")) - {name}
    shutil.copytree(copy / "segments" / theirs, filled.root / "segments" / theirs)
    shutil.rmtree(copy)
    again = shelf.reopen(filled)
    with again.append(BLOG, joining=True) as writer:
        writer.join()
        writer.seal()

    gone_after(again, id_of(again, secret().keys[0]))

    assert b"scanned letter" not in everything(again.root)


# --- copies ---------------------------------------------------------------------------------------------------------


def test_a_copy_that_is_swept_by_itself_ends_with_the_same_parts(filled, tmp_path):
    """It needs only the decision; so archive and copies stay sets of the same parts."""
    copy = tmp_path / "copy"
    shutil.copytree(filled.root, copy)
    gone_after(filled, id_of(filled, secret().keys[0]))
    decision = max((filled.root / "segments").iterdir())
    shutil.copytree(decision, copy / "segments" / decision.name)
    assert len(purge.unfinished(copy)) == 3
    shutil.rmtree(copy / "staging")
    purge.sweep(FileSystem(), copy)
    assert sorted(p.name for p in (copy / "segments").iterdir()) == segment.names(filled.root / "segments")
    assert {p.name: segment.read(p).id for p in (copy / "segments").iterdir()} == {
        s.name: s.id for s in filled.index.segments()
    }


@pytest.mark.parametrize("how", [purge.settle, purge.sweep])
def test_a_copy_that_got_the_new_parts_loses_the_old_ones(filled, tmp_path, how):
    copy = tmp_path / "copy"
    shutil.copytree(filled.root, copy)
    gone_after(filled, id_of(filled, secret().keys[0]))
    for name in set(segment.names(filled.root / "segments")) - set(segment.names(copy / "segments")):
        shutil.copytree(filled.root / "segments" / name, copy / "segments" / name)
    how(FileSystem(), copy)
    assert segment.names(copy / "segments") == segment.names(filled.root / "segments")
    assert b"Ashdown" not in everything(copy)


def test_an_old_copy_that_brings_old_parts_back_does_no_harm(filled, shelf, tmp_path):
    """Parts copied back by hand go again when the archive is opened."""
    copy = tmp_path / "copy"
    shutil.copytree(filled.root, copy)
    gone_after(filled, id_of(filled, secret().keys[0]))
    shutil.copytree(copy / "segments", filled.root / "segments", dirs_exist_ok=True)
    shutil.rmtree(copy)
    again = shelf.reopen(filled)
    assert b"Ashdown" not in everything(again.root)
    assert verify(again).findings == ()


# --- cut off at any point -------------------------------------------------------------------------------------------


class Cut(FileSystem):
    """The real disk, until the call of that number; then it is as if the power went, or the disk was full."""

    def __init__(self, at: int, problem: BaseException) -> None:
        super().__init__()
        self.left, self.problem, self.armed = at, problem, False

    def _count(self) -> None:
        if self.armed:
            self.left -= 1
            if self.left < 0:
                raise self.problem


def _counted(name):
    def call(self, *given, **more):
        self._count()
        return getattr(FileSystem, name)(self, *given, **more)

    return call


CALLS = ("create", "write", "sync", "mkdir", "rename", "replace", "sync_folder", "remove")
for _name in CALLS:
    setattr(Cut, _name, _counted(_name))


def _half_removed(self, path):
    """A folder goes file by file: what is cut off leaves half of it."""
    try:
        self._count()
    except BaseException:
        (Path(path) / "bag-info.txt").unlink(missing_ok=True)
        raise
    FileSystem.remove_tree(self, path)


Cut.remove_tree = _half_removed


class PowerCut(BaseException):
    """Nobody catches it."""


def cut_off(template: Path, place: Path, at: int, problem: BaseException) -> bool:
    """Purge in a copy of an archive until a call fails; say whether one did."""
    shutil.copytree(template, place)
    disk = Cut(at, problem)
    archive = Archive.open(place / "archive", place / "state", disk=disk)
    planned = purge.plan(archive, [id_of(archive, secret().keys[0]), id_of(archive, comment(12, "").keys[0])])
    disk.armed = True
    try:
        purge.purge(archive, planned)
    except (PowerCut, KeepfolioError, OSError):
        return True
    finally:
        disk.armed = False
        archive.close()
    return False


@pytest.fixture
def template(tmp_path, archive):
    """A small archive, closed: a comment among others, and a file of which only a later part says whose it is."""
    with archive.append(BLOG) as writer:
        digest = writer.add_file(io.BytesIO(b"scanned letter"), name="letter.jpg")
        writer.put(comment(11, "Well said"), b'{"id": 11}')
        writer.put(comment(12, "I, Mallory, object"), b'{"id": 12, "by": "Mallory"}')
        writer.seal()
    keep(archive, with_digests(secret(), {picture("letter.jpg").url: digest}))
    keep(archive, secret(title="Renamed by Ms Ashdown"))
    keep(archive, poorer(secret()), origin=FEED)  # its line names what the part before it holds
    archive.close()
    template = tmp_path / "template"
    template.mkdir()
    shutil.move(archive.state.parent, template / "state")
    shutil.copytree(archive.root, template / "archive")
    return template


@pytest.mark.slow
@pytest.mark.parametrize(("how", "step"), [("power", 1), ("full", 7)])
def test_cut_off_at_any_call_it_is_whole_and_can_be_completed(template, tmp_path, how, step):
    """Before the decision nothing is changed; after it nobody sees the entries, and completing ends the same way."""
    decided = at = 0
    was_cut = True
    while was_cut:
        place = tmp_path / "try"
        problem = PowerCut() if how == "power" else OSError(errno.ENOSPC, "full")
        was_cut = cut_off(template, place, at, problem)
        with Archive.open(place / "archive", place / "state") as archive:
            wrong = [f for f in verify(archive, "deep").findings if f.code != purge.UNFINISHED]
            assert [f for f in wrong if not f.path.endswith("letter.jpg")] == [], at  # that one must go before its line
            assert (archive.by_key(secret().keys[0]) is None) == (archive.by_key(comment(12, "").keys[0]) is None)
            if archive.by_key(secret().keys[0]) is None:
                decided += 1
                purge.complete(archive)
                left = everything(archive.root)
                assert not [word for word in (b"Ashdown", b"Mallory", b"scanned letter") if word in left], at
                assert b"Well said" in left
                assert verify(archive, "deep").findings == ()
        if was_cut:
            shutil.rmtree(place)
            at += step
    assert decided > 50 / step


def test_a_full_disk_says_how_to_go_on(filled, shelf):
    """After the decision, what is left to do is one command."""
    planned = purge.plan(filled, [id_of(filled, secret().keys[0])])
    with filled.append(Origin("owner", "owner")) as writer:
        writer.redact(planned.entries[0].id, for_good=True)
        writer.seal()
    disk = Cut(4, OSError(errno.ENOSPC, "full"))
    disk.armed = True
    with pytest.raises(KeepfolioError) as full:
        purge.sweep(disk, filled.root)
    assert full.value.code == "disk-full"
    assert "keepfolio purge" in full.value.mend
    again = shelf.reopen(filled)
    assert purge.complete(again).swept.files > 0
    assert purge.complete(again).swept.parts == {}
    assert json.loads((min((again.root / "segments").iterdir()) / "data/run.json").read_text())["counts"]


def brought_together(here, there, *swept):
    """Let a synchronised folder do its work: what either has is there, what either replaced is not; and open it."""
    there.close()
    here.close()
    for name in segment.names(there.root / "segments"):
        if not (here.root / "segments" / name).exists():
            shutil.copytree(there.root / "segments" / name, here.root / "segments" / name)
    for name in {old for parts in swept for old in parts}:
        shutil.rmtree(here.root / "segments" / name, ignore_errors=True)


def test_two_machines_remove_something_from_one_part(shelf, tmp_path):
    """Each has its own part in the old one's place; a file that only a later line named goes from both."""
    here = shelf.create()
    data = b"the bytes of a letter" * 9
    with here.append(BLOG) as writer:
        digest = writer.add_file(io.BytesIO(data), name="letter.jpg")
        writer.put(post(1), raw_of(post(1)))
        writer.seal()
    letter = with_digests(secret(), {picture("letter.jpg").url: digest})
    keep(here, letter)
    keep(here, post(2))
    shutil.copytree(here.root, tmp_path / "there")
    there = Archive.open(tmp_path / "there", tmp_path / "state of there")
    mine = purge.purge(here, purge.plan(here, [id_of(here, "wordpress:b.org/post/1")])).swept.parts
    theirs = purge.purge(there, purge.plan(there, [id_of(there, letter.keys[0])])).swept.parts
    brought_together(here, there, mine, theirs)
    here = shelf.reopen(here)
    join(here)
    purge.complete(here)
    assert data not in everything(here.root)
    assert here.path_of(digest) is None
    assert verify(here, "deep").findings == ()
    assert [s.entry.title for s in here.entries()] == ["Post 2"]


@pytest.mark.parametrize("_", range(4))  # the names of the two parts are drawn, and their order decides
def test_what_is_needed_stays_when_two_machines_remove_something_from_one_part(shelf, tmp_path, _):
    """There a picture went with its post; here another post shows it by now."""
    here = shelf.create()
    data = b"a picture that two posts show" * 9
    with here.append(BLOG) as writer:
        digest = writer.add_file(io.BytesIO(data), name="letter.jpg")
        letter = with_digests(secret(), {picture("letter.jpg").url: digest})
        writer.put(post(1), raw_of(post(1)))
        writer.put(letter, raw_of(letter))
        writer.seal()
    shutil.copytree(here.root, tmp_path / "there")
    there = Archive.open(tmp_path / "there", tmp_path / "state of there")
    keep(here, with_digests(post(2, files=(picture("letter.jpg"),)), {picture("letter.jpg").url: digest}))
    mine = purge.purge(here, purge.plan(here, [id_of(here, "wordpress:b.org/post/1")])).swept.parts
    theirs = purge.purge(there, purge.plan(there, [id_of(there, letter.keys[0])])).swept.parts
    brought_together(here, there, mine, theirs)
    here = shelf.reopen(here)
    join(here)
    purge.complete(here)
    with here.read(digest) as file:
        assert file.read() == data
    assert verify(here, "deep").findings == ()
    bagit.write(here, tmp_path / "bag")


def test_a_part_that_was_replaced_elsewhere_stays_while_it_alone_has_what_is_needed(shelf, tmp_path):
    """There a picture went with its post; here another post shows it, and repair brings what was done there."""
    here = shelf.create()
    data = b"a picture that two posts show" * 9
    _, digest = keep_with_file(here, secret(), data)
    shutil.copytree(here.root, tmp_path / "there")
    keep(here, with_digests(post(2, files=(picture("letter.jpg"),)), {picture("letter.jpg").url: digest}))
    with Archive.open(tmp_path / "there", tmp_path / "state of there") as there:
        purge.purge(there, purge.plan(there, [id_of(there, "wordpress:b.org/post/7")]))
        copies.replicate(there, tmp_path / "copy")
    here.close()
    with copies.opened(tmp_path / "copy") as copy:
        repair(here.root, shelf.state, [copy])
    here = shelf.reopen(here)
    join(here)
    with here.read(digest) as file:
        assert file.read() == data
    purge.complete(here)
    with here.read(digest) as file:
        assert file.read() == data
    assert SECRET.encode() not in everything(here.root)
    assert verify(here, "deep").findings == ()
    assert purge.unfinished(here.root) == []
