"""Rubbish in: a clear error out, nothing lost, no traceback."""

from __future__ import annotations

import http.server
import socket
import ssl
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.journey.owner import Answer, Owner


@contextmanager
def serving(answer: Callable[[http.server.BaseHTTPRequestHandler], None], tls: Path | None = None) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):
                answer(self)

        do_HEAD = do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def page(body: bytes, kind: str = "text/html", status: int = 200, **headers: str) -> Callable:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def harvested(owner: Owner, **source: object) -> Answer:
    owner.configure(sources={"blog": source})
    answer = owner.run("harvest", "--json")
    assert "Traceback" not in answer.err, answer.err
    return answer


def is_clear(answer: Answer) -> dict:
    """The run failed, and says what happened and what mends it."""
    assert answer.code == 1, answer.out + answer.err
    error = answer.json["sources"][0]["error"]
    assert error["message"]
    assert error["mend"], error
    return error


def test_an_unreachable_host(new_owner: Callable[[str], Owner]) -> None:
    """Nobody listens there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    is_clear(harvested(new_owner("jane"), type="wordpress", url=f"http://127.0.0.1:{port}"))


def test_a_host_that_does_not_exist(new_owner: Callable[[str], Owner]) -> None:
    """The name is known to nobody."""
    is_clear(harvested(new_owner("jane"), type="wordpress", url="https://nowhere.invalid"))


def test_a_bad_certificate(new_owner: Callable[[str], Owner], tmp_path: Path) -> None:
    """A certificate that nobody vouches for is not accepted."""
    pem = tmp_path / "own.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "1",
            "-subj",
            "/CN=127.0.0.1",
            "-keyout",
            str(pem),
            "-out",
            str(tmp_path / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    pem.write_bytes(pem.read_bytes() + (tmp_path / "cert.pem").read_bytes())
    with serving(page(b"hello"), tls=pem) as url:
        error = is_clear(harvested(new_owner("jane"), type="wordpress", url=url))
    assert "certificate" in error["message"].lower()


def test_a_redirect_loop(new_owner: Callable[[str], Owner]) -> None:
    """An address that leads to itself."""
    with serving(page(b"", status=302, Location="/again")) as url:
        is_clear(harvested(new_owner("jane"), type="wordpress", url=url))


def test_a_login_page_with_200(new_owner: Callable[[str], Owner]) -> None:
    """A log-in page in the place of everything is not content."""
    form = b"<html><head><title>Log in</title></head><body><form><input type=password></form></body></html>"
    with serving(page(form)) as url:
        answer = harvested(new_owner("jane"), type="feed", url=url)
        is_clear(answer)


def test_an_answer_without_end(new_owner: Callable[[str], Owner]) -> None:
    """An answer of five gigabytes is refused long before, and memory stays flat."""

    def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/rss+xml")
        handler.send_header("Content-Length", str(5 << 30))
        handler.end_headers()
        while True:
            handler.wfile.write(b"<item>" * 100_000)

    with serving(endless) as url:
        error = is_clear(harvested(new_owner("jane"), type="feed", url=url))
    assert error["code"] == "too-large"


@pytest.mark.parametrize("body", [b"", b"not xml at all", b"<rss><channel><item>", b"\x00\x01\x02" * 1000])
def test_an_export_that_is_none(new_owner: Callable[[str], Owner], body: bytes) -> None:
    """A file that is no export, or the half of one."""
    owner = new_owner("jane")
    (owner.folder / "export.xml").write_bytes(body)
    is_clear(harvested(owner, type="wordpress-export", path="export.xml"))


def test_an_export_that_is_not_there(new_owner: Callable[[str], Owner]) -> None:
    """The file of the configuration does not exist."""
    is_clear(harvested(new_owner("jane"), type="wordpress-export", path="nowhere.xml"))


def test_a_zip_bomb(new_owner: Callable[[str], Owner]) -> None:
    """A zip that unpacks to gigabytes is refused."""
    owner = new_owner("jane")
    with (
        zipfile.ZipFile(owner.folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("export.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(1500):
            member.write(b" " * (1 << 20))
    is_clear(harvested(owner, type="wordpress-export", path="export.zip"))


def test_an_entity_bomb(new_owner: Callable[[str], Owner]) -> None:
    """Entities are not expanded."""
    owner = new_owner("jane")
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    (owner.folder / "export.xml").write_text(
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "aaaaaaaaaa">{entities}]><rss><channel><title>&a9;</title></channel></rss>'
    )
    is_clear(harvested(owner, type="wordpress-export", path="export.xml"))


def test_a_configuration_with_five_mistakes_names_all_five(new_owner: Callable[[str], Owner]) -> None:
    """Each mistake with its line, column and the nearest valid key."""
    owner = new_owner("jane")
    (owner.folder / "config.yaml").write_text(
        "ownr: Jane\n"
        "timezone: Europe/Londn\n"
        "sources:\n"
        "  blog: {type: wordpres, url: https://b.example.org}\n"
        "  feed: {type: feed, url: ftp://b.example.org}\n"
        "  old: {type: wordpress-export, pth: x.xml}\n"
    )

    answer = owner.run("harvest")

    assert answer.code == 2
    for line in ("config.yaml:1:", "config.yaml:2:", "config.yaml:4:", "config.yaml:5:", "config.yaml:6:"):
        assert line in answer.err, answer.err
    for near in ("owner", "wordpress", "path"):
        assert near in answer.err
    assert "Traceback" not in answer.err


def test_a_password_in_the_configuration_is_refused(new_owner: Callable[[str], Owner]) -> None:
    """Secrets do not belong there, and the mend says where they do."""
    owner = new_owner("jane")
    owner.configure(sources={"blog": {"type": "wordpress", "url": "https://b.example.org", "password": "hunter2"}})

    answer = owner.run("harvest")

    assert answer.code == 2
    assert "keepfolio login" in answer.err
    assert "hunter2" not in answer.err
