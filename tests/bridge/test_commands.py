"""What a person reads and what a script gets, on the sample: commands run as they are, in this process."""

from __future__ import annotations

import json
import logging
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import click
import pytest

from archive.errors import KeepfolioError
from archive.store import Failure
from bridge import demo, runs, views
from bridge.cli import common, main
from bridge.session import Session

Run = Callable[..., tuple[int, str, str]]


class Silent:
    """A harvest that nobody watches."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "rowan"
    session = Session(demo.prepare(folder))
    runs.harvest_all(session, ["blog"], progress=Silent, stop=lambda: False)
    return folder


@pytest.fixture
def folder(harvested: Path, tmp_path: Path) -> Path:
    return shutil.copytree(harvested, tmp_path / "rowan ashby")


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(folder), *words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


def test_citing_again_says_so(run: Run, folder: Path) -> None:
    """Without --why nothing changes, and "already cited" is said; sections are known in any case."""
    run("cite", "2A", "What 214 PDFs taught me", "--why", "my own line")
    before = (folder / "portfolio/original/2a.md").read_text()

    code, out, _ = run("cite", "2a", "What 214 PDFs taught me")

    assert (code, out.startswith("Already cited for 2a")) == (0, True)
    assert (folder / "portfolio/original/2a.md").read_text() == before


def test_what_is_private_has_the_safe_mend_first(run: Run) -> None:
    """Citing something else comes before opening it; marking it public says that its text will stand on the page."""
    _, cited, _ = run("cite", "2a", "After the meeting")
    _, gaps, _ = run("gaps")
    _, marked, _ = run("mark", "After the meeting", "public")

    assert cited.index("--remove") < cited.index("mark")
    assert re.search(r'cite 2a "After the meeting" --remove.*mark', gaps)
    assert re.search(r"take its tag away.*mark", gaps)
    assert "will stand on the page for everybody" in marked


def test_others_words_are_neither_cited_nor_opened(run: Run) -> None:
    """A comment is refused at once, by cite and by mark; closing it and taking a citation back stay possible."""
    comment = json.loads(run("--json", "list", "--kind", "comment")[1])["entries"][0]["id"]

    for words in (("cite", "2a", comment), ("mark", comment, "public")):
        code, _, err = run(*words)
        assert (code, "is not evidence" in err, "Nothing was changed" in err) == (2, True, True)
    assert run("mark", comment, "private")[0] == 0
    assert "does not cite this item" in run("cite", "2a", comment, "--remove")[2]


def test_a_restored_file_has_its_own_name(run: Run, tmp_path: Path) -> None:
    """A second time it is numbered; folders and files are their owner's alone."""
    out = tmp_path / "new" / "folder"
    item = next(e for e in json.loads(run("--json", "list", "--kind", "media")[1])["entries"] if "PDF" in e["title"])

    codes = [run("restore", item["id"], "--out", str(out))[0] for _ in range(2)]

    assert codes == [0, 0]
    assert sorted(p.name for p in out.iterdir()) == ["pdf-audit-results-2.png", "pdf-audit-results.png"]
    assert {stat.S_IMODE(p.stat().st_mode) for p in (out, out.parent)} == {0o700}


@pytest.mark.parametrize("words", [("show",), ("restore", "--out", "x")])
def test_a_version_that_is_not_there(run: Run, words: tuple[str, ...]) -> None:
    """It is a slip of the person, told in words with what there is."""
    code, _, err = run(*words, "What 214 PDFs taught me", "--version", "9")

    assert code == 2
    assert "has no version 9; it has only one" in err


def test_a_connection_can_be_seen_and_undone(run: Run) -> None:
    """``map`` says what a tag does where, warns of a tag that nothing carries, and takes a connection back."""
    assert "suggests for 1b: 8 items" in run("map", "moodle", "1B")[1]
    assert "cites for 3a: 8 items" in run("map", "moodle", "3a", "--cites")[1]
    assert "3a cites, 1b suggests" in run("map", "Moodle")[1]
    assert re.search(r"Moodle +8 +3a cites, 1b suggests", run("map")[1])
    assert "nothing that is held carries" in run("map", "nosuch", "2b")[1]
    assert run("map", "MOODLE", "3a", "--remove")[0] == 0
    assert "Moodle” (8 items): 1b suggests" in run("map", "Moodle")[1]
    assert run("map", "Moodle", "3a", "--remove")[0] == 2


def test_a_suggestion_is_shown_where_something_is_cited_already(run: Run) -> None:
    """More of the same is a note: nothing is missing there."""
    run("map", "copyright", "2a")

    found = json.loads(run("--json", "gaps")[1])["findings"]

    [note] = [f for f in found if f["code"] == "suggested"]
    assert (note["section"], note["severity"]) == ("2a", "note")
    assert "Copyright without tears" in note["mend"]


@pytest.mark.parametrize("words", [("list", "--nonsense"), ("nonsense",), ("cite", "--json"), ("accept", "zzz")])
@pytest.mark.parametrize("first", [True, False])
def test_a_script_gets_json_for_a_slip(run: Run, words: tuple[str, ...], first: bool) -> None:
    """--json counts wherever it stands, also where the rest of the line cannot be understood."""
    rest = [word for word in words if word != "--json"]

    code, out, _ = run(*(("--json", *rest) if first else (*rest, "--json")))

    assert code == 2
    assert json.loads(out)["ok"] is False


def test_a_kind_that_nothing_has(run: Run) -> None:
    """A list without a hit is an answer, not a slip."""
    assert run("--json", "list", "--kind", "nonsense")[:2] == (0, '{\n  "entries": []\n}\n')


def test_a_list_is_for_people(run: Run, folder: Path) -> None:
    """Comments are named by who said it where, the site's own words are said in ours, and terms stay away unasked."""
    _, out, _ = run("list")

    assert "Marek on “Moodle quizzes" in out
    assert "29 Nov 2023" in out
    assert "in the bin" in out
    assert "waits for approval" in out
    assert not re.search(r"inherit|trash|\bhold\b|\bterm\b|2023-11", out)
    assert re.search(r"\bterm\b", run("list", "--kind", "term")[1])
    kinds = {e["kind"] for e in json.loads(run("--json", "list")[1])["entries"]}
    assert "term" in kinds


def test_a_shown_file_can_be_opened(run: Run, folder: Path) -> None:
    """Its path starts from the workspace."""
    _, out, _ = run("show", "PDF audit results")

    [path] = re.findall(r"archive/segments/\S+", out)
    assert (folder / path).is_file()


def test_a_section_with_a_mark_has_a_gap(run: Run, folder: Path) -> None:
    """No gap is "written", never "complete"; a [TO DO] is a gap."""
    _, before, _ = run("status")
    path = folder / "portfolio/original/1a.md"
    path.write_text(path.read_text() + "\n\n[TO DO] the figures\n")
    _, after, _ = run("status")

    assert re.search(r"^1a .* written$", before, re.MULTILINE)
    assert "complete" not in before
    assert re.search(r"^1a .* gap: a mark such as", after, re.MULTILINE)


def test_status_names_an_adopted_page(run: Run, folder: Path) -> None:
    """What was taken over is part of the portfolio, and status says so."""
    (folder / "old.html").write_text("<h1>My CMALT of 2023</h1><main><p>Some words.</p></main>")
    run("adopt", str(folder / "old.html"), "--name", "first")

    assert "“My CMALT of 2023” (portfolio/first)" in run("status")[1]


def test_restore_in_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to harvest with: the way is a copy of the archive."""
    with pytest.raises(SystemExit):
        main(["--workspace", str(tmp_path), "restore"])

    said = capsys.readouterr().err
    assert "harvest" not in said
    assert "copy of your folder archive" in said


def test_restored_folders_are_the_owners_alone(run: Run, folder: Path) -> None:
    """portfolio/ and what lies in it can be read by nobody else."""
    run("build")
    shutil.rmtree(folder / "portfolio")

    assert run("restore")[0] == 0
    places = [folder / "archive", folder / "portfolio", *(folder / "portfolio").iterdir()]
    assert {stat.S_IMODE(p.stat().st_mode) for p in places if p.is_dir()} == {0o700}


def test_what_one_mend_would_bring_is_said_once() -> None:
    """Two hundred missing pictures of one export are one line with their number."""
    lost = [Failure("blog", f"{n}.png", "not there", "Put the uploads beside it.") for n in range(200)]

    assert views.failures([*lost, Failure("blog", "x", "gone")]) == [
        "blog: 0.png and 199 more like it: not there Put the uploads beside it.",
        "blog: x: gone",
    ]


def test_a_login_is_named() -> None:
    """A mend for no name in particular gets that of the source; one that has a name keeps it."""
    assert views.naming("Run: keepfolio login   (x)", "blog") == "Run: keepfolio login blog   (x)"
    assert views.naming("keepfolio login", "blog") == "keepfolio login blog"
    assert views.naming("keepfolio login site", "blog") == "keepfolio login site"


class Screen(StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_lines_end_at_words_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prose is fitted; a command stays whole to be copied, and a pipe gets lines as they are."""
    monkeypatch.setenv("COLUMNS", "20")
    prose, order = "  one two three four five six", "Run: keepfolio harvest --workspace here"

    fitted = common.wrapped(f"{prose}\n{order}", Screen()).split("\n")

    assert fitted == ["  one two three four", "    five six", order]
    assert common.wrapped(prose, StringIO()) == prose
    behind = common.wrapped("  Your tags suggest something. Run: keepfolio gaps --edition public", Screen())
    assert behind.split("\n") == ["  Your tags suggest", "    something.", "  Run: keepfolio gaps --edition public"]
    amid = common.wrapped('  Look at it, or run keepfolio mark "A b c" public, and go on.', Screen())
    assert amid.split("\n") == ["  Look at it, or run", '    keepfolio mark "A b c" public,', "    and go on."]
    either = common.wrapped("  To mend it: Run: keepfolio login a   (or else: keepfolio check a)", Screen())
    assert either.split("\n") == [
        "  To mend it:", "  Run: keepfolio login a", "    (or else:", "    keepfolio check a)"
    ]  # fmt: skip
    assert common.wrapped("a\n\nb", Screen()) == "a\n\nb"


def test_an_error_has_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets NO_COLOR gets plain words, on a terminal too."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert common._words(KeepfolioError("No.")) == "Error: No."
    monkeypatch.delenv("NO_COLOR")
    assert common._words(KeepfolioError("No.")).startswith("\x1b[")


def test_narrow_tables_keep_their_first_columns() -> None:
    """What gives way is cut first, and only as far as is needed."""
    rows = [["section", "a long head", "words"], ["specialist-1", "A long title of a section", "1200"]]

    assert common._cut(rows, 30, (1,)) == [["section", "a long h…", "words"], ["specialist-1", "A long t…", "1200"]]


def test_ctrl_c_at_a_question_says_that_nothing_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """On a line of its own; in the middle of work the words are others."""
    common.fail(click.Abort(), common.Settings())
    common.fail(KeyboardInterrupt(), common.Settings())

    said = capsys.readouterr().err
    assert said.startswith("\nNothing was sent")
    assert "What was complete is safe" in said


def test_ending_the_questions_says_what_comes_next(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """After q the owner knows how to go on."""
    monkeypatch.setattr("bridge.cli.map.interactive", lambda: True)
    monkeypatch.setattr(click, "getchar", lambda: "q")

    assert "keepfolio gaps" in run("map")[2].splitlines()[-1]


@pytest.mark.parametrize(("level", "shown"), [(1, ["bridge.x: ours"]), (2, ["urllib3: theirs", "bridge.x: ours"])])
def test_once_verbose_is_about_keepfolio(level: int, shown: list[str]) -> None:
    """-v shows what keepfolio does; what libraries say needs -vv."""
    program = (
        f"import logging; from bridge.cli import common; common._log({level});"
        "logging.getLogger('urllib3').warning('theirs'); logging.getLogger('bridge.x').info('ours')"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stderr.splitlines() == shown


def test_verbose_adds_a_filter_to_nobody_elses_log(caplog: pytest.LogCaptureFixture) -> None:
    """Who listens already, a test or a program that uses ours, goes on hearing of everything."""
    before = [list(handler.filters) for handler in logging.getLogger().handlers]

    common._log(1)

    assert [list(handler.filters) for handler in logging.getLogger().handlers] == before
