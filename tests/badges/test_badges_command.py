"""The command: what it prints, and its exit code."""

from __future__ import annotations

import io
import json
from pathlib import Path

import click
import pytest
from pytest_httpserver import HTTPServer

from archive.entry import Entry, MediaFile
from archive.store import Origin
from bridge.cli import common
from bridge.cli.badges import badges
from bridge.session import Session
from bridge.workspace import find
from tests.badges.baking import OWNER, png, real_text
from tests.badges.issuer import Site


@pytest.fixture
def folder(tmp_path: Path, httpserver: HTTPServer) -> Path:
    """A workspace with one badge of a site that the configuration names."""
    site = Site(httpserver)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.yaml").write_text(
        f"messages: {{email: {OWNER}}}\nsources: {{vle: {{type: feed, url: '{site.url}/feed'}}}}\n"
    )
    session = Session(find(folder))
    with session.archive.append(Origin("vle", "feed")) as writer:
        digest = writer.add_file(io.BytesIO(png(real_text(site.url))), name="b.png", media_type="image/png")
        picture = MediaFile(name="b.png", url="x:1", media_type="image/png", sha256=digest)
        writer.put(Entry(keys=("vle:1",), kind="badge", native_id="1", files=(picture,)), b"{}")
        writer.seal()
    session.archive.close()
    return folder


def run(folder: Path, *words: str, as_json: bool = False) -> int:
    settings = common.Settings(json=as_json, workspace=folder)
    try:
        return int(badges.main(list(words), standalone_mode=False, obj=settings) or 0)
    except click.exceptions.Exit as ended:
        return ended.exit_code


def test_the_table_says_who_confirmed_it_and_when(folder: Path, capsys: pytest.CaptureFixture[str]):
    """Before and after the issuer was asked."""
    assert run(folder) == 0
    assert "claimed, not confirmed yet" in capsys.readouterr().out
    assert run(folder, "--check") == 0
    said = capsys.readouterr().out
    assert "confirmed by 127.0.0.1" in said
    assert "Digital Practice Champion" in said


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]):
    """The same for a script."""
    run(folder, "--check", as_json=True)
    value = json.loads(capsys.readouterr().out)
    assert value["badges"][0]["standing"] == "confirmed"
    assert value["badges"][0]["recipient"] == {"kind": "email", "mine": True}


def test_a_silent_issuer_is_partly_done(folder: Path, httpserver: HTTPServer, capsys: pytest.CaptureFixture[str]):
    """Exit code 3: the next run asks again."""
    httpserver.clear()
    httpserver.expect_request("/badges/assertion.php").respond_with_data("busy", status=500)
    assert run(folder, "--check") == 3
    assert "claimed, not confirmed yet" in capsys.readouterr().out
