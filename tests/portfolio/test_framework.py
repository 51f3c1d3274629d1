"""Frameworks: three ship, each reads whole, and tags find their sections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UsageError
from bridge.portfolio import framework
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
