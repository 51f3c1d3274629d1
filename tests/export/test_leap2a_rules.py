"""Rules learnt from Mahara's importer (22.10, as released and as mended): each test says what happens without it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from lxml import etree

from connectors.mahara import leap2a_parts
from tests.export.leap import ATOM
from tests.export.leap_made import PICTURE, Do, file_entry, key, of_mahara, photo, said, written


@pytest.fixture
def do(tmp_path: Path) -> Do:
    return partial(written, tmp_path)


# --- what lies in what


def test_folders_in_each_other_do_not_stop_mahara(do: Do) -> None:
    """The importer follows folders without end, and takes one that is in none as a journal."""
    _, leap = do(
        of_mahara("folder", "file/folder", 1, title="one", parent=key("artefact2")),
        of_mahara("folder", "file/folder", 2, title="two", parent=key("artefact1")),
        of_mahara("folder", "file/folder", 3, title="self", parent=key("artefact3")),
    )

    tops = [one for one in leap.ids("folder") if not leap.links(leap.by_id[one], "leap2:is_part_of")]
    assert sorted(leap.by_id[one].findtext(f"{ATOM}title") for one in tops) in (["one", "self"], ["self", "two"])


def test_a_task_of_no_plan_is_a_plan(do: Do) -> None:
    """A task that names no plan would be one without a name of its own in the file."""
    done, leap = do(of_mahara("task", "plans/task", 1, parent=key("artefact9")))

    assert len(leap.ids("plan")) == 1
    assert "goes as a plan of its own" in said(done)


def test_tasks_stand_in_the_order_of_their_plan(do: Do) -> None:
    """Mahara numbers them in the order of the file."""
    plan = of_mahara("plan", "plans/plan", 1, extra={"tasks": ["artefact4", "artefact2", "artefact3"]})
    tasks = [of_mahara("task", "plans/task", n, parent=key("artefact1")) for n in (2, 3, 4)]

    _, leap = do(*tasks, plan)

    titles = [leap.by_id[one].findtext(f"{ATOM}title") for one in leap.ids("task")]
    assert titles == ["task 4", "task 2", "task 3"]


def test_rows_of_a_resume_stand_in_their_order(do: Do) -> None:
    """``display_order`` in the namespace that this Mahara reads; without it, rows come as they like."""
    section = of_mahara("membership", "resume/membership", 1, extra={"rows": ["resumecomposite-1-child-2"]})
    rows = [
        of_mahara(
            "resume-row", "resume/pseudo:membership", n, f"resumecomposite-1-child-{n}", parent=key("artefact1"),
            extra={"dates": [{"point": "start", "label": f"201{n}"}]}, content_html=f"<p>201{n}</p><p>Words {n}</p>",
        )
        for n in (1, 2)
    ]  # fmt: skip

    _, leap = do(section, *rows)

    leap2 = f"{{{leap.root.nsmap['leap2']}}}"
    links = [leap.titled(f"resume-row {n}").find(f"{ATOM}link") for n in (1, 2)]
    assert [link.get(f"{leap2}display_order") for link in links] == ["2", "1"]
    row = leap.titled("resume-row 2")
    assert (leap.text(row), row.find(f"{leap2}date").get(f"{leap2}label")) == ("<p>Words 2</p>", "2012")


def test_a_chosen_entry_stands_in_its_own_journal(do: Do) -> None:
    """Entries that were chosen by tag stay in the journals that they were in, each called as it was."""
    journals = [of_mahara("journal", "blog/blog", n, title=f"Diary {n}", content_html="<p>About</p>") for n in (1, 2)]
    entries = [
        of_mahara("journal-entry", "blog/blogpost", 10 + n, parent=key(f"artefact{n}"), tags=("cpd",)) for n in (1, 2)
    ]

    _, leap = do(*journals, *entries, tag="cpd")

    held = {leap.by_id[j].findtext(f"{ATOM}title"): leap.text(leap.by_id[j]) for j in leap.ids("journal")}
    assert held == {"Diary 1": "<p>About</p>", "Diary 2": "<p>About</p>"}
    assert all(len(leap.links(leap.by_id[j], "leap2:has_part")) == 1 for j in leap.ids("journal"))


def test_a_row_of_no_section_stays_behind(do: Do) -> None:
    """Rows are written with their section, which says what they are and in which order they stand."""
    done, leap = do(of_mahara("resume-row", "resume/pseudo:book", 1, "resumecomposite-9-child-1"))

    assert [leap.kind(entry) for entry in leap.entries] == ["person"]
    assert (done.entries, "its section" in said(done)) == (0, True)


# --- the owner


def test_an_account_without_a_service_is_a_website(do: Do) -> None:
    """``id`` without a service stops the whole import."""
    told = [
        {"type": "socialprofile", "label": "x", "value": "@jane"},
        {"type": "socialprofile", "label": "y", "value": "@jane", "service": "twitter"},
        {"type": "email", "label": "E-mail", "value": "jane@old.example"},
        {"type": "firstname", "label": "First name", "value": "Jane"},
    ]
    profile = of_mahara("profile", "internal/internal", 1, "artefactinternal", extra={"persondata": told})

    _, leap = do(profile)

    leap2 = f"{{{leap.root.nsmap['leap2']}}}"
    person = leap.by_id["portfolio:artefactinternal"]
    facts = [(one.get(f"{leap2}field"), one.get(f"{leap2}service")) for one in person.findall(f"{leap2}persondata")]
    assert facts == [("website", "website"), ("id", "twitter")]
    assert "jane@old.example" not in etree.tostring(leap.root).decode()


def test_one_profile_goes(do: Do) -> None:
    """A file has one owner: a second person would be imported as a journal entry."""
    told = {"persondata": [{"type": "town", "label": "Town", "value": "Old Quay"}]}
    one = of_mahara("profile", "internal/internal", 1, "artefactinternal", extra=told)
    two = replace(one, keys=("mahara:elsewhere.example/artefactinternal",), title="Other")

    done, leap = do(one, two)

    assert [leap.kind(entry) for entry in leap.entries] == ["person"]
    assert (done.entries, "another profile" in said(done)) == (1, True)


def test_a_profile_picture_is_a_picture(do: Do) -> None:
    """The importer drops files that say they are a profile picture, and those that the person names."""
    entry, data = photo()
    entry = of_mahara("file", "file/profileicon", 40, title="me.png", files=entry.files)

    _, leap = do((entry, data))

    hint = leap.titled("me.png").find(f"{{{leap.root.nsmap['mahara']}}}artefactplugin")
    assert hint.get(f"{{{leap.root.nsmap['mahara']}}}type") == "file"
    assert leap.links(leap.by_id["portfolio:artefactinternal"], "related") == []


# --- texts


def test_what_is_linked_is_not_attached(do: Do) -> None:
    """A file that an entry of Mahara only links was not attached to it; a picture that it shows must be, to be seen."""
    entry = of_mahara(
        "journal-entry", "blog/blogpost", 50, extra={"attachments": ["artefact43"]},
        content_html=f'<p><img src="{PICTURE}" alt="p"><a href="{PICTURE.replace("40", "42")}">linked</a></p>',
    )  # fmt: skip
    files = [photo(), file_entry(42, "linked.txt", b"l"), file_entry(43, "attached.txt", b"a")]

    _, leap = do(*files, entry)

    attached = [
        leap.by_id[one].findtext(f"{ATOM}title") for one in leap.links(leap.titled("journal-entry 50"), "related")
    ]
    assert attached == ["attached.txt", "photo.png"]
    assert leap.text(leap.titled("journal-entry 50")).count('rel="leap2:has_part"') == 2


def test_a_text_of_mahara_keeps_what_mahara_knows(do: Do) -> None:
    """Sizes, colours, direction and films stay; nothing that runs does."""
    html = (
        '<p dir="rtl" style="color: red; position: fixed" onclick="x()">a <span style="text-align:center">b</span></p>'
        '<p><iframe src="https://www.youtube.com/embed/1" width="5" height="4"></iframe><iframe src="data:x"></iframe>'
        f'<img src="{PICTURE}" width="320" height="200" alt="p"><script>x()</script></p>'
    )

    _, leap = do(photo(), of_mahara("journal-entry", "blog/blogpost", 50, content_html=html))

    text = leap.text(leap.titled("journal-entry 50"))
    assert 'dir="rtl"' in text
    assert "color:red" in text.replace(" ", "")
    assert 'src="https://www.youtube.com/embed/1"' in text
    assert 'width="320"' in text
    assert not any(word in text for word in ("fixed", "onclick", "script", "data:x"))


def test_a_text_longer_than_the_parser_reads_is_left_out(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten million letters in one place, and Mahara says that the file is no XML."""
    monkeypatch.setattr(leap2a_parts, "LONGEST_TEXT", 100)

    done, leap = do(of_mahara("journal-entry", "blog/blogpost", 50, content_html=f"<p>{'x' * 200}</p>"))

    assert leap.text(leap.titled("journal-entry 50")) == ""
    assert "longer than what Mahara's importer can read" in said(done)


def test_a_kind_of_a_plugin_goes_as_an_entry(do: Do) -> None:
    """The importer knows no other types: the words of one go as a journal entry, with dates, tags and files."""
    done, leap = do(of_mahara("cpd", "cpds/cpd", 5, title="Course", content_html="<p>6 hours</p>", tags=("cpd",)))

    entry = leap.titled("Course", "journal-entry")
    assert (leap.text(entry), leap.tags(entry)) == ("<p>6 hours</p>", ["cpd"])
    assert "nothing of its kind (cpd)" in said(done)


def test_what_a_note_loses_is_said(do: Do) -> None:
    """The importer gives notes neither tags nor files; both go, but not with the note."""
    note = of_mahara(
        "note", "internal/html", 5, content_html=f'<p><img src="{PICTURE}" alt=""></p><p>x</p>', tags=("cpd",)
    )

    done, _ = do(photo(), note)

    assert "forgets of a note: its tags and that its files are attached" in said(done)
