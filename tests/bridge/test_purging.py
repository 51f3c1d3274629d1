"""What an owner has removed is gone from everything within reach; what is not is said."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
import requests
from PIL import Image

from archive import segment
from archive.entry import Entry, MediaFile, Visibility
from archive.errors import ArchiveDamaged, NeedsOwner, UsageError
from archive.forget import purge as purges
from archive.identity import Change
from archive.values import Origin
from bridge import cli, copies, demo, items, publishing, purging, runs
from bridge.browse import site
from bridge.building import build, write
from bridge.cli import main
from bridge.outfolder import MARK
from bridge.session import Session
from bridge.workspace import state_root
from tests.bridge.test_commands import Silent
from tests.publish.folder import Folder
from tests.servers.site import Site

Run = Callable[..., tuple[int, str, str]]
TITLE = "Ms Ashdown's appraisal"
WORDS = (b"ashdown", b"appraisal", b"verbatim")


def picture_of(number: int) -> bytes:
    """A picture large enough to be reduced, and unlike the others."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((1800 + number, 900)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def entry(number: int, title: str, *names: str, **more: object) -> Entry:
    files = tuple(MediaFile(name=n, url=f"https://b.org/up/{n}", media_type="image/jpeg", alt="A form") for n in names)
    values = {
        "keys": (f"guid:https://b.org/?p={number}",),
        "kind": "post",
        "native_id": str(number),
        "title": title,
        "url": f"https://b.org/{number}/",
        "status": "private",
        "content_html": f"<p>{'Verbatim' if number == 7 else 'Text'}.</p>"
        + "".join(f'<img src="{file.url}" alt="A form">' for file in files),
        "files": files,
    }
    return Entry(**{**values, **more})  # type: ignore[arg-type]


SECRET = entry(7, TITLE, "appraisal.jpg", url="https://b.org/appraisal/")
OTHER = entry(8, "A workshop on captions", "workshop.jpg")
COMMENT = entry(
    9, "Mallory Keane", kind="comment", creator="Mallory Keane", author="others", parent=SECRET.keys[0],
    keys=("wordpress:b.org/comment/9",),
)  # fmt: skip


@dataclass
class Jane(Folder):
    """An owner with something that must go, something beside it, and somebody's comment."""

    secret: str = ""
    other: str = ""


@pytest.fixture
def jane(tmp_path: Path) -> Jane:
    folder = Jane(tmp_path / "jane")
    pictures = {"appraisal.jpg": picture_of(1), "workshop.jpg": picture_of(2)}
    folder.secret, folder.other, _ = folder.hold(SECRET, OTHER, COMMENT, files=pictures)
    return folder


@pytest.fixture
def run(jane: Jane, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setitem(cli.COMMANDS, "purge", ("bridge.cli.purge:purge", "Remove something for good."))

    def command(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(jane.root), *words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


def published(jane: Jane) -> Path:
    """Put both pictures on the page of a folder that strangers might see; return where the files are."""
    ready(jane)
    jane.publish()
    return jane.root / "site" / "files"


def ready(jane: Jane) -> None:
    """Cite both, and let strangers see them."""
    jane.mark(jane.secret, "public")
    jane.mark(jane.other, "public")
    jane.write("1a", "I ran it.", evidence=[jane.secret, jane.other])


def removed(session: Session, some_id: str, **options: bool) -> purging.Report:
    return purging.carry_out(session, purging.propose(session, [some_id], **options))


def holding(folder: Path, words: tuple[bytes, ...] = WORDS) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(str(p) for p in files if any(w in p.read_bytes().lower() + str(p).lower().encode() for w in words))


def test_nothing_of_it_is_left_on_this_computer(jane: Jane) -> None:
    """Archive, index, memory, list numbers, previews, reduced pictures, pages for reading: every byte is looked at."""
    session = jane.session()
    session.archive.remember("blog", stamps={SECRET.keys[0]: "2024"})
    jane.write("1a", "I ran it.", evidence=[jane.secret])
    jane.mark(jane.secret, "public")
    _, built = build(jane.desk(), Visibility.PUBLIC)
    write(built, jane.root / "build" / "public")
    items.remember_list(session.workspace, [jane.secret])
    site.browse(session)
    spool = session.workspace.state / "spool" / "blog"
    spool.mkdir(parents=True)
    (spool / "appraisal.html").write_text(TITLE)
    (jane.root / "portfolio" / "original" / "1a.md").unlink()

    report = removed(session, jane.secret)

    assert (report.ok, report.leftovers, report.mentions) == (True, [], [])
    session.archive.close()
    assert holding(jane.root / "archive") == []
    assert holding(jane.root) == []
    assert holding(state_root()) == []
    [comment] = jane.session().archive.entries(kind="comment")
    assert comment.entry.parent == SECRET.keys[0]  # another's words stay as they are, their place included


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_with_nothing_to_remove_nothing_is_touched(jane: Jane, run: Run, tmp_path: Path) -> None:
    """Not previews, not the pages for reading, not a copy; and nothing is said to be gone, or proved."""
    session = jane.session()
    copies.replicate(session, tmp_path / "copy")
    site.browse(session)
    write(build(jane.desk(), Visibility.PUBLIC)[1], jane.root / "build" / "public")
    (jane.root / "build" / "mine.txt").write_text("mine")
    session.archive.close()
    before, copied = everything(jane.root), everything(tmp_path / "copy")

    code, out, _ = run("purge")

    assert (code, out.strip()) == (
        0,
        "Nothing was ever removed for good, so there is nothing to do. Nothing was touched.",
    )
    assert everything(jane.root) == before
    assert everything(tmp_path / "copy") == copied


def test_what_keepfolio_did_not_make_stays(jane: Jane) -> None:
    """In build/, in a preview, and in the folder of the pages for reading; what went is said by name."""
    session = jane.session()
    site.browse(session)
    preview = jane.root / "build" / "public"
    jane.mark(jane.secret, "public")
    jane.mark(jane.other, "public")
    jane.write("1a", "I ran it.", evidence=[jane.secret, jane.other])
    write(build(jane.desk(), Visibility.PUBLIC)[1], preview)
    cached = len(list((jane.root / "build" / ".cache").iterdir()))
    mine = [jane.root / "build" / "mine.txt", preview / "mine.txt", jane.root / "archive" / "browse" / "mine.txt"]
    for file in mine:
        file.write_text("mine")

    report = removed(session, jane.secret)

    assert [file.read_text() for file in mine] == ["mine"] * 3
    assert list(preview.iterdir()) == [preview / "mine.txt"]
    assert len(list((jane.root / "build" / ".cache").iterdir())) == cached / 2
    assert [what.partition(" (")[0] for what in report.removed_here] == [
        "the pages for reading in archive/browse",
        "the preview in build/public",
        "1 reduced picture",
    ]


def test_what_was_made_after_a_removal_stays(jane: Jane) -> None:
    """It cannot show what was removed before."""
    session = jane.session()
    removed(session, jane.secret)
    preview = jane.root / "build" / "public"
    write(build(jane.desk(), Visibility.PUBLIC)[1], preview)
    later = (preview / MARK).stat().st_mtime + 60
    os.utime(preview / MARK, (later, later))

    assert purging.complete(session).removed_here == []
    assert (preview / "index.html").is_file()


def test_a_page_published_into_the_build_folder_is_published(jane: Jane) -> None:
    """Its files go by their receipts, the rest of it stays, and it is said that the page still names it."""
    config = jane.root / "config.yaml"
    jane.session()
    config.write_text(config.read_text().replace("path: site", "path: build/site"))
    ready(jane)
    jane.publish()
    folder = jane.root / "build" / "site"
    page = (folder / "index.html").read_bytes()

    report = removed(jane.session(), jane.secret)

    assert (folder / "index.html").read_bytes() == page
    assert [p.name.rpartition("-")[2] for p in (folder / "files").iterdir()] == ["workshop.jpg"]
    assert [target for target, _ in report.withdrawn] == ["preview"]
    assert [target for target, _ in report.pages] == ["preview"]


def test_what_will_have_a_gap_is_named_before(jane: Jane) -> None:
    """A post that shows the picture of another one, in a smaller size."""
    jane.hold(entry(13, "On forms", content_html='<img src="https://b.org/up/appraisal-300x150.jpg">'))
    assert purging.propose(jane.session(), [jane.secret]).gaps == ("On forms",)


def test_a_comment_is_called_by_whose_it_is(jane: Jane, run: Run) -> None:
    jane.hold(replace(COMMENT, keys=("c:14",), title=""))
    assert f"Mallory Keane on “{TITLE}”" in run("purge", "--by", "Mallory Keane", "--dry-run")[1]


def test_earlier_pages_that_would_go_are_listed(jane: Jane, run: Run) -> None:
    published(jane)
    session = jane.session()
    removed(session, jane.secret)
    session.archive.close()
    jane.write("1a", "I ran it.", evidence=[jane.other])
    jane.publish()

    _, out, _ = run("purge", "--releases", "--dry-run")

    assert "These earlier versions of your page would go:" in out


def test_it_is_not_taken_from_its_source_again(jane: Jane) -> None:
    session = jane.session()
    removed(session, jane.secret)

    with session.archive.append(Origin("blog", "wordpress")) as writer:
        assert writer.put(SECRET, b"{}") is Change.FORGOTTEN
        assert writer.seal() is None


def test_a_harvest_of_a_source_that_still_has_it_keeps_nothing(tmp_path: Path) -> None:
    """Not its text, not its files, and not even its address in what is remembered of sources; all else is known."""
    session = Session(demo.prepare(tmp_path / "rowan"))
    harvest = partial(runs.harvest_all, session, ["blog"], progress=Silent, stop=lambda: False)
    harvest()
    stored = items.find(session.archive, session.workspace, "What 214 PDFs taught me")
    words = stored.entry.content_html.partition("<p>")[2][:40].lower().encode()
    assert len(holding(tmp_path / "rowan" / "archive", (words,))) == 2
    removed(session, stored.id)
    before = sorted((tmp_path / "rowan" / "archive" / "segments").rglob("*"))

    [report] = harvest(full=True)

    assert (report.created, report.updated, report.failed, report.forgotten) == (0, 0, [], 1)
    assert (report.segments, report.missing) == ([], [])
    assert sorted((tmp_path / "rowan" / "archive" / "segments").rglob("*")) == before
    session.archive.close()
    assert holding(tmp_path / "rowan" / "archive", (words,)) == []
    keys = tuple(key.encode().lower() for key in stored.entry.keys)
    assert not [path for path in holding(state_root(), keys) if "memory" in path]


def test_files_of_it_are_taken_down_and_others_stay(jane: Jane) -> None:
    """The upload is deleted at the target; the page that names it is the owner's to publish anew, and that is said."""
    files = published(jane)
    assert len(list(files.iterdir())) == 2
    session = jane.session()

    report = removed(session, jane.secret)

    assert [p.name.partition("-")[2].partition("-")[2] for p in files.iterdir()] == ["workshop.jpg"]
    assert [target for target, _ in report.withdrawn] == ["preview"]
    assert [target for target, _ in report.pages] == ["preview"]
    session.archive.close()
    assert [(s.do, s.kind) for s in jane.plan().plan.actions] == [("update", "page")]


def test_the_plan_says_what_is_taken_down_and_changes_nothing(jane: Jane) -> None:
    files = published(jane)
    before = sorted((p, p.stat().st_mtime_ns) for p in jane.root.rglob("*") if p.is_file())
    session = jane.session()

    [withdrawal] = purging.propose(session, [jane.secret]).withdrawals

    [address] = withdrawal.addresses
    assert (files / address.rpartition("/")[2]).is_file()
    assert sorted((p, p.stat().st_mtime_ns) for p in jane.root.rglob("*") if p.is_file()) == before


def test_earlier_versions_of_the_page_go_when_asked(jane: Jane) -> None:
    """What a target shows now stays until another was published; then all that showed it can go, by one command."""
    published(jane)
    session = jane.session()
    kept = removed(session, jane.secret, with_releases=True)
    assert [one.live_at for one in kept.releases_left] == [("preview",)]
    session.archive.close()
    jane.write("1a", "I ran it.", evidence=[jane.other])
    jane.publish()
    session = jane.session()

    report = purging.complete(session, with_releases=True)

    assert (report.ok, report.releases_left) == (True, [])
    session.archive.close()
    left = holding(jane.root / "archive", (b"ashdown", b"verbatim"))
    assert left == []
    assert jane.plan().plan.actions == ()


def test_earlier_versions_are_named_when_they_stay(jane: Jane) -> None:
    published(jane)

    report = removed(jane.session(), jane.secret)

    assert [one.title for one in report.releases_left] != []
    assert report.leftovers == []  # what a sealed page holds is a mention, not a failure


def test_the_owners_files_are_named_and_never_edited(jane: Jane) -> None:
    jane.write("1a", f"As {TITLE} shows.", evidence=[jane.secret])
    section = jane.root / "portfolio" / "original" / "1a.md"
    before = section.read_bytes()

    report = removed(jane.session(), jane.secret)

    assert report.own_files == ["portfolio/original/1a.md"]
    assert section.read_bytes() == before
    assert report.ok


def test_who_mentions_it_is_named(jane: Jane) -> None:
    jane.hold(entry(10, "Looking back", content_html=f"<p>I thought of {TITLE}.</p>"))

    report = removed(jane.session(), jane.secret)

    assert {title for _, title in report.mentions} == {"Looking back"}
    assert report.ok


def test_what_belongs_to_it_is_named_before(jane: Jane) -> None:
    """A comment on a post is somebody else's, and an entry of its own."""
    proposal = purging.propose(jane.session(), [jane.secret])
    assert [one.kind for one in proposal.belonging] == ["comment"]


def test_a_person_can_be_forgotten_by_name(jane: Jane) -> None:
    """Exactly that name, and only what other people wrote."""
    jane.hold(entry(11, "By me", creator="Mallory Keane"), replace(COMMENT, keys=("c:12",), creator="Mallory Keaney"))
    archive = jane.session().archive

    assert [s.entry.keys for s in purging.by_creator(archive, "Mallory Keane")] == [COMMENT.keys]
    with pytest.raises(UsageError):
        purging.by_creator(archive, "Nobody")


def test_what_is_published_now_is_not_removed_under_it(jane: Jane) -> None:
    """The record of a page that stands is what lets its owner take it down."""
    published(jane)
    session = jane.session()
    records = [s.id for kind in ("receipt", "release") for s in session.archive.entries(kind=kind)]
    assert len(records) == 4  # a page, two files, and the release

    for one in records:
        with pytest.raises(NeedsOwner) as refused:
            purging.propose(session, [one])
        assert refused.value.code == "published-now"


def test_a_target_that_cannot_be_asked_is_said_and_the_rest_is_done(jane: Jane) -> None:
    published(jane)
    session = jane.session()
    session.archive.remember("target:preview", parked="the password was refused")

    report = removed(session, jane.secret)

    assert [("preview" in one.what, "refused" in one.why) for one in report.not_reached] == [(True, True)]
    assert session.archive.entry(jane.secret) is None
    assert not report.ok


@pytest.mark.damages
def test_a_damaged_archive_is_refused_before_anything_is_taken_down(jane: Jane) -> None:
    files = published(jane)
    session = jane.session()
    proposal = purging.propose(session, [jane.secret])
    raw = next((jane.root / "archive" / "segments").glob("*/data/posts/*/*captions*.json"))
    raw.write_bytes(b"[]")

    with pytest.raises(ArchiveDamaged):
        purging.carry_out(session, proposal)

    assert len(list(files.iterdir())) == 2


def test_what_was_cut_off_is_ended_by_the_bare_command(jane: Jane, run: Run) -> None:
    """The decision was sealed, and then the power went."""
    session = jane.session()
    with session.archive.append(purges.ORIGIN) as writer:
        writer.redact(jane.secret, for_good=True)
        writer.seal()
    session.archive.close()
    assert json.loads(run("--json", "purge", "--dry-run")[1])["parts"] == 1

    code, out, _ = run("purge")

    assert code == 0
    assert "Proved" in out
    assert holding(jane.root / "archive") == []
    assert json.loads(run("--json", "purge", "--dry-run")[1])["parts"] == 0


def test_copies_within_reach_lose_it_too(jane: Jane, tmp_path: Path) -> None:
    """A folder and ZIP files; a copy whose disk is away is named, and reached by the bare command later."""
    session = jane.session()
    folder, zips, away = tmp_path / "folder", tmp_path / "zips", tmp_path / "disk" / "copy"
    away.parent.mkdir()
    copies.replicate(session, folder)
    copies.replicate(session, zips, form="zip")
    copies.replicate(session, away)
    away.parent.rename(tmp_path / "unplugged")

    report = removed(session, jane.secret)

    assert report.copies == [str(folder), str(zips)]
    assert [str(away) in one.what for one in report.not_reached] == [True]
    assert holding(folder) == []
    for place in (folder, zips):
        with copies.opened(place) as copy:
            assert copy.names() == segment.names(jane.root / "archive" / "segments")
    (tmp_path / "unplugged").rename(away.parent)
    assert holding(away) != []
    report = purging.complete(session)
    assert (report.ok, str(away) in report.copies, holding(away)) == (True, True, [])


@pytest.mark.server
def test_a_file_on_a_real_wordpress_answers_no_stranger_any_more(
    jane: Jane, empty_wordpress: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uploading was publishing: after the removal its address is gone, and the other picture's still answers."""
    monkeypatch.setenv("KEEPFOLIO_PREVIEW_PASSWORD", empty_wordpress.password("admin"))
    (jane.root / "config.yaml").write_text(
        "owner: Jane Example\ntimezone: Europe/London\ntargets:\n  preview: {type: wordpress, "
        f'url: "{empty_wordpress.url}", user: admin, page: purged, status: publish}}\n'
    )
    ready(jane)
    session = jane.session()
    prepared = publishing.prepare(session, "preview")
    publishing.carry_out(prepared, approved=True, waived={finding.code for finding in prepared.unready})
    [withdrawal] = purging.propose(session, [jane.secret]).withdrawals
    [gone] = withdrawal.addresses
    [stays] = {r.url for r in withdrawal.agreed.values() if r.kind == "file"} - {gone}
    assert [requests.get(url, timeout=30).status_code for url in (gone, stays)] == [200, 200]

    report = removed(session, jane.secret)

    assert [url for _, url in report.withdrawn] == [gone]
    assert [requests.get(url, timeout=30).status_code for url in (gone, stays)] == [404, 200]
    [(target, page)] = report.pages
    assert target == "preview"
    assert requests.get(page, timeout=30).status_code == 200


# --- the command ----------------------------------------------------------------------------------------------------


def test_without_a_person_nothing_is_removed(jane: Jane, run: Run) -> None:
    before = sorted((jane.root / "archive" / "segments").rglob("*"))

    code, _, err = run("purge", TITLE)

    assert (code, "--yes" in err) == (4, True)
    assert sorted((jane.root / "archive" / "segments").rglob("*")) == before


@pytest.mark.parametrize(("answer", "code"), [("y", 4), ("", 4), ("remove", 0)])
def test_a_person_types_a_word(jane: Jane, run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    """One key is too few for what cannot be undone."""
    monkeypatch.setattr("bridge.cli.purge.interactive", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))

    ended, _, err = run("purge", TITLE)

    assert ended == code
    assert "This would be removed for good" in err
    assert bool(holding(jane.root / "archive")) == bool(code)


def test_what_is_shown_first_and_what_is_done(jane: Jane, run: Run) -> None:
    published(jane)

    _, before, _ = run("--json", "purge", TITLE, "--dry-run")
    code, after, _ = run("--json", "purge", TITLE, "--yes", "--why", "she asked")

    told, done = json.loads(before), json.loads(after)
    assert told["dry_run"]
    assert [e["title"] for e in told["entries"]] == [TITLE]
    assert told["withdrawn"] == done["withdrawn"]
    assert (code, done["ok"], done["leftovers"], done["dry_run"]) == (0, True, [], False)
    assert done["elsewhere"]
    code, out, _ = run("--json", "purge", "--list")
    assert [(one["kind"], one["why"]) for one in json.loads(out)["removed"]] == [("post", "she asked")]
    assert run("purge", "--list")[1].startswith("20")


def test_words_for_a_person_hold_no_inner_ones(jane: Jane, run: Run) -> None:
    """Said are page, files and what is left to do; with commands that work."""
    published(jane)
    _, before, _ = run("purge", TITLE, "--dry-run")
    _, after, _ = run("purge", TITLE, "--yes")

    assert "Taken down at preview" in before
    assert "Taken down at preview" in after
    assert "Run: keepfolio publish preview" in after
    assert "What keepfolio cannot reach" in after
    for word in ("segment", "tombstone", "manifest", "redact", "bag "):
        assert word not in (before + after).replace("manifest-sha256", "")


def test_by_name(jane: Jane, run: Run) -> None:
    code, out, _ = run("--json", "purge", "--by", "Mallory Keane", "--yes")

    assert (code, [e["kind"] for e in json.loads(out)["entries"]]) == (0, ["comment"])
    assert holding(jane.root, (b"mallory",)) == []
    assert run("purge", "--by", "Mallory Keane", "--yes")[0] == 2


def test_what_was_removed_can_be_let_in_again(jane: Jane, run: Run) -> None:
    run("purge", TITLE, "--yes")
    [one] = json.loads(run("--json", "purge", "--list")[1])["removed"]

    assert run("purge", "--readmit", one["id"])[0] == 0
    assert run("purge", "--readmit", one["id"])[0] == 2
    assert run("purge", "--list")[1].strip() == "Nothing was removed for good."
    jane.hold(replace(SECRET, files=()))
    assert holding(jane.root / "archive") != []


@pytest.mark.parametrize(
    "words", [("--list", TITLE), ("--readmit", "x", "--list"), ("--by", "Nobody"), ("nothing such",)]
)
def test_slips_change_nothing(jane: Jane, run: Run, words: tuple[str, ...]) -> None:
    before = sorted((jane.root / "archive").rglob("*"))
    assert run("purge", *words)[0] == 2
    assert sorted((jane.root / "archive").rglob("*")) == before


def test_an_earlier_version_that_shows_it_is_not_published_again(jane: Jane) -> None:
    """Rolling back would upload its picture anew: refused, and named is what removes that version as well."""
    published(jane)
    jane.write("1a", "Other words.", evidence=[jane.other])
    jane.publish()
    session = jane.session()
    removed(session, jane.secret)

    with pytest.raises(NeedsOwner) as refused:
        publishing.prepare(session, "preview", release=publishing.earlier_release(session, "preview", ""))

    assert refused.value.code == "removed-since"
