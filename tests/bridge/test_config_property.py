"""Whatever stands in the file, the answer is a configuration or a list of mistakes with places; never a crash."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bridge.config import Config, ConfigError, parse, schema

KEYS = sorted({key for part in (schema(), *schema()["$defs"].values()) for key in part.get("properties", {})})
WORDS = ["wordpress", "feed", "static", "mahara", "https://b.example", "2027-07-31", "03:30", "mon 03:30", "off", "all", "a"]

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5),
    max_leaves=15,
)
part = st.dictionaries(st.sampled_from(KEYS), values, max_size=6)
whole = st.fixed_dictionaries(
    {},
    optional={
        "sources": st.dictionaries(st.sampled_from(["a", "b", "type"]), part | values, max_size=2) | values,
        "targets": st.dictionaries(st.sampled_from(["a", "c"]), part | values, max_size=2) | values,
        "schedule": st.dictionaries(st.sampled_from(["harvest", "publish"]), part | values, max_size=2) | values,
        **{key: values for key in ("owner", "roles", "portfolio", "messages", "timezone", "language", "nonsense")},
    },
)


def told(text: str) -> None:
    try:
        assert isinstance(parse(text, "config.yaml", Path("/w")), Config)
    except ConfigError as error:
        assert error.problems
        lines = text.count("\n") + 1
        for problem in error.problems:
            assert 1 <= problem.line <= lines + 1
            assert problem.column >= 1
            assert problem.message


@given(whole)
def test_any_values(value):
    """Known keys with values of every kind, in every place."""
    told(json.dumps(value, ensure_ascii=False, indent=1))


@given(st.text(alphabet=st.sampled_from("ab:-[]{},#&*!|>'\"%@`?\n \t\\0~=\x00\u2028\ud7ff"), max_size=40))
def test_any_text(text):
    """Text that is hardly YAML."""
    told(text)
