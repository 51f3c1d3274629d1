"""How a page says that it is ours, and that nobody edited it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.wordpress import marker

UUID = "9c1d6a3e-0d5c-4a53-8a55-3f6f2f1b7a10"
TEXT = "<!-- wp:paragraph -->\n<p>Words</p>\n<!-- /wp:paragraph -->"


def test_what_is_wrapped_is_found_as_it_was():
    """Whose it is, what it says, and that it is untouched."""
    raw = marker.wrap(TEXT, UUID, "cmalt")
    part = marker.find(raw)
    assert part is not None
    assert (part.text, part.portfolio, part.page, part.untouched) == (TEXT, UUID, "cmalt", True)
    assert (part.start, part.end) == (0, len(raw))


@pytest.mark.parametrize("path", ["cmalt", "me/cmalt", "a--b---c", "über uns/x", "a>b", "a=b"])
def test_any_path_comes_back_and_leaves_the_comment_whole(path):
    """No space, no > and no two dashes: WordPress would change or end the comment."""
    raw = marker.wrap(TEXT, UUID, path)
    part = marker.find(raw)
    assert part is not None
    assert part.page == path
    comment = next(line for line in raw.splitlines() if "keepfolio:begin" in line)
    assert "--" not in comment.removeprefix("<!--").removesuffix("-->")


def test_equal_releases_give_equal_bytes():
    """No date, no version, nothing random."""
    assert marker.wrap(TEXT, UUID, "cmalt") == marker.wrap(TEXT, UUID, "cmalt")


def test_an_edit_inside_shows():
    part = marker.find(marker.wrap(TEXT, UUID, "cmalt").replace("Words", "Other words"))
    assert part is not None
    assert not part.untouched


def test_the_words_around_stay():
    """Putting our part anew changes nothing else, however the owner set the marks."""
    for marks in (
        "<!-- keepfolio:begin -->\n<!-- keepfolio:end -->",
        "<!-- wp:html -->\n<!-- keepfolio:begin -->\n<!-- keepfolio:end -->\n<!-- /wp:html -->",
        marker.wrap("old", UUID, "cmalt"),
    ):
        new = marker.put(f"before\n\n{marks}\n\nafter", marker.wrap(TEXT, UUID, "cmalt"))
        assert new == f"before\n\n{marker.wrap(TEXT, UUID, 'cmalt')}\n\nafter"


def test_two_parts_are_nobodys():
    """Somebody copied our part: which one is meant cannot be told."""
    raw = marker.wrap(TEXT, UUID, "cmalt")
    assert marker.find(raw + raw) is None
    assert marker.is_torn(raw + raw)
    assert marker.is_torn("<!-- keepfolio:begin -->")
    assert not marker.is_torn(raw)
    assert not marker.is_torn("<p>words about keepfolio:begin</p>")


@given(st.text(max_size=40).filter(lambda t: "keepfolio" not in t and "wp:html" not in t))
def test_any_text_comes_back(text):
    """White space at the ends aside."""
    part = marker.find(f"x{marker.wrap(text, UUID, 'p')}y")
    assert part is not None
    assert part.text == text.strip()
    assert part.untouched
