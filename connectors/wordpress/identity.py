"""
What makes one WordPress thing the same by every route: its keys, its scope, who may see it, its readable text.

REST, XML-RPC, the export file and the feed all call these functions and no others: two routes that see an unchanged
post give one identity and one fingerprint.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote, urlsplit

from archive.entry import Key, Visibility, site_of

_KINDS = {"attachment": "media", "wp_block": "block", "trackback": "pingback", "": "comment"}
_KEYED_AS = {"pingback": "comment"}  # they share their numbers, and a route may not tell them apart

_VIEWABLE = frozenset({"post", "page", "media"})

_FLOATING = frozenset({"draft", "pending", "auto-draft"})
_OPEN_STATUS = frozenset({"publish", "approved", "approve", "inherit"})

_BLOCK_TAG = re.compile(
    r"</?(?:address|article|aside|audio|blockquote|canvas|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
    r"fieldset|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|iframe|legend|li|main|map|menu|nav|object|ol|p|"
    r"picture|section|summary|svg|table|tbody|td|tfoot|th|thead|tr|ul|video)\b",
    re.IGNORECASE,
)
_VERBATIM = re.compile(r"(<(pre|script|style|textarea)\b.*?</\2\s*>)", re.IGNORECASE | re.DOTALL)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_ALONE = re.compile(r"(?:\[[^\[\]]*\]|<!--(?:(?!-->).)*-->)+\Z", re.DOTALL)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_OUR_UPLOAD = re.compile(r"kf-[0-9a-f]{8}-")
_OUR_MARKER = "<!-- keepfolio"


def site_key(home_url: str) -> str:
    """Return ``host[:port][/path]`` of the address that visitors use (``home``, not ``siteurl``)."""
    return site_of(home_url)


def kind_of(wordpress_type: str) -> str:
    """Return our kind for a post type or comment type: ``attachment`` is ``media``; an unknown type keeps its slug."""
    return _KINDS.get(wordpress_type, wordpress_type)


def key(site: str, kind: str, number: int | str) -> Key:
    """Return the key by number, such as ``wordpress:b.org/post/5``; terms, users and comments have one as well."""
    return f"wordpress:{site}/{_KEYED_AS.get(kind, kind)}/{number}"


def keys(guid: str, site: str, kind: str, number: int | str) -> tuple[Key, ...]:
    """
    Return all keys, most durable first.

    Args:
        guid: As the route gave it, ``""`` where it gives none. Routes differ in how they escape an ampersand.

        site: From ``site_key``.

        kind: From ``kind_of``, or ``term``, ``user``, ``settings``.

        number: WordPress's own id; ``""`` where the route does not tell it (feeds).
    """
    guid = html.unescape(guid.strip())
    by_guid = (f"guid:{guid}",) if guid else ()
    return by_guid + ((key(site, kind, number),) if number != "" else ())


def scope(site: str, kind: str) -> str:
    """Return the name of the listing that covers a kind; pingbacks are listed among comments."""
    return f"wordpress:{site}/{_KEYED_AS.get(kind, kind)}"


def viewable(kind: str, told: object = None) -> bool:
    """
    Tell whether things of a post type have pages that strangers can open at all.

    A published reusable block or menu has none, nor has what many plugins keep as posts (orders, answers to forms). A
    type of which nothing is ``told`` is taken for one of these, unless it is WordPress's own.
    """
    return bool(told) if told is not None else kind in _VIEWABLE


def visibility(status: str, password: bool, parent_public: bool) -> Visibility:  # noqa: FBT001 - three facts, no options
    """
    Return who may see it: public only when published, without password, and nothing around it is private.

    Args:
        status: WordPress's word, for comments too (``approved``); files have ``inherit``.

        password: It asks for a password.

        parent_public: The post that a file or comment belongs to is public; False for a file that no post owns, or
            whose post is gone: nobody chose to show it. For a post or page: its type is ``viewable``.
    """
    shown = status in _OPEN_STATUS and parent_public and not password
    return Visibility.PUBLIC if shown else Visibility.PRIVATE


@dataclass
class Seen:
    """What a route has seen of a site's posts, and their files and comments need to know."""

    key: str = ""  # the site's, from ``site_key``
    kinds: dict[int, str] = field(default_factory=dict)  # post number -> kind
    shown: dict[int, bool] = field(default_factory=dict)  # post number -> strangers may read it

    def note(self, number: int, kind: str, seen: Visibility) -> None:
        """Remember a post, page or the like; what is said below a file stays private, by every route."""
        self.kinds[number] = kind
        self.shown[number] = seen is Visibility.PUBLIC and kind != "media"

    def parent(self, number: int, kind: str = "post") -> Key | None:
        """Return the key of the post with that number, of ``kind`` if it was not seen; None for none."""
        return key(self.key, self.kinds.get(number, kind), number) if number else None


def published(status: str, given: datetime | None, changed: datetime | None) -> datetime | None:
    """
    Return the date that WordPress gives, or None for a draft that has none.

    The database holds no date for a draft that nobody dated; REST and XML-RPC invent one, which nothing marks. A date
    after the last change cannot have been chosen by a person and passed without publishing the post: it is invented.
    """
    invented = status in _FLOATING and given is not None and changed is not None and given > changed
    return None if invented else given


def is_ours(content: str = "", file_name: str = "") -> bool:
    """Tell whether keepfolio itself made this page or upload: it is a release, and never evidence."""
    name = unquote(urlsplit(file_name).path.rpartition("/")[2])
    return _OUR_MARKER in content or bool(_OUR_UPLOAD.match(name))


def readable(raw: str) -> str:
    """
    Return raw post content as HTML that reads well and is the same by every route.

    Block markup stays as it is. Classic text, in which a blank line means a new paragraph, gets its paragraphs; HTML
    in it is left alone. Line ends become LF, and characters that XML cannot carry go: the export cannot have them.
    """
    text = _NOT_IN_XML.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))
    if "<!-- wp:" in text:
        return text
    parts = _VERBATIM.split(text)
    # the pattern has two groups: plain text, a verbatim element, its name, plain text, ...
    out = [_paragraphs(part) if i % 3 == 0 else part for i, part in enumerate(parts) if i % 3 != 2]
    return "\n\n".join(part for part in out if part)


def _paragraphs(text: str) -> str:
    return "\n\n".join(_paragraph(part.strip()) for part in _BLANK_LINES.split(text) if part.strip())


def _paragraph(text: str) -> str:
    if _BLOCK_TAG.search(text) or _ALONE.match(text):
        return text
    return "<p>" + text.replace("\n", "<br />\n") + "</p>"
