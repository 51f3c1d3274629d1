"""The pages of ``keepfolio demo``, as a newcomer sees them first: whole, in every edition."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bridge.render.checks import check, figures_per_1000_words
from tests.page import probes

pytestmark = pytest.mark.browser

EDITIONS = ["private", "assessor", "public"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The demo's workspace, with its page built for everybody."""
    home = tmp_path_factory.mktemp("demo")
    commands = [["demo", "sample"], *(["build", "--workspace", "sample", "--edition", edition] for edition in EDITIONS)]
    for command in commands:
        subprocess.run(
            [sys.executable, "-m", "bridge.cli", *command],
            check=True,
            capture_output=True,
            cwd=home,
            env={**os.environ, "KEEPFOLIO_STATE": str(home / "state")},
        )
    return home / "sample" / "build"


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_checks_find_nothing(built, edition):
    """Neither on the page nor in the files that it names; and it has figures enough to look at."""
    place = built / edition / "index.html"
    page = place.read_text(encoding="utf-8")

    assert list(check(page, base=place.parent)) == []
    assert figures_per_1000_words(page) > 1


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_browser_finds_nothing(built, tab, edition):
    """axe, a narrow window, readers' own spacing, the keyboard, and fingers."""
    tab.goto((built / edition / "index.html").as_uri())

    assert probes.axe(tab) == []
    assert probes.reflow(tab) == []
    assert probes.text_spacing(tab) == []
    assert probes.focus(tab) == []
    assert probes.targets(tab, "main") == []
