"""A real WebDAV server (wsgidav) at ``/bbcswebdav``, and before it whatever an institution may put there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp

from connectors.http import Http

USER, PASSWORD = "rashby", "Cwtch-7788"
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

HARD_NAMES = (
    "plan #1.docx",
    "what now?.txt",
    "100% attendance.pdf",
    "C++ notes.txt",
    "notes & queries.txt",
    "Cyrhaeddiad – adroddiad ŵ.docx",
    "party 🎉.png",
    "semi;colon, and 'quotes'.txt",
    "a%20b.txt",
    "Photo.JPG",
    "photo.jpg",
    "empty.bin",
)
"""Names that were measured to break clients of WebDAV."""


class Server:
    """Counts what it is asked; ``before`` may answer in the place of the real server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, str]] = []
        self.before: Callable[[str, str], tuple[str, list[tuple[str, str]], bytes] | None] = lambda _m, _p: None
        logging.getLogger("wsgidav").setLevel(logging.CRITICAL)
        self._app: App = WsgiDAVApp(
            {
                "provider_mapping": {"/bbcswebdav": {"root": str(folder), "readonly": True}},
                "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
                "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
                "property_manager": False,
                "lock_storage": False,
                "logging": {"enable": False},
                "verbose": 0,
            }
        )
        self._server = wsgi.Server(("127.0.0.1", 0), self._serve, numthreads=4)
        self._server.expiration_interval = 0.02  # seconds until a stop is noticed
        self._server.prepare()
        self.url = f"http://127.0.0.1:{self._server.bind_addr[1]}"
        threading.Thread(target=self._server.serve, daemon=True).start()

    def _serve(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.asked.append((method, path))
        instead = self.before(method, path)
        if instead is None:
            return self._app(environ, start)
        status, headers, body = instead
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def count(self, method: str) -> int:
        return sum(asked == method for asked, _ in self.asked)

    def http(self) -> Http:
        return Http(user_agent="keepfolio/test", attempts=2, backoff=0.001)

    def close(self) -> None:
        self._server.stop()


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    try:
        yield server
    finally:
        server.close()


def fill(root: Path) -> Path:
    """Make a small collection of the user, with the hard names, folders in folders and an empty one."""
    own = root / "users" / USER
    for number, name in enumerate(HARD_NAMES):
        place = own / "CPD 2024/ALT-C # 2?" / name if number % 2 else own / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"" if name == "empty.bin" else f"{number} {name}".encode() * 5)
    (own / "empty folder").mkdir()
    (root / "users" / "somebody").mkdir()
    (root / "users" / "somebody" / "theirs.txt").write_text("not yours")
    return own
