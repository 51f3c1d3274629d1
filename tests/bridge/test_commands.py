"""What a person reads and what a script gets, on the sample: commands run as they are, in this process."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge import demo, runs
from bridge.cli import main
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
