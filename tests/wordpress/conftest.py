"""Sites of their own for tests that write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import site as servers


@pytest.fixture(scope="module")
def own_wordpress() -> Iterator[servers.Site]:
    """One WordPress with the corner cases, 25 posts and 8 files, for the tests of one module to change."""
    site = servers.start()
    try:
        site.seed(25, 8)
        yield site
    finally:
        servers.remove(site)


@pytest.fixture(scope="module")
def plain_wordpress() -> Iterator[servers.Site]:
    """One WordPress with plain permalinks on PHP's own server: no ``/wp-json/``, no pretty addresses."""
    site = servers.start(SERVER="php", PERMALINKS="plain")
    try:
        site.seed(0, 8)
        yield site
    finally:
        servers.remove(site)
