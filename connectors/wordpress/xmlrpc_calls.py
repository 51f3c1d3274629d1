"""
The door that older WordPress sites leave open: XML-RPC, read through python-wordpress-xmlrpc.

The library (2.3, of 2014) is fenced in this module. It is given our transport, because its own has no time-out and a
user agent that hosts refuse; it is asked for plain structs (``results_class=None``), because its way of making objects
of lists is broken on every Python since 3.10; and its errors are told apart here, because it calls every fault 403 a
wrong password.
"""

from __future__ import annotations

import re
import time
import xmlrpc.client
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

from wordpress_xmlrpc import Client
from wordpress_xmlrpc.exceptions import InvalidCredentialsError, XmlrpcDisabledError
from wordpress_xmlrpc.methods import comments, media, posts, taxonomies, users

from connectors.contract import SourceRefused, SourceUnavailable
from connectors.http import Http
from connectors.http_address import may_carry_secret
from connectors.http_answer import Answer
from connectors.wordpress.probe import moved

Struct = dict[str, Any]

ANSWER_CAP = 64 * 2**20
_WAITS = (0.5, 1.0, 2.0, 4.0)
_LONGEST_WAIT = 60  # seconds; less than for a GET, because nobody can end it early

_NOT_IN_XML = bytes(set(range(32)) - {9, 10, 13})
_SECRET = re.compile(
    rb"(<name>\s*(?:post_password|author_email|author_ip|author_agent)\s*</name>\s*<value>)[^<]*(?:<string>[^<]*</string>)?\s*(</value>)"
)
_STRUCT = re.compile(rb"<(/?)struct>")


class Fault(Exception):
    """WordPress understood the call and refuses it; ``code`` is like HTTP's."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class Unreadable(Exception):
    """The answer is no XML: one post in it broke the whole."""


class _Method(Protocol):
    method_name: str


class _Transport(xmlrpc.client.Transport):
    """Carries calls over our session, and keeps the bytes of the last answer."""

    def __init__(self, http: Http, endpoint: str) -> None:
        super().__init__()
        self._http = http
        self._endpoint = endpoint
        self.body = b""

    def request(self, host: Any, handler: str, request_body: Any, verbose: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - the library's form
        answer = self._ask(bytes(request_body))
        where = urlsplit(self._endpoint).netloc
        if urlsplit(answer.url).netloc != where:
            # the first call of all carries no password: one that is led elsewhere never does
            raise off(f"{where} leads XML-RPC on to {urlsplit(answer.url).netloc}.")
        if answer.status >= 500 or answer.status == 429:
            raise Unreadable(f"{where} answered {answer.status}")
        if not answer.ok:
            raise off(f"{where} answered {answer.status} where XML-RPC should be.")
        # a control character in one post would make the answer of all unreadable
        self.body = answer.body.translate(None, _NOT_IN_XML)
        start = self.body[:2048].lstrip()
        if b"<methodResponse" not in start:
            raise Unreadable(f"{where} gave something that is not XML-RPC")
        if b"<!DOCTYPE" in self.body or b"<!ENTITY" in self.body:
            raise off(f"{where} sent XML with definitions of its own, which was not read.", code="unsafe-xml")
        parser, target = self.getparser()
        try:
            parser.feed(self.body[self.body.index(b"<methodResponse") :])
            parser.close()
            return target.close()
        except (ExpatError, xmlrpc.client.ResponseError, ValueError, TypeError) as error:
            raise Unreadable(str(error)) from error

    def _ask(self, body: bytes) -> Answer:
        """Send a call; again, when the server is busy: everything asked for here only reads."""
        for wait in (*_WAITS, None):
            answer = self._http.post(self._endpoint, data=body, headers={"Content-Type": "text/xml"}, cap=ANSWER_CAP)
            if answer.status not in (429, 503) or wait is None:
                break
            asked = answer.headers.get("Retry-After", "")
            time.sleep(min(int(asked), _LONGEST_WAIT) if asked.isdecimal() else wait)
        return answer


def off(what: str, *, code: str = "xmlrpc-off") -> SourceUnavailable:
    """Return the error for a door that is closed, with the other doors as its mend."""
    return SourceUnavailable(
        what,
        code=code,
        unchanged="What was kept before is untouched.",
        mend="Use REST with an application password, or bring the export (Tools > Export).",
    )


@dataclass(frozen=True)
class Blog:
    """A site that the login may enter. ``home`` is its address; ``admin``: nothing is hidden from this account."""

    number: str
    title: str
    home: str
    admin: bool


class Calls:
    """
    What is asked of one endpoint, as plain structs with aware code around them; logs in on the first call.

    Args:
        endpoint: The address of ``xmlrpc.php``.

        user: Login name.

        password: A real or an application password. It travels in the body: by https, or to loopback.

        http: The session.
    """

    def __init__(self, endpoint: str, user: str, password: str, http: Http) -> None:
        self._endpoint = endpoint
        self._user = user
        self._password = password
        self._http = http
        self._transport = _Transport(http, endpoint)
        self._client: Any = None
        http.redact(password)

    def login(self) -> Blog:
        """
        Prove who we are, once, and return the blog of this endpoint.

        Raises:
            SourceRefused: Wrong user or password.

            SourceUnavailable: XML-RPC is off or does not answer, or the password would travel in the open or to a
                host that the owner did not name.
        """
        if not self._http.owns(self._endpoint):
            raise moved(self._endpoint)
        if not may_carry_secret(self._endpoint, self._http.insecure):
            raise SourceUnavailable(
                f"{self._endpoint} is plain http: a password sent there can be read by others, so it was not sent.",
                code="insecure",
                mend="Write https:// in config.yaml; or, if you know why, set `insecure: true` there.",
            )
        try:
            if self._client is None:
                self._client = self._connect()
            found = self._call(users.GetUsersBlogs(results_class=None))
        except Fault as fault:
            if fault.code == 403:
                raise SourceRefused(
                    f"{urlsplit(self._endpoint).netloc} refused the user name or the password.",
                    code="wrong-password",
                    unchanged="Nothing else was asked.",
                    mend="Run: keepfolio login",
                ) from None
            raise off(fault.text) from None
        except Unreadable as error:
            raise off(f"XML-RPC does not answer: {error}.") from None
        blog = self._choose([one for one in found if isinstance(one, dict)] if isinstance(found, list) else [])
        self._client.blog_id = blog.number
        return blog

    def alive(self) -> None:
        """
        Make sure that it is one answer that cannot be read, and not the site that is down.

        Raises:
            SourceUnavailable: The site does not answer the shortest of calls either.
        """
        try:
            self._call(users.GetProfile(results_class=None))
        except Unreadable as error:
            raise off(f"XML-RPC does not answer any more: {error}.") from None
        except Fault:
            return

    def posts(self, kind: str, statuses: list[str], number: int, offset: int, fields: list[str]) -> list[Struct]:
        """Return posts of a type by number, oldest number first; those that the account may not edit are left out."""
        wanted = {
            "post_type": kind,
            "post_status": statuses,
            "number": number,
            "offset": offset,
            "orderby": "ID",
            "order": "ASC",
        }
        return self._list(posts.GetPosts(wanted, fields, results_class=None))

    def types(self) -> list[str]:
        """Return posts, pages and the site's own post types, as far as the account may edit them."""
        found = self._call(_PostTypes())
        own = sorted(name for name, it in found.items() if not it.get("_builtin")) if isinstance(found, dict) else []
        return ["post", "page", *own]

    def post_exists(self, number: int) -> bool:
        """Return whether there is a post, page or file of that number, in the bin too; Fault where it is not said."""
        return self._exists(posts.GetPost(number, ["post_id"], results_class=None))

    def comment_exists(self, number: int) -> bool:
        """Return whether there is a comment of that number."""
        return self._exists(comments.GetComment(number, results_class=None))

    def media(self, number: int, offset: int) -> list[Struct]:
        """Return files of the library, newest first."""
        return self._list(media.GetMediaLibrary({"number": number, "offset": offset}, results_class=None))

    def media_item(self, number: int) -> list[Struct]:
        """Return one file of the library, as a list."""
        return [self._call(media.GetMediaItem(number, results_class=None))]

    def comments(self, number: int, offset: int) -> list[Struct]:
        """Return approved and held comments, newest first."""
        return self._list(comments.GetComments({"number": number, "offset": offset}, results_class=None))

    def terms(self) -> Iterator[Struct]:
        """Yield the terms of all taxonomies that the account may use."""
        for taxonomy in self._list(taxonomies.GetTaxonomies(results_class=None)):
            name = taxonomy["name"]
            if name == "post_format":
                continue  # an aside or a gallery: no term to a person
            try:
                yield from self._list(taxonomies.GetTerms(name, {"hide_empty": False}, results_class=None))
            except Fault:
                continue  # the account may not assign terms of this one

    def authors(self) -> list[Struct]:
        """Return the people who may write: number, login, display name."""
        return self._list(users.GetAuthors(results_class=None))

    def me(self) -> list[Struct]:
        """Return the account's own number, as a list of one."""
        return [self._call(users.GetProfile(results_class=None))]

    def raws(self) -> list[bytes]:
        """Return the bytes of each struct in the last answer's list, without secrets."""
        return [_SECRET.sub(rb"\1\2", data) for data in _structs(self._transport.body)]

    def _connect(self) -> Any:
        try:
            return Client(self._endpoint, self._user, self._password, transport=self._transport)
        except xmlrpc.client.Fault as fault:
            raise Fault(fault.faultCode, fault.faultString) from None

    def _call(self, method: _Method) -> Any:
        try:
            return self._client.call(method)
        except InvalidCredentialsError as error:
            raise Fault(403, str(error)) from None
        except XmlrpcDisabledError as error:
            raise off(f"XML-RPC is switched off: {error}") from None
        except xmlrpc.client.Fault as fault:
            raise Fault(fault.faultCode, fault.faultString) from None

    def _list(self, method: _Method) -> list[Struct]:
        found = self._call(method)
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def _exists(self, method: _Method) -> bool:
        try:
            self._call(method)
        except Fault as fault:
            if fault.code == 404:
                return False
            raise
        return True

    def _choose(self, found: list[Struct]) -> Blog:
        here = urlsplit(self._endpoint)
        ours = [b for b in found if urlsplit(str(b.get("xmlrpc"))).path == here.path] or found
        if not ours:
            raise SourceUnavailable(
                "The login is right, and belongs to no blog there.",
                code="no-blog",
                mend="Ask the site's administrator.",
            )
        blog = ours[0]
        return Blog(
            str(blog.get("blogid", "1")), str(blog.get("blogName", "")), str(blog.get("url")), bool(blog.get("isAdmin"))
        )


class _PostTypes(posts.GetPostTypes):  # type: ignore[misc]
    """Gives the struct as it came: the library's own form makes objects whatever it is asked."""

    def process_result(self, raw_result: Any) -> Any:
        return raw_result


def _structs(body: bytes) -> Iterator[bytes]:
    """Cut the outermost structs out of an answer: WordPress escapes all text, so a tag is a tag."""
    depth = start = 0
    for tag in _STRUCT.finditer(body):
        if tag[1]:
            depth -= 1
            if depth == 0:
                yield body[start : tag.end()]
        else:
            if depth == 0:
                start = tag.start()
            depth += 1
