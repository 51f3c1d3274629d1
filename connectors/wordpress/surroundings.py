"""Reads what posts refer to: the site's description, who writes there, and the terms. Small, and read in every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archive.entry import Key
from connectors.contract import Found, Listed, Promised, Yield
from connectors.wordpress import identity, items
from connectors.wordpress.account import Account
from connectors.wordpress.api import Denied
from connectors.wordpress.reading import Reading


def settings(reading: Reading, account: Account) -> Iterator[Yield]:
    """Yield the site's title, description, address, zone and language, where the account may read them."""
    if "manage_options" not in account.can:
        return
    try:
        answer = reading.api.ask("wp/v2/settings", {"_fields": ",".join(items.SETTINGS_FIELDS)})
        reading.api.insist(answer)
    except Denied:
        return
    value = answer.json()
    if not isinstance(value, dict):
        raise answer.not_json()
    reading.zone = str(value.get("timezone") or reading.zone)
    entry = items.settings(value, reading.site)
    if reading.differs(entry.keys[0], entry.stamp):
        yield Found(entry, answer.body)
    yield Promised("settings", 1)


def people(reading: Reading, account: Account, *, only_me: bool) -> Iterator[Yield]:
    """Yield who writes here: display names, no e-mail. A hardened site may refuse: then only the account itself."""
    site = reading.site
    if account.known:
        site.people[account.number] = account.name
    params: dict[str, str | int] = {"_fields": ",".join(items.USER_FIELDS), "orderby": "id", "order": "asc"}
    if only_me and account.known:
        params["include"] = account.number
    count, whole = 0, True
    listed: set[Key] = set()
    try:
        for page in reading.api.pages("wp/v2/users", params):
            whole = whole and page.joined
            for item, raw in page.rows:
                entry = items.user(item, site)
                site.people[int(item["id"])] = entry.title
                count += 1
                listed.update(entry.keys)
                if reading.differs(entry.keys[0], entry.stamp):
                    yield Found(entry, items.safe(item, raw))
    except Denied:
        return
    yield Promised("user", count)
    if whole and "list_users" in account.can and not only_me:
        yield Listed(identity.scope(site.key, "user"), frozenset(listed))


def terms(reading: Reading, taxonomies: Mapping[str, str]) -> Iterator[Yield]:
    """Yield all categories, tags and terms of other taxonomies: renaming one moves no post's time of change."""
    count = 0
    listed: set[Key] = set()
    whole = True
    for path in taxonomies.values():
        params: dict[str, str | int] = {"_fields": ",".join(items.TERM_FIELDS), "orderby": "id", "order": "asc"}
        seen = total = 0
        try:
            for page in reading.api.pages(path, params):
                total, whole = page.total, whole and page.joined
                for item, raw in page.rows:
                    entry = items.term(item, reading.site)
                    reading.site.terms[int(item["id"])] = entry.title
                    seen += 1
                    listed.update(entry.keys)
                    if reading.differs(entry.keys[0], entry.stamp):
                        yield Found(entry, raw)
        except Denied:
            whole = False
        whole = whole and seen == total
        count += seen
    yield Promised("term", count)
    if whole:
        yield Listed(identity.scope(reading.site.key, "term"), frozenset(listed))
