"""The export file as a source: what it gives, against exports of real sites (6.1 and 7.1, the same content)."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime

import pytest

from archive.entry import Fidelity, Visibility
from connectors.contract import FileGone
from connectors.wordpress.wxr import source
from tests.wordpress.wxr_samples import FIXTURES, UPLOADS, Holds, context, export, item, taken

SITE = {"6.1": "127.0.0.1:8108", "7.1": "127.0.0.1:8208"}


@pytest.fixture(params=["6.1", "7.1"])
def version(request):
    return request.param


@pytest.fixture
def real(version):
    return source("old", {"path": FIXTURES / "wxr" / f"{version}.xml", "media": UPLOADS}, context())


def test_everything_that_the_export_holds_is_found_once(real, version):
    """Every type and status arrives, the bin and held comments too."""
    got = taken(real)
    assert Counter(entry.kind for entry in got.entries) == {
        "post": 33, "page": 15, "media": 8, "comment": 4, "pingback": 1, "term": 22, "user": 2,
        **({"wp_navigation": 1} if version == "7.1" else {}),
    }  # fmt: skip
    assert len({key for entry in got.entries for key in entry.keys}) == sum(len(e.keys) for e in got.entries)
    assert Counter(e.status for e in got.of("post")) == {
        "publish": 27, "draft": 2, "private": 1, "pending": 1, "future": 1, "trash": 1
    }  # fmt: skip
    assert got.promised == Counter(entry.kind for entry in got.entries)
    assert {e.fidelity for e in got.entries} == {Fidelity.EXPORT}


def test_identity_is_the_guid_then_the_number(real, version):
    """So that a feed, which knows only the guid, and a later REST harvest meet the same entry."""
    got, site = taken(real), SITE[version]
    assert got.one("A draft").keys == (f"guid:http://{site}/?p=14", f"wordpress:{site}/post/14")
    assert got.one("wide-photo").keys[1] == f"wordpress:{site}/media/4"
    assert got.one("A page three deep").parent == f"wordpress:{site}/page/47"
    assert {e.parent for e in got.of("pingback")} == {f"wordpress:{site}/post/37"}


def test_times_are_utc_and_a_draft_without_a_date_has_none(real):
    """The site's zone is London; the clocks repeat an hour, and only the GMT fields say which one it was."""
    got = taken(real)
    assert got.one("In the hour that the clocks repeat").published == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
    assert got.one("Before the epoch of blogs").published == datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert got.one("A draft with no date of its own").published is None
    assert got.one("A scheduled post").published == datetime(2036, 2, 29, 12, tzinfo=UTC)


def test_only_what_strangers_may_read_is_public(real):
    """Drafts, pending, scheduled, private, binned and password-protected posts are the owner's alone."""
    got = taken(real)
    hidden = {
        "A draft",
        "A private post",
        "A pending post",
        "A scheduled post",
        "A protected post",
        "A post in the bin",
    }
    assert {e.title for e in got.of("post") if e.visibility is Visibility.PRIVATE} == hidden | {
        "A draft with no date of its own"
    }
    assert got.one("A protected post").extra["protected"] is True
    assert {e.visibility for e in got.of("comment") if e.status == "hold"} == {Visibility.PRIVATE}
    assert {e.visibility for e in got.of("comment") if e.status == "approved"} == {Visibility.PUBLIC}


def test_content_is_raw_and_whole(real):
    """Block comments stay; a 220 KB post arrives; what looks like markup of the export inside a post is text."""
    got = taken(real)
    assert got.one("All the blocks").content_html.startswith("<!-- wp:")
    assert len(got.one("A very long post").content_html) > 200_000
    assert got.one("A post with no content").content_html == ""


def test_terms_people_and_fields(real, version):
    """A tag's name is as a person reads it; custom fields are kept, hidden ones are not shown."""
    got, site = taken(real), SITE[version]
    many = got.one("Many tags")
    assert len(many.tags) == len(many.terms) >= 14
    assert {e.keys[0] for e in got.of("term")} >= set(many.terms)
    assert got.one("Research & scholarship").extra == {"taxonomy": "category", "slug": "research"}
    assert got.one("Online teaching").parent == got.one("Teaching").keys[0]
    assert got.one("A post with custom fields").extra["meta"] == {"cpd_hours": "2.5", "cpd_date": "2026-03-04"}
    assert got.one("An aside").extra["format"] == "aside"
    assert "Aside" not in got.one("An aside").tags
    assert got.one("Con Tributor").keys == (f"wordpress:{site}/user/4",)
    assert got.one("A pending post").creator == "Con Tributor"


def test_what_others_wrote_on_a_shared_blog_is_theirs(version):
    """Once the owner says who they are."""
    mine = source("old", {"path": FIXTURES / "wxr" / f"{version}.xml", "author": "admin"}, context())
    assert [e.title for e in taken(mine).of("post") if e.author == "others"] == ["A pending post"]


def test_files_are_the_originals_byte_for_byte(real):
    """WordPress names its own -scaled copy; the picture that was uploaded is another file."""
    got = taken(real)
    (photo,) = got.one("wide-photo").files
    assert photo.name == "wide-photo.jpg"
    assert photo.alt == "Online cohort presentation workshop."
    assert (photo.media_type, photo.role) == ("image/jpeg", "original")
    for entry in got.of("media"):
        (file,) = entry.files
        path = UPLOADS / file.url.partition("/uploads/")[2]
        with real.open(file) as stream:
            assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(path.read_bytes()).digest()
        assert file.size == path.stat().st_size


def test_a_file_is_as_public_as_the_post_that_it_belongs_to(tmp_path):
    """Also when the post comes after its file; and one that no post owns was shown by nobody."""
    from tests.wordpress.wxr_samples import attachment

    url = "https://blog.example.org/wp-content/uploads/{}.png"
    path = tmp_path / "e.xml"
    path.write_bytes(
        export(
            attachment(1, url.format(1), parent=10),
            attachment(2, url.format(2), parent=11),
            attachment(3, url.format(3)),
            item(10),
            item(11, status="private"),
        )
    )
    got = taken(source("x", {"path": path}, context()))
    assert [e.visibility.value for e in got.of("media")] == ["public", "private", "private"]
    assert got.one("File 1").parent == "wordpress:blog.example.org/post/10"


def test_what_is_said_below_a_file_is_private(tmp_path):
    """A file's page may hang below a private post: its comments are never shown."""
    from tests.wordpress.wxr_samples import attachment

    said = (
        "<wp:comment><wp:comment_id>5</wp:comment_id><wp:comment_approved>1</wp:comment_approved>"
        "<wp:comment_content><![CDATA[Nice]]></wp:comment_content></wp:comment>\n</item>"
    )
    path = tmp_path / "e.xml"
    file = attachment(2, "https://blog.example.org/wp-content/uploads/2.png", parent=1).replace("</item>", said)
    path.write_bytes(export(item(1, status="private"), file))
    (comment,) = taken(source("x", {"path": path}, context())).of("comment")
    assert comment.parent == "wordpress:blog.example.org/media/2"
    assert comment.visibility is Visibility.PRIVATE


def test_what_has_no_page_of_its_own_is_private(tmp_path):
    """A reusable block, a menu and what plugins keep as posts are published, and nobody can open them."""
    from tests.wordpress.wxr_samples import attachment

    url = "https://blog.example.org/wp-content/uploads/9.png"
    kinds = ("post", "page", "wp_block", "wp_navigation", "flamingo_inbound")
    path = tmp_path / "e.xml"
    things = [item(number, kind=kind) for number, kind in enumerate(kinds, 1)]
    path.write_bytes(export(*things, attachment(9, url, parent=5)))
    got = taken(source("x", {"path": path}, context()))
    seen = {e.native_id: e.visibility.value for e in got.entries if e.kind not in ("term", "user")}
    private = dict.fromkeys(("3", "4", "5", "9"), "private")
    assert seen == {"1": "public", "2": "public", **private}


def test_no_secret_and_no_address_of_a_commenter_is_kept(real, version):
    """The export holds the passwords of posts and everybody's e-mail in clear."""
    text = (FIXTURES / "wxr" / f"{version}.xml").read_bytes()
    assert b"<wp:post_password><![CDATA[seeded]]>" in text
    assert b"zoe@example.org" in text
    got = taken(real)
    kept = b"".join(one.raw for one in got.found) + repr(got.entries).encode()
    assert b"@example.org" not in kept
    assert b"wapuu@" not in kept
    assert b"[seeded]" not in kept


def test_what_is_kept_of_an_item_is_its_own_bytes(real, version):
    """Nothing is re-encoded: but for the emptied password and the comments, its bytes are the file's."""
    text = (FIXTURES / "wxr" / f"{version}.xml").read_bytes()
    raw = taken(real).raw("All the blocks")
    assert raw.startswith(b"<item>")
    assert raw.endswith(b"</item>")
    before, after = raw.split(b"<wp:post_password></wp:post_password>")
    assert before in text
    assert after in text


def test_a_post_that_shows_the_markup_of_an_export_is_not_cut(tmp_path):
    """Somebody who writes about WordPress writes ``</item>``, passwords' tags and ``]]>`` into a post."""
    words = "<pre></item><item> <wp:post_password>x</wp:post_password> a ]]> b <!-- </rss></pre>"
    path = tmp_path / "e.xml"
    path.write_bytes(export(item(1, "On exports", words), item(2)))
    got = taken(source("x", {"path": path}, context()))
    assert got.one("On exports").content_html == words
    assert b"<wp:post_password>x</wp:post_password>" in got.raw("On exports")
    assert len(got.of("post")) == 2


def test_what_spam_filters_note_of_a_commenter_is_not_kept(tmp_path):
    """Akismet keeps whole requests, with address and agent, beside the comment; spam itself is left out."""
    comment = (
        "<wp:comment><wp:comment_id>{n}</wp:comment_id><wp:comment_author><![CDATA[Ann]]></wp:comment_author>"
        "<wp:comment_author_IP>192.0.2.7</wp:comment_author_IP><wp:comment_content><![CDATA[Good.]]></wp:comment_content>"
        "<wp:comment_approved>{ok}</wp:comment_approved><wp:commentmeta><wp:meta_key>akismet_as_submitted</wp:meta_key>"
        "<wp:meta_value><![CDATA[comment_author_IP 192.0.2.7]]></wp:meta_value></wp:commentmeta></wp:comment>\n"
    )
    path = tmp_path / "e.xml"
    path.write_bytes(export(item(1, more=comment.format(n=5, ok=1) + comment.format(n=6, ok="spam"))))
    got = taken(source("x", {"path": path}, context()))
    assert [e.native_id for e in got.of("comment")] == ["5"]
    assert not any(b"192.0.2.7" in one.raw for one in got.found)


def test_an_unchanged_export_yields_only_what_it_promises(real):
    """The second harvest costs a digest, and stores nothing."""
    first = taken(real)
    second = taken(real, Holds(first.cursor))
    assert (second.found, second.listed, second.failed) == ([], {}, [])
    assert second.promised == first.promised


def test_a_full_harvest_reads_an_unchanged_export_again(tmp_path):
    """The archive compares; the export's date says nothing of what the archive holds."""
    path = tmp_path / "e.xml"
    path.write_bytes(export(item(1)))
    before = taken(source("x", {"path": path}, context()))
    again = taken(source("x", {"path": path, "full": True}, context()), before.holds())
    assert again.entries == before.entries


def test_what_failed_is_offered_again_from_an_unchanged_export(real):
    """A file that was missing last time is asked for again, and nothing else."""
    first = taken(real)
    key = first.one("wide-photo").keys[0]
    assert taken(real, Holds(first.cursor, frozenset({key}))).entries == [first.one("wide-photo")]


def test_a_file_that_appears_in_the_media_folder_is_noticed(tmp_path):
    """The owner finds the uploads folder later, and the export itself has not changed."""
    from tests.wordpress.wxr_samples import attachment

    path, media = tmp_path / "e.xml", tmp_path / "uploads"
    media.mkdir()
    path.write_bytes(export(attachment(1, "https://blog.example.org/wp-content/uploads/2024/a.png")))
    here = source("x", {"path": path, "media": media}, context())
    first = taken(here)
    (file,) = first.one("File 1").files
    with pytest.raises(FileGone, match=r"a\.png is not in"):
        here.open(file)
    (media / "2024").mkdir()
    (media / "2024" / "a.png").write_bytes(b"png")
    again = taken(here, Holds(first.cursor))
    (file,) = again.one("File 1").files
    with here.open(file) as stream:
        assert stream.read() == b"png"


def test_check_says_whose_export_it_is_and_how_much_it_holds(real):
    """In words, with the day it was made."""
    said = [finding.message for finding in real.check()]
    assert "“Real WordPress”, made 22 November 2026" in said[0]
    assert "33 post" in said[0]
    assert not [finding for finding in real.check() if finding.severity in ("warning", "error")]
