"""A second portfolio beside the first: where it is built, from when it counts, and what its mistakes speak of."""

import shutil
from pathlib import Path

import pytest

from tests.portfolio.owner import Owner, of_the_sample

HOURS = """\
schema: framework/1
id: revalidation
title: Revalidation
body: The regulator
edition: "1"
language: en-GB
checked_on: 2026-11-22
source: its website
sources: {W: how to}
quotas:
  - {id: cpd, title: CPD, unit: hours, at_least: 35, window: {years: 3}}
sections:
  - {id: accounts, title: Accounts}
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return of_the_sample(tmp_path_factory.mktemp("sample") / "rowan").folder


@pytest.fixture
def rowan(sample, tmp_path):
    return Owner(shutil.copytree(sample, tmp_path / "rowan"))


def quota(rowan):
    return next(f for f in rowan.asks("gaps", "--generation", "reval")["findings"] if f["code"] == "quota")


def test_what_counts_begins_when_the_owner_says(rowan):
    """``--since`` is the first day; the finding names the key and the file where it can be changed."""
    (rowan.folder / "hours.yaml").write_text(HOURS)
    rowan.says("cpd", "add", "Course", "--date", "2025-05-01", "--hours", "7")

    assert rowan.says("new", "reval", "--framework", str(rowan.folder / "hours.yaml"), "--since", "2025-01-01")[0] == 0

    assert "7 of 35 hours from 2025-01-01" in quota(rowan)["message"]
    assert "started in portfolio/reval/generation.yaml" in quota(rowan)["mend"]


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["--framework", "psf-2032"], "--framework"),
        (["--framework", "psf-2023", "--pathway", "xx"], "--pathway"),
    ],
)
def test_a_slip_in_new_is_mended_in_new(rowan, words, option):
    """The mend names the option; nobody is sent to the configuration of the first portfolio."""
    code, _, err = rowan.says("new", "x", *words)

    assert (code, option in err, "config.yaml" in err) == (2, True, False)


def test_another_portfolio_is_built_beside_the_first(rowan):
    """Its draft has a place of its own; the first one's page stays as it was."""
    rowan.says("new", "fellowship", "--framework", "psf-2023", "--pathway", "fhea")
    first = Path(rowan.asks("build")["path"])
    before = first.read_bytes()

    other = Path(rowan.asks("build", "--generation", "fellowship")["path"])

    assert (other.parent.name, first.parent.name) == ("fellowship-private", "private")
    assert first.read_bytes() == before
    assert rowan.asks("build", "--generation", "original")["path"] == str(first)


@pytest.mark.parametrize("name", ["2b.docx", "2b"])
def test_a_worksheet_is_no_word_file(rowan, tmp_path, name):
    """Text under the name of another format would be called damaged."""
    code, _, err = rowan.says("worksheet", "2b", "--out", str(tmp_path / name))

    assert (code, "2b.html" in err, (tmp_path / name).exists()) == (2, True, False)


def test_a_part_is_not_shared_until_yesterday(rowan):
    """A day gone by is a slip."""
    code, _, err = rowan.says("build", "--section", "1a", "--until", "2020-01-01")

    assert (code, "a day gone by" in err) == (2, True)


def test_an_answer_of_a_day_to_come_is_told(rowan):
    """It is taken, with a word about its day."""
    said = rowan.asks("people", "add", "Sam Taylor", "--permission", "yes", "--date", "2199-03-01")

    assert said["hints"] == ["2199-03-01 is still to come."]
    assert rowan.asks("people", "add", "Sam Taylor", "--permission", "yes", "--date", "2020-03-01")["hints"] == []


def test_the_matrix_fits_a_narrow_terminal(rowan, monkeypatch):
    """Where there is no room for titles the ids stand alone, and whole."""
    monkeypatch.setattr("bridge.cli.gaps.room", lambda: 80)

    lines = rowan.says("gaps", "--matrix")[1].splitlines()

    assert "title" not in lines[0]
    assert any(line.startswith("specialist-1") for line in lines)
    assert max(map(len, lines[:12])) <= 100


def test_nobody_without_a_name_is_written_down(rowan):
    """The file would be refused by every later command."""
    assert rowan.says("people", "add", " ")[0] == 2
    assert not (rowan.folder / "portfolio/people.yaml").exists()
