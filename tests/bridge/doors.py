"""A WordPress on loopback as far as its door: it names itself, and lets in whom it is told to, or nobody."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bridge.session import Session
from bridge.workspace import Workspace

ME = {
    "id": 1,
    "name": "Jane",
    "slug": "jane",
    "username": "jane",
    "email": "j@b.example",
    "roles": ["editor"],
    "capabilities": {"edit_posts": True, "publish_pages": True, "upload_files": True},
}


@dataclass
class Door:
    """What the site is asked: ``logins`` are the passwords that were sent to it, in order."""

    server: HTTPServer
    password: str = ""

    def __post_init__(self) -> None:
        about = {"name": "A blog", "namespaces": ["wp/v2"], "home": self.url, "url": self.url, "authentication": []}
        api = f'<link rel="https://api.w.org/" href="{self.url}/wp-json/">'
        self.server.expect_request("/").respond_with_data(f"<html><head>{api}</head></html>", content_type="text/html")
        self.server.expect_request("/wp-json/").respond_with_json(about)
        self.server.expect_request("/wp-json/wp/v2/users/me").respond_with_handler(self._who)
        for place in ("posts", "pages", "media"):
            self.server.expect_request(f"/wp-json/wp/v2/{place}").respond_with_json([], headers={"X-WP-Total": "0"})

    @property
    def url(self) -> str:
        return self.server.url_for("").rstrip("/")

    @property
    def logins(self) -> list[str]:
        sent = [request.headers.get("Authorization", "") for request, _ in self.server.log]
        return [base64.b64decode(one.removeprefix("Basic ")).decode().partition(":")[2] for one in sent if one]

    def _who(self, request: Request) -> Response:
        import json

        if self.password and request.authorization and request.authorization.password == self.password:
            return Response(json.dumps(ME), content_type="application/json")
        refusal = {"code": "incorrect_password", "message": "The provided password is an invalid application password."}
        return Response(json.dumps(refusal), 401, content_type="application/json")


def opened(folder: Path) -> Session:
    """Return a session of its own, as every command has."""
    return Session(Workspace(folder))
