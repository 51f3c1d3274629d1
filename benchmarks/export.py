"""Harvesting a WordPress export file: memory must not grow with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import samples
from benchmarks.measure import Bench, Ran, Row, keepfolio

ITEMS = 5_000
_HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.1.9" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>A blog</title>
<link>https://blog.example.org</link>
<pubDate>Sun, 01 Nov 2026 10:00:00 +0000</pubDate>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://blog.example.org</wp:base_site_url>
<wp:base_blog_url>https://blog.example.org</wp:base_blog_url>
"""
_ITEM = """<item>
<title><![CDATA[What we learnt in week {number}]]></title>
<link>https://blog.example.org/{number}/</link>
<pubDate>{moment:%a, %d %b %Y %H:%M:%S} +0000</pubDate>
<dc:creator><![CDATA[jane]]></dc:creator>
<guid isPermaLink="false">https://blog.example.org/?p={number}</guid>
<content:encoded><![CDATA[{content}]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id>
<wp:post_date_gmt><![CDATA[{moment:%Y-%m-%d %H:%M:%S}]]></wp:post_date_gmt>
<wp:post_modified_gmt><![CDATA[{moment:%Y-%m-%d %H:%M:%S}]]></wp:post_modified_gmt>
<wp:post_name><![CDATA[week-{number}]]></wp:post_name>
<wp:status><![CDATA[{status}]]></wp:status>
<wp:post_parent>0</wp:post_parent>
<wp:menu_order>0</wp:menu_order>
<wp:post_type><![CDATA[{kind}]]></wp:post_type>
<wp:post_password><![CDATA[]]></wp:post_password>
{more}</item>
"""
_CONFIG = """owner: Jane Example
sources:
  old-blog: {type: wordpress-export, path: blog.xml, media: uploads}
"""


def measure(bench: Bench) -> Iterator[Row]:
    many = bench.size(ITEMS)
    few = max(many // 10, 10)
    small, large = (_harvested(bench.folder / f"export-{count}", count) for count in (few, many))
    work = f"harvest an export of {many:,} items: memory"
    peer = f"of {few:,} items {small.memory:.0f} MB"
    yield Row(work, f"{large.seconds:.1f} s, {large.memory:.0f} MB", peer, large.memory / small.memory,
              memory=large.memory)  # fmt: skip


def _harvested(workspace: Path, count: int) -> Ran:
    workspace_of(workspace, count)
    return keepfolio(workspace, "harvest")


def workspace_of(workspace: Path, count: int, more: Callable[[int], str] = lambda _: "", pictures: int = 0) -> None:
    """Make a workspace whose source is an export of so many posts; ``more`` adds to an item's XML, by its number."""
    (workspace / "uploads").mkdir(parents=True)
    (workspace / "config.yaml").write_text(_CONFIG)
    with (workspace / "blog.xml").open("w", encoding="utf-8") as out:
        out.write(_HEAD)
        for number in range(1, count + 1):
            out.write(_item(number, "post", "publish", samples.text(number), more(number)))
        for number in range(count + 1, count + pictures + 1):
            address = f"https://blog.example.org/wp-content/uploads/picture-{number}.jpg"
            url = f"<wp:attachment_url><![CDATA[{address}]]></wp:attachment_url>\n"
            out.write(_item(number, "attachment", "inherit", "", url))
        out.write("</channel>\n</rss>\n")


def _item(number: int, kind: str, status: str, content: str, more: str) -> str:
    moment = samples.moment(number)
    return _ITEM.format(number=number, kind=kind, status=status, content=content, more=more, moment=moment)
