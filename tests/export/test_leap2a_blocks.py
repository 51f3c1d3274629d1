"""Pages on their way back to Mahara, by rules learnt from its importer: each test says what happens without it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connectors.mahara import identity
from tests.export.leap import ATOM
from tests.export.leap_made import PICTURE, Do, block, file_entry, key, of_mahara, page, photo, said, written


@pytest.fixture
def do(tmp_path: Path) -> Do:
    return partial(written, tmp_path)


# --- numbers


def test_an_old_number_is_never_taken_for_a_new_one(do: Do) -> None:
    """
    ``download.php?file=1&embedded=1`` of any site becomes the picture that is number 1 of this export.

    The importer asks for no host: a picture that did not come along would become another one.
    """
    lost = "https://m.example.org/artefact/file/download.php?file=1&amp;embedded=1&amp;text=7"

    _, leap = do(photo(), page(block("text", text=f'<p><img src="{lost}" alt="gone"></p>')))

    text = leap.blocks(leap.titled("Page"))[0][2]["text"]
    assert 'src="https://m.example.org/artefact/file/download.php?file=1"' in text
    assert "embedded" not in text


def test_a_pages_settings_name_new_numbers(do: Do) -> None:
    """Mahara looks up exactly the ids of the file; another one would show somebody else's thing, or nothing."""
    entry = of_mahara("journal-entry", "blog/blogpost", 50, parent=key("artefact49"), content_html="<p>x</p>")
    journal = of_mahara("journal", "blog/blog", 49)

    _, leap = do(
        photo(), journal, entry,
        page(
            block("image", artefactid="artefact40"),
            block("gallery", y=3, artefactids=["artefact40", "artefact999"], user="2"),
            block("blogpost", y=6, artefactid="artefact50", artefactids=[50]),
            block("blog", y=9, artefactid="artefact49"),
            block("navigation", y=12, collection="collection3"),
        ),
        of_mahara("collection", "collection", 3, "collection3", extra={"pages": ["view9"]}),
    )  # fmt: skip

    (file,), (post,), (diary,), (whole,) = (leap.ids(k) for k in ("file", "journal-entry", "journal", "collection"))
    assert [settings for _, _, settings in leap.blocks(leap.titled("Page"))] == [
        {"artefactid": file}, {"artefactids": [file]}, {"artefactid": post}, {"artefactid": diary},
        {"collection": whole},
    ]  # fmt: skip


def test_numbers_of_two_maharas_are_two(do: Do) -> None:
    """Two sites have a file 40 each: a page shows the one of its own site."""
    other, data = file_entry(40, "other.png", b"other")
    (file,) = other.files
    there = replace(
        other,
        keys=(identity.key("elsewhere.example", "artefact40"),),
        files=(replace(file, url=file.url.replace("m.example.org", "elsewhere.example")),),
    )

    _, leap = do((there, data), photo(), page(block("image", artefactid="artefact40")))

    (shown,) = leap.blocks(leap.titled("Page"))
    assert leap.by_id[shown[2]["artefactid"]].findtext(f"{ATOM}title") == "photo.png"


# --- blocks


def test_a_block_that_mahara_cannot_make_goes_as_a_text(do: Do) -> None:
    """Annotations are dropped, a plugin's block is ignored, what a group's block names is another group elsewhere."""
    done, leap = do(
        page(
            block("annotation", "Note", text="<p>Meets 1a</p>"),
            {**block("cpds", "Log", y=3), "html": "<p>12 hours</p>"},
            block("groupinfo", "Group", y=6, groupid=3),
            block("image", "Gone", y=9, artefactid="artefact999"),
        )
    )

    shown = leap.blocks(leap.titled("Page"))
    assert shown == [("text", "Note", {"text": "<p>Meets 1a</p>"}), ("text", "Log", {"text": "<p>12 hours</p>"})]
    assert [re.findall("“(.*?)”.*?(goes|left)", item.why)[0] for item in done.left_out] == [
        ("Note", "goes"), ("Log", "goes"), ("Group", "left"), ("Gone", "left"),
    ]  # fmt: skip


def test_settings_hold_nothing_that_stops_the_import(do: Do) -> None:
    """JSON carries a NUL past XML into the database, which then refuses everything; a name must be one for XML."""
    odd = block("creativecommons", "t\x00" * 200, version="4\x000", ok=[{"a\x01": "b\x02"}])
    odd["settings"] |= {"bad name": "x", "": "y", "1x": "z", "none": None}

    _, leap = do(page(odd))

    assert leap.blocks(leap.titled("Page")) == [
        ("creativecommons", f"{'t' * 200}", {"version": "40", "ok": [{"a": "b"}]})
    ]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"x": 6, "y": 3, "width": 6, "height": 4}, (6, 3, 6, 4)),
        ({"x": 9, "y": 0, "width": 12, "height": 0}, (9, 0, 3, 3)),
        ({"x": 99, "y": 99999, "width": -1, "height": 5000}, (11, 9999, 1, 999)),
        ({"row": 1, "column": 2}, (0, 0, 12, 3)),
        ({"x": "0", "y": True, "width": 6, "height": 3}, (0, 0, 12, 3)),
    ],
)
def test_a_block_stands_in_the_grid(do: Do, given: dict[str, Any], place: tuple[int, ...]) -> None:
    """Twelve columns; what has no place in them, or none at all (19.10 and older), stands below the others."""
    made = {"type": "text", "title": "", "settings": {"text": "<p>x</p>"}, **given}

    _, leap = do(page(made))

    assert leap.places(leap.titled("Page")) == [place]


def test_blocks_without_a_place_stand_below_each_other(do: Do) -> None:
    """Two blocks in one place lie on each other."""
    made = [{"type": "text", "title": "", "settings": {"text": "<p>x</p>"}} for _ in range(3)]

    _, leap = do(page(*made))

    assert leap.places(leap.titled("Page")) == [(0, 0, 12, 3), (0, 3, 12, 3), (0, 6, 12, 3)]


def test_tags_of_a_block_are_words(do: Do) -> None:
    """The importer reads ``tagsin`` and ``tagsout`` as they stand, and everything else as JSON."""
    _, leap = do(page(block("taggedposts", count=10, tagsin=["cpd", "two words"], tagsout=["-draft"])))

    made = leap.titled("Page").find(f".//{{{leap.root.nsmap['mahara']}}}blockinstance")
    texts = [(etree.QName(one).localname, one.text) for one in made]
    assert texts == [("count", "[10]"), ("tagsin", "cpd"), ("tagsin", "two words"), ("tagsout", "draft")]


def test_a_films_block_carries_a_frame_and_nothing_else(do: Do) -> None:
    """Mahara shows this setting as it stands: a script in it would run there."""
    html = '<script>x()</script><iframe src="https://www.youtube.com/embed/1" onload="x()"></iframe>'

    _, leap = do(
        page(block("externalvideo", html=html), block("externalvideo", y=3, html='<iframe src="javascript:x()">'))
    )

    assert [settings["html"] for _, _, settings in leap.blocks(leap.titled("Page"))] == [
        '<iframe src="https://www.youtube.com/embed/1"></iframe>', "",
    ]  # fmt: skip


def test_files_that_a_pages_text_links_stand_below(do: Do) -> None:
    """Mahara turns no link of a page into its own: the address leads to the old site, the block to the file."""
    done, leap = do(photo(), page(block("text", text=f'<p><a href="{PICTURE}">the photo</a></p>')))

    shown = leap.blocks(leap.titled("Page"))
    assert f'href="{PICTURE}"' in shown[0][2]["text"]
    assert shown[1] == ("filedownload", "Files", {"artefactids": leap.ids("file")})
    assert "links to files keep their old address" in said(done)


def test_a_description_with_a_bracket_is_escaped(do: Do) -> None:
    """Mahara takes the words out of a description as if it were HTML: ``a <b`` would end there."""
    _, leap = do(page(extra={"description": "if a <b then & so"}))

    assert leap.titled("Page").findtext(f"{ATOM}summary") == "if a &lt;b then &amp; so"
