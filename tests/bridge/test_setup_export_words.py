"""What a person is told of a file or folder that is no export: what lies there, and what to do now."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from archive.errors import UsageError
from bridge import setup, setup_export
from bridge.cli import init
from connectors.mahara.leap2a_file import look
from tests.mahara.place import ALL, FIXTURES


def refused(path: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        setup_export.look_at_export(path)
    return caught.value


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for name in names:
            out.writestr(name, "x")
    return path


def test_an_empty_download_is_called_that(tmp_path: Path) -> None:
    """Also beside good exports; the way to a whole one is named."""
    (tmp_path / "a.zip").touch()

    told = refused(tmp_path / "a.zip")
    (tmp_path / ALL).write_bytes((FIXTURES / ALL).read_bytes())
    lying = look(tmp_path, tmp_path)

    assert told.message == "a.zip is empty: its download failed."
    assert told.mend.startswith("Download it again")
    assert [(name, error.code) for name, error in lying.damaged] == [("a.zip", "empty-file")]


def test_half_a_download_is_called_that(tmp_path: Path) -> None:
    """It is to be downloaded again, before anything else."""
    (tmp_path / "a.zip").write_bytes((FIXTURES / ALL).read_bytes()[:5000])

    told = refused(tmp_path / "a.zip")

    assert "only a part of it was downloaded" in told.message
    assert told.mend.startswith("Download it again")


def test_an_export_of_web_pages_only(tmp_path: Path) -> None:
    """It is one of a Mahara, in the other format."""
    told = refused(zipped(tmp_path / "a.zip", "HTML/index.html"))

    assert "an export as web pages only" in told.message
    assert "Leap2A" in told.mend


def test_what_is_no_export_is_none_of_any_system(tmp_path: Path) -> None:
    """A person who leaves a Mahara is not told of WordPress alone."""
    (tmp_path / "empty").mkdir()

    assert "is not an export of WordPress, Mahara, Moodle or Blackboard" in refused(zipped(tmp_path / "a.zip")).message
    assert "lies no export of WordPress, Mahara, Moodle or Blackboard" in refused(tmp_path / "empty").message


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "0.jpg is something else."),
        (2, "0.jpg and 1.jpg are something else."),
        (7, "0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg and 2 more are"),
    ],
)
def test_what_lies_in_the_folder_is_named(tmp_path: Path, number: int, said: str) -> None:
    """Somebody who has just put a file there is told that it is another kind of file."""
    for name in range(number):
        (tmp_path / f"{name}.jpg").write_bytes(b"JFIF")

    with pytest.raises(UsageError) as caught:
        look(tmp_path, tmp_path)

    assert said in caught.value.message


def test_a_copied_export_is_no_archive_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where it was just said that the file was copied, it is not said that nothing was."""
    from datetime import date

    answers = setup.Answers(owner="Sam", export=FIXTURES / ALL, export_type="mahara-export")
    init._end(answers, setup.write(answers, tmp_path / "p", today=date(2026, 1, 1)), "", [])
    said = capsys.readouterr().out

    assert f"Copied: {ALL}." in said
    assert "your archive is still empty" in said
    assert "copied yet" not in said
