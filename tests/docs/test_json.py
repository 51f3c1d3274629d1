"""The page on JSON says what the commands give: every field of it, and none that is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import main
from tests.docs.shapes import differences, read, shapes
from tests.renewal.workspace import harvested
from tests.submission.transcripts import MINOR

WAIVED = ("--waive", "unready", "--waive", "missing", "--waive", "placeholder", "--waive", "not-passed")
RESULT = "`keepfolio result --json` and `keepfolio answered --json`"
GAPS = "`keepfolio check --json` and `keepfolio gaps --json`"

Give = Callable[..., Any]


def giving(folder: Path) -> Give:
    """Return what runs a command in a folder, and returns its JSON."""

    def give(*words: str) -> Any:
        out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with pytest.raises(SystemExit), redirect_stdout(out), redirect_stderr(err):
            main(["--workspace", str(folder), "--json", *words])
        said = out.buffer.getvalue().decode()
        value = json.loads(said)
        assert "error" not in value, said
        return value

    return give


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What commands give, in the order of an owner's day: by what the tests below call it."""
    folder = tmp_path_factory.mktemp("json") / "rowan"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEEPFOLIO_STATE", str(folder.parent / "state"))
        harvested(folder)
        return {**_renewed(giving(folder), folder), **_submitted(giving(folder.parent / "second"), folder)}


def _renewed(give: Give, folder: Path) -> dict[str, Any]:
    """Return what is given in a workspace whose first portfolio has passed."""
    calendar = folder / "theirs.csv"
    calendar.write_text("date,title\n2026-01-05,A course\n2026-01-06,Another\n")
    found = {
        "build": give("build", "--edition", "public"),
        "plan": give("plan", "preview"),
        "gaps": give("gaps"),
        "matrix": give("gaps", "--matrix"),
        "worksheet": give("worksheet", "1a"),
        "add": give("cpd", "add", "Captions", "--date", "2026-03-01", "--hours", "2", "--with", "Sam (host)"),
        "change": give("cpd", "change", "c0001", "--type", "webinar"),
        "import": give("cpd", "import", str(calendar), "--all"),
        "list": give("cpd", "list"),
        "show": give("cpd", "show", "c0001"),
        "summary": give("cpd", "summary"),
        "cells": give("cpd", "summary", "--by", "type,year"),
        "join": give("cpd", "join", "c0002", "c0003"),
        "export": give("cpd", "export", str(folder / "record.csv")),
        "person": give("people", "add", "Sam Reed", "--permission", "yes"),
        "people": give("people"),
        "pictures": give("picture"),
        "preflight": give("preflight", "--offline", "--links"),
        "new": give("new", "fellowship", "--framework", "psf-2023", "--pathway", "fhea"),
        "renew": give("renew"),
        "theme": give("renew", "theme", "Design methodology"),
        "status": give("status"),
    }
    return found | {"picture": give("picture", found["pictures"]["pictures"][0]["id"], "--credit", "Rowan Ashby")}


def _submitted(give: Give, first: Path) -> dict[str, Any]:
    """Return what is given in one whose portfolio is handed in."""
    folder = first.parent / "second"
    harvested(folder)
    generation = folder / "portfolio" / "original" / "generation.yaml"
    generation.write_text(
        generation.read_text().replace("state: passed", "state: draft").replace("decided: 2024-05-31", "decided: null")
    )
    transcript = folder / "transcript.txt"
    transcript.write_text(MINOR)
    found = {
        "sheet": give("submit", "--sheet", str(folder / "sheet.md")),
        "submit": give("submit", *WAIVED),
        "taken back": give("submit", "--take-back"),
        "publish": give("publish", "preview", "--yes", *WAIVED),
    }
    give("submit", *WAIVED)
    return found | {
        "understood": give("result", "--transcript", str(transcript), "--dry-run"),
        "result": give("result", "--transcript", str(transcript), "--date", found["submit"]["on"]),
        "comment": give("result", "--comment", "1a", "Say more."),
        "answered": give("answered", "1", "--unchanged", "It is said elsewhere."),
        "comments": give("result", "--comments"),
        "marks": give("result", "--list"),
        "due": give("due"),
    }


CPD = "`keepfolio cpd --json`"
PAGE = [
    ("status", "`keepfolio status --json`", 0),
    ("gaps", GAPS, 0),
    ("new", "`keepfolio new --json`", 0),
    ("worksheet", "`keepfolio worksheet --json`", 0),
    ("list", CPD, 1),
    ("add", CPD, 2),
    ("show", CPD, 3),
    ("change", CPD, 4),
    ("join", CPD, 5),
    ("import", CPD, 6),
    ("export", CPD, 7),
    ("summary", CPD, 8),
    ("people", "`keepfolio people --json`", 0),
    ("pictures", "`keepfolio picture --json`", 0),
    ("picture", "`keepfolio picture --json`", 1),
    ("renew", "`keepfolio renew --json`", 0),
    ("theme", "`keepfolio renew --json`", 1),
    ("submit", "`keepfolio submit --json`", 0),
    ("taken back", "`keepfolio submit --json`", 1),
    ("sheet", "`keepfolio submit --json`", 2),
    ("understood", RESULT, 1),
    ("comments", RESULT, 2),
    ("comment", RESULT, 3),
    ("marks", RESULT, 4),
    ("answered", RESULT, 5),
    ("due", "`keepfolio due --json`", 0),
    ("build", "`keepfolio build --json`", 0),
    ("plan", "`keepfolio plan --json`", 0),
]


@pytest.mark.parametrize(("name", "heading", "number"), PAGE, ids=[name for name, *_ in PAGE])
def test_a_shape_on_the_page_is_what_the_command_gives(given: dict[str, Any], name: str, heading: str, number: int):
    """All fields, and no other; in lists and objects inside, too."""
    assert list(differences(shapes(heading)[number], given[name])) == []


@pytest.mark.parametrize(
    ("name", "heading", "numbers"),
    [
        ("matrix", GAPS, (0, 1)),
        ("cells", CPD, (8, 9)),
        ("preflight", "`keepfolio preflight --json`", (0, 1)),
        ("result", RESULT, (0, 1)),
    ],
)
def test_what_an_option_adds_is_what_the_page_adds(given: dict[str, Any], name: str, heading: str, numbers: tuple[int]):
    """Several shapes of the page together."""
    together = {}
    for number in numbers:
        together |= shapes(heading)[number].names

    assert set(given[name]) == set(together)
    for field in together:
        assert list(differences(together[field], given[name][field], field)) == []


def test_an_entry_of_the_record_is_the_same_everywhere(given: dict[str, Any]):
    """It has the columns of the file, and the places of work."""
    entries = [*given["list"]["entries"], given["add"]["entry"], *given["import"]["taken"], *given["change"]["entries"]]

    for entry in (*entries, given["show"]["entry"], given["join"]["entry"]):
        assert list(differences(shapes(CPD)[0], entry)) == []


def test_a_comment_is_the_same_everywhere(given: dict[str, Any]):
    """Whether it was read from a transcript, noted by hand, or is answered."""
    (comment,) = [shapes(RESULT)[0].names["comments"].item]

    for one in (*given["comments"]["comments"], given["comment"]["comment"], given["answered"]["comment"]):
        assert list(differences(comment, one)) == []


def test_a_person_is_one_of_the_list(given: dict[str, Any]):
    """With ``ok`` and ``hints``."""
    (person,) = given["people"]["people"]

    assert given["person"] == {"ok": True, "hints": [], **person}


def test_publishing_gives_the_plan_and_more(given: dict[str, Any]):
    """As the page says below the plan."""
    more = {"receipts", "url", "ok", "refused"}

    assert set(given["publish"]) == set(shapes("`keepfolio plan --json`")[0].names) | more


def test_the_notation_is_read():
    """A field that is missing, one too many, one inside of a list, and names that vary."""
    shape = read('{"a", "b": [{"c"}], "d": {name: {"e"}}, "f": {"g"} | null, "h": [...]}')
    good = {"a": 1, "b": [{"c": 2}], "d": {"x": {"e": 3}}, "f": None, "h": []}

    assert list(differences(shape, good)) == []
    assert list(differences(shape, {**good, "z": 1})) == [".z is not on the page"]
    assert list(differences(shape, {**good, "b": [{"c": 1}, {}]})) == [".b[].c is not there"]
    assert list(differences(shape, {**good, "d": {"x": {}}})) == [".d.*.e is not there"]
