"""Debian's Chromium, started once for all tests of a process: Playwright refuses to be started twice."""

from __future__ import annotations

import atexit
import os
import shutil
from functools import cache

import pytest
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def browser() -> Browser:
    """Return the running browser. Where there is none the tests say so and are skipped; in CI they fail."""
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is needed in CI: apt-get install chromium")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    return _started(program)


@cache
def _started(program: str) -> Browser:
    playwright = sync_playwright().start()
    atexit.register(playwright.stop)
    return playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
