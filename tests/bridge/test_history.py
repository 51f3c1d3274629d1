"""What happened and what changed: ``log``, ``diff``, and the earlier versions that ``show`` and ``restore`` give."""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.entry import Fidelity, Visibility
from archive.errors import ArchiveDamaged
from archive.store import Archive, Failure, Version
from bridge import history, owner
from bridge.cli import main
from bridge.workspace import Workspace
from tests.archive.make import BLOG, FEED, keep, keep_with_file, picture, post

CONFIG = """\
owner: Jane Example
language: en-GB
timezone: Europe/London
sources:
  blog: {type: wordpress-export, path: exports/blog.xml}
portfolio: {framework: cmalt, pathway: cmalt}
"""
TEXT = "<p>First.</p><h2>Done</h2><p>The quick brown fox ran to the <a href='https://x.org'>wood</a>.</p><p>Last.</p>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "jane"
    folder.mkdir(mode=0o700)
    (folder / "config.yaml").write_text(CONFIG)
    return folder


@pytest.fixture
def archive(folder: Path, tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(folder / "archive", tmp_path / "state" / "archives") as archive:
        yield archive


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def command(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(folder), *words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


@pytest.fixture
def versions(archive: Archive) -> Archive:
    """A post in three versions: other words and tags, then a picture."""
    changed = TEXT.replace("quick brown", "slow") + "<p>More.</p>"
    keep(archive, post(1, title="Draft", content_html=TEXT, status="draft", tags=("cpd",)))
    keep(archive, post(1, title="Fox", content_html=changed, tags=("cpd", "cmalt-1a")))
    keep_with_file(archive, post(1, title="Fox", content_html=changed, files=(picture(alt="A fox"),)), b"jpeg")
    return archive


def id_of(archive: Archive) -> str:
    stored = archive.by_key("guid:https://b.org/?p=1")
    assert stored is not None
    return stored.id


# --- log ----------------------------------------------------------------------------------------------------------


def about(run: str, ended: str, **counts: int) -> dict[str, object]:
    return {"run": run, "ended": ended, "origin": {"name": "blog", "type": "wordpress"}, "counts": counts}


def test_the_parts_of_one_run_are_one_line() -> None:
    """A long harvest seals several parts: their counts add up, and the newest run comes first."""
    parts = [
        history.run_of("a", "1", about("x", "2026-03-01T10:00:00Z", creation=500)),
        history.run_of("b", "2", about("x", "2026-03-01T10:05:00Z", creation=20, failure=1)),
        history.run_of("c", "3", about("y", "2026-03-02T10:00:00Z", update=1)),
    ]

    newest, first = history.runs(parts)

    assert newest.counts == {"changed": 1}
    assert (first.counts, first.parts) == ({"new": 520, "failed": 1}, (("a", "1"), ("b", "2")))
    assert first.time == datetime(2026, 3, 1, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "told", [{}, {"origin": [], "counts": 7, "ended": None}, {"ended": "soon", "counts": {"creation": "x"}}]
)
def test_a_part_that_tells_little_is_listed_by_its_name(told: dict[str, object]) -> None:
    """The time stands in the name of its folder, too."""
    run = history.run_of("000001-20260301T120004Z-blog-3f9a", "1", told)

    assert run.time == datetime(2026, 3, 1, 12, 0, 4, tzinfo=UTC)
    assert (run.source, dict(run.counts)) == ("", {})


def test_log_tells_what_was_added(run, archive: Archive, folder: Path) -> None:
    """One line for each run, newest first, in words and in JSON; -v adds ids that verify and a person can look up."""
    keep(archive, post(1), post(2))
    with archive.append(BLOG) as writer:
        writer.tombstone(id_of(archive), "404")
        writer.fail(Failure("blog", "photo.jpg", "the site answers 500"))
        writer.seal()
    owner.keep(archive, Workspace(folder))
    head = archive.head

    code, out, _ = run("log", "-v")
    rows = json.loads(run("log", "--json")[1])["runs"]

    assert code == 0
    lines = out.splitlines()
    assert re.search(rf"your own files +1 new +{head[:8]}$", lines[1])
    assert re.search(r"blog +1 deleted, 1 did not arrive", lines[2])
    assert re.search(r"blog +2 new", lines[3])
    assert head[:8] not in run("log")[1]
    assert [(r["source"], r["new"], r["deleted"], r["failed"]) for r in rows] == [
        ("workspace", 1, 0, 0), ("blog", 0, 1, 1), ("blog", 2, 0, 0),
    ]  # fmt: skip
    assert rows[0]["parts"][0]["id"] == head


def test_log_can_be_narrowed(run, archive: Archive) -> None:
    """--source names who brought it; --since is a day of the owner's calendar."""
    keep(archive, post(1))
    keep(archive, post(2), origin=FEED)

    assert [r["source"] for r in json.loads(run("log", "--source", "feed", "--json")[1])["runs"]] == ["feed"]
    assert len(json.loads(run("log", "--since", "2020-01-01", "--json")[1])["runs"]) == 2
    assert json.loads(run("log", "--since", "2999-01-01", "--json")[1])["runs"] == []
    assert run("log", "--since", "yesterday")[0] == 2


def test_since_begins_at_the_owners_midnight() -> None:
    """What was added at half past eleven in the evening before is not of that day."""
    part = history.run_of("a", "1", about("x", "2026-03-01T23:30:00Z"))

    assert history.runs([part], since=datetime.fromisoformat("2026-03-02T00:00:00+02:00"))
    assert not history.runs([part], since=datetime.fromisoformat("2026-03-02T00:00:00+00:00"))


def test_log_of_one_thing_tells_its_life(run, archive: Archive) -> None:
    """Each event with its version, source, words and reason, newest first; a new title is named."""
    keep(archive, post(1, title="Draft"))
    keep(archive, post(1, title="Fox"))
    with archive.append(BLOG) as writer:
        writer.tombstone(id_of(archive), "the site answers 404")
        writer.seal()
    keep(archive, post(1, title="Fox"))
    keep(archive, post(1, title="Fox"), origin=FEED)

    _, out, _ = run("log", "Fox")
    told = json.loads(run("log", id_of(archive), "--json")[1])

    order = [
        "more of it arrived",
        "there again",
        "deleted there, kept here (the site answers 404)",
        "“Fox”",
        "first kept",
    ]
    assert sorted(order, key=out.index) == order
    assert [(e["version"], e["event"]) for e in told["events"]] == [
        (2, "completion"), (2, "restoration"), (2, "deletion"), (2, "update"), (1, "creation"),
    ]  # fmt: skip
    assert [e["source"] for e in told["events"]] == ["feed", *["blog"] * 4]
    assert told["events"][2]["why"] == "the site answers 404"
    assert len(json.loads(run("log", "Fox", "--source", "feed", "--json")[1])["events"]) == 1


def test_an_event_of_a_later_keepfolio_keeps_its_name() -> None:
    version = Version(1, "blessing", datetime(2026, 1, 1, tzinfo=UTC), "blog", "x", "")

    assert history.events([version]) == ((version, "blessing"),)


@pytest.mark.damages
def test_log_names_a_run_that_cannot_be_read(run, archive: Archive) -> None:
    """The archive is opened with the index that is there; the file that does not tell its run is named: code 5."""
    keep(archive, post(1))
    [path] = (archive.root / "segments").glob("*/data/run.json")
    path.write_bytes(b"\xff")

    code, _, err = run("log")

    assert code == ArchiveDamaged.exit_code
    assert "run.json" in err
    assert "keepfolio verify" in err


# --- diff ---------------------------------------------------------------------------------------------------------


def test_the_versions_compared() -> None:
    """The newest with the one before; numbers may have gaps; two that are named come in the order of time."""
    assert history.chosen([1, 2, 3, 3], None, None) == (2, 3)
    assert history.chosen([1, 3], None, None) == (1, 3)
    assert history.chosen([1, 2, 3], 2, None) == (1, 2)
    assert history.chosen([1, 2, 3], 1, 3) == (1, 3)
    assert history.chosen([1, 2, 3], None, 1) == (1, 3)
    assert history.chosen([1], None, None) == (None, 1)


def test_diff_shows_facts_files_and_words(run, versions: Archive) -> None:
    """Title, status and tags before and after, a file by name and digest, and the very words that differ."""
    _, words, _ = run("diff", "Fox", "--version", "2")
    _, files, _ = run("diff", "Fox")

    assert "title:\n- Draft\n+ Fox\n" in words
    assert "status:\n- draft\n+ publish\n" in words
    assert "tags:\n- cpd\n+ cpd, cmalt-1a\n" in words
    assert "- The [-quick brown-] fox ran to the [wood](https://x.org).\n" in words
    assert "+ The {+slow+} fox ran to the [wood](https://x.org).\n" in words
    assert "  Last.\n+ More." in words
    assert re.search(r"files:\n\+ photo\.jpg \([0-9a-f]{8}\)", files)
    assert "text:" not in files


def test_diff_for_scripts(run, versions: Archive) -> None:
    """The text is a unified diff; two versions named in either order are one comparison."""
    told = json.loads(run("diff", "Fox", "--version", "1", "--with", "2", "--json")[1])

    assert told == json.loads(run("diff", "Fox", "--version", "2", "--json")[1])
    assert (told["from"], told["to"]) == (1, 2)
    assert {"field": "tags", "before": ["cpd"], "after": ["cpd", "cmalt-1a"]} in told["changes"]
    assert told["text"][0].startswith("@@ -1,4 +1,5 @@")
    assert "-The quick brown fox ran to the [wood](https://x.org)." in told["text"]
    assert "+More." in told["text"]
    [file] = json.loads(run("diff", "Fox", "--json")[1])["files"]
    assert (file["name"], file["change"], file["before"], len(file["after"])) == ("photo.jpg", "added", "", 64)


def test_a_file_with_other_bytes_or_words(run, archive: Archive) -> None:
    """The digest before and after, and an alternative text that was mended; a file that went is marked with -."""
    keep_with_file(archive, post(1, files=(picture(alt="Fox"), picture("old.jpg"))), b"one")
    keep_with_file(archive, post(1, title="x", files=(picture(alt="A red fox"),)), b"two")

    _, out, _ = run("diff", id_of(archive))

    assert "- photo.jpg, alt: Fox\n+ photo.jpg, alt: A red fox" in out
    assert re.search(r"- photo\.jpg, bytes: [0-9a-f]{8}\n\+ photo\.jpg, bytes: [0-9a-f]{8}", out)
    assert "- old.jpg (not held)" in out


def test_other_markup_is_no_other_text(run, archive: Archive) -> None:
    keep(archive, post(1, content_html="<p>Words.</p>"))
    keep(archive, post(1, content_html="<div><p>Words.</p></div>"))

    _, out, _ = run("diff", id_of(archive))

    assert "The words are the same" in out
    assert json.loads(run("diff", id_of(archive), "--json")[1])["markup_only"] is True


def test_own_files_are_compared_as_they_are(run, archive: Archive, folder: Path) -> None:
    """Markdown is no HTML: its lines are compared, blank ones and all."""
    place = folder / "portfolio/original/1a.md"
    place.parent.mkdir(parents=True)
    for words in ("## Done\n\n<b>this</b> thing\n", "## Done\n\n\n<b>that</b> thing\n"):
        place.write_text(words)
        owner.keep(archive, Workspace(folder))

    _, out, _ = run("diff", "portfolio/original/1a.md")

    assert "- <b>[-this-]</b> thing\n+ \n+ <b>{+that+}</b> thing" in out
    assert "files:" not in out


def test_own_files_that_are_no_text(run, archive: Archive, folder: Path) -> None:
    """A picture among the own files differs by its digest, and nothing of it reaches the terminal."""
    place = folder / "portfolio/original/me.png"
    place.parent.mkdir(parents=True)
    for data in (b"\x89PNG\x00one", b"\x89PNG\x00two"):
        place.write_bytes(data)
        owner.keep(archive, Workspace(folder))

    _, out, _ = run("diff", "portfolio/original/me.png")

    assert re.search(r"- me\.png, bytes: [0-9a-f]{8}", out)
    assert "text:" not in out
    assert "\x89" not in out


def test_a_first_version_has_nothing_to_be_compared_with(run, archive: Archive) -> None:
    """An answer, not a slip; in JSON ``from`` is null."""
    keep(archive, post(1))

    code, out, _ = run("diff", id_of(archive))

    assert (code, "nothing before version 1" in out) == (0, True)
    assert json.loads(run("diff", id_of(archive), "--json")[1])["from"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Missing argument 'ITEM'"),
        (("Fox", "--version", "9"), "no version 9; it has 1 to 3"),
        (("Fox", "--with", "9"), "no version 9"),
        (("Fox", "--version", "2", "--with", "2"), "one version, not two"),
        (("nothing of that name",), "Nothing held matches"),
    ],
)
def test_slips_are_told_in_words(run, versions: Archive, words: tuple[str, ...], said: str) -> None:
    code, out, err = run("diff", *words)

    assert (code, out) == (2, "")
    assert said in err


def test_harvested_words_do_not_steer_the_terminal(run, archive: Archive) -> None:
    """Escape sequences in a title, a tag or a text are words like others."""
    keep(archive, post(1, content_html="<p>a</p>"))
    keep(archive, post(1, title="\x1b[2Jx", tags=("\x1b]0;y\x07",), content_html="<p>b \x1b[31m</p>"))

    for command in ("diff", "log"):
        _, out, _ = run(command, id_of(archive))
        assert "\x1b" not in out
        assert "\x07" not in out


@pytest.mark.parametrize(("no_color", "coloured"), [(None, True), ("1", False)])
def test_colour_is_for_terminals(
    run, versions: Archive, monkeypatch: pytest.MonkeyPatch, no_color: str | None, coloured: bool
) -> None:
    """A terminal gets colours unless NO_COLOR; the marks are there in both, and a pipe gets plain text."""
    assert "\x1b[" not in run("diff", "Fox", "--version", "2")[1]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    else:
        monkeypatch.delenv("NO_COLOR", raising=False)

    _, out, _ = run("diff", "Fox", "--version", "2")

    assert ("\x1b[31m" in out) is coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", out)
    assert "[-quick brown-]" in plain
    assert "\n- [wood](https://x.org).\n" in plain, "a wrapped line has its mark in every row"
    assert max(map(len, plain.splitlines())) <= 40


lines = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30), max_size=12)


@given(lines, lines)
def test_every_row_is_a_line_of_its_side(before: list[str], after: list[str]) -> None:
    """Marks never change a text: rows with - are lines of the one before, with + of the other, in their order."""
    for mark, side in (("-", before), ("+", after)):
        rows = ["".join(text for text, _ in r.pieces) for r in history.rows(before, after) if r.mark in {mark, " "}]
        rest = iter(side)
        assert all(row in rest for row in rows)
    assert bool(list(history.rows(before, after))) == (before != after)


def test_lines_far_from_a_change_are_left_out() -> None:
    before = [str(n) for n in range(20)]
    after = [*before[:10], "new", *before[11:]]

    marks = [row.mark for row in history.rows(before, after)]

    assert marks == ["", " ", " ", "-", "+", " ", " ", ""]


def test_lines_that_have_nothing_in_common_differ_as_a_whole() -> None:
    rows = list(history.rows(["alpha beta gamma"], ["one two three four"]))

    assert [r.pieces for r in rows] == [(("alpha beta gamma", True),), (("one two three four", True),)]


def test_content_of_any_depth_can_be_read() -> None:
    """Ten thousand nested elements neither crash it nor lose the words."""
    assert "words" in history.readable("<div>" * 10_000 + "words" + "</div>" * 10_000)


def test_a_very_long_line_is_compared_as_a_whole() -> None:
    """A million characters without a break: no hunt for words."""
    one, other = "a " * 500_000, "a " * 499_999 + "b "

    assert [len(r.pieces) for r in history.rows([one], [other])] == [1, 1]


def test_what_is_no_text_is_not_compared() -> None:
    assert history.plain_text(b"\x00") is None
    assert history.plain_text(b"\xff") is None
    assert history.plain_text(b"x" * (history.LONGEST_TEXT + 1)) is None
    assert history.plain_text("naïve".encode()) == "naïve"


# --- earlier versions: show and restore ---------------------------------------------------------------------------


def test_earlier_versions_are_shown_whole(run, versions: Archive) -> None:
    """Facts, words and raw bytes of each version, by its number."""
    for number, title in ((1, "Draft"), (2, "Fox"), (3, "Fox")):
        told = json.loads(run("show", id_of(versions), "--version", str(number), "--json")[1])
        assert (told["title"], told["files"]) == (title, 1 if number == 3 else 0)
        assert ("quick brown" in told["content_html"]) is (number == 1)
    assert '"title": "Draft"' in run_raw(run, id_of(versions), "1")


def run_raw(run, item: str, number: str) -> str:
    """Return what ``show --raw`` prints; bytes go past the captured text."""
    out = SimpleNamespace(data=b"")
    written = sys.stdout.buffer.write
    sys.stdout.buffer.write = lambda data: setattr(out, "data", out.data + data)  # type: ignore[method-assign]
    try:
        run("show", item, "--version", number, "--raw")
    finally:
        sys.stdout.buffer.write = written  # type: ignore[method-assign]
    return out.data.decode()


def test_a_version_that_was_completed_later_comes_whole(run, archive: Archive, tmp_path: Path) -> None:
    """A file that arrived late belongs to its version: shown and given back with it, also after the next version."""
    keep(archive, post(1, title="One", files=(picture(),)))
    _, digest = keep_with_file(archive, post(1, title="One", files=(picture(),)), b"late bytes")
    keep(archive, post(1, title="Two"))

    told = json.loads(run("show", "Two", "--version", "1", "--json")[1])
    code, _, _ = run("restore", "Two", "--version", "1", "--out", str(tmp_path / "out"))

    assert (told["title"], told["sha256"], code) == ("One", [digest], 0)
    given = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    assert given == {"photo.jpg": b"late bytes", "one.html": post(1).content_html.encode()}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "out").iterdir()} == {0o600}


def test_what_the_source_deleted_is_given_back(run, archive: Archive, tmp_path: Path) -> None:
    """Deleted there, held here: every version is shown, compared and restored as before."""
    keep(archive, post(1, title="One"))
    keep(archive, post(1, title="Two", content_html="<p>other</p>"))
    with archive.append(BLOG) as writer:
        writer.tombstone(id_of(archive), "404")
        writer.seal()

    told = json.loads(run("show", id_of(archive), "--json")[1])
    run("restore", id_of(archive), "--version", "1", "--out", str(tmp_path / "out"))

    assert (told["deleted"], told["title"]) == (True, "Two")
    assert json.loads(run("diff", id_of(archive), "--json")[1])["changes"][0]["field"] == "title"
    assert (tmp_path / "out/one.html").read_bytes() == post(1).content_html.encode()


def test_an_own_file_is_given_back_as_it_was(run, archive: Archive, folder: Path, tmp_path: Path) -> None:
    place = folder / "portfolio/original/1a.md"
    place.parent.mkdir(parents=True)
    for words in ("one\n", "two\n"):
        place.write_text(words)
        owner.keep(archive, Workspace(folder))

    code, _, _ = run("restore", "portfolio/original/1a.md", "--version", "1", "--out", str(tmp_path / "out"))

    assert code == 0
    assert (tmp_path / "out/1a.md").read_text() == "one\n"
    assert place.read_text() == "two\n"


def test_two_that_turned_out_to_be_one(run, archive: Archive) -> None:
    """Either id finds it; what happened to both is its history, and each version is found under the id of its time."""
    feed, blog = ("guid:x",), ("wordpress:b.org/post/1",)
    keep(archive, post(1, keys=feed, title="Teaser", fidelity=Fidelity.FEED), origin=FEED)
    keep(archive, post(1, keys=blog, title="Whole"))
    keep(archive, post(1, keys=blog, title="Whole and mended", content_html="<p>mended</p>"))
    ids = [archive.by_key(key).id for key in (*feed, *blog)]  # type: ignore[union-attr]
    keep(archive, post(1, keys=feed + blog, title="Whole and newer"))

    for item in ids:
        told = json.loads(run("show", item, "--json")[1])
        events = json.loads(run("log", item, "--json")[1])["events"]
        compared = json.loads(run("diff", item, "--with", "1", "--json")[1])

        assert (told["id"], told["title"], sorted(told["seen_by"])) == (ids[0], "Whole and newer", ["blog", "feed"])
        assert [e["title"] for e in events] == ["Whole and newer", "Whole and mended", "Whole", "Teaser"]
        assert {"field": "title", "before": "Teaser", "after": "Whole and newer"} in compared["changes"]
    assert archive.version(ids[1], 2).entry.content_html == "<p>mended</p>"
    assert archive.version(ids[1], 2).id == ids[0]


def test_a_visibility_that_changed_is_a_change(run, archive: Archive) -> None:
    keep(archive, post(1, visibility=Visibility.PUBLIC))
    keep(archive, post(1, visibility=Visibility.PRIVATE))

    assert "visibility:\n- public\n+ private" in run("diff", id_of(archive))[1]
