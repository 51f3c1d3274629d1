"""The record by its commands: one line to add, later words, what is told of mistakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bridge.portfolio import generation
from tests.portfolio.samples import item


def test_one_line_is_enough(ask):
    """A title is an entry of today: done, private, and with the place of work of that day."""
    found = ask("add", "Read a chapter on captions")["entry"]

    assert (found["id"], found["title"], found["date"]) == ("c0001", "Read a chapter on captions", "2026-11-01")
    assert (found["status"], found["visibility"], found["workplaces"]) == ("done", "private", ["Southport"])


def test_everything_in_one_line(ask, folder):
    """All that an entry can hold fits the one line, and stands in the file."""
    found = ask(
        *("add", "Conference", "--date", "01/09/2026", "--until", "2026-09-03", "--type", "event", "--hours", "1:30"),
        *("--provider", "ALT", "--theme", "Captions", "--theme", "Video", "--criterion", "cmalt-1a"),
        *("--principle", "current", "--with", "Sam Taylor (co-presenter)", "--evidence", "https://a.example/talk"),
        *("--note", "Room 2", "--viewed", "2026-10-01", "--visibility", "assessor", "--reflection", "Good."),
    )["entry"]

    assert (found["date"], found["until"], found["hours"], found["type"]) == ("2026-09-01", "2026-09-03", 1.5, "event")
    assert (found["themes"], found["criteria"], found["principles"]) == (["Captions", "Video"], ["1a"], ["current"])
    assert found["people"] == [{"name": "Sam Taylor", "role": "co-presenter"}]
    assert (found["evidence"], found["viewed"]) == (["https://a.example/talk"], "2026-10-01")
    assert (found["reflection"], found["reflected"]) == ("Good.", "2026-11-01")
    assert "Sam Taylor (co-presenter)" in (folder.root / "portfolio/cpd.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--criterion", "1z"), "Did you mean"),
        (("--principle", "curent"), "Did you mean current"),
        (("--hours", "long"), "--hours"),
        (("--date", "31/02/2026"), "--date"),
        (("--until", "2026-10-01"), "before the first"),
        (("--evidence", "nothing such"), "Nothing is held yet"),
    ],
)
def test_a_slip_writes_nothing(run, folder, words, said):
    """What is in no framework, no day, no length or nothing held is named, with the nearest; the file is not made."""
    code, _, err = run("add", "A webinar", *words)

    assert code != 0
    assert said in err
    assert not (folder.root / "portfolio/cpd.csv").exists()


def test_evidence_is_what_is_held(ask, folder):
    """Words of a title and the address of something held both become its id."""
    (held,) = folder.hold(item(1, "What 214 PDFs taught me").entry)

    by_title = ask("add", "A", "--evidence", "214 PDFs")["entry"]
    by_address = ask("add", "B", "--evidence", "https://blog.example.org/post-1/")["entry"]

    assert by_title["evidence"] == by_address["evidence"] == [held]


def test_a_day_to_come_is_planned(ask, run):
    """What is still to come, or said to be, is planned; then it took place, or did not."""
    assert ask("add", "Course", "--date", "2027-02-01")["entry"]["status"] == "planned"
    assert ask("add", "Learn about analytics", "--planned")["entry"]["status"] == "planned"

    done = ask("done", "c0001", "--date", "2026-10-30")["entries"][0]
    dropped = ask("drop", "analytics")["entries"][0]

    assert (done["status"], done["date"]) == ("done", "2026-10-30")
    assert dropped["status"] == "dropped"
    assert [one["id"] for one in ask("list")["entries"]] == ["c0001"]
    assert [one["id"] for one in ask("list", "--status", "dropped")["entries"]] == ["c0002"]


def test_a_list_by_days_theme_type_and_reflection(ask, run):
    """A list is what fits all that is asked for; its numbers are the ITEMs of the next command."""
    run("add", "A", "--date", "2025-05-01", "--theme", "Video", "--type", "reading")
    run("add", "B", "--date", "2026-05-01", "--theme", "video", "--type", "event", "--reflection", "Yes.")
    run("add", "C", "--date", "2026-06-01")

    def titles(*words: str) -> list[str]:
        return [one["title"] for one in ask("list", *words)["entries"]]

    assert titles("--theme", "VIDEO") == ["A", "B"]
    assert titles("--type", "event") == ["B"]
    assert titles("--unreflected") == ["A", "C"]
    assert titles("--from", "2026-01-01", "--to", "2026-05-31") == ["B"]
    assert titles("--from", "2026-05-01") == ["B", "C"]
    assert ask("show", "2")["entry"]["title"] == "C"


def test_a_theme_keeps_its_spelling(ask):
    """A theme that is there already is meant, however it is typed."""
    ask("add", "A", "--theme", "Design methodology")

    assert ask("add", "B", "--theme", "design  METHODOLOGY")["entry"]["themes"] == ["Design methodology"]


def test_what_may_be_a_slip_is_told(ask):
    """A theme or type nearly like one in use, and an entry nearly like one of that day, are pointed out."""
    ask("add", "ALT webinar on captions", "--theme", "Accessibility")

    hints = ask("add", "Webinar on captions", "--theme", "Accesibility", "--type", "webinars")["hints"]

    assert [word for word in ("webinar”", "“Accessibility”", "cpd join c0001 c0002") if word in "\n".join(hints)] == [
        "webinar”",
        "“Accessibility”",
        "cpd join c0001 c0002",
    ]


def test_a_reflection_has_a_day_of_its_own(ask, run):
    """The event keeps its day; the second reflection stands below the first, whose day is not forgotten."""
    run("add", "Webinar", "--date", "2026-03-01")

    ask("reflect", "c0001", "At first I doubted it.", "--date", "2026-03-02")
    found = ask("reflect", "c0001", "Now we caption everything.")["entries"][0]

    assert (found["date"], found["reflected"]) == ("2026-03-01", "2026-11-01")
    assert found["reflection"] == "At first I doubted it.\n\nNow we caption everything."
    assert "2026-03-02" in found["note"]


def test_reflecting_anew_is_asked_for(ask, run):
    """Only --replace takes an earlier reflection away; nothing at all is no reflection."""
    run("add", "Webinar", "--reflection", "First.")

    assert ask("reflect", "c0001", "Second.", "--replace")["entries"][0]["reflection"] == "Second."
    assert run("reflect", "c0001", " ")[0] == 2


def test_changing_adds_and_takes_out(ask, run):
    """Lists grow by what is named and lose what --without names; an empty word empties."""
    run("add", "A", "--theme", "X", "--provider", "ALT", "--with", "Sam Taylor (chair)")

    added = ask("change", "c0001", "--theme", "Y", "--provider", "", "--title", "A2")["entries"][0]
    taken = ask("change", "c0001", "--without", "x", "--without", "Sam Taylor")["entries"][0]

    assert (added["themes"], added["provider"], added["title"]) == (["X", "Y"], "", "A2")
    assert (taken["themes"], taken["people"]) == (["Y"], [])
    assert run("change", "c0001", "--without", "Z")[0] == 2


def test_many_are_opened_at_once(ask, run):
    """A range of the last list is changed in one act; a title or a day cannot be that of several."""
    for title in "ABC":
        run("add", title)
    run("list")

    found = ask("change", "1-2", "c0003", "--visibility", "public")["entries"]

    assert [(one["id"], one["visibility"]) for one in found] == [(f"c000{n}", "public") for n in (1, 2, 3)]
    assert run("change", "1-2", "--date", "2026-01-01")[0] == 2


def test_an_item_that_is_unclear_is_not_guessed(run):
    """Words that fit two entries name both; a number beyond the list and words that fit none say so."""
    run("add", "A webinar on video")
    run("add", "A webinar on audio")

    code, _, err = run("show", "webinar")

    assert (code, "c0001" in err, "c0002" in err) == (2, True, True)
    assert run("show", "7")[0] == 2
    assert run("show", "sculpture")[0] == 2


def test_joining_by_command(ask, run):
    """Joined entries are one, found under either id; one alone cannot be joined."""
    run("add", "ALT webinar", "--hours", "2")
    run("add", "Notes", "--evidence", "https://a.example/notes")

    found = ask("join", "c0001", "c0002")["entry"]

    assert (found["hours"], found["evidence"]) == (2.0, ["https://a.example/notes"])
    assert ask("show", "c0002")["entry"]["id"] == "c0001"
    assert ask("add", "New")["entry"]["id"] == "c0003"
    assert run("join", "c0001")[0] == 2


def test_a_summary_of_the_period(ask, run):
    """Entries and hours by type, year, theme and place of work; planned ones are only counted as such."""
    run("add", "A", "--date", "2025-05-01", "--type", "event", "--hours", "2", "--theme", "Video")
    run("add", "B", "--date", "2026-07-01", "--type", "event", "--hours", "1", "--theme", "Video")
    run("add", "C", "--date", "2026-07-01", "--type", "reading")
    run("add", "D", "--date", "2027-07-01")

    found = ask("summary")
    year = ask("summary", "--from", "2026-01-01", "--by", "type")

    assert (found["entries"], found["hours"], found["planned"]) == (3, 3.0, 1)
    assert found["by"]["type"] == [
        {"name": "event", "entries": 2, "hours": 3.0},
        {"name": "reading", "entries": 1, "hours": 0.0},
    ]
    assert [(g["name"], g["entries"]) for g in found["by"]["year"]] == [("2025", 1), ("2026", 2)]
    assert [(g["name"], g["entries"]) for g in found["by"]["workplace"]] == [("Southport", 2), ("Northshire", 1)]
    assert (year["entries"], list(year["by"])) == (2, ["type"])


def test_places_of_work_side_by_side(run, ask):
    """A column for each place, the earlier first, and a row for each theme."""
    run("add", "A", "--date", "2025-05-01", "--theme", "Video", "--hours", "1:30")
    run("add", "B", "--date", "2026-07-01", "--theme", "Video")
    run("add", "C", "--date", "2026-07-01", "--theme", "Policy")

    _, out, _ = run("summary", "--by", "workplace,theme")
    lines = [line.split() for line in out.splitlines() if line.strip()]

    assert lines[1:] == [
        ["entries", "(hours)", "Northshire", "Southport"],
        ["Video", "1", "(1.5)", "1"],
        ["Policy", "1"],
    ]
    assert {"workplace": "Southport", "theme": "Policy", "entries": 1, "hours": 0.0} in ask(
        "summary", "--by", "workplace,theme"
    )["cells"]


def test_a_connection_is_shown_from_both(ask, run):
    """An entry that names another is shown with it, and the other way round."""
    run("add", "Conference")
    run("add", "Paper from it", "--related", "c0001")

    assert ask("show", "c0001")["related"] == ["c0002"]
    assert ask("show", "c0002")["related"] == ["c0001"]


def test_two_frameworks_give_their_criteria(run, ask, folder):
    """An entry may speak to a section of each framework that a portfolio was begun for."""
    assert run("add", "A", "--criterion", "V1")[0] == 2
    other = generation.new(folder.root / "portfolio/fellowship", "psf-2023", "", started=date(2026, 1, 1))
    generation.write(replace(other, separate=True))

    assert ask("add", "A", "--criterion", "V1", "--criterion", "1a")["entry"]["criteria"] == ["V1", "1a"]


def test_a_wrong_file_stops_every_command_and_stays(run, folder):
    """A mistake made in the spreadsheet is told with its line by any command, and nothing is written over."""
    run("add", "A")
    path = folder.root / "portfolio/cpd.csv"
    path.write_text("title,date\nA,soon\n", "utf-8")

    for words in (("add", "B"), ("list",), ("done", "A"), ("summary",)):
        code, _, err = run(*words)
        assert (code, "cpd.csv:2:2: date" in err) == (2, True)
    assert path.read_text("utf-8") == "title,date\nA,soon\n"


def test_without_a_command_the_record_is_listed(run):
    """``keepfolio cpd`` alone shows what there is; an unknown command names the nearest."""
    run("add", "A webinar")

    assert "A webinar" in run()[1]
    assert "Did you mean “reflect”?" in run("reflct")[2]
