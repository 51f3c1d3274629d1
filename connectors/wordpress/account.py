"""Who asks, and what WordPress lets that account read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import Finding
from connectors.http import Auth, Http
from connectors.http_address import host_of
from connectors.wordpress import identity
from connectors.wordpress.api import Api, error_code, refused
from connectors.wordpress.probe import moved

SITE_FURNITURE = frozenset(
    {
        "nav_menu_item",
        "wp_template",
        "wp_template_part",
        "wp_navigation",
        "wp_global_styles",
        "wp_font_family",
        "wp_font_face",
    }
)
"""Post types that are how a site looks, not what its owner wrote."""

USUAL_TAXONOMIES = {"category": "wp/v2/categories", "post_tag": "wp/v2/tags"}
STATUSES = "publish,future,draft,pending,private,trash"


@dataclass(frozen=True)
class Account:
    """The account as WordPress knows it; number 0 is nobody: a stranger."""

    number: int = 0
    name: str = ""
    slug: str = ""
    roles: tuple[str, ...] = ()
    can: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        return self.number != 0


STRANGER = Account()


@dataclass(frozen=True)
class Route:
    """One post type: where it is, and how this account reads it."""

    kind: str
    path: str
    edit: bool
    own: int = 0  # only what this user wrote; 0: everybody's
    taxonomies: Mapping[str, str] = field(default_factory=dict)  # the item's field -> taxonomy
    viewable: bool = True  # things of this type have pages that strangers can open
    hidden: int = 0  # how many of those counted WordPress keeps from this account

    @property
    def mode(self) -> str:
        """What decides which items are seen: a listing in another mode proves no deletion."""
        return f"{'edit' if self.edit else 'view'}-{self.own or 'all'}"

    def params(self, fields: Iterable[str]) -> dict[str, str | int]:
        """Return the parameters of every list of this type; paging is by id, the only stable order."""
        asked: dict[str, str | int] = {"context": "edit" if self.edit else "view", "_fields": ",".join(fields)}
        if self.edit and self.kind != "media":  # media?status=any is refused
            asked["status"] = STATUSES
        if self.own:
            asked["author"] = self.own
        return asked


def log_in(api: Api, user: str) -> Account:
    """
    Return the account that the password belongs to. Asked first in every run: WordPress answers most requests of a
    wrong password as if a stranger had asked, and then drafts and private posts seem to be gone.

    Raises:
        SourceRefused: WordPress took the request for a stranger's, or for somebody else's.

        SourceUnavailable: There was no answer to trust; or (``moved``) the API lies at a host that the owner did not
            name, and the password was not sent.
    """
    if not api.http.owns(api.root):
        raise moved(api.root)
    answer = api.ask("wp/v2/users/me", {"context": "edit", "_fields": "id,name,slug,username,email,roles,capabilities"})
    if host_of(answer.url) != host_of(api.root):  # the password does not follow, and the answer is a stranger's
        raise moved(answer.url)
    if answer.status in {401, 403} and error_code(answer):
        raise _not_let_in(user, error_code(answer))
    api.insist(answer)
    me = answer.json()
    if not isinstance(me, dict) or not isinstance(me.get("id"), int):
        raise answer.not_json()
    names = {str(me.get(part, "")).casefold() for part in ("username", "email", "slug", "name")}
    if user.casefold() not in names:
        raise refused(
            f"WordPress logged in somebody else ({me.get('slug')}) in the place of {user}.",
            "wrong-user",
            "Look at `user` in config.yaml; a proxy in front of the site may add a login of its own.",
        )
    able = me.get("capabilities")
    return Account(
        int(str(me["id"])),
        str(me.get("name", "")),
        str(me.get("slug", "")),
        tuple(map(str, _list(me.get("roles")))),
        frozenset(name for name, yes in able.items() if yes) if isinstance(able, dict) else frozenset(),
    )


def capabilities(api: str, http: Http, auth: Auth, user: str = "") -> Account:
    """Return who the login is and what it ``can`` (``edit_pages``, ``upload_files``); raises as ``log_in`` does."""
    return log_in(Api(http, api, auth), user or auth[0])


def routes(types: Mapping[str, Any], account: Account, taxonomies: Mapping[str, str], *, only_me: bool) -> list[Route]:
    """Return how each post type is read, files last: their visibility is that of what shows them."""
    found = []
    for slug, about in types.items():
        if slug in SITE_FURNITURE or not isinstance(about, dict) or not about.get("rest_base"):
            continue
        able = about.get("capabilities") or {}
        edit = able.get("edit_posts", "") in account.can
        all_of_them = able.get("edit_others_posts", "") in account.can
        writer = "edit_posts" in account.can
        own = account.number if account.known and (only_me or (writer and not all_of_them)) else 0
        found.append(
            Route(
                identity.kind_of(slug),
                f"{about.get('rest_namespace') or 'wp/v2'}/{about['rest_base']}",
                edit,
                own,
                {
                    taxonomies[name].rpartition("/")[2]: name
                    for name in _list(about.get("taxonomies"))
                    if name in taxonomies
                },
                # who may not edit is not told ``viewable``; a type with an archive has pages for all
                identity.viewable(identity.kind_of(slug), about.get("viewable", about.get("has_archive") or None)),
                # the page of the privacy policy is for administrators
                hidden=int(slug == "page" and edit and "manage_options" not in account.can),
            )
        )
    return sorted(found, key=lambda route: (route.kind == "media", route.kind not in {"post", "page"}))


def limits(account: Account, *, only_me: bool) -> Iterable[Finding]:
    """Tell what this account will not see."""
    if not account.known:
        yield Finding(
            "anonymous",
            "warning",
            "Without a password only what is public is kept: no drafts, no private or protected posts, no bin, no "
            "original text.",
            "keepfolio login",
        )
    elif "edit_posts" not in account.can:
        yield Finding(
            "subscriber",
            "warning",
            f"{account.name} is a subscriber: only what is public can be read.",
            "Ask the site's administrator for the role of an author.",
        )
    elif "edit_others_posts" not in account.can and not only_me:
        yield Finding(
            "own-only",
            "note",
            f"{account.name} is {_role(account)}: what others wrote here is not read.",
            "Write `author: me` in config.yaml to say that this is meant.",
        )
    if account.known and "edit_posts" in account.can and "edit_pages" not in account.can:
        yield Finding(
            "no-pages",
            "warning",
            f"{account.name} may not edit pages: private pages and drafts of pages are not read, and a portfolio page "
            "cannot be made with this account.",
            "Ask the site's administrator for the role of an editor.",
        )
    if account.known and "moderate_comments" not in account.can:
        yield Finding("comments", "note", "Comments that wait for approval are not read with this account.")


def _role(account: Account) -> str:
    return f"here as {account.roles[0]}" if account.roles else "here without a role"


def _not_let_in(user: str, code: str) -> Exception:
    why = {
        "invalid_username": ("wrong-user", f"WordPress knows no user {user}."),
        "invalid_email": ("wrong-user", f"WordPress knows no user {user}."),
        "incorrect_password": ("wrong-password", f"WordPress did not accept the password of {user}."),
        "application_passwords_disabled": ("application-passwords-off", "Application passwords are off on this site."),
        "application_passwords_disabled_for_user": (
            "application-passwords-off",
            f"Application passwords are off for {user}.",
        ),
    }
    unsaid = (
        f"WordPress did not recognise {user}: the user name or the application password is wrong, or the web server "
        "drops the Authorization header."
    )
    word, message = why.get(code, ("not-logged-in", unsaid))
    return refused(
        message,
        word,
        "Make a new application password in WordPress under Users > Profile, then run: keepfolio login   "
        "(keepfolio check tells more)",
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
