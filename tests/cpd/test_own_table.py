"""A record that was exported comes back as what it is: nothing twice, and nothing that it said is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cpd.test_importing import rows


@pytest.fixture
def exported(ask, run, folder, tmp_path: Path) -> Path:
    """A record with an entry of each status, as ``cpd export`` writes it."""
    ask("add", "Webinar", "--date", "2026-03-01", "--visibility", "public", "--viewed", "2026-03-05")
    ask("reflect", "c0001", "Good.", "--date", "2026-03-06")
    ask("add", "Dentist", "--date", "2026-03-02")
    ask("drop", "c0002")
    ask("add", "Paper", "--date", "2026-03-03", "--related", "c0001")
    path = tmp_path / "my-cpd.csv"
    assert run("export", str(path))[0] == 0
    return path


def test_into_the_same_record_nothing_comes(ask, folder, exported):
    """All of it is known by its ids; also what was changed since, or joined."""
    ask("change", "c0001", "--title", "ALT webinar")
    before = rows(folder)

    found = ask("import", str(exported), "--all")

    assert (found["offered"], found["taken"]) == (3, [])
    assert rows(folder) == before


def test_into_an_empty_record_all_of_it_comes(ask, folder, exported):
    """Ids, statuses, days and visibility are those of the table; and it comes only once."""
    before = ask("list", "--status", "done", "--status", "dropped")["entries"]
    (folder.root / "portfolio/cpd.csv").unlink()

    ask("import", str(exported), "--all")

    def said(entries):
        return [{name: value for name, value in one.items() if name != "from"} for one in entries]

    assert said(ask("list", "--status", "done", "--status", "dropped")["entries"]) == said(before)
    assert ask("import", str(exported), "--all")["taken"] == []


def test_another_record_is_added_beside(ask, run, folder, exported):
    """Where an id stands for something else here, the entry gets one of its own; a second time nothing is added."""
    (folder.root / "portfolio/cpd.csv").unlink()
    ask("add", "Quite another thing")

    first, second = ask("import", str(exported), "--all"), ask("import", str(exported), "--all")

    assert [one["title"] for one in first["taken"]] == ["Webinar", "Dentist", "Paper"]
    assert first["taken"][0]["id"] not in ("c0001", "c0002", "c0003")
    assert second["taken"] == []


def test_it_is_said_that_some_is_open(run, folder, exported):
    """The table says who may see an entry; that not all is private is told."""
    (folder.root / "portfolio/cpd.csv").unlink()

    _, out, err = run("import", str(exported), "--all")

    assert "1 of it not private" in out
    assert "is a record that keepfolio wrote" in err
