"""
An archive that somebody manipulated: opened, checked, listed, shown and given back by the command line as it is.

Each case is a finding of verify or a clear error; nothing hangs, nothing outside is read or written.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import segment
from archive.care import fixity
from archive.errors import KeepfolioError
from archive.store import Archive
from bridge import owner
from bridge.cli import main
from bridge.workspace import Workspace
from tests.archive.make import keep, keep_with_file, picture, post

pytestmark = pytest.mark.damages

CANARY = "CANARY-4c1f"
CONFIG = """\
owner: Jane Example
language: en-GB
timezone: Europe/London
sources:
  blog: {type: wordpress-export, path: exports/blog.xml}
portfolio: {framework: cmalt, pathway: cmalt}
"""
ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX files")


class Hung(Exception):
    """A command waits for what will never come."""


@pytest.fixture(autouse=True)
def nothing_hangs() -> Iterator[None]:
    """End a test that waits for ever (opening a pipe does), so that it fails and the others run."""
    if os.name != "posix":
        yield
        return

    def hung(*_: object) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(90)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@dataclass
class Place:
    """A workspace whose archive came from somebody else: nothing of it is known to this computer."""

    folder: Path
    ask: Callable[..., Said]

    @property
    def root(self) -> Path:
        return self.folder / "archive"

    @property
    def bags(self) -> list[Path]:
        return sorted((self.root / "segments").iterdir())

    @property
    def bag(self) -> Path:
        """The newest part: resealing it breaks no chain."""
        return self.bags[-1]

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.bag / segment.RECORDS).read_bytes().splitlines()]

    def rewrite(self, *lines: bytes | dict[str, Any]) -> None:
        """Put other records into the newest part, with digests that fit."""
        texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        (self.bag / segment.RECORDS).write_bytes(b"".join(text + b"\n" for text in texts))
        reseal(self.bag)

    def sweep(self) -> dict[str, Said]:
        """Run every command that reads an archive; none may be surprised, hang, or show what lies outside."""
        said: dict[str, Said] = {}
        outside = snapshot(self.folder.parent / "outside")
        for words in (
            ("verify", "--quick"), ("verify",), ("verify", "--deep"), ("list",), ("list", "--json"), ("log",),
            *((verb, "Post 1", *more) for verb, *more in (
                ("show",), ("show", "--json"), ("show", "--raw"), ("show", "--version", "1"), ("log",), ("diff",),
                ("restore", "--out", str(self.folder / "out")),
            )),
            ("restore",),
        ):  # fmt: skip
            said[" ".join(words[:3])] = one = self.ask(*words)
            surprise = f"keepfolio {' '.join(words)} ended with {one.code}: {one.err or one.out}"
            assert "did not expect" not in one.err, surprise
            assert "Traceback" not in one.err, surprise
            assert CANARY not in one.out + one.err, surprise
        assert snapshot(self.folder.parent / "outside") == outside
        written = self.folder / "out"
        assert not any(CANARY.encode() in p.read_bytes() for p in written.rglob("*") if p.is_file())
        return said

    def is_damaged(self) -> dict[str, Said]:
        """Sweep, and insist that verify notices."""
        said = self.sweep()
        assert (said["verify"].code, said["verify --deep"].code) == (5, 5), said["verify"]
        return said


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


def reseal(bag: Path, *, manifest: bytes | None = None, info: Callable[[str], str] = lambda text: text) -> None:
    """Write tag files that fit what lies in a bag: who manipulates an archive can count, too."""
    listed = [p for p in sorted((bag / "data").rglob("*")) if p.is_file() and not p.is_symlink()]
    if manifest is None:
        manifest = b"".join(b"%s  %s\n" % (digest(p), p.relative_to(bag).as_posix().encode()) for p in listed)
    (bag / "manifest-sha256.txt").write_bytes(manifest)
    oxum = f"Payload-Oxum: {sum(p.stat().st_size for p in listed)}.{len(listed)}\n"
    kept = [line for line in (bag / "bag-info.txt").read_text().splitlines(True) if "Payload-Oxum" not in line]
    (bag / "bag-info.txt").write_text(info("".join(kept) + oxum))
    retag(bag)


def retag(bag: Path) -> None:
    tags = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")
    (bag / "tagmanifest-sha256.txt").write_bytes(b"".join(b"%s  %s\n" % (digest(bag / t), t.encode()) for t in tags))


def digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).hexdigest().encode()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two parts: own files, then a post with its picture."""
    base = tmp_path_factory.mktemp("original")
    folder = base / "jane"
    (folder / "portfolio/original").mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "portfolio/original/1a.md").write_text("my own words\n")
    with Archive.create(folder / "archive", base / "state") as archive:
        owner.keep(archive, Workspace(folder))
        keep(archive, post(1, title="Post 1 of old"))
        keep_with_file(archive, post(1, files=(picture(),)), b"jpeg")
    return folder


@pytest.fixture
def place(original: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Place:
    folder = shutil.copytree(original, tmp_path / "jane")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.txt").write_text(CANARY)

    def ask(*words: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(folder), *words])
        said = capfdbinary.readouterr()
        return Said(
            int(ended.value.code or 0), said.out.decode("utf-8", "replace"), said.err.decode("utf-8", "replace")
        )

    return Place(folder, ask)


def test_the_way_to_manipulate_is_itself_sound(place: Place) -> None:
    """Resealed without a change the archive is intact: what the other tests find is what they did."""
    place.rewrite(*place.lines())

    said = place.sweep()

    assert {words: s.code for words, s in said.items() if s.code} == {}


# --- records ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"\xff\xfe",
        b'{"event": "creation", "id": "\xff"}',
        b"not json",
        b"",
        b"[]",
        b"7",
        b'"words"',
        b"null",
        b"{}",
        b"NaN",
        b'{"event": "creation", "id": "urn:uuid:x"' + b" " * 10,
        b'{"event": ["creation"]}',
        b"1" * 5_000,
    ],
    ids=lambda line: line[:16].decode("latin-1") or "empty",
)
def test_a_line_that_is_no_record(place: Place, line: bytes) -> None:
    """Nesting, other encodings, other types: named by verify, and no command is surprised."""
    place.rewrite(*place.lines(), line)

    place.is_damaged()


def test_a_line_of_a_million_characters(place: Place) -> None:
    """A long title is no damage: it is read, listed and shown like others."""
    lines = place.lines()
    lines[-1]["entry"]["title"] = "Post 1 " + "x" * 1_000_000
    place.rewrite(*lines)

    said = place.sweep()

    assert {said[w].code for w in ("verify", "verify --deep", "list", "show Post 1")} == {0}


FIELDS = (
    "id", "version", "origin", "madeBy", "firstSeen", "changed", "fingerprint", "seenBy", "entry", "eventTime", "raw",
    "readable", "files", "joins", "deletedBy", "why", "event",
)  # fmt: skip
ENTRY_FIELDS = (
    "keys", "kind", "native_id", "title", "url", "status", "published", "updated", "content_html", "files", "parent",
    "terms", "tags", "fidelity", "scope", "stamp", "extra", "visibility", "author",
)  # fmt: skip
WRONG: tuple[Any, ...] = (None, -1, "x", [7], {"x": 7}, "\ud800")


@pytest.mark.parametrize(("name", "below"), [*((n, "") for n in FIELDS), *((n, "entry") for n in ENTRY_FIELDS)])
def test_a_field_of_another_shape(place: Place, name: str, below: str) -> None:
    """Whatever stands in a field, and if it is not there: an answer, or a clear error."""
    lines = place.lines()
    for wrong in WRONG:
        line = json.loads(json.dumps(lines[-1]))
        (line[below] if below else line)[name] = wrong
        place.rewrite(*lines[:-1], line)
        look(place, f"{below}.{name} = {wrong!r}")
    line = json.loads(json.dumps(lines[-1]))
    (line[below] if below else line).pop(name, None)
    place.rewrite(*lines[:-1], line)
    look(place, f"no {below}.{name}")


def look(place: Place, what: str = "") -> list[KeepfolioError]:
    """Open an archive as one that this computer never saw, read everything, and return the clear errors."""
    state = place.folder.parent / "fresh"
    shutil.rmtree(state, ignore_errors=True)
    errors: list[KeepfolioError] = []

    def tried(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except KeepfolioError as error:
            errors.append(error)
        except Exception as surprise:
            raise AssertionError(what) from surprise

    report = tried(lambda: fixity.verify(place.root, "deep"))
    archive = tried(lambda: Archive.open(place.root, state))
    if archive is None:
        return errors
    with archive:
        for deleted in (False, True):
            for stored in tried(lambda d=deleted: list(archive.entries(deleted=d, content=True))) or ():
                tried(lambda i=stored.id: archive.entry(i))
                tried(lambda i=stored.id: archive.versions(i))
                tried(lambda i=stored.id, n=stored.version: unless_unknown(lambda: archive.version(i, n)))
                tried(lambda i=stored.id: unless_unknown(lambda: archive.raw(i)))
                for file in stored.entry.files:
                    tried(lambda d=file.sha256: archive.path_of(d))
        for ask in (archive.sources, archive.failures, archive.summary, archive.tips):
            tried(ask)
    assert report is not None or errors
    return errors


def unless_unknown(step: Callable[[], Any]) -> Any:
    """Do it; that there is none of this number is an answer, too."""
    try:
        return step()
    except KeyError:
        return None


@pytest.mark.parametrize("levels", [60, 400, 900, 5_000])
def test_nesting_in_what_has_no_shape_of_its_own(place: Place, levels: int) -> None:
    """What was read can also be printed: depth is counted where it comes in, not where it would break."""
    lines = place.lines()
    deep = b'{"a":' * levels + b"1" + b"}" * levels
    text = json.dumps(lines[-1]).encode().replace(b'"kind": "post"', b'"kind": "post", "extra": ' + deep)
    place.rewrite(*lines[:-1], text)

    said = place.sweep()

    assert said["show Post 1 --json"].code == (0 if levels < 64 else 5)


def test_what_is_not_known_is_ignored(place: Place) -> None:
    """Events and fields of a later keepfolio are no damage and change nothing."""
    before = place.ask("show", "Post 1", "--json")
    lines = place.lines()
    lines[-1] |= {"blessing": {"by": [1, 2]}, "entry": {**lines[-1]["entry"], "mood": 7}}
    place.rewrite({"event": "blessing", "id": 7}, *lines, {"event": "sorrow", "of": [None]})
    shutil.rmtree(place.folder.parent / "state")  # read it anew

    said = place.sweep()

    assert {words: s.code for words, s in said.items() if s.code} == {}
    assert json.loads(said["show Post 1 --json"].out)["title"] == json.loads(before.out)["title"]


def test_half_a_character_is_shown(place: Place) -> None:
    """What no text file can hold was kept exactly, and is shown, printed as JSON and given back with a mark for it."""
    lines = place.lines()
    lines[-1]["entry"] |= {"title": "Post 1 \ud800", "tags": ["\udfff"], "content_html": "<p>\ud800</p>"}
    del lines[-1]["readable"]
    place.rewrite(*lines)

    said = place.sweep()

    assert {words: s.code for words, s in said.items() if s.code} == {}
    assert json.loads(said["show Post 1 --json"].out)["title"] == "Post 1 \ud800"


def test_a_file_that_is_named_and_not_held(place: Place) -> None:
    """The line does not say where its bytes lie: verify names it, and restore says so."""
    lines = place.lines()
    lines[-1]["entry"]["files"][0]["sha256"] = "0" * 64
    place.rewrite(*lines)

    said = place.sweep()

    assert (said["verify --deep"].code, said["restore Post 1 --out"].code) == (5, 5)


def test_an_entry_that_joins_itself_stays(place: Place) -> None:
    """A line that names its own id as joined does not wipe itself out."""
    lines = place.lines()
    lines[-1]["joins"] = [lines[-1]["id"]]
    place.rewrite(*lines)

    assert place.sweep()["show Post 1"].code == 0


# --- places that lead elsewhere -----------------------------------------------------------------------------------

ELSEWHERE = (
    "../../../outside/secret.txt", "data/../../../../outside/secret.txt", "/etc/passwd", "data//etc/passwd",
    "data\\..\\..\\outside\\secret.txt", "C:\\Windows\\win.ini", "data/a\0b", "data/./records.jsonl", "", ".", "data",
    "bag-info.txt",
)  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("name", ["raw", "readable", "files"])
def test_a_path_that_leads_out_of_its_part(place: Place, name: str, path: str) -> None:
    """Up, absolute, with a drive or a NUL: never opened, and verify names it."""
    lines = place.lines()
    at = lines[-1][name][0] if name == "files" else lines[-1][name]
    at["path"] = path
    place.rewrite(*lines)
    assert isinstance(at, dict)

    said = place.sweep()

    assert said["verify --deep"].code == 5
    wanted = {"raw": "show Post 1 --raw", "readable": "show Post 1", "files": "restore Post 1 --out"}[name]
    assert said[wanted].code == 5


@pytest.mark.parametrize(
    "name", ["..", "../../outside", "/etc", "000009-20260301T120004Z-blog-3f9a", "", "staging", "x\0"]
)
def test_a_part_that_is_none(place: Place, name: str) -> None:
    """A name from outside, or of a part that is not there."""
    lines = place.lines()
    lines[-1]["readable"]["segment"] = name
    place.rewrite(*lines)

    said = place.sweep()

    assert (said["verify"].code, said["show Post 1"].code) == (5, 5)


@pytest.mark.parametrize(
    "span",
    [{"offset": 10**6}, {"size": 10**9}, {"size": 2**62}, {"offset": 2**62}, {"offset": 5, "size": 0}, {"size": 0}],
)
def test_a_span_beyond_its_file(place: Place, span: dict[str, int]) -> None:
    """No memory is taken for what a line only claims."""
    lines = place.lines()
    lines[-1]["raw"] |= {"offset": 0, **span}
    place.rewrite(*lines)

    said = place.sweep()

    assert (said["verify --deep"].code, said["show Post 1 --raw"].code) == (5, 5)


@POSIX
@pytest.mark.parametrize("kind", ["file", "folder", "data", "bag"])
def test_links_are_not_followed(place: Place, kind: str) -> None:
    """A file, a folder, all payload or a whole part elsewhere: nothing of it is shown, copied or called intact."""
    outside = place.folder.parent / "outside"
    [picture_path] = place.bag.glob("data/media/*/*")
    there = {"file": picture_path, "folder": picture_path.parent, "data": place.bag / "data", "bag": place.bag}[kind]
    if kind == "file":
        there.unlink()
        there.symlink_to(outside / "secret.txt")
    else:
        shutil.move(there, outside / "moved")
        inner = outside / "moved" / picture_path.relative_to(there)
        inner.write_text(CANARY)
        there.symlink_to(outside / "moved", target_is_directory=True)

    said = place.sweep()

    assert said["verify"].code == 5 or kind == "bag"
    assert said["restore Post 1 --out"].code != 0 or kind == "bag"


@POSIX
def test_a_picture_whose_digest_lies_elsewhere_is_not_given_out(place: Place) -> None:
    """Who makes the link also seals a digest that fits: still nothing outside is read."""
    outside = place.folder.parent / "outside"
    [held] = place.bag.glob("data/media/*/*")
    lines, secret = place.lines(), digest(outside / "secret.txt").decode()
    text = json.dumps(lines[-1]).replace(digest(held).decode(), secret)
    place.rewrite(*lines[:-1], text.encode())
    manifest = (place.bag / "manifest-sha256.txt").read_bytes().replace(digest(held), secret.encode())
    shutil.rmtree(held.parent)
    held.parent.symlink_to(outside, target_is_directory=True)
    shutil.copy(outside / "secret.txt", outside / held.name)
    reseal(place.bag, manifest=manifest)

    said = place.sweep()

    assert (said["verify"].code, said["restore Post 1 --out"].code) == (5, 5)


@POSIX
@pytest.mark.parametrize("name", ["staging", "segments"])
def test_work_is_not_done_elsewhere(place: Place, name: str) -> None:
    """A linked work folder would have strangers' files tidied away: refused, and nothing there is touched."""
    outside = place.folder.parent / "outside"
    (outside / "dear").mkdir()
    (outside / "dear/letters.txt").write_text("dear")
    shutil.rmtree(place.root / name)
    (place.root / name).symlink_to(outside, target_is_directory=True)

    said = place.sweep()

    assert (said["verify"].code, said["list"].code) == (5, 5)
    assert not fixity.verify(place.root).ok


OWN = (
    "../outside/x", "/etc/kf", "portfolio/../../outside/x", "portfolio/x\0y", "portfolio\\\\x", "C:/x", "", ".",
    "portfolio", "archive/archive.json", "archive/x", ".bashrc", ".git/hooks/post-commit", "build/x",
    "portfolio/" + "x" * 300, "portfolio/\ud800", "config.yaml/x",
)  # fmt: skip


@pytest.mark.parametrize("name", OWN, ids=lambda name: repr(name[:24]))
def test_own_files_go_back_to_their_places_only(place: Place, name: str) -> None:
    """Into portfolio/ and config.yaml: never out of the workspace, into the archive, or where a program runs it."""
    lines = place.lines()
    own = json.loads((place.bags[0] / segment.RECORDS).read_bytes().splitlines()[0])
    own["entry"] |= {"keys": ["workspace:x"], "native_id": name}
    own["id"] = "urn:uuid:00000000-0000-5000-8000-000000000000"
    own["files"] = [{**f, "segment": place.bags[0].name} for f in own["files"]]
    own["raw"]["segment"] = place.bags[0].name
    place.rewrite(*lines, own)
    before = snapshot(place.folder)

    said = place.sweep()

    new = {path for path, data in snapshot(place.folder).items() if before.get(path) != data}
    meant = (place.folder / "out", place.root / "fixity")  # what restore was told, and the diary of verify
    assert all(any(Path(path).is_relative_to(folder) for folder in meant) for path in new), new
    assert said["restore"].code in {1, 5}


def test_an_own_file_without_bytes(place: Place) -> None:
    """It is told."""
    lines = place.lines()
    own = json.loads((place.bags[0] / segment.RECORDS).read_bytes().splitlines()[0])
    own["entry"] |= {"keys": ["workspace:portfolio/a"], "native_id": "portfolio/a", "files": []}
    own |= {"id": "urn:uuid:00000000-0000-5000-8000-000000000000", "files": []}
    own["raw"]["segment"] = place.bags[0].name
    place.rewrite(*lines, own)

    assert place.sweep()["restore"].code == 5


@POSIX
@pytest.mark.parametrize("name", ["fixity", "browse", "quarantine"])
def test_what_is_written_beside_the_parts_stays_there(place: Place, name: str) -> None:
    """A linked diary of checks, or any other folder, is not written through."""
    (place.root / name).symlink_to(place.folder.parent / "outside", target_is_directory=True)

    place.sweep()


# --- what is no file ----------------------------------------------------------------------------------------------

FILES = (
    "tagmanifest-sha256.txt", "manifest-sha256.txt", "bag-info.txt", "bagit.txt", "data/records.jsonl", "data/run.json",
    "data/media", "data/posts",
)  # fmt: skip


@POSIX
@pytest.mark.parametrize("make", ["pipe", "socket", "folder", "zero"])
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_file_is_not_opened(place: Place, name: str, make: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes wait for ever and devices never end: each is told, and nothing hangs."""
    path = place.bag / name
    if path.is_dir():
        path = min(p for p in path.rglob("*") if p.is_file())
    put(path, make, monkeypatch)

    place.is_damaged()


@POSIX
@pytest.mark.parametrize("make", ["pipe", "socket", "folder", "zero"])
@pytest.mark.parametrize("name", ["README.txt", "context.jsonld", "segments", "staging/x", "segments/x", "x"])
def test_around_the_parts(place: Place, name: str, make: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands there and is no file hangs nothing either."""
    if (name, make) != ("segments", "folder"):
        put(place.root / name, make, monkeypatch)

    place.sweep()


def put(path: Path, make: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a pipe, a socket, a folder or a link to a device in the place of what is there."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if make == "pipe":
        os.mkfifo(path)
    elif make == "socket":
        monkeypatch.chdir(path.parent)  # the name of a socket is short
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    elif make == "zero":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()


# --- tag files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + b"0" * 64 + b"  ../../../../outside/secret.txt\n",
        lambda text: text + b"0" * 64 + b"  /etc/passwd\n",
        lambda text: text + text.splitlines(keepends=True)[0],
        lambda text: b"0" * 64 + text.splitlines(keepends=True)[0][64:] + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.rstrip(b"\n"),
        lambda text: text + b"\n",
        lambda text: text + b"words\n",
        lambda text: text.replace(b"  data", b" *data"),
        lambda text: text.upper(),
        lambda text: b"",
        lambda text: b"\xff" + text,
        lambda text: b"\xef\xbb\xbf" + text,
    ],
    ids=[
        "up",
        "absolute",
        "twice",
        "two digests",
        "crlf",
        "cut",
        "blank",
        "words",
        "binary",
        "capitals",
        "empty",
        "bytes",
        "bom",
    ],
)
def test_a_list_of_files_that_lies(place: Place, change: Callable[[bytes], bytes]) -> None:
    """Paths outside, a file twice, other ends of lines: two readers could understand two things, so it is damage."""
    reseal(place.bag, manifest=change((place.bag / "manifest-sha256.txt").read_bytes()))

    place.is_damaged()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "".join(line for line in text.splitlines(True) if "Payload-Oxum" not in line),
        lambda text: text + "Payload-Oxum: 1.1\n",
        lambda text: text.replace("Payload-Oxum: ", "Payload-Oxum: -"),
        lambda text: text.replace("Payload-Oxum: ", "Payload-Oxum: 9" + "9" * 30),
        lambda text: text.replace("Payload-Oxum: ", "Payload-Oxum: " + "9" * 5_000),
        lambda text: text.replace("Payload-Oxum: ", "Payload-Oxum: words "),
        lambda text: text.replace("Context-SHA256", "Context"),
        lambda text: text.replace("Previous-Segment: ", "Previous-Segment: 0"),
        lambda text: text + "Replaces-Segment: x ../../outside\n",
        lambda text: "",
        lambda text: "\0" * 50,
    ],
    ids=["no sum", "two sums", "minus", "large", "endless", "words", "context", "chain", "replaces", "empty", "nul"],
)
def test_a_description_that_lies(place: Place, change: Callable[[str], str]) -> None:
    reseal(place.bag, info=change)

    place.is_damaged()


def test_a_part_that_stands_in_its_own_place_is_kept(place: Place) -> None:
    """What claims to replace itself must not be tidied away as replaced."""
    own = f"Replaces-Segment: {'0' * 64} {place.bag.name}\n"
    reseal(place.bag, info=lambda text: own + text)
    before = [bag.name for bag in place.bags]

    place.sweep()

    assert [bag.name for bag in place.bags] == before


def test_names_that_differ_only_in_case_or_form(place: Place) -> None:
    """On another disk they would be one file: verify names them."""
    folder = next(place.bag.glob("data/media/*"))
    for name in ("A.jpg", "a.jpg", "caf\u00e9.jpg", "cafe\u0301.jpg", "con.txt", "x."):
        (folder / name).write_bytes(name.encode())
    reseal(place.bag)

    said = place.is_damaged()

    for name in ("A.jpg", "caf\u00e9.jpg", "cafe\u0301.jpg", "con.txt", "x."):
        assert name in said["verify"].out


# --- run.json and archive.json ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"null", b"{", b"\xff", b"[" * 10_000, b'{"origin": []}', b'{"origin": {"name": ["x"]}}',
        b'{"origin": {"name": "\\ud800"}}', b'{"origin": {"name": "blog"}, "ended": "soon"}',
        b'{"origin": {"name": "blog"}, "cursor": [1]}', b'{"origin": {"name": "blog"}, "promised": {"post": "many"}}',
    ],
)  # fmt: skip
def test_a_run_that_cannot_be_understood(place: Place, data: bytes) -> None:
    (place.bag / segment.RUN).write_bytes(data)
    reseal(place.bag)

    said = place.sweep()

    assert (said["verify --deep"].code, said["list"].code) == (5, 5)


@pytest.mark.parametrize("data", [b"{}", b'{"origin": {}}', b'{"counts": 7, "origin": {"name": "blog", "type": 1}}'])
def test_a_run_that_tells_little(place: Place, data: bytes) -> None:
    """What is not said is not needed."""
    (place.bag / segment.RUN).write_bytes(data)
    reseal(place.bag)

    said = place.sweep()

    assert {words: s.code for words, s in said.items() if s.code} == {}


ABOUT = {"format": "keepfolio-archive", "version": 1, "id": "urn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427"}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"null", b"7", b"words", b"\xff", b"{", b"[" * 100_000, b" " * 5_000_000,
        *(json.dumps({**ABOUT, **wrong}).encode() for wrong in (
            {"version": "one"}, {"version": None}, {"version": [1]}, {"version": 1e400}, {"version": -1}, {"format": 7},
            {"format": []}, {"id": 7}, {"id": "urn:uuid:"}, {"id": "urn:uuid:../../outside"}, {"id": "urn:uuid:/tmp/x"},
            {"id": "urn:uuid:x\0y"}, {"id": "urn:uuid:" + "x" * 5_000},
        )),
    ],
    ids=lambda data: data[-40:].decode("latin-1"),
)  # fmt: skip
def test_an_archive_that_tells_nonsense_of_itself(place: Place, data: bytes) -> None:
    """No list, no number, no id that would be a path: every command refuses with words, and writes nothing."""
    (place.root / "archive.json").write_bytes(data)
    before = snapshot(place.folder.parent / "state").keys()

    said = place.sweep()

    assert all(s.code for s in said.values())
    assert snapshot(place.folder.parent / "state").keys() == before
    with pytest.raises(KeepfolioError):
        Archive.open(place.root, place.folder.parent / "fresh")
    assert not fixity.verify(place.root).ok


@POSIX
@pytest.mark.parametrize("make", ["pipe", "socket", "folder", "zero"])
def test_an_archive_that_is_no_file(place: Place, make: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(place.root / "archive.json", make, monkeypatch)

    place.sweep()
    with pytest.raises(KeepfolioError):
        Archive.open(place.root, place.folder.parent / "fresh")


# --- what cannot be read ------------------------------------------------------------------------------------------


def may_enter_everything() -> bool:
    """Root may; root without its privileges may not."""
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder, "closed")
        closed.mkdir(0)
        return os.access(closed, os.R_OK)


def without_privileges(test: str) -> str:
    """Run one test in a process that may not overrule the modes of files, and return what pytest said."""
    command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", sys.executable, "-m", "pytest", "-q", test]
    done = subprocess.run([*command, "-p", "no:cacheprovider"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@POSIX
@pytest.mark.parametrize("below", ["", "data", "data/media"])
def test_a_folder_that_may_not_be_entered(place: Place, below: str, request: pytest.FixtureRequest) -> None:
    if may_enter_everything():
        assert "1 passed" in without_privileges(request.node.nodeid)
        return
    folder = place.bag / below
    folder.chmod(0)
    try:
        place.sweep()
        assert not fixity.verify(place.root).ok
    finally:
        folder.chmod(0o700)


# --- anything at all ----------------------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FIELDS, *ENTRY_FIELDS, "x"]), inner),
    max_leaves=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(line=st.dictionaries(st.sampled_from(FIELDS), values), whole=st.booleans(), event=st.sampled_from(
    ["creation", "file", "failure", "failure-cleared", "redaction", "readmission", "deletion", "x"]
))  # fmt: skip
def test_any_line_is_read_or_refused(place: Place, line: dict[str, Any], whole: bool, event: str) -> None:
    """Random values in the fields that are known, alone or in a line that is else as it should be."""
    kept = (place.bag / segment.RECORDS).read_bytes()
    lines = place.lines()
    place.rewrite(*lines, {**(lines[-1] if whole else {}), "event": event, **line})

    look(place, repr(line))

    (place.bag / segment.RECORDS).write_bytes(kept)


TAGS = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    name=st.sampled_from(TAGS),
    at=st.floats(0, 1, exclude_max=True),
    byte=st.binary(min_size=1, max_size=3),
    fit=st.booleans(),
)
def test_any_bytes_in_a_tag_file(place: Place, name: str, at: float, byte: bytes, fit: bool) -> None:
    """Found without resealing; with it, at least nobody is surprised."""
    path = place.bag / name
    kept = {tag: (place.bag / tag).read_bytes() for tag in TAGS}
    start = int(at * len(kept[name]))
    changed = kept[name][:start] + byte + kept[name][start + len(byte) :]
    path.write_bytes(changed)
    if fit and name != "tagmanifest-sha256.txt":
        retag(place.bag)

    errors = look(place, repr((name, start, byte)))

    if not fit and changed != kept[name] and name != "tagmanifest-sha256.txt":
        assert errors or not fixity.verify(place.root).ok
    for tag, data in kept.items():
        (place.bag / tag).write_bytes(data)
