"""Whatever stands in the file, the answer is a configuration or a list of mistakes with places; never a crash."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bridge.config import ConfigError, parse, schema

KEYS = sorted({key for part in (schema(), *schema()["$defs"].values()) for key in part.get("properties", {})})
WORDS = [  # what is right in one place is wrong in another
    "wordpress",
    "feed",
    "static",
    "mahara",
    "https://b.example",
    "2027-07-31",
    "03:30",
    "mon 03:30",
    "off",
    "all",
    "a",
]

keys = st.sampled_from(KEYS) | st.text(max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=15,
)
part = st.dictionaries(st.sampled_from(KEYS), values, max_size=6)
whole = st.fixed_dictionaries(
    {},
    optional={
        "sources": st.dictionaries(st.sampled_from(["a", "b", "type"]), part | values, max_size=2) | values,
        "targets": st.dictionaries(st.sampled_from(["a", "c"]), part | values, max_size=2) | values,
        "schedule": st.dictionaries(st.sampled_from(["harvest", "publish"]), part | values, max_size=2) | values,
        **dict.fromkeys(("owner", "roles", "portfolio", "messages", "timezone", "language", "nonsense"), values),
    },
)


def told(text: str) -> None:
    problems = []
    try:
        parse(text, "config.yaml", Path("/w"))
    except ConfigError as error:
        problems = error.problems
        assert problems
    lines = len(text.splitlines()) + 1  # YAML breaks lines at a few odd characters, too
    assert all(1 <= problem.line <= lines and problem.column >= 1 and problem.message for problem in problems)


@given(whole)
def test_any_values(value):
    """Known keys with values of every kind, in every place."""
    told(json.dumps(value, ensure_ascii=False, indent=1))


@given(st.text(alphabet=st.sampled_from("ab:-[]{},#&*!|>'\"%@`?\n \t\\0~=\x00\u2028\ud7ff"), max_size=40))
def test_any_text(text):
    """Text that is hardly YAML."""
    told(text)
