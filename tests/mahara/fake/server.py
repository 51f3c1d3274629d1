"""The fake's web server: one account, its sessions, and an export page that works in each of the known ways."""

from __future__ import annotations

import json
import secrets
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from tests.mahara.fake import pages

WRONG = "You have not provided the correct credentials to log in. Please check your username and password are correct."
LOCKED = "You have exceeded the maximum login attempts. This account has been locked for up to 5 minutes."
GOOD, BAD = "Export generated successfully.", "Export generated with some errors."
QUEUED = "Added all your data to the export queue."
TRIES = 5
STEM = "5ec7e7ab1e"
"""With this the number and the key of every session begin."""
LONGEST = 10.0  # seconds that a blocked export waits for whoever should look at it


@dataclass
class _Login:
    """One session: bound to the browser that began it."""

    user_agent: str
    sesskey: str = field(default_factory=lambda: f"{STEM}{secrets.token_hex(4)}")
    asked: dict[str, str] | None = None  # the form that was sent, until the export begins
    progress: object = False
    said: str = ""


class FakeMahara:
    """
    Runs until ``close``. Attributes are switched by tests at any time.

    Attributes:
        archive: The zip that every export gives; ``originals`` the one whose files the site gives out singly.

        version: ``22.10``; ``20.04`` and ``19.10`` answer into a frame, the last with a choice of formats.

        queue: Exports are queued; ``work_off`` is the site's cron.

        looks: How often progress must have been asked for before the export is done.

        asked: Method and path with query of every request, in order.

        forms: The forms that were sent, by path.
    """

    user, password, number = "sam.morgan", "Correct-horse-7!", "2"

    def __init__(self, archive: Path) -> None:
        self.archive = self.originals = archive
        self.version = "22.10"
        self.queue = False
        self.looks = 0
        self.status = GOOD
        self.info = True
        self.logins: list[str] | None = None
        self.wwwroot = ""
        self.cookie = "mahara"
        self.rotate = False
        self.forced = False
        self.suspended = ""
        self.closed = ""
        self.crash = False
        self.nothing_made = ""
        self.gateway: int | None = None
        self.elsewhere = ""
        self.end_session_at = ""
        self.cut_zip: list[int] = []
        self.lost_files: set[str] = set()
        self.gone = False
        self.asked: list[str] = []
        self.forms: dict[str, list[dict[str, str]]] = {}
        self.tries = 0
        self.sessions: dict[str, _Login] = {}
        self.zips: list[str] = []
        self.archives: list[int] = []
        self.mail = ""
        self.page_instead = False
        self.waiting = 0
        self._next = 7
        self._seen = threading.Condition()
        self._looked = 0
        self._server = make_server("127.0.0.1", 0, self._wsgi, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def browser(self, user_agent: str) -> str:
        """Log in as a browser does on a site with SSO; returns the cookie's value."""
        value = _number()
        self.sessions[value] = _Login(user_agent)
        return value

    def work_off(self) -> None:
        """Run the cron: make what waits in the queue, and write to the inbox."""
        while self.waiting:
            self.waiting -= 1
            self._next += 1
            self.archives.append(self._next)

    def made(self) -> int:
        """How many exports this site has made or queued."""
        return len(self.zips) + self.waiting + len(self.archives)

    # --- one request --------------------------------------------------------------------------------------------------

    @Request.application
    def _wsgi(self, request: Request) -> Response:
        path = request.path.lstrip("/")
        self.asked.append(f"{request.method} {request.full_path.rstrip('?').lstrip('/')}")
        if request.method == "POST":
            self.forms.setdefault(path, []).append(dict(request.form))
        if path == "module/mobileapi/json/info.php":
            return self._about()
        if request.method == "POST" and "pieform_login" in request.form:
            return self._log_in(request)
        value = request.cookies.get(self.cookie, "")
        login = None if self.closed else self.sessions.get(value)
        if login is not None and (
            login.user_agent != request.headers.get("User-Agent") or (path and path == self.end_session_at)
        ):
            del self.sessions[value]  # for the browser, too
            return self._redirect("")
        if path in {"artefact/file/download.php", "downloadarchive.php"} and "login" not in request.args:
            answer = (
                self._file(request, path, login) if login else self._redirect(request.full_path.lstrip("/") + "&login")
            )
        elif login is None:
            answer = self._stranger(path)
        else:
            answer = self._inside(request, path, login, value)
        if login is not None and value in self.sessions:
            answer.set_cookie(self.cookie, self._renewed(value), httponly=True, samesite="Lax")
        return answer

    def _renewed(self, value: str) -> str:
        if not self.rotate:
            return value
        fresh = _number()
        self.sessions[fresh] = self.sessions.pop(value)
        return fresh

    def _about(self) -> Response:
        if not self.info:
            return self._html("denied", status=404)
        said: dict[str, object] = {
            "maharaversion": self.version,
            "wwwroot": self.wwwroot or self.url,
            "sitename": "Lab ePortfolio",
            "wsenabled": self.logins is not None,
        }
        if self.logins is not None:
            said |= {"mobileapienabled": True, "logintypes": self.logins}
        return Response(json.dumps(said), content_type="text/html; charset=UTF-8")

    def _log_in(self, request: Request) -> Response:
        form = request.form
        if {"login_username", "login_password", "submit"} - set(form) or self.logins == ["sso"]:
            return self._html("front")
        if self.closed:
            return self._text(pages.closed(self._root, self.closed, self.closed, WRONG, "You are unable to login"))
        if self.suspended:
            return self._html("front", said=self.suspended, kind="info")
        if self.tries >= TRIES:
            return self._html("front", said=LOCKED, kind="danger")
        if (form["login_username"], form["login_password"]) != (self.user, self.password):
            self.tries += 1
            return self._html("wrong-password")
        self.tries = 0
        value = self.browser(request.headers.get("User-Agent", ""))
        answer = self._redirect("index.php")
        answer.set_cookie(self.cookie, value, httponly=True, samesite="Lax")
        return answer

    def _stranger(self, path: str) -> Response:
        if path == "export/download-progress.php":
            with self._seen:
                self._looked += 1
                self._seen.notify_all()
            return _json({"error": "global", "message": "Reload the page to log in", "returnCode": 1})
        if self.closed:
            return self._text(pages.closed(self._root, self.closed))
        if path and not path.endswith(".php"):
            return Response("<html><title>404 Not Found</title></html>", 404, content_type="text/html")
        return self._html("front" if path in {"", "index.php"} else "login")

    def _inside(self, request: Request, path: str, login: _Login, value: str) -> Response:
        modern = self.version not in {"19.10", "20.04"}
        if path == "export/download-progress.php" and modern:
            if request.args.get("sesskey") != login.sesskey:
                del self.sessions[value]
                return _json({"error": "global", "message": "Invalid session key", "returnCode": 1})
            return self._progress(login)
        if self.forced:
            return self._text(pages.forced(self._root, login.sesskey))
        if path == "export/index.php":
            return self._export(request, login)
        if path == "export/download.php":
            wanted = request.args.get("file", "")
            return self._zip(request, wanted) if wanted else self._make(login)
        if path == "module/multirecipientnotification/inbox.php":
            return self._text(pages.inbox(self._root, login.sesskey, self.archives) + self.mail)
        if path in {"", "index.php"}:
            return self._html("bad-sesskey", sesskey=login.sesskey)
        return self._html("denied", status=404)

    # --- the export ---------------------------------------------------------------------------------------------------

    def _export(self, request: Request, login: _Login) -> Response:
        login.asked = None
        old = self.version == "19.10"
        if request.method != "POST" or "pieform_export" not in request.form:
            said, login.said = login.said, ""
            modern = self.version not in {"19.10", "20.04"}
            return self._text(pages.export(self._root, login.sesskey, old=old, private=modern, said=said))
        form = dict(request.form)
        if form.get("sesskey") != login.sesskey:
            return self._html("bad-sesskey", sesskey=login.sesskey)
        if form.get("what") != "all" or "submit" not in form or (old and form.get("format") != "leap"):
            return self._html("export", login.sesskey, "You must select at least one page to export", "danger")
        if self.queue:
            self.waiting += 1
            login.said = QUEUED
            return self._redirect("export/index.php")
        login.asked, login.progress = form, False
        if self.version in {"19.10", "20.04"}:
            framed = pages.page("making", self._root, login.sesskey)
            return self._text(framed.replace("<h3>", f'<iframe src="{self._root}export/download.php"></iframe><h3>'))
        return self._html("making", login.sesskey)

    def _make(self, login: _Login) -> Response:
        asked, login.asked = login.asked, None
        modern = self.version not in {"19.10", "20.04"}
        if asked is None:
            if not modern:
                return self._redirect("export/index.php")
            return _json(_said({"redirect": f"{self._root}export/index.php"}))
        began = datetime.now(UTC)
        self._work(login)
        if self.crash:
            return self._text(pages.CRASH)
        if self.nothing_made:
            return _json(_said({"message": self.nothing_made, "redirect": f"{self._root}export/index.php"}))
        name = f"{int(began.timestamp())}/mahara-export-user{self.number}-{began:%Y-%m-%d_%H-%M}.zip"
        self.zips.append(name)
        login.progress = "done"
        if self.gateway is not None:
            return Response("<html><title>Gateway Time-out</title></html>", self.gateway, content_type="text/html")
        lies = "" if login in self.sessions.values() else f"/srv/dataroot/export/{self.number}/"
        address = f"{self.elsewhere or self._root}export/download.php?file={lies}{name}"
        if not modern:
            return self._text(pages.frame(["Writing files"], address, self.status))
        progress = {"percent": 100, "status": self.status}
        return _json(_said({"finished": True, "progress": progress, "serve_file": address}))

    def _work(self, login: _Login) -> None:
        """Go on as long as the test wants to see it: each step is done when somebody has looked at it."""
        until = time.monotonic() + LONGEST
        for step in range(self.looks):
            with self._seen:
                login.progress = {"percent": 100 * step // self.looks, "status": f"Exporting pages for HTML: {step}/8"}
                looked = self._looked
                while (
                    self._looked == looked
                    and login in self.sessions.values()
                    and self._seen.wait(max(0.0, until - time.monotonic()))
                ):
                    pass

    def _progress(self, login: _Login) -> Response:
        with self._seen:
            data = {"progress": login.progress}
            self._looked += 1
            self._seen.notify_all()
        if login.progress == "done":
            data["finished"] = True
            login.progress = False
        return _json(_said(data))

    # --- files ------------------------------------------------------------------------------------------------------

    def _zip(self, request: Request, wanted: str) -> Response:
        if self.gone or wanted not in self.zips:
            return self._html("denied", status=403)
        return self._served(request, "application/x-zip", f'attachment; filename="{wanted.rpartition("/")[2]}"')

    def _file(self, request: Request, path: str, login: _Login) -> Response:
        if path == "downloadarchive.php":
            if self.gone or request.args.get("id", type=int) not in self.archives:
                return self._html("denied", status=403)
            return self._served(request, "application/zip", 'inline; filename="mahara-export.zip"')
        if self.page_instead:
            return self._html("bad-sesskey", login.sesskey)
        number = request.args.get("file", "")
        found = None if number in self.lost_files else self.file(number)
        if found is None:
            return self._html("denied", login.sesskey, status=403)
        answer = Response(found[1], content_type="text/html")  # whatever it is: a page that was uploaded is one
        answer.headers["Content-Disposition"] = f'attachment; filename="{found[0].encode().decode("latin-1")}"'
        return answer

    def file(self, number: str) -> tuple[str, bytes] | None:
        """Return name and bytes of a file by its number, as they lie in the zip."""
        with zipfile.ZipFile(self.originals) as packed:
            for name in packed.namelist():
                base = name.rpartition("/")[2]
                if base.startswith(f"{number}-") and not base.startswith((f"{number}-maxw", f"{number}-maxh")):
                    return base.partition("-")[2], packed.read(name)
        return None

    def _served(self, request: Request, kind: str, disposition: str) -> Response:
        answer = send_file(self.archive, request.environ, mimetype=kind, conditional=True, etag=False)
        answer.headers["Content-Disposition"] = disposition
        if self.cut_zip and request.method == "GET":
            answer.direct_passthrough = False
            data, keep = answer.get_data(), self.cut_zip.pop(0)
            whole = str(len(data))
            answer.response = _first(data, keep)
            answer.headers["Content-Length"] = whole
        return answer

    # --- answers ------------------------------------------------------------------------------------------------------

    @property
    def _root(self) -> str:
        return self.wwwroot or self.url

    def _html(
        self,
        name: str,
        sesskey: str = "",
        said: str = "",
        kind: Literal["success", "danger", "info"] = "success",
        status: int = 200,
    ) -> Response:
        return self._text(pages.page(name, self._root, sesskey, said, kind), status)

    @staticmethod
    def _text(html: str, status: int = 200) -> Response:
        return Response(html, status, content_type="text/html; charset=UTF-8")

    def _redirect(self, path: str) -> Response:
        return Response("", 303, {"Location": self._root + path}, content_type="text/html; charset=UTF-8")


def _number() -> str:
    return f"{STEM}{secrets.token_hex(16)}"


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Nothing: the keys of sessions stand in addresses, and tests look for them in logs."""


def _first(data: bytes, count: int) -> Iterator[bytes]:
    yield data[:count]


def _said(data: dict[str, object]) -> dict[str, object]:
    return {"error": False, "message": {"data": data}, "returnCode": 0}


def _json(said: dict[str, object]) -> Response:
    return Response(json.dumps(said), content_type="application/json")
