"""Frameworks: three ship, each reads whole, and tags find their sections."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import KeepfolioError, UsageError
from bridge.portfolio import framework, schema
from bridge.yamlfile import ConfigError
from tests.portfolio.samples import CMALT


def test_three_frameworks_ship():
    """CMALT, its review and the PSF come with keepfolio."""
    assert framework.names() == ("cmalt", "cmalt-review", "psf-2023")


@pytest.mark.parametrize("name", framework.names())
def test_shipped_frameworks_fit_the_schema(name):
    """Each file validates; every pathway has sections with titles, ids of their own and levels that skip nothing."""
    loaded = framework.load(name)

    for pathway in loaded.pathways or ("",):
        flat = loaded.flat(pathway)
        assert len({s.id for s in flat}) == len(flat)
        assert all(s.title for s in flat)
        assert {s.level for s in flat} <= {2, 3}
        assert flat[0].level == 2


def test_cmalt_in_page_order():
    """The CMALT pathway asks for these sections, in this order."""
    assert [s.id for s in CMALT.flat("cmalt")] == [
        *("context", "1", "1a", "1b", "1c", "2", "2a", "2b", "3", "3a", "3b", "4", "4a"),
        *("specialist", "specialist-1", "future-plans", "declaration"),
    ]


def test_senior_adds_a_second_specialist_area_and_an_advanced_one():
    """Senior CMALT asks for two specialist areas and one advanced area."""
    more = {s.id for s in CMALT.flat("senior")} - {s.id for s in CMALT.flat("cmalt")}

    assert more == {"specialist-2", "advanced", "advanced-1"}


def test_assessed_sections_are_read_for_three_parts():
    """A criterion is assessed as its core area is, and is read for description, evidence and reflection."""
    section = CMALT.section("cmalt", "1a")

    assert section.assessed
    assert [part.id for part in section.parts] == ["description", "evidence", "reflection"]
    assert CMALT.section("cmalt", "context").parts == ()


@pytest.mark.parametrize(
    ("tag", "section"),
    [
        ("cmalt-1a", "1a"),
        ("cmalt_1a", "1a"),
        ("CMALT 1a", "1a"),
        ("#cmalt1A", "1a"),
        ("scmalt-2b", "2b"),
        ("cmalt-4", "4a"),
        ("cmalt-1", "1"),
        ("cmalt-5", "specialist"),
        ("cmalt-specialist-2", "specialist-2"),
        ("CMALT: Future Plans", "future-plans"),
    ],
)
def test_tags_that_name_a_section(tag, section):
    """A tag names a section however it is written; a heading with one child stands for the child."""
    assert CMALT.section_for_tag(tag) == section
    assert not CMALT.looks_like_criterion(tag)


@pytest.mark.parametrize("tag", ["cmalt", "moodle", "1a", "context", "cmalt-journey", "cmalt-2020", "malt whisky", "4"])
def test_ordinary_tags(tag):
    """Tags of a blogger's daily life name no section and are no near miss."""
    assert CMALT.section_for_tag(tag) is None
    assert not CMALT.looks_like_criterion(tag)


@pytest.mark.parametrize("tag", ["cmalt-1d", "cmalt-7", "cmlat-1a", "cmalt-futur-plans"])
def test_near_misses(tag):
    """A tag that looks like a section and is none is noticed."""
    assert CMALT.section_for_tag(tag) is None
    assert CMALT.looks_like_criterion(tag)


@given(st.text(max_size=30))
def test_any_tag_has_an_answer(tag):
    """No tag makes the search fail, and what it finds can exist."""
    found = CMALT.section_for_tag(tag)

    assert found is None or found.rpartition("-")[2].isdigit() or found in {s.id for s in CMALT.flat("senior")}


def test_the_psf_names_its_dimensions():
    """The PSF's tags name dimensions."""
    assert framework.load("psf-2023").section_for_tag("psf-K4") == "K4"


def test_unknown_names_come_with_the_nearest():
    """An unknown framework, pathway or section names the one that was probably meant."""
    with pytest.raises(UsageError, match="Did you mean cmalt"):
        framework.load("cmlat")
    with pytest.raises(UsageError, match="Did you mean senior"):
        CMALT.flat("senor")
    with pytest.raises(UsageError, match="Did you mean 1a"):
        CMALT.section("cmalt", "1aa")


def test_an_owners_framework_with_mistakes(tmp_path):
    """Every mistake of a framework file is reported with its line, and a misspelt key with the nearest one."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "schema: framework/1\nid: mine\ntitle: Mine\nbody: Me\nedition: one\nlanguage: en\nchecked_on: 2026-01-01\n"
        "source: me\nsources: {}\nsections:\n  - {id: one, tittle: One}\n"
    )

    with pytest.raises(ConfigError) as caught:
        framework.load(path)

    assert "mine.yaml:11" in caught.value.message
    assert "did you mean title?" in caught.value.message


def test_an_owners_framework_loads_from_its_file(tmp_path):
    """A YAML file of the owner's own is a framework like the shipped ones."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "schema: framework/1\nid: mine\ntitle: Mine\nbody: Me\nedition: one\nlanguage: en\nchecked_on: 2026-01-01\n"
        "source: me\nsources: {}\ntag_prefixes: [mine]\nsections:\n  - {id: one, title: One}\n"
    )

    loaded = framework.load(path)

    assert [s.title for s in loaded.flat("")] == ["One"]
    assert loaded.section_for_tag("mine-one") == "one"


MINE = """\
schema: framework/1
id: mine
title: Mine
body: Me
edition: "2026"
language: en
checked_on: 2026-01-01
source: me
sources: {M: my own file}
tag_prefixes: [mine]
parts:
  - {id: description, title: Description}
  - {id: evidence, title: Evidence}
sections:
  - id: one
    title: One
    prompt: "What is one?"
    assessed: true
  - id: two
    title: Two
    prompt: "What is two?"
    assessed: true
"""


def mine(tmp_path, more="", name="mine.yaml"):
    """Return the path of the owner's own framework."""
    path = tmp_path / name
    path.write_text(MINE + more)
    return path


def test_the_published_schema_is_what_the_models_say():
    """``docs/reference/framework.schema.json`` is the schema that files are read with."""
    path = Path(__file__).resolve().parents[2] / "docs/reference/framework.schema.json"

    assert path.read_text() == json.dumps(schema.published(), indent=2, ensure_ascii=False) + "\n"


def test_the_reference_names_every_key():
    """Each key that a framework file may have stands in its reference page."""
    page = (Path(__file__).resolve().parents[2] / "docs/reference/framework.md").read_text()
    models = {name: model["properties"] for name, model in schema.published()["$defs"].items() if "properties" in model}
    keys = {key for name, properties in models.items() for key in properties} | set(schema.published()["properties"])

    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []


def test_frameworks_in_the_manual_are_good_ones(tmp_path):
    """Every whole framework file that the manual shows can be used as it stands."""
    text = (Path(__file__).resolve().parents[2] / "docs/how-to/write-your-own-framework.md").read_text()
    shown = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "schema: framework/1" in block]

    assert len(shown) == 2
    for number, block in enumerate(shown):
        path = tmp_path / f"shown-{number}.yaml"
        path.write_text(block)
        assert framework.load(path).flat(next(iter(framework.load(path).pathways), ""))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("principles: {ref: cmlat}\n", "Did you mean cmalt"),
        ("extends: nothing.yaml\n", "nothing.yaml is not there"),
        ("moved:\n  - {old: zero, new: nought, since: '2026'}\n", "'nought', which is no section"),
        ("moved:\n  - {old: one, new: two, since: '2026'}\n", "takes 'one' away, and it is a section"),
        (
            "pathways:\n  p: {title: P, requires: [{rule: r, must: [three]}]}\n",
            "sections that are not there: three",
        ),
        (
            "quotas:\n  - {id: q, title: Q, unit: points, at_least: 5, window: {years: 1}}\n",
            "`points` and `unit: points` go together",
        ),
    ],
)
def test_what_does_not_hang_together_is_said(tmp_path, more, said):
    """A file that names what is not there is refused, with the name."""
    with pytest.raises(KeepfolioError) as caught:
        framework.load(mine(tmp_path, more))

    assert said in caught.value.message


MISTAKEN = """\
schema: framework/1
id: mine
title: Mine
body: Me
edition: one
language: en
checked_on: 2026-01-01
source: me
sources: {H: handbook}
quotas:
  - {id: q, title: Q, unit: hours, at_least: 5, window: {years: 1}, source: [Q]}
sections:
  - id: one
    title: One
    words: {max: 300, source: [R]}
  - id: two
    title: Two
    children:
      - {id: one, title: Again}
"""


def test_what_does_not_hang_together_has_its_line(tmp_path):
    """An id that stands twice is told where it does so, and a source that is not listed where it is named."""
    (tmp_path / "mine.yaml").write_text(MISTAKEN)

    with pytest.raises(ConfigError) as caught:
        framework.load(tmp_path / "mine.yaml")

    assert [line.split(": ", 1)[0].rpartition(":")[0] for line in caught.value.message.splitlines()] == [
        "mine.yaml:11",
        "mine.yaml:15",
        "mine.yaml:19",
    ]
    assert "section 'one' stands twice" in caught.value.message
    assert "not in `sources`: R" in caught.value.message
    assert "not in `sources`: Q" in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: two", "id: my section", "use letters, digits, hyphens"),
        ("max: 300, source: [R]", "max: many", "write a whole number, such as 3"),
        ("title: Two", "title: 2", "write words, in quotation marks"),
    ],
)
def test_mistakes_are_said_in_plain_words(tmp_path, old, new, said):
    """Nobody who describes a scheme has to read a pattern."""
    assert old in MISTAKEN
    (tmp_path / "mine.yaml").write_text(MISTAKEN.replace(old, new))

    with pytest.raises(ConfigError) as caught:
        framework.load(tmp_path / "mine.yaml")

    assert said in caught.value.message


def test_a_file_that_is_not_there_is_named(tmp_path):
    """A path that leads nowhere is told apart from an unknown name."""
    with pytest.raises(UsageError, match=r"framework file .*gone\.yaml is not there"):
        framework.load(tmp_path / "gone.yaml")


def test_an_own_file_does_not_pass_for_a_shipped_framework(tmp_path):
    """A copy of cmalt.yaml with the same id would take its place unseen."""
    path = tmp_path / "cmalt.yaml"
    path.write_text(MINE.replace("id: mine", "id: cmalt"))

    with pytest.raises(UsageError, match="calls itself cmalt"):
        framework.load(path)


def test_the_owners_order_of_sections():
    """Those that the owner names come first at their level; children stay with their group, and nothing is lost."""
    ordered = CMALT.in_order(["future-plans", "2", "1c", "specialist-2"])
    ids = [section.id for section in ordered.flat("senior")]

    assert ids[:4] == ["future-plans", "2", "2a", "2b"]
    assert ids[ids.index("1") : ids.index("1") + 4] == ["1", "1c", "1a", "1b"]
    assert ids.index("specialist-2") < ids.index("specialist-1")
    assert sorted(ids) == sorted(section.id for section in CMALT.flat("senior"))


def test_principles_have_tags_of_their_own():
    """``cmalt-principle-current`` names a principle, of a renewal too; a slip in it is noticed."""
    assert CMALT.principle_for_tag("CMALT principle: current") == "current"
    assert framework.load("cmalt-review").principle_for_tag("cmalt-principle-disseminate") == "disseminate"
    assert CMALT.principle_for_tag("cmalt-current") is None
    assert not CMALT.looks_like_criterion("cmalt-principle-current")
    assert CMALT.looks_like_criterion("cmalt-principle-curent")


def test_what_an_edition_renamed_is_known_by_both_names(tmp_path):
    """After an edition renamed a heading its old id, in tags and elsewhere, means the new one."""
    loaded = framework.load(mine(tmp_path, "moved:\n  - {old: eins, new: one, since: '2026'}\n"))

    assert loaded.section("", "eins").id == "one"
    assert loaded.section_for_tag("mine-eins") == "one"
    assert loaded.now("two") == "two"


def test_dimensions_are_covered_and_not_required():
    """Of the PSF nothing has to be written under each dimension."""
    assert not any(section.required for section in framework.load("psf-2023").flat("fhea"))
