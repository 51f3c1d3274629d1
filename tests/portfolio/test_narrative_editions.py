"""Section files: principles and plans in their front matter, and headings that an edition renamed."""

import pytest

from bridge.portfolio import citing, framework, narrative
from bridge.yamlfile import ConfigError
from tests.portfolio.samples import CMALT

RENAMED = """\
schema: framework/1
id: mine
title: Mine
body: Me
edition: "2026"
language: en
checked_on: 2026-01-01
source: me
sources: {}
sections:
  - {id: 4a, title: Working with others, prompt: "With whom?"}
  - {id: plans, title: Plans, prompt: "What next?"}
moved:
  - {old: "4", new: 4a, since: "edition of 2026"}
"""


@pytest.fixture
def renamed(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(RENAMED)
    return framework.load(path)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "original").mkdir()
    return tmp_path / "original"


def written(folder, section, more="", text="I did it.", name=""):
    path = folder / f"{name or section}.md"
    path.write_text(f"---\nsection: {section}\n{more}---\n\n{text}\n")
    return path


def test_text_under_an_old_heading_is_read_under_the_new_one(folder, renamed):
    """The file keeps its name and its words; the narrative says what the file calls the section."""
    path = written(folder, "4")
    before = path.read_bytes()

    found = narrative.read(folder, renamed, "")["4a"]

    assert (found.former, found.passages[0].markdown.strip(), found.path) == ("4", "I did it.", path)
    assert path.read_bytes() == before


def test_no_second_file_is_begun_beside_an_old_one(folder, renamed):
    """The prompts of a renamed section are not written into a new file while the old one is there."""
    written(folder, "4")

    assert [path.name for path in narrative.scaffold(folder, renamed, "")] == ["plans.md"]


@pytest.mark.parametrize("order", [("4", "4a"), ("4a", "4")])
def test_an_empty_new_file_does_not_hide_the_old_text(folder, renamed, order):
    """Whichever is read first, the file with words counts."""
    for section in order:
        written(folder, section, text="I did it." if section == "4" else "")

    assert narrative.read(folder, renamed, "")["4a"].former == "4"


def test_two_files_with_words_are_for_the_owner_to_join(folder, renamed):
    """Neither is taken for the other: both are named."""
    written(folder, "4")
    written(folder, "4a")

    with pytest.raises(ConfigError, match=r"4a\.md.*already has a file, 4\.md: join the two"):
        narrative.read(folder, renamed, "")


def test_citing_goes_into_the_old_file(folder, renamed):
    """The citation lands in the file that there is."""
    path = written(folder, "4")

    citing.cite(folder, "4", "urn:uuid:1", "A post", "because")

    assert "entry: urn:uuid:1" in path.read_text()
    assert narrative.read(folder, renamed, "")["4a"].evidence[0].why == "because"


def test_principles_of_a_section_and_of_a_citation(folder):
    """One or several, on the section or on a piece of evidence."""
    more = "principles: current\nplan: Read on captions\nevidence:\n  - {entry: x, principles: [empathy, interplay]}\n"
    written(folder, "1a", more)

    found = narrative.read(folder, CMALT, "cmalt")["1a"]

    assert found.principles == ("current",)
    assert found.evidence[0].principles == ("empathy", "interplay")
    assert found.plan == "Read on captions"


def test_an_unknown_principle_names_the_nearest(folder):
    """A slip in a principle is a mistake with its file."""
    written(folder, "1a", "principles: [curent]\n")

    with pytest.raises(ConfigError, match=r"1a\.md.*'curent'; did you mean current"):
        narrative.read(folder, CMALT, "cmalt")


def test_a_principle_is_added_to_a_citation_that_is_there(folder):
    """The line is added, then changed; the why, the comment and every other line stay."""
    path = written(folder, "1a", 'evidence:\n  - entry: x    # A post\n    why: "because"\n  - entry: y\n')

    citing.cite(folder, "1a", "x", "A post", None, ["current"])
    first = narrative.read(folder, CMALT, "cmalt")["1a"].evidence
    citing.cite(folder, "1a", "x", "A post", "so", ["empathy"])
    second = narrative.read(folder, CMALT, "cmalt")["1a"].evidence

    assert (first[0].why, first[0].principles, first[1].entry) == ("because", ("current",), "y")
    assert (second[0].why, second[0].principles) == ("so", ("empathy",))
    assert "- entry: x    # A post" in path.read_text()
    assert path.read_text().count("principles:") == 1


def test_a_block_list_of_principles_is_replaced_whole(folder):
    """However the owner wrote the list."""
    path = written(
        folder, "1a", "evidence:\n  - entry: x\n    principles:\n      - current\n      - empathy\n    why: w\n"
    )

    citing.cite(folder, "1a", "x", "A post", "new", ["interplay"])

    (cited,) = narrative.read(folder, CMALT, "cmalt")["1a"].evidence
    assert (cited.principles, cited.why) == (("interplay",), "new")
    assert "current" not in path.read_text()
