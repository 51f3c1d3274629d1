"""What the tests of the export, XML-RPC and feed routes share: a source run to its end, and small exports made here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from archive.entry import Entry
from connectors.contract import Checkpoint, Context, Failed, Found, Listed, Promised
from connectors.http import Http

FIXTURES = Path(__file__).parents[1] / "fixtures" / "wordpress"
UPLOADS = FIXTURES / "uploads"


@dataclass
class Holds:
    """What an archive holds of a source, for a harvest; nothing unless it is told."""

    cursor: dict = field(default_factory=dict)
    retry: frozenset = frozenset()
    stamps: dict = field(default_factory=dict)

    def stamp(self, key):
        return self.stamps.get(key, "")

    def keys(self, scope):
        return frozenset()


@dataclass
class Taken:
    """What one harvest yielded, by kind of value."""

    found: list[Found] = field(default_factory=list)
    listed: dict[str, frozenset] = field(default_factory=dict)
    promised: dict[str, int] = field(default_factory=dict)
    failed: list[Failed] = field(default_factory=list)
    cursor: dict = field(default_factory=dict)
    complete: int = 0  # how many were found before the last checkpoint: what a harvest that ends in an error keeps
    error: Exception | None = None

    @property
    def entries(self) -> list[Entry]:
        return [one.entry for one in self.found]

    def of(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def one(self, title: str) -> Entry:
        (entry,) = [entry for entry in self.entries if entry.title == title]
        return entry

    def raw(self, title: str) -> bytes:
        (raw,) = [one.raw for one in self.found if one.entry.title == title]
        return raw

    def holds(self) -> Holds:
        """Return what an archive would know after this harvest."""
        stamps = {key: entry.stamp for entry in self.entries for key in entry.keys}
        return Holds(self.cursor, frozenset(), stamps)


def taken(source, known=None, *, catching: type[Exception] = ()) -> Taken:
    """Run a harvest to its end, or to the error that is expected."""
    result = Taken()
    try:
        for thing in source.harvest(known or Holds()):
            match thing:
                case Found():
                    result.found.append(thing)
                case Listed(scope, keys):
                    result.listed[scope] = keys
                case Promised(kind, count):
                    result.promised[kind] = count
                case Failed():
                    result.failed.append(thing)
                case Checkpoint(cursor):
                    result.cursor = cursor
                    result.complete = len(result.found)
    except catching as error:
        result.error = error
    return result


def context(http: Http | None = None, stop=lambda: False) -> Context:
    """Return what a connector gets from outside."""
    return Context(
        http=http or Http(attempts=1, backoff=0),
        secret=lambda _: "",
        spool=Path(),
        now=lambda: datetime.now(UTC),
        stop=stop,
    )


HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.1.9" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>A blog</title>
<link>https://blog.example.org</link>
<pubDate>{date}</pubDate>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://blog.example.org</wp:base_site_url>
<wp:base_blog_url>https://blog.example.org</wp:base_blog_url>
"""
TERM = """<wp:category><wp:term_id>1</wp:term_id><wp:category_nicename><![CDATA[teaching]]></wp:category_nicename>
<wp:category_parent></wp:category_parent><wp:cat_name><![CDATA[Teaching &amp; more]]></wp:cat_name></wp:category>
"""
TAIL = "</channel>\n</rss>\n"
FIRST, LATER = "Sun, 01 Nov 2026 10:00:00 +0000", "Mon, 02 Nov 2026 10:00:00 +0000"


def item(
    number: int, title: str = "", content: str = "Text.", *, kind: str = "post", status: str = "publish", more=""
) -> str:
    """Return one item as WordPress writes it."""
    safe = content.replace("]]>", "]]]]><![CDATA[>")
    return f"""<item>
<title><![CDATA[{title or f"Post {number}"}]]></title>
<link>https://blog.example.org/{number}/</link>
<pubDate>{FIRST}</pubDate>
<dc:creator><![CDATA[jane]]></dc:creator>
<guid isPermaLink="false">https://blog.example.org/?p={number}</guid>
<content:encoded><![CDATA[{safe}]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id>
<wp:post_date_gmt><![CDATA[2026-03-01 12:00:04]]></wp:post_date_gmt>
<wp:post_modified_gmt><![CDATA[2026-03-02 12:00:04]]></wp:post_modified_gmt>
<wp:post_name><![CDATA[post-{number}]]></wp:post_name>
<wp:status><![CDATA[{status}]]></wp:status>
<wp:post_parent>0</wp:post_parent>
<wp:post_type><![CDATA[{kind}]]></wp:post_type>
<wp:post_password><![CDATA[]]></wp:post_password>
{more}</item>
"""


def attachment(number: int, url: str, *, parent: int = 0) -> str:
    """Return an uploaded file as WordPress writes it."""
    return item(
        number, f"File {number}", "", kind="attachment", status="inherit",
        more=f"<wp:attachment_url><![CDATA[{url}]]></wp:attachment_url>\n",
    ).replace("<wp:post_parent>0<", f"<wp:post_parent>{parent}<")  # fmt: skip


def export(*items: str, date: str = FIRST, full: bool = True) -> bytes:
    """Return an export: of all content, or of a part, which names no terms."""
    return (HEAD.format(date=date) + (TERM if full else "") + "".join(items) + TAIL).encode()
