"""A part for a mentor or a writing group: that part, its evidence, and nothing of the rest."""

import json
from pathlib import Path

import pytest

from archive.entry import Visibility
from archive.errors import NeedsOwner, UsageError
from bridge import forms
from bridge.cli import main
from tests.outputs import samples

FORMS = ("folder", "file", "pdf", "zip", "text")
OF_THE_REST = (
    "I lead a team",
    "How we chose",
    "workshop",
    "Report of the pilot",
    "report.pdf",
    "I compared",
    "Captions",
)
OF_THE_PART = ("The regulations reached us", "Slides")


@pytest.fixture(scope="module")
def jane(tmp_path_factory):
    return samples.whole(tmp_path_factory.mktemp("share") / "jane")[0]


def shared(jane, form, **more):
    if form == "pdf" and forms.pdf.missing():
        pytest.skip(forms.pdf.missing())
    known = {"edition": Visibility.ASSESSOR, "form": form, "sections": ("3a",)}
    return forms.make(jane.desk(), forms.Wish(**{**known, **more}))


@pytest.mark.parametrize("form", FORMS)
def test_only_that_section_is_in_the_share(jane, form):
    """Words, titles, files and names of the rest are nowhere in it, not in metadata, nor in what is attached."""
    made = shared(jane, form)
    told = samples.said(samples.members(made.path if form == "zip" else made.path.parent))
    for words in OF_THE_REST:
        assert words not in told, words
    for words in OF_THE_PART:
        assert words in told, words


def test_its_evidence_comes_along_in_full(jane):
    """Files, pictures, and the text of what nobody else can read."""
    inside = samples.members(shared(jane, "zip").path)
    assert {name for name in inside if name.startswith("evidence/")} == {
        "evidence/award.pdf",
        "evidence/certificate.jpg",
        "evidence/slides.pptx",
    }
    assert b"I marked by hand." in inside["index.html"]


def test_the_headings_above_stand_bare(jane):
    """No level of headings is skipped, and no word of theirs comes along."""
    made = shared(jane, "text")
    assert [(section.id, section.parts == ()) for section in made.portfolio.sections] == [("3", True), ("3a", False)]


def test_a_heading_brings_what_stands_under_it(jane):
    """Sharing an area shares its sections."""
    made = shared(jane, "text", sections=("3",))
    assert [section.id for section in made.portfolio.sections] == ["3", "3a"]


def test_several_sections_keep_the_order_of_the_page(jane):
    made = shared(jane, "text", sections=("3a", "context"))
    assert [section.id for section in made.portfolio.sections] == ["context", "3", "3a"]


def test_the_last_day_stands_at_its_head_and_in_its_name(jane):
    """A file cannot expire: it says until when it was meant."""
    from datetime import date

    made = shared(jane, "text", until=date(2027, 3, 1))
    assert "shared until 1 March 2027" in made.path.read_text().split("\n\n")[1]
    assert made.path.name == "jane-example-portfolio-3a-until-2027-03-01.txt"


def test_a_section_that_is_not_ready_is_not_shared(jane):
    """It says why, and what to change; nothing is written."""
    with pytest.raises(NeedsOwner) as error:
        shared(jane, "text", sections=("2a",))
    assert "An understanding of teaching" in error.value.message
    assert "ready: true" in error.value.mend


def test_a_section_that_does_not_exist_is_said(jane):
    with pytest.raises(UsageError, match="3"):
        shared(jane, "text", sections=("3z",))


def test_from_the_command_line(jane, tmp_path, capsys):
    """One command, one file, in a place of one's choice."""
    asked = ["build", "--edition", "assessor", "--section", "3a", "--as", "file", "--until", "2027-03-01"]
    with pytest.raises(SystemExit) as left:
        main(["--workspace", str(jane.root), *asked, "--json", "--out", str(tmp_path / "for my mentor.html")])
    value = json.loads(capsys.readouterr().out)
    assert left.value.code in (0, None)
    assert Path(value["path"]).read_text().startswith("<!doctype html>")
    assert value["evidence"] == 4


def test_until_needs_a_section(jane, capsys):
    """The whole portfolio is not lent for a while: that is what withdraw is for."""
    with pytest.raises(SystemExit) as left:
        main(["--workspace", str(jane.root), "build", "--until", "2027-03-01"])
    assert left.value.code == 2
    assert "--until goes with --section" in capsys.readouterr().err


@pytest.fixture
def crossed(tmp_path):
    """Two sections that show the same picture, each with a caption of its own, and lead to each other."""
    folder = samples.Folder(tmp_path / "jane")
    drawn = samples.attached("chart.png", "image/png", alt="Seven bars", credit="Lou Okoro", licence="CC BY 4.0")
    media = samples.entry(1, "Chart", kind="media", files=(drawn,))
    (one,) = folder.hold(media, files=samples.FILES)
    for section, other, caption in (("1a", "3a", "Here"), ("3a", "1a", "WORDS-OF-THE-REST")):
        evidence = f"evidence:\n  - {{entry: '{one}', why: because, caption: {caption}}}\n"
        place = folder.root / "portfolio" / "original" / f"{section}.md"
        folder.write(section, f"See [that](#kf-{other}) and [this](#kf-{section}).")
        place.write_text(place.read_text().replace("evidence: []\n", evidence))
    return folder


def test_credits_are_those_of_the_part(crossed):
    """The same picture has another caption in a section that stays behind: its words stay there, too."""
    made = forms.make(crossed.desk(), forms.Wish(Visibility.ASSESSOR, "zip", sections=("1a",)))
    told = samples.said(samples.members(made.path))
    assert [shown.caption for shown in made.portfolio.credits] == ["Here"]
    assert "WORDS-OF-THE-REST" not in told


def test_no_link_leads_to_what_stays_behind(crossed):
    """Its words stay; a link within the part still leads there."""
    made = forms.make(crossed.desk(), forms.Wish(Visibility.ASSESSOR, "zip", sections=("1a",)))
    page = samples.members(made.path)["index.html"].decode()
    assert 'See that and <a href="#kf-1a">this</a>.' in page
    assert "#kf-3a" not in page
