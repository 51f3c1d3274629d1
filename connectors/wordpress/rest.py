"""A WordPress site read through its REST API, with a login or as a stranger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Literal

from archive.entry import Json, Key, MediaFile, format_time
from connectors.contract import Checkpoint, Context, Finding, Known, SourceRefused, Yield
from connectors.http import Auth
from connectors.http_redact import SECRETS
from connectors.wordpress import identity, items, surroundings
from connectors.wordpress.account import STRANGER, USUAL_TAXONOMIES, Account, Route, log_in, routes
from connectors.wordpress.api import Api, Denied, error_code, server_time
from connectors.wordpress.comments import CommentReader
from connectors.wordpress.probe import Probe
from connectors.wordpress.reading import PostReader, Reading, Stop

_GONE = frozenset({"rest_post_invalid_id", "rest_comment_invalid_id", "rest_term_invalid", "rest_user_invalid_id"})
_SEPARATE = {"comment": "wp/v2/comments", "user": "wp/v2/users"}


class Rest:
    """
    One account at one site, read-only.

    Args:
        options: ``url``, ``user``, ``author`` (``me``: only what this account wrote), ``full`` (compare everything).

        found: Where the API is; see ``probe``.
    """

    def __init__(self, name: str, options: Mapping[str, Any], context: Context, found: Probe) -> None:
        self._name = name
        self._context = context
        self._found = found
        self._user = str(options.get("user") or "")
        self._only_me = options.get("author") == "me"
        self._full = bool(options.get("full"))
        auth = self._auth(context)
        self._api = Api(context.http, found.api, auth)
        self._site = items.Site(identity.site_key(found.home))
        self._account: Account | None = None
        self._routes: list[Route] = []
        self._taxonomies: dict[str, str] = dict(USUAL_TAXONOMIES)

    def _auth(self, context: Context) -> Auth | None:
        password = context.secret("password")
        if not password:
            return None
        SECRETS.add(password, self._user)
        if not self._user:
            raise SourceRefused(
                f"There is a password for {self._name}, and no user to go with it.",
                code="no-user",
                unchanged="Nothing was asked of the site.",
                mend=f"Write `user: ...` below {self._name} in config.yaml.",
            )
        return (self._user, password)

    # --- the contract -----------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Finding]:
        """Tell what is reached and what will be missed; see ``contract.Source``."""
        from connectors.wordpress.checking import findings

        yield from findings(self._api, self._found, self._user, only_me=self._only_me, now=self._context.now())

    def harvest(self, known: Known) -> Iterator[Yield]:
        """Yield what there is; see ``contract.Source``. One login, asked first; a wrong one ends it at once."""
        account = self._log_in()
        state: Json = {name: value for name, value in known.cursor.items() if name in {"kinds", "taxonomies"}}
        self._discover(account, state)
        reading = Reading(
            self._api,
            self._site,
            known,
            state,
            self._context.stop,
            self._routes,
            full=self._full,
            zone=self._found.zone,
        )
        try:
            yield from surroundings.settings(reading, account)
            yield from surroundings.people(reading, account, only_me=self._only_me)
            yield from surroundings.terms(reading, self._taxonomies)
            yield from reading.checkpoint()
            for route in self._routes:
                yield from self._read(reading, route)
            yield from self._discussion(reading, account)
        except Stop:
            return
        yield Checkpoint(dict(state))

    def open(self, file: MediaFile) -> BinaryIO:
        """Stream an original. Files of a WordPress are static: no login is sent along."""
        return self._context.http.open(file.url, discovered=True, expect=file.media_type)

    def exists(self, key: Key) -> Literal["unlisted", "gone", "unknown"]:
        """Say what became of a key (by number: ``wordpress:HOST/KIND/N``) that vanished from its listing."""
        if self._account is None:
            self._log_in()
            self._discover(self._account or STRANGER, {})
        kind, _, number = key.removeprefix(f"wordpress:{self._site.key}/").rpartition("/")
        paths = self._paths(kind) if number.isdecimal() else []
        if not key.startswith(f"wordpress:{self._site.key}/") or not paths or not self._api.auth:
            return "unknown"
        gone = 0
        for path in paths:
            context = "edit" if kind in _SEPARATE or any(r.edit for r in self._routes if r.kind == kind) else "view"
            answer = self._api.ask(f"{path}/{number}", {"context": context, "_fields": "id,status"})
            if answer.ok and isinstance(answer.json(), dict):
                return "unlisted"
            gone += answer.status == 410 or (answer.status == 404 and error_code(answer) in _GONE)
        return "gone" if gone == len(paths) else "unknown"

    def close(self) -> None:
        """Nothing is held open between requests; the session belongs to the caller."""

    # --- how --------------------------------------------------------------------------------------------------------

    def _log_in(self) -> Account:
        self._account = log_in(self._api, self._user) if self._api.auth else STRANGER
        self._site.me = self._account.number
        return self._account

    def _discover(self, account: Account, state: Json) -> None:
        writer = "edit_posts" in account.can
        answer = self._api.ask("wp/v2/types", {"context": "edit" if writer else "view"})
        self._api.insist(answer)
        state["at"] = format_time(server_time(answer) or self._context.now())
        types = answer.json()
        if not isinstance(types, dict):
            raise answer.not_json()
        types.setdefault("page", {"rest_base": "pages"})  # left out for accounts that may not edit pages
        self._learn_taxonomies(types, state)
        self._routes = routes(types, account, self._taxonomies, only_me=self._only_me)

    def _learn_taxonomies(self, types: Mapping[str, Any], state: Json) -> None:
        """Ask for taxonomies only where a type names one that is neither usual nor remembered."""
        remembered = state.get("taxonomies")
        remembered = remembered if isinstance(remembered, dict) else {}
        named = {
            name
            for slug, about in types.items()
            if slug != "nav_menu_item" and isinstance(about, dict)
            for name in about.get("taxonomies") or ()
        }
        if named - set(USUAL_TAXONOMIES) - set(remembered):
            about = self._api.one("wp/v2/taxonomies", {"context": "view"})
            remembered = {
                name: f"{one.get('rest_namespace') or 'wp/v2'}/{one['rest_base']}" if one.get("rest_base") else ""
                for name, one in about.items()
                if name in named
            }
            remembered |= {name: "" for name in named if name not in remembered}
            state["taxonomies"] = dict(remembered)
        self._taxonomies |= {name: str(path) for name, path in remembered.items() if path and name in named}

    def _read(self, reading: Reading, route: Route) -> Iterator[Yield]:
        reader = PostReader(reading, route)
        touched = set(reading.touched)
        try:
            yield from reader.read()
            if route.kind == "media" and touched:
                yield from reader.attached_to(touched)
        except Denied:
            if self._api.auth and route.edit:
                raise

    def _discussion(self, reading: Reading, account: Account) -> Iterator[Yield]:
        own = (self._only_me and account.known) or any(route.own for route in self._routes)
        try:
            yield from CommentReader(reading, account, own=own).read()
        except Denied:
            return

    def _paths(self, kind: str) -> list[str]:
        if kind == "term":
            return list(self._taxonomies.values())
        if kind in _SEPARATE:
            return [_SEPARATE[kind]]
        return [route.path for route in self._routes if route.kind == kind]
