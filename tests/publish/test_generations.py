"""Which portfolio a command means, and which one a target shows: the owner's word, else the target's, else today's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bridge import unattended
from bridge.config import parse
from bridge.session import Session
from bridge.workspace import Workspace
from tests.portfolio.owner import Owner, of_the_sample

TITLE = "A fellowship by practice"
TARGETS = """\
  preview: {type: static, path: build/site}
  fellowship: {type: static, path: build/fellowship, generation: psf}
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return of_the_sample(tmp_path_factory.mktemp("sample") / "rowan").folder


@pytest.fixture
def rowan(sample: Path, tmp_path: Path) -> Owner:
    """She has another portfolio, for another framework, and a target that shows it."""
    owner = Owner(shutil.copytree(sample, tmp_path / "rowan"))
    owner.configures("  preview: {type: static, path: build/site}\n", TARGETS)
    owner.says("build")
    code, _, err = owner.says("new", "psf", "--framework", "psf-2023", "--pathway", "fhea", "--title", TITLE)
    assert code == 0, err
    return owner


def page(owner: Owner, name: str) -> str:
    path = owner.folder / "build" / name / "index.html"
    return path.read_text() if path.is_file() else ""


def test_a_target_shows_the_portfolio_that_it_names(rowan: Owner):
    """Without an option; another target goes on showing the one that is being worked on."""
    for target in ("fellowship", "preview"):
        code, _, err = rowan.says("publish", target, "--yes", "--waive", "unready", "--waive", "missing")
        assert code == 0, err

    assert TITLE in page(rowan, "fellowship")
    assert TITLE not in page(rowan, "site")
    assert "Rowan Ashby" in page(rowan, "site")


def test_the_plan_is_of_the_same_portfolio(rowan: Owner):
    """What is planned for a target is what is published there."""
    shown, other = rowan.asks("plan", "fellowship"), rowan.asks("plan", "fellowship", "--generation", "original")
    done = rowan.asks("publish", "fellowship", "--yes", "--waive", "unready", "--waive", "missing")

    assert done["release"] == shown["release"] != other["release"]


def test_a_plan_in_a_file_knows_its_portfolio(rowan: Owner):
    """It is carried out without naming that again."""
    plan = rowan.folder / "plan.json"
    rowan.says("plan", "preview", "--generation", "psf", "-o", str(plan))

    done = rowan.asks("publish", "preview", "--plan", str(plan), "--yes", "--waive", "unready", "--waive", "missing")

    assert done["release"] == json.loads(plan.read_text())["release"]
    assert TITLE in page(rowan, "site")


def test_an_option_goes_before_what_the_target_says(rowan: Owner):
    """For this once."""
    options = ("--generation", "original", "--yes", "--waive", "unready", "--waive", "missing")

    assert rowan.says("publish", "fellowship", *options)[0] == 0
    assert TITLE not in page(rowan, "fellowship")


def test_the_schedule_publishes_each_target_s_own(rowan: Owner):
    """Of those that wait, each portfolio has a preview of its own."""
    config = rowan.folder / "config.yaml"
    config.write_text(config.read_text() + 'schedule:\n  publish: {daily: "04:00", unattended: off}\n')

    said = unattended.publish(Session(Workspace(rowan.folder))).text

    assert "The page for fellowship has changed" in said
    assert TITLE in page(rowan, "preview-psf")
    assert TITLE not in page(rowan, "preview")
    rowan.says("publish", "fellowship", "--yes", "--waive", "unready", "--waive", "missing")
    assert "fellowship" not in unattended.publish(Session(Workspace(rowan.folder))).text


def test_status_and_map_tell_of_the_one_that_is_named(rowan: Owner):
    """Its framework, its sections; and what they say to run names it, too."""
    status = rowan.asks("status", "--generation", "psf")
    assert status["portfolio"]["framework"] == "psf-2023"
    assert rowan.asks("status")["portfolio"]["framework"] == "cmalt"
    section = status["portfolio"]["sections"][0]["id"]
    assert section in rowan.says("status", "--generation", "psf")[1]

    _, said, _ = rowan.says("map", "moodle", section, "--generation", "psf")
    assert f"keepfolio map Moodle {section} --remove --generation psf" in said
    assert rowan.says("map", "moodle", section)[0] == 2
    assert rowan.says("map", "moodle", section, "--remove", "--generation", "psf")[0] == 0


@pytest.mark.parametrize("words", [("status",), ("map",), ("plan", "preview"), ("publish", "preview"), ("build",)])
def test_a_slip_in_the_name_is_told_with_the_nearest(rowan: Owner, words: tuple[str, ...]):
    """Nothing is done."""
    code, _, err = rowan.says(*words, "--generation", "pfs")

    assert code == 2
    assert "did you mean psf? There is: original, psf" in " ".join(err.split())


def test_a_slip_in_a_target_s_name_is_told_too(rowan: Owner):
    """When the target is to be published."""
    rowan.configures("generation: psf", "generation: origin")

    code, _, err = rowan.says("plan", "fellowship")

    assert (code, "did you mean original?" in err) == (2, True)


def test_a_wordpress_has_the_key_too():
    """A page there shows one portfolio."""
    text = "targets: {site: {type: wordpress, url: 'https://a.example', user: j, generation: psf}}"

    assert parse(text, "config.yaml", Path("/w")).targets["site"].generation == "psf"
