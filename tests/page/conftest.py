"""One browser for all tests of pages: Debian's Chromium, which loads nothing that is not on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from archive.entry import Visibility
from bridge.render.page import Built, render
from tests.page import chromium, rich
from tests.portfolio import jane
from tests.portfolio.samples import Bytes


@pytest.fixture(scope="session")
def browser() -> Browser:
    """Chromium, started once."""
    return chromium.browser()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile that reaches files and loopback only."""
    made = browser.new_context()
    made.route(lambda address: not address.startswith(("file://", "http://127.0.0.1")), lambda route: route.abort())
    yield made
    made.close()


@pytest.fixture
def tab(context: BrowserContext) -> Page:
    """An empty tab, 1,280 pixels wide."""
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    return page


@pytest.fixture(scope="session")
def jane_on_disk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Visibility], Path]:
    """Return a function from an edition to the file of Jane's page, with all that it shows beside it."""
    made: dict[Visibility, Path] = {}

    def page_of(edition: Visibility) -> Path:
        if edition not in made:
            folder = tmp_path_factory.mktemp(edition.value)
            (folder / "files").mkdir()
            held = Bytes(folder / "files")
            built = render(jane.portfolio(folder / "portfolio", held, edition), held.path, folder / "build")
            made[edition] = lay_out(built, folder / "site")
        return made[edition]

    return page_of


@pytest.fixture(scope="session")
def rich_on_disk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Visibility], Path]:
    """Return a function from an edition to the file of the page that holds everything a page can hold."""

    @cache
    def page_of(edition: Visibility) -> Path:
        folder = tmp_path_factory.mktemp(f"rich-{edition.value}")
        (folder / "files").mkdir()
        held = Bytes(folder / "files")
        return lay_out(render(rich.portfolio(held, edition), held.path, folder / "build"), folder / "site")

    return page_of


def lay_out(built: Built, folder: Path) -> Path:
    """Write a page as a web server would show it and return its file."""
    folder.mkdir()
    for upload in built.release.uploads:
        shutil.copy(built.files[upload.sha256], folder / upload.name)
    place = folder / "index.html"
    place.write_text(built.release.document.replace("keepfolio:", ""), encoding="utf-8")
    return place
