"""
A WordPress as somebody who writes there sees it: the REST interface with a login, and what its refusals mean.

Everything that writes is a POST, with ``X-HTTP-Method-Override`` for the rest: web servers refuse DELETE and PUT.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, BinaryIO

from connectors.contract import SourceUnavailable, TargetRefused
from connectors.http import Http
from connectors.http_address import same_site
from connectors.http_answer import Answer
from connectors.wordpress.account import Account, log_in
from connectors.wordpress.api import Api
from connectors.wordpress.probe import moved, probe


class Desk:
    """The REST interface of one site for one account."""

    def __init__(self, http: Http, name: str, url: str, user: str, password: str) -> None:
        self._http = http
        self._name = name
        self._url = url
        self._auth = (user, password)

    @cached_property
    def root(self) -> str:
        """
        The address of the REST interface, as the site names it: a guessed one answers 200 with a web page.

        Raises:
            SourceUnavailable: There is none.
        """
        found = probe(self._url, self._http)
        if found.kind != "rest":
            seen = next((finding for finding in found.findings if finding.severity != "ok"), None)
            raise SourceUnavailable(
                seen.message if seen else f"{self._url} has no REST interface.",
                code=seen.code if seen else "no-rest",
                unchanged="Nothing was sent.",
                mend="Put that right; or paste the page by hand: keepfolio build --paste",
            )
        if not same_site(self._url, found.api):
            raise moved(found.api)
        return found.api

    @cached_property
    def me(self) -> Account:
        """
        Who the site says that we are. WordPress answers a wrong password as it answers a stranger.

        Raises:
            SourceRefused: It is not the configured account, as of a source with a wrong password.

            TargetRefused: There is no password to try.
        """
        user, password = self._auth
        if not password:
            raise TargetRefused(
                f"There is no password for {self._name}.",
                code="no-password",
                unchanged="Nothing was sent.",
                mend=f"keepfolio login {self._name}",
            )
        return log_in(Api(self._http, self.root, self._auth), user)

    def may(self, capability: str) -> bool:
        """Say whether the account has a capability, by what the site says."""
        return capability in self.me.can

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Return the JSON at a route; None where it does not exist. The login is proved first."""
        _ = self.me  # a stranger sees no drafts: every finding would be wrong
        answer = self._http.get(f"{self.root}wp/v2/{path}", {"context": "edit", **(params or {})}, auth=self._auth)
        return None if answer.status in {404, 410} else self._value(answer)

    def list(self, path: str, params: Mapping[str, str | int]) -> list[Mapping[str, Any]]:
        """Return the items of a listing of at most a hundred."""
        found = self.get(path, {"per_page": 100, **params})
        if not isinstance(found, list):
            raise SourceUnavailable(f"{self._url} gave something else than a list of {path}.", code="not-json")
        return found

    def write(self, path: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create or change; return the item as the site stored it."""
        stored: Mapping[str, Any] = self._value(
            self._http.post(f"{self.root}wp/v2/{path}", auth=self._auth, json=dict(value))
        )
        return stored

    def upload(self, body: BinaryIO, name: str, md5: str, params: Mapping[str, str | int]) -> Answer:
        """
        Send a file; the caller looks at refusals. ``name`` must be ASCII: WordPress reads no encoded names.

        The type is never said: WordPress finds it by name and bytes, and would take the members of a JSON or form body
        for parameters of the request.
        """
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-MD5": md5,
        }
        return self._http.post(f"{self.root}wp/v2/media", params, headers, self._auth, data=body)

    def delete(self, path: str) -> None:
        """Delete for good; what is gone already is as good."""
        answer = self._http.post(f"{self.root}wp/v2/{path}", {"force": "true"}, auth=self._auth, override="DELETE")
        if answer.status not in {404, 410}:
            self._value(answer)

    def _value(self, answer: Answer) -> Any:
        if answer.ok:
            return answer.json()
        raise self.refusal(answer)

    def refusal(self, answer: Answer) -> Exception:
        """Return the error that an answer means."""
        if answer.status == 413:
            return TargetRefused(
                f"{self._url} does not take a file or page of this size.",
                code="too-large",
                unchanged="What is on the site is as it was.",
                mend="Ask the host to raise the upload limit, or leave the file out of the portfolio.",
            )
        code, message = error_of(answer)
        if not code or (answer.status >= 500 and not code.startswith("rest_upload")):
            return answer.not_json() if not code else SourceUnavailable(f"{self._url} failed: {message}", code=code)
        if code.startswith("rest_upload") and answer.status >= 500:
            return TargetRefused(
                f"{self._url} could not store the file: {message}",
                code=code.replace("_", "-"),
                unchanged="What is on the site is as it was.",
                mend="Ask the site's host to look at its disk space and upload limit, then: "
                f"keepfolio publish {self._name}",
            )
        if code in {"rest_cannot_create", "rest_cannot_edit", "rest_cannot_publish"}:
            return self.not_allowed(message)
        return TargetRefused(
            f"{self._url} refused: {message} ({code}).",
            code=code.replace("_", "-"),
            unchanged="What is on the site is as it was.",
            mend=f"keepfolio check {self._name}",
        )

    def not_allowed(self, message: str) -> TargetRefused:
        """Return the error for an account without the right to write there."""
        return TargetRefused(
            f"{self._url} does not let the account {self._auth[0]} do this: {message}",
            code="may-not-write",
            unchanged="What is on the site is as it was.",
            mend="Ask for the role of editor there, or paste the page by hand: keepfolio build --paste",
        )


def error_of(answer: Answer) -> tuple[str, str]:
    """Return WordPress's error code and message; two empty texts where something else answered."""
    try:
        value = answer.json()
    except SourceUnavailable:
        return "", ""
    return (str(value.get("code", "")), str(value.get("message", ""))) if isinstance(value, dict) else ("", "")
