"""Calendars, tables and tagged posts: offered once, taken once, private, and nothing that was not wanted."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.entry import Entry
from bridge import cpd, cpd_csv, cpd_posts
from tests.cpd.samples import activity
from tests.cpd.test_calendar import ics
from tests.portfolio.samples import item

EVENTS = (
    "UID:w@x\r\nDTSTART:20260701T120000Z\r\nDTEND:20260701T133000Z\r\nSUMMARY:ALT webinar: captions",
    "UID:d@x\r\nDTSTART:20260701T150000Z\r\nDTEND:20260701T153000Z\r\nSUMMARY:Dentist",
    "UID:s@x\r\nDTSTART:20260706T090000Z\r\nDTEND:20260706T100000Z\r\nRRULE:FREQ=WEEKLY;COUNT=30\r\nSUMMARY:Team",
    "UID:c@x\r\nDTSTART;VALUE=DATE:20260902\r\nDTEND;VALUE=DATE:20260905\r\nSUMMARY:ALT conference",
    "UID:p@x\r\nDTSTART;VALUE=DATE:20270301\r\nSUMMARY:Course to come",
    "UID:o@x\r\nDTSTART:20260801T090000Z\r\nSTATUS:CANCELLED\r\nSUMMARY:ALT called off",
)


@pytest.fixture
def calendar(tmp_path: Path) -> str:
    path = tmp_path / "work.ics"
    path.write_bytes(ics(*EVENTS))
    return str(path)


def rows(folder) -> list[dict[str, str]]:
    with (folder.root / "portfolio/cpd.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_without_a_terminal_nothing_is_taken(run, folder, calendar):
    """Where nobody can be asked, the command says how to choose, and exits as one that needs its owner."""
    code, _, err = run("import", calendar)

    assert (code, "--match WORDS" in err, "Nothing was taken" in err) == (4, True, True)
    assert not (folder.root / "portfolio/cpd.csv").exists()


def test_by_words_of_the_title(ask, folder, calendar):
    """What matches comes in, private, with its days, length and type; what was cancelled does not."""
    taken = ask("import", calendar, "--match", "alt")["taken"]

    assert [(one["title"], one["date"], one["until"], one["hours"], one["type"]) for one in taken] == [
        ("ALT webinar: captions", "2026-07-01", None, 1.5, "webinar"),
        ("ALT conference", "2026-09-02", "2026-09-04", None, "event"),
    ]
    assert {one["visibility"] for one in taken} == {"private"}
    assert "Dentist" not in (folder.root / "portfolio/cpd.csv").read_text("utf-8")


def test_a_second_import_changes_nothing(ask, folder, calendar):
    """The same file again, all of it: not a byte is different."""
    assert len(ask("import", calendar, "--all")["taken"]) > 3
    before = (folder.root / "portfolio/cpd.csv").read_bytes()

    assert ask("import", calendar, "--all")["taken"] == []
    assert (folder.root / "portfolio/cpd.csv").read_bytes() == before


def test_what_is_to_come_is_planned(ask, calendar):
    """A single event of a later day is planned; a series goes no further than today."""
    taken = ask("import", calendar, "--all")["taken"]

    assert [(one["date"], one["status"]) for one in taken if one["title"] == "Course to come"] == [
        ("2027-03-01", "planned")
    ]
    assert max(one["date"] for one in taken if one["title"] == "Team") == "2026-10-26"


def test_asked_by_the_day(run, folder, calendar, answers):
    """Each day is asked once; what is declined is never offered again, of a series all of it; the rest is taken."""
    asked = answers("1", "", "all", "none")

    code, out, err = run("import", calendar)

    assert (code, len(asked)) == (0, 4)
    assert "Wednesday 1 July 2026" in err
    assert [row["title"] for row in rows(folder)] == ["ALT webinar: captions", "ALT conference"]
    assert "declined" in out
    assert answers() == []
    assert "Nothing new" in run("import", calendar)[1]


def test_what_was_declined_can_be_asked_again(run, folder, calendar, answers):
    """With --again; and then what is taken is declined no more. Of what was declined only an id is kept, no title."""
    answers("1", "", "all", "none")
    run("import", calendar)
    kept = (folder.root / "portfolio/cpd-declined.txt").read_text("utf-8")
    answers("1", "q")

    run("import", calendar, "--again")

    assert "ical:d@x" in kept
    assert "Dentist" not in kept
    assert "Dentist" in [row["title"] for row in rows(folder)]
    assert "ical:d@x" not in (folder.root / "portfolio/cpd-declined.txt").read_text("utf-8")


def test_single_events_of_a_series_can_be_declined(run, folder, calendar, answers):
    """Where one event of a series is taken, the others are asked for; those that are not wanted stay away."""
    answers("none", "y", *["none"] * 40)
    run("import", calendar)
    taken = [row["date"] for row in rows(folder) if row["title"] == "Team"]
    declined = (folder.root / "portfolio/cpd-declined.txt").read_text("utf-8")
    answers()

    assert taken == ["2026-07-06"]
    assert "ical:s@x/2026-07-13" in declined
    assert "ical:s@x\n" not in declined
    assert "Nothing new" in run("import", calendar, "--all")[1]


def test_what_was_declined_alone_can_be_taken_again(run, ask, folder, calendar, answers):
    """With --again a single event of a series comes in, and is declined no more."""
    answers("none", "y", *["none"] * 40)
    run("import", calendar)

    ask("import", calendar, "--match", "team", "--again", "--to", "2026-07-14")

    assert [row["date"] for row in rows(folder) if row["title"] == "Team"] == ["2026-07-06", "2026-07-13"]
    assert "s@x/2026-07-13" not in (folder.root / "portfolio/cpd-declined.txt").read_text("utf-8")


def test_how_a_table_is_read_is_told_once(run, table):
    """Not a second time within the error; one entry is one entry."""
    code, out, err = run("import", table)

    assert (code, (out + err).count("is read like this")) == (4, 1)


def test_one_entry_is_said_as_one(run, tmp_path):
    """The number and its noun agree."""
    (tmp_path / "t.csv").write_text("date,title\n2026-01-01,A\n")

    assert "1 entry could be taken" in run("import", str(tmp_path / "t.csv"))[2]


def test_an_answer_that_is_none_is_asked_again(run, folder, calendar, answers):
    """A slip of the finger takes and declines nothing."""
    asked = answers("7", "x", "2", "q")

    run("import", calendar)

    assert len(asked) == 4
    assert [row["title"] for row in rows(folder)] == ["Dentist"]


def test_what_was_joined_is_not_imported_again(ask, run, calendar):
    """The calendar's event is known under the entry that it was joined to; so is one that was dropped."""
    ask("add", "My webinar", "--date", "2026-07-01")
    taken = ask("import", calendar, "--match", "webinar")["taken"]
    run("join", "c0001", taken[0]["id"])
    ask("import", calendar, "--match", "conference")
    run("drop", "conference")

    assert ask("import", calendar, "--match", "alt")["taken"] == []


def test_likely_twins_are_pointed_out(ask, calendar):
    """An event of the same day with nearly the same title is named, with the command that joins them."""
    ask("add", "ALT webinar captions", "--date", "2026-07-01")

    assert ask("import", calendar, "--match", "webinar")["alike"] == [["c0001", "c0002"]]


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(titles=st.lists(_TEXT, min_size=1, max_size=3), uids=st.lists(_TEXT, min_size=3, max_size=3, unique=True))
def test_any_event_comes_in_once(folder, ask, tmp_path_factory, titles, uids):
    """Whatever events and their ids are called, the file can be read and the second import finds nothing new."""
    (folder.root / "portfolio/cpd.csv").unlink(missing_ok=True)
    path = tmp_path_factory.mktemp("ics") / "any.ics"

    def line(name: str, text: str) -> str:
        return f"{name}:" + text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")

    path.write_bytes(
        ics(
            *(
                f"{line('UID', u)}\r\nDTSTART:20260701T120000Z\r\n{line('SUMMARY', t)}"
                for u, t in zip(uids, titles, strict=False)
            )
        )
    )

    taken = ask("import", str(path), "--all")["taken"]

    assert ask("import", str(path), "--all")["taken"] == []
    assert [one["title"] for one in ask("list")["entries"]] == [one["title"] for one in taken]


# --- tagged posts ---------------------------------------------------------------------------------------------------


def test_tagged_posts_are_entries(ask, folder):
    """A post with a CPD tag is an entry of its day, with the post as evidence; its tags give type and criteria."""
    (tagged, _, _) = folder.hold(
        item(1, "Reading about captions", tags=("cpd-reading", "cmalt-1a")).entry,
        item(2, "My cat", tags=("cats",)).entry,
        item(3, "CPDs and LPs", tags=("cpdx",)).entry,
    )

    (found,) = ask("import", "posts")["taken"]

    assert (found["title"], found["date"], found["type"]) == ("Reading about captions", "2026-03-01", "reading")
    assert (found["evidence"], found["criteria"], found["visibility"]) == ([tagged], ["1a"], "private")


def test_posts_come_in_once(ask, folder):
    """Again, and where a line names the post already, nothing is added; a new post is."""
    folder.hold(item(1, "One", tags=("cpd",)).entry, item(2, "Two", tags=("CPD",)).entry)
    ask("add", "By hand", "--evidence", "Two")

    assert [one["title"] for one in ask("import", "posts")["taken"]] == ["One"]
    assert ask("import", "posts")["taken"] == []
    folder.hold(item(3, "Three", tags=("cpd",)).entry)
    assert [one["title"] for one in ask("import", "posts")["taken"]] == ["Three"]


def test_only_own_posts_that_are_out(ask, folder):
    """Others' words, what lies in the bin and what appears later are no entries; a comment never is."""
    tomorrow = datetime(2026, 11, 2, tzinfo=UTC)
    folder.hold(
        item(1, "Another's", tags=("cpd",), author="others").entry,
        item(2, "Binned", tags=("cpd",), status="trash").entry,
        item(3, "Later", tags=("cpd",), published=tomorrow + timedelta(days=3)).entry,
        item(4, "Remark", tags=("cpd",), kind="comment").entry,
    )

    assert ask("import", "posts")["offered"] == 0


def test_a_copy_of_a_post_is_not_a_second_entry(ask, folder):
    """The same text on another system, which names its original, is the one event that it is."""
    original = item(1, "One", tags=("cpd",)).entry
    copy = Entry(
        keys=("moodle:m.example/blog/1",),
        kind="post",
        native_id="1",
        title="One",
        tags=("cpd",),
        published=original.published,
        extra={"copy_of": original.url},
    )
    folder.hold(original, copy)

    assert len(ask("import", "posts")["taken"]) == 1


@pytest.mark.parametrize(
    ("tags", "meant"),
    [
        (("cpd",), ""),
        (("CPD Event",), "event"),
        (("#cpd_webinar", "cpd"), "webinar"),
        (("cpd-unknown",), None),
        (("x",), None),
        ((), None),
    ],
)
def test_tags_give_the_type(tags, meant):
    """However a tag is written, its last word is the type, where there is such a type."""
    assert cpd_posts.type_of(tags, ("cpd",)) == meant


# --- another tool's table -------------------------------------------------------------------------------------------

TABLE = """\
Activity;Date completed;Duration (minutes);Category;Organiser;What I learned;Link;Room
Captions course;01/03/2026;90;Training;ALT;To ask first;https://a.example/c;12
Captions course;01/03/2026;90;Training;ALT;To ask first;https://a.example/c;12
=1+1;02/03/2026;;;;;on the shared drive;
"""


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "old log.csv"
    path.write_text(TABLE, "utf-8")
    return str(path)


def test_a_table_is_read_by_its_columns(run, ask, table):
    """Columns are guessed and shown before anything is taken; what fits nowhere stands in the note; twins are two."""
    code, _, err = run("import", table)
    taken = ask("import", table, "--all")["taken"]

    assert (code, "title      from the column “Activity”" in err, "Room" in err) == (4, True, True)
    first = taken[0]
    assert (first["title"], first["date"], first["hours"]) == ("Captions course", "2026-03-01", 1.5)
    assert (first["type"], first["provider"], first["reflection"]) == ("Training", "ALT", "To ask first")
    assert (first["evidence"], first["note"]) == (["https://a.example/c"], "Room: 12")
    assert (len(taken), taken[2]["title"], taken[2]["note"]) == (3, "=1+1", "Link: on the shared drive")


def test_a_table_comes_in_once(ask, folder, table):
    """The same table again changes nothing."""
    ask("import", table, "--all")
    before = (folder.root / "portfolio/cpd.csv").read_bytes()

    assert ask("import", table, "--all")["taken"] == []
    assert (folder.root / "portfolio/cpd.csv").read_bytes() == before


def test_a_table_is_asked_about_as_a_whole(run, folder, table, answers):
    """Shown its columns, the owner says yes or no; no takes nothing and is not remembered."""
    answers("n")
    run("import", table)
    answers("y")
    run("import", table)

    assert len(rows(folder)) == 3


def test_a_table_that_is_no_record(run, tmp_path):
    """Without a date, or with cells that cannot be read, nothing is taken, and the place is named."""
    for text, said in (("a,b\n1,2\n", "No column of t.csv looks like the date"), ("date,title\nx,A\n", "t.csv:2:1")):
        (tmp_path / "t.csv").write_text(text)
        code, _, err = run("import", str(tmp_path / "t.csv"), "--all")
        assert (code, said in err) == (2, True), err


def test_no_column_is_used_twice():
    """Each of our columns has one of theirs at most; a description is the title only where there is no other."""
    assert cpd_csv.guessed(("Date", "Description")) == {"date": "Date", "title": "Description"}
    assert cpd_csv.guessed(("When", "Event", "Description", "Notes")) == {
        "date": "When",
        "title": "Event",
        "note": "Notes",
    }


def test_another_kind_of_file_is_refused(run, tmp_path):
    """What is neither a calendar nor a table is named as such; so is a file that is not there."""
    (tmp_path / "a.docx").write_bytes(b"PK")

    assert "neither a calendar" in run("import", str(tmp_path / "a.docx"))[2]
    assert "cannot be read" in run("import", str(tmp_path / "gone.ics"))[2]
    assert "cannot be read" in run("import", str(tmp_path / "gone.csv"))[2]


# --- out again ------------------------------------------------------------------------------------------------------


def test_an_export_comes_back_as_what_it_was(ask, run, tmp_path, folder):
    """A table that was written is the record of its days, places of work included; nothing is written over."""
    run("add", "=A", "--date", "2026-03-01", "--hours", "1.5", "--theme", "X")
    run("add", "B", "--date", "2025-03-01")
    out = tmp_path / "out.csv"

    assert ask("export", str(out), "--from", "2026-01-01")["entries"] == 1

    text = out.read_text("utf-8-sig")
    assert text.startswith("id,date,until,title")
    assert "c0001,2026-03-01,,'=A," in text
    assert text.rstrip().endswith("Northshire")
    assert run("export", str(out))[0] == 2
    assert run("export", str(tmp_path / "out.pdf"))[0] == 2


def test_an_exported_calendar_is_not_imported_as_new(ask, run, tmp_path):
    """The calendar that keepfolio wrote holds whole days, and offers nothing that the record has."""
    run("add", "Conference", "--date", "2026-03-01", "--until", "2026-03-03")
    run("add", "Not this", "--date", "2026-04-01")
    run("drop", "Not this")
    out = tmp_path / "out.ics"
    run("export", str(out))

    assert "DTSTART;VALUE=DATE:20260301\nDTEND;VALUE=DATE:20260304" in out.read_text()
    assert "Not this" not in out.read_text()
    assert ask("import", str(out), "--all")["offered"] == 0


def test_what_another_command_wrote_meanwhile_stays(folder):
    """An import writes into the record as it is when it writes, not as it was when it asked."""
    session = folder.session()
    cpd.added(session, [activity("", title="First")])
    cpd.added(session, [activity("", title="Second")])

    assert [one.title for one in cpd.changed(session, [activity("c0001", title="Changed")])] == ["Changed", "Second"]


def test_minutes_that_are_no_number_are_a_mistake_with_its_line(folder, run, tmp_path):
    """Python takes ² for a digit, and a row of nines for a number; both are said, neither ends the program."""
    place = tmp_path / "t.csv"
    place.write_text(f"Date,Title,Duration (minutes)\n2026-01-01,A,\u00b2\n2026-01-02,B,{'9' * 40}\n", "utf-8")
    code, _, err = run("import", str(place), "--all")
    assert code == 2
    assert "“² min” is no number of hours" in err
    assert "999 min” is no number of hours" in err
