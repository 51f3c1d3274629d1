"""How an export comes: packed, in parts, damaged, of another age, or not an export at all."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import unicodedata
import zipfile

import pytest

from archive.errors import UsageError
from connectors import packed as packed_
from connectors.contract import FileGone, SourceUnavailable
from connectors.cutting import cut
from connectors.http import Http
from connectors.wordpress.wxr import source
from tests.wordpress.wxr_samples import Holds, attachment, context, export, item, taken

URL = "https://blog.example.org/wp-content/uploads/2024/05/a.png"


def titles(path, **options):
    return [e.title for e in taken(source("x", {"path": path, **options}, context())).of("post")]


def packed(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_zip_a_gz_and_a_plain_file_are_the_same(tmp_path):
    """WordPress.com sends a zip."""
    data = export(item(1), item(2))
    (tmp_path / "a.xml").write_bytes(data)
    (tmp_path / "a.xml.gz").write_bytes(gzip.compress(data))
    packed(tmp_path / "a.zip", {"blog/a.xml": data, "__MACOSX/._a.xml": b"shadow"})
    for name in ("a.xml", "a.xml.gz", "a.zip"):
        assert titles(tmp_path / name) == ["Post 1", "Post 2"]


def test_the_parts_of_an_export_are_one_export(tmp_path):
    """Large sites come in several files; a post of one part may own a file of another."""
    (tmp_path / "blog.000.xml").write_bytes(export(item(1)))
    (tmp_path / "blog.001.xml").write_bytes(export(item(2), attachment(3, URL, parent=1)))
    got = taken(source("x", {"path": tmp_path}, context()))
    assert [e.title for e in got.of("post")] == ["Post 1", "Post 2"]
    assert [e.visibility.value for e in got.of("media")] == ["public"]
    assert len(got.of("term")) == 1
    assert len(got.listed["wordpress:blog.example.org/post"]) == 4


def test_exports_of_two_sites_are_not_mixed(tmp_path):
    """Both have a post 1: under the first one's name they would become one."""
    (tmp_path / "a.xml").write_bytes(export(item(1)))
    (tmp_path / "b.xml").write_bytes(export(item(1)).replace(b"blog.example.org", b"other.example.org"))
    here = source("x", {"path": tmp_path}, context())
    with pytest.raises(SourceUnavailable) as caught:
        taken(here)
    assert caught.value.code == "two-sites"
    assert "b.xml" in caught.value.message
    assert "other.example.org" in caught.value.message
    assert [(finding.code, finding.severity) for finding in here.check()] == [("two-sites", "error")]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_older_exports_are_read_too(tmp_path, version):
    """The namespace carries the version of the format."""
    path = tmp_path / "a.xml"
    path.write_bytes(export(item(1)).replace(b"/export/1.2/", f"/export/{version}/".encode()))
    assert titles(path) == ["Post 1"]


def test_an_export_without_its_namespaces_is_read_too(tmp_path):
    """Tools that rewrite exports forget the declarations."""
    path = tmp_path / "a.xml"
    path.write_bytes(export(item(1)).replace(b' xmlns:wp="http://wordpress.org/export/1.2/"', b""))
    assert titles(path) == ["Post 1"]


def test_control_characters_are_left_out_and_said(tmp_path):
    """WordPress writes them as they are, and no XML reader takes them."""
    path = tmp_path / "a.xml"
    path.write_bytes(export(item(1, "Tab\x0bbed", "One\x08 two \x00.")))
    here = source("x", {"path": path}, context())
    got = taken(here)
    assert (got.entries[-1].title, got.entries[-1].content_html) == ("Tabbed", "<p>One two .</p>")
    assert "repaired" in got.entries[-1].extra
    assert "control-characters" in [finding.code for finding in here.check()]


def test_bytes_that_are_no_utf8_are_shown_as_such(tmp_path):
    """One mis-encoded word does not cost the post."""
    path = tmp_path / "a.xml"
    path.write_bytes(export(item(1, "Caf")).replace(b"[Caf]", b"[Caf\xe9]"))
    assert titles(path) == ["Caf\ufffd"]


def test_a_zip_that_unpacks_without_end_is_not_read(tmp_path):
    """Declared as large: refused before a byte of it is unpacked."""
    path = packed(tmp_path / "a.zip", {"a.xml": b"\0" * (packed_.RATIO_FROM * 3)})
    with pytest.raises(SourceUnavailable, match="unpacks to far more"):
        taken(source("x", {"path": path}, context()))


def test_a_zip_that_lies_about_its_size_is_not_read_on(tmp_path, monkeypatch):
    """What comes out is counted, whatever the pack declares."""
    path = tmp_path / "a.xml.gz"
    path.write_bytes(gzip.compress(export(item(1)) + b"\0" * (packed_.RATIO_FROM * 2)))
    with pytest.raises(SourceUnavailable, match="unpacks to far more"):
        taken(source("x", {"path": path}, context()))


def test_an_item_without_end_is_not_held_in_memory(tmp_path):
    """A file that opens an item and never closes it stops at the cap."""
    (tmp_path / "a.xml").write_bytes(b"<item>" + b"x" * 300_000)
    with (tmp_path / "a.xml").open("rb") as stream, pytest.raises(SourceUnavailable, match="no text"):
        list(cut(stream, ("item",), cap=100_000))


def test_half_a_packed_download_gives_what_it_has(tmp_path):
    """All posts before the place where it stopped."""
    whole = gzip.compress(export(*(item(n, content=random.Random(n).randbytes(200).hex()) for n in range(500))))
    (tmp_path / "a.xml.gz").write_bytes(whole[: len(whole) // 2])
    got = taken(source("x", {"path": tmp_path / "a.xml.gz"}, context()), catching=SourceUnavailable)
    assert 100 < len(got.of("post")) < 400
    assert got.complete == len(got.found)
    assert "ends in the middle" in got.error.message


def test_a_packed_export_with_wrong_bytes_says_so(tmp_path):
    """Its checksum is not that of what came out."""
    whole = bytearray(gzip.compress(export(item(1))))
    whole[-6] ^= 1
    (tmp_path / "a.xml.gz").write_bytes(whole)
    with pytest.raises(SourceUnavailable, match="is damaged"):
        taken(source("x", {"path": tmp_path / "a.xml.gz"}, context()))


def test_a_damaged_zip_says_so(tmp_path):
    """Half a download."""
    whole = packed(tmp_path / "a.zip", {"a.xml": export(item(1))}).read_bytes()
    (tmp_path / "a.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceUnavailable, match="not a whole zip"):
        taken(source("x", {"path": tmp_path / "a.zip"}, context()))


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html><title>Log in</title></html>",
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><channel><item/></channel></rss>',
        b"",
        b"\x89PNG\r\n",
    ],
)
def test_what_is_no_export_is_refused(tmp_path, data):
    """A saved login page, XML with entities of its own, nothing, a picture."""
    (tmp_path / "a.xml").write_bytes(data)
    here = source("x", {"path": tmp_path / "a.xml"}, context())
    with pytest.raises(SourceUnavailable, match="not a WordPress export"):
        taken(here)
    assert [finding.severity for finding in here.check()] == ["error"]


def test_an_entity_of_the_file_is_never_resolved(tmp_path):
    """An item that names one is a failed item."""
    (tmp_path / "a.xml").write_bytes(export(item(1), item(2).replace("<title>", "<title>&passwd;")))
    got = taken(source("x", {"path": tmp_path / "a.xml"}, context()))
    assert [e.title for e in got.of("post")] == ["Post 1"]
    assert len(got.failed) == 1


def test_a_missing_file_says_where_to_get_one(tmp_path):
    """The mend is a menu in WordPress."""
    with pytest.raises(UsageError) as raised:
        taken(source("x", {"path": tmp_path / "none.xml"}, context()))
    assert "Tools > Export" in raised.value.mend


def test_a_long_export_is_read_in_flat_memory(tmp_path):
    """40 MB of posts in less than a quarter of that: one item is held at a time."""
    path = tmp_path / "a.xml"
    with path.open("wb") as file:
        whole = export("@")
        file.write(whole[: whole.index(b"@")])
        for number in range(1, 2001):
            file.write(item(number, content="word " * 4000).encode())
        file.write(whole[whole.index(b"@") + 1 :])
    assert path.stat().st_size > 40_000_000
    here = source("x", {"path": path}, context())
    tracemalloc.start()
    count = sum(1 for _ in here.harvest(Holds()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 2000
    assert peak < 10_000_000


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("below", ["", "uploads", "wp-content/uploads"])
def test_the_uploads_are_found_however_they_were_unpacked(tmp_path, below):
    """With or without the folders above them."""
    (tmp_path / "e.xml").write_bytes(export(attachment(1, URL)))
    folder = tmp_path / "media" / below / "2024" / "05"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(b"the file")
    here = source("x", {"path": tmp_path / "e.xml", "media": tmp_path / "media"}, context())
    (file,) = taken(here).one("File 1").files
    with here.open(file) as stream:
        assert stream.read() == b"the file"


def test_the_uploads_of_one_site_of_a_network_are_found(tmp_path):
    """WordPress keeps them in sites/N/; who copies them copies what is below."""
    (tmp_path / "e.xml").write_bytes(export(attachment(1, URL.replace("uploads/", "uploads/sites/7/"))))
    folder = tmp_path / "media" / "2024" / "05"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(b"the file")
    here = source("x", {"path": tmp_path / "e.xml", "media": tmp_path / "media"}, context())
    (file,) = taken(here).one("File 1").files
    with here.open(file) as stream:
        assert stream.read() == b"the file"


def test_accents_are_found_as_macos_spells_them(tmp_path):
    """Unpacked on a Mac, the same name has other bytes."""
    name = unicodedata.normalize("NFC", "Prüfung.png")
    (tmp_path / "e.xml").write_bytes(export(attachment(1, URL.replace("a.png", name))))
    folder = tmp_path / "media" / "2024" / "05"
    folder.mkdir(parents=True)
    (folder / unicodedata.normalize("NFD", name)).write_bytes(b"the file")
    here = source("x", {"path": tmp_path / "e.xml", "media": tmp_path / "media"}, context())
    (file,) = taken(here).one("File 1").files
    with here.open(file) as stream:
        assert stream.read() == b"the file"


def test_an_export_reads_nothing_outside_of_its_media_folder(tmp_path):
    """Its addresses are somebody else's words."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "link.txt").symlink_to(tmp_path / "secret.txt")
    base = "https://blog.example.org/wp-content/uploads/"
    for number, name in enumerate(("../secret.txt", "link.txt", "%2e%2e/secret.txt"), 1):
        (tmp_path / "e.xml").write_bytes(export(attachment(number, base + name)))
        here = source("x", {"path": tmp_path / "e.xml", "media": tmp_path / "media"}, context())
        (file,) = taken(here).one(f"File {number}").files
        with pytest.raises(FileGone):
            here.open(file)


def test_without_a_media_folder_files_come_from_the_site(tmp_path, httpserver):
    """While it is there; the bytes are those that it serves."""
    httpserver.expect_request("/wp-content/uploads/a.png").respond_with_data(b"served")
    (tmp_path / "e.xml").write_bytes(export(attachment(1, httpserver.url_for("/wp-content/uploads/a.png"))))
    http = Http(attempts=1, configured=[f"{httpserver.host}:{httpserver.port}"])
    here = source("x", {"path": tmp_path / "e.xml"}, context(http))
    (file,) = taken(here).one("File 1").files
    with here.open(file) as stream:
        assert stream.read() == b"served"


def test_a_dead_site_says_to_bring_the_folder(tmp_path):
    """A passing failure of that file, not of the harvest."""
    (tmp_path / "e.xml").write_bytes(export(attachment(1, "http://127.0.0.1:9/wp-content/uploads/a.png")))
    here = source("x", {"path": tmp_path / "e.xml"}, context(Http(attempts=1, configured=["127.0.0.1:9"])))
    (file,) = taken(here).one("File 1").files
    with pytest.raises(SourceUnavailable) as raised:
        here.open(file)
    assert "media:" in raised.value.mend


def test_an_export_asks_no_private_address(tmp_path, httpserver):
    """The addresses in it are discovered, not configured."""
    httpserver.expect_request("/a.png").respond_with_data(b"router settings")
    (tmp_path / "e.xml").write_bytes(export(attachment(1, httpserver.url_for("/a.png"))))
    here = source("x", {"path": tmp_path / "e.xml"}, context())
    (file,) = taken(here).one("File 1").files
    with pytest.raises(SourceUnavailable):
        here.open(file)
    assert httpserver.log == []


def test_fetching_can_be_forbidden(tmp_path, httpserver):
    """Nothing is asked of the old host."""
    (tmp_path / "e.xml").write_bytes(export(attachment(1, httpserver.url_for("/a.png"))))
    http = Http(attempts=1, configured=[f"{httpserver.host}:{httpserver.port}"])
    here = source("x", {"path": tmp_path / "e.xml", "fetch_media": False}, context(http))
    (file,) = taken(here).one("File 1").files
    with pytest.raises(SourceUnavailable, match="does not hold it"):
        here.open(file)
    assert httpserver.log == []
