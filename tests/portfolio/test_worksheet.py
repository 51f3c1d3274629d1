"""Worksheets: one section on a sheet, for its owner alone. Guidance and what nobody verified reach no page."""

from html import unescape

import pytest

from archive.entry import Visibility
from bridge import building
from bridge.building import Desk
from bridge.portfolio import framework, guidance
from bridge.portfolio.narrative import Narrative, Passage
from bridge.portfolio.schema import every
from bridge.portfolio.worksheet import Piece, Sheet, markdown
from bridge.render import sheet as pages
from bridge.session import Session
from bridge.workspace import Workspace
from connectors.contract import Finding
from tests.portfolio.samples import CMALT

TEXT = "## Description\n\nI did it with my own hands.\n\n## Evidence\n\n## Reflection\n\nI learned to ask.\n"


def sheet(**fields):
    known = {
        "section": CMALT.section("cmalt", "2b"),
        "title": "2b: My learners",
        "portfolio": "CMALT",
        "printed": "22 November 2026",
        "percent": 33,
        "words": 6,
        "narrative": None,
    }
    return Sheet(**{**known, **fields})


def test_a_sheet_holds_all_that_a_session_needs(rowan):
    """Heading, prompt, hints, lengths, gaps, plan, the words so far, evidence with its why, suggestions, notes."""
    rowan.writes("2b", "plan: Ask the night students\n", "## Description\n\nI asked 612 students.\n\n## Reflection\n")
    rowan.says("cite", "2b", "Who studies at night?", "--why", "Logins by the hour")

    code, text, _ = rowan.says("worksheet", "2B")

    assert code == 0
    for wanted in (
        "# 2b: An understanding of your target learners",
        "How did you find out what your learners need",
        "evidence must show changed practice, not only awareness",
        "seen in real portfolios: 264 to 940 words",
        "2b has no reflection yet.",
        "Ask the night students",
        "I asked 612 students.",
        "“Who studies at night?” (Blog post, 14 September 2026): Logins by the hour",
        "What 612 students said would help",
        "## Notes",
    ):
        assert wanted in text, wanted


def test_a_sheet_prints_as_a_page_of_its_own(rowan, tmp_path):
    """By its ending or by --html; one heading, a language, room for notes, and nothing is loaded from anywhere."""
    _, out, _ = rowan.says("worksheet", "1a", "--out", str(tmp_path / "1a.html"))
    page = (tmp_path / "1a.html").read_text()

    assert out.strip() == str(tmp_path / "1a.html")
    assert '<html lang="en-GB">' in page
    assert page.count("<h1>") == 1
    assert '<div class="notes">' in page
    assert not [mark for mark in ("<script", "<link", "<img", "url(") if mark in page]
    assert rowan.says("worksheet", "1a", "--html")[1].strip() == page.strip()


def test_notes_in_a_sheet_are_not_written_over(rowan, tmp_path):
    """A file that is there stays: the owner may have written into it."""
    (tmp_path / "1a.md").write_text("my notes")

    code, _, err = rowan.says("worksheet", "1a", "--out", str(tmp_path / "1a.md"))

    assert (code, (tmp_path / "1a.md").read_text()) == (2, "my notes")
    assert "your notes may be in it" in err


def test_a_section_that_is_none_names_the_nearest(rowan):
    """As ``cite`` does."""
    assert "Did you mean 1a" in rowan.says("worksheet", "1aa")[2]


def test_a_sheet_for_a_dimension_offers_what_the_crosswalk_proposes(rowan):
    """The first portfolio's evidence stands on the sheet of the second one, as a proposal of ours."""
    rowan.says("new", "fellowship", "--framework", "psf-2023", "--pathway", "afhea")

    text = rowan.says("worksheet", "K4", "--generation", "fellowship")[1]

    assert text.startswith("# K4: Appropriate use of digital")
    assert "Evidence elsewhere already, by a table of ours:" in text
    assert "Three ways to record a lecture" in text


def test_harvested_words_are_plain_text_on_the_sheet():
    """A title with markup, in Markdown or HTML, is shown as it is and does nothing."""
    hostile = "[click](javascript:alert(1)) <img src=x onerror=alert(1)> # *loud*"
    text = markdown(sheet(cited=[Piece(hostile)], suggested=[Piece(hostile)]))
    page = pages.page(hostile, text, "en")

    assert "<img" not in page
    assert "javascript:" not in [part for part in page.split('"') if part.startswith("javascript:")]
    assert "<em>" not in page
    assert "[click](javascript:alert(1))" in unescape(page)


def test_what_is_unverified_is_said_on_the_sheet():
    """A heading that nobody read in a document is to be checked."""
    from dataclasses import replace

    unread = replace(CMALT.section("cmalt", "2b"), verified=False)

    assert "was not read in an official document" in markdown(sheet(section=unread))


def test_a_finished_section_lacks_nothing():
    """The sheet says so, and shows no empty list of suggestions."""
    narrative = Narrative("2b", passages=(Passage("description", "Description", "I asked."),))
    text = markdown(sheet(narrative=narrative))

    assert "## What is missing\n\nNothing." in text
    assert "What could be cited" not in text


def test_a_finding_keeps_its_mend():
    """What is wrong, and what mends it, on one line."""
    found = [Finding("part-missing", "error", "2b has no reflection yet.", "Write in portfolio/original/2b.md", "2b")]

    assert "- 2b has no reflection yet. Write in portfolio/original/2b.md" in markdown(sheet(lacking=found))


# --- what never reaches a page ---


def _guidance(loaded: framework.Framework, pathway: str) -> set[str]:
    """Return every sentence of guidance, and all that is said of what nobody verified."""
    spec = loaded.spec
    said = {hint for hints in guidance.PART_HINTS.values() for hint in hints}
    for section in every(spec.sections):
        said |= {section.prompt, section.note, section.required_note, section.verified_note, section.rule}
        said |= {*section.hints, *section.statements, *(rule.rule or "" for rule in section.rules)}
        said |= {", ".join(section.areas)}
    for section in loaded.flat(pathway):
        said |= set(guidance.hints(section))
    said |= {rule.rule or "" for way in spec.pathways.values() for rule in way.requires}
    said |= {way.note for way in spec.pathways.values()} | {spec.output_note, spec.source, spec.edition}
    said |= {"official document", "not verified", "unverified", "a table of ours", "This note is for you"}
    titles = {section.title for section in every(spec.sections)} | {part.title for part in spec.parts}
    return {" ".join(one.split()) for one in said if len(one) > 8 and one not in titles}


EVERY_WAY = [(name, way) for name in framework.names() for way in framework.load(name).pathways or ("",)]


@pytest.mark.parametrize(("name", "pathway"), EVERY_WAY)
def test_guidance_reaches_no_page(rowan, name, pathway):
    """
    No prompt, hint, rule, worksheet line or remark on what is unverified stands in any edition of any framework,
    neither in a page of prompts alone nor in one that is written.
    """
    loaded = framework.load(name)
    assert rowan.says("new", "tried", "--framework", name, *(["--pathway", pathway] if pathway else []))[0] == 0
    said = _guidance(loaded, pathway)
    sections = [section for section in loaded.flat(pathway) if not section.gathers]
    lines = {
        line.lstrip("- ").strip("*")
        for line in rowan.says("worksheet", sections[0].id, "--generation", "tried")[1].splitlines()
    }
    said |= {line for line in lines if len(line) > 30 and not any(s.title in line for s in sections)}

    for written in (False, True):
        for section in sections if written else ():
            path = rowan.folder / "portfolio/tried" / f"{section.id}.md"
            front, _, rest = path.read_text().partition("ready: false")
            path.write_text(
                f"{front}ready: true{rest.replace('-->', '-->' + chr(10) * 2 + 'I did this myself.' + chr(10))}"
            )
        for edition in Visibility if written else (Visibility.PRIVATE,):  # of prompts alone only a draft is made
            desk = Desk(Session(Workspace(rowan.folder)), "tried")
            _, built = building.build(desk, edition)
            text = " ".join(unescape(built.release.document + built.release.fragment).split())
            assert sections[0].title in text
            assert [one for one in sorted(said) if one in text] == []
