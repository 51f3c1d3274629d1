"""YAML as people write it keeps its meaning, and every part its place."""

from __future__ import annotations

import pytest

from bridge.yamlfile import ConfigError, dotted, load_yaml


def problems(text: str, **more) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load_yaml(text, "a.yaml", **more)
    return [str(p) for p in raised.value.problems]


@pytest.mark.parametrize(
    "plain", ["no", "yes", "on", "off", "1.10", "12:30", "2027-07-31", "007", "1e3", "0x10", "1_000", "=", "<<"]
)
def test_text_stays_text(plain):
    """Nothing that a person types turns into another value."""
    assert load_yaml(f"a: {plain}", "a.yaml")[0] == {"a": plain}


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ('"12"', "12"),
        ("'~'", "~"),
    ],
)
def test_few_words_have_a_meaning(plain, value):
    """true, false, null and whole numbers are what they are; quotes make text of them."""
    assert load_yaml(f"a: {plain}", "a.yaml")[0] == {"a": value}


def test_keys_are_text():
    """A key such as 2024, no or 1a is the text that stands there."""
    value, _ = load_yaml("2024: a\nno: b\n1a: c\ntrue: d\nnull: e", "a.yaml")

    assert value == {"2024": "a", "no": "b", "1a": "c", "true": "d", "null": "e"}


def test_marks_give_line_and_column():
    """Each key and list item is known by its place, counted from 1."""
    _, marks = load_yaml("a:\n  b: 1\n  c:\n    - x\n    - y: 2\n", "a.yaml")

    assert marks == {
        (): (1, 1),
        ("a",): (1, 1),
        ("a", "b"): (2, 3),
        ("a", "c"): (3, 3),
        ("a", "c", 0): (4, 7),
        ("a", "c", 1): (5, 7),
        ("a", "c", 1, "y"): (5, 7),
    }


def test_front_matter_counts_from_its_own_line():
    """A text that starts on a later line of its file reports the file's lines."""
    assert problems("a: 1\na: 2", first_line=5) == ["a.yaml:6:1: a: this key is already on line 5"]


def test_every_duplicate_is_told():
    """A repeated key is refused, in whatever depth, and all of them at once."""
    assert problems("a: {x: 1, x: 2}\nb: 1\nb: 2") == [
        "a.yaml:1:11: a.x: this key is already on line 1",
        "a.yaml:3:1: b: this key is already on line 2",
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: b: c", 1, "needs quotes"),
        ("a:\n\t- b", 2, "not tabs"),
        ("a: [1, 2", 1, "not readable"),
        ("a: 1\n--- \nb: 2", 2, "not readable"),
        ("ok: 1\na: \x07", 2, "cannot stand"),
        ("a: !!python/object/apply:os.system [ls]", 1, "no meaning"),
        ("a: !secret x", 1, "no meaning"),
        ("a: &x [*x]", 1, "refers to itself"),
        ("? [a]\n: b", 1, "a key must be a word"),
        ("a: " + "[" * 5000, 1, "too many brackets"),
    ],
)
def test_bad_yaml_is_told_with_its_line(text, line, said):
    """What cannot be read is refused in words, and nothing is executed."""
    first = problems(text)[0]

    assert first.startswith(f"a.yaml:{line}:")
    assert said in first


def test_references_are_not_multiplied():
    """A few lines that would unfold to a billion values do not."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]

    value, marks = load_yaml("\n".join(lines), "a.yaml")

    assert value["a29"][0] is value["a28"]
    assert len(marks) < 1000


def test_an_empty_file_is_none():
    """Nothing but remarks is no value."""
    assert load_yaml("# only a remark\n", "a.yaml")[0] is None


def test_a_byte_order_mark_is_no_mistake():
    """Windows' Notepad puts one."""
    assert load_yaml("\ufeffa: 1", "a.yaml")[0] == {"a": 1}


def test_dotted():
    """A path reads as people write it, list items counted from 1."""
    assert dotted(("roles", 1, "title")) == "roles[2].title"
