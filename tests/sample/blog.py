"""The sample's blog as a WordPress export with its uploads, made from ``content/blog.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import yaml

from archive.identity import entry_id
from tests.sample import drawing

_HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.1.9" created="{exported:%Y-%m-%d %H:%M}" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>{title}</title>
<link>{address}</link>
<pubDate>{exported:%a, %d %b %Y %H:%M:%S} +0000</pubDate>
<language>en-GB</language>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>{address}</wp:base_site_url>
<wp:base_blog_url>{address}</wp:base_blog_url>
<wp:author><wp:author_id>2</wp:author_id><wp:author_login><![CDATA[{login}]]></wp:author_login>\
<wp:author_email><![CDATA[{login}@example.net]]></wp:author_email>\
<wp:author_display_name><![CDATA[{name}]]></wp:author_display_name></wp:author>
"""

_ITEM = """<item>
<title><![CDATA[{title}]]></title>
<link>{link}</link>
<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate>
<dc:creator><![CDATA[{login}]]></dc:creator>
<guid isPermaLink="false">{guid}</guid>
<content:encoded><![CDATA[{html}]]></content:encoded>
<excerpt:encoded><![CDATA[{caption}]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id>
<wp:post_date><![CDATA[{at:%Y-%m-%d %H:%M:%S}]]></wp:post_date>
<wp:post_date_gmt><![CDATA[{at:%Y-%m-%d %H:%M:%S}]]></wp:post_date_gmt>
<wp:post_modified><![CDATA[{at:%Y-%m-%d %H:%M:%S}]]></wp:post_modified>
<wp:post_modified_gmt><![CDATA[{at:%Y-%m-%d %H:%M:%S}]]></wp:post_modified_gmt>
<wp:post_name><![CDATA[{slug}]]></wp:post_name>
<wp:status><![CDATA[{status}]]></wp:status>
<wp:post_parent>{parent}</wp:post_parent>
<wp:menu_order>0</wp:menu_order>
<wp:post_type><![CDATA[{kind}]]></wp:post_type>
<wp:post_password><![CDATA[{password}]]></wp:post_password>
{more}</item>
"""


@dataclass(frozen=True)
class Blog:
    """What the data file says; ``ids`` are those that the archive will give, by slug."""

    site: dict[str, str]
    things: list[dict[str, Any]]
    ids: dict[str, str]

    def made(self, until: datetime) -> Blog:
        """Return the blog as it was on a day."""
        return Blog(self.site, [one for one in self.things if one["at"] <= until], self.ids)


def load(path: Path) -> Blog:
    """Return the blog of a data file, everything numbered, dated and with its identity."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    kinds = {"pages": "page", "posts": "post", "media": "attachment"}
    things = [{"type": kinds[group], **one} for group in kinds for one in said[group]]
    by_slug = {one["slug"]: one for one in things}
    for number, one in enumerate(things, 11):
        one["number"] = number
        one["at"] = _date(one.get("date") or by_slug[one["parent"]]["date"], minutes=0 if "date" in one else -5)
    for one in things:
        if one["type"] == "attachment":
            ending = {"pdf": "pdf", "photo": "jpg"}.get(one["kind"], "png")
            one["file"] = f"{one['at']:%Y/%m}/{one['slug']}.{ending}"
            one["guid"] = f"{said['site']['address']}/wp-content/uploads/{one['file']}"
        else:
            one["guid"] = f"{said['site']['address']}/?p={one['number']}"
    return Blog(said["site"], things, {one["slug"]: entry_id(f"guid:{one['guid']}") for one in things})


def write(blog: Blog, folder: Path, exported: datetime) -> None:
    """Write ``blog.xml`` and ``uploads/`` into a folder, as Tools > Export and a copy of the uploads would."""
    by_slug = {one["slug"]: one for one in blog.things}
    with (folder / "blog.xml").open("w", encoding="utf-8") as out:
        out.write(_HEAD.format(exported=exported, **blog.site))
        for one in blog.things:
            out.write(_item(one, by_slug, blog.site))
        out.write("</channel>\n</rss>\n")
    for one in blog.things:
        if one["type"] == "attachment":
            path = folder / "uploads" / one["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_bytes(_bytes(one))


def _bytes(one: dict[str, Any]) -> bytes:
    if one["kind"] == "pdf":
        return drawing.document(one["title"], one["pages"])
    return drawing.picture(one["slug"], one["kind"])[1]


def _date(said: object, *, minutes: int) -> datetime:
    return datetime.fromisoformat(str(said)) + timedelta(minutes=minutes)


def _item(one: dict[str, Any], by_slug: dict[str, dict[str, Any]], site: dict[str, str]) -> str:
    media = one["type"] == "attachment"
    parent = by_slug.get(one.get("parent", ""))
    tags = "".join(
        f'<category domain="post_tag" nicename="{tag.replace(" ", "-")}"><![CDATA[{tag}]]></category>\n'
        for tag in one.get("tags", ())
    )
    return _ITEM.format(
        title=one["title"],
        link=f"{site['address']}/{one['at']:%Y/%m}/{one['slug']}/",
        at=one["at"],
        login=site["login"],
        guid=one["guid"],
        html=blocks(one.get("text", ""), by_slug),
        caption=one.get("caption", ""),
        number=one["number"],
        slug=one["slug"],
        status="inherit" if media else one.get("status", "publish"),
        parent=parent["number"] if parent else 0,
        kind=one["type"],
        password=one.get("password", ""),
        more=_media(one) if media else tags,
    )


def _media(one: dict[str, Any]) -> str:
    return "".join(
        (
            f"<wp:attachment_url><![CDATA[{one['guid']}]]></wp:attachment_url>\n",
            _meta("_wp_attached_file", one["file"]),
            _meta("_wp_attachment_image_alt", one.get("alt", "")),
        )
    )


def _meta(key: str, value: str) -> str:
    return (
        f"<wp:postmeta><wp:meta_key><![CDATA[{key}]]></wp:meta_key>"
        f"<wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>\n"
    )


def blocks(text: str, by_slug: dict[str, dict[str, Any]]) -> str:
    """Return a text as the block editor would have saved it."""
    return "\n\n".join(_block(piece.strip(), by_slug) for piece in text.strip().split("\n\n") if piece.strip())


def _block(piece: str, by_slug: dict[str, dict[str, Any]]) -> str:
    first, lines = piece[:2], piece.splitlines()
    if first == "![":
        shown = by_slug[piece[2:-1]]
        image = f'<img src="{shown["guid"]}" alt="{escape(shown["alt"])}" class="wp-image-{shown["number"]}"/>'
        caption = f"<figcaption>{escape(shown['caption'])}</figcaption>" if shown["caption"] else ""
        inside = f'<figure class="wp-block-image size-full">{image}{caption}</figure>'
        return f'<!-- wp:image {{"id":{shown["number"]}}} -->\n{inside}\n<!-- /wp:image -->'
    if first == "> ":
        words, _, source = piece[2:].partition(" -- ")
        cite = f"<cite>{escape(source)}</cite>" if source else ""
        return _wrapped("quote", f'<blockquote class="wp-block-quote"><p>{escape(words)}</p>{cite}</blockquote>')
    if first == "##":
        return _wrapped("heading", f"<h2>{escape(piece[3:])}</h2>")
    if first == "- ":
        return _wrapped("list", f"<ul>{''.join(f'<li>{escape(line[2:])}</li>' for line in lines)}</ul>")
    if first[0] == "|":
        head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        heads = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        inside = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        return _wrapped("table", f'<figure class="wp-block-table">{inside}</figure>')
    return _wrapped("paragraph", f"<p>{escape(piece, quote=False)}</p>")


def _wrapped(name: str, html: str) -> str:
    return f"<!-- wp:{name} -->\n{html}\n<!-- /wp:{name} -->"
