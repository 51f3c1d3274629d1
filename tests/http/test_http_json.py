"""JSON as servers really send it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import SourceUnavailable
from connectors.http import Answer
from connectors.http_json import cut_items, find_json

WARNING = b"<br />\n<b>Warning</b>:  Undefined array key [0] in {closure} <b>/srv/p.php</b> on line <b>3</b><br />\n"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    max_leaves=4,
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(), VALUES, max_size=3), max_size=4),
    st.sampled_from([b"", WARNING, b"\xef\xbb\xbf", b"Notice: [x]\n"]),
)
def test_items_keep_their_own_bytes(values, junk):
    """Each item is cut out as it came, whatever stands in front of the list."""
    texts = [json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") for value in values]
    rows = cut_items(junk + b"[" + b" ,\n".join(texts) + b"]\n")
    assert rows is not None
    rows = list(rows)
    assert [raw for _, raw in rows] == texts
    assert [value for value, _ in rows] == values


@pytest.mark.parametrize("body", [b"", b"[", b'[{"id":1,"title":', b"<html>[1]</html>", b'{"a": 1', b"[1] and more"])
def test_half_an_answer_is_none(body):
    assert find_json(body) is None
    assert cut_items(body) is None


def test_a_warning_in_front_is_noted():
    found = find_json(WARNING + b'{"id": 5}')
    assert found is not None
    assert found.value == {"id": 5}
    assert "Undefined array key" in found.junk


def test_control_characters_in_texts_pass():
    """Real posts hold vertical tabs; strict JSON forbids them."""
    found = find_json(b'{"a": "x\x0by"}')
    assert found is not None
    assert found.value == {"a": "x\x0by"}


def test_the_error_names_what_came_instead():
    """A person recognises the page by its title."""
    answer = Answer(200, {}, b"<html><head><title>Just a moment...</title>", "https://b.org/wp-json/")
    with pytest.raises(SourceUnavailable, match=r"Just a moment\.\.\.") as caught:
        answer.json()
    assert caught.value.code == "not-json"
