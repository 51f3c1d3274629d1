"""The sample blog of ``keepfolio demo`` is what it pretends to be: a real export, with its files, and nobody's data."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from lxml import etree
from PIL import Image

from archive.identity import entry_id
from bridge import config
from bridge.portfolio import framework, narrative
from connectors.wordpress import php

DEMO = Path(config.__file__).parent / "data" / "demo"
UPLOADS = DEMO / "uploads"
ADDRESS = "https://blog.example.org"
NAMES = {
    "wp": "http://wordpress.org/export/1.2/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
FIRST, EXPORTED = datetime(2023, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, 18, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def export():
    return etree.parse(DEMO / "blog.xml", etree.XMLParser(resolve_entities=False, no_network=True))


@pytest.fixture(scope="module")
def items(export):
    return export.findall("channel/item")


@pytest.fixture(scope="module")
def attachments(items):
    return [item for item in items if text(item, "wp:post_type") == "attachment"]


def text(element, name):
    return element.findtext(name, "", NAMES)


def meta(item):
    return {text(pair, "wp:meta_key"): text(pair, "wp:meta_value") for pair in item.findall("wp:postmeta", NAMES)}


def contents(items):
    return {text(item, "title"): text(item, "content:encoded") for item in items}


def images(items):
    return [image for html in contents(items).values() for image in BeautifulSoup(html, "html.parser").find_all("img")]


def time_of(value):
    return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def test_every_number_and_every_guid_stands_for_one_thing(export, items):
    """Ids are what identity hangs on: none is used twice."""
    for path in ("wp:post_id", "guid"):
        found = [text(item, path) for item in items]
        assert not [value for value, count in Counter(found).items() if count > 1]
    comments = [found.text for found in export.findall(".//wp:comment/wp:comment_id", NAMES)]
    assert len(set(comments)) == len(comments)


def test_every_kind_of_post_that_a_blog_holds_is_there(items):
    """Thirty published posts, and one of each thing that must not go public by accident."""
    posts = Counter(text(item, "wp:status") for item in items if text(item, "wp:post_type") == "post")
    assert posts["publish"] >= 30
    assert {"private": 2, "draft": 2, "pending": 1, "future": 1, "trash": 1}.items() <= posts.items()
    assert sum(bool(text(item, "wp:post_password")) for item in items) == 1
    assert sum(text(item, "wp:post_type") == "page" for item in items) == 2


def test_old_posts_without_blocks_stand_beside_new_ones(items):
    """Both ways of writing in WordPress are in the sample."""
    written = [html for html in contents(items).values() if html]
    assert sum("<!-- wp:" not in html for html in written) >= 5
    assert sum("<!-- wp:" in html for html in written) >= 20


def test_every_block_is_closed_in_order(items):
    """WordPress would call a block that is not closed invalid."""
    for title, html in contents(items).items():
        opened = []
        for closing, name in re.findall(r"<!-- (/?)wp:([a-z-]+)", html):
            if not closing:
                opened.append(name)
            else:
                assert opened, title
                assert opened.pop() == name, title
        assert not opened, title


def test_three_years_of_dates_and_no_more(items):
    """Every date lies between the first day at Northshire and the export; only the scheduled post comes later."""
    for item in items:
        published, changed = text(item, "wp:post_date_gmt"), text(item, "wp:post_modified_gmt")
        assert FIRST <= time_of(changed) <= EXPORTED
        if text(item, "wp:status") == "future":
            assert time_of(published) > EXPORTED
        elif published != "0000-00-00 00:00:00":
            assert FIRST <= time_of(published) <= time_of(changed)


def test_every_media_file_is_there_with_the_size_that_its_metadata_tells(attachments):
    """Original and smaller sizes alike: name, bytes, width and height."""
    for item in attachments:
        path = UPLOADS / meta(item)["_wp_attached_file"]
        details = php.read(meta(item)["_wp_attachment_metadata"])
        assert text(item, "wp:attachment_url") == f"{ADDRESS}/wp-content/uploads/{path.relative_to(UPLOADS).as_posix()}"
        assert path.stat().st_size == details["filesize"]
        for size in [details, *details.get("sizes", {}).values()] if "width" in details else []:
            picture = path.with_name(Path(size["file"]).name)
            assert picture.stat().st_size == size["filesize"]
            with Image.open(picture) as opened:
                opened.load()
                assert opened.size == (size["width"], size["height"])


def test_no_file_lies_in_the_uploads_that_no_item_names(attachments):
    """What ships is what the blog shows."""
    named = set()
    for item in attachments:
        path = UPLOADS / meta(item)["_wp_attached_file"]
        details = php.read(meta(item)["_wp_attachment_metadata"])
        named |= {path, *(path.with_name(size["file"]) for size in details.get("sizes", {}).values())}
    assert {path for path in UPLOADS.rglob("*") if path.is_file()} == named


def test_the_guide_is_a_pdf(attachments):
    """One piece of evidence is a document."""
    documents = [
        meta(item)["_wp_attached_file"] for item in attachments if not meta(item).get("_wp_attachment_image_alt")
    ]
    assert [Path(name).suffix for name in documents] == [".pdf"]
    data = (UPLOADS / documents[0]).read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")


def test_every_picture_in_a_post_exists_and_is_described(items):
    """The alternative text in the post says something, and is no file name."""
    shown = images(items)
    assert len(shown) >= 8
    for image in shown:
        address = urlsplit(image["src"])
        assert f"{address.scheme}://{address.netloc}" == ADDRESS
        assert (UPLOADS / address.path.removeprefix("/wp-content/uploads/")).is_file()
        assert len(image["alt"].split()) >= 8


def test_featured_pictures_and_picture_numbers_are_attachments(items, attachments):
    """``_thumbnail_id`` and ``wp-image-N`` point at media of this export."""
    numbers = {text(item, "wp:post_id") for item in attachments}
    featured = {meta(item)["_thumbnail_id"] for item in items if "_thumbnail_id" in meta(item)}
    used = {name.removeprefix("wp-image-") for image in images(items) for name in image["class"] if "wp-image-" in name}
    assert featured
    assert featured | used <= numbers


def test_links_inside_the_blog_reach_a_post(items):
    """No link of the sample is broken."""
    addresses = (
        {text(item, "link") for item in items} | {text(item, "wp:attachment_url") for item in items} | {f"{ADDRESS}/"}
    )
    for title, html in contents(items).items():
        for link in BeautifulSoup(html, "html.parser").find_all("a", href=True):
            assert link["href"] in addresses, title


def test_two_sections_are_left_without_evidence_of_their_own(items):
    """The demo shows gaps: nothing is tagged for 2b and 3b, and tags suggest posts for both."""
    fw = framework.load("cmalt")
    suggest = config.load(DEMO / "config.yaml").portfolio.suggest
    tags = Counter(tag.get("nicename") for item in items for tag in item.findall("category"))
    sections = {fw.section_for_tag(tag) for tag in tags} - {None}
    assert sections == {"1a", "1b", "1c", "2a", "3a", "4a", "specialist"}
    for section in ("2b", "3b"):
        assert any(tags[tag] for tag in suggest[section])


def test_the_owner_cites_what_is_in_the_blog(items):
    """Every id in the section files is that of an item of this export."""
    ids = {entry_id(f"guid:{text(item, 'guid')}") for item in items}
    sections = narrative.read(DEMO / "portfolio" / "original", framework.load("cmalt"), "cmalt")
    cited = {found.entry for section in sections.values() for found in section.evidence}
    assert cited
    assert cited <= ids


def test_some_sections_are_written_and_others_are_not():
    """The demo's page has words to show, and gaps to name."""
    fw = framework.load("cmalt")
    written = narrative.read(DEMO / "portfolio" / "original", fw, "cmalt")
    assert set(written) == {"context", "1a", "1c", "2a", "3a", "4a", "specialist-1"}
    assert not any(section.placeholder or any(p.unfinished for p in section.passages) for section in written.values())


def test_one_comment_waits_and_none_tells_a_real_address(export):
    """Addresses of people are examples by RFC 2606 and RFC 5737; one comment is held, two are pingbacks."""
    comments = export.findall(".//wp:comment", NAMES)
    assert Counter(text(c, "wp:comment_approved") for c in comments)["0"] == 1
    assert Counter(text(c, "wp:comment_type") for c in comments)["pingback"] == 2
    assert all(text(c, "wp:comment_author_IP").startswith("192.0.2.") for c in comments)
    whole = (DEMO / "blog.xml").read_text(encoding="utf-8")
    assert set(re.findall(r"[\w.-]+@([\w.-]+\w)", whole)) == {"example.org"}
    hosts = {
        urlsplit(found).hostname
        for found in re.findall(r"https?://[^\s\"<\]]+", "".join(contents(export.iter("item")).values()))
    }
    assert hosts == {"blog.example.org"}


def test_the_sample_stays_small():
    """It ships with every installation."""
    assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file()) < 900_000


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What `keepfolio demo` prints as JSON, and the page that it makes."""
    home = tmp_path_factory.mktemp("demo")
    run = subprocess.run(
        [sys.executable, "-m", "bridge.cli", "demo", str(home / "sample"), "--json"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "KEEPFOLIO_STATE": str(home / "state")},
    )
    return json.loads(run.stdout), (home / "sample" / "build" / "site" / "index.html").read_text(encoding="utf-8")


def test_the_demo_holds_everything_that_the_export_has(shown, items, export):
    """Each post, page, media item, comment and pingback of the file is in the archive, and none twice."""
    kinds = Counter(text(item, "wp:post_type").replace("attachment", "media") for item in items)
    said = Counter(text(comment, "wp:comment_type") for comment in export.findall(".//wp:comment", NAMES))
    held = shown[0]["held"]
    assert {kind: held[kind] for kind in kinds + said} == kinds + said


def test_the_page_of_the_demo_shows_evidence_and_nothing_private(shown, items):
    """Posts tagged for a written section are on the public page; what is private, a draft or binned is not."""
    page = BeautifulSoup(shown[1], "html.parser").get_text(" ")
    assert "Three ways to record a lecture" in page
    assert "Describing a diagram to somebody who needs it" in page
    for item in items:
        if text(item, "wp:status") not in ("publish", "inherit") or text(item, "wp:post_password"):
            assert text(item, "title") not in page
