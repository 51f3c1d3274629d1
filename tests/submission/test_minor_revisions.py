"""Minor revisions, played through: handed in, referred, revised, answered, handed in again, passed."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

from archive.entry import Visibility
from bridge import releases
from bridge.building import Desk
from tests.submission.conftest import WAIVED, Owner
from tests.submission.transcripts import MINOR

OWN_PART = "I chose the four questions myself, and tried each on a student first."
DROP_IN = "On most Thursdays I sat there from two to four with my own laptop shut."
THEORY = "What I lean on here is cognitive load: fewer things at a time."
LAW = "The second law is that of copyright, and it decided what we could scan."


def revise(owner: Owner) -> None:
    """Rewrite four sections as asked, and tie each comment to its passage."""
    owner.replaces("1a", "Eleven people tried to break both.", f"Eleven people tried to break both.\n{OWN_PART}")
    for section, passage in (("1c", DROP_IN), ("2a", THEORY), ("3a", LAW)):
        owner.replaces(section, "## Reflection", f"{passage}\n\n## Reflection")
    owner.does("answered", "2", OWN_PART[:33], "--note", "I now say what my own part was.")
    owner.does("answered", "3", DROP_IN)
    owner.does("answered", "4", THEORY, "--note", "The theory is named.")
    owner.does("answered", "5", LAW)


def test_minor_revisions_from_end_to_end(owner: Owner) -> None:
    """
    What assessors read stays as it was sealed, byte for byte, from each submission to its result.

    Four comments are answered by passages; the resubmission opens with what was revised, in page and bundle; and a pass
    sets the date of the next review three years on.
    """
    owner.does("publish", "assessors", "--yes", *WAIVED)
    first = owner.gives("submit", "--to", "assessors", *WAIVED)
    sealed = owner.page
    assert (first["state"], first["targets"]) == ("submitted", ["assessors"])

    owner.replaces("1a", "Both of these taught me", "All of this taught me")
    assert owner.run("publish", "assessors", "--yes", *WAIVED)[0] == 4
    owner.replaces("1a", "All of this taught me", "Both of these taught me")
    assert owner.page == sealed

    owner.day = "2027-05-20"
    transcript = owner.folder / "transcript.txt"
    transcript.write_text(MINOR)
    result = owner.gives("result", "--transcript", str(transcript))
    assert (result["outcome"], result["state"], result["on"]) == ("minor", "referred", "2027-05-15")
    assert [one["section"] for one in result["comments"]] == ["context", "1a", "1c", "2a", "3a", ""]
    assert owner.page == sealed

    owner.day = "2027-06-10"
    revise(owner)
    assert owner.page == sealed
    owner.does("publish", "assessors", "--yes", *WAIVED)
    again = owner.gives("submit", "--to", "assessors", *WAIVED)
    revised = owner.page
    assert again["state"] == "resubmitted"
    assert "What was revised" in revised.decode()
    with zipfile.ZipFile(again["bundle"]) as bundle:
        assert "What was revised" in bundle.read("index.html").decode()

    owner.replaces("1a", "Both of these taught me", "All of this taught me")
    assert owner.run("publish", "assessors", "--yes", *WAIVED)[0] == 4
    assert owner.page == revised

    owner.day = "2027-07-01"
    passed = owner.gives("result", "pass")
    assert (passed["state"], passed["due"]) == ("passed", "2030-07-01")
    owner.does("publish", "assessors", "--yes", *WAIVED)
    assert "What was revised" not in owner.page.decode()
    stages = [stage.state for stage in Desk(owner.session()).generation.stages]
    assert stages == ["submitted", "referred", "resubmitted", "passed"]


def test_the_summary_says_what_changed_and_what_did_not(referred: Owner) -> None:
    """Passages are quoted under a link to their section, with words before and after; the rest is counted."""
    revise(referred)
    referred.does("publish", "assessors", "--yes", *WAIVED)

    page = referred.page.decode()
    start = page.index("What was revised</h2>")
    panel = page[start : page.index("</section>", start)]

    assert "first handed in on 1 February 2027: 4 sections changed, 3 sections unchanged" in panel
    for passage in (OWN_PART, DROP_IN, THEORY, LAW, "I now say what my own part was.", "The theory is named."):
        assert passage in panel
    assert '<a href="#kf-1a">1a: ' in panel
    assert 'id="kf-1a"' in page
    assert "269 words before, 282 now." in panel
    assert panel.count("Revisions were asked for here.") == 4


def test_no_word_of_the_assessors_is_on_any_page(referred: Owner) -> None:
    """Neither their names nor their comments nor the transcript are in any edition, bundle, or release."""
    revise(referred)
    referred.does("publish", "assessors", "--yes", *WAIVED)
    bundle = referred.gives("submit", "--to", "assessors", *WAIVED)["bundle"]
    secrets = ["Perpetua", "Quill", "of the team throughout", "named and not shown", "Which theory", "second law."]
    secrets += ["A pleasure to read", "A clear opening", "Assessor 1", "Assessor 2"]

    shown = {}
    for edition in ("private", "assessor", "public"):
        out = referred.folder / "out" / edition
        referred.does("build", "--edition", edition, "--out", str(out))
        shown |= {f"{edition}/{p.name}": p.read_bytes() for p in out.rglob("*") if p.is_file()}
    with zipfile.ZipFile(bundle) as members:
        shown |= {name: members.read(name) for name in members.namelist()}
    shown |= {p.name: p.read_bytes() for p in (referred.folder / "build" / "for-assessors").rglob("*") if p.is_file()}
    archive = referred.session().archive
    for stored in archive.entries(kind="release"):
        shown[stored.id] = archive.raw(stored.id) + stored.entry.content_html.encode()

    assert not [(name, secret) for name, text in shown.items() for secret in secrets if secret.encode() in text]


def test_the_public_edition_has_no_summary(referred: Owner) -> None:
    """It is for those who asked for the revisions, and for nobody else."""
    revise(referred)

    for edition, there in (("public", False), ("assessor", True), ("private", True)):
        path = Path(referred.gives("build", "--edition", edition)["path"])
        assert ("What was revised" in path.read_text()) is there


def test_open_comments_keep_it_from_being_handed_in_again(referred: Owner) -> None:
    """Comments where revisions were asked for need an answer; praise needs none. The owner may waive it."""
    code, _, err = referred.run("submit", *WAIVED)

    assert code == 4
    assert [n for n in range(1, 7) if f"Comment {n} " in err] == [2, 3, 4, 5]
    assert "open-comments" in err
    assert Desk(referred.session()).generation.state == "referred"
    referred.does("submit", *WAIVED, "--waive", "open-comments")


def test_an_answer_is_a_passage_that_is_there_and_was_not(referred: Owner) -> None:
    """Words that are not in the section, that stand in another, or that assessors have read answer nothing."""
    assert "does not stand in 1a" in referred.run("answered", "2", "I never wrote this")[2]
    code, _, err = referred.run("answered", "2", "Eleven people tried to break both")
    assert (code, "stood in 1a when you handed it in" in err) == (4, True)

    referred.replaces("1c", "## Reflection", f"{OWN_PART}\n\n## Reflection")
    assert "--section 1c" in referred.run("answered", "2", OWN_PART)[2]
    done = referred.gives("answered", "2", OWN_PART, "--section", "1c")
    assert done["comment"]["answered"] == {"section": "1c", "passage": OWN_PART, "note": ""}
    assert done["open"] == 5


def test_an_answer_without_a_change_needs_its_reason(referred: Owner) -> None:
    assert referred.run("answered", "5")[0] == 2
    assert referred.run("answered", "5", "--unchanged", " ")[0] == 2
    referred.does("answered", "5", "--unchanged", "Both laws are named in the second paragraph.")
    listed = referred.gives("result", "--comments")

    assert [one["number"] for one in listed["comments"] if one["open"]] == [1, 2, 3, 4, 6]
    assert listed["comments"][-1]["number"] == 5


def test_a_hint_in_the_evidence_is_an_answer(referred: Owner) -> None:
    """Evidence that is cited since answers a comment by its title, and the summary names it."""
    referred.does("cite", "1c", "H5P or a Moodle lesson?", "--why", "Asked for in the drop-in")

    done = referred.gives("answered", "3", "H5P or a Moodle lesson?")

    assert done["comment"]["answered"]["section"] == "1c"
    page = Path(referred.gives("build", "--edition", "assessor")["path"]).read_text()
    assert "New evidence: “H5P or a Moodle lesson?”." in page


def test_the_transcript_is_kept_whole_and_sealed(referred: Owner) -> None:
    """It lies beside the sections, in a copy of the archive's too; another on the same day takes another name."""
    kept = referred.generation / "transcript-2027-05-15.txt"
    assert kept.read_text() == MINOR
    archive = referred.session().archive
    assert "portfolio/original/transcript-2027-05-15.txt" in {
        stored.entry.native_id for stored in archive.entries(kind="workspace")
    }
    archive.close()

    (referred.folder / "transcript.txt").write_text(f"{MINOR}\nOne more word.\n")
    referred.does("result", "minor", "--transcript", str(referred.folder / "transcript.txt"))
    assert (referred.generation / "transcript-2027-05-15-2.txt").read_text() == f"{MINOR}\nOne more word.\n"
    assert kept.read_text() == MINOR


def test_a_release_holds_what_was_handed_in(submitted: Owner) -> None:
    """Text, evidence, page and bundle are in the archive, and come back without any file of the workspace."""
    handed = json.loads(json.dumps(submitted.gives("status")))
    assert handed["next_step"].startswith("keepfolio result")
    archive = submitted.session().archive
    [release] = [s for s in archive.entries(kind="release") if s.entry.visibility is Visibility.ASSESSOR]
    [bundle] = [s for s in archive.entries(kind="release") if any(k.startswith("bundle:") for k in s.entry.keys)]

    sealed = releases.load_release(archive, release.entry.native_id)
    with zipfile.ZipFile(archive.path_of(bundle.entry.files[0].sha256)) as members:
        assert {"index.html", "START-HERE.pdf"} <= set(members.namelist())
    assert sealed.edition == "assessor"
    assert all(archive.path_of(upload.sha256) for upload in sealed.uploads)
    assert date(2027, 2, 1) == Desk(submitted.session()).generation.submitted


def test_a_second_bundle_of_a_day_leaves_the_first(referred: Owner) -> None:
    """What was sent away stays where it was printed, and both are sealed."""
    referred.day = "2027-02-01"
    first = referred.folder / "build" / "original-2027-02-01.zip"
    before = first.read_bytes()
    referred.replaces("1a", "Both of these taught me", "All of this taught me")

    told = referred.gives("submit", *WAIVED, "--waive", "open-comments")

    assert told["bundle"].endswith("original-2027-02-01-resubmitted.zip")
    assert first.read_bytes() == before
    held = [one.entry.native_id for one in referred.session().archive.entries() if one.entry.native_id.endswith(".zip")]
    assert len(held) == 2
