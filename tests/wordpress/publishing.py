"""A portfolio's page on a real WordPress, and the eyes of a stranger on it."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests

from connectors.contract import Context
from connectors.http import Http
from connectors.wordpress import page
from tests.publish.samples import Publisher
from tests.servers.site import Site


def publisher(site: Site, spool: Path, slug: str = "", *, role: str = "admin", **options: str) -> Publisher:
    """A new page of its own for each test; nothing is remembered."""
    context = Context(
        http=Http(),
        secret=lambda what: site.password(role),
        spool=spool,
        now=lambda: datetime.now(UTC),
        stop=lambda: False,
    )
    slug = slug or new_slug()
    made = {"url": site.url, "user": role, "page": slug, "status": "draft", **options}
    return Publisher(page.target("site", made, context))


def new_slug() -> str:
    return f"portfolio-{secrets.token_hex(4)}"


def api(site: Site, path: str, *, role: str = "admin", method: str = "GET", **value) -> requests.Response:
    """What the owner does by hand."""
    if method == "GET":
        return requests.get(
            f"{site.url}/wp-json/wp/v2/{path}", params=value, auth=(role, site.password(role)), timeout=60
        )
    address = f"{site.url}/wp-json/wp/v2/{path}"
    return requests.post(
        address,
        json=value,
        auth=(role, site.password(role)),
        headers={"X-HTTP-Method-Override": method},
        timeout=60,
    )


def raw(site: Site, made: Publisher) -> str:
    return api(site, f"pages/{made.agreed['page'].native_id}", context="edit").json()["content"]["raw"]


def status(site: Site, made: Publisher) -> str:
    return api(site, f"pages/{made.agreed['page'].native_id}", context="edit").json()["status"]


def edit(site: Site, made: Publisher, **value) -> None:
    """A person changes the page in WordPress's own editor."""
    done = api(site, f"pages/{made.agreed['page'].native_id}", method="POST", **value)
    assert done.ok, done.text


def empty(site: Site) -> None:
    """Remove all pages and files of a test."""
    for kind, words in (("pages", {"status": "any", "per_page": 100}), ("media", {"per_page": 100})):
        for item in api(site, kind, **words).json():
            api(site, f"{kind}/{item['id']}", method="DELETE", force=True)


def stranger(address: str, **params) -> requests.Response:
    return requests.get(address, params=params, timeout=60)


@contextmanager
def methods(site: Site):
    """The request methods that the server logged meanwhile, without those with which WordPress wakes its own clock."""
    start = site.access_log.stat().st_size
    seen: list[str] = []
    yield seen
    with site.access_log.open() as log:
        log.seek(start)
        asked = [line.split('"')[1] for line in log if '"' in line]
    seen += [line.split(" ")[0] for line in asked if "/wp-cron.php" not in line]  # WordPress asks itself
