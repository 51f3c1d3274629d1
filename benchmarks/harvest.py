"""
Harvesting a live WordPress against curl, which has nothing to do but to fetch.

curl pulls twice: whole items and files, as anybody would who wrote a script of it; and the very addresses that
keepfolio asked for, taken from the site's own log.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Bench, Ran, Row, Unavailable, against, keepfolio, run

if TYPE_CHECKING:
    from tests.servers.site import Site

POSTS, MEDIA = 10_000, 1_000
ANY = "publish,future,draft,pending,private,trash"
_CONFIG = """owner: Jane Example
sources:
  blog: {{type: wordpress, url: "{url}", user: admin, author: all, insecure: true}}
"""
_ASKED = re.compile(r'"GET (\S+) HTTP')


def measure(bench: Bench) -> Iterator[Row]:
    from tests.servers import site as servers

    if why := servers.unavailable():
        raise Unavailable(why)
    if not shutil.which("curl"):
        raise Unavailable("there is no curl")
    site = servers.start()
    try:
        site.seed(bench.size(POSTS), bench.size(MEDIA))
        yield from _measured(bench, site)
    finally:
        servers.remove(site)


def _measured(bench: Bench, site: Site) -> Iterator[Row]:
    os.environ["KEEPFOLIO_BLOG_PASSWORD"] = site.password()
    whole = _whole_site(site)
    curl(bench, site, whole[: len(whole) // 4])  # warms what the server keeps in memory
    pulled, ours, replayed = [], [], []
    for _ in range(bench.repeat):
        pulled.append(curl(bench, site, whole))
        workspace = bench.new_folder("harvest")
        seen = _log_length(site)
        ours.append(_harvest(workspace, site))
        asked = _asked(site, seen)
        replayed.append(curl(bench, site, asked))
    work = f"first harvest, {bench.size(POSTS):,} posts and {bench.size(MEDIA):,} files"
    yield against(work, ours, pulled, f"curl, {len(whole):,} whole items and files", 1.0)
    yield against("the same", ours, replayed, f"curl, the same {len(asked):,} addresses", 1.6)
    seen = _log_length(site)
    again = keepfolio(workspace, "harvest")
    requests = len(_asked(site, seen))
    yield Row("unchanged harvest", f"{requests} requests, {again.seconds:.2f} s", "", requests, _allowed(site),
              memory=again.memory)  # fmt: skip


def _harvest(workspace: Path, site: Site) -> Ran:
    (workspace / "config.yaml").write_text(_CONFIG.format(url=site.url))
    return keepfolio(workspace, "harvest")


def _whole_site(site: Site) -> list[str]:
    """Return the addresses of every list, whole, a hundred a page, and of every original file."""
    lists = {
        "posts": f"context=edit&status={ANY}",
        "pages": f"context=edit&status={ANY}",
        "media": "context=edit&status=inherit,private,trash",
        "blocks": f"context=edit&status={ANY}",
        "comments": "context=edit&status=all&type=all",
        "categories": "context=edit",
        "tags": "context=edit",
        "users": "context=edit",
    }
    addresses = []
    for name, asked in lists.items():
        first = f"{site.url}/wp-json/wp/v2/{name}?{asked}&per_page=100"
        addresses += [f"{first}&page={page}" for page in range(1, _pages(site, first) + 1)]
    files = site.sql("SELECT meta_value FROM wp_postmeta WHERE meta_key = '_wp_attached_file'")
    return addresses + [f"{site.url}/wp-content/uploads/{name}" for (name,) in files]


def _pages(site: Site, address: str) -> int:
    """Return how many pages a list has, as its header says."""
    head = run(["curl", "-s", "-g", "-I", "-u", f"admin:{site.password()}", address]).out
    found = re.search(r"(?i)^x-wp-totalpages: (\d+)", head, re.MULTILINE)
    return int(found[1]) if found else 0


def curl(bench: Bench, site: Site, addresses: Sequence[str]) -> Ran:
    """Fetch all of them over two connections, packed where the server packs, each into a file of its own."""
    folder = bench.new_folder("curl")
    config = bench.folder / "curl.config"
    lines = [f'url = "{address}"\noutput = "{folder}/{number}"\n' for number, address in enumerate(addresses)]
    config.write_text("".join(lines))
    command = [
        "curl",
        "-s",
        "-g",
        "--compressed",
        "--parallel",
        "--parallel-max",
        "2",
        "-u",
        f"admin:{site.password()}",
    ]
    return run([*command, "--config", config])


def _log_length(site: Site) -> int:
    return site.access_log.stat().st_size


def _asked(site: Site, since: int) -> list[str]:
    """Return the addresses that the site was asked for since its log had that length."""
    with site.access_log.open("rb") as log:
        log.seek(since)
        return [f"{site.url}{path}" for path in _ASKED.findall(log.read().decode(errors="replace"))]


def _allowed(site: Site) -> int:
    """Return how many requests an unchanged harvest may take: 12, one per custom type, one per hundred terms."""
    usual = "'post','page','attachment','wp_block','revision','nav_menu_item'"
    types = site.sql(f"SELECT COUNT(DISTINCT post_type) FROM wp_posts WHERE post_type NOT IN ({usual})")
    terms = site.sql("SELECT COUNT(*) FROM wp_term_taxonomy")
    return 12 + int(types[0][0]) + int(terms[0][0]) // 100
