"""What REST gives, held against the database of the very site."""

from __future__ import annotations

import hashlib
import html
import json
from collections import Counter
from urllib.parse import unquote, urlsplit

import pytest

from archive.entry import Fidelity, Visibility
from connectors.wordpress.api import Api
from tests.contract.shelf import Report, Shelf
from tests.servers.site import Site
from tests.wordpress.rest_lab import blog, rows, session, when

pytestmark = pytest.mark.server

KINDS = {"attachment": "media", "wp_block": "block"}


@pytest.fixture(scope="module")
def harvest(wordpress: Site) -> tuple[Shelf, Report]:
    """One harvest as administrator."""
    shelf = Shelf()
    return shelf, shelf.harvest(blog(wordpress))


@pytest.fixture(scope="module")
def shelf(harvest) -> Shelf:
    return harvest[0]


@pytest.fixture(scope="module")
def posts(wordpress: Site) -> dict[str, dict[str, str]]:
    """Every post, page, file and block in the database."""
    names = [
        "ID",
        "post_type",
        "post_status",
        "post_date_gmt",
        "post_modified_gmt",
        "guid",
        "post_author",
        "post_parent",
    ]
    query = (
        f"select {','.join(names)}, md5(post_title), post_password != '' from wp_posts"
        " where post_type in ('post','page','attachment','wp_block') and post_status != 'auto-draft'"
    )
    return {row[0]: dict(zip([*names, "title", "protected"], row, strict=True)) for row in rows(wordpress, query)}


class TestEverything:
    def test_every_post_page_and_file_is_there_once(self, shelf: Shelf, posts):
        """As many of each kind as the database holds, the bin included."""
        truth = Counter((KINDS.get(row["post_type"], row["post_type"]), n) for n, row in posts.items())
        held = Counter(
            (e.kind, e.native_id) for e in shelf.entries.values() if e.kind in {"post", "page", "media", "block"}
        )
        assert held == truth

    def test_status_dates_and_titles_are_those_of_the_database(self, shelf: Shelf, posts):
        """In UTC, also in the hour that the clocks repeat; a title with its own letters, not as HTML."""
        for kind in ("post", "page", "media"):
            for number, entry in shelf.of(kind).items():
                row = posts[number]
                assert entry.status == row["post_status"]
                assert entry.published == when(row["post_date_gmt"]), (number, entry.title)
                assert entry.updated == when(row["post_modified_gmt"])
                assert hashlib.md5(entry.title.encode()).hexdigest() == row["title"]
                assert f"guid:{html.unescape(row['guid'])}" == entry.keys[0]

    def test_only_what_strangers_see_is_public(self, shelf: Shelf, posts):
        """Published, and without a password; a binned, private, scheduled or protected post is private."""
        for kind in ("post", "page"):
            for number, entry in shelf.of(kind).items():
                row = posts[number]
                shown = row["post_status"] == "publish" and row["protected"] == "0"
                assert entry.visibility is (Visibility.PUBLIC if shown else Visibility.PRIVATE)

    def test_tags_are_the_names_that_a_person_reads(self, wordpress: Site, shelf: Shelf):
        """``Research & scholarship``, not ``&amp;``; and each term is an entry of its own."""
        truth: dict[str, set[str]] = {}
        for number, name in rows(
            wordpress,
            "select r.object_id, t.name from wp_term_relationships r join wp_term_taxonomy x using (term_taxonomy_id)"
            " join wp_terms t using (term_id) where x.taxonomy in ('category','post_tag')",
        ):
            truth.setdefault(number, set()).add(html.unescape(name))
        for number, entry in shelf.of("post").items():
            assert set(entry.tags) == truth.get(number, set())
            assert len(entry.terms) == len(entry.tags)
        held = {(entry.native_id, entry.title) for entry in shelf.of("term").values()}
        assert held == {
            (number, html.unescape(name))
            for number, name in rows(
                wordpress,
                "select t.term_id, t.name from wp_terms t join wp_term_taxonomy x using (term_id)"
                " where x.taxonomy in ('category','post_tag')",
            )
        }

    def test_files_are_the_originals(self, wordpress: Site, shelf: Shelf):
        """The picture that was uploaded, not the ``-scaled`` copy that WordPress shows; digests of the served bytes."""
        source = blog(wordpress)
        assert any(entry.files[0].media_type == "image/png" for entry in shelf.of("media").values())
        for entry in shelf.of("media").values():
            assert "-scaled" not in entry.files[0].url
            path = wordpress.docroot / unquote(urlsplit(entry.files[0].url).path).lstrip("/")
            assert shelf.digest(source, entry) == hashlib.sha256(path.read_bytes()).hexdigest()

    def test_every_comment_but_spam(self, wordpress: Site, shelf: Shelf):
        """Approved and waiting ones, and pingbacks; only approved ones below public posts are public."""
        truth = {
            number: (kind, approved)
            for number, kind, approved in rows(
                wordpress,
                "select comment_ID, comment_type, comment_approved from wp_comments where comment_approved != 'spam'",
            )
        }
        held = shelf.of("comment") | shelf.of("pingback")
        assert held.keys() == truth.keys()
        public = {e.native_id for e in shelf.of("post").values() if e.visibility is Visibility.PUBLIC}
        for number, entry in held.items():
            kind, approved = truth[number]
            assert entry.kind == kind
            assert entry.status == ("approved" if approved == "1" else "hold")
            shown = approved == "1" and entry.parent is not None and entry.parent.rpartition("/")[2] in public
            assert (entry.visibility is Visibility.PUBLIC) == shown

    def test_promises_are_kept(self, harvest):
        """What was promised of each kind is held."""
        shelf, report = harvest
        held = shelf.held()
        assert {kind: count for kind, count in report.promised.items() if held[kind] != count} == {}

    def test_content_is_raw_and_readable(self, shelf: Shelf):
        """Block markup as it is; classic text with its paragraphs; not what theme and plugins made of it."""
        by_title = {entry.title: entry for entry in shelf.of("post").values()}
        assert by_title["All the blocks"].content_html.startswith("<!-- wp:paragraph -->")
        classic = by_title["Classic markup"].content_html
        assert classic.startswith("<p>First paragraph without tags,<br />\nwith one line break.</p>")
        assert '[gallery ids="' in classic
        assert {entry.fidelity for entry in shelf.of("post").values()} == {Fidelity.FULL}

    def test_drafts_protected_and_binned_posts_have_their_text(self, shelf: Shelf):
        by_title = {entry.title: entry for entry in shelf.of("post").values()}
        assert "Secret body" in by_title["A protected post"].content_html
        assert "Gone?" in by_title["A post in the bin"].content_html
        assert by_title["A draft with no date of its own"].published is None

    def test_nothing_is_kept_that_must_not_be(self, wordpress: Site, harvest):
        """No post password; of commenters neither e-mail, address nor agent."""
        _, report = harvest
        kept = b"\n".join(report.raw.values())
        for name in (b'"password"', b"author_email", b"author_ip", b"user_agent", b"avatar_urls", b"ann@example.org"):
            assert name not in kept
        assert b"seeded" not in b"\n".join(raw for key, raw in report.raw.items() if "/user/" in key)

    def test_raw_is_what_the_server_sent(self, harvest):
        """Each item's bytes, cut out of the answer, are JSON of just that item."""
        shelf, report = harvest
        for number, entry in shelf.of("post").items():
            raw = report.raw[entry.keys[0]]
            assert json.loads(raw)["id"] == int(number)
            assert rb"\/" in raw or b"/" not in raw  # PHP's own spelling

    def test_the_second_harvest_is_cheap(self, wordpress: Site, shelf: Shelf):
        """Twelve requests see that nothing changed."""
        http = session()
        assert shelf.harvest(blog(wordpress, http=http)).stored == []
        assert http.sent.requests <= 12

    def test_a_full_harvest_lists_everything_again(self, wordpress: Site, shelf: Shelf):
        """And stores nothing, since nothing changed: all is offered, and the archive compares."""
        report = shelf.harvest(blog(wordpress, full=True))
        assert report.stored == []
        assert report.unchanged == len(shelf.entries)
        kinds = {scope.rpartition("/")[2] for scope in report.listed}
        assert {"post", "page", "media", "block", "comment", "term", "user"} <= kinds

    def test_posts_too_large_for_one_answer_come_in_smaller_ones(self, wordpress: Site, shelf: Shelf, monkeypatch):
        """Pictures pasted into posts make a hundred of them more than the cap: halves, and one by one at last."""
        monkeypatch.setattr(Api, "cap", 550_000)
        small = Shelf()
        report = small.harvest(blog(wordpress))
        assert report.failed == []
        assert small.state() == shelf.state()

    def test_one_post_too_large_for_any_answer_is_told(self, wordpress: Site, monkeypatch):
        """The others are kept."""
        monkeypatch.setattr(Api, "cap", 300_000)
        small = Shelf()
        report = small.harvest(blog(wordpress))
        assert [failed.transient for failed in report.failed] == [False]
        assert len(small.of("post")) == report.promised["post"] - 1


class TestRoles:
    def test_an_editor_sees_what_an_editor_may_edit(self, wordpress: Site, posts):
        """All but the draft of the privacy policy, which WordPress keeps from editors though it counts it."""
        shelf = Shelf()
        report = shelf.harvest(blog(wordpress, "editor"))
        truth = Counter(row["post_type"] for row in posts.values())
        assert len(shelf.of("post")) == truth["post"]
        assert len(shelf.of("page")) == truth["page"] - 1
        assert report.promised["page"] == truth["page"] - 1
        assert report.unknown == report.gone == []

    @pytest.mark.parametrize("role", ["author", "contributor"])
    def test_a_writer_gets_all_of_their_own(self, wordpress: Site, posts, role: str):
        """Asked for by author: totals count posts that are then left out, and pages run short."""
        ((number,),) = rows(wordpress, f"select ID from wp_users where user_login = '{role}'")
        shelf = Shelf()
        shelf.harvest(blog(wordpress, role))
        truth = {n for n, row in posts.items() if row["post_type"] == "post" and row["post_author"] == number}
        assert set(shelf.of("post")) == truth

    @pytest.mark.parametrize("role", ["subscriber", ""])
    def test_others_see_what_is_public(self, wordpress: Site, posts, role: str):
        """As rendered, at the fidelity of a view; protected posts without their text."""
        shelf = Shelf()
        shelf.harvest(blog(wordpress, role))
        truth = {n for n, row in posts.items() if row["post_type"] == "post" and row["post_status"] == "publish"}
        assert set(shelf.of("post")) == truth
        assert {entry.fidelity for entry in shelf.of("post").values()} == {Fidelity.VIEW}
        protected = next(e for e in shelf.of("post").values() if e.title == "A protected post")
        assert protected.visibility is Visibility.PRIVATE
        assert protected.content_html == ""

    def test_author_me_leaves_out_what_others_wrote(self, wordpress: Site, posts):
        """On a blog of several people, for an administrator too."""
        shelf = Shelf()
        shelf.harvest(blog(wordpress, "editor", author="me"))
        ((number,),) = rows(wordpress, "select ID from wp_users where user_login = 'editor'")
        truth = {n for n, row in posts.items() if row["post_type"] == "post" and row["post_author"] == number}
        assert set(shelf.of("post")) == truth
        assert {e.parent for e in shelf.of("comment").values()} <= {e.keys[-1] for e in shelf.of("post").values()}
