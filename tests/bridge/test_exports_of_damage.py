"""An export never hands on what is not what was stored, and never fills the owner's own folders."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from archive.entry import Entry, MediaFile
from bridge.cli import main
from bridge.session import Session
from tests.publish.folder import Folder

URL = "https://b.org/up/2026/03/badge.png"


@pytest.fixture
def jane(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "jane")
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "PNG")
    badge = MediaFile(name="badge.png", url=URL, media_type="image/png", alt="A badge")
    post = Entry(
        keys=("guid:https://b.org/?p=1",), kind="post", native_id="1", title="A badge", url="https://b.org/1/",
        status="publish", content_html=f'<p>See <img src="{URL}" alt="A badge"></p>', files=(badge,),
    )  # fmt: skip
    folder.hold(post, files={"badge.png": out.getvalue()})
    return folder


def called(jane: Folder, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["--workspace", str(jane.root), "--json", *words])
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def picture(session: Session) -> Path:
    [file] = next(session.archive.entries(kind="post")).entry.files
    path = session.archive.path_of(file.sha256)
    assert path is not None
    return path


def hurt(jane: Folder, how: str) -> None:
    path = picture(jane.session())
    path.chmod(0o600)
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(b"" if how == "emptied" else path.read_bytes()[:-1] + b"?")


@pytest.mark.damages
@pytest.mark.parametrize("how", ["changed", "emptied", "gone"])
@pytest.mark.parametrize("form", ["markdown", "wxr", "leap2a", "browse"])
def test_a_damaged_file_is_left_out_and_named(
    jane: Folder, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str, how: str
) -> None:
    hurt(jane, how)

    code, told = called(jane, capsys, "export", form, str(tmp_path / "out"))

    assert (code, told["ok"]) == (3, False)
    assert "badge" in json.dumps([told["left_out"], told["notes"]])
    assert list((tmp_path / "out").rglob("*.png")) == []


@pytest.mark.parametrize("form", ["markdown", "wxr", "leap2a", "browse"])
def test_a_whole_archive_is_handed_on_whole(
    jane: Folder, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    code, told = called(jane, capsys, "export", form, str(tmp_path / "out"))
    assert (code, told["ok"]) == (0, True)


@pytest.mark.parametrize("command", [("export", "markdown"), ("browse", "--out")])
@pytest.mark.parametrize("place", ["portfolio/x", "inbox"])
def test_own_folders_are_not_filled(
    jane: Folder, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], place: str
) -> None:
    """The next harvest would keep all of it as the owner's own."""
    code, told = called(jane, capsys, *command, str(jane.root / place))
    assert (code, told["error"]["code"]) == (2, "among-own-files")  # type: ignore[index]


@pytest.mark.parametrize("choice", [("--source", "nosuch"), ("--kind", "banana")])
@pytest.mark.parametrize("form", ["markdown", "wxr"])
def test_a_choice_that_nothing_answers_to_is_a_slip(
    jane: Folder, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str, choice: tuple[str, ...]
) -> None:
    assert called(jane, capsys, "export", form, str(tmp_path / "out"), *choice)[0] == 2
    assert not (tmp_path / "out").exists()


def test_a_source_that_brought_nothing_is_a_slip(jane: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(jane, capsys, "log", "--source", "nosuch")[0] == 2
    assert called(jane, capsys, "log", "--source", "blog", "--since", "2999-01-01")[0] == 0


def test_files_need_a_whole_address(jane: Folder, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert called(jane, capsys, "export", "wxr", str(tmp_path / "out"), "--media-at", "rubbish")[0] == 2
