"""Results: what was decided, by whom it was marked, when the next review is due, and who may judge."""

from __future__ import annotations

from datetime import date

from bs4 import BeautifulSoup

from bridge.building import Desk
from bridge.portfolio import framework
from bridge.portfolio.submission import comments, handed, scheme
from bridge.portfolio.submission.comments import Book, Comment, Result
from tests.submission.conftest import WAIVED, Owner
from tests.submission.transcripts import MINOR

RULES = scheme.of(framework.load("cmalt"))


def test_a_pass_sets_the_next_review_three_years_on(owner: Owner) -> None:
    """From the day of the decision, as the framework says; a result of years ago is noted as well."""
    done = owner.gives("result", "pass", "--date", "2024-06-01")

    assert (done["state"], done["due"]) == ("passed", "2027-06-01")
    assert owner.gives("due")["clocks"][0]["standing"] == "in 4 months"


def test_a_due_date_may_be_told_or_unknown(owner: Owner) -> None:
    """An unknown one is shown as unknown."""
    assert owner.gives("result", "pass", "--due", "2031-01-31")["due"] == "2031-01-31"
    assert owner.gives("result", "pass", "--due", "unknown")["due"] == "unknown"

    [clock] = owner.gives("due")["clocks"]
    assert (clock["due"], clock["standing"]) == (None, "unknown")
    assert "Portfolio review: unknown" in owner.does("status")


def test_each_outcome_makes_its_state(owner: Owner) -> None:
    states = {one: owner.gives("result", one)["state"] for one in ("distinction", "minor", "major", "fail")}

    assert states == {"distinction": "passed", "minor": "referred", "major": "referred", "fail": "failed"}


def test_each_step_is_noted_with_its_day(referred: Owner) -> None:
    """Handed in, referred, ...: `status` tells the whole way."""
    steps = referred.gives("status")["stages"]

    assert steps == [{"state": "submitted", "on": "2027-02-01"}, {"state": "referred", "on": "2027-05-15"}]
    assert "submitted 1 February 2027, referred 15 May 2027." in referred.does("status")


def test_a_word_against_the_transcript_decides_nothing(submitted: Owner) -> None:
    """Owner and transcript differ: nothing is written, and both are named."""
    path = submitted.folder / "transcript.txt"
    path.write_text(MINOR)

    code, _, err = submitted.run("result", "pass", "--transcript", str(path))

    assert code == 4
    assert "“Pass”" in err
    assert "“Referral - minor revisions required”" in err
    assert not (submitted.generation / "comments.yaml").exists()


def test_a_transcript_without_an_outcome_asks_for_it(submitted: Owner) -> None:
    path = submitted.folder / "transcript.txt"
    path.write_text(MINOR.replace("Outcome: Referral - minor revisions required", ""))
    submitted.day = "2027-05-20"

    assert submitted.run("result", "--transcript", str(path))[0] == 4
    assert submitted.gives("result", "minor", "--transcript", str(path))["outcome"] == "minor"


def test_looking_at_a_transcript_writes_nothing(submitted: Owner) -> None:
    """What was understood is shown by heading, and what was not, line by line."""
    path = submitted.folder / "transcript.txt"
    path.write_text(MINOR)
    before = sorted(p.name for p in submitted.generation.iterdir())

    said = submitted.does("result", "--transcript", str(path), "--dry-run")

    assert "Revisions required / Adequate" in said
    assert "Assessor 1: Dr Perpetua Quill" in said[said.index("Not understood:") :]
    assert sorted(p.name for p in submitted.generation.iterdir()) == before


def test_a_transcript_may_be_the_pdf(submitted: Owner, tmp_path) -> None:
    """A table with narrow columns, as the form has; what is no PDF though it says so is refused."""
    from bridge.render.outputs import pdf

    rows = [
        ("An understanding of the constraints and benefits of different technologies", "Strong", "Adequate"),
        ("Supporting the deployment of learning technologies", "Revisions required", "Adequate"),
    ]
    table = "".join(f"<tr><td style='width: 9cm'>{a}</td><td>{b}</td><td>{c}</td></tr>" for a, b, c in rows)
    page = f"<table style='font-size: 11pt'>{table}</table><p>Assessment outcome</p><p>Pass</p>"
    pdf.library().HTML(string=page).write_pdf(tmp_path / "transcript.pdf")

    said = submitted.gives("result", "--transcript", str(tmp_path / "transcript.pdf"), "--dry-run")["understood"]

    assert said["marks"] == {"1a": ["strong", "adequate"], "1c": ["revisions", "adequate"]}
    assert said["outcome"] == "pass"
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    assert submitted.run("result", "--transcript", str(tmp_path / "broken.pdf"))[0] == 2


def test_marks_of_all_results_stand_side_by_side(referred: Owner) -> None:
    """A row for each heading, a column for each result, two assessors in each cell."""
    referred.day = "2027-09-01"
    (referred.folder / "second.txt").write_text("1a Strong Adequate\n3a Adequate Adequate\nOutcome: Pass\n")
    referred.does("result", "--transcript", str(referred.folder / "second.txt"))

    first, second = referred.gives("result", "--list")["results"]
    said = referred.does("result", "--list")

    assert (first["marks"]["1a"], second["marks"]["1a"]) == (["revisions", "adequate"], ["strong", "adequate"])
    [row] = [line for line in said.splitlines() if line.startswith("1a:")]
    assert row.index("Revisions required / Adequate") < row.index("Strong / Adequate")


def test_results_may_be_written_by_hand(owner: Owner) -> None:
    """Titles and ids, today's scale and the former one; a slip is refused with the marks that there are."""
    path = owner.generation / "comments.yaml"
    path.write_text(
        "results:\n  - on: 2012-06-03\n    outcome: Pass\n    marks: {1a: [Adequate, strong], 3a: [Inadequate]}\n"
        "comments:\n  - {section: 3a, text: Too thin.}\n"
    )

    [result] = owner.gives("result", "--list")["results"]
    assert (result["outcome"], result["marks"]) == ("pass", {"1a": ["adequate", "strong"], "3a": ["inadequate"]})
    assert owner.gives("result", "--comments")["comments"][0]["text"] == "Too thin."

    path.write_text(path.read_text().replace("Inadequate", "Inadequat"))
    code, _, err = owner.run("result", "--list")
    assert (code, "'Inadequat'" in err) == (2, True)


def test_the_file_of_comments_comes_back_as_it_was(tmp_path) -> None:
    """What is written is read again, quotation marks and line ends included."""
    book = comments.Book().with_(
        results=[comments.Result(comments.date(2027, 5, 15), "minor", "t.txt", {"1a": ("revisions", "")}, {})],
        comments=[comments.Comment("1a", 'Say "why":\n- # first\n- second', "Assessor 1", comments.date(2027, 5, 15))],
    )
    folder = tmp_path / "original"

    comments.write(folder, book)

    assert comments.read(folder, RULES) == book


def test_a_reader_may_comment(owner: Owner) -> None:
    """What a mentor says is a comment like others: open, private, by section."""
    noted = owner.gives("result", "--comment", "2a", "I would like a student in this.", "--by", "Mo Fisher")
    whole = owner.gives("result", "--comment", "all", "A good read.")

    assert (noted["comment"]["section"], noted["comment"]["open"]) == ("2a", True)
    assert whole["comment"]["section"] == ""
    assert owner.run("result", "--comment", "9z", "What is this?")[0] == 2
    page = owner.folder / "build" / "private" / "index.html"
    owner.does("build")
    assert "Mo Fisher" not in page.read_text()
    assert "a student in this" not in page.read_text()


def test_a_nominated_assessor_who_is_in_the_portfolio_warns(owner: Owner) -> None:
    """Whoever is credited or named inside is too near to judge it: nothing is sealed, unless the owner lets it go."""
    (owner.folder / "portfolio" / "people.yaml").write_text(
        "people:\n  - {name: Sam Taylor, role: gave feedback, permission: yes, also: [Samantha Taylor]}\n"
    )
    owner.replaces("1c", "## Reflection", "Mo Fisher and I wrote the notes.\n\n## Reflection")

    def conflicts(name: str) -> list[str]:
        words = ("submit", *WAIVED, "--waive", "person-without-permission", "--nominated", name)
        if name != "Ida Nobody":
            code, _, err = owner.run(*words)
            assert (code, "may be too near" in err) == (4, True)
            assert not (owner.generation / "submissions.yaml").exists() or not handed.standing(owner.generation)
            words = (*words, "--waive", "nominated")
        given = owner.gives(*words)
        owner.does("submit", "--take-back")
        return given["conflicts"]

    assert conflicts("samantha taylor") == ["samantha taylor is in people.yaml (gave feedback)"]
    assert conflicts("Mo Fisher") == ["Mo Fisher is named in “1c: Supporting the deployment of learning technologies”"]
    assert conflicts("Ida Nobody") == []


def test_the_sheet_lists_headings_with_the_scale(owner: Owner, tmp_path) -> None:
    """As a page with a table that names its rows and columns, or as Markdown; the owner's own titles stand in it."""
    owner.does("submit", "--sheet", str(tmp_path / "sheet.html"))
    owner.does("submit", "--sheet", str(tmp_path / "sheet.md"))

    page = BeautifulSoup((tmp_path / "sheet.html").read_text(), "html.parser")
    columns = [th.text for th in page.table.select("thead th")]
    rows = [th.text for th in page.table.select("tbody th")]
    assert columns == ["Heading", *(mark.title for mark in RULES.scale), "Comments"]
    assert rows[0] == "1a: An understanding of the constraints and benefits of different technologies"
    assert "Specialist Area 1: Accessible documents and diagrams" in rows
    assert all(th["scope"] for th in page.select("th"))
    assert "Contextual Statement" not in rows
    text = (tmp_path / "sheet.md").read_text()
    assert all(row in text for row in rows)
    assert text.count("[ ] Strong") == len(rows) + len(RULES.principles)


def test_a_result_for_another_portfolio_by_its_name(owner: Owner) -> None:
    """One that is not today's is meant with --generation."""
    other = owner.folder / "portfolio" / "fellowship"
    other.mkdir()
    text = (owner.generation / "generation.yaml").read_text()
    (other / "generation.yaml").write_text(
        text.replace("6d0a2c1e", "7d0a2c1e")
        .replace('framework: "cmalt"', 'framework: "psf-2023"')
        .replace('pathway: "cmalt"', 'pathway: "fhea"')
        + "separate: true\n"
    )

    done = owner.gives("result", "passed", "--generation", "fellowship")

    assert (done["generation"], done["state"]) == ("fellowship", "passed")
    assert Desk(owner.session()).generation.state == "draft"


def test_what_an_assessor_says_who_asked_for_nothing_needs_no_answer() -> None:
    """Under a heading that the other one sent back; where somebody's own mark is not known, it counts."""
    given = Result(date(2027, 5, 15), "minor", marks={"1a": ("revisions", "adequate"), "2a": ("revisions", "")})
    said = [("1a", "Assessor 1"), ("1a", "Assessor 2"), ("2a", "Assessor 2"), ("1a", "Mo Fisher"), ("3a", "")]
    book = Book((given,)).with_(comments=[Comment(section, "Fine.", by) for section, by in said])

    assert [(one.section, one.by) for one in book.asking] == [said[0], said[2], said[3]]
