"""An issuer's site on loopback, which answers as Moodle does; what it answers can be changed."""

from __future__ import annotations

import json
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.badges.assertion import Badge, of_json
from connectors.http import Http
from tests.badges.baking import FIXTURES, SITE, real


class Site:
    """The issuer's site: what it answers can be changed."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.host = f"{server.host}:{server.port}"
        self.assertion: dict[str, Any] = real(self.url)
        self.answer: Response | None = None
        self.asked: list[Request] = []
        server.expect_request("/badges/assertion.php").respond_with_handler(self._assertion)
        for name, file in (("badge_json.php", "badge-class.json"), ("issuer_json.php", "issuer.json")):
            text = (FIXTURES / file).read_text().replace(SITE.replace("/", "\\/"), self.url.replace("/", "\\/"))
            server.expect_request(f"/badges/{name}").respond_with_data(text, content_type="application/json")

    def _assertion(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answer or Response(json.dumps(self.assertion), content_type="application/json")

    @property
    def badge(self) -> Badge:
        return of_json(real(self.url))

    def http(self) -> Http:
        return Http(configured={self.host}, attempts=1)
