"""
What an export holds, settled before the first item is written: whose site it is, who writes, the terms, and numbers.

The blog that most things come from keeps its numbers: texts name files and galleries by them, and an empty WordPress
gives them out again. Everything else gets numbers behind those.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from urllib.parse import quote, urlsplit

from archive.entry import Entry, Key, site_of
from connectors.wordpress.wxr_write import Author, Channel, Term

HEADS = frozenset({"user", "term", "settings"})
"""Kinds that an export names in its head."""
REMARKS = frozenset({"comment", "pingback"})
"""Kinds that stand inside the post that they belong to."""

_KEY = re.compile(r"wordpress:(.+)/([^/]+)/(\d+)\Z")
_APART = frozenset({"comment", "term", "user"})  # they have numbers of their own; all post types share theirs
_NO_SITE = "https://keepfolio.invalid"  # a name that never exists, where nothing comes from a blog


@dataclass(frozen=True)
class Place:
    """The number that a thing has on a site; ``space`` says among what it is counted."""

    site: str
    space: str
    number: int


@dataclass(frozen=True)
class _Known:
    """What the plan keeps of an item between its two sights."""

    keys: tuple[Key, ...]
    creator: str
    terms: tuple[Key, ...]
    tags: tuple[str, ...]


def places(keys: Iterable[Key]) -> Iterator[Place]:
    """Yield the numbers that keys hold."""
    for key in keys:
        found = _KEY.match(key)
        if found:
            yield Place(found[1], found[2] if found[2] in _APART else "post", int(found[3]))


def from_wordpress(entry: Entry) -> bool:
    """Tell whether a WordPress gave it a number: others' pages and journals have none."""
    return any(key.startswith("wordpress:") for key in entry.keys)


@dataclass
class Numbers:
    """Numbers for the things of one space: the main site's own, and others behind them."""

    _places: dict[Place, int] = field(default_factory=dict)
    _keys: dict[Key, int] = field(default_factory=dict)
    _next: int = 1

    def settle(self, things: Iterable[tuple[Key, ...]], main: str) -> None:
        """Give each thing its number."""
        waiting = []
        taken: set[int] = set()
        for keys in things:
            own = next((p.number for p in places(keys) if p.site == main and p.number not in taken), 0)
            if own:
                taken.add(own)
                self._give(keys, own)
            else:
                waiting.append(keys)
        self._next = max(taken, default=0) + 1
        for keys in waiting:
            self._give(keys, self.new())

    def of(self, keys: Iterable[Key]) -> int:
        """Return the number of the thing that has one of the keys; 0 for what is not in the export."""
        for key in keys:
            for place in places((key,)):
                if place in self._places:
                    return self._places[place]
            if key in self._keys:
                return self._keys[key]
        return 0

    def new(self) -> int:
        """Return a number that nothing has."""
        self._next += 1
        return self._next - 1

    def _give(self, keys: tuple[Key, ...], number: int) -> None:
        for key in keys:
            found = list(places((key,)))
            for place in found:
                self._places.setdefault(place, number)
            if not found:
                self._keys.setdefault(key, number)


class Plan:
    """
    Meets every entry once, without its content; ``settle`` then gives the head of the export, and numbers are known.

    Args:
        zone: The zone of the local times, where a thing does not tell its own.

        all_terms: Terms that nothing carries are in it, too.
    """

    def __init__(self, zone: tzinfo, *, all_terms: bool) -> None:
        self.zone = zone
        self.site = ""
        self.sites = 0  # how many blogs the items come from
        self.posts = Numbers()
        self.comments = Numbers()
        self._all_terms = all_terms
        self._items: list[_Known] = []
        self._remarks: list[tuple[Key, ...]] = []
        self._people: list[Entry] = []
        self._term_entries: list[Entry] = []
        self._settings: list[Entry] = []
        self._addresses: dict[str, str] = {}  # site -> its address
        self._terms: dict[Key, Term] = {}
        self._by_slug: dict[tuple[str, str], Term] = {}
        self._by_name: dict[str, Term] = {}
        self._authors: dict[str, Author] = {}  # by display name
        self._author_of: dict[Place, Author] = {}
        self._logins: dict[str, Author] = {}

    # --- meeting ------------------------------------------------------------------------------------------------------

    def head(self, entry: Entry) -> None:
        """Meet a user, a term or a site's settings."""
        {"user": self._people, "term": self._term_entries, "settings": self._settings}[entry.kind].append(entry)

    def remark(self, entry: Entry) -> None:
        """Meet a comment or pingback."""
        self._remarks.append(entry.keys)

    def item(self, entry: Entry) -> None:
        """Meet what becomes an item."""
        self._items.append(_Known(entry.keys, entry.creator, entry.terms, entry.tags))
        parts = urlsplit(entry.url)
        for place in places(entry.keys):
            if place.site not in self._addresses and f"{site_of(entry.url)}/".startswith(f"{place.site}/"):
                self._addresses[place.site] = f"{parts.scheme}://{parts.netloc}{_path_of(place.site)}"

    def settle(self) -> Channel:
        """Give numbers, and return the head of the export."""
        counted = Counter(place.site for known in self._items for place in places(known.keys))
        self.site = counted.most_common(1)[0][0] if counted else ""
        self.sites = len(counted)
        self.posts.settle((known.keys for known in self._items), self.site)
        self.comments.settle(self._remarks, self.site)
        self._settle_terms()
        self._settle_authors()
        about = next((e for e in self._settings if _site(e.keys) == self.site), None)
        return Channel(
            title=about.title if about and about.title else self.site or "keepfolio",
            url=(about.url.rstrip("/") if about and about.url else "")
            or self._addresses.get(self.site)
            or (f"https://{self.site}" if self.site else _NO_SITE),
            description=html.unescape(about.content_html) if about else "",
            language=about.language if about else "",
            authors=tuple(sorted(self._authors.values(), key=lambda a: a.number)),
            terms=tuple(self._parents_first()),
        )

    # --- asking, once settled -----------------------------------------------------------------------------------------

    def author(self, entry: Entry, said: str) -> Author | None:
        """Return who wrote it; ``said`` is the number or login that the thing itself names."""
        if said.isdecimal():
            site = next((place.site for place in places(entry.keys)), "")
            found = self._author_of.get(Place(site, "user", int(said)))
        else:
            found = self._logins.get(said)
        return found or self._authors.get(entry.creator)

    def terms_of(self, terms: tuple[Key, ...], tags: tuple[str, ...]) -> tuple[Term, ...]:
        """Return the terms that an item carries: by key, and by name what no key stands for."""
        keyed = [self._terms[key] for key in terms if key in self._terms]
        names = {html.unescape(term.name) for term in keyed}
        named = [self._named(tag) for tag in tags if tag and tag not in names]
        return tuple(dict.fromkeys([*keyed, *named]))

    # --- inside -------------------------------------------------------------------------------------------------------

    def _settle_terms(self) -> None:
        used = {key for known in self._items for key in known.terms}
        entries = {key: entry for entry in self._term_entries for key in entry.keys}
        wanted = self._term_entries if self._all_terms else list(_with_ancestors(used, entries))
        numbers = Numbers()
        numbers.settle((entry.keys for entry in wanted), self.site)
        # a term of the main site keeps its number when another site has one of that slug
        for entry in sorted(wanted, key=lambda e: _site(e.keys) != self.site):
            above = entries.get(entry.parent or "")
            term = Term(
                numbers.of(entry.keys),
                str(entry.extra.get("taxonomy") or "post_tag"),
                _slug_of(entry),
                html.escape(entry.title, quote=False),
                _slug_of(above) if above else "",
                entry.content_html,
            )
            term = self._by_slug.setdefault((term.taxonomy, term.slug), term)
            self._terms.update(dict.fromkeys(entry.keys, term))
            self._by_name.setdefault(entry.title, term)
        for known in self._items:
            for term in self.terms_of(known.terms, known.tags):
                if not term.number:
                    numbered = replace(term, number=numbers.new())
                    self._by_slug[term.taxonomy, term.slug] = self._by_name[html.unescape(term.name)] = numbered

    def _named(self, name: str) -> Term:
        if name in self._by_name:
            return self._by_name[name]
        slug = slugged(name)
        return self._by_slug.get(("post_tag", slug)) or Term(0, "post_tag", slug, html.escape(name, quote=False))

    def _settle_authors(self) -> None:
        creators = dict.fromkeys(known.creator for known in self._items if known.creator)
        numbers = Numbers()
        numbers.settle((person.keys for person in self._people), self.site)
        for person in self._people:
            if person.title not in creators:
                continue
            login = str(person.extra.get("login") or person.extra.get("slug") or "") or slugged(person.title)
            author = self._authors.setdefault(person.title, Author(numbers.of(person.keys), login, person.title))
            self._author_of.update(dict.fromkeys(places(person.keys), author))
        for name in creators:
            if name not in self._authors:
                self._authors[name] = Author(numbers.new(), slugged(name), name)
        self._logins = {author.login: author for author in self._authors.values()}

    def _parents_first(self) -> Iterator[Term]:
        done: set[tuple[str, str]] = set()
        order = {"category": 0, "post_tag": 1}
        for term in sorted(self._by_slug.values(), key=lambda t: (order.get(t.taxonomy, 2), t.taxonomy, t.number)):
            line: list[Term] = []
            at: Term | None = term
            while at is not None and at not in line and (at.taxonomy, at.slug) not in done:
                line.append(at)
                at = self._by_slug.get((at.taxonomy, at.parent)) if at.parent else None
            done.update((one.taxonomy, one.slug) for one in line)
            yield from reversed(line)


def slugged(name: str) -> str:
    """Return a name as it may stand in an address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words or quote(re.sub(r"\s+", "-", name.strip()), safe="").lower()[:200]


def _slug_of(term: Entry) -> str:
    slug = str(term.extra.get("slug") or "")
    return quote(slug, safe="-_.~%").lower() if slug else slugged(term.title)


def _with_ancestors(used: set[Key], entries: dict[Key, Entry]) -> Iterator[Entry]:
    """Yield the terms that are used and those above them, each once."""
    done: set[Key] = set()
    waiting = sorted(key for key in used if key in entries)
    while waiting:
        entry = entries[waiting.pop()]
        if entry.keys[0] in done:
            continue
        done.add(entry.keys[0])
        yield entry
        if entry.parent in entries:
            waiting.append(str(entry.parent))


def _site(keys: Iterable[Key]) -> str:
    """Return the site of a key, with a number or (settings) without one."""
    for key in keys:
        if key.startswith("wordpress:"):
            return key.removeprefix("wordpress:").rsplit("/", 2)[0]
    return ""


def _path_of(site: str) -> str:
    return f"/{path}" if (path := site.partition("/")[2]) else ""
