"""Slips of the finger in the record are told in words, and nothing is refused or changed for them."""

from __future__ import annotations

from archive.entry import Visibility
from tests.portfolio.samples import item


def test_a_day_to_come_is_told(ask):
    """What is said to be done, watched or reflected on a day to come is taken, with a word about it."""
    ask("add", "Course", "--date", "2027-02-01")

    done = ask("done", "c0001")
    viewed = ask("change", "c0001", "--date", "2026-10-01", "--viewed", "2027-03-09")
    added = ask("add", "Talk", "--date", "2026-10-01", "--viewed", "2027-03-09")

    assert done["hints"] == ["c0001 took place on 2027-02-01, it says: that day is still to come."]
    assert viewed["hints"] == ["c0001 was watched on 2027-03-09, it says: that day is still to come."]
    assert any("c0002 was watched" in hint for hint in added["hints"])
    assert ask("change", "c0001", "--viewed", "2026-10-09")["hints"] == []


def test_a_reflection_is_said_to_be_kept(ask, run):
    """The answer names the reflection's day; that of a planned entry, how to say that it took place."""
    run("add", "Course", "--date", "2027-02-01")

    _, out, _ = run("reflect", "c0001", "I look forward to it.")

    assert "reflection of 2026-11-01 is kept" in out
    assert "keepfolio cpd done c0001" in out


def test_a_second_thought_on_the_same_day_leaves_no_note(ask, run):
    """Only another day is remembered as that of an earlier reflection."""
    run("add", "Course")
    run("reflect", "c0001", "One.")

    assert ask("reflect", "c0001", "Two.")["entries"][0]["note"] == ""


def test_what_counts_for_nothing_is_told(run, folder, ask):
    """A misspelt column, a criterion of no framework, evidence that leads nowhere: named by the list, and by gaps."""
    path = folder.root / "portfolio/cpd.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "id,date,title,criteria,principles,evidence,visibilty\n"
        "c0001,2026-03-01,A,9z;1a,foo,urn:uuid:nothing;https://a.example/;c0002,public\n"
        "c0002,2026-03-01,B,1a,,,\n",
        "utf-8",
    )

    hints = ask("list")["hints"]

    assert hints == [
        "The column “visibilty” is one of your own; did you mean visibility? What stands in it counts for nothing.",
        "c0001 names 9z, foo, which is in no framework of yours.",
        "c0001 names urn:uuid:nothing as evidence, which is neither held nor an address.",
    ]
    assert "did you mean visibility?" in run("list")[1]


def test_what_was_dropped_is_counted(run, ask):
    """A list without the dropped ones says that there are some, and how to see them."""
    run("add", "A")
    run("add", "B")
    run("drop", "c0002")

    assert "1 entry (1 dropped, not shown: keepfolio cpd list --status dropped)" in run("list")[1]
    assert "not shown" not in run("list", "--status", "dropped")[1]


def test_an_empty_file_says_what_to_do(run, folder):
    """A file without a byte is a mistake, with both ways out of it."""
    path = folder.root / "portfolio/cpd.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")

    code, _, err = run("list")

    assert (code, "delete the file" in " ".join(err.split())) == (2, True)


def test_a_mistake_names_its_entry(run, folder):
    """Behind reflections of several lines, the title says more than the number of the line."""
    path = folder.root / "portfolio/cpd.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('date,title,hours,reflection\n2026-01-01,A,1,"a\nb"\n2026-01-01,A webinar,long,\n', "utf-8")

    assert "“A webinar”" in run("list")[2]


def test_only_criteria_of_my_pathway_are_offered(run, ask):
    """The specialist options of other pathways are not offered to somebody who is on this one."""
    _, _, err = run("add", "A", "--criterion", "zzz")

    assert "1a" in err
    assert "advanced-1" not in err


def test_an_export_makes_no_folders(run, tmp_path):
    """A path with a slip in it is an error, and no new folder."""
    run("add", "A")

    code, _, err = run("export", str(tmp_path / "nonexist" / "x.csv"))

    assert (code, "no folder" in err, (tmp_path / "nonexist").exists()) == (2, True, False)


def test_the_title_of_a_private_post_is_not_opened_without_a_word(ask, folder):
    """An entry made of a private post bears its title; who opens it is told that it stays private, too."""
    folder.hold(
        item(1, "Appraisal notes", tags=("cpd",), visibility=Visibility.PRIVATE).entry,
        item(2, "A webinar", tags=("cpd",)).entry,
    )
    ask("import", "posts")
    private = next(one["id"] for one in ask("list")["entries"] if one["title"] == "Appraisal notes")

    (hint,) = ask("change", "c0001", "c0002", "--visibility", "public")["hints"]

    assert hint.startswith(f"Careful: {private} has the title of something that is private")
    assert ask("change", private, "--title", "A talk about my work")["hints"] == []
