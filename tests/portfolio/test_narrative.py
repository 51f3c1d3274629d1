"""Section files: written once with prompts, read strictly, edited by line."""

import re

import pytest

from archive.entry import Visibility
from archive.errors import UsageError
from bridge.portfolio import narrative
from bridge.yamlfile import ConfigError
from tests.portfolio.samples import CMALT

ONE = "urn:uuid:00000001-0000-4000-8000-000000000000"
TWO = "urn:uuid:00000002-0000-4000-8000-000000000000"


@pytest.fixture
def folder(tmp_path):
    """A generation's folder with its section files."""
    narrative.scaffold(tmp_path, CMALT, "cmalt")
    return tmp_path


def read(folder, section):
    return narrative.read(folder, CMALT, "cmalt")[section]


def test_every_section_gets_a_file_with_a_heading_for_each_part(folder):
    """The scaffold has a file for each section that is written in, and a heading for each part."""
    wanted = {s.id for s in CMALT.flat("cmalt") if not s.gathers}

    assert {path.stem for path in folder.glob("*.md")} == wanted
    assert re.findall(r"^## (.*)$", (folder / "1a.md").read_text(), re.MULTILINE) == [
        "Description",
        "Evidence",
        "Reflection",
    ]


def test_a_fresh_file_is_a_placeholder_that_is_not_ready(folder):
    """What the scaffold wrote says nothing yet and can't go live."""
    found = read(folder, "1a")

    assert found.placeholder
    assert not found.ready
    assert [passage.markdown for passage in found.passages] == ["", "", ""]


def test_scaffolding_again_touches_nothing(folder):
    """A file that is there stays as it is; one that is missing is written."""
    (folder / "1a.md").write_text("mine")
    (folder / "1b.md").unlink()

    written = narrative.scaffold(folder, CMALT, "cmalt")

    assert [path.name for path in written] == ["1b.md"]
    assert (folder / "1a.md").read_text() == "mine"


def test_words_of_the_owner_are_read_by_part(folder):
    """Text under a part's heading is that part's, under another heading the owner's own; comments are gone."""
    (folder / "1a.md").write_text(
        "---\nsection: 1a\nready: true\n---\nFirst.\n## Reflection\nI <!-- a\nnote --> learned.\n"
        "## What came of it\nMuch.\n"
    )

    found = read(folder, "1a")

    assert [(p.id, p.title, p.markdown) for p in found.passages] == [
        ("", "", "First."),
        ("reflection", "Reflection", "I \n learned."),
        ("what-came-of-it", "What came of it", "Much.\n".strip()),
    ]
    assert found.ready
    assert found.visibility is Visibility.PRIVATE


def test_headings_and_comments_in_code_are_text(folder):
    """Code blocks keep what looks like a comment or a heading."""
    (folder / "1a.md").write_text("---\nsection: 1a\n---\n## Description\n```\n<!-- kept -->\n## kept\n```\n")

    assert read(folder, "1a").passages[0].markdown == "```\n<!-- kept -->\n## kept\n```"


def test_a_comment_that_never_ends_is_refused(folder):
    """Else the rest of the owner's words would vanish without a word."""
    (folder / "1a.md").write_text("---\nsection: 1a\n---\n## Description\nFine.\n<!-- oops\n## Reflection\n")

    with pytest.raises(ConfigError, match=r"1a\.md:6:1: this comment is never closed"):
        read(folder, "1a")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("no front matter", r"1a\.md:1:1: a section file begins with"),
        ("---\nsection: 1a\n", r"1a\.md:1:1: the front matter is never closed"),
        ("---\nsection: 1a\nraedy: true\n---\n", r"1a\.md:3:1: raedy: there is no such key here; did you mean ready\?"),
        ("---\nsection: 1a\nvisibility: everyone\n---\n", r"1a\.md:3:1: visibility: "),
        ("---\nsection: 1a\nevidence:\n  - why: x\n---\n", r"1a\.md:4:5: evidence\[1\]\.entry: field required"),
        ("---\nsection: 1z\n---\n", r"1a\.md:2:1: cmalt has no section '1z'; did you mean 1"),
        ("---\nsection: 1b\n---\n", r"1b\.md:2:1: section 1b already has a file, 1a\.md"),
        (
            "---\nsection: 1a\n---\n## Description\n## Description\n",
            r"1a\.md:5:1: the heading 'Description' stands twice",
        ),
    ],
)
def test_mistakes_are_named_with_file_and_line(folder, text, complaint):
    """A mistake in a section file says where it is."""
    (folder / "1a.md").write_text(text)

    with pytest.raises(ConfigError, match=complaint):
        narrative.read(folder, CMALT, "cmalt")


def test_mistakes_of_all_files_come_together(folder):
    """Two broken files are reported in one go."""
    (folder / "1a.md").write_text("x")
    (folder / "1b.md").write_text("x")

    with pytest.raises(ConfigError) as caught:
        narrative.read(folder, CMALT, "cmalt")

    assert {problem.file for problem in caught.value.problems} == {"1a.md", "1b.md"}


def test_unquoted_section_names_are_text(folder):
    """``section: 4`` and ``title: 2024`` are text, though YAML reads numbers."""
    (folder / "1a.md").write_text("---\nsection: 1a\ntitle: 2024\n---\n")

    assert read(folder, "1a").title == "2024"


def test_files_of_another_pathway_are_kept(folder):
    """After a change from Senior to CMALT the advanced area's file is still read."""
    (folder / "advanced-1.md").write_text("---\nsection: advanced-1\n---\nMine.\n")

    assert "advanced-1" in narrative.read(folder, CMALT, "cmalt")


@pytest.mark.parametrize(
    "text", ["", "...", "[TO DO]", "[to do: find the minutes]", "TBC", "—", "*Nothing written yet*"]
)
def test_placeholders(text):
    """Dots, dashes and marks alone say nothing."""
    assert narrative.is_placeholder(text)


@pytest.mark.parametrize("text", ["I did it.", "To do this well took a year.", "I listed what is to do"])
def test_words_are_no_placeholder(text):
    """Sentences that only contain such words are words."""
    assert not narrative.is_placeholder(text)


def test_citing_changes_only_the_evidence_list(folder):
    """Comments, order, body and the owner's own lines stay byte for byte."""
    path = folder / "1a.md"
    before = path.read_text().replace("## Description", "## Description\n\nMy words.  \n\ttab\n")
    path.write_text(before)

    narrative.cite(folder, "1a", ONE, "A title: #1", 'because "yes"')

    after = path.read_text()
    assert read(folder, "1a").evidence == (narrative.Cited(ONE, 'because "yes"'),)
    head, tail = before.split("evidence: []    # filled by: keepfolio cite\n")
    assert after.startswith(head)
    assert after.endswith(tail)


def test_citing_again_changes_the_reason(folder):
    """An item stands once in a section; citing it again says why anew."""
    narrative.cite(folder, "1a", ONE, "One", "first")
    narrative.cite(folder, "1a", TWO, "Two", "second")
    narrative.cite(folder, "1a", ONE, "One", "better")

    assert [(c.entry, c.why) for c in read(folder, "1a").evidence] == [(ONE, "better"), (TWO, "second")]


def test_citing_again_without_a_reason_keeps_it(folder):
    """The owner's line is changed only by another line of hers."""
    narrative.cite(folder, "1a", ONE, "One", "my line")
    kept = (folder / "1a.md").read_text()

    narrative.cite(folder, "1a", ONE, "One", None)

    assert (folder / "1a.md").read_text() == kept


def test_uncite_gives_the_file_back(folder):
    """Citing and taking it back leaves a list that is empty, and all else as it was."""
    narrative.cite(folder, "1a", ONE, "One", "why")
    kept = (folder / "1a.md").read_text()
    narrative.cite(folder, "1a", TWO, "Two", "why")

    narrative.uncite(folder, "1a", TWO)

    assert (folder / "1a.md").read_text() == kept
    narrative.uncite(folder, "1a", ONE)
    assert read(folder, "1a").evidence == ()


@pytest.mark.parametrize(
    "evidence",
    [
        f"evidence: [{{entry: '{ONE}', why: x}}]\n",
        f"evidence:\n- why: >-\n    long\n    words\n  entry: {ONE}\n  caption: c\n",
        f"evidence:\n    # the best one\n    - entry: {ONE}   # a note\n      visibility: assessor\n\n",
        "",
        "evidence:\n",
        "evidence: []",
    ],
)
def test_any_way_of_writing_the_list_can_be_edited(folder, evidence):
    """Flow style, other indents, comments, other keys: what was cited stays, and the new item comes last."""
    path = folder / "1a.md"
    path.write_text(
        f"---\nsection: 1a\n{evidence.rstrip(chr(10))}\nready: true   # mine\n---\nBody\n".replace("\n\n", "\n")
    )
    before = read(folder, "1a").evidence

    narrative.cite(folder, "1a", TWO, "Two", "new")

    found = read(folder, "1a")
    assert found.evidence == (*before, narrative.Cited(TWO, "new"))
    assert found.ready
    assert "# mine" in path.read_text()
    narrative.uncite(folder, "1a", TWO)
    assert read(folder, "1a").evidence == before


def test_uncite_of_what_is_not_cited_says_so(folder):
    """Taking back what was never cited changes nothing and says what a tag would need."""
    before = (folder / "1a.md").read_text()

    with pytest.raises(UsageError, match="does not cite"):
        narrative.uncite(folder, "1a", ONE)

    assert (folder / "1a.md").read_text() == before


def test_a_hint_cannot_end_its_comment(tmp_path):
    """A framework's hint with ``-->`` in it stays inside its comment."""
    (tmp_path / "mine.yaml").write_text(
        "schema: framework/1\nid: mine\ntitle: Mine\nbody: Me\nedition: one\nlanguage: en\nchecked_on: 2026-01-01\n"
        "source: me\nsources: {}\nsections:\n  - {id: one, title: One, prompt: 'a --> b'}\n"
    )
    from bridge.portfolio import framework

    mine = framework.load(tmp_path / "mine.yaml")
    narrative.scaffold(tmp_path, mine, "")

    assert narrative.read(tmp_path, mine, "")["one"].placeholder
