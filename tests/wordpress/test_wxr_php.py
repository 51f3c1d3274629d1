"""PHP's serialised values, as WordPress keeps them in custom fields: read strictly, never run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connectors.wordpress import php

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**62), 2**62) | some.text(),
    lambda inner: some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=12,
)


def written(value):
    """Write as PHP does."""
    match value:
        case None:
            return "N;"
        case bool():
            return f"b:{int(value)};"
        case int():
            return f"i:{value};"
        case str():
            return f's:{len(value.encode())}:"{value}";'
        case _:
            inside = "".join(written(k) + written(v) for k, v in value.items())
            return f"a:{len(value)}:{{{inside}}}"


@given(VALUES)
def test_what_php_writes_is_read(value):
    """Lengths are bytes, so quotes and other alphabets in a text do not matter."""
    assert php.read(written(value)) == value


@given(some.text(), VALUES)
def test_anything_else_is_refused_and_nothing_worse(junk, value):
    """Any text gives a value or one error."""
    for text in (junk, written(value) + junk + "!", written(value)[:-1]):
        try:
            php.read(text)
        except php.NotSerialisedError:
            continue


@pytest.mark.parametrize(
    "text",
    ['O:8:"stdClass":0:{}', "R:1;", 's:5:"ab";', "a:1:{i:0;", "a:1:{a:0:{}i:1;}", "i:1", "i:1;i:2;",
     "a:" + "1" * 40 + ":{}", "a:1:{i:0;" * 100 + "N;" + "}" * 100],
)  # fmt: skip
def test_objects_references_and_cut_texts_are_refused(text):
    """An object would mean code; half a text means a wrong file name."""
    with pytest.raises(php.NotSerialisedError):
        php.read(text)
