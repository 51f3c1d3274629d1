"""Exports for WordPress: read back by our own reader and by lxml; what goes, under which numbers, and what stays."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from archive.entry import Entry, Fidelity, MediaFile, Visibility, fingerprint
from archive.errors import KeepfolioError
from archive.store import Archive, Origin
from bridge.export import Exported, Wanted, export
from bridge.export.wxr_uploads import safe_name
from bridge.session import Session
from bridge.workspace import Workspace
from connectors.contract import Found
from connectors.wordpress import wxr, xmlrpc_items
from connectors.wordpress import wxr_write_items as items
from connectors.wordpress.wxr_write import Author, Channel, Comment, Item, Term, well_formed, write
from connectors.wordpress.wxr_write_plan import HEADS, REMARKS, Plan
from connectors.wordpress.wxr_write_said import NOTHING, said
from connectors.wordpress.xmlrpc_calls import _structs
from tests.archive.make import BLOG, FEED, keep, keep_with_file, picture, post
from tests.wordpress.wxr_samples import FIXTURES, UPLOADS, context, taken

NS = {
    "wp": "http://wordpress.org/export/1.2/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
}
MAHARA = Origin("folio", "mahara", "https://folio.example.ac.uk", "jane")

Do = Callable[..., Exported]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    folder = tmp_path / "jane"
    folder.mkdir()
    (folder / "config.yaml").write_text("owner: Jane\ntimezone: Europe/London\n")
    return Session(Workspace(folder))


@pytest.fixture
def archive(session: Session) -> Archive:
    return session.archive


@pytest.fixture
def do(session: Session, tmp_path: Path) -> Do:
    return lambda **wanted: export("wxr", session, tmp_path / "out", Wanted(**wanted))


def parsed(done: Exported) -> list[etree._Element]:
    return etree.parse(done.path).findall("channel/item")


def one(done: Exported, title: str) -> etree._Element:
    (found,) = [item for item in parsed(done) if item.findtext("title") == title]
    return found


def text(item: etree._Element, name: str) -> str:
    return item.findtext(name, namespaces=NS) or ""


def meta(item: etree._Element) -> dict[str, str]:
    return {text(m, "wp:meta_key"): text(m, "wp:meta_value") for m in item.findall("wp:postmeta", NS)}


def of_mahara(number: int, kind: str = "journal-entry", **given) -> Entry:
    given = {"title": f"Entry {number}", "content_html": "<p>Mine.</p>", **given}
    return Entry(keys=(f"mahara:folio.example.ac.uk/{number}",), kind=kind, native_id=str(number), **given)


# --- there and back ---------------------------------------------------------------------------------------------------


def written(found: list[Found]) -> bytes:
    """Write what an export gave as an export, without an archive."""
    plan, below = Plan(ZoneInfo("Europe/London"), all_terms=True), {}
    for one in found:
        if one.entry.kind in HEADS:
            plan.head(one.entry)
        elif one.entry.kind in REMARKS:
            plan.remark(one.entry)
            below.setdefault(one.entry.parent, []).append(one)
        else:
            plan.item(one.entry)
    channel = plan.settle()

    def of(one: Found) -> Item:
        facts = said(one.raw)
        if one.entry.kind == "media":
            return items.media(one.entry, facts, plan, guid="", address=one.entry.files[0].url, path="2026/01/x")
        above = one.entry.keys[-1]
        remarks = [items.comment(c.entry, said(c.raw), plan, below=one.entry.status) for c in below.get(above, ())]
        return items.post(one.entry, facts, plan, guid="", seen=one.entry.visibility, comments=tuple(remarks))

    out = io.BytesIO()
    write(out, channel, (of(one) for one in found if one.entry.kind not in HEADS | REMARKS))
    return out.getvalue()


def read(data: bytes, folder: Path) -> list[Found]:
    (folder / "again.xml").write_bytes(data)
    got = taken(wxr.source("again", {"path": folder / "again.xml", "fetch_media": False}, context()))
    assert not got.failed
    return got.found


@pytest.mark.parametrize("version", ["6.1", "7.1"])
def test_a_real_export_read_and_written_and_read_again_is_the_same(version: str, tmp_path: Path) -> None:
    """Every entry has its fingerprint and what has no field; only what a password hid is private now."""
    path = FIXTURES / "wxr" / f"{version}.xml"
    first = taken(wxr.source("old", {"path": path, "media": UPLOADS}, context())).found
    second = {f.entry.keys: f.entry for f in read(written(first), tmp_path)}
    protected = {f.entry.keys for f in first if f.entry.extra.get("protected")}

    assert protected
    assert second.keys() == {f.entry.keys for f in first}
    for f in first:
        old, new = f.entry, second[f.entry.keys]
        if old.keys in protected:
            assert new.status == "private"
            assert "protected" not in new.extra
            old = replace(old, status="private", extra={k: v for k, v in old.extra.items() if k != "protected"})
        assert new.extra == {k: v for k, v in old.extra.items() if k != "repaired"}
        assert new.updated == old.updated
        assert fingerprint(new) == fingerprint(old), (old, new)


def test_the_words_are_those_that_wordpress_has(tmp_path: Path) -> None:
    """Classic text goes as it was typed, not with the paragraphs that make it readable; hidden fields go along."""
    found = taken(wxr.source("old", {"path": FIXTURES / "wxr" / "6.1.xml", "media": UPLOADS}, context())).found
    old, new = (
        {i.findtext("wp:post_id", namespaces=NS): i for i in etree.fromstring(data).iter("item")}
        for data in ((FIXTURES / "wxr" / "6.1.xml").read_bytes(), written(found))
    )

    assert old.keys() == new.keys()
    for number, item in old.items():
        names = ["content:encoded", "excerpt:encoded", "wp:post_date", "wp:post_modified", "wp:comment_status"]
        for name in (*names, "wp:post_name", "wp:post_parent", "wp:menu_order", "wp:post_type", "dc:creator"):
            assert text(new[number], name) == text(item, name), (number, name)
    assert meta(next(i for i in new.values() if i.findtext("title") == "A post with custom fields"))["_hidden"] == "1"


def test_an_export_of_an_archive_proves_no_deletion(tmp_path: Path) -> None:
    """It has no date: what an archive does not hold may well be on the site."""
    found = taken(wxr.source("old", {"path": FIXTURES / "wxr" / "6.1.xml", "media": UPLOADS}, context())).found
    (tmp_path / "again.xml").write_bytes(written(found))

    got = taken(wxr.source("again", {"path": tmp_path / "again.xml", "fetch_media": False}, context()))

    assert got.found
    assert got.listed == {}


def test_the_demo_s_blog_comes_back_the_same_through_the_command(tmp_path: Path) -> None:
    """Archive, export, harvest of that export: every post, page, file, term and comment; passwords as above."""
    from bridge import demo, runs

    session = Session(demo.prepare(tmp_path / "rowan"))
    runs.harvest_all(session, ["blog"], progress=_Silent, stop=lambda: False)
    done = export("wxr", session, tmp_path / "out", Wanted())
    got = taken(wxr.source("again", {"path": done.path, "media": tmp_path / "out" / "uploads"}, context()))

    held = [s.entry for s in session.archive.entries(content=True) if s.entry.kind not in {"user", "settings"}]
    back = {e.keys[-1]: e for e in got.entries}
    digests = [f.sha256 for e in held for f in e.files if f.sha256]
    assert done.left_out == ()
    assert done.files == len(set(digests)) > 0
    assert {e.keys[-1] for e in held} <= back.keys()
    for old in held:
        wanted = replace(old, status="private") if old.extra.get("protected") else old
        assert fingerprint(back[old.keys[-1]]) == fingerprint(wanted), old.title


class _Silent:
    """A harvest that nobody watches."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


# --- the file itself --------------------------------------------------------------------------------------------------

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60) | st.sampled_from(
    ["]", "]]", "]]>", "]]]>", "a]", "<![CDATA[x]]>", "\x00\x0b", "\ud800", "\ufffe", "&amp;", "<item>"]
)


@given(ANYTHING, ANYTHING, ANYTHING)
def test_any_text_arrives(title: str, content: str, value: str) -> None:
    """Whatever is in a title, a text or a field, the file is XML, and says the same but for what XML cannot hold."""
    out = io.BytesIO()
    term = Term(1, "post_tag", value, title)
    comment = Comment(number=1, author=title, content=content)
    item = Item(
        number=1, type="post", title=title, content=content, meta=((title, value),), terms=(term,), comments=(comment,)
    )
    count = write(out, Channel(title, value, authors=(Author(1, title, value),), terms=(term,)), [item])

    found = etree.fromstring(out.getvalue()).find("channel/item")
    assert found is not None

    def same(given: str) -> str:
        return well_formed(given).replace("\r\n", "\n").replace("\r", "\n")

    assert found.findtext("title") == same(title)
    assert text(found, "content:encoded") == same(content)
    assert text(found.find("wp:postmeta", NS), "wp:meta_value") == same(value)
    assert text(found.find("wp:comment", NS), "wp:comment_content") == same(content)
    assert count.repaired == any(well_formed(t) != t for t in (title, content, value))


def test_a_text_that_ends_in_a_bracket_does_not_end_the_program() -> None:
    """Pingbacks end so; a library that reads on behind the end would take the process with it."""
    code = (
        "import io; from connectors.wordpress.wxr_write import *\n"
        "for n in range(200):\n"
        "    item = Item(number=1, type='post', content='[…] pinged ' + 'x' * n + ' […]')\n"
        "    write(io.BytesIO(), Channel('x', 'y'), [item])"
    )

    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


def test_long_texts_stand_in_cdata_and_prefixes_are_the_usual_ones(archive: Archive, do: Do) -> None:
    """The simplest of WordPress's readers looks for exactly these."""
    keep(archive, post(1))

    data = do().path.read_text(encoding="utf-8")

    assert "<content:encoded><![CDATA[<p>Words of post 1" in data
    assert "<excerpt:encoded><![CDATA[" in data
    assert "<wp:wxr_version>1.2</wp:wxr_version>" in data
    assert "<rss xmlns:" in data
    assert data.count("xmlns:wp=") == 1


def test_only_the_owner_can_read_what_was_written(archive: Archive, do: Do) -> None:
    """Folders 0700, files 0600: an export holds drafts and private posts."""
    media = post(
        2,
        kind="media",
        status="inherit",
        files=(picture("a.jpg", url="https://b.org/wp-content/uploads/2024/03/a.jpg"),),
    )
    keep(archive, post(1))
    keep_with_file(archive, media, b"jpeg")

    out = do().path.parent

    assert (out / "uploads" / "2024" / "03" / "a.jpg").read_bytes() == b"jpeg"
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in (out, *out.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


# --- numbers, terms, people -------------------------------------------------------------------------------------------


def test_the_larger_blog_keeps_its_numbers_and_the_other_s_lie_behind(archive: Archive, do: Do) -> None:
    """Parents, featured pictures and answers follow; nothing of two blogs shares a number."""
    other = {"keys": ("wordpress:c.org/page/1",), "kind": "page", "url": "https://c.org/1"}
    keep(archive, post(1), post(7), post(2, title="Other", **other))
    keep(
        archive,
        post(3, title="Child", kind="page", keys=("wordpress:c.org/page/3",), parent="wordpress:c.org/page/1"),
        post(
            4,
            title="C",
            kind="comment",
            keys=("wordpress:c.org/comment/1",),
            parent="wordpress:c.org/page/1",
            status="approved",
        ),
    )

    done = do()

    numbers = {i.findtext("title"): int(text(i, "wp:post_id")) for i in parsed(done)}
    assert (numbers["Post 1"], numbers["Post 7"]) == (1, 7)
    assert min(numbers["Other"], numbers["Child"]) > 7
    assert len(set(numbers.values())) == 4
    assert text(one(done, "Child"), "wp:post_parent") == str(numbers["Other"])
    assert len(one(done, "Other").findall("wp:comment", NS)) == 1
    assert any("2 blogs" in note for note in done.notes)


def test_answers_stand_below_what_they_answer(archive: Archive, do: Do) -> None:
    """In the order of their numbers: an answer that comes first would lose whom it answers."""
    below = {
        "kind": "comment",
        "parent": "wordpress:b.org/post/1",
        "status": "approved",
        "published": post(1).published,
    }
    first = "wordpress:b.org/comment/2"
    keep(archive, post(1), post(9, **below, keys=("wordpress:b.org/comment/9",), extra={"in_reply_to": first}))
    keep(archive, post(2, **below, keys=(first,)), post(4, **below, keys=("wordpress:b.org/comment/4",)))

    remarks = one(do(), "Post 1").findall("wp:comment", NS)

    assert [(text(r, "wp:comment_id"), text(r, "wp:comment_parent")) for r in remarks] == [
        ("2", "0"),
        ("4", "0"),
        ("9", "2"),
    ]


def test_terms_come_parents_first_and_a_ring_of_them_comes_too(archive: Archive, do: Do) -> None:
    """A child before its parent would lose it at the import; a site may hold a ring all the same."""

    def term(number: int, parent: int, slug: str) -> Entry:
        extra = {"taxonomy": "category", "slug": slug}
        above = f"wordpress:b.org/term/{parent}" if parent else None
        key = f"wordpress:b.org/term/{number}"
        return Entry(keys=(key,), kind="term", native_id=str(number), title=slug, parent=above, extra=extra)

    keep(archive, post(1, terms=("wordpress:b.org/term/1",)))
    keep(
        archive, term(1, 2, "low"), term(2, 3, "middle"), term(3, 0, "top"), term(4, 5, "ring-a"), term(5, 4, "ring-b")
    )

    heads = etree.parse(do().path).findall("channel/wp:category", NS)

    slugs = [text(head, "wp:category_nicename") for head in heads]
    assert sorted(slugs) == ["low", "middle", "ring-a", "ring-b", "top"]
    assert slugs.index("top") < slugs.index("middle") < slugs.index("low")


def test_a_tag_that_is_only_a_name_becomes_one(archive: Archive, do: Do) -> None:
    """Feeds and journals have names alone; one that a blog has is that one."""
    keep(
        archive,
        post(1, terms=("wordpress:b.org/term/9",)),
        Entry(
            keys=("wordpress:b.org/term/9",), kind="term", native_id="9", title="CPD",
            extra={"taxonomy": "post_tag", "slug": "cpd-9"},
        ),
    )  # fmt: skip
    keep(archive, of_mahara(1, tags=("CPD", "Prüfung & Co", "学習")), origin=MAHARA)

    done = do()

    found = {(c.get("domain"), c.get("nicename"), c.text) for c in one(done, "Entry 1").findall("category")}
    assert found == {
        ("post_tag", "cpd-9", "CPD"),
        ("post_tag", "prufung-co", "Prüfung &amp; Co"),
        ("post_tag", "%e5%ad%a6%e7%bf%92", "学習"),
    }
    numbers = [text(t, "wp:term_id") for t in etree.parse(done.path).findall("channel/wp:tag", NS)]
    assert len(set(numbers)) == 3


def test_names_and_slugs_are_written_as_wordpress_keeps_them(archive: Archive, do: Do) -> None:
    """Names escaped, slugs in percent signs; what went to the bin with its post comes back with it."""
    below = {"kind": "comment", "parent": "wordpress:b.org/post/1", "status": "trash", "creator": "R & D"}
    term = {"taxonomy": "skill", "slug": "学習"}
    keep(
        archive,
        post(1, status="trash", terms=("wordpress:b.org/term/3",)),
        post(2, **below, keys=("wordpress:b.org/comment/2",)),
        Entry(keys=("wordpress:b.org/term/3",), kind="term", native_id="3", title="A <b> & c", extra=term),
    )

    done = do()

    (remark,) = one(done, "Post 1").findall("wp:comment", NS)
    (head,) = etree.parse(done.path).findall("channel/wp:term", NS)
    assert text(remark, "wp:comment_author") == "R &amp; D"
    assert text(remark, "wp:comment_approved") == "post-trashed"
    assert text(head, "wp:term_slug") == "%e5%ad%a6%e7%bf%92"
    assert text(head, "wp:term_name") == "A &lt;b&gt; &amp; c"
    assert any("skill" in note for note in done.notes)


def test_people_are_named_once_and_without_an_address(archive: Archive, do: Do) -> None:
    """The login that the blog tells, or one made of the name; no e-mail anywhere."""
    keep(
        archive,
        post(1, creator="Edda Editor"),
        post(2, creator="Gone Writer"),
        Entry(
            keys=("wordpress:b.org/user/2",), kind="user", native_id="2", title="Edda Editor", extra={"slug": "edda"}
        ),
        Entry(keys=("wordpress:b.org/user/3",), kind="user", native_id="3", title="Wrote Nothing", extra={"slug": "x"}),
    )

    done = do()

    authors = etree.parse(done.path).findall("channel/wp:author", NS)
    assert [
        (text(a, "wp:author_login"), text(a, "wp:author_display_name"), text(a, "wp:author_email")) for a in authors
    ] == [
        ("edda", "Edda Editor", ""),
        ("gone-writer", "Gone Writer", ""),
    ]
    assert [text(i, "dc:creator") for i in parsed(done)] == ["edda", "gone-writer"]


# --- what the bytes of each route tell --------------------------------------------------------------------------------


def test_the_three_routes_tell_the_same(tmp_path: Path) -> None:
    """REST, XML-RPC and an export of one post: original text, local times, who wrote it."""
    rest = said(
        b'{"id": 5, "type": "post", "date": "2025-07-01T10:00:00", "modified": "2025-07-02T10:00:00", "author": 1,'
        b' "content": {"raw": "One\\n\\nTwo", "rendered": "<p>One</p>"}, "comment_status": "open"}'
    )
    rpc = said(
        xmlrpc_items.as_bytes(
            {
                "post_id": "5", "post_type": "post", "post_author": "1",
                "post_date": "20250701T10:00:00", "post_modified": "20250702T10:00:00",
                "post_content": "One\n\nTwo", "comment_status": "open",
            }
        )
    )  # fmt: skip

    (struct, *_) = _structs((FIXTURES / "xmlrpc" / "getPosts.xml").read_bytes())
    cut = said(struct)

    assert rest == rpc
    assert cut.type == "post"
    assert cut.date == "2036-02-29 12:00:00"
    assert cut.content == "<!-- wp:paragraph -->\n<p>Later.</p>\n<!-- /wp:paragraph -->"
    assert rest.content == "One\n\nTwo"
    assert rest.date == "2025-07-01 10:00:00"
    assert said((FIXTURES / "xmlrpc" / "getPosts.xml").read_bytes()) == NOTHING  # a whole answer is no struct
    assert said(b'{"id": 5, "content": {"rendered": "<p>x</p>"}}').content is None
    assert said(b"not a thing") == said(b"{") == said(b"") == said(b"<item><a></item>") == NOTHING


def test_local_times_are_the_site_s_own_or_those_of_the_owner_s_zone(archive: Archive, do: Do) -> None:
    """Summer time included; a draft that nobody dated keeps none in UTC."""
    with archive.append(BLOG) as writer:
        dated = b'{"id": 1, "date": "2024-07-02T05:30:00", "content": {"raw": "x"}}'
        writer.put(post(1, published=post(1).published.replace(month=7)), dated)
        writer.seal()
    keep(
        archive,
        post(2, published=post(2).published.replace(month=7)),
        post(3, status="draft", published=None, updated=post(3).published),
    )

    done = do()

    times = {i.findtext("title"): (text(i, "wp:post_date"), text(i, "wp:post_date_gmt")) for i in parsed(done)}
    assert times == {
        "Post 1": ("2024-07-02 05:30:00", "2024-07-02 09:30:00"),
        "Post 2": ("2024-07-03 10:30:00", "2024-07-03 09:30:00"),
        "Post 3": ("2024-03-04 09:30:00", "0000-00-00 00:00:00"),
    }


def test_posts_of_one_title_and_time_are_a_second_apart_by_the_local_clock(archive: Archive, do: Do) -> None:
    """WordPress's importer compares these two and leaves out what it takes for a copy; in UTC nothing moves."""
    at = post(1).published
    keep(archive, *(post(n, title="Same", published=at) for n in (1, 2, 3)), post(4, title="", published=at))

    done = do()

    assert [text(i, "wp:post_date")[-2:] for i in parsed(done)] == ["00", "01", "02", "03"]
    assert {text(i, "wp:post_date_gmt") for i in parsed(done)} == {"2024-03-02 09:30:00"}
    assert any(note.startswith("3 items are a second later") for note in done.notes)


def test_times_that_are_none_or_the_last_of_all_end_nothing(archive: Archive, do: Do) -> None:
    """The bytes of a site may say anything; a thousand twins cost no more than a thousand others."""
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    nonsense = b'{"id": 1, "date": "2024-99-99T99:99:99", "modified": "0000-00-00T00:00:00"}'
    with archive.append(BLOG) as writer:
        writer.put(post(1), nonsense)
        writer.seal()
    keep(
        archive,
        *(post(n, title="End", published=end) for n in (2, 3)),
        *(post(n, title="Many") for n in range(28, 560, 28)),
    )

    done = do()

    assert text(one(done, "Post 1"), "wp:post_date") == "2024-03-02 09:30:00"
    assert [text(i, "wp:post_date") for i in parsed(done)][-2:] == ["9999-12-31 23:59:59", "0000-00-00 00:00:00"]
    assert len({text(i, "wp:post_date") for i in parsed(done) if i.findtext("title") == "Many"}) == 19


# --- what goes, and what stays ----------------------------------------------------------------------------------------


def test_a_post_behind_a_password_goes_as_private(archive: Archive, do: Do) -> None:
    """The password was never held: published without it, it would be open."""
    keep(
        archive,
        post(1, visibility=Visibility.PRIVATE, extra={"protected": True}),
        post(2, status="draft", extra={"protected": True}),
    )

    done = do()

    assert [text(i, "wp:status") for i in parsed(done)] == ["private", "draft"]
    assert any(note.startswith("2 posts are private instead") for note in done.notes)


def test_what_others_keep_becomes_posts_and_uploads(archive: Archive, do: Do) -> None:
    """A journal entry is a private post with its tags and files, its text shows them where they are found."""
    folder = "https://folio.example.ac.uk/file.php?id="
    shown = MediaFile(name="note.pdf", url=f"{folder}7&x=1", media_type="application/pdf")
    words = f'<p>See <a href="{folder}7&amp;x=1">this</a> and <a href="{folder}71">that</a>.</p>'
    keep_with_file(archive, of_mahara(1, files=(shown,), content_html=words, tags=("cpd",)), b"%PDF", origin=MAHARA)
    only = MediaFile(name="photo.jpg", url=f"{folder}9", media_type="image/jpeg")
    keep_with_file(
        archive, of_mahara(2, "file", title="A photo", content_html="", files=(only,)), b"jpeg", origin=MAHARA
    )
    keep(
        archive,
        of_mahara(3, "note", visibility=Visibility.PUBLIC),
        of_mahara(4, "forum-post", author="others", title="Theirs"),
        of_mahara(5, "note", content_html="", title="Empty"),
        of_mahara(6, "folder", title="Certificates"),
        of_mahara(7, "profile", title="Jane"),
        origin=MAHARA,
    )

    done = do(media_at="https://files.example.org/kf/")

    assert {text(i, "wp:post_type") for i in parsed(done)} == {"post", "attachment"}
    entry = one(done, "Entry 1")
    assert text(entry, "wp:status") == "private"
    assert text(one(done, "Entry 3"), "wp:status") == "publish"
    upload = one(done, "note.pdf")
    address = text(upload, "wp:attachment_url")
    assert address.startswith("https://files.example.org/kf/")
    assert text(upload, "wp:post_parent") == text(entry, "wp:post_id")
    assert text(entry, "content:encoded") == words.replace(f"{folder}7&amp;x=1", address)
    assert text(one(done, "A photo"), "wp:attachment_url").endswith("/photo.jpg")
    assert {(item.title, item.why) for item in done.left_out} == {
        ("Theirs", "Somebody else wrote it."),
        ("Empty", "It has neither a text nor a file."),
        ("Certificates", "It only holds other things, which go by themselves."),
        ("Jane", "It is of your profile, and no post of a blog."),
    }
    assert text(entry, "guid").startswith("urn:uuid:")


def test_what_a_feed_showed_goes_as_far_as_it_is_held(archive: Archive, do: Do) -> None:
    """A public post under its guid, with its tags; and a note that it may be a beginning."""
    shown = {"visibility": Visibility.PUBLIC, "fidelity": Fidelity.FEED, "tags": ("cpd",)}
    keep(archive, post(5, keys=("guid:https://b.org/?p=5",), status="", **shown), origin=FEED)

    done = do()

    (item,) = parsed(done)
    assert [text(item, n) for n in ("wp:post_type", "wp:status", "guid")] == ["post", "publish", "https://b.org/?p=5"]
    assert [c.get("nicename") for c in item.findall("category")] == ["cpd"]
    assert any(note.startswith("1 post is only as a feed showed it") for note in done.notes)


def test_without_an_address_for_others_files_a_note_says_what_to_do(archive: Archive, do: Do) -> None:
    """WordPress cannot ask a Mahara that wants a login."""
    file = MediaFile(name="photo.jpg", url="https://folio.example.ac.uk/file.php?id=9")
    keep_with_file(archive, of_mahara(2, "file", content_html="", files=(file,)), b"jpeg", origin=MAHARA)

    done = do()

    assert text(parsed(done)[0], "wp:attachment_url").startswith("https://keepfolio.invalid/")
    assert any("--media-at" in note for note in done.notes)


def test_files_of_a_blog_are_asked_for_where_they_were_or_where_the_owner_says(
    archive: Archive, session: Session, tmp_path: Path
) -> None:
    """By default the old address, even of what is not held; with --media-at the copy in uploads."""
    url = "https://b.org/wp-content/uploads/2019/05/Pr%C3%BCfung%201.png"
    media = post(
        2,
        kind="media",
        status="inherit",
        title="Held",
        files=(picture("Prüfung 1.png", url=url, alt="A test", caption="Words"),),
    )
    keep_with_file(archive, media, b"png")
    keep(archive, post(3, kind="media", status="inherit", title="Absent", files=(picture("b.png"),)))

    plain = export("wxr", session, tmp_path / "plain", Wanted())
    moved = export("wxr", session, tmp_path / "moved", Wanted(media_at="https://files.example.org"))

    assert text(one(plain, "Held"), "wp:attachment_url") == url
    assert text(one(moved, "Held"), "wp:attachment_url") == "https://files.example.org/2019/05/Prüfung%201.png"
    assert (moved.path.parent / "uploads/2019/05/Prüfung 1.png").read_bytes() == b"png"
    assert text(one(moved, "Absent"), "wp:attachment_url") == "https://b.org/uploads/b.png"
    assert meta(one(moved, "Held")) == {
        "_wp_attached_file": "2019/05/Prüfung 1.png",
        "_wp_attachment_image_alt": "A test",
    }
    assert text(one(moved, "Held"), "excerpt:encoded") == "Words"
    assert any(note.startswith("1 file is not held") for note in moved.notes)


def test_texts_show_pictures_where_the_importer_looks_for_them(archive: Archive, do: Do) -> None:
    """In any size and script, by --media-at; other files keep the address that is their guid, and others' all."""
    old, new = "https://b.org/wp-content/uploads/2024/03/", "https://files.example.org/2024/03/"
    names = ("a.jpg", "a-100x100.jpg", "学習 1.jpg", "plan.pdf")
    for number, name in enumerate(names, 1):
        kind = "application/pdf" if name.endswith("pdf") else "image/jpeg"
        file = picture(name, url=old + name.replace(" ", "%20"), media_type=kind)
        keep_with_file(archive, post(number, kind="media", status="inherit", files=(file,)), name.encode())
    words = (
        "{0}a.jpg {0}a-300x200.jpg?w=3#x <img src='{0}a-scaled.jpg'> {0}a-100x100.jpg {0}a-100x100-50x50.jpg"
        " {0}%E5%AD%A6%E7%BF%92%201-300x225.jpg "
    )
    same = f'{old}plan.pdf {old}other.jpg https://c.org/wp-content/uploads/2024/03/a.jpg [gallery ids="1,2"]'
    keep(archive, post(9, content_html=words.format(old) + same))

    done = do(media_at="https://files.example.org/")

    shown = words.format(new).replace("%E5%AD%A6%E7%BF%92", "学習")
    assert text(one(done, "Post 9"), "content:encoded") == shown + same


def test_objects_of_plugins_are_not_handed_on(archive: Archive, do: Do) -> None:
    """A custom field that makes an object where it is read could run what it names; arrays of plain values go."""
    fields = {
        "plain": "2.5",
        "bad": 'O:8:"Backdoor":0:{}',
        "inside": 'a:1:{i:0;O:1:"X":0:{}}',
        "nested": [{"a": ["é", 1, True, None]}],
    }
    keep(archive, post(1, extra={"meta": fields}))

    done = do()

    assert meta(parsed(done)[0]) == {
        "plain": "2.5",
        "nested": 'a:1:{s:1:"a";a:4:{i:0;s:2:"é";i:1;i:1;i:2;b:1;i:3;N;}}',
    }
    assert any("custom fields" in note for note in done.notes)


def test_a_choice_brings_what_belongs_to_it_and_nothing_else(archive: Archive, do: Do) -> None:
    """Comments, terms above, the featured picture and what the text shows come with the chosen posts."""
    at = "https://b.org/wp-content/uploads/2024/03/"
    shown = f'<img src="{at}shown-300x200.jpg">'

    def term(number: int, slug: str, parent: str | None = None) -> Entry:
        keys = (f"wordpress:b.org/term/{number}",)
        return Entry(
            keys=keys,
            kind="term",
            native_id=str(number),
            title=slug,
            parent=parent,
            extra={"taxonomy": "category", "slug": slug},
        )

    def media(number: int, name: str) -> Entry:
        keys = (f"wordpress:b.org/media/{number}",)
        return post(
            number, kind="media", keys=keys, title=name, status="inherit", files=(picture(name, url=at + name),)
        )

    below = {"kind": "comment", "status": "approved"}
    keep(
        archive,
        post(1, tags=("cpd",), terms=("wordpress:b.org/term/1",), content_html=shown, extra={"featured_media": 11}),
        post(2),
        post(3, **below, keys=("wordpress:b.org/comment/3",), parent="wordpress:b.org/post/1"),
        post(4, **below, keys=("wordpress:b.org/comment/4",), parent="wordpress:b.org/post/2"),
        term(1, "cpd", "wordpress:b.org/term/2"), term(2, "above"), term(3, "unused"),
        media(11, "featured.jpg"), media(12, "shown.jpg"), media(13, "unused.jpg"),
    )  # fmt: skip

    done = do(tag="cpd")

    assert {i.findtext("title") for i in parsed(done)} == {"Post 1", "featured.jpg", "shown.jpg"}
    assert len(one(done, "Post 1").findall("wp:comment", NS)) == 1
    heads = etree.parse(done.path).findall("channel/wp:category", NS)
    assert {text(head, "wp:cat_name") for head in heads} == {"cpd", "above"}
    assert done.left_out == ()


def test_only_what_is_public_by_the_owner_s_marks_is_in_a_public_export(archive: Archive, do: Do) -> None:
    """A private draft, and a private remark below a public post, stay."""
    below = {"kind": "comment", "parent": "wordpress:b.org/post/1"}
    keep(
        archive,
        post(1, visibility=Visibility.PUBLIC),
        post(2, visibility=Visibility.PRIVATE, status="draft"),
        post(3, **below, keys=("wordpress:b.org/comment/3",), visibility=Visibility.PUBLIC, status="approved"),
        post(4, **below, keys=("wordpress:b.org/comment/4",), visibility=Visibility.PRIVATE, status="hold"),
    )

    done = do(visibility=Visibility.PUBLIC)

    (item,) = parsed(done)
    assert len(item.findall("wp:comment", NS)) == 1


def test_nothing_that_a_blog_can_hold_is_said_and_nothing_written(archive: Archive, do: Do, tmp_path: Path) -> None:
    """What keepfolio made itself is no evidence and no blog."""
    keep(archive, post(1, kind="release"))

    with pytest.raises(KeepfolioError) as caught:
        do()

    assert caught.value.code == "nothing-chosen"
    assert not (tmp_path / "out").exists()


@pytest.mark.damages
def test_a_damaged_file_is_named_and_left_to_the_old_site(archive: Archive, do: Do) -> None:
    """Bytes that are not what was sealed are not handed on as if they were."""
    media = post(2, kind="media", status="inherit", files=(picture("a.jpg"),))
    _, digest = keep_with_file(archive, media, b"jpeg")
    path = archive.path_of(digest)
    assert path is not None
    path.chmod(0o600)
    path.write_bytes(b"rust")

    done = do(media_at="https://files.example.org")

    assert text(parsed(done)[0], "wp:attachment_url") == "https://b.org/uploads/a.jpg"
    assert [p for p in (done.path.parent / "uploads").rglob("*") if p.is_file()] == []
    assert any("a.jpg are damaged" in note for note in done.notes)


@given(
    st.text(max_size=300)
    | st.sampled_from(["..", "../../x", "con", "NUL.txt", ".htaccess", "a/b", "a\\b", "x:y", "t ", "t."])
)
def test_a_name_from_outside_is_one_plain_name(name: str) -> None:
    """No folder, no reserved or hidden name, nothing longer than file systems take."""
    safe = safe_name(name, "0123456789" * 6 + "0123")

    assert safe
    assert len(safe.encode()) <= 120
    assert not set(safe) & set('<>:"/\\|?*\0')
    assert safe[0] != "."
    assert safe[-1] not in ". "
    assert safe.split(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1", "lpt1"}


def test_names_that_differ_in_capitals_alone_lie_apart(archive: Archive, do: Do) -> None:
    """A file system that knows no capitals would keep one of the two."""
    at = "https://b.org/wp-content/uploads/2024/03/"
    for number, name in ((1, "Photo.jpg"), (2, "photo.JPG")):
        keep_with_file(
            archive, post(number, kind="media", status="inherit", files=(picture(name, url=at + name),)), name.encode()
        )

    done = do(media_at="https://files.example.org")

    names = [p.name.lower() for p in (done.path.parent / "uploads" / "2024" / "03").iterdir()]
    assert len(set(names)) == 2
    assert Counter(text(i, "wp:attachment_url").lower() for i in parsed(done)).most_common(1)[0][1] == 1
