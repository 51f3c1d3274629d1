"""The laptop is gone, and one copy of the archive is left: everything comes back from it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.journey.owner import ROOT, Owner

DEMO = ROOT / "bridge" / "data" / "demo"


@pytest.fixture
def writer(new_owner: Callable[[str], Owner], tmp_path: Path) -> Owner:
    """An owner with words and choices of her own, whose blog is an export that lies elsewhere."""
    owner = new_owner("jane")
    shutil.copytree(DEMO / "portfolio", owner.folder / "portfolio")
    config = yaml.safe_load((DEMO / "config.yaml").read_text("utf-8"))
    config["sources"] = {
        "blog": {"type": "wordpress-export", "path": str(DEMO / "blog.xml"), "media": str(DEMO / "uploads")}
    }
    owner.configure(**config)
    owner.secrets["KEEPFOLIO_COPIES_PASSWORD"] = "a horse, a staple and a battery"
    return owner


def page_of(owner: Owner) -> bytes:
    built = owner.ask("build")
    return Path(owner.folder, built["path"]).read_bytes()


def files_of(owner: Owner) -> dict[str, bytes]:
    """Her own files, and everything that was sealed."""
    paths = [owner.folder / "config.yaml", *(owner.folder / "portfolio").rglob("*")]
    paths += (owner.folder / "archive" / "segments").rglob("*")
    return {path.relative_to(owner.folder).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def lose_the_laptop(owner: Owner) -> None:
    """The folder, and what the program remembered beside it."""
    for folder in (owner.folder, owner.state):
        shutil.rmtree(folder)
    owner.state.mkdir()
    owner.folder.mkdir()


@pytest.mark.parametrize("form", [(), ("--zip",), ("--encrypt",)], ids=["folder", "zip", "encrypted"])
def test_everything_comes_back_from_one_copy(writer, tmp_path, form):
    """Words, choices, configuration, archive and page; and the next harvest finds nothing to do."""
    writer.harvest()
    first = next(e for e in writer.entries("--kind", "post") if e["status"] == "publish")
    writer.ask("mark", first["id"], "private")
    page = page_of(writer)
    copy = tmp_path / "disk" / "keepfolio"
    copy.parent.mkdir()
    assert writer.ask("replicate", str(copy), *form)["ok"]
    before = files_of(writer)

    lose_the_laptop(writer)
    back = writer.ask("restore", "--from", str(copy), "--workspace", str(writer.folder))

    assert back["ok"]
    assert files_of(writer) == before
    writer.verify()
    report = writer.harvest()
    assert (report["created"], report["updated"], report["deleted"], report["segments"]) == (0, 0, 0, [])
    assert page_of(writer) == page
    assert files_of(writer) == before


def test_an_encrypted_copy_shows_nothing_without_its_key(writer, tmp_path):
    """No word of hers is readable in it, and without the passphrase nothing comes back."""
    section = next(p for p in (writer.folder / "portfolio").rglob("*.md"))
    words = max(section.read_text("utf-8").splitlines(), key=len).encode()
    writer.harvest()
    copy = tmp_path / "copy"
    writer.ask("replicate", str(copy), "--encrypt")
    everything = b"\0".join(path.read_bytes() for path in copy.rglob("*") if path.is_file())
    assert words not in everything
    assert b"AGE-SECRET-KEY" not in everything + writer.everything_on_disk()
    assert b"staple" not in writer.everything_on_disk()

    for secrets, code in (({}, "no-key"), ({"KEEPFOLIO_COPIES_PASSWORD": "wrong"}, "wrong-passphrase")):
        lose_the_laptop(writer)
        writer.secrets = secrets
        answer = writer.ask("restore", "--from", str(copy), "--workspace", str(writer.folder), code=2)
        assert answer["error"]["code"] == code


def test_a_copy_for_a_key_on_paper(writer, tmp_path):
    """Made with the public key alone, checked without the private one, and opened by it."""
    keys = writer.ask("replicate", "--new-key")
    writer.harvest()
    copy = tmp_path / "copy"
    assert writer.ask("replicate", str(copy), "--to", keys["public"])["form"] == "age"
    checked = writer.ask("verify", "--copy", str(copy))
    assert (checked["ok"], checked["findings"]) == (True, [])
    assert keys["private"].encode() not in writer.everything_on_disk()

    before = files_of(writer)
    lose_the_laptop(writer)
    paper = tmp_path / "typed-from-paper.txt"
    paper.write_text(f"my key\n{keys['private']}\n")
    writer.ask("restore", "--from", str(copy), "--key", str(paper), "--workspace", str(writer.folder))
    assert files_of(writer) == before


def test_a_damaged_archive_is_mended_at_the_command_line(writer, tmp_path):
    """Damage ends with 5, repair without a copy says what it needs, and with one all is well."""
    writer.harvest()
    copy = tmp_path / "copy"
    writer.ask("replicate", str(copy))
    before = files_of(writer)
    hurt = next((writer.folder / "archive" / "segments").glob("*/data/posts/*/*.html"))
    hurt.write_bytes(b"nothing")

    assert writer.ask("verify", code=5)["findings"][0]["code"] == "damaged"
    words = writer.run("repair")
    assert words.code == 5
    assert f"keepfolio repair --from {copy}" in words.out
    assert hurt.read_bytes() == b"nothing"

    report = writer.ask("repair", "--from", str(copy))
    assert report["mended"] == [hurt.relative_to(writer.folder / "archive").as_posix()]
    assert files_of(writer) == before
    assert b"nothing" in [p.read_bytes() for p in (writer.folder / "archive" / "quarantine").rglob("*.html")]
    writer.verify()
    [log] = (writer.folder / "archive" / "fixity").iterdir()
    assert [json.loads(line)["ok"] for line in log.read_text().splitlines()] == [False, True]


def test_what_is_damaged_is_not_copied(writer, tmp_path):
    """The rest is, and the answer is 5; after the repair the copy is completed."""
    writer.harvest()
    good, copy = tmp_path / "good", tmp_path / "copy"
    writer.ask("replicate", str(good))
    hurt = next((writer.folder / "archive" / "segments").glob("*/data/records.jsonl"))
    hurt.write_bytes(hurt.read_bytes()[:-1])
    name = hurt.parts[-3]

    report = writer.ask("replicate", str(copy), code=5)
    assert name in report["damaged"][0]["path"]
    assert name not in report["added"]
    assert report["added"]
    writer.ask("repair", "--from", str(good))
    assert writer.ask("replicate", str(copy))["added"] == [name]
    assert writer.ask("verify", "--copy", str(copy))["ok"]
