"""A framework that a Mahara exported is one of the owner's own."""

import json

import pytest

from archive.errors import UsageError
from bridge.portfolio import framework

MATRIX = {
    "framework": {
        "institution": "all",
        "name": "Craft of teaching",
        "description": "<p>What we look for.</p>",
        "selfassess": False,
        "evidencestatuses": [{"begun": "Ready"}, {"completed": "Met"}],
        "standards": [
            {"shortname": "P", "name": "Planning", "description": "<b>How</b> you plan", "standardid": 1},
            {"shortname": "C", "name": "Community", "description": "With whom", "standardid": "2"},
        ],
        "standardelements": [
            {"shortname": "P1", "name": "Aims", "description": "What for", "standardid": 1, "elementid": "1.1"},
            {"shortname": "P2", "name": "Means", "description": "What with", "standardid": 1, "elementid": "1.2"},
        ],
    }
}


def written(tmp_path, value):
    path = tmp_path / "Our craft.matrix"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_standards_become_headings_and_elements_sections(tmp_path):
    """No heading is lost; descriptions guide the owner as prompts, without their markup."""
    loaded = framework.load(written(tmp_path, MATRIX))

    assert [(s.id, s.level, s.title, s.prompt, s.gathers) for s in loaded.flat("")] == [
        ("s1", 2, "Planning", "", True),
        ("1.1", 3, "Aims", "What for", False),
        ("1.2", 3, "Means", "What with", False),
        ("s2", 2, "Community", "With whom", False),
    ]
    assert loaded.id == "our-craft"
    assert loaded.section_for_tag("our-craft-1.2") == "1.2"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no JSON", "no framework of a Mahara"),
        ({"framework": {"name": "Nothing"}}, "standards"),
        ({"framework": {"name": "Nothing", "standards": []}}, "sections"),
    ],
)
def test_another_file_is_refused(tmp_path, value, said):
    """What is none, or has no standards, is told with its place."""
    with pytest.raises(UsageError, match=said):
        framework.load(written(tmp_path, value))


def test_two_elements_of_one_id_are_told(tmp_path):
    """Two sections of one id would share a file."""
    twice = json.loads(json.dumps(MATRIX))
    twice["framework"]["standardelements"][1]["elementid"] = "1.1"

    with pytest.raises(UsageError, match="stands twice"):
        framework.load(written(tmp_path, twice))
